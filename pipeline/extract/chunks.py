"""The text of a document outside its form: paragraphs, and cells that hold no label or value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.document import Block, Grid, Paragraph, Picture, Place, Run


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of text with its place; `row` is the row of a sheet, where it stands in one."""

    text: str
    place: Place
    runs: tuple[Run, ...] = ()
    pictures: tuple[Picture, ...] = ()
    number: str = ""
    row: tuple[int, int] | None = None


def chunks(blocks: Sequence[Block], used: set[int] = frozenset()) -> Iterator[Chunk]:  # type: ignore[assignment]
    """Chunks in reading order, without the cells whose `id` is used."""
    for order, block in enumerate(blocks):
        if isinstance(block, Paragraph):
            yield Chunk(block.text, block.place, block.runs, block.pictures, block.number)
        elif isinstance(block, Grid):
            for cell in block.cells:
                if id(cell) in used:
                    continue
                for paragraph in cell.paragraphs:
                    yield Chunk(
                        paragraph.text, cell.place, paragraph.runs, paragraph.pictures,
                        paragraph.number, (order, cell.row),
                    )  # fmt: skip


def texts(blocks: Sequence[Block]) -> Iterator[str]:
    """The texts of all chunks."""
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text
        else:
            for cell in block.cells:
                yield from cell.texts


def slice_runs(runs: Sequence[Run], start: int, end: int) -> tuple[Run, ...]:
    """The runs of a stretch of their text."""
    out: list[Run] = []
    at = 0
    for run in runs:
        first, last = max(start - at, 0), min(end - at, len(run.text))
        if first < last:
            out.append(replace(run, text=run.text[first:last]))
        at += len(run.text)
    return tuple(out)

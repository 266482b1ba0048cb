"""Forms that come back with their fields: each field says by its name whose value it holds.

A field whose name is the JSON Pointer of a hole (`/uscc`, `/staff/0/name`) gives that value. What
stands in such fields is taken out of the page's text first, so that no value is taken for a label;
what else stands on the page (ticks, words typed beside the fields) is then read as on paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.annex import pattern_of
from pipeline.document import Block, Box, Cell, Field, Paragraph, Place, Run
from pipeline.extract import match, rows
from pipeline.extract.plan import Choices, Hole, Plan
from pipeline.extract.taken import Record
from pipeline.reading import Origin
from pipeline.values import is_blank

_OFF = "Off"
#: How a field that is ticked or not stands on the page.
_MARKS = "☑□"


def of(plan: Plan, fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields that are holes of the plan, its boxes apart: these are read as ticks."""
    holes = _holes(plan)
    return tuple(f for f in fields if isinstance(holes.get(pattern_of(f.name)), Hole))


def _holes(plan: Plan) -> dict[str, Hole | Choices]:
    return {hole.pointer: hole for hole in plan.holes}


# ---------------------------------------------------------------- the page without its fields


@dataclass(slots=True)
class _Text:
    """A paragraph's text and the characters of it that fields hold."""

    paragraph: Paragraph
    place: Place
    text: str
    gone: set[int] = field(default_factory=set)

    def take_out(self, wanted: str) -> bool:
        """Takes the value out of the text, white space apart; False if it does not stand there."""
        at = [n for n, ch in enumerate(self.text) if not ch.isspace() and n not in self.gone]
        start = "".join(self.text[n] for n in at).find(wanted)
        if start < 0:
            return False
        self.gone.update(at[start : start + len(wanted)])
        return True

    def rest(self) -> Paragraph:
        if not self.gone:
            return self.paragraph
        runs: list[Run] = []
        at = 0
        for run in self.paragraph.runs:
            kept = (ch for n, ch in enumerate(run.text, at) if n not in self.gone)
            runs.append(replace(run, text="".join(kept)))
            at += len(run.text)
        return replace(self.paragraph, runs=tuple(run for run in runs if run.text.strip()))


def without(blocks: Sequence[Block], typed: Sequence[Field]) -> tuple[Block, ...]:
    """The blocks less what stands in the fields, as a blank form would look."""
    if not typed:
        return tuple(blocks)
    texts = {id(text.paragraph): text for text in _texts(blocks)}
    on_page: defaultdict[int | None, list[_Text]] = defaultdict(list)
    for text in texts.values():
        on_page[text.place.page].append(text)
    for one in typed:
        _take_out(one, on_page)
    return tuple(_rest(block, texts) for block in blocks)


def _texts(blocks: Sequence[Block]) -> Iterator[_Text]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield _Text(block, block.place, block.text)
            continue
        for cell in block.cells:
            for paragraph in cell.paragraphs:
                place = paragraph.place if paragraph.place.box else cell.place
                yield _Text(paragraph, place, paragraph.text)


def _take_out(one: Field, on_page: Mapping[int | None, list[_Text]]) -> None:
    """Where the field lies, else wherever on its page or, of a row made whole, on the one before."""
    values = _MARKS if one.text == _OFF or one.text == "√" else ["".join(one.text.split())]
    page = one.place.page
    here = on_page.get(page, [])
    near = sorted(here, key=lambda text: not _overlap(text.place.box, one.place.box))
    before = on_page.get(page - 1, []) if page else []
    for value in values:
        if value and any(text.take_out(value) for text in (*near, *before)):
            return


def _overlap(a: Box | None, b: Box | None) -> bool:
    if a is None or b is None:
        return False
    return a.x0 < b.x1 and b.x0 < a.x1 and a.top < b.bottom and b.top < a.bottom


def _rest(block: Block, texts: Mapping[int, _Text]) -> Block:
    if isinstance(block, Paragraph):
        return texts[id(block)].rest()
    return replace(block, cells=tuple(_rest_of_cell(cell, texts) for cell in block.cells))


def _rest_of_cell(cell: Cell, texts: Mapping[int, _Text]) -> Cell:
    return replace(cell, paragraphs=tuple(texts[id(p)].rest() for p in cell.paragraphs))


# ---------------------------------------------------------------- values


def take(plan: Plan, typed: Sequence[Field], taken: Record) -> None:
    """The fields' values into what was read beside them; they go before it."""
    if not typed:
        return
    _drop_printed(plan, taken)
    holes = _holes(plan)
    table = plan.table
    for one in typed:
        hole = holes[pattern_of(one.name)]
        if isinstance(hole, Hole) and not _in_table(plan, one.name):
            _take_value(hole, one, taken)
    if table is not None:
        entries = [*_entries(plan, typed), *_beside(plan, taken)]
        taken.data[table.name] = []
        rows.put(table, entries, taken)


def _take_value(hole: Hole, one: Field, taken: Record) -> None:
    text = "" if one.text in hole.tag.arguments else one.text  # what the blank form prints
    if is_blank(text):
        return
    beside = taken.origins.pop(hole.pointer, None)
    taken.findings = [found for found in taken.findings if found.pointer != hole.pointer]
    taken.take(hole.pointer, hole.spec, text, one.place)
    if beside is not None:
        note = f"填写框之外还有“{beside.text[:60]}”，以填写框为准，请核对。"
        taken.find("warning", "beside-field", hole.pointer, note, hole.spec.article)


def _drop_printed(plan: Plan, taken: Record) -> None:
    """What was read on the page but is only words that the form itself prints is no value."""
    words = sorted({word for text in _printed(plan) if (word := match.fold(text))}, key=len)
    whole = "".join(match.fold(text) for text in plan.wording)
    blank = plan.annex.empty()
    for hole in plan.holes:
        origin = taken.origins.get(hole.pointer)
        if origin is None or isinstance(hole, Choices) or hole.spec.kind == "picture":
            continue
        rest = match.fold(origin.text)
        rest = "" if rest in whole else rest
        for word in reversed(words):
            rest = rest.replace(word, "")
        if not rest:
            taken.put(hole.pointer, _blank_of(blank, hole.pointer), "", origin.place)
            del taken.origins[hole.pointer]
            taken.findings = [found for found in taken.findings if found.pointer != hole.pointer]

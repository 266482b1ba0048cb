"""What a document is before it is written: blocks, tables, cells, pieces.

A piece knows which field it belongs to (`slot`, a JSON Pointer) and what it does there (`role`),
so that a habit can find the value, the label or the box it changes, in any layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Role = Literal["text", "label", "value", "box", "word", "gap"]


@dataclass
class Piece:
    """A stretch of text of one look, or something else that stands in the line.

    `kind`: `run`, or how it is written in docx instead (`sym`, `checkbox`, `formtext`,
    `formcheck`, `textbox`, `vmlbox`, `picture`); `wrap`: elements around it, outermost first
    (`ins`, `del`, `moveFrom`, `moveTo`, `sdt`, `link`, `linkfield`, `smartTag`); `typed`: what an
    xlsx cell that holds only this piece contains instead of its text (number, date, `=formula`).
    """

    text: str = ""
    slot: str = ""
    role: Role = "text"
    option: str = ""
    bold: bool = False
    underline: bool = False
    highlight: bool = False
    kind: str = "run"
    wrap: tuple[str, ...] = ()
    typed: Any = None
    extra: dict[str, Any] = field(default_factory=dict)

    def but(self, **changes: Any) -> Piece:
        return replace(self, **changes)


@dataclass
class Para:
    pieces: list[Piece] = field(default_factory=list)
    align: str = ""
    indent: bool = False
    size: float = 0
    font: str = ""
    numbering: tuple[int, int] | None = None
    sdt: bool = False
    role: str = ""

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass
class Cell:
    blocks: list[Para | Table] = field(default_factory=list)
    colspan: int = 1
    rowspan: int = 1
    sdt: bool = False

    @property
    def paras(self) -> list[Para]:
        return [block for block in self.blocks if isinstance(block, Para)]

    @property
    def text(self) -> str:
        return "\n".join(para.text for para in self.paras)


@dataclass
class Row:
    """Cells that begin in this row; slots covered from above have none, as in HTML."""

    cells: list[Cell] = field(default_factory=list)
    height: int = 0
    role: str = ""
    hidden: bool = False
    tracked: str = ""
    sdt: bool = False


@dataclass
class Table:
    widths: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    header_rows: int = 0

    def placed(self) -> list[list[tuple[int, Cell]]]:
        """For each row its cells with the grid column where each begins."""
        taken: set[tuple[int, int]] = set()
        result = []
        for index, row in enumerate(self.rows):
            column, line = 0, []
            for cell in row.cells:
                while (index, column) in taken:
                    column += 1
                line.append((column, cell))
                taken.update(
                    (index + down, column + across)
                    for down in range(cell.rowspan)
                    for across in range(cell.colspan)
                )
                column += cell.colspan
            result.append(line)
        return result


@dataclass
class Doc:
    """One annex as one person left it. `sheet`: the name of its worksheet in xlsx."""

    blocks: list[Para | Table] = field(default_factory=list)
    annex: str = ""
    landscape: bool = False
    font: str = "仿宋_GB2312"
    size: float = 10.5
    header: str = ""
    footer: str = ""
    sheet: str = ""

    @property
    def tables(self) -> list[Table]:
        return [block for block in self.blocks if isinstance(block, Table)]

    @property
    def paras(self) -> Iterator[Para]:
        """Every paragraph, those in cells and nested tables too, in reading order."""
        yield from _paras(self.blocks)

    @property
    def cells(self) -> Iterator[Cell]:
        for table in self.tables:
            for row in table.rows:
                yield from row.cells

    @property
    def pieces(self) -> Iterator[Piece]:
        for para in self.paras:
            yield from para.pieces

    def values(self, pointer: str = "") -> list[Piece]:
        """The pieces that are the value of a field (of any field without `pointer`)."""
        return [
            piece
            for piece in self.pieces
            if piece.role == "value" and (not pointer or piece.slot == pointer)
        ]

    def cell_of(self, pointer: str) -> Cell | None:
        for cell in self.cells:
            for para in cell.paras:
                if any(p.slot == pointer and p.role != "label" for p in para.pieces):
                    return cell
        return None

    def para_of(self, piece: Piece) -> Para:
        return next(para for para in self.paras if any(p is piece for p in para.pieces))

    def replace(self, old: Piece, *new: Piece) -> None:
        """Put pieces in the place of one."""
        para = self.para_of(old)
        index = next(i for i, piece in enumerate(para.pieces) if piece is old)
        para.pieces[index : index + 1] = list(new)


def _paras(blocks: list[Para | Table]) -> Iterator[Para]:
    for block in blocks:
        if isinstance(block, Para):
            yield block
        else:
            for row in block.rows:
                for cell in row.cells:
                    yield from _paras(cell.blocks)

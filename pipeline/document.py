"""The one model every file is read into: paragraphs and grids of cells, each with its place.

A reader (`read/*.py`) yields `Document`s and knows no field names; the extractor knows no file
formats. An annex template is read into the same model, with its tags as plain text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple

from pipeline.findings import Finding

#: Characters of a page without end.
PAGE_LENGTH = 3000

#: Below this confidence (0–1) what was recognised, or stands over other text, is in doubt.
SURE = 0.9

#: What the picture of a page can show: a red seal, or only light and dark.
Scan = Literal["colour", "grey"]


class Box(NamedTuple):
    """A rectangle on a page, in PDF points (1/72 inch), origin top left."""

    x0: float
    top: float
    x1: float
    bottom: float

    def as_list(self) -> list[float]:
        return [round(v, 2) for v in self]


class Doubt(NamedTuple):
    """What a reader says of one cell: the code of a finding and its text, in Chinese. `lost`: what
    stands there is no value (`#REF!`, a formula without its result). `row`: it is said of the whole
    row of a list; `shifts`: and the rows behind it are not those they are counted as."""

    code: str
    text: str
    lost: bool = False
    row: bool = False
    shifts: bool = False


class Place(NamedTuple):
    """Where something stands. All numbers count from 1, as a person would.

    `table`/`row`/`column`: a cell of the nth table (docx, pdf); `sheet` with `row`/`column`: a
    cell of a worksheet; `paragraph`: the nth paragraph outside tables; `page` and `box` where the
    format has pages. `confidence` is 1.0 for born-digital text, the recogniser's for a scan;
    `scan` says whether the page was read from a picture, and whether that shows colour; `doubt`
    is why a reader is not sure of what stands there.
    """

    sheet: str | None = None
    page: int | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None
    paragraph: int | None = None
    box: Box | None = None
    confidence: float = 1.0
    scan: Scan | None = None
    doubt: Doubt | None = None

    @property
    def is_lost(self) -> bool:
        """What stands here is no value, and its reader has said why."""
        return self.doubt is not None and self.doubt.lost

    def doubting(self, doubt: Doubt) -> Place:
        """The same place with a doubt; that what stands there is lost outweighs any other."""
        return self if self.is_lost else self._replace(doubt=doubt)

    def as_json(self) -> dict[str, Any]:
        """For programs: what is known of it, the box as `bbox`; `of_json` goes back."""
        known = self._asdict()
        box = known.pop("box")
        del known["confidence"], known["scan"]
        known = {name: value for name, value in known.items() if value is not None}
        return known | ({"bbox": box.as_list()} if box else {})

    @classmethod
    def of_json(cls, given: Mapping[str, Any]) -> Place:
        known = dict(given)
        box = known.pop("bbox", None)
        return cls(**known, box=Box(*box) if box else None)

    @property
    def where(self) -> str:
        """For people: `表1 第3行 第2列`, `工作表“附件3” C5`, `第2页 第4段`."""
        sheet, page, table, row, column, *_ = self
        if table and row and column and not sheet and not page:  # thousands of them
            return f"表{table} 第{row}行 第{column}列"
        parts: list[str] = []
        if self.sheet is not None:
            cell = f" {column_letters(self.column)}{self.row}" if self.row and self.column else ""
            return f"工作表“{self.sheet}”{cell}"
        if self.page is not None:
            parts.append(f"第{self.page}页")
        if self.table is not None:
            parts.append(f"表{self.table}")
        if self.row is not None:
            parts.append(f"第{self.row}行")
        if self.column is not None:
            parts.append(f"第{self.column}列")
        if self.table is None and self.paragraph is not None:
            parts.append(f"第{self.paragraph}段")
        return " ".join(parts)


def column_letters(number: int) -> str:
    """1 → A, 27 → AA, as a spreadsheet names its columns."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one look. Only looks by which people mark a choice are kept. `sure` is
    the least confidence (0–1) with which its characters were recognised, 1.0 where born digital;
    surely and doubtfully read characters stand in runs of their own."""

    text: str
    bold: bool = False
    underline: bool = False
    highlight: bool = False
    sure: float = 1.0

    @property
    def look(self) -> tuple[bool, bool, bool]:
        """Bold, underline, highlight."""
        return self.bold, self.underline, self.highlight

    @property
    def emphasised(self) -> bool:
        return self.bold or self.underline or self.highlight


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the text flow. `red` is the share (0–1) of its visible pixels that are red:
    a seal is mostly red, a signature dark; None where the pixels could not be looked at."""

    name: str
    red: float | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of a printed line without a wide gap in it. `page` tells the pages from one another,
    in their order; `box` is where it stands on the page as it is read (its place: as it is shown),
    `band` how many level rules across that page stand above it."""

    runs: tuple[Run, ...]
    place: Place
    page: int
    box: Box
    band: int = 0

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; an inner line break (Shift+Enter) is a `\\n` in `text`.

    `runs` concatenate to `text`. `number` is what automatic numbering prints before it (`1.`,
    `（一）`) and is not part of `text`. Text that a person would not see (deleted, hidden) is left
    out; accepted insertions, content controls, symbol ticks and text boxes are in. `phrases` are
    what stands on its lines, outside the tables of a page with text.
    """

    runs: tuple[Run, ...] = ()
    place: Place = field(default_factory=Place)
    number: str = ""
    pictures: tuple[Picture, ...] = ()
    phrases: tuple[Phrase, ...] = ()

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @classmethod
    def of(cls, text: str, place: Place | None = None) -> Paragraph:
        return cls((Run(text),) if text else (), place or Place())


@dataclass(frozen=True)
class Frame:
    """How the cells of a grid are placed: the grid's own place, and the number by which the file
    calls each of its rows and columns."""

    place: Place
    rows: Sequence[int]
    columns: Sequence[int]

    def at(self, row: int, column: int) -> Place:
        before, after = self._around
        return _place((*before, self.rows[row], self.columns[column], *after))

    @cached_property
    def _around(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """What stands in every place before and after `row` and `column`."""
        at = Place._fields.index("row")
        return self.place[:at], self.place[at + 2 :]


#: `Place._make` without its count of the parts.
_place = partial(tuple.__new__, Place)


class Cell:
    """A cell of a grid, merged cells being one: `row`, `column` count from 0 in the grid.

    A list of services has thousands of cells with a word of plain text in each. So a reader may
    give the text for a paragraph, or for the only one, and the grid's frame for the place: what is
    not asked for is never made. A cell does not change; equal is only the cell itself.
    """

    __slots__ = ("_place", "_said", "colspan", "column", "row", "rowspan", "text")

    #: Paragraphs joined by `\n`; a cell that holds only an automatic number reads as it.
    text: str

    def __init__(
        self,
        row: int,
        column: int,
        rowspan: int,
        colspan: int,
        said: tuple[Paragraph | str, ...] | str,
        place: Place | Frame,
    ) -> None:
        self.row = row
        self.column = column
        self.rowspan = rowspan
        self.colspan = colspan
        self._said = said
        self._place = place
        self.text = said if said.__class__ is str else _joined(said) if said else ""

    @property
    def place(self) -> Place:
        place = self._place
        return place if isinstance(place, Place) else place.at(self.row, self.column)

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        said = (self._said,) if isinstance(self._said, str) else self._said
        made = tuple([Paragraph.of(p, self.place) if isinstance(p, str) else p for p in said])
        self._said = made  # the same paragraphs each time
        return made

    @property
    def texts(self) -> tuple[str, ...]:
        """The text of each paragraph."""
        said = self._said
        if isinstance(said, str):
            return (said,)
        return tuple([p if isinstance(p, str) else p.text for p in said])

    def holding(self, paragraphs: tuple[Paragraph, ...]) -> Cell:
        """The same cell with other content."""
        return Cell(self.row, self.column, self.rowspan, self.colspan, paragraphs, self._place)

    def moved_up(self, rows: int) -> Cell:
        """The same cell where its grid begins so many rows further down; it keeps its place."""
        return Cell(
            self.row - rows, self.column, self.rowspan, self.colspan, self._said, self.place
        )

    def turned(self) -> Cell:
        """The same cell in a grid whose rows are columns."""
        return Cell(self.column, self.row, self.colspan, self.rowspan, self._said, self.place)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(
            [picture for p in self._said if isinstance(p, Paragraph) for picture in p.pictures]
        )

    @property
    def last_row(self) -> int:
        return self.row + self.rowspan - 1

    @property
    def last_column(self) -> int:
        return self.column + self.colspan - 1


def _joined(said: Sequence[Paragraph | str]) -> str:
    if not said:
        return ""
    text = "\n".join([p if isinstance(p, str) else p.text for p in said])
    if not text.strip():
        numbers = [p.number for p in said if isinstance(p, Paragraph) and p.number]
        if numbers:
            return "\n".join(numbers)
    return text


@dataclass(frozen=True, eq=False)
class Grid:
    """A table: `rows` × `columns` slots covered by `cells` in reading order.

    `hidden_rows`, `hidden_columns`: those (from 0) that the sheet hides. A worksheet is one grid, title rows and
    notes included; a ruled table of a docx or a PDF page is one grid.
    """

    rows: int
    columns: int
    cells: tuple[Cell, ...]
    place: Place = field(default_factory=Place)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    @cached_property
    def _slots(self) -> dict[int, dict[int, Cell]]:
        """Row → column → the cell there, of the rows that have any."""
        slots: dict[int, dict[int, Cell]] = {}
        for cell in self.cells:
            if cell.rowspan == 1:
                line = slots.setdefault(cell.row, {})
                for column in range(cell.column, cell.column + cell.colspan):
                    line[column] = cell
            else:
                columns = range(cell.column, cell.column + cell.colspan)
                for row in range(cell.row, cell.row + cell.rowspan):
                    slots.setdefault(row, {}).update(dict.fromkeys(columns, cell))
        return slots

    @cached_property
    def _beginning(self) -> dict[int, list[Cell]]:
        """Row → the cells that begin in it."""
        found: dict[int, list[Cell]] = {}
        for cell in self.cells:
            found.setdefault(cell.row, []).append(cell)
        return found

    def beginning_in(self, rows: range) -> list[Cell]:
        """The cells that begin in these rows, row by row."""
        return [cell for row in rows for cell in self._beginning.get(row, ())]

    def line(self, row: int) -> Mapping[int, Cell]:
        """The cells that cover a row by their columns; a merged one is there more than once."""
        return self._slots.get(row, {})

    def at(self, row: int, column: int) -> Cell | None:
        """The cell that covers the slot, also where it is merged over it."""
        return self.line(row).get(column)

    def turned(self) -> Grid:
        """Rows as columns and columns as rows; every cell keeps its place."""
        cells = [cell.turned() for cell in self.cells]
        cells.sort(key=lambda cell: (cell.row, cell.column))
        return Grid(
            self.columns, self.rows, tuple(cells), self.place,
            self.hidden_columns, self.hidden_rows,
        )  # fmt: skip

    def part(self, first: int, last: int) -> Grid:
        """The rows from `first` up to `last` (excluded) as a grid; every cell keeps its place."""
        cells = tuple(cell.moved_up(first) for cell in self.cells if first <= cell.row < last)
        hidden = frozenset(row - first for row in self.hidden_rows if first <= row < last)
        return Grid(last - first, self.columns, cells, self.place, hidden, self.hidden_columns)

    def row_cells(self, row: int) -> list[Cell]:
        """The cells that cover a row, left to right, each once."""
        line = self.line(row)
        return list(dict.fromkeys(map(line.__getitem__, sorted(line))))


Block = Paragraph | Grid


@dataclass(frozen=True, slots=True)
class Field:
    """A named form field with its value (AcroForm /T and /V), for files that carry such."""

    name: str
    text: str
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Source:
    """The file a document was read from: its name, the SHA-256 of its bytes, its format."""

    file: str
    sha256: str
    format: str


@dataclass(frozen=True)
class Document:
    """One document: `blocks` in reading order; `furniture` is header and footer text, kept apart;
    `findings` is what the reader noticed (hidden rows, macros, text without Unicode); `struck` is
    where text was struck through, which is then left out."""

    source: Source
    blocks: tuple[Block, ...]
    furniture: tuple[Paragraph, ...] = ()
    fields: tuple[Field, ...] = ()
    findings: tuple[Finding, ...] = ()
    struck: frozenset[Place] = frozenset()

    @property
    def grids(self) -> Iterator[Grid]:
        return (block for block in self.blocks if isinstance(block, Grid))

    @property
    def paragraphs(self) -> Iterator[Paragraph]:
        return (block for block in self.blocks if isinstance(block, Paragraph))

    @property
    def first_page(self) -> str:
        """The text of the first page that has any, or as much as a page holds where there are none."""
        text, page = "", None
        for piece, place in self._pieces():
            if len(text) > PAGE_LENGTH or (page is not None and place.page != page):
                break
            if piece.strip():
                text, page = f"{text}{piece}\n", place.page
        return text

    def _pieces(self) -> Iterator[tuple[str, Place]]:
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield block.text, block.place
            else:
                yield from ((cell.text, cell.place) for cell in block.cells)

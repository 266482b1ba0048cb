"""Word documents (.docx, .docm): what a person who opens the file would see, as one Document.

Seen: accepted insertions and moves, content controls, check boxes of every kind, symbol ticks,
field results, text boxes, automatic numbers. Not seen: deletions, hidden text, field codes,
prompts of unfilled controls, the covered part of merged cells. Text struck through is left out and
pointed at.

Tables: merged cells are one; rows whose spans do not add up are laid by their widths. A table
inside a cell becomes a grid of its own after the outer one; its text stays in the outer cell too
(rows as lines, cells parted by tabs) unless the outer row holds nothing but tables, i.e. is
there for layout only.

The XML is walked once, element by element: time grows with the number of rows, no faster. Of a
long list the rows of repeated mark-up are not even parsed (docx_rows).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.document import Block, Cell, Document, Frame, Grid, Paragraph, Place, Source
from pipeline.errors import UnsafeError
from pipeline.findings import Finding
from pipeline.read import docx_embedded, docx_rows
from pipeline.read.docx_names import (
    ALT_CHUNK,
    BODY,
    CELL_DELETED,
    DELETED,
    DOUBLE_STRIKE,
    FONTS,
    H_MERGE,
    LEVEL,
    MOVED_AWAY,
    NUM_ID,
    NUM_PR,
    P_PR,
    P_STYLE,
    R_PR,
    SDT,
    SDT_CONTENT,
    SPACE,
    STRIKE,
    TBL,
    TC,
    TC_PR,
    TR,
    TRANSPARENT,
    P,
    R,
    T,
    chosen,
    is_prompt,
    symbol_font,
    value_of,
    w,
    whole_number,
    wrapped,
)
from pipeline.read.docx_numbers import Numbering
from pipeline.read.docx_styles import PLAIN, Styles
from pipeline.read.docx_tables import (
    RawCell,
    RawRow,
    Shape,
    bare_row,
    distinct,
    lay_out,
    merge_down,
    read_cell,
    read_row,
    row_like,
    spaced,
    unshared,
)
from pipeline.read.docx_text import (
    FLOATING,
    Floats,
    Line,
    checkbox_text,
    fills_gap,
)
from pipeline.read.docx_words import Words
from pipeline.read.ooxml import (
    ALTERNATE,
    LIMITS,
    R_ID,
    Element,
    Package,
    bound_table,
    child,
    open_package,
)
from pipeline.reading import uncollected

#: What a cell of nothing but plain text is made of, and what it may not hold all the same: its
#: meaning would hang on the text, or on what was read before.
FIXED = frozenset(
    {TC_PR, P, P_PR, R, R_PR, T}
    | {w(n) for n in ("bookmarkStart", "bookmarkEnd", "proofErr", "lastRenderedPageBreak")}
)
UNFIXED = (NUM_PR, STRIKE, DOUBLE_STRIKE, DELETED, MOVED_AWAY, H_MERGE, CELL_DELETED)
#: The first of the characters that stand for the texts of a cell while its mark-up is looked at.
FIRST_MARK = 0x4E00


#: Characters of a document that may stand beside the pictures of its pages: a title, who sends it.
MOST_BESIDE_PAGES = 100

#: Pictures of pages that are read.
MOST_PAGES = 20


@uncollected()
def read(path: Path, source: Source, scans: int = MOST_PAGES) -> list[Document]:
    """The document of a .docx or .docm file. Of one that holds little but pictures of pages no more
    than `scans` of them are read.

    Raises UnreadableError and its kinds (password, unsafe, old format), each with a remedy.
    """
    with open_package(path, source.file) as package:
        part = package.main_part("word/document.xml")
        styles = Styles(package, part)
        story = Story(package, part, styles)
        root = package.required(part, story.fold)
        body = child(root, BODY)
        blocks = story.blocks(root if body is None else body)
        furniture = _furniture(package, part, styles)
        findings = [*package.findings(), *story.findings()]
        struck = frozenset(story.struck)
        pages = _pictured(package, blocks, source, scans)
        blocks.extend(pages.blocks if pages else ())
        findings.extend(pages.findings if pages else ())
        return [Document(source, tuple(blocks), furniture, findings=tuple(findings), struck=struck)]


def _pictured(
    package: Package, blocks: Sequence[Block], source: Source, most: int
) -> Document | None:
    """What the pictures of pages say that somebody put into a document instead of its text."""
    texts = [block.text if isinstance(block, Paragraph) else None for block in blocks]
    if None in texts or sum(len((text or "").strip()) for text in texts) > MOST_BESIDE_PAGES:
        return None
    shown = package.shown()
    if not shown:
        return None
    scan = importlib.import_module("pipeline.read.scan")  # what it needs takes time to load
    pages: Document | None = scan.read_within(shown, source, most)
    return pages


def _furniture(package: Package, part: str, styles: Styles) -> tuple[Paragraph, ...]:
    """Text of headers and footers, each once."""
    found: dict[str, Paragraph] = {}
    for kind in ("header", "footer"):
        for name in package.related(part, kind):
            root = package.xml(name)
            if root is not None:
                blocks = Story(package, name, styles).blocks(root)
                found.update((p.text, p) for p in _flat(blocks) if p.text.strip())
    return tuple(found.values())


def _flat(blocks: Iterable[Block]) -> Iterator[Paragraph]:
    for block in blocks:
        if isinstance(block, Grid):
            for cell in block.cells:
                yield from cell.paragraphs
        else:
            yield block


class Story:
    """One flow of text (the body, a header): blocks in order, with what carries over between them:
    counters, a paragraph whose end was deleted, and what its words carry over (`docx_words`)."""

    def __init__(self, package: Package, part: str, styles: Styles) -> None:
        self._package = package
        self._part = part
        self._styles = styles
        self._numbering = Numbering(package, part)
        self._words = Words(package, part, styles)
        self._tables = 0
        self._paragraphs = 0
        self._struck_placed = 0
        self.struck: set[Place] = set()  # where text is struck through
        self._told: set[int] = set()  # tables within cells whose text stands in the cell
        self._foreign, self._embedded_files = False, 0
        self._embedded_findings: list[Finding] = []
        self._folder = docx_rows.Folder(bare_row, self._shape, row_like)
        self.fold = self._folder.fold

    def findings(self) -> list[Finding]:
        text = "文档里嵌入了另一份文件（altChunk），其内容没有读取。"
        unread = [Finding("warning", "embedded-file", "", text)] if self._foreign else []
        return [*unread, *self._embedded_findings]

    # -- blocks

    def blocks(self, container: Element, place: Place | None = None) -> list[Block]:
        """Paragraphs and grids inside an element; `place` is the cell's, None outside tables."""
        found: list[Block] = []
        open_line: Line | None = None
        for element in self._block_elements(container):
            runs = self._words.plain(element) if open_line is None else None
            if runs is not None:
                found.append(Paragraph(runs, place or self._next_place()))
            elif element.tag == P:
                line = open_line or Line()
                open_line = line if self._words.fill(line, element) else None
                if open_line is None:
                    self._close(line, element, place, found)
            elif element.tag == TBL:
                found.extend(self._table(element))
            elif element.tag == ALT_CHUNK:
                found.extend(self._embedded(element, place))
            else:
                found.append(self._blank(place))
        if open_line is not None:
            self._close(open_line, None, place, found)
        return found

    def _block_elements(self, container: Element) -> Iterator[Element]:
        """Paragraphs and tables, through every wrapper; an unfilled control stands for itself."""
        for element in container:
            tag = element.tag
            if tag in (P, TBL, ALT_CHUNK):
                yield element
            elif tag == SDT:
                yield from self._control_blocks(element)
            elif tag in TRANSPARENT:
                yield from self._block_elements(element)
            elif tag == ALTERNATE:
                yield from self._block_elements(chosen(element))

    def _embedded(self, element: Element, place: Place | None) -> Iterator[Block]:
        """What another file says that is put in here as it is, at the place where that was done."""
        relation = self._package.relations(self._part).get(element.get(R_ID, ""))
        data = None
        if relation is not None and not relation.external:
            data = self._package.content(relation.target)
        self._embedded_files += 1
        many = self._embedded_files > docx_embedded.MOST
        said = [] if data is None or many else docx_embedded.read(data, self._package.name)
        self._foreign |= not said
        here = place or Place(paragraph=self._paragraphs or None)
        for document in said:
            self._embedded_findings.extend(document.findings)
            yield from (docx_embedded.moved(block, here) for block in document.blocks)

    def _control_blocks(self, control: Element) -> Iterator[Element]:
        content = child(control, SDT_CONTENT)
        if is_prompt(control):
            yield control
        elif content is not None:
            outer = self._words.enter(control)
            yield from self._block_elements(content)
            self._words.checkbox = outer

    def _close(
        self, line: Line, last: Element | None, place: Place | None, found: list[Block]
    ) -> None:
        number = "" if last is None else self._label(last)
        where = place or self._next_place()
        if self._words.struck > self._struck_placed:
            self._struck_placed = self._words.struck
            self.struck.add(where)
        boxes = [(at, how, self.blocks(box, place)) for at, box, how in line.boxes]
        for at, how, said in reversed(boxes):
            if how is not Floats.AWAY and fills_gap(line, at, said):
                line.insert(at, [run for p in said if isinstance(p, Paragraph) for run in p.runs])
                said.clear()
                if how is Floats.BESIDE:
                    where = where._replace(doubt=FLOATING)
            elif how is not Floats.NOT and place is not None and line.length:
                where = where._replace(doubt=FLOATING)  # a cell says both, whatever the eye sees
        apart = [block for *_, said in boxes for block in said]
        if not apart or line.length or line.pictures or number:
            found.append(line.paragraph(where, number))
        found.extend(apart)

    def _blank(self, place: Place | None) -> Paragraph:
        return Paragraph((), place or self._next_place())

    def _next_place(self) -> Place:
        self._paragraphs += 1
        if self._paragraphs > LIMITS.paragraphs:
            raise self._too_long(f"正文超过 {LIMITS.paragraphs} 段")
        return Place(paragraph=self._paragraphs)

    def _too_long(self, why: str) -> UnsafeError:
        name = self._package.name
        return UnsafeError(f"“{name}”没有读取：{why}。", remedy="请核对来源，只提交申报表格。")

    def _label(self, paragraph: Element) -> str:
        if self._numbering.is_empty:
            return ""
        properties = child(paragraph, P_PR)
        style_id = self._styles.default_paragraph
        num_id: str | None = None
        level: int | None = None
        if properties is not None:
            style_id = value_of(child(properties, P_STYLE)) or style_id
            direct = child(properties, NUM_PR)
            if direct is not None:
                num_id = value_of(child(direct, NUM_ID)) or None
                if (own := child(direct, LEVEL)) is not None:
                    level = whole_number(value_of(own))
        style = self._styles[style_id]
        if level is None and style.level is not None:
            level = whole_number(style.level)
        num_id = num_id or style.num_id
        return self._numbering.label(num_id, level, style_id) if num_id else ""

    # -- tables

    def _table(self, table: Element) -> list[Block]:
        """The grid of a table, followed by the grids of the tables inside its cells."""
        self._tables += 1
        number = self._tables
        if number > LIMITS.tables:
            raise self._too_long(f"表格超过 {LIMITS.tables} 个")
        found = [row for row in self._rows(table) if not row[0].deleted]
        rows = unshared([row for row, _ in found])
        columns = lay_out(distinct(rows), table)
        bound_table(self._package.name, f"表{number} ", len(rows), columns)
        cells: list[Cell] = []
        nested: list[Block] = []
        merge_down(rows)
        frame = Frame(Place(table=number), range(1, len(rows) + 1), range(1, columns + 1))
        for at, (row, (_, texts)) in enumerate(zip(rows, found, strict=True)):
            if texts is None:
                cells.extend(self._row_cells(row, at, frame, nested))
            else:
                cells.extend(self._lifted_cells(row, texts, at, frame))
        hidden = frozenset(i for i, row in enumerate(rows) if row.hidden)
        grid = Grid(len(rows), columns, tuple(cells), frame.place, hidden)
        return [grid, *nested]

    def _rows(self, table: Element) -> Iterator[tuple[RawRow, list[str] | None]]:
        """The rows of a table; those of repeated mark-up with their texts."""
        for element, _ in wrapped(table, TR):
            lifted = element.get(docx_rows.LIFTED)
            if lifted is None:
                yield read_row(element), None
            else:
                first, end = map(int, lifted.split())
                for row in self._folder.rows[first:end]:
                    yield row.meaning, row.texts if row.plain else spaced(row)

    def _row_cells(self, row: RawRow, at: int, frame: Frame, nested: list[Block]) -> list[Cell]:
        cells: list[Cell] = []
        inner: dict[int, list[Block]] = {}
        for raw in row.cells:
            place, held = frame.at(at, raw.start), None if raw.blank else raw.element
            blocks = [] if held is None else self.blocks(held, place)
            said = tuple([block for block in blocks if isinstance(block, Paragraph)])
            if len(said) < len(blocks):
                inner[len(cells)] = blocks
            doubt = next((line.place.doubt for line in said if line.place.doubt), None)
            spot = frame if doubt is None else place._replace(doubt=doubt)
            cells.append(Cell(at, raw.start, raw.rows, raw.end - raw.start, said, spot))
        if inner:
            self._unnest(cells, inner, nested)
        return cells

    def _unnest(
        self, cells: list[Cell], inner: dict[int, list[Block]], nested: list[Block]
    ) -> None:
        """Lift the tables out of a row's cells; leave their text where the row has other text, once."""
        tables = [b for blocks in inner.values() for b in blocks if isinstance(b, Grid)]
        layout_only = not any(cell.text.strip() for cell in cells) and any(
            len(table.cells) > 1 for table in tables
        )
        lifted = [table for table in tables if layout_only or len(table.cells) > 1]
        nested.extend(lifted)
        if layout_only:
            return
        for index, blocks in inner.items():
            old = cells[index]
            own = [block for block in blocks if id(block) not in self._told]
            cells[index] = old.holding(tuple(p for b in own for p in _as_lines(b, old.place)))
        self._told.update(map(id, lifted))

    # -- cells of repeated mark-up

    def _shape(self, element: Element, texts: int) -> Shape | None:
        """What the mark-up of a cell means whatever its texts say: it is read with marks for texts.
        None where it holds more than text, or its meaning hangs on what it says or stands after."""
        spots = list(element.iter(T))
        if not self._is_fixed(element) or len(spots) != texts or any(s.text for s in spots):
            return None
        for number, spot in enumerate(spots):
            spot.text = chr(FIRST_MARK + number)
        raw: list[RawCell] = []
        read_cell(element, False, raw)
        lines = [p.runs for p in self.blocks(element, Place()) if isinstance(p, Paragraph)]
        shown = "".join([run.text for runs in lines for run in runs])
        if shown != "".join([str(spot.text) for spot in spots]):
            return None
        looks = [[run.look for run in runs for _ in run.text] for runs in lines]
        return Shape(
            raw[0].span, raw[0].width, raw[0].begins, raw[0].continues,
            tuple(map(tuple, looks)),
            tuple([spot.get(SPACE) == "preserve" for spot in spots]),
            len(looks) == 1 and set(looks[0]) <= {PLAIN},
        )  # fmt: skip

    def _is_fixed(self, element: Element) -> bool:
        """Whether a cell holds plain runs only, and no number that counts on from cell to cell."""
        if any(item.tag not in FIXED for part in element.iter(TC, P, R, T) for item in part):
            return False
        if any(True for _ in element.iter(*UNFIXED)):
            return False
        if any(symbol_font(fonts) is not None for fonts in element.iter(FONTS)):
            return False
        styles = [self._styles.default_paragraph, *map(value_of, element.iter(P_STYLE))]
        return not any(self._styles[style].num_id for style in styles)

    def _lifted_cells(self, row: RawRow, texts: list[str], at: int, frame: Frame) -> Iterator[Cell]:
        """The cells of a row of repeated mark-up."""
        state = self._words.checkbox
        if state is not None:
            texts = [checkbox_text(text, state) for text in texts]
        for raw in row.cells:
            shape, first = raw.shape, raw.first_text
            said: str | tuple[Paragraph, ...]
            if shape.single:
                said = texts[first]
            elif shape.plain:
                said = "".join(texts[first : first + len(shape.kept)])
            else:
                said = _paragraphs(shape, texts[first:], frame.at(at, raw.start))
            yield Cell(at, raw.start, raw.rows, raw.end - raw.start, said, frame)


def _paragraphs(shape: Shape, texts: Iterable[str], place: Place) -> tuple[Paragraph, ...]:
    """The paragraphs of a cell of known mark-up, of which these are the first texts."""
    found: list[Paragraph] = []
    said = iter(texts)
    for looks in shape.paragraphs:
        line = Line()
        for look in looks:
            if text := next(said):
                line.add(text, look)
        found.append(line.paragraph(place, ""))
    return tuple(found)


def _as_lines(block: Block, place: Place) -> list[Paragraph]:
    if isinstance(block, Paragraph):
        return [block]
    if block.columns == 1:
        return [paragraph for cell in block.cells for paragraph in cell.paragraphs]
    rows: dict[int, list[str]] = {}
    for cell in block.cells:
        rows.setdefault(cell.row, []).append(cell.text.replace("\n", " "))
    return [Paragraph.of("\t".join(texts), place) for texts in rows.values()]

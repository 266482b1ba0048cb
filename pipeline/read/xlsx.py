"""Workbooks (.xlsx, .xlsm): one Document a sheet, one Grid of what stands in its used part.

Values are text as a careful person reads them: 13812345678 and not 1.38E+10, 35.2% where the
format says per cent, a date as it is shown if that names its year, month and day in this order
(2024年9月26日, 2024年9月) and as 2024-09-26 if not, a unit that the number format prints. What a
person would not see is not read: phonetic guides, values under a merged cell. Hidden rows, columns
and sheets are read and pointed at.

The sheet's own claim of its size is not believed; a stray cell far away does not make the grid
large: wide gaps of empty rows or columns shrink to one. Inside the used part every slot has a
cell, blank or not (a sheet with almost nothing in a large field is left sparse).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.document import (
    Cell,
    Document,
    Doubt,
    Frame,
    Grid,
    Paragraph,
    Picture,
    Place,
    Run,
    Source,
    column_letters,
)
from pipeline.findings import Finding
from pipeline.read import xlsx_rows
from pipeline.read.ooxml import (
    BLIP,
    DRAWING,
    R_EMBED,
    R_ID,
    Element,
    Package,
    bound_table,
    child,
    open_package,
)
from pipeline.read.xlsx_controls import Control, controls
from pipeline.read.xlsx_formats import PRECISE, iso_date, shown_date, shown_number
from pipeline.read.xlsx_strings import (
    FORMULA,
    INLINE,
    OFF,
    ROW,
    VALUE,
    Content,
    Lines,
    Piece,
    Style,
    clean,
    content_of,
    is_struck,
    m,
    pieces_of,
    read_styles,
)
from pipeline.reading import uncollected

SHEET_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"


#: Empty rows or columns in a stretch longer than this shrink to one.
WIDEST_GAP = 40
#: Blank slots are given cells while there are no more of them than this for each filled one …
BLANKS_PER_CELL = 8
#: … or in all.
FEW_SLOTS = 20_000
MAX_SHEETS = 200

#: A number that is read as it is written: no more digits than a spreadsheet keeps.
PLAIN_NUMBER = re.compile(r"(?:0|[1-9]\d{0,8})(?:\.\d{0,4}[1-9])?", re.ASCII)
SCIENTIFIC = re.compile(r"\s*\d(?:\.\d+)?[Ee]\+?\d{2,}\s*")
#: A unit that the format itself prints leaves no doubt: `0!.0,"万元"`.
SCALE_WORDS = re.compile("[千万亿]")
MOVING = re.compile(r"\b(?:TODAY|NOW|RAND|RANDBETWEEN)\(", re.I)
WPS_PICTURE = re.compile(r'=?(?:_xlfn\.)?DISPIMG\("([^"]+)"', re.I)


@uncollected()
def read(path: Path, source: Source, *, recalculated: bool = False) -> list[Document]:
    """A Document for each sheet with something in it; a workbook without any gives an empty one.
    `recalculated`: another program has computed the formulas anew, so that what they showed on the
    day the file was saved is gone where they depend on the day.

    Raises UnreadableError and its kinds (password, unsafe, old format), each with a remedy.
    """
    with open_package(path, source.file) as package:
        book = Book(package, recalculated=recalculated)
        documents = [sheet.document(source) for sheet in book.sheets() if not sheet.is_empty]
        general = tuple(package.findings())
        if not documents:
            return [Document(source, (), findings=general)]
        first = documents[0]
        documents[0] = replace(first, findings=general + first.findings)
        return documents


# ----------------------------------------------------------------------------------- workbook


class Book:
    """What the sheets share: strings, styles, the calendar, pictures of WPS."""

    def __init__(self, package: Package, *, recalculated: bool) -> None:
        self.package = package
        self.recalculated = recalculated
        self.part = package.main_part("xl/workbook.xml")
        root = package.required(self.part)
        self._sheets = list(root.iterfind(f"{m('sheets')}/{m('sheet')}"))[:MAX_SHEETS]
        properties = root.find(m("workbookPr"))
        self.epoch_1904 = properties is not None and properties.get("date1904", "0") not in OFF
        self.strings = [pieces_of(item) for item in self._related("sharedStrings")]
        self.struck = {n for n, item in enumerate(self.strings) if is_struck(item, Style())}
        styles = package.related(self.part, "styles")
        self.styles = read_styles(package.xml(styles[0]) if styles else None)
        self.strikes = bool(self.struck) or any(style.struck for style in self.styles)
        self._contents: dict[tuple[int, int], Content] = {}
        self._texts: dict[tuple[str, int], Content] = {}

    def sheets(self) -> Iterator[Sheet]:
        relations = self.package.relations(self.part)
        for item in self._sheets:
            relation = relations.get(item.get(R_ID, ""))
            if relation is None or relation.external or relation.kind != "worksheet":
                continue
            sheet = Sheet(self, item.get("name", ""), relation.target)
            root = self.package.xml(relation.target, sheet.fold)
            if root is not None:
                sheet.hidden = item.get("state", "visible") != "visible"
                sheet.fill(root)
                yield sheet

    def style(self, number: int) -> Style:
        return self.styles[number] if 0 <= number < len(self.styles) else Style()

    def string(self, index: int, style: int) -> Content:
        """A shared string in a style; a column of 是 is built once."""
        key = index, style
        if key not in self._contents:
            self._contents[key] = content_of(self.strings[index], self.style(style))
        return self._contents[key]

    def is_plain_string(self, index: str) -> bool:
        """Whether there is such a string, and none of it is struck through."""
        known = index.isdecimal() and int(index) < len(self.strings)
        return known and int(index) not in self.struck

    def content(self, pieces: list[Piece], style: int) -> Content:
        """Text in a style; what is not rich text is built once for all cells that say the same."""
        if len(pieces) != 1 or pieces[0][1] is not None:
            return content_of(pieces, self.style(style))
        key = pieces[0][0], style
        if key not in self._texts:
            self._texts[key] = content_of(pieces, self.style(style))
        return self._texts[key]

    def wps_picture(self, name: str) -> Picture | None:
        """A picture that WPS keeps inside a cell (`DISPIMG`)."""
        for part in self.package.related(self.part, "cellImage"):
            root = self.package.xml(part)
            for image in () if root is None else root.iter(f"{{{SHEET_DRAWING}}}pic"):
                properties = next(image.iter(f"{{{SHEET_DRAWING}}}cNvPr"), None)
                blip = next(image.iter(BLIP), None)
                if properties is not None and properties.get("name") == name and blip is not None:
                    label = properties.get("descr") or name
                    return self.package.picture(part, blip.get(R_EMBED, ""), label)
        return None

    def _related(self, kind: str) -> Iterator[Element]:
        for part in self.package.related(self.part, kind)[:1]:
            root = self.package.xml(part)
            if root is not None:
                yield from root


# -------------------------------------------------------------------------------------- sheet


#: What is said of a single cell, where its value is taken.
DOUBTS: dict[str, Doubt] = {
    doubt.code: doubt
    for doubt in (
        Doubt("formula-no-value", "单元格是公式但没有保存计算结果；请在 Excel 或 WPS 中打开并保存后重新提交。", lost=True),
        Doubt("formula-moving", "单元格是随打开日期变化的公式（如TODAY），填写时的值没有保存下来；请改填固定的日期或数字。", lost=True),
        Doubt("cell-error", "单元格是公式错误值，请改正。", lost=True),
        Doubt("number-precision", "长数字存成了数值，后几位可能已丢失，请核对原始号码并改成文本格式。"),
        Doubt("scaled-number", "数字格式缩放了数值，按显示的数读取，请核对单位。"),
        Doubt("date-system", "工作簿用的是1904日期系统，这一格没有日期格式；如果是日期，请核对。"),
    )
}  # fmt: skip
#: The longest formula that is shown as the raw text of its cell.
LONGEST_FORMULA = 200


@dataclass(frozen=True, slots=True)
class _Merge:
    top: int
    left: int
    bottom: int
    right: int


class Sheet:
    """One worksheet being read: contents by row and column (numbers as in the sheet)."""

    def __init__(self, book: Book, name: str, part: str) -> None:
        self.name = name
        self.hidden = False
        self._book = book
        self._part = part
        self._rows: dict[int, dict[int, Content]] = {}
        self._pictures: dict[tuple[int, int], list[Picture]] = {}
        self._merges: list[_Merge] = []
        self._hidden_rows: set[int] = set()
        self._doubts: dict[tuple[int, int], Doubt] = {}
        self._formulas: dict[tuple[int, int], str] = {}
        self._struck: set[tuple[int, int]] = set()
        self._hidden_columns: list[range] = []
        self._controls: list[Control] = []
        self._floating: list[str] = []
        self._margins: list[str] = []
        self._columns = Columns()
        self._folder: xlsx_rows.Folder[Content] = xlsx_rows.Folder(
            self._is_plain, self._plain_content, self._columns.__getitem__
        )
        self.fold = self._folder.fold

    @property
    def is_empty(self) -> bool:
        return not (self._rows or self._pictures or self._floating)

    def fill(self, root: Element) -> None:
        for element in root:
            if element.tag == m("sheetData"):
                self._read_rows(element)
            elif element.tag == m("mergeCells"):
                self._merges = _read_merges(element)
            elif element.tag == m("headerFooter"):
                self._margins = [_margin_text(part.text or "") for part in element]
            elif element.tag == m("drawing"):
                self._read_drawing(element.get(R_ID, ""))
            elif element.tag == m("legacyDrawing"):
                self._read_controls(element.get(R_ID, ""))
        self._place_controls()
        self._read_columns(root.find(m("cols")))

    def document(self, source: Source) -> Document:
        blocks = [Paragraph.of(text, Place(sheet=self.name)) for text in self._floating]
        furniture = tuple(Paragraph.of(t, Place(sheet=self.name)) for t in self._margins if t)
        grid = self._grid()
        findings: list[Finding] = []
        if self.hidden:
            text = f"工作表“{self.name}”是隐藏的，也读取了，请核对是否要提交。"
            findings.insert(0, Finding("warning", "hidden-sheet", "", text))
        struck = frozenset(Place(self.name, row=row, column=column) for row, column in self._struck)
        if struck:
            text = f"工作表“{self.name}”有带删除线的文字，按已划去处理，请核对。"
            findings.append(Finding("warning", "struck-text", "", text))
        return Document(source, (grid, *blocks), furniture, findings=tuple(findings), struck=struck)

    # -- reading

    def _read_rows(self, data: Element) -> None:
        number = 0
        for row in data.iterchildren(ROW):
            lifted = row.get(xlsx_rows.LIFTED)
            if lifted is not None:
                first, end = map(int, lifted.split())
                number = self._take_lifted(first, end)
                continue
            number = int(row.get("r") or number + 1)
            if row.get("hidden", "0") not in OFF or row.get("ht") == "0":
                self._hidden_rows.add(number)
            contents = self._read_row(row, number)
            if contents:
                self._rows.setdefault(number, {}).update(contents)
        for at in _moving(self._formulas):
            self._doubt("formula-moving", at)

    def _take_lifted(self, first: int, end: int) -> int:
        """Takes in rows that need no closer look; returns the number of the last."""
        number = 0
        for number, contents in self._folder.rows[first:end]:
            if contents:
                self._rows.setdefault(number, contents).update(contents)
        return number

    def _is_plain(self, style: int, kind: str) -> bool:
        """Whether a style changes nothing of a text, or of a number."""
        own = self._book.style(style)
        quiet = kind == "inlineStr" or (kind == "n" and own.plain and not self._book.epoch_1904)
        return quiet and own.is_bare

    def _plain_content(self, style: int, kind: str, text: str) -> Content | None:
        """What a cell says wherever it stands; UnusualError where there is something to note."""
        own = self._book.style(style)
        if own.struck:
            raise xlsx_rows.UnusualError
        if kind == "inlineStr":
            content = self._book.content([(clean(text), None)], style)
        elif kind == "s" and self._book.is_plain_string(text):
            content = self._book.string(int(text), style)
        elif (
            kind == "n"
            and own.form.is_quiet
            and not self._book.epoch_1904
            and PLAIN_NUMBER.fullmatch(text)
        ):
            shown = text if own.plain else self._number(text, own, (0, 0))
            content = self._book.content([(shown, None)], style)
        else:
            raise xlsx_rows.UnusualError
        if kind != "n" and _is_scientific(content):
            raise xlsx_rows.UnusualError
        return content if any(content) else None

    def _read_row(self, row: Element, number: int) -> dict[int, Content]:
        contents: dict[int, Content] = {}
        column = 0
        for cell in row:
            reference = cell.get("r")
            column = (
                column + 1 if reference is None else self._columns[reference.rstrip("0123456789")]
            )
            if len(cell):
                content = self._cell(cell, number, column)
                if content is not None:
                    contents[column] = content
        return contents

    def _cell(self, cell: Element, row: int, column: int) -> Content | None:
        """What stands in a cell; None where nothing does."""
        kind = cell.get("t", "n")
        style = int(cell.get("s", "0"))
        value = child(cell, VALUE)
        raw = None if value is None else value.text
        if self._book.recalculated and (formula := cell.findtext(FORMULA)):
            self._formulas[row, column] = formula
        if kind == "s":
            content = self._book.string(int(raw), style) if raw else ()
        elif kind == "inlineStr":
            content = self._book.content(pieces_of(child(cell, INLINE)), style)
        elif kind == "n" and raw:
            number = self._number(raw, self._book.style(style), (row, column))
            content = self._book.content([(number, None)], style)
        else:
            content = self._computed(cell, kind, raw, self._book.style(style), (row, column))
        if (self._book.strikes or kind == "inlineStr") and self._is_struck(cell, kind, raw, style):
            self._struck.add((row, column))
            return content or ((),)
        if not any(content):
            return None
        if kind != "n":
            self._examine(content, (row, column))
        return content

    def _is_struck(self, cell: Element, kind: str, raw: str | None, style: int) -> bool:
        """Whether some of what stands in a cell is struck through, and so left out."""
        if kind == "inlineStr":
            return is_struck(pieces_of(child(cell, INLINE)), self._book.style(style))
        number = int(raw) if raw and kind == "s" else None
        return number in self._book.struck or (bool(raw) and self._book.style(style).struck)

    def _computed(
        self, cell: Element, kind: str, raw: str | None, style: Style, at: tuple[int, int]
    ) -> Content:
        if not raw:
            formula = child(cell, FORMULA)
            if kind == "str" or formula is None:
                return ()
            self._doubt("formula-no-value", at)
            return content_of([(f"={formula.text or ''}"[:LONGEST_FORMULA], None)], style)
        if kind == "str" and (match := WPS_PICTURE.match(raw)):
            picture = self._book.wps_picture(match[1])
            self._pictures.setdefault(at, []).append(picture or Picture(match[1]))
            return ()
        return content_of([(self._special(kind, raw, style, at), None)], style)

    def _number(self, raw: str, style: Style, at: tuple[int, int]) -> str:
        if style.plain and raw.isdigit() and len(raw) <= 15:
            if self._book.epoch_1904 and len(raw) == 5:
                self._doubt("date-system", at)
            return raw
        number = float(raw)
        form = style.form.chosen(number)
        if form.literal is not None:
            return form.literal
        if form.shows:
            shown = shown_date(number, form, self._book.epoch_1904)
            if shown is not None:
                return shown
        if abs(number) >= PRECISE:
            self._doubt("number-precision", at)
            return f"{number:.5E}"  # as a spreadsheet shows it: its last digits are gone
        if form.scale and not SCALE_WORDS.search(form.prefix + form.suffix):
            self._doubt("scaled-number", at)
        return shown_number(raw, form)

    def _special(self, kind: str, raw: str, style: Style, at: tuple[int, int]) -> str:
        if kind == "b":
            shown = ("☐", "☑") if style.checkbox else ("FALSE", "TRUE")
            return shown[raw not in OFF]
        if kind == "e":
            self._doubt("cell-error", at)
            return raw
        if kind == "d":
            return iso_date(raw, style.form)
        return clean(raw)

    def _examine(self, content: Content, at: tuple[int, int]) -> None:
        if _is_scientific(content):
            self._doubt("number-precision", at)

    def _doubt(self, code: str, at: tuple[int, int]) -> None:
        self._doubts.setdefault(at, DOUBTS[code])

    def _read_columns(self, columns: Element | None) -> None:
        for item in () if columns is None else columns:
            if item.get("hidden", "0") not in OFF:
                first, last = int(item.get("min", "0")), int(item.get("max", "0"))
                self._hidden_columns.append(range(first, last + 1))

    def _read_drawing(self, relation_id: str) -> None:
        relation = self._book.package.relations(self._part).get(relation_id)
        root = None
        if relation is not None and not relation.external:
            root = self._book.package.xml(relation.target)
        if root is None or relation is None:
            return
        for anchor in root:
            at = _anchor(anchor)
            for picture in anchor.iter(f"{{{SHEET_DRAWING}}}pic"):
                self._add_picture(picture, relation.target, at)
            for body in anchor.iter(f"{{{SHEET_DRAWING}}}txBody"):
                lines = ("".join(t.text or "" for t in p.iter(f"{{{DRAWING}}}t")) for p in body)
                self._floating.extend(line for line in lines if line.strip())

    def _read_controls(self, relation_id: str) -> None:
        relation = self._book.package.relations(self._part).get(relation_id)
        if relation is not None and not relation.external:
            self._controls = controls(self._book.package.content(relation.target) or b"")

    def _place_controls(self) -> None:
        """A control stands in the cell in which it begins, behind what the cell holds."""
        for control in self._controls:
            row, column = self._holder(control.row, control.column)
            contents = self._rows.setdefault(row, {})
            contents[column] = _with_text(contents.get(column, ""), control.text)

    def _holder(self, row: int, column: int) -> tuple[int, int]:
        """The cell that covers a slot."""
        for merge in self._merges:
            if merge.top <= row <= merge.bottom and merge.left <= column <= merge.right:
                return merge.top, merge.left
        return row, column

    def _add_picture(self, element: Element, part: str, at: tuple[int, int]) -> None:
        blip = next(element.iter(BLIP), None)
        properties = next(element.iter(f"{{{SHEET_DRAWING}}}cNvPr"), None)
        name = "" if properties is None else properties.get("name", "")
        picture = None
        if blip is not None:
            picture = self._book.package.picture(part, blip.get(R_EMBED, ""), name)
        if picture is not None:
            self._pictures.setdefault(at, []).append(picture)

    # -- laying out

    def _grid(self) -> Grid:
        rows = _compact({*self._rows, *(row for row, _ in self._pictures)})
        columns = _compact(
            {column for contents in self._rows.values() for column in contents}
            | {column for _, column in self._pictures}
        )
        columns += range(columns[-1] + 1, self._far_edge(columns[-1]) + 1) if columns else ()
        bound_table(self._book.package.name, f"工作表“{self.name}”", len(rows), len(columns))
        frame = Frame(Place(sheet=self.name), rows, columns)
        spans, covered = self._spans(rows, columns)
        cells: list[Cell] = []
        special = {r for r, _ in (*spans, *covered)} | {
            bisect_left(rows, row) for row, _ in (*self._pictures, *self._doubts)
        }
        dense = self._is_dense(frame)
        for r, row in enumerate(rows):
            if dense and r not in special:
                cells += self._simple_cells(r, self._rows.get(row, {}), frame)
            else:
                cells += self._cells(r, frame, spans, covered, dense)
        hidden = frozenset(i for i, row in enumerate(rows) if row in self._hidden_rows)
        unseen = frozenset(
            i for i, n in enumerate(columns) if any(n in part for part in self._hidden_columns)
        )
        return Grid(len(rows), len(columns), tuple(cells), frame.place, hidden, unseen)

    def _is_dense(self, frame: Frame) -> bool:
        """Whether blank slots are given cells, too."""
        filled = sum(len(contents) for contents in self._rows.values())
        slots = len(frame.rows) * len(frame.columns)
        return slots <= max(FEW_SLOTS, BLANKS_PER_CELL * filled)

    def _far_edge(self, last: int) -> int:
        """The last column that belongs to the used part: under a heading that reaches over it, it
        may be blank from top to bottom. A merge far beyond all others is cut."""
        edges = [
            merge.right for merge in self._merges if merge.left in self._rows.get(merge.top, ())
        ]
        return max((edge for edge in edges if edge <= last + WIDEST_GAP), default=last)

    def _spans(
        self, rows: list[int], columns: list[int]
    ) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
        """Merged cells inside the used part: spans by their first slot, slots they cover."""
        spans: dict[tuple[int, int], tuple[int, int]] = {}
        covered: set[tuple[int, int]] = set()
        for merge in self._merges:
            top, bottom = bisect_left(rows, merge.top), bisect_right(rows, merge.bottom)
            left, right = bisect_left(columns, merge.left), bisect_right(columns, merge.right)
            slots = {(r, c) for r in range(top, bottom) for c in range(left, right)}
            if len(slots) > 1 and not slots & covered and not slots & spans.keys():
                spans[top, left] = bottom - top, right - left
                covered |= slots - {(top, left)}
        return spans, covered

    def _cells(
        self,
        r: int,
        frame: Frame,
        spans: dict[tuple[int, int], tuple[int, int]],
        covered: set[tuple[int, int]],
        dense: bool,
    ) -> Iterator[Cell]:
        """The cells of a row with whatever is merged or lies in it."""
        row = frame.rows[r]
        contents = self._rows.get(row, {})
        for c, column in enumerate(frame.columns):
            if (r, c) in covered:
                continue
            content = contents.get(column, ())
            pictures = self._pictures.get((row, column), ())
            if dense or content or pictures or (r, c) in spans:
                place = self._place(frame, r, c)
                height, width = spans.get((r, c), (1, 1))
                yield Cell(r, c, height, width, _paragraphs(content, pictures, place), place)

    def _place(self, frame: Frame, r: int, c: int) -> Place:
        doubt = self._doubts.get((frame.rows[r], frame.columns[c]))
        place = frame.at(r, c)
        return place if doubt is None else place._replace(doubt=doubt)

    def _simple_cells(self, r: int, contents: Mapping[int, Content], frame: Frame) -> list[Cell]:
        """The cells of a row without merged cells, pictures and doubts, blank ones too."""
        said: Mapping[int, Any] = contents
        if {*map(type, contents.values())} != {str}:
            said = {
                number: content
                if isinstance(content, str)
                else _paragraphs(content, (), frame.at(r, bisect_left(frame.columns, number)))
                for number, content in contents.items()
            }
        return [Cell(r, c, 1, 1, said.get(n, ()), frame) for c, n in enumerate(frame.columns)]


def _is_scientific(content: Content) -> bool:
    if not isinstance(content, str):
        if len(content) != 1 or len(content[0]) != 1:
            return False
        content = content[0][0].text
    return SCIENTIFIC.fullmatch(content) is not None


def _moving(formulas: Mapping[tuple[int, int], str]) -> set[tuple[int, int]]:
    """The formulas that give something else each day, by themselves or through others."""
    moving = {at for at, text in formulas.items() if MOVING.search(text)}
    found = moving
    while found:
        names = {f"{column_letters(column)}{row}" for row, column in found}
        found = {
            at for at, text in formulas.items() if at not in moving and names & _cells_of(text)
        }
        moving |= found
    return moving


def _cells_of(formula: str) -> set[str]:
    """The single cells that a formula names."""
    return {letters + row for letters, row in re.findall(r"\$?([A-Z]{1,3})\$?(\d+)", formula)}


def _with_text(content: Content, text: str) -> Content:
    if isinstance(content, str):
        return f"{content} {text}".strip()
    *lines, last = content or ((),)
    return (*lines, (*last, Run(f" {text}")))


def _paragraphs(
    content: Content, pictures: Iterable[Picture], place: Place
) -> tuple[Paragraph, ...]:
    lines: Lines = ((Run(content),),) if isinstance(content, str) else content
    if not pictures:
        return tuple([Paragraph(line, place) for line in lines])
    first, *rest = lines or ((),)
    head = Paragraph(first, place, "", tuple(pictures))
    return (head, *(Paragraph(line, place) for line in rest))


def _compact(numbers: set[int]) -> list[int]:
    """The numbers from the first to the last; of a wide gap only one is left.

    >>> _compact({2, 4, 5000})
    [2, 3, 4, 5, 5000]
    """
    found: list[int] = []
    for number in sorted(numbers):
        if found:
            gap = range(found[-1] + 1, number)
            found.extend(gap if len(gap) <= WIDEST_GAP else gap[:1])
        found.append(number)
    return found


class Columns(dict[str, int]):
    """The number of a column by its letters."""

    def __missing__(self, letters: str) -> int:
        number = self[letters] = _column_number(letters)
        return number


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or number > 1 << 20:
            raise ValueError(letters)
        number = number * 26 + ord(letter) - 64
    return number


def _read_merges(element: Element) -> list[_Merge]:
    found = []
    for item in element:
        match = re.fullmatch(r"\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)", item.get("ref", ""))
        if match:
            left, right = _column_number(match[1]), _column_number(match[3])
            found.append(_Merge(int(match[2]), left, int(match[4]), right))
    return found


def _anchor(anchor: Element) -> tuple[int, int]:
    """The cell in which a drawing begins; the first cell for one set freely on the page."""
    start = anchor.find(f"{{{SHEET_DRAWING}}}from")
    if start is None:
        return 1, 1
    row = start.findtext(f"{{{SHEET_DRAWING}}}row") or "0"
    column = start.findtext(f"{{{SHEET_DRAWING}}}col") or "0"
    return int(row) + 1, int(column) + 1


def _margin_text(code: str) -> str:
    """Header or footer text without its codes (`&C`, `&"宋体"`, `&P`)."""
    text = re.sub(r'&"[^"]*"|&\d+|&K[0-9A-Fa-f]{6}', "", code)
    return re.sub(r"&[A-Za-z]", " ", text).replace("&&", "&").strip()

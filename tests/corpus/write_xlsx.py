"""Writing a `Doc` as a worksheet, as a person copies a form from Word into a sheet.

openpyxl writes the workbook; what it cannot write, a formula's cached value, is put into the XML
afterwards.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lxml import etree
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from .model import Cell, Doc, Para, Piece, Table

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
THIN = Border(*(Side(style="thin"),) * 4)
NUMERIC = re.compile(r"-?\d{1,9}(\.\d+)?")
NUMBER_KEYS = frozenset(
    [
        "no",
        "age",
        "staff_count",
        "insured_staff_count",
        "qualified_staff_count",
        "registered_capital",
        "total_assets",
        "service_assets",
        "service_income",
        "service_profit",
        "enterprises_served",
        "activities_held",
        "uncontracted_fee",
        "contract_fee",
    ]
)


@dataclass(frozen=True)
class Options:
    """How the sheet is made. `titles`: the title rows are there; `numbers`: numbers are numbers,
    not text; `origin`: row and column where it begins; `split_head`: label and value of the head
    line in cells of their own; `hidden_sheet_rows` come from `Row.hidden`."""

    titles: bool = True
    numbers: bool = True
    origin: tuple[int, int] = (1, 1)
    split_head: bool = False
    sheet_names: tuple[str, ...] = ()


@dataclass
class _Cached:
    """Formulas to which a cached value is added: sheet index → {coordinate: value}."""

    values: dict[int, dict[str, Any]] = field(default_factory=dict)


def write(docs: Sequence[Doc], options: Options | None = None) -> bytes:
    options = options or Options()
    book, cached = Workbook(), _Cached()
    book.remove(book.active)
    for index, doc in enumerate(docs):
        name = (
            options.sheet_names[index] if options.sheet_names else doc.sheet or f"附件{doc.annex}"
        )
        _Sheet(
            book.create_sheet(name[:31]), doc, options, cached.values.setdefault(index, {})
        ).fill()
    book.properties.created = book.properties.modified = datetime(2024, 9, 20, 9)
    out = io.BytesIO()
    book.save(out)
    return _with_cached(out.getvalue(), cached.values)


class _Sheet:
    def __init__(self, sheet: Any, doc: Doc, options: Options, cached: dict[str, Any]) -> None:
        self.sheet, self.doc, self.options, self.cached = sheet, doc, options, cached
        self.row, self.left = options.origin
        self.width = max((len(table.widths) for table in doc.tables), default=8)
        self.units = (
            [max(2.0, width / 95) for width in doc.tables[0].widths] if doc.tables else [12.0] * 8
        )
        self.heights: dict[int, float] = {}
        self.looks: dict[tuple[str, bool, bool], Any] = {}

    def fill(self) -> None:
        for block in self.doc.blocks:
            if isinstance(block, Table):
                self._table(block)
            elif self.options.titles or block.role != "title":
                self._para(block)
        for i, units in enumerate(self.units):
            self.sheet.column_dimensions[get_column_letter(self.left + i)].width = units
        for row, height in self.heights.items():
            self.sheet.row_dimensions[row].height = min(height, 400)
        self.sheet.page_setup.orientation = "landscape" if self.doc.landscape else "portrait"
        self.sheet.page_setup.paperSize = 9
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True

    def _para(self, para: Para) -> None:
        parts: list[list[Piece]] = [[]]
        for piece in para.pieces:
            if piece.role == "gap" or (
                self.options.split_head and parts[-1] and para.role == "head"
            ):
                parts.append([] if piece.role == "gap" else [piece])
            else:
                parts[-1].append(piece)
        parts = [part for part in parts if part] or [[]]
        step = max(1, self.width // len(parts))
        for i, part in enumerate(parts):
            first = self.left + i * step
            last = self.left + self.width - 1 if i == len(parts) - 1 else first + step - 1
            self._put(
                self.row,
                first,
                [Para(part)],
                para.align if para.role == "title" else "left",
                bold=para.role == "title",
            )
            if para.role != "title":
                room = sum(self.units[first - self.left : last - self.left + 1])
                need = _lines("".join(piece.text for piece in part), room) * 15.0 + 4
                self.heights[self.row] = max(self.heights.get(self.row, 18.0), need)
            if last > first:
                self._merge(self.row, first, 1, last - first + 1)
        self.row += 1

    def _table(self, table: Table) -> None:
        """Rows are made high enough to show their text, as a person would before printing."""
        for offset, (row, line) in enumerate(zip(table.rows, table.placed(), strict=True)):
            at = self.row + offset
            for column, cell in line:
                self._cell(at, self.left + column, cell)
                room = sum(self.units[column : column + cell.colspan])
                need = _lines(cell.text, room) * 15.0 + 4
                for down in range(cell.rowspan):
                    self.heights[at + down] = max(
                        self.heights.get(at + down, 18.0), need / cell.rowspan
                    )
            if row.hidden:
                self.sheet.row_dimensions[at].hidden = True
        self.row += len(table.rows)

    def _cell(self, row: int, column: int, cell: Cell) -> None:
        nested = [b for b in cell.blocks if isinstance(b, Table)]
        paras = cell.paras + [p for t in nested for r in t.rows for c in r.cells for p in c.paras]
        align = "left" if any(p.align == "both" for p in paras) else "center"
        for i in range(cell.rowspan):
            for j in range(cell.colspan):
                self._dress(self.sheet.cell(row + i, column + j), align, ruled=True)
        self._put(row, column, paras, align, ruled=True)
        if cell.colspan > 1 or cell.rowspan > 1:
            self._merge(row, column, cell.rowspan, cell.colspan)

    def _merge(self, row: int, column: int, rows: int, columns: int) -> None:
        """As `merge_cells` does, which looks at every border once more; all have theirs already."""
        last = f"{get_column_letter(column + columns - 1)}{row + rows - 1}"
        self.sheet.merged_cells.add(f"{get_column_letter(column)}{row}:{last}")

    def _dress(self, target: Any, align: str, bold: bool = False, ruled: bool = False) -> None:
        """How a cell looks; openpyxl is slow to find a look again, and there are few."""
        look = align, bold, ruled
        if look in self.looks:
            target._style = copy(self.looks[look])
            return
        target.alignment = Alignment(horizontal=align or None, vertical="center", wrap_text=True)
        target.font = Font(name="宋体", size=16 if bold else 10.5, bold=bold)
        if ruled:
            target.border = THIN
        self.looks[look] = copy(target._style)

    def _put(
        self,
        row: int,
        column: int,
        paras: list[Para],
        align: str,
        bold: bool = False,
        ruled: bool = False,
    ) -> None:
        target = self.sheet.cell(row, column)
        self._dress(target, align, bold, ruled)
        content = self._content(
            [piece for para in paras for piece in para.pieces], "\n".join(p.text for p in paras)
        )
        if isinstance(content, tuple):
            formula, self.cached[target.coordinate] = content
            target.value = formula
        elif content not in ("", None):
            target.value = content
            if isinstance(content, date):
                target.number_format = "yyyy/m/d"
            elif isinstance(content, str):
                target.data_type = "s"

    def _content(self, pieces: list[Piece], text: str) -> Any:
        solid = [piece for piece in pieces if piece.text or piece.typed is not None]
        if len(solid) == 1 and solid[0].role == "value":
            piece = solid[0]
            if piece.typed is not None:
                return piece.typed
            key = piece.slot.rsplit("/", 1)[-1]
            if self.options.numbers and key in NUMBER_KEYS and NUMERIC.fullmatch(piece.text):
                return float(piece.text) if "." in piece.text else int(piece.text)
        return text


def _lines(text: str, room: float) -> int:
    """Printed lines of a text in so many units of column width; a Chinese character takes two."""
    return sum(
        max(1, math.ceil(sum(2.2 if ord(c) > 255 else 1.1 for c in line) / max(room - 1, 2)))
        for line in text.split("\n")
    )


def _with_cached(data: bytes, cached: dict[int, dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info in source.infolist():
            content = source.read(info)
            match = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", info.filename)
            if match and cached.get(int(match[1]) - 1):
                content = _cache(content, cached[int(match[1]) - 1])
            if info.filename == "docProps/core.xml":
                content = re.sub(
                    rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2024-09-20T09:00:00Z", content
                )
            target.writestr(
                zipfile.ZipInfo(info.filename, (2024, 9, 20, 9, 0, 0)),
                content,
                zipfile.ZIP_DEFLATED,
            )
    return out.getvalue()


def _cache(xml: bytes, values: dict[str, Any]) -> bytes:
    root = etree.fromstring(xml)
    for cell in root.iter(MAIN + "c"):
        if cell.get("r") in values:
            value = values[cell.get("r")]
            node = cell.find(MAIN + "v")
            if node is None:
                node = etree.SubElement(cell, MAIN + "v")
            node.text = str(value)
            cell.attrib.pop("t", None)
            if isinstance(value, str):
                cell.set("t", "str")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)

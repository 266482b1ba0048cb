"""信息数据库公开部分: the public's extract of the register, as csv, xlsx or html (第十二条).

A cell of the wording sees a `PublicEntry` and nothing else: names of people, contacts of clients
and findings cannot get into it, whatever an official writes into the columns. What a spreadsheet
would take for a formula is made text.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from pipeline.announce.compose import check, in_order
from pipeline.announce.docx_parts import same_bytes
from pipeline.announce.facts import Facts, Institution, refuse
from pipeline.announce.wording import Wording, fill_rows

#: What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
#: A column of the spreadsheet whose wording gives no `width` (characters).
USUAL_WIDTH = 14.0


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """What anybody may know of an institution (requirements R12.1). Dates are ISO."""

    name: str
    former_names: tuple[str, ...]
    uscc: str
    city: str
    county: str
    main_service: str
    valid_from: str
    valid_to: str
    state: str
    state_on: str
    state_article: str
    phone: str
    document_no: str


def export(data: Mapping[str, Any], wording: Wording, file_format: str) -> bytes:
    """The extract; the same data give the same bytes. DataError with every fault."""
    facts = check(data, wording)
    refuse(wording.entry("document"), list(_faults(facts, wording)))
    listed = in_order(facts.institutions, wording.names("cities"))
    entries = [_entry(institution, facts, wording) for institution in listed]
    columns = wording.items("columns", ("title", "cell"))
    heads = [str(column["title"]) for column in columns]
    cells = [str(column["cell"]) for column in columns]
    rows = list(fill_rows(cells, entries, {}, wording.path, "columns"))
    told = {"dated": facts.dated, "count": len(rows)}
    title, note = wording.entry("title"), wording.entry("note", **told)
    if file_format == "html":
        return _html(title, note, heads, rows, wording)
    plain = [[harmless(cell) for cell in row] for row in rows]
    if file_format == "csv":
        return _csv(heads, plain)
    widths = [float(column.get("width", USUAL_WIDTH)) for column in columns]
    return _xlsx(title, heads, widths, plain)


def _faults(facts: Facts, wording: Wording) -> Iterator[str]:
    states, open_ = wording.names("states"), wording.names("open")
    for number, it in enumerate(facts.institutions, 1):
        where = f"institutions 第{number}家（{it.name}）"
        state = it.state or states[0]
        if state not in states:
            yield f"{where}的 state（状态）应是下列之一：{'、'.join(states)}，现为{it.state}"
        elif state not in open_ and not (it.state_on and it.state_article):
            yield f"{where}的状态是{state}，要写明 state_on（状态日期）和 state_article（状态的依据）"
        end = it.valid_to or facts.valid_to
        if state in open_ and end and facts.dated and end < facts.dated:
            yield f"{where}的有效期已于 {end} 届满，state（状态）却是{state}"
        for key in ("valid_from", "valid_to"):
            if getattr(it, key) is None and getattr(facts, key) is None:
                yield f"{where}缺少 {key}（有效期{'起' if key == 'valid_from' else '止'}）"


def _entry(it: Institution, facts: Facts, wording: Wording) -> PublicEntry:
    told = {field.name: getattr(it, field.name) for field in fields(PublicEntry)}
    return PublicEntry(
        **{
            **told,
            "valid_from": str(it.valid_from or facts.valid_from),
            "valid_to": str(it.valid_to or facts.valid_to),
            "state": it.state or wording.names("states")[0],
            "state_on": str(it.state_on or ""),
        }
    )


def harmless(cell: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _csv(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """RFC 4180 in UTF-8, with the mark by which Excel knows it."""
    out = io.StringIO()
    csv.writer(out).writerows([heads, *rows])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(
    title: str, heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]]
) -> bytes:
    """One sheet of texts, its head fixed and filtered; printed as wide as a landscape page."""
    book = Workbook(write_only=True)
    book.properties.title = title
    book.properties.creator = ""
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)
    sheet: Worksheet = book.create_sheet(title[:31])
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(rows) + 1}"
    sheet.append([_cell(sheet, head, bold=True) for head in heads])
    for row in rows:
        sheet.append([_cell(sheet, text) for text in row])
    out = io.BytesIO()
    # Not `book.save`, which stamps the hour.
    ExcelWriter(book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)).save()
    return same_bytes(out.getvalue())


def _cell(sheet: Worksheet, text: str, *, bold: bool = False) -> Any:
    """A cell that is text whatever it looks like."""
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.number_format = "@"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _html(
    title: str, note: str, heads: Sequence[str], rows: Sequence[Sequence[str]], wording: Wording
) -> bytes:
    """A page of its own that can be searched without a network."""
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(wording.path.parent), autoescape=True, undefined=StrictUndefined
    )
    page = environment.get_template("database.html")
    return page.render(title=title, note=note, heads=heads, rows=rows).encode()

"""A form as xlsx: the annex's own template, laid out as a sheet (`xlsx_form`), its holes filled
(`xlsx_sheet`), with what each may hold (`xlsx_rules`) and how it looks (`xlsx_styles`).

The sheet prints as the docx does: same words, same order, same boxes. What is different helps who
fills it in on a screen: labels are protected (without a password) and holes open; heads stand
still; lists, limits and prompts stand beside the cells.

- Numbers are numbers where a spreadsheet keeps them exactly (15 digits), else text.
- Dates are text as printed (2024年9月26日): a real date cannot be a month only, and a cell that
  shows days would turn 2024-09 into the first of it. A date typed in becomes a real one and is
  read as such.
- Codes, phones and names are text, never formulas.
- Boxes stand as printed; the cell also offers the options as a list, and a word chosen from it
  takes the place of the boxes. Either reads back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.annex import Annex
from pipeline.render.layout import Layout, layout
from pipeline.render.package import Shell
from pipeline.render.xlsx_form import Form, form
from pipeline.render.xlsx_sheet import XML_HEAD, SheetXml, sheet
from pipeline.render.xlsx_styles import StyleTable

Json = Any


def render(annex: Annex, data: Mapping[str, Json]) -> bytes:
    """The filled form; `data` has every key of the annex (`Annex.complete`) and fits its schema.

    Raises TemplateError for a broken template and DataError for a text too long for a cell.
    """
    return render_workbook([(annex, data)])


def render_workbook(forms: Sequence[tuple[Annex, Mapping[str, Json]]]) -> bytes:
    """Several annexes as the sheets of one workbook, each named 附件N."""
    annexes = [annex for annex, _ in forms]
    styles, laid = _compiled(annexes)
    sheets = [
        sheet(annex, look, data, active=not number)
        for number, ((annex, data), look) in enumerate(zip(forms, laid, strict=True))
    ]
    return _package(_names(annexes), sheets, styles)


def _names(annexes: Sequence[Annex]) -> list[str]:
    """附件1, 附件3, 附件3(2): a sheet's name stands once in a workbook."""
    names: list[str] = []
    for annex in annexes:
        name, number = f"附件{annex.number}", 2
        while name in names:
            name, number = f"附件{annex.number}({number})", number + 1
        names.append(name)
    return names


# ---------------------------------------------------------------- compiled forms

_Compiled = tuple[str, tuple[Form, ...]]
#: By annexes: what they were compiled from, and the styles.xml and forms that came of it.
_KNOWN: dict[tuple[str, ...], tuple[list[tuple[Annex, Layout]], _Compiled]] = {}


def _compiled(annexes: Sequence[Annex]) -> _Compiled:
    """The forms laid out, with one table of styles; once as long as no template changes."""
    sources = [(annex, layout(annex.template)) for annex in annexes]
    key = tuple(str(annex.template) for annex in annexes)
    known = _KNOWN.get(key)
    if known is not None and all(
        a is b and c is d for (a, c), (b, d) in zip(known[0], sources, strict=True)
    ):
        return known[1]
    styles = StyleTable()
    laid = tuple(form(annex, look, styles) for annex, look in sources)
    compiled = (styles.xml(), laid)
    if len(_KNOWN) >= 64:
        _KNOWN.clear()
    _KNOWN[key] = (sources, compiled)
    return compiled


# ---------------------------------------------------------------- the package

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _package(names: Sequence[str], sheets: Sequence[SheetXml], styles: str) -> bytes:
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": _content_types(numbers),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _workbook(names, sheets),
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *(("worksheet", f"worksheets/sheet{n}.xml") for n in numbers),
                ("styles", "styles.xml"),
            ]
        ),
        "xl/styles.xml": styles,
    }
    written = {
        f"xl/worksheets/sheet{n}.xml": part.xml for n, part in zip(numbers, sheets, strict=True)
    }
    around = {name: (XML_HEAD + xml).encode() for name, xml in parts.items()}
    return Shell.of(()).with_members({**around, **written})


def _content_types(numbers: Sequence[int]) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for n in numbers
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{sheets}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _workbook(names: Sequence[str], sheets: Sequence[SheetXml]) -> str:
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)
    )
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{n}">'
        f"'{name}'!${part.repeated[0]}:${part.repeated[1]}</definedName>"
        for n, (name, part) in enumerate(zip(names, sheets, strict=True))
        if part.repeated
    )
    defined = f"<definedNames>{titles}</definedNames>" if titles else ""
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{listed}</sheets>{defined}</workbook>"
    )

"""Rendering against what people would otherwise use: docxtpl in a loop, docx-mailmerge2,
docxtemplater (Node.js), openpyxl, XlsxWriter; and against the floor, the template's text and its compression alone.

Every contender starts from what a user has (a template on disk, the data as dictionaries) and ends
with the bytes of a file. Ours has its template compiled, as it has from the second form on.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import jinja2
import openpyxl
from docxtpl import DocxTemplate

from bench import node, timing
from pipeline.annex import Annex, catalogue
from pipeline.render import docx, fill, package

Json = Any
Contender = Callable[[], object]

ROWS = 2000
MAIN_PART = "word/document.xml"
ANNEXES = catalogue()


def application() -> dict[str, Json]:
    """Annex 1 filled in as people do, a profile of 500 characters among it."""
    data = ANNEXES["1"].empty()
    for pattern, spec in ANNEXES["1"].fields.items():
        key = pattern.strip("/")
        if spec.kind in ("name", "text") and "/" not in key:
            data[key] = spec.title
    data.update(
        name="湖南某某中小企业服务有限公司", uscc="91430100MA4L16JJ8X", filled_on="2024-09-26",
        staff_count=36, registered_capital=500, total_assets=1234.5, premises=["租用"],
        main_service="技术创新", institution_type="私人企业", profile="面向中小微企业提供服务。" * 42,
    )  # fmt: skip
    return data


def clients() -> dict[str, Json]:
    """Annex 4 with 2,000 enterprises."""
    data = ANNEXES["4"].empty()
    data["organisation"] = "湖南某某中小企业服务有限公司"
    data["clients"] = [
        {
            "no": number, "enterprise": f"长沙市第{number}某某科技有限公司", "industry": "通用设备制造业",
            "service": "数字化诊断与A&B改造", "period": "2023年3月—2023年11月", "by_self": number % 3 > 0,
            "by_partner": number % 3 == 0, "uncontracted_fee": None, "contract_fee": 1.5 + number % 40,
            "contract_term": "一年", "fee_relief": "减免20％", "contact": "张三",
            "contact_phone": f"138{number:08d}",
        }
        for number in range(1, ROWS + 1)
    ]  # fmt: skip
    return data


# ---------------------------------------------------------------- contenders


def ours(annex: Annex, data: Json) -> Contender:
    return lambda: docx.render(annex, data)


def docxtpl_loop(annex: Annex, data: Json) -> Contender:
    """What docxtpl's documentation shows: open, render, save, for each document."""

    def call() -> bytes:
        template = DocxTemplate(str(annex.template))
        template.render({**data, "version_code": ""}, jinja_env=_plain(), autoescape=True)
        out = io.BytesIO()
        template.save(out)
        return out.getvalue()

    return call


def floor(annex: Annex, data: Json) -> Contender:
    """Nothing but jinja, without sandbox and escaping, keys looked up at once, and the deflate of
    what it wrote."""
    with zipfile.ZipFile(annex.template) as archive:
        source = docx._resolved(archive.read(MAIN_PART), annex.template)
    program = _KeysFirst(autoescape=False).with_filters().from_string(source)
    return lambda: package.deflate(program.render(data).encode())


class _Environment(jinja2.Environment):
    def with_filters(self) -> _Environment:
        self.filters.update({k: v for k, v in fill.FILTERS.items() if k}, rows=fill.rows)
        return self


class _KeysFirst(_Environment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        return obj[attribute]


def _plain(*, autoescape: bool = True) -> _Environment:
    return _Environment(autoescape=autoescape).with_filters()


def mailmerge(annex: Annex, data: Json, table: str = "") -> Contender | None:
    """docx-mailmerge2 with the same page, its holes made merge fields; None if it is not here."""
    if importlib.util.find_spec("mailmerge") is None:
        return None
    from mailmerge import MailMerge

    template, fields = _merge_template(annex)
    values = {name: _printed(expression, data) for name, expression in fields.items()}
    columns = {name: text for name, text in fields.items() if text.startswith("c.")}
    rows = [
        {name: _printed(text, {"c": entry}) for name, text in columns.items()}
        for entry in data.get(table, ())
    ]

    def call() -> bytes:
        with MailMerge(io.BytesIO(template)) as document:
            if rows:
                document.merge_rows(next(iter(columns)), rows)
            document.merge(**{k: v for k, v in values.items() if k not in columns})
            out = io.BytesIO()
            document.write(out)
            return out.getvalue()

    return call


_HOLE_RUN = re.compile(
    r"<w:r>(<w:rPr>(?:(?!</w:r>).)*?</w:rPr>)<w:t[^>]*>\{\{ ([^}]*) \}\}</w:t></w:r>"
)
_LOOP_ROW = re.compile(r"<w:tr[ >](?:(?!<w:tr[ >]).)*?\{%tr .*?</w:tr>")


def _merge_template(annex: Annex) -> tuple[bytes, dict[str, str]]:
    """The annex's template with merge fields for tags, and the tag of each field."""
    fields: dict[str, str] = {}

    def field(hole: re.Match[str]) -> str:
        name = f"f{len(fields)}"
        fields[name] = hole[2]
        return (
            f'<w:fldSimple w:instr=" MERGEFIELD {name} "><w:r>{hole[1]}<w:t>«{name}»</w:t></w:r>'
            "</w:fldSimple>"
        )

    made = _with_parts(annex, MAIN_PART, lambda page: _HOLE_RUN.sub(field, _LOOP_ROW.sub("", page)))
    return made, fields


def _with_parts(annex: Annex, parts: str, change: Callable[[str], str]) -> bytes:
    """The annex's template with the parts changed whose names fit the pattern."""
    out = io.BytesIO()
    with zipfile.ZipFile(annex.template) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if re.fullmatch(parts, name):
                content = change(content.decode()).encode()
            target.writestr(name, content)
    return out.getvalue()


_TAG = re.compile(r"\{\{ ([^}]*) \}\}")
_FOR_ROW = re.compile(r"<w:tr[ >](?:(?!<w:tr[ >]).)*?\{%tr for .*?</w:tr>")
_END_ROW = re.compile(r"<w:tr[ >](?:(?!<w:tr[ >]).)*?\{%tr endfor .*?</w:tr>")

_DOCXTEMPLATER = """

const PizZip = require('pizzip');
const Docxtemplater = require('docxtemplater');
function make({template, values}) {
  const content = Buffer.from(template, 'base64');
  return () => {
    const document = new Docxtemplater(new PizZip(content), {paragraphLoop: true, linebreaks: true});
    document.render(values);
    return document.getZip().generate({type: 'nodebuffer', compression: 'DEFLATE'});
  };
}
"""


def docxtemplater(annex: Annex, data: Json, table: str = "") -> Contender | None:
    """docxtemplater with the same page in its own tags; None where there is no Node.js or npm."""
    if not node.ready(("docxtemplater@3.71.0", "pizzip@3.3.0")):
        return None
    names: dict[str, str] = {}

    def tag(hole: re.Match[str]) -> str:
        name = names.setdefault(hole[1], f"f{len(names)}")
        return f"{{{name}}}"

    def retagged(page: str) -> str:
        page = _TAG.sub(tag, _END_ROW.sub("", _FOR_ROW.sub("", page)))
        columns = [name for text, name in names.items() if text.startswith("c.")]
        if columns:
            page = page.replace(f"{{{columns[0]}}}", f"{{#rows}}{{{columns[0]}}}")
            page = page.replace(f"{{{columns[-1]}}}", f"{{{columns[-1]}}}{{/rows}}")
        return page

    template = _with_parts(annex, r"word/(document|footer\d*|header\d*)\.xml", retagged)
    values: Json = {
        n: _printed(text, {**data, "version_code": ""})
        for text, n in names.items()
        if text[:2] != "c."
    }
    values["rows"] = [
        {n: _printed(text, {"c": entry}) for text, n in names.items() if text[:2] == "c."}
        for entry in data.get(table, ())
    ]
    encoded = base64.b64encode(template).decode()
    return node.contender(_DOCXTEMPLATER, template=encoded, values=values)


def _printed(expression: str, data: Json) -> str:
    if expression.startswith("c.") and "c" not in data:
        return ""
    text = _plain(autoescape=False).compile_expression(expression)(**data)
    return "" if text is None else str(text)


# ---------------------------------------------------------------- sheets


def sheet_ours(annex: Annex, data: Json) -> Contender | None:
    if importlib.util.find_spec("pipeline.render.xlsx") is None:
        return None
    from pipeline.render import xlsx

    return lambda: xlsx.render(annex, data)


def openpyxl_fill(annex: Annex, data: Json, table: str) -> Contender | None:
    """The usual script: load the blank workbook, write the cells, save."""
    blank = sheet_ours(annex, annex.empty())
    if blank is None:
        return None
    workbook = blank()
    assert isinstance(workbook, bytes)
    first = _first_free_row(workbook)

    def call() -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(workbook))
        page = book.worksheets[0]
        for row, entry in enumerate(data[table], first):
            for column, value in enumerate(entry.values(), 1):
                page.cell(row, column, value)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return call


def _first_free_row(workbook: bytes) -> int:
    page = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    heads = [cell.row for row in page.iter_rows() for cell in row if cell.value is not None]
    return max(heads, default=0) + 1


def xlsxwriter_rows(data: Json, table: str) -> Contender | None:
    """XlsxWriter with the bare rows: no form, no look, no rules."""
    if importlib.util.find_spec("xlsxwriter") is None:
        return None
    import xlsxwriter

    def call() -> bytes:
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True})
        page = book.add_worksheet()
        for row, entry in enumerate(data[table]):
            page.write_row(row, 0, entry.values())
        book.close()
        return out.getvalue()

    return call


# ---------------------------------------------------------------- the table

OURS = "pipeline"


def compared(title: str, contenders: dict[str, Contender | None], target: str) -> list[list[str]]:
    """A row a contender: its time, and how many times ours it takes."""
    present = {name: call for name, call in contenders.items() if call is not None}
    if OURS not in present:
        return [[title, "还没有", "", target]]
    times = timing.medians(present)
    rows = [[f"**{title}**", "", "", target]]
    for name, seconds in times.items():
        ratio = f"{seconds / times[OURS]:.2f} ×" if name != OURS else "1 ×"
        rows.append([name, timing.milliseconds(seconds), ratio, ""])
    rows += [[name, "没有安装", "", ""] for name, call in contenders.items() if call is None]
    return rows


def main() -> None:
    """Measures, prints the table and writes it into README.md."""
    form, rows = application(), clients()
    first, fourth = ANNEXES["1"], ANNEXES["4"]
    lines = [
        *compared("附件1，docx", {
            OURS: ours(first, form), "下限：jinja 与压缩": floor(first, form),
            "docxtpl，逐份打开、填、存": docxtpl_loop(first, form), "docx-mailmerge2": mailmerge(first, form),
            "docxtemplater（Node.js）": docxtemplater(first, form),
        }, "docxtpl ≥ 50 ×"),
        *compared(f"附件4，{ROWS} 行，docx", {
            OURS: ours(fourth, rows), "下限：jinja 与压缩": floor(fourth, rows),
            "docxtpl，逐份打开、填、存": docxtpl_loop(fourth, rows),
            "docx-mailmerge2": mailmerge(fourth, rows, "clients"),
            "docxtemplater（Node.js）": docxtemplater(fourth, rows, "clients"),
        }, "docxtpl ≥ 25 ×"),
        *compared(f"附件4，{ROWS} 行，xlsx", {
            OURS: sheet_ours(fourth, rows), "openpyxl，打开、填、存": openpyxl_fill(fourth, rows, "clients"),
            "XlsxWriter，只写行": xlsxwriter_rows(rows, "clients"),
        }, "openpyxl ≥ 10 ×"),
    ]  # fmt: skip
    text = timing.table(["", "CPU 时间", "相对", "目标"], lines)
    note = f"同一次运行中轮流测量，CPU 时间，{timing.ROUNDS} 次的中位数；{timing.machine()}。"
    print(text)
    timing.publish("render", f"## 生成表格\n\n{note}\n\n{text}")

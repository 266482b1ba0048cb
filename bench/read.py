"""Reading against what people would otherwise use: python-docx `row.cells`, openpyxl, pdfplumber.

Every contender starts from a file on disk and ends with the text of every cell. Ours also knows
spans, places, looks and what a person would see; the whole reading to checked values is shown too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pdfplumber

from bench import timing
from bench.render import ANNEXES, clients
from pipeline import flow, read
from pipeline.render import docx as docx_form
from pipeline.render import pdf as pdf_form
from pipeline.render import xlsx as xlsx_form

Json = Any

PDF_ROWS = 200  # a ruled PDF of some twenty pages
MANY = 10  # how many times as many rows, for the growth with the rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = [*_docx(Path(folder)), *_xlsx(Path(folder)), *_pdf(Path(folder))]
    text = f"## 读取表格\n\n同一次运行中轮流测量，CPU 时间，{timing.ROUNDS} 次的中位数；{timing.machine()}。\n\n"
    text += timing.table(("", "CPU 时间", "相对", "目标"), rows)
    timing.publish("read", text)
    print(text)


def _docx(folder: Path) -> list[tuple[str, ...]]:
    data = clients()
    path = folder / "a.docx"
    path.write_bytes(docx_form.render(ANNEXES["4"], data))
    many = folder / "many.docx"
    many.write_bytes(docx_form.render(ANNEXES["4"], {**data, "clients": data["clients"] * MANY}))
    return _rows(
        f"附件4，{len(data['clients'])} 行，docx",
        "python-docx ≥ 10 ×",
        {
            "pipeline": lambda: read.read(path),
            "python-docx，row.cells": lambda: _python_docx(path),
            "pipeline，直到核对完的值": lambda: flow.read_file(path),
            f"pipeline，{MANY} 倍的行": lambda: read.read(many),
        },
    )


def _xlsx(folder: Path) -> list[tuple[str, ...]]:
    path = folder / "a.xlsx"
    path.write_bytes(xlsx_form.render(ANNEXES["4"], clients()))
    return _rows(
        "附件4，2000 行，xlsx",
        "openpyxl ≥ 10 ×",
        {
            "pipeline": lambda: read.read(path),
            "openpyxl": lambda: _openpyxl(path),
            "pipeline，直到核对完的值": lambda: flow.read_file(path),
        },
    )


def _pdf(folder: Path) -> list[tuple[str, ...]]:
    data = clients()
    path = folder / "a.pdf"
    path.write_bytes(pdf_form.render(ANNEXES["4"], {**data, "clients": data["clients"][:PDF_ROWS]}))
    return _rows(
        f"附件4，{PDF_ROWS} 行，PDF",
        "pdfplumber ≥ 10 ×",
        {
            "pipeline": lambda: read.read(path),
            "pdfplumber，extract_tables": lambda: _pdfplumber(path),
        },
    )


def _rows(
    title: str, goal: str, contenders: dict[str, Callable[[], object]]
) -> list[tuple[str, ...]]:
    taken = timing.medians(contenders)
    own = taken["pipeline"]
    lines = [
        (name, timing.milliseconds(seconds), f"{seconds / own:.2f} ×", "")
        for name, seconds in taken.items()
    ]
    return [(f"**{title}**", "", "", goal), *lines]


def _python_docx(path: Path) -> list[list[str]]:
    table = docx.Document(str(path)).tables[0]
    return [[cell.text for cell in row.cells] for row in table.rows]


def _openpyxl(path: Path) -> list[tuple[Json, ...]]:
    return list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))


def _pdfplumber(path: Path) -> list[Json]:
    with pdfplumber.open(path) as pdf:
        return [table for page in pdf.pages for table in page.extract_tables()]

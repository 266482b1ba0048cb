"""Reading against what people would otherwise use: python-docx `row.cells`, openpyxl, pdfplumber.

Every contender starts from a file on disk and ends with the text of every cell. Ours also knows
spans, places, looks and what a person would see. The whole reading to checked values, what a user
waits for, is shown too, of files that are new each time: nothing is remembered from the last one.
The floor is what every reader pays that parses the file: the archive opened and lxml's tree.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pdfplumber
from lxml import etree
from pdfminer.pdftypes import resolve1
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import SimpleDocTemplate, Table

from bench import timing
from bench.render import ANNEXES, clients
from pipeline import flow, read
from pipeline.annex import Annex
from pipeline.render import docx as docx_form
from pipeline.render import pdf as pdf_form
from pipeline.render import xlsx as xlsx_form

Json = Any

FONT = Path(__file__).parents[1] / "templates" / "fonts" / "NotoSansSC-Regular.ttf"
PDF_ROWS = 200  # a ruled PDF of some twenty pages
MANY = 10  # how many times as many rows, for the growth with the rows
LONG_ROUNDS = 3  # for the long lists
BEFORE = 2  # `medians` calls everybody so often before it measures


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = [*_docx(Path(folder)), *_xlsx(Path(folder)), *_pdf(Path(folder))]
    text = (
        f"## 读取表格\n\n同一次运行中轮流测量，CPU 时间，{timing.ROUNDS} 次（{MANY} 倍的行 {LONG_ROUNDS} 次）的中位数；"
        f"{timing.machine()}。核对完的值，每次读的都是没有读过的文件。"
        "可填写的 PDF，extract_tables 读不到各栏所填的值，格子是空的；连值带位置一起读的另列一行。\n\n"
    )
    text += timing.table(("", "CPU 时间", "相对", "目标"), rows)
    timing.publish("read", text)
    print(text)


def _docx(folder: Path) -> list[tuple[str, ...]]:
    path, many, new, new_many = _files(folder, "docx", docx_form.render)
    lines = _rows(
        "附件4，2000 行，docx",
        "python-docx ≥ 10 ×",
        {
            "pipeline": lambda: read.read(path),
            "下限：解压与 lxml 解析": lambda: _floor(path, "word/document.xml"),
            "python-docx，row.cells": lambda: _python_docx(path),
            "pipeline，直到核对完的值": lambda: flow.read_file(next(new)),
        },
        {
            f"pipeline，{MANY} 倍的行": lambda: read.read(many),
            f"pipeline，直到核对完的值，{MANY} 倍的行": lambda: flow.read_file(next(new_many)),
        },
    )
    return [*lines, *_memory(many, "word/document.xml")]


def _xlsx(folder: Path) -> list[tuple[str, ...]]:
    path, many, new, new_many = _files(folder, "xlsx", xlsx_form.render)
    lines = _rows(
        "附件4，2000 行，xlsx",
        "openpyxl ≥ 10 ×",
        {
            "pipeline": lambda: read.read(path),
            "下限：解压与 lxml 解析": lambda: _floor(path, "xl/worksheets/sheet1.xml"),
            "openpyxl": lambda: _openpyxl(path),
            "pipeline，直到核对完的值": lambda: flow.read_file(next(new)),
        },
        {
            f"pipeline，{MANY} 倍的行": lambda: read.read(many),
            f"pipeline，直到核对完的值，{MANY} 倍的行": lambda: flow.read_file(next(new_many)),
        },
    )
    return [*lines, *_memory(many, "xl/worksheets/sheet1.xml")]


def _files(
    folder: Path, suffix: str, render: Callable[[Annex, Json], bytes]
) -> tuple[Path, Path, Iterator[Path], Iterator[Path]]:
    """A list, one of many times its rows, and of both as many others as are read."""

    def made(number: int, times: int) -> Path:
        path = folder / f"{number}-{times}.{suffix}"
        if not path.exists():
            path.write_bytes(render(ANNEXES["4"], _list(number, times)))
        return path

    few = [made(number, 1) for number in range(timing.ROUNDS + BEFORE)]
    many = [made(number, MANY) for number in range(LONG_ROUNDS + BEFORE)]
    return few[0], many[0], itertools.cycle(few), itertools.cycle(many)


def _list(number: int, times: int) -> Json:
    """Clients whose names, telephones and fees are those of no other list."""
    data = clients()
    one = data["clients"]
    data["clients"] = [
        {
            **client,
            "no": index + 1,
            "enterprise": f"长沙市雨花区{number}街{index}号科技有限公司",
            "contact_phone": str(13_000_000_000 + number * 10_000_000 + index),
            "contract_fee": (number * 100_000 + index) / 100,
        }
        for index, client in enumerate(one * times)
    ]
    return data


def _pdf(folder: Path) -> list[tuple[str, ...]]:
    data = clients()
    rows = data["clients"][:PDF_ROWS]
    form, printed = folder / "form.pdf", folder / "printed.pdf"
    form.write_bytes(pdf_form.render(ANNEXES["4"], {**data, "clients": rows}))
    _print(printed, rows)
    lines: list[tuple[str, ...]] = []
    for title, path in (("可填写的 PDF", form), ("打印的 PDF", printed)):
        contenders: dict[str, Callable[[], object]] = {
            "pipeline": partial(read.read, path),
            "pdfplumber，extract_tables": partial(_pdfplumber, path),
        }
        if path is form:
            contenders["pdfplumber，另读各栏所填的值"] = partial(_pdfplumber_filled, path)
        lines += _rows(f"附件4，{PDF_ROWS} 行，{title}", "pdfplumber ≥ 10 ×", contenders)
    return lines


def _print(path: Path, rows: Json) -> None:
    """A ruled table as people print it, without fields."""
    pdfmetrics.registerFont(TTFont("Sans", str(FONT)))
    cells = [[str(value) for value in row.values()] for row in rows]
    rules = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONT", (0, 0), (-1, -1), "Sans", 6)]
    table = Table([list(rows[0]), *cells], repeatRows=1, style=rules)
    SimpleDocTemplate(str(path), pagesize=landscape(A4), leftMargin=20, rightMargin=20).build(
        [table]
    )


def _rows(
    title: str,
    goal: str,
    contenders: dict[str, Callable[[], object]],
    long: dict[str, Callable[[], object]] | None = None,
) -> list[tuple[str, ...]]:
    taken = timing.medians(contenders) | timing.medians(long or {}, LONG_ROUNDS)
    own = taken["pipeline"]
    lines = [
        (name, timing.milliseconds(seconds), f"{seconds / own:.2f} ×", "")
        for name, seconds in taken.items()
    ]
    return [(f"**{title}**", "", "", goal), *lines]


def _floor(path: Path, part: str) -> object:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(part), etree.XMLParser(huge_tree=True))


#: Prints the most memory, in kB, that a process has held since it began (Linux; `getrusage` would
#: count what its parent held before).
_PEAK = "; print(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1])"


def _memory(path: Path, part: str) -> list[tuple[str, ...]]:
    """The most memory that a process holds which reads the long list, and one that parses it."""
    works = {
        f"pipeline，{MANY} 倍的行，内存峰值": f"from pipeline import read; from pathlib import Path; read.read(Path({str(path)!r}))",
        f"下限，{MANY} 倍的行，内存峰值": f"from bench.read import _floor, Path; _floor(Path({str(path)!r}), {part!r})",
    }  # fmt: skip
    taken = {
        name: subprocess.run(
            [sys.executable, "-c", work + _PEAK], check=True, capture_output=True, text=True
        ).stdout.strip()
        for name, work in works.items()
    }
    return [(name, f"{int(peak) >> 10} MB", "", "") for name, peak in taken.items()]


def _python_docx(path: Path) -> list[list[str]]:
    table = docx.Document(str(path)).tables[0]
    return [[cell.text for cell in row.cells] for row in table.rows]


def _openpyxl(path: Path) -> list[tuple[Json, ...]]:
    return list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))


def _pdfplumber(path: Path) -> list[Json]:
    with pdfplumber.open(path) as pdf:
        return [table for page in pdf.pages for table in page.extract_tables()]


def _pdfplumber_filled(path: Path) -> list[Json]:
    """The same with what is filled in, and where it stands: of fields the tables say nothing."""
    with pdfplumber.open(path) as pdf:
        return [(page.extract_tables(), [_filled(a) for a in page.annots]) for page in pdf.pages]


def _filled(annotation: Json) -> tuple[Json, ...]:
    place = (annotation[side] for side in ("x0", "top", "x1", "bottom"))
    return (*place, resolve1(annotation["data"].get("V")))

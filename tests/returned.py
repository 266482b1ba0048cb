"""What the tests of returned documents share: plain documents, and what was read of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx

from pipeline.flow import read_file

Rows = Sequence[Sequence[str]]

STAFF_HEAD = ("序号", "姓名", "年龄", "职务", "学历", "职称", "社保证明")
STAFF = [
    (str(n), f"王{name}", "35", "咨询师", "本科", "经济师", "有")
    for n, name in enumerate("甲乙丙丁戊己", start=1)
]


def write_docx(path: Path, *blocks: str | Rows) -> Path:
    """Paragraphs, and tables of plain cells."""
    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(len(block), len(block[0]))
        for row, texts in zip(table.rows, block, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    document.save(str(path))
    return path


def one(path: Path, annex: str) -> dict[str, Any]:
    """The only document of a file, which is of this annex."""
    readings = read_file(path)
    assert [reading["annex"] for reading in readings] == [annex]
    return readings[0]


def pointed(reading: dict[str, Any]) -> set[str]:
    """Where something is doubted or wrong."""
    return {i["pointer"] for i in reading["issues"] if i["severity"] in ("error", "warning")}

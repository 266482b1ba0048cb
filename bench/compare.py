"""Reading tables beside docling, markitdown, camelot, img2table, python-docx, openpyxl, pdfplumber.

The documents are those of the corpus (`tests/corpus`), whose model says what stands in which cell. Every
tool gives its tables as rows of texts, and is measured alike: a cell that holds a value is right where
the row of the output that is most like its row has that text (white space apart) between its
neighbours, and in lists in the column in which that column's other values are. What it is called,
whether it is a date or an amount, nobody is asked: that is what the rest of our program is for.

The others live in an environment of their own, made when it is first needed (`build/compare`).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import timing
from tests.corpus.case import Case
from tests.corpus.habits import HABITS
from tests.corpus.model import Cell
from tests.corpus.score import print_pdf

ROOT = Path(__file__).parent.parent
HOME = ROOT / "build" / "compare"
WORKER = Path(__file__).with_name("compare_tools.py")

#: What is installed for each tool; None: it is among our own dependencies.
PACKAGES: dict[str, list[str] | None] = {
    "pipeline": None,
    "python_docx": None,
    "openpyxl": None,
    "pdfplumber": None,
    "markitdown": ["markitdown[docx,xlsx,pdf]"],
    "docling": ["docling-slim[format-docx,format-xlsx,convert-core]"],
    "camelot": ["camelot-py"],
    "img2table": ["img2table", "pandas"],
}
TITLES = {
    "python_docx": "python-docx",
    "camelot": "camelot（lattice）",
    "docling": "docling（不用模型）",
}
TOOLS = {
    "docx": ("pipeline", "python_docx", "markitdown", "docling"),
    "xlsx": ("pipeline", "openpyxl", "markitdown", "docling"),
    "pdf": ("pipeline", "pdfplumber", "markitdown", "camelot", "img2table"),
}
#: How people leave the forms: one document of each annex with a table.
WAYS = (
    "clean-word", "clean-wps", "clean-libreoffice", "cells-shifted-widths", "rows-many", "runs-split",
    "content-controls", "tracked-insertions", "tracked-rows", "heads-in-table", "tick-symbols", "header-and-footer",
)  # fmt: skip
LISTS = ("3", "4", "6")
ANNEXES = ("1", *LISTS)
#: From so many alike rows on the column counts.
ROWS_OF_A_LIST = 4

Rows = list[list[str]]


def main() -> None:
    parts = [_format(form) for form in TOOLS if form != "pdf" or shutil.which("soffice")]
    text = "\n\n".join(
        [
            _head(),
            timing.table(("", "格子读对", "每份 CPU 时间", "相对"), [r for p in parts for r in p]),
        ]
    )
    timing.publish("compare", text)
    print(text)


def _head() -> str:
    return (
        "## 读表：与其他工具相比\n\n"
        f"语料（`tests/corpus`）里附件1、3、4、6 的文件，按 {len(WAYS)} 种填写习惯各一份；{timing.machine()}。"
        "格子读对：有填写内容的格子，其文字出现在对应的行、左右邻格之间（清单还要在对应的列）。"
        "pipeline 一行只是读成格子的一步；CPU 时间是一次运行的平均，含各自的全部进程，先热身一份。\n\n"
        "docling 的 PDF 流程要从网上取版面和表格模型，这里取不到，没有测；它读 docx、xlsx 不用模型。"
        "camelot 用 lattice，img2table 用 PDF 自带的文字，不做识别。没有装上的工具如实写明。"
    )


# ---------------------------------------------------------------- documents and their truths


@dataclass(frozen=True)
class Truth:
    """A cell as it was written: its row, its grid column, what may be read there, whether it holds a
    value."""

    column: int
    accepted: frozenset[str]
    is_value: bool


def cases(form: str) -> Iterator[tuple[str, Case]]:
    source = "docx" if form == "pdf" else form
    for name in WAYS:
        if source not in HABITS[name].forms:
            continue
        seen: set[str] = set()
        for annex, _, case in HABITS[name].cases(source, 1):
            if annex in ANNEXES and annex not in seen and len(case.docs) == 1:
                seen.add(annex)
                yield f"{name}-{annex}.{source}", case


def truths(case: Case) -> Iterator[list[list[Truth]]]:
    """The tables of a document, row by row."""
    for table in case.doc.tables:
        yield [
            [_truth(column, cell) for column, cell in placed]
            for row, placed in zip(table.rows, table.placed(), strict=True)
            if row.tracked != "del"
        ]


def _truth(column: int, cell: Cell) -> Truth:
    pieces = [
        piece
        for para in cell.paras
        for piece in para.pieces
        if "del" not in piece.wrap and "moveFrom" not in piece.wrap
    ]
    shown = ["".join(piece.text for piece in pieces)]
    shown += [_typed(piece.typed) for piece in pieces if piece.typed is not None]
    value = any(piece.role == "value" and piece.text.strip() for piece in pieces)
    return Truth(column, frozenset(map(plain, shown)), value and bool(plain(shown[0])))


def _typed(value: Any) -> str:
    return value.isoformat()[:10] if hasattr(value, "isoformat") else str(value)


def plain(text: str) -> str:
    """Without white space and without the kind of a box or of a number."""
    text = re.sub(r"\s", "", text)
    text = re.sub("[☑☒■●√✓✔]", "√", re.sub("[□☐○]", "□", text))
    return re.sub(r"(?<=\d)\.0+$", "", text)


# ---------------------------------------------------------------- the measure


def right(table: Sequence[Sequence[Truth]], output: Rows, *, is_list: bool) -> int:
    """How many of a table's values stand where they should in the rows of an output."""
    found: list[tuple[Truth, int]] = []
    at = 0
    for row in table:
        best, hits, after = -1, [], at
        for number in range(at, min(at + 60, len(output))):
            mine = _common(row, output[number])
            if len(mine) > max(best, 0):
                best, hits, after = len(mine), mine, number + 1
        if best > 0:
            at = after
            found += hits
    if not is_list:
        return sum(truth.is_value for truth, _ in found)
    usual = _usual_columns(found)
    return sum(
        truth.is_value and usual.get(truth.column, column) == column for truth, column in found
    )


def _usual_columns(found: Sequence[tuple[Truth, int]]) -> dict[int, int]:
    votes: dict[int, Counter[int]] = {}
    for truth, column in found:
        if truth.is_value:
            votes.setdefault(truth.column, Counter())[column] += 1
    return {
        column: counter.most_common(1)[0][0]
        for column, counter in votes.items()
        if counter.total() >= ROWS_OF_A_LIST
    }


def _common(row: Sequence[Truth], output: Sequence[str]) -> list[tuple[Truth, int]]:
    """The longest common run of cells, in order, with the column of each in the output."""
    wanted = [truth for truth in row if any(truth.accepted - {""})]
    cells = [(plain(cell), column) for column, cell in enumerate(output) if plain(cell)]
    best: list[list[list[tuple[Truth, int]]]] = [[[]] * (len(cells) + 1)]
    for truth in wanted:
        above, line = best[-1], [[]]  # type: ignore[var-annotated]
        for number, (text, column) in enumerate(cells, 1):
            choices = [above[number], line[number - 1]]
            if text in truth.accepted:
                choices.append([*above[number - 1], (truth, column)])
            line.append(max(choices, key=len))
        best.append(line)
    return best[-1][-1]


# ---------------------------------------------------------------- running


def _format(form: str) -> list[tuple[str, ...]]:
    with tempfile.TemporaryDirectory(prefix="compare-") as name:
        folder = Path(name)
        given = list(cases(form))
        for file, case in given:
            (folder / file).write_bytes(case.bytes())
        if form == "pdf":
            print_pdf([folder / file for file, _ in given])
        files = [str(Path(file).with_suffix(f".{form}")) for file, _ in given]
        (folder / "files.json").write_text(json.dumps(files, ensure_ascii=False), "utf-8")
        results = {tool: _run(tool, folder) for tool in TOOLS[form]}
    wanted = [list(truths(case)) for _, case in given]
    total = sum(t.is_value for tables in wanted for table in tables for row in table for t in row)
    own = results["pipeline"]
    assert own is not None, "our own reader does not run"
    rows = [_row(tool, answer, own, given, wanted, total) for tool, answer in results.items()]
    return [(f"**{form}，{len(files)} 份，{total:,} 格**", "", "", ""), *rows]


def _row(
    tool: str, answer: Mapping[str, Any] | None, own: Mapping[str, Any],
    given: Sequence[tuple[str, Case]], wanted: Sequence[list[list[list[Truth]]]], total: int,
) -> tuple[str, ...]:  # fmt: skip
    title = TITLES.get(tool, tool)
    if answer is None:
        return title, "没有装上", "", ""
    hits = 0
    for (_, case), tables, output in zip(given, wanted, answer["tables"], strict=True):
        rows = [row for table in output or () for row in table]
        for table in tables:
            hits += right(table, rows, is_list=case.doc.annex in LISTS)
    each = answer["seconds"] / len(given)
    return (
        title,
        f"{hits / total:.1%}",
        timing.milliseconds(each),
        f"{answer['seconds'] / own['seconds']:.1f} ×",
    )


def _run(tool: str, folder: Path) -> Mapping[str, Any] | None:
    """The answer of a tool; None where it cannot be installed."""
    python = _python(tool)
    if python is None:
        return None
    done = subprocess.run(
        [str(python), str(WORKER), tool, str(folder)], capture_output=True, text=True, check=False,
        cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    if done.returncode:
        print(f"{tool}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer


def _python(tool: str) -> Path | None:
    """The interpreter that has the tool; it is installed where it is not yet."""
    packages = PACKAGES[tool]
    if packages is None:
        return Path(sys.executable)
    home = HOME / tool
    python, ready = home / "bin" / "python", home / "ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *packages], check=False
        )
        if done.returncode:
            return None
        ready.touch()
    return python

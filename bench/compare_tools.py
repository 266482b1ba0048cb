"""One tool over many files, in a process of its own: `python compare_tools.py TOOL FOLDER`.

FOLDER holds the files and `files.json`, a list of their names; the answer, one JSON object, goes to
standard output: `seconds` (CPU, of all files together, the first one read once before as a warm-up) and
`tables`: for each file its tables, each a list of rows, each a list of cell texts, or null where the
tool raised. It runs in another environment than ours and imports nothing of us but for `pipeline`.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib
import io
import json
import resource
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Table = list[list[str]]


def pipeline(path: Path) -> list[Table]:
    """What our reader passes on: grids, a merged cell in each slot that it covers."""
    from pipeline import read

    def text(cell: Any) -> str:
        return cell.text if cell else ""

    return [
        [[text(grid.at(row, column)) for column in range(grid.columns)] for row in range(grid.rows)]
        for document in read.read(path)
        for grid in document.grids
    ]


def python_docx(path: Path) -> list[Table]:
    import docx

    tables = docx.Document(str(path)).tables
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in tables]


def openpyxl(path: Path) -> list[Table]:
    module = importlib.import_module("openpyxl")
    book = module.load_workbook(path, data_only=True)
    return [[[_shown(value) for value in row] for row in sheet.values] for sheet in book.worksheets]


def _shown(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return "" if value is None else str(value)


def pdfplumber(path: Path) -> list[Table]:
    module = importlib.import_module("pdfplumber")
    with module.open(path) as pdf:
        tables = [table for page in pdf.pages for table in page.extract_tables()]
    return [[[cell or "" for cell in row] for row in table] for table in tables]


def markitdown(path: Path) -> list[Table]:
    """The tables of the Markdown it writes."""
    module = importlib.import_module("markitdown")
    tables: list[Table] = [[]]
    for line in module.MarkItDown().convert(str(path)).text_content.splitlines():
        if line.lstrip().startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not all(set(cell) <= set("-: ") for cell in cells):
                tables[-1].append(["" if cell == "NaN" else cell for cell in cells])
        elif tables[-1] and line.strip():
            tables.append([])
    return tables


def docling(path: Path) -> list[Table]:
    """By the readers of office files, which need no model and no torch."""
    from docling.backend import msexcel_backend, msword_backend
    from docling.datamodel.base_models import InputFormat
    from docling.datamodel.document import InputDocument

    form, backend = {
        ".docx": (InputFormat.DOCX, msword_backend.MsWordDocumentBackend),
        ".xlsx": (InputFormat.XLSX, msexcel_backend.MsExcelDocumentBackend),
    }[path.suffix]
    given = InputDocument(path_or_stream=path, format=form, backend=backend, filename=path.name)
    tables = given._backend.convert().tables
    return [[[cell.text for cell in row] for row in table.data.grid] for table in tables]


def camelot(path: Path) -> list[Table]:
    module = importlib.import_module("camelot")
    tables = module.read_pdf(str(path), pages="all", flavor="lattice")
    return [[[str(c) for c in row] for row in t.df.values.tolist()] for t in tables]


def img2table(path: Path) -> list[Table]:
    """On the text that the PDF holds, without recognition."""
    module = importlib.import_module("img2table.document")
    pages = module.PDF(str(path), pdf_text_extraction=True).extract_tables(implicit_rows=False)
    return [
        [[c if isinstance(c, str) else "" for c in row] for row in table.df.values.tolist()]
        for tables in pages.values()
        for table in tables
    ]


TOOLS: dict[str, Callable[[Path], list[Table]]] = {
    tool.__name__: tool
    for tool in (
        pipeline, python_docx, openpyxl, pdfplumber, markitdown, docling, camelot, img2table,
    )
}  # fmt: skip


def run(tool: Callable[[Path], list[Table]], files: Iterable[Path]) -> dict[str, Any]:
    paths = list(files)
    _tables(tool, paths[0])
    before = _cpu()
    tables = [_tables(tool, path) for path in paths]
    return {"seconds": _cpu() - before, "tables": tables}


def _tables(tool: Callable[[Path], list[Table]], path: Path) -> list[Table] | None:
    try:
        return tool(path)
    except ImportError:
        raise
    except Exception:  # noqa: BLE001 - that a tool does not get through is a result
        return None


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in used)


def main(name: str, folder: Path) -> None:
    warnings.simplefilter("ignore")
    names = json.loads((folder / "files.json").read_text("utf-8"))
    with contextlib.redirect_stdout(io.StringIO()):  # some tools print
        answer = run(TOOLS[name], [folder / name for name in names])
    json.dump(answer, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

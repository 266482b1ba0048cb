"""A file inside a Word document (`w:altChunk`): programs that put forms together leave the parts so,
as docx, web page, RTF or text, and Word shows their content as its own."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.document import Block, Cell, Document, Paragraph, Place
from pipeline.errors import PipelineError

#: Within a file that is inside another: what is put into that one is not read.
_inside: ContextVar[bool] = ContextVar("inside", default=False)

#: A file inside may have this many bytes, and a document this many files inside.
_LARGEST = 16 << 20
MOST = 20


def read(data: bytes, name: str) -> Sequence[Document]:
    """What an embedded file says; nothing where it is not read. `name`: of the file that holds it."""
    if _inside.get() or len(data) > _LARGEST:
        return []
    reader: Any = importlib.import_module("pipeline.read")  # which knows this module, too
    token = _inside.set(True)
    try:
        with tempfile.TemporaryDirectory(prefix="pipeline-embedded-") as folder:
            path = Path(folder) / "embedded"
            path.write_bytes(data)
            found: list[Document] = reader.read(path, name)
            return found
    except PipelineError:
        return []
    finally:
        _inside.reset(token)


def moved(block: Block, place: Place) -> Block:
    """A block that stands at this place, since its own is one of another file."""
    if isinstance(block, Paragraph):
        return replace(block, place=place)
    cells = tuple(
        Cell(
            cell.row, cell.column, cell.rowspan, cell.colspan,
            tuple(replace(paragraph, place=place) for paragraph in cell.paragraphs),
            place._replace(doubt=cell.place.doubt),
        )
        for cell in block.cells
    )  # fmt: skip
    return replace(block, cells=cells, place=place)

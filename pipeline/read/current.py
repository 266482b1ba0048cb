"""The file as one of the formats of today (docx, xlsx, pdf), with its places where reading found
them: for whoever gives it back with something written on it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Literal, cast

from pipeline.document import Source
from pipeline.errors import UnsupportedError
from pipeline.read import READERS

Current = Literal["docx", "xlsx", "pdf"]


def current(path: Path, source: Source, folder: Path) -> tuple[Path, Current]:
    """The file itself, or what it is turned into, under `folder`; and the format.

    Raises UnsupportedError for what has no such form (csv), and what the turning raises.
    """
    if source.format in ("docx", "xlsx", "pdf"):
        return path, cast(Current, source.format)
    if READERS.get(source.format) == "legacy":
        turned = importlib.import_module("pipeline.read.legacy").turned(path, source, folder)
        return cast(tuple[Path, Current], turned)
    if source.format == "image":
        return importlib.import_module("pipeline.read.scan").as_pdf(path, source, folder), "pdf"
    raise UnsupportedError(f"“{source.file}”是 {source.format} 格式，不能在其上加标注。")

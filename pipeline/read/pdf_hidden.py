"""Streams of a PDF whose filters cannot be told by looking at the bytes of the file: it is encrypted,
or its dictionaries are written in an unusual way. They are read as the library takes them apart."""

from __future__ import annotations

from pathlib import Path

import pikepdf

from pipeline.read.pdf_bounds import PICTURE, bound_of, measure, unsafe

#: What a broken or locked file makes the library throw.
NOT_OPENED = (
    pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, AttributeError, RecursionError,
)  # fmt: skip


def refuse_hidden(path: Path, name: str) -> None:
    """Raises UnsafeError. What cannot be opened here is left to PDFium."""
    try:
        with pikepdf.open(path) as pdf:
            for one in pdf.objects:
                if isinstance(one, pikepdf.Stream):
                    _look_at(one, name)
    except NOT_OPENED:
        return


def _look_at(stream: pikepdf.Stream, name: str) -> None:
    given = stream.get("/Filter", pikepdf.Array())
    filters = [given] if isinstance(given, pikepdf.Name) else list(given)
    spelt = " ".join([*stream.keys(), "/Subtype", str(stream.get("/Subtype", "/None"))])
    bound = bound_of(spelt.encode())
    head = b"/Filter[%s]" % b"".join(str(one).encode() for one in filters)
    size = measure(stream.read_raw_bytes(), head, bound).size
    if size > bound and bound != PICTURE:
        raise unsafe(name, "其中有内容解压后过大")

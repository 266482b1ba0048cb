"""Streams of a PDF whose filters cannot be told by looking at the bytes of the file: it is encrypted,
or its dictionaries are written in an unusual way. They are read as the library takes them apart."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pikepdf

from pipeline.read.pdf_bounds import PICTURE, bound_of, measure, picture_room, unsafe

#: What a broken or locked file makes the library throw.
NOT_OPENED = (
    pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, AttributeError, RecursionError,
)  # fmt: skip


def refuse_hidden(path: Path, name: str) -> None:
    """Raises UnsafeError. What cannot be opened here is left to PDFium; one odd stream hides none of
    the others."""
    with suppress(*NOT_OPENED), pikepdf.open(path) as pdf:
        for one in pdf.objects:
            if isinstance(one, pikepdf.Stream):
                with suppress(*NOT_OPENED):
                    _look_at(one, name)


def _look_at(stream: pikepdf.Stream, name: str) -> None:
    head = _head_of(stream)
    bound = bound_of(head)
    size = measure(stream.read_raw_bytes(), head, bound).size
    if size > (picture_room(head) if bound == PICTURE else bound):
        raise unsafe(name, "其中有内容解压后过大")


def _head_of(stream: pikepdf.Stream) -> bytes:
    """The dictionary of a stream as `pdf_bounds` looks at it: what it says of filters, kind and
    sides, spelt as usual."""
    given = stream.get("/Filter", pikepdf.Array())
    filters = [given] if isinstance(given, pikepdf.Name) else list(given)
    keys = [key for key in stream if key not in ("/Filter", "/Subtype", "/Width", "/Height")]
    words = [*keys, "/Subtype", stream.get("/Subtype", "/None")]
    for side in ("/Width", "/Height"):
        words += [side, stream.get(side, "")]
    return b"/Filter[%s] %s" % (
        "".join(map(str, filters)).encode(),
        " ".join(map(str, words)).encode(),
    )

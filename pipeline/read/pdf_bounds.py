"""What a PDF would ask of PDFium, looked at before PDFium sees it: it knows no bounds of its own.

Streams that inflate beyond measure (a flate bomb of 7 KB asks for a gigabyte), and forms that draw
forms that draw forms (eight levels of ten each are a hundred million drawings, 2 KB). By the way it
is seen whether the file is whole: PDFium shows what is left of a damaged stream and says nothing.
"""

from __future__ import annotations

import importlib
import mmap
import re
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from isal import isal_zlib

from pipeline.errors import UnsafeError
from pipeline.read.pdf_filters import CHUNK, FLATE, TooMuchError, filters_of, undone
from pipeline.read.pdf_whole import EOF, is_cut, is_displaced

#: Inflated bytes of one stream of drawing instructions or objects; of a font; of all together.
#: Pictures are bounded by their pixels. A densely drawn plan has 10 MB, a whole Chinese font 20.
STREAM = 32 << 20
FONT = 96 << 20
ALL = 1 << 30
#: How far a picture is looked at, to see whether it is whole: A3 in colour at 300 dpi is 52 MB.
PICTURE = 64 << 20
#: The word comes first: it is what can be looked for quickly.
_STREAM = re.compile(rb"stream(?<!endstream)[ \t]{0,9}(?:\r?\n|\r)")
DRAW = re.compile(rb"/([^\s/\[\]<>()]+)\s+Do\b")
_FONT = re.compile(rb"/(?:Length1|Type1C|CIDFontType0C|OpenType)\b")
_LARGE = re.compile(rb"/(?:Image|Length1|Type1C|CIDFontType0C|OpenType)\b")
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
_LATE = re.compile(rb"/EarlyChange\s+0\b")
_SIDES = re.compile(rb"/(?:Width|W|Height|H)\s+(\d{1,6})(?!\d|\s+\d+\s+R)")
#: What a picture may have beyond its pixels: a table of colours, what some writers leave behind it.
_ROOM = 1 << 20
_LENGTH = re.compile(rb"/Length\s+(\d{1,12})(?!\d|\s+\d+\s+R)")
_ENDSTREAM = b"endstream"
_ENDS = re.compile(rb"[\r\n]*" + _ENDSTREAM)
#: Nobody writes so many zeros between objects; a disk or a line that failed does.
_HOLE = bytes(32)
_FORM = re.compile(rb"/Subtype\s*/Form\b")
#: The longest dictionary before a stream that is looked at, bytes.
_DICTIONARY = 4096
#: Up to so many bytes a stream is inflated in one go.
_AT_ONCE = 8 << 20
_NOT_WHOLE: Any = isal_zlib.error  # its own types call the class an instance
#: How far a stream is followed that does not end where it should, packed bytes.
_BEYOND = 4 << 20


def refuse_bombs(path: Path, name: str) -> bool:
    """Whether the file is damaged: its end is missing, or a stream does not inflate to its end.

    Raises UnsafeError for a file that asks for more than any honest page.
    """
    if path.stat().st_size == 0:
        return True
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        nested, broken, hidden = _look_at_streams(data, name)
        broken = broken or is_displaced(data)
        cut = is_cut(data)
        sealed = data.find(b"/Encrypt") >= 0  # then its inside cannot be judged from outside
    # Seldom, and the library takes longer to load than most files to read.
    if hidden or sealed:
        importlib.import_module("pipeline.read.pdf_hidden").refuse_hidden(path, name)
    if nested:
        importlib.import_module("pipeline.read.pdf_draws").refuse_endless(path, name)
    return cut or (broken and not sealed)


def _look_at_streams(data: mmap.mmap, name: str) -> tuple[bool, bool, bool]:
    """Bounds the streams; whether some form draws others, whether some stream is broken, and whether
    some stream's filters could not be told."""
    total, nested, broken, hidden, last = 0, False, False, False, 0
    for found in _STREAM.finditer(data):
        word, at = found.span()
        broken = broken or data.find(_HOLE, last, word) >= 0
        begins = data.rfind(b" obj", max(0, word - _DICTIONARY), word) + 1
        head = data[begins or max(0, word - _DICTIONARY) : word]
        last = _end(data, at, head)
        bound = bound_of(head)
        stream = measure(data[at:last], head, bound)
        if stream.broken:  # it may go on behind an `endstream` that is none
            broken = True
            stream = measure(data[at : at + _BEYOND], head, bound)
        hidden = hidden or stream.hidden or not begins
        if bound == PICTURE:
            if stream.size > picture_room(head):
                raise unsafe(name, "其中有图片解压后大于它的尺寸")
            continue
        total += stream.size
        if stream.size > bound or total > ALL:
            raise unsafe(name, "其中有内容解压后过大")
        nested = nested or bool(
            b"Do" in stream.first and _FORM.search(head) and DRAW.search(stream.first)
        )
    broken = broken or data.find(_HOLE, last, max(data.rfind(EOF), 0)) >= 0
    return nested, broken, hidden


def bound_of(head: bytes) -> int:
    """To how many bytes a stream with this dictionary may inflate."""
    if not _LARGE.search(head):
        return STREAM
    if _IMAGE.search(head):
        return PICTURE
    return FONT if _FONT.search(head) else STREAM


def picture_room(head: bytes) -> int:
    """How many bytes a picture with this dictionary may have: what its pixels need where it says how
    many they are."""
    sides = [int(side) for side in _SIDES.findall(head)[:2]]
    return 8 * sides[0] * sides[1] + _ROOM if len(sides) == 2 else PICTURE


class Measured(NamedTuple):
    """How many bytes a stream inflates to (a little over the bound means more), the first of them,
    whether it broke off before its end, and whether its filters could not be told."""

    size: int
    first: bytes
    broken: bool = False
    hidden: bool = False


def measure(packed: bytes, head: bytes, bound: int) -> Measured:
    """What a stream with this dictionary inflates to."""
    filters = filters_of(head)
    if filters is None:
        return Measured(0, b"", hidden=True)
    if not filters or not packed:
        return Measured(0, packed[:CHUNK], hidden=_looks_flate(packed[:2]))
    if filters == FLATE and (whole := _at_once(packed)) is not None:
        return Measured(len(whole), whole[:CHUNK])
    size, first = 0, b""
    try:
        early, long = not _LATE.search(head), bound == PICTURE
        for piece in undone(packed, filters, bound, early=early, long=long):
            size += len(piece)
            first = first or piece
    except TooMuchError:
        return Measured(bound + 1, first)
    except zlib.error:
        return Measured(size, first, broken=filters == FLATE)
    return Measured(size, first)


def _looks_flate(start: bytes) -> bool:
    """Whether bytes begin as a flate stream does (RFC 1950, 2.2)."""
    return len(start) == 2 and start[0] & 0x8F == 8 and int.from_bytes(start) % 31 == 0


def _at_once(packed: bytes) -> bytes | None:
    """What nearly every stream inflates to; None for one that is long or damaged."""
    inner = isal_zlib.decompressobj()
    try:
        inflated: bytes = inner.decompress(packed, _AT_ONCE)
    except _NOT_WHOLE:
        return None
    return inflated if inner.eof else None


def _end(data: mmap.mmap, at: int, head: bytes) -> int:
    """Where a stream ends: by its length where that is true, else by the word after it."""
    if given := _LENGTH.search(head):
        end = min(at + int(given[1]), len(data))
        if _ENDS.match(data, end, end + 11):
            return end
    end = data.find(_ENDSTREAM, at)
    return end if end >= 0 else len(data)


def unsafe(name: str, why: str) -> UnsafeError:
    """The refusal of a file, in the words of people."""
    return UnsafeError(
        f"PDF 文件“{name}”没有读取：{why}，不像正常的文件。",
        remedy="请核对来源，重新导出或打印为 PDF 后提交。",
    )

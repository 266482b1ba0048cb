"""What a PDF would ask of PDFium, looked at before PDFium sees it: it knows no bounds of its own.

Streams that inflate beyond measure (a flate bomb of 7 KB asks for a gigabyte), and forms that draw
forms that draw forms (eight levels of ten each are a hundred million drawings, 2 KB). By the way it
is seen whether the file is whole: PDFium shows what is left of a damaged stream and says nothing.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import mmap
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from isal import isal_zlib

from pipeline.errors import UnsafeError
from pipeline.read.pdf_whole import EOF, is_cut, is_displaced

#: Inflated bytes of one stream of drawing instructions or objects; of a font; of all together.
#: Pictures are bounded by their pixels. A densely drawn plan has 10 MB, a whole Chinese font 20.
STREAM = 32 << 20
FONT = 96 << 20
ALL = 1 << 30
#: How far a picture is looked at, to see whether it is whole: A3 in colour at 300 dpi is 52 MB.
PICTURE = 64 << 20
#: The word comes first: it is what can be looked for quickly.
_STREAM = re.compile(rb"stream(?<!endstream)\r?\n")
DRAW = re.compile(rb"/([^\s/\[\]<>()]+)\s+Do\b")
_FLATE = re.compile(rb"/Fl(?:ateDecode)?\b")
_FONT = re.compile(rb"/(?:Length1|Type1C|CIDFontType0C|OpenType)\b")
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
#: One filter, and that flate: only then do the bytes after `stream` have a checksum of their own.
_ONLY_FLATE = re.compile(rb"/Filter\s*(?:\[\s*)?/Fl(?:ateDecode)?\s*(?:\]|/|>)")
#: Before flate, the letters that some programs wrap it in, and how many of them are looked at.
_SPELT = re.compile(rb"/Filter\s*\[\s*/(ASCII85Decode|A85|ASCIIHexDecode|AHx)\b")
_LETTERS = 2 << 20
_LENGTH = re.compile(rb"/Length\s+(\d{1,12})(?!\d|\s+\d+\s+R)")
_ENDSTREAM = b"endstream"
_LAST_BLOCK = b"\x03\x00"
#: Nobody writes so many zeros between objects; a disk or a line that failed does.
_HOLE = bytes(32)
_FORM = re.compile(rb"/Subtype\s*/Form\b")
#: The longest dictionary before a stream that is looked at, bytes.
_DICTIONARY = 4096
_CHUNK = 1 << 20
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
        nested, broken = _look_at_streams(data, name)
        broken = broken or is_displaced(data)
        cut = is_cut(data)
        sealed = data.find(b"/Encrypt") >= 0  # then its inside cannot be judged from outside
    if nested:  # seldom, and the library takes longer to load than most files to read
        importlib.import_module("pipeline.read.pdf_draws").refuse_endless(path, name)
    return cut or (broken and not sealed)


def _look_at_streams(data: mmap.mmap, name: str) -> tuple[bool, bool]:
    """Bounds the streams; whether some form draws others, and whether some stream is broken."""
    total, nested, broken, last = 0, False, False, 0
    for found in _STREAM.finditer(data):
        broken = broken or data.find(_HOLE, last, found.start()) >= 0
        head = data[max(0, found.start() - _DICTIONARY) : found.start()]
        head = head[head.rfind(b" obj") + 1 :]
        last = _end(data, found.end(), head)
        picture = _IMAGE.search(head) is not None
        bound = PICTURE if picture else FONT if _FONT.search(head) else STREAM
        stream = _inflated(data[found.end() : last], head, bound)
        if stream.broken:  # it may go on behind an `endstream` that is none
            broken = True
            stream = _inflated(data[found.end() : found.end() + _BEYOND], head, bound)
        if picture:
            continue
        total += stream.size
        if stream.size > bound or total > ALL:
            raise unsafe(name, "其中有内容解压后过大")
        nested = nested or bool(_FORM.search(head) and DRAW.search(stream.first))
    return nested, broken or data.find(_HOLE, last, max(data.rfind(EOF), 0)) >= 0


class _Inflated(NamedTuple):
    """How many bytes a stream inflates to (a little over the bound means more), the first of them,
    and whether it broke off before its end."""

    size: int
    first: bytes
    broken: bool = False


def _inflated(packed: bytes, head: bytes, bound: int) -> _Inflated:
    times = len(_FLATE.findall(head))
    if times and (spelt := _SPELT.search(head)):
        packed = _from_letters(packed[:_LETTERS], spelt[1])
    if not times or not packed:
        return _Inflated(0, packed[:_CHUNK])
    if times == 1 and (whole := _at_once(packed)) is not None:
        return _Inflated(len(whole), whole[:_CHUNK])
    size, first = 0, b""
    try:
        for piece in _unpacked(_pieces(packed), times):
            size += len(piece)
            first = first or piece
            if size > bound:
                break
    except zlib.error:
        return _Inflated(size, first, broken=_ONLY_FLATE.search(head) is not None)
    return _Inflated(size, first)


def _at_once(packed: bytes) -> bytes | None:
    """What nearly every stream inflates to; None for one that is long or damaged."""
    inner = isal_zlib.decompressobj()
    try:
        inflated: bytes = inner.decompress(packed, _AT_ONCE)
    except _NOT_WHOLE:
        return None
    return inflated if inner.eof else None


def _from_letters(text: bytes, code: bytes) -> bytes:
    """Bytes from the letters of ASCII85 or hexadecimal digits; none where they are neither."""
    try:
        if code.startswith((b"ASCIIHex", b"AHx")):
            return binascii.unhexlify(b"".join(text.partition(b">")[0].split()))
        return base64.a85decode(text.partition(b"~>")[0])
    except ValueError:
        return b""


def _end(data: mmap.mmap, at: int, head: bytes) -> int:
    """Where a stream ends: by its length where that is true, else by the word after it."""
    if given := _LENGTH.search(head):
        end = min(at + int(given[1]), len(data))
        if data[end : end + 11].lstrip(b"\r\n").startswith(_ENDSTREAM):
            return end
    end = data.find(_ENDSTREAM, at)
    return end if end >= 0 else len(data)


def _pieces(packed: bytes) -> Iterator[bytes]:
    return (packed[at : at + _CHUNK] for at in range(0, len(packed), _CHUNK))


def _unpacked(pieces: Iterator[bytes], times: int) -> Iterator[bytes]:
    """Inflates piece by piece, several times over; zlib.error where a stream is damaged."""
    if not times:
        yield from pieces
        return
    inner, check = zlib.decompressobj(), 1
    for packed in _unpacked(pieces, times - 1):
        while packed and not inner.eof:
            yield (piece := inner.decompress(packed, _CHUNK))
            check = zlib.adler32(piece, check)
            packed = inner.unconsumed_tail
        if inner.eof:
            return
    # Acrobat leaves out the last block and the checksum: with these it must be whole.
    inner.decompress(_LAST_BLOCK + check.to_bytes(4, "big"))
    if not inner.eof:
        raise zlib.error


def unsafe(name: str, why: str) -> UnsafeError:
    """The refusal of a file, in the words of people."""
    return UnsafeError(
        f"PDF 文件“{name}”没有读取：{why}，不像正常的文件。",
        remedy="请核对来源，重新导出或打印为 PDF 后提交。",
    )

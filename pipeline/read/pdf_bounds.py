"""What a PDF would ask of PDFium, looked at before PDFium sees it: it knows no bounds of its own.

Streams that inflate beyond measure (a flate bomb of 7 KB asks for a gigabyte), and forms that draw
forms that draw forms (eight levels of ten each are a hundred million drawings, 2 KB).
"""

from __future__ import annotations

import importlib
import mmap
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import UnsafeError

#: Inflated bytes of one stream of drawing instructions or objects; of a font; of all together.
#: Pictures are bounded by their pixels. A densely drawn plan has 10 MB, a whole Chinese font 20.
STREAM = 32 << 20
FONT = 96 << 20
ALL = 1 << 30
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
DRAW = re.compile(rb"/([^\s/\[\]<>()]+)\s+Do\b")
_FLATE = re.compile(rb"/Fl(?:ateDecode)?\b")
_FONT = re.compile(rb"/(?:Length1|Type1C|CIDFontType0C|OpenType)\b")
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
_FORM = re.compile(rb"/Subtype\s*/Form\b")
#: The longest dictionary before a stream that is looked at, bytes.
_DICTIONARY = 4096
_CHUNK = 1 << 20


def refuse_bombs(path: Path, name: str) -> None:
    """Raises UnsafeError for a file that asks for more than any honest page."""
    if path.stat().st_size == 0:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        nested = _look_at_streams(data, name)
    if nested:  # seldom, and the library takes longer to load than most files to read
        importlib.import_module("pipeline.read.pdf_draws").refuse_endless(path, name)


def _look_at_streams(data: mmap.mmap, name: str) -> bool:
    """Bounds the streams; whether some form draws others."""
    total, nested = 0, False
    for found in _STREAM.finditer(data):
        head = data[max(0, found.start() - _DICTIONARY) : found.start()]
        head = head[head.rfind(b" obj") + 1 :]
        if _IMAGE.search(head):
            continue
        bound = FONT if _FONT.search(head) else STREAM
        size, first = _inflated(data, found.end(), head, bound)
        total += size
        if size > bound or total > ALL:
            raise unsafe(name, "其中有内容解压后过大")
        nested = nested or bool(_FORM.search(head) and DRAW.search(first))
    return nested


def _inflated(data: mmap.mmap, at: int, head: bytes, bound: int) -> tuple[int, bytes]:
    """How many bytes a stream inflates to (a little over `bound` means more), and the first."""
    times = len(_FLATE.findall(head))
    if not times:
        end = data.find(b"endstream", at)
        return 0, data[at : min(end if end >= 0 else len(data), at + _CHUNK)]
    size, first = 0, b""
    for piece in _unpacked(_pieces(data, at), times):
        size += len(piece)
        first = first or piece
        if size > bound:
            break
    return size, first


def _pieces(data: mmap.mmap, at: int) -> Iterator[bytes]:
    while at < len(data):
        yield data[at : at + _CHUNK]
        at += _CHUNK


def _unpacked(pieces: Iterator[bytes], times: int) -> Iterator[bytes]:
    """Inflates piece by piece, several times over; ends where the stream does, or breaks."""
    if not times:
        yield from pieces
        return
    inner = zlib.decompressobj()
    for packed in _unpacked(pieces, times - 1):
        while packed and not inner.eof:
            try:
                yield inner.decompress(packed, _CHUNK)
            except zlib.error:
                return
            packed = inner.unconsumed_tail
        if inner.eof:
            return


def unsafe(name: str, why: str) -> UnsafeError:
    """The refusal of a file, in the words of people."""
    return UnsafeError(
        f"PDF 文件“{name}”没有读取：{why}，不像正常的文件。",
        remedy="请核对来源，重新导出或打印为 PDF 后提交。",
    )

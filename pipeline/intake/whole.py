"""Whether a file has its end: the cheap signs by which a copy under way is told from a whole file.

Only formats that name their own end are judged; of all others nothing is said. Whether a whole
file is also sound is the readers' matter.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

#: ZIP end-of-central-directory record with the longest comment (APPNOTE 4.3.16), bytes.
_ZIP_TAIL = 22 + 65535
#: `%%EOF` stands within the last 1024 bytes by ISO 32000-1 Annex H.3.18; some add more after it.
_PDF_TAIL = 2048


def missing_end(path: Path) -> str:
    """What is lacking, in Chinese, or "" for a file that is whole as far as can be seen."""
    with path.open("rb") as stream:
        head = stream.read(6)
        if not head:
            return "0 字节"
        if head.startswith(b"PK\x03\x04"):
            return "" if _zip_has_directory(stream) else "缺少压缩目录"
        if head.startswith(b"%PDF"):
            return "" if b"%%EOF" in _tail(stream, _PDF_TAIL) else "缺少 PDF 结尾"
        if head == b"7z\xbc\xaf\x27\x1c":
            return "" if _seven_zip_reaches_end(stream) else "缺少压缩目录"
    return ""


def _tail(stream: BinaryIO, length: int) -> bytes:
    size = stream.seek(0, 2)
    stream.seek(max(0, size - length))
    return stream.read(length)


def _zip_has_directory(stream: BinaryIO) -> bool:
    tail = _tail(stream, _ZIP_TAIL)
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) - at >= 22


def _seven_zip_reaches_end(stream: BinaryIO) -> bool:
    """Start header: offset and size of the next header, counted from byte 32 (7zFormat.txt)."""
    size = stream.seek(0, 2)
    stream.seek(12)
    fields = stream.read(16)
    return len(fields) == 16 and 32 + sum(struct.unpack("<QQ", fields)) <= size

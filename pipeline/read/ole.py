"""Compound files (MS-CFB), as far as they must be known before LibreOffice opens them.

What is inside (a text, a workbook, slides), whether it asks for a password, whether it has macros.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import olefile

#: Stream at the root → what the file is. WPS Office writes the streams of Word and Excel.
_STREAMS = {
    "encryptedpackage": "encrypted",
    "worddocument": "doc",
    "workbook": "xls",
    "book": "xls",
    "powerpoint document": "ppt",
    "__properties_version1.0": "msg",
}
_MACROS = ("macros", "_vba_project_cur", "vba")
#: FibBase (MS-DOC 2.5.2): the flags at byte 10; bit 8 is fEncrypted.
_FIB_FLAGS, _ENCRYPTED = 10, 0x0100
#: Records of a workbook (MS-XLS 2.3): password, sheet; the kind of sheet that is an XLM macro.
_FILEPASS, _BOUNDSHEET, _XLM = 0x2F, 0x85, 1
#: The first records of a workbook are looked at, no more; bytes and number.
_GLANCE, _RECORDS = 1 << 20, 4000

_DAMAGE = (OSError, ValueError, IndexError, KeyError, struct.error, RecursionError, OverflowError)


def kind(path: Path) -> str:
    """`doc`, `xls`, `ppt`, `msg`, `encrypted` (a docx or xlsx with a password), or `ole`."""
    names = _names(path)
    return next((word for stream, word in _STREAMS.items() if stream in names), "ole")


def is_protected(path: Path) -> bool:
    """Whether a .doc or .xls asks for a password."""
    word = _stream(path, "WordDocument", _FIB_FLAGS + 2)
    if len(word) == _FIB_FLAGS + 2:
        return bool(struct.unpack_from("<H", word, _FIB_FLAGS)[0] & _ENCRYPTED)
    return any(record == _FILEPASS for record, _ in _records(_workbook(path)))


def has_macros(path: Path) -> bool:
    """Whether it holds VBA, or a workbook has a sheet of XLM macros."""
    if any(name in _MACROS for name in _names(path)):
        return True
    return any(
        record == _BOUNDSHEET and len(body) > 5 and body[5] == _XLM
        for record, body in _records(_workbook(path))
    )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file, or None where it does not hold together."""
    try:
        opened = olefile.OleFileIO(str(path))
    except _DAMAGE:
        yield None
        return
    try:
        yield opened
    finally:
        opened.close()


def _names(path: Path) -> set[str]:
    """Names at the root, in lower case."""
    with _opened(path) as file:
        if file is None:
            return set()
        return {entry[0].lower() for entry in file.listdir(streams=True, storages=True)}


def _stream(path: Path, name: str, length: int) -> bytes:
    """The first bytes of a stream; nothing where there is none."""
    with _opened(path) as file:
        try:
            return file.openstream(name).read(length) if file and file.exists(name) else b""
        except _DAMAGE:
            return b""


def _workbook(path: Path) -> bytes:
    return _stream(path, "Workbook", _GLANCE) or _stream(path, "Book", _GLANCE)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Records of a workbook stream: number and body."""
    at = 0
    for _ in range(_RECORDS):
        if at + 4 > len(data):
            return
        record, length = struct.unpack_from("<HH", data, at)
        yield record, data[at + 4 : at + 4 + length]
        at += 4 + length

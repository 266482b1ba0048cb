"""Any file becomes Documents. One small module a format; none knows a field name.

Each reader is `read(path: Path, source: Source) -> list[Document]`: one Document for a docx or a
PDF, one for each worksheet of a workbook. What cannot be read raises an `UnreadableError`.
The kind of a file is told by its first bytes, not by its name: people rename files.
"""

from __future__ import annotations

import hashlib
import importlib
import zipfile
from pathlib import Path

from pipeline.document import Document, Source
from pipeline.errors import UnreadableError, UnsupportedError

#: Format → module of this package that reads it.
READERS = {"docx": "docx", "xlsx": "xlsx", "pdf": "pdf", "csv": "delimited", "image": "scan"}

#: What a legacy or foreign file is called, for the message that says what to do with it.
_NOT_YET = {
    "ole": "旧版 Office 文件（.doc .xls .wps .et）",
    "odf": "OpenDocument 文件（.odt .ods）",
    "rtf": "RTF 文件",
}


def read(path: Path, name: str | None = None) -> list[Document]:
    """The Documents of one file; `name` is what it is called where that differs from its path."""
    source = identify(path, name)
    module = READERS.get(source.format)
    if module is None:
        kind = _NOT_YET.get(source.format, "这种文件")
        raise UnsupportedError(
            f"“{source.file}”是{kind}，不能直接读取。",
            remedy="请另存为 docx、xlsx 或带文字的 PDF 后重新提交。",
        )
    reader = importlib.import_module(f"pipeline.read.{module}")
    documents: list[Document] = reader.read(path, source)
    return documents


def identify(path: Path, name: str | None = None) -> Source:
    """The name, SHA-256 and format of a file. UnreadableError if it is empty or not to be opened."""
    name = name or path.name
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            head = stream.read(8192)
    except OSError as error:
        raise UnreadableError(
            f"文件“{name}”打不开：{error.strerror}。", remedy="请检查文件是否存在、是否有权限。"
        ) from error
    if not head:
        raise UnreadableError(f"文件“{name}”是空的（0 字节）。", remedy="请重新保存或重新发送。")
    return Source(name, digest, sniff(path, head))


def sniff(path: Path, head: bytes) -> str:
    """The format by the file's own bytes: docx, xlsx, pdf, zip, ole, odf, rtf, image, csv, unknown."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _sniff_ole(path)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")):
        return "image"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image"
    if path.suffix.lower() in (".csv", ".tsv", ".txt") and b"\x00" not in head.replace(
        b"\xff\xfe", b""
    ):
        return "csv"
    return "unknown"


def _sniff_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return (
            "docx"
            if path.suffix.lower() in (".docx", ".docm")
            else "xlsx"
            if path.suffix.lower() in (".xlsx", ".xlsm")
            else "zip"
        )
    if "[Content_Types].xml" in names:
        if any(name.startswith("word/") for name in names):
            return "docx"
        if any(name.startswith("xl/") for name in names):
            return "xlsx"
    if "mimetype" in names and "content.xml" in names:
        return "odf"
    return "zip"


def _sniff_ole(path: Path) -> str:
    """An encrypted docx or xlsx is an OLE file; its own reader says that it wants a password."""
    with path.open("rb") as stream:
        if "EncryptedPackage".encode("utf-16-le") in stream.read(1 << 20):
            return "xlsx" if path.suffix.lower().startswith(".xls") else "docx"
    return "ole"

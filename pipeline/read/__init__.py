"""Any file becomes Documents. One small module a format; none knows a field name.

Each reader is `read(path: Path, source: Source) -> list[Document]`: one Document for a docx or a
PDF, one for each worksheet of a workbook. What cannot be read raises an `UnreadableError`.
The kind of a file is told by its first bytes, not by its name: people rename files.
"""

from __future__ import annotations

import hashlib
import importlib
import re
import zipfile
import zlib
from pathlib import Path

from pipeline.document import Document, Source
from pipeline.errors import UnreadableError, UnsupportedError, why
from pipeline.files import open_zip
from pipeline.read import ole, ooxml, web

#: Format → module of this package that reads it.
READERS = {
    "docx": "docx", "xlsx": "xlsx", "pdf": "pdf", "csv": "delimited", "image": "scan",
    "flatopc": "flat",
    **dict.fromkeys(
        ("doc", "wps", "odt", "rtf", "wordml", "fodt", "html", "mht", "xls", "et", "ods", "xlsb", "excelml", "fods"),
        "legacy",
    ),
}  # fmt: skip

#: What a foreign file is called, for the message that says what to do with it.
_FOREIGN = {
    "ofd": "版式文件（OFD）",
    "ole": "旧版 Office 文件，但里面既没有文档也没有表格",
    "ppt": "演示文稿",
    "msg": "邮件",
    "odf": "OpenDocument 的其他文件",
    "zip": "压缩包，或已损坏的文档",
    "video": "录音或录像",
    "program": "程序，不是文档",
    "shortcut": "快捷方式，不是文件本身",
}
_REMEDIES = {
    "ofd": "请用 WPS 或 OFD 阅读器打开，另存（导出）为 PDF 或 docx 后重新提交。",
    "shortcut": "请找到快捷方式所指的文件，提交那个文件。",
    "msg": "请把邮件里的附件另存出来，提交这些附件。",
    "ppt": "里面有申报材料的，请另存为 PDF 后重新提交；只是介绍情况的，不必重交。",
    "video": "介绍情况的影像不必重交，请工作人员查看。",
}
_PACKED = frozenset({".zip", ".rar", ".7z", ".tar", ".gz"})
_REMEDY = "请另存为 docx、xlsx 或带文字的 PDF 后重新提交。"


def read(path: Path, name: str | None = None, scans: int | None = None) -> list[Document]:
    """The Documents of one file; `name` is what it is called where that differs from its path. Of a
    PDF or of a Word document no more than `scans` pages are read from their pictures, which takes
    seconds each."""
    source = identify(path, name)
    module = READERS.get(source.format)
    if module is None:
        kind = _FOREIGN.get(source.format, "认不出的文件")
        if source.format == "unknown" and Path(source.file).suffix.lower() in _PACKED:
            raise UnsupportedError(
                f"“{source.file}”是打不开的压缩包：已损坏、不完整，或只是分卷中的一卷。",
                remedy="请解压后直接提交文件夹，或重新压缩成一个 zip。",
            )
        raise UnsupportedError(
            f"“{source.file}”是{kind}，不能直接读取。",
            remedy=_REMEDIES.get(source.format, _REMEDY),
        )
    reader = importlib.import_module(f"pipeline.read.{module}")
    bounds = () if scans is None or module not in ("pdf", "docx") else (scans,)
    documents: list[Document] = reader.read(path, source, *bounds)
    return documents


def identify(path: Path, name: str | None = None) -> Source:
    """The name, SHA-256 and format of a file. UnreadableError if it is empty or not to be opened."""
    name = name or path.name
    if path.exists() and not path.is_file():
        raise UnreadableError(f"“{name}”不是普通文件，不能读取。", remedy="请给出文件或文件夹。")
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            stream.seek(0)
            head = stream.read(8192)
    except OSError as error:
        raise UnreadableError(
            f"文件“{name}”打不开：{why(error)}。", remedy="请检查文件是否存在、是否有权限。"
        ) from error
    if not head:
        raise UnreadableError(f"文件“{name}”是空的（0 字节）。", remedy="请重新保存或重新发送。")
    return Source(name, digest, sniff(path, head))


def sniff(path: Path, head: bytes) -> str:
    """The format by the file's own bytes: a key of `READERS`, or of what has no reader, `unknown`."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(path)
    if head.startswith(ooxml.OLE_MAGIC):
        return _sniff_ole(path)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if _is_picture(head):
        return "image"
    return _sniff_foreign(head) or _sniff_text(path, head)


def _sniff_foreign(head: bytes) -> str:
    """What people send that is no document; "" for all else."""
    if head[4:8] == b"ftyp":
        return "video"
    if head.startswith(b"MZ\x90"):
        return "program"
    return "shortcut" if head.startswith(_SHORTCUT) else ""


def _is_picture(head: bytes) -> bool:
    return (
        head.startswith(_PICTURES)
        or (head[:4], head[8:12]) == (b"RIFF", b"WEBP")
        or (head[:2], head[6:10]) == (b"BM", bytes(4))
        or (head[4:8] == b"ftyp" and head[8:12] in _HEIF)
    )


#: JPEG, PNG, TIFF, GIF, JPEG 2000 in its box and without.
_PICTURES = (
    b"\xff\xd8\xff", b"\x89PNG", b"II*\x00", b"MM\x00*", b"GIF8",
    b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51",
)  # fmt: skip
#: Brands of pictures in the container that is otherwise one of films (ISO/IEC 23008-12).
_HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
#: MS-SHLLINK 2.1; a shortcut to a web address is text.
_SHORTCUT = (b"L\0\0\0\x01\x14\x02\0", b"[InternetShortcut]")


def _sniff_text(path: Path, head: bytes) -> str:
    plain = head.replace(b"\x00", b"")
    for mark, name in _XML.items():
        if mark in plain and plain.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").startswith(b"<"):
            return name
    if path.suffix.lower() in (".csv", ".tsv", ".txt") and (
        head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" not in head
    ):
        return "csv"
    if _PAGE.match(plain.lstrip(b"\xef\xbb\xbf\xff\xfe")):
        return "html"
    if web.is_packed(plain):
        return "mht"
    if path.suffix.lower() in (".xls", ".xlsx", ".et") and not _NO_TEXT.search(head):
        return "csv"  # what systems export as a sheet is often text with tabs
    return "unknown"


#: How web pages begin.
_PAGE = re.compile(
    rb"\s*+(?:(?><\?xml\b[^>]*>|<!--.*?-->)\s*+)*+<(?:!doctype html|html|head|body|table|meta|style|div)\b",
    re.I | re.S,
)

#: Bytes that no text holds, in UTF-8 or GB 18030.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

#: What stands near the beginning of an office file that is one XML text.
_XML = {
    b"schemas.microsoft.com/office/2006/xmlPackage": "flatopc",
    b"schemas.microsoft.com/office/word/2003/wordml": "wordml",
    b"urn:schemas-microsoft-com:office:spreadsheet": "excelml",
    b"oasis.opendocument.text": "fodt",
    b"oasis.opendocument.spreadsheet": "fods",
}


def _sniff_zip(path: Path) -> str:
    try:
        with open_zip(path) as archive:
            names = set(archive.namelist())
            mimetype = _mimetype(archive, names)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError):
        return _BY_SUFFIX.get(path.suffix.lower(), "zip")
    if "[Content_Types].xml" in names:
        if any(name.startswith("word/") for name in names):
            return "docx"
        if any(name.startswith("xl/") for name in names):
            return "xlsb" if "xl/workbook.bin" in names else "xlsx"
        if any(name.startswith("ppt/") for name in names):
            return "ppt"
    if "OFD.xml" in names:
        return "ofd"
    return mimetype or "zip"


#: A zip whose directory is broken is what its name says.
_BY_SUFFIX = {
    ".docx": "docx", ".docm": "docx", ".xlsx": "xlsx", ".xlsm": "xlsx", ".odt": "odt", ".ods": "ods", ".pptx": "ppt",
}  # fmt: skip
_OPEN_DOCUMENT = {
    "text": "odt",
    "text-template": "odt",
    "spreadsheet": "ods",
    "spreadsheet-template": "ods",
}


def _mimetype(archive: zipfile.ZipFile, names: set[str]) -> str:
    """The format that an OpenDocument file declares; "" for other files."""
    if "mimetype" not in names or "content.xml" not in names:
        return ""
    with archive.open("mimetype") as stream:
        declared = stream.read(200).decode("ascii", "replace").strip()
    prefix = "application/vnd.oasis.opendocument."
    return _OPEN_DOCUMENT.get(declared.removeprefix(prefix), "odf")


def _sniff_ole(path: Path) -> str:
    """An encrypted docx or xlsx is an OLE file; its own reader says that it wants a password."""
    suffix, kind = path.suffix.lower(), ole.kind(path)
    if kind == "encrypted":
        return "xlsx" if suffix.startswith((".xls", ".et")) else "docx"
    if kind == "doc" and suffix in (".wps", ".wpt"):
        return "wps"
    return "et" if kind == "xls" and suffix in (".et", ".ett") else kind

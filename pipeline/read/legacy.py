"""Files of older and other office programs: turned into docx or xlsx, then read like those.

.doc .wps .xls .et (compound files), .odt .ods (OpenDocument), .xlsb, .rtf, the XML of Office 2003,
and web pages, which many systems export as ".xls". LibreOffice does the turning (`office`); what could do harm is refused before it sees it.
"""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

from pipeline.document import Document, Source
from pipeline.errors import MissingToolError, ProtectedError, UnreadableError, UnsafeError
from pipeline.findings import Finding
from pipeline.read import docx, office, ole, web, xlsx
from pipeline.read.ooxml import LIMITS, open_package

#: Format → what it is turned into.
TARGETS: dict[str, office.Target] = {
    "doc": "docx", "wps": "docx", "odt": "docx", "rtf": "docx", "wordml": "docx", "fodt": "docx",
    "html": "docx", "mht": "docx",
    "xls": "xlsx", "et": "xlsx", "ods": "xlsx", "xlsb": "xlsx", "excelml": "xlsx", "fods": "xlsx",
}  # fmt: skip
#: What LibreOffice is told the file is, where that differs from the format.
_SUFFIXES = {"wps": "doc", "et": "xls", "wordml": "xml", "excelml": "xml", "mht": "html"}

_COMPOUND = frozenset({"doc", "wps", "xls", "et"})
_OPEN_DOCUMENT = frozenset({"odt", "ods"})
_XML = frozenset({"wordml", "excelml", "fodt", "fods"})
_PAGES = frozenset({"html", "mht"})
_FLAT = _XML | _PAGES | {"rtf"}
#: As text: a sheet would take long numbers for quantities.
_FILTERS = dict.fromkeys(_PAGES, "HTML (StarWriter)")
#: Parts of an OpenDocument file that LibreOffice parses.
_PARTS = ("content.xml", "styles.xml", "meta.xml", "settings.xml", "META-INF/manifest.xml")
#: Bytes of a file that is one long text.
_FLAT_BYTES = 64 << 20
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be"))


def read(path: Path, source: Source) -> list[Document]:
    """The Documents of the file, by way of docx or xlsx; the first says that it was converted.

    Raises MissingToolError without LibreOffice, ProtectedError, UnsafeError, UnreadableError.
    """
    _refuse_harm(path, source)
    to = TARGETS[source.format]
    with tempfile.TemporaryDirectory(prefix="pipeline-office-") as folder:
        converted = _convert(path, to, Path(folder), source)
        if to == "docx":
            documents = docx.read(converted, source)
        else:
            documents = xlsx.read(converted, source, recalculated=True)
    return [
        replace(document, findings=(*_findings(path, source, to), *document.findings))
        if first else document
        for first, document in zip([True] + [False] * len(documents), documents, strict=False)
    ]  # fmt: skip


def turned(path: Path, source: Source, folder: Path) -> tuple[Path, office.Target]:
    """The file as the docx or xlsx that is read, in `folder`; raises as `read`."""
    _refuse_harm(path, source)
    to = TARGETS[source.format]
    return _convert(path, to, folder, source), to


def _convert(path: Path, to: office.Target, folder: Path, source: Source) -> Path:
    # LibreOffice writes lock files beside what it opens, and goes by the extension.
    suffix = _SUFFIXES.get(source.format, source.format)
    copy = folder / f"document.{suffix}"
    if source.format in _PAGES:
        copy.write_bytes(web.page(path.read_bytes(), source.format == "mht"))
    else:
        copy.symlink_to(path.absolute())
    try:
        return office.convert(copy, to, folder, source.file, _FILTERS.get(source.format))
    except (UnreadableError, MissingToolError) as error:
        # Some protected workbooks open without asking: only what did not open is looked at.
        if is_protected(path, source.format):
            raise ProtectedError(
                f"“{source.file}”设有打开密码，无法读取。", remedy="请去掉密码后重新提交。"
            ) from error
        raise


def is_protected(path: Path, file_format: str) -> bool:
    """Whether the file asks for a password."""
    if file_format in _COMPOUND:
        return ole.is_protected(path)
    if file_format in _OPEN_DOCUMENT:
        with open_package(path, path.name) as package:
            return b"encryption-data" in (package.content("META-INF/manifest.xml") or b"")
    return False


def _refuse_harm(path: Path, source: Source) -> None:
    """What could harm the program that turns it: bombs, entities. UnsafeError says which."""
    if source.format in _OPEN_DOCUMENT:
        with open_package(path, source.file) as package:
            if b"encryption-data" not in (package.content("META-INF/manifest.xml") or b""):
                for part in _PARTS:
                    package.xml(part)  # refuses entities, and more than is good for a parser
        return
    if source.format == "xlsb":
        with open_package(path, source.file):
            return
    bound = _FLAT_BYTES if source.format in _FLAT else LIMITS.part
    if path.stat().st_size > bound:
        raise _unsafe(source.file, f"超过 {bound >> 20} MB")
    if source.format in _XML and any(mark in path.read_bytes() for mark in _DOCTYPES):
        raise _unsafe(source.file, "内含 DOCTYPE 声明，正常的办公文档没有这种内容")


def _unsafe(name: str, why: str) -> UnsafeError:
    return UnsafeError(
        f"“{name}”没有读取：{why}。", remedy="请核对来源，另存为 docx 或 xlsx 后重新提交。"
    )


def _findings(path: Path, source: Source, to: str) -> list[Finding]:
    found = [
        Finding(
            "info", "converted", "",
            f"“{source.file}”是 {source.format} 格式，已先用 LibreOffice 转换成 {to} 再读取。",
        )
    ]  # fmt: skip
    if _has_macros(path, source.format):
        found.append(
            Finding("warning", "macros", "", f"“{source.file}”带有宏；宏没有运行，只读取了文字。")
        )
    return found


def _has_macros(path: Path, file_format: str) -> bool:
    if file_format in _COMPOUND:
        return ole.has_macros(path)
    if not zipfile.is_zipfile(path):
        return False
    with open_package(path, path.name) as package:
        return any(
            part.startswith(("basic/", "scripts/")) or part.endswith("vbaproject.bin")
            for part in package.parts
        )

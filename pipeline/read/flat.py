"""Flat OPC: a docx or xlsx that Word has saved as one XML text; packed again, then read as usual.

Source: ECMA-376 part 2 names the parts; `pkg:package` is Word's own ("Word XML Document").
"""

from __future__ import annotations

import base64
import binascii
import tempfile
import zipfile
from pathlib import Path

from lxml import etree

from pipeline.document import Document, Source
from pipeline.errors import UnreadableError, UnsafeError
from pipeline.read import docx, xlsx
from pipeline.read.ooxml import BROKEN, DOCTYPES, LIMITS, damaged

PACKAGE = "http://schemas.microsoft.com/office/2006/xmlPackage"
PART, NAME = f"{{{PACKAGE}}}part", f"{{{PACKAGE}}}name"
BINARY, XML = f"{{{PACKAGE}}}binaryData", f"{{{PACKAGE}}}xmlData"
MAX_BYTES = 64 << 20


def read(path: Path, source: Source) -> list[Document]:
    """The Documents of the file. Raises UnreadableError, UnsafeError."""
    parts = _parts(_content(path, source.file), source.file)
    with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
        packed = Path(folder) / "packed"
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        is_book = any(name.startswith("xl/") for name in parts)
        return xlsx.read(packed, source) if is_book else docx.read(packed, source)


def _content(path: Path, name: str) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise UnsafeError(
            f"“{name}”没有读取：超过 {MAX_BYTES >> 20} MB。", remedy="请另存为 docx 后重新提交。"
        )
    content = path.read_bytes()
    if any(mark in content for mark in DOCTYPES) or content.count(b"<") > LIMITS.elements:
        raise UnsafeError(
            f"“{name}”没有读取：内含 DOCTYPE 声明或元素过多，正常的办公文档没有这种内容。",
            remedy="请核对来源，另存为 docx 后重新提交。",
        )
    return content


def _parts(content: bytes, name: str) -> dict[str, bytes]:
    """Parts by name."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
        found = {part.get(NAME, "").lstrip("/"): _bytes(part) for part in root.iterchildren(PART)}
    except (*BROKEN, binascii.Error) as error:
        raise damaged(name) from error
    if not found:
        raise UnreadableError(f"“{name}”里没有文档。", remedy="请另存为 docx 后重新提交。")
    return found


def _bytes(part: etree._Element) -> bytes:
    for child in part:
        if child.tag == BINARY:
            return base64.b64decode(child.text or "")
        if child.tag == XML and len(child):
            return etree.tostring(child[0], with_tail=False)
    return b""

"""The parts of an OOXML file, some changed, all others as they are (ECMA-376 part 2)."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from pipeline.errors import UnreadableError

Element = etree._Element

TYPES = "[Content_Types].xml"
STRICT = "http://purl.oclc.org/ooxml/"
#: What relations are called, in the usual and in the strict kind of document.
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELATIONS = f"{STRICT}officeDocument/relationships"
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, etree.LxmlError, EOFError, LookupError, ValueError,
    NotImplementedError, OSError,
)  # fmt: skip


class Parts:
    """An office file by its parts. Names are given without a leading slash, in any case."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._infos = {_key(info.filename): info for info in archive.infolist()}
        self._trees: dict[str, Element] = {}
        self._texts: dict[str, bytes] = {}
        self._names = {key: info.filename for key, info in self._infos.items()}

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._names

    def content(self, name: str) -> bytes:
        key = _key(name)
        return self._texts[key] if key in self._texts else self._archive.read(self._infos[key])

    def tree(self, name: str) -> Element:
        """A part as XML; what is changed in it is written."""
        key = _key(name)
        if key not in self._trees:
            self._trees[key] = etree.fromstring(self.content(name), _parser())
        return self._trees[key]

    def put(self, name: str, content: bytes | Element) -> None:
        """A new part, or another content for one."""
        key = _key(name)
        self._names.setdefault(key, name)
        if isinstance(content, bytes):
            self._texts[key] = content
        else:
            self._trees[key] = content

    def main(self) -> str:
        """The part that holds the document itself."""
        return next(target for kind, target, _ in self.links("") if kind == "officeDocument")

    def links(self, part: str) -> Iterator[tuple[str, str, str]]:
        """Kind, target part and id of the relations of a part to others within the file."""
        rels = _rels(part)
        if rels not in self:
            return
        for link in self.tree(rels):
            if link.get("TargetMode") != "External" and "Target" in link.attrib:
                target = posixpath.join("/", posixpath.dirname(part), str(link.attrib["Target"]))
                kind = posixpath.basename(link.get("Type", ""))
                yield kind, posixpath.normpath(target).lstrip("/"), link.get("Id", "")

    def linked(self, part: str, kind: str) -> str | None:
        return next((target for k, target, _ in self.links(part) if k == kind), None)

    def link(self, part: str, kind: str, target: str) -> str:
        """Relates a part to another; gives the id."""
        rels = _rels(part)
        if rels not in self:
            name = "http://schemas.openxmlformats.org/package/2006/relationships"
            self.put(rels, etree.XML(f'<Relationships xmlns="{name}"/>'))
        tree = self.tree(rels)
        taken = {link.get("Id") for link in tree}
        free = next(i for n in range(1, len(taken) + 2) if (i := f"rIdMark{n}") not in taken)
        strict = any(link.get("Type", "").startswith(STRICT) for link in tree)
        etree.SubElement(
            tree, f"{{{etree.QName(tree).namespace}}}Relationship",
            Id=free, Type=f"{_STRICT_RELATIONS if strict else _RELATIONS}/{kind}", Target=f"/{target}",
        )  # fmt: skip
        return free

    def declare(self, name: str, content_type: str) -> None:
        """The content type of a part of its own, or of all with an ending (`.vml`)."""
        tree = self.tree(TYPES)
        tag, key, value = (
            ("Default", "Extension", name[1:]) if name.startswith(".")
            else ("Override", "PartName", f"/{name}")
        )  # fmt: skip
        space = etree.QName(tree).namespace
        if any(
            e.get(key, "").lower() == value.lower() for e in tree.iterchildren(f"{{{space}}}{tag}")
        ):
            return
        new = etree.Element(f"{{{space}}}{tag}", {key: value, "ContentType": content_type})
        # Defaults stand before overrides.
        tree.insert(0 if tag == "Default" else len(tree), new)

    def free_name(self, pattern: str) -> str:
        """`xl/comments{}.xml` with the first number that is not taken."""
        return next(n for i in range(1, 100_000) if (n := pattern.format(i)) not in self)

    def packed(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        changed = {key: _bytes(tree) for key, tree in self._trees.items()}
        changed = {**self._texts, **changed}
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for key, name in self._names.items():
                content = changed[key] if key in changed else self._archive.read(self._infos[key])
                new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        return out.getvalue()


@contextmanager
def opened(path: Path) -> Iterator[Parts]:
    """The parts of a file; whatever breaks inside the block is UnreadableError."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield Parts(archive)
    except (*_BROKEN, StopIteration) as error:
        raise UnreadableError(
            "文件的内部结构不完整，不能加标注。", remedy="问题见核对报告。"
        ) from error


def _rels(part: str) -> str:
    folder, base = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _bytes(tree: Element) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)

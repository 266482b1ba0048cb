"""What Word and Excel files share: a zip opened safely, its parts, pictures and symbol fonts.

Nothing here trusts the file: its size, the number of its members and elements are bounded before
a parser sees them; a DOCTYPE is refused; macros are noted and never run; a link to the outside is
noted and never followed. What is wrong with a file is an UnreadableError in plain Chinese.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from PIL import Image

from pipeline.document import Picture
from pipeline.errors import ProtectedError, UnreadableError, UnsafeError, UnsupportedError
from pipeline.files import open_zip
from pipeline.findings import Finding

Element = etree._Element

RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"

R_ID = f"{{{RELATIONSHIPS}}}id"
R_EMBED = f"{{{RELATIONSHIPS}}}embed"
ALTERNATE = f"{{{COMPATIBILITY}}}AlternateContent"
CHOICE = f"{{{COMPATIBILITY}}}Choice"
FALLBACK = f"{{{COMPATIBILITY}}}Fallback"
BLIP = f"{{{DRAWING}}}blip"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is taken. `inflated`, `part`: bytes; `elements`: XML elements of a part;
    `rows`, `slots`: rows, and rows × columns, of one table; `tables`; `paragraphs`: outside tables;
    `pixels`: of one picture. The longest list that anyone keeps has some thousand rows."""

    members: int = 10_000
    inflated: int = 1 << 30
    part: int = 256 << 20
    elements: int = 6_000_000
    rows: int = 50_000
    slots: int = 4_000_000
    tables: int = 5_000
    paragraphs: int = 30_000
    pixels: int = 60_000_000


LIMITS = Limits()

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
DOCTYPES = tuple("<!DOCTYPE".encode(codec) for codec in ("ascii", "utf-16-le", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Relationship:
    """A named link from one part to another (`target` is a part's name), or to the outside."""

    kind: str
    target: str
    external: bool


class Package:
    """An open OOXML file: parts by name, relations between them, and what was noticed."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.name = name
        self._archive = archive
        self._members = {_part_name(info.filename): info for info in archive.infolist()}
        self._relations: dict[str, dict[str, Relationship]] = {}
        self._pictures: dict[str, float | None] = {}
        self._missing: set[str] = set()  # parts that were asked for in vain
        self._unlinked: set[str] = set()  # pictures of which it is not known where they are
        self._refuse_too_large()
        self._refuse_doubles()
        self._refuse_doctype(self.content("[Content_Types].xml") or b"")  # nobody parses this one

    @property
    def parts(self) -> frozenset[str]:
        """Names of all parts, in lower case, without a leading slash."""
        return frozenset(self._members)

    def content(self, part: str) -> bytes | None:
        """The part's content; None where the package does not have it."""
        info = self._members.get(_part_name(part))
        if info is None:
            self._missing.add(_part_name(part))
            return None
        if info.flag_bits & 1:
            raise ProtectedError(f"“{self.name}”有密码，打不开。", remedy="请去掉密码后重新提交。")
        return self._archive.read(info)

    def xml(self, part: str, fold: Callable[[bytes], bytes] | None = None) -> Element | None:
        """The part as XML, strict OOXML names turned into the usual ones; None if missing. `fold`:
        makes the content less before it is parsed."""
        data = self.content(part)
        return None if data is None else self._parse(data, fold)

    def required(self, part: str, fold: Callable[[bytes], bytes] | None = None) -> Element:
        """As `xml`, but a missing part makes the file unreadable."""
        root = self.xml(part, fold)
        if root is None:
            raise UnreadableError(
                f"“{self.name}”不完整：缺少 {part}。",
                remedy="请在 Word 或 WPS 中打开并另存后重新提交。",
            )
        return root

    def relations(self, part: str = "") -> dict[str, Relationship]:
        """Relations of a part (`""`: of the package) by id."""
        key = _part_name(part)
        if key not in self._relations:
            self._relations[key] = dict(self._read_relations(key))
        return self._relations[key]

    def main_part(self, fallback: str) -> str:
        """The part that holds the document itself."""
        for relation in self.relations().values():
            if relation.kind == "officeDocument" and not relation.external:
                return relation.target
        return fallback

    def related(self, part: str, kind: str) -> list[str]:
        """Names of the inner parts to which `part` relates as `kind` (`styles`, `header` …)."""
        return [
            relation.target
            for relation in self.relations(part).values()
            if relation.kind == kind and not relation.external
        ]

    def picture(self, part: str, relation_id: str, name: str = "") -> Picture | None:
        """The picture behind a relation; None where there is no such relation."""
        relation = self.relations(part).get(relation_id)
        if relation is None:
            self._unlinked.update({relation_id} - {""})
            return None
        if posixpath.basename(relation.target).lower() == "null":
            return None  # how Word writes a picture that it has lost itself
        if relation.external:
            return Picture(name or posixpath.basename(relation.target))
        if relation.target not in self._pictures:
            self._pictures[relation.target] = self._redness(relation.target)
        return Picture(name or posixpath.basename(relation.target), self._pictures[relation.target])

    def shown(self) -> list[bytes]:
        """The content of the pictures that were asked for, in the order of asking."""
        return [content for part in self._pictures if (content := self.content(part)) is not None]

    def findings(self) -> list[Finding]:
        """What the package itself gives cause to say: macros, links to the outside."""
        found: list[Finding] = []
        if any(_is_macro(part) for part in self._members):
            found.append(
                Finding("warning", "macros", "", f"“{self.name}”带有宏；宏没有运行，只读取了文字。")
            )
        lost = self._missing & {r.target for r in self._linked() if not r.external}
        lost |= self._unlinked
        if lost:
            found.append(
                Finding(
                    "error" if any(part.endswith(".xml") for part in lost) else "warning",
                    "part-missing",
                    "",
                    f"“{self.name}”不完整：缺少 {len(lost)} 个部件（{'、'.join(sorted(lost)[:3])}），"
                    "可能缺表、缺图或格式有误。请在 Word、Excel 或 WPS 中打开并另存后重新提交。",
                )
            )
        outside = {
            relation.target
            for relation in self._linked()
            if relation.external and relation.kind != "hyperlink"
        }
        if outside:
            found.append(
                Finding(
                    "info",
                    "external-link",
                    "",
                    f"“{self.name}”引用了 {len(outside)} 处外部文件；没有打开，内容不计在内。",
                )
            )
        return found

    def _linked(self) -> Iterator[Relationship]:
        """All relations that were looked at."""
        return (link for relations in self._relations.values() for link in relations.values())

    def _refuse_doubles(self) -> None:
        """Which of two parts of one name is meant, every program decides for itself."""
        for info in self._archive.infolist():
            kept = self._members[_part_name(info.filename)]
            if (info.CRC, info.file_size) != (kept.CRC, kept.file_size):
                raise _unsafe(self.name, f"内有两个同名而内容不同的部件（{kept.filename}）")

    def _refuse_too_large(self) -> None:
        infos = self._archive.infolist()
        if len(infos) > LIMITS.members:
            raise _unsafe(self.name, f"内含 {len(infos)} 个部件，超过 {LIMITS.members} 个")
        if sum(info.file_size for info in infos) > LIMITS.inflated:
            raise _unsafe(self.name, f"解压后超过 {LIMITS.inflated >> 20} MB")

    def _parse(self, data: bytes, fold: Callable[[bytes], bytes] | None = None) -> Element:
        if len(data) > LIMITS.part:
            raise _unsafe(self.name, f"一个部件解压后超过 {LIMITS.part >> 20} MB")
        if _elements(data) > LIMITS.elements:
            raise _unsafe(self.name, f"一个部件的元素超过 {LIMITS.elements} 个")
        self._refuse_doctype(data)
        if b"purl.oclc.org" in data:
            data = STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", data)
        return etree.fromstring(data if fold is None else fold(data), parser())

    def _refuse_doctype(self, data: bytes) -> None:
        if any(doctype in data for doctype in (DOCTYPES if b"\0" in data else DOCTYPES[:1])):
            raise _unsafe(self.name, "内含 DOCTYPE 声明，正常的办公文档没有这种内容")

    def _read_relations(self, part: str) -> Iterator[tuple[str, Relationship]]:
        folder, base = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        if root is None:
            return
        for link in root.iterchildren("{*}Relationship"):
            external = link.get("TargetMode") == "External"
            target = link.get("Target", "")
            if not external:
                target = _part_name(posixpath.normpath(posixpath.join("/", folder, target)))
            yield (
                link.get("Id", ""),
                Relationship(posixpath.basename(link.get("Type", "")), target, external),
            )

    def _redness(self, part: str) -> float | None:
        data = self.content(part)
        return None if data is None else red_share(data)


def _part_name(name: str) -> str:
    """Parts are named without regard to case; some programs write backslashes."""
    return name.replace("\\", "/").lstrip("/").lower()


def _elements(data: bytes) -> int:
    """How many XML elements there are, or more; they are not counted where so few bytes cannot
    hold too many."""
    if len(data) <= LIMITS.elements * len("<a/>"):
        return 0
    return data.count(b"<") - data.count(b"</")


def _is_macro(part: str) -> bool:
    """VBA, or a sheet of Excel 4 macros (XLM)."""
    return posixpath.basename(part) == "vbaproject.bin" or part.startswith("xl/macrosheets/")


def parser() -> etree.XMLParser:
    # Without the table of ids, which nobody asks for, parsing takes a third of the time.
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True, collect_ids=False,
    )  # fmt: skip


def bound_table(name: str, table: str, rows: int, columns: int) -> None:
    """UnsafeError for a table that is no list of people or enterprises. `table`: what it is called."""
    if rows > LIMITS.rows or rows * columns > LIMITS.slots:
        raise UnsafeError(
            f"“{name}”没有读取：{table}有 {rows} 行、{columns} 列，超过 {LIMITS.rows} 行"
            f"（或 {LIMITS.slots // 10_000} 万格）的上限。",
            remedy="请只留申报表格，删去多余的行和列后重新提交。",
        )


def _unsafe(name: str, why: str) -> UnsafeError:
    return UnsafeError(
        f"“{name}”没有读取：{why}。", remedy="请核对来源，另存为普通文档后重新提交。"
    )


def damaged(name: str) -> UnreadableError:
    """What is said of a file whose inside does not hold together."""
    return UnreadableError(
        f"“{name}”已损坏或不完整，读不出来。",
        remedy="请在 Word、Excel 或 WPS 中打开并另存后重新提交。",
    )


#: What a broken file makes the libraries below throw; a reader turns all of them into one error.
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, etree.LxmlError, EOFError, KeyError, IndexError,
    ValueError, NotImplementedError, RecursionError, OverflowError, OSError,
)  # fmt: skip


@contextmanager
def open_package(path: Path, name: str) -> Iterator[Package]:
    """Open an OOXML file; inside the block whatever breaks on bad content is UnreadableError.

    Raises ProtectedError (password), UnsafeError (could do harm), UnsupportedError (the old
    binary format under a new name), UnreadableError (damaged).
    """
    try:
        _refuse_ole(path, name)
        with open_zip(path) as archive:
            yield Package(archive, name)
    except BROKEN as error:
        raise damaged(name) from error


def _refuse_ole(path: Path, name: str) -> None:
    with path.open("rb") as stream:
        if stream.read(8) != OLE_MAGIC:
            return
        stream.seek(0)
        # The directory of a compound file may lie anywhere: it is searched whole, piece by piece.
        tail = b""
        while piece := stream.read(1 << 20):
            if ENCRYPTED_STREAM in tail + piece:
                raise ProtectedError(f"“{name}”有密码，打不开。", remedy="请去掉密码后重新提交。")
            tail = piece[-len(ENCRYPTED_STREAM) :]
    raise UnsupportedError(
        f"“{name}”是旧版（.doc 或 .xls）文件，只是改了扩展名。",
        remedy="请在 Word、Excel 或 WPS 中另存为 .docx 或 .xlsx 后重新提交。",
    )


def child(element: Element, tag: str) -> Element | None:
    """The first child of a name; `find` asks the same by way of a path language, slowly."""
    for found in element.iterchildren(tag):
        return found
    return None


# ---------------------------------------------------------------------------- colour of pictures

#: Formats that may be decoded: Pillow knows many more, some of them seldom tried by anyone.
PICTURE_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP")
THUMBNAIL = (96, 96)
NEARLY_WHITE = 235
NEARLY_CLEAR = 40
PICTURE_ERRORS = (
    OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError,
    struct.error, zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def red_share(data: bytes) -> float | None:
    """The share (0–1) of a picture's visible pixels that are red; None if it cannot be seen."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=PICTURE_FORMATS) as image:
                if image.width * image.height > LIMITS.pixels:
                    return None
                image.draft("RGB", THUMBNAIL)
                small = image.convert("RGBA")
                small.thumbnail(THUMBNAIL)
    except PICTURE_ERRORS:
        return None
    raw = small.tobytes()
    visible = [
        (red, green, blue)
        for red, green, blue, alpha in zip(*(raw[i::4] for i in range(4)), strict=True)
        if alpha > NEARLY_CLEAR and min(red, green, blue) < NEARLY_WHITE
    ]
    if not visible:
        return 0.0
    return sum(_is_red(*pixel) for pixel in visible) / len(visible)


def _is_red(red: int, green: int, blue: int) -> bool:
    """Red ink, also thin and pale: clearly more red than the rest, green and blue much alike."""
    other = max(green, blue)
    return red > 90 and red - other > 0.15 * red and abs(green - blue) < 0.6 * (red - other) + 12


# ------------------------------------------------------------------------------- symbol fonts

#: What a person sees where a symbol font stands, by the font's own code (0x20–0xFF). Word stores
#: such characters as `w:sym` or as text in the private area F020–F0FF, or as the bare letter.
_WINGDINGS: dict[int, str] = {
    0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "□", 0x70: "□", 0x71: "❑", 0x72: "❒", 0x73: "⬧",
    0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x78: "☒", 0x7D: "”", 0x9E: "·", 0x9F: "•",
    0xA0: "▪", 0xA1: "○", 0xA2: "○", 0xA3: "○", 0xA4: "◉", 0xA5: "◎", 0xA6: "○", 0xA7: "▪",
    0xA8: "□", 0xAB: "★", 0xD8: "➢", 0xE0: "→", 0xE8: "→", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓",
    0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_WINGDINGS.update({0x80 + i: char for i, char in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")})

_WINGDINGS_2: dict[int, str] = {
    0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x55: "⊗", 0x56: "⊗",
    0x97: "•", 0x98: "●", 0x99: "○", 0x9A: "○", 0x9B: "○", 0x9C: "◉", 0x9D: "⊙", 0x9E: "⦿",
    0x9F: "▪", 0xA0: "▪", 0xA1: "◾", 0xA2: "■", 0xA3: "□", 0xA4: "□", 0xA5: "□", 0xA6: "▣",
    0xA7: "▣", 0xA8: "▣",
}  # fmt: skip
_WINGDINGS_2.update({0x69 + i: char for i, char in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")})

SYMBOL_FONTS: dict[str, dict[int, str]] = {
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
    "wingdings 3": {0x22: "↑", 0x21: "→"},
    "webdings": {0x61: "✓", 0x63: "□", 0x67: "■", 0x6E: "●", 0x72: "✗", 0x3D: "○"},
    "marlett": {0x61: "✓", 0x62: "✓", 0x72: "✗"},
    "symbol": {
        0xB4: "×", 0xB7: "•", 0xD6: "√", 0xB1: "±", 0xB0: "°", 0xA3: "≤", 0xB3: "≥", 0xA5: "∞",
        0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xD7: "·", 0xAE: "→", 0xA8: "♦", 0xA0: "€",
    },
}  # fmt: skip

PRIVATE = re.compile("[\uf020-\uf0ff]")


def is_symbol_font(font: str | None) -> bool:
    return font is not None and font.strip().lower() in SYMBOL_FONTS


def symbol(font: str | None, code: int) -> str:
    """The character a person sees for a code of a symbol font; unknown ones stay as they are.

    >>> symbol("Wingdings", 0xF0FE), symbol("Wingdings 2", 0x52)
    ('☑', '☑')
    """
    table = SYMBOL_FONTS.get((font or "wingdings").strip().lower())
    low = code & 0xFF if 0xF000 <= code <= 0xF0FF else code
    if table is None:
        return chr(low) if 0x20 <= low <= 0x7E else _character(code)
    return table.get(low, " " if low == 0x20 else _character(code))


def symbol_text(font: str | None, text: str) -> str:
    """Text that is set in a symbol font, as it is seen; Chinese in such a run is left alone."""
    return "".join(symbol(font, ord(c)) if _is_symbol_code(ord(c)) else c for c in text)


def private_text(text: str) -> str:
    """Symbol characters in text whose font says nothing: Wingdings is what they nearly always are."""
    return PRIVATE.sub(lambda match: symbol(None, ord(match[0])), text)


def _is_symbol_code(code: int) -> bool:
    return 0x20 <= code <= 0xFF or 0xF020 <= code <= 0xF0FF


def _character(code: int) -> str:
    return chr(code) if 0x20 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"

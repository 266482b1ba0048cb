"""A PDF file, as far as a printed page needs one: objects, streams and embedded fonts.

Nothing in it tells when or where it was made: the same objects give the same bytes (ISO 32000-1).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from itertools import accumulate

from isal import isal_zlib

from pipeline import tounicode
from pipeline.announce.fonts import Face

#: Outlines hardly shrink further on higher levels.
LEVEL = 1
#: Symbolic: the codes of a subset are its own (ISO 32000-1 §9.8.2).
SYMBOLIC = 4


class File:
    """Objects, numbered from 1 as they are added or reserved."""

    def __init__(self, version: str = "1.7") -> None:
        # The comment's bytes tell programs that the file is binary (§7.5.2).
        self._header = f"%PDF-{version}\n%".encode() + b"\xe2\xe3\xcf\xd3\n"
        self._bodies: list[bytes] = []

    def reserve(self) -> int:
        """The number of an object that is added later."""
        self._bodies.append(b"")
        return len(self._bodies)

    def add(self, body: str | bytes, number: int | None = None) -> int:
        """An object's number, which may have been reserved."""
        number = number or self.reserve()
        encoded = body.encode() if isinstance(body, str) else body
        self._bodies[number - 1] = b"%d 0 obj\n%b\nendobj\n" % (number, encoded)
        return number

    def stream(self, content: bytes, entries: str = "", *, plain: bool = False) -> int:
        """A stream; `plain` ones are not compressed."""
        if not plain:
            content = isal_zlib.compress(content, LEVEL)
            entries += "/Filter/FlateDecode"
        head = f"<<{entries}/Length {len(content)}>>\nstream\n".encode()
        return self.add(b"".join((head, content, b"\nendstream")))

    def finish(self, catalog: str, info: str) -> bytes:
        """The file's bytes."""
        root, about = self.add(catalog), self.add(info)
        whole = [self._header, *self._bodies]
        mark = hashlib.md5(b"".join(whole), usedforsecurity=False).hexdigest()
        *places, end = accumulate(map(len, whole))
        count = len(self._bodies) + 1
        table = "".join(f"{place:010d} 00000 n \n" for place in places)
        trailer = (
            f"xref\n0 {count}\n0000000000 65535 f \n{table}"
            f"trailer\n<</Size {count}/Root {root} 0 R/Info {about} 0 R/ID[<{mark}><{mark}>]>>\n"
            f"startxref\n{end}\n%%EOF\n"
        )
        return b"".join((*whole, trailer.encode()))


def text(value: str) -> str:
    """A text string: ASCII as it is, else UTF-16 (§7.9.2.2)."""
    if value.isascii() and value.isprintable():
        escaped = value.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return f"({escaped})"
    return f"<FEFF{tounicode.utf16(value)}>"


def name(value: str) -> str:
    """A name without its slash; what is no plain character is written as its bytes (§7.3.5)."""
    return "".join(
        char if char.isascii() and (char.isalnum() or char in "-_+.") else
        "".join(f"#{byte:02X}" for byte in char.encode())
        for char in value
    )  # fmt: skip


def array(numbers: Iterable[float]) -> str:
    return f"[{' '.join(f'{number:.6g}' for number in numbers)}]"


# --- fonts ----------------------------------------------------------------------------------


class EmbeddedFont:
    """A face in one file: a Type0 font that holds the characters drawn (§9.7).

    Every character has a code of its own, counted from 1 as they come, also where two share a
    glyph: what is printed can be searched and copied as it was written.
    """

    def __init__(self, face: Face, resource: str) -> None:
        self.face, self.resource = face, resource
        self._chars: list[str] = []

    def code(self, char: str) -> str:
        """The code of a character that has none yet, in hexadecimal."""
        self._chars.append(char)
        return f"{len(self._chars):04X}"

    def write(self, file: File) -> int:
        face, font = self.face, self.face.font
        glyphs = [0, *(font.glyphs[ord(char)] for char in self._chars)]
        called = name(f"{_tag(self._chars)}+{face.name}")
        program = font.subset(glyphs)
        program_at = file.stream(program, f"/Length1 {len(program)}")
        descriptor = file.add(
            f"<</Type/FontDescriptor/FontName/{called}/Flags {SYMBOLIC}/ItalicAngle 0/StemV 80"
            f"/FontBBox{array(font.box)}/Ascent {font.ascent}/Descent {font.descent}"
            f"/CapHeight {font.ascent}/FontFile2 {program_at} 0 R>>"
        )
        widths = _widths([font.advances[glyph] for glyph in glyphs])
        descendant = file.add(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{called}"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor {descriptor} 0 R/DW 1000/W[{widths}]/CIDToGIDMap/Identity>>"
        )
        to_unicode = file.stream(tounicode.cmap(enumerate(self._chars, 1)))
        return file.add(
            f"<</Type/Font/Subtype/Type0/BaseFont/{called}/Encoding/Identity-H"
            f"/DescendantFonts[{descendant} 0 R]/ToUnicode {to_unicode} 0 R>>"
        )


def _tag(chars: Sequence[str]) -> str:
    """Six capitals that tell subsets apart (§9.6.4)."""
    number = zlib.crc32("".join(chars).encode())
    return "".join(chr(65 + number // 26**place % 26) for place in range(6))


def _widths(advances: Sequence[int]) -> str:
    """The codes that are not a full em wide (§9.7.4.3)."""
    return "".join(
        f" {code}[{advance}]" for code, advance in enumerate(advances) if advance != 1000
    )

"""The faces of a form drawn as PDF, and how a PDF file carries them.

A character is set in the first face of its chain that has it, so that rare characters of names
(堃 喆 䶮 𬱖) find one. What is drawn is embedded as a Type0 font (Identity-H, ISO 32000-1 §9.7)
that holds only the glyphs drawn; every code stands for one character, also where two characters
share a glyph or no face has one, so that what is printed can be searched and copied. What people
may type later is set in one whole font, the `typing_font`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from reportlab.pdfbase.ttfonts import TTFontFile

from pipeline import settings, tounicode

FANG = "FandolFang-Regular"
KAI = "FandolKai-Regular"
SONG_BLACK = "NotoSerifSC-Black"
SONG = "NotoSerifSC-Light"
HEI = "NotoSansSC-Regular"
#: 黑体 as far as people type it: see templates/fonts/README.md.
TYPED = "NotoSansSC-Typing"

#: The typeface a template names → the faces that set its Chinese, in turn.
_CHAINS: Mapping[str, tuple[str, ...]] = {
    "小标宋": (SONG_BLACK, SONG, HEI),
    "仿宋": (FANG, SONG, HEI),
    "楷体": (KAI, SONG, HEI),
    "黑体": (HEI, SONG),
    "宋体": (SONG, HEI),
}
#: Fandol's Latin letters look sans-serif beside its Chinese: these take Latin from 宋体.
_LATIN_FROM_SONG = frozenset({FANG, KAI})
#: A ticked box is an empty one with a tick drawn into it: no face has a glyph of its own.
_SHAPE = {"☑": "□"}
#: Characters that take no room: marks of direction, joiners, variation selectors.
_UNSEEN = frozenset([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
                     *range(0xFE00, 0xFE10)])  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Face:
    """One font file: `glyphs` are glyph numbers by code point; vertical measures in em."""

    name: str
    file: Any
    glyphs: Mapping[int, int]

    def has(self, char: str) -> bool:
        return ord(_SHAPE.get(char, char)) in self.glyphs

    def width(self, char: str) -> float:
        """The advance in em; that of a full-width blank where the face lacks the character."""
        code = ord(_SHAPE.get(char, char))
        if code in _UNSEEN:
            return 0.0
        return float(self.file.charWidths[code]) / 1000 if code in self.glyphs else 1.0


@cache
def face(name: str) -> Face:
    file: Any = TTFontFile(str(settings.templates_dir() / "fonts" / f"{name}.ttf"))
    return Face(name, file, file.charToGlyph)


Chain = tuple[str, ...]


@cache
def chain(typeface: str) -> Chain:
    """仿宋_GB2312 → the faces of 仿宋; an unknown typeface is set as 宋体."""
    return next((faces for role, faces in _CHAINS.items() if role in typeface), _CHAINS["宋体"])


@cache
def face_of(char: str, faces: Chain) -> Face:
    if char.isascii() and faces[0] in _LATIN_FROM_SONG:
        faces = (SONG, *faces)
    return next((found for name in faces if (found := face(name)).has(char)), face(faces[-1]))


# ---------------------------------------------------------------- in a file


class Fonts:
    """The fonts of one file: which characters are drawn in which face, and under which codes."""

    def __init__(self) -> None:
        self._codes: dict[str, dict[str, int]] = {}

    def show(self, text: Sequence[str], faces: Chain) -> Iterator[tuple[str, str]]:
        """The text as (font resource, hexadecimal string) in turn, a face each."""
        for name, chars in groupby(text, lambda char: face_of(char, faces).name):
            codes = self._codes.setdefault(name, {})
            numbers = [codes.setdefault(char, len(codes) + 1) for char in chars]
            yield f"/{name}", "".join(f"{number:04X}" for number in numbers)

    def resources(self, pdf: pikepdf.Pdf) -> Dictionary:
        """The /Font dictionary of all that was shown."""
        found = {
            f"/{name}": _subset(pdf, face(name), codes)
            for name, codes in sorted(self._codes.items())
        }
        return Dictionary(found)


def _subset(pdf: pikepdf.Pdf, of: Face, codes: Mapping[str, int]) -> pikepdf.Object:
    """The Type0 font that holds the characters; their codes count from 1 in order."""
    shapes = [ord(_SHAPE.get(char, char)) for char in codes]
    program = of.file.makeSubset(shapes)
    numbers = {0: 0}
    for code in shapes:
        numbers.setdefault(of.glyphs.get(code, 0), len(numbers))
    glyphs = [0, *(numbers[of.glyphs.get(code, 0)] for code in shapes)]
    widths = [1000, *(round(of.width(char) * 1000) for char in codes)]
    to_unicode = zlib.compress(tounicode.cmap((number, char) for char, number in codes.items()))
    name = f"{_tag(codes)}+{of.name}"
    to_glyph = pdf.make_stream(b"".join(glyph.to_bytes(2, "big") for glyph in glyphs))
    return _type0(
        pdf,
        of,
        name,
        zlib.compress(program, 9),
        len(program),
        _widths(widths),
        to_unicode,
        to_glyph,
    )


def _tag(codes: Mapping[str, int]) -> str:
    """Six capitals that tell subsets apart (ISO 32000-1 §9.6.4)."""
    number = zlib.crc32("".join(codes).encode("utf-8", "surrogatepass"))
    return "".join(chr(65 + number // 26**place % 26) for place in range(6))


@dataclass(frozen=True, slots=True)
class _Whole:
    """A whole font file, compressed once for all forms of a run."""

    program: bytes
    length: int
    widths: bytes
    to_unicode: bytes


@cache
def _whole(name: str) -> _Whole:
    found = face(name)
    program = (settings.templates_dir() / "fonts" / f"{name}.ttf").read_bytes()
    to_unicode: dict[int, str] = {}
    for code, glyph in sorted(found.glyphs.items()):
        to_unicode.setdefault(glyph, chr(code))
    em = found.file.unitsPerEm
    widths = tuple(round(1000 * width / em) for width, _ in found.file.hmetrics)
    cmap = zlib.compress(tounicode.cmap(to_unicode.items()), 9)
    return _Whole(zlib.compress(program, 9), len(program), _widths(widths), cmap)


def typing_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """The font for what people type: 9,676 characters, all of 通用规范汉字表 and GB 2312 among them
    (so the rare characters that names may be registered with), drawn on a coarser grid. What it
    lacks (a name of before 2013 in a character of GBK) is kept in the value all the same; a reader
    program shows it in a font of its system."""
    whole = _whole(TYPED)
    return _type0(
        pdf,
        face(TYPED),
        TYPED,
        whole.program,
        whole.length,
        whole.widths,
        whole.to_unicode,
        Name.Identity,
    )


def _type0(
    pdf: pikepdf.Pdf, of: Face, name: str, program: bytes, length: int, widths: bytes,
    to_unicode: bytes, to_glyph: pikepdf.Object,
) -> pikepdf.Object:  # fmt: skip
    stream = _deflated(pdf, program, Length1=length)
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor, FontName=Name(f"/{name}"), Flags=4, ItalicAngle=0, StemV=80,
            Ascent=of.file.ascent, Descent=of.file.descent, CapHeight=of.file.capHeight,
            FontBBox=Array([round(v) for v in of.file.bbox]), FontFile2=stream,
        )
    )  # fmt: skip
    descendant = pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name(f"/{name}"),
            CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            FontDescriptor=descriptor, DW=1000, W=pikepdf.Object.parse(widths), CIDToGIDMap=to_glyph,
        )
    )  # fmt: skip
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name(f"/{name}"), Encoding=Name("/Identity-H"),
            DescendantFonts=Array([descendant]), ToUnicode=_deflated(pdf, to_unicode),
        )
    )  # fmt: skip


def _deflated(pdf: pikepdf.Pdf, content: bytes, **entries: Any) -> pikepdf.Stream:
    """A stream of what is compressed already."""
    stream = pikepdf.Stream(pdf, b"", **entries)
    stream.write(content, filter=Name.FlateDecode)
    return stream


def _widths(widths: Sequence[int]) -> bytes:
    """/W: stretches of codes that are not 1000 wide (ISO 32000-1 §9.7.4.3)."""
    found: list[str] = []
    for usual, codes in groupby(range(len(widths)), lambda code: widths[code] == 1000):
        if not usual:
            stretch = list(codes)
            found.append(f"{stretch[0]} [{' '.join(str(widths[code]) for code in stretch)}]")
    return f"[{' '.join(found)}]".encode("ascii")

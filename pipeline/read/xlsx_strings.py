"""Strings and cell styles of a workbook: a cell's text as lines of runs, with its look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.document import Run
from pipeline.read.ooxml import PRIVATE, Element, child, is_symbol_font, private_text, symbol_text
from pipeline.read.xlsx_formats import BUILT_IN, GENERAL, Format, read_format

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: What a cell style carries beside fonts and formats; so far only check boxes in cells.
COMPLEMENT = (
    "{http://schemas.microsoft.com/office/spreadsheetml/2022/featurepropertybag}xfComplement"
)


def m(name: str) -> str:
    return f"{{{MAIN}}}{name}"


ROW, CELL, VALUE, FORMULA, INLINE, TEXT, RICH, RICH_PR = (
    m("row"), m("c"), m("v"), m("f"), m("is"), m("t"), m("r"), m("rPr"),
)  # fmt: skip
OFF = frozenset({"0", "false", "off", "none"})


Look = tuple[bool, bool, bool]  # bold, underline, highlight
PLAIN: Look = (False, False, False)
Lines = tuple[tuple[Run, ...], ...]  # lines of runs
Content = Lines | str  # one line of plain text is that text


@dataclass(frozen=True, slots=True)
class Style:
    """What a cell style settles for reading."""

    form: Format = GENERAL
    look: Look = PLAIN
    symbols: str | None = None
    struck: bool = False
    plain: bool = True
    checkbox: bool = False  # TRUE and FALSE are shown as a box that is ticked or not

    @property
    def is_bare(self) -> bool:
        """It changes nothing of how a text is read."""
        return self.look == PLAIN and self.symbols is None and not self.struck


@dataclass(frozen=True, slots=True)
class Font:
    look: Look = PLAIN
    symbols: str | None = None
    struck: bool = False


def _flag(element: Element | None) -> bool:
    return element is not None and element.get("val", "1") not in OFF


def _read_font(font: Element | None) -> Font:
    if font is None:
        return Font()
    name = font.find(m("name"))
    name = font.find(m("rFont")) if name is None else name
    family = None if name is None else name.get("val")
    return Font(
        (_flag(font.find(m("b"))), _flag(font.find(m("u"))), False),
        family if is_symbol_font(family) else None,
        _flag(font.find(m("strike"))),
    )


def read_styles(root: Element | None) -> list[Style]:
    if root is None:
        return []
    codes = dict(BUILT_IN)
    for item in root.iterfind(f"{m('numFmts')}/{m('numFmt')}"):
        codes[int(item.get("numFmtId", "0"))] = item.get("formatCode", "")
    forms = {key: read_format(code) for key, code in codes.items()}
    fonts = [_read_font(font) for font in root.iterfind(f"{m('fonts')}/{m('font')}")]
    found = []
    for xf in root.iterfind(f"{m('cellXfs')}/{m('xf')}"):
        number = int(xf.get("fontId", "0"))
        font = fonts[number] if 0 <= number < len(fonts) else Font()
        form = forms.get(int(xf.get("numFmtId", "0")), GENERAL)
        plain = form == GENERAL and not font.struck
        checkbox = next(xf.iter(COMPLEMENT), None) is not None
        found.append(Style(form, font.look, font.symbols, font.struck, plain, checkbox))
    return found


Piece = tuple[str, Font | None]  # text and, for rich text, the font of its own


def pieces_of(item: Element | None) -> list[Piece]:
    """The text of a shared or inline string, without the phonetic guide."""
    found: list[Piece] = []
    for part in () if item is None else item:
        if part.tag == TEXT:
            found.append((clean(part.text), None))
        elif part.tag == RICH:
            own = child(part, RICH_PR)
            font = None if own is None else _read_font(own)
            found.append((clean(part.findtext(TEXT)), font))
    return found


def is_struck(pieces: Iterable[Piece], style: Style) -> bool:
    """Some of the text is struck through."""
    return any((style if font is None else font).struck for text, font in pieces if text.strip())


def clean(text: str | None) -> str:
    """Undo `_x000D_` escapes; one kind of line end."""
    if not text:
        return ""
    if "_x" in text:
        text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)
        text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def content_of(pieces: Sequence[Piece], style: Style) -> Content:
    """Lines of runs: the cell's look unless a run has its own. Text struck through is left out."""
    if len(pieces) == 1 and style.is_bare:
        text, own = pieces[0]
        if own is None and text.isalnum():
            return text  # as nearly all of them
    lines: list[list[Run]] = [[]]
    for text, font in pieces:
        if (style if font is None else font).struck:
            continue
        look = style.look if font is None else font.look
        symbols = style.symbols if font is None else font.symbols
        if symbols is not None:
            text = symbol_text(symbols, text)
        elif PRIVATE.search(text):
            text = private_text(text)
        for number, line in enumerate(text.split("\n")):
            if number:
                lines.append([])
            if line:
                lines[-1].append(Run(line, *look))
    if len(lines) == 1 and len(lines[0]) == 1 and lines[0][0].look == PLAIN:
        return lines[0][0].text
    return tuple(tuple(line) for line in lines)

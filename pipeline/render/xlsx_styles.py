"""The looks of cells, each written once: fonts, borders and formats of a workbook (styles.xml)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from xml.sax.saxutils import quoteattr

from pipeline.render.layout import Edges, Font

#: Number formats that every spreadsheet knows (ECMA-376 part 1, 18.8.30): General and text.
GENERAL, TEXT = 0, 49

NO_BORDERS = Edges()

Horizontal = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks. `fits`: long content is shrunk to one line (a number cannot wrap, and
    would show as ####); else it wraps. `quoted`: what stands there is text although it begins
    like a formula."""

    font: Font
    borders: Edges = NO_BORDERS
    horizontal: Horizontal = "left"
    vertical: str = "center"
    number_format: int = GENERAL
    indent: int = 0
    fits: bool = False
    locked: bool = True
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Looks:
    """Style numbers of one cell: `plain` for what its kind expects, `text` for other text,
    `quoted` for text that begins like a formula. `number`: the cell takes numbers as numbers."""

    plain: int
    text: int
    quoted: int
    number: bool = False


class StyleTable:
    """Style numbers by look, and the styles.xml of all that were asked for."""

    def __init__(self) -> None:
        # The first font sets the unit of column widths. Times New Roman, or a face of its
        # measure, is on every system, and at 12 points its digits are 8 pixels wide.
        self._fonts: dict[str, int] = {_font_xml(Font("Times New Roman", "", 12.0)): 0}
        self._borders: dict[str, int] = {_border_xml(NO_BORDERS): 0}
        self._formats: dict[str, int] = {_format_xml(Look(Font("", "", 12.0)), 0, 0): 0}

    def number(self, look: Look) -> int:
        font = self._fonts.setdefault(_font_xml(look.font), len(self._fonts))
        border = self._borders.setdefault(_border_xml(look.borders), len(self._borders))
        return self._formats.setdefault(_format_xml(look, font, border), len(self._formats))

    def label(self, look: Look) -> Looks:
        number = self.number(look)
        return Looks(number, number, number)

    def hole(self, look: Look, *, number: bool, general: bool) -> Looks:
        """An open cell. Numbers and dates stand in General cells, so that what is typed becomes
        one; everything else is text whatever it looks like (codes, phones, `=1+1`)."""
        text = replace(look, locked=False, number_format=TEXT)
        plain = replace(text, number_format=GENERAL, fits=number) if number or general else text
        return Looks(
            self.number(plain),
            self.number(text),
            self.number(replace(text, quoted=True)),
            number,
        )

    def xml(self) -> str:
        parts = (
            _list("fonts", self._fonts),
            '<fills count="2"><fill><patternFill patternType="none"/></fill>'
            '<fill><patternFill patternType="gray125"/></fill></fills>',
            _list("borders", self._borders),
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
            _list("cellXfs", self._formats),
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>',
        )
        return (
            '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"{''.join(parts)}</styleSheet>"
        )


def _list(name: str, items: dict[str, int]) -> str:
    return f'<{name} count="{len(items)}">{"".join(items)}</{name}>'


def _font_xml(font: Font) -> str:
    bold = "<b/>" if font.bold else ""
    underline = "<u/>" if font.underline else ""
    chinese = "" if font.name.isascii() else '<charset val="134"/>'  # GB 2312, for a substitute
    return (
        f'<font>{bold}{underline}<sz val="{font.size:g}"/><name val={quoteattr(font.name)}/>'
        f"{chinese}</font>"
    )


def _border_xml(borders: Edges) -> str:
    sides = (
        ("left", borders.left), ("right", borders.right), ("top", borders.top),
        ("bottom", borders.bottom),
    )  # fmt: skip
    return f"<border>{''.join(_side_xml(side, width) for side, width in sides)}<diagonal/></border>"


def _side_xml(side: str, width: float) -> str:
    if not width:
        return f"<{side}/>"
    style = "hair" if width < 0.4 else "thin" if width < 1.2 else "medium" if width < 2 else "thick"
    return f'<{side} style="{style}"><color auto="1"/></{side}>'


def _format_xml(look: Look, font: int, border: int) -> str:
    quoted = ' quotePrefix="1"' if look.quoted else ""
    indent = f' indent="{look.indent}"' if look.indent else ""
    flow = 'shrinkToFit="1"' if look.fits else 'wrapText="1"'
    return (
        f'<xf numFmtId="{look.number_format}" fontId="{font}" fillId="0" borderId="{border}" xfId="0"'
        f'{quoted} applyNumberFormat="1" applyFont="1" applyBorder="1" applyAlignment="1" applyProtection="1">'
        f'<alignment horizontal="{look.horizontal}" vertical="{look.vertical}"'
        f"{indent} {flow}/>"
        f'<protection locked="{int(look.locked)}"/></xf>'
    )

"""标牌: one page for each certified institution, at the plaque's own size (第九条（五）).

The size is not regulated; the wording's file states it (600 × 400 mm by habit). The page is the
trimmed plaque: bleed, marks and spot inks are the printer's version of it, which wraps `face`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.announce.compose import check, values_of
from pipeline.announce.facts import Institution
from pipeline.announce.fonts import FontSet, Role
from pipeline.announce.lines import Span, set_line, text_width, type_of
from pipeline.announce.page import ASCENT, MM
from pipeline.announce.pen import BLACK, Ink, Pen
from pipeline.announce.titles import break_title
from pipeline.announce.wording import Wording
from pipeline.regulation import regulation
from pipeline.settings import DEFAULT_EDITION

#: A plaque is engraved in red and black on gold; on paper the gold is its frame.
PLAQUE_RED = Ink.rgb(0.76, 0.05, 0.05)
GOLD = Ink.rgb(0.72, 0.53, 0.16)

#: Places and sizes as shares of the plaque's height, so that another size keeps its proportions.
FRAME_OUTER, FRAME_INNER = 0.035, 0.05
NAME_BAND = (0.14, 0.34)
TITLE_TOP, TITLE_WIDTH = 0.42, 0.84
NAME_SIZE, NAME_LEAST, NAME_WIDTH = 0.072, 0.04, 0.78
ISSUER_TOP, ISSUER_SIZE = 0.68, 0.062
SMALL_TOP, SMALL_SIZE, SMALL_PITCH = 0.80, 0.034, 0.055


@dataclass(frozen=True, slots=True)
class Plate:
    """The plaque's size in points, and the types' fonts."""

    width: float
    height: float
    fonts: FontSet


def typeset(
    data: Mapping[str, Any], wording: Wording, fonts: FontSet, edition: str = DEFAULT_EDITION
) -> bytes:
    facts = check(data, wording)
    plate = Plate(wording.number("width_mm") * MM, wording.number("height_mm") * MM, fonts)
    pen = Pen(fonts, plate.width, plate.height, wording.entry("document"))
    pen.describe(wording.entry("issuer"), wording.entry("title"))
    values = values_of(facts, wording, regulation(edition))
    for number, institution in enumerate(facts.institutions):
        if number:
            pen.next_page()
        face(pen, plate, institution, wording, {**values, "it": institution})
    return pen.finish()


def face(
    pen: Pen, plate: Plate, institution: Institution, wording: Wording, values: dict[str, Any]
) -> None:
    """One plaque: frame, name, title, issuer, then validity and number."""
    _frame(pen, plate)
    _name(pen, plate, institution.name, wording.terms)
    title = wording.entry("title", **values)
    _centred(pen, plate, title, "小标宋", _title_size(plate, title), TITLE_TOP, PLAQUE_RED)
    size = ISSUER_SIZE * plate.height
    _centred(pen, plate, wording.entry("issuer"), "小标宋", size, ISSUER_TOP, BLACK)
    for number, text in enumerate(wording.paragraphs("small_print", **values)):
        top = SMALL_TOP + number * SMALL_PITCH
        _centred(pen, plate, text, "宋体", SMALL_SIZE * plate.height, top, BLACK)


def _frame(pen: Pen, plate: Plate) -> None:
    for share, weight in ((FRAME_OUTER, 0.006), (FRAME_INNER, 0.002)):
        inset = share * plate.height
        pen.frame(
            inset, inset, plate.width - 2 * inset, plate.height - 2 * inset,
            weight * plate.height, GOLD,
        )  # fmt: skip


def _title_size(plate: Plate, title: str) -> float:
    """The title fills its share of the width."""
    probe = 100.0
    width = text_width(title, type_of(plate.fonts, "小标宋", probe))
    return round(probe * TITLE_WIDTH * plate.width / width, 1)


def _name(pen: Pen, plate: Plate, name: str, terms: frozenset[str]) -> None:
    """The institution's name in the middle of its band, fitted."""
    lines, size = fit_name(plate, name, terms)
    top, bottom = NAME_BAND
    pitch = size * 1.3 / plate.height
    first = (top + bottom) / 2 - (len(lines) - 1) * pitch / 2 - size / plate.height / 2
    for number, line in enumerate(lines):
        _centred(pen, plate, line, "小标宋", size, first + number * pitch, BLACK)


def fit_name(plate: Plate, name: str, terms: frozenset[str]) -> tuple[list[str], float]:
    """A name's lines and type size (points): one line as large as it may be; a long name in two
    lines by sense rather than in one of small letters."""
    width, full = NAME_WIDTH * plate.width, NAME_SIZE * plate.height
    natural = text_width(name, type_of(plate.fonts, "小标宋", full))
    if natural <= width:
        return [name], full
    # Down to three quarters of the size one line still looks better than two.
    if natural * 0.75 <= width:
        return [name], round(full * width / natural, 1)
    size = 0.8 * full
    while size > NAME_LEAST * plate.height:
        lines = break_title(name, type_of(plate.fonts, "小标宋", round(size, 1)), width, terms)
        if len(lines) <= 2:
            return lines, round(size, 1)
        size *= 0.95
    return lines, round(size, 1)


def _centred(
    pen: Pen, plate: Plate, text: str, role: Role, size: float, top: float, ink: Ink
) -> None:
    """A line whose em box begins at the share `top` of the plate's height."""
    line = set_line([Span(text, type_of(plate.fonts, role, size))])
    y = plate.height * (1 - top) - ASCENT * size
    pen.text(line, (plate.width - line.width) / 2, y, ink)

"""A picture of one page → the same `Page` that a PDF page gives: glyphs, rules and images in
place, so that tables, paragraphs and rows over two pages are found as they are there.

turn → straighten → ink and red → rules → cells and strips → characters → glyphs, seal, boxes
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.document import Box
from pipeline.read import scan_picture as pictures
from pipeline.read.pdf_page import Frame, Glyph, Image, Page
from pipeline.read.pdf_rules import Rule, Table
from pipeline.read.scan_engine import Letter, recogniser
from pipeline.read.scan_lines import Strip, character_size, strips_of, without_specks
from pipeline.read.scan_marks import seal_of
from pipeline.read.scan_picture import DPI, Upright
from pipeline.read.scan_rules import rules_of, table_rules, without_rules
from pipeline.read.scan_turn import quarter_of

#: Points in a pixel.
POINT = 72.0 / DPI
#: How sure a character can be at most: nothing on a scan is certain.
SUREST = 0.999
#: How sure a character under a seal can be at most.
UNDER_SEAL = 0.85
#: Pixels between a cell's border and where its text is looked for.
INSET = 4


@dataclass(frozen=True, slots=True)
class PictureFrame(Frame):
    """A frame whose boxes go back to the picture as it came through a 3×3 matrix, row by row, in
    points."""

    back: tuple[float, ...] = ()

    def shown(self, box: Box) -> Box:
        matrix = np.array(self.back).reshape(3, 3)
        corners = np.array(
            [(x, y, 1.0) for x in (box.x0, box.x1) for y in (box.top, box.bottom)]
        )
        moved = corners @ matrix.T
        xs, ys = moved[:, 0] / moved[:, 2], moved[:, 1] / moved[:, 2]
        return Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))


def page_of(picture: Any, number: int) -> Page:
    """The page that a colour picture (blue, green, red) shows; A4 whatever its pixels are."""
    upright = upright_of(picture)
    frame = _frame(upright)
    rules, tables = table_rules([_in_points(rule) for rule in rules_of(upright.ink)])
    page = Page(number, frame, rules=rules)
    strips, size = _strips(upright, tables, rules)
    page.glyphs = _glyphs(upright, strips, size, rules)
    page.images = [Image(_box(*seal), "印章", 1.0) for seal in [seal_of(upright.red)] if seal]
    page.scan = "colour" if upright.colour else "grey"
    return page


def upright_of(picture: Any) -> Upright:
    """The picture at 200 dpi, the right way up and straight, with the way back."""
    sized, back = pictures.to_size(picture)
    quarter = quarter_of(sized)
    upright, turn = pictures.turned(sized, quarter)
    height, width = upright.shape[:2]
    angle = pictures.skew_of(pictures.ink_of(pictures.without_red(upright)))
    forth = pictures.straighten(angle, width, height)
    if abs(angle) > 0.03:
        upright = pictures.warped(upright, forth, (width, height))
    else:
        forth = np.eye(3)
    grey = pictures.without_red(upright)
    back = back @ turn @ np.linalg.inv(forth)
    return Upright(
        grey, pictures.ink_of(grey), pictures.red_of(upright), pictures.is_colour(upright), back
    )


def _frame(upright: Upright) -> PictureFrame:
    scale = np.diag((POINT, POINT, 1.0))
    back = scale @ upright.back @ np.linalg.inv(scale)
    bounds = (0.0, 0.0, upright.width * POINT, upright.height * POINT)
    return PictureFrame(bounds, 0, 0, tuple(float(v) for v in back.ravel()))


def _in_points(rule: Rule) -> Rule:
    return Rule(rule.horizontal, rule.at * POINT, rule.start * POINT, rule.end * POINT)


def _box(x0: float, top: float, x1: float, bottom: float) -> Box:
    return Box(x0 * POINT, top * POINT, x1 * POINT, bottom * POINT)


# -- where text stands --------------------------------------------------------------------------


def _strips(
    upright: Upright, tables: Sequence[Table], rules: Sequence[Rule]
) -> tuple[list[Strip], float]:
    """All pieces of lines: cell by cell, then what stands outside the tables."""
    ink = without_specks(without_rules(upright.ink, rules, 0, POINT))
    size = character_size(ink)
    strips: list[Strip] = []
    body = ink.copy()
    for table in tables:
        for cell in table.cells:
            x0, top, x1, bottom = _pixels(cell.box)
            part = ink[top + INSET : bottom - INSET, x0 + INSET : x1 - INSET]
            strips.extend(_moved(s, x0 + INSET, top + INSET) for s in strips_of(part, size))
        x0, top, x1, bottom = _pixels(table.box)
        body[max(top - 3, 0) : bottom + 3, max(x0 - 3, 0) : x1 + 3] = 0
    strips.extend(strips_of(body, size))
    return strips, size


def _pixels(box: Box) -> tuple[int, int, int, int]:
    x0, top, x1, bottom = (round(v / POINT) for v in (box.x0, box.top, box.x1, box.bottom))
    return max(x0, 0), max(top, 0), x1, bottom


def _moved(strip: Strip, x: int, y: int) -> Strip:
    x0, top, x1, bottom, line_top, line_bottom = strip
    return Strip(x0 + x, top + y, x1 + x, bottom + y, line_top + y, line_bottom + y)


# -- what stands there --------------------------------------------------------------------------


def _glyphs(
    upright: Upright, strips: Sequence[Strip], size: float, rules: Sequence[Rule]
) -> list[Glyph]:
    grey = without_rules(upright.grey, rules, 255, POINT)
    crops = [_crop(grey, strip, size) for strip in strips]
    texts = recogniser().read([crop for crop, _, _ in crops])
    glyphs: list[Glyph] = []
    for strip, (_, left, right), letters in zip(strips, crops, texts, strict=True):
        glyphs.extend(_placed(letters, strip, left, right, size, upright.red))
    return glyphs


def _crop(grey: Any, strip: Strip, size: float) -> tuple[Any, int, int]:
    """The picture of a strip with a little paper round it, never lower than a character (a dash
    blown up to full height is no dash); its left and right edge."""
    middle = (strip.line_top + strip.line_bottom) / 2
    half = max(strip.bottom - middle, middle - strip.top, 0.45 * size) + 3
    top, bottom = max(round(middle - half), 0), min(round(middle + half), grey.shape[0])
    left, right = max(strip.x0 - 4, 0), min(strip.x1 + 4, grey.shape[1])
    return grey[top:bottom, left:right], left, right


def _placed(
    letters: Sequence[Letter], strip: Strip, left: int, right: int, size: float, red: Any
) -> list[Glyph]:
    """Letters as glyphs that touch one another: what gaps mean the recogniser has said."""
    height = strip.line_bottom - strip.line_top
    em = size if 0.5 * size <= height <= 1.3 * size else max(height, 8.0)
    baseline = (strip.line_top + strip.line_bottom) / 2 + 0.36 * em
    middles = [left + letter.at * (right - left) for letter in letters]
    edges = [float(strip.x0)]
    edges += [(a + b) / 2 for a, b in zip(middles, middles[1:], strict=False)]
    edges.append(float(strip.x1))
    glyphs = []
    for letter, x0, x1 in zip(letters, edges, edges[1:], strict=False):
        sure = min(letter.sure, SUREST)
        under = red[strip.top : strip.bottom, max(int(x0), 0) : max(int(x1), int(x0) + 1)]
        if under.size and np.count_nonzero(under) > 0.03 * under.size:
            sure = min(sure, UNDER_SEAL)
        glyphs.append(
            Glyph(letter.text, x0 * POINT, x1 * POINT, baseline * POINT, em * POINT, sure=sure)
        )
    return glyphs

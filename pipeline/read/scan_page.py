"""A picture of one page → the same `Page` that a PDF page gives: glyphs, rules and images in
place, so that tables, paragraphs and rows over two pages are found as they are there.

turn → straighten → ink and red → rules → cells and strips → characters → glyphs, seal, boxes
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from pipeline.document import Box
from pipeline.read import scan_picture as pictures
from pipeline.read.pdf_chars import UNMAPPED
from pipeline.read.pdf_page import Frame, Glyph, Image, Page
from pipeline.read.pdf_rules import Rule, Table
from pipeline.read.scan_dashes import ALONE_LIKE, lone_dash, with_dashes
from pipeline.read.scan_engine import Letter, recogniser
from pipeline.read.scan_flat import flattened
from pipeline.read.scan_lines import (
    Strip,
    character_size,
    faint_marks,
    is_blurred,
    listed_strips_of,
    moved,
    pieces,
    strips_of,
    without_frames,
    without_specks,
)
from pipeline.read.scan_marks import (
    BOX,
    Corners,
    TickBox,
    drawings_of,
    joined,
    leans,
    lone_mark,
    rings_of,
    seals_of,
    signed,
    tick_boxes,
    ticked_boxes,
)
from pipeline.read.scan_picture import DPI, Upright
from pipeline.read.scan_rules import rules_of, table_rules, without_rules
from pipeline.read.scan_turn import pages_in, quarter_of
from pipeline.read.scan_words import (
    SIGNS,
    SLASH_LIKE,
    SURELY,
    TICK_LIKE,
    TICKS,
    doubt_of,
    has_room,
    in_chinese,
    is_chinese,
    may_be_box,
    with_boxes,
    with_waves,
    without_typesetting,
)

#: Points in a pixel.
POINT = 72.0 / DPI
#: How sure a character can be at most: nothing on a scan is certain.
SUREST = 0.999
#: How sure a character under a seal can be at most.
UNDER_SEAL = 0.85
#: How sure any character of a blurred page can be at most.
BLURRED = 0.85
#: Gaps between the pieces of a line are wider than so many characters; within a cell wider still, for
#: a thin comma leaves hardly any ink.
APART, WITHIN = 1.5, 2.2
#: And on a page where no rules part columns.
LISTED = 1.0
#: A box that holds so many times the ink of the page's usual ones is crossed by a stroke.
CROSSED = 1.35
#: What stands for writing of which nothing could be read, and how large that is (characters).
UNREAD, WRITTEN = UNMAPPED, 0.6
#: Characters of a line that stand so many times further apart than usual have room for one between
#: them, and it is there if so much of its breadth holds ink.
ROOM, INKED = 1.65, 0.12
#: Pixels between a cell's border and where its text is looked for.
INSET = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A strip and what was read on its crop, which reaches from `left` to `right` in pixels."""

    strip: Strip
    left: int
    right: int
    letters: list[Letter]

    def part(self, ink: Any) -> Any:
        return ink[self.strip.top : self.strip.bottom, self.strip.x0 : self.strip.x1]

    def share(self, box: TickBox) -> float:
        """Where a box of this strip stands, as letters tell it."""
        return (self.strip.x0 + (box.x0 + box.x1) / 2 - self.left) / (self.right - self.left)

    def holds(self, box: TickBox, size: float, side: int, *, listed: bool = False) -> bool:
        """Whether what was read leaves room for a box; `side`: how wide the page's boxes are."""
        if may_be_box(self.nearest(box, size), listed=listed or self.lists()):
            return True
        reach = 0.65 * size / (self.right - self.left)
        alike = abs(box.x1 - box.x0 - side) <= 3 and abs(box.bottom - box.top - side) <= 3
        return alike and has_room(self.letters, self.share(box), reach)

    def marked(self, box: TickBox, size: float) -> bool:
        """Whether a tick or box was read so near that it is the one that stands there, and no box."""
        at, reach = self.share(box), 1.3 * size / (self.right - self.left)
        return any(
            letter.text in "√✓✔■●○" and abs(letter.at - at) < reach for letter in self.letters
        )

    def lists(self) -> bool:
        """Whether boxes were read in the line."""
        return any(letter.text in SIGNS for letter in self.letters)

    def nearest(self, box: TickBox, size: float) -> Letter | None:
        """The letter that was read in the place of a box."""
        at, reach = self.share(box), 0.65 * size / (self.right - self.left)
        near = [letter for letter in self.letters if abs(letter.at - at) < reach]
        return min(near, key=lambda letter: abs(letter.at - at), default=None)


@dataclass(frozen=True, slots=True)
class PictureFrame(Frame):
    """A frame whose boxes go back to the picture as it came through a 3×3 matrix, row by row, in
    points."""

    back: tuple[float, ...] = ()

    def shown(self, box: Box) -> Box:
        matrix = np.array(self.back).reshape(3, 3)
        corners = np.array([(x, y, 1.0) for x in (box.x0, box.x1) for y in (box.top, box.bottom)])
        moved = corners @ matrix.T
        xs, ys = moved[:, 0] / moved[:, 2], moved[:, 1] / moved[:, 2]
        return Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))

    def moved(self, by: float) -> PictureFrame:
        """The frame of a page whose contents are moved so many points to the right."""
        matrix = np.array(self.back).reshape(3, 3) @ np.array([[1, 0, -by], [0, 1, 0], [0, 0, 1.0]])
        return replace(self, back=tuple(float(v) for v in matrix.ravel()))

    def within(self, back: Any) -> PictureFrame:
        """The frame of the same page where its picture is a part of a larger one."""
        matrix = back @ np.array(self.back).reshape(3, 3)
        return replace(self, back=tuple(float(v) for v in matrix.ravel()))


def pages_of(
    picture: Any, number: int, *, colour: bool, scale: float, within: Box | None = None
) -> list[Page]:
    """The pages that the picture of a page of a PDF shows, as `page_of`; `within`: which part of it
    (points) is the one page wanted."""
    if within is None:
        parts = pages_in(picture)
    else:
        x0, top, x1, bottom = (round(v / scale) for v in within.as_list())
        x0, top = max(x0, 0), max(top, 0)
        moved = np.array([[1, 0, x0], [0, 1, top], [0, 0, 1.0]])
        parts = [(np.ascontiguousarray(picture[top:bottom, x0:x1]), moved)]
    pages = []
    for i, (part, back) in enumerate(parts):
        page = page_of(np.ascontiguousarray(part), number, colour=colour, scale=scale)
        assert isinstance(page.frame, PictureFrame)
        points = np.diag((scale, scale, 1.0))
        page.frame = page.frame.within(points @ back @ np.linalg.inv(points))
        page.part = i
        pages.append(page)
    return pages


def page_of(picture: Any, number: int, *, colour: bool, scale: float | None = None) -> Page:
    """The page that a picture (blue, green, red) shows; A4 whatever its pixels are. `colour`:
    whether its file could hold colour: then the lack of any may mean that there is none. `scale`:
    points in a pixel of the picture, where the file tells."""
    upright = upright_of(picture, scale)
    rings = [] if upright.colour else rings_of(upright.ink)
    if rings:
        upright = _without_seals(upright, rings)
    frame = _frame(upright, scale or pictures.LONG_SIDE / max(picture.shape[:2]) * POINT)
    found, streaks = (
        [_in_points(rule) for rule in rules]
        for rules in rules_of(pictures.with_pale_rules(upright.ink, upright.grey))
    )
    rules, tables = table_rules(found)
    page = Page(number, frame, rules=rules or [r for r in found if r.horizontal])
    ink = without_rules(upright.ink, [*found, *streaks], 0, POINT)
    size = character_size(ink)
    ink = without_frames(without_specks(ink, size), size)
    faint = without_rules(upright.faint, [*found, *streaks], 0, POINT)
    blurred = is_blurred(ink, faint, _areas(tables, ink))
    if blurred:
        ink = without_frames(without_specks(faint, size), size)
    ink |= faint_marks(faint, ink, size)
    drawn = [box for box in drawings_of(ink, size) if not _in_tables(box, tables)]
    for x0, top, x1, bottom in drawn:
        ink[top:bottom, x0:x1] = 0
    strips = list(_strips(ink, tables, size))
    seals = [] if rings else seals_of(upright.red, upright.pale_red)
    red = _red_strokes(upright, seals) if not rings else np.zeros_like(ink)
    # a streak hides what it runs through as a seal does
    hidden = (upright.red & ~red) | ~without_rules(np.full_like(ink, 255), streaks, 0, POINT)
    lean = replace(upright, grey=without_rules(upright.grey, page.rules, 255, POINT), red=hidden)
    # what was taken out with the red: the side of a box that a red tick crosses
    around = cv2.dilate(red, np.ones((5, 5), np.uint8))
    page.glyphs = _glyphs(lean, ink | red, faint | around, strips, size)
    if blurred:
        page.glyphs = [g._replace(sure=min(g.sure, BLURRED)) for g in page.glyphs]
    page.images = [Image(_box(*seal), "印章", 1.0) for seal in seals]
    page.images += [Image(_box(*box), "签名", 0.0) for box in joined(drawn, size)]
    page.scan = "colour" if upright.colour or (colour and not rings) else "grey"
    return _centred(page, tables)


def _areas(tables: Sequence[Table], ink: Any) -> Any:
    """255 where the tables of a page lie; everywhere if it has none."""
    out = np.full_like(ink, 0 if tables else 255)
    for table in tables:
        x0, top, x1, bottom = _pixels(table.box)
        out[top:bottom, x0:x1] = 255
    return out


def _without_seals(upright: Upright, rings: Sequence[tuple[float, float, float]]) -> Upright:
    """The page with its seals that show no red taken off, as far as they are paler than the text;
    what stands under them is doubtful."""
    grey, red = upright.grey, upright.red.copy()
    for ring in rings:
        grey = pictures.without_ring(grey, upright.ink, ring)
        x, y, radius = (round(v) for v in ring)
        red = cv2.circle(red, (x, y), radius, 255, -1)
    ink, faint = pictures.ink_of(grey), pictures.ink_of(grey, pictures.FAINT)
    return replace(upright, grey=grey, ink=ink, faint=faint, red=red)


def _red_strokes(upright: Upright, seals: Sequence[Corners]) -> Any:
    """Red ink that belongs to no seal: a tick may be red."""
    red = upright.red.copy()
    for x0, top, x1, bottom in seals:
        red[max(top, 0) : bottom, max(x0, 0) : x1] = 0
    return red


def _in_tables(box: Corners, tables: Sequence[Table]) -> bool:
    x, y = (box[0] + box[2]) / 2 * POINT, (box[1] + box[3]) / 2 * POINT
    return any(t.box.x0 <= x <= t.box.x1 and t.box.top <= y <= t.box.bottom for t in tables)


def _centred(page: Page, tables: Sequence[Table]) -> Page:
    """The page moved sideways so that its widest table stands in the middle: pages lie anyhow on
    a scanner, and a table that goes on over several must have its rules in the same places."""
    if not tables:
        return page
    box = max(tables, key=lambda table: table.box.x1 - table.box.x0).box
    by = (page.frame.width - box.x0 - box.x1) / 2
    assert isinstance(page.frame, PictureFrame)
    page.frame = page.frame.moved(by)
    page.glyphs = [g._replace(x0=g.x0 + by, x1=g.x1 + by) for g in page.glyphs]
    page.rules = [
        r._replace(start=r.start + by, end=r.end + by) if r.horizontal else r._replace(at=r.at + by)
        for r in page.rules
    ]
    page.images = [
        i._replace(box=Box(i.box.x0 + by, i.box.top, i.box.x1 + by, i.box.bottom))
        for i in page.images
    ]
    return page


def upright_of(picture: Any, scale: float | None = None) -> Upright:
    """The picture at 200 dpi, the right way up and straight, with the way back."""
    flat, lift = pictures.off_the_desk(picture)
    sized, back = pictures.to_size(flat, scale if flat is picture else None)
    sized = pictures.evenly_lit(pictures.without_lid(sized))
    back = lift @ back
    quarter = quarter_of(sized)
    upright, turn = pictures.turned(sized, quarter)
    height, width = upright.shape[:2]
    angle = pictures.skew_of(pictures.ink_of(pictures.without_red(upright)))
    forth = pictures.straighten(angle, width, height)
    if abs(angle) > 0.03:
        upright = pictures.warped(upright, forth, (width, height))
    else:
        forth = np.eye(3)
    upright, bend = flattened(upright, pictures.ink_of(pictures.without_red(upright)))
    grey = pictures.without_red(upright)
    back = back @ turn @ np.linalg.inv(forth) @ bend
    return Upright(
        grey,
        pictures.ink_of(grey),
        pictures.ink_of(grey, pictures.FAINT),
        pictures.red_of(upright),
        pictures.red_of(upright, pictures.PALE_RED),
        pictures.is_colour(upright),
        back,
    )


def _frame(upright: Upright, scale: float) -> PictureFrame:
    back = np.diag((scale, scale, 1.0)) @ upright.back @ np.diag((1 / POINT, 1 / POINT, 1.0))
    bounds = (0.0, 0.0, upright.width * POINT, upright.height * POINT)
    return PictureFrame(bounds, 0, 0, tuple(float(v) for v in back.ravel()))


def _in_points(rule: Rule) -> Rule:
    return Rule(rule.horizontal, rule.at * POINT, rule.start * POINT, rule.end * POINT)


def _box(x0: float, top: float, x1: float, bottom: float) -> Box:
    return Box(x0 * POINT, top * POINT, x1 * POINT, bottom * POINT)


# -- where text stands --------------------------------------------------------------------------


def _strips(ink: Any, tables: Sequence[Table], size: float) -> Iterator[Strip]:
    """All pieces of lines: cell by cell, then what stands outside the tables."""
    body = ink.copy()
    for table in tables:
        for cell in table.cells:
            x0, top, x1, bottom = _pixels(cell.box)
            part = _without_border(ink[top + INSET : bottom - INSET, x0 + INSET : x1 - INSET])
            yield from (moved(s, x0 + INSET, top + INSET) for s in strips_of(part, size, WITHIN))
        x0, top, x1, bottom = _pixels(table.box)
        body[max(top - 3, 0) : bottom + 3, max(x0 - 3, 0) : x1 + 3] = 0
    if tables:
        yield from strips_of(body, size, APART)
    else:
        yield from listed_strips_of(body, size, LISTED)


def _without_border(part: Any) -> Any:
    """A cell's ink without what is left of its borders, where a rule strays from its place: it
    would hold all lines of the cell together."""
    part = part.copy()
    for side in (part, part.T):
        for strip in (side[:, :INSET], side[:, -INSET:]):
            strip[:, (strip > 0).mean(axis=0) > 0.4] = 0
    return part


def _pixels(box: Box) -> tuple[int, int, int, int]:
    x0, top, x1, bottom = (round(v / POINT) for v in (box.x0, box.top, box.x1, box.bottom))
    return max(x0, 0), max(top, 0), x1, bottom


# -- what stands there --------------------------------------------------------------------------


def _glyphs(
    upright: Upright, ink: Any, framed: Any, strips: Sequence[Strip], size: float
) -> list[Glyph]:
    """The characters of all strips; `framed` is ink in which hair-thin boxes are whole."""
    crops = [_crop(upright.grey, strip, size) for strip in strips]
    lines = [
        Line(strip, left, right, letters)
        for strip, (_, left, right), letters in zip(
            strips, crops, recogniser().read([crop for crop, _, _ in crops]), strict=True
        )
    ]
    lines = [
        replace(line, letters=_with_dashes(line, framed, upright.grey, size)) for line in lines
    ]
    glyphs: list[Glyph] = []
    for line, boxes in zip(lines, _boxes(lines, ink, framed, size), strict=True):
        letters = _by_shape(line, framed, boxes, size)
        if not letters and _is_written(line.strip, size):
            letters = [Letter(UNREAD, 0.5, 0.0)]
        letters = without_typesetting(letters)
        letters = in_chinese(with_waves(letters, line.right - line.left, size))
        letters = _beside_unread(letters, line, ink, size)
        glyphs.extend(_placed(letters, line, size, upright.red))
    return glyphs


def _boxes(lines: Sequence[Line], ink: Any, framed: Any, size: float) -> list[list[TickBox]]:
    """The tick boxes of every line: those that stand apart, and where boxes are listed those of the
    same width that a tick drawn by hand crosses."""
    found = [_apart(line, ink, framed, size) for line in lines]
    sure = [
        [box for box in boxes if (read := line.nearest(box, size)) and read.text in SIGNS]
        for line, boxes in zip(lines, found, strict=True)
    ]
    sides = [max(b.x1 - b.x0, b.bottom - b.top) for own in sure for b in own if b.sign == "□"]
    side = round(float(np.median(sides))) if len(sides) > 1 else 0
    found = [
        [box for box in boxes if line.holds(box, size, side)]
        for line, boxes in zip(lines, found, strict=True)
    ]
    if not side:
        return found
    for line, boxes in zip(lines, found, strict=True):
        if not line.lists() and not boxes:
            continue
        for box in ticked_boxes(line.part(framed), side):
            if line.marked(box, size) or not line.holds(box, size, side, listed=True):
                continue
            if all(min(box.x1, b.x1) - max(box.x0, b.x0) < 0.3 * side for b in boxes):
                boxes.append(signed(box, line.part(ink)))
    empty = [
        (_inked(line, b, framed), _thinnest(line, b, framed))
        for line, own in zip(lines, sure, strict=True)
        for b in own
    ]
    usual, thin = np.median(np.array(empty, float), axis=0)
    for line, boxes in zip(lines, found, strict=True):
        for i, box in enumerate(boxes):
            # a box drawn thicker than others has more ink on all its sides, a crossed one on some
            thicker = max(1.0, _thinnest(line, box, framed) / max(thin, 1.0))
            if box.sign == "□" and _inked(line, box, framed) > CROSSED * usual * thicker:
                boxes[i] = box._replace(sign="☑", sure=0.9)
    return found


def _around(line: Line, box: TickBox, ink: Any) -> Any:
    return line.part(ink)[max(box.top - 2, 0) : box.bottom + 2, max(box.x0 - 2, 0) : box.x1 + 2]


def _inked(line: Line, box: TickBox, ink: Any) -> int:
    """Pixels of ink on a box and close round it."""
    return int(np.count_nonzero(_around(line, box, ink)))


def _thinnest(line: Line, box: TickBox, ink: Any) -> int:
    """Pixels of ink along that side of a box which has least."""
    part = _around(line, box, ink)
    band = max(part.shape[0] // 4, 3)
    sides = (part[:band], part[-band:], part[:, :band], part[:, -band:])
    return min(int(np.count_nonzero(side)) for side in sides)


def _apart(line: Line, ink: Any, framed: Any, size: float) -> list[TickBox]:
    """The boxes of a line that hang together with nothing else; hair-thin ones only where the
    recogniser saw a box too, for faint ink makes squares of characters."""
    boxes = [signed(box, line.part(ink)) for box in tick_boxes(line.part(ink), size)]
    for box in tick_boxes(line.part(framed), size):
        read = line.nearest(box, size)
        apart = all(box.x1 <= b.x0 or b.x1 <= box.x0 for b in boxes)
        if apart and read is not None and read.text in SIGNS:
            boxes.append(signed(box, line.part(ink)))
    return boxes


def _by_shape(line: Line, framed: Any, boxes: Sequence[TickBox], size: float) -> list[Letter]:
    """Letters put right by what the ink of their strip shows: boxes, and a tick alone."""
    letters, strip = line.letters, line.strip
    if len(letters) == 1 and letters[0].text in "Oo":
        return [letters[0]._replace(text="0", sure=0.85)]  # no cell holds a single O
    if len(letters) <= 1 and strip.x1 - strip.x0 <= 2 * size:
        mark = lone_mark(line.part(framed))
        read = letters[0] if letters else Letter("", 0.5, 0.0)
        if mark == "/" and read.text in TICKS:
            return [Letter("√", 0.5, read.sure)]  # one with a long arm
        if mark == "/" and (read.text in SLASH_LIKE or read.sure < SURELY):
            return [Letter(mark, 0.5, 0.95)]
        if read.text in SLASH_LIKE and leans(line.part(framed)):
            return [Letter("/", 0.5, 0.95 if read.text in "/丿ノ／" else 0.85)]
        dash = lone_dash(line.part(framed), size) if read.text in ALONE_LIKE else ""
        if dash:
            return [Letter(dash, 0.5, 0.95)]
        if mark and (not read.text or read.text in TICK_LIKE or read.sure < 0.6):
            return [Letter(mark, 0.5, 0.95 if read.text in "√✓✔×●" and read.text else 0.9)]
    reach = 0.65 * size / (line.right - line.left)
    placed = [(line.share(box), reach, box) for box in boxes]
    missed = list(_skipped(line, framed, letters, size))
    if placed:
        letters = with_boxes(letters, placed)
        missed = list(_missed(line, framed, letters, reach, size))
    return sorted([*letters, *missed], key=lambda letter: letter.at)


def _with_dashes(line: Line, ink: Any, grey: Any, size: float) -> list[Letter]:
    width = line.right - line.left
    edges = (line.strip.x0 - line.left) / width, (line.strip.x1 - line.left) / width
    return with_dashes(line.letters, line.part(ink), line.part(grey), edges, size)


def _skipped(line: Line, ink: Any, letters: Sequence[Letter], size: float) -> Iterator[Letter]:
    """A character that the recogniser passed over: between two others there is room for it, and ink."""
    width, part = line.right - line.left, line.part(ink)
    chinese = [
        (a.at * width, b.at * width)
        for a, b in pairwise([letter for letter in letters if letter.text.strip()])
        if is_chinese(a.text) and is_chinese(b.text)
    ]
    if not chinese:
        return
    usual = float(np.median([b - a for a, b in chinese]))
    if len(chinese) < 4:
        usual = max(usual, size)
    for a, b in chinese:
        if b - a < ROOM * usual:
            continue
        middle = (a + b) / 2 + line.left - line.strip.x0
        there = part[:, max(round(middle - 0.3 * usual), 0) : round(middle + 0.3 * usual)]
        if there.size and there.any(axis=0).mean() > INKED:
            yield Letter(UNREAD, (a + b) / 2 / width, 0.0)


def _missed(
    line: Line, ink: Any, letters: Sequence[Letter], reach: float, size: float
) -> Iterator[Letter]:
    """What stands in a line of boxes and was not read: a tick in the place of a box."""
    part = line.part(ink)
    for x0, x1 in pieces(part, 1):
        middle = (line.strip.x0 + (x0 + x1) / 2 - line.left) / (line.right - line.left)
        if any(abs(letter.at - middle) < reach for letter in letters):
            continue
        rows = np.flatnonzero(part[:, x0:x1].any(axis=1))
        if BOX * size <= x1 - x0 <= 2 * size and rows[-1] - rows[0] >= BOX * size:
            mark = lone_mark(part[:, x0:x1])
            yield Letter(mark or UNREAD, middle, 0.9 if mark else 0.0)


def _is_written(strip: Strip, size: float) -> bool:
    """Whether a strip is as large as writing is: what is left of rules, and dust, is not."""
    return strip.bottom - strip.top >= WRITTEN * size and strip.x1 - strip.x0 >= WRITTEN * size


def _crop(grey: Any, strip: Strip, size: float) -> tuple[Any, int, int]:
    """The picture of a strip with a little paper round it, never lower than a character (a dash
    blown up to full height is no dash); its left and right edge."""
    middle = (strip.line_top + strip.line_bottom) / 2
    half = max(strip.bottom - middle, middle - strip.top, 0.45 * size) + 3
    top, bottom = max(round(middle - half), 0), min(round(middle + half), grey.shape[0])
    left, right = max(strip.x0 - 4, 0), min(strip.x1 + 4, grey.shape[1])
    return grey[top:bottom, left:right], left, right


def _beside_unread(letters: Sequence[Letter], line: Line, ink: Any, size: float) -> list[Letter]:
    """The letters, those in doubt between which there is ink that nothing was read of."""
    strip = line.strip
    em = max(size, 0.9 * (strip.line_bottom - strip.line_top))
    at = [line.left + letter.at * (line.right - line.left) for letter in letters]
    reach = [(0.65 if letter.text > "\u2000" else 0.45) * em for letter in letters]
    starts = [float(strip.x0), *(x + r for x, r in zip(at, reach, strict=True))]
    ends = [*(x - r for x, r in zip(at, reach, strict=True)), float(strip.x1)]
    inked = line.part(ink).any(axis=0)
    doubtful = set()
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        between = inked[max(round(start) - strip.x0, 0) : max(round(end) - strip.x0, 0)]
        if len(between) > 0.3 * em and np.count_nonzero(between) > 0.3 * em:
            doubtful |= {i - 1, i}
    return [
        letter._replace(sure=min(letter.sure, 0.5)) if i in doubtful else letter
        for i, letter in enumerate(letters)
    ]


def _placed(letters: Sequence[Letter], line: Line, size: float, red: Any) -> list[Glyph]:
    """Letters as glyphs that touch one another: what gaps mean the recogniser has said."""
    strip, left, right = line.strip, line.left, line.right
    height = strip.line_bottom - strip.line_top
    em = size if 0.5 * size <= height <= 1.3 * size else max(height, 8.0)
    baseline = (strip.line_top + strip.line_bottom) / 2 + 0.36 * em
    middles = [left + letter.at * (right - left) for letter in letters]
    edges = [float(strip.x0)]
    edges += [(a + b) / 2 for a, b in pairwise(middles)]
    edges.append(float(strip.x1))
    glyphs = []
    for letter, x0, x1 in zip(letters, edges, edges[1:], strict=False):
        sure = min(doubt_of(letter), SUREST)
        under = red[strip.top : strip.bottom, max(int(x0), 0) : max(int(x1), int(x0) + 1)]
        if under.size and np.count_nonzero(under) > 0.03 * under.size:
            sure = min(sure, UNDER_SEAL)
        glyphs.append(
            Glyph(letter.text, x0 * POINT, x1 * POINT, baseline * POINT, em * POINT, sure=sure)
        )
    return glyphs

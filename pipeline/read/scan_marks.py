"""What is drawn on a page and no character: seals, tick boxes, ticks alone in a cell, signatures.

All boxes are left, top, right, bottom in pixels at 200 dpi.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np

Corners = tuple[int, int, int, int]

#: A seal is a ring so many pixels wide: 20 to 65 mm.
SMALLEST, LARGEST = 157, 512
#: The middle of a half seal lies no further than this beyond the page's edge, in pixels.
EDGE = 30
#: On so many of 36 sectors of the ring there must be red.
SECTORS = 20
#: A ring holds ink on this share of its circle; text on a page hardly does on half.
RING = 0.75
#: A red ring needs less of it: nothing else on a form is red.
RED_RING = 0.45
#: By so much of that more than the circles beside it.
APART = 0.4
#: Places at which rings are looked for.
CANDIDATES = 16
#: A tick box is at least this high, in characters.
BOX = 0.55
#: Each side of a tick box is drawn over this share of its length.
SIDE = 0.8
#: So many pixels of ink above or below a box are a stroke through it.
STROKE = 10
#: Of a box that other strokes cross, each side holds ink on more than this share of its length.
FRAMED = 0.88
#: Ink inside a box, as a share of its inside: up to the first it is empty, from the second filled.
EMPTY, FILLED = 0.07, 0.75


#: By so much of its height a narrow / leans; no printed 1 does.
LEAN = 0.18
#: Nobody signs higher than so many characters.
HIGHEST = 6.0


class TickBox(NamedTuple):
    """A small square: `sign` is □, ☑ or ■ by the ink inside, `sure` how clear that is."""

    x0: int
    top: int
    x1: int
    bottom: int
    sign: str
    sure: float


# -- seals --------------------------------------------------------------------------------------


def seals_of(red: Any, pale: Any) -> list[Corners]:
    """The boxes of the seals: red rings, and of pale red those that are round."""
    boxes = [
        (round(x - r), round(y - r), round(x + r), round(y + r))
        for x, y, r in rings_of(pale, RED_RING)
    ]
    closed = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    for x, y, width, height, area in stats[1:count].tolist():
        if not (SMALLEST <= max(width, height) <= LARGEST and min(width, height) >= 0.6 * SMALLEST):
            continue
        if area < 0.02 * width * height:
            continue
        if _sectors(red[y : y + height, x : x + width]) < SECTORS:
            continue
        middle = (x + width / 2, y + height / 2)
        if not any(b[0] < middle[0] < b[2] and b[1] < middle[1] < b[3] for b in boxes):
            boxes.append((x, y, x + width, y + height))
    return boxes


def rings_of(ink: Any, least: float = RING) -> list[tuple[float, float, float]]:
    """The rings of seals whatever their colour: middle and radius of each, found at a quarter's
    size. `least`: the share of the circle that has to hold ink. Of a seal put across the edges of two
    sheets (骑缝章) each shows half: mirrored at the edge it is a ring too."""
    side, width = LARGEST // 2, ink.shape[1]
    ink = cv2.copyMakeBorder(ink, 0, 0, side, side, cv2.BORDER_REFLECT)
    small = cv2.resize(ink, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    found: list[tuple[float, float, float, float]] = []
    for x, y, radius in _round_places(ink):
        near = itertools.product(range(-3, 4), repeat=3)
        best = max(
            (
                (_on_circle(small, x + i, y + j, radius + k), x + i, y + j, radius + k)
                for i, j, k in near
            )
        )
        beside = [_on_circle(small, *best[1:3], best[3] + k) for k in (-4, 4)]
        if best[0] > least and best[0] - sum(beside) / 2 > APART * least:
            found.append(best)
    rings: list[tuple[float, float, float]] = []
    low, high = side - EDGE, side + width + EDGE
    found = [ring for ring in found if low < 4 * ring[1] < high]
    for _, x, y, radius in sorted(found, key=lambda ring: -ring[0] * ring[3]):
        # a ring within another is its star or its writing
        if all(np.hypot(4 * x - a, 4 * y - b) > 0.75 * r for a, b, r in rings):
            rings.append((4 * x, 4 * y, 4 * radius))
    return [(x - side, y, radius) for x, y, radius in rings]


def _round_places(ink: Any) -> list[tuple[float, float, float]]:
    """Where rings may be, at a quarter's size: the middles and radii of the circles that hold most
    more ink than what lies beside them, of all there are."""
    tiny = cv2.resize(ink, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    dark = (tiny > 50).astype(np.float32)
    least, most = SMALLEST // 16, LARGEST // 16
    ys, xs = np.mgrid[-most - 3 : most + 4, -most - 3 : most + 4]
    away = np.hypot(xs, ys)
    best = np.full(dark.shape, -1.0, np.float32)
    radii = np.zeros(dark.shape, np.int32)
    for radius in range(least, most + 1):
        on = abs(away - radius) < 0.7
        beside = (abs(away - radius + 2.5) < 0.7) | (abs(away - radius - 2.5) < 0.7)
        kernel = on / on.sum() - beside / beside.sum()
        score = cv2.filter2D(dark, -1, kernel, borderType=cv2.BORDER_CONSTANT)
        radii[score > best] = radius
        best = np.maximum(best, score)
    places: list[tuple[float, float, float]] = []
    for _ in range(CANDIDATES):
        y, x = np.unravel_index(int(best.argmax()), best.shape)
        places.append((2.0 * x + 1, 2.0 * y + 1, 2.0 * radii[y, x]))
        best[max(y - 3, 0) : y + 4, max(x - 3, 0) : x + 4] = -1.0
    return places


def _on_circle(ink: Any, x: float, y: float, radius: float) -> float:
    """The share of a circle on which there is ink."""
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    xs = np.clip((x + radius * np.cos(angles)).astype(int), 0, ink.shape[1] - 1)
    ys = np.clip((y + radius * np.sin(angles)).astype(int), 0, ink.shape[0] - 1)
    return float((ink[ys, xs] > 70).mean())


def _sectors(red: Any) -> int:
    """How many of 36 sectors hold ink near the ellipse that fills the box."""
    height, width = red.shape
    ys, xs = np.nonzero(red)
    across, down = (xs - width / 2) / (width / 2), (ys - height / 2) / (height / 2)
    radius = np.hypot(across, down)
    rim = (radius > 0.85) & (radius < 1.06)
    angles = np.arctan2(down[rim], across[rim])
    return len(np.unique(((angles + np.pi) / (2 * np.pi) * 36).astype(int) % 36))


# -- tick boxes ---------------------------------------------------------------------------------


def tick_boxes(ink: Any, size: float) -> Iterator[TickBox]:
    """Squares about as large as a character, with what is in them. 口 and 国 are such squares
    too: what the recogniser surely reads there is no box."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    for x, y, width, height, _ in stats[1:count].tolist():
        if not (BOX * size <= width <= 1.4 * size and BOX * size <= height <= 1.5 * size):
            continue
        column = ink[:, x : x + width]
        if column[:y].any() or column[y + height :].any():
            continue  # part of a character: 品, 部
        square = _square_in(ink[y : y + height, x : x + width], size)
        if square is not None:
            left, top, right, bottom = square
            sign, sure = _sign(ink[y + top : y + bottom, x + left : x + right])
            yield TickBox(x + left, y + top, x + right, y + bottom, sign, sure)


def ticked_boxes(ink: Any, side: int) -> Iterator[TickBox]:
    """Squares `side` pixels wide in whatever hangs together with them: a tick drawn by hand crosses
    its box, and the character beside it too. All four sides hold ink, none of it need be apart."""
    if min(ink.shape) < side:
        return
    best = np.zeros(ink.shape, np.float32)
    for width in (side - 1, side, side + 1):
        score = _sides(ink, width)
        best[: score.shape[0], : score.shape[1]] = np.maximum(
            best[: score.shape[0], : score.shape[1]], score
        )
    while best.size and best.max() > FRAMED:
        top, left = np.unravel_index(int(best.argmax()), best.shape)
        sign, sure = _sign(ink[top : top + side, left : left + side])
        yield TickBox(int(left), int(top), int(left) + side, int(top) + side, sign, min(sure, 0.95))
        best[max(top - side, 0) : top + side, max(left - side, 0) : left + side] = 0


def signed(box: TickBox, ink: Any) -> TickBox:
    """The box with what is in it told from other ink of its line: a tick drawn by hand may hardly
    touch the inside, but then it sticks out above or below, where no writing stands."""
    sign, sure = _sign(ink[box.top : box.bottom, box.x0 : box.x1])
    if sign == "□" and _sticks_out(box, ink):
        sign, sure = "☑", 0.95
    return box._replace(sign=sign, sure=sure)


def _sticks_out(box: TickBox, ink: Any) -> bool:
    side = box.x1 - box.x0
    columns = slice(max(box.x0 + 2, 0), box.x1 + side // 5)
    above = ink[max(box.top - side // 2, 0) : max(box.top - 3, 0), columns]
    below = ink[box.bottom + 3 : box.bottom + side // 2, columns]
    return bool(max(np.count_nonzero(above), np.count_nonzero(below)) >= STROKE)


def _sides(ink: Any, side: int) -> Any:
    """For every place of a square's top left corner the share of ink on its emptiest side."""
    on = (ink > 0).astype(np.float32)
    across = cv2.blur(
        cv2.dilate(on, np.ones((3, 1))), (side, 1), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT
    )
    down = cv2.blur(
        cv2.dilate(on, np.ones((1, 3))), (1, side), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT
    )
    last, height, width = side - 1, ink.shape[0] - side + 1, ink.shape[1] - side + 1
    if height <= 0 or width <= 0:
        return np.zeros((0, 0), np.float32)
    return np.minimum.reduce(
        [
            across[:height, :width],
            across[last : last + height, :width],
            down[:height, :width],
            down[:height, last : last + width],
        ]
    )


def _square_in(part: Any, size: float) -> Corners | None:
    """The square in a component: all of it, or less where a tick sticks out above or beside."""
    height, width = part.shape
    for side in range(min(width, height), int(BOX * size) - 1, -1):
        for top in range(height - side, -1, -1):
            if width - side > 0.45 * width:
                return None
            for left in (0, width - side) if width > side else (0,):
                if _is_square(part[top : top + side, left : left + side]):
                    return left, top, left + side, top + side
    return None


def _is_square(part: Any) -> bool:
    """Ink along all four sides."""
    band = max(2, part.shape[0] // 8)
    sides = (part[:band], part[-band:], part[:, :band].T, part[:, -band:].T)
    return all(np.count_nonzero(side.any(axis=0)) >= SIDE * side.shape[1] for side in sides)


def _sign(square: Any) -> tuple[str, float]:
    inset = max(3, round(0.22 * square.shape[0]))
    inside = square[inset:-inset, inset:-inset]
    share = np.count_nonzero(inside) / max(1, inside.size)
    if share >= FILLED:
        return "■", 0.95
    if share <= EMPTY:
        return "□", 0.98 if share < 0.03 else 0.8
    return "☑", 0.98 if share > 0.12 else 0.8


# -- ticks without a box ------------------------------------------------------------------------


def lone_mark(ink: Any) -> str:
    """√, ×, ● or / if that is the shape of a single mark, else nothing.

    A tick goes down a little from the left, then far up to the right: its top is at its right
    end, its foot left of the middle, and little ink lies above the line between the two.
    """
    ys, xs = np.nonzero(ink)
    if len(ys) < 20:
        return ""
    part = ink[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] > 0
    height, width = part.shape
    down, across = np.nonzero(part)
    down, across = down / max(1, height - 1), across / max(1, width - 1)
    if 0.25 <= width / height <= 1.6 and _is_slash(part, down, across):
        return "/"
    if not 0.5 <= width / height <= 2.2:
        return ""
    if part.mean() > 0.7 and 0.8 <= width / height <= 1.25:
        return "●"
    head, foot = across[down < 0.12], across[down > 0.88]
    begin = down[across < 0.1]
    # in some fonts a short bar goes on from the top to the right
    far = head.min() > 0.6 or (head.min() > 0.4 and foot.max() < 0.4)
    if far and foot.min() > 0.03 and foot.max() < 0.65 and 0.3 < begin.min() < 0.85:
        return "√"
    return "×" if _is_cross(down, across) else ""


def _is_slash(part: Any, down: Any, across: Any) -> bool:
    """All ink lies along the one diagonal, which it fills from end to end: no 1, whose stroke stands
    upright, and no 7."""
    near = abs(down + across - 1) < 0.25
    rows = part.any(axis=1).mean()
    return bool(part.mean() < 0.45 and near.mean() > 0.97 and rows > 0.9)


def leans(ink: Any) -> bool:
    """Whether a piece is one even stroke that leans to the right, though it may be nearly upright: a
    narrow /, or a 1 drawn by hand."""
    ys, xs = np.nonzero(ink)
    if len(ys) < 20:
        return False
    counts = np.bincount(ys - ys.min())
    middles = np.bincount(ys - ys.min(), xs) / np.maximum(counts, 1)
    if not counts.all() or counts.max() > 1.6 * np.median(counts):
        return False
    down = np.arange(len(counts))
    slope, start = np.polyfit(down, middles, 1)
    return bool(-slope > LEAN and abs(middles - slope * down - start).max() < 0.08 * len(counts))


def _is_cross(down: Any, across: Any) -> bool:
    """All ink lies near the two diagonals, and reaches all four corners."""
    near = np.minimum(abs(down - across), abs(down + across - 1)) < 0.17
    corners = [
        ((down < 0.2) if low else (down > 0.8)) & ((across < 0.25) if left else (across > 0.75))
        for low in (True, False)
        for left in (True, False)
    ]
    return bool(near.mean() > 0.93 and all(corner.any() for corner in corners))


# -- signatures ---------------------------------------------------------------------------------


def drawings_of(ink: Any, size: float) -> list[Corners]:
    """Strokes much higher than the characters beside them: a signature, a drawn line. Large
    characters (titles) stand in rows of many alike."""
    stats = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:].tolist()
    tall = [
        (x, y, x + w, y + h)
        for x, y, w, h, area in stats
        if 1.3 * size < h < HIGHEST * size
        and w > 0.7 * size
        and area < 0.5 * w * h
        and w < 25 * size
    ]
    return [box for box in tall if sum(_alike(box, other) for other in stats) < 4]


def _alike(box: Corners, other: list[int]) -> bool:
    """Whether a component stands in the same row and is about as high."""
    x, y, _, h, _ = other
    height = box[3] - box[1]
    shared = min(y + h, box[3]) - max(y, box[1])
    return x != box[0] and 0.75 * height <= h <= 1.33 * height and shared > 0.6 * height


def joined(boxes: list[Corners], gap: float) -> list[Corners]:
    """Boxes that lie near one another as one."""
    groups: list[Corners] = []
    for box in sorted(boxes):
        near = [g for g in groups if _near(g, box, gap)]
        groups = [g for g in groups if g not in near]
        near.append(box)
        groups.append(
            (
                min(b[0] for b in near),
                min(b[1] for b in near),
                max(b[2] for b in near),
                max(b[3] for b in near),
            )
        )
    return groups


def _near(one: Corners, other: Corners, gap: float) -> bool:
    return (
        one[0] - gap <= other[2] and other[0] - gap <= one[2]
        and one[1] - gap <= other[3] and other[1] - gap <= one[3]
    )  # fmt: skip

"""A picture of a page → the page upright: turned, straightened, red taken out, ink told from paper.

Pictures are numpy arrays, rows first; colours in OpenCV's order (blue, green, red).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

#: Dots per inch at which pages are looked at: characters of a form are 28–40 pixels high.
DPI = 200
#: The long side of A4 at that resolution, for pictures that do not say how large they are.
LONG_SIDE = 2339
#: Pictures lying this little askew (degrees) are straightened; more is a photo of its own kind.
MAX_SKEW = 6.0
#: Width to height from which on a picture may hold two pages side by side (two of A4: 1.41).
SPREAD = 1.2
#: The bare band between them, thousandths of the width: two margins. Columns of a wide list stand closer.
GUTTER = 40
#: What is dark and thicker than this (in quarters of pixels at `DPI`) at a picture's edge is no rule.
LID = 4
#: How much more red than blue and green there is in red ink; and in what a faded seal leaves.
RED, PALE_RED = 45, 20
#: Shares of a picture (in %) that may be darker than a sheet of paper in it; and how much darker
#: than the sheet what lies beside it has to be.
LEVELS, STEP = tuple(range(4, 71, 6)), 14
#: Ink is darker than paper by this share of what the writing is; thin marks in blurred pictures by
#: this one.
DARK, FAINT = 0.45, 0.25
#: A rule is told from paper by this share of what the page's usual rules are darker than it, and by
#: so many grey levels at least.
PALE, PALEST = 0.45, 16
#: The shortest straight run of pale ink that is a rule, in pixels.
RUN = 61
#: Paper that is so many times darker in one place than in another lies in a shadow; and no more than so
#: many times brighter is any place made.
UNEVEN, LIFT = 1.3, 4.0
#: No stroke of writing, nor the ink between two, is broader than this (pixels).
BROAD = 60
#: A picture whose colours differ by less than this anywhere is grey.
COLOURLESS = 24


@dataclass(frozen=True, slots=True)
class Upright:
    """A page as it is read. `grey` is without red ink; `ink` is 255 where it is dark, `faint` where it is
    a little; `red` is 255
    where red ink is, `pale_red` also where little is left of it; `back` is the 3×3 matrix from here to the picture as it came."""

    grey: Any
    ink: Any
    faint: Any
    red: Any
    pale_red: Any
    colour: bool
    back: Any

    @property
    def width(self) -> int:
        return int(self.grey.shape[1])

    @property
    def height(self) -> int:
        return int(self.grey.shape[0])


def to_size(picture: Any, scale: float | None = None) -> tuple[Any, Any]:
    """The picture at `DPI`, and the matrix back: by its own `scale` (points a pixel) where that
    gives a page of usual size, else as if it were A4."""
    factor = LONG_SIDE / max(picture.shape[:2])
    if scale is not None and 0.4 < scale * DPI / 72 / factor < 1.5:
        factor = scale * DPI / 72
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    if abs(factor - 1) < 0.02:
        return picture, np.eye(3)
    scaled = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=how)
    return scaled, np.diag((1 / factor, 1 / factor, 1.0))


def turned(picture: Any, quarter: int) -> tuple[Any, Any]:
    """The picture turned clockwise by quarter turns, and the matrix back."""
    height, width = picture.shape[:2]
    if quarter == 0:
        return picture, np.eye(3)
    if quarter == 1:
        back = np.array([[0, 1, 0], [-1, 0, height - 1], [0, 0, 1.0]])
        return cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE), back
    if quarter == 2:
        back = np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1.0]])
        return cv2.rotate(picture, cv2.ROTATE_180), back
    back = np.array([[0, -1, width - 1], [1, 0, 0], [0, 0, 1.0]])
    return cv2.rotate(picture, cv2.ROTATE_90_COUNTERCLOCKWISE), back


def warped(picture: Any, forth: Any, size: tuple[int, int]) -> Any:
    """The picture through a 3×3 matrix; what comes from beyond its edge is white."""
    border = (255,) * (picture.shape[2] if picture.ndim == 3 else 1)
    return cv2.warpPerspective(
        picture, forth, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=border
    )  # fmt: skip


# -- photos -------------------------------------------------------------------------------------


def off_the_desk(picture: Any) -> tuple[Any, Any]:
    """A photo's paper as seen from straight above, and the matrix back; a picture that is all
    paper stays as it is."""
    corners = _paper(picture)
    if corners is None:
        return picture, np.eye(3)
    across = (np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    down = (np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    width, height = _as_paper(float(across), float(down))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    forth = cv2.getPerspectiveTransform(corners, target)
    return warped(picture, forth, (width, height)), np.linalg.inv(forth)


def _paper(picture: Any) -> Any | None:
    """The four corners of a sheet that lies on something darker, clockwise from the top left: of
    all that brightness parts from the rest, at several levels, the sheet whose four sides stand out
    best. In uneven light no one level does it; and wood is darkest in blue."""
    factor = 600 / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    best, most = None, float(STEP)
    for bright in (cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), small.min(axis=2)):
        plane = cv2.medianBlur(bright, 11)
        dark, light = np.percentile(plane, (3, 95))
        if light - dark < 40:
            continue
        levels = (*np.percentile(plane, LEVELS), *np.linspace(dark, light, len(LEVELS)))
        for level in np.unique(np.array(levels, int)):
            sheet = _sheet_of(plane > level)
            if sheet is not None and not _is_lit_part(sheet, plane.shape):
                step = _step(plane, sheet)
                best, most = (sheet, step) if step >= most else (best, most)
    return None if best is None else best / factor


def _sheet_of(bright: Any) -> Any | None:
    """The corners of the one sheet of what is bright, if it has four."""
    mask = cv2.morphologyEx(bright.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((25, 25), np.uint8))  # grain of wood
    contours = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    if not contours:
        return None
    sheet = cv2.convexHull(max(contours, key=cv2.contourArea))
    if not 0.3 < cv2.contourArea(sheet) / bright.size < 0.97:
        return None
    for loose in (0.02, 0.03, 0.05):
        shape = cv2.approxPolyDP(sheet, loose * cv2.arcLength(sheet, closed=True), closed=True)
        if len(shape) == 4 and cv2.contourArea(shape) > 0.93 * cv2.contourArea(sheet):
            return _clockwise(shape.reshape(4, 2).astype(np.float32))
    return None


def _is_lit_part(corners: Any, shape: tuple[int, int]) -> bool:
    """Whether a sheet reaches the picture's edge on several sides and leaves much of it out: the part
    of a page that lies in the light, beside a shadow."""
    height, width = shape
    ends = np.roll(corners, -1, axis=0)
    margin = 0.02 * max(shape)
    along = sum(
        bool(abs(one[axis] - at) < margin and abs(other[axis] - at) < margin)
        for one, other in zip(corners, ends, strict=True)
        for axis, at in ((0, 0), (0, width - 1), (1, 0), (1, height - 1))
    )
    share = cv2.contourArea(corners) / (height * width)
    return bool((along >= 3 and share < 0.85) or (along == 2 and share < 0.6))


def _step(grey: Any, corners: Any) -> float:
    """By how much a sheet is brighter than what lies round it, on that of its sides where it is
    least; a side along the picture's edge does not count."""
    middle = corners.mean(axis=0)
    along = np.linspace(0.08, 0.92, 40)[:, None]
    steps = []
    for one, other in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        points = one + (other - one) * along
        inward = middle - (one + other) / 2
        inward = inward / max(float(np.linalg.norm(inward)), 1.0)
        inner, outer = points + 6 * inward, points - 6 * inward
        width, height = grey.shape[1], grey.shape[0]
        inside = ((outer >= 0) & (outer <= (width - 1, height - 1))).all(axis=1)
        if inside.mean() < 0.5:
            continue
        values = [
            grey[p[inside][:, 1].astype(int).clip(0, height - 1), p[inside][:, 0].astype(int).clip(0, width - 1)].astype(int)
            for p in (inner, outer)
        ]  # fmt: skip
        steps.append(float(np.percentile(values[0] - values[1], 25)))
    return min(steps, default=0.0)


def _clockwise(corners: Any) -> Any:
    total, apart = corners.sum(axis=1), corners[:, 1] - corners[:, 0]
    order = [total.argmin(), apart.argmin(), total.argmax(), apart.argmax()]
    return np.ascontiguousarray(corners[order])


def _as_paper(width: float, height: float) -> tuple[int, int]:
    """Sides in pixels; those of A4 where it is nearly that."""
    long, short = max(width, height), min(width, height)
    if abs(long / short / math.sqrt(2) - 1) < 0.12:
        short = long / math.sqrt(2)
    return (round(long), round(short)) if width > height else (round(short), round(long))


def fold(picture: Any) -> int | None:
    """Where two pages that lie side by side in one picture part, in pixels from the left; None for
    one page.

    They are told by a band of bare paper from top to bottom between two halves full of ink: over a
    page that is wide by itself runs a title, a rule or a line.
    """
    height, width = picture.shape[:2]
    if width < SPREAD * height:
        return None
    small = cv2.resize(
        cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (1000, round(1000 * height / width)),
        interpolation=cv2.INTER_AREA,
    )  # fmt: skip
    inked = small < np.median(small) - 50
    bare = inked.mean(axis=0) < 0.002
    runs = np.flatnonzero(np.diff(np.concatenate([[0], bare[420:580].astype(np.int8), [0]])))
    bands = [(a + 420, b + 420) for a, b in runs.reshape(-1, 2) if b - a >= GUTTER]
    if not bands:
        return None
    start, end = min(bands, key=lambda band: abs(sum(band) - 1000))
    filled = [half.any(axis=1).mean() for half in (inked[:, :start], inked[:, end:])]
    if min(filled) < 0.2:
        return None
    return int((start + end) / 2 * width / 1000)


def without_lid(picture: Any) -> Any:
    """The picture with what is dark and touches its edge painted white: the lid of a scanner, the
    desk beside the paper, a torn corner's shadow. Rules that run to the edge are too thin for it."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    dark = (small < 0.5 * np.percentile(small, 80)).astype(np.uint8)
    thick = cv2.copyMakeBorder(dark, 8, 8, 8, 8, cv2.BORDER_REPLICATE)
    thick = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((LID, LID), np.uint8))[8:-8, 8:-8]
    _, labels = cv2.connectedComponents(thick)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    lid = np.isin(labels, np.unique(rim[rim > 0])).astype(np.uint8) | _along_the_edge(dark)
    if not lid.any() or lid.mean() > 0.5:
        return picture
    lid = cv2.dilate(lid, np.ones((7, 7), np.uint8))
    lid = cv2.resize(lid, grey.shape[::-1], interpolation=cv2.INTER_NEAREST)
    out = picture.copy()
    out[lid > 0] = 255
    return out


def evenly_lit(picture: Any) -> Any:
    """The picture with its shadows lifted, so that writing is as dark against paper in them as
    elsewhere; in even light as it is."""
    paper = _paper_of(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    bright = float(np.percentile(paper, 90))
    if bright < UNEVEN * float(np.percentile(paper, 2)):
        return picture
    gain = np.clip(bright / np.maximum(paper, 1).astype(np.float32), 1.0, LIFT)
    gain = cv2.resize(gain, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.clip(picture * gain[..., None], 0, 255).astype(np.uint8)


def _along_the_edge(dark: Any) -> Any:
    """What is dark at the very edge and runs along it: a thin wedge of lid."""
    out = np.zeros_like(dark)
    for quarter in range(4):
        side, part = np.rot90(dark, quarter), np.rot90(out, quarter)
        band = max(4, side.shape[0] // 50)
        labels, stats = cv2.connectedComponentsWithStats(np.ascontiguousarray(side[:band]))[1:3]
        for i in np.unique(labels[0][labels[0] > 0]):
            if stats[i, cv2.CC_STAT_WIDTH] > 3 * band:
                part[:band][labels == i] = 1
    return out


# -- ink ----------------------------------------------------------------------------------------


def is_colour(picture: Any) -> bool:
    """Whether a picture has any colour that is not a tint of the whole (yellowed paper)."""
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(
        np.int16
    )
    spread = small.max(axis=2) - small.min(axis=2)
    return bool(np.count_nonzero(spread > COLOURLESS) > 30)


def without_red(picture: Any) -> Any:
    """Grey in which red ink is as light as paper: the red channel, and where red lies on paper
    (and not over black) paper itself, so that the edge of a seal leaves no shadow."""
    grey = np.maximum(picture[..., 2], cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    around = cv2.dilate(red_of(picture), np.ones((5, 5), np.uint8))
    if not around.any():
        return grey
    paper = int(np.percentile(grey[::8, ::8], 80))
    return np.where((around > 0) & (grey > 0.55 * paper), np.maximum(grey, paper), grey).astype(
        np.uint8
    )


def without_ring(grey: Any, ink: Any, ring: tuple[float, float, float]) -> Any:
    """A grey page without the seal on it, where that is paler than the text under it."""
    x, y, radius = ring
    reach = round(1.08 * radius)
    rows = slice(max(round(y) - reach, 0), round(y) + reach)
    columns = slice(max(round(x) - reach, 0), round(x) + reach)
    part, dark = grey[rows, columns], ink[rows, columns] > 0
    ys, xs = np.mgrid[
        rows.start : rows.start + part.shape[0], columns.start : columns.start + part.shape[1]
    ]
    rim = dark & (abs(np.hypot(xs - x, ys - y) - radius) < 5)
    beside = ink > 0
    beside[rows, columns] = False
    if not beside.any():
        return grey
    paper, text = np.percentile(grey[::8, ::8], 80), np.percentile(grey[beside], 25)
    seal = np.median(part[rim]) if rim.any() else text
    if seal - text < 35:
        return grey  # as dark as the text: nothing tells them apart
    out = grey.copy()
    inside = np.hypot(xs - x, ys - y) < reach
    out[rows, columns][inside & (part > (text + seal) / 2)] = paper
    return out


def red_of(picture: Any, least: int = RED) -> Any:
    """255 where there is red ink, also pale or over black text: redder than the paper by `least`,
    as bright paper would show it."""
    excess = cv2.subtract(picture[..., 2], cv2.max(picture[..., 0], picture[..., 1]))
    light = picture[..., 2]
    bright = float(np.percentile(light[::8, ::8], 80))
    tint = float(np.median(excess[::8, ::8][light[::8, ::8] >= 0.9 * bright]))
    scale = 255 / max(bright, 85.0)
    strong = (excess > least / scale + tint) & (light > 90 / scale)
    return strong.astype(np.uint8) * 255


def ink_of(grey: Any, share: float = DARK) -> Any:
    """255 where a page is dark against its surroundings, so that shadows are paper: by a share of
    what its writing is."""
    dark = _darkness(grey)
    level = max(40.0 * share / DARK, share * _ink_level(dark))
    return (dark > level).astype(np.uint8) * 255


def with_pale_rules(ink: Any, grey: Any) -> Any:
    """The ink with straight runs that are paler than writing: rules printed grey or hair-thin."""
    dark = _darkness(grey)
    runs = np.maximum(
        *(
            cv2.morphologyEx(
                cv2.dilate(cv2.blur(dark, shape), np.ones(thick, np.uint8)),
                cv2.MORPH_OPEN,
                np.ones(run, np.uint8),
            )
            for shape, thick, run in (((7, 1), (3, 1), (1, RUN)), ((1, 7), (1, 3), (RUN, 1)))
        )
    )
    some = runs[runs > PALEST]
    if not some.size:
        return ink
    pale = runs > max(PALEST, PALE * float(np.percentile(some, 75)))
    return np.where(pale, 255, ink).astype(np.uint8)


def _darkness(grey: Any) -> Any:
    """By how much each pixel is darker than the paper round it."""
    paper = cv2.resize(_paper_of(grey), grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.subtract(paper, grey)


def _paper_of(grey: Any) -> Any:
    """How bright the paper is round each place, at a quarter of the size: what is left where all
    that is narrower than `BROAD` and darker than what lies round it is filled up. So the shadow of a
    finger is paper, and no stroke of writing is."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    side = BROAD // 4
    filled = cv2.morphologyEx(
        cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)
    )
    return cv2.blur(filled, (5, 5))


def _ink_level(dark: Any) -> float:
    """How much darker than paper the ink of a page is: its darkest hundredth, roughly."""
    return float(np.percentile(dark[::4, ::4], 99))


# -- straightening ------------------------------------------------------------------------------


def skew_of(ink: Any) -> float:
    """By how many degrees (counter-clockwise) lines of text and rules run askew: the angle at
    which the page's rows of pixels are most unlike each other."""
    small = cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    ys, xs = np.nonzero(small > 100)
    if len(ys) < 200:
        return 0.0
    if len(ys) > 120_000:
        some = len(ys) // 120_000 + 1
        ys, xs = ys[::some], xs[::some]
    best: float = 0.0
    for reach, step in ((MAX_SKEW, 0.5), (0.5, 0.1), (0.1, 0.02)):
        angles = np.arange(best - reach, best + reach + step / 2, step)
        best = float(max(angles, key=lambda a: _sharpness(xs, ys, a)))
    # straight is straight: pixels rounded otherwise must not turn a page
    return best if _sharpness(xs, ys, best) > 1.02 * _sharpness(xs, ys, 0.0) else 0.0


def _sharpness(xs: Any, ys: Any, angle: float) -> float:
    rows = ys + xs * math.tan(math.radians(angle))
    counts = np.bincount((rows - rows.min()).astype(np.int64))
    return float(np.square(counts, dtype=np.float64).sum())


def straighten(angle: float, width: int, height: int) -> Any:
    """The matrix that turns a page by `angle` degrees clockwise round its middle."""
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    return np.vstack([turn, [0.0, 0.0, 1.0]])

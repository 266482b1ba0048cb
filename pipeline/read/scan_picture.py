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
#: A picture whose colours differ by less than this anywhere is grey.
COLOURLESS = 24


@dataclass(frozen=True, slots=True)
class Upright:
    """A page as it is read. `grey` is without red ink; `ink` is 255 where it is dark; `red` is 255
    where red ink is; `back` is the 3×3 matrix from here to the picture as it came."""

    grey: Any
    ink: Any
    red: Any
    colour: bool
    back: Any

    @property
    def width(self) -> int:
        return int(self.grey.shape[1])

    @property
    def height(self) -> int:
        return int(self.grey.shape[0])


def to_size(picture: Any) -> tuple[Any, Any]:
    """The picture scaled to `DPI` as if it were A4, and the matrix back."""
    factor = LONG_SIDE / max(picture.shape[:2])
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


# -- ink ----------------------------------------------------------------------------------------


def is_colour(picture: Any) -> bool:
    """Whether a picture has any colour that is not a tint of the whole (yellowed paper)."""
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(np.int16)
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
    return np.where((around > 0) & (grey > 0.55 * paper), np.maximum(grey, paper), grey).astype(np.uint8)


def red_of(picture: Any) -> Any:
    """255 where there is red ink, also pale or over black text."""
    blue, green, red = (picture[..., i].astype(np.int16) for i in range(3))
    strong = (red - np.maximum(blue, green) > 45) & (red > 90)
    return strong.astype(np.uint8) * 255


def ink_of(grey: Any) -> Any:
    """255 where a page is dark against its surroundings, so that shadows are paper."""
    paper = cv2.medianBlur(cv2.resize(grey, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA), 31)
    paper = cv2.resize(paper, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)
    dark = cv2.subtract(paper, grey)
    level = max(40.0, 0.45 * _ink_level(dark))
    return (dark > level).astype(np.uint8) * 255


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
        step = len(ys) // 120_000 + 1
        ys, xs = ys[::step], xs[::step]
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

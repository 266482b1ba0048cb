"""The ink of a cell or of a stretch of page → its lines, and the pieces of each line that stand
apart: boxes in pixels, ready to be recognised one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np

#: Pixels of ink that are no dust, wherever they lie; and those that are, even beside writing.
SPECK, DOT = 12, 3
#: Two dots one above the other so far apart (characters), so near to writing, are a ：.
COLON, COLON_REACH = (0.2, 0.75), 1.5
#: How many times more of a blurred page is faint than ink.
BLURRED = 1.8
#: No stroke that lies is thicker (characters).
FLAT = 0.2
#: What lies no further from writing than so many characters may be a mark of it.
REACH = 1.2
#: Nor is a line of writing further from the next.
LINE = 1.6
#: What hangs together over more than this share of the page's long side, and fills less than that
#: share of its box (or is thinner than so many characters), is no writing: a sheet's edge, a fold.
FRAME, HOLLOW, NARROW = 0.3, 0.2, 0.6
#: A band so many characters high holds several lines; what stands side by side in it is parted by
#: gaps so wide.
SEVERAL, BESIDE = 1.9, 0.6
#: What takes this share of a stretch cannot be taken apart further.
WHOLE = 0.98
#: A row between two lines holds at most this share of the ink of a usual row.
BETWEEN = 0.6


class Strip(NamedTuple):
    """A piece of a line: its ink's box in pixels, and the top and bottom of its whole line."""

    x0: int
    top: int
    x1: int
    bottom: int
    line_top: int
    line_bottom: int


def without_specks(ink: Any, size: float) -> Any:
    """Ink without dust: dots smaller than any 标点 and with nothing larger beside them. What lies
    within a character's reach of writing stays, for a thin comma is as small as dust; and the two dots
    of a ： in small print a little further, for after ） it stands apart."""
    count, labels, stats, middles = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count < 2:
        return ink
    area = stats[:, cv2.CC_STAT_AREA]
    large = area >= SPECK
    large[0] = False
    writing = large[labels].astype(np.uint8)
    near, far = (
        _in(cv2.dilate(writing, np.ones((1, 2 * round(reach * size) + 1), np.uint8)), labels, count)
        for reach in (0.6, COLON_REACH)
    )
    small = area >= DOT
    keep = large | (near & small)
    apart = np.flatnonzero(far & small & ~keep)
    keep[[i for pair in _colons(apart, middles, size) for i in pair]] = True
    keep[0] = False
    return keep[labels].astype(np.uint8) * 255


def _colons(dots: Any, middles: Any, size: float) -> Iterator[tuple[int, int]]:
    """The pairs of dots that stand one above the other as those of a ： do."""
    dots = dots[np.argsort(middles[dots, 0])]
    for i, one in enumerate(dots.tolist()):
        for other in dots[i + 1 :].tolist():
            across, down = abs(middles[other] - middles[one])
            if across > 2:
                break
            if COLON[0] * size <= down <= COLON[1] * size:
                yield one, other


def without_frames(ink: Any, size: float) -> Any:
    """Ink without the outline of a sheet that lies on something as light, folds and scratches: they
    run past many lines of writing and would hold them together."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    width, height, area = (
        stats[:, i] for i in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    )
    long = np.maximum(width, height) > FRAME * max(ink.shape)
    thin = (area < HOLLOW * width * height) | (np.minimum(width, height) < NARROW * size)
    frames = long & thin
    frames[0] = False
    if count < 2 or not frames.any():
        return ink
    return np.where(frames[labels], 0, ink).astype(np.uint8)


def faint_marks(faint: Any, ink: Any, size: float) -> Any:
    """Small marks beside writing that are too pale to count as ink, and thin strokes that lie: 标点 in
    blurred pictures, 一 and 二 in light fonts; a hyphen on a line of its own, between two others."""
    reach = cv2.dilate(ink, np.ones((1, 2 * round(REACH * size) + 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(faint, connectivity=8)
    width, height, area = (
        stats[:, i] for i in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA)
    )
    small = np.maximum(width, height) <= 0.5 * size
    stroke = (height <= FLAT * size) & (0.5 * size <= width) & (width <= 1.2 * size)
    keep = (small | stroke) & _in(reach, labels, count)
    hyphen = (height <= FLAT * size) & (2.5 * height <= width) & (width <= 1.2 * size)
    rows = round(LINE * size)
    below, above = (
        cv2.dilate(ink, np.ones((rows, 1), np.uint8), anchor=(0, at)) for at in (rows - 1, 0)
    )
    keep |= hyphen & _in(below, labels, count) & _in(above, labels, count)
    keep &= area >= SPECK
    keep[0] = False
    return keep[labels].astype(np.uint8) * 255


def _in(where: Any, labels: Any, count: int) -> Any:
    """Of every component whether part of it lies there."""
    out = np.zeros(count, bool)
    out[np.unique(labels[where > 0])] = True
    return out


def is_blurred(ink: Any, faint: Any, where: Any) -> bool:
    """Whether the writing of a page is so blurred that ink is only the middle of its strokes: what is
    faint is much more, and hardly any of it stands by itself, as it would if it shone through from
    the page's back."""
    ink, faint = ink & where, faint & where
    count, labels, stats, _ = cv2.connectedComponentsWithStats(faint, connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    held = np.zeros(count, bool)
    held[np.unique(labels[ink > 0])] = True
    held[0] = False
    alone = ~held & (area >= 3 * SPECK)
    alone[0] = False
    few = int(np.count_nonzero(alone)) <= 0.2 * int(np.count_nonzero(held))
    return bool(few and area[held].sum() > BLURRED * np.count_nonzero(ink))


def character_size(ink: Any) -> float:
    """The usual height of characters on a page in pixels."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    sizes = [max(w, h) for _, _, w, h, _ in stats[1:] if 14 <= max(w, h) <= 70 and min(w, h) >= 8]
    return float(np.percentile(sizes, 70)) if len(sizes) >= 8 else 28.0


def strips_of(ink: Any, size: float, apart: float) -> Iterator[Strip]:
    """The pieces of all lines of a stretch of page, `size` being the usual character's height;
    `apart`: how many characters wide the gaps between pieces are at least."""
    for top, bottom in _lines(ink, size):
        yield from _strips_in(ink, top, bottom, apart * max(size, 0.8 * (bottom - top)))


def listed_strips_of(ink: Any, size: float, apart: float) -> Iterator[Strip]:
    """As `strips_of`, where things may stand side by side whose lines lie at different heights: a
    name in two lines beside a number in the middle."""
    for top, bottom in _joined(ink, size):
        if bottom - top < SEVERAL * size:
            yield from _strips_in(ink, top, bottom, apart * max(size, 0.8 * (bottom - top)))
            continue
        for x0, x1 in pieces(ink[top:bottom], BESIDE * size):
            part = ink[top:bottom, x0:x1]
            whole = part.size > WHOLE * ink.size
            for strip in (strips_of if whole else listed_strips_of)(part, size, apart):
                yield moved(strip, x0, top)


def moved(strip: Strip, x: int, y: int) -> Strip:
    """The strip so many pixels further to the right and down."""
    x0, top, x1, bottom, line_top, line_bottom = strip
    return Strip(x0 + x, top + y, x1 + x, bottom + y, line_top + y, line_bottom + y)


def _strips_in(ink: Any, top: int, bottom: int, apart: float) -> Iterator[Strip]:
    """The pieces of one line; `apart` in pixels."""
    for x0, x1 in pieces(ink[top:bottom], apart):
        rows = np.flatnonzero(ink[top:bottom, x0:x1].any(axis=1))
        yield Strip(x0, top + int(rows[0]), x1, top + int(rows[-1]) + 1, top, bottom)


def _lines(ink: Any, size: float) -> list[tuple[int, int]]:
    """Bands of rows that hold ink: dots of one character joined, lines that touch parted."""
    parted = [part for band in _joined(ink, size) for part in _part(ink, band, size)]
    return [(top, bottom) for top, bottom in parted if bottom - top >= 3]


def _joined(ink: Any, size: float) -> list[tuple[int, int]]:
    """Bands of rows that hold ink, the dots of one character joined."""
    joined: list[tuple[int, int]] = []
    for top, bottom in _bands(ink.any(axis=1)):
        if joined and _belong(joined[-1], (top, bottom), size):
            joined[-1] = (joined[-1][0], bottom)
        else:
            joined.append((top, bottom))
    return joined


def _belong(upper: tuple[int, int], lower: tuple[int, int], size: float) -> bool:
    """Parts of one line: 二 and 三 stand in pieces, and one of the two is no whole character."""
    gap, both = lower[0] - upper[1], lower[1] - upper[0]
    smaller = min(upper[1] - upper[0], lower[1] - lower[0])
    return both <= 1.3 * size and (smaller < 0.5 * size or gap <= 2)


def _part(ink: Any, band: tuple[int, int], size: float) -> list[tuple[int, int]]:
    """A band too high for one line is parted where it holds least ink."""
    top, bottom = band
    height = bottom - top
    count = round(height / (1.25 * size))
    if height < SEVERAL * size or count < 2:
        return [band]
    rows = np.count_nonzero(ink[top:bottom], axis=1).astype(float)
    usual = float(np.percentile(rows, 60))
    cuts = [0]
    for i in range(1, count):
        near = round(i * height / count)
        reach = round(0.4 * size)
        low, high = max(near - reach, cuts[-1] + 1), min(near + reach, height)
        if low < high and rows[low:high].min() < BETWEEN * usual:
            cuts.append(low + int(np.argmin(rows[low:high])))
    return [(top + a, top + b) for a, b in zip(cuts, [*cuts[1:], height], strict=True) if b - a > 2]


def pieces(line: Any, apart: float) -> list[tuple[int, int]]:
    """Parts of a line between gaps wider than `apart`."""
    bands = _bands(line.any(axis=0))
    joined: list[tuple[int, int]] = []
    for start, end in bands:
        if joined and start - joined[-1][1] <= apart:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [(a, b) for a, b in joined if b - a >= 3]


def _bands(filled: Any) -> list[tuple[int, int]]:
    """Where a row of truths is true: starts and ends."""
    steps = np.diff(np.concatenate(([0], filled.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]

"""Dashes, which the recogniser takes for 一: told by how their stroke is drawn.

A dash is level, of one thickness from end to end. 一 swells at its end or leans in most fonts, and is
thicker in the others. Sizes are shares of a character's height.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from pipeline.read.scan_engine import Letter

#: What a dash is taken for; and what it is where it stands alone.
LIKE = frozenset("一ー—–―－-_二~～〜")
ALONE_LIKE = LIKE | frozenset("/1lI|丨丿ノ／=.")
#: A long dash (——) is longer than any character is wide, and has no wider gap in its middle.
LONGER, GAP = 1.35, 0.2
#: No dash is thicker. One alone is no shorter than `SHORT`, a hyphen no longer than `HYPHEN`.
THIN, SHORT, HYPHEN = 0.2, 0.2, 0.62
#: How wide a dash of one character is.
NARROW, WIDE = 0.7, 1.2
#: The stroke of a dash swells by no more than this times, strays from its level by no more than this,
#: and is thinner than that of any 一 which does neither (sans serif).
SWELL, STRAY, FINE = 1.12, 0.025, 0.068
#: A character is so many times as wide as what is measured as its size.
PITCH = 1.08


def with_dashes(
    letters: Sequence[Letter], ink: Any, grey: Any, edges: tuple[float, float], size: float
) -> list[Letter]:
    """The letters of a strip with its dashes. `ink` and `grey`: the strip's own; `edges`: where that
    begins and ends (shares of the crop that was read); `size`: a character's, in pixels."""
    if not any(letter.text in ALONE_LIKE for letter in letters):
        return list(letters)
    start, per_pixel = edges[0], (edges[1] - edges[0]) / max(ink.shape[1], 1)
    out = list(letters)
    like = ALONE_LIKE if is_level(ink) else LIKE
    for x0, x1, whole in _long(ink, size):
        low, high = start + x0 * per_pixel, start + x1 * per_pixel
        there = [letter for letter in out if low < letter.at < high]
        if there and all(letter.text in like for letter in there):
            sure = 0.95 if whole or like is ALONE_LIKE else 0.8  # 一一 has a gap too
            both = [Letter("—", low + part * (high - low), sure) for part in (0.25, 0.75)]
            out = sorted([*(x for x in out if x not in there), *both], key=lambda x: x.at)
    em = _pitch(out, size * per_pixel) / per_pixel
    for i, letter in enumerate(out):
        middle = (letter.at - start) / per_pixel
        if letter.text in ("一", "ー") and _evenly_drawn(ink, grey, middle, em):
            out[i] = letter._replace(text="—", sure=0.95)
    return _by_words(out)


#: 一 that no text has: between figures, where a dash stands (2023—2024); and again and again between
#: words (受理—派单—服务), where it is no more than likely.
_BETWEEN_FIGURES = re.compile(r"(?<=[0-9%％])一(?=[0-9])")
_WORD = r"[^\W\d_一]"
_CHAINED = re.compile(rf"(?=({_WORD}{{2,4}}(?:[一—]{_WORD}{{2,4}}){{2,}}|[一—]{_WORD}{{2}}[一—]))")
_DOUBTFUL = 0.85


def _by_words(letters: Sequence[Letter]) -> list[Letter]:
    out = list(letters)
    text = "".join(letter.text if len(letter.text) == 1 else "\0" for letter in letters)
    for hit in _BETWEEN_FIGURES.finditer(text):
        out[hit.start()] = out[hit.start()]._replace(text="—")
    for hit in _CHAINED.finditer(text):
        for i in range(*hit.span(1)):
            if text[i] == "一":
                out[i] = out[i]._replace(sure=min(out[i].sure, _DOUBTFUL))
    return out


def lone_dash(ink: Any, size: float) -> str:
    """— or - where all there is of a strip is one level stroke, else nothing."""
    if not is_level(ink) or ink.shape[0] > THIN * size or ink.shape[1] < SHORT * size:
        return ""
    return "-" if ink.shape[1] < HYPHEN * size else "—"


def is_level(ink: Any) -> bool:
    """Whether all there is of a strip is one level stroke, with a gap in its middle at most."""
    rows = np.flatnonzero(ink.any(axis=1))
    return bool(
        rows.size
        and 2.5 * (rows[-1] - rows[0] + 1) < ink.shape[1]
        and ink.any(axis=0).mean() > 0.85
    )


def _long(ink: Any, size: float) -> Iterator[tuple[int, int, bool]]:
    """Level strokes longer than any character is wide, with nothing above or below them: the left
    and right edge of each, and whether it is one stroke (in some fonts —— has a gap)."""
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, round(GAP * size) + 1), np.uint8))
    for x, y, width, height, _ in _components(joined):
        if width >= LONGER * size and height <= THIN * size and _is_bare(ink, x, y, width, height):
            yield x, x + width, bool(ink[:, x : x + width].any(axis=0).all())


def _components(ink: Any) -> list[list[int]]:
    return cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:].tolist()  # type: ignore[no-any-return]


def _is_bare(ink: Any, x: int, y: int, width: int, height: int) -> bool:
    column = ink[:, x : x + width]
    return not column[:y].any() and not column[y + height :].any()


def _pitch(letters: Sequence[Letter], size: float) -> float:
    """How far apart the characters of a line stand."""
    apart = [b.at - a.at for a, b in pairwise(letters) if min(a.text, b.text) > "\u2e80"]
    return float(np.median(apart)) if len(apart) > 3 else PITCH * size


def _evenly_drawn(ink: Any, grey: Any, middle: float, em: float) -> bool:
    """Whether the stroke at a place of a strip is a dash and no 一."""
    for x, y, width, height, _ in _components(ink):
        if not x < middle < x + width or not NARROW * em < width < WIDE * em:
            continue
        if height > THIN * em or not _is_bare(ink, x, y, width, height):
            continue
        paper = float(np.percentile(grey, 90))
        black = paper - float(np.percentile(grey[ink > 0], 10))
        inset = round(0.08 * width)
        part = grey[max(y - 3, 0) : y + height + 3, x + inset : x + width - inset]
        dark = np.clip(paper - part.astype(float), 0, None)
        down = dark.sum(axis=0)
        thick = np.convolve(down / max(black, 1.0) / em, np.ones(3) / 3, "valid")
        level = (dark * np.arange(len(dark))[:, None]).sum(axis=0) / np.maximum(down, 1.0)
        low, high = np.percentile(level, (5, 95))
        usual = float(np.median(thick))
        if np.percentile(thick, 97) > SWELL * usual or high - low > STRAY * em:
            return False
        half = (dark > 0.2 * black) & (dark < 0.8 * black)
        return usual <= FINE and bool(half.mean() > 0.1)  # black and white shows shapes too roughly
    return False

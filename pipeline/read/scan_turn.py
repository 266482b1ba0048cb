"""Which way up a page lies: told by how well pieces of its text can be read each way."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from pipeline.read import scan_picture as pictures
from pipeline.read.scan_engine import Letter, recogniser

#: Pieces of text that are tried.
PIECES = 8
#: Text read this surely lies the right way up, and no other way is tried.
SURE = 0.80


def quarter_of(picture: Any) -> int:
    """How many quarter turns clockwise set the page upright."""
    best, most = 0, -1.0
    for quarter in (0, 2, 1, 3):
        value = _legibility(pictures.turned(picture, quarter)[0])
        if value >= SURE:
            return quarter
        if value > most:
            best, most = quarter, value
    return best


def _legibility(picture: Any) -> float:
    """How surely the text is read if the page lies as it is, 0–1."""
    grey = pictures.without_red(picture)
    texts = recogniser().read([grey[y : y + h, x : x + w] for x, y, w, h in _samples(grey)])
    values = [_sureness(letters) for letters in texts]
    return float(np.median(values)) if values else 0.0


def _sureness(letters: list[Letter]) -> float:
    if len(letters) < 3:
        return 0.0
    chinese = sum("\u4e00" <= letter.text <= "\u9fff" for letter in letters) / len(letters)
    return sum(letter.sure for letter in letters) / len(letters) * min(1.0, 0.4 + chinese)


def _samples(grey: Any) -> list[tuple[int, int, int, int]]:
    """Pieces of lines as boxes, all over the page: ink smeared along the line, rules taken out."""
    ink = pictures.ink_of(grey)
    for shape in ((1, 60), (60, 1)):
        ink = cv2.subtract(ink, cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8)))
    smeared = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 21), np.uint8))
    smeared = cv2.morphologyEx(smeared, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    stats = cv2.connectedComponentsWithStats(smeared, connectivity=4)[2]
    boxes = [
        (max(x - 3, 0), max(y - 4, 0), w + 6, h + 8)
        for x, y, w, h, _ in stats[1:].tolist()
        if 16 <= h <= 70 and 3.5 * h <= w <= 16 * h
    ]
    boxes.sort(key=lambda box: -box[2] / box[3])
    return boxes[:: max(1, len(boxes) // PIECES)][:PIECES]

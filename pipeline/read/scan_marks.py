"""What is drawn on a page and no character: the seal."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

#: A seal is a ring so many pixels wide at 200 dpi: 20 to 65 mm.
SMALLEST, LARGEST = 157, 512
#: On so many of 36 sectors of the ring there must be red.
SECTORS = 20


def seal_of(red: Any) -> tuple[float, float, float, float] | None:
    """The box of the red ring of a seal in pixels, the fullest if there are several."""
    closed = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    best, most = None, SECTORS
    for label in range(1, count):
        x, y, width, height, area = stats[label]
        if not (SMALLEST <= max(width, height) <= LARGEST and min(width, height) >= 0.6 * SMALLEST):
            continue
        if area < 0.02 * width * height:
            continue
        sectors = _sectors(red[y : y + height, x : x + width])
        if sectors >= most:
            best, most = (float(x), float(y), float(x + width), float(y + height)), sectors
    return best


def _sectors(red: Any) -> int:
    """How many of 36 sectors hold red near the ellipse that fills the box."""
    height, width = red.shape
    ys, xs = np.nonzero(red)
    across, down = (xs - width / 2) / (width / 2), (ys - height / 2) / (height / 2)
    radius = np.hypot(across, down)
    rim = (radius > 0.85) & (radius < 1.06)
    angles = np.arctan2(down[rim], across[rim])
    return len(np.unique(((angles + np.pi) / (2 * np.pi) * 36).astype(int) % 36))

"""A page whose rules are bent or run together (a photo from the side, paper that curls) → flat.

The long rules of its own table tell how: what is a straight line across or down on the form is
traced on the picture, and one smooth displacement that makes all of them straight is found by
least squares. Pages without rules, and straight ones, stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np

#: Rules shorter than this share of the page's width are not traced.
TRACED = 0.12
#: So many rules each way are needed, or all there are may be strokes.
ENOUGH = 2
#: Pixels by which rules may stray from straight before a page is flattened (the worst of them).
STRAY = 3.0
#: Powers of x and y (along the rule, across it) in the displacement. Across it is linear only: the
#: page's head and foot lie beyond the rules.
POWERS = ((1, 0), (2, 0), (3, 0), (1, 1), (2, 1))
#: No rule is thicker than this in pixels, and none bends more over its length.
THICK, BEND = 12, 0.12

#: A traced rule: where it runs (along) and at what height there (across), in pixels.
Trace = tuple[Any, Any]


def flattened(picture: Any, ink: Any) -> tuple[Any, Any]:
    """The picture made flat by its rules, and the 3×3 matrix back that comes nearest to that."""
    across = list(_traces(ink))
    down = list(_traces(np.ascontiguousarray(ink.T)))
    height, width = ink.shape
    if len(across) < ENOUGH or len(down) < ENOUGH:
        return picture, np.eye(3)
    if max(map(_stray, (*across, *down))) < STRAY:
        return picture, np.eye(3)
    rows, columns = _displacement(across, width, height), _displacement(down, height, width)
    if rows is None or columns is None:
        return picture, np.eye(3)
    x, y = _sources(rows, columns, width, height)
    flat = cv2.remap(
        picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255)
    )
    return flat, _matrix(x, y)


def _traces(ink: Any) -> Iterator[Trace]:
    """The long rules that run along x, each with its height at every column."""
    thick = cv2.dilate(ink, np.ones((5, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, 44), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    for i in range(1, count):
        x, y, width, height, area = stats[i].tolist()
        if width < TRACED * ink.shape[1] or area / width > THICK or height > BEND * width + THICK:
            continue
        part = labels[y : y + height, x : x + width] == i
        counts = part.sum(axis=0)
        heights = (part * np.arange(height)[:, None]).sum(axis=0) / np.maximum(counts, 1)
        whole = counts > 0
        some = np.flatnonzero(whole)[::8]
        yield x + some.astype(float), y + heights[some]


def _stray(trace: Trace) -> float:
    """How far a rule's ends and middle lie from its mean height: 0 where straight along x."""
    return float(np.percentile(abs(trace[1] - np.median(trace[1])), 90))


def _terms(along: Any, across: Any) -> Any:
    return np.stack([along**p * across**q for p, q in POWERS], axis=-1)


def _displacement(traces: Sequence[Trace], length: int, breadth: int) -> Any | None:
    """The coefficients of the displacement across the rules, as a share of `length`, which makes
    them straight; None where it does not."""
    parts, heights, owners = [], [], []
    for i, (along, across) in enumerate(traces):
        u, v = along / length - 0.5, across / breadth - 0.5
        parts.append(_terms(u, v))
        heights.append(across)
        owners.append(np.full(len(u), i))
    terms, height, owner = np.concatenate(parts), np.concatenate(heights), np.concatenate(owners)
    weight = np.ones(len(height))
    for _ in range(3):  # strokes that are no rules weigh less each time
        known = _solved(terms, height, owner, weight, len(traces))
        rest = abs(
            height - terms @ known - _means(height - terms @ known, owner, weight, len(traces))
        )
        weight = 1.0 / (1.0 + (rest / 2.0) ** 2)
    return known if np.percentile(rest, 80) < STRAY else None


def _solved(terms: Any, height: Any, owner: Any, weight: Any, count: int) -> Any:
    """Least squares with a height of its own for every rule."""
    free = terms - np.stack(
        [_means(terms[:, k], owner, weight, count) for k in range(terms.shape[1])], axis=-1
    )
    wanted = height - _means(height, owner, weight, count)
    scale = np.sqrt(weight)[:, None]
    calm = 1e-3 * np.sqrt(weight.sum()) * np.eye(terms.shape[1])
    left = np.concatenate([free * scale, calm])
    right = np.concatenate([wanted * scale[:, 0], np.zeros(terms.shape[1])])
    return np.linalg.lstsq(left, right, rcond=None)[0]


def _means(values: Any, owner: Any, weight: Any, count: int) -> Any:
    """For every point the weighted mean over its rule."""
    total = np.bincount(owner, weight * values, count)
    return (total / np.maximum(np.bincount(owner, weight, count), 1e-9))[owner]


def _sources(rows: Any, columns: Any, width: int, height: int) -> tuple[Any, Any]:
    """For every pixel of the flat page where it stands on the picture."""
    step = 16
    ys, xs = np.mgrid[0 : height + step : step, 0 : width + step : step].astype(float)
    x, y = xs.copy(), ys.copy()
    for _ in range(6):
        u, v = x / width - 0.5, y / height - 0.5
        x, y = xs + _terms(v, u) @ columns, ys + _terms(u, v) @ rows
    size = (x.shape[1] * step, x.shape[0] * step)
    grids = (_enlarged(grid, step, size)[:height, :width] for grid in (x, y))
    return tuple(np.ascontiguousarray(grid) for grid in grids)  # type: ignore[return-value]


def _enlarged(grid: Any, step: int, size: tuple[int, int]) -> Any:
    """A coarse grid at every pixel; its points are the pixels at multiples of `step`."""
    scale = np.array([[1 / step, 0, 0], [0, 1 / step, 0]], np.float32)
    return cv2.warpAffine(
        grid.astype(np.float32), scale, size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip


def _matrix(x: Any, y: Any) -> Any:
    """The 3×3 matrix from the flat page to the picture that comes nearest to the displacement."""
    rows, columns = (np.linspace(0, size - 1, 12).astype(int) for size in x.shape)
    points = [(c, r) for r in rows for c in columns]
    sources = [(x[r, c], y[r, c]) for r in rows for c in columns]
    return cv2.findHomography(np.array(points, np.float32), np.array(sources, np.float32))[0]

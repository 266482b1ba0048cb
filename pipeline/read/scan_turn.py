"""Which way up a page lies: told by how well pieces of its text can be read each way; and so
whether a picture shows two pages side by side."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from pipeline.read import scan_picture as pictures
from pipeline.read.scan_engine import Letter, recogniser

#: Pieces of text that are tried.
PIECES = 8
#: So many characters a piece, read so surely, lie the right way up, and no other way is tried.
#: Characters on their side are read too, but never in long lines: what follows is another line.
LONG, SURE = 5.0, 0.8
#: A line is so many times longer than high at least; and a page has so many times more of them along
#: its lines than across.
LINE, MORE = 3.5, 1.25


def pages_in(picture: Any) -> list[tuple[Any, Any]]:
    """The pages that a picture shows, in reading order, each with its matrix back: two, set upright,
    where they lie side by side, whichever way the picture lies. A page on its side may have bare
    paper across its middle too, between two paragraphs: only its text tells."""
    alone = [(picture, np.eye(3))]
    turn = int(picture.shape[0] > picture.shape[1])
    if pictures.fold(pictures.turned(picture, turn)[0]) is None:
        return alone
    quarter = quarter_of(pictures.to_size(picture)[0])
    upright, back = pictures.turned(picture, quarter)
    cut = pictures.fold(upright)
    if cut is None or quarter % 2 != turn:
        return alone
    moved = np.array([[1, 0, cut], [0, 1, 0], [0, 0, 1.0]])
    return [(upright[:, :cut], back), (upright[:, cut:], back @ moved)]


def quarter_of(picture: Any) -> int:
    """How many quarter turns clockwise set the page upright: by most characters read surely. Lines of
    a page on its side can be read too where they stand close, across them: so only those ways are
    tried in which there are longer lines, if there are more of them."""
    lying, standing = (_written(pictures.turned(picture, quarter)[0]) for quarter in (0, 1))
    ways = (
        [0, 2] if lying > MORE * standing else [1, 3] if standing > MORE * lying else [0, 2, 1, 3]
    )
    counts: dict[int, float] = {}
    for quarter in ways:
        pieces = _pieces(pictures.turned(picture, quarter)[0])
        values = [_sure_letters(letters) for letters in pieces]
        if quarter == 0 and lying > MORE * standing and pieces and _is_clear(pieces, values):
            return 0
        counts[quarter] = sum(values)
    return max(ways, key=lambda quarter: counts[quarter])


def _written(picture: Any) -> int:
    """How long all lines of a page are together, in pixels."""
    return sum(w for _, _, w, h in _lines(pictures.without_red(picture)) if w >= LINE * h)


def _is_clear(pieces: list[list[Letter]], values: list[float]) -> bool:
    letters = [len(piece) for piece in pieces]
    return float(np.mean(letters)) >= LONG and sum(values) >= SURE * 0.7 * sum(letters)


def _pieces(picture: Any) -> list[list[Letter]]:
    grey = pictures.without_red(picture)
    return recogniser().read([grey[y : y + h, x : x + w] for x, y, w, h in _samples(grey)])


def _sure_letters(letters: list[Letter]) -> float:
    """How many Chinese characters of a piece were read surely; all, as far as the piece is."""
    if not letters:
        return 0.0
    mean = sum(letter.sure for letter in letters) / len(letters)
    return mean**2 * sum(
        "\u4e00" <= letter.text <= "\u9fff" for letter in letters if letter.sure > 0.6
    )


def _samples(grey: Any) -> list[tuple[int, int, int, int]]:
    """Some pieces of lines, all over the page."""
    boxes = [box for box in _lines(grey) if LINE * box[3] <= box[2] <= 16 * box[3]]
    boxes = [(max(x - 3, 0), max(y - 4, 0), w + 6, h + 8) for x, y, w, h in boxes]
    boxes.sort(key=lambda box: -box[2] / box[3])
    return boxes[:: max(1, len(boxes) // PIECES)][:PIECES]


def _lines(grey: Any) -> list[tuple[int, int, int, int]]:
    """Boxes of what may be lines: ink smeared along the line, rules taken out."""
    ink = pictures.ink_of(grey)
    for shape in ((1, 60), (60, 1)):
        ink = cv2.subtract(ink, cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8)))
    smeared = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 21), np.uint8))
    smeared = cv2.morphologyEx(smeared, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    stats = cv2.connectedComponentsWithStats(smeared, connectivity=4)[2]
    return [(x, y, w, h) for x, y, w, h, _ in stats[1:].tolist() if 16 <= h <= 70]

"""Text in its places → lines. Pure functions: the order in the file does not matter, the gap between
Chinese and digits is no space. What is plain goes in strips; where one character matters, glyphs.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple, cast

from pipeline.document import SURE, Box, Run
from pipeline.read.pdf_chars import MARKS
from pipeline.read.pdf_page import TANGLED, TOGETHER, Glyph, Piece, Strip, glyphs_of

#: A gap this wide (in em) without a space character separates two texts of one line.
WIDE = 1.5
#: A gap this wide between two Latin characters is a space although none was written.
LATIN_SPACE = 0.2
_TICKS = frozenset("√✓✔×✗✘■●☑☒vVxX/")
_BOXES = frozenset("□○〇◯☐▢⬜❑❏◻")
NO_START = frozenset("，。、；：？！）》〉」』】〕％”’…—,.;:?!)]}%·～")
MAY_HANG = frozenset("，。、；：？！）》」』】”’")
_NO_END = frozenset("（《〈「『【〔“‘([{￥")


class Line(NamedTuple):
    """One line of a page: its look (bold, underlined, on colour), or its runs where it has several;
    its box, whether real spaces stood before and after it."""

    look: tuple[bool, bool, bool]
    mixed: tuple[Run, ...]
    box: Box
    size: float
    pieces: Sequence[Piece]
    starts_with_space: bool
    ends_with_space: bool
    page: int
    sure: float  # the recogniser's confidence, or less where text stands over text
    text: str  # that of its runs

    @property
    def row(self) -> list[Glyph]:
        """Its glyphs, left to right."""
        return glyphs_of(self.pieces)

    @property
    def runs(self) -> tuple[Run, ...]:
        return self.mixed or (Run(self.text, *self.look),)

    @property
    def is_plain(self) -> bool:
        """Whether it is all of one look, and that no mark of a choice, and of no doubt."""
        if not self.mixed:
            return self.look == PLAIN
        return len(self.mixed) == 1 and self.mixed[0].sure == 1.0 and not self.mixed[0].emphasised

    @property
    def first_width(self) -> float:
        """The width of what cannot be parted from the line's start."""
        return _first_width(self.row)

    @property
    def reach(self) -> float:
        """How far the line goes right; a 标点 at its end may hang in the margin."""
        hangs = self.text[-1:] in MAY_HANG
        return self.box.x1 - self.size if hangs else self.box.x1


def unbroken(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Text that follows one another in the file and on the line without any gap. A tick ends no
    text: one behind a date that is too long for its cell stands in the next."""
    runs: list[list[Piece]] = []
    open_end, edge, level = False, 0.0, 0.0
    for piece in pieces:
        text, x0, x1, baseline, size, *_ = piece
        # All that was typed into a field or note is one glyph as wide as that.
        single = piece.__class__ is Strip or (
            text != " " and len(text) <= 1 and x1 - x0 <= 1.6 * size
        )
        if (
            single
            and open_end
            and -0.3 * size <= x0 - edge <= TOGETHER * size
            and -0.5 < baseline - level < 0.5
            and text not in MARKS
        ):
            runs[-1].append(piece)
        else:
            runs.append([piece])
        open_end, edge, level = single, x1, baseline
    return runs


def texts_on(line: Line) -> int:
    """How many texts of more than a character stand beside each other on a line, far apart."""
    texts: list[str] = []
    edge = -math.inf
    for piece in line.pieces:
        text, x0, x1, _, size, *_ = piece
        if text.strip():
            texts += [""] if x0 - edge > WIDE * size else []
            texts[-1] += text
            edge = x1
    return sum(len(text) > 1 for text in texts)


def lines_of(pieces: Sequence[Piece], page: int) -> list[Line]:
    """Text as lines, top to bottom; the order in the file does not matter."""
    if not pieces:
        return []
    if pieces[0].__class__ is Strip:
        strips = cast(Sequence[Strip], pieces)
        if len(pieces) == 1:
            return [_strip_line(strips[0].text, strips[0].x1, strips, page)]
        if all(piece.__class__ is Strip for piece in pieces):
            found = _lines_of_strips(strips, page)
            if found:
                return found
    elif len(pieces) == 1:  # what was typed into a field
        text, x0, x1, baseline, size, bold, mark, shade, sure = cast(Glyph, pieces[0])
        if sure == 1.0 and text not in _BLANKS:
            box = Box(x0, baseline - 0.86 * size, x1, baseline + 0.14 * size)
            look = (bold, mark, shade)
            return [Line(look, (), box, size, pieces, False, False, page, 1.0, text)]
    glyphs = glyphs_of(pieces)
    if glyphs[0].baseline == glyphs[-1].baseline:  # as in most cells
        line = _plain_line(sorted(glyphs, key=_across), page)
        if line is not None:
            return [line]
    lines: list[Line] = []
    for row in rows_of(glyphs):
        row.sort(key=_across)
        line = _plain_line(row, page) or _line(untangled(tick_boxes_joined(row)), page)
        if line is not None:
            lines.append(line)
    for i in range(1, len(lines)):
        if _run_into_each_other(lines[i - 1], lines[i]):
            lines[i - 1 : i + 1] = [n._replace(sure=TANGLED) for n in lines[i - 1 : i + 1]]
    return lines


_across = operator.itemgetter(1, 2)  # x0, x1


def _lines_of_strips(strips: Sequence[Strip], page: int) -> list[Line] | None:
    """The lines that strips make, if each is plain and they are clearly apart."""
    first = strips[0]
    rows: dict[float, list[Strip]] = {}
    for strip in strips:
        if strip.size != first.size or strip.bold != first.bold:
            return None
        rows.setdefault(strip.baseline, []).append(strip)
    levels = sorted(rows)
    if any(b - a < max(0.76 * first.size, 1.0) for a, b in pairwise(levels)):
        return None
    lines = [_joined_strips(sorted(rows[level], key=_across), page) for level in levels]
    return None if None in lines else cast(list[Line], lines)


def _joined_strips(strips: Sequence[Strip], page: int) -> Line | None:
    """The plain line of strips side by side, if one stands close to the next."""
    edge = last = strips[0].x0
    limit = LATIN_SPACE * strips[0].size
    for strip in strips:
        x0, first = strip.x0, strip.rights[strip.start]
        if x0 - edge > limit or x0 < max(edge - 0.3 * (first - x0), last) or first < edge:
            return None
        edge, last = strip.x1, strip.lefts[strip.start + len(strip.text) - 1]
    return _strip_line("".join([strip.text for strip in strips]), edge, strips, page)


def _strip_line(text: str, edge: float, strips: Sequence[Strip], page: int) -> Line:
    _, start, _, baseline, size, bold, *_ = strips[0]
    box = _new(Box, (start, baseline - 0.86 * size, edge, baseline + 0.14 * size))
    look = BOLD if bold else PLAIN
    return _new(Line, (look, (), box, size, strips, False, False, page, 1.0, text))


#: The looks of text of which nothing is underlined or on colour.
PLAIN, BOLD = (False, False, False), (True, False, False)
#: A tuple of a class's fields made one, without the call for its defaults.
_new = tuple.__new__


def _plain_line(row: list[Glyph], page: int) -> Line | None:
    """The line that most rows are: characters of one look, one close to the next."""
    texts, lefts, rights, *looks, sures = zip(*row, strict=True)
    count = len(row)
    if sures.count(1.0) < count or not _BLANKS.isdisjoint(texts):
        return None
    for shared in looks:
        if shared.count(shared[0]) < count:
            return None
    _, start, edge, baseline, size, bold, mark, shade, _ = row[0]
    limit = LATIN_SPACE * size
    for x0, x1 in zip(lefts[1:], rights[1:], strict=True):
        if x0 - edge > limit or x1 < edge or (x0 < edge - 0.3 * (x1 - x0) and x0 != start):
            return None
        edge = x1
    box = Box(start, baseline - 0.86 * size, edge, baseline + 0.14 * size)
    text = "".join(texts)
    return Line((bold, mark, shade), (), box, size, row, False, False, page, 1.0, text)


def _run_into_each_other(upper: Line, lower: Line) -> bool:
    """Whether two lines stand so close that one is written over the other."""
    small, large = sorted((upper.size, lower.size))
    return (
        lower.box.bottom - upper.box.bottom < 0.75 * small
        and small > 0.7 * large
        and any(
            min(one.x1, other.x1) - max(one.x0, other.x0) > 0.3 * small
            for one in upper.row
            for other in lower.row
            if one.text.strip() and other.text.strip()
        )
    )


def untangled(row: list[Glyph]) -> list[Glyph]:
    """Glyphs of a line, each once: bold is often made by writing twice. What stands over other
    text or runs into it is left, with less sureness; a printed line below is no text."""
    edge = row[0].x0
    for glyph in row:
        if glyph.x0 < edge - 0.3 * (glyph.x1 - glyph.x0):
            break
        edge = glyph.x1
    else:
        return row
    kept: list[Glyph] = []
    for glyph in row:
        for i in range(len(kept) - 1, max(len(kept) - 5, -1), -1):
            other = kept[i]
            shared = _shared(other, glyph)
            if shared > 0.6 and (other.text == glyph.text or glyph.text in _RULED):
                break
            if shared > 0.6 and other.text in _RULED:
                kept[i] = glyph
                break
            if shared > _apart(other.text) and shared > _apart(glyph.text):
                kept[i] = other._replace(sure=min(other.sure, TANGLED))
        else:
            kept.append(glyph)
    return kept


_RULED = frozenset("_＿")
_BLANKS = frozenset(" \u3000")


def _apart(text: str) -> float:
    """How much of its width a character may share with another that is not written over it: marks
    are squeezed; Latin letters run close where a font is a stand-in."""
    if not text[0].isalnum():
        return 1.0
    return 0.6 if text[0].isascii() and text[0].isalpha() else 0.4


def _shared(one: Glyph, other: Glyph) -> float:
    """Which share of its width the narrower of two characters has in common with the other."""
    if len(one.text) != 1 or len(other.text) != 1:
        return 0.0
    narrow = min(one.x1 - one.x0, other.x1 - other.x0)
    return (min(one.x1, other.x1) - max(one.x0, other.x0)) / max(narrow, 0.1)


def rows_of(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Groups glyphs that stand side by side: those that share most of their height."""
    glyphs = list(glyphs)
    baselines = [glyph.baseline for glyph in glyphs]
    if glyphs and max(baselines) - min(baselines) < 1.0:
        return [glyphs]
    rows: list[list[Glyph]] = []
    lead: Glyph | None = None
    for glyph in sorted(glyphs, key=_downwards):
        if lead is not None and (glyph[3] == lead[3] or _side_by_side(lead, glyph)):
            rows[-1].append(glyph)
            lead = glyph if glyph.size > lead.size and glyph.text.strip() else lead
        else:
            rows.append([glyph])
            lead = glyph
    return rows


_downwards = operator.itemgetter(3, 1)  # baseline, x0


def _side_by_side(one: Glyph, other: Glyph) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= 0.6 * min(one.size, other.size)


def tick_boxes_joined(row: list[Glyph]) -> list[Glyph]:
    """A tick typed or drawn on top of a box is a ticked box."""
    boxes = [i for i, glyph in enumerate(row) if glyph.text in _BOXES]
    if not boxes:
        return row
    gone: set[int] = set()
    kept = list(row)
    for i, glyph in enumerate(row):
        if glyph.text not in _TICKS:
            continue
        centre = glyph.middle[0]
        for j in boxes:
            inset = 0.15 * (row[j].x1 - row[j].x0)
            if j not in gone and row[j].x0 + inset < centre < row[j].x1 - inset:
                kept[j] = row[j]._replace(text="☒" if glyph.text in "×✗✘xX☒" else "☑")
                gone.add(i)
                break
    return [glyph for i, glyph in enumerate(kept) if i not in gone]


def _line(row: list[Glyph], page: int) -> Line | None:
    inked = [glyph for glyph in row if not glyph.text.isspace()]
    if not inked:
        return None
    sizes = sorted([glyph.size for glyph in inked])
    box = Box(
        inked[0].x0,
        min([glyph.baseline - 0.86 * glyph.size for glyph in inked]),
        max([glyph.x1 for glyph in inked]),
        max([glyph.baseline + 0.14 * glyph.size for glyph in inked]),
    )
    runs = _runs(spaced(row))
    return Line(
        PLAIN,
        runs,
        box,
        sizes[len(sizes) // 2],
        row,
        row[0].text in (" ", "\u3000"),
        row[-1].text == " " and row[-1].x0 >= inked[-1].x0,
        page,
        min([glyph.sure for glyph in inked]),
        "".join([run.text for run in runs]),
    )


class _Piece(NamedTuple):
    text: str
    glyph: Glyph


def spaced(row: list[Glyph]) -> list[_Piece]:
    """The glyphs of a line with the spaces between them: those typed, and wide gaps.

    PDFium gives a row of typed spaces as one; the others are counted from the gap.
    """
    pieces: list[_Piece] = []
    typed: Glyph | None = None
    last: Glyph | None = None
    if _is_dense(row):
        return [_Piece(glyph.text, glyph) for glyph in row]
    even = evenly_spread(row)
    stretch = _stretch(row)
    for glyph in row:
        if glyph.text == " ":
            typed = typed or glyph
            continue
        if typed is not None:
            between = _typed_spaces(typed, glyph, stretch)
        elif last is not None:
            between = _gap(last, glyph, even)
        else:
            between = ""
        if between and (last is not None or typed is not None):
            pieces.append(_Piece(between, last or glyph))
        pieces.append(_Piece(glyph.text, glyph))
        last, typed = glyph, None
    return pieces


def _is_dense(row: list[Glyph]) -> bool:
    """Whether a line is plain: no space and no gap in it."""
    edge = row[0].x0
    for glyph in row:
        if glyph.text == " " or glyph.x0 - edge > LATIN_SPACE * glyph.size:
            return False
        edge = glyph.x1
    return True


def _typed_spaces(space: Glyph, after: Glyph, stretch: float) -> str:
    width = max(space.x1 - space.x0, 0.15 * space.size) * stretch
    count = (after.x0 - space.x0) / width
    return " " * max(1, round(count)) if count >= 1.8 else " "


def _stretch(row: list[Glyph]) -> float:
    """How far justification stretched the spaces of a line: the least stretched one tells."""
    ratios = [
        (after.x0 - space.x0) / max(space.x1 - space.x0, 0.15 * space.size)
        for space, after in pairwise(row)
        if space.text == " " and after.text != " "
    ]
    return max(1.0, min(ratios)) if len(ratios) >= 2 else 1.0


def evenly_spread(row: list[Glyph]) -> bool:
    """Whether a line's characters are spread over the width, as labels of forms often are, or
    from some place on (a justified line broken by hand)."""
    if _in_columns(row):
        return False
    size = row[0].size
    gaps = sorted([after.x0 - before.x1 for before, after in pairwise(row)])
    spread = gaps[:1] > [0.1 * size] or gaps[-1:] <= [LATIN_SPACE * size]
    if len(gaps) >= 2 and gaps[-1] - gaps[0] < 0.35 * size and spread:
        return True
    if len(gaps) >= 5 and gaps[len(gaps) // 2] > 0.35 * size:
        return True
    wide = [gap for gap in gaps if gap > WIDE * size]
    return len(wide) >= 4 and wide[-1] - wide[0] < 0.35 * size


def _in_columns(row: list[Glyph]) -> bool:
    """Whether two Chinese characters stand close behind a wide gap: what is spread is so to its
    end, but for words and numbers in Latin characters."""
    wide = False
    for before, after in pairwise(row):
        gap = after.x0 - before.x1
        if wide and gap < 0.1 * after.size and _is_chinese(before) and _is_chinese(after):
            return True
        wide = wide or gap > WIDE * after.size
    return False


def _is_chinese(glyph: Glyph) -> bool:
    return glyph.text.isalpha() and not is_latin(glyph.text[0])


def _gap(before: Glyph, after: Glyph, even: bool) -> str:
    gap = after.x0 - before.x1
    size = max(before.size, after.size)
    if even or after.text[0] in NO_START:
        return ""
    if gap > WIDE * size:
        return "\t"
    if gap > LATIN_SPACE * size and is_latin(before.text[-1]) and is_latin(after.text[0]):
        return " "
    return ""


def is_latin(char: str) -> bool:
    return "!" <= char <= "~" or "À" <= char <= "ɏ"


def _runs(pieces: list[_Piece]) -> tuple[Run, ...]:
    """The pieces as runs, neighbours of the same look joined, but not those read surely to those
    that were not."""
    runs: list[Run] = []
    for (bold, mark, shade, _), group in groupby(pieces, key=_look_of):
        own = list(group)
        sure = min([piece.glyph.sure for piece in own])
        runs.append(Run("".join([piece.text for piece in own]), bold, mark, shade, sure))
    return tuple(runs)


def _look_of(piece: _Piece) -> tuple[bool, bool, bool, bool]:
    glyph = piece.glyph
    return glyph.bold, glyph.mark, glyph.shade, glyph.sure >= SURE


def _first_width(row: list[Glyph]) -> float:
    """The width of what stands unparted at a line's start: a word, or a character and its 标点."""
    start = 0
    while row[start].text == " " and start < len(row) - 1:
        start += 1
    end = start
    while end < len(row) - 1 and not _may_part(row[end].text, row[end + 1].text):
        end += 1
    return row[end].x1 - row[start].x0


def _may_part(before: str, after: str) -> bool:
    """Whether a line may break between two characters."""
    if after == " " or before == " ":
        return True
    if after[0] in NO_START or before[-1] in _NO_END:
        return False
    return not (is_latin(before[-1]) and is_latin(after[0]))

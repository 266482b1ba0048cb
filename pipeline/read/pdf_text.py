"""Glyphs in their places → lines → paragraphs, with the text as it was typed. Pure functions.

What a page shows is not what was typed: a wrapped line is no line break, the gap between Chinese
and digits is no space, a justified line is stretched. These functions undo the layout.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple, cast

from pipeline.document import SURE, Box, Run
from pipeline.read.pdf_chars import MARKS
from pipeline.read.pdf_page import TANGLED, TOGETHER, Glyph, Piece, Strip, glyphs_of

#: A gap this wide (in em) without a space character separates two texts of one line.
WIDE = 1.5
#: A gap this wide between two Latin characters is a space although none was written.
LATIN_SPACE = 0.2
#: Lines further apart than this (in em, baseline to baseline) are no lines of one paragraph.
APART = 3.6
#: As far as the end of a text is looked at for the word that stands there.
WORD = 80
#: What word processors leave between a cell's border and its text.
PADDING = 5.4
#: A first line starts this much further right than the lines after it (in em).
INDENT = 1.2

_TICKS = frozenset("√✓✔×✗✘■●☑☒vVxX/")
_BOXES = frozenset("□○〇◯☐▢⬜❑❏◻")
_NO_START = frozenset("，。、；：？！）》〉」』】〕％”’…—,.;:?!)]}%·～")
_MAY_HANG = frozenset("，。、；：？！）》」』】”’")
_NO_END = frozenset("（《〈「『【〔“‘([{￥")
_JOINT = frozenset("-/@_&+=#\\~:.")
_LIST_ITEM = re.compile(r"(?:[（(]?[0-9一二三四五六七八九十]{1,3}[)）.．、]|[①-⑳●■◆•·*-])")
_STARTED = re.compile(r"www\.|https?:", re.IGNORECASE)
_ADDRESS = re.compile(r"@|://|^www\.|\.(?:com|cn|net|org|gov|edu)\b", re.IGNORECASE)

#: A mobile number or a credit code: whole, so its two parts are no two words.
_NUMBER = re.compile(r"(?:1\d{10}|0\d{2,3}-\d{7,8}|[0-9A-Z]{18})(?![0-9A-Za-z])")
#: Numbers that are complete: where the next line begins with another, it is another.
_WHOLE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}|[0-9A-Z]{18}")
#: The number of a heading or an item, where the line before it ends a sentence.
_ANNOUNCES = re.compile(r"[^，。；：:]{2,30}[：:]\s*")  # a line that is a label or heads a list
_NUMBERED = re.compile(r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})(?:[)）、．]|\.(?!\d))")


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
        hangs = self.text[-1:] in _MAY_HANG
        return self.box.x1 - self.size if hangs else self.box.x1


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph: its runs, the box of its lines (those of its first page), and these."""

    runs: tuple[Run, ...]
    box: Box
    page: int
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


# -- glyphs → lines ---------------------------------------------------------------------------


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
    even = _evenly_spread(row)
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


def _evenly_spread(row: list[Glyph]) -> bool:
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
    return glyph.text.isalpha() and not _is_latin(glyph.text[0])


def _gap(before: Glyph, after: Glyph, even: bool) -> str:
    gap = after.x0 - before.x1
    size = max(before.size, after.size)
    if even or after.text[0] in _NO_START:
        return ""
    if gap > WIDE * size:
        return "\t"
    if gap > LATIN_SPACE * size and _is_latin(before.text[-1]) and _is_latin(after.text[0]):
        return " "
    return ""


def _is_latin(char: str) -> bool:
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
    if after[0] in _NO_START or before[-1] in _NO_END:
        return False
    return not (_is_latin(before[-1]) and _is_latin(after[0]))


# -- lines → paragraphs -----------------------------------------------------------------------


class Margins(NamedTuple):
    """Between which x the lines of a cell or a page's body can stand; `text` is where the
    leftmost line does begin: a first line is indented against that, not against the border."""

    left: float
    right: float
    text: float


def cell_margins(lines: Sequence[Line], box: Box) -> Margins:
    """Where text could stand in a cell: its border less the padding, or what the lines show."""
    left = min([box.x0 + PADDING, *(line.box.x0 for line in lines)])
    right = max([box.x1 - PADDING, *(line.reach for line in lines)])
    return Margins(left, right, min((line.box.x0 for line in lines), default=left))


def body_margins(lines: Sequence[Line], width: float) -> Margins:
    """Where text stands outside tables: from the leftmost line to the edge that full lines
    reach; where no two lines do, the page is taken to have even margins."""
    if not lines:
        return Margins(0.0, width, 0.0)
    left = min(line.box.x0 for line in lines)
    right = max(line.reach for line in lines)
    full = [
        line
        for line in lines
        if line.box.x1 > right - line.size and line.box.x1 - line.box.x0 > 0.5 * width
    ]
    if len(full) < 2:
        right = max(right, width - left - 0.5 * lines[0].size)
    return Margins(left, right, left)


def paragraphs_of(lines: Sequence[Line], margins: Margins) -> list[Block]:
    """Joins wrapped lines. A line begins a paragraph where its first word had still fitted on
    the line before it, or where it is indented as a first line is."""
    if len(lines) == 1:
        (line,) = lines
        return [_stripped(Block(line.runs, line.box, line.page, (line,)))]
    hanging = _hangs(lines, margins)
    blocks: list[Block] = []
    last: Line | None = None
    under: float | None = None  # where lines go on under what follows a label
    for line in lines:
        under = _under_label(last, line, under)
        hangs = hanging or under is not None
        word = _last_word(blocks[-1].runs[-1].text.rstrip()[-WORD:]) if blocks else ""
        if last is None or starts_paragraph(last, line, margins, hanging=hangs, word=word):
            blocks.append(Block(line.runs, line.box, line.page, (line,)))
        else:
            block = blocks[-1]
            box = _around(block.box, line.box) if line.page == block.page else block.box
            before = _unstretched(block.runs, last, margins)
            runs = _joined(before, joint(last, line, margins, word), line.runs)
            blocks[-1] = Block(runs, box, block.page, (*block.lines, line))
        last = line
    return [_stripped(block) for block in blocks]


def _under_label(last: Line | None, line: Line, under: float | None) -> float | None:
    """Where a line begins that stands under the value of a label, or under such a line before it:
    `申请单位：湖南省某某` and then `服务中心` under 湖; None for any other line."""
    if last is None:
        return None
    near = 0.3 * line.size
    if under is not None and abs(line.box.x0 - under) < near:
        return under
    starts = (b.x0 for a, b in pairwise(last.row) if a.text[-1:] in ("：", ":"))
    first = next(starts, None)
    if first is None or abs(line.box.x0 - first) > near or first - last.box.x0 < line.size:
        return None
    return line.box.x0


def starts_paragraph(
    last: Line, line: Line, margins: Margins, *, hanging: bool, word: str = ""
) -> bool:
    """Whether a line is no more of the paragraph of the one before; `word`: what stands unparted
    at the end of that, where it runs over several lines."""
    word = word or _last_word(last.text.rstrip())
    certain = _by_words(last.text.rstrip(), line.text.lstrip(), word)
    if certain is not None:
        return certain
    if _goes_on(word, _first_word(line.text.lstrip())) and (
        word[-1] in _JOINT or room_left(last, margins) < last.size
    ):
        return False  # an address is parted anywhere, or rather behind a mark
    if room_left(last, margins) > width_needed(last, line) + 0.15 * line.size:
        return True
    if abs(last.size - line.size) > _unlike(last, line) * last.size:
        return True  # a title over a text
    if line.page == last.page and line.box.bottom - last.box.bottom > APART * line.size:
        return True
    indented = line.box.x0 - margins.text > 0.7 * line.size
    if line.starts_with_space and indented and not last.ends_with_space:
        return True  # a wrap leaves its spaces at the end of the line before
    if hanging or _stands_under(last, line, margins):
        return False
    indent = line.box.x0 - margins.text
    return indent >= INDENT * line.size and line.box.x0 - last.box.x0 > -0.5 * line.size


def _unlike(last: Line, line: Line) -> float:
    """From which share on sizes are of two texts: in one text a word may be set larger, but never
    just where a page ends; how large a scan's characters are is not known so well."""
    return 0.08 if line.page != last.page and last.sure == line.sure == 1.0 else 0.25


def _goes_on(ending: str, beginning: str) -> bool:
    """Whether two words may be the parts of one address, and not two of them."""
    if not ending or not beginning or not _ADDRESS.search(ending + beginning):
        return False
    return not (_STARTED.match(beginning) or ("@" in ending and "@" in beginning))


def _by_words(before: str, after: str, ending: str) -> bool | None:
    """Whether a line begins a paragraph as its words alone tell; None where they do not."""
    beginning = _first_word(after)
    if ending and beginning:
        if _WHOLE.fullmatch(ending) and _WHOLE.fullmatch(beginning):
            return True
        if not _WHOLE.fullmatch(ending) and _NUMBER.match(ending + beginning):
            return False
    ended = before.endswith(("。", "；"))
    return True if ended and (_NUMBERED.match(after) or _ANNOUNCES.fullmatch(after)) else None


def _stands_under(last: Line, line: Line, margins: Margins) -> bool:
    """Whether a line stands under the one before as lines of centred or right-set text do."""
    if is_centred(line, margins):
        # Its typed indent is part of what is centred.
        before, after = last.row[0].x0 - margins.left, margins.right - last.box.x1
        return abs(before - after) < 0.8 * last.size
    return _from_right(line, margins) and _from_right(last, margins)


def width_needed(last: Line, line: Line) -> float:
    """What the first word of a line had taken up at the end of the line before it; between
    Chinese and Latin characters word processors set a quarter em more, between two Latin words
    stands a space."""
    before, after = last.text[-1:], line.text.lstrip()[:1]
    if not (before and after and (_is_latin(before) or _is_latin(after))):
        return line.first_width
    both = _is_latin(before) and _is_latin(after)
    gap = _space(last) if both and before not in _JOINT else 0.25 * line.size
    return line.first_width + gap


def _space(line: Line) -> float:
    """How wide the narrowest space of a line is; a quarter em where it has none."""
    spaces = (g.x1 - g.x0 for g in line.row if g.text == " ")
    gaps = (b.x0 - a.x1 for a, b in pairwise(line.row))
    wide = [w for w in (*spaces, *gaps) if w > LATIN_SPACE * line.size]
    return min(wide, default=0.25 * line.size)


def room_left(line: Line, margins: Margins) -> float:
    """How much more would have fitted on a line; what stands centred could grow both ways."""
    if is_centred(line, margins) or _from_right(line, margins):
        return (margins.right - margins.left) - (line.box.x1 - line.box.x0)
    natural = line.box.x0 + natural_width(line.row)
    return max(margins.right - line.box.x1, margins.right - natural)


def natural_width(row: list[Glyph]) -> float:
    """How wide a line is without what justification put between its Chinese characters.

    A line broken by hand can be stretched to the full width; its natural width tells.
    """
    even = _evenly_spread(row)
    # Justification spreads over a line; one gap wider than the others is a tab.
    usual = median([glyph.x0 - last.x1 for last, glyph in pairwise(row)] or [0.0])
    stretch = 0.0
    for last, glyph in pairwise(row):
        gap = glyph.x0 - last.x1
        wide = min(WIDE * glyph.size, usual + 0.5 * glyph.size)
        if " " in (glyph.text, last.text) or (gap > wide and not even):
            continue  # typed so
        mixed = _is_latin(glyph.text[0]) != _is_latin(last.text[-1])
        stretch += max(0.0, gap - (0.25 * glyph.size if mixed else 0.0))
    return max(glyph.x1 for glyph in row) - row[0].x0 - stretch


def is_centred(line: Line, margins: Margins) -> bool:
    """Whether a line stands in the middle; a long one exactly so, or it is but indented."""
    before, after = line.box.x0 - margins.left, margins.right - line.box.x1
    long = line.box.x1 - line.box.x0 > 0.6 * (margins.right - margins.left)
    if long and line.box.x0 - margins.text > line.size:
        return False
    slack = (0.35 if long else 0.8) * line.size
    return before > 0.4 * line.size and abs(before - after) < slack


def _from_right(line: Line, margins: Margins) -> bool:
    before, after = line.box.x0 - margins.left, margins.right - line.box.x1
    return after < 0.3 * line.size and before > 0.5 * (margins.right - margins.left)


def _hangs(lines: Sequence[Line], margins: Margins) -> bool:
    """Whether lines after a list number are indented, which else only first lines are."""
    hung = outdented = 0
    for a, b in pairwise(lines):
        step = b.box.x0 - a.box.x0
        if step > 0.8 * a.size:
            hung += a.box.x0 - margins.text < a.size and bool(_LIST_ITEM.match(a.text))
        elif -step > 0.8 * a.size:
            outdented += 1
    return hung > 0 and hung >= outdented


def _unstretched(runs: tuple[Run, ...], last: Line, margins: Margins) -> tuple[Run, ...]:
    """The runs of a paragraph so far without the wide gap that justification leaves in its last
    line, where that has but one place to be stretched; what parts two labels stays."""
    text = last.text.rstrip(" ")
    if text.count("\t") != 1 or "：" in text.partition("\t")[2]:
        return runs
    if not runs[-1].text.endswith(text):
        return runs
    if margins.right - last.reach > 0.3 * last.size:
        return runs
    plain = _STRETCH.sub(_closed, text)
    return (*runs[:-1], replace(runs[-1], text=runs[-1].text[: -len(text)] + plain))


_STRETCH = re.compile(r"(.)\t(?=(.))")


def _closed(found: re.Match[str]) -> str:
    between = " " if _is_latin(found[1]) and _is_latin(found[2]) else ""
    return found[1] + between


def joint(last: Line, line: Line, margins: Margins, word: str = "") -> str:
    """What the wrap between two lines of a paragraph stands for: nothing, or a space. `word`: as
    `starts_paragraph` has it."""
    before, after = last.text.rstrip(" "), line.text.lstrip(" ")
    if not before or not after:
        return ""
    both_latin = _is_latin(before[-1]) and _is_latin(after[0])
    if last.ends_with_space:
        return " "
    if not both_latin or before[-1] in _JOINT or after[0] in _NO_START:
        return ""
    word = (word or _last_word(before)) + _first_word(after)
    if _ADDRESS.search(word) or _NUMBER.match(word):
        return ""
    # A word that is cut fills its line; where there was room, the break was at a space. How wide
    # the cell's padding is nobody knows, and figures that are cut are more than such as are parted.
    figures = before[-1].isdigit() and after[0].isdigit()
    full = room_left(last, margins) < (1.0 if figures else 0.6) * last.size
    prose = before[-1].isalpha() and after[0].isalpha() and " " in last.text.strip()
    return " " if not full or prose else ""


def _last_word(text: str) -> str:
    found = re.search(r"[!-~]+$", text)
    return found.group() if found else ""


def _first_word(text: str) -> str:
    found = re.match(r"[!-~]+", text)
    return found.group() if found else ""


def _joined(runs: tuple[Run, ...], between: str, more: tuple[Run, ...]) -> tuple[Run, ...]:
    head, last = runs[:-1], runs[-1]
    first = more[0]
    text = last.text.rstrip(" ") + between
    if last.look == first.look and (last.sure >= SURE) == (first.sure >= SURE):
        merged = replace(first, text=text + first.text, sure=min(last.sure, first.sure))
        return (*head, merged, *more[1:])
    return (*head, replace(last, text=text), *more)


def _stripped(block: Block) -> Block:
    if not (block.runs[0].text.startswith(" ") or block.runs[-1].text.endswith(" ")):
        return block
    runs = list(block.runs)
    first, last = runs[0], runs[-1]
    if last.text != last.text.rstrip(" "):
        runs[-1] = replace(last, text=last.text.rstrip(" "))
        first = runs[0]
    if first.text != first.text.lstrip(" "):
        runs[0] = replace(first, text=first.text.lstrip(" "))
    return replace(block, runs=tuple(run for run in runs if run.text))


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.x0, other.x0),
        min(one.top, other.top),
        max(one.x1, other.x1),
        max(one.bottom, other.bottom),
    )

"""Lines → paragraphs, with the text as it was typed. Pure functions.

What a page shows is not what was typed: a wrapped line is no line break, a justified line is
stretched. These functions undo the layout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from pipeline.document import SURE, Box, Run
from pipeline.read.pdf_lines import LATIN_SPACE, NO_START, WIDE, Line, evenly_spread, is_latin
from pipeline.read.pdf_page import Glyph

#: Lines further apart than this (in em, baseline to baseline) are no lines of one paragraph.
APART = 3.6
#: As far as the end of a text is looked at for the word that stands there.
WORD = 80
#: What word processors leave between a cell's border and its text.
PADDING = 5.4
#: A first line starts this much further right than the lines after it (in em).
INDENT = 1.2
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
    if not (before and after and (is_latin(before) or is_latin(after))):
        return line.first_width
    both = is_latin(before) and is_latin(after)
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
    even = evenly_spread(row)
    # Justification spreads over a line; one gap wider than the others is a tab.
    usual = median([glyph.x0 - last.x1 for last, glyph in pairwise(row)] or [0.0])
    stretch = 0.0
    for last, glyph in pairwise(row):
        gap = glyph.x0 - last.x1
        wide = min(WIDE * glyph.size, usual + 0.5 * glyph.size)
        if " " in (glyph.text, last.text) or (gap > wide and not even):
            continue  # typed so
        mixed = is_latin(glyph.text[0]) != is_latin(last.text[-1])
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
    between = " " if is_latin(found[1]) and is_latin(found[2]) else ""
    return found[1] + between


def joint(last: Line, line: Line, margins: Margins, word: str = "") -> str:
    """What the wrap between two lines of a paragraph stands for: nothing, or a space. `word`: as
    `starts_paragraph` has it."""
    before, after = last.text.rstrip(" "), line.text.lstrip(" ")
    if not before or not after:
        return ""
    both_latin = is_latin(before[-1]) and is_latin(after[0])
    if last.ends_with_space:
        return " "
    if not both_latin or before[-1] in _JOINT or after[0] in NO_START:
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

"""What the recogniser said of a line → what stands there: boxes and ticks by their shape, 标点 of
the width that Chinese text has, letters among digits. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.read.scan_engine import Letter
from pipeline.read.scan_marks import TickBox

#: Characters that are themselves squares with something inside.
_FRAMED = frozenset("国回日田目图固四因困团围园圆圃囚囤曰皿血面固同周围曲由甲申白自百且首西酉")
#: What a tick across a box is read as besides.
_STROKES = frozenset("√✓✔Vv/丿乄X×乂")
SIGNS = frozenset("□☐☑☒■▢◻◼▣囗")
#: Below this a character that the recogniser saw in the place of a box is not believed.
_BELIEVED = 0.6
#: In a line of boxes a character is believed from here on.
SURELY = 0.9
#: What ticks are; and what one alone in a cell is taken for.
TICKS = frozenset("√✓✔")
TICK_LIKE = frozenset("√✓✔VvvJjノ八人入ハへ丿レLl/7人Y×xX乂メ●•○Oo0")
#: And what a slanted stroke is.
SLASH_LIKE = frozenset("/1lI|丨丿ノ／")
#: Marks of half width, and how Chinese text prints them.
_WIDE = {"(": "（", ")": "）", ",": "，", ":": "：", ";": "；", "?": "？", "!": "！"}
_WAVES = frozenset("~～〜∼")
_DUST = frozenset(".•'`^~_")
_DOTS = frozenset("·．")
_CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff01-\uff60“”‘’]")
#: Below this a mark of punctuation is doubtful; they are less well told apart than characters.
_MARKS = re.compile(r"[\W_]")


def with_boxes(
    letters: Sequence[Letter], boxes: Sequence[tuple[float, float, TickBox]]
) -> list[Letter]:
    """The letters with every box that is drawn: each box is its middle and how near to it
    a letter stands in its place (shares of the line's width) and what is in it. A character surely read in its place is no box."""
    out = list(letters)
    listed = any(letter.text in SIGNS for letter in letters)
    several = listed or len(boxes) > 1
    for middle, reach, box in boxes:
        there = [i for i, letter in enumerate(out) if abs(letter.at - middle) < reach]
        nearest = min(there, key=lambda i: abs(out[i].at - middle), default=None)
        if nearest is None or (out[nearest].text not in SIGNS and has_room(out, middle, reach)):
            out.append(Letter(box.sign, middle, box.sure))
            out.sort(key=lambda letter: letter.at)
        elif may_be_box(out[nearest], listed=listed) or (several and out[nearest].text == "口"):
            beside = [i for i in there if i != nearest and out[i].text in _STROKES]
            sure = _both(out[nearest], box) if listed else min(_both(out[nearest], box), 0.8)
            out[nearest] = Letter(_agreed(out[nearest], box), middle, sure)
            out = [letter for i, letter in enumerate(out) if i not in beside]
    return out


def has_room(letters: Sequence[Letter], middle: float, reach: float) -> bool:
    """Whether the letters on both sides of a place are so far apart that one between was not read."""
    before = [letter.at for letter in letters if letter.at < middle]
    after = [letter.at for letter in letters if letter.at >= middle]
    if not before or not after or any(abs(x.at - middle) < 0.5 * reach for x in letters):
        return False
    marks = SIGNS | _STROKES | {"●", "○"}
    if any(letter.text in marks and abs(letter.at - middle) < 2 * reach for letter in letters):
        return False  # that is the box, or the tick in its place
    usual = sorted(b.at - a.at for a, b in pairwise(letters))[(len(letters) - 1) // 2]
    return min(after) - max(before) > max(2.3 * reach, 1.5 * usual)


def may_be_box(letter: Letter | None, *, listed: bool) -> bool:
    """Whether a square may be a box though this was read there. `listed`: in a line of boxes, where
    口 is one, and where a tick across a box may be read as some character, though hardly surely."""
    if letter is None or letter.text in SIGNS or letter.sure < _BELIEVED:
        return True
    return listed and (letter.text == "口" or (letter.sure < SURELY and letter.text not in _FRAMED))


def _agreed(letter: Letter, box: TickBox) -> str:
    """A cross in a box stays a cross; else the shape decides."""
    return "☒" if letter.text == "☒" and box.sign == "☑" else box.sign


def _both(letter: Letter, box: TickBox) -> float:
    """Shape and recogniser agree: sure. They differ: in doubt."""
    ticked = letter.text in "☑☒■◼▣"
    if letter.text in SIGNS and ticked != (box.sign in "☑■"):
        return min(box.sure, 0.8)
    return box.sure


def is_chinese(text: str) -> bool:
    """Whether a text is one Chinese character, no mark."""
    return len(text) == 1 and "\u3400" <= text <= "\u9fff"


def in_chinese(letters: Sequence[Letter]) -> list[Letter]:
    """Brackets and commas beside Chinese characters are as wide as those, whatever was read."""
    texts = [letter.text for letter in letters]
    for i, text in enumerate(texts):
        if text in _WIDE and _beside_chinese(texts, i):
            texts[i] = _WIDE[text]
    for i in range(1, len(texts) - 3):
        if texts[i] == "，" and texts[i - 1].isdigit() and _thousand(texts[i + 1 : i + 5]):
            texts[i] = ","
    out = [letter._replace(text=text) for letter, text in zip(letters, texts, strict=True)]
    return [
        letter._replace(sure=min(letter.sure, 0.5)) if _may_be_dust(texts, i) else letter
        for i, letter in enumerate(out)
    ]


def without_typesetting(letters: Sequence[Letter]) -> list[Letter]:
    """Without the gap that word processors print between Chinese and Latin or figures (按 8 折) and
    nobody typed."""
    return [
        letter
        for i, letter in enumerate(letters)
        if not (
            letter.text == " "
            and 0 < i < len(letters) - 1
            and _meet(letters[i - 1], letters[i + 1])
        )
    ]


def _meet(before: Letter, after: Letter) -> bool:
    """One is a Chinese character, the other a Latin letter or a figure."""
    pair = (before.text, after.text)
    return any(_CHINESE.match(a) and b.isascii() and b.isalnum() for a, b in (pair, pair[::-1]))


def with_waves(letters: Sequence[Letter], width: float, size: float) -> list[Letter]:
    """～ and ~ told apart by the room they take; the recogniser takes either for the other. `width`
    is the line's, `size` a character's, in pixels."""
    out = list(letters)
    for i, letter in enumerate(letters):
        if letter.text not in _WAVES:
            continue
        room = []
        for other in (*letters[max(i - 1, 0) : i], *letters[i + 1 : i + 2]):
            half = 0.25 if other.text.isascii() else 0.5
            room.append(abs(other.at - letter.at) * width / (1.1 * size) - half)
        wide = not room or sum(room) / len(room) > 0.39
        out[i] = letter._replace(text="～" if wide else "~")
    return out


def _thousand(following: Sequence[str]) -> bool:
    """Whether three digits and no fourth follow."""
    return all(text.isdigit() for text in following[:3]) and not following[-1].isdigit()


def _may_be_dust(texts: Sequence[str], at: int) -> bool:
    """A dot that no Chinese text has there: dust, or a mark badly read."""
    before = texts[at - 1] if at else ""
    after = texts[at + 1] if at + 1 < len(texts) else ""
    chinese = [bool(_CHINESE.match(text)) for text in (before, after)]
    if texts[at] in _DOTS:  # 买买提·艾力, １．目标
        return (texts[at] == "·") != all(chinese)
    return texts[at] in _DUST and (not before or chinese[0])


def _beside_chinese(texts: Sequence[str], at: int) -> bool:
    before = texts[at - 1] if at else ""
    after = texts[at + 1] if at + 1 < len(texts) else ""
    if not before or not after:  # a wrap parts it from its neighbour
        return any(_CHINESE.match(text) for text in texts)
    if texts[at] == ")":
        return bool(_CHINESE.match(before) or _CHINESE.match(after) or _opened_wide(texts, at))
    return bool(_CHINESE.match(before) or _CHINESE.match(after))


def _opened_wide(texts: Sequence[str], at: int) -> bool:
    for i in range(at - 1, -1, -1):
        if texts[i] in "(（":
            return texts[i] == "（" or _beside_chinese(texts, i)
    return False


def doubt_of(letter: Letter) -> float:
    """How sure a letter is for the value it stands in: 标点 are told apart less surely, and less
    hangs on them."""
    if _MARKS.fullmatch(letter.text) and letter.sure > 0.5 and letter.text not in "-./@%％√×□☑☒■●○":
        return min(1.0, letter.sure + 0.35)
    return letter.sure

"""Which boxes are ticked: marks and option words of a cell, each mark given to the word it
belongs to. A mark between two words belongs to the one the template's boxes stand beside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.document import Run
from pipeline.values import Parsed, Problem, doubtful, problem

#: Glyphs by which people tick, and the empty boxes they leave.
ON = "☑☒■●√✓✔✅▣◼⬛█▇◾▪◉⊙🗹🗸☆★⊠⊡⦿◆▲∨╳〤×✗✘✕✖❎"
OFF = "□☐○〇◯◻▢◇⬜◽▫◇△"
_WORD_TICKS = r"(?<![A-Za-z0-9])[VvXxYyＶｖＸｘ](?![A-Za-z0-9])|[（(\[【]\s*(?:是|√|✓|✔|V|v|x|X|×)\s*[)）\]】]|(?<![一-鿿])是(?![一-鿿])"
_CROSSES = frozenset("×✗✘✕✖❎xX")
_EMPTY_BRACKETS = r"[（(\[【]\s*[)）\]】]"


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick (`on`) or an empty box at a stretch of the text."""

    start: int
    end: int
    on: bool


@dataclass(frozen=True, slots=True)
class Option:
    """An option word (`index` in the form's list) at a stretch of the text."""

    start: int
    end: int
    index: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the boxes say: option indexes that are chosen, and why that may be doubted."""

    chosen: tuple[int, ...] = ()
    doubt: str = ""
    code: str = ""


def read_choice(parsed: Reading, options: Sequence[str]) -> Parsed:
    """One box of several: two ticked is no answer, and both are named."""
    words = [options[index] for index in parsed.chosen]
    if len(words) > 1:
        named = "”“".join(words)
        return Parsed(None, problem("two-chosen", f"勾选了“{named}”，只能勾选一项。请只保留一项。"))
    value = words[0] if words else None
    return _with_doubt(value, parsed)


def read_choices(parsed: Reading, options: Sequence[str]) -> Parsed:
    """Any number of boxes, in print order."""
    return _with_doubt([options[index] for index in sorted(parsed.chosen)], parsed)


def _with_doubt(value: object, parsed: Reading) -> Parsed:
    if not parsed.doubt:
        return Parsed(value)
    if parsed.chosen:
        return doubtful(value, parsed.code, parsed.doubt)
    return Parsed(value, Problem("error", parsed.code, parsed.doubt))


def read_boxes(
    runs: Sequence[Run],
    options: Sequence[str],
    before: bool,
    synonyms: dict[str, str] | None = None,
) -> Reading:
    """The ticked options of a text. `before`: the template prints the box before its label."""
    text = "".join(run.text for run in runs)
    words = _option_words(text, options, synonyms or {})
    marks = _without_crosses(text, _without_hollow(text, _marks(text, words)))
    if not words:
        return _unnamed(text, marks)
    owners = _assign(text, words, marks, before)
    chosen = sorted({words[owner].index for mark, owner in owners.items() if marks[mark].on})
    if chosen:
        stray = [m for m, mark in enumerate(marks) if mark.on and m not in owners]
        both = _crowded(text, words, marks, owners)
        if stray or both:
            return Reading(
                tuple(chosen), f"“{_quote(text)}”的勾画位置不清，请核对。", "tick-unclear"
            )
        return Reading(tuple(chosen))
    if any(mark.on for mark in marks):
        return Reading(
            (), f"“{_quote(text)}”有勾画，但看不出勾的是哪一项。请重新勾选。", "tick-unclear"
        )
    present = sorted({word.index for word in words})
    if len(present) == 1 and len(options) > 1:
        if marks:
            return Reading(
                tuple(present),
                f"只留下“{options[present[0]]}”一项，但方框没有勾，请核对。",
                "tick-empty",
            )
        return Reading(tuple(present))
    return _by_emphasis(runs, words, options)


def _quote(text: str) -> str:
    flat = re.sub(r"\s+", " ", text).strip()
    return flat if len(flat) <= 60 else flat[:60] + "…"


def _unnamed(text: str, marks: list[Mark]) -> Reading:
    if text.strip() and (any(mark.on for mark in marks) or re.search(r"\w", text)):
        return Reading((), f"“{_quote(text)}”不是所列的选项。请按原表勾选。", "not-choice")
    return Reading()


def _option_words(text: str, options: Sequence[str], synonyms: dict[str, str]) -> list[Option]:
    """Where each option stands in the text, the longest wording first, each stretch once."""
    wordings = [(word, index) for index, word in enumerate(options)]
    wordings += [
        (word, options.index(meant)) for word, meant in synonyms.items() if meant in options
    ]
    found: list[Option] = []
    for word, index in sorted(wordings, key=lambda w: -len(w[0])):
        for match in re.finditer(r"\s*".join(map(re.escape, word)), text):
            if all(match.end() <= o.start or match.start() >= o.end for o in found):
                found.append(Option(match.start(), match.end(), index))
    return sorted(found, key=lambda option: option.start)


def _marks(text: str, words: list[Option]) -> list[Mark]:
    pattern = re.compile(rf"(?P<on>[{ON}]|{_WORD_TICKS})|(?P<off>[{OFF}]|{_EMPTY_BRACKETS})")
    inside = [(w.start, w.end) for w in words]
    marks = [
        Mark(match.start(), match.end(), match["on"] is not None)
        for match in pattern.finditer(text)
        if not any(start <= match.start() < end for start, end in inside)
    ]
    return sorted([*marks, *_lone_yes(text, words, marks)], key=lambda mark: mark.start)


def _lone_yes(text: str, words: list[Option], marks: list[Mark]) -> list[Mark]:
    """是 written where a box was: between two option words, and nothing else there."""
    edges = [0, *(edge for word in words for edge in (word.start, word.end)), len(text)]
    found = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yes = re.fullmatch(r"[\s（(，,。；;、]*(是)[\s）)，,。；;、]*", text[start:end])
        at = start + yes.start(1) if yes else -1
        if yes and not any(mark.start <= at < mark.end for mark in marks):
            found.append(Mark(at, at + 1, True))
    return found


def _without_hollow(text: str, marks: list[Mark]) -> list[Mark]:
    """A hollow star is a tick among boxes, and an empty box beside a filled star."""
    if not any(text[m.start : m.end] == "★" for m in marks):
        return marks
    return [Mark(m.start, m.end, m.on and text[m.start : m.end] != "☆") for m in marks]


def _without_crosses(text: str, marks: list[Mark]) -> list[Mark]:
    """Crosses beside one tick of another kind say no: √技术创新 ×品牌提升 ×融资促进."""
    crosses = [
        m for m in marks if m.on and text[m.start : m.end].strip("（）()[]【】 ") in _CROSSES
    ]
    if not crosses or sum(mark.on for mark in marks) != len(crosses) + 1:
        return marks
    return [Mark(m.start, m.end, m.on and m not in crosses) for m in marks]


def _assign(text: str, words: list[Option], marks: list[Mark], before: bool) -> dict[int, int]:
    """Mark number → option number, by the side on which this text puts its marks: the one that
    gives most options a mark of their own; the template's side where both do."""
    ways = {side: _one_sided(text, words, marks, side) for side in (before, not before)}
    scores = {side: _fit(text, words, marks, way) for side, way in ways.items()}
    side = before if scores[before] + 0.25 >= scores[not before] else not before
    return _settle(text, words, marks, ways[side], side)


def _one_sided(text: str, words: list[Option], marks: list[Mark], before: bool) -> dict[int, int]:
    owners: dict[int, int] = {}
    for m, mark in enumerate(marks):
        if before:
            following = [w for w, word in enumerate(words) if word.start >= mark.end]
            owner = following[0] if following else None
        else:
            preceding = [w for w, word in enumerate(words) if word.end <= mark.start]
            owner = preceding[-1] if preceding else None
        if owner is not None and _same_line(text, words[owner], mark):
            owners[m] = owner
    return owners


def _same_line(text: str, word: Option, mark: Mark) -> bool:
    """Word and mark stand on one line, or the mark was wrapped onto a line of its own."""
    if "\n" not in _between(text, word, mark):
        return True
    start = text.rfind("\n", 0, mark.start) + 1
    end = text.find("\n", mark.end)
    return text[start : end if end >= 0 else len(text)].strip() == text[mark.start : mark.end]


def _between(text: str, word: Option, mark: Mark) -> str:
    return text[word.end : mark.start] if word.end <= mark.start else text[mark.end : word.start]


def _touches(text: str, word: Option, mark: Mark) -> bool:
    return not _between(text, word, mark)


def _fit(text: str, words: list[Option], marks: list[Mark], owners: dict[int, int]) -> float:
    each = [list(owners.values()).count(w) for w in range(len(words))]
    touching = sum(_touches(text, words[w], marks[m]) for m, w in owners.items())
    return each.count(1) + 0.5 * touching - (len(marks) - len(owners))


def _settle(
    text: str, words: list[Option], marks: list[Mark], owners: dict[int, int], before: bool
) -> dict[int, int]:
    """Give a tick that stands beside a printed empty box, or before the first label, to the label
    it touches: `√事业单位□`, `事业单位□ √民非组织□`."""
    settled = dict(owners)
    for m, mark in enumerate(marks):
        if not mark.on:
            continue
        owner = owners.get(m)
        shared = owner is not None and any(other == owner and o != m for o, other in owners.items())
        if owner is None or (shared and not _touches(text, words[owner], mark)):
            near = [
                w
                for w, word in enumerate(words)
                if _touches(text, word, mark) and (word.start >= mark.end) != before
            ]
            if near:
                settled[m] = near[0]
    return settled


def _crowded(text: str, words: list[Option], marks: list[Mark], owners: dict[int, int]) -> bool:
    """A chosen option has both a tick and an empty box, and the tick may have been meant for its
    neighbour: it does not touch the box, or touches another word."""
    boxes = {(w, m) for m, w in owners.items() if not marks[m].on}
    for m, w in owners.items():
        own = [marks[box] for owner, box in boxes if owner == w] if marks[m].on else []
        near = any(marks[m].end == box.start or box.end == marks[m].start for box in own)
        strange = any(_touches(text, word, marks[m]) for n, word in enumerate(words) if n != w)
        if own and (strange or not near):
            return True
    return False


def _by_emphasis(runs: Sequence[Run], words: list[Option], options: Sequence[str]) -> Reading:
    """No tick at all: one option in bold, underlined or highlighted is given, and pointed at."""
    looks: list[bool] = []
    for run in runs:
        looks.extend([run.emphasised] * len(run.text))
    marked = sorted({w.index for w in words if all(looks[w.start : w.end])})
    if len(marked) == 1 and len({w.index for w in words}) > 1:
        word = options[marked[0]]
        return Reading(
            (marked[0],), f"只以加粗、下划线或底色标出“{word}”，没有打勾，请核对。", "tick-emphasis"
        )
    return Reading()

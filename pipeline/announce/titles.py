"""Titles and names in lines broken by sense.

GB/T 9704-2012 §7.3.1: 回行时，要做到词意完整，排列对称，长短适宜，间距恰当，标题排列应当使用梯形或
菱形. So words stay whole, and of the ways to break the one wins whose lines make a trapezium (each
line longer than the one before, or each shorter) or a rhombus (the middle longest).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, combinations, pairwise
from math import comb

from pipeline.announce.lines import (
    NEVER,
    NEVER_FIRST,
    NEVER_LAST,
    PLAIN,
    Type,
    break_costs,
    text_width,
)

#: What a break costs: at a place the wording marks, between words, inside a run of unknown words.
MARKED, BETWEEN_WORDS, UNKNOWN = 0.0, 4.0, 8.0
#: Words that lean on the one before them, and on the one after.
LEANS_BACK = frozenset("的了着等们")
LEANS_ON = frozenset([*"和与及或对在为以", "关于"])
#: A way to break that costs less is good; else one with a line more is tried, which may cost so
#: much less.
GOOD, ONE_MORE_LINE = 12.0, 6.0
#: A way to break a title: its cost and its lines.
Broken = tuple[float, list[str]]
#: More lines than this no title has.
MOST_LINES = 5
#: More ways to break than this are not tried.
MOST_TRIALS = 20_000

_TOKENS = re.compile(
    r"〔\d+〕\d+号?|\d+年度?(?:\d+月)?(?:\d+日)?|第[一二三四五六七八九十\d]+[批次届期]|[A-Za-z0-9.&-]+"
)


def break_title(text: str, type_: Type, width: float, terms: frozenset[str]) -> list[str]:
    """The lines of a title, none wider than `width`; `|` marks good places to break."""
    words = split_words(text, terms)
    whole = "".join(word for word, _ in words)
    if text_width(whole, type_) <= width:
        return [whole]
    fewest = int(text_width(whole, type_) // width) + 1
    best: Broken = (float("inf"), [])
    for count in range(fewest, MOST_LINES + 1):
        # A line more is better than one that ends on “关于”.
        best = min(best, best_break(words, count, type_, width))
        if best[0] < GOOD:
            break
        best = (best[0] - ONE_MORE_LINE, best[1])
    return best[1] or _filled(whole, type_, width)


#: So many characters a line of a name gives up at most for a word to stay whole.
MOST_GIVEN = 7


def name_ends(text: str, ends: Sequence[int], terms: frozenset[str], room: int) -> list[int]:
    """Where the lines of a name end, a little before the `ends` that fill them wherever those part
    a word; `ends` themselves where the last line would then hold more than `room` characters."""
    words = [match.span() for match in _pattern(terms).finditer(text)]
    costs = [] if PLAIN.fullmatch(text) else break_costs(text)
    found: list[int] = []
    for number, end in enumerate(ends[:-1]):
        full = end - (ends[number - 1] - found[-1] if number else 0)
        found.append(_end_before(full, words, costs))
    return [*found, len(text)] if found and len(text) - found[-1] <= room else list(ends)


def _end_before(full: int, words: Sequence[tuple[int, int]], costs: Sequence[float]) -> int:
    """The last place up to `full` that parts no word and where a line may end, if it is near."""
    place = full
    while place > max(full - MOST_GIVEN - 1, 1):
        start = next((start for start, end in words if start < place < end), place)
        if start == place and (not costs or costs[place - 1] < NEVER):
            return place
        place = min(start, place - 1)
    return full


@lru_cache(maxsize=16)
def _pattern(terms: frozenset[str]) -> re.Pattern[str]:
    """Any of the words, the longest that is there; nothing where there are none."""
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def split_words(text: str, terms: frozenset[str]) -> list[tuple[str, float]]:
    """Words, each with what it costs to break after it."""
    words: list[tuple[str, float]] = []
    for part in text.split("|"):
        words += [(word, _cost(word, after)) for word, after in _neighbours(_words(part, terms))]
        if words:
            words[-1] = (words[-1][0], MARKED)
    return words


def _words(text: str, terms: frozenset[str]) -> list[str]:
    """The longest known term at each place, else a single character."""
    longest = max(map(len, terms), default=1)
    words: list[str] = []
    i = 0
    while i < len(text):
        token = _TOKENS.match(text, i)
        word = token.group() if token else _term_at(text, i, terms, longest)
        words.append(word)
        i += len(word)
    return _quoted_whole(words)


def _term_at(text: str, i: int, terms: frozenset[str], longest: int) -> str:
    for length in range(min(longest, len(text) - i), 1, -1):
        if text[i : i + length] in terms:
            return text[i : i + length]
    return text[i]


def _quoted_whole(words: list[str]) -> list[str]:
    """Brackets and marks join the word they belong to."""
    joined: list[str] = []
    for word in words:
        if joined and (word[0] in NEVER_FIRST or joined[-1][-1] in NEVER_LAST):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _neighbours(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(words, [*words[1:], ""], strict=False)  # no words: no neighbours


def _cost(word: str, after: str) -> float:
    if after and after[0] in LEANS_BACK:
        return 20.0
    if word in LEANS_ON:
        return 12.0
    if after.startswith("（"):
        return MARKED
    return (
        UNKNOWN if len(word) == 1 and len(after) == 1 and word not in LEANS_BACK else BETWEEN_WORDS
    )


def best_break(words: Sequence[tuple[str, float]], count: int, type_: Type, width: float) -> Broken:
    """The best way to part the words into `count` lines, with its cost; an infinite one where none
    fits. Places between known words come first, any other only where those do not do."""
    edges = [0.0, *accumulate(text_width(word, type_) for word, _ in words)]
    places = range(1, len(words))
    for allowed in ([i for i in places if words[i - 1][1] < UNKNOWN], list(places)):
        if comb(len(allowed), count - 1) > MOST_TRIALS:
            continue
        cost, cuts = _cheapest(allowed, count, words, edges, width)
        if cuts:
            return cost, ["".join(word for word, _ in words[a:b]) for a, b in pairwise(cuts)]
    return float("inf"), []


def _cheapest(
    places: Sequence[int],
    count: int,
    words: Sequence[tuple[str, float]],
    edges: Sequence[float],
    width: float,
) -> tuple[float, list[int]]:
    """The cost and bounds of the cheapest lines that all fit; [] where there are none."""
    best: list[int] = []
    best_cost = float("inf")
    for cuts in combinations(places, count - 1):
        bounds = [0, *cuts, len(words)]
        lengths = [edges[b] - edges[a] for a, b in pairwise(bounds)]
        if max(lengths) > width:
            continue
        cost = sum(words[cut - 1][1] for cut in cuts) + shape_cost(lengths)
        if cost < best_cost:
            best, best_cost = bounds, cost
    return best_cost, best


def shape_cost(lengths: Sequence[float]) -> float:
    """How far the lines are from a trapezium or a rhombus: 0 is well shaped."""
    longest = max(lengths)
    # A rectangle is no trapezium, and a line of two words below a full one is no title.
    slack = sum(abs(length / longest - 0.85) for length in lengths if length != longest)
    equal = sum(4.0 for a, b in pairwise(lengths) if abs(a - b) < 0.03 * longest)
    return 8 * slack + equal + (0.0 if _is_shapely(lengths) else 10.0)


def _is_shapely(lengths: Sequence[float]) -> bool:
    """Growing, shrinking, or growing and then shrinking: never waisted like an hourglass."""
    peak = list(lengths).index(max(lengths))
    grows = all(a <= b for a, b in pairwise(lengths[: peak + 1]))
    shrinks = all(a >= b for a, b in pairwise(lengths[peak:]))
    return grows and shrinks


def _filled(text: str, type_: Type, width: float) -> list[str]:
    """Line after line as full as it goes: for what no shape can hold."""
    lines = [""]
    for char in text:
        if text_width(lines[-1] + char, type_) > width:
            lines.append("")
        lines[-1] += char
    return lines

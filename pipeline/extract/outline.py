"""The headings of a report: which line heads which section of the outline.

People number their headings in one style, and number what stands under them in others. So the
lines of each style are one series, and the headings are the series that names most sections.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.fuzz import ratio

from pipeline.extract import match
from pipeline.extract.chunks import Chunk
from pipeline.extract.plan import Plan

#: From this likeness (0–1) on, the words of a line are those of a section's heading.
ALIKE = 0.8

_LONGEST_HEADING = 60  # characters of a heading without its bracketed explanation
_LONGEST_UNKNOWN = 30  # characters of a line that looks like a heading of no section

_COUNT = r"[一二三四五六七八九十]+|\d{1,2}"
_STYLES: tuple[tuple[str, str], ...] = (
    ("part", rf"第\s*(?P<n>{_COUNT})\s*(?:部分|[章节])\s*[、.．：:]?"),
    ("bracketed", rf"[（(]\s*(?P<n>{_COUNT})\s*[）)]\s*[、.．]?"),
    ("chinese", r"(?P<n>[一二三四五六七八九十]+)\s*(?:[、.．,，:：]|(?=\s))"),
    ("half-bracket", r"(?P<n>\d{1,2})\s*[)）]"),
    ("digit", r"(?P<n>\d{1,2})\s*(?:[、．,，:：]|\.(?!\d)|\.(?=20\d\d年)|(?=\s))"),
    ("circle", r"(?P<n>[①-⑳])"),
)
_NUMBERINGS = tuple((name, re.compile(r"\s*" + form + r"\s*")) for name, form in _STYLES)
_HINT = r"(?:\s*[（(][^（）()]*[）)])?"
_RUN_IN = re.compile(rf"(?P<words>[^：:。\s—（(]{{2,40}}?){_HINT}\s*(?:[：:。；;]|—+|\s)\s*(?=\S)")
_HINTED = re.compile(r"[^：:。（(]{2,40}[（(]")
#: A line of a table of contents: dots or a tab, and the number of a page at the end.
_PAGE_AT_END = re.compile(r"(?<![\s.…·。])([\s.…·。]++)\d{1,3}\s*$")
_LEADER = re.compile(r"\.{3}|…|·{3}|。{3}|\t")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found: section number of the plan, chunk number, and where its text ends."""

    section: int
    chunk: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line that may be a heading: its style of numbering, its number (0: none), its words, and
    where in the chunk the words end (text may follow)."""

    chunk: int
    style: str
    number: int
    words: str
    end: int


def headings(plan: Plan, texts: Sequence[Chunk]) -> list[Heading]:
    """The headings in the order of the text, at most one for a section."""
    return _found(plan, texts)[0]


def unknown(plan: Plan, texts: Sequence[Chunk]) -> list[int]:
    """Chunks that look like headings of the series but head no section of the outline."""
    return _found(plan, texts)[1]


def _found(plan: Plan, texts: Sequence[Chunk]) -> tuple[list[Heading], list[int]]:
    named = _named_sections(plan)
    lines = list(_lines(texts, [names[0] for names in named.values()]))
    series = {
        style: _series(named, [x for x in lines if x.style == style]) for style in _styles(lines)
    }
    best = max(series.values(), key=lambda s: (len(s), sum(v for v, _ in s.values())), default={})
    chosen = {section: line for section, (_, line) in best.items()}
    style = next((line.style for line in chosen.values()), None)
    own = [line for line in lines if line.style == style]
    _fill_by_number(chosen, own, plan, named)
    _fill_by_full_words(chosen, [x for x in lines if x.style != style], plan, named)
    heads = sorted(
        (Heading(number, line.chunk, line.end) for number, line in chosen.items()),
        key=lambda heading: heading.chunk,
    )
    return heads, _strangers(chosen, own)


def _styles(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(line.style for line in lines))


def _named_sections(plan: Plan) -> dict[int, tuple[str, ...]]:
    """Section number → the printed heading and the other names people give it."""
    return {
        number: (bare(section.heading), *(section.hole.spec.labels if section.hole else ()))
        for number, section in enumerate(plan.sections)
        if section.hole is None or section.hole.spec.kind != "name"
    }


# ---------------------------------------------------------------- lines that may be headings


def _lines(texts: Sequence[Chunk], names: Sequence[str]) -> Iterator[Line]:
    for index, chunk in enumerate(texts):
        text = chunk.text.split("\n", 1)[0]
        style, number, start = _numbering(text)
        if not start and chunk.number:
            style, number, _ = _numbering(f"{chunk.number} ")
        for words, end in _words(text, start, names if number else ()):
            yield Line(index, style, number, words, end)


def _words(text: str, start: int, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The words of a heading and where they end: the whole line; up to a mark, a blank or the
    explanation, behind which the text runs on; a printed heading that runs into the text."""
    run_in = _RUN_IN.match(text, start)
    if run_in:
        yield run_in["words"], run_in.end()
    words = bare(text[start:])
    if words and len(words) <= _LONGEST_HEADING and not (run_in and _HINTED.match(text, start)):
        yield words, len(text)
    for name in names:
        begun = match.loosely(name).match(text, start)
        if begun and re.match(r"[^及和与、：:。；;—（(\s]", text[begun.end() :]):
            yield name, begun.end()


def _numbering(text: str) -> tuple[str, int, int]:
    """The style of a line's number, the number, and where it ends; ("", 0, 0) without one."""
    for style, form in _NUMBERINGS:
        found = form.match(text)
        if found:
            return style, _value(found["n"]), found.end()
    return "", 0, 0


def _value(numeral: str) -> int:
    if numeral.isdecimal():
        return int(numeral)
    if "①" <= numeral <= "⑳":
        return ord(numeral) - ord("①") + 1
    tens, ten, ones = numeral.rpartition("十")
    digits = "零一二三四五六七八九"
    if not ten:
        return digits.find(numeral) if len(numeral) == 1 else 0
    return (digits.find(tens) if tens else 1) * 10 + (digits.find(ones) if ones else 0)


def bare(text: str) -> str:
    """A heading without its number, its bracketed explanation, its frame and closing mark."""
    text = text[_numbering(text)[2] :].strip().strip("【】[]《》*#")
    return re.sub(r"[（(].*", "", text).strip("；;。.：: \u3000*")


# ---------------------------------------------------------------- words alike

_YEARS = re.compile(
    r"(?:20\d\d|二[〇○零]二[〇○零一二三四五六七八九])(?:年度?)?(?:[-—–~至、和及](?:20\d\d)年?度?)?"
    r"|近[两二三]年来?|上一?年度?|本年度?|今年|去年|当年|\d年来?"
)
_FILLING = re.compile(
    r"[的及与和、，,]|申请单位|申报单位|单位|机构|情况|简介|介绍|概况|概述|主要|开展|各级"
)


@lru_cache(maxsize=65536)
def _gist(text: str) -> str:
    """What a heading speaks of, without years and filling words."""
    folded = match.fold(_YEARS.sub("", text))
    return _FILLING.sub("", folded)


@lru_cache(maxsize=65536)
def _alike(name: str, words: str) -> float:
    plain = match.likeness(name, words)
    one, other = _gist(name), _gist(words)
    gist = ratio(one, other) / 100 - 0.02 if min(len(one), len(other)) >= 2 else 0.0
    return max(plain, gist)


def _likeness(names: Sequence[str], words: str) -> float:
    return max(_alike(name, words) for name in names)


# ---------------------------------------------------------------- one series

_Series = dict[int, tuple[float, Line]]


def _series(named: Mapping[int, Sequence[str]], lines: Sequence[Line]) -> _Series:
    """Section → its line in one style, the most alike first; of equals the first."""
    rated = sorted(
        (
            (-value, line.chunk, number, line.end, line)
            for number, names in named.items()
            for line in lines
            if (value := _likeness(names, line.words)) >= ALIKE
        ),
        key=lambda one: one[:4],
    )
    found: _Series = {}
    taken: set[int] = set()
    for value, chunk, number, _, line in rated:
        if number not in found and chunk not in taken:
            found[number] = (-value, line)
            taken.add(chunk)
    return found


def _fill_by_number(
    chosen: dict[int, Line],
    own: Sequence[Line],
    plan: Plan,
    named: Mapping[int, Sequence[str]],
) -> None:
    """Reworded headings by their number: where most headings bear the number of the outline, so
    does the one left over, if it is the only line that could."""
    outlined = [number for number in sorted(named) if plan.sections[number].hole]
    order = {number: place for place, number in enumerate(outlined, start=1)}
    headed = [number for number in chosen if number in order]
    if 2 * len(headed) < len(order) - 1 or any(chosen[n].number != order[n] for n in headed):
        return
    for number in sorted(set(order) - set(chosen)):
        before = [x.chunk for n, x in chosen.items() if n < number]
        after = [x.chunk for n, x in chosen.items() if n > number]
        fitting = {
            line.chunk: line
            for line in own
            if line.number == order[number]
            and max(before, default=-1) < line.chunk < min(after, default=1 << 30)
            and _looks_like_heading(line)
        }
        if len(fitting) == 1:
            chosen[number] = next(iter(fitting.values()))


def _fill_by_full_words(
    chosen: dict[int, Line],
    others: Sequence[Line],
    plan: Plan,
    named: Mapping[int, Sequence[str]],
) -> None:
    """Headings of another style, where they are the printed words."""
    for number in sorted(set(named) - set(chosen)):
        printed = bare(plan.sections[number].heading)
        taken = {line.chunk for line in chosen.values()}
        full = [
            x for x in others if x.chunk not in taken and match.likeness(printed, x.words) >= 0.9
        ]
        if full:
            chosen[number] = full[0]


def _looks_like_heading(line: Line) -> bool:
    return len(line.words) <= _LONGEST_UNKNOWN and not re.search(r"[。；;，,]", line.words)


def _strangers(chosen: Mapping[int, Line], own: Sequence[Line]) -> list[int]:
    """Lines numbered on from a heading of the series that are none of the outline."""
    known = {line.chunk for line in chosen.values()}
    numbers = {line.number for line in chosen.values()}
    found: list[int] = []
    last = 0
    for line in own:
        if line.chunk in known:
            last = line.number
        elif (
            0 < line.number == last + 1
            and line.number not in numbers
            and line.chunk > min(known, default=line.chunk)
            and _looks_like_heading(line)
        ):
            found.append(line.chunk)
            last = line.number
    return found


# ---------------------------------------------------------------- the table of contents


def _has_leader(text: str) -> bool:
    page = _PAGE_AT_END.search(text)
    return page is not None and _LEADER.search(page[1]) is not None


def without_contents(texts: Sequence[Chunk]) -> list[Chunk]:
    """The text without its table of contents: lines that end in a page number, and the lines
    below 目录 that are numbered on or stand again further down, each once."""
    kept: list[Chunk] = []
    listed: set[str] | None = None
    last = 0
    folded = [match.fold(chunk.text) for chunk in texts]
    later = Counter(folded)
    for at, chunk in enumerate(texts):
        if folded[at] == "目录":
            listed, last = set(), 0
            continue
        later[folded[at]] -= 1
        paged = _has_leader(chunk.text)
        entry = folded[at].rstrip("0123456789")
        _, number, _ = _numbering(chunk.text)
        again = later[entry] > 0 or later[folded[at]] > 0
        on = number == last + 1 and len(entry) <= _LONGEST_HEADING
        if listed is not None and entry not in listed and (paged or again or on):
            listed.add(entry)
            last = number
            continue
        if paged:
            continue
        listed = None
        kept.append(chunk)
    return kept

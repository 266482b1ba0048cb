"""Alignment of a plan with a document, by labels: white space, punctuation, units and small
rewordings apart. Order and place decide between labels that read the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

#: Below this likeness (0–1) two labels are not the same.
ALIKE = 0.75

#: From this likeness (0–1) on two labels say the same.
SURE = 0.97

_NOT_WORD = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[a-z]+")
_CHINESE = re.compile(r"[一-鿿]")
_BRACKETED = re.compile(r"[（(\[【][^（）()\[\]【】]*[)）\]】]")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """What a label says, apart from its looks: NFKC, no white space, no punctuation."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text)).lower()


@lru_cache(maxsize=65536)
def core(text: str) -> str:
    """`fold` without what stands in brackets (units, limits, hints), and without the other
    language of a label in two."""
    bare = fold(_BRACKETED.sub("", text))
    return (_LATIN.sub("", bare) if _CHINESE.search(bare) else bare) or fold(text)


@lru_cache(maxsize=65536)
def likeness(label: str, text: str) -> float:
    """How far a text is this label, 0–1."""
    if not text or len(text) > 3 * len(label) + 30:
        return 0.0
    whole, bare = fold(label), core(label)
    other, other_bare = fold(text), core(text)
    if not other:
        return 0.0
    if whole == other:
        return 1.0
    if bare == other_bare:
        return 0.98
    alike = max(ratio(whole, other), ratio(bare, other_bare)) / 100
    return max(alike, _CONTAINED) if _one_holds_the_other(bare, other_bare) else alike


#: A label with words added (现任职务) or left out (费用减免): less sure than any close wording.
_CONTAINED = ALIKE + 0.01


def _one_holds_the_other(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= 2 and len(long) <= 2 * len(short) and short in long


@lru_cache(maxsize=65536)
def is_one_of(names: tuple[str, ...], text: str) -> bool:
    """Whether a text is one of several labels: whether its `likeness` to any is enough. Texts are
    many and labels are few, so that most texts are told to be none by one look at them all."""
    other, other_bare = fold(text), core(text)
    wholes, bares, letters = _folded(names)
    if letters.isdisjoint(other):
        return False
    near = (
        extractOne(other, wholes, scorer=ratio, score_cutoff=100 * ALIKE)
        or extractOne(other_bare, bares, scorer=ratio, score_cutoff=100 * ALIKE)
        or any(_one_holds_the_other(bare, other_bare) for bare in bares)
    )
    return bool(near) and any(likeness(name, text) >= ALIKE for name in names)


@lru_cache(maxsize=64)
def _folded(names: tuple[str, ...]) -> tuple[list[str], list[str], frozenset[str]]:
    """The labels as they are compared, and all characters in them."""
    wholes, bares = list(map(fold, names)), list(map(core, names))
    return wholes, bares, frozenset("".join([*wholes, *bares]))


def best_likeness(names: Sequence[str], text: str) -> float:
    """The likeness of the best of several names; the first, the printed one, wins a tie."""
    return max(
        (likeness(name, text) - (0.02 if number else 0.0) for number, name in enumerate(names)),
        default=0.0,
    )


def align(
    rows: int, columns: int, score: Callable[[int, int], float], least: float = ALIKE
) -> dict[int, int]:
    """The best pairing of two sequences that keeps their order (longest common subsequence by
    weight), then of what is left, out of order, where the likeness is beyond doubt."""
    scores = [[score(i, j) for j in range(columns)] for i in range(rows)]
    for i, j in _only_pairs(scores).items():  # they are kept from looser pairs
        scores[i] = [value if other == j else 0.0 for other, value in enumerate(scores[i])]
        for other, line in enumerate(scores):
            line[j] = line[j] if other == i else 0.0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            pair = scores[i][j] + best[i + 1][j + 1] if scores[i][j] >= least else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], pair)
    paired: dict[int, int] = {}
    i = j = 0
    while i < rows and j < columns:
        if scores[i][j] >= least and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            paired[i] = j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    _pair_strays(scores, paired)
    return paired


def _only_pairs(scores: Sequence[Sequence[float]]) -> dict[int, int]:
    """Pairs that are alike beyond doubt, each with nothing else so alike: 服务企业联系电话 may stand
    before 服务企业联系人."""
    alike = [(i, j) for i, row in enumerate(scores) for j, value in enumerate(row) if value >= SURE]
    rows, columns = Counter(i for i, _ in alike), Counter(j for _, j in alike)
    return {i: j for i, j in alike if rows[i] == columns[j] == 1}


def _pair_strays(scores: list[list[float]], paired: dict[int, int]) -> None:
    taken = set(paired.values())
    strays = sorted(
        (
            (-value, i, j)
            for i, row in enumerate(scores)
            if i not in paired
            for j, value in enumerate(row)
            if value >= 0.95
        )
    )
    for _, i, j in strays:
        if i not in paired and j not in taken:
            paired[i] = j
            taken.add(j)


@lru_cache(maxsize=4096)
def loosely(word: str) -> re.Pattern[str]:
    """A pattern for a printed word: white space between its characters does not matter, and a
    bracket may be of either width or missing."""
    parts: list[str] = []
    for ch in word:
        if ch.isspace():
            continue
        if ch in "（(":
            parts.append(r"[（(]?")
        elif ch in "）)":
            parts.append(r"[）)]?")
        elif ch in "％%":
            parts.append("[％%]")
        else:
            parts.append(re.escape(ch))
    return re.compile(r"\s*".join(parts))


#: Two characters printed apart are one word: 盖   章.
_SPREAD = re.compile(r"(?<![一-鿿])([一-鿿])[ \u3000]+([一-鿿])(?![一-鿿])")


def anchor_words(literal: str) -> list[str]:
    """The words of a literal that can be looked for: `台（套），占总资产的` → 台（套）, 占总资产的."""
    bare = _SPREAD.sub(r"\1\2", _BRACKETED.sub("", literal))
    return [word for word in re.split(r"[\s：:，,。；;、]+", bare) if word and word not in "％%"]

"""The promise of annex 5, compared with the printed one word for word.

What was recognised from a picture may differ because it was misread: where the recogniser was in
doubt it is taken for that, and where only the paper can tell, for nothing at all. What it read
surely was written so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import IntEnum
from typing import NamedTuple

from pipeline.document import SURE, Block, Place
from pipeline.extract import match
from pipeline.extract.chunks import Chunk, chunks, texts
from pipeline.extract.plan import Plan
from pipeline.extract.taken import Record
from pipeline.values import Parsed, Problem

_SENTENCE = 20  # characters from which a printed paragraph is part of the promise, not a heading
_SHOWN = 3  # differences that are named
_LONGEST = 12  # characters of each that are quoted
_SPECKS = 2  # characters that a recogniser can make of specks between the printed ones
_BEFORE = 6  # characters that tell where it stands


class _Letter(NamedTuple):
    """A character of the document as `match.fold` leaves it."""

    text: str
    sure: float
    place: Place


class _Kind(IntEnum):
    """What a difference from the printed words is."""

    MISREAD = 1  # the recogniser doubted what it read
    UNCLEAR = 2  # read or written so: only the paper tells
    CHANGED = 3


class _Difference(NamedTuple):
    """Printed words, and what stands in their place; `before`: the printed words before them."""

    kind: _Kind
    printed: str
    stands: str
    before: str
    place: Place

    def __str__(self) -> str:
        printed, stands = _cut(self.printed), _cut(self.stands)
        where = f"“{self.before}”之后" if self.before else "开头"
        if not stands:
            return f"{where}缺“{printed}”"
        return f"{where}“{printed}”作“{stands}”" if printed else f"{where}多“{stands}”"


def take(plan: Plan, blocks: Sequence[Block], taken: Record) -> None:
    """Fills the field of kind `wording`, if the annex has one: white space and punctuation apart,
    every word of the promise stands there, and nothing between."""
    for pointer, spec in plan.annex.fields.items():
        if spec.kind != "wording":
            continue
        promise = "".join(match.fold(text) for text in _promise(plan))
        stands = [chunk for chunk in chunks(blocks) if chunk.text.strip()]
        letters = [letter for chunk in stands for letter in _letters(chunk)]
        if not letters:
            continue
        differences = _differences(promise, letters)
        if differences:
            worst = max(differences, key=lambda difference: difference.kind)
            taken.put(pointer, _judged(differences, worst.kind), "声明正文", worst.place)
        else:
            # each word as promised: that tells more than how surely a single one was read
            place = next((c.place for c in stands if len(c.text) >= _SENTENCE), stands[0].place)
            sure = max(place.confidence, SURE)
            taken.put(pointer, Parsed(True), "声明正文", place._replace(confidence=sure))


def _judged(differences: Sequence[_Difference], worst: _Kind) -> Parsed:
    named = [str(difference) for difference in differences if difference.kind is worst]
    said = "；".join(named[:_SHOWN]) + (f"等{len(named)}处" if len(named) > _SHOWN else "")
    if worst is _Kind.CHANGED:
        text = f"声明的文字与规定的格式不一致：{said}。请按附件5原文出具，不得增删改动。"
        return Parsed(False, Problem("error", "text-changed", text))
    text = f"扫描件上声明的文字有识别不准之处：{said}。请对照原件核对是否与附件5原文一致。"
    return Parsed(
        True if worst is _Kind.MISREAD else None, Problem("warning", "text-unclear", text)
    )


def _letters(chunk: Chunk) -> Iterator[_Letter]:
    for text, sure in ((chunk.number, 1.0), *((run.text, run.sure) for run in chunk.runs)):
        for char in text:
            for folded in match.fold(char):
                yield _Letter(folded, sure, chunk.place)


def _differences(promise: str, letters: Sequence[_Letter]) -> list[_Difference]:
    """Where the promise and the document part; what stands before and after it does not count."""
    text = "".join(letter.text for letter in letters)
    if promise in text:
        return []
    found: list[_Difference] = []
    for tag, i, j, k, m in SequenceMatcher(None, promise, text, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "insert" and i in (0, len(promise))):
            continue
        place = letters[min(k, len(letters) - 1)].place
        kind = _kind_of(promise[i:j], letters[k:m], letters[max(k - 1, 0) : m + 1], place)
        found.append(
            _Difference(kind, promise[i:j], text[k:m], promise[max(i - _BEFORE, 0) : i], place)
        )
    return found


def _kind_of(
    printed: str, stands: Sequence[_Letter], around: Sequence[_Letter], place: Place
) -> _Kind:
    """`around`: what stands there with one letter on each side."""
    if place.scan is None:
        return _Kind.CHANGED
    doubted = all(letter.sure < SURE for letter in stands)
    if stands and doubted:
        alike = len(printed) == len(stands) or (not printed and len(stands) <= _SPECKS)
        return _Kind.MISREAD if alike else _Kind.UNCLEAR
    if len(printed) == len(stands) == 1:
        return _Kind.UNCLEAR  # a look-alike may be read as surely as what stands there
    lost = not stands and any(letter.sure < SURE for letter in around)
    return _Kind.UNCLEAR if lost else _Kind.CHANGED


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def share(plan: Plan, blocks: Sequence[Block]) -> float:
    """The share of the promise's paragraphs that the blocks hold, roughly; 0–1."""
    promise = _promise(plan)
    said = list(texts(blocks))
    whole = match.fold("".join(said))
    lines = {
        line
        for text in said
        if len(text) >= _SENTENCE // 2
        for line in text.split("\n")
        if len(line) >= _SENTENCE // 2
    }
    if not promise:
        return 0.0
    alike = [
        match.fold(p) in whole
        or max((match.likeness(p, line) for line in lines), default=0.0) >= 0.6
        for p in promise
    ]
    return sum(alike) / len(promise)


def _promise(plan: Plan) -> list[str]:
    return [text for text in plan.wording if len(match.fold(text)) >= _SENTENCE]

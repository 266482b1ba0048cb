"""The promise of annex 5, compared with the printed one word for word."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.document import Block
from pipeline.extract import match
from pipeline.extract.chunks import chunks, texts
from pipeline.extract.plan import Plan
from pipeline.extract.taken import Record
from pipeline.values import Parsed, problem

_SENTENCE = 20  # characters from which a printed paragraph is part of the promise, not a heading


def take(plan: Plan, blocks: Sequence[Block], taken: Record) -> None:
    """Fills the field of kind `wording`, if the annex has one: white space and punctuation apart,
    every word of the promise stands there, and nothing between."""
    for pointer, spec in plan.annex.fields.items():
        if spec.kind != "wording":
            continue
        promise = "".join(match.fold(text) for text in _promise(plan))
        stands = [chunk for chunk in chunks(blocks) if chunk.text.strip()]
        text = "".join(match.fold(chunk.number + chunk.text) for chunk in stands)
        place = next((c.place for c in stands if len(c.text) >= _SENTENCE), stands[0].place)
        intact = promise in text
        note = problem(
            "text-changed", "声明的文字与规定的格式不一致。请按附件5原文出具，不得增删改动。"
        )
        taken.put(pointer, Parsed(intact, None if intact else note), "声明正文", place)


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

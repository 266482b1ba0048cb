"""A report in prose (annex 2): the text under each heading of the outline, whatever the style
of numbering and in whatever order; headings are no part of the text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.document import Block, Grid, Place
from pipeline.extract import match, signature
from pipeline.extract.chunks import Chunk, chunks
from pipeline.extract.plan import Plan, bare_heading
from pipeline.extract.taken import Record
from pipeline.values import is_blank

Json = Any

_MOST_CELLS = 300  # of a table that a report may be laid out in
_LONGEST_HEADING = 60  # characters of a heading without its bracketed explanation


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found: section number of the plan, chunk number, and where its text ends."""

    section: int
    chunk: int
    end: int


def take(plan: Plan, blocks: Sequence[Block], taken: Record) -> None:
    texts = [chunk for chunk in chunks(blocks) if chunk.text.strip()]
    headings = _headings(plan, texts)
    signer = _title_name(plan, texts)
    for number, section in enumerate(plan.sections):
        heading = next((h for h in headings if h.section == number), None)
        if section.hole is None or heading is None:
            continue
        stop = min((h.chunk for h in headings if h.chunk > heading.chunk), default=len(texts))
        body = _body(heading, stop, texts)
        if stop == len(texts) and section.hole.spec.kind != "name":
            body, signer = signature.cut(body, signer)
        text = "\n".join(part for part, _ in body)
        if section.hole.spec.kind == "name":
            text = _unlabelled(text, section.hole.spec.labels)
        if not is_blank(text):
            taken.take(section.hole.pointer, section.hole.spec, text, body[0][1])
    _take_signer(plan, signer, taken)


def _title_name(plan: Plan, texts: Sequence[Chunk]) -> tuple[str, Place] | None:
    """An institution that put its name into the title or above it: 某某中心申请报告."""
    for number, chunk in enumerate(texts[:4]):
        folded = match.fold(chunk.text)
        for title in sorted(map(match.fold, plan.annex.titles), key=len, reverse=True):
            if folded != title and folded.endswith(title) and len(folded) < len(title) + 40:
                rest = re.sub(rf"{match.loosely(title).pattern}\s*$", "", chunk.text.strip())
                return (rest, chunk.place) if signature.is_name(rest) else None
            above = texts[number - 1] if number else None
            if folded == title and above and signature.is_name(above.text):
                return above.text.strip(), above.place
    return None


def _take_signer(plan: Plan, signer: tuple[str, Place] | None, taken: Record) -> None:
    """The institution, where the report names it only in its title or signature."""
    for section in plan.sections:
        hole = section.hole
        if hole and signer and hole.spec.kind == "name" and not taken.data[hole.pointer.strip("/")]:
            taken.take(
                hole.pointer, hole.spec, _unlabelled(*signer[:1], hole.spec.labels), signer[1]
            )


def _unlabelled(text: str, labels: Sequence[str]) -> str:
    """`申请单位：某某中心（盖章）` → 某某中心."""
    for label in labels:
        start = re.match(
            rf"\s*{match.loosely(label).pattern}\s*(?:[（(][^）)]*[）)])?\s*[：:]", text
        )
        if start:
            return re.sub(r"\s*[（(](?:盖章|公章|章)[）)]\s*$", "", text[start.end() :])
    return text


def _body(heading: Heading, stop: int, texts: list[Chunk]) -> list[tuple[str, Place]]:
    first = texts[heading.chunk]
    parts = [(first.text[heading.end :].strip(" 　\t：:。；;"), first.place)]
    parts += [(f"{_numbered(c)}{c.text}", c.place) for c in texts[heading.chunk + 1 : stop]]
    while parts and not parts[0][0].strip():
        parts.pop(0)
    return parts


def _numbered(chunk: Chunk) -> str:
    """Automatic numbers inside a section are part of what a person reads."""
    return chunk.number if chunk.text.strip() else ""


# ---------------------------------------------------------------- headings


def _headings(plan: Plan, texts: list[Chunk]) -> list[Heading]:
    """Each section's heading, the most alike chunk; a chunk is the heading of one section."""
    rated = sorted(
        (
            (-score, chunk, number, end)
            for number, section in enumerate(plan.sections)
            for chunk in range(len(texts))
            for score, end in [_likeness(section.heading, _names(plan, number), texts[chunk])]
            if score >= 0.8
        ),
    )
    found: list[Heading] = []
    for _, chunk, number, end in rated:
        if all(h.section != number and h.chunk != chunk for h in found):
            found.append(Heading(number, chunk, end))
    return sorted(found, key=lambda h: h.chunk)


def _names(plan: Plan, number: int) -> tuple[str, ...]:
    section = plan.sections[number]
    own = (*section.hole.spec.labels,) if section.hole else ()
    titles = (
        plan.annex.titles if match.fold(section.heading) == match.fold(plan.annex.title) else ()
    )
    return (*titles, *(() if titles else own))


def _likeness(heading: str, names: Sequence[str], chunk: Chunk) -> tuple[float, int]:
    """How far a chunk is this heading, and where in it the heading ends (text may follow)."""
    text = chunk.text
    whole = match.likeness(heading, text)
    if whole >= 0.9:
        return whole + 0.1, len(text)
    line = text.split("\n", 1)[0]
    short = bare_heading(line)
    if not short or len(short) > _LONGEST_HEADING:
        return 0.0, 0
    numbered = (
        0.05 if chunk.number or short != re.sub(r"[（(].*", "", line).strip("；;。.：: ") else 0.0
    )
    best = max(match.likeness(name, short) for name in (bare_heading(heading), *names))
    return (best + numbered if best >= 0.8 else 0.0), len(line)


def share(plan: Plan, blocks: Sequence[Block]) -> float:
    """The share of the plan's headings that the blocks hold, 0–1; long tables are no reports."""
    small = [b for b in blocks if not isinstance(b, Grid) or len(b.cells) <= _MOST_CELLS]
    texts = [chunk for chunk in chunks(small) if chunk.text.strip()]
    wanted = [number for number, section in enumerate(plan.sections) if section.hole]
    found = {heading.section for heading in _headings(plan, texts)}
    return sum(number in found for number in wanted) / len(wanted)


def confusable(plan: Plan, data: Mapping[str, Json]) -> list[str]:
    """Pointers of sections whose text has a line that reads as another heading of the form: once
    printed, nobody could tell them apart."""
    printed = {match.fold(section.heading) for section in plan.sections}
    return [
        section.hole.pointer
        for section in plan.sections
        if section.hole
        and any(
            match.fold(line) in printed
            for line in str(data.get(section.hole.pointer.strip("/")) or "").split("\n")
            if line.strip()
        )
    ]

"""A report in prose (annex 2): the text under each heading of the outline, whatever the style
of numbering and in whatever order; headings are no part of the text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.document import Block, Place
from pipeline.extract import match
from pipeline.extract.chunks import Chunk, chunks
from pipeline.extract.plan import Plan, bare_heading
from pipeline.extract.taken import Record
from pipeline.values import is_blank, parse

Json = Any

_SIGNATURE = re.compile(
    r"^\s*(?:(?:申请|申报|填报)?单位(?:名称)?\s*[（(]?(?:公章|盖章|签章)?[）)]?\s*[：:].*|[（(](?:公章|盖章|签章)[）)]|日\s*期\s*[：:].*"
    r"|[\d〇○零一二三四五六七八九]{4}\s*年\s*[\d一二三四五六七八九十]{1,3}\s*月(?:\s*[\d一二三四五六七八九十]{1,3}\s*日)?)\s*$"
)
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
    for number, section in enumerate(plan.sections):
        if section.hole is None:
            continue
        heading = next((h for h in headings if h.section == number), None)
        if heading is None:
            continue
        stop = min((h.chunk for h in headings if h.chunk > heading.chunk), default=len(texts))
        body = _body(heading, stop, texts)
        if stop == len(texts):
            body = _unsigned(body, taken)
        text = "\n".join(part for part, _ in body)
        if section.hole.spec.kind == "name":
            text = _unlabelled(text, section.hole.spec.labels)
        if not is_blank(text):
            taken.take(section.hole.pointer, section.hole.spec, text, body[0][1])


def _unlabelled(text: str, labels: Sequence[str]) -> str:
    """`申请单位：某某中心（盖章）` → 某某中心."""
    for label in labels:
        start = re.match(rf"\s*{match.loosely(label).pattern}\s*(?:[（(][^）)]*[）)])?\s*[：:]", text)
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


def _unsigned(body: list[tuple[str, Place]], taken: Record) -> list[tuple[str, Place]]:
    """Without the signature and date at the end of a report. (Where the form's own closing remark
    follows, what stands before it is text: nobody signs above it.)"""
    names = {match.fold(str(v)) for v in (taken.data.get("organisation"),) if v}
    end = len(body)
    while end and (_SIGNATURE.match(body[end - 1][0]) or _is_signer(body[end - 1][0], names)):
        end -= 1
    dated = any(_SIGNATURE.match(text) for text, _ in body[end:])
    if dated and end and re.fullmatch(r"\s*[^。；;，,！？]{4,40}(?:公司|中心|协会|学会|研究院|研究所|事务所|院|所|会|集团|部|社)(?:[（(](?:盖章|公章|章)[）)])?\s*", body[end - 1][0]):
        end -= 1
    return body[:end]


def _is_signer(text: str, names: set[str]) -> bool:
    return match.fold(re.sub(r"[（(].*", "", text)) in names


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
    titles = plan.annex.titles if match.fold(section.heading) == match.fold(plan.annex.title) else ()
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
    numbered = 0.05 if chunk.number or short != re.sub(r"[（(].*", "", line).strip("；;。.：: ") else 0.0
    best = max(match.likeness(name, short) for name in (bare_heading(heading), *names))
    return (best + numbered if best >= 0.8 else 0.0), len(line)


def share(plan: Plan, blocks: Sequence[Block]) -> float:
    """The share of the plan's headings that the blocks hold, 0–1."""
    texts = [chunk for chunk in chunks(blocks) if chunk.text.strip()]
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

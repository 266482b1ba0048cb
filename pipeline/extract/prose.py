"""A report in prose (annex 2): the text under each heading of the outline, whatever the style
of numbering and in whatever order; headings are no part of the text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.document import Block, Grid, Place
from pipeline.extract import match, outline, signature
from pipeline.extract.chunks import Chunk, chunks
from pipeline.extract.outline import Heading
from pipeline.extract.plan import Plan, Section
from pipeline.extract.taken import Record
from pipeline.values import is_blank

Json = Any
_Part = tuple[str, Place]


def take(plan: Plan, blocks: Sequence[Block], taken: Record) -> None:
    texts = _texts(plan, blocks)
    headings = outline.headings(plan, texts)
    strangers = outline.unknown(plan, texts)
    signer: _Part | None = None
    for number, section in enumerate(plan.sections):
        heading = next((h for h in headings if h.section == number), None)
        if section.hole is None or heading is None:
            continue
        stop = min((h.chunk for h in headings if h.chunk > heading.chunk), default=len(texts))
        body = _without_heading(_body(heading, stop, texts), heading, section.heading, texts)
        if stop == len(texts) or (headings[-1].chunk == stop and _is_remark(plan, headings[-1])):
            body, signer = signature.cut(body)
        text = "\n".join(part for part, _ in body)
        if not is_blank(text):
            sure = min(place.confidence for _, place in body)
            doubt = next((place.doubt for _, place in body if place.doubt), None)
            place = body[0][1]._replace(confidence=sure, doubt=doubt)
            taken.take(section.hole.pointer, section.hole.spec, text, place)
        if any(heading.chunk < chunk < stop for chunk in strangers):
            _note_stranger(section, taken)
    if signer is None and headings and _is_remark(plan, headings[-1]):
        _, signer = signature.cut(_body(headings[-1], len(texts), texts))
    first = min((h.chunk for h in headings), default=len(texts))
    _take_name(plan, texts[:first], signer, taken)


def _texts(plan: Plan, blocks: Sequence[Block]) -> list[Chunk]:
    """The paragraphs; the lines of each, where a heading stands within one (Shift+Enter)."""
    found = [chunk for chunk in chunks(blocks) if chunk.text.strip()]
    whole = outline.without_contents(found)
    lines = [line for chunk in found for line in _lines(chunk)]
    if len(lines) == len(found):
        return whole
    parted = outline.without_contents(lines)
    more = len(outline.headings(plan, parted)) > len(outline.headings(plan, whole))
    return parted if more else whole


def _lines(chunk: Chunk) -> list[Chunk]:
    first, *rest = [line for line in chunk.text.split("\n") if line.strip()]
    if chunk.row is not None or not rest:
        return [chunk]
    return [replace(chunk, text=first), *(Chunk(line, chunk.place) for line in rest)]


def _is_remark(plan: Plan, heading: Heading) -> bool:
    return plan.sections[heading.section].hole is None


def _note_stranger(section: Section, taken: Record) -> None:
    assert section.hole is not None
    taken.find(
        "warning", "heading-unknown", section.hole.pointer,
        "其中有提纲以外的标题，其内容暂列在这一部分，请核对原件。", section.hole.spec.article,
    )  # fmt: skip


def _body(heading: Heading, stop: int, texts: Sequence[Chunk]) -> list[_Part]:
    first = texts[heading.chunk]
    parts = [(first.text[heading.end :].lstrip(" 　\t：:。；;"), first.place)]
    row = first.row
    for chunk in texts[heading.chunk + 1 : stop]:
        text = f"{_numbered(chunk)}{chunk.text}"
        if chunk.row is not None and chunk.row == row != first.row:
            parts[-1] = f"{parts[-1][0]}\t{text}", parts[-1][1]  # a table among the prose
        else:
            parts.append((text, chunk.place))
        row = chunk.row
    while parts and not parts[0][0].strip():
        parts.pop(0)
    return parts


#: The end of a heading's bracketed explanation, where that goes on over the line's end.
_HINT_END = re.compile(r"[^（(。）)]{0,60}[）)]\s*[；;：:。]?\s*")


def _without_heading(
    body: list[_Part], heading: Heading, printed: str, texts: Sequence[Chunk]
) -> list[_Part]:
    """The text under a heading that is longer than a line, as a scan gives it, without what the
    next line holds of that."""
    head = texts[heading.chunk].text.split("\n", 1)[0]
    if not body or heading.end < len(head):
        return body
    text, place = body[0]
    words, name = outline.bare(head), outline.bare(printed)
    rest = name[len(words) :] if words and name.startswith(words) else ""
    at = len(rest) if rest and text.startswith(rest) else 0
    begun = head + text[:at]
    opened = any(begun.count(a) > begun.count(b) for a, b in ("（）", "()"))
    if opened and (end := _HINT_END.match(text, at)):
        at = end.end()
    return [*([(text[at:], place)] if text[at:].strip() else []), *body[1:]]


def _numbered(chunk: Chunk) -> str:
    """Automatic numbers inside a section are part of what a person reads."""
    return chunk.number if chunk.text.strip() else ""


# ---------------------------------------------------------------- whose report it is


def _take_name(plan: Plan, front: Sequence[Chunk], signer: _Part | None, taken: Record) -> None:
    """The institution: by its label, alone under the title, in the title, or in the signature."""
    for section in plan.sections:
        hole = section.hole
        if hole is None or hole.spec.kind != "name":
            continue
        labels = hole.spec.labels
        found = (
            _labelled_name(front, labels)
            or _name_under_title(plan, front)
            or _title_name(plan, front)
            or _alone_under_title(plan, front)
            or (signer and (signature.bare_name(signer[0], labels), signer[1]))
        )
        if found:
            taken.take(hole.pointer, hole.spec, *found)
        elif any(not _is_title(plan, c.text) and not _is_sentence(c.text) for c in front):
            taken.find(
                "warning", "name-unclear", hole.pointer,
                "标题附近没有认出单位名称，请核对原件。", hole.spec.article,
            )  # fmt: skip


def _labelled_name(front: Sequence[Chunk], labels: Sequence[str]) -> _Part | None:
    """`申请单位：某某中心（盖章）` → 某某中心."""
    for chunk in front:
        for line in chunk.text.split("\n"):
            name = signature.bare_name(line, labels)
            if name != line and not is_blank(name):
                return name, chunk.place
    return None


def _below_title(plan: Plan, front: Sequence[Chunk]) -> list[Chunk]:
    titles = [number for number, chunk in enumerate(front) if _is_title(plan, chunk.text)]
    start = titles[-1] + 1 if titles else len(front)
    return [chunk for chunk in front[start:] if not _is_sentence(chunk.text)]


def _name_under_title(plan: Plan, front: Sequence[Chunk]) -> _Part | None:
    named = [c for c in _below_title(plan, front) if signature.is_name(c.text)]
    if not named:  # it stands on the cover only, above the contents
        named = [
            below
            for above, below in itertools.pairwise(front)
            if _is_title(plan, above.text) and signature.is_name(below.text)
        ]
    return (signature.without_seal(named[0].text), named[0].place) if named else None


def _alone_under_title(plan: Plan, front: Sequence[Chunk]) -> _Part | None:
    below = _below_title(plan, front)
    return (below[0].text, below[0].place) if len(below) == 1 else None


def _titles(plan: Plan) -> set[str]:
    return {match.fold(title) for title in plan.annex.titles}


def _is_title(plan: Plan, text: str) -> bool:
    """The title, also with more before it (关于申报…的申请报告), or the line 附件N above it."""
    folded = match.fold(text)
    return folded.startswith("附件") or any(folded.endswith(title) for title in _titles(plan))


def _is_sentence(text: str) -> bool:
    """An introduction or a form of address, which stand between title and first heading, too."""
    text = text.strip()
    address = len(text) > 4 and text.endswith(("：", ":")) and "：" not in text[:-1]
    return address or (len(text) > 20 and text.endswith(("。", "：", ":")) and "，" in text)


def _title_name(plan: Plan, front: Sequence[Chunk]) -> _Part | None:
    """An institution that put its name into the title or above it: 某某中心申请报告,
    某某中心关于申请…的报告."""
    for number, chunk in enumerate(front):
        folded = match.fold(chunk.text)
        about = re.match(r"\s*(.{4,40}?)关于.*报告\s*$", chunk.text)
        if about and signature.is_name(about[1]):
            return about[1], chunk.place
        for title in sorted(_titles(plan), key=len, reverse=True):
            if folded != title and folded.endswith(title) and len(folded) < len(title) + 40:
                name = signature.name_before(chunk.text, title)
                return (name, chunk.place) if name else None
            above = front[number - 1] if number else None
            if folded == title and above and signature.is_name(above.text):
                return above.text.strip(), above.place
    return None


# ---------------------------------------------------------------- recognition


#: Of a table that a report may be laid out in.
_MOST_CELLS = 300


def share(plan: Plan, blocks: Sequence[Block]) -> float:
    """The share of the plan's headings that the blocks hold, 0–1; long tables are no reports."""
    small = [b for b in blocks if not isinstance(b, Grid) or len(b.cells) <= _MOST_CELLS]
    wanted = [n for n, s in enumerate(plan.sections) if s.hole and s.hole.spec.kind != "name"]
    found = {heading.section for heading in outline.headings(plan, _texts(plan, small))}
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

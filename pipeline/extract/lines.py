"""The lines outside the tables: 申请单位（盖章）：… 填报日期：…, and the places of seal and name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.document import Block, Picture, Place
from pipeline.extract import match
from pipeline.extract.chunks import Chunk, chunks
from pipeline.extract.plan import Hole, Plan
from pipeline.extract.signature import is_name, without_seal
from pipeline.extract.taken import Record
from pipeline.values import Parsed, doubtful, is_blank, is_date, parse, trim

#: Characters from which a printed paragraph is a sentence of the promise.
_SENTENCE = 20

#: From this share of red on, a picture is a seal and not a signature.
RED_OF_A_SEAL = 0.4

#: How the names of the offices end that recommend.
_OFFICES = ("局", "厅", "委员会")

#: Characters of a name that a narrow head line pushes onto the next line, at most.
_LONGEST_WRAPPED_END = 12


@dataclass(frozen=True, slots=True)
class Anchor:
    """A printed label of a line, the ways it is written, and the holes that follow it."""

    names: tuple[str, ...]
    holes: tuple[Hole, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An anchor found in a chunk, from `start` to `end` of its text."""

    anchor: int
    chunk: int
    start: int
    end: int


def take(plan: Plan, blocks: Sequence[Block], used: set[int], taken: Record) -> None:
    anchors = _anchors(plan)
    whole = list(chunks(blocks, used))
    texts = [chunk for chunk in whole if not _is_printed(chunk.text, plan)]
    pictured = _pictured(whole, plan)
    hits = _find(anchors, texts)
    for number, anchor in enumerate(anchors):
        hit = next((h for h in hits if h.anchor == number), None)
        if hit is None:
            _take_unlabelled(anchor, texts, hits, pictured, taken)
            continue
        text, chunk = _text_after(hit, hits, texts)
        for hole in anchor.holes:
            if hole.spec.kind == "picture":
                _take_picture(hole, text, chunk, texts, pictured, taken)
            else:
                own = _without_words(text, anchor)
                if hole.spec.kind == "name":
                    own = _with_wrapped_end(own, hit, hits, texts)
                elif hole.spec.kind == "date":
                    own = _with_wrapped_day(own, hit, hits, texts)
                taken.take(hole.pointer, hole.spec, own, chunk.place)


def _anchors(plan: Plan) -> list[Anchor]:
    """The labels of the lines in print order, each with the holes up to the next label."""
    found: list[Anchor] = []
    for line in plan.lines:
        label, holes = "", []
        for element in (*line.elements, ""):
            if isinstance(element, Hole):
                holes.append(element)
            elif isinstance(element, str):
                if holes:
                    found.append(_anchor(label, holes))
                    holes = []
                label = element.strip()
    return found


def _anchor(label: str, holes: list[Hole]) -> Anchor:
    own = [holes[0].spec.labels] if label else []
    names = dict.fromkeys(
        n for n in (label.rstrip("：: "), *(n for names in own for n in names)) if n
    )
    return Anchor(tuple(names), tuple(holes))


def _is_printed(text: str, plan: Plan) -> bool:
    """A paragraph that the blank form prints too (title, promise, note): not a place for values."""
    folded = match.fold(text)
    return bool(folded) and any(
        match.likeness(printed, text) >= 0.9
        or (len(folded) > 15 and folded in match.fold(printed))
        or (len(folded) > 3 and match.fold(printed).endswith(folded))  # its last line by itself
        for printed in (*plan.wording, *plan.annex.titles)
    )


# ---------------------------------------------------------------- finding the labels


def _pattern(name: str) -> re.Pattern[str]:
    bare = re.sub(r"[（(][^（(）)]*[）)]", "", name).rstrip("：: ")
    return re.compile(
        match.loosely(bare).pattern + r"\s*+(?:[（(][^（）()\n]{0,8}[）)]\s*+)?(?P<colon>[：:])?"
    )


def _find(anchors: list[Anchor], texts: list[Chunk]) -> list[Hit]:
    """Every label in order: behind the one before where it can be, its printed name first, with
    a colon or at the start of its line."""
    hits: list[Hit] = []
    after = (0, 0)
    for number, anchor in enumerate(anchors):
        hit = (
            _find_one(number, anchor, texts, after, hits)
            or _find_one(number, anchor, texts, (0, 0), hits)
            or _find_one(number, anchor, texts, (0, 0), hits, bare=True)
        )
        if hit is not None:
            hits.append(hit)
            after = (hit.chunk, hit.end)
    return hits


#: A shorter label (时间) says something else at the end of a longer word (打印时间).
_SHORTEST_WITHIN = 2


def _find_one(
    number: int,
    anchor: Anchor,
    texts: list[Chunk],
    after: tuple[int, int],
    hits: list[Hit],
    *,
    bare: bool = False,
) -> Hit | None:
    """With `bare` a label without a colon before what can be its value: 填报单位某某中心."""
    for name in anchor.names:
        pattern = _pattern(name)
        for index in range(after[0], len(texts)):
            text = texts[index].text
            start = after[1] if index == after[0] else 0
            for found in pattern.finditer(text, start):
                alone = (
                    not text[: found.start()].strip() or text[found.start() - 1] in " \t\u3000\n"
                )
                overlaps = any(
                    h.chunk == index and found.start() < h.end and h.start < found.end()
                    for h in hits
                )
                said = found["colon"] and (alone or len(name) > _SHORTEST_WITHIN)
                rest = text[found.end() :].split()
                fits = alone and (_is_value(rest[0], anchor) if bare and rest else not rest)
                if not overlaps and (said or fits):
                    return Hit(number, index, found.start(), found.end())
    return None


def _is_value(text: str, anchor: Anchor) -> bool:
    kind = anchor.holes[0].spec.kind
    return (kind == "name" and (is_name(text) or text.endswith(_OFFICES))) or (
        kind == "date" and is_date(text)
    )


def _text_after(hit: Hit, hits: list[Hit], texts: list[Chunk]) -> tuple[str, Chunk]:
    """What stands behind a label: to the next label on its line; on the next line or in the next
    cell of the row if there is nothing on its own."""
    chunk = texts[hit.chunk]
    stops = [h.start for h in hits if h.chunk == hit.chunk and h.start >= hit.end]
    text = chunk.text[hit.end : min(stops, default=len(chunk.text))]
    if trim(text):
        return _up_to_other_label(text), chunk
    around = _around(hit, hits, texts)
    if around is not None:
        return around, texts[hit.chunk - 1]
    if stops:
        return _from_text_box(hit, hits, texts) or (text, chunk)
    for following in range(hit.chunk + 1, len(texts)):
        other = texts[following]
        if any(h.chunk == following and not other.text[: h.start].strip() for h in hits):
            break
        if other.row != chunk.row:  # None for both: the next paragraph of running text
            break
        if other.text.strip():
            start = min((h.start for h in hits if h.chunk == following), default=len(other.text))
            return other.text[:start], other
    return text, chunk


#: Labels that the form does not have but people add behind a value: `…公司  填报人：…`.
_OTHER_LABEL = re.compile(
    r"(?<!\s)\s+[一-鿿]{0,6}(?:日期|时间|单位|人|电话|手机|传真|邮箱|地址|页码|编号|盖章)"
    r"\s*+(?:[（(][^（）()]{0,6}[）)]\s*+)?[：:]"
)


def _up_to_other_label(text: str) -> str:
    other = _OTHER_LABEL.search(text, len(text) - len(text.lstrip()))
    return text[: other.start()] if other else text


def _with_wrapped_end(text: str, hit: Hit, hits: list[Hit], texts: list[Chunk]) -> str:
    """A long name whose last characters were wrapped onto a line of their own: `…股份有限公` / `司`;
    on paper the next label may stand on a line between, beside both."""
    if not text.strip() or is_name(text):
        return text
    labelled = {other.chunk for other in hits}
    after = next((i for i in (hit.chunk + 1, hit.chunk + 2) if i not in labelled), len(texts))
    if after >= len(texts):
        return text
    end = texts[after].text.strip()
    wrapped = len(end) <= _LONGEST_WRAPPED_END and is_name(text.rstrip() + end)
    return text.rstrip() + end if wrapped else text


#: The end of a date.
_DAY = re.compile(r"(?:\d{0,2}\s*月\s*)?\d{1,2}\s*日")


def _with_wrapped_day(text: str, hit: Hit, hits: list[Hit], texts: list[Chunk]) -> str:
    """A date whose end was wrapped onto a line of its own: `2024年9月` / `26日`."""
    after = hit.chunk + 1
    if after >= len(texts) or any(other.chunk == after for other in hits):
        return text
    end = texts[after].text.strip()
    wrapped = not is_date(text) and _DAY.fullmatch(end) and is_date(text.rstrip() + end)
    return text.rstrip() + end if wrapped else text


def _around(hit: Hit, hits: list[Hit], texts: list[Chunk]) -> str | None:
    """A name that was wrapped over two lines beside its label: on paper the label stands on a
    line between them."""
    if texts[hit.chunk].row is not None:
        return None  # in a sheet the value stands in the label's row
    above, below = hit.chunk - 1, hit.chunk + 1
    if above < 0 or below >= len(texts) or any(h.chunk in (above, below) for h in hits):
        return None
    first, rest = texts[above].text.strip(), texts[below].text.strip()
    return first + rest if is_name(first + rest) and not is_name(first) else None


def _from_text_box(hit: Hit, hits: list[Hit], texts: list[Chunk]) -> tuple[str, Chunk] | None:
    """A name in a text box over its blank stands as a paragraph of its own behind the line."""
    after = hit.chunk + 1
    if after >= len(texts) or any(h.chunk == after for h in hits):
        return None
    return (texts[after].text, texts[after]) if is_name(texts[after].text) else None


def _without_words(text: str, anchor: Anchor) -> str:
    """The text without the words that a form prints for seal and signature behind the name."""
    for hole in anchor.holes:
        for word in hole.tag.arguments if hole.tag.filter == "either" else ():
            text = text.replace(word, "")
    return re.sub(r"(?<!\s)\s*[（(](?:盖章|公章|签章|签字|签名|章)[）)]\s*$", "", trim(text))


def _take_unlabelled(
    anchor: Anchor, texts: list[Chunk], hits: list[Hit], pictured: _Pictured, taken: Record
) -> None:
    """A date whose label is gone still stands alone on a line, near the end; so does a name."""
    hole = anchor.holes[0]
    free = [
        chunk
        for index, chunk in enumerate(texts)
        if all(h.chunk != index for h in hits) and not is_blank(chunk.text)
    ]
    if hole.spec.kind == "date":
        dates = [c for c in free if len(c.text) <= 40 and parse(c.text, hole.spec).value]
        for chunk in dates[-1:]:
            taken.take(hole.pointer, hole.spec, chunk.text, chunk.place)
    if hole.spec.kind == "name":
        names = {without_seal(c.text): c for c in free if is_name(c.text)}
        if len(names) == 1:
            name, chunk = names.popitem()
            taken.take(hole.pointer, hole.spec, name, chunk.place)
    for hole in anchor.holes:
        if hole.spec.kind == "picture":
            _take_picture(hole, "", None, texts, pictured, taken)


# ---------------------------------------------------------------- seal and signature


@dataclass(frozen=True, slots=True)
class _Pictured:
    """The chunks with pictures: a seal floats over the page and may hang on any paragraph, a
    signature only on what stands from the last printed sentence on (above it: a letterhead)."""

    seals: list[Chunk]
    signatures: list[Chunk]


def _pictured(whole: Sequence[Chunk], plan: Plan) -> _Pictured:
    sentences = [
        number
        for number, chunk in enumerate(whole)
        if len(chunk.text) >= _SENTENCE and _is_printed(chunk.text, plan)
    ]
    last = sentences[-1] if sentences else 0
    return _Pictured(
        [chunk for chunk in whole if chunk.pictures],
        [chunk for chunk in whole[last:] if chunk.pictures],
    )


def _take_picture(
    hole: Hole, text: str, chunk: Chunk | None, texts: list[Chunk], pictured: _Pictured,
    taken: Record,
) -> None:  # fmt: skip
    """A picture in the place of a seal or a signature; a transcript's word is taken with doubt."""
    wants_seal = hole.spec.extra("picture") == "seal"
    for other in pictured.seals if wants_seal else pictured.signatures:
        for picture in other.pictures:
            if _fits(picture, wants_seal, other is chunk):
                taken.put(hole.pointer, Parsed(True), f"图片 {picture.name}", other.place)
                return
    yes, no = hole.tag.arguments if hole.tag.filter == "either" else ("", "")
    for word, value in ((yes, True), (no, False)):
        if word and chunk is not None and word in text:
            note = f"只有文字“{word}”，没有看到图样，请核对原件。"
            taken.put(hole.pointer, doubtful(value, "transcript", note), word, chunk.place)
            return
    place = chunk.place if chunk is not None else texts[-1].place if texts else Place()
    if place.scan is not None:
        _take_absent(hole, wants_seal, text, place, taken)


def _take_absent(hole: Hole, wants_seal: bool, text: str, place: Place, taken: Record) -> None:
    """A scan shows that there is no seal, if it shows colour, or no signature; handwriting that
    was read as text is pointed at."""
    if wants_seal and place.scan == "grey":
        taken.find(
            "warning", "seal-unclear", hole.pointer,
            "黑白扫描件看不出是否盖了红章，请核对原件。", hole.spec.article,
        )  # fmt: skip
        return
    written = not wants_seal and len(trim(text)) > 1
    if written:
        note = "签字处有字，请核对是否为本人手写签字。"
        taken.put(hole.pointer, doubtful(True, "signature-unclear", note), text, place)
    else:
        taken.put(hole.pointer, Parsed(False), "", place)


def _fits(picture: Picture, wants_seal: bool, at_label: bool) -> bool:
    if picture.red is None:
        return at_label
    return (picture.red >= RED_OF_A_SEAL) == wants_seal

"""Forms that come back with their fields: each field says by its name whose value it holds.

A field whose name is the JSON Pointer of a hole (`/uscc`, `/staff/0/name`) gives that value. What
stands in such fields is taken out of the page's text first, so that no value is taken for a label;
what else stands on the page (ticks, words typed beside the fields) is then read as on paper.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.annex import pattern_of
from pipeline.document import Block, Box, Cell, Field, Paragraph, Place, Run
from pipeline.extract import match, row_values
from pipeline.extract.plan import Choices, Hole, Plan, Table
from pipeline.extract.taken import Record
from pipeline.reading import Origin
from pipeline.values import Parsed, is_blank

_OFF = "Off"
#: How a field that is ticked, or is not, stands on the page.
_ON_PAGE, _OFF_PAGE = "☑", "□"


@dataclass(frozen=True, slots=True)
class Filled:
    """A field and the hole that it fills."""

    field: Field
    hole: Hole

    @property
    def is_tick(self) -> bool:
        return self.hole.spec.kind == "mark"

    @property
    def shown(self) -> str:
        """What the reader has put on the page for it, white space apart."""
        if self.is_tick:
            return _OFF_PAGE if self.field.text == _OFF else _ON_PAGE
        return "".join(self.field.text.split())

    @property
    def text(self) -> str:
        """What was filled in: a tick's own word; "" for what the blank form prints there."""
        if self.is_tick:
            return "" if self.field.text == _OFF else _tick_of(self.hole)
        stub = (
            self.hole.tag.filter in ("blank", "date") and self.field.text in self.hole.tag.arguments
        )
        return "" if stub or is_blank(self.field.text) else self.field.text


def _tick_of(hole: Hole) -> str:
    return str(hole.spec.extra("true")[0])


def of(plans: Iterable[Plan], fields: Iterable[Field]) -> list[Filled]:
    """The fields that are holes of a plan. Boxes with printed words are not among them: they are
    read as the ticks they show."""
    holes = {hole.pointer: hole for plan in plans for hole in plan.holes if isinstance(hole, Hole)}
    known = ((f, holes.get(f.name) or holes.get(pattern_of(f.name))) for f in fields)
    return [Filled(one, hole) for one, hole in known if hole is not None]


# ---------------------------------------------------------------- the page without its fields


@dataclass(slots=True)
class _Text:
    """A paragraph's text and the characters of it that fields hold."""

    paragraph: Paragraph
    place: Place
    text: str
    gone: set[int] = field(default_factory=set)

    def take_out(self, wanted: str, *, whole: bool = False) -> bool:
        """Takes a value out of the text, white space apart; False if it does not stand there, or
        if it is to be the `whole` text that is left and is not."""
        at = [n for n, ch in enumerate(self.text) if not ch.isspace() and n not in self.gone]
        left = "".join(self.text[n] for n in at)
        start = left.find(wanted)
        if start < 0 or (whole and left != wanted):
            return False
        self.gone.update(at[start : start + len(wanted)])
        return True

    def rest(self) -> Paragraph:
        if not self.gone:
            return self.paragraph
        runs: list[Run] = []
        at = 0
        for run in self.paragraph.runs:
            kept = "".join(ch for n, ch in enumerate(run.text, at) if n not in self.gone)
            runs.append(replace(run, text=kept))
            at += len(run.text)
        return replace(self.paragraph, runs=tuple(run for run in runs if run.text))


def without(blocks: Sequence[Block], filled: Sequence[Filled]) -> tuple[Block, ...]:
    """The blocks less what stands in the fields, as a blank form would look."""
    if not filled:
        return tuple(blocks)
    texts = {id(text.paragraph): text for text in _texts(blocks)}
    on_page: defaultdict[int | None, list[_Text]] = defaultdict(list)
    for text in texts.values():
        on_page[text.place.page].append(text)
    rest = [one for one in filled if one.shown and not _taken_here(one, on_page)]
    for one in rest:
        _take_elsewhere(one, on_page)
    return tuple(_rest(block, texts) for block in blocks)


def _texts(blocks: Sequence[Block]) -> Iterator[_Text]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield _Text(block, block.place, block.text)
            continue
        for cell in block.cells:
            for paragraph in cell.paragraphs:
                place = paragraph.place if paragraph.place.box else cell.place
                yield _Text(paragraph, place, paragraph.text)


_OnPage = Mapping[int | None, list[_Text]]


def _taken_here(one: Filled, on_page: _OnPage) -> bool:
    place = one.field.place
    here = [t for t in on_page.get(place.page, ()) if not _apart(t.place.box, place.box)]
    return any(text.take_out(one.shown) for text in here)


def _take_elsewhere(one: Filled, on_page: _OnPage) -> None:
    """The reader makes rows whole that a page break seems to cut: then the value stands in a cell
    of the page before, and is all that the cell's own fields have left there."""
    page = one.field.place.page or 1
    texts = [*on_page.get(page - 1, ())[::-1], *on_page.get(page, ())]
    if not any(text.take_out(one.shown, whole=True) for text in texts):
        any(text.take_out(one.shown) for text in texts if len(one.shown) > 3)


def _apart(a: Box | None, b: Box | None) -> bool:
    if a is None or b is None:
        return True
    return a.x0 >= b.x1 or b.x0 >= a.x1 or a.top >= b.bottom or b.top >= a.bottom


def _rest(block: Block, texts: Mapping[int, _Text]) -> Block:
    if isinstance(block, Paragraph):
        return texts[id(block)].rest()
    return replace(block, cells=tuple(_rest_of_cell(cell, texts) for cell in block.cells))


def _rest_of_cell(cell: Cell, texts: Mapping[int, _Text]) -> Cell:
    return cell.holding(tuple(texts[id(p)].rest() for p in cell.paragraphs))


# ---------------------------------------------------------------- values


def take(plan: Plan, filled: Sequence[Filled], taken: Record) -> None:
    """The fields' values into what was read beside them; they go before it."""
    _drop_printed(plan, taken)
    for one in filled:
        if one.text and "/-/" not in one.hole.pointer:
            _take_value(one, taken)
    if plan.table is not None:
        _take_rows(plan.table, filled, taken)


def _take_value(one: Filled, taken: Record) -> None:
    pointer, spec = one.hole.pointer, one.hole.spec
    beside = taken.origins.get(pointer)
    _forget(pointer, taken)
    taken.take(pointer, spec, one.text, one.field.place)
    if beside is not None:
        note = f"填写框之外还有“{beside.text[:60]}”，以填写框为准，请核对。"
        taken.find("warning", "beside-field", pointer, note, spec.article)


def _drop_printed(plan: Plan, taken: Record) -> None:
    """What was read on the page but is only words that the form itself prints is no value."""
    words = sorted({match.fold(word) for word in _printed(plan)} - {""}, key=len, reverse=True)
    whole = "".join(match.fold(text) for text in plan.wording)
    for hole in plan.holes:
        origin = taken.origins.get(hole.pointer)
        if origin is None or isinstance(hole, Choices) or hole.spec.kind == "picture":
            continue
        rest = match.fold(origin.text)
        for word in words:
            rest = rest.replace(word, "")
        if rest in whole:
            taken.put(hole.pointer, Parsed(), "", origin.place)
            _forget(hole.pointer, taken)


def _printed(plan: Plan) -> Iterator[str]:
    yield from (label.text for label in plan.labels)
    parts = [*(slot.elements for slot in plan.slots), *(line.elements for line in plan.lines)]
    for element in itertools.chain.from_iterable(parts):
        if isinstance(element, str):
            yield from (element, *match.anchor_words(element))
        elif isinstance(element, Choices):
            yield from element.options
    yield from (section.heading for section in plan.sections)
    yield from plan.annex.titles


def _forget(pointer: str, taken: Record) -> None:
    """Drops the origin and the findings of a pointer, and of all below it."""

    def own(other: str) -> bool:
        return other == pointer or other.startswith(f"{pointer}/")

    taken.origins = {name: origin for name, origin in taken.origins.items() if not own(name)}
    taken.findings = [found for found in taken.findings if not own(found.pointer)]


# ---------------------------------------------------------------- rows

_Entry = dict[str, Origin]


def _take_rows(table: Table, filled: Sequence[Filled], taken: Record) -> None:
    """The rows that fields hold, and behind them those that stand outside of fields."""
    pointer = f"/{table.name}"
    beside = _beside(table, taken)
    notes = [found for found in taken.findings if found.pointer == pointer]
    _forget(pointer, taken)
    taken.findings += notes
    taken.data[table.name] = []
    row_values.put(table, [*_entries(table, filled), *beside], taken)
    if beside:
        note = "有的行不在填写框内，已排在最后，请核对。"
        taken.find("warning", "beside-field", pointer, note)


def _entries(table: Table, filled: Sequence[Filled]) -> list[_Entry]:
    """The rows of the fields in order, without those that hold nothing but a number."""
    found: defaultdict[int, _Entry] = defaultdict(dict)
    for one in filled:
        name, *rest = one.field.name.split("/")[1:]
        if name == table.name and len(rest) == 2 and one.text:
            found[int(rest[0])][rest[1]] = Origin(one.text, one.field.place)
    return [found[number] for number in sorted(found) if found[number].keys() - {"no"}]


def _beside(table: Table, taken: Record) -> list[_Entry]:
    """The rows read on the page."""
    found: defaultdict[int, _Entry] = defaultdict(dict)
    for pointer, origin in taken.origins.items():
        name, *rest = pointer.split("/")[1:]
        if name == table.name and len(rest) == 2:
            found[int(rest[0])][rest[1]] = origin
    return [found[number] for number in sorted(found)]

"""Document + annexes → values, each with its place.

plan.py    what surrounds each hole of the template
match.py   labels alike          chunks.py  text outside the form
typed.py   a form without a table    placed.py  a form without the rules of its cells
form.py    cells of a form       lines.py   labels in running text, seal, signature
rows.py    tables of entries     prose.py   text under headings    ticks.py  boxes
outline.py the headings of a report      beside.py  where the value of a label stands
fields.py  form fields named by their pointers       units.py   the unit of money
sheets.py  a table that goes on in the next sheet
combined.py  one column for several      unsplit.py  a list whose lines were never split
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline import version
from pipeline.document import Block, Document, Field, Grid, Paragraph, Place
from pipeline.extract import (
    combined,
    fields,
    form,
    lines,
    match,
    placed,
    prose,
    rows,
    sheets,
    signature,
    unsplit,
    wording,
)
from pipeline.extract import typed as typed_text
from pipeline.extract.beside import label_pattern
from pipeline.extract.heads import find_head
from pipeline.extract.plan import Plan, compile_plan
from pipeline.extract.taken import Record
from pipeline.reading import Origin

__all__ = [
    "Origin",
    "Part",
    "Plan",
    "Record",
    "compile_plan",
    "extract",
    "extract_all",
    "footers",
    "recognise",
    "split",
]

#: A document is an annex from this certainty on (0–1).
CERTAIN = 0.5

#: What the title of an annex adds to the certainty that the rest gives (0–1).
TITLE_WORTH = 0.4

#: A table without the annex's title is that annex only with so many of its columns (0–1): lists
#: of other things have numbers, names and phones, too.
MOST_COLUMNS = 0.7


#: Slots of the largest table that is also looked at with rows and columns exchanged.
_LARGEST_TURNED = 20_000


@dataclass(frozen=True, slots=True)
class Part:
    """The blocks of one annex within a document; `number` is None where none was recognised."""

    number: str | None
    blocks: tuple[Block, ...]

    @property
    def first_page(self) -> int:
        return next((block.place.page for block in self.blocks if block.place.page), 0)


def extract_all(
    documents: Iterable[Document], plans: Mapping[str, Plan]
) -> list[tuple[Document, Record]]:
    """What the documents of a file say. A table that goes on in the next sheet is one table."""
    said: list[tuple[Document, Record]] = []
    for document in documents:
        found = extract(document, plans)
        if said and sheets.goes_on(*said[-1], document, found, plans):
            whole = sheets.joined(said[-1][0], document)
            again = extract(whole, plans)
            if len(again) == 1:
                said[-1] = whole, again[0]
                continue
        said.extend((document, record) for record in found)
    return said


def extract(document: Document, plans: Mapping[str, Plan]) -> list[Record]:
    """What a document says, one Record for each annex in it; none if it holds no annex."""
    filled = fields.of(plans.values(), document.fields)
    blocks = tuple(block for block in document.blocks if not _is_version_code(block))
    page = replace(document, blocks=fields.without(blocks, filled))
    parts: list[Part] = []
    for way in (tuple, _turned, lambda blocks: _unsplit(blocks, plans)):
        laid = replace(page, blocks=tuple(way(page.blocks)))
        parts = split(laid, plans)
        if any(part.number is not None for part in parts):
            if sum(_title_of(block, plans) is not None for block in laid.blocks) > len(parts):
                parts = split(laid, plans, by_title=True)
            break
    else:
        parts = split(page, plans, by_title=True)
    records: list[Record] = []
    for part in parts:
        if part.number is not None:
            plan = plans[part.number]
            records.append(record(plan, part.blocks, _fields_of(part, parts, document)))
            if document.struck:
                _note_struck(document.struck.intersection(_places(part.blocks)), plan, records[-1])
    return records


def _note_mixed(plan: Plan, labels: Sequence[int], taken: Record) -> None:
    """A long text in a form without cells, where it may end sooner or later than was taken."""
    for slot in plan.slots:
        for element in slot.elements if slot.label in labels else ():
            if not isinstance(element, str):
                taken.find(
                    "warning", "text-mixed", element.pointer,
                    "文中有与表中项目同名的文字，从哪里到哪里不能完全确定，请核对原件。", element.spec.article,
                )  # fmt: skip


def _places(blocks: Iterable[Block]) -> Iterator[Place]:
    for block in blocks:
        yield block.place
        if isinstance(block, Grid):
            yield from (cell.place for cell in block.cells)


def _note_struck(struck: frozenset[Place], plan: Plan, taken: Record) -> None:
    """Text that was struck through is left out, and each field that held some is pointed at."""
    places = taken.blanks | {pointer: origin.place for pointer, origin in taken.origins.items()}
    held = {pointer: place for pointer, place in places.items() if place in struck}
    pointers = list(held)
    if struck - set(held.values()):
        pointers.append(f"/{plan.table.name}" if plan.table is not None else "")
    for pointer in pointers:
        taken.find("warning", "struck-text", pointer, "有带删除线的文字，按已划去处理，请核对。")


def _turned(blocks: Sequence[Block]) -> Iterator[Block]:
    """Tables that people set with a column for each entry, as rows."""
    for block in blocks:
        small = isinstance(block, Grid) and block.rows * block.columns <= _LARGEST_TURNED
        yield block.turned() if small and isinstance(block, Grid) else block


def _unsplit(blocks: Sequence[Block], plans: Mapping[str, Plan]) -> tuple[Block, ...]:
    tables = [plan.table for plan in plans.values() if plan.table is not None]
    return unsplit.split(blocks, tables, MOST_COLUMNS)


def footers(document: Document) -> str:
    """What stands in the footers, also where a single page does not tell them from its text."""
    lines = [block for block in document.blocks if _is_version_code(block)]
    return "\n".join([p.text for p in (*document.furniture, *lines) if isinstance(p, Paragraph)])


def _is_version_code(block: Block) -> bool:
    """The footer's 校验码, which on a single page is not told from the text above it."""
    if not isinstance(block, Paragraph):
        return False
    text = "".join(block.text.split())
    return (
        len(text) < 2 * len(version.LABEL + "XXXX-XXXX") and version.printed_code(text) is not None
    )


def _fields_of(part: Part, parts: Sequence[Part], document: Document) -> list[Field]:
    """The fields on the pages of a part."""
    if len(parts) == 1:
        return list(document.fields)
    after = [p.first_page for p in parts if p.first_page > part.first_page]
    pages = range(part.first_page, min(after, default=part.first_page + 1_000_000))
    return [one for one in document.fields if one.place.page in pages]


def record(plan: Plan, blocks: Sequence[Block], typed: Sequence[Field] = ()) -> Record:
    """Everything the plan asks for, from the blocks of one annex and the fields on them; what
    stands in the fields is no longer in the blocks (`fields.without`)."""
    taken = Record(plan.annex, plan.annex.empty())
    used: set[int] = set()
    if plan.slots:
        blocks, doubtful = _laid(plan, blocks)
        used |= form.take(plan, blocks, taken)
        _note_mixed(plan, doubtful, taken)
        combined.people(taken)
    if plan.table is not None:
        used |= rows.take(plan, blocks, taken)
    if plan.lines:
        lines.take(plan, blocks, used, taken)
    if plan.sections:
        prose.take(plan, blocks, taken)
    wording.take(plan, blocks, taken)
    if typed:
        fields.take(plan, fields.of([plan], typed), taken)
    return taken


def _laid(plan: Plan, blocks: Sequence[Block]) -> tuple[Sequence[Block], Sequence[int]]:
    """The blocks with a form that has no cells as a table, and the labels whose text is doubtful."""
    if typed_text.has_cells(plan, blocks):
        return typed_text.lay_rest(plan, blocks), ()
    typed, apart = typed_text.labels(plan, blocks), placed.labels(plan, blocks)
    if len(apart) > len(typed):
        return placed.lay(plan, blocks) or blocks, ()
    laid = typed_text.lay(plan, blocks)
    return laid.blocks, laid.doubtful


# ---------------------------------------------------------------- which annex is it


def split(document: Document, plans: Mapping[str, Plan], *, by_title: bool = False) -> list[Part]:
    """The document cut where the title of an annex stands, each part recognised by itself;
    `by_title`: a list also by its title and the lines above it, if nothing else tells."""
    sides = (side for block in document.blocks for side in _apart(block, plans))
    whole = tuple(part for side in sides for part in _stacked(side, plans))
    starts: list[int] = []
    table: str | None = None  # the annex of the last table since the last start
    for index, block in enumerate(whole):
        if _title_of(block, plans) is not None:
            starts.append(_with_annex_mark(whole, index, starts))
            table = None
        own = _table_of(block, plans)
        if own and table and own != table:
            starts.append(index)
        table = own or table
    edges = [0, *(s for s in starts if s > 0), len(whole)]
    parts: list[Part] = []
    for first, last in itertools.pairwise(edges):
        blocks = whole[first:last]
        number = recognise(blocks, plans) or (_titled(blocks, plans) if by_title else None)
        if parts and (
            number is None or (number == parts[-1].number and _continues(blocks, parts[-1], plans))
        ):
            parts[-1] = Part(parts[-1].number, parts[-1].blocks + blocks)
        elif parts and parts[-1].number is None:
            parts[-1] = Part(number, parts[-1].blocks + blocks)
        else:
            parts.append(Part(number, blocks))
    return parts


#: A title stands alone in its row, or beside its 附件N.
_MOST_BESIDE_TITLE = 2


def _apart(block: Block, plans: Mapping[str, Plan]) -> Iterator[Block]:
    """A worksheet that holds the tables of two annexes beside one another is cut at the empty
    column between them."""
    if isinstance(block, Grid) and block.place.sheet is not None:
        covered = {
            column
            for cell in block.cells
            if cell.text.strip()
            for column in range(cell.column, cell.last_column + 1)
        }
        for cut in sorted(set(range(min(covered, default=0), max(covered, default=0))) - covered):
            left = [cell for cell in block.cells if cell.column < cut]
            right = [cell for cell in block.cells if cell.column > cut]
            sides = [replace(block, cells=tuple(cells)) for cells in (left, right)]
            own = [set(_heads(side, plans)) for side in sides]
            if all(own) and not own[0] & own[1]:
                yield sides[0]
                yield from _apart(sides[1], plans)
                return
    yield block


def _stacked(block: Block, plans: Mapping[str, Plan]) -> Iterator[Block]:
    """A worksheet that holds several annexes below one another is cut above each title."""
    if not isinstance(block, Grid) or block.place.sheet is None:
        yield block
        return
    filled = Counter(cell.row for cell in block.cells if cell.text.strip())
    lone = (c for c in block.cells if c.row and filled[c.row] <= _MOST_BESIDE_TITLE)
    titled = [c.row for c in lone if _title_among([c.text], plans) is not None]
    starts = {_with_mark_above(block, row) for row in titled} | _untitled_heads(
        block, plans, titled
    )
    edges = [0, *sorted(starts - {0}), block.rows]
    for first, last in itertools.pairwise(edges):
        yield block if last - first == block.rows else block.part(first, last)


def _heads(block: Block, plans: Mapping[str, Plan]) -> dict[str, int]:
    """The annexes whose table heads a grid holds almost whole, and the row of each head."""
    if not isinstance(block, Grid):
        return {}
    return {
        number: head.first_row
        for number, plan in plans.items()
        if plan.table is not None
        and (head := find_head(plan.table, block)) is not None
        and len(head.columns) >= MOST_COLUMNS * len(plan.table.columns)
    }


def _table_of(block: Block, plans: Mapping[str, Plan]) -> str | None:
    return next(iter(_heads(block, plans)), None)


def _untitled_heads(grid: Grid, plans: Mapping[str, Plan], titled: Sequence[int]) -> set[int]:
    """Rows where the head of a second table stands in a sheet without a title above it."""
    heads = sorted(set(_heads(grid, plans).values()))
    return {row for row in heads[1:] if not any(row - 8 < title <= row for title in titled)}


def _with_mark_above(grid: Grid, row: int) -> int:
    """The row of a title, or of the line 附件N above it; 0 where nothing stands above."""
    above = [c for c in grid.cells if c.row < row and c.text.strip()]
    if not above:
        return 0
    last = max(above, key=lambda cell: cell.row)
    if not match.fold(last.text).startswith("附件"):
        return row
    return last.row if any(cell.row < last.row for cell in above) else 0


def _continues(blocks: Sequence[Block], part: Part, plans: Mapping[str, Plan]) -> bool:
    """The same annex goes on: no title, the title of a 续表, or the same head lines once more."""
    if not _has_title(blocks, plans):
        return True
    head = _head_lines(blocks)
    return any("续" in line for line in head) or set(head) <= set(_head_lines(part.blocks))


def _head_lines(blocks: Sequence[Block]) -> list[str]:
    above = itertools.takewhile(lambda block: isinstance(block, Paragraph), blocks)
    lines = [block.text for block in above if isinstance(block, Paragraph)]
    return [folded for line in lines if (folded := match.fold(line))]


def _has_title(blocks: Sequence[Block], plans: Mapping[str, Plan]) -> bool:
    return any(_title_of(block, plans) for block in blocks[:3])


#: The line above a title that says which annex it is: 附件2, 附2.
_MARK = re.compile(r"附件|附[1-9一二三四五六七八九]$")


def _with_annex_mark(blocks: Sequence[Block], index: int, starts: list[int]) -> int:
    """The lines just above a title that belong to it: 附件N, and an institution's name."""
    first = index
    for back in range(index - 1, max(index - 4, -1, *(starts[-1:] or [-1])), -1):
        block = blocks[back]
        if not isinstance(block, Paragraph):
            break
        if _MARK.match(match.fold(block.text)):
            return back
        if first == index and signature.is_name(block.text):
            first = back
        elif block.text.strip():
            break
    return first


def _title_of(block: Block, plans: Mapping[str, Plan]) -> str | None:
    """The annex whose title a paragraph is, or the first rows of a sheet hold."""
    if isinstance(block, Paragraph):
        texts = [block.text]
    else:
        filled = [cell for cell in block.beginning_in(range(4)) if cell.text.strip()][:6]
        beside = Counter(cell.row for cell in filled)
        texts = [cell.text for cell in filled if beside[cell.row] <= _MOST_BESIDE_TITLE]
    return _title_among(texts, plans)


def _likeness(title: str, text: str) -> float:
    """How far a line is a title, 0–1; an institution may have put its name before it, or what the
    report is about: 某某中心申请报告, 关于申报…的申请报告."""
    folded = match.fold(title)
    if (
        len(text) <= _LONGEST_TITLE
        and match.fold(text).endswith(folded)
        and (signature.name_before(text, title) or text.strip().startswith("关于"))
    ):
        return 0.95
    return match.likeness(title, text)


#: Characters of a title with a name before it.
_LONGEST_TITLE = 60

#: 见申请报告 speaks of an annex and is not its title.
_REFERENCE = re.compile(r"\W*(?:详|参|另)?见")


def _title_among(texts: Sequence[str], plans: Mapping[str, Plan]) -> str | None:
    best, best_value = None, 0.85
    for number, plan in plans.items():
        for text in texts:
            if _REFERENCE.match(text):
                continue
            value = max(_likeness(title, text) for title in plan.annex.titles)
            if value > best_value:
                best, best_value = number, value
    return best


def recognise(blocks: Sequence[Block], plans: Mapping[str, Plan]) -> str | None:
    """The annex that the blocks are: by its title, by its labels, by its headings."""
    titled = {_title_of(block, plans) for block in blocks}
    best, best_score = None, 0.0
    for number in sorted(plans, key=lambda number: number not in titled):  # the titled ones first
        title = TITLE_WORTH if number in titled else 0.0
        if 1.0 + title < best_score:
            break  # whatever it holds, it cannot be more certain
        score = _certainty(blocks, plans[number]) + title
        if score > best_score or (score == best_score and _is_before(number, best, plans)):
            best, best_score = number, score
    return best if best_score >= CERTAIN else None


def _titled(blocks: Sequence[Block], plans: Mapping[str, Plan]) -> str | None:
    """The annex with a list whose title stands there, and the first of the lines above the list
    (填报单位：…): the list itself cannot be made out."""
    number = next((n for block in blocks if (n := _title_of(block, plans)) is not None), None)
    if number is None or plans[number].table is None:
        return None
    firsts = [e for line in plans[number].lines for e in line.elements[:1] if isinstance(e, str)]
    labels = [re.compile(rf"\s*{label_pattern(first)}") for first in firsts]
    texts = [block.text for block in blocks if isinstance(block, Paragraph)]
    return number if any(label.match(text) for label in labels for text in texts) else None


def _is_before(number: str, other: str | None, plans: Mapping[str, Plan]) -> bool:
    order = list(plans)
    return other is None or order.index(number) < order.index(other)


#: What parts a label from its value in one cell.
_LABEL_END = re.compile(r"[：:\n]")


def _certainty(blocks: Sequence[Block], plan: Plan) -> float:
    """The share of a plan's printed words that the blocks hold, 0–1."""
    if plan.table is not None:
        heads = [h for b in blocks if isinstance(b, Grid) and (h := find_head(plan.table, b))]
        share = max((len(h.columns) / len(plan.table.columns) for h in heads), default=0.0)
        return share if share >= MOST_COLUMNS else share * MOST_COLUMNS
    texts = {match.core(text) for text in set(_texts(blocks))}
    if plan.labels:
        texts |= typed_text.labels(plan, blocks) | placed.labels(plan, blocks)
        texts |= {match.core(_LABEL_END.split(text, maxsplit=1)[0]) for text in _texts(blocks)}
        known = [label for label in plan.labels if match.core(label.text) in texts]
        return len(known) / len(plan.labels)
    if plan.sections:
        return prose.share(plan, blocks)
    return wording.share(plan, blocks)


def _texts(blocks: Sequence[Block]) -> list[str]:
    out: list[str] = []
    for block in blocks:
        out.extend(
            [block.text] if isinstance(block, Paragraph) else [cell.text for cell in block.cells]
        )
    return out

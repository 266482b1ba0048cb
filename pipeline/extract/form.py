"""The cells of a form: labels are matched, and what stands in the cells beside them is taken."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from pipeline.document import Block, Cell, Grid, Place, Run
from pipeline.extract import beside, match, ticks, units
from pipeline.extract.beside import Form
from pipeline.extract.chunks import slice_runs
from pipeline.extract.plan import Choices, Element, Hole, Plan, Slot
from pipeline.extract.taken import Record


def take(plan: Plan, blocks: Sequence[Block], taken: Record) -> set[int]:
    grids = [block for block in blocks if isinstance(block, Grid)]
    pairs = [(cell, grid) for grid in grids for cell in grid.cells]
    cells, of = tuple(cell for cell, _ in pairs), tuple(grid for _, grid in pairs)
    form = Form(plan, cells, of, _match_labels(plan, cells), units.of_line(blocks))
    used = form.label_cells
    for slot in plan.slots:
        _take_slot(form, slot, used, taken)
    _note_hidden(pairs, taken)
    _note_left_over(form, used, taken)
    return used


def _note_left_over(form: Form, used: set[int], taken: Record) -> None:
    """A blank value beside whose label text stands that is no label and was taken for nothing: it
    may be that value. What is printed in several rows is not (基本信息, before all of them)."""
    left = [
        cell
        for cell in form.cells
        if id(cell) not in used and cell.text.strip() and not form.is_label(cell)
    ]
    counts = Counter(match.fold(cell.text) for cell in left)
    single = {id(cell): cell for cell in left if counts[match.fold(cell.text)] == 1}
    if not single:
        return
    _note_gone_on(form, used, single, taken)
    held = {c.place: (c, g) for c, g in zip(form.cells, form.grids, strict=True)}
    for pointer, place in taken.blanks.items():
        if place not in held:
            continue
        beside = _beside_label(form, *held[place])
        cell = next((cell for cell in beside if id(cell) in single), None)
        if cell is not None:
            said = f"这一项没有填写，但同一行里另有文字“{_shown(cell)}”未归入任何一项，请核对原件。"
            _point_at_left_over(form, pointer, said, taken)


def _shown(cell: Cell) -> str:
    return cell.text.strip()[:20]


def _point_at_left_over(form: Form, pointer: str, said: str, taken: Record) -> None:
    spec = form.plan.annex.field(pointer)
    taken.find("warning", "text-left-over", pointer, said, spec.article if spec else "")


def _note_gone_on(form: Form, used: set[int], left: Mapping[int, Cell], taken: Record) -> None:
    """Text above all that was taken from a table, which was taken for nothing: a page's end may have
    cut it from the last value of the table before."""
    pointers = {origin.place: pointer for pointer, origin in taken.origins.items()}
    labels = [match.fold(way) for label in form.plan.labels for way in label.ways]
    for before, grid in pairwise(dict.fromkeys(form.grids)):
        if before.place.page == grid.place.page:
            continue
        above = takewhile(lambda cell: id(cell) not in used, grid.cells)
        rest = (
            _shown(cell)
            for cell in above
            if id(cell) in left and not any(x.endswith(match.fold(cell.text)) for x in labels)
        )
        if (text := next(rest, None)) is None:
            continue
        for cell in before.cells:
            if cell.last_row == before.rows - 1 and cell.place in pointers:
                said = f"后一页开头另有文字“{text}”未归入任何一项，可能是这一项的后半，请核对原件。"
                _point_at_left_over(form, pointers[cell.place], said, taken)


def _beside_label(form: Form, blank: Cell, grid: Grid) -> Iterator[Cell]:
    """The cells in the rows of a blank between its label and the next one."""
    for row in range(blank.row, blank.last_row + 1):
        cells = grid.row_cells(row)
        labels = [cell.column for cell in cells if form.is_label(cell)]
        first = max((at for at in labels if at <= blank.column), default=0)
        end = min((at for at in labels if at > blank.column), default=grid.columns)
        yield from (cell for cell in cells if first < cell.column < end)


def _note_hidden(pairs: Iterable[tuple[Cell, Grid]], taken: Record) -> None:
    """What stands in rows or columns that the sheet hides is read, and pointed at."""
    hidden = {
        cell.place
        for cell, grid in pairs
        if cell.row in grid.hidden_rows or cell.column in grid.hidden_columns
    }
    for pointer in [p for p, origin in taken.origins.items() if origin.place in hidden]:
        text = "在隐藏的行或列里，也读取了，请核对。"
        taken.find("warning", "hidden-cell", pointer, text)


def _take_slot(form: Form, slot: Slot, used: set[int], taken: Record) -> None:
    _take_printed(form, _as_asked(form, slot), used, taken)
    for element in slot.elements:
        if not isinstance(element, str):
            value = taken.origins.get(element.pointer)
            said = _label_text(form, slot)
            if value is not None and units.contradict(element.spec, said, form.unit):
                units.point_at(element.pointer, element.spec, taken)


def _label_text(form: Form, slot: Slot) -> str:
    """What the label of a slot says, without a value typed behind it."""
    number = None if slot.label is None else form.labels.get(slot.label)
    return "" if number is None else re.split("[：:]", form.cells[number].text)[0]


def _as_asked(form: Form, slot: Slot) -> Slot:
    """A slot in the unit that the returned form's own label asks."""
    said = _label_text(form, slot)
    elements = tuple(
        replace(e, spec=units.asked(e.spec, said, form.unit)) if isinstance(e, Hole) else e
        for e in slot.elements
    )
    return replace(slot, elements=elements)


def _take_printed(form: Form, slot: Slot, used: set[int], taken: Record) -> None:
    place = beside.find(form, slot)
    cells = list(place.cells)
    if place.many:
        _note_many(slot, taken)
    if not any(cell.text.strip() for cell in cells):
        own = _own_cell(form, slot, used)
        if own is not None:
            used.add(id(own[0]))
            take_elements(slot.elements, own[1], (Run(own[1]),), own[0].place, taken)
            return
    if slot.label is None:
        apart = beside.parts(form, slot, used)
        if apart:
            _take_parts(slot, apart, used, taken)
            return
    cells = cells or _cells_by_words(slot, form.cells, used)
    used.update(id(cell) for cell in cells)
    if cells:
        _take_cells(form.plan, slot, cells, taken)
    else:
        _note_absent(slot, taken)


def _take_parts(slot: Slot, apart: Mapping[str, list[Cell]], used: set[int], taken: Record) -> None:
    """Holes of one printed cell that have come back in cells of their own."""
    for element in slot.elements:
        if isinstance(element, str):
            continue
        cells = apart.get(element.pointer)
        used.update(id(cell) for cell in cells or ())
        alone = Slot((element,), None, 0)
        if cells:
            _take_cells(None, alone, cells, taken)
        else:
            _note_absent(alone, taken)


def _note_many(slot: Slot, taken: Record) -> None:
    """More columns than the form has: the last are given, and a person should know."""
    for element in slot.elements:
        if not isinstance(element, str):
            table = element.pointer.split("/")[1]
            taken.find(
                "warning", "too-many-values", f"/{table}",
                "填写的列数多于表中所列，只取了最近的几列，请核对原件。", element.spec.article,
            )  # fmt: skip


def _note_absent(slot: Slot, taken: Record) -> None:
    """A blank whose label is nowhere: it may stand somewhere we did not look."""
    for element in slot.elements:
        if not isinstance(element, str):
            taken.find(
                "warning", "label-missing", element.pointer,
                "表中没有找到这一项，可能被删去或改了名称，请核对原件。", element.spec.article,
            )  # fmt: skip


def _match_labels(plan: Plan, cells: Sequence[Cell]) -> dict[int, int]:
    """Label number → cell number. Between cells that read the same, the place decides."""
    texts = [cell.text for cell in cells]
    shift = _row_shift(plan, cells)
    every = tuple(way for label in plan.labels for way in label.ways)
    near = [match.is_one_of(every, text) for text in texts]

    def score(number: int, index: int) -> float:
        if not near[index]:
            return 0.0
        label, cell = plan.labels[number], cells[index]
        value = match.best_likeness(label.ways, texts[index])
        if value < match.ALIKE or cell.row - label.row != shift:
            return value
        return value + _NEAR / (1 + abs(cell.column - label.column))

    found = match.align(len(plan.labels), len(cells), score)
    for alike in _same_labels(plan):
        _by_owner(plan, alike, cells, found)
    return found


def _same_labels(plan: Plan) -> list[list[int]]:
    """The numbers of labels that read the same (联系电话, of two people)."""
    numbers: dict[str, list[int]] = {}
    for number, label in enumerate(plan.labels):
        numbers.setdefault(match.fold(label.text), []).append(number)
    return [same for same in numbers.values() if len(same) > 1]


def _by_owner(
    plan: Plan, alike: Sequence[int], cells: Sequence[Cell], found: dict[int, int]
) -> None:
    """Give labels that read the same to whom they stand behind, where that tells them apart: a row
    may be gone, or stand elsewhere."""
    owners = {found[n - 1]: n for n in alike if n - 1 in found and n - 1 not in alike}
    ways = plan.labels[alike[0]].ways
    taken = {cell for number, cell in found.items() if number not in alike}
    stand = [
        index
        for index, cell in enumerate(cells)
        if index not in taken and match.best_likeness(ways, cell.text) >= match.SURE
    ]
    told: dict[int, int] = {}
    for index in stand:
        before = max((owner for owner in owners if owner < index), default=None)
        if before is None or owners[before] in told:
            return
        told[owners[before]] = index
    for number in alike:
        if found.get(number) in stand:
            del found[number]
    found.update(told)


#: What standing in the template's own row, and column, adds to the likeness of a label.
_NEAR = 0.05


def _row_shift(plan: Plan, cells: Sequence[Cell]) -> int:
    """How many rows further down than in the template the form's labels stand (title rows of a
    sheet), as most labels have it."""
    rows = {match.fold(label.text): label.row for label in plan.labels}
    shifts = Counter(
        cell.row - rows[text] for cell in cells if (text := match.fold(cell.text)) in rows
    )
    return shifts.most_common(1)[0][0] if shifts else 0


def _cells_by_words(slot: Slot, cells: Sequence[Cell], used: set[int]) -> list[Cell]:
    """The cell that holds a slot's own printed words: 仪器设备：…台（套），占总资产的…％."""
    words = [word for text in slot.literals for word in match.anchor_words(text)]
    for element in slot.elements:
        if isinstance(element, Choices):
            words.extend(element.options)
    if len(words) < 3:  # one word alone (盖章) stands in many places
        return []
    best, best_rank = None, (0.5, 0)
    for cell in cells:
        if id(cell) in used:
            continue
        share = sum(bool(match.loosely(w).search(cell.text)) for w in words) / len(words)
        rank = (share, -len(cell.text))  # an outer cell that holds the whole form has them too
        if share > 0.5 and rank > best_rank:
            best, best_rank = cell, rank
    return [best] if best is not None else []


def _own_cell(form: Form, slot: Slot, used: set[int]) -> tuple[Cell, str] | None:
    """A value typed behind its label in the label's own cell (`机构名称：某某中心`), up to the next
    label in that cell; None if there is none."""
    if slot.label is None or slot.ordinal:
        return None
    own = form.labels.get(slot.label)
    label = form.plan.labels[slot.label]
    owned = _behind_owner(form, slot.label)
    for number, cell in enumerate(form.cells):
        if number != own and (id(cell) in used or slot.label in form.alone):
            continue
        if owned is not None and number not in owned:
            continue
        start = beside.own_label(label, cell.text) or beside.own_line(label, cell.text)
        rest = cell.text[start.end() :] if start else ""
        if rest.strip():
            beside_it = None if beside.own_label(label, cell.text) else _value_beside(form, number)
            if beside_it is not None:
                return beside_it, beside_it.text  # what stands below the label is a hint
            return cell, _up_to_next_label(rest, form.plan)
    return None


def _behind_owner(form: Form, label: int) -> range | None:
    """Where the cell of a label that others read the same as (联系电话) must stand: behind that of
    its person and before what follows; None for other labels, and where the person's is not told."""
    plan, cells = form.plan, form.cells
    if label == 0 or not any(label in same for same in _same_labels(plan)):
        return None
    person, said = plan.labels[label - 1], plan.labels[label].text
    stand = [at for at, cell in enumerate(cells) if beside.own_label(person, cell.text)]
    if len(stand) != 1:
        return None
    others = [other for other in plan.labels if other.text != said]
    start = end = stand[0] + 1
    while end < len(cells) and not any(beside.own_label(o, cells[end].text) for o in others):
        end += 1
    return range(start, end)


def _value_beside(form: Form, number: int) -> Cell | None:
    """The next cell in a cell's row, if it holds text that is no label."""
    cell = form.cells[number]
    after = [c for c in form.grids[number].row_cells(cell.row) if c.column > cell.last_column]
    value = after[0] if after else None
    return value if value and value.text.strip() and not form.is_label(value) else None


def _up_to_next_label(text: str, plan: Plan) -> str:
    names = {name for label in plan.labels for name in label.ways}
    ends = [hit.start() for n in names if (hit := re.search(beside.label_pattern(n), text))]
    return text[: min(ends, default=len(text))]


def _take_cells(plan: Plan | None, slot: Slot, cells: list[Cell], taken: Record) -> None:
    """A slot's text; several cells for one hole (one character a cell) are read together. A label
    said once more before the value is no part of it."""
    filled = [cell for cell in cells if cell.text.strip()]
    place = (filled or cells)[0].place
    text = filled[0].text if len(filled) == 1 else "".join(cell.text for cell in filled)
    runs = _runs(filled)
    if plan is not None and slot.label is not None:
        said = beside.own_label(plan.labels[slot.label], text)
        if said and not beside.holds_label(plan.labels[slot.label], text[said.end() :]):
            text, runs = text[said.end() :], slice_runs(runs, said.end(), len(text))
    take_elements(slot.elements, text, runs, place, taken)


def _runs(cells: Iterable[Cell]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for cell in cells:
        for number, paragraph in enumerate(cell.paragraphs):
            if number:
                runs.append(Run("\n"))
            runs.extend(paragraph.runs)
    return tuple(runs)


# ---------------------------------------------------------------- the holes of a text


def take_elements(
    elements: Sequence[Element], text: str, runs: Sequence[Run], place: Place, taken: Record
) -> None:
    """Each hole's share of a text that holds printed words and values in turn."""
    spans = split_by_words(elements, text)
    for element, (start, end) in zip(elements, spans, strict=True):
        if isinstance(element, Hole):
            raw = text[start:end]
            if len(elements) > 1:
                raw = _between_words(raw, element)
            if raw.strip() and raw == _stub(element):
                raw = ""
            taken.take(element.pointer, element.spec, raw, place)
        elif isinstance(element, Choices):
            _take_choices(element, slice_runs(runs, start, end), place, taken)


def _between_words(raw: str, hole: Hole) -> str:
    """Without the punctuation that belongs to the printed words around a hole; prose keeps its
    own marks."""
    raw = raw.strip()
    return raw if hole.spec.kind == "text" else raw.strip("，,。；;：: \u3000")


def _stub(hole: Hole) -> str:
    """What the blank form prints in a hole (`202_`), which is no value."""
    return (
        hole.tag.arguments[0] if hole.tag.filter in ("blank", "date") and hole.tag.arguments else ""
    )


def _take_choices(element: Choices, runs: Sequence[Run], place: Place, taken: Record) -> None:
    reading = ticks.read_boxes(
        runs, element.options, element.before, element.spec.extra("synonyms", {})
    )
    many = element.spec.kind == "choices"
    parsed = (ticks.read_choices if many else ticks.read_choice)(reading, element.options)
    raw = "".join(run.text for run in runs)
    taken.put(element.pointer, parsed, raw, place)
    for number in range(len(parsed.value) if many and parsed.value else 0):
        taken.origins[f"{element.pointer}/{number}"] = taken.origins[element.pointer]


def split_by_words(elements: Sequence[Element], text: str) -> list[tuple[int, int]]:
    """For each element the stretch of the text that is its own. Printed words are found in
    order; a hole owns what lies between the words before it and the words after it."""
    printed = _printed(elements, text)
    spans: list[tuple[int, int]] = []
    at = 0
    for number, element in enumerate(elements):
        if isinstance(element, str):
            spans.append(printed.get(number, (at, at)))
        else:
            spans.append((at, _end_of_hole(number, elements, printed, text, at)))
        at = spans[-1][1]
    return spans


def _printed(elements: Sequence[Element], text: str) -> dict[int, tuple[int, int]]:
    """Element number → where its printed words stand, for those that are still there."""
    found: dict[int, tuple[int, int]] = {}
    at = 0
    before: Element | None = None
    for number, element in enumerate(elements):
        # Prose may hold the printed word that follows it (盖章有效): the last one is the form's.
        prose = isinstance(before, Hole) and before.spec.kind == "text"
        span = _find_words(element, text, at, prose) if isinstance(element, str) else None
        before = element
        if span is not None:
            found[number] = span
            at = span[1]
    return found


def _end_of_hole(
    number: int,
    elements: Sequence[Element],
    printed: dict[int, tuple[int, int]],
    text: str,
    start: int,
) -> int:
    """Up to the next printed words; a date that shares the stretch takes the end of it."""
    after = next((n for n in printed if n > number), len(elements))
    end = printed[after][0] if after in printed else len(text)
    sharing = [e for e in elements[number + 1 : after] if not isinstance(e, str)]
    last = sharing[-1] if sharing else None
    if isinstance(last, Hole) and last.spec.kind == "date":
        tail = _DATE_TAIL.search(text, start, end)
        return tail.start() if tail else end
    return end


def _find_words(literal: str, text: str, start: int, last: bool) -> tuple[int, int] | None:
    """The stretch of the printed words of a literal that are in the text, from `start` on; with
    `last` the first word is looked for from the end."""
    first: int | None = None
    at = start
    for word in match.anchor_words(literal):
        hits = list(match.loosely(word).finditer(text, at))
        if not hits:
            continue
        hit = hits[-1] if last and first is None else hits[0]
        if first is None:
            first = hit.start()
        at = hit.end()
        closing = re.compile(r"\s*(?:[（(][^（）()\n]{0,6}[）)])?\s*[：:]?").match(text, at)
        at = closing.end() if closing else at
        framed = _FRAME_END.match(text, at)
        frame = _FRAME_START.search(text, start, first)
        if framed and frame:
            first, at = frame.start(), framed.end()
    if first is not None and last:
        signer = _SIGNER.search(text, start, first)
        signed = _SIGNED.match(text, at)
        first, at = signer.start() if signer else first, signed.end() if signed else at
    return None if first is None else (first, at)


#: Who signs, on the line of the seal: 长沙市工业和信息化局（盖章）, 推荐单位（盖章）：…局, 日期：.
_OFFICE = r"[^\s。；，,;：:！？（(]{2,30}(?:局|委|委员会|厅|办公室|政府|中心)"
_SIGNER = re.compile(
    rf"(?:^|(?<=\n))[ \t\u3000]*(?:(?:推荐|审核|初审|主管)单位|{_OFFICE})[ \t\u3000]*\Z"
)
_SIGNED = re.compile(
    rf"(?:[ \t\u3000]*{_OFFICE}[ \t\u3000]*(?=\n))?\s*(?:(?:日\s*期|时\s*间)\s*[：:])?"
)


#: Printed words that a person has put in brackets: （盖章）.
_FRAME_START, _FRAME_END = re.compile(r"[（(]\s*$"), re.compile(r"\s*[）)]\s*[：:]?")


#: A date at the end of a text. Blanks are counted once only: two parts that could both take them, one
#: after the other, take for ever on the thirty blanks that people leave for a date.
_DATE_TAIL = re.compile(
    r"(?<!\s)\s*(?:[\d〇○零一二三四五六七八九]{2,4}\s*){0,3}年\s*(?:[\d一二三四五六七八九十]+\s*)?"
    r"月\s*(?:[\d一二三四五六七八九十]+\s*)?(?:日\s*)?$"
    r"|\d{2,4}[./\-]\d{1,2}(?:[./\-]\d{1,2})?\s*$"
)

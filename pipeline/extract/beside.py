"""Where the value of a label stands: right of it, below it, or in cells of its own for each part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.document import Cell, Grid
from pipeline.extract import match
from pipeline.extract.plan import Choices, Hole, Label, Plan, Slot
from pipeline.values import parse

#: From this likeness (0–1) on, a cell is the label of a hole that the form prints within a cell.
_SURE_LABEL = 0.9

#: What may fill the whole row below its label, though there is an empty cell beside the label.
_LONG_KINDS = frozenset({"text", "choice"})


@dataclass(frozen=True)
class Form:
    """The cells of a form in reading order, the grid each stands in, and which cell is which
    label (label number → cell number)."""

    plan: Plan
    cells: tuple[Cell, ...]
    grids: tuple[Grid, ...]
    labels: dict[int, int]
    unit: str = ""  # of money, where a line of the form says it

    @property
    def label_cells(self) -> set[int]:
        return {id(self.cells[number]) for number in self.labels.values()}

    @cached_property
    def alone(self) -> frozenset[int]:
        """The labels that stand in a cell of their own: where another text begins like one of
        them, it is somebody's text."""
        return frozenset(
            number
            for number, index in self.labels.items()
            if match.core(self.cells[index].text)
            in {match.core(name) for name in self.plan.labels[number].ways}
        )

    @cached_property
    def _parted(self) -> frozenset[str]:
        """What holes are called that the form prints within a cell of words: 仪器设备, 场地面积."""
        return frozenset(
            match.core(name)
            for slot in self.plan.slots
            if slot.label is None
            for element in slot.elements
            if not isinstance(element, str)
            for name in element.spec.labels
        )

    def is_label(self, cell: Cell) -> bool:
        """A label, the name of a hole that has come back in cells of its own, or a neighbour's
        label and value in one cell: `企业网址：www.…`."""
        return (
            id(cell) in self.label_cells
            or match.core(cell.text) in self._parted
            or any(
                own_label(label, cell.text) or own_line(label, cell.text)
                for number, label in enumerate(self.plan.labels)
                if number not in self.alone
            )
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """The cells of a slot; `many`: there are more values than the form has holes for."""

    cells: tuple[Cell, ...] = ()
    many: bool = False


def label_pattern(name: str) -> str:
    """A label with its colon; the bracketed unit or hint may be there or not."""
    bare = re.sub(r"[（(].*", "", name, flags=re.DOTALL).rstrip("：: \n")
    return match.loosely(bare).pattern + r"\s*+(?:[（(][^）)]{0,12}[）)]\s*+)?[：:]"


def own_label(label: Label, text: str) -> re.Match[str] | None:
    """The label with its colon at the start of a text."""
    if "：" not in text and ":" not in text:
        return None
    names = label.ways
    return next((hit for n in names if (hit := re.match(rf"\s*{label_pattern(n)}", text))), None)


#: What goes on with a label on its next line and is no value: 企业联系人 / 及电话.
_GOES_ON = re.compile(r"\s*[及和与或、/／（(]")


def own_line(label: Label, text: str) -> re.Match[str] | None:
    """The label on lines of its own above its value in one cell, without a colon."""
    if "\n" not in text.strip():
        return None
    names = label.ways
    for name in names:
        bare = re.sub(r"[（(].*", "", name, flags=re.DOTALL).rstrip("：: \n")
        hint = r"(?:\s*[（(][^）)]{0,12}[）)])?[^\S\n]*\n"
        hit = re.match(rf"\s*{match.loosely(bare).pattern}{hint}", text)
        rest = text[hit.end() :] if hit else ""
        if rest.strip() and not _GOES_ON.match(rest):
            whole = match.fold(text)  # 法人 / 代表 is all label
            return None if any(match.fold(n).startswith(whole) for n in names) else hit
    return None


def holds_label(label: Label, text: str) -> bool:
    """A name of the label with its colon anywhere in a text: 注册地址：…；办公地址：… is one value."""
    names = label.ways
    return any(re.search(label_pattern(name), text) for name in names)


#: Behind a label, before its value in the next cell: （必填）, or the label in another language.
_HINT = re.compile(r"[（(][^（）()]*[）)]|[A-Za-z][A-Za-z .,'’()/-]*")


def find(form: Form, slot: Slot) -> Beside:
    """The cells that fill a slot."""
    if slot.label is None:
        return Beside()
    if slot.label not in form.labels:
        return Beside(_year_above(form, slot))
    index = form.labels[slot.label]
    label, grid = form.cells[index], form.grids[index]
    said = own_label(form.plan.labels[slot.label], label.text)
    own = label.text[said.end() :].strip() if said else ""
    right = _right_of(form, slot, label, grid)
    filled = any(cell.text.strip() for cell in right)
    if own and not (filled and _HINT.fullmatch(own)):
        return Beside()  # its value stands in its own cell
    if not filled and own_line(form.plan.labels[slot.label], label.text):
        return Beside()
    expected = 1 + max(other.ordinal for other in form.plan.slots if other.label == slot.label)
    if _is_above(form, slot, right, label, grid):
        below = _below(form, label, grid)
        return Beside(tuple(below[slot.ordinal : slot.ordinal + 1]), len(below) > expected > 1)
    if expected == 1:
        return Beside((*right, *_further_boxes(form, slot, label, grid)))
    columns, many = _value_columns(form, slot, expected, grid)
    if columns:
        cell = grid.at(label.row, columns[slot.ordinal])
        return Beside((cell,) if cell is not None else (), many)
    return Beside(tuple(right[slot.ordinal : slot.ordinal + 1]))


def _further_boxes(form: Form, slot: Slot, label: Cell, grid: Grid) -> list[Cell]:
    """Boxes of one list that stand in several rows beside a label as high as they are."""
    if not any(isinstance(element, Choices) for element in slot.elements):
        return []
    found: list[Cell] = []
    for row in range(label.row + 1, label.last_row + 1):
        for cell in grid.row_cells(row):
            if cell.column > label.last_column and cell.row == row:
                if form.is_label(cell):
                    break
                found.append(cell)
    return found


def _right_of(form: Form, slot: Slot, label: Cell, grid: Grid) -> list[Cell]:
    """The cells right of a label up to the next label; a label cut in two cells is one."""
    assert slot.label is not None
    own = form.plan.labels[slot.label]
    names = {match.fold(name) for name in own.ways}
    free: list[Cell] = []
    for cell in grid.row_cells(label.row):
        if cell.column <= label.column:
            continue
        cut = match.fold(label.text) not in names and match.fold(label.text + cell.text) in names
        if not free and cut:
            continue
        again = own_label(own, cell.text) or own_line(own, cell.text)
        repeats = not free and again and id(cell) not in form.label_cells
        if form.is_label(cell) and not repeats:
            break
        free.append(cell)
    return free


# ---------------------------------------------------------------- labels above their values


def _is_above(form: Form, slot: Slot, right: Sequence[Cell], label: Cell, grid: Grid) -> bool:
    """The label stands above its value: nothing at all stands beside it; or, for a long text, the
    row holds nothing else and the row below is one text."""
    if not right:
        return True
    if any(cell.text.strip() for cell in right):
        return False
    long = any(not isinstance(e, str) and e.spec.kind in _LONG_KINDS for e in slot.elements)
    row = [c for c in grid.row_cells(label.row) if c.text.strip()]
    below = label.last_row + 1
    under = [c for c in grid.row_cells(below) if c.text.strip()] if below < grid.rows else []
    return long and row == [label] and len(under) == 1 and not form.is_label(under[0])


def _below(form: Form, label: Cell, grid: Grid) -> list[Cell]:
    """The cells below a label, in its column, down to the next label."""
    found: list[Cell] = []
    for row in range(label.last_row + 1, grid.rows):
        cell = grid.at(row, label.column)
        if cell is None or cell.column != label.column:
            break
        if any(c.row == row and form.is_label(c) for c in grid.row_cells(row)):
            break
        if not found or found[-1] is not cell:
            found.append(cell)
    return found


# ---------------------------------------------------------------- several values of one label


def _year_above(form: Form, slot: Slot) -> tuple[Cell, ...]:
    """The year of a column whose label is gone: it stands above the first of the column's values."""
    hole = next((e for e in slot.elements if isinstance(e, Hole)), None)
    if hole is None or hole.spec.kind != "year" or slot.label is None:
        return ()
    for other in form.plan.slots:
        if other.ordinal == slot.ordinal and (other.label or 0) > slot.label:
            if other.label is None or other.label not in form.labels:
                continue
            index = form.labels[other.label]
            value = next(iter(find(form, other).cells), None)
            row = form.cells[index].row - 1
            above = form.grids[index].at(row, value.column) if value is not None else None
            if above is not None and parse(above.text, hole.spec).value is not None:
                return (above,)
            return ()
    return ()


def _value_columns(form: Form, slot: Slot, expected: int, grid: Grid) -> tuple[list[int], bool]:
    """The grid columns of the values, as the first label of the group has them (年度): in a sheet
    without merged cells there are empty ones between. Of more years than asked the last ones."""
    for number, index in sorted(form.labels.items()):
        lead = next((s for s in form.plan.slots if s.label == number and s.ordinal), None)
        if lead is None or form.grids[index] is not grid:
            continue
        filled = [c for c in _right_of(form, lead, form.cells[index], grid) if c.text.strip()]
        if len(filled) < expected:
            return [], False
        latest = sorted(filled, key=lambda c: match.fold(c.text))[-expected:]
        return sorted(cell.column for cell in latest), len(filled) > expected
    return [], False


# ---------------------------------------------------------------- parts in cells of their own


def parts(form: Form, slot: Slot, used: set[int]) -> dict[str, list[Cell]]:
    """The cells of a slot's holes, by pointer, where each has a label of its own (仪器设备 | 86 | 占总资产的 |
    25); empty where fewer than two have."""
    holes = [e for e in slot.elements if isinstance(e, (Hole, Choices))]
    found = [(hole.pointer, _label_cell(form, hole, used)) for hole in holes]
    at = {pointer: number for pointer, number in found if number is not None}
    if len(at) < 2:
        return {}
    labels = {id(form.cells[number]) for number in (*at.values(), *_part_labels(form, used))}
    return {pointer: _right_of_part(form, number, labels) for pointer, number in at.items()}


def _part_labels(form: Form, used: set[int]) -> Iterator[int]:
    """The cells that are labels of any hole that the form prints within a cell."""
    for slot in form.plan.slots:
        if slot.label is None:
            for element in slot.elements:
                if not isinstance(element, str):
                    number = _label_cell(form, element, used)
                    if number is not None:
                        yield number


def _label_cell(form: Form, hole: Hole | Choices, used: set[int]) -> int | None:
    rated = [
        (match.best_likeness(hole.spec.labels, cell.text), -number)
        for number, cell in enumerate(form.cells)
        if id(cell) not in used
    ]
    best = max(rated, default=(0.0, 0))
    return -best[1] if best[0] >= _SURE_LABEL else None


def _right_of_part(form: Form, number: int, labels: set[int]) -> list[Cell]:
    label, grid = form.cells[number], form.grids[number]
    found: list[Cell] = []
    for cell in grid.row_cells(label.row):
        if cell.column > label.column:
            if id(cell) in labels or form.is_label(cell):
                break
            found.append(cell)
    return found

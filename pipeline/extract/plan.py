"""The reading plan: what surrounds each hole of a template, worked out from the template itself.

For every tag the plan notes the label cell to its left and how many holes lie between, the
literal text before and after it in its own cell, the group of boxes it belongs to, the loop
whose column it is, or the heading under which it stands. Nothing else describes the form.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.annex import Annex, FieldSpec
from pipeline.document import Cell, Document, Grid
from pipeline.errors import TemplateError
from pipeline.tags import LoopEnd, LoopStart, Segment, Tag, has_tag, loop, segments


@dataclass(frozen=True, slots=True)
class Hole:
    """One hole: the pointer it fills (`/staff/-/name` in a loop), its field, its tag."""

    pointer: str
    spec: FieldSpec
    tag: Tag


@dataclass(frozen=True, slots=True)
class Choices:
    """A group of boxes: the options in print order, and whether a box stands before its label."""

    pointer: str
    spec: FieldSpec
    options: tuple[str, ...]
    before: bool


Element = str | Hole | Choices


@dataclass(frozen=True, slots=True)
class Label:
    """A cell that only says what its neighbour is; `names` are the ways people write it."""

    text: str
    row: int
    column: int
    names: tuple[str, ...] = ()

    @property
    def ways(self) -> tuple[str, ...]:
        """Its own text and every other way of writing it."""
        return (self.text, *self.names)


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell with holes: the `ordinal`-th cell right of label number `label` (None: no label,
    found by its own literal text)."""

    elements: tuple[Element, ...]
    label: int | None
    ordinal: int

    @property
    def literals(self) -> tuple[str, ...]:
        return tuple(e for e in self.elements if isinstance(e, str))


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph outside the tables with labels and holes: 填报单位：… 填报时间：…"""

    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a loop: the header cells above it from the top down, and its hole."""

    headers: tuple[str, ...]
    hole: Hole

    @property
    def key(self) -> str:
        """What its field is called in a row."""
        return self.hole.pointer.rsplit("/", 1)[1]

    @property
    def names(self) -> tuple[str, ...]:
        """Its head, and every other way of writing it."""
        head = self.headers[-1] if self.headers else self.hole.spec.title
        return (head, *self.hole.spec.labels)


@dataclass(frozen=True, slots=True)
class Table:
    """The loop over `name`: a row for each entry."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Prose under a heading; without a hole: a closing remark that ends the section before."""

    heading: str
    hole: Hole | None


@dataclass(frozen=True, eq=False)
class Plan:
    """Where each field of an annex is to be found. Equal is only the plan itself, so that what is
    made of it can be kept."""

    annex: Annex
    labels: tuple[Label, ...]
    slots: tuple[Slot, ...]
    lines: tuple[Line, ...]
    table: Table | None
    sections: tuple[Section, ...]
    wording: tuple[str, ...]

    @property
    def holes(self) -> Iterable[Hole | Choices]:
        for slot in self.slots:
            yield from (e for e in slot.elements if not isinstance(e, str))
        for line in self.lines:
            yield from (e for e in line.elements if not isinstance(e, str))
        if self.table:
            yield from (column.hole for column in self.table.columns)
        yield from (section.hole for section in self.sections if section.hole)


def compile_plan(annex: Annex, template: Document) -> Plan:
    """The reading plan of an annex. TemplateError names a tag that the schema does not know,
    and a field of the schema that the template has no hole for."""
    compiler = _Compiler(annex)
    paragraphs = [paragraph.text for paragraph in template.paragraphs]
    sections = compiler.sections(paragraphs)
    in_sections = {section.hole.tag for section in sections if section.hole}
    lines = tuple(
        Line(elements)
        for text in paragraphs
        if has_tag(text)
        and (elements := compiler.elements(segments(text)))
        and not (
            len(elements) == 1 and isinstance(elements[0], Hole) and elements[0].tag in in_sections
        )
    )
    labels: tuple[Label, ...] = ()
    slots: tuple[Slot, ...] = ()
    table: Table | None = None
    for grid in template.grids:
        table = table or compiler.table(grid)
        if table is None:
            labels, slots = compiler.form(grid)
    wording = tuple(text for text in paragraphs if not has_tag(text))
    plan = Plan(annex, labels, slots, lines, table, sections, wording)
    _check_complete(plan)
    return plan


def _check_complete(plan: Plan) -> None:
    held = {hole.pointer for hole in plan.holes}
    missing = [
        spec.title
        for pattern, spec in plan.annex.fields.items()
        if pattern not in held and spec.kind != "wording"
    ]
    if missing:
        raise TemplateError(
            f"附件{plan.annex.number}的模板里没有这些项的位置：{'、'.join(missing)}。",
            remedy=f"请在 {plan.annex.template.name} 中补上相应的标签。",
        )


class _Compiler:
    def __init__(self, annex: Annex) -> None:
        self.annex = annex

    # ------------------------------------------------------------ tags → holes

    def hole(self, tag: Tag, row: LoopStart | None) -> Hole:
        keys = tag.keys
        if row is not None and keys[0] == row.variable:
            keys = (row.name, "-", *keys[1:])
        pointer = "/" + "/".join(keys)
        spec = self.annex.field(pointer)
        if spec is None:
            raise TemplateError(
                f"附件{self.annex.number}的模板 {self.annex.template.name} 里的标签"
                f"“{{{{ {tag.path} }}}}”没有对应的项。",
                remedy=f"请核对拼写；可用的项见 annex-{self.annex.number}.json。",
            )
        if tag.filter == "box" and tag.arguments[0] not in spec.choices:
            raise TemplateError(
                f"附件{self.annex.number}的模板里“{{{{ {tag.path} }}}}”的选项“{tag.arguments[0]}”"
                f"不在可选之列：{'、'.join(spec.choices)}。"
            )
        return Hole(pointer, spec, tag)

    def elements(
        self, parts: Iterable[Segment], row: LoopStart | None = None
    ) -> tuple[Element, ...]:
        """Literals and holes in turn, the boxes of one field drawn together into Choices."""
        found: list[Element] = [
            part if isinstance(part, str) else self.hole(part, row) for part in parts
        ]
        return tuple(e for e in _gather_boxes(found) if not isinstance(e, str) or e.strip())

    # ------------------------------------------------------------ grids

    def form(self, grid: Grid) -> tuple[tuple[Label, ...], tuple[Slot, ...]]:
        """A form: label cells, and slots counted from the label to their left."""
        labels: list[Label] = []
        slots: list[Slot] = []
        at: dict[tuple[int, int], int] = {}
        for cell in grid.cells:
            if cell.text.strip() and not has_tag(cell.text):
                at[cell.row, cell.column] = len(labels)
                labels.append(Label(cell.text, cell.row, cell.column))
        for cell in grid.cells:
            if has_tag(cell.text):
                number, ordinal = _label_of(grid, cell, at)
                slots.append(Slot(self.elements(segments(cell.text)), number, ordinal))
        return tuple(_with_names(labels, slots)), tuple(slots)

    def table(self, grid: Grid) -> Table | None:
        """The loop of a grid that has one, its columns with the header cells above them."""
        start: LoopStart | None = None
        first = 0
        for row in range(grid.rows):
            cells = grid.row_cells(row)
            statement = loop(" ".join(cell.text for cell in cells if "{%" in cell.text))
            if isinstance(statement, LoopStart):
                start, first = statement, row
            elif isinstance(statement, LoopEnd):
                break
            elif start is not None:
                columns = tuple(self._column(grid, cell, first, start) for cell in cells)
                return Table(start.name, columns)
        return None

    def _column(self, grid: Grid, cell: Cell, header_end: int, start: LoopStart) -> Column:
        headers: list[Cell] = []
        for row in range(header_end):
            above = grid.at(row, cell.column)
            if above is not None and above.text.strip() and above not in headers:
                headers.append(above)
        holes = [e for e in self.elements(segments(cell.text), start) if isinstance(e, Hole)]
        if len(holes) != 1:
            raise TemplateError(
                f"附件{self.annex.number}的模板循环行里，每格应有且只有一个标签：{cell.text}"
            )
        return Column(tuple(above.text for above in headers), holes[0])

    # ------------------------------------------------------------ prose

    def sections(self, paragraphs: list[str]) -> tuple[Section, ...]:
        """Headings followed by a paragraph that is one hole; only a report (annex 2) has them."""
        found: list[Section] = []
        filled = [text for text in paragraphs if text.strip()]
        for heading, text in zip(filled, [*filled[1:], ""], strict=True):
            if has_tag(heading):
                continue
            elements = self.elements(segments(text)) if has_tag(text) else ()
            alone = len(elements) == 1 and isinstance(elements[0], Hole)
            found.append(Section(heading, elements[0] if alone else None))  # type: ignore[arg-type]
        if sum(section.hole is not None for section in found) < 2:
            return ()
        while found and found[0].hole is None:
            found.pop(0)
        return tuple(found)


def _gather_boxes(found: list[Element]) -> list[Element]:
    """`事业单位`, box, `  民非组织`, box → one Choices, the option words taken from the literals."""
    out: list[Element] = []
    index = 0
    while index < len(found):
        element = found[index]
        if not (isinstance(element, Hole) and element.tag.filter == "box"):
            out.append(element)
            index += 1
            continue
        index = _gather_group(found, index, out)
    return out


def _gather_group(found: list[Element], index: int, out: list[Element]) -> int:
    first = found[index]
    assert isinstance(first, Hole)
    option = first.tag.arguments[0]
    printed_before = out[-1] if out and isinstance(out[-1], str) else ""
    before = not printed_before.rstrip().endswith(option)
    if not before:
        out[-1] = printed_before.rstrip().removesuffix(option)
    options: list[str] = []
    while index < len(found):
        element = found[index]
        if (
            isinstance(element, Hole)
            and element.tag.filter == "box"
            and element.pointer == first.pointer
        ):
            options.append(element.tag.arguments[0])
            index += 1
            continue
        following = found[index + 1] if index + 1 < len(found) else None
        more = (
            isinstance(following, Hole)
            and following.tag.filter == "box"
            and following.pointer == first.pointer
        )
        if isinstance(element, str) and more:
            index += 1  # the literal holds only the option's word and space between boxes
            continue
        break
    out.append(Choices(first.pointer, first.spec, tuple(options), before))
    if before and index < len(found) and isinstance(found[index], str):
        rest = str(found[index]).strip().removeprefix(options[-1])
        if rest.strip():
            out.append(rest)
        index += 1
    return index


def _label_of(grid: Grid, cell: Cell, labels: dict[tuple[int, int], int]) -> tuple[int | None, int]:
    """The nearest label to the left of a cell and the number of hole cells between them."""
    left = [c for c in grid.row_cells(cell.row) if c.column < cell.column]
    for ordinal, other in enumerate(reversed(left)):
        number = labels.get((other.row, other.column))
        if number is not None:
            return number, ordinal
    return None, 0


def _with_names(labels: list[Label], slots: list[Slot]) -> list[Label]:
    """Labels with the other names of the fields they stand for."""
    names: dict[int, list[str]] = {}
    for slot in slots:
        if slot.label is not None:
            for element in slot.elements:
                if not isinstance(element, str):
                    names.setdefault(slot.label, []).extend(element.spec.labels)
    return [
        Label(label.text, label.row, label.column, tuple(dict.fromkeys(names.get(number, ()))))
        for number, label in enumerate(labels)
    ]

"""A form printed without the rules of its cells: its labels are found by their words, and what
stands beside or below each is its value.

It is laid out as a table of labels and values, and then read as any other form. Where rows are not
surely parted, the values are pointed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from statistics import median

from pipeline.document import Block, Box, Cell, Doubt, Grid, Paragraph, Place, Run
from pipeline.extract import match
from pipeline.extract.placed_labels import SPACE, Mark, Piece, found
from pipeline.extract.placed_rows import Layout
from pipeline.extract.plan import Choices, Plan
from pipeline.extract.typed import FEWEST_LABELS, columns_of

#: A value is of the column whose middle is so much nearer (a share) than that of any other.
_NEARER = 0.6
#: A paragraph begins where a line is set in by this much, or the one before ends so early (in em).
_INDENT, _SHORT = 1.0, 2.5

#: Boxes to tick stand in no other text of a form.
_BOX = re.compile("[□☐☑☒]")
_DOUBT = Doubt(
    "text-mixed", "表格没有框线或框线不全，这里的文字属于哪一项不能完全确定，请对照原件核对。"
)


def labels(plan: Plan, blocks: Sequence[Block]) -> set[str]:
    """The labels of the plan that stand apart from what is around them, as `match.core` has them:
    what they say begins in a column of its own, or on other lines."""
    marks, texts = found(plan, blocks)
    numbers = {m.name.number for m in marks if m.name.number is not None and _is_apart(m, texts)}
    return {match.core(plan.labels[n].text) for n in numbers if n is not None}


def _is_apart(mark: Mark, texts: Sequence[Piece]) -> bool:
    last = mark.pieces[-1]
    em = last.bottom - last.top
    return len(mark.pieces) > 1 or not any(
        abs(piece.middle - last.middle) < 0.4 * em and -em < piece.x0 - last.x1 < SPACE * em
        for piece in texts
    )


def lay(plan: Plan, blocks: Sequence[Block]) -> tuple[Block, ...] | None:
    """The blocks with the form as a table; None unless the labels of one stand in them, without
    the cells of a table around them."""
    marks, texts = found(plan, blocks)
    if len({m.name.number for m in marks if m.name.number is not None}) < FEWEST_LABELS:
        return None
    em = median([piece.bottom - piece.top for mark in marks for piece in mark.pieces])
    above = Layout(marks, texts, em).deal()
    if any(piece.place.table is not None for m in marks for piece in (*m.pieces, *m.said)):
        for mark in marks:  # cells around some values only: what runs across them is cut anywhere
            mark.doubtful = True
    inside = [m for m in marks if m.name.inside]
    outside = [p for m in marks if not m.name.inside for p in (*m.pieces, *m.said)]
    grid = _grid(plan, inside, em)
    return _around(blocks, [*above, *outside], inside, grid, em)


def _around(
    blocks: Sequence[Block], outside: Sequence[Piece], inside: Sequence[Mark], grid: Grid, em: float
) -> tuple[Block, ...]:
    """The form with the blocks before and behind it: those of which nothing went into it as they
    were read, of the others the lines that did not."""
    first = min(piece.block for mark in inside for piece in mark.pieces)
    torn = {piece.block for mark in inside for piece in (*mark.pieces, *mark.said)}
    left: dict[int, list[Piece]] = {}
    for piece in outside:
        left.setdefault(piece.block, []).append(piece)
    parts: list[list[Block]] = [[], []]
    for number, block in enumerate(blocks):
        lines = [_line(line, em) for line in _lines(left.get(number, ()))]
        parts[number > first] += lines if number in torn else [block]
    return (*parts[0], grid, *parts[1])


# ---------------------------------------------------------------- the table


def _grid(plan: Plan, marks: Sequence[Mark], em: float) -> Grid:
    several = _side_by_side([m for m in marks if m.name.number in columns_of(plan)], em)
    boxed = {s.label for s in plan.slots if any(isinstance(e, Choices) for e in s.elements)}
    rows: list[list[tuple[tuple[Paragraph, ...], Place]]] = []
    for mark in sorted(marks, key=lambda mark: (mark.top, mark.x0)):
        number = mark.name.number
        if number is None:
            words = Paragraph.of("".join(piece.text for piece in mark.pieces))
            said, place = _said(mark.said, mark, em)
            rows.append([((words, *said), place)])
            continue
        mark.doubtful |= number not in boxed and any(_BOX.search(p.text) for p in mark.said)
        mark.doubtful |= _is_scattered(mark, em) or any(piece.doubtful for piece in mark.said)
        text = plan.labels[number].text.replace("\n", "")
        label = ((Paragraph.of(text),), mark.pieces[0].place)
        parts = several.get(number, [mark.said])
        rows.append([label, *(_said(part, mark, em) for part in parts)])
    width = max(len(row) for row in rows)
    cells = tuple(
        Cell(at, column, 1, width - column if len(row) == 1 else 1, said, place)
        for at, row in enumerate(rows)
        for column, (said, place) in enumerate(row)
    )
    return Grid(len(rows), width, cells, rows[0][0][1])


def _is_scattered(mark: Mark, em: float) -> bool:
    """Whether a text stands beside its label and below it, too."""
    below = [p.x1 <= mark.x1 + 0.3 * em for p in mark.said]
    return any(below) and not all(below)


def _side_by_side(marks: Sequence[Mark], em: float) -> dict[int, list[list[Piece]]]:
    """The values of the labels with several (one for each year), each in its column: those of the
    first label tell where the columns are. Where they do not fit these, nobody can say whose they
    are."""
    parts = {id(mark): _beside_each_other(mark.said, em) for mark in marks}
    if not marks:
        return {}
    lead = min(marks, key=lambda mark: mark.name.order)
    middles = [_middle(part) for part in parts[id(lead)]]
    found: dict[int, list[list[Piece]]] = {}
    for mark in marks:
        columns: list[list[Piece]] = [[] for _ in middles]
        for part in parts[id(mark)]:
            at = _nearest(middles, _middle(part))
            if at is None or columns[at]:
                mark.doubtful = True
                columns.append(part)
            else:
                columns[at] = part
        if mark.name.number is not None:
            found[mark.name.number] = columns
    return found


def _middle(pieces: Sequence[Piece]) -> float:
    return (min(piece.x0 for piece in pieces) + max(piece.x1 for piece in pieces)) / 2


def _nearest(middles: Sequence[float], at: float) -> int | None:
    """The column that a text stands in: the nearest, unless another is nearly as near."""
    ranked = sorted(range(len(middles)), key=lambda i: abs(middles[i] - at))
    if not ranked:
        return None
    near = [abs(middles[i] - at) for i in ranked[:2]]
    return ranked[0] if len(near) < 2 or near[0] < _NEARER * near[1] else None


def _beside_each_other(pieces: Sequence[Piece], em: float) -> list[list[Piece]]:
    columns: list[list[Piece]] = []
    edge = float("-inf")
    for piece in sorted(pieces, key=lambda piece: piece.x0):
        if piece.x0 > edge + 2.0 * em or not columns:
            columns.append([])
        columns[-1].append(piece)
        edge = max(edge, piece.x1)
    return columns


def _said(pieces: Sequence[Piece], mark: Mark, em: float) -> tuple[tuple[Paragraph, ...], Place]:
    if not pieces:
        return (), mark.pieces[0].place
    lines = _lines(pieces)
    place = _place([piece for line in lines for piece in line])
    if mark.doubtful:
        place = place.doubting(_DOUBT)
    left, right = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
    paragraphs: list[list[Run]] = []
    last: list[Piece] | None = None
    for line in lines:
        runs = _runs(line, em)
        ends = last is not None and last[-1].x1 < right - _SHORT * em
        set_in = line[0].x0 > left + _INDENT * em
        if last is None or ends or (set_in and last[0].x0 < left + _INDENT * em):
            paragraphs.append(runs)
        else:
            if _needs_space(paragraphs[-1][-1].text, runs[0].text):
                paragraphs[-1].append(Run(" "))
            paragraphs[-1] += runs
        last = line
    return tuple(Paragraph(tuple(runs), place) for runs in paragraphs), place


def _needs_space(before: str, after: str) -> bool:
    """Whether a line ended between two words written in letters, and not within an address."""
    word = re.search(r"\S*$", before)
    return bool(
        re.search(r"[A-Za-z,.]$", before)
        and re.match(r"[A-Za-z]", after)
        and not re.search(r"[@/]|\.\w|^www", word[0] if word else "")
    )


def _lines(pieces: Iterable[Piece]) -> list[list[Piece]]:
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        em = piece.bottom - piece.top
        if lines and abs(piece.middle - lines[-1][0].middle) < 0.4 * em:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda piece: piece.x0) for line in lines]


def _runs(line: Sequence[Piece], em: float) -> list[Run]:
    runs: list[Run] = []
    for before, piece in zip([None, *line], line, strict=False):
        if before is not None and piece.x0 - before.x1 > 0.3 * em:
            runs.append(Run(" " * max(1, round((piece.x0 - before.x1) / em))))
        runs += piece.runs
    return runs


def _line(line: Sequence[Piece], em: float) -> Paragraph:
    return Paragraph(tuple(_runs(line, em)), _place(line))


def _place(pieces: Sequence[Piece]) -> Place:
    """Where pieces stand, on the page of the first."""
    first = pieces[0].place
    boxes = [p.place.box for p in pieces if p.page == pieces[0].page and p.place.box]
    box = Box(
        min(b.x0 for b in boxes), min(b.top for b in boxes),
        max(b.x1 for b in boxes), max(b.bottom for b in boxes),
    )  # fmt: skip
    return first._replace(box=box, confidence=min(p.place.confidence for p in pieces))

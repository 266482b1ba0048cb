"""A form typed as running text instead of a table: `机构名称：…`, a label a line or several.

It is laid out again as a table of labels and values, and then read as any other form.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

from pipeline.document import Block, Cell, Grid, Paragraph, Place, Run
from pipeline.extract import match
from pipeline.extract.beside import label_pattern
from pipeline.extract.chunks import slice_runs
from pipeline.extract.plan import Hole, Label, Plan, Slot

#: Fewer labels with their values in running text are no form.
FEWEST_LABELS = 5

#: Characters of a label that may stand on a line without a colon.
_SHORTEST_ALONE, LONGEST_LABEL = 4, 40

#: Lines overlap by no more than this, in points.
_SAME_LINE = 3.0

#: A label of so many characters may be in other words, if it is so near to its own (0–1).
SHORTEST_CLOSE, CLOSE = 6, 0.8
_ANY_LABEL = re.compile(r"[^：:\s，,；;。□☑]{6,24}[：:]")

_NUMBERED = r"\s*(?:[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[）)、.．]\s*)?"
#: What may stand before a label within a line, and a box that the one before was to tick.
_APART = re.compile(r"[\s\u3000；;，,。、□☐☑☒■○●√✓✔]")
_YEAR = re.compile(r"\s*(20\d\d\s*年(?:度)?)\s*[：:，,、]?")
_COLUMNS = re.compile(r"[ \t\u3000]{2,}|\t|[；;]")


@dataclass(slots=True)
class _Entry:
    """A label and the paragraphs of its value; `label` None: a cell of printed words and holes."""

    label: int | None
    said: list[Paragraph] = field(default_factory=list)


@dataclass(frozen=True)
class Laid:
    """The blocks with the typed form as a table, and the labels (by number) whose long text holds
    what reads like another label: where it ends is not sure."""

    blocks: tuple[Block, ...]
    doubtful: tuple[int, ...] = ()


def lay(plan: Plan, blocks: Sequence[Block]) -> Laid:
    """The blocks as they are, unless a form stands in their paragraphs."""
    own = tuple(blocks)
    blocks = _by_labels(plan, blocks)
    reader = _Reader(plan, blocks)
    taken = [
        isinstance(block, Paragraph) and reader.feed(at, block) for at, block in enumerate(blocks)
    ]
    if len({e.label for e in reader.entries if e.label is not None}) < FEWEST_LABELS:
        return Laid(own)
    at = taken.index(True)
    rest = [block for block, gone in zip(blocks, taken, strict=True) if not gone]
    grid = _grid(plan, reader)
    return Laid((*rest[:at], grid, *rest[at:]), tuple(sorted(reader.doubtful)))


def lay_rest(plan: Plan, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks of a form in cells; labels that the cells do not have, in lines below them
    (推荐单位意见：同意推荐。), are laid as a table of their own."""
    own = tuple(blocks)
    grids = [at for at, block in enumerate(own) if isinstance(block, Grid)]
    below = own[grids[-1] + 1 :] if grids else ()
    reader = _Reader(plan, below)
    taken = [
        isinstance(block, Paragraph) and reader.feed(at, block) for at, block in enumerate(below)
    ]
    found = {entry.label for entry in reader.entries}
    if not found or reader.columns or any(n is None or n in _in_cells(plan, own) for n in found):
        return own
    rest = [block for block, gone in zip(below, taken, strict=True) if not gone]
    return (*own[: grids[-1] + 1], _grid(plan, reader), *rest)


def _in_cells(plan: Plan, blocks: Sequence[Block]) -> set[int]:
    """The labels that some cell begins with."""
    said = {
        match.core(c.text.split("\n")[0]) for b in blocks if isinstance(b, Grid) for c in b.cells
    }
    said |= {match.core(c.text) for b in blocks if isinstance(b, Grid) for c in b.cells}
    return {
        number
        for number, label in enumerate(plan.labels)
        if any(text.startswith(match.core(way)) for way in label.ways for text in said if text)
    }


def has_cells(plan: Plan, blocks: Sequence[Block]) -> bool:
    """Whether the labels of the form stand in the cells of a table."""
    return _table_labels(plan, blocks) >= FEWEST_LABELS


def labels(plan: Plan, blocks: Sequence[Block]) -> set[str]:
    """The labels of the plan that stand in running text with a colon, as `match.core` has them."""
    blocks = _by_labels(plan, blocks)
    reader = _Reader(plan, blocks)
    for at, block in enumerate(blocks):
        if isinstance(block, Paragraph):
            reader.feed(at, block)
    return {match.core(plan.labels[e.label].text) for e in reader.entries if e.label is not None}


def _table_labels(plan: Plan, blocks: Sequence[Block]) -> int:
    columns = columns_of(plan)  # years may stand in a table below a form that does not
    labels = (label for n, label in enumerate(plan.labels) if n not in columns)
    known = {match.core(way) for label in labels for way in label.ways}
    cells = (cell for b in blocks if isinstance(b, Grid) for cell in b.cells)
    return sum(match.core(cell.text) in known for cell in cells if len(cell.text) < 40)


class _Reader:
    """Paragraph after paragraph: each label found begins an entry, what follows continues it."""

    def __init__(self, plan: Plan, blocks: Sequence[Block]) -> None:
        self._plan = plan
        self._labels = _labels_of(plan)
        self._alone = {
            _words(name): number
            for number, label in reversed(list(enumerate(plan.labels)))
            for name in (*label.names, label.text)
            if len(_words(name)) >= _SHORTEST_ALONE
        }
        self._columns = columns_of(plan)
        self._long = of_long_text(plan)
        self._loose = [slot for slot in plan.slots if slot.label is None]
        self._ends = _line_labels(plan)
        self._current: _Entry | None = None
        self._used: set[int] = set()
        self.entries: list[_Entry] = []
        self.columns: dict[int, list[str]] = {}
        self.doubtful: set[int] = set()
        self._sections = self._find_sections(blocks)

    def feed(self, at: int, paragraph: Paragraph) -> bool:
        """Takes the paragraph of block number `at` in; False if it is no part of the form."""
        text = paragraph.text
        section = self._sections.get(at)
        if section is None and self._current is not None and self._current.label in self._long:
            if not (self._sections_are_over(at) and self._yearly(text)):
                self._current.said.append(paragraph)
            return True
        if self._yearly(text):
            return True
        hits = list(self._hits(text, section))
        if hits:
            self._open(paragraph, hits)
            return True
        if any(end.match(text) for end in self._ends):
            self._current = None
            return False
        if any(_begins(slot, text) for slot in self._loose):
            self._begin(_Entry(None))
        if self._current is None:
            return False
        self._current.said.append(paragraph)
        return True

    # ------------------------------------------------------------ long texts and what ends them

    def _find_sections(self, blocks: Sequence[Block]) -> dict[int, int]:
        """Block number → label, for the long texts and the labels printed behind them. A text may
        hold the words of a label; so from the last one up each label is the last of its words
        above the next, and where there are more of them the text before is doubtful."""
        first = min(self._long, default=len(self._plan.labels))
        wanted = [n for n in range(first, len(self._plan.labels)) if n not in self._columns]
        stands: dict[int, list[int]] = {number: [] for number in wanted}
        for at, block in enumerate(blocks):
            if isinstance(block, Paragraph):
                found = self._first(block.text)
                if found is not None and found[0] in stands:
                    stands[found[0]].append(at)
        chosen: dict[int, int] = {}
        below = len(blocks)
        for number in reversed(wanted):
            above = [at for at in stands[number] if at < below]
            if above or stands[number]:
                below = (above or stands[number])[-1]
                chosen[below] = number
        for number in wanted:
            if len(stands[number]) > 1:
                self._doubt(min(stands[number]), max(stands[number]), chosen)
        return chosen

    def _doubt(self, first: int, last: int, chosen: dict[int, int]) -> None:
        """The long texts from the one that a label stands in first to the one it stands in last."""
        before = [at for at in chosen if at < first]
        held = {chosen[at] for at in chosen if max(before, default=first) <= at <= last}
        self.doubtful |= held

    def _sections_are_over(self, at: int) -> bool:
        return all(other < at or label in self._long for other, label in self._sections.items())

    # ------------------------------------------------------------ labels

    def _hits(self, text: str, section: int | None) -> Iterator[tuple[int, int, int]]:
        """Label number, start and end of each label of a line; the first stands at its start."""
        found = self._first(text)
        within = self._within(text)
        seen: set[int] = set()
        while found:
            label, start, end = found
            number = section if not seen and section is not None else self._free(label, seen)
            if number is not None:
                seen.add(number)
                yield number, start, end
            elif not seen:
                return
            found = next(((n, at, to) for at, n, to in within if at > end), None)

    def _within(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Start, label number and end of each label that may begin behind another, in their order:
        it stands apart from what is before it, or is long."""
        found = [(hit.start(), number_of(hit), hit.end()) for hit in self._labels.finditer(text)]
        for hit in _ANY_LABEL.finditer(text):
            close = self._close(text, hit.start())
            if close is not None:
                found.append((close[1], close[0], close[2]))
        for start, number, end in sorted(found):
            apart = start > 0 and _APART.match(text[start - 1])
            if apart or len(_words(text[start:end])) >= _SHORTEST_ALONE:
                yield start, number, end

    def _close(self, text: str, at: int) -> tuple[int, int, int] | None:
        """A long label in other words, that its colon ends."""
        hit = _ANY_LABEL.match(text, at)
        if hit is not None:
            rated = [
                (match.best_likeness(label.ways, hit[0]), number)
                for number, label in enumerate(self._plan.labels)
                if len(match.core(label.text)) >= SHORTEST_CLOSE
            ]
            likeness, number = max(rated, default=(0.0, 0))
            if likeness >= CLOSE:
                return number, hit.start(), hit.end()
        return None

    def _first(self, text: str) -> tuple[int, int, int] | None:
        """The label that a line begins with, or is."""
        alone = self._alone.get(_words(text)) if len(text) <= LONGEST_LABEL else None
        if alone is not None:
            return alone, 0, len(text)
        if "：" not in text and ":" not in text:
            return None
        hit = self._labels.match(text, _start(text))
        if hit:
            return number_of(hit), hit.start(), hit.end()
        return self._close(text, _start(text))

    def _free(self, number: int, seen: set[int]) -> int | None:
        """Of labels that read the same the next one not yet found."""
        own = match.core(self._plan.labels[number].text)
        alike = [n for n, x in enumerate(self._plan.labels) if match.core(x.text) == own]
        kept = set(self._sections.values())
        free = [
            n
            for n in (alike if number in alike else [number])
            if (n not in self._used or n in self._columns) and n not in seen and n not in kept
        ]
        last = self._current.label if self._current else None
        later = [n for n in free if last is None or n > last]
        return next(iter(later or free), None)

    def _open(self, paragraph: Paragraph, hits: list[tuple[int, int, int]]) -> None:
        ends = [start for _, start, _ in hits[1:]] + [len(paragraph.text)]
        for (number, _, after), end in zip(hits, ends, strict=True):
            if number in self._columns:
                said = paragraph.text[after:end].strip(" \t\u3000，,；;。")
                values = [part.strip() for part in _COLUMNS.split(said) if part.strip()]
                self.columns.setdefault(number, []).extend(values)
                self._current = None
                self._used.add(number)
                continue
            self._begin(_Entry(number))
            value = _part(paragraph, after, end)
            if value.text.strip() and self._current is not None:
                self._current.said.append(value)

    def _begin(self, entry: _Entry) -> None:
        if entry.label is not None:
            self._used.add(entry.label)
        self.entries.append(entry)
        self._current = entry

    # ------------------------------------------------------------ one column of each year

    def _yearly(self, text: str) -> bool:
        """`2023年：服务收入560万元，服务利润62万元，…`: the values of one year in a line."""
        year = _YEAR.match(text)
        if year is None or not self._columns:
            return False
        lead, *others = sorted(self._columns)
        found = {number: self._value_in(text[year.end() :], number) for number in others}
        if sum(value is not None for value in found.values()) < 2:
            return False
        self.columns.setdefault(lead, []).append(year[1])
        for number, value in found.items():
            self.columns.setdefault(number, []).append(value or "")
        self._current = None
        return True

    def _value_in(self, text: str, number: int) -> str | None:
        label = self._plan.labels[number]
        for name in label.ways:
            bare = re.sub(r"[（(].*", "", name, flags=re.DOTALL)
            hit = re.search(
                match.loosely(bare).pattern
                + r"\s*(?:[（(][^（）()]{0,8}[）)])?\s*(?:[：:]|为)?\s*((?:[^，,；;。\s]|[，,](?=\d{3}))+)",
                text,
            )
            if hit:
                return hit[1]
        return None


#: A label in a frame instead of before a colon: 【机构名称】.
_FRAMED = re.compile(r"\s*[【\[［〔]([^【】\[\]［］〔〕\n]{2,30})[】\]］〕]\s*+[：:]?\s*")


def _unframed(plan: Plan, paragraph: Paragraph) -> Paragraph:
    """A line that begins with a label in a frame, with its colon."""
    hit = _FRAMED.match(paragraph.text)
    if hit is None or match.core(hit[1]) not in _names(plan):
        return paragraph
    said = slice_runs(paragraph.runs, hit.end(), len(paragraph.text))
    return replace(paragraph, runs=(Run(f"{hit[1]}："), *said))


def _beginning_holes(plan: Plan) -> re.Pattern[str]:
    """The first words of the holes that share a cell, set apart from what is before in their line."""
    words = [w for slot in plan.slots if slot.label is None for w in slot.literals[:1]]
    names = [match.loosely(name).pattern for w in words for name in match.anchor_words(w)[:1]]
    return re.compile(rf"(?:(?<=[ \u3000]{{2}})|(?<=\t))(?:{'|'.join(names) or '(?!)'})\s*[：:]")


def _at_holes(holes: re.Pattern[str], block: Block) -> Iterator[Block]:
    """A paragraph parted before each such hole."""
    edges = [0]
    if isinstance(block, Paragraph) and not block.phrases:
        edges += [hit.start() for hit in holes.finditer(block.text)]
    if len(edges) == 1 or not isinstance(block, Paragraph):
        yield block
        return
    yield from (_part(block, *edge) for edge in pairwise([*edges, len(block.text)]))


def _names(plan: Plan) -> set[str]:
    """The labels, and the printed words before holes that share a cell, as `match.core` has them."""
    loose = (literal for slot in plan.slots if slot.label is None for literal in slot.literals)
    words = (word for literal in loose for word in match.anchor_words(literal))
    return {match.core(way) for label in plan.labels for way in label.ways} | set(
        map(match.core, words)
    )


def _by_labels(plan: Plan, blocks: Sequence[Block]) -> list[Block]:
    """The blocks, labels in frames with their colons, and paragraphs parted where a printed line
    begins with a label: a line before it that is full to its end looks as if the text went on."""
    found: list[Block] = []
    holes = _beginning_holes(plan)
    apart = (p for block in blocks for p in _at_holes(holes, block))
    for block in apart:
        if isinstance(block, Paragraph):
            block = _unframed(plan, block)
        if isinstance(block, Paragraph) and block.phrases:
            found += _parted(block, _labels_of(plan))
        else:
            found.append(block)
    return found


def _parted(paragraph: Paragraph, labels: re.Pattern[str]) -> Iterator[Paragraph]:
    text, start, at = paragraph.text, 0, 0
    for before, phrase in pairwise(paragraph.phrases):
        at = max(text.find(phrase.text, at), at)
        begins = phrase.page != before.page or phrase.box.top > before.box.bottom - _SAME_LINE
        if begins and at > start and labels.match(phrase.text, _start(phrase.text)):
            yield replace(_part(paragraph, start, at), number=paragraph.number if not start else "")
            start = at
    yield _part(paragraph, start, len(text)) if start else paragraph


def _labels_of(plan: Plan) -> re.Pattern[str]:
    return one_of(tuple((x, n) for n, lab in enumerate(plan.labels) for x in lab.ways))


@cache
def one_of(names: tuple[tuple[str, int], ...]) -> re.Pattern[str]:
    """Any of the labels with its colon, the longest first; the group tells its number."""
    longest = sorted(names, key=lambda name: -len(match.fold(name[0])))
    return re.compile(
        "|".join(f"(?P<n{n}_{i}>{label_pattern(x)})" for i, (x, n) in enumerate(longest))
    )


def number_of(hit: re.Match[str]) -> int:
    """The number of the label that `one_of` has found."""
    return int(str(hit.lastgroup)[1:].split("_")[0])


def _words(label: str) -> str:
    """A label without its bracketed unit or hint."""
    return match.fold(re.sub(r"[（(][^（）()]*[）)]", "", label))


def _start(text: str) -> int:
    numbered = re.match(_NUMBERED, text)
    return numbered.end() if numbered else 0


def columns_of(plan: Plan) -> set[int]:
    """Labels with a value for each of several columns (each year)."""
    counts = Counter(slot.label for slot in plan.slots if slot.label is not None)
    return {number for number, count in counts.items() if count > 1}


def of_long_text(plan: Plan) -> set[int]:
    """Labels with a text of several lines."""
    return {
        slot.label
        for slot in plan.slots
        if slot.label is not None
        and any(isinstance(e, Hole) and e.spec.kind == "text" for e in slot.elements)
    }


def _line_labels(plan: Plan) -> list[re.Pattern[str]]:
    """What the lines outside the table begin with: no value goes on behind them."""
    words = [line.elements[0] for line in plan.lines if isinstance(line.elements[0], str)]
    return [re.compile(rf"\s*{label_pattern(str(word))}") for word in words]


def _begins(slot: Slot, text: str) -> bool:
    words = [word for literal in slot.literals[:1] for word in match.anchor_words(literal)]
    return bool(words) and match.loosely(words[0]).match(text, _start(text)) is not None


def _part(paragraph: Paragraph, start: int, end: int) -> Paragraph:
    return replace(paragraph, runs=slice_runs(paragraph.runs, start, end), number="")


# ---------------------------------------------------------------- the table


def _grid(plan: Plan, reader: _Reader) -> Grid:
    rows: list[list[tuple[Paragraph, ...]]] = []
    for entry in reader.entries:
        said = tuple(entry.said)
        rows.append([said] if entry.label is None else [_label(plan.labels[entry.label]), said])
    for number in sorted(reader.columns):
        values = [(Paragraph.of(text),) for text in reader.columns[number]]
        rows.append([_label(plan.labels[number]), *values])
    width = max(len(row) for row in rows)
    first = next((e.said[0].place for e in reader.entries if e.said), Paragraph().place)
    cells = tuple(
        Cell(at, column, 1, width - column if len(row) == 1 else 1, said, _place(said, first))
        for at, row in enumerate(rows)
        for column, said in enumerate(row)
    )
    return Grid(len(rows), width, cells, first)


def _label(label: Label) -> tuple[Paragraph, ...]:
    return (Paragraph.of(label.text.replace("\n", "")),)


def _place(said: Sequence[Paragraph], otherwise: Place) -> Place:
    return said[0].place if said else otherwise

"""The list of habits, each a small function that does to a clean case what people do.

A function changes the case it is given, which is made anew from a seed each time: the same name,
annex, format and number always give the same bytes and the same truth.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from ..case import Case, new
from ..layout import Style

Change = Callable[[Case], None]


@dataclass(frozen=True)
class Habit:
    """`annexes`, `forms`: where people have it; `paper`: it survives printing, so PDF is made of
    it too; `count`: documents for each annex and format; `right`: the least share of fields that
    has to be right; `counts`: sizes of the tables."""

    name: str
    note: str
    change: Change
    annexes: str
    forms: tuple[str, ...]
    paper: bool
    count: int
    right: float
    style: Style | None
    counts: dict[str, int]

    def cases(self, form: str, limit: int = 0) -> Iterator[tuple[str, int, Case]]:
        """(annex, number, case) for every document of this habit in a format."""
        if form not in self.forms:
            return
        for annex in self.annexes:
            if form == "xlsx" and annex in "25":
                continue
            for number in range(min(limit or self.count, self.count)):
                seed = zlib.crc32(f"{self.name}/{annex}/{form}/{number}".encode())
                yield annex, number, self.make(annex, form, Random(seed))

    def sample(self, form: str) -> Iterator[Case]:
        """One document of a format (of a clean habit one for each annex), for the fast part."""
        if form in self.forms:
            usual = [annex for annex in self.annexes if form == "docx" or annex not in "25"]
            if not self.name.startswith("clean"):
                usual = (
                    [usual[zlib.crc32(f"{self.name}/{form}".encode()) % len(usual)]]
                    if usual
                    else []
                )
            for annex in usual:
                yield self.make(
                    annex, form, Random(zlib.crc32(f"{self.name}/{annex}/{form}/0".encode()))
                )

    def make(self, annex: str, form: str, rng: Random) -> Case:
        case = new(annex, form, rng, self.style, **self.counts)
        self.change(case)
        return case


HABITS: dict[str, Habit] = {}


def habit(
    name: str, note: str, annexes: str = "1346", forms: str = "docx xlsx", *, paper: bool = True, count: int = 2,
    right: float = 1.0, style: Style | None = None, **counts: int,
) -> Callable[[Change], Change]:  # fmt: skip
    """Enter a function in the list. Its name for people is `name`, its line in the README `note`."""

    def enter(change: Change) -> Change:
        if name in HABITS:
            raise ValueError(f"two habits named {name}")
        HABITS[name] = Habit(
            name, note, change, annexes, tuple(forms.split()), paper, count, right, style, counts
        )
        return change

    return enter

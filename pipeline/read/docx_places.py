"""Where the places of a Word document are in its mark-up: for whoever writes something there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal

from pipeline.document import Block, Cell, Frame, Place
from pipeline.read.docx import Story
from pipeline.read.docx_names import BODY, TC, P
from pipeline.read.docx_styles import Styles
from pipeline.read.docx_tables import RawRow
from pipeline.read.ooxml import Element, Package, child, open_package

#: `tc` (a cell) or `p` (a paragraph), and its number among all of that kind in the main part, from 0.
Spot = tuple[Literal["tc", "p"], int]


def locate(path: Path, name: str, wanted: Collection[Place]) -> dict[Place, Spot]:
    """The element of each of the places, as reading the document gave them; those that are found."""
    with open_package(path, name) as package:
        part = package.main_part("word/document.xml")
        root = package.required(part)
        walk = _Walk(package, part, Styles(package, part))
        body = child(root, BODY)
        walk.blocks(root if body is None else body)
        numbers = {tag: {e: n for n, e in enumerate(root.iter(tag))} for tag in (TC, P)}
        found: dict[Place, Spot] = {}
        for place in wanted:
            element = walk.elements.get(_key(place))
            if element is not None and element.tag in numbers:
                found[place] = ("tc" if element.tag == TC else "p", numbers[element.tag][element])
        return found


def _key(place: Place) -> tuple[int | None, ...]:
    return place.table, place.row, place.column, place.paragraph


class _Walk(Story):
    """The reader's own way through the document, noting which element each place is."""

    def __init__(self, package: Package, part: str, styles: Styles) -> None:
        super().__init__(package, part, styles)
        self.elements: dict[tuple[int | None, ...], Element] = {}
        self._current: Element | None = None

    def _block_elements(self, container: Element) -> Iterator[Element]:
        for element in super()._block_elements(container):
            self._current = element
            yield element

    def _next_place(self) -> Place:
        place = super()._next_place()
        if self._current is not None:
            self.elements[_key(place)] = self._current
        return place

    def _row_cells(self, row: RawRow, at: int, frame: Frame, nested: list[Block]) -> list[Cell]:
        for raw in row.cells:
            if raw.element is not None:
                self.elements[_key(frame.at(at, raw.start))] = raw.element
        return super()._row_cells(row, at, frame, nested)

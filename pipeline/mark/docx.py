"""Word: a comment over the cell or paragraph, and a light colour behind it.

Source: ECMA-376 part 1, 17.13.4 (comments), 17.4.66 and 17.3.1.26 (order of properties).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lxml import etree

from pipeline.document import Place
from pipeline.mark import AUTHOR, COLOUR, INITIALS, Mark, Spot
from pipeline.mark.parts import Element, Parts, opened

_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

#: What stands before the shading among the properties of a cell, and of a paragraph.
_BEFORE = {
    "tc": ("cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders"),
    "p": (
        "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr",
        "suppressLineNumbers", "pBdr",
    ),
}  # fmt: skip


def mark(path: Path, marks: Sequence[Mark], spots: Mapping[Place, Spot]) -> bytes:
    with opened(path) as parts:
        _Marker(parts).mark(marks, spots)
        return parts.packed()


class _Marker:
    """A document being marked."""

    def __init__(self, parts: Parts) -> None:
        main = parts.main()
        self._root = parts.tree(main)
        self._space = etree.QName(self._root).namespace
        self._comments = self._comments_of(parts, main)
        numbers = [int(c.get(self._w("id"), "0")) for c in self._comments]
        self._next = max([*numbers, 0]) + 1

    def mark(self, marks: Sequence[Mark], spots: Mapping[Place, Spot]) -> None:
        every = {kind: list(self._root.iter(self._w(kind))) for kind in ("tc", "p")}
        # Before anything is added, for added paragraphs would count.
        placed = [(mark, _element(mark, spots, every)) for mark in marks]
        for one, element in placed:
            if element is not None:
                self._colour(element)
                self._comment(list(element.iter(self._w("p"))), one.text)
        rest = [one.text for one, element in placed if element is None]
        if rest:
            self._comment(every["p"][:1], "\n".join(rest))

    def _w(self, name: str) -> str:
        return f"{{{self._space}}}{name}"

    def _comments_of(self, parts: Parts, main: str) -> Element:
        name = parts.linked(main, "comments")
        if name is None or name not in parts:
            name = parts.free_name("word/comments{}.xml")
            parts.put(name, etree.Element(self._w("comments"), nsmap={"w": self._space}))
            parts.link(main, "comments", name)
            parts.declare(name, _TYPE)
        return parts.tree(name)

    def _comment(self, paragraphs: Sequence[Element], text: str) -> None:
        """A comment over paragraphs; without any there is nowhere to put it."""
        if not paragraphs:
            return
        number, self._next = str(self._next), self._next + 1
        first, last = paragraphs[0], paragraphs[-1]
        start = etree.Element(self._w("commentRangeStart"), {self._w("id"): number})
        first.insert(_behind(first, self._w("pPr")), start)
        last.append(etree.Element(self._w("commentRangeEnd"), {self._w("id"): number}))
        run = etree.SubElement(last, self._w("r"))
        etree.SubElement(run, self._w("commentReference"), {self._w("id"): number})
        comment = etree.SubElement(
            self._comments, self._w("comment"),
            {self._w("id"): number, self._w("author"): AUTHOR, self._w("initials"): INITIALS},
        )  # fmt: skip
        for line in text.split("\n"):
            run = etree.SubElement(etree.SubElement(comment, self._w("p")), self._w("r"))
            said = etree.SubElement(run, self._w("t"), {_XML_SPACE: "preserve"})
            said.text = line

    def _colour(self, element: Element) -> None:
        kind = etree.QName(element).localname
        properties = element.find(self._w(f"{kind}Pr"))
        if properties is None:
            properties = etree.Element(self._w(f"{kind}Pr"))
            element.insert(0, properties)
        for old in properties.findall(self._w("shd")):
            properties.remove(old)
        before = {self._w(name) for name in _BEFORE[kind]}
        at = max((n + 1 for n, e in enumerate(properties) if e.tag in before), default=0)
        colour = {"val": "clear", "color": "auto", "fill": COLOUR}
        properties.insert(
            at, etree.Element(self._w("shd"), {self._w(k): v for k, v in colour.items()})
        )


def _element(
    mark: Mark, spots: Mapping[Place, Spot], every: Mapping[str, Sequence[Element]]
) -> Element | None:
    spot = spots.get(mark.place) if mark.place else None
    if spot is None or spot[1] >= len(every[spot[0]]):
        return None
    return every[spot[0]][spot[1]]


def _behind(element: Element, tag: str) -> int:
    return 1 if len(element) and element[0].tag == tag else 0

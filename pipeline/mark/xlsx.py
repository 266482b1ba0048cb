"""Workbooks: a note on the cell, and a light colour in it.

The XML is changed, not the workbook loaded and saved: so the values that formulas have shown, pictures
and whatever else a program has put there stay. Source: ECMA-376 part 1, 18.7 (comments), 18.3.1.99
(order of a worksheet's children); part 4, 14 and 19.4 (VML, in which a note has its box).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lxml import etree

from pipeline.document import Place, column_letters
from pipeline.errors import UnreadableError
from pipeline.mark import AUTHOR, COLOUR, Mark, Spot
from pipeline.mark.parts import STRICT, Element, Parts, opened

_COMMENTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_R_ID = f"{{{STRICT}officeDocument/relationships}}id"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

#: What stands behind the reference to the notes' boxes among the children of a worksheet.
_BEHIND = ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
           "tableParts", "extLst")  # fmt: skip

_EMPTY_DRAWING = """<xml xmlns:v="urn:schemas-microsoft-com:vml" \
xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">\
<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">\
<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>"""
#: The box of a note, folded away. Anchor: column, pixels, row, pixels of its corners.
_SHAPE = """<v:shape xmlns:v="urn:schemas-microsoft-com:vml" \
xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel" \
id={id} type="#_x0000_t202" style="position:absolute;width:240pt;height:{height}pt;z-index:1;\
visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:path \
o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note">\
<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 15, {top}, 4, {right}, 15, {bottom}, 4</x:Anchor>\
<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"""


def mark(path: Path, marks: Sequence[Mark], _: Mapping[Place, Spot]) -> bytes:
    with opened(path) as parts:
        book = _Book(parts)
        for one in marks:
            book.mark(one)
        book.draw()
        return parts.packed()


class _Book:
    """A workbook being marked."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        main = parts.main()
        root = parts.tree(main)
        space = etree.QName(root).namespace
        targets = {i: target for kind, target, i in parts.links(main) if kind == "worksheet"}
        listed = [
            (item.get("name", ""), targets.get(item.get(_R_ID) or item.get(_STRICT_R_ID) or ""))
            for item in root.iterfind(f"{{{space}}}sheets/{{{space}}}sheet")
        ]
        self._names = {name: target for name, target in listed if target}
        styles = parts.linked(main, "styles")
        self._styles = _Styles(parts.tree(styles)) if styles and styles in parts else None
        self._sheets: dict[str, _Sheet] = {}

    def mark(self, one: Mark) -> None:
        """A note and a colour at the place; at the first cell what has none."""
        place = one.place or Place()
        name = place.sheet if place.sheet in self._names else next(iter(self._names))
        if name not in self._sheets:
            self._sheets[name] = _Sheet(self._parts, self._names[name])
        sheet = self._sheets[name]
        if place.row and place.column and place.sheet == name:
            if self._styles:
                cell = sheet.cell(place.row, place.column)
                cell.set("s", self._styles.coloured(int(cell.get("s", "0"))))
            sheet.note(place.row, place.column, one.text)
        else:
            sheet.note(1, 1, one.text)

    def draw(self) -> None:
        """The boxes of all notes."""
        for sheet in self._sheets.values():
            sheet.draw()


class _Styles:
    """The styles of cells, to which coloured twins are added."""

    def __init__(self, root: Element) -> None:
        self._space = etree.QName(root).namespace
        fills, formats = root.find(self._m("fills")), root.find(self._m("cellXfs"))
        if fills is None or formats is None:
            raise UnreadableError("文件的样式部分不完整，不能加标注。", remedy="问题见核对报告。")
        self._formats = formats
        self._fill = str(len(fills))
        pattern = etree.SubElement(
            etree.SubElement(fills, self._m("fill")), self._m("patternFill"), patternType="solid"
        )
        etree.SubElement(pattern, self._m("fgColor"), rgb=f"FF{COLOUR}")
        etree.SubElement(pattern, self._m("bgColor"), indexed="64")
        fills.set("count", str(len(fills)))
        self._twins: dict[int, str] = {}

    def _m(self, name: str) -> str:
        return f"{{{self._space}}}{name}"

    def coloured(self, style: int) -> str:
        """The number of the style that is like another but for the colour."""
        if style not in self._twins:
            twin = deepcopy(self._formats[style])
            twin.set("fillId", self._fill)
            twin.set("applyFill", "1")
            self._formats.append(twin)
            self._formats.set("count", str(len(self._formats)))
            self._twins[style] = str(len(self._formats) - 1)
        return self._twins[style]


class _Sheet:
    """A worksheet being marked."""

    def __init__(self, parts: Parts, part: str) -> None:
        self._parts, self._part = parts, part
        self._root = parts.tree(part)
        self._space = etree.QName(self._root).namespace
        data = self._root.find(self._m("sheetData"))
        if data is None:
            raise UnreadableError("工作表不完整，不能加标注。", remedy="问题见核对报告。")
        self._data = data
        self._rows = dict(_numbered(data, self._m("row"), _row_number))
        self._comments = self._comments_part()
        listed = self._comments.find(self._m("commentList"))
        self._list = (
            etree.SubElement(self._comments, self._m("commentList")) if listed is None else listed
        )
        self._notes = {note.get("ref"): note for note in self._list}
        self._new: list[tuple[int, int, str]] = []

    def _m(self, name: str) -> str:
        return f"{{{self._space}}}{name}"

    def cell(self, row: int, column: int) -> Element:
        """The cell; an empty one is made where there is none."""
        line = self._rows.get(row)
        if line is None:
            line = etree.Element(self._m("row"), r=str(row))
            _insert(self._data, line, [n < row for n, _ in self._rows.items()])
            self._rows[row] = line
            self._rows = dict(sorted(self._rows.items()))
        cells = dict(_numbered(line, self._m("c"), _column_number))
        if column not in cells:
            line.attrib.pop("spans", "")
            new = etree.Element(self._m("c"), r=f"{column_letters(column)}{row}")
            _insert(line, new, [n < column for n in cells])
            return new
        return cells[column]

    def note(self, row: int, column: int, text: str) -> None:
        """A note on a cell; behind what an older one says."""
        reference = f"{column_letters(column)}{row}"
        old = self._notes.get(reference)
        if old is not None:
            said = old.find(self._m("text"))
            self._say(etree.SubElement(old, self._m("text")) if said is None else said, f"\n{text}")
            return
        new = etree.SubElement(
            self._list, self._m("comment"), ref=reference, authorId=self._author()
        )
        self._notes[reference] = new
        self._say(etree.SubElement(new, self._m("text")), text)
        self._new.append((row, column, text))

    def _say(self, into: Element, text: str) -> None:
        for alone in into.findall(self._m("t")):  # plain text stands alone, or in runs
            run = etree.Element(self._m("r"))
            into.replace(alone, run)
            run.append(alone)
        said = etree.SubElement(etree.SubElement(into, self._m("r")), self._m("t"))
        said.set(_XML_SPACE, "preserve")
        said.text = text

    def _author(self) -> str:
        authors = self._comments.find(self._m("authors"))
        if authors is None:
            authors = etree.Element(self._m("authors"))
            self._comments.insert(0, authors)
        names = [author.text for author in authors]
        if AUTHOR not in names:
            etree.SubElement(authors, self._m("author")).text = AUTHOR
            names.append(AUTHOR)
        return str(names.index(AUTHOR))

    def draw(self) -> None:
        """The boxes of the new notes, without which no program shows them."""
        if not self._new:
            return
        name = self._drawing_part()
        content = self._parts.content(name)
        head, end, tail = content.rpartition(b"</xml>")
        if not end:
            raise UnreadableError("工作表的批注已损坏，不能加标注。", remedy="问题见核对报告。")
        taken = [int(n) for n in re.findall(rb"_x0000_s(\d{1,9})\b", content)]
        first = max([*taken, 1025]) + 1
        shapes = "".join(_shape(first + n, *note) for n, note in enumerate(self._new))
        self._parts.put(name, head + shapes.encode() + end + tail)

    def _comments_part(self) -> Element:
        name = self._parts.linked(self._part, "comments")
        if name is None or name not in self._parts:
            name = self._parts.free_name("xl/comments{}.xml")
            empty = f'<comments xmlns="{self._space}"><authors/><commentList/></comments>'
            self._parts.put(name, etree.XML(empty))
            self._parts.link(self._part, "comments", name)
            self._parts.declare(name, _COMMENTS)
        return self._parts.tree(name)

    def _drawing_part(self) -> str:
        name = self._parts.linked(self._part, "vmlDrawing")
        own = self._root.find(self._m("legacyDrawing"))
        if own is not None and name is not None and name in self._parts:
            wanted = own.get(_R_ID) or own.get(_STRICT_R_ID)
            return next(t for _, t, i in self._parts.links(self._part) if i == wanted)
        name = self._parts.free_name("xl/drawings/vmlDrawing{}.vml")
        self._parts.put(name, _EMPTY_DRAWING.encode())
        self._parts.declare(".vml", _DRAWING)
        link = self._parts.link(self._part, "vmlDrawing", name)
        behind = {self._m(tag) for tag in _BEHIND}
        at = next((n for n, e in enumerate(self._root) if e.tag in behind), len(self._root))
        key = _STRICT_R_ID if str(self._space).startswith(STRICT) else _R_ID
        self._root.insert(at, etree.Element(self._m("legacyDrawing"), {key: link}))
        return name


def _shape(number: int, row: int, column: int, text: str) -> str:
    lines = 2 + sum(1 + len(line) // 20 for line in text.split("\n"))
    top = max(row - 2, 0)
    return _SHAPE.format(
        id=quoteattr(f"_x0000_s{number}"), height=lines * 15, left=column, right=column + 4,
        top=top, bottom=top + lines, row=row - 1, column=column - 1,
    )  # fmt: skip


def _numbered(parent: Element, tag: str, number_of: object) -> Iterator[tuple[int, Element]]:
    """Rows or cells by their numbers; one that names none stands behind the one before."""
    number = 0
    for element in parent.iterchildren(tag):
        number = number_of(element.get("r")) or number + 1  # type: ignore[operator]
        yield number, element


def _row_number(reference: str | None) -> int | None:
    return int(reference) if reference and reference.isdecimal() else None


def _column_number(reference: str | None) -> int | None:
    found = _REFERENCE.fullmatch(reference or "")
    if found is None:
        return None
    number = 0
    for letter in found[1]:
        number = 26 * number + ord(letter) - 64
    return number


def _insert(parent: Element, new: Element, before: Sequence[bool]) -> None:
    """At its place among the others: behind those that come before it."""
    parent.insert(sum(before), new)

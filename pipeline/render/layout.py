"""The look of a template: pages, paragraphs and tables of an annex docx, in points.

`read/docx.py` reads what a document says; this module reads how a template looks, for the formats
that draw the form anew (a sheet, a PDF page). Styles are resolved: every paragraph carries its
own alignment and spacing, every run its font, every cell its borders and margins. The holes stand
as `Tag`s among the text. Lengths are points (1/72 inch).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from lxml import etree

from pipeline.errors import TemplateError
from pipeline.tags import LoopEnd, LoopStart, Segment, Tag, loop, segments

Element = Any  # lxml's own type is not public

Align = Literal["left", "center", "right", "both"]
VerticalAlign = Literal["top", "center", "bottom"]
Rule = Literal["auto", "atLeast", "exact"]
Side = Literal["top", "left", "bottom", "right"]

SIDES: tuple[Side, ...] = ("top", "left", "bottom", "right")


@dataclass(frozen=True, slots=True)
class Font:
    """`name` is the typeface of Chinese text as the template names it (仿宋_GB2312, 黑体,
    方正小标宋简体 …), `latin` that of Latin letters and digits; `size` in points."""

    name: str
    latin: str
    size: float
    bold: bool = False
    underline: bool = False


@dataclass(frozen=True, slots=True)
class LaidRun:
    """Literal text (`\\n` a line break, `\\t` a tab) or one tag, in one font."""

    segment: Segment
    font: Font


@dataclass(frozen=True, slots=True)
class LineSpacing:
    """`auto`: `value` times the font's own line height; else points, at least or exactly."""

    rule: Rule = "auto"
    value: float = 1.0


@dataclass(frozen=True, slots=True)
class TabStop:
    """`position` from the left margin of the text."""

    position: float
    align: str = "left"


@dataclass(frozen=True, slots=True)
class LaidParagraph:
    """`left`, `right`: indents; `first_line` is added to `left` on the first line (negative for a
    hanging indent); `font` is that of the paragraph mark: what an empty line is high."""

    runs: tuple[LaidRun, ...]
    font: Font
    align: Align = "both"
    left: float = 0.0
    right: float = 0.0
    first_line: float = 0.0
    before: float = 0.0
    after: float = 0.0
    line: LineSpacing = LineSpacing()
    tabs: tuple[TabStop, ...] = ()
    keep_next: bool = False
    page_break_before: bool = False
    style: str = ""

    @property
    def tags(self) -> tuple[Tag, ...]:
        return tuple(run.segment for run in self.runs if isinstance(run.segment, Tag))

    @property
    def literal(self) -> str:
        """The printed text, without what the holes will hold."""
        return "".join(run.segment for run in self.runs if isinstance(run.segment, str))


@dataclass(frozen=True, slots=True)
class Edges:
    """One length a side: borders (0: none) or margins."""

    top: float = 0.0
    left: float = 0.0
    bottom: float = 0.0
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class LaidCell:
    """A cell, merged cells being one; `row` and `column` count from 0 in its table."""

    row: int
    column: int
    rowspan: int
    colspan: int
    paragraphs: tuple[LaidParagraph, ...]
    borders: Edges
    margins: Edges
    valign: VerticalAlign = "top"

    @property
    def tags(self) -> tuple[Tag, ...]:
        return tuple(tag for paragraph in self.paragraphs for tag in paragraph.tags)


@dataclass(frozen=True, slots=True)
class LaidRow:
    """`height`: points, by `rule` (auto: as high as its text); `header`: repeated on each page."""

    cells: tuple[LaidCell, ...]
    height: float = 0.0
    rule: Rule = "auto"
    header: bool = False
    cant_split: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """The row of a table that is printed for each entry: `start` names the list, `row` is the
    number (from 0) of the row among the table's rows; `between`: the line between two entries.
    The control rows themselves are not rows."""

    start: LoopStart
    row: int
    between: float = 0.0


@dataclass(frozen=True, slots=True)
class LaidTable:
    """`columns`: widths; `left`: indent from the left margin where `align` is left."""

    columns: tuple[float, ...]
    rows: tuple[LaidRow, ...]
    loop: Loop | None = None
    align: Align = "left"
    left: float = 0.0

    @property
    def width(self) -> float:
        return sum(self.columns)

    @property
    def head(self) -> tuple[LaidRow, ...]:
        """The rows above the loop; of a table without one: all."""
        return self.rows[: self.loop.row] if self.loop else self.rows

    @property
    def body(self) -> LaidRow | None:
        """The row that is repeated."""
        return self.rows[self.loop.row] if self.loop else None

    @property
    def tail(self) -> tuple[LaidRow, ...]:
        """The rows below the loop."""
        return self.rows[self.loop.row + 1 :] if self.loop else ()


@dataclass(frozen=True, slots=True)
class PageSetup:
    """Page size and margins; `header` and `footer`: distance of these from the page's edge."""

    width: float
    height: float
    margins: Edges
    header: float = 0.0
    footer: float = 0.0

    @property
    def landscape(self) -> bool:
        return self.width > self.height

    @property
    def text_width(self) -> float:
        return self.width - self.margins.left - self.margins.right


LaidBlock = LaidParagraph | LaidTable


@dataclass(frozen=True, slots=True)
class Layout:
    """A template as it looks: `blocks` in order."""

    page: PageSetup
    blocks: tuple[LaidBlock, ...]
    header: tuple[LaidParagraph, ...] = ()
    footer: tuple[LaidParagraph, ...] = ()

    @property
    def tables(self) -> tuple[LaidTable, ...]:
        return tuple(block for block in self.blocks if isinstance(block, LaidTable))


def layout(template: Path) -> Layout:
    """The look of a template docx; read once as long as the file does not change.

    Raises TemplateError, naming the file, for what is no docx or has a broken tag.
    """
    try:
        stat = template.stat()
        return _layout(template, stat.st_mtime_ns, stat.st_size)
    except (OSError, KeyError, zipfile.BadZipFile, etree.XMLSyntaxError) as error:
        raise TemplateError(
            f"模板 {template.name} 打不开：不是完好的 docx 文件。",
            remedy="请用 Word 或 WPS 另存为 docx。",
        ) from error


@lru_cache(maxsize=64)
def _layout(template: Path, _changed: int, _size: int) -> Layout:
    with zipfile.ZipFile(template) as package:
        document = _xml(package, "word/document.xml")
        names = package.namelist()
        styles = _Styles(_xml(package, "word/styles.xml") if "word/styles.xml" in names else None)
        body = document.find(_w("body"))
        section = body.find(_w("sectPr"))
        return Layout(
            _page(section),
            tuple(_blocks(body, styles)),
            tuple(_margin_text(package, section, "header", styles)),
            tuple(_margin_text(package, section, "footer", styles)),
        )


# ---------------------------------------------------------------- the XML underneath

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TWIPS, _EIGHTHS, _HALVES = 20.0, 8.0, 2.0  # to the point
#: Wrappers that leave their content in its place.
_CLEAR = ("sdt", "sdtContent", "ins", "smartTag", "hyperlink", "fldSimple", "customXml")
_OFF = frozenset({"0", "false", "off", "none"})


def _w(name: str) -> str:
    return f"{{{_W}}}{name}"


def _xml(package: zipfile.ZipFile, name: str) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(package.read(name), parser)


def _children(element: Element, *names: str) -> Iterator[Element]:
    """Children of these names, also those inside content controls and insertions."""
    for child in element.iterchildren(tag=etree.Element):
        name = etree.QName(child).localname
        if name in names:
            yield child
        elif name in _CLEAR:
            yield from _children(child, *names)


def _val(parent: Element | None, name: str, attribute: str = "val") -> str | None:
    """`w:val` (or another attribute) of a child; None where there is none."""
    child = None if parent is None else parent.find(_w(name))
    return None if child is None else child.get(_w(attribute))


def _flag(parent: Element | None, name: str) -> bool | None:
    """An on/off property; None where it is not said."""
    child = None if parent is None else parent.find(_w(name))
    return None if child is None else child.get(_w("val"), "1") not in _OFF


def _points(
    parent: Element | None, name: str, attribute: str, unit: float = _TWIPS
) -> float | None:
    text = _val(parent, name, attribute)
    return None if text is None else float(text) / unit


# ---------------------------------------------------------------- styles


class _Styles:
    """styles.xml: properties by style, from the defaults up to the style itself."""

    def __init__(self, root: Element | None) -> None:
        self._defaults = None if root is None else root.find(_w("docDefaults"))
        found = [] if root is None else root.findall(_w("style"))
        self._by_id: dict[str, Element] = {style.get(_w("styleId")): style for style in found}
        self._default = {
            style.get(_w("type")): style.get(_w("styleId"))
            for style in found
            if style.get(_w("default"), "0") not in _OFF
        }

    def chain(self, kind: str, name: str | None) -> list[Element]:
        """A style and those it is based on, the most general first."""
        chain: list[Element] = []
        name = name or self._default.get(kind)
        while name in self._by_id and self._by_id[name] not in chain:
            chain.append(self._by_id[name])
            name = _val(chain[-1], "basedOn")
        return chain[::-1]

    def properties(self, kind: str, name: str | None, part: str) -> list[Element]:
        """The `w:pPr`, `w:rPr` or `w:tblPr` elements of a style's chain, defaults first."""
        found = (
            []
            if self._defaults is None
            else self._defaults.findall(f"{_w(part + 'Default')}/{_w(part)}")
        )
        found += [p for style in self.chain(kind, name) if (p := style.find(_w(part))) is not None]
        return found


_PLAIN_FONT = Font("宋体", "Times New Roman", 10.0)


def _font(layers: Sequence[Element | None]) -> Font:
    """The font that run properties give, later ones over earlier ones."""
    font = _PLAIN_FONT
    for layer in layers:
        size = _points(layer, "sz", "val", _HALVES)
        bold, underline = _flag(layer, "b"), _flag(layer, "u")
        font = Font(
            _val(layer, "rFonts", "eastAsia") or font.name,
            _val(layer, "rFonts", "ascii") or font.latin,
            font.size if size is None else size,
            font.bold if bold is None else bold,
            font.underline if underline is None else underline,
        )
    return font


# ---------------------------------------------------------------- paragraphs

_ALIGN: dict[str, Align] = {
    "left": "left", "start": "left", "center": "center", "right": "right", "end": "right",
    "both": "both", "distribute": "both",
}  # fmt: skip


def _paragraph(element: Element, styles: _Styles) -> LaidParagraph:
    own = element.find(_w("pPr"))
    style = _val(own, "pStyle")
    layers = [*styles.properties("paragraph", style, "pPr"), *([] if own is None else [own])]
    looks = styles.properties("paragraph", style, "rPr")
    mark = _font([*looks, None if own is None else own.find(_w("rPr"))])
    runs = tuple(_runs(element, styles, looks))
    size = runs[0].font.size if runs else mark.size
    first, hanging = _indent(layers, "firstLine", size), _indent(layers, "hanging", size)
    return LaidParagraph(
        runs,
        mark,
        _ALIGN.get(_last(layers, "jc") or "left", "both"),
        _indent(layers, "left", size) or _indent(layers, "start", size),
        _indent(layers, "right", size) or _indent(layers, "end", size),
        first or 0.0 - hanging,
        float(_last(layers, "spacing", "before") or 0) / _TWIPS,
        float(_last(layers, "spacing", "after") or 0) / _TWIPS,
        _line_spacing(layers),
        _tab_stops(layers),
        _last_flag(layers, "keepNext"),
        _last_flag(layers, "pageBreakBefore"),
        style or "",
    )


def _last(layers: Sequence[Element], name: str, attribute: str = "val") -> str | None:
    found = [value for layer in layers if (value := _val(layer, name, attribute)) is not None]
    return found[-1] if found else None


def _last_flag(layers: Sequence[Element], name: str) -> bool:
    found = [value for layer in layers if (value := _flag(layer, name)) is not None]
    return found[-1] if found else False


def _indent(layers: Sequence[Element], name: str, size: float) -> float:
    """An indent; one in hundredths of a character (`firstLineChars`) goes before one in twips."""
    characters = _last(layers, "ind", f"{name}Chars")
    if characters is not None and float(characters):
        return float(characters) / 100 * size
    return float(_last(layers, "ind", name) or 0) / _TWIPS


def _line_spacing(layers: Sequence[Element]) -> LineSpacing:
    value = _last(layers, "spacing", "line")
    if value is None:
        return LineSpacing()
    rule = _last(layers, "spacing", "lineRule")
    if rule == "exact":
        return LineSpacing("exact", float(value) / _TWIPS)
    if rule == "atLeast":
        return LineSpacing("atLeast", float(value) / _TWIPS)
    return LineSpacing("auto", float(value) / 240)


def _tab_stops(layers: Sequence[Element]) -> tuple[TabStop, ...]:
    stops: dict[float, str] = {}
    for layer in layers:
        for tab in layer.iterfind(f"{_w('tabs')}/{_w('tab')}"):
            position, kind = float(tab.get(_w("pos"), "0")) / _TWIPS, tab.get(_w("val"), "left")
            if kind == "clear":
                stops.pop(position, None)
            else:
                stops[position] = kind
    return tuple(TabStop(position, stops[position]) for position in sorted(stops))


def _runs(paragraph: Element, styles: _Styles, looks: Sequence[Element]) -> Iterator[LaidRun]:
    """Text and tags in turn. Word cuts a tag into several runs as it likes, so tags are looked for
    in the paragraph's whole text; a tag has the font in which it begins."""
    text, fonts = "", list[Font]()
    for run in _children(paragraph, "r"):
        own = run.find(_w("rPr"))
        named = [s for s in styles.chain("character", _val(own, "rStyle")) if _val(own, "rStyle")]
        font = _font([*looks, *(style.find(_w("rPr")) for style in named), own])
        added = "".join(_run_text(run))
        text += added
        fonts += [font] * len(added)
    at = 0
    for segment, length in _measured(text):
        yield from _in_fonts(segment, fonts[at : at + length])
        at += length


def _run_text(run: Element) -> Iterator[str]:
    for child in run.iterchildren(tag=etree.Element):
        name = etree.QName(child).localname
        if name == "t":
            yield child.text or ""
        elif name == "tab":
            yield "\t"
        elif name in ("br", "cr"):
            yield "\n"
        elif name == "noBreakHyphen":
            yield "-"


def _measured(text: str) -> Iterator[tuple[Segment, int]]:
    """Segments with the number of characters that each takes in the template."""
    parts = segments(text)
    at = 0
    for part in parts:
        end = at + len(part) if isinstance(part, str) else text.index("}}", at) + 2
        yield part, end - at
        at = end


def _in_fonts(segment: Segment, fonts: Sequence[Font]) -> Iterator[LaidRun]:
    if isinstance(segment, Tag):
        yield LaidRun(segment, fonts[0])
        return
    start = 0
    for end in range(1, len(segment) + 1):
        if end == len(segment) or fonts[end] != fonts[start]:
            yield LaidRun(segment[start:end], fonts[start])
            start = end


# ---------------------------------------------------------------- tables


def _blocks(parent: Element, styles: _Styles) -> Iterator[LaidBlock]:
    for child in _children(parent, "p", "tbl"):
        if child.tag == _w("p"):
            yield _paragraph(child, styles)
        else:
            yield _table(child, styles)


def _table(element: Element, styles: _Styles) -> LaidTable:
    own = element.find(_w("tblPr"))
    looks = [
        *styles.properties("table", _val(own, "tblStyle"), "tblPr"),
        *([] if own is None else [own]),
    ]
    columns = tuple(
        float(column.get(_w("w"), "0")) / _TWIPS
        for column in element.iterfind(f"{_w('tblGrid')}/{_w('gridCol')}")
    )
    rows: list[Element] = []
    found: Loop | None = None
    between = _inherited_border(looks, "insideH")
    for row in _children(element, "tr"):
        statement = loop("".join(text.text or "" for text in row.iter(_w("t"))))
        if isinstance(statement, LoopStart):
            found = Loop(statement, len(rows), between)
        elif not isinstance(statement, LoopEnd):
            rows.append(row)
    laid = _rows(rows, looks, len(columns), styles)
    wanted = max((cell.column + cell.colspan for row in laid for cell in row.cells), default=0)
    columns += (_UNSAID_WIDTH,) * (wanted - len(columns))
    indent = float(_last(looks, "tblInd", "w") or 0) / _TWIPS
    return LaidTable(columns, laid, found, _ALIGN.get(_last(looks, "jc") or "left", "left"), indent)


#: The width of a column that a table has but its grid does not name.
_UNSAID_WIDTH = 40.0


@dataclass(slots=True)
class _Slot:
    """A cell as it stands in a row, before cells merged downwards are one."""

    element: Element
    column: int
    colspan: int
    merge: str | None  # None, "restart" or "continue"
    rowspan: int = 1


def _rows(
    rows: Sequence[Element], looks: Sequence[Element], columns: int, styles: _Styles
) -> tuple[LaidRow, ...]:
    slots = [list(_slots(row)) for row in rows]
    _merge_down(slots)
    laid = []
    for number, (row, line) in enumerate(zip(rows, slots, strict=True)):
        own = row.find(_w("trPr"))
        cells = tuple(
            _cell(slot, number, (len(rows), columns), looks, styles)
            for slot in line
            if slot.merge != "continue"
        )
        height, rule = _height(own)
        laid.append(
            LaidRow(
                cells, height, rule, bool(_flag(own, "tblHeader")), bool(_flag(own, "cantSplit"))
            )
        )
    return tuple(laid)


def _slots(row: Element) -> Iterator[_Slot]:
    column = int(_val(row.find(_w("trPr")), "gridBefore") or 0)
    for cell in _children(row, "tc"):
        own = cell.find(_w("tcPr"))
        span = int(_val(own, "gridSpan") or 1)
        merge = None if own is None or own.find(_w("vMerge")) is None else _val(own, "vMerge")
        if own is not None and own.find(_w("vMerge")) is not None:
            merge = merge or "continue"
        yield _Slot(cell, column, span, merge)
        column += span


def _merge_down(lines: Sequence[Sequence[_Slot]]) -> None:
    """Counts, in place, how many rows each merged cell covers."""
    open_above: dict[int, _Slot] = {}
    for line in lines:
        standing: dict[int, _Slot] = {}
        for slot in line:
            above = open_above.get(slot.column)
            if slot.merge == "continue" and above is not None:
                above.rowspan += 1
                standing[slot.column] = above
            elif slot.merge is not None:
                slot.merge = "restart"
                standing[slot.column] = slot
        open_above = standing


def _height(own: Element | None) -> tuple[float, Rule]:
    height = _points(own, "trHeight", "val")
    if height is None:
        return 0.0, "auto"
    return height, "exact" if _val(own, "trHeight", "hRule") == "exact" else "atLeast"


def _cell(
    slot: _Slot, row: int, size: tuple[int, int], looks: Sequence[Element], styles: _Styles
) -> LaidCell:
    own = slot.element.find(_w("tcPr"))
    valign = _val(own, "vAlign") or "top"
    return LaidCell(
        row,
        slot.column,
        slot.rowspan,
        slot.colspan,
        tuple(_paragraph(p, styles) for p in _children(slot.element, "p")),
        _borders(slot, row, size, looks, own),
        _margins(looks, own),
        "center" if valign == "center" else "bottom" if valign == "bottom" else "top",
    )


def _borders(
    slot: _Slot, row: int, size: tuple[int, int], looks: Sequence[Element], own: Element | None
) -> Edges:
    """The table's outer borders where the cell touches them, its inner ones elsewhere; the cell's
    own go before both."""
    rows, columns = size
    outer = {
        "top": row == 0, "left": slot.column == 0,
        "bottom": row + slot.rowspan >= rows, "right": slot.column + slot.colspan >= columns,
    }  # fmt: skip
    widths: dict[str, float] = {}
    for side in SIDES:
        inner = "insideH" if side in ("top", "bottom") else "insideV"
        width = _inherited_border(looks, side if outer[side] else inner)
        said = _border(None if own is None else own.find(_w("tcBorders")), side)
        widths[side] = width if said is None else said
    return Edges(**widths)


def _inherited_border(looks: Sequence[Element], side: str) -> float:
    said = [_border(look.find(_w("tblBorders")), side) for look in looks]
    return next((width for width in reversed(said) if width is not None), 0.0)


def _border(borders: Element | None, side: str) -> float | None:
    if borders is None or borders.find(_w(side)) is None:
        return None
    if _val(borders, side) in ("nil", "none"):
        return 0.0
    return float(_val(borders, side, "sz") or 4) / _EIGHTHS


def _margins(looks: Sequence[Element], own: Element | None) -> Edges:
    found = Edges()
    layers = [look.find(_w("tblCellMar")) for look in looks]
    layers.append(None if own is None else own.find(_w("tcMar")))
    for layer in layers:
        said: dict[str, float | None] = {side: _points(layer, side, "w") for side in SIDES}
        known: Mapping[str, float] = {
            side: width for side, width in said.items() if width is not None
        }
        found = replace(found, **known)
    return found


# ---------------------------------------------------------------- pages


def _page(section: Element | None) -> PageSetup:
    """The page of the last section; A4 with Word's own margins where nothing is said."""

    def length(name: str, attribute: str, default: float) -> float:
        value = _points(section, name, attribute)
        return default if value is None else value

    margins = {side: length("pgMar", side, 72.0) for side in SIDES}
    return PageSetup(
        length("pgSz", "w", 595.3),
        length("pgSz", "h", 841.9),
        Edges(**margins),
        length("pgMar", "header", 36.0),
        length("pgMar", "footer", 36.0),
    )


def _margin_text(
    package: zipfile.ZipFile, section: Element | None, kind: str, styles: _Styles
) -> Iterator[LaidParagraph]:
    """The paragraphs of the header or footer that most pages have."""
    for reference in [] if section is None else section.findall(_w(f"{kind}Reference")):
        if reference.get(_w("type"), "default") == "default":
            target = _relation(package, reference.get(f"{{{_R}}}id", ""))
            for paragraph in _children(_xml(package, target), "p"):
                yield _paragraph(paragraph, styles)


def _relation(package: zipfile.ZipFile, name: str) -> str:
    for relation in _xml(package, "word/_rels/document.xml.rels"):
        if relation.get("Id") == name:
            target = str(relation.get("Target"))
            return target.lstrip("/") if target.startswith("/") else f"word/{target}"
    raise KeyError(name)

"""Word documents (.docx, .docm): what a person who opens the file would see, as one Document.

Seen: accepted insertions and moves, content controls, check boxes of every kind, symbol ticks,
field results, text boxes, automatic numbers. Not seen: deletions, hidden text, field codes,
prompts of unfilled controls, the covered part of merged cells. Text struck through is left out and
pointed at.

Tables: merged cells are one; rows whose spans do not add up are laid by their widths. A table
inside a cell becomes a grid of its own after the outer one; its text stays in the outer cell too
(rows as lines, cells parted by tabs) unless the outer row holds nothing but tables, i.e. is
there for layout only.

The XML is walked once, element by element: time grows with the number of rows, no faster. Of a
long list the rows of repeated mark-up are not even parsed (docx_rows).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from pipeline.document import (
    Block,
    Cell,
    Document,
    Frame,
    Grid,
    Paragraph,
    Picture,
    Place,
    Run,
    Source,
)
from pipeline.errors import UnsafeError
from pipeline.findings import Finding
from pipeline.read import docx_rows
from pipeline.read.ooxml import (
    ALTERNATE,
    BLIP,
    CHOICE,
    FALLBACK,
    LIMITS,
    PRIVATE,
    R_EMBED,
    R_ID,
    Element,
    Package,
    child,
    is_symbol_font,
    open_package,
    private_text,
    symbol,
    symbol_text,
)
from pipeline.reading import uncollected

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def _w(name: str) -> str:
    return f"{{{WORD}}}{name}"


VAL = _w("val")
P, R, T, TBL, TR, TC = _w("p"), _w("r"), _w("t"), _w("tbl"), _w("tr"), _w("tc")
P_PR, R_PR, TR_PR, TC_PR, TBL_PR_EX = _w("pPr"), _w("rPr"), _w("trPr"), _w("tcPr"), _w("tblPrEx")
SDT, SDT_PR, SDT_CONTENT, SHOWING_PROMPT = (
    _w("sdt"), _w("sdtPr"), _w("sdtContent"), _w("showingPlcHdr"),
)  # fmt: skip
BODY, ALT_CHUNK, TEXT_BOX = _w("body"), _w("altChunk"), _w("txbxContent")
P_STYLE, R_STYLE, NUM_PR, NUM_ID, LEVEL = (
    _w("pStyle"), _w("rStyle"), _w("numPr"), _w("numId"), _w("ilvl"),
)  # fmt: skip
INSERTED, DELETED, MOVED_AWAY, MOVED_HERE = _w("ins"), _w("del"), _w("moveFrom"), _w("moveTo")
BOLD, UNDERLINE, HIGHLIGHT, SHADING, VANISH, FONTS, STRIKE, DOUBLE_STRIKE = (
    _w("b"), _w("u"), _w("highlight"), _w("shd"), _w("vanish"), _w("rFonts"), _w("strike"),
    _w("dstrike"),
)  # fmt: skip
GRID_SPAN, TC_WIDTH, V_MERGE, H_MERGE, CELL_DELETED = (
    _w("gridSpan"), _w("tcW"), _w("vMerge"), _w("hMerge"), _w("cellDel"),
)  # fmt: skip
GRID_BEFORE, GRID_AFTER, WIDTH_BEFORE, HIDDEN = (
    _w("gridBefore"), _w("gridAfter"), _w("wBefore"), _w("hidden"),
)  # fmt: skip
FIELD_MARK, FIELD_TYPE, FIELD_CODE = _w("fldChar"), _w("fldCharType"), _w("instrText")
FORM_DATA = _w("ffData")
IMAGE_DATA = "{urn:schemas-microsoft-com:vml}imagedata"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"

#: Wrappers that a reader looks through, among blocks, rows, cells and runs alike.
TRANSPARENT = frozenset(
    {SDT_CONTENT, INSERTED, MOVED_HERE, CHOICE, FALLBACK}
    | {_w(n) for n in ("customXml", "smartTag", "hyperlink", "fldSimple", "bdo", "dir", "rubyBase")}
)
GONE = frozenset({DELETED, MOVED_AWAY})
#: What stands in a run for one character.
CHARACTERS = {_w("tab"): "\t", _w("ptab"): "\t", _w("cr"): "\n", _w("noBreakHyphen"): "-"}
BREAK, SYMBOL, RUBY = _w("br"), _w("sym"), _w("ruby")
#: Properties of a paragraph, and of a run, that make them more than plain text.
SETTLING = frozenset({P_STYLE, NUM_PR})
TELLING = frozenset({R_STYLE, VANISH, STRIKE, DOUBLE_STRIKE})
#: What a cell of nothing but plain text is made of, and what it may not hold all the same: its
#: meaning would hang on the text, or on what was read before.
FIXED = frozenset(
    {TC_PR, P, P_PR, R, R_PR, T}
    | {_w(n) for n in ("bookmarkStart", "bookmarkEnd", "proofErr", "lastRenderedPageBreak")}
)
UNFIXED = (NUM_PR, STRIKE, DOUBLE_STRIKE, DELETED, MOVED_AWAY, H_MERGE, CELL_DELETED)
#: The first of the characters that stand for the texts of a cell while its mark-up is looked at.
FIRST_MARK = 0x4E00
DRAWN = frozenset({_w("drawing"), _w("pict"), _w("object")})
OFF = frozenset({"0", "false", "off", "none"})
EMPTY_BOXES = frozenset("☐□○◯〇❍▢◻⬜口")
TICKED_BOXES = frozenset("☑☒☓■●◉√✓✔✅✗✘×X")

#: Two edges of cells nearer than this (in twips, 1/20 pt) are one edge.
EDGE_TOLERANCE = 100


@uncollected()
def read(path: Path, source: Source) -> list[Document]:
    """The document of a .docx or .docm file.

    Raises UnreadableError and its kinds (password, unsafe, old format), each with a remedy.
    """
    with open_package(path, source.file) as package:
        part = package.main_part("word/document.xml")
        styles = _Styles(package, part)
        story = _Story(package, part, styles)
        root = package.required(part, story.fold)
        body = child(root, BODY)
        blocks = story.blocks(root if body is None else body)
        furniture = _furniture(package, part, styles)
        findings = [*package.findings(), *story.findings()]
        struck = frozenset(story.struck)
        return [Document(source, tuple(blocks), furniture, findings=tuple(findings), struck=struck)]


def _furniture(package: Package, part: str, styles: _Styles) -> tuple[Paragraph, ...]:
    """Text of headers and footers, each once."""
    found: dict[str, Paragraph] = {}
    for kind in ("header", "footer"):
        for name in package.related(part, kind):
            root = package.xml(name)
            if root is not None:
                blocks = _Story(package, name, styles).blocks(root)
                found.update((p.text, p) for p in _flat(blocks) if p.text.strip())
    return tuple(found.values())


def _flat(blocks: Iterable[Block]) -> Iterator[Paragraph]:
    for block in blocks:
        if isinstance(block, Grid):
            for cell in block.cells:
                yield from cell.paragraphs
        else:
            yield block


# ------------------------------------------------------------------------------- looks and styles

Look = tuple[bool, bool, bool]  # bold, underline, highlight
PLAIN: Look = (False, False, False)


def _value(element: Element | None, default: str = "") -> str:
    return default if element is None else element.get(VAL, default)


def _on(element: Element) -> bool:
    """A toggle without a value is on."""
    return element.get(VAL, "1") not in OFF


def _number(text: str | None, default: int = 0) -> int:
    """An XML number, tolerant of `12.0` and of nonsense."""
    try:
        return int(float(text)) if text else default
    except (ValueError, OverflowError):
        return default


def _shaded(element: Element) -> bool:
    fill = element.get(_w("fill"), "auto").lower()
    return fill not in ("auto", "ffffff") or _value(element, "clear") not in ("clear", "nil")


@dataclass(slots=True)
class _Style:
    """What a style settles; None where it leaves it to the style it is based on."""

    based_on: str | None
    bold: bool | None = None
    underline: bool | None = None
    highlight: bool | None = None
    vanish: bool | None = None
    num_id: str | None = None
    level: str | None = None

    def inherit(self, base: _Style) -> None:
        for name in ("bold", "underline", "highlight", "vanish", "num_id", "level"):
            if getattr(self, name) is None:
                setattr(self, name, getattr(base, name))

    @property
    def look(self) -> Look:
        return bool(self.bold), bool(self.underline), bool(self.highlight)


class _Styles:
    """Styles by id, each with what it inherits."""

    def __init__(self, package: Package, part: str) -> None:
        self._raw: dict[str, Element] = {}
        self._done: dict[str | None, _Style] = {None: _Style(None)}
        self.default_paragraph: str | None = None
        for name in package.related(part, "styles")[:1]:
            root = package.xml(name)
            for style in () if root is None else root.iterchildren(_w("style")):
                self._add(style)

    def __getitem__(self, style_id: str | None) -> _Style:
        if style_id not in self._done:
            self._done[style_id] = _Style(None)  # stands in while a ring of styles is resolved
            self._done[style_id] = self._resolve(style_id)
        return self._done[style_id]

    def _add(self, style: Element) -> None:
        style_id = style.get(_w("styleId"), "")
        self._raw[style_id] = style
        is_default = style.get(_w("default"), "0") not in OFF
        if is_default and style.get(_w("type")) == "paragraph":
            self.default_paragraph = style_id

    def _resolve(self, style_id: str | None) -> _Style:
        raw = self._raw.get(style_id or "")
        if raw is None:
            return _Style(None)
        style = _Style(_value(child(raw, _w("basedOn"))) or None)
        _read_style_look(style, child(raw, R_PR))
        numbering = raw.find(f"{P_PR}/{NUM_PR}")
        if numbering is not None:
            style.num_id = _value(child(numbering, NUM_ID)) or None
            style.level = _value(child(numbering, LEVEL)) or None
        if style.based_on and style.based_on != style_id:
            style.inherit(self[style.based_on])
        return style


def _read_style_look(style: _Style, properties: Element | None) -> None:
    for item in () if properties is None else properties:
        if item.tag == BOLD:
            style.bold = _on(item)
        elif item.tag == UNDERLINE:
            style.underline = _on(item)
        elif item.tag == VANISH:
            style.vanish = _on(item)
        elif item.tag == HIGHLIGHT:
            style.highlight = _on(item)


# ---------------------------------------------------------------------------- automatic numbers

CHINESE = "零一二三四五六七八九"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
FORMAL = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
         (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
MAX_NUMBER = 9_999


def _chinese(n: int) -> str:
    """一, 十, 十一, 二十, 一百零一 … up to 9999.

    >>> _chinese(10), _chinese(21), _chinese(105), _chinese(110)
    ('十', '二十一', '一百零五', '一百一十')
    """
    digits = str(n)
    text = ""
    for digit, unit in zip(digits, ("千", "百", "十", "")[-len(digits) :], strict=True):
        text += CHINESE[int(digit)] + (unit if digit != "0" else "")
    text = re.sub("零+", "零", text).rstrip("零") or "零"
    return text[1:] if text.startswith("一十") else text


def _chinese_digits(n: int) -> str:
    return "".join("〇一二三四五六七八九"[int(d)] for d in str(n))


def _roman(n: int) -> str:
    text = ""
    for worth, sign in ROMAN:
        text += sign * (n // worth)
        n %= worth
    return text


def _letters(n: int) -> str:
    """A … Z, AA, BB …, as Word counts."""
    return chr(65 + (n - 1) % 26) * ((n - 1) // 26 + 1) if n > 0 else ""


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda n: signs[(n - 1) % len(signs)]


def _from(first: str, last: int) -> Callable[[int], str]:
    """A row of single characters from `first` on; past the last one, plain digits."""
    return lambda n: chr(ord(first) + n - 1) if 1 <= n <= last else str(n)


NUMBER_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda n: f"{n:02d}",
    "decimalFullWidth": lambda n: str(n).translate({48 + i: 0xFF10 + i for i in range(10)}),
    "decimalEnclosedCircle": _from("①", 20),
    "decimalEnclosedCircleChinese": _from("①", 20),
    "decimalEnclosedFullstop": _from("⒈", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "ideographEnclosedCircle": _from("㊀", 10),
    "numberInDash": lambda n: f"- {n} -",
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "koreanCounting": _chinese,
    "ideographDigital": _chinese_digits,
    "japaneseDigitalTenThousand": _chinese_digits,
    "taiwaneseDigital": _chinese_digits,
    "chineseLegalSimplified": lambda n: ("一" + _chinese(n) if 10 <= n < 20 else _chinese(n)).translate(FORMAL),
    "ideographTraditional": _cycle(STEMS),
    "ideographZodiac": _cycle(BRANCHES),
    "upperLetter": _letters,
    "lowerLetter": lambda n: _letters(n).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda n: _roman(n).lower(),
    "ordinal": lambda n: f"{n}{'th' if 10 <= n % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}",
    "none": lambda n: "",
}  # fmt: skip


@dataclass(slots=True)
class _Level:
    """One level of a list: where it starts, how it counts, what is printed."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    legal: bool = False
    restart: int | None = None
    font: str | None = None


@dataclass(slots=True)
class _List:
    """A list definition and how far it has counted. Lists over one definition count together."""

    levels: dict[int, _Level]
    styles: dict[str, int]
    counts: dict[int, int] = field(default_factory=dict)

    def step(self, level: int) -> None:
        start = self.levels[level].start if level in self.levels else 1
        self.counts[level] = self.counts[level] + 1 if level in self.counts else start
        for deeper in [n for n in self.counts if n > level and self._restarts(n, level)]:
            del self.counts[deeper]

    def _restarts(self, deeper: int, level: int) -> bool:
        after = self.levels[deeper].restart if deeper in self.levels else None
        return after is None or (after > 0 and level < after)

    def count(self, level: int) -> int:
        start = self.levels[level].start if level in self.levels else 1
        return min(max(self.counts.get(level, start), 0), MAX_NUMBER)


class _Numbering:
    """Automatic numbers as Word prints them; keeps count while the text is read in order."""

    def __init__(self, package: Package, part: str) -> None:
        self._lists: dict[str, _List] = {}
        self._numbers: dict[str, tuple[_List, dict[int, _Level]]] = {}
        self._starts: dict[str, dict[int, int]] = {}
        for name in package.related(part, "numbering")[:1]:
            root = package.xml(name)
            if root is not None:
                self._read(root)

    @property
    def is_empty(self) -> bool:
        return not self._numbers

    def label(self, num_id: str, level: int | None, style_id: str | None) -> str:
        """The number before the next paragraph of a list; "" where there is none."""
        known = self._numbers.get(num_id)
        if known is None:
            return ""
        counted, overrides = known
        if level is None:
            level = counted.styles.get(style_id or "", 0)
        start = self._starts.get(num_id, {}).pop(level, None)
        if start is None:
            counted.step(level)
        else:
            counted.counts[level] = start - 1
            counted.step(level)
        return self._print(counted, overrides, level)

    def _print(self, counted: _List, overrides: dict[int, _Level], at: int) -> str:
        levels = counted.levels | overrides
        shown = levels.get(at)
        if shown is None:
            return ""
        if shown.format == "bullet":
            return (
                symbol_text(shown.font, shown.text)
                if is_symbol_font(shown.font)
                else private_text(shown.text)
            )

        def one(match: re.Match[str]) -> str:
            level = int(match[1]) - 1
            name = "decimal" if shown.legal else levels.get(level, shown).format
            return NUMBER_FORMATS.get(name, str)(counted.count(level))

        return re.sub(r"%([1-9])", one, shown.text)

    def _read(self, root: Element) -> None:
        links: dict[str, str] = {}
        by_style: dict[str, str] = {}
        for raw in root.iterchildren(_w("abstractNum")):
            list_id = raw.get(_w("abstractNumId"), "")
            self._lists[list_id] = _read_list(raw)
            if (link := child(raw, _w("numStyleLink"))) is not None:
                links[list_id] = _value(link)
            if (link := child(raw, _w("styleLink"))) is not None:
                by_style[_value(link)] = list_id
        for list_id, style in links.items():
            if style in by_style:
                self._lists[list_id] = self._lists[by_style[style]]
        for raw in root.iterchildren(_w("num")):
            self._read_number(raw)

    def _read_number(self, raw: Element) -> None:
        counted = self._lists.get(_value(child(raw, _w("abstractNumId"))))
        if counted is None:
            return
        num_id = raw.get(NUM_ID, "")
        overrides: dict[int, _Level] = {}
        starts: dict[int, int] = {}
        for override in raw.iterchildren(_w("lvlOverride")):
            level = _number(override.get(LEVEL))
            if (own := child(override, _w("lvl"))) is not None:
                overrides[level] = _read_level(own)
            if (start := child(override, _w("startOverride"))) is not None:
                starts[level] = _number(_value(start), 1)
        self._numbers[num_id] = counted, overrides
        self._starts[num_id] = starts


def _read_list(raw: Element) -> _List:
    found = _List({}, {})
    for item in raw.iterchildren(_w("lvl")):
        number = _number(item.get(LEVEL))
        found.levels[number] = _read_level(item)
        if (style := child(item, P_STYLE)) is not None:
            found.styles[_value(style)] = number
    return found


def _read_level(raw: Element) -> _Level:
    font = raw.find(f"{R_PR}/{FONTS}")
    restart = child(raw, _w("lvlRestart"))
    return _Level(
        start=_number(_value(child(raw, _w("start"))), 1),
        format=_value(child(raw, _w("numFmt")), "decimal"),
        text=_value(child(raw, _w("lvlText"))),
        legal=(legal := child(raw, _w("isLgl"))) is not None and _on(legal),
        restart=None if restart is None else _number(_value(restart)),
        font=None if font is None else font.get(_w("ascii")),
    )


# ------------------------------------------------------------------------------------- fields

OVERSTRIKE = re.compile(r"^\s*eq\s*\\o\s*(?:\\a[clrd]\s*)?\(\s*(\S)\s*[,，;；]\s*(\S+?)\s*\)", re.I)
SYMBOL_FIELD = re.compile(r"^\s*symbol\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s*\"?([^\"\\]+))?", re.I | re.S)


@dataclass(slots=True)
class _Field:
    """An open field: its code so far; `silent` once what it shows has been given already."""

    code: str = ""
    in_code: bool = True
    silent: bool = False
    start: int = 0

    @property
    def asks(self) -> bool:
        """A field to type into."""
        return self.code.split(maxsplit=1)[:1] in (["FILLIN"], ["FORMTEXT"])


def _form_text(data: Element) -> str | None:
    """What a legacy form field shows; None where its result text says it (text fields)."""
    for control in data:
        if control.tag == _w("checkBox"):
            state = child(control, _w("checked"))
            state = child(control, _w("default")) if state is None else state
            return "☑" if state is not None and _on(state) else "☐"
        if control.tag == _w("ddList"):
            entries = [_value(entry) for entry in control.iterchildren(_w("listEntry"))]
            chosen = child(control, _w("result"))
            chosen = child(control, _w("default")) if chosen is None else chosen
            index = _number(_value(chosen))
            return entries[index] if 0 <= index < len(entries) else ""
    return None


def _code_text(code: str) -> str:
    """What a field without a result shows by its code: 带圈字符 and SYMBOL."""
    if match := OVERSTRIKE.match(code):
        return _enclosed(match[1], match[2])
    if match := SYMBOL_FIELD.match(code):
        return symbol((match[2] or "").strip() or None, int(match[1], 0))
    return ""


def _enclosed(around: str, inside: str) -> str:
    """□ around √ is a ticked box, ○ around 1 is ①; else only what is inside can be read."""
    if inside in "√✓✔":
        return "☑"
    if inside in "×✕✗✘" and around in EMPTY_BOXES:
        return "☒"
    if inside.isdecimal() and 1 <= int(inside) <= 20:
        return chr(ord("①") + int(inside) - 1)
    return inside


# ------------------------------------------------------------------------------ the text itself


class _Line:
    """A paragraph in the making: stretches of text, pictures, and the text boxes it anchors."""

    __slots__ = ("asked", "boxes", "looks", "pictures", "texts")

    def __init__(self) -> None:
        self.asked = slice(0, 0)  # where the input field before stands
        self.texts: list[str] = []
        self.looks: list[Look] = []
        self.pictures: list[Picture] = []
        self.boxes: list[Element] = []

    def add(self, text: str, look: Look) -> None:
        if self.looks and self.looks[-1] == look:
            self.texts[-1] += text
        else:
            self.texts.append(text)
            self.looks.append(look)

    @property
    def length(self) -> int:
        return sum(map(len, self.texts))

    def end_asked(self, start: int) -> None:
        """An input field ends that began at `start`. LibreOffice (seen in 7.4) writes a field of
        several scripts several times, each with a part of the text before it: it is said once."""
        text = "".join(self.texts)
        said, before = text[start:], text[self.asked]
        if said and said == before and text[self.asked.stop : start] in said:
            self._cut(self.asked.stop)
        else:
            self.asked = slice(start, len(text))

    def _cut(self, length: int) -> None:
        while self.length > length:
            rest = self.texts[-1][: length - self.length]
            if rest:
                self.texts[-1] = rest
            else:
                self.texts.pop()
                self.looks.pop()

    def paragraph(self, place: Place, number: str) -> Paragraph:
        runs = tuple([Run(t, *look) for t, look in zip(self.texts, self.looks, strict=True)])
        return Paragraph(runs, place, number, tuple(self.pictures))


class _Story:
    """One flow of text (the body, a header): blocks in order, with what carries over between them:
    counters, open fields, a paragraph whose end was deleted."""

    def __init__(self, package: Package, part: str, styles: _Styles) -> None:
        self._package = package
        self._part = part
        self._styles = styles
        self._numbering = _Numbering(package, part)
        self._fields: list[_Field] = []
        self._checkbox: bool | None = None  # inside a check box control: its state
        self._muted = False  # inside a field's code
        default = styles[styles.default_paragraph]
        self._default_is_plain = default.look == PLAIN and not default.vanish and not default.num_id
        self._tables = 0
        self._paragraphs = 0
        self._struck = 0
        self._struck_placed = 0
        self.struck: set[Place] = set()  # where text is struck through
        self._told: set[int] = set()  # tables within cells whose text stands in the cell
        self._foreign = False
        self._folder = docx_rows.Folder(_bare_row, self._shape, _row_like)
        self.fold = self._folder.fold

    def findings(self) -> list[Finding]:
        found = []
        if self._foreign:
            found.append(
                Finding(
                    "warning",
                    "embedded-file",
                    "",
                    "文档里嵌入了另一份文件（altChunk），其内容没有读取。",
                )
            )
        return found

    # -- blocks

    def blocks(self, container: Element, place: Place | None = None) -> list[Block]:
        """Paragraphs and grids inside an element; `place` is the cell's, None outside tables."""
        found: list[Block] = []
        open_line: _Line | None = None
        for element in self._block_elements(container):
            runs = self._plain_runs(element) if open_line is None else None
            if runs is not None:
                found.append(Paragraph(runs, place or self._next_place()))
            elif element.tag == P:
                line = open_line or _Line()
                open_line = line if self._fill(line, element) else None
                if open_line is None:
                    self._close(line, element, place, found)
            elif element.tag == TBL:
                found.extend(self._table(element))
            else:
                found.append(self._blank(place))
        if open_line is not None:
            self._close(open_line, None, place, found)
        return found

    def _block_elements(self, container: Element) -> Iterator[Element]:
        """Paragraphs and tables, through every wrapper; an unfilled control stands for itself."""
        for element in container:
            tag = element.tag
            if tag in (P, TBL):
                yield element
            elif tag == SDT:
                yield from self._control_blocks(element)
            elif tag in TRANSPARENT:
                yield from self._block_elements(element)
            elif tag == ALTERNATE:
                yield from self._block_elements(_chosen(element))
            elif tag == ALT_CHUNK:
                self._foreign = True

    def _control_blocks(self, control: Element) -> Iterator[Element]:
        content = child(control, SDT_CONTENT)
        if _is_prompt(control):
            yield control
        elif content is not None:
            outer, self._checkbox = self._checkbox, _checkbox_state(control, self._checkbox)
            yield from self._block_elements(content)
            self._checkbox = outer

    def _plain_runs(self, paragraph: Element) -> tuple[Run, ...] | None:
        """The runs of a paragraph that holds nothing but text in the default style, as nearly
        every one in a table does; None where it needs the closer look of `_fill`."""
        if paragraph.tag != P or self._fields or self._checkbox is not None:
            return None
        if not self._default_is_plain:
            return None
        line: list[tuple[str, Look]] = []
        for element in paragraph:
            tag = element.tag
            if tag == R:
                if not self._plain_run(element, line):
                    return None
            elif tag != P_PR or not _settles_nothing(element):
                return None
        return tuple([Run(text, *look) for text, look in line])

    def _plain_run(self, run: Element, line: list[tuple[str, Look]]) -> bool:
        """Add a run's text; False if there is more to the run than text."""
        look = PLAIN
        for element in run:
            tag = element.tag
            if tag == T:
                text = _plain(element, None)
                if line and line[-1][1] == look:
                    line[-1] = line[-1][0] + text, look
                elif text:
                    line.append((text, look))
            elif tag == R_PR:
                if any(item.tag in TELLING for item in element):
                    return False
                look, font, _ = self._look(element, PLAIN, False)
                if font is not None:
                    return False
            else:
                return False
        return True

    def _fill(self, line: _Line, paragraph: Element) -> bool:
        """Add a paragraph's text; True where its end is deleted, so that the next one joins it."""
        properties = child(paragraph, P_PR)
        style_id, joins = self._styles.default_paragraph, False
        if properties is not None:
            style = child(properties, P_STYLE)
            style_id = style_id if style is None else _value(style)
            mark = child(properties, R_PR)
            joins = mark is not None and any(item.tag in GONE for item in mark)
        base = self._styles[style_id]
        self._inline(paragraph, line, base.look, bool(base.vanish))
        if self._fields:
            self._release_fields()
        return joins

    def _close(
        self, line: _Line, last: Element | None, place: Place | None, found: list[Block]
    ) -> None:
        number = "" if last is None else self._label(last)
        where = place or self._next_place()
        if self._struck > self._struck_placed:
            self._struck_placed = self._struck
            self.struck.add(where)
        found.append(line.paragraph(where, number))
        for box in line.boxes:
            found.extend(self.blocks(box, place))

    def _blank(self, place: Place | None) -> Paragraph:
        return Paragraph((), place or self._next_place())

    def _next_place(self) -> Place:
        self._paragraphs += 1
        if self._paragraphs > LIMITS.paragraphs:
            raise UnsafeError(
                f"“{self._package.name}”没有读取：正文超过 {LIMITS.paragraphs} 段。",
                remedy="请核对来源，只提交申报表格。",
            )
        return Place(paragraph=self._paragraphs)

    def _label(self, paragraph: Element) -> str:
        if self._numbering.is_empty:
            return ""
        properties = child(paragraph, P_PR)
        style_id = self._styles.default_paragraph
        num_id: str | None = None
        level: int | None = None
        if properties is not None:
            style_id = _value(child(properties, P_STYLE)) or style_id
            direct = child(properties, NUM_PR)
            if direct is not None:
                num_id = _value(child(direct, NUM_ID)) or None
                if (own := child(direct, LEVEL)) is not None:
                    level = _number(_value(own))
        style = self._styles[style_id]
        if level is None and style.level is not None:
            level = _number(style.level)
        num_id = num_id or style.num_id
        return self._numbering.label(num_id, level, style_id) if num_id else ""

    # -- inside a paragraph

    def _inline(self, container: Element, line: _Line, base: Look, vanish: bool) -> None:
        last: Element | None = None  # the control before, if nothing stands between
        for element in container:
            tag = element.tag
            if tag == SDT:
                if last is None or not _echoes(last, element):
                    last = element
                    self._inline_control(element, line, base, vanish)
                continue
            last = None
            if tag == R:
                self._run(element, line, base, vanish)
            elif tag in TRANSPARENT:
                self._inline(element, line, base, vanish)
            elif tag == ALTERNATE:
                self._inline(_chosen(element), line, base, vanish)
            elif tag == RUBY:
                self._inline(element, line, base, vanish)
            elif tag.startswith(MATH):
                self._emit(line, _math_text(element), base)

    def _inline_control(self, control: Element, line: _Line, base: Look, vanish: bool) -> None:
        content = child(control, SDT_CONTENT)
        if content is None or _is_prompt(control):
            return
        outer, self._checkbox = self._checkbox, _checkbox_state(control, self._checkbox)
        self._inline(content, line, base, vanish)
        self._checkbox = outer

    def _run(self, run: Element, line: _Line, base: Look, vanish: bool) -> None:
        look, font, hidden = base, None, vanish
        for element in run:
            tag = element.tag
            if tag == R_PR:
                look, font, hidden = self._look(element, base, vanish)
            elif tag == FIELD_MARK:
                self._field_mark(element, line, look)
            elif hidden:
                continue
            elif tag == T:
                self._emit(line, _plain(element, font), look)
            else:
                self._run_part(element, line, look, font)

    def _run_part(self, element: Element, line: _Line, look: Look, font: str | None) -> None:
        """The rarer things a run may hold."""
        tag = element.tag
        if tag in CHARACTERS:
            self._emit(line, CHARACTERS[tag], look)
        elif tag == BREAK:
            if element.get(_w("type"), "textWrapping") == "textWrapping":
                self._emit(line, "\n", look)
        elif tag == SYMBOL:
            code = int(element.get(_w("char"), "FFFD"), 16)
            self._emit(line, symbol(element.get(_w("font"), font), code), look)
        elif tag == FIELD_CODE:
            if self._fields:
                self._fields[-1].code += element.text or ""
        elif tag in DRAWN:
            self._draw(element, line)
        elif tag == ALTERNATE:
            for part in _chosen(element):
                self._run_part(part, line, look, font)
        elif tag == RUBY:
            self._inline(element, line, look, False)

    def _look(self, properties: Element, base: Look, vanish: bool) -> tuple[Look, str | None, bool]:
        """Bold, underline, highlight; the symbol font if the run is set in one; hidden or not."""
        bold, underline, highlight = base
        font: str | None = None
        for item in properties:
            tag = item.tag
            if tag == FONTS:
                font = _symbol_font(item)
            elif tag == BOLD:
                bold = _on(item)
            elif tag == UNDERLINE:
                underline = item.get(VAL, "single") != "none"
            elif tag == HIGHLIGHT:
                highlight = _on(item)
            elif tag == SHADING:
                highlight = highlight or _shaded(item)
            elif tag == VANISH:
                vanish = _on(item)
            elif tag == R_STYLE:
                style = self._styles[_value(item)]
                bold = bold if style.bold is None else style.bold
                underline = underline if style.underline is None else style.underline
                highlight = highlight if style.highlight is None else style.highlight
                vanish = vanish if style.vanish is None else style.vanish
            elif tag in (STRIKE, DOUBLE_STRIKE) and _on(item):
                vanish = self._note_struck(properties) or vanish
        return (bold, underline, highlight), font, vanish

    def _note_struck(self, properties: Element) -> bool:
        run = properties.getparent()
        text = "" if run is None else "".join(t.text or "" for t in run.iterchildren(T)).strip()
        if text:
            self._struck += 1
        return bool(text)

    def _emit(self, line: _Line, text: str, look: Look) -> None:
        if self._muted:
            if self._fields and self._fields[-1].in_code:
                self._fields[-1].code += text
        elif text:
            if self._checkbox is not None:
                text = _checkbox_text(text, self._checkbox)
            line.add(text, look)

    # -- fields

    def _field_mark(self, mark: Element, line: _Line, look: Look) -> None:
        kind = mark.get(FIELD_TYPE)
        if kind == "begin":
            opened = _Field()
            form = child(mark, FORM_DATA)
            shown = None if form is None else _form_text(form)
            if shown is not None:
                self._emit(line, shown, look)
                opened.silent = True
            self._fields.append(opened)
        elif kind == "separate" and self._fields:
            self._fields[-1].in_code = False
            self._fields[-1].start = line.length if self._fields[-1].asks else 0
        elif kind == "end" and self._fields:
            closed = self._fields.pop()
            if closed.asks:
                line.end_asked(closed.start)
            self._mute()
            if closed.in_code and not closed.silent:
                self._emit(line, _code_text(closed.code), look)
        self._mute()

    def _release_fields(self) -> None:
        """A code does not run past its paragraph: one left open must not swallow the rest."""
        for opened in self._fields:
            opened.in_code = opened.silent = False
        self._mute()

    def _mute(self) -> None:
        self._muted = any(opened.in_code or opened.silent for opened in self._fields)

    # -- pictures and text boxes

    def _draw(self, drawing: Element, line: _Line) -> None:
        """Pictures and text boxes of a drawing, however deeply grouped."""
        name = _drawing_name(drawing)
        if name is None:
            return
        for element in _drawn_parts(drawing):
            if element.tag == TEXT_BOX:
                line.boxes.append(element)
                continue
            relation = element.get(R_EMBED) or element.get(R_ID) or ""
            picture = self._package.picture(self._part, relation, name)
            if picture is not None:
                line.pictures.append(picture)

    # -- tables

    def _table(self, table: Element) -> list[Block]:
        """The grid of a table, followed by the grids of the tables inside its cells."""
        self._tables += 1
        number = self._tables
        found = [row for row in self._rows(table) if not row[0].deleted]
        rows = _unshared([row for row, _ in found])
        columns = _lay_out(_distinct(rows), table)
        if len(rows) * columns > LIMITS.slots:
            raise UnsafeError(f"“{self._package.name}”没有读取：表{number} 的格子过多。")
        cells: list[Cell] = []
        nested: list[Block] = []
        _merge_down(rows)
        frame = Frame(Place(table=number), range(1, len(rows) + 1), range(1, columns + 1))
        for at, (row, (_, texts)) in enumerate(zip(rows, found, strict=True)):
            if texts is None:
                cells.extend(self._row_cells(row, at, frame, nested))
            else:
                cells.extend(self._lifted_cells(row, texts, at, frame))
        hidden = frozenset(i for i, row in enumerate(rows) if row.hidden)
        grid = Grid(len(rows), columns, tuple(cells), frame.place, hidden)
        return [grid, *nested]

    def _rows(self, table: Element) -> Iterator[tuple[_RawRow, list[str] | None]]:
        """The rows of a table; those of repeated mark-up with their texts."""
        for element, _ in _children(table, TR):
            lifted = element.get(docx_rows.LIFTED)
            if lifted is None:
                yield _read_row(element), None
            else:
                first, end = map(int, lifted.split())
                for row in self._folder.rows[first:end]:
                    yield row.meaning, row.texts if row.plain else _spaced(row)

    def _row_cells(self, row: _RawRow, at: int, frame: Frame, nested: list[Block]) -> list[Cell]:
        cells: list[Cell] = []
        inner: dict[int, list[Block]] = {}
        for raw in row.cells:
            place, held = frame.at(at, raw.start), None if raw.blank else raw.element
            blocks = [] if held is None else self.blocks(held, place)
            said = tuple([block for block in blocks if isinstance(block, Paragraph)])
            if len(said) < len(blocks):
                inner[len(cells)] = blocks
            cells.append(Cell(at, raw.start, raw.rows, raw.end - raw.start, said, frame))
        if inner:
            self._unnest(cells, inner, nested)
        return cells

    def _unnest(
        self, cells: list[Cell], inner: dict[int, list[Block]], nested: list[Block]
    ) -> None:
        """Lift the tables out of a row's cells; leave their text where the row has other text, once."""
        tables = [b for blocks in inner.values() for b in blocks if isinstance(b, Grid)]
        layout_only = not any(cell.text.strip() for cell in cells) and any(
            len(table.cells) > 1 for table in tables
        )
        lifted = [table for table in tables if layout_only or len(table.cells) > 1]
        nested.extend(lifted)
        if layout_only:
            return
        for index, blocks in inner.items():
            old = cells[index]
            own = [block for block in blocks if id(block) not in self._told]
            cells[index] = old.holding(tuple(p for b in own for p in _as_lines(b, old.place)))
        self._told.update(map(id, lifted))

    # -- cells of repeated mark-up

    def _shape(self, element: Element, texts: int) -> _Shape | None:
        """What the mark-up of a cell means whatever its texts say: it is read with marks for texts.
        None where it holds more than text, or its meaning hangs on what it says or stands after."""
        spots = list(element.iter(T))
        if not self._is_fixed(element) or len(spots) != texts or any(s.text for s in spots):
            return None
        for number, spot in enumerate(spots):
            spot.text = chr(FIRST_MARK + number)
        raw: list[_RawCell] = []
        _read_cell(element, False, raw)
        lines = [p.runs for p in self.blocks(element, Place()) if isinstance(p, Paragraph)]
        shown = "".join([run.text for runs in lines for run in runs])
        if shown != "".join([str(spot.text) for spot in spots]):
            return None
        looks = [[run.look for run in runs for _ in run.text] for runs in lines]
        return _Shape(
            raw[0].span, raw[0].width, raw[0].continues,
            tuple(map(tuple, looks)),
            tuple([spot.get(SPACE) == "preserve" for spot in spots]),
            len(looks) == 1 and set(looks[0]) <= {PLAIN},
        )  # fmt: skip

    def _is_fixed(self, element: Element) -> bool:
        """Whether a cell holds plain runs only, and no number that counts on from cell to cell."""
        if any(item.tag not in FIXED for part in element.iter(TC, P, R, T) for item in part):
            return False
        if any(True for _ in element.iter(*UNFIXED)):
            return False
        if any(_symbol_font(fonts) is not None for fonts in element.iter(FONTS)):
            return False
        styles = [self._styles.default_paragraph, *map(_value, element.iter(P_STYLE))]
        return not any(self._styles[style].num_id for style in styles)

    def _lifted_cells(
        self, row: _RawRow, texts: list[str], at: int, frame: Frame
    ) -> Iterator[Cell]:
        """The cells of a row of repeated mark-up."""
        if self._checkbox is not None:
            texts = [_checkbox_text(text, self._checkbox) for text in texts]
        for raw in row.cells:
            shape, first = raw.shape, raw.first_text
            said: str | tuple[Paragraph, ...]
            if shape.single:
                said = texts[first]
            elif shape.plain:
                said = "".join(texts[first : first + len(shape.kept)])
            else:
                said = _paragraphs(shape, texts[first:], frame.at(at, raw.start))
            yield Cell(at, raw.start, raw.rows, raw.end - raw.start, said, frame)


def _paragraphs(shape: _Shape, texts: Iterable[str], place: Place) -> tuple[Paragraph, ...]:
    """The paragraphs of a cell of known mark-up, of which these are the first texts."""
    found: list[Paragraph] = []
    said = iter(texts)
    for looks in shape.paragraphs:
        line = _Line()
        for look in looks:
            if text := next(said):
                line.add(text, look)
        found.append(line.paragraph(place, ""))
    return tuple(found)


def _as_lines(block: Block, place: Place) -> list[Paragraph]:
    if isinstance(block, Paragraph):
        return [block]
    if block.columns == 1:
        return [paragraph for cell in block.cells for paragraph in cell.paragraphs]
    rows: dict[int, list[str]] = {}
    for cell in block.cells:
        rows.setdefault(cell.row, []).append(cell.text.replace("\n", " "))
    return [Paragraph.of("\t".join(texts), place) for texts in rows.values()]


# ---------------------------------------------------------------------------- small questions


def _settles_nothing(properties: Element) -> bool:
    """True for paragraph properties without style, number or tracked end."""
    for item in properties:
        tag = item.tag
        if tag in SETTLING or (tag == R_PR and any(mark.tag in GONE for mark in item)):
            return False
    return True


def _chosen(alternate: Element) -> Element:
    """Of the alternatives of a piece of content the first: the one a current Word shows."""
    choice = child(alternate, CHOICE)
    if choice is None:
        choice = child(alternate, FALLBACK)
    return alternate if choice is None else choice


def _echoes(first: Element, control: Element) -> bool:
    """The control only says once more what the one before it says: LibreOffice (seen in 7.4) writes
    one control of several scripts as several, each with the whole text at its end."""
    one, other = child(first, SDT_PR), child(control, SDT_PR)
    if one is None or other is None or [i.tag for i in one] != [i.tag for i in other]:
        return False
    said = "".join(t.text or "" for t in first.iter(T))
    return len(said) > 1 and "".join(t.text or "" for t in control.iter(T)).endswith(said)


def _is_prompt(control: Element) -> bool:
    flag = control.find(f"{SDT_PR}/{SHOWING_PROMPT}")
    return flag is not None and _on(flag)


def _checkbox_state(control: Element, outer: bool | None) -> bool | None:
    box = control.find(f"{SDT_PR}/{{*}}checkbox")
    if box is None:
        return outer
    state = box.find("{*}checked")
    if state is None:
        return False
    return next(iter(state.attrib.values()), "1") not in OFF


def _checkbox_text(text: str, state: bool) -> str:
    """The glyph shown says it; one that is neither box nor tick is read by the control's state."""
    shown = text.strip()
    if shown in EMPTY_BOXES:
        return "☐"
    if shown in TICKED_BOXES:
        return "☑"
    if len(shown) == 1:
        return "☑" if state else "☐"
    return text


def _symbol_font(fonts: Element) -> str | None:
    for slot in ("ascii", "hAnsi"):
        name = fonts.get(_w(slot))
        if is_symbol_font(name):
            return str(name)
    return None


def _plain(element: Element, font: str | None) -> str:
    return _plain_text(element.text or "", element.get(SPACE) == "preserve", font)


def _plain_text(text: str, kept: bool, font: str | None) -> str:
    """Text of `w:t`: outer white space counts only if the file says so, line ends are spaces."""
    if text[:1].isspace() or text[-1:].isspace() or "\n" in text:
        if not kept:
            text = text.strip(" \t\r\n")
        text = text.replace("\n", " ").replace("\t", " ")
    if font is not None:
        return symbol_text(font, text)
    return private_text(text) if PRIVATE.search(text) else text


def _math_text(element: Element) -> str:
    return "".join(t.text or "" for t in element.iter(f"{MATH}t"))


def _drawn_parts(drawing: Element) -> Iterator[Element]:
    """Blips, image data and text boxes, not looking into a text box."""
    for element in drawing:
        tag = element.tag
        if tag in (BLIP, IMAGE_DATA, TEXT_BOX):
            yield element
        elif tag == ALTERNATE:
            yield from _drawn_parts(_chosen(element))
        else:
            yield from _drawn_parts(element)


def _drawing_name(drawing: Element) -> str | None:
    """What the drawing is called (`公章`, `图片 1`); None where it is hidden."""
    properties = next(drawing.iter("{*}docPr"), None)
    if properties is not None:
        if properties.get("hidden", "0") not in OFF:
            return None
        return properties.get("name") or properties.get("descr") or ""
    image = next(drawing.iter(IMAGE_DATA), None)
    title = "" if image is None else image.get("{urn:schemas-microsoft-com:office:office}title")
    return title or ""


# ------------------------------------------------------------------------------- table geometry


@dataclass(frozen=True, eq=False)
class _Shape:
    """The mark-up of a cell without its texts: `paragraphs` has for each text its look; `kept`,
    whether the outer white space of each counts; `plain`: one paragraph without any look."""

    span: int
    width: int
    continues: bool
    paragraphs: tuple[tuple[Look, ...], ...]
    kept: tuple[bool, ...]
    plain: bool

    @cached_property
    def single(self) -> bool:
        return self.plain and len(self.kept) == 1


#: A cell as written that is looked at in itself.
NO_SHAPE = _Shape(1, 0, False, (), (), False)


@dataclass(slots=True, eq=False)
class _RawCell:
    """A `w:tc` as written; of repeated mark-up its `shape`, and which of the row's texts is its
    first. `start`, `end` (excluded) and `rows` are set when it is laid out."""

    element: Element | None
    span: int = 1
    width: int = 0
    continues: bool = False
    blank: bool = False
    start: int = 0
    end: int = 0
    rows: int = 1
    shape: _Shape = NO_SHAPE
    first_text: int = 0


@dataclass(slots=True, eq=False)
class _RawRow:
    cells: list[_RawCell]
    before: int = 0
    after: int = 0
    before_width: int = 0
    hidden: bool = False
    deleted: bool = False

    @property
    def total(self) -> int:
        return self.before + sum(cell.span for cell in self.cells) + self.after


def _children(element: Element, wanted: str) -> Iterator[tuple[Element, bool]]:
    """Rows of a table or cells of a row, through wrappers; True with those of an unfilled control."""
    for item in element:
        if item.tag == wanted:
            yield item, False
        elif item.tag == SDT:
            content = child(item, SDT_CONTENT)
            if content is not None:
                prompt = _is_prompt(item)
                yield from ((c, prompt or blank) for c, blank in _children(content, wanted))
        elif item.tag in TRANSPARENT:
            yield from _children(item, wanted)
        elif item.tag == ALTERNATE:
            yield from _children(_chosen(item), wanted)


def _bare_row(element: Element) -> _RawRow | None:
    """A row without its cells; None if there is more to it than properties."""
    plain = all(item.tag in (TR_PR, TBL_PR_EX) for item in element)
    return _read_row(element) if plain else None


def _row_like(bare: _RawRow, shapes: Iterable[_Shape]) -> _RawRow:
    """A row with cells of these shapes."""
    row = replace(bare, cells=[])
    texts = 0
    for shape in shapes:
        row.cells.append(
            _RawCell(None, shape.span, shape.width, shape.continues, shape=shape, first_text=texts)
        )
        texts += len(shape.kept)
    return row


def _spaced(row: docx_rows.Row[_RawRow]) -> list[str]:
    """The texts of a row, white space and private characters as they are to be read."""
    kept = (kept for cell in row.meaning.cells for kept in cell.shape.kept)
    return [_plain_text(text, k, None) for text, k in zip(row.texts, kept, strict=True)]


def _distinct(rows: list[_RawRow]) -> list[_RawRow]:
    return list(dict.fromkeys(rows))


def _unshared(rows: list[_RawRow]) -> list[_RawRow]:
    """Rows of one kind are one row, but for those whose cells are merged with the next row's."""
    merged = {row for row in _distinct(rows) if any(cell.continues for cell in row.cells)}
    if not merged:
        return rows
    return [
        replace(row, cells=[replace(cell) for cell in row.cells])
        if row in merged or below in merged
        else row
        for row, below in zip(rows, [*rows[1:], None], strict=True)
    ]


def _read_row(element: Element) -> _RawRow:
    row = _RawRow([])
    properties = child(element, TR_PR)
    for item in () if properties is None else properties:
        if item.tag == GRID_BEFORE:
            row.before = max(_number(_value(item)), 0)
        elif item.tag == GRID_AFTER:
            row.after = max(_number(_value(item)), 0)
        elif item.tag == WIDTH_BEFORE:
            row.before_width = max(_number(item.get(_w("w"))), 0)
        elif item.tag == HIDDEN:
            row.hidden = _on(item)
        elif item.tag == DELETED:
            row.deleted = True
    for cell, prompt in _children(element, TC):
        _read_cell(cell, prompt, row.cells)
    return row


def _read_cell(element: Element, prompt: bool, into: list[_RawCell]) -> None:
    cell = _RawCell(element, blank=prompt)
    properties = child(element, TC_PR)
    for item in () if properties is None else properties:
        tag = item.tag
        if tag == TC_WIDTH:
            if item.get(_w("type"), "dxa") == "dxa":
                cell.width = max(_number(item.get(_w("w"))), 0)
        elif tag == GRID_SPAN:
            cell.span = max(_number(_value(item), 1), 1)
        elif tag == V_MERGE:
            cell.continues = item.get(VAL, "continue") == "continue"
        elif tag == H_MERGE and item.get(VAL, "continue") == "continue" and into:
            into[-1].span += cell.span
            into[-1].width += cell.width
            return
        elif tag == CELL_DELETED:
            return
    into.append(cell)


def _lay_out(rows: list[_RawRow], table: Element) -> int:
    """Give every cell its columns; returns how many there are."""
    regular = len({row.total for row in rows}) <= 1
    if regular or not all(cell.width for row in rows for cell in row.cells):
        _lay_by_spans(rows)
    else:
        _lay_by_widths(rows, _column_widths(table))
    return _compress(rows)


def _column_widths(table: Element) -> list[int]:
    grid = child(table, _w("tblGrid"))
    return [] if grid is None else [_number(column.get(_w("w"))) for column in grid]


def _lay_by_spans(rows: list[_RawRow]) -> None:
    width = max((row.total for row in rows), default=0)
    for row in rows:
        at = row.before
        for cell in row.cells:
            cell.start, cell.end = at, at + cell.span
            at = cell.end
        if len(row.cells) == 1 and not row.before and not row.after:
            row.cells[0].end = max(width, at)  # a title over the whole table, its span forgotten


def _lay_by_widths(rows: list[_RawRow], columns: list[int]) -> None:
    for row in rows:
        at = row.before_width or sum(columns[: row.before])
        for cell in row.cells:
            cell.start, cell.end = at, at + cell.width
            at = cell.end
    edges = _merged_edges({edge for row in rows for c in row.cells for edge in (c.start, c.end)})
    for row in rows:
        for cell in row.cells:
            cell.start, cell.end = edges[cell.start], edges[cell.end]


def _merged_edges(edges: set[int]) -> dict[int, int]:
    """Every edge to the first of its neighbourhood."""
    merged: dict[int, int] = {}
    first: int | None = None
    for edge in sorted(edges):
        if first is None or edge - first > EDGE_TOLERANCE:
            first = edge
        merged[edge] = first
    return merged


def _compress(rows: list[_RawRow]) -> int:
    """Number the edges that some cell uses; a span of a million columns is then as wide as one."""
    edges = sorted({edge for row in rows for c in row.cells for edge in (c.start, c.end)})
    for row in rows:
        for cell in row.cells:
            cell.start = bisect_left(edges, cell.start)
            cell.end = max(bisect_left(edges, cell.end), cell.start + 1)
    return max((cell.end for row in rows for cell in row.cells), default=0)


def _merge_down(rows: list[_RawRow]) -> None:
    """Make cells merged downwards one: the first grows, those it covers leave their rows."""
    above: dict[int, _RawCell] = {}
    settled: dict[_RawRow, dict[int, _RawCell]] = {}
    for row in rows:
        if row in settled:
            above = settled[row]
            continue
        current: dict[int, _RawCell] = {}
        for cell in row.cells:
            upper = above.get(cell.start) if cell.continues else None
            if upper is not None:
                upper.rows += 1
            current[cell.start] = upper or cell
        if not any(cell.continues for cell in row.cells):
            settled[row] = current
        row.cells = [cell for cell in row.cells if current[cell.start] is cell]
        above = current

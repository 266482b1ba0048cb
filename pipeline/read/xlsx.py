"""Workbooks (.xlsx, .xlsm): one Document a sheet, one Grid of what stands in its used part.

Values are text as a careful person reads them: 13812345678 and not 1.38E+10, 35.2% where the
format says per cent, a date as it is shown if that names its year, month and day in this order
(2024年9月26日, 2024年9月) and as 2024-09-26 if not, a unit that the number format prints. What a person would not see is not read: phonetic
guides, values under a merged cell. Hidden rows, columns and sheets are read and pointed at.

The sheet's own claim of its size is not believed; a stray cell far away does not make the grid
large: wide gaps of empty rows or columns shrink to one. Inside the used part every slot has a
cell, blank or not (a sheet with almost nothing in a large field is left sparse).
"""

from __future__ import annotations

import operator
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from pipeline.document import (
    Cell,
    Document,
    Doubt,
    Frame,
    Grid,
    Paragraph,
    Picture,
    Place,
    Run,
    Source,
    column_letters,
)
from pipeline.errors import UnsafeError
from pipeline.findings import Finding
from pipeline.read import xlsx_rows
from pipeline.read.ooxml import (
    BLIP,
    DRAWING,
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
    symbol_text,
)
from pipeline.read.xlsx_controls import Control, controls
from pipeline.reading import uncollected

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: What a cell style carries beside fonts and formats; so far only check boxes in cells.
COMPLEMENT = (
    "{http://schemas.microsoft.com/office/spreadsheetml/2022/featurepropertybag}xfComplement"
)
SHEET_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"


def _m(name: str) -> str:
    return f"{{{MAIN}}}{name}"


ROW, CELL, VALUE, FORMULA, INLINE, TEXT, RICH, RICH_PR = (
    _m("row"), _m("c"), _m("v"), _m("f"), _m("is"), _m("t"), _m("r"), _m("rPr"),
)  # fmt: skip
OFF = frozenset({"0", "false", "off", "none"})

#: Empty rows or columns in a stretch longer than this shrink to one.
WIDEST_GAP = 40
#: Blank slots are given cells while there are no more of them than this for each filled one …
BLANKS_PER_CELL = 8
#: … or in all.
FEW_SLOTS = 20_000
MAX_SHEETS = 200
#: From here on a spreadsheet has lost the last digits (IEEE 754, 15 shown).
PRECISE = 10**15
#: A number that is read as it is written: no more digits than a spreadsheet keeps.
PLAIN_NUMBER = re.compile(r"(?:0|[1-9]\d{0,8})(?:\.\d{0,4}[1-9])?", re.ASCII)
SCIENTIFIC = re.compile(r"\s*\d(?:\.\d+)?[Ee]\+?\d{2,}\s*")
#: A unit that the format itself prints leaves no doubt: `0!.0,"万元"`.
SCALE_WORDS = re.compile("[千万亿]")
MOVING = re.compile(r"\b(?:TODAY|NOW|RAND|RANDBETWEEN)\(", re.I)
WPS_PICTURE = re.compile(r'=?(?:_xlfn\.)?DISPIMG\("([^"]+)"', re.I)

Look = tuple[bool, bool, bool]  # bold, underline, highlight
PLAIN: Look = (False, False, False)
Lines = tuple[tuple[Run, ...], ...]  # lines of runs
Content = Lines | str  # one line of plain text is that text


@uncollected()
def read(path: Path, source: Source, *, recalculated: bool = False) -> list[Document]:
    """A Document for each sheet with something in it; a workbook without any gives an empty one.
    `recalculated`: another program has computed the formulas anew, so that what they showed on the
    day the file was saved is gone where they depend on the day.

    Raises UnreadableError and its kinds (password, unsafe, old format), each with a remedy.
    """
    with open_package(path, source.file) as package:
        book = _Book(package, recalculated=recalculated)
        documents = [sheet.document(source) for sheet in book.sheets() if not sheet.is_empty]
        general = tuple(package.findings())
        if not documents:
            return [Document(source, (), findings=general)]
        first = documents[0]
        documents[0] = replace(first, findings=general + first.findings)
        return documents


# ---------------------------------------------------------------------------- number formats

#: Built-in formats of a Chinese Excel that are dates or times (ECMA-376 part 1, 18.8.30).
BUILT_IN: dict[int, str] = {
    9: "0%", 10: "0.00%", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm am/pm", 19: "h:mm:ss am/pm", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm",
    27: "yyyy年m月", 28: "m月d日", 29: "m月d日", 30: "m-d-yy", 31: "yyyy年m月d日", 32: "h时mm分",
    33: "h时mm分ss秒", 34: "h时mm分", 35: "h时mm分ss秒", 36: "yyyy年m月", 45: "mm:ss", 46: "[h]:mm:ss",
    47: "mm:ss", 50: "yyyy年m月", 51: "m月d日", 52: "yyyy年m月", 53: "m月d日", 54: "m月d日",
    55: "h时mm分", 56: "h时mm分ss秒", 57: "yyyy年m月", 58: "m月d日",
}  # fmt: skip

LITERAL = re.compile(r'"([^"]*)"|\\(.)|!(.)')
PADDING = re.compile(r"[_*].")
BRACKET = re.compile(r"\[\$([^\]-]*)[^\]]*\]|\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.I)
CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
DIGITS = re.compile(r"[0#?][0#?,.]*")
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
    "<>": operator.ne,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Format:
    """How a number is shown. `shows`: the date parts among `ymdhs`; `layout`: a whole date in the
    order of year, month, day, as it is printed (`{y}年{m}月{d}日`); `elapsed`: hours past 24;
    `scale`: powers of ten by which the shown number is smaller; `picture`: digits set into a
    pattern (`0000-0000000`); `literal`: what stands there instead of a number; `choices`: formats
    for values that meet a condition."""

    shows: frozenset[str] = frozenset()
    layout: str = ""
    elapsed: bool = False
    percent: bool = False
    decimals: int | None = None
    prefix: str = ""
    suffix: str = ""
    picture: str = ""
    scale: int = 0
    literal: str | None = None
    choices: tuple[tuple[str, float, _Format], ...] = ()

    @property
    def is_quiet(self) -> bool:
        """A number shown so gives nothing to note."""
        return not self.choices and not self.scale

    def chosen(self, value: float) -> _Format:
        """The section of the format that is used for a value (`[=1]"√";[=0]"×"`)."""
        for sign, limit, form in self.choices:
            if COMPARE[sign](value, limit):
                return form
        return self


_GENERAL = _Format()


def _read_format(code: str) -> _Format:
    """What a number format code means for reading.

    Without conditions only its first section is looked at: a zero that an accounting format shows
    as a dash is still a zero.

    >>> sorted(_read_format('yyyy"年"m"月"').shows), _read_format('0.0%').percent
    (['m', 'y'], True)
    """
    sections = _sections(code)
    choices = [
        (condition[1], float(condition[2]), _read_section(section))
        for section in sections
        if (condition := CONDITION.search(section))
    ]
    if choices:
        rest = sections[len(choices)] if len(sections) > len(choices) else ""
        return replace(_read_section(rest), choices=tuple(choices))
    if len(sections) > 1 and not sections[0].strip():
        return _Format(literal="")  # `;;;` hides the number
    first = _read_section(sections[0])
    if first.literal and len(sections) > 1:  # words for the sign: `"是";;"否"`
        signs = (">", "<", "=")
        words = [(sign, 0.0, _read_section(s)) for sign, s in zip(signs, sections, strict=False)]
        return replace(first, choices=tuple(words))
    return first


def _sections(code: str) -> list[str]:
    """Parts between semicolons that are not quoted."""
    hidden = re.sub(r'"[^"]*"|\\.', lambda m: "\0" * len(m[0]), code)
    cuts = [-1, *(m.start() for m in re.finditer(";", hidden)), len(code)]
    return [code[a + 1 : b] for a, b in pairwise(cuts)]


def _read_section(section: str) -> _Format:
    bare = BRACKET.sub("", LITERAL.sub("", PADDING.sub("", section))).strip().lower()
    has_general = "general" in bare or "g/通用格式" in bare
    if re.search(r"[0#?]", bare) or has_general:
        return _number_format(re.sub("general|g/通用格式", "0", section, flags=re.I), has_general)
    if re.search(r"[ymdhs]|aaa", bare):
        return replace(_date_format(bare.replace("aaa", "d")), layout=_date_layout(section))
    literal = _literal_text(section).strip()
    return _Format(literal=literal) if literal and "@" not in section else _GENERAL


def _literal_text(section: str) -> str:
    section = BRACKET.sub(lambda m: m[1] or "", PADDING.sub("", section))
    return LITERAL.sub(lambda m: m[1] or m[2] or m[3] or "", section)


def _date_format(marks: str) -> _Format:
    elapsed = "[h" in marks
    shows = set(re.findall(r"[ymdhs]", re.sub(r"am/pm|a/p", "", marks)))
    if "m" in shows and shows & {"h", "s"} and not shows & {"y", "d"}:
        shows.discard("m")  # minutes
    return _Format(frozenset(shows), elapsed=elapsed)


DATE_PART = re.compile(r'"([^"]*)"|[\\!](.)|(y+)|(m+)|(d+)|(.)', re.I | re.S)
DATE_ORDER = re.compile(r"[^{}]*\{y\}[^{}]*\{m(?::02)?\}[^{}]*(?:\{d(?::02)?\}[^{}]*)?")
DATE_MARKS = frozenset("年月日号./-、 ")


def _date_layout(section: str) -> str:
    """How a date is printed, if it is by numbers from the year down; else "".

    >>> _date_layout('[$-804]yyyy"年"m"月"'), _date_layout("yyyy.mm.dd"), _date_layout("d-mmm")
    ('{y}年{m}月', '{y}.{m:02}.{d:02}', '')
    """
    if "dbnum" in section.lower():
        return ""
    out = ""
    for match in DATE_PART.finditer(BRACKET.sub("", PADDING.sub("", section))):
        quoted, escaped, year, month, day, other = match.groups()
        if other is not None and other not in DATE_MARKS:
            return ""
        if (year and len(year) != 4) or len(month or day or "") > 2:
            return ""
        part = "y" if year else "m" if month else "d"
        if year or month or day:
            out += f"{{{part}:02}}" if len(month or day or "") == 2 else f"{{{part}}}"
        else:
            out += (quoted or escaped or other or "").replace("{", "").replace("}", "")
    return out.strip() if DATE_ORDER.fullmatch(out) else ""


def _number_format(section: str, general: bool = False) -> _Format:
    template = BRACKET.sub(lambda m: m[1] or "", PADDING.sub("", section))
    percent = "%" in LITERAL.sub("", template)
    template = template.replace("%", "")
    # The same text twice, character by character: literals blotted out, and literals spelt out.
    marks = LITERAL.sub(lambda m: "\0" * len(m[1] or m[2] or m[3] or ""), template)
    spelt = LITERAL.sub(lambda m: m[1] or m[2] or m[3] or "", template)
    found = list(DIGITS.finditer(marks))
    start, end = found[0].start(), found[-1].end()
    body, shown = marks[start:end], spelt[start:end]
    if "E+" in body.upper() or "/" in body:  # scientific, fractions: the stored number says more
        return _Format(percent=percent)
    scale = 3 * (len(body) - len(body.rstrip(",")))
    if "." in shown and "." not in body:  # a point set by hand: `0!.0,"万"`
        scale += len(re.findall(r"[0#?]", shown.rpartition(".")[2]))
    return _Format(
        percent=percent,
        decimals=None if general else len(re.findall(r"[0#?]", body.partition(".")[2])),
        prefix=spelt[:start].strip(),
        suffix=spelt[end:].strip(),
        picture=shown if not scale and _is_picture(body, len(found)) else "",
        scale=scale,
    )


def _is_picture(body: str, stretches: int) -> bool:
    return "." not in body and (stretches > 1 or body.startswith("00"))


def _decimal_text(number: Decimal) -> str:
    """Plain digits without a trailing `.0`."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _shown_number(raw: str, form: _Format) -> str:
    """A number as its format lets it be read; 15 digits, as a spreadsheet shows at most.

    >>> _shown_number("0.35199999999999998", _Format(percent=True))
    '35.2%'
    """
    value = Decimal(raw)
    if not value.is_finite() or not -400 < value.adjusted() < 400:
        return raw
    if abs(value) < PRECISE:
        value = Decimal(f"{float(value):.15g}")
    if form.percent:
        return f"{form.prefix}{_decimal_text(_settled(value * 100, form))}%{form.suffix}"
    text = _padded(_decimal_text(_settled(value.scaleb(-form.scale), form)), form)
    if form.picture and text.isdigit():
        text = _into_picture(form.picture, text)
    return f"{form.prefix}{text}{form.suffix}"


def _padded(text: str, form: _Format) -> str:
    """With the noughts that the format shows behind a fraction: 2024.10 is no January."""
    whole, point, fraction = text.partition(".")
    return f"{whole}.{fraction:0<{form.decimals or 0}}" if point else text


def _settled(value: Decimal, form: _Format) -> Decimal:
    """A long fraction is a formula's: it is read as shown. What someone typed stays as typed."""
    exponent = value.as_tuple().exponent
    if form.decimals is not None and isinstance(exponent, int) and exponent < -6:
        return round(value, form.decimals)
    return value


def _into_picture(picture: str, digits: str) -> str:
    """Digits into a pattern from the right: `0000-0000000` with 7311234567 → 0731-1234567."""
    out: list[str] = []
    rest = list(digits)
    for mark in reversed(picture.replace(",", "")):
        if mark not in "0#?":
            out.append(mark)
        elif rest:
            out.append(rest.pop())
        elif mark == "0":
            out.append("0")
    return "".join(rest) + "".join(reversed(out))


def _shown_date(serial: float, form: _Format, epoch_1904: bool) -> str | None:
    """A serial number as the date it is shown as; None where it is none."""
    if not 0 <= serial < 2_958_466:
        return None
    if not form.shows & {"y", "m", "d"}:
        return _clock(serial if form.elapsed else serial % 1, "s" in form.shows)
    if epoch_1904:
        base = datetime(1904, 1, 1)
    else:  # Excel counts a 29 February 1900 that never was
        base = datetime(1899, 12, 30) if serial >= 60 else datetime(1899, 12, 31)
    return _date_text(base + timedelta(seconds=round(serial * 86_400)), form)


def _date_text(moment: datetime, form: _Format) -> str:
    if form.layout:
        return form.layout.format(y=moment.year, m=moment.month, d=moment.day)
    if form.shows == {"y", "m"}:
        return f"{moment:%Y-%m}"
    if form.shows == {"y"}:
        return f"{moment:%Y}"
    text = date(moment.year, moment.month, moment.day).isoformat()
    if "h" in form.shows and (moment.hour or moment.minute or moment.second):
        text += f" {moment:%H:%M}"
    return text


def _clock(days: float, seconds: bool) -> str:
    minutes, second = divmod(round(days * 86_400), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}" + (f":{second:02d}" if seconds else "")


# ----------------------------------------------------------------------------------- workbook


@dataclass(frozen=True, slots=True)
class _Style:
    """What a cell style settles for reading."""

    form: _Format = _GENERAL
    look: Look = PLAIN
    symbols: str | None = None
    struck: bool = False
    plain: bool = True
    checkbox: bool = False  # TRUE and FALSE are shown as a box that is ticked or not

    @property
    def is_bare(self) -> bool:
        """It changes nothing of how a text is read."""
        return self.look == PLAIN and self.symbols is None and not self.struck


@dataclass(frozen=True, slots=True)
class _Font:
    look: Look = PLAIN
    symbols: str | None = None
    struck: bool = False


def _flag(element: Element | None) -> bool:
    return element is not None and element.get("val", "1") not in OFF


def _read_font(font: Element | None) -> _Font:
    if font is None:
        return _Font()
    name = font.find(_m("name"))
    name = font.find(_m("rFont")) if name is None else name
    family = None if name is None else name.get("val")
    return _Font(
        (_flag(font.find(_m("b"))), _flag(font.find(_m("u"))), False),
        family if is_symbol_font(family) else None,
        _flag(font.find(_m("strike"))),
    )


def _read_styles(root: Element | None) -> list[_Style]:
    if root is None:
        return []
    codes = dict(BUILT_IN)
    for item in root.iterfind(f"{_m('numFmts')}/{_m('numFmt')}"):
        codes[int(item.get("numFmtId", "0"))] = item.get("formatCode", "")
    forms = {key: _read_format(code) for key, code in codes.items()}
    fonts = [_read_font(font) for font in root.iterfind(f"{_m('fonts')}/{_m('font')}")]
    found = []
    for xf in root.iterfind(f"{_m('cellXfs')}/{_m('xf')}"):
        number = int(xf.get("fontId", "0"))
        font = fonts[number] if 0 <= number < len(fonts) else _Font()
        form = forms.get(int(xf.get("numFmtId", "0")), _GENERAL)
        plain = form == _GENERAL and not font.struck
        checkbox = next(xf.iter(COMPLEMENT), None) is not None
        found.append(_Style(form, font.look, font.symbols, font.struck, plain, checkbox))
    return found


Piece = tuple[str, _Font | None]  # text and, for rich text, the font of its own


def _pieces(item: Element | None) -> list[Piece]:
    """The text of a shared or inline string, without the phonetic guide."""
    found: list[Piece] = []
    for part in () if item is None else item:
        if part.tag == TEXT:
            found.append((_clean(part.text), None))
        elif part.tag == RICH:
            own = child(part, RICH_PR)
            font = None if own is None else _read_font(own)
            found.append((_clean(part.findtext(TEXT)), font))
    return found


def _is_struck(pieces: Iterable[Piece], style: _Style) -> bool:
    """Some of the text is struck through."""
    return any((style if font is None else font).struck for text, font in pieces if text.strip())


def _clean(text: str | None) -> str:
    """Undo `_x000D_` escapes; one kind of line end."""
    if not text:
        return ""
    if "_x" in text:
        text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)
        text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _content(pieces: Sequence[Piece], style: _Style) -> Content:
    """Lines of runs: the cell's look unless a run has its own. Text struck through is left out."""
    if len(pieces) == 1 and style.is_bare:
        text, own = pieces[0]
        if own is None and text.isalnum():
            return text  # as nearly all of them
    lines: list[list[Run]] = [[]]
    for text, font in pieces:
        if (style if font is None else font).struck:
            continue
        look = style.look if font is None else font.look
        symbols = style.symbols if font is None else font.symbols
        if symbols is not None:
            text = symbol_text(symbols, text)
        elif PRIVATE.search(text):
            text = private_text(text)
        for number, line in enumerate(text.split("\n")):
            if number:
                lines.append([])
            if line:
                lines[-1].append(Run(line, *look))
    if len(lines) == 1 and len(lines[0]) == 1 and lines[0][0].look == PLAIN:
        return lines[0][0].text
    return tuple(tuple(line) for line in lines)


class _Book:
    """What the sheets share: strings, styles, the calendar, pictures of WPS."""

    def __init__(self, package: Package, *, recalculated: bool) -> None:
        self.package = package
        self.recalculated = recalculated
        self.part = package.main_part("xl/workbook.xml")
        root = package.required(self.part)
        self._sheets = list(root.iterfind(f"{_m('sheets')}/{_m('sheet')}"))[:MAX_SHEETS]
        properties = root.find(_m("workbookPr"))
        self.epoch_1904 = properties is not None and properties.get("date1904", "0") not in OFF
        self.strings = [_pieces(item) for item in self._related("sharedStrings")]
        self.struck = {n for n, item in enumerate(self.strings) if _is_struck(item, _Style())}
        styles = package.related(self.part, "styles")
        self.styles = _read_styles(package.xml(styles[0]) if styles else None)
        self.strikes = bool(self.struck) or any(style.struck for style in self.styles)
        self._contents: dict[tuple[int, int], Content] = {}
        self._texts: dict[tuple[str, int], Content] = {}

    def sheets(self) -> Iterator[_Sheet]:
        relations = self.package.relations(self.part)
        for item in self._sheets:
            relation = relations.get(item.get(R_ID, ""))
            if relation is None or relation.external or relation.kind != "worksheet":
                continue
            sheet = _Sheet(self, item.get("name", ""), relation.target)
            root = self.package.xml(relation.target, sheet.fold)
            if root is not None:
                sheet.hidden = item.get("state", "visible") != "visible"
                sheet.fill(root)
                yield sheet

    def style(self, number: int) -> _Style:
        return self.styles[number] if 0 <= number < len(self.styles) else _Style()

    def string(self, index: int, style: int) -> Content:
        """A shared string in a style; a column of 是 is built once."""
        key = index, style
        if key not in self._contents:
            self._contents[key] = _content(self.strings[index], self.style(style))
        return self._contents[key]

    def is_plain_string(self, index: str) -> bool:
        """Whether there is such a string, and none of it is struck through."""
        known = index.isdecimal() and int(index) < len(self.strings)
        return known and int(index) not in self.struck

    def content(self, pieces: list[Piece], style: int) -> Content:
        """Text in a style; what is not rich text is built once for all cells that say the same."""
        if len(pieces) != 1 or pieces[0][1] is not None:
            return _content(pieces, self.style(style))
        key = pieces[0][0], style
        if key not in self._texts:
            self._texts[key] = _content(pieces, self.style(style))
        return self._texts[key]

    def wps_picture(self, name: str) -> Picture | None:
        """A picture that WPS keeps inside a cell (`DISPIMG`)."""
        for part in self.package.related(self.part, "cellImage"):
            root = self.package.xml(part)
            for image in () if root is None else root.iter(f"{{{SHEET_DRAWING}}}pic"):
                properties = next(image.iter(f"{{{SHEET_DRAWING}}}cNvPr"), None)
                blip = next(image.iter(BLIP), None)
                if properties is not None and properties.get("name") == name and blip is not None:
                    label = properties.get("descr") or name
                    return self.package.picture(part, blip.get(R_EMBED, ""), label)
        return None

    def _related(self, kind: str) -> Iterator[Element]:
        for part in self.package.related(self.part, kind)[:1]:
            root = self.package.xml(part)
            if root is not None:
                yield from root


# -------------------------------------------------------------------------------------- sheet


#: What is said of a single cell, where its value is taken.
DOUBTS: dict[str, Doubt] = {
    doubt.code: doubt
    for doubt in (
        Doubt("formula-no-value", "单元格是公式但没有保存计算结果；请在 Excel 或 WPS 中打开并保存后重新提交。", lost=True),
        Doubt("formula-moving", "单元格是随打开日期变化的公式（如TODAY），填写时的值没有保存下来；请改填固定的日期或数字。", lost=True),
        Doubt("cell-error", "单元格是公式错误值，请改正。", lost=True),
        Doubt("number-precision", "长数字存成了数值，后几位可能已丢失，请核对原始号码并改成文本格式。"),
        Doubt("scaled-number", "数字格式缩放了数值，按显示的数读取，请核对单位。"),
        Doubt("date-system", "工作簿用的是1904日期系统，这一格没有日期格式；如果是日期，请核对。"),
    )
}  # fmt: skip
#: The longest formula that is shown as the raw text of its cell.
LONGEST_FORMULA = 200


@dataclass(frozen=True, slots=True)
class _Merge:
    top: int
    left: int
    bottom: int
    right: int


class _Sheet:
    """One worksheet being read: contents by row and column (numbers as in the sheet)."""

    def __init__(self, book: _Book, name: str, part: str) -> None:
        self.name = name
        self.hidden = False
        self._book = book
        self._part = part
        self._rows: dict[int, dict[int, Content]] = {}
        self._pictures: dict[tuple[int, int], list[Picture]] = {}
        self._merges: list[_Merge] = []
        self._hidden_rows: set[int] = set()
        self._doubts: dict[tuple[int, int], Doubt] = {}
        self._formulas: dict[tuple[int, int], str] = {}
        self._struck: set[tuple[int, int]] = set()
        self._hidden_columns: list[range] = []
        self._controls: list[Control] = []
        self._floating: list[str] = []
        self._margins: list[str] = []
        self._columns = _Columns()
        self._folder: xlsx_rows.Folder[Content] = xlsx_rows.Folder(
            self._is_plain, self._plain_content
        )
        self.fold = self._folder.fold

    @property
    def is_empty(self) -> bool:
        return not (self._rows or self._pictures or self._floating)

    def fill(self, root: Element) -> None:
        for element in root:
            if element.tag == _m("sheetData"):
                self._read_rows(element)
            elif element.tag == _m("mergeCells"):
                self._merges = _read_merges(element)
            elif element.tag == _m("headerFooter"):
                self._margins = [_margin_text(part.text or "") for part in element]
            elif element.tag == _m("drawing"):
                self._read_drawing(element.get(R_ID, ""))
            elif element.tag == _m("legacyDrawing"):
                self._read_controls(element.get(R_ID, ""))
        self._place_controls()
        self._read_columns(root.find(_m("cols")))

    def document(self, source: Source) -> Document:
        blocks = [Paragraph.of(text, Place(sheet=self.name)) for text in self._floating]
        furniture = tuple(Paragraph.of(t, Place(sheet=self.name)) for t in self._margins if t)
        grid = self._grid()
        findings: list[Finding] = []
        if self.hidden:
            text = f"工作表“{self.name}”是隐藏的，也读取了，请核对是否要提交。"
            findings.insert(0, Finding("warning", "hidden-sheet", "", text))
        struck = frozenset(Place(self.name, row=row, column=column) for row, column in self._struck)
        if struck:
            text = f"工作表“{self.name}”有带删除线的文字，按已划去处理，请核对。"
            findings.append(Finding("warning", "struck-text", "", text))
        return Document(source, (grid, *blocks), furniture, findings=tuple(findings), struck=struck)

    # -- reading

    def _read_rows(self, data: Element) -> None:
        number = 0
        for row in data.iterchildren(ROW):
            lifted = row.get(xlsx_rows.LIFTED)
            if lifted is not None:
                first, end = map(int, lifted.split())
                number = self._take_lifted(first, end)
                continue
            number = int(row.get("r") or number + 1)
            if row.get("hidden", "0") not in OFF or row.get("ht") == "0":
                self._hidden_rows.add(number)
            contents = self._read_row(row, number)
            if contents:
                self._rows.setdefault(number, {}).update(contents)
        for at in _moving(self._formulas):
            self._doubt("formula-moving", at)

    def _take_lifted(self, first: int, end: int) -> int:
        """Takes in rows that need no closer look; returns the number of the last."""
        number = 0
        for number, contents in self._folder.rows[first:end]:
            if contents:
                numbers = map(self._columns.__getitem__, contents)
                self._rows.setdefault(number, {}).update(
                    zip(numbers, contents.values(), strict=True)
                )
        return number

    def _is_plain(self, style: int, kind: str) -> bool:
        """Whether a style changes nothing of a text, or of a number."""
        own = self._book.style(style)
        quiet = kind == "inlineStr" or (kind == "n" and own.plain and not self._book.epoch_1904)
        return quiet and own.is_bare

    def _plain_content(self, style: int, kind: str, text: str) -> Content | None:
        """What a cell says wherever it stands; UnusualError where there is something to note."""
        own = self._book.style(style)
        if own.struck:
            raise xlsx_rows.UnusualError
        if kind == "inlineStr":
            content = self._book.content([(_clean(text), None)], style)
        elif kind == "s" and self._book.is_plain_string(text):
            content = self._book.string(int(text), style)
        elif (
            kind == "n"
            and own.form.is_quiet
            and not self._book.epoch_1904
            and PLAIN_NUMBER.fullmatch(text)
        ):
            shown = text if own.plain else self._number(text, own, (0, 0))
            content = self._book.content([(shown, None)], style)
        else:
            raise xlsx_rows.UnusualError
        if kind != "n" and _is_scientific(content):
            raise xlsx_rows.UnusualError
        return content if any(content) else None

    def _read_row(self, row: Element, number: int) -> dict[int, Content]:
        contents: dict[int, Content] = {}
        column = 0
        for cell in row:
            reference = cell.get("r")
            column = (
                column + 1 if reference is None else self._columns[reference.rstrip("0123456789")]
            )
            if len(cell):
                content = self._cell(cell, number, column)
                if content is not None:
                    contents[column] = content
        return contents

    def _cell(self, cell: Element, row: int, column: int) -> Content | None:
        """What stands in a cell; None where nothing does."""
        kind = cell.get("t", "n")
        style = int(cell.get("s", "0"))
        value = child(cell, VALUE)
        raw = None if value is None else value.text
        if self._book.recalculated and (formula := cell.findtext(FORMULA)):
            self._formulas[row, column] = formula
        if kind == "s":
            content = self._book.string(int(raw), style) if raw else ()
        elif kind == "inlineStr":
            content = self._book.content(_pieces(child(cell, INLINE)), style)
        elif kind == "n" and raw:
            number = self._number(raw, self._book.style(style), (row, column))
            content = self._book.content([(number, None)], style)
        else:
            content = self._computed(cell, kind, raw, self._book.style(style), (row, column))
        if (self._book.strikes or kind == "inlineStr") and self._is_struck(cell, kind, raw, style):
            self._struck.add((row, column))
            return content or ((),)
        if not any(content):
            return None
        if kind != "n":
            self._examine(content, (row, column))
        return content

    def _is_struck(self, cell: Element, kind: str, raw: str | None, style: int) -> bool:
        """Whether some of what stands in a cell is struck through, and so left out."""
        if kind == "inlineStr":
            return _is_struck(_pieces(child(cell, INLINE)), self._book.style(style))
        number = int(raw) if raw and kind == "s" else None
        return number in self._book.struck or (bool(raw) and self._book.style(style).struck)

    def _computed(
        self, cell: Element, kind: str, raw: str | None, style: _Style, at: tuple[int, int]
    ) -> Content:
        if not raw:
            formula = child(cell, FORMULA)
            if kind == "str" or formula is None:
                return ()
            self._doubt("formula-no-value", at)
            return _content([(f"={formula.text or ''}"[:LONGEST_FORMULA], None)], style)
        if kind == "str" and (match := WPS_PICTURE.match(raw)):
            picture = self._book.wps_picture(match[1])
            self._pictures.setdefault(at, []).append(picture or Picture(match[1]))
            return ()
        return _content([(self._special(kind, raw, style, at), None)], style)

    def _number(self, raw: str, style: _Style, at: tuple[int, int]) -> str:
        if style.plain and raw.isdigit() and len(raw) <= 15:
            if self._book.epoch_1904 and len(raw) == 5:
                self._doubt("date-system", at)
            return raw
        number = float(raw)
        form = style.form.chosen(number)
        if form.literal is not None:
            return form.literal
        if form.shows:
            shown = _shown_date(number, form, self._book.epoch_1904)
            if shown is not None:
                return shown
        if abs(number) >= PRECISE:
            self._doubt("number-precision", at)
            return f"{number:.5E}"  # as a spreadsheet shows it: its last digits are gone
        if form.scale and not SCALE_WORDS.search(form.prefix + form.suffix):
            self._doubt("scaled-number", at)
        return _shown_number(raw, form)

    def _special(self, kind: str, raw: str, style: _Style, at: tuple[int, int]) -> str:
        if kind == "b":
            shown = ("☐", "☑") if style.checkbox else ("FALSE", "TRUE")
            return shown[raw not in OFF]
        if kind == "e":
            self._doubt("cell-error", at)
            return raw
        if kind == "d":
            return _iso_date(raw, style.form)
        return _clean(raw)

    def _examine(self, content: Content, at: tuple[int, int]) -> None:
        if _is_scientific(content):
            self._doubt("number-precision", at)

    def _doubt(self, code: str, at: tuple[int, int]) -> None:
        self._doubts.setdefault(at, DOUBTS[code])

    def _read_columns(self, columns: Element | None) -> None:
        for item in () if columns is None else columns:
            if item.get("hidden", "0") not in OFF:
                first, last = int(item.get("min", "0")), int(item.get("max", "0"))
                self._hidden_columns.append(range(first, last + 1))

    def _read_drawing(self, relation_id: str) -> None:
        relation = self._book.package.relations(self._part).get(relation_id)
        root = None
        if relation is not None and not relation.external:
            root = self._book.package.xml(relation.target)
        if root is None or relation is None:
            return
        for anchor in root:
            at = _anchor(anchor)
            for picture in anchor.iter(f"{{{SHEET_DRAWING}}}pic"):
                self._add_picture(picture, relation.target, at)
            for body in anchor.iter(f"{{{SHEET_DRAWING}}}txBody"):
                lines = ("".join(t.text or "" for t in p.iter(f"{{{DRAWING}}}t")) for p in body)
                self._floating.extend(line for line in lines if line.strip())

    def _read_controls(self, relation_id: str) -> None:
        relation = self._book.package.relations(self._part).get(relation_id)
        if relation is not None and not relation.external:
            self._controls = controls(self._book.package.content(relation.target) or b"")

    def _place_controls(self) -> None:
        """A control stands in the cell in which it begins, behind what the cell holds."""
        for control in self._controls:
            row, column = self._holder(control.row, control.column)
            contents = self._rows.setdefault(row, {})
            contents[column] = _with_text(contents.get(column, ""), control.text)

    def _holder(self, row: int, column: int) -> tuple[int, int]:
        """The cell that covers a slot."""
        for merge in self._merges:
            if merge.top <= row <= merge.bottom and merge.left <= column <= merge.right:
                return merge.top, merge.left
        return row, column

    def _add_picture(self, element: Element, part: str, at: tuple[int, int]) -> None:
        blip = next(element.iter(BLIP), None)
        properties = next(element.iter(f"{{{SHEET_DRAWING}}}cNvPr"), None)
        name = "" if properties is None else properties.get("name", "")
        picture = None
        if blip is not None:
            picture = self._book.package.picture(part, blip.get(R_EMBED, ""), name)
        if picture is not None:
            self._pictures.setdefault(at, []).append(picture)

    # -- laying out

    def _grid(self) -> Grid:
        rows = _compact({*self._rows, *(row for row, _ in self._pictures)})
        columns = _compact(
            {column for contents in self._rows.values() for column in contents}
            | {column for _, column in self._pictures}
        )
        columns += range(columns[-1] + 1, self._far_edge(columns[-1]) + 1) if columns else ()
        if len(rows) * len(columns) > LIMITS.slots:
            raise UnsafeError(
                f"“{self._book.package.name}”没有读取：工作表“{self.name}”的格子过多。"
            )
        frame = Frame(Place(sheet=self.name), rows, columns)
        spans, covered = self._spans(rows, columns)
        cells: list[Cell] = []
        special = {r for r, _ in (*spans, *covered)} | {
            bisect_left(rows, row) for row, _ in (*self._pictures, *self._doubts)
        }
        dense = self._is_dense(frame)
        for r, row in enumerate(rows):
            if dense and r not in special:
                cells += self._simple_cells(r, self._rows.get(row, {}), frame)
            else:
                cells += self._cells(r, frame, spans, covered, dense)
        hidden = frozenset(i for i, row in enumerate(rows) if row in self._hidden_rows)
        unseen = frozenset(
            i for i, n in enumerate(columns) if any(n in part for part in self._hidden_columns)
        )
        return Grid(len(rows), len(columns), tuple(cells), frame.place, hidden, unseen)

    def _is_dense(self, frame: Frame) -> bool:
        """Whether blank slots are given cells, too."""
        filled = sum(len(contents) for contents in self._rows.values())
        slots = len(frame.rows) * len(frame.columns)
        return slots <= max(FEW_SLOTS, BLANKS_PER_CELL * filled)

    def _far_edge(self, last: int) -> int:
        """The last column that belongs to the used part: under a heading that reaches over it, it
        may be blank from top to bottom. A merge far beyond all others is cut."""
        edges = [
            merge.right for merge in self._merges if merge.left in self._rows.get(merge.top, ())
        ]
        return max((edge for edge in edges if edge <= last + WIDEST_GAP), default=last)

    def _spans(
        self, rows: list[int], columns: list[int]
    ) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
        """Merged cells inside the used part: spans by their first slot, slots they cover."""
        spans: dict[tuple[int, int], tuple[int, int]] = {}
        covered: set[tuple[int, int]] = set()
        for merge in self._merges:
            top, bottom = bisect_left(rows, merge.top), bisect_right(rows, merge.bottom)
            left, right = bisect_left(columns, merge.left), bisect_right(columns, merge.right)
            slots = {(r, c) for r in range(top, bottom) for c in range(left, right)}
            if len(slots) > 1 and not slots & covered and not slots & spans.keys():
                spans[top, left] = bottom - top, right - left
                covered |= slots - {(top, left)}
        return spans, covered

    def _cells(
        self,
        r: int,
        frame: Frame,
        spans: dict[tuple[int, int], tuple[int, int]],
        covered: set[tuple[int, int]],
        dense: bool,
    ) -> Iterator[Cell]:
        """The cells of a row with whatever is merged or lies in it."""
        row = frame.rows[r]
        contents = self._rows.get(row, {})
        for c, column in enumerate(frame.columns):
            if (r, c) in covered:
                continue
            content = contents.get(column, ())
            pictures = self._pictures.get((row, column), ())
            if dense or content or pictures or (r, c) in spans:
                place = self._place(frame, r, c)
                height, width = spans.get((r, c), (1, 1))
                yield Cell(r, c, height, width, _paragraphs(content, pictures, place), place)

    def _place(self, frame: Frame, r: int, c: int) -> Place:
        doubt = self._doubts.get((frame.rows[r], frame.columns[c]))
        place = frame.at(r, c)
        return place if doubt is None else place._replace(doubt=doubt)

    def _simple_cells(self, r: int, contents: Mapping[int, Content], frame: Frame) -> list[Cell]:
        """The cells of a row without merged cells, pictures and doubts, blank ones too."""
        said: Mapping[int, tuple[Paragraph, ...] | str] = {
            number: content
            if isinstance(content, str)
            else _paragraphs(content, (), frame.at(r, bisect_left(frame.columns, number)))
            for number, content in contents.items()
        }
        return [Cell(r, c, 1, 1, said.get(n, ()), frame) for c, n in enumerate(frame.columns)]


def _is_scientific(content: Content) -> bool:
    if not isinstance(content, str):
        if len(content) != 1 or len(content[0]) != 1:
            return False
        content = content[0][0].text
    return SCIENTIFIC.fullmatch(content) is not None


def _moving(formulas: Mapping[tuple[int, int], str]) -> set[tuple[int, int]]:
    """The formulas that give something else each day, by themselves or through others."""
    moving = {at for at, text in formulas.items() if MOVING.search(text)}
    found = moving
    while found:
        names = {f"{column_letters(column)}{row}" for row, column in found}
        found = {
            at for at, text in formulas.items() if at not in moving and names & _cells_of(text)
        }
        moving |= found
    return moving


def _cells_of(formula: str) -> set[str]:
    """The single cells that a formula names."""
    return {letters + row for letters, row in re.findall(r"\$?([A-Z]{1,3})\$?(\d+)", formula)}


def _with_text(content: Content, text: str) -> Content:
    if isinstance(content, str):
        return f"{content} {text}".strip()
    *lines, last = content or ((),)
    return (*lines, (*last, Run(f" {text}")))


def _paragraphs(
    content: Content, pictures: Iterable[Picture], place: Place
) -> tuple[Paragraph, ...]:
    lines: Lines = ((Run(content),),) if isinstance(content, str) else content
    if not pictures:
        return tuple([Paragraph(line, place) for line in lines])
    first, *rest = lines or ((),)
    head = Paragraph(first, place, "", tuple(pictures))
    return (head, *(Paragraph(line, place) for line in rest))


def _compact(numbers: set[int]) -> list[int]:
    """The numbers from the first to the last; of a wide gap only one is left.

    >>> _compact({2, 4, 5000})
    [2, 3, 4, 5, 5000]
    """
    found: list[int] = []
    for number in sorted(numbers):
        if found:
            gap = range(found[-1] + 1, number)
            found.extend(gap if len(gap) <= WIDEST_GAP else gap[:1])
        found.append(number)
    return found


class _Columns(dict[str, int]):
    """The number of a column by its letters."""

    def __missing__(self, letters: str) -> int:
        number = self[letters] = _column_number(letters)
        return number


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or number > 1 << 20:
            raise ValueError(letters)
        number = number * 26 + ord(letter) - 64
    return number


def _read_merges(element: Element) -> list[_Merge]:
    found = []
    for item in element:
        match = re.fullmatch(r"\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)", item.get("ref", ""))
        if match:
            left, right = _column_number(match[1]), _column_number(match[3])
            found.append(_Merge(int(match[2]), left, int(match[4]), right))
    return found


def _anchor(anchor: Element) -> tuple[int, int]:
    """The cell in which a drawing begins; the first cell for one set freely on the page."""
    start = anchor.find(f"{{{SHEET_DRAWING}}}from")
    if start is None:
        return 1, 1
    row = start.findtext(f"{{{SHEET_DRAWING}}}row") or "0"
    column = start.findtext(f"{{{SHEET_DRAWING}}}col") or "0"
    return int(row) + 1, int(column) + 1


def _margin_text(code: str) -> str:
    """Header or footer text without its codes (`&C`, `&"宋体"`, `&P`)."""
    text = re.sub(r'&"[^"]*"|&\d+|&K[0-9A-Fa-f]{6}', "", code)
    return re.sub(r"&[A-Za-z]", " ", text).replace("&&", "&").strip()


def _iso_date(raw: str, form: _Format) -> str:
    try:
        return _date_text(datetime.fromisoformat(raw.rstrip("Z")).replace(tzinfo=None), form)
    except ValueError:
        return raw

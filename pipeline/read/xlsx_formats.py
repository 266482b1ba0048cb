"""Number formats of a workbook: how a stored number or date is shown (ECMA-376 part 1, 18.8.30, 18.8.31)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

#: From here on a spreadsheet has lost the last digits (IEEE 754, 15 shown).
PRECISE = 10**15


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
class Format:
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
    choices: tuple[tuple[str, float, Format], ...] = ()

    @property
    def is_quiet(self) -> bool:
        """A number shown so gives nothing to note."""
        return not self.choices and not self.scale

    def chosen(self, value: float) -> Format:
        """The section of the format that is used for a value (`[=1]"√";[=0]"×"`)."""
        for sign, limit, form in self.choices:
            if COMPARE[sign](value, limit):
                return form
        return self


GENERAL = Format()


def read_format(code: str) -> Format:
    """What a number format code means for reading.

    Without conditions only its first section is looked at: a zero that an accounting format shows
    as a dash is still a zero.

    >>> sorted(read_format('yyyy"年"m"月"').shows), read_format('0.0%').percent
    (['m', 'y'], True)
    """
    sections = _sections(
        code.replace(r"\!.", "!.")
    )  # LibreOffice takes the ! before a . for a sign
    choices = [
        (condition[1], float(condition[2]), _read_section(section))
        for section in sections
        if (condition := CONDITION.search(section))
    ]
    if choices:
        rest = sections[len(choices)] if len(sections) > len(choices) else ""
        return replace(_read_section(rest), choices=tuple(choices))
    if len(sections) > 1 and not sections[0].strip():
        return Format(literal="")  # `;;;` hides the number
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


def _read_section(section: str) -> Format:
    bare = BRACKET.sub("", LITERAL.sub("", PADDING.sub("", section))).strip().lower()
    has_general = "general" in bare or "g/通用格式" in bare
    if re.search(r"[0#?]", bare) or has_general:
        return _number_format(re.sub("general|g/通用格式", "0", section, flags=re.I), has_general)
    if re.search(r"[ymdhs]|aaa", bare):
        return replace(_date_format(bare.replace("aaa", "d")), layout=_date_layout(section))
    literal = _literal_text(section).strip()
    return Format(literal=literal) if literal and "@" not in section else GENERAL


def _literal_text(section: str) -> str:
    section = BRACKET.sub(lambda m: m[1] or "", PADDING.sub("", section))
    return LITERAL.sub(lambda m: m[1] or m[2] or m[3] or "", section)


def _date_format(marks: str) -> Format:
    elapsed = "[h" in marks
    shows = set(re.findall(r"[ymdhs]", re.sub(r"am/pm|a/p", "", marks)))
    if "m" in shows and shows & {"h", "s"} and not shows & {"y", "d"}:
        shows.discard("m")  # minutes
    return Format(frozenset(shows), elapsed=elapsed)


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


def _number_format(section: str, general: bool = False) -> Format:
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
        return Format(percent=percent)
    scale = 3 * (len(body) - len(body.rstrip(",")))
    if "." in shown and "." not in body:  # a point set by hand: `0!.0,"万"`
        scale += len(re.findall(r"[0#?]", shown.rpartition(".")[2]))
    return Format(
        percent=percent,
        decimals=None if general else len(re.findall(r"[0#?]", body.partition(".")[2])),
        prefix=spelt[:start].strip(),
        suffix=spelt[end:].strip(),
        picture=shown if not scale and _is_picture(body, len(found)) else "",
        scale=scale,
    )


def _is_picture(body: str, stretches: int) -> bool:
    return "." not in body and (stretches > 1 or body.startswith("00"))


def decimal_text(number: Decimal) -> str:
    """Plain digits without a trailing `.0`."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def shown_number(raw: str, form: Format) -> str:
    """A number as its format lets it be read; 15 digits, as a spreadsheet shows at most.

    >>> shown_number("0.35199999999999998", Format(percent=True))
    '35.2%'
    """
    value = Decimal(raw)
    if not value.is_finite() or not -400 < value.adjusted() < 400:
        return raw
    if abs(value) < PRECISE:
        value = Decimal(f"{float(value):.15g}")
    if form.percent:
        return f"{form.prefix}{decimal_text(_settled(value * 100, form))}%{form.suffix}"
    text = _padded(decimal_text(_settled(value.scaleb(-form.scale), form)), form)
    if form.picture and text.isdigit():
        text = _into_picture(form.picture, text)
    return f"{form.prefix}{text}{form.suffix}"


def _padded(text: str, form: Format) -> str:
    """With the noughts that the format shows behind a fraction: 2024.10 is no January."""
    whole, point, fraction = text.partition(".")
    return f"{whole}.{fraction:0<{form.decimals or 0}}" if point else text


def _settled(value: Decimal, form: Format) -> Decimal:
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


def shown_date(serial: float, form: Format, epoch_1904: bool) -> str | None:
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


def _date_text(moment: datetime, form: Format) -> str:
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


def iso_date(raw: str, form: Format) -> str:
    try:
        return _date_text(datetime.fromisoformat(raw.rstrip("Z")).replace(tzinfo=None), form)
    except ValueError:
        return raw

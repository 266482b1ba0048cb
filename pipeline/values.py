"""Codes, dates, amounts, ticks: raw text → value, and back.

`parse(raw, spec)` turns what stands on a form into the schema's type, or says that it cannot:
nothing is guessed silently. `show(value)` and `show_date(value)` are the way back, and
`parse(show(x)) == x` for every value that the schema admits.

Text stays as typed but for outer white space and ruling underscores; codes, numbers, dates,
phones, e-mail and web addresses are taken in half-width (contract, `pipeline read`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import cn2an

from pipeline.annex import FieldSpec
from pipeline.findings import Severity

Json = Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is doubtful or could not be taken: `text` completes “附件1 “总资产”：…”."""

    severity: Severity
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value (None: blank, or not understood) and the problem, if there is one."""

    value: Json = None
    problem: Problem | None = None


BLANK = Parsed()

_UNSEEN = [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
#: What shows nowhere in a text. Joiners tie emoji and foreign letters, marks of direction turn what
#: follows: they are part of it.
_INVISIBLE = r"\u00ad\u200b\u2060-\u2064\ufeff"
_NOWHERE = re.compile(f"[{_INVISIBLE}]")
_FULL_TO_HALF: dict[int, int | None] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    0x3000: 0x20,
    **dict.fromkeys(_UNSEEN),
}
_ONLY_RULE = re.compile(rf"[\s{_INVISIBLE}/／\\—–―－_＿\-]*")
_NIL_WORDS = frozenset({"无", "暂无", "没有", "不适用", "n/a", "na"})
_AS_ABOVE = frozenset({"同上", "〃", "同左"})
_FREE = frozenset({"免费", "免收", "全免", "公益"})
_SCIENTIFIC = re.compile(r"[0-9.]+E\+?[0-9]+", re.IGNORECASE)


def half_width(text: str) -> str:
    """Full-width ASCII forms (U+FF01–FF5E) and the ideographic space as half-width, without the
    characters of no width that come along when a number is pasted from a web page."""
    return text if text.isascii() else text.translate(_FULL_TO_HALF)


#: White space, and the underscores that rule a blank (one alone is a character like others).
_RULED = re.compile(r"(?:\s|_{2,}+|＿{2,}+)*+")


def trim(text: str) -> str:
    """Without outer white space, and without the underscores that rule a blank."""
    if not any(ch.isspace() or ch in "_＿" for ch in (text[:1], text[-1:])):
        return text
    start, end = _RULED.match(text), _RULED.match(text[::-1])
    return text[start.end() : len(text) - end.end()] if start and end else text


def trim_lines(text: str) -> str:
    """`trim`, and no white space at the ends of the inner lines (an indent is layout)."""
    return trim("\n".join(line.strip() for line in text.replace("\r", "").split("\n")))


def is_blank(text: str) -> bool:
    """Nothing, or only rules and dashes: `/`, `—`, `——` are how people say “nothing here”."""
    return _ONLY_RULE.fullmatch(text) is not None


def is_nil(text: str) -> bool:
    return is_blank(text) or half_width(text).strip().lower() in _NIL_WORDS


def problem(code: str, text: str, severity: Severity = "error") -> Problem:
    return Problem(severity, code, text)


def refused(code: str, text: str) -> Parsed:
    """Not understood: no value, and the reason."""
    return Parsed(None, problem(code, text))


def doubtful(value: Json, code: str, text: str) -> Parsed:
    return Parsed(value, problem(code, text, "warning"))


# ---------------------------------------------------------------- text


def parse_name(raw: str, spec: FieldSpec) -> Parsed:
    """A name on one line; a break inside the cell is layout, not part of the name."""
    if is_blank(raw):
        return BLANK
    if raw.isalnum() and raw not in _AS_ABOVE:
        return Parsed(raw)
    raw = _NOWHERE.sub("", raw)
    if "".join(raw.split()).rstrip("。.") in _AS_ABOVE:
        return doubtful(raw.strip(), "ditto", f"写的是“{raw.strip()}”，请写明具体内容。")
    lines = [re.sub(r"\t+", " ", line.strip()) for line in raw.replace("\r", "").split("\n")]
    return Parsed(trim(_join_lines([line for line in lines if line])))


def _join_lines(lines: list[str]) -> str:
    """Chinese lines join without a gap, Latin words with one."""
    joined = ""
    for line in lines:
        latin = joined[-1:].isascii() and joined[-1:].isalpha() and line[:1].isascii()
        joined += (" " if latin and line[:1].isalpha() else "") + line
    return joined


def parse_text(raw: str, spec: FieldSpec) -> Parsed:
    if is_blank(raw):
        return BLANK
    return Parsed(trim_lines(_NOWHERE.sub("", raw)))


# ---------------------------------------------------------------- codes, phones, addresses


def parse_uscc(raw: str, spec: FieldSpec) -> Parsed:
    """统一社会信用代码 as written, without gaps, in capitals (GB 32100). Its check characters are
    the checker's business."""
    if is_nil(raw):
        return BLANK
    code = re.sub(r"[\s\-]", "", trim(half_width(raw))).upper()
    if _SCIENTIFIC.fullmatch(code):
        return _lost_digits(raw)
    return Parsed(code)


#: Dashes that stand for the hyphen between the parts of a number: 0731—89353763.
_LONG_DASH = re.compile("[\u2010-\u2015\u2212]")
_DASH = re.compile(rf"(?<=[0-9)]){_LONG_DASH.pattern}(?=[0-9(])")

#: The mark before a number that keeps it as text in a sheet.
_KEPT_AS_TEXT = re.compile(r"^['’‘](?=[0-9(+])")

#: A label before a number, said once more (a pattern): 电话：0731-89353763.
PHONE_LABEL = r"(?:联系|办公|固定|移动)?电话|手机(?:号码?)?|座机|固话|[Tt](?:el|EL)\.?"
_LABELLED_PHONE = re.compile(rf"(?:{PHONE_LABEL}):?\s*([-0-9+() ]+)")


def parse_phone(raw: str, spec: FieldSpec) -> Parsed:
    """Every number that stands there, as written, in half-width."""
    if is_nil(raw):
        return BLANK
    phone = _KEPT_AS_TEXT.sub("", trim_lines(_DASH.sub("-", half_width(raw))))
    if _SCIENTIFIC.fullmatch(phone):
        return _lost_digits(raw)
    labelled = _LABELLED_PHONE.fullmatch(phone)
    return Parsed(labelled[1] if labelled else phone)


def parse_address(raw: str, spec: FieldSpec) -> Parsed:
    """An e-mail or web address: it holds no white space, whatever line breaks the cell made."""
    if is_nil(raw):
        return BLANK
    address = trim(half_width(raw))
    several = [part.strip(";,、/") for part in address.split()]
    if len(several) > 1 and all(part.count("@") == 1 for part in several):
        return Parsed(";".join(several))  # one a line
    return Parsed(re.sub(r"\s+", "", address))


def _lost_digits(raw: str) -> Parsed:
    return refused(
        "number-precision",
        f"单元格里是科学计数“{raw.strip()}”，末尾数字已丢失，无法还原。请把该格设为文本格式后重新填写完整号码。",
    )


# ---------------------------------------------------------------- numbers

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[Ee][+-]?\d+)?")
_APPROXIMATE = re.compile(
    r"^(?:大?约|近|逾|超过?|将近|不足|不到|至少|最多|[><≥≤≈~])|(?:[余多]|左右|上下|以上|以下|以内|\+)$"
)
_FOREIGN = re.compile(r"美元|美金|港[币元]|欧元|日元|英镑|USD|HKD|EUR|US\$|[$€£]", re.IGNORECASE)
_CHINESE_DIGITS = "零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟"
_SCALES = {
    "元": Decimal("0.0001"), "千元": Decimal("0.1"), "百元": Decimal("0.01"),
    "万元": Decimal(1), "万": Decimal(1), "十万元": Decimal(10), "百万元": Decimal(100),
    "百万": Decimal(100), "千万元": Decimal(1000), "千万": Decimal(1000),
    "亿元": Decimal(10000), "亿": Decimal(10000),
}  # fmt: skip
#: Yuan said in steps: 1亿2000万元, 120万5千元; the last step without a scale needs its 元.
_STEPS = re.compile(
    r"(?:(?P<亿>\d+)亿)?(?:(?P<万>\d+)万)?(?:(?P<千>\d+)千)?(?:(?P<元>\d+)(?=元))?元?"
)
_STEP_SCALES = {"亿": Decimal(10**8), "万": Decimal(10**4), "千": Decimal(1000), "元": Decimal(1)}
#: What people add behind a number: 3000万元（认缴）, 500万元，其中实缴300万元.
_REMARK = re.compile(r"(?:\([^()]*\)|[,;][^\d].*)$")
_COUNTED = re.compile(r"^(?:共计|合计|总计|共有|共|计)(?=[\d一二三四五六七八九十])")
_PLAIN_SCALES = {"": Decimal(1), "千": Decimal(1000), "万": Decimal(10000), "亿": Decimal(10**8)}


def stated_unit(text: str) -> str:
    """The unit of money that a label or a line above a table says, "" if it says none.

    >>> stated_unit("合同服务金额（元）"), stated_unit("金额单位：人民币万元"), stated_unit("合同金额")
    ('元', '万元', '')
    """
    text = re.sub(r"\s+", "", half_width(text))
    said = [
        *re.findall(r"[(\[【]([^()\[\]【】]*)[)\]】]", text),
        *re.findall(r"单位[:为](.+)", text),
        *re.findall(r":([^:]+)$", text),
    ]
    for words in said:
        for word in re.split("[,、/;]", words):
            unit = re.sub(
                r"^(?:金额)?(?:单位)?[:：]?(?:人民币)?|人民币$", "", word.strip("()[]【】")
            )
            if unit in _SCALES or (len(unit) <= 5 and _FOREIGN.search(unit)):
                return unit
    return ""


#: A number that needs no reading.
_BARE_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")


def parse_number(raw: str, spec: FieldSpec) -> Parsed:
    """A number in the field's own unit: 1,200 · １２００ · 一千二百 · 约1200 (pointed at)."""
    return _with_scale(raw, spec, _plain_scale)


def parse_amount(raw: str, spec: FieldSpec) -> Parsed:
    """Money in 万元: 元, 万, 百万, 亿 convert exactly; another currency is pointed at."""
    if half_width(raw).strip() in _FREE:
        return Parsed(0)
    if _FOREIGN.search(spec.unit) and not is_nil(raw):
        return refused("currency", f"这一栏以{spec.unit}计，不能换算。请折合人民币，按万元填写。")
    parsed = _with_scale(raw, spec, _money_scale)
    if parsed.value is not None and parsed.problem is None and _may_be_yuan(half_width(raw), spec):
        text = f"“{raw.strip()}”没有写单位，按{spec.unit}读取，也可能是元，请核对单位。"
        return doubtful(parsed.value, "unit-unclear", text)
    return parsed


#: Money as accounts write it, in yuan: ￥30,000.00. Fewer than five digits, or separators alone,
#: stand for 万元 as often.
_ACCOUNTED = re.compile(r"[¥￥]-?(?:\d{2,3}(?:,\d{3})+|\d{5,})\.00")


def _may_be_yuan(text: str, spec: FieldSpec) -> bool:
    """An amount without a unit, where another than yuan is asked, that looks like one in yuan."""
    bare = re.sub(r"^(?:人民币|RMB|CNY)", "", "".join(text.split()), flags=re.IGNORECASE)
    return spec.unit != "元" and _ACCOUNTED.fullmatch(bare) is not None


def parse_count(raw: str, spec: FieldSpec) -> Parsed:
    """A whole number of things or people."""
    parsed = parse_number(raw, spec)
    if parsed.value is None or isinstance(parsed.value, int):
        return parsed
    return refused("not-integer", f"“{raw.strip()}”不是整数。请填写整数。")


def parse_percent(raw: str, spec: FieldSpec) -> Parsed:
    """A percentage 0–100: 35 · 35％ · 百分之三十五. A bare 0.35 may be a ratio: pointed at."""
    text = re.sub(r"^百分之", "", _plain(raw))
    signed = text.endswith("%")
    parsed = parse_number(text.removesuffix("%"), spec)
    value = parsed.value
    if value is not None and not signed and 0 < value < 1 and parsed.problem is None:
        return doubtful(
            value, "ratio", f"“{raw.strip()}”小于1，可能是比例而不是百分数，请核对（35％请填35）。"
        )
    return parsed


def parse_year(raw: str, spec: FieldSpec) -> Parsed:
    """A year; the printed stub `202_` alone is blank."""
    text = _plain(raw).removesuffix("年度").removesuffix("年").strip("()")
    if is_nil(text) or re.fullmatch(r"(?:20?|202)?[_＿]*", text):
        return BLANK
    text = _chinese_year(text)
    if re.fullmatch(r"20?[12]?_+\d+|202[_＿]+202\d", text):
        text = text[-4:] if re.fullmatch(r".*20\d\d", text) else text.replace("_", "")
    if re.fullmatch(r"(?:19|20)\d\d", text):
        return Parsed(int(text))
    if re.fullmatch(r"\d\d", text):
        return Parsed(2000 + int(text))
    return refused("not-year", f"“{raw.strip()}”不是年份。请填四位年份，如2023。")


def _with_scale(
    raw: str, spec: FieldSpec, scale: Callable[[str, FieldSpec], tuple[str, Decimal] | None]
) -> Parsed:
    if is_nil(raw):
        return BLANK
    if _BARE_NUMBER.fullmatch(raw) and (said := scale(raw, spec)):
        return Parsed(_plain_json(Decimal(said[0]) * said[1]))
    shown = raw.strip()
    text = _plain(raw)
    if _FOREIGN.search(text):
        return refused("currency", f"“{shown}”是外币，不能换算。请折合人民币，按万元填写。")
    text = re.sub(r"^(?:人民币|RMB|CNY|[¥￥])+|(?:人民币|整|正)$", "", text, flags=re.IGNORECASE)
    text = re.sub(r"^负(?=\d)", "-", _COUNTED.sub("", text))
    text, approximate = _strip_approximate(text)
    loss = re.fullmatch(r"\((.+)\)(.*)", text)
    if loss:
        text = f"-{loss[1]}{loss[2]}"
    scaled = scale(text, spec)
    number = _decimal(scaled[0]) if scaled else None
    if number is None or scaled is None:
        head = _REMARK.sub("", text)
        bare = _with_scale(head, spec, scale) if head and head != text else BLANK
        if bare.value is None:
            return _not_a_number(shown, text)
        return doubtful(bare.value, "remark", f"“{shown}”按{show(bare.value)}读取，请核对。")
    value = _plain_json(number * scaled[1])
    if _SCIENTIFIC.fullmatch(scaled[0]):
        return doubtful(
            value,
            "number-precision",
            f"“{shown}”是科学计数，末尾数字可能已丢失，请填写完整的数字。",
        )
    if approximate or _APPROXIMATE.search(scaled[0]):
        return doubtful(value, "approximate", f"“{shown}”不是确数，请填写准确数字。")
    if loss:
        return doubtful(value, "bracketed", f"“{shown}”按会计写法理解为负数{show(value)}，请核对。")
    return Parsed(value)


def _plain(raw: str) -> str:
    """Half-width, without white space, thousands separators and ruling underscores."""
    text = re.sub(r"\s+", "", half_width(raw)).strip("_")
    text = text.replace("−", "-").replace("﹣", "-").replace("％", "%")
    return re.sub(r"(?<=\d),(?=\d{3})", "", text).rstrip("。;；,，、")


def _strip_approximate(text: str) -> tuple[str, bool]:
    """`约1200余万元` → (`1200万元`, True): the word may stand before the number or after it."""
    stripped = re.sub(_APPROXIMATE, "", text)
    stripped = re.sub(_APPROXIMATE, "", stripped)
    inner = re.sub(r"(?<=[\d零一二三四五六七八九十百千万])[余多](?=\D|$)", "", stripped)
    return inner, inner != text


def _plain_scale(text: str, spec: FieldSpec) -> tuple[str, Decimal] | None:
    for word in sorted(
        map(half_width, (spec.unit, *spec.extra("unit-words", ()))), key=len, reverse=True
    ):
        if word and text.endswith(word):
            text = text.removesuffix(word)
            break
    number = re.fullmatch(r"([+-]?[\d.]+(?:E[+-]?\d+)?)([千万亿]?)", text, re.IGNORECASE)
    if number:
        return number[1], _PLAIN_SCALES[number[2]]
    return text, Decimal(1)


def _steps(text: str) -> dict[str, str] | None:
    found = _STEPS.fullmatch(text)
    return found.groupdict() if found else None


def _money_scale(text: str, spec: FieldSpec) -> tuple[str, Decimal] | None:
    text = re.sub(r"\(((?:百|千)?万?元)\)$", r"\1", text).replace("圆", "元")
    steps = {name: n for name, n in (_steps(text) or {}).items() if n}
    if len(steps) > 1:
        yuan = sum(Decimal(n) * _STEP_SCALES[name] for name, n in steps.items())
        return str(yuan), _SCALES["元"]
    number = re.fullmatch(r"([+-]?[\d.]+(?:E[+-]?\d+)?)(\D*)", text, re.IGNORECASE)
    if number:
        unit = re.sub(r"人民币|RMB|整|[()]", "", number[2])
        if unit == "":
            return number[1], _SCALES.get(spec.unit, Decimal(1))
        return (number[1], _SCALES[unit]) if unit in _SCALES else None
    words = re.fullmatch(rf"(负?[{_CHINESE_DIGITS}点]+?)(万?元)?", text)
    if words is None:
        return None
    if words[2] == "元":
        return words[1], _SCALES["元"]
    if words[2] == "万元" and "亿" in words[1]:
        return f"{words[1]}万", _SCALES["元"]
    if words[2] is None and words[1].endswith("万") and "亿" not in words[1]:
        return words[1].removesuffix("万"), Decimal(1)  # 一万零五百万 is 10500 of 万元
    if words[2] is None and words[1][-1:] in "万亿":
        return words[1], Decimal("0.0001")
    return words[1], _SCALES.get(spec.unit, Decimal(1)) if words[2] is None else Decimal(1)


def _decimal(text: str) -> Decimal | None:
    """Digits or Chinese numerals as an exact Decimal; None if it is neither."""
    if _NUMBER.fullmatch(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            return None
    if text and all(ch in _CHINESE_DIGITS + "负点" for ch in text):
        try:
            return Decimal(str(cn2an.cn2an(text.replace("〇", "零"), "smart")))
        except (ValueError, InvalidOperation, KeyError, IndexError):
            return None
    return None


def _plain_json(number: Decimal) -> int | float:
    """An int where the number is whole, else the nearest float."""
    if number == number.to_integral_value():
        return int(number)
    return float(number)


def _not_a_number(shown: str, text: str) -> Parsed:
    if re.search(r"\d\s*(?:-|~|～|至|到|—|–)\s*\d", text):
        return refused("range", f"“{shown}”是一个范围。请填写一个确定的数字。")
    if text.endswith("%"):
        return refused("ratio", f"“{shown}”是比例。请填写数量。")
    return refused("not-number", f"“{shown}”不是数字。请只填数字。")


# ---------------------------------------------------------------- dates

_DATE_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号]?)?",
        r"(?P<y>\d{4})[.\-/、·,。](?P<m>\d{1,2})(?:[.\-/、·,。](?P<d>\d{1,2})[日号]?)?",
        r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<y>\d{2})年(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号]?)?",
        r"(?P<y>\d{2})[.\-/](?P<m>\d{1,2})[.\-/](?P<d>\d{1,2})",
    )
)
_CLOCK = re.compile(
    r"(?:T\s*+|(?<!\s)\s++)(?:(?:上午|下午)\s*+)?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?$"
)
_WEEKDAY = re.compile(r"[(（]?(?:星期|周)[一二三四五六日天][)）]?$")
_SERIAL_DAYS = range(20000, 60000)  # 1954–2064 as spreadsheet serial numbers
_EPOCH = date(1899, 12, 30)  # day 0 of the 1900 date system, its false leap day counted
_CHINESE_DIGIT = {**{c: str(i) for i, c in enumerate("〇一二三四五六七八九")}, "零": "0", "○": "0", "Ｏ": "0", "O": "0"}  # fmt: skip


_BELOW_HUNDRED = (
    r"(?:\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[〇○零]?[一二三四五六七八九])"
)
_CHINESE_DATE = re.compile(
    rf"([〇○零一二三四五六七八九OＯ\d]{{2,4}})年({_BELOW_HUNDRED})月(?:({_BELOW_HUNDRED})[日号]?)?"
)
_FROM_CAPITALS = str.maketrans(
    {**dict(zip("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十", strict=True)), "廿": "二十"}
)


def parse_date(raw: str, spec: FieldSpec) -> Parsed:
    """ISO `YYYY-MM-DD`, or `YYYY-MM` where only year and month stand."""
    if is_nil(re.sub(r"[年月日\s]", "", raw)):
        return BLANK
    shown = raw.strip()
    text = re.sub(r"^公元", "", _CLOCK.sub("", half_width(raw).strip()))
    text = _WEEKDAY.sub("", _chinese_date(re.sub(r"[\s_＿]+", "", text))).rstrip("。.,;")
    text = re.sub(r"[上下]午$", "", _LONG_DASH.sub("-", text))
    text = re.sub(r"([./\-])\1+", r"\1", text)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text) and int(float(text)) in _SERIAL_DAYS:
        return Parsed((_EPOCH + timedelta(days=int(float(text)))).isoformat())
    for form in _DATE_FORMS:
        match = form.fullmatch(text)
        if match:
            return _calendar_date(match, shown)
    return refused("not-date", f"“{shown}”不是完整的日期。请按“2024年9月1日”填写年、月、日。")


def is_date(text: str) -> bool:
    """A date with its day, and nothing else."""
    text = _chinese_date(half_width(text))
    found = (form.fullmatch(text) for form in _DATE_FORMS)
    return any(match is not None and match["d"] for match in found)


def _calendar_date(match: re.Match[str], shown: str) -> Parsed:
    year, month = int(match["y"]), int(match["m"])
    if year < 100:
        year += 2000
    try:
        day = date(year, month, int(match["d"] or 1))
    except ValueError:
        return refused("date-impossible", f"“{shown}”在日历上没有这一天。请核对。")
    if not 1900 <= year <= 2099:
        return refused("date-impossible", f"“{shown}”的年份不可信。请核对。")
    return Parsed(day.isoformat() if match["d"] else f"{year:04d}-{month:02d}")


def _chinese_year(text: str) -> str:
    return "".join(_CHINESE_DIGIT.get(ch, ch) for ch in text)


def _chinese_date(text: str) -> str:
    """二〇二四年九月一日 → 2024年9月1日, also where only some of it is in Chinese numerals (2024年九月
    一日); month and day may be 十, 十二, 二十一, 三十, and all may be in capitals (玖月壹拾日)."""
    match = _CHINESE_DATE.fullmatch(text.translate(_FROM_CAPITALS))
    if match is None:
        return text
    day = f"{_below_hundred(match[3])}日" if match[3] else ""
    return f"{_chinese_year(match[1])}年{_below_hundred(match[2])}月{day}"


def _below_hundred(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int(_chinese_year(text))
    return int(_chinese_year(tens) or "1") * 10 + int(_chinese_year(ones) or "0")


# ---------------------------------------------------------------- words and ticks


def parse_flag(raw: str, spec: FieldSpec) -> Parsed:
    """有 / 无 and the like, by the field's own words; blank is None."""
    if not raw.strip():
        return BLANK
    text = re.sub(r"\s+", "", half_width(raw)).rstrip("。.;,").lower()
    framed = re.fullmatch(r"[(\[【](.*)[)\]】]", text)
    text = framed[1] if framed else text
    if not text:
        return BLANK
    own = (spec.title, *spec.labels) if spec.kind == "mark" else ()  # its name for its tick
    for value, words in (
        (True, (*spec.extra("true", ()), *own)), (False, spec.extra("false", ())),
    ):  # fmt: skip
        known = {word.lower() for word in words}
        if text in known:
            return Parsed(value)
        if re.sub(r"\([^()]*\)$", "", text) in known:
            return Parsed(value)  # a remark behind it: 有（附后）
    if is_blank(raw):
        return BLANK
    for value, words in ((False, spec.extra("false", ())), (True, spec.extra("true", ()))):
        if any(len(word) > 1 and text.startswith(word) for word in words):
            return doubtful(
                value, "flag-words", f"“{raw.strip()}”理解为“{'有' if value else '无'}”，请核对。"
            )
    if spec.kind == "mark":
        return refused("not-flag", f"“{raw.strip()}”看不出是否勾选。是的请打“√”，不是的请留空。")
    return refused("not-flag", f"“{raw.strip()}”看不出是有还是无。请填“有”或“无”。")


def parse_choice(raw: str, spec: FieldSpec) -> Parsed:
    """One of the field's choices, written out as a word (annex 6)."""
    if is_nil(raw):
        return BLANK
    text = re.sub(r"\s+", "", _NOWHERE.sub("", raw))
    synonyms = spec.extra("synonyms", {})
    if text in synonyms:
        return Parsed(synonyms[text])
    bare = re.sub(r"[（(][^（）()]*[）)]$", "", text)  # 其它服务（法律政策服务）
    if bare in (*spec.choices, *synonyms):
        return Parsed(synonyms.get(bare, bare))
    named = [c for c in spec.choices if c in text]
    if len(named) == 1 and len(text) <= len(named[0]) + 4:
        return Parsed(named[0])
    if len(named) > 1:
        return refused("two-chosen", f"写了“{'”“'.join(named)}”，只能选填一项。")
    return refused("not-choice", f"“{raw.strip()}”不在可选之列：{'、'.join(spec.choices)}。")


PARSERS: dict[str, Callable[[str, FieldSpec], Parsed]] = {
    "name": parse_name,
    "text": parse_text,
    "uscc": parse_uscc,
    "phone": parse_phone,
    "email": parse_address,
    "url": parse_address,
    "count": parse_count,
    "amount": parse_amount,
    "number": parse_number,
    "percent": parse_percent,
    "year": parse_year,
    "date": parse_date,
    "flag": parse_flag,
    "mark": parse_flag,
    "choice": parse_choice,
}

#: Every kind a schema may name: those above, and those that ticks and pictures decide.
KINDS = frozenset(PARSERS) | {"choices", "picture", "wording"}


@lru_cache(1 << 15)
def parse(raw: str, spec: FieldSpec) -> Parsed:
    """Raw text as the field's value; see the module docstring."""
    return PARSERS[spec.kind](raw, spec)


# ---------------------------------------------------------------- and back


def show(value: Json) -> str:
    """A value as it is written on a form: numbers in plain decimals, never with an exponent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f")
        return text.removesuffix(".0")
    return str(value)


def show_date(value: str | None) -> str:
    """`2024-09-26` → 2024年9月26日, `2024-09` → 2024年9月."""
    if not value:
        return ""
    year, month, *day = (int(part) for part in value.split("-"))
    return f"{year}年{month}月" + (f"{day[0]}日" if day else "")

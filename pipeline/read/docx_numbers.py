"""Automatic numbers of a Word document, printed as Word prints them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.read.docx_names import (
    FONTS,
    LEVEL,
    NUM_ID,
    P_STYLE,
    R_PR,
    is_on,
    value_of,
    w,
    whole_number,
)
from pipeline.read.ooxml import Element, Package, child, is_symbol_font, private_text, symbol_text

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


class Numbering:
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
        for raw in root.iterchildren(w("abstractNum")):
            list_id = raw.get(w("abstractNumId"), "")
            self._lists[list_id] = _read_list(raw)
            if (link := child(raw, w("numStyleLink"))) is not None:
                links[list_id] = value_of(link)
            if (link := child(raw, w("styleLink"))) is not None:
                by_style[value_of(link)] = list_id
        for list_id, style in links.items():
            if style in by_style:
                self._lists[list_id] = self._lists[by_style[style]]
        for raw in root.iterchildren(w("num")):
            self._read_number(raw)

    def _read_number(self, raw: Element) -> None:
        counted = self._lists.get(value_of(child(raw, w("abstractNumId"))))
        if counted is None:
            return
        num_id = raw.get(NUM_ID, "")
        overrides: dict[int, _Level] = {}
        starts: dict[int, int] = {}
        for override in raw.iterchildren(w("lvlOverride")):
            level = whole_number(override.get(LEVEL))
            if (own := child(override, w("lvl"))) is not None:
                overrides[level] = _read_level(own)
            if (start := child(override, w("startOverride"))) is not None:
                starts[level] = whole_number(value_of(start), 1)
        self._numbers[num_id] = counted, overrides
        self._starts[num_id] = starts


def _read_list(raw: Element) -> _List:
    found = _List({}, {})
    for item in raw.iterchildren(w("lvl")):
        number = whole_number(item.get(LEVEL))
        found.levels[number] = _read_level(item)
        if (style := child(item, P_STYLE)) is not None:
            found.styles[value_of(style)] = number
    return found


def _read_level(raw: Element) -> _Level:
    font = raw.find(f"{R_PR}/{FONTS}")
    restart = child(raw, w("lvlRestart"))
    return _Level(
        start=whole_number(value_of(child(raw, w("start"))), 1),
        format=value_of(child(raw, w("numFmt")), "decimal"),
        text=value_of(child(raw, w("lvlText"))),
        legal=(legal := child(raw, w("isLgl"))) is not None and is_on(legal),
        restart=None if restart is None else whole_number(value_of(restart)),
        font=None if font is None else font.get(w("ascii")),
    )

"""What is allowed in a document's data and yet looks wrong: told, not refused.

A wrong credit code on a certification notice is just the harm that this program is there to
prevent; but whether a code, a city or a key is wrong is for a person to say. So each is named with
its place, the document is written, and `--strict` refuses it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from stdnum.cn import uscc as standard

from pipeline.announce.facts import KEYS, ONE_INSTITUTION, RECORDS, Record, label
from pipeline.announce.notice import whole_years
from pipeline.announce.parts import shown
from pipeline.announce.wording import Wording

USCC_LENGTH = 18
USCC_CHARACTERS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
#: What stands for something that was to be filled in.
PLACEHOLDER = re.compile(r"…|\.{3}|[XxＸ×]{3,}|[?？]{2,}|待填|待定|示例")
#: Objects that describe an institution, each with a credit code.
INSTITUTIONS = ("institution", "institutions")


def look_over(data: Mapping[str, Any], wording: Wording, title_years: int) -> list[str]:
    """One sentence a doubt, in the order of the data. `wording` names the province's cities, where
    the document sorts by them, and what else it `expects`; a title is for `title_years`."""
    cities = wording.names("cities")
    found = [*_strange_keys("", data, [*KEYS, *RECORDS, "institution"])]
    for where, key, value, what in _leaves(data):
        found += _leaf_doubts(where, key, value, what, cities)
    return [*found, *_too_few(data, wording), *_dates(data), *_validity(data, title_years)]


def _leaves(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Every text: the words for its place, its key, itself, what it means."""
    for key, value in data.items():
        if isinstance(value, str) and key in KEYS:
            yield "", key, value, KEYS[key].label
        elif isinstance(value, list) and key in KEYS:
            yield from (("", key, item, KEYS[key].label) for item in value if isinstance(item, str))
    for where, record, item in _records(data):
        for key, value in item.items():
            if isinstance(value, str) and key in record.keys:
                yield f"{where}的 ", key, value, record.keys[key].label


def _records(data: Mapping[str, Any]) -> Iterator[tuple[str, Record, Mapping[str, Any]]]:
    """Every object of the data, with the words for its place."""
    one = data.get("institution")
    if isinstance(one, Mapping):
        yield "institution（机构）", ONE_INSTITUTION, one
    for key, record in RECORDS.items():
        items = data.get(key)
        for number, item in enumerate(items if isinstance(items, list) else (), 1):
            if isinstance(item, Mapping):
                yield f"{key} 第{number}{record.unit}", record, item


def _too_few(data: Mapping[str, Any], wording: Wording) -> Iterator[str]:
    """What a document of the kind should have, and lists that are shorter than they should be.
    What it cannot do without is refused elsewhere."""
    for expected in (
        wording.items("expects", ("key", "count", "why")) if wording.has("expects") else ()
    ):
        key, items = str(expected["key"]), data.get(str(expected["key"]))
        if isinstance(items, list) and 0 < len(items) < expected["count"]:
            yield f"{key} 只有{len(items)}个。{expected['why']}。"
        elif not items and key not in wording.names("needs"):
            yield f"没有 {key}（{label(key)}）。{expected['why']}。"


def _leaf_doubts(
    where: str, key: str, value: str, what: str, cities: tuple[str, ...]
) -> Iterator[str]:
    place = f"{where}{key}（{what}）"
    if PLACEHOLDER.search(value):
        yield f"{place}好像还没有填：{shown(value)}。"
    elif key == "uscc" and (wrong := uscc_fault(value)):
        yield f"{place}{wrong}：{shown(value)}。请对照营业执照或法人证书核对。"
    elif key == "city" and cities and value.strip() not in cities:
        yield f"{place}不是本省的市州：{shown(value)}。{_meant(value, cities)}"


def uscc_fault(code: str) -> str:
    """What is wrong with a credit code (GB 32100-2015), or ""."""
    code = code.strip()
    if len(code) != USCC_LENGTH:
        return f"应是{USCC_LENGTH}位，现有{len(code)}位"
    if strange := "".join(char for char in code if char not in USCC_CHARACTERS):
        return f"含有代码里没有的字符“{strange}”"
    right = standard.calc_check_digit(code[:-1])
    return "" if code[-1] == right else f"的校验位不符，第{USCC_LENGTH}位应为 {right}"


# --- keys -----------------------------------------------------------------------------------


def _strange_keys(where: str, data: Mapping[str, Any], known: Iterable[str]) -> Iterator[str]:
    """Keys that no document has: they are not printed."""
    known = list(known)
    for key in data:
        if key not in known:
            yield f"{where}键名 {key} 没有用处，不会印出。{_meant(key, known)}"
    if not where:
        for place, record, item in _records(data):
            yield from _strange_keys(f"{place}的", item, record.keys)


def _meant(word: str, known: Iterable[str]) -> str:
    """What a word may have been meant to be."""
    close = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"是不是想写 {close[0]}？" if close else ""


# --- days -----------------------------------------------------------------------------------


def _dates(data: Mapping[str, Any]) -> Iterator[str]:
    """Days that do not fit each other."""
    dated = _day(data.get("dated"))
    if dated is None:
        return
    year = re.search(r"〔(\d{4})〕", str(data.get("number") or ""))
    if year and int(year[1]) != dated.year:
        yield f"number（{label('number')}）的年份与 dated（{label('dated')}）{dated} 不同。"
    one = data.get("institution")
    end = _day(one.get("valid_to")) if isinstance(one, Mapping) else None
    if end is not None and end < dated:
        yield f"institution（机构）的 valid_to（有效期止）{end} 早于 dated（{label('dated')}）{dated}。"
    for key in ("deadline", "printed_on"):
        day = _day(data.get(key))
        if day is not None and day < dated:
            yield f"{key}（{label(key)}）{day} 早于 dated（{label('dated')}）{dated}。"


def _validity(data: Mapping[str, Any], title_years: int) -> Iterator[str]:
    """The notice sets the period (R11.1), which is seldom another than the regulation's."""
    start, end = _day(data.get("valid_from")), _day(data.get("valid_to"))
    if start and end and end > start and whole_years(start, end) != title_years:
        yield f"有效期 {start} 至 {end} 不是整{title_years}年。"


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None

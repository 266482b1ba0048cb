"""The data of a document: the JSON of `pipeline announce --from`, checked.

Everything that is missing or wrong is told at once, by its JSON key and what it means, so that
one look at the message mends the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.deadlines import Policy
from pipeline.errors import DataError

#: The keys a document's data may have, and what each means.
LABELS: dict[str, str] = {
    "number": "发文字号",
    "dated": "成文日期",
    "year": "年度",
    "posted_on": "发布日期",
    "first_day": "公示起始日",
    "policy": "公示起算方式",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
    "addressees": "主送机关",
    "address": "通信地址",
    "postcode": "邮政编码",
    "email": "电子邮箱",
    "contacts": "联系部门及电话",
    "institutions": "机构名单",
    "signer": "签发人",
    "copies_to": "抄送机关",
    "printed_on": "印发日期",
}
INSTITUTION_LABELS: dict[str, str] = {
    "name": "单位名称",
    "uscc": "统一社会信用代码",
    "city": "所属市州",
    "county": "所属区县",
    "main_service": "主要服务项目",
    "certificate_no": "证书编号",
}
CONTACT_LABELS: dict[str, str] = {"name": "联系部门", "phone": "联系电话"}

POLICIES: tuple[Policy, ...] = ("next_day", "same_day")


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Institution:
    """One institution of a list; what its kind of document does not need may be ""."""

    name: str
    uscc: str = ""
    city: str = ""
    county: str = ""
    main_service: str = ""
    certificate_no: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The checked data. Keys that are absent are None or empty."""

    institutions: tuple[Institution, ...] = ()
    number: str | None = None
    dated: date | None = None
    year: int | None = None
    posted_on: date | None = None
    first_day: date | None = None
    policy: Policy = "next_day"
    valid_from: date | None = None
    valid_to: date | None = None
    addressees: tuple[str, ...] = ()
    address: str | None = None
    postcode: str | None = None
    email: str | None = None
    contacts: tuple[Contact, ...] = ()
    signer: str | None = None
    copies_to: tuple[str, ...] = ()
    printed_on: date | None = None


def read_facts(
    data: Mapping[str, Any], *, needs: Iterable[str], needs_each: Iterable[str], document: str
) -> Facts:
    """Checks a document's data. `needs` are the keys it cannot do without (`a|b`: one of them),
    `needs_each` those of every institution; DataError with every fault found."""
    if not isinstance(data, Mapping):
        raise DataError(f"{document}的数据应是一个 JSON 对象（花括号），现在不是。")
    reader = _Reader(data, tuple(needs_each))
    facts = reader.facts()
    faults = _missing(data, needs) + reader.faults + _contradictions(facts)
    if faults:
        raise DataError(
            f"{document}的数据有{len(faults)}处问题：\n" + "\n".join(f"  · {f}" for f in faults)
        )
    return facts


def _absent(value: object) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _missing(data: Mapping[str, Any], needs: Iterable[str]) -> list[str]:
    faults = []
    for need in needs:
        keys = need.split("|")
        if all(_absent(data.get(key)) for key in keys):
            faults.append("缺少 " + " 或 ".join(f"{key}（{LABELS[key]}）" for key in keys))
    return faults


class _Reader:
    """Turns JSON values into facts and gathers the faults on the way."""

    def __init__(self, data: Mapping[str, Any], needs_each: Sequence[str]) -> None:
        self.data, self.needs_each = data, needs_each
        self.faults: list[str] = []

    def facts(self) -> Facts:
        return Facts(
            institutions=self._institutions(),
            number=self._value("number", _number),
            dated=self._value("dated", _date),
            year=self._value("year", _year),
            posted_on=self._value("posted_on", _date),
            first_day=self._value("first_day", _date),
            policy=self._value("policy", _policy) or "next_day",
            valid_from=self._value("valid_from", _date),
            valid_to=self._value("valid_to", _date),
            addressees=self._value("addressees", _texts) or (),
            address=self._value("address", _text),
            postcode=self._value("postcode", _postcode),
            email=self._value("email", _text),
            contacts=self._contacts(),
            signer=self._value("signer", _text),
            copies_to=self._value("copies_to", _texts) or (),
            printed_on=self._value("printed_on", _date),
        )

    def _value(self, key: str, parse: Callable[[Any], Any]) -> Any:
        value = self.data.get(key)
        if _absent(value):
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.faults.append(f"{key}（{LABELS[key]}）{error}：{_shown(value)}")
            return None

    def _contacts(self) -> tuple[Contact, ...]:
        items = self._objects("contacts")
        found = [self._record(item, f"contacts 第{i}个", CONTACT_LABELS, ("name", "phone"))
                 for i, item in enumerate(items, 1)]  # fmt: skip
        return tuple(Contact(**record) for record in found if record)

    def _institutions(self) -> tuple[Institution, ...]:
        items = self._objects("institutions")
        needed = ("name", *self.needs_each)
        found = [self._record(item, f"institutions 第{i}家", INSTITUTION_LABELS, needed)
                 for i, item in enumerate(items, 1)]  # fmt: skip
        return tuple(Institution(**record) for record in found if record)

    def _objects(self, key: str) -> list[Any]:
        value = self.data.get(key)
        if _absent(value):
            return []
        if not isinstance(value, list):
            self.faults.append(f"{key}（{LABELS[key]}）应是列表（方括号）：{_shown(value)}")
            return []
        return value

    def _record(
        self, item: Any, where: str, labels: Mapping[str, str], needed: Sequence[str]
    ) -> dict[str, str]:
        """The texts of one object of a list; {} where it cannot be used."""
        if not isinstance(item, Mapping):
            self.faults.append(f"{where}应是一个对象（花括号）：{_shown(item)}")
            return {}
        record: dict[str, str] = {}
        faults = []
        for key, label in labels.items():
            try:
                record[key] = "" if _absent(item.get(key)) else _text(item[key])
            except ValueError as error:
                faults.append(f"{where}的 {key}（{label}）{error}：{_shown(item[key])}")
                continue
            if not record[key] and key in needed:
                faults.append(f"{where}缺少 {key}（{label}）")
        self.faults += faults
        return {} if faults else record


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("应是文字（引号之内）")
    # A name broken over two lines in the source is one name.
    return re.sub(r"\s*[\r\n]\s*", "", value.strip()).replace("\t", " ")


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("应是文字的列表（方括号）")
    return tuple(_text(item) for item in value)


def _date(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("不是日历上有的日子") from None
    raise ValueError("应写作 2026-11-23 的样子")


def _year(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 2000 <= value <= 2100:
        raise ValueError("应是四位年份的数字，如 2026")
    return value


def _policy(value: Any) -> Policy:
    for policy in POLICIES:
        if value == policy:
            return policy
    raise ValueError("应是 next_day（发布次日起算）或 same_day（发布当日起算）")


def _number(value: Any) -> str:
    """GB/T 9704-2012 §7.2.5: 年份、发文顺序号用阿拉伯数字; 年份用六角括号〔〕括入; 不编虚位、不加“第”."""
    text = _text(value)
    if not re.fullmatch(r"\S*[^\s\d〔〕]〔\d{4}〕[1-9]\d*号", text):
        raise ValueError(
            "应写作“湘工信中小服务〔2026〕12号”的样子（六角括号，序号不带“第”和前导零）"
        )
    return text


def _postcode(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"\d{6}", text):
        raise ValueError("应是六位数字")
    return text


def _contradictions(facts: Facts) -> list[str]:
    faults = []
    if facts.valid_from and facts.valid_to and facts.valid_to <= facts.valid_from:
        faults.append(
            f"valid_to（有效期止）{facts.valid_to} 不晚于 valid_from（有效期起）{facts.valid_from}"
        )
    return faults + _repeated(facts.institutions)


def _repeated(institutions: Sequence[Institution]) -> list[str]:
    seen: dict[str, int] = {}
    faults = []
    for number, institution in enumerate(institutions, 1):
        key = institution.uscc or institution.name
        if key in seen:
            faults.append(f"institutions 第{seen[key]}家与第{number}家重复：{institution.name}")
        seen.setdefault(key, number)
    return faults

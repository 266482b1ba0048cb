"""The data of a document: the JSON of `pipeline announce --from`, checked.

`KEYS` are the keys any document may have and `RECORDS` the objects in its lists, each with what
it means and how it is read; what one kind of document cannot do without stands in its wording.
`facts_reading` makes the facts of the JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.announce import parts
from pipeline.deadlines import Policy
from pipeline.errors import DataError

#: Printed where something is left for the office to fill in.
BLANK = "〔待填〕"
#: What an example has where something is to be filled in.
PLACEHOLDER = "…"

# --- what there is --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Institution:
    """One institution; what its kind of document does not need is "", None or ()."""

    name: str
    uscc: str = ""
    city: str = ""
    county: str = ""
    main_service: str = ""
    certificate_no: str = ""
    contact: str = ""
    phone: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    #: Months not filed, as (year, month).
    periods: tuple[parts.Month, ...] = ()
    #: Why the title is revoked: one of the wording's grounds, and what was found.
    ground: str = ""
    facts: str = ""
    #: What the public may see (第十二条).
    former_names: tuple[str, ...] = ()
    document_no: str = ""
    state: str = ""
    state_on: date | None = None
    state_article: str = ""
    #: A year's work, and what the yearly check found (第十八条).
    enterprises_served: int | None = None
    activities: int | None = None
    quality: str = ""
    charges: str = ""
    satisfaction: float | None = None
    result: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """Something to put right: where, what is wrong, by which article, what to do; then what was
    done and whether that will do."""

    problem: str
    place: str = ""
    article: str = ""
    remedy: str = ""
    done: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of article 7, as claimed and as found."""

    condition: str
    article: str = ""
    claimed: str = ""
    proof: str = ""
    conclusion: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A document that was handed in."""

    name: str
    copies: int | None = None
    pages: int | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Nominee:
    """A row of annex 6."""

    name: str
    contact: str = ""
    contact_phone: str = ""
    main_service: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A name or an address that was changed."""

    before: str
    after: str
    changed_on: date | None = None
    item: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The checked data. Keys that are absent are None or empty."""

    institutions: tuple[Institution, ...] = ()
    institution: Institution | None = None
    contacts: tuple[Contact, ...] = ()
    items: tuple[Item, ...] = ()
    files: tuple[File, ...] = ()
    nominees: tuple[Nominee, ...] = ()
    changes: tuple[Change, ...] = ()
    conditions: tuple[Condition, ...] = ()
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
    signer: str | None = None
    copies_to: tuple[str, ...] = ()
    printed_on: date | None = None
    issuer: str | None = None
    received_at: parts.Moment | None = None
    deadline: date | None = None
    reply_days: int | None = None
    officer: str | None = None
    phone: str | None = None
    version: str | None = None
    cause: str | None = None
    facts: str | None = None
    opinion: str | None = None
    changed_on: date | None = None
    suspended_on: date | None = None
    suspension_number: str | None = None
    effective_on: date | None = None
    periods: tuple[parts.Month, ...] = ()
    appeal: str | None = None
    window_open: date | None = None
    window_close: date | None = None
    bureau_due: date | None = None
    copies: int | None = None
    visited_on: date | None = None
    conclusion: str | None = None
    work: str | None = None
    problems: str | None = None
    plans: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """What a JSON key means, and how its value is read: a ValueError says what is wrong."""

    label: str
    parse: Callable[[Any], Any] = parts.text


@dataclass(frozen=True, slots=True)
class Record:
    """The objects of a list: what the list is, how one is counted (第1家), and their keys."""

    label: str
    unit: str
    made: Callable[..., Any]
    keys: Mapping[str, Key]
    always: tuple[str, ...]


KEYS: dict[str, Key] = {
    "number": Key("发文字号", parts.number),
    "dated": Key("成文日期", parts.day),
    "year": Key("年度", parts.year),
    "posted_on": Key("发布日期", parts.day),
    "first_day": Key("公示起始日", parts.day),
    "policy": Key("公示起算方式", parts.policy),
    "valid_from": Key("有效期起", parts.day),
    "valid_to": Key("有效期止", parts.day),
    "addressees": Key("主送机关", parts.texts),
    "address": Key("通信地址"),
    "postcode": Key("邮政编码", parts.postcode),
    "email": Key("电子邮箱"),
    "signer": Key("签发人"),
    "copies_to": Key("抄送机关", parts.texts),
    "printed_on": Key("印发日期", parts.day),
    "issuer": Key("发文机关"),
    "received_at": Key("收到时间", parts.moment),
    "deadline": Key("截止日期", parts.day),
    "reply_days": Key("补正期限的工作日数", parts.count),
    "officer": Key("经办人"),
    "phone": Key("联系电话"),
    "version": Key("材料版本号"),
    "cause": Key("事由"),
    "facts": Key("查明的事实"),
    "opinion": Key("审核意见"),
    "changed_on": Key("发生调整的日期", parts.day),
    "suspended_on": Key("暂停称号的日期", parts.day),
    "suspension_number": Key("暂停通知的发文字号", parts.number),
    "effective_on": Key("恢复称号的日期", parts.day),
    "periods": Key("未填报的月份", parts.months),
    "appeal": Key("救济途径"),
    "window_open": Key("申报开始日期", parts.day),
    "window_close": Key("申报截止日期", parts.day),
    "bureau_due": Key("市州推荐截止日期", parts.day),
    "copies": Key("纸质材料份数", parts.count),
    "visited_on": Key("考察日期", parts.day),
    "conclusion": Key("验收结论"),
    "work": Key("工作开展情况"),
    "problems": Key("存在的问题"),
    "plans": Key("下一步打算"),
}

INSTITUTION: dict[str, Key] = {
    "name": Key("单位名称"),
    "uscc": Key("统一社会信用代码"),
    "city": Key("所属市州"),
    "county": Key("所属区县"),
    "main_service": Key("主要服务项目"),
    "certificate_no": Key("证书编号"),
    "contact": Key("联系人"),
    "phone": Key("联系电话"),
    "valid_from": Key("有效期起", parts.day),
    "valid_to": Key("有效期止", parts.day),
    "periods": Key("未填报的月份", parts.months),
    "ground": Key("撤销的情形"),
    "facts": Key("撤销事由"),
    "former_names": Key("曾用名", parts.texts),
    "document_no": Key("认定文号", parts.number),
    "state": Key("状态"),
    "state_on": Key("状态日期", parts.day),
    "state_article": Key("状态的依据"),
    "enterprises_served": Key("服务企业数", parts.count),
    "activities": Key("服务活动数", parts.count),
    "quality": Key("服务质量"),
    "charges": Key("服务收费"),
    "satisfaction": Key("服务满意度", parts.percent),
    "result": Key("检查结果"),
}

RECORDS: dict[str, Record] = {
    "institutions": Record("机构名单", "家", Institution, INSTITUTION, ("name",)),
    "contacts": Record(
        "联系部门及电话",
        "个",
        Contact,
        {"name": Key("联系部门"), "phone": Key("联系电话")},
        ("name", "phone"),
    ),
    "items": Record(
        "存在的问题",
        "项",
        Item,
        {
            "place": Key("材料或位置"),
            "problem": Key("问题"),
            "article": Key("依据"),
            "remedy": Key("补正要求"),
            "done": Key("整改情况"),
            "result": Key("验收结果"),
        },
        ("problem",),
    ),
    "files": Record(
        "材料清单",
        "份",
        File,
        {
            "name": Key("材料名称"),
            "copies": Key("份数", parts.count),
            "pages": Key("页数", parts.count),
            "state": Key("状态"),
        },
        ("name",),
    ),
    "nominees": Record(
        "推荐名单",
        "家",
        Nominee,
        {
            "name": Key("单位名称"),
            "contact": Key("联系人"),
            "contact_phone": Key("联系电话"),
            "main_service": Key("主要服务项目"),
        },
        ("name",),
    ),
    "conditions": Record(
        "逐项条件",
        "项",
        Condition,
        {
            "condition": Key("条件"),
            "article": Key("依据"),
            "claimed": Key("申报值"),
            "proof": Key("佐证"),
            "conclusion": Key("结论"),
        },
        ("condition",),
    ),
    "changes": Record(
        "变更事项",
        "项",
        Change,
        {
            "item": Key("变更事项"),
            "before": Key("变更前"),
            "after": Key("变更后"),
            "changed_on": Key("变更日期", parts.day),
            "evidence": Key("依据"),
        },
        ("before", "after"),
    ),
}
#: The one institution that a letter is about.
ONE_INSTITUTION = Record("机构", "", Institution, INSTITUTION, ("name",))


def label(key: str) -> str:
    """What a key means: `number` → 发文字号, `institution.uscc` → 机构的统一社会信用代码."""
    head, _, rest = key.partition(".")
    if rest:
        return f"机构的{INSTITUTION[rest].label}"
    if head in KEYS:
        return KEYS[head].label
    return (RECORDS.get(head) or ONE_INSTITUTION).label


def refuse(document: str, faults: Sequence[str]) -> None:
    """DataError with every fault, if there is one."""
    if faults:
        raise DataError(
            f"{document}的数据有{len(faults)}处问题：\n" + "\n".join(f"  · {f}" for f in faults)
        )

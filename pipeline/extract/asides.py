"""What stands in or beside a table of entries and is no entry: notes, totals, group headings, the
head printed again, who signs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.document import Cell, Grid
from pipeline.extract import match
from pipeline.extract.beside import label_pattern
from pipeline.extract.plan import Hole, Plan, Table
from pipeline.extract.signature import is_name
from pipeline.reading import Origin
from pipeline.values import is_date

_TOTAL = re.compile(
    r"^(?:(?:人数|金额|单位|本页)?(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计)(?:人数|金额)?|平均(?:年龄)?|总人数|总数)(?:[（(：:].*)?$"
)

#: A sum with the figure behind it, as it stands in a line: 合计3人.
_TOTAL_LINE = re.compile(_TOTAL.pattern.removesuffix("(?:[（(：:].*)?$") + r"\s*[（(：:\d]")
_REMARK = re.compile(
    r"^(?:注|说明|备注|填表说明|(?:单位)?(?:负责|联系|填表|填报|制表|审核|复核|经办)人|法定代表人|联系电话|填[表报]日期)"
    r"\s*(?:签字|签名|签章)?\s*(?:[（(][^（）()]{0,6}[）)])?\s*(?:[：:]|\d)"
)
_REMARK_WORD = re.compile(r"(?:注|说明|备注|(?:填表|制表|审核|复核|经办)人)(?:签字|签名|签章)?")
_NOTHING_BELOW = re.compile(r"[（(—\-]*以下(?:空白|无正文)[）)—\-]*")
_EXAMPLE = re.compile(r"[（(]?(?:示?例|例如|样例|举例)[）)]?[：:]?")
_SIGNERS = re.compile(
    r"(?:单位|机构)?(?:负责|填表|填报|制表|审核|复核|经办|联系)人(?:签字|签名)?|(?:联系)?电话|填[表报]日期"
)
_AND_SO_ON = re.compile(r"…+|[.。·]{2,}")
_GROUP = re.compile(r"[一-鿿]{0,6}(?:人员|部门?|组|科室?|办公室|类)(?:[（(：:].*)?")
_HEADING = re.compile(r"[（(]?[一二三四五六七八九十]+[）)、.．]")
_CHINESE_COUNT = re.compile(r"[（(]?[一二三四五六七八九十]+[）)]?[、.．]?")
_SEAL = re.compile(
    r"[（(]?(?:单位|公司|(?:申[报请]|填报)单位)?[（(]?(?:加?盖公?章|公章|签字|签章|章)处?[）)]{0,2}[：:]?"
)
_LABELLED = re.compile(r"[^\d：:]{2,}[：:]")
_PAGE = re.compile(r"第\s*\d+\s*页")
_EMPTY_DATE = re.compile(r"[年月日\s\u3000]+")


def is_head_again(filled: list[Cell], heads: frozenset[str]) -> bool:
    """Whether a row says only what the head says; mostly its first cell shows that it does not."""
    known: set[str] = set()
    for cell in filled:
        for text in said_in((cell,)):
            cut_off = cell.place.confidence < 1 and any(text in head for head in heads)
            if text not in heads and not cut_off:
                return False
            known.add(text)
    return len(known) > 1


#: Cells that the head of a table has at least.
_FEWEST_HEADS = 3


def begins_table(table: Table, cells: Iterable[Cell]) -> bool:
    """A row of nothing but words, the head of the rows' numbers among them (序号), begins a table:
    this one once more, or another."""
    filled = [cell for cell in cells if cell.text.strip()]
    if len(filled) < _FEWEST_HEADS or any(map(str.isdecimal, "".join(c.text for c in filled))):
        return False
    numbers = heads_of_numbers(table)
    return any(match.fold(cell.text) in numbers for cell in filled)


def heads_of_numbers(table: Table) -> frozenset[str]:
    """What stands above the numbers of the rows (序号), folded."""
    return frozenset(match.fold(n) for c in table.columns if c.key == "no" for n in c.names)


def said_in(cells: Iterable[Cell]) -> list[str]:
    """What a row says, to know its head again where it is printed once more."""
    return [folded for cell in cells if (folded := match.fold(cell.text))]


def numbers_columns(filled: list[Cell]) -> bool:
    """A row below the head that only numbers its columns: 1 2 3 4 …, or 甲 1 2 3 …"""
    texts = [re.sub(r"[\s（()）]", "", cell.text) for cell in filled]
    texts = texts[1:] if texts[0] in ("甲", "栏次") else texts
    first = int(texts[0]) if texts and texts[0].isdecimal() else 0
    return len(texts) > 3 and texts == [str(first + n) for n in range(len(texts))]


def is_note(filled: list[Cell], grid: Grid) -> bool:
    """A note below the table: it says so, or one cell over the whole width in plain sentences."""
    text = filled[0].text.strip()
    if len(filled) == 1:
        apart = filled[0].column > 1 and _is_signer(text)
        return bool(_REMARK.match(text)) or _is_signature(text) or apart
    if _asks(text) and 2 * sum(_asks(cell.text) for cell in filled) >= len(filled):
        return True
    return (len(filled) <= 4 and bool(_REMARK.match(text))) or (
        len(filled) <= 6 and bool(_REMARK_WORD.fullmatch("".join(text.split())))
    )


def labels_of_lines(plan: Plan) -> re.Pattern[str]:
    """What stands before the values of the lines outside the table: 填报单位：, 填报时间：."""
    holes = (e for line in plan.lines for e in line.elements if isinstance(e, Hole))
    names = dict.fromkeys(name for hole in holes for name in hole.spec.labels)
    return re.compile("|".join(map(label_pattern, names)) or "(?!)")


def is_line(filled: list[Cell], labels: re.Pattern[str]) -> bool:
    """A line with its labels in a row of the table: some programs put it below the heads."""
    return len(filled) > 1 and all(labels.match(cell.text.lstrip()) for cell in filled)


def _asks(text: str) -> bool:
    """A label for a hand to write behind: 审核："""
    return text.rstrip().endswith(("：", ":"))


def _is_signer(text: str) -> bool:
    """The name of who sends the table, below it at the right."""
    return is_name(text) or text.strip().endswith(("局", "厅", "委员会"))


def _is_signature(text: str) -> bool:
    """A seal's place, a date, or the blank for one, alone in its row below a table."""
    bare = "".join(text.split())
    return bool(
        _SEAL.fullmatch(bare) or _EMPTY_DATE.fullmatch(bare) or (is_date(bare) and len(bare) > 7)
    )


def is_no_entry(filled: list[Cell], grid: Grid, labels: set[str]) -> bool:
    """A total, a group heading, the head printed again, an example, who signs, or …… for rows that
    are left out."""
    texts = [cell.text.strip() for cell in filled]
    if len(texts) > 1 and all(_AND_SO_ON.fullmatch(text) for text in texts):
        return True
    if any(_TOTAL.match(text) for text in texts[:2]) or _EXAMPLE.fullmatch(texts[0]):
        return True
    if all(_NOTHING_BELOW.fullmatch(text) for text in texts):
        return True
    if _SIGNERS.fullmatch(texts[0]) and len({t for t in texts if _SIGNERS.fullmatch(t)}) > 1:
        return True
    if len(filled) == 1 and grid.columns > 2:
        cell = filled[0]
        wide = cell.colspan >= grid.columns - 1
        leading = cell.column == 0 and not re.fullmatch(r"[\d.、]+", texts[0])
        heading = _HEADING.match(texts[0]) or _GROUP.fullmatch("".join(texts[0].split()))
        return wide or leading or heading is not None
    return _are_mostly(labels, texts)


def is_remark(line: str) -> bool:
    """A note that stands in a line of its own below a table; what follows may go on with it."""
    return bool(_REMARK.match(line) or _REMARK_WORD.match(line.removeprefix("填表")))


def stands_beside(line: str, below: bool) -> bool:
    """Whether a line that holds a single text is something else than an entry: a total, a heading,
    a sentence, a label with what it asks, the number of the page; `below` all entries also who
    signs, and when."""
    bare = "".join(line.split())
    return (
        not re.search(r"[^\W\d_]", bare)
        or (bare.endswith(("。", "：", ":")) and not bare[0].isdecimal())
        or is_remark(line)
        or (below and (_is_signature(line) or _is_signer(line)))
        or any(one.match(line) for one in (_TOTAL, _TOTAL_LINE, _HEADING, _LABELLED, _PAGE))
        or any(one.fullmatch(bare) for one in (_GROUP, _NOTHING_BELOW, _EXAMPLE, _AND_SO_ON))
    )


def _are_mostly(labels: set[str], texts: list[str]) -> bool:
    """Whether more than half of the texts, and two at least that differ, are labels; after half of
    an entry it is clear that they are not."""
    others = 0
    found: set[str] = set()
    for text in texts:
        if (folded := match.fold(text)) in labels:
            found.add(folded)
            continue
        others += 1
        if others * 2 >= len(texts):
            return False
    return len(found) >= 2


def without_headings(entries: list[dict[str, Origin]]) -> list[dict[str, Origin]]:
    """The entries without group headings in cells of their own (一 | 制造业), where the entries are
    numbered 1, 2, 3."""

    def number(entry: dict[str, Origin]) -> str:
        return entry["no"].text.strip() if "no" in entry else ""

    if 2 * sum(number(entry)[:1].isdecimal() for entry in entries) <= len(entries):
        return entries
    return [
        entry
        for entry in entries
        if not _CHINESE_COUNT.fullmatch(number(entry))
        or sum(bool(origin.text.strip()) for origin in entry.values()) > 2
    ]

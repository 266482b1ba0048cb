"""The six annexes as people lay them out, made from the words of the regulation.

A `Style` is one house: Word, WPS or LibreOffice habits of fonts, widths, label line breaks, and
wording. Nothing here knows our templates. Functions take the annex's data and a style and give a
`Doc`; a blank value leaves its hole as the printed form has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .model import Cell, Doc, Para, Piece, Row, Table
from .people import KINDS, PREMISES, TYPES

TITLES = {
    "1": "湖南省中小微企业核心服务机构申请表",
    "2": "核心服务机构申请报告",
    "3": "服务机构服务人员基本情况表",
    "4": "服务机构服务对象情况表",
    "5": "真实性声明",
    "6": "湖南省中小微企业核心服务机构推荐汇总表",
}
PROMISE = (
    "本单位已了解湖南省中小微企业核心服务机构申请规定及申报要求，现向贵单位申报本年度湖南省中小微企业核心服务机构。本单位已认真准备了申报材料，并对本次申报郑重承诺如下：",
    "一、本单位所提交的申报材料相关内容完整、真实、准确，无欺瞒和作假行为，电子申报资料和纸质材料一致。",
    "二、在申报过程中，本单位将积极配合组织的相关调查和评审工作。",
    "如违反上述承诺，本单位愿意承担由此带来的一切后果及相关法律责任。",
)
NOTE_6 = "注：主要服务项目简要填写，从数字化转型、技术创新、品牌提升、融资促进、创业创新、知识产权保护、政务服务、市场开拓以及能够促进中小企业发展的其它服务等类别中选填一项。"
OUTLINE = (
    ("background", "申请单位的基本情况", "（包括创立发展沿革、发展目标、目前基本情况）"),
    (
        "management",
        "管理运营情况",
        "（包括：主要管理制度、服务流程、人员激励、能力提升、品牌建设、可持续发展等）",
    ),
    ("services", "近两年来的服务情况", "（包括：主要服务内容、服务对象、规模、方式、收费等）"),
    (
        "achievements",
        "主要服务业绩及促进中小企业专精特新发展的贡献",
        "（包括：自测情况或典型案例）",
    ),
    ("support", "获得各级政府扶持的情况", ""),
    ("plans", "上一年度工作总结及本年度工作计划", ""),
)

#: Labels of annexes 1, 3, 4 and 6 as printed, by field.
LABELS = {
    "1": {
        "applicant": "申请单位（盖章）：", "filled_on": "填报日期：", "name": "机构名称", "institution_type": "机构性质",
        "uscc": "统一社会\n信用代码", "address": "地      址", "county": "所属区县",
        "legal_representative": "法定代表人", "established_on": "成立日期", "principal": "企业负责人",
        "principal_phone": "联系电话", "contact": "企业联系人", "contact_phone": "联系电话", "email": "电子信箱",
        "website": "企业网址", "staff_count": "职工人数", "insured_staff_count": "提供社保证明人数",
        "qualified_staff_count": "本科及以上学历或中级以上技术职称专业人员", "registered_capital": "注册资本\n（万元）",
        "total_assets": "总资产\n（万元）", "service_assets": "服务设施\n（万元）", "profile": "机构简介\n（1000字以内）",
        "main_service": "主要服务项目\n（只勾选一项）", "achievements": "服务活动开展情况及业绩（1000字以内）",
        "operations": "近两年经营\n情况", "year": "年度", "service_income": "服务收入（万元）",
        "service_profit": "服务利润（万元）", "enterprises_served": "服务企业数（家）",
        "activities_held": "服务活动数（场/次）", "recommendation": "推荐单位意见",
    },
    "3": {
        "organisation": "填报单位：", "filled_on": "填报时间：", "no": "序号", "name": "姓  名", "age": "年龄",
        "position": "职  务", "education": "学历", "title": "职  称", "insured": "社保证明",
    },
    "4": {
        "organisation": "填报单位：", "filled_on": "填报时间：", "no": "序号", "enterprise": "服务企业名称",
        "industry": "所在\n行业", "service": "服务\n内容", "period": "服务\n时间", "by_self": "机构自身提供服务",
        "by_partner": "依托专业机构提供服务", "uncontracted_fee": "未签服务合同收费金额（万元）",
        "contract_fee": "合同服务金额（万元）", "contract_term": "合同\n期限", "fee_relief": "费用减免情况",
        "contact": "服务企业联系人", "contact_phone": "服务企业联系电话",
    },
    "6": {
        "organisation": "填报单位：", "no": "序号", "name": "单位名称", "contact": "联系人",
        "contact_phone": "联系电话", "main_service": "主要服务项目",
    },
}  # fmt: skip

#: Small rewordings that people make when they type a form anew.
REWORDED = {
    "1": {
        "applicant": "申报单位（盖章）：", "filled_on": "填报时间：", "name": "单位名称", "institution_type": "单位性质",
        "uscc": "统一社会信用代码证号", "address": "单位地址", "county": "所在区县", "legal_representative": "法人代表",
        "established_on": "成立时间", "principal": "单位负责人", "principal_phone": "负责人电话", "contact": "联系人",
        "contact_phone": "联系人电话", "email": "E-mail", "website": "网址", "staff_count": "职工总人数",
        "insured_staff_count": "提供社保证明的人数", "qualified_staff_count": "本科以上学历或中级以上职称专业人员",
        "registered_capital": "注册资金（万元）", "total_assets": "资产总额（万元）", "service_assets": "服务设施资产（万元）",
        "profile": "单位简介（1000字以内）", "main_service": "主要服务项目（只选一项）",
        "achievements": "服务活动开展及业绩情况", "operations": "近两年经营状况", "recommendation": "推荐单位意见（盖章）",
    },
    "3": {
        "organisation": "填报单位（盖章）：", "filled_on": "填报日期：", "name": "姓名", "age": "年龄（岁）", "position": "现任职务",
        "education": "最高学历", "title": "技术职称", "insured": "有无社保证明",
    },
    "4": {
        "organisation": "填报单位（盖章）：", "filled_on": "填报日期：", "enterprise": "企业名称", "industry": "所属行业",
        "service": "服务项目内容", "period": "服务起止时间", "by_self": "自身提供服务", "by_partner": "依托专业机构",
        "uncontracted_fee": "未签合同收费金额（万元）", "contract_fee": "合同金额（万元）", "contract_term": "合同期限（起止）",
        "fee_relief": "费用减免", "contact": "企业联系人", "contact_phone": "企业联系电话",
    },
    "6": {
        "organisation": "推荐单位（盖章）：", "name": "机构名称", "contact": "机构联系人", "contact_phone": "联系人电话",
        "main_service": "主要服务项目（选填一项）",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Style:
    """One person's house. `halves`, `thirds`: where the columns of annex 1 end (of 9,360 twips);
    `jitter`: how far each row's ends stray, as in tables dragged by hand; `date`: a strftime-like
    pattern over {y} {m} {d}; `insured`: words for yes and no."""

    name: str = "word"
    font: str = "仿宋_GB2312"
    size: float = 10.5
    halves: tuple[int, ...] = (1380, 4440, 5980, 9360)
    thirds: tuple[int, ...] = (1380, 3060, 4700, 5980, 7760, 9360)
    jitter: int = 0
    box: str = "□"
    tick: str = "☑"
    date: str = "{y}年{m}月{d}日"
    insured: tuple[str, str] = ("有", "无")
    yes: str = "√"
    titles: tuple[str, ...] = ("附件{n}", "{title}")
    blanks: int = 2
    flat_labels: bool = False
    wide_labels: bool = False
    annex_5_title: str = "真实性声明（格式）"
    wording: dict[str, dict[str, str]] = field(default_factory=dict)

    def label(self, annex: str, key: str) -> str:
        text = self.wording.get(annex, {}).get(key) or LABELS[annex][key]
        if self.flat_labels:
            text = text.replace("\n", "").replace("  ", "")
        if self.wide_labels and text.isalpha() and len(text) <= 5:
            text = "　".join(text)
        return text


WORD = Style()
WPS = Style(
    "wps", "宋体", 12, (1700, 4700, 6100, 9360), (1500, 3100, 4700, 6200, 7900, 9360), 35,
    date="{y}.{m}.{d}", insured=("是", "否"), titles=("附件{n}：", "{title}"), flat_labels=True, blanks=0,
    tick="√", annex_5_title="真实性声明",
)  # fmt: skip
LIBREOFFICE = Style(
    "libreoffice", "Noto Serif CJK SC", 11, (1560, 4680, 6240, 9360), (1560, 3120, 4680, 6240, 7800, 9360),
    date="{y}-{m:02}-{d:02}", insured=("√", "×"), titles=("{title}",), wide_labels=True, box="☐", tick="☑", blanks=1,
)  # fmt: skip
RETYPED = Style(
    "retyped", "微软雅黑", 10.5, (1800, 4500, 6300, 9360), date="{y}/{m}/{d}", insured=("已缴", "未缴"),
    titles=("附件{n}", "{title}"), wording=REWORDED, blanks=0, tick="☑",
)  # fmt: skip
HOUSES = (WORD, WPS, LIBREOFFICE)


def day(iso: str | None, pattern: str) -> str:
    if not iso:
        return ""
    y, m, d = (int(part) for part in iso.split("-"))
    return pattern.format(y=y, m=m, d=d)


def number(value: Any) -> str:
    return "" if value is None else str(value)


def label(text: str, slot: str = "") -> Piece:
    return Piece(text, slot, "label")


def value(text: str, slot: str) -> Piece:
    return Piece(text, slot, "value")


def text_cell(content: str, align: str = "center", role: str = "text", slot: str = "") -> Cell:
    """A cell of plain text, a paragraph a line."""
    return Cell([Para([Piece(line, slot, role)], align) for line in content.split("\n")])


def value_cell(content: str, slot: str, align: str = "center") -> Cell:
    lines = content.split("\n") if content else [""]
    return Cell([Para([value(line, slot)], align, indent=align == "both") for line in lines])


def title_paras(annex: str, style: Style, title: str = "") -> list[Para]:
    result = []
    for pattern in style.titles:
        content = pattern.format(n=annex, title=title or TITLES[annex])
        centred = "{title}" in pattern
        result.append(
            Para(
                [Piece(content)],
                "center" if centred else "",
                size=18 if centred else 16,
                font="黑体",
                role="title",
            )
        )
    return result


def head_line(annex: str, data: dict[str, Any], style: Style, first: str, second: str = "") -> Para:
    pieces = [label(style.label(annex, first), "/" + first), value(data[first] or "", "/" + first)]
    if second:
        shown = day(data[second], style.date)
        pieces += [
            Piece("          " if style.blanks else "\t", role="gap"),
            label(style.label(annex, second), "/" + second),
            value(shown, "/" + second),
        ]
    return Para(pieces, size=12, role="head")


def choice_pieces(
    slot: str, options: Sequence[str], chosen: Sequence[str], after: bool, style: Style
) -> list[list[Piece]]:
    """For each option its word and box, the box after the word or before it."""
    result = []
    for option in options:
        word = Piece(option, slot, "word", option)
        box = Piece(style.tick if option in chosen else style.box, slot, "box", option)
        box.extra["ticked"] = option in chosen
        result.append([word, box] if after else [box, word])
    return result


def lines_of(groups: list[list[Piece]], per_line: Sequence[int]) -> list[list[Piece]]:
    lines, start = [], 0
    for count in per_line:
        line: list[Piece] = []
        for group in groups[start : start + count]:
            line += [*([Piece("  ")] if line else []), *group]
        lines.append(line)
        start += count
    return lines


#: The cells of a row with the right edge of each (None: covered from above), and the row's role.
Edged = tuple[list[tuple[Cell | None, int]], str]


def tabulate(rows: Sequence[Edged], jitter: Callable[[], int]) -> Table:
    """A table whose grid is every edge there is."""
    moved: list[Edged] = []
    for cells, role in rows:
        shift = jitter()
        moved.append(([(c, e if e in (0, 9360) else e + shift) for c, e in cells], role))
    edges = sorted({edge for cells, _ in moved for _, edge in cells})
    table = Table([b - a for a, b in zip([0, *edges], edges, strict=False)])
    for cells, role in moved:
        row, at = Row(height=480, role=role), 0
        for cell, edge in cells:
            end = edges.index(edge) + 1
            if cell is not None:
                cell.colspan = end - at
                row.cells.append(cell)
            at = end
        table.rows.append(row)
    return table


PAIRS = (
    ("address", "county"), ("legal_representative", "established_on"), ("principal", "principal_phone"),
    ("contact", "contact_phone"), ("email", "website"),
)  # fmt: skip
TRIPLES = (
    ("staff_count", "insured_staff_count", "qualified_staff_count"),
    ("registered_capital", "total_assets", "service_assets"),
)


def annex_1(data: dict[str, Any], style: Style, jitter: Callable[[], int] = lambda: 0) -> Doc:
    """The application form. Rows that share a vertically merged cell do not jitter apart."""

    def head(key: str) -> Cell:
        return text_cell(style.label("1", key), role="label", slot="/" + key)

    def shown(key: str) -> str:
        if key == "established_on":
            return day(data[key], style.date)
        return number(data[key])

    def pair(*keys: str) -> list[Cell]:
        return [cell for key in keys for cell in (head(key), value_cell(shown(key), "/" + key))]

    def edged(cells: list[Cell], edges: Sequence[int]) -> list[tuple[Cell | None, int]]:
        return list(zip(cells, edges, strict=True))

    half, third = style.halves, style.thirds
    types = choice_pieces("/institution_type", TYPES, [data["institution_type"] or ""], True, style)
    type_cell = Cell([Para(line) for line in lines_of(types, (2, 2, 2))], rowspan=2)
    type_head = head("institution_type")
    type_head.rowspan = 2
    rows: list[Edged] = [
        (edged([*pair("name"), type_head, type_cell], half), "name"),
        (edged(pair("uscc"), half[:2]), "uscc"),
    ]
    rows += [(edged(pair(*keys), half), keys[0]) for keys in PAIRS]
    rows += [(edged(pair(*keys), third), keys[0]) for keys in TRIPLES]
    rows += [
        ([(_equipment(data, style), (half[1] + half[2]) // 2), (_premises(data, style), 9360)], "equipment"),
        ([(head("profile"), half[0]), (value_cell(data["profile"] or "", "/profile", "both"), 9360)], "profile"),
        ([(head("main_service"), half[0]), (_main_service(data, style), 9360)], "main_service"),
        ([(head("achievements"), half[0]), (value_cell(data["achievements"] or "", "/achievements", "both"), 9360)], "achievements"),
    ]  # fmt: skip
    table = tabulate(
        [*rows, *_operations(data, style, half), _recommendation(data, style, half)],
        _calm(rows, jitter),
    )
    head_para = head_line("1", data, style, "applicant", "filled_on")
    return Doc(
        [*title_paras("1", style), head_para, table],
        "1",
        font=style.font,
        size=style.size,
        sheet="附件1",
    )


def _calm(rows: list[Any], jitter: Callable[[], int]) -> Callable[[], int]:
    """No jitter in the two rows of 机构性质 and from 近两年经营情况 on."""
    index = iter(range(99))
    return lambda: jitter() if 2 <= next(index) < len(rows) else 0


def _equipment(data: dict[str, Any], style: Style) -> Cell:
    gap = " " * style.blanks
    count, share = number(data["equipment_count"]), number(data["equipment_asset_share"])
    return Cell([
        Para([label("仪器设备："), Piece(gap or "  " * (not count)), value(count, "/equipment_count"), Piece(gap), Piece("台（套），", role="label")]),
        Para([label("占总资产的"), Piece(gap or "  " * (not share)), value(share, "/equipment_asset_share"), Piece(gap), Piece("％。", role="label")]),
    ])  # fmt: skip


def _premises(data: dict[str, Any], style: Style) -> Cell:
    gap = " " * style.blanks
    area, share = number(data["floor_area"]), number(data["owned_area_share"])
    boxes = lines_of(choice_pieces("/premises", PREMISES, data["premises"], True, style), (2,))[0]
    return Cell([
        Para([label("场地面积："), Piece(gap or "  " * (not area)), value(area, "/floor_area"), Piece(gap), Piece("平米，", role="label")]),
        Para([label("性质："), *boxes, Piece("，")]),
        Para([label("自有场地占总面积的"), Piece(gap or "  " * (not share)), value(share, "/owned_area_share"), Piece(gap), Piece("％。", role="label")]),
    ])  # fmt: skip


def _main_service(data: dict[str, Any], style: Style) -> Cell:
    groups = choice_pieces("/main_service", KINDS, [data["main_service"] or ""], False, style)
    return Cell([Para(line) for line in lines_of(groups, (5, 4))])


def _operations(data: dict[str, Any], style: Style, half: Sequence[int]) -> list[Edged]:
    first, second, middle = half[0], (half[0] + half[1]) // 2, (half[1] + 9360) // 2 + 200
    side = text_cell(style.label("1", "operations"), role="label")
    side.rowspan = 5
    rows: list[Edged] = []
    for key in (
        "year",
        "service_income",
        "service_profit",
        "enterprises_served",
        "activities_held",
    ):
        cells = []
        for i, entry in enumerate(data["operations"]):
            slot = f"/operations/{i}/{key}"
            if key == "year":
                year = number(entry[key]) or "202_"
                cells.append(Cell([Para([value(year, slot), Piece("年")], "center")]))
            else:
                cells.append(value_cell(number(entry[key]), slot))
        line = [
            (text_cell(style.label("1", key), role="label"), second),
            (cells[0], middle),
            (cells[1], 9360),
        ]
        rows.append(([(side if key == "year" else None, first), *line], f"operations/{key}"))
    return rows


def _recommendation(data: dict[str, Any], style: Style, half: Sequence[int]) -> Edged:
    said = data["recommendation"]
    dated = day(said["dated"], "{y} 年 {m} 月 {d} 日")
    last = [Piece(" " * 26), value(dated, "/recommendation/dated")]
    if not dated:
        last = [Piece(" " * 26 + "　　　年        月        日")]
    cell = Cell([
        Para([value(said["opinion"] or "", "/recommendation/opinion")]),
        Para([Piece("")]),
        Para([Piece(" " * 38 + "盖   章")]),
        Para(last),
    ])  # fmt: skip
    return [
        (text_cell(style.label("1", "recommendation"), role="label"), half[0]),
        (cell, 9360),
    ], "recommendation"


def annex_2(
    data: dict[str, Any], style: Style, heading: Callable[[int], str] = "{}.".format, hints: bool = False,
    order: Sequence[int] = range(6), dated: str = "",
) -> Doc:  # fmt: skip
    """The report: `heading(n)` is what stands before the nth heading, `hints` keeps the outline's
    parentheses, `dated` puts name and date at the end, and no name under the title."""
    blocks: list[Any] = [*title_paras("2", style)]
    org = data["organisation"] or ""
    if not dated:
        blocks.append(Para([value(org, "/organisation")], "center", role="head"))
    for place, index in enumerate(order, 1):
        key, title, hint = OUTLINE[index]
        blocks.append(
            Para([Piece(heading(place), role="label"), Piece(title + (hint if hints else ""), "/" + key, "label")],
                 indent=True, font="黑体", role="heading")
        )  # fmt: skip
        lines = (data[key] or "").split("\n")
        blocks += [
            Para([value(line, "/" + key)], indent=True, role="prose") for line in lines if line
        ]
    if dated:
        blocks += [
            Para([]),
            Para([value(org, "/organisation")], "right"),
            Para([Piece(dated)], "right"),
        ]
    return Doc(blocks, "2", font=style.font, size=14, sheet="附件2")


def _simple_table(
    annex: str, keys: Sequence[str], rows: list[dict[str, Any]], list_key: str,
    widths: list[int], style: Style, shown: Callable[[str, Any], str], spare: int,
) -> Table:  # fmt: skip
    head = Row(
        [text_cell(style.label(annex, k), role="label", slot=f"/{list_key}/*/{k}") for k in keys],
        500,
        "head",
    )
    table = Table(list(widths), [head], header_rows=1)
    for i, row in enumerate(rows):
        cells = [value_cell(shown(k, row[k]), f"/{list_key}/{i}/{k}") for k in keys]
        table.rows.append(Row(cells, 400, "item"))
    table.rows += [Row([Cell([Para([])]) for _ in keys], 400, "spare") for _ in range(spare)]
    return table


def annex_3(data: dict[str, Any], style: Style, spare: int = 0) -> Doc:
    def shown(key: str, cell: Any) -> str:
        if key == "insured":
            return "" if cell is None else style.insured[0 if cell else 1]
        return number(cell)

    keys = ("no", "name", "age", "position", "education", "title", "insured")
    table = _simple_table(
        "3",
        keys,
        data["staff"],
        "staff",
        [800, 1500, 900, 1600, 1600, 1960, 1000],
        style,
        shown,
        spare,
    )
    line = head_line("3", data, style, "organisation", "filled_on")
    return Doc(
        [*title_paras("3", style), line, table],
        "3",
        font=style.font,
        size=style.size,
        sheet="附件3",
    )


CLIENT_KEYS = ("no", "enterprise", "industry", "service", "period", "by_self", "by_partner", "uncontracted_fee", "contract_fee", "contract_term", "fee_relief", "contact", "contact_phone")  # fmt: skip


def annex_4(data: dict[str, Any], style: Style, spare: int = 0, levels: int = 3) -> Doc:
    """`levels`: header rows, three as printed, two without 已签服务合同, one flat."""

    def shown(key: str, cell: Any) -> str:
        if key in ("by_self", "by_partner"):
            return style.yes if cell else ""
        return number(cell)

    widths = [560, 2100, 1000, 1500, 1150, 850, 950, 1000, 950, 1150, 1050, 850, 1350]
    table = _simple_table("4", CLIENT_KEYS, data["clients"], "clients", widths, style, shown, spare)
    if levels > 1:
        table.rows[0:1] = _client_head(table.rows[0].cells, levels)
        table.header_rows = levels
    line = head_line("4", data, style, "organisation", "filled_on")
    return Doc(
        [*title_paras("4", style), line, table], "4", landscape=True, font=style.font, size=9 if style.size < 12 else 10.5,
        sheet="附件4",
    )  # fmt: skip


def _client_head(cells: list[Cell], levels: int) -> list[Row]:
    by_key = dict(zip(CLIENT_KEYS, cells, strict=True))
    top = Row(height=500, role="head")

    def group(text: str, width: int) -> Cell:
        cell = text_cell(text, role="label")
        cell.colspan = width
        return cell

    for key in ("no", "fee_relief", "contact", "contact_phone"):
        by_key[key].rowspan = levels
    top.cells = [
        by_key["no"], group("服务企业情况", 4), group("服务性质", 2), group("合同服务情况", 3),
        by_key["fee_relief"], by_key["contact"], by_key["contact_phone"],
    ]  # fmt: skip
    low = ("contract_fee", "contract_term")
    middle = [by_key[k] for k in CLIENT_KEYS[1:8]]
    if levels == 2:
        return [top, Row([*middle, *(by_key[k] for k in low)], 500, "head")]
    for cell in middle:
        cell.rowspan = 2
    return [
        top,
        Row([*middle, group("已签服务合同", 2)], 500, "head"),
        Row([by_key[k] for k in low], 500, "head"),
    ]


def annex_5(data: dict[str, Any], style: Style) -> Doc:
    """The declaration as a born-digital text; pictures are put in by habits."""
    blocks: list[Any] = title_paras("5", style, style.annex_5_title)
    blocks.append(Para([Piece("湖南省工业和信息化厅：")]))
    blocks += [Para([Piece(line)], indent=True, role="promise") for line in PROMISE]
    blocks.append(Para([]))
    for text, slot, shown in (
        ("    申请单位盖章：", "/applicant", data["applicant"] or ""),
        (" 法定代表人签字：", "/signed", ""),
        ("                        日期：", "/dated", day(data["dated"], style.date)),
    ):
        blocks += [Para([label(text, slot), value(shown, slot)], role="sign"), Para([])]
    return Doc(blocks[:-1], "5", font=style.font, size=14, sheet="附件5")


def annex_6(data: dict[str, Any], style: Style, spare: int = 0) -> Doc:
    keys = ("no", "name", "contact", "contact_phone", "main_service")
    table = _simple_table(
        "6",
        keys,
        data["nominees"],
        "nominees",
        [800, 3600, 1400, 1900, 1660],
        style,
        lambda k, v: number(v),
        spare,
    )
    line = head_line("6", data, style, "organisation")
    note = Para([Piece(NOTE_6)], role="note")
    return Doc(
        [*title_paras("6", style), line, table, note],
        "6",
        font=style.font,
        size=style.size,
        sheet="附件6",
    )


LAYOUTS: dict[str, Callable[..., Doc]] = {
    "1": annex_1, "2": annex_2, "3": annex_3, "4": annex_4, "5": annex_5, "6": annex_6,
}  # fmt: skip

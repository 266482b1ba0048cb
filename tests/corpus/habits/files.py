"""What people put into one file: several annexes, worksheets, formulas, hidden rows, other papers."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date

from ..case import Case, Truth, by_key, dates, lay
from ..model import Cell, Doc, Para, Piece, Row, Table
from ..pictures import seal
from .registry import habit
from .tables import LISTS, items


def _add(case: Case, annex: str) -> None:
    data = copy.deepcopy(case.applicant.annexes[annex])
    case.docs.append(lay(annex, data, case.style, case.rng, case.form))
    case.truths.append(Truth(annex, data))


@habit(
    "several-annexes",
    "annexes 1–5 in one docx, or 1, 3, 4, 6 as sheets of one workbook",
    "1",
    count=3,
)
def several(case: Case) -> None:
    for annex in "2345" if case.form == "docx" else "346":
        _add(case, annex)


@habit("two-annexes", "annexes 3 and 4 in one file", "3", count=2)
def two(case: Case) -> None:
    _add(case, "4")


@habit(
    "sheets-any-name",
    "worksheets named Sheet1 or 服务人员, title rows there",
    "1346",
    "xlsx",
    paper=False,
)
def sheet_names(case: Case) -> None:
    names = {"1": "申请表", "3": "服务人员", "4": "服务对象", "6": "汇总表"}
    case.options = replace(
        case.options, sheet_names=(case.rng.choice(("Sheet1", names[case.doc.annex])),)
    )


@habit("sheets-no-title", "no title rows: only head line and table", "346", "xlsx")
def no_title(case: Case) -> None:
    case.options = replace(case.options, titles=False, sheet_names=("Sheet1",))


@habit("sheets-offset", "the form begun at C3 of the sheet", "1346", "xlsx", paper=False)
def offset(case: Case) -> None:
    case.options = replace(case.options, origin=(3, 3))


@habit(
    "sheets-split-head",
    "label and value of the head line in cells of their own, dates as real dates",
    "346",
    "xlsx",
    count=3,
)
def split_head(case: Case) -> None:
    case.options = replace(case.options, split_head=True)
    for pointer, iso in dates(case):
        real = date.fromisoformat(iso)
        typed = case.rng.choice((real, (real - date(1899, 12, 30)).days))
        case.write(pointer, "x", typed=typed)


@habit(
    "sheets-empty-extra",
    "empty Sheet2 and Sheet3 left in the workbook",
    "1346",
    "xlsx",
    paper=False,
)
def empty_sheets(case: Case) -> None:
    case.options = replace(case.options, sheet_names=("Sheet1", "Sheet2", "Sheet3"))
    case.docs += [Doc([], "", sheet="Sheet2"), Doc([], "", sheet="Sheet3")]


@habit("numbers-as-text", "every number stored as text", "1346", "xlsx", paper=False)
def numbers_as_text(case: Case) -> None:
    case.options = replace(case.options, numbers=False)


@habit("formulas", "序号 and amounts as formulas with their cached values", "1346", "xlsx", count=2)
def formulas(case: Case) -> None:
    for pointer, value in by_key(case, "no"):
        case.write(pointer, str(value), typed=("=ROW()-4", value))
    for pointer, value in by_key(
        case, "total_assets", "contract_fee", "age", "staff_count", "service_income"
    ):
        case.write(pointer, str(value), typed=(f"={value}+0", value))
    for pointer, value in by_key(case, "contact", "organisation", "education")[:3]:
        if len(case.doc.para_of(case.doc.values(pointer)[0]).pieces) == 1:
            case.write(pointer, value, typed=(f'=""&"{value}"', value))


@habit("float-artefacts", "numbers as floats: 35.0, 988.8600000000001", "134", "xlsx", paper=False)
def floats(case: Case) -> None:
    for pointer, value in by_key(case, "age", "no", "staff_count"):
        case.write(pointer, str(value), typed=float(value))
    for pointer, value in by_key(case, "total_assets", "contract_fee", "service_income"):
        case.write(pointer, str(value), typed=value + 1e-13)


@habit(
    "hidden-rows",
    "rows hidden in the sheet: read, and the table pointed at",
    "346",
    "xlsx",
    paper=False,
)
def hidden_rows(case: Case) -> None:
    for row in case.rng.sample(items(case), min(2, len(items(case)) - 1)):
        row.hidden = True
    case.truth.check.add("/" + LISTS[case.doc.annex])
    case.truth.may.update(("", "/" + LISTS[case.doc.annex]))


@habit("bare-table", "only the head row and the rows, nothing above", "34", "xlsx docx")
def bare_table(case: Case) -> None:
    case.doc.blocks = [block for block in case.doc.blocks if isinstance(block, Table)]
    for key in ("organisation", "filled_on"):
        case.data[key] = None
    case.truth.may.update(("", "/organisation", "/filled_on"))


@habit("seal-on-form", "a picture of the seal laid over the head of the form", "1346", "docx")
def seal_on_form(case: Case) -> None:
    para = next(p for p in case.doc.paras if p.role == "head")
    para.pieces.append(Piece(kind="picture", extra={"png": seal(case.rng), "floating": True}))


@habit(
    "mixed-clean",
    "several harmless habits in one document: split runs, controls, spaced labels, units",
    "1346",
    count=6,
)
def mixed(case: Case) -> None:
    from . import places, ticks, values

    if case.form == "docx":
        case.rng.choice((places.content_controls, places.tracked_insertions, places.smart_tags))(
            case
        )
    case.rng.choice((places.spaced_labels, places.stretched_blanks, places.extra_paragraphs))(case)
    if case.doc.annex == "1":
        case.rng.choice(
            (values.unit_wan, values.unit_counts, values.chinese_numerals, values.fullwidth_digits)
        )(case)
        case.rng.choice((ticks.tick_beside_box, ticks.options_deleted, ticks.premises_both))(case)
    if case.doc.annex == "4":
        case.rng.choice((ticks.service_marks, values.unit_wan))(case)
    if case.form == "docx":
        places.runs_split(case)


@habit("unrelated", "a paper that is none of the annexes: annex null and an issue", "1", count=4)
def unrelated(case: Case) -> None:
    letter = (
        Para([Piece("关于召开工作例会的通知")], "center", size=18, role="title"),
        Para([Piece("各部门：")]),
        Para(
            [
                Piece(
                    "定于9月20日上午9时在三楼会议室召开例会，请各部门负责人准时参加，联系电话：0731-80000005。"
                )
            ],
            indent=True,
        ),
        Para([Piece("办公室")], "right"),
    )
    prices = [
        ("序号", "品名", "规格", "单价（元）"),
        ("1", "复印纸", "A4 70g", "25"),
        ("2", "签字笔", "0.5mm", "2.5"),
    ]
    sheet = Table(
        [1000, 3000, 2400, 1600], [Row([Cell([Para([Piece(t)])]) for t in line]) for line in prices]
    )
    blocks = (
        [Para([Piece("办公用品采购清单")], "center", role="title"), sheet]
        if case.form == "xlsx" or case.rng.random() < 0.5
        else list(letter)
    )
    case.docs = [Doc(blocks, "", sheet="Sheet1")]
    case.truths = [Truth(None, {}, may={"*"}, check={"*"})]


@habit("one-annex-twice", "two applicants' annex 3 in one file: two documents", "3", count=1)
def twice(case: Case) -> None:
    from ..case import new

    other = new("3", case.form, case.rng, case.style)
    case.docs += other.docs
    case.truths += other.truths
    case.docs[1].sheet = "附件3（2）"

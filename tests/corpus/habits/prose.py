"""Annex 2, the report, and annex 5, the declaration."""

from __future__ import annotations

from collections.abc import Callable

from ..case import Case
from ..layout import OUTLINE, PROMISE, annex_2
from ..model import Para, Piece
from ..pictures import seal, signature
from .registry import habit
from .values import chinese_date

CHINESE = "一二三四五六"

# --- annex 2 --------------------------------------------------------------------------------------


def _headed(name: str, note: str, heading: Callable[[int], str], hints: bool = False) -> None:
    @habit(name, note, "2", "docx")
    def change(case: Case) -> None:
        case.docs[0] = annex_2(case.data, case.style, heading, hints=hints)


_headed(
    "report-arabic-dot", "headings 1. 2. with the outline's parentheses kept", "{}.".format, True
)
_headed("report-arabic-comma", "headings 1、 2、", "{}、".format)
_headed("report-arabic-wide", "headings １． in full width", lambda n: f"{'１２３４５６'[n - 1]}．")
_headed("report-chinese", "headings 一、 二、", lambda n: f"{CHINESE[n - 1]}、")
_headed(
    "report-chinese-hints",
    "headings 一、 with the outline's parentheses kept",
    lambda n: f"{CHINESE[n - 1]}、",
    True,
)
_headed("report-parentheses", "headings （一） （二）", lambda n: f"（{CHINESE[n - 1]}）")
_headed("report-part-words", "headings 第一部分", lambda n: f"第{CHINESE[n - 1]}部分 ")
_headed("report-bare", "headings without any number", lambda n: "")


@habit(
    "report-auto-numbered",
    "headings numbered by Word (decimal, Chinese, in parentheses)",
    "2",
    "docx",
    count=4,
)
def report_auto(case: Case) -> None:
    case.docs[0] = annex_2(case.data, case.style, lambda n: "", hints=case.rng.random() < 0.5)
    kind = case.rng.choice((0, 1, 2))
    for para in case.doc.paras:
        if para.role == "heading":
            para.numbering = (kind, 0)


@habit(
    "report-short-headings",
    "headings shortened: 基本情况, 管理运营, 服务情况, 工作总结及计划",
    "2",
    "docx",
    count=2,
)
def report_short(case: Case) -> None:
    short = dict(
        zip(
            (key for key, _, _ in OUTLINE),
            (
                "单位基本情况",
                "管理运营情况",
                "近两年服务情况",
                "主要服务业绩",
                "获得政府扶持情况",
                "上年度工作总结及本年度工作计划",
            ),
            strict=True,
        )
    )
    case.docs[0] = annex_2(case.data, case.style, lambda n: f"{CHINESE[n - 1]}、")
    for para in case.doc.paras:
        if para.role == "heading":
            para.pieces[1].text = short[para.pieces[1].slot[1:]]


@habit("report-any-order", "the six parts in another order", "2", "docx", count=3)
def report_order(case: Case) -> None:
    order = case.rng.sample(range(6), 6)
    case.docs[0] = annex_2(case.data, case.style, lambda n: f"{CHINESE[n - 1]}、", order=order)


@habit(
    "report-signed", "name and date at the end: no part of the last section", "2", "docx", count=4
)
def report_signed(case: Case) -> None:
    y, m, d = (int(x) for x in case.applicant.annexes["3"]["filled_on"].split("-"))
    shown = case.rng.choice((f"{y}年{m}月{d}日", chinese_date(y, m, d), f"{y}.{m}.{d}"))
    case.docs[0] = annex_2(case.data, case.style, lambda n: f"{CHINESE[n - 1]}、", dated=shown)


@habit(
    "report-subheadings",
    "sub-headings （一） and 1. inside the parts: they belong to the text",
    "2",
    "docx",
    count=3,
)
def report_sub(case: Case) -> None:
    sub = case.rng.choice(("（{}）", "{}. ", "({}) "))
    for key, _, _ in OUTLINE:
        lines = case.data[key].split("\n")
        numbers = CHINESE if "（" in sub else "123456"
        case.data[key] = "\n".join(sub.format(numbers[i]) + line for i, line in enumerate(lines))
    case.docs[0] = annex_2(case.data, case.style, lambda n: f"{CHINESE[n - 1]}、")


@habit(
    "report-numbered-items",
    "parts numbered 1. whose text holds items （1）, ① and 一是",
    "2",
    "docx",
    count=2,
)
def report_items(case: Case) -> None:
    for key, _, _ in OUTLINE:
        lines = case.data[key].split("\n")
        case.data[key] = "\n".join(
            f"{case.rng.choice(('（{}）', '{}）')).format(i)}{line}"
            for i, line in enumerate(lines, 1)
        )
    case.docs[0] = annex_2(case.data, case.style, "{}.".format)


@habit("report-bold-headings", "headings bold, the text beginning in the same look", "2", "docx")
def report_bold(case: Case) -> None:
    for para in case.doc.paras:
        for piece in para.pieces:
            piece.bold = para.role == "heading"


@habit(
    "report-title-with-name",
    "the applicant's name in the title instead of a line of its own",
    "2",
    "docx",
)
def report_title(case: Case) -> None:
    head = next(p for p in case.doc.paras if p.role == "head")
    title = next(p for p in case.doc.paras if p.role == "title" and "报告" in p.text)
    case.doc.blocks.remove(head)
    title.pieces = [Piece(case.data["organisation"], "/organisation", "value"), Piece("申请报告")]
    if case.rng.random() < 0.5:
        title.pieces = [Piece(case.data["organisation"], "/organisation", "value")]
        case.doc.blocks.insert(
            case.doc.blocks.index(title) + 1,
            Para([Piece("核心服务机构申请报告")], "center", size=18, role="title"),
        )


@habit(
    "report-labelled-name",
    "the name under the title with a label: 申请单位：, 申报单位（盖章）：, 单位名称：",
    "2",
    "docx",
    count=3,
)
def report_labelled(case: Case) -> None:
    head = next(p for p in case.doc.paras if p.role == "head")
    head.pieces.insert(
        0, Piece(case.rng.choice(("申请单位：", "申报单位（盖章）：", "单位名称：")), role="label")
    )


@habit("report-part-missing", "a part left out with its heading: null", "2", "docx")
def report_missing(case: Case) -> None:
    gone = case.rng.randint(1, 4)
    order = [i for i in range(6) if i != gone]
    case.docs[0] = annex_2(case.data, case.style, lambda n: f"{CHINESE[n - 1]}、", order=order)
    case.data[OUTLINE[gone][0]] = None
    case.truth.may.add("/" + OUTLINE[gone][0])


@habit("report-part-empty", "a heading with nothing under it: null", "2", "docx")
def report_empty(case: Case) -> None:
    gone = OUTLINE[case.rng.randint(1, 4)][0]
    case.data[gone] = None
    case.docs[0] = annex_2(case.data, case.style, lambda n: f"{CHINESE[n - 1]}、")
    case.truth.may.add("/" + gone)


@habit(
    "report-line-500",
    "the closing line 以上内容不超过3000字 left standing: no part of the text",
    "2",
    "docx",
)
def report_closing(case: Case) -> None:
    case.docs[0] = annex_2(case.data, case.style, "{}.".format, hints=True)
    case.doc.blocks.append(Para([Piece("以上内容不超过3000字。")], indent=True))


@habit(
    "report-over-limit",
    "more than 3000 characters in all: read, and pointed at",
    "2",
    "docx",
    count=1,
)
def report_over(case: Case) -> None:
    case.data["services"] = "\n".join([case.data["services"]] * 40)
    case.docs[0] = annex_2(case.data, case.style, lambda n: f"{CHINESE[n - 1]}、")
    case.truth.check.add("*")
    case.truth.may.add("*")


# --- annex 5 --------------------------------------------------------------------------------------


def _sign(
    case: Case, slot: str, picture: bytes, floating: bool, name: str, size: tuple[int, int]
) -> None:
    para = next(p for p in case.doc.paras if any(piece.slot == slot for piece in p.pieces))
    para.pieces.append(
        Piece(
            kind="picture", extra={"png": picture, "floating": floating, "name": name, "size": size}
        )
    )


def _sealed(case: Case) -> None:
    _sign(case, "/applicant", seal(case.rng), case.rng.random() < 0.6, "图片 1", (1440000, 1440000))
    case.data["sealed"] = True


def _signed(case: Case) -> None:
    _sign(
        case,
        "/signed",
        signature(case.rng),
        False,
        case.rng.choice(("签名", "图片 2", "Picture 3")),
        (1224000, 408000),
    )
    case.data["signed"] = True


@habit(
    "declaration-seal-and-signature",
    "pictures of seal and signature in their places",
    "5",
    "docx",
    count=4,
)
def declaration_both(case: Case) -> None:
    _sealed(case)
    _signed(case)


@habit("declaration-seal-only", "a picture of the seal only", "5", "docx")
def declaration_seal(case: Case) -> None:
    _sealed(case)


@habit("declaration-signature-only", "a picture of the signature only", "5", "docx")
def declaration_signature(case: Case) -> None:
    _signed(case)


@habit(
    "declaration-typed-name", "the name typed at 法定代表人签字: no signature (null)", "5", "docx"
)
def declaration_typed(case: Case) -> None:
    case.doc.values("/signed")[0].text = case.applicant.annexes["1"]["legal_representative"]


@habit("declaration-half-width", "half-width punctuation: the wording is intact", "5", "docx")
def declaration_half(case: Case) -> None:
    table = str.maketrans("，：。；（）", ",:.;()")
    for para in case.doc.paras:
        if para.role == "promise":
            for piece in para.pieces:
                piece.text = piece.text.translate(table)


@habit(
    "declaration-other-blanks",
    "blanks inside the promise, paragraphs joined or broken otherwise: intact",
    "5",
    "docx",
)
def declaration_blanks(case: Case) -> None:
    paras = [p for p in case.doc.blocks if isinstance(p, Para) and p.role == "promise"]
    paras[1].pieces[0].text = paras[1].pieces[0].text.replace("一、", "一、 ")
    text = paras[0].pieces[0].text
    cut = text.index("本单位已认真")
    paras[0].pieces[0].text = text[:cut]
    case.doc.blocks.insert(
        case.doc.blocks.index(paras[0]) + 1, Para([Piece(text[cut:])], indent=True, role="promise")
    )


CHANGES = (
    (
        "如违反上述承诺，本单位愿意承担由此带来的一切后果及相关法律责任。",
        "如违反上述承诺，本单位愿意承担相应责任。",
    ),
    ("无欺瞒和作假行为，", ""),
    ("完整、真实、准确", "基本真实、准确"),
    ("本单位将积极配合", "本单位将尽量配合"),
    ("郑重承诺", "说明"),
    (PROMISE[2], ""),
)


@habit(
    "declaration-changed",
    "the wording of the promise changed: false, and pointed at",
    "5",
    "docx",
    count=6,
)
def declaration_changed(case: Case) -> None:
    old, new = case.rng.choice(CHANGES)
    for para in case.doc.paras:
        for piece in para.pieces:
            piece.text = piece.text.replace(old, new)
    case.data["text_intact"] = False
    case.truth.check.add("/text_intact")


@habit("declaration-date-left", "the date left as 年 月 日: null", "5", "docx")
def declaration_no_date(case: Case) -> None:
    case.write("/dated", case.rng.choice(("    年    月    日", "")), None, may=True)


@habit("declaration-one-line", "signer, seal and date on one line", "5", "docx")
def declaration_one_line(case: Case) -> None:
    signs = [p for p in case.doc.blocks if isinstance(p, Para) and p.role == "sign"]
    first, last = signs[0], signs[-1]
    first.pieces += [Piece("      "), *last.pieces]
    for piece in last.pieces:
        piece.text = piece.text.strip()
    case.doc.blocks.remove(last)

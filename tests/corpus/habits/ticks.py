"""How people choose in a list of boxes. In 机构性质 and 性质 the box stands after its word, in
主要服务项目 before it; `chosen` keeps the box, `other` the boxes left empty."""

from __future__ import annotations

from collections.abc import Callable

from ..case import Case, put
from ..model import Piece
from ..people import KINDS, TYPES
from .registry import habit

SLOTS = ("/institution_type", "/main_service", "/premises")
SINGLE = SLOTS[:2]


def boxes(case: Case, *slots: str) -> list[Piece]:
    return [
        piece for piece in case.doc.pieces if piece.role == "box" and piece.slot in (slots or SLOTS)
    ]


def words(case: Case, slot: str) -> list[Piece]:
    return [piece for piece in case.doc.pieces if piece.role == "word" and piece.slot == slot]


def chosen(case: Case, slot: str) -> str:
    return next(box.option for box in boxes(case, slot) if box.extra["ticked"])


def _glyphs(name: str, on: str, off: str, note: str) -> None:
    @habit(name, note, "1", count=3)
    def change(case: Case) -> None:
        for box in boxes(case):
            box.text = on if box.extra["ticked"] else off


for _name, _on, _off in (
    ("tick-ballot", "☑", "□"), ("tick-crossed-box", "☒", "☐"), ("tick-square", "■", "□"), ("tick-disc", "●", "○"),
    ("tick-root", "√", "□"), ("tick-check", "✓", "□"), ("tick-heavy-check", "✔", "□"), ("tick-letter-v", "V", "□"),
    ("tick-times", "×", "□"), ("tick-word-yes", "是", "□"),
):  # fmt: skip
    _glyphs(_name, _on, _off, f"the chosen box replaced by {_on}, the others {_off}")
_glyphs("tick-boxes-gone", "√", "", "√ at the chosen word, every other box deleted")


@habit("tick-beside-box", "the empty box kept and a √ put beside it, touching", "1", count=4)
def tick_beside_box(case: Case) -> None:
    for box in boxes(case):
        if box.extra["ticked"]:
            empty = case.style.box
            box.text = case.rng.choice((empty + "√", "√" + empty))
    case.truth.may.update(SLOTS)


@habit(
    "tick-spaced",
    "a blank on both sides of every box: only the form says to which word it belongs",
    "1",
    count=4,
)
def tick_spaced(case: Case) -> None:
    for box in boxes(case):
        para = case.doc.para_of(box)
        at = next(i for i, piece in enumerate(para.pieces) if piece is box)
        box.text = (
            f"{box.text} "
            if at == 0
            else f" {box.text}"
            if box is para.pieces[-1]
            else f" {box.text} "
        )
        for neighbour in (para.pieces[at - 1 : at] if at else []) + para.pieces[at + 1 : at + 2]:
            if not neighbour.text.strip():
                neighbour.text = ""


@habit(
    "tick-other-side",
    "the list typed anew with every box on the other side of its word",
    "1",
    count=4,
)
def tick_other_side(case: Case) -> None:
    for slot in SINGLE:
        for para in case.doc.paras:
            mine = [p for p in para.pieces if p.slot == slot and p.role in ("box", "word")]
            if not mine:
                continue
            after = mine[0].role == "word"
            pairs = [(mine[i + 1], mine[i]) for i in range(0, len(mine), 2)]
            para.pieces = [
                p for i, pair in enumerate(pairs) for p in ([Piece("  ")] if i else []) + list(pair)
            ]
            assert after == (pairs[0][0].role == "box")
        case.truth.accept[slot] = [None]
        case.truth.may.add(slot)


@habit("tick-letters-in-brackets", "(√) and ( ) in the place of boxes", "1")
def tick_brackets(case: Case) -> None:
    for box in boxes(case):
        box.text = "（√）" if box.extra["ticked"] else "（ ）"


@habit("tick-controls", "w14:checkbox content controls, ☒ or ☑ when on", "1", "docx", count=4)
def tick_controls(case: Case) -> None:
    on = case.rng.choice("☒☑")
    for box in boxes(case):
        box.kind, box.extra["glyphs"] = "checkbox", ("☐", on)


SYMBOLS = (
    ("Wingdings", "F0FE", "F0A8"), ("Wingdings", "F0FE", "F06F"), ("Wingdings", "00FE", "00A8"),
    ("Wingdings", "F0FD", "F0A8"), ("Wingdings", "F0FC", "F0A8"), ("Wingdings 2", "F052", "F0A3"),
    ("Wingdings 2", "0052", "00A3"), ("Wingdings 2", "F050", "F0A3"), ("Wingdings 2", "F053", "F0A3"),
)  # fmt: skip


@habit(
    "tick-symbols",
    "w:sym ticks of Wingdings (FE, FD, FC / A8, 6F) and Wingdings 2 (52, 50, 53 / A3)",
    "1",
    "docx",
    count=12,
    paper=False,
)
def tick_symbols(case: Case) -> None:
    font, on, off = case.rng.choice(SYMBOLS)
    for box in boxes(case):
        box.kind, box.extra["font"], box.extra["char"] = (
            "sym",
            font,
            on if box.extra["ticked"] else off,
        )


@habit(
    "tick-symbols-some",
    "a w:sym tick put in place of one box, the others left as □",
    "1",
    "docx",
    count=6,
    paper=False,
)
def tick_symbols_some(case: Case) -> None:
    font, on, _ = case.rng.choice(SYMBOLS)
    for box in boxes(case):
        if box.extra["ticked"]:
            box.kind, box.extra["font"], box.extra["char"] = "sym", font, on


@habit(
    "tick-symbol-letters",
    "letters in the font Wingdings 2: R is a ticked box, £ an empty one",
    "1",
    "docx",
    count=3,
    paper=False,
)
def tick_symbol_letters(case: Case) -> None:
    for box in boxes(case):
        box.text, box.extra["font"] = "R" if box.extra["ticked"] else "£", "Wingdings 2"


def _only(case: Case, slot: str, keep: Callable[[Piece], bool]) -> None:
    """Of a list leave only the pieces of the chosen word that `keep` wants."""
    word = chosen(case, slot)
    for para in case.doc.paras:
        mine = [p for p in para.pieces if p.slot == slot and p.role in ("box", "word")]
        if not mine:
            continue
        kept = [p for p in para.pieces if p in mine and p.option == word and keep(p)]
        before = [p for p in para.pieces if p.role == "label"]
        after = [p for p in para.pieces if p.text == "，"]
        para.pieces = [*before, *kept, *after]


@habit("options-deleted", "all options deleted but the chosen word", "1", count=3)
def options_deleted(case: Case) -> None:
    for slot in SLOTS:
        _only(case, slot, lambda piece: piece.role == "word")


@habit(
    "options-deleted-but-ticked",
    "all options deleted but the chosen word with its ticked box",
    "1",
    count=3,
)
def options_deleted_ticked(case: Case) -> None:
    for slot in SLOTS:
        _only(case, slot, lambda piece: True)


@habit(
    "options-deleted-box-empty",
    "all options deleted but one word with its empty box: pointed at",
    "1",
    count=3,
)
def options_deleted_empty(case: Case) -> None:
    for slot in SINGLE:
        _only(case, slot, lambda piece: True)
        case.truth.accept[slot] = [None]
        case.truth.must.add(slot)
    for box in boxes(case, *SINGLE):
        box.text = case.style.box


def _marked(look: str) -> None:
    @habit(
        f"mark-{look}",
        f"the chosen word only in {look}, its box left empty: pointed at",
        "1",
        "docx",
        count=3,
        paper=False,
    )
    def change(case: Case) -> None:
        for box in boxes(case, *SINGLE):
            box.text = case.style.box
        for slot in SINGLE:
            word = chosen(case, slot)
            for piece in words(case, slot):
                setattr(piece, look, piece.option == word)
            case.truth.accept[slot] = [None]
            case.truth.must.add(slot)


for _look in ("bold", "underline", "highlight"):
    _marked(_look)


@habit("tick-two", "two boxes ticked where one is asked: null, both named", "1", count=4)
def tick_two(case: Case) -> None:
    for slot, options in (("/institution_type", TYPES), ("/main_service", KINDS)):
        word = chosen(case, slot)
        other = case.rng.choice([o for o in options if o != word])
        for box in boxes(case, slot):
            if box.option == other:
                box.text = case.style.tick
        put(case.data, slot, None)
        case.truth.must.add(slot)


@habit("tick-none", "no box ticked: null, premises []", "1", count=3)
def tick_none(case: Case) -> None:
    for box in boxes(case):
        box.text = case.style.box
    for slot in SINGLE:
        put(case.data, slot, None)
    put(case.data, "/premises", [])
    case.truth.may.update(SLOTS)


@habit("premises-both", "租用 and 自有 both ticked: both, no doubt", "1", count=3)
def premises_both(case: Case) -> None:
    for box in boxes(case, "/premises"):
        box.text = case.style.tick
    put(case.data, "/premises", ["租用", "自有"])
    case.write("/owned_area_share", "40", 40)


@habit("tick-with-text", "a word typed after the chosen option: 其它服务（法律咨询）", "1", count=2)
def tick_with_text(case: Case) -> None:
    for box in boxes(case, "/main_service"):
        box.text = case.style.tick if box.option == "其它服务" else case.style.box
    word = next(p for p in words(case, "/main_service") if p.option == "其它服务")
    word.text += "（法律政策咨询）"
    put(case.data, "/main_service", "其它服务")
    case.truth.may.add("/main_service")


@habit(
    "insured-words",
    "社保证明 as 有/无, 是/否, √/×, 已缴/未缴, ✓/✗, 缴纳/未缴纳, or a blank for unknown",
    "3",
    count=6,
)
def insured_words(case: Case) -> None:
    yes, no = case.rng.choice(
        (
            ("有", "无"),
            ("是", "否"),
            ("√", "×"),
            ("已缴", "未缴"),
            ("✓", "✗"),
            ("已缴纳", "未缴纳"),
            ("V", "×"),
        )
    )
    for i, row in enumerate(case.data["staff"]):
        if i == 5:
            case.write(f"/staff/{i}/insured", "", None)
        else:
            case.write(f"/staff/{i}/insured", yes if row["insured"] else no)


@habit(
    "service-marks",
    "the two columns of 服务性质 as √, ✔, ●, 是/否, √/×, or both ticked",
    "4",
    count=8,
)
def service_marks(case: Case) -> None:
    yes, no = case.rng.choice(
        (
            ("√", ""),
            ("✔", ""),
            ("●", ""),
            ("是", "否"),
            ("√", "×"),
            ("V", ""),
            ("☑", "□"),
            ("■", "□"),
        )
    )
    for i, row in enumerate(case.data["clients"]):
        for key in ("by_self", "by_partner"):
            both = i == 1
            case.write(
                f"/clients/{i}/{key}", yes if row[key] or both else no, True if both else row[key]
            )

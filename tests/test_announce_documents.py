"""The documents, read back from their PDFs and measured (GB/T 9704-2012); faults told in words."""

from __future__ import annotations

import copy
import io
import itertools
import json
import re
import shutil
import tracemalloc
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
import pytest

from pipeline.announce import KINDS, formats_of, substitutions, typeset
from pipeline.announce.fonts import font_set
from pipeline.announce.letter import Imprint, Letter, set_letter
from pipeline.announce.lines import NEVER_FIRST, NEVER_LAST
from pipeline.announce.page import ASCENT, CELL, HEIGHT, INNER, MM, PITCH, SIZE_3, TOP, WIDTH
from pipeline.errors import DataError, TemplateError, UsageError
from pipeline.settings import DATA_VARIABLE, templates_dir

#: Half a millimetre.
NEAR = 0.5 * MM

DATA: dict[str, Any] = {
    "number": "湘工信中小服务〔2026〕12号",
    "dated": "2026-11-23",
    "year": 2026,
    "posted_on": "2026-09-23",
    "first_day": "2026-09-24",
    "valid_from": "2026-12-01",
    "valid_to": "2029-11-30",
    "addressees": ["各市州工业和信息化局", "各有关单位"],
    "address": "长沙市雨花区芙蓉中路三段380号",
    "postcode": "410004",
    "email": "fwtx@example.gov.cn",
    "contacts": [
        {"name": "中小企业服务处", "phone": "0731-88955001"},
        {"name": "机关纪委", "phone": "0731-88955002"},
    ],
    "institutions": [
        {
            "name": "株洲堃䶮知识产权代理事务所（普通合伙）",
            "uscc": "91430200MA4L16JKXB",
            "city": "株洲市",
            "county": "天元区",
            "main_service": "知识产权保护",
            "certificate_no": "HN2026-0003",
        },
        {
            "name": "湖南𬱖喆数字科技有限公司",
            "uscc": "91430100MA4L16JJ1E",
            "city": "长沙市",
            "county": "岳麓区",
            "main_service": "数字化转型",
            "certificate_no": "HN2026-0001",
        },
        {
            "name": "湘西土家族苗族自治州中小企业公共服务中心（湘西州生产力促进中心）",
            "uscc": "12433100MB1A234576",
            "city": "湘西土家族苗族自治州",
            "county": "吉首市",
            "main_service": "政务服务",
            "certificate_no": "HN2026-0002",
        },
        {
            "name": "长沙第四家服务有限公司",
            "uscc": "91430100MA4L16JL86",
            "city": "长沙市",
            "county": "岳麓区",
            "main_service": "市场开拓",
            "certificate_no": "HN2026-0004",
        },
    ],
}


def data_with(**changes: Any) -> dict[str, Any]:
    """The example with changes; None takes a key away."""
    data = copy.deepcopy(DATA) | changes
    return {key: value for key, value in data.items() if value is not None}


#: The documents that the tests of the page measure; the others take their data from the docs.
MEASURED = ("publicity", "notice", "plaque")


def examples() -> dict[str, dict[str, Any]]:
    """The JSON of each kind in docs/announce.md."""
    page = (Path(__file__).parent.parent / "docs" / "announce.md").read_text(encoding="utf-8")
    found = re.findall(r"^## (\w+)：.*?```json\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    return {kind: json.loads(text) for kind, text in found}


EXAMPLES = examples()


def data_of(kind: str) -> dict[str, Any]:
    return copy.deepcopy(DATA if kind in MEASURED else EXAMPLES[kind])


@cache
def document(kind: str) -> bytes:
    return typeset(kind, data_of(kind))


@cache
def pages(kind: str) -> list[Any]:
    return pdfplumber.open(io.BytesIO(document(kind))).pages


@cache
def text(kind: str) -> str:
    return searchable(document(kind))


def searchable(pdf: bytes) -> str:
    """All text, white space apart: where a line ends is no matter here."""
    found = pypdfium2.PdfDocument(pdf)
    return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in found))


def baselines(page: Any, size: float = SIZE_3) -> list[float]:
    """Baselines (from the page's top) of the characters of one size, each once."""
    found = {round(page.height - c["matrix"][5], 2) for c in page.chars if near(c["size"], size)}
    return sorted(found)


def near(a: float, b: float, within: float = 0.05) -> bool:
    return abs(a - b) <= within


def line_at(page: Any, baseline: float) -> list[Any]:
    chars = [c for c in page.chars if near(page.height - c["matrix"][5], baseline)]
    return sorted(chars, key=lambda c: c["x0"])


def words(page: Any, wanted: str) -> list[Any]:
    """The characters of the first line that holds the wanted text."""
    for baseline in sorted({round(page.height - c["matrix"][5], 2) for c in page.chars}):
        line = line_at(page, baseline)
        if wanted in "".join(c["text"] for c in line):
            return line
    raise AssertionError(f"no line holds {wanted}")


def listed(kind: str) -> Any:
    """The page with the list."""
    return next(page for page in pages(kind) if page.extract_table())


# --- the page -------------------------------------------------------------------------------


def test_body_lines_lie_on_the_grid_of_twenty_two():
    first = TOP + ASCENT * SIZE_3
    tight = pages("notice")[1]  # its lines are moved together, see below
    for kind in ("publicity", "notice", "expiry"):
        for page in (page for page in pages(kind) if page is not tight):
            for baseline in baselines(page):
                place = (baseline - first) / PITCH
                assert near(place, round(place), 0.01), (kind, baseline)
                assert 0 <= round(place) <= 21


@pytest.mark.parametrize("lines", range(16, 24))
def test_lines_move_together_for_a_signature_and_never_to_less_than_26_points(lines):
    """§7.3.5.5: where seal and date have no room, the pitch gives way before any line moves on."""
    letter = Letter("标题", ["湘" * 28 * lines], "湖南省某厅", "2026年1月1日")
    found = pdfplumber.open(io.BytesIO(set_letter(letter, font_set(), frozenset()))).pages
    lines_ = baselines(found[0])
    steps = {round(b - a, 1) for a, b in itertools.pairwise(lines_) if b - a < 1.5 * PITCH}
    # Title, its blank, the body, two blanks for the seal, issuer and date.
    needed = 2 + lines + 1 + 2 + 2
    assert len(found) == 1 if needed <= 25 else len(found) == 2
    pitch = PITCH if needed <= 22 or needed > 25 else (HEIGHT - SIZE_3) / (needed - 1)
    assert steps == {round(pitch, 1)} and pitch > 25.9
    assert max(lines_) + (1 - ASCENT) * SIZE_3 <= TOP + HEIGHT + NEAR


def test_lines_move_together_for_an_imprint_on_the_same_page_only_if_that_is_enough():
    """A letter of two pages keeps to them; the 版记 does not stand behind a blank page for it."""
    for lines in range(20, 46):
        letter = Letter("标题", ["湘" * 28 * lines], "某厅", "2026年1月1日",
                        imprint=Imprint([], "某厅办公室", "2026年1月2日"))  # fmt: skip
        found = pdfplumber.open(io.BytesIO(set_letter(letter, font_set(), frozenset()))).pages
        dated = [n for n, page in enumerate(found) if words_in(page, "2026年1月1日")]
        assert dated[0] == len(found) - 1 or dated[0] % 2 == 0, (lines, dated, len(found))
        bottom = max(c["bottom"] for c in found[dated[0]].chars if near(c["size"], SIZE_3))
        assert bottom <= TOP + HEIGHT + 5


def words_in(page: Any, wanted: str) -> bool:
    return wanted in "".join(char["text"] for char in page.chars)


def test_a_full_page_has_twenty_two_lines_that_fill_the_page():
    letter = Letter("标题", ["湘" * 28 * 60], "某厅", "2026年1月1日")
    page = pdfplumber.open(io.BytesIO(set_letter(letter, font_set(), frozenset()))).pages[1]
    lines = baselines(page)
    assert len(lines) == 22
    assert near(lines[0] - ASCENT * SIZE_3, TOP, NEAR)
    assert near(lines[-1] + (1 - ASCENT) * SIZE_3, TOP + HEIGHT, NEAR)
    for baseline in lines:
        chars = line_at(page, baseline)
        assert len(chars) == 28
        assert near(chars[0]["x0"], INNER, NEAR)
        assert near(chars[-1]["x0"] + CELL, INNER + WIDTH, NEAR)


def test_the_measures_are_those_of_the_standard():
    """In millimetres and by the standard's numbers, not by the program's own."""
    letter = Letter("标题", ["湘" * 28 * 60], "某厅", "2026年1月1日")
    page = pdfplumber.open(io.BytesIO(set_letter(letter, font_set(), frozenset()))).pages[1]
    mm = 25.4 / 72
    body = [c for c in page.chars if c["text"] == "湘"]
    em_tops = [(page.height - c["matrix"][5] - 0.88 * 16) * mm for c in body]
    assert page.width * mm == pytest.approx(210, abs=0.1)
    assert page.height * mm == pytest.approx(297, abs=0.1)
    assert min(em_tops) == pytest.approx(37, abs=0.5)
    assert max(em_tops) + 16 * mm == pytest.approx(37 + 225, abs=0.5)
    assert min(c["x0"] for c in body) * mm == pytest.approx(28, abs=0.5)
    assert max(c["x1"] for c in body) * mm == pytest.approx(28 + 156, abs=0.5)


def test_nothing_stands_outside_the_type_area_but_page_numbers():
    for kind in ("publicity", "notice"):
        for page in pages(kind):
            for char in page.chars:
                if near(char["size"], 14) and char["fontname"].endswith("NotoSerifSC-Light"):
                    continue
                assert char["x0"] > INNER - NEAR, char
                assert char["x1"] < INNER + WIDTH + NEAR, char
                assert char["top"] > TOP - NEAR, char
                assert char["bottom"] < TOP + HEIGHT + 4, char


def test_page_numbers_stand_right_on_odd_and_left_on_even_pages():
    for number, page in enumerate(pages("notice"), 1):
        foot = [c for c in page.chars if c["top"] > TOP + HEIGHT]
        foot.sort(key=lambda c: c["x0"])
        assert "".join(c["text"] for c in foot).replace(" ", "") == f"—{number}—"
        assert {round(c["size"]) for c in foot} == {14}
        if number % 2:
            assert near(foot[-1]["x1"], INNER + WIDTH - 14, NEAR)
        else:
            assert near(foot[0]["x0"], INNER + 14, NEAR)


def test_the_dash_of_a_page_number_lies_seven_millimetres_below():
    page = pypdfium2.PdfDocument(document("notice"))[0]
    textpage = page.get_textpage()
    boxes = [textpage.get_charbox(i) for i in range(textpage.count_chars())
             if textpage.get_text_range(i, 1) == "—"]  # fmt: skip
    bottom = 297 * MM - TOP - HEIGHT
    for _, low, _, high in boxes[-2:]:
        assert near((low + high) / 2, bottom - 7 * MM, NEAR)


# --- the elements ---------------------------------------------------------------------------


def test_the_red_head_of_a_notice_is_where_the_standard_puts_it():
    page = pages("notice")[0]
    mark = words(page, "湖南省工业和信息化厅文件")
    size = mark[0]["size"]
    assert near(page.height - mark[0]["matrix"][5] - ASCENT * size, TOP + 35 * MM, NEAR)
    assert mark[0]["non_stroking_color"] == (1, 0, 0)
    assert near(mark[0]["x0"] - INNER, INNER + WIDTH - mark[-1]["x1"], NEAR)
    number = words(page, "湘工信中小服务〔2026〕12号")
    (rule,) = [line for line in page.lines if line["stroking_color"] == (1, 0, 0)]
    assert near(rule["x0"], INNER, NEAR)
    assert near(rule["x1"], INNER + WIDTH, NEAR)
    em_bottom = page.height - number[0]["matrix"][5] + (1 - ASCENT) * SIZE_3
    assert near(rule["top"] - em_bottom, 4 * MM, NEAR)
    title = words(page, "湖南省工业和信息化厅关于认定")
    assert {round(c["size"]) for c in title} == {22}
    title_top = page.height - title[0]["matrix"][5] - ASCENT * 22
    assert 2 * PITCH - NEAR < title_top - rule["top"] < 3 * PITCH


def test_the_number_stands_two_lines_below_the_mark_in_the_middle():
    page = pages("notice")[0]
    mark, number = words(page, "文件"), words(page, "湘工信中小服务〔2026〕12号")
    middle = (number[0]["x0"] + number[-1]["x1"]) / 2
    assert near(middle, INNER + WIDTH / 2, NEAR)
    mark_foot = page.height - mark[0]["matrix"][5] + (1 - ASCENT) * mark[0]["size"]
    number_top = page.height - number[0]["matrix"][5] - ASCENT * SIZE_3
    assert 2 * PITCH - NEAR < number_top - mark_foot < 3 * PITCH
    assert near(rule_of(page)["linewidth"], 0.7 * MM, 0.1 * MM)


def rule_of(page: Any) -> Any:
    (rule,) = [line for line in page.lines if line["stroking_color"] == (1, 0, 0)]
    return rule


def test_the_rules_of_the_imprint_are_heavy_fine_heavy():
    page = pages_of(data_with(copies_to=["省中小企业公共服务平台"]))[-1]
    wide = sorted(
        (line for line in page.lines if near(line["x1"] - line["x0"], WIDTH, NEAR)),
        key=lambda line: line["top"],
    )[-3:]
    assert [line["linewidth"] for line in wide] == pytest.approx(
        [0.35 * MM, 0.25 * MM, 0.35 * MM], abs=0.02 * MM
    )
    assert near(wide[-1]["top"], TOP + HEIGHT, NEAR)
    copies, printed = words(page, "抄送："), words(page, "印发")
    tops = [page.height - line[0]["matrix"][5] for line in (copies, printed)]
    assert wide[0]["top"] < tops[0] < wide[1]["top"] < tops[1] < wide[2]["top"]


def pages_of(data: dict[str, Any], kind: str = "notice") -> list[Any]:
    return pdfplumber.open(io.BytesIO(typeset(kind, data))).pages


FANG, KAI, HEI = "FandolFang-Regular", "FandolKai-Regular", "NotoSansSC-Regular"
BLACK, SONG = "NotoSerifSC-Black", "NotoSerifSC-Light"


@pytest.mark.parametrize(
    ("wanted", "face", "size"),
    [
        ("湖南省工业和信息化厅文件", BLACK, 34.96),  # fitted to its line
        ("湘工信中小服务〔", FANG, 16),
        ("关于认定", BLACK, 22),
        ("各市州工业和信息化局，各有关单位：", FANG, 16),
        ("根据《湖南省", FANG, 16),
        ("一、认定结果", HEI, 16),
        ("附件：", FANG, 16),
        ("月23日", FANG, 16),
        ("附件", HEI, 16),
        ("核心服务机构名单", BLACK, 22),
        ("统一社会信用代码", HEI, 10.5),
        ("长沙市", FANG, 10.5),
        ("印发", FANG, 14),
    ],
)
def test_every_element_has_its_face_and_size(wanted: str, face: str, size: float):
    found = [
        {(c["fontname"].partition("+")[2], round(c["size"], 2)) for c in line[start:end]}
        for page in pages("notice")
        for line in all_lines(page)
        for start, end in places(line, wanted)
    ]
    # Digits beside Chinese are 宋体.
    assert any({(f, s) for f, s in it if f != SONG} == {(face, size)} for it in found), found


def all_lines(page: Any) -> list[list[Any]]:
    return [
        line_at(page, b)
        for b in sorted({round(page.height - c["matrix"][5], 2) for c in page.chars})
    ]


def places(line: list[Any], wanted: str) -> list[tuple[int, int]]:
    """Where a line holds a text: the numbers of its characters."""
    whole = "".join(c["text"] for c in line)
    return [(m.start(), m.end()) for m in re.finditer(re.escape(wanted), whole)]


def test_page_numbers_are_song_of_size_four():
    foot = [c for c in pages("notice")[0].chars if c["top"] > TOP + HEIGHT]
    assert {(c["fontname"].partition("+")[2], c["size"]) for c in foot} == {(SONG, 14)}


@pytest.mark.parametrize("offset", range(0, 28, 2))
def test_no_printed_line_begins_or_ends_wrongly_and_right_edges_are_equal(offset):
    """As it stands in the file, over a long text at many offsets; to half a millimetre."""
    from test_announce_lines import PROSE

    (first, *_) = made(paragraphs=["字" * offset + PROSE * 2])
    printed = [line for line in all_lines(first) if near(line[0]["size"], 16) and len(line) > 20]
    assert len(printed) > 15
    for line in printed:
        ink = [c for c in line if c["text"].strip()]
        assert ink[0]["text"] not in NEVER_FIRST, line
        assert ink[-1]["text"] not in NEVER_LAST, line
        # An opening mark's blank half may be cut, which leaves its ink at the edge.
        blank = CELL / 2 if ink[0]["text"] in NEVER_LAST else 0.0
        inset = ink[0]["x0"] - INNER - (2 * CELL if line is printed[0] else 0)
        assert -blank - NEAR < inset < NEAR, line
    # A mark's blank half may cross the grid's edge as a last resort; its ink stays within.
    ends = [line[-1] for line in printed[:-1] if not line[-1]["text"].isascii()]
    edges = [char["x0"] + CELL for char in ends]
    assert edges
    crossing = [edge for edge in edges if not near(edge, INNER + WIDTH, NEAR)]
    assert len(crossing) <= 1
    assert all(edge < INNER + WIDTH + CELL / 2 + NEAR for edge in crossing)


def test_headings_have_their_faces():
    page = pages("publicity")[0]
    assert words(page, "一、公示时间")[0]["fontname"].endswith("NotoSansSC-Regular")
    assert words(page, "根据")[0]["fontname"].endswith("FandolFang-Regular")
    assert near(words(page, "根据")[0]["x0"], INNER + 2 * CELL, NEAR)


def test_the_date_stands_four_in_and_the_issuer_is_centred_over_it():
    page = next(p for p in pages("notice") if "2026年11月23日" in p.extract_text().replace(" ", "")
                and "附件：" in p.extract_text())  # fmt: skip
    date_, issuer = words(page, "2026年11月23日"), words(page, "湖南省工业和信息化厅")
    assert near(date_[-1]["x1"], INNER + WIDTH - 4 * CELL, NEAR)
    middle = (date_[0]["x0"] + date_[-1]["x1"]) / 2
    assert near((issuer[0]["x0"] + issuer[-1]["x1"]) / 2, middle, NEAR)


def test_an_annex_begins_a_page_with_its_mark_and_title():
    page = listed("notice")
    mark, title = words(page, "附件"), words(page, "核心服务机构名单")
    assert near(mark[0]["x0"], INNER, NEAR)
    assert mark[0]["fontname"].endswith("NotoSansSC-Regular")
    lines = [round((page.height - c[0]["matrix"][5] - TOP) / PITCH - 0.5) for c in (mark, title)]
    assert lines == [0, 2]


def test_the_imprint_ends_the_last_even_page_at_its_foot():
    assert len(pages("notice")) % 2 == 0
    page = pages("notice")[-1]
    wide = [line for line in page.lines if near(line["x1"] - line["x0"], WIDTH, NEAR)]
    assert near(max(line["bottom"] for line in wide), TOP + HEIGHT, NEAR)
    printed = words(page, "印发")
    assert "".join(c["text"] for c in printed).startswith("湖南省工业和信息化厅办公室")
    assert {round(c["size"]) for c in printed} == {14}
    assert near(printed[0]["x0"], INNER + 14, NEAR)
    assert near(printed[-1]["x1"], INNER + WIDTH - 14, NEAR)


@pytest.mark.parametrize("lines", range(1, 30))
def test_the_imprint_is_on_an_even_page_however_long_the_letter(lines):
    letter = Letter("标题", ["湘" * 28 * lines], "某厅", "2026年1月1日",
                    imprint=Imprint(["某局", "某中心"], "某厅办公室", "2026年1月2日"))  # fmt: skip
    found = pdfplumber.open(io.BytesIO(set_letter(letter, font_set(), frozenset()))).pages
    assert len(found) % 2 == 0
    assert "抄送：某局，某中心。" in found[-1].extract_text()
    with_date = next(
        page for page in found if "2026年1月1日" in page.extract_text().replace(" ", "")
    )
    assert "湘" in with_date.extract_text(), "a signature stands alone on its page"
    numbered = ["—" in page.extract_text() for page in found]
    blank = [not page.extract_text().replace(" ", "").strip("—0123456789") for page in found]
    if any(blank):
        assert numbered[-2:] == [False, False]
    else:
        assert all(numbered)


def made(**changes: Any) -> Any:
    """A letter with changes, as pages."""
    letter = Letter("标题", ["湘" * 40], "湖南省某厅", "2026年1月1日")
    pdf = set_letter(replace(letter, **changes), font_set(), frozenset())
    return pdfplumber.open(io.BytesIO(pdf)).pages


def test_a_signer_stands_right_of_the_number_in_kai():
    (page,) = made(mark="某厅文件", number="某〔2026〕1号", signer="王  明")
    line = words(page, "签发人")
    assert near(line[0]["x0"], INNER + CELL, NEAR)
    assert near(line[-1]["x1"], INNER + WIDTH - CELL, NEAR)
    assert line[-1]["fontname"].endswith("FandolKai-Regular")
    assert "某〔2026〕1号" in "".join(c["text"] for c in line)


def test_enclosures_are_numbered_and_hang_under_their_own_first_character():
    (page,) = made(enclosures=["长" * 40, "短名"])
    first, second = words(page, "附件："), words(page, "2.")
    runs_over = line_at(page, page.height - first[0]["matrix"][5] + PITCH)
    assert near(first[0]["x0"], INNER + 2 * CELL, NEAR)
    start = next(c for c in first if c["text"] == "长")
    assert near(runs_over[0]["x0"], start["x0"], NEAR)
    one = next(c for c in first if c["text"] == "1")
    two = next(c for c in second if c["text"] == "2")
    assert near(one["x0"], two["x0"], NEAR)
    body = words(page, "湘湘")[0]["matrix"][5]
    assert near(body - first[0]["matrix"][5], 3 * PITCH, NEAR)  # its second line, a blank, this


def test_without_a_seal_the_date_begins_two_right_of_the_issuer():
    (page,) = made(sealed=False, issuer="湖南省工业和信息化厅")
    issuer, date_ = words(page, "湖南省工业和信息化厅"), words(page, "2026年1月1日")
    assert near(date_[0]["x0"] - issuer[0]["x0"], 2 * CELL, NEAR)
    assert near(issuer[-1]["x1"], INNER + WIDTH - 2 * CELL, NEAR)
    (page,) = made(sealed=False, issuer="某厅")
    assert near(words(page, "2026年1月1日")[-1]["x1"], INNER + WIDTH - 2 * CELL, NEAR)


def test_a_remark_stands_in_brackets_below_the_date():
    (page,) = made(remark="联系人：张三")
    remark, date_ = words(page, "（联系人：张三）"), words(page, "2026年1月1日")
    assert near(remark[0]["x0"], INNER + 2 * CELL, NEAR)
    assert near(date_[0]["matrix"][5] - remark[0]["matrix"][5], PITCH, 0.1)


def test_the_second_level_of_headings_is_kai():
    (page,) = made(
        paragraphs=["一、总则", "（一）目的。" + "湘" * 60, "二、这一句太长，不是标题。"]
    )
    line = words(page, "（一）目的。")
    assert line[0]["fontname"].endswith("FandolKai-Regular")
    assert line[-1]["fontname"].endswith("FandolFang-Regular")
    assert words(page, "二、这一句")[0]["fontname"].endswith("FandolFang-Regular")


# --- what the documents say -----------------------------------------------------------------


def test_a_publicity_says_what_it_must():
    found = text("publicity")
    for wanted in (
        "关于2026年湖南省中小微企业核心服务机构拟认定名单的公示",
        "湘工信中小服务〔2024〕299号",
        "2026年9月24日、9月28日至30日、10月8日至10日（7个工作日）",
        "中小企业服务处：0731-88955001",
        "机关纪委：0731-88955002",
        "邮政编码：410004",
        "fwtx@example.gov.cn",
        "不收取任何费用",
        "加盖单位公章",
        "附件：2026年湖南省中小微企业核心服务机构拟认定名单",
    ):
        assert wanted in found, wanted


def test_a_notice_says_what_it_must():
    found = text("notice")
    for wanted in (
        "湘工信中小服务〔2026〕12号",
        "各市州工业和信息化局，各有关单位：",
        "同意授予湖南𬱖喆数字科技有限公司、长沙第四家服务有限公司、"
        "株洲堃䶮知识产权代理事务所（普通合伙）等4家机构",
        "有效期三年，自2026年12月1日至2029年11月30日",
        "每月结束后10日内",
        "每年3月底前",
        "2026年11月23日印发",
    ):
        assert wanted in found, wanted


def test_lists_follow_the_order_of_the_cities_and_then_of_the_data():
    table = listed("notice").extract_table()
    assert [row[0] for row in table] == ["序号", "1", "2", "3", "4"]
    cities = [row[3].replace("\n", "") for row in table[1:]]
    assert cities == ["长沙市", "长沙市", "株洲市", "湘西土家族苗族自治州"]
    assert table[1][1].replace("\n", "") == "湖南𬱖喆数字科技有限公司"
    assert table[3][2] == "91430200MA4L16JKXB"


def test_few_institutions_are_all_named():
    data = data_with(institutions=DATA["institutions"][:1])
    assert "同意授予株洲堃䶮知识产权代理事务所（普通合伙）1家机构" in searchable(
        typeset("notice", data)
    )


def test_a_validity_of_no_whole_years_is_given_by_its_dates_alone():
    found = searchable(typeset("notice", data_with(valid_to="2029-07-31")))
    assert "有效期自2026年12月1日至2029年7月31日" in found


def test_a_plaque_is_a_page_for_each_institution():
    found = pypdfium2.PdfDocument(document("plaque"))
    assert len(found) == 4
    for page, institution in zip(found, DATA["institutions"], strict=True):
        assert page.get_size() == pytest.approx((600 * MM, 400 * MM), abs=0.1)
        shown = re.sub(r"\s", "", page.get_textpage().get_text_range())
        for wanted in (
            institution["name"],
            "湖南省中小微企业核心服务机构",
            "湖南省工业和信息化厅",
            "2026年12月1日至2029年11月30日",
            institution["certificate_no"],
        ):
            assert wanted in shown


def test_a_long_name_on_a_plaque_stands_in_two_lines_within_its_frame():
    names = ["湖南短名公司", DATA["institutions"][2]["name"], "湖南" + "长" * 50 + "有限公司"]
    for count, name in zip((1, 2, 2), names, strict=True):
        one = {"name": name, "uscc": "91430100MA4L16JJ1E", "certificate_no": "1"}
        data = {"valid_from": "2026-12-01", "valid_to": "2029-11-30", "institutions": [one]}
        page = pdfplumber.open(io.BytesIO(typeset("plaque", data))).pages[0]
        chars = [c for c in page.chars if c["top"] < 0.38 * page.height]
        assert len({round(c["matrix"][5], 1) for c in chars}) == count
        assert min(c["x0"] for c in chars) > 0.06 * page.width
        assert max(c["x1"] for c in chars) < 0.94 * page.width


# --- the file -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_data_give_the_same_bytes(kind):
    assert typeset(kind, data_of(kind)) == document(kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "pdf" in formats_of(kind)])
def test_every_font_is_embedded(kind):
    assert b"Helvetica" not in document(kind)
    for page in pages(kind):
        assert all("+" in char["fontname"] for char in page.chars)


@pytest.mark.parametrize("char", "堃喆䶮𬱖")
def test_rare_characters_are_shown_and_searchable(char):
    assert char in text("notice")
    assert char in text("plaque")
    assert any(char in c["text"] for page in pages("notice") for c in page.chars)


def test_a_character_no_font_has_is_refused_by_name():
    data = data_with(institutions=[{**DATA["institutions"][0], "name": "🀄公司"}])
    with pytest.raises(DataError, match=r"“🀄”（U\+1F004）"):
        typeset("notice", data)


def test_a_long_list_repeats_its_head_and_breaks_no_row():
    many = [
        {"name": f"湖南第{i}号中小微企业综合服务有限责任公司", "uscc": f"{i:018d}",
         "city": "长沙市", "main_service": "市场开拓"} for i in range(1, 121)
    ]  # fmt: skip
    found = pdfplumber.open(io.BytesIO(typeset("publicity", data_with(institutions=many)))).pages
    listed = [page for page in found if "序号" in page.extract_text()]
    assert len(listed) > 2
    numbers = [row[0] for page in listed for row in page.extract_table()]
    assert [n for n in numbers if n != "序号"] == [str(i) for i in range(1, 121)]
    assert numbers.count("序号") == len(listed)
    for page in listed:
        assert max(line["bottom"] for line in page.lines) < TOP + HEIGHT + NEAR


# --- faults ---------------------------------------------------------------------------------


def test_an_unknown_kind_is_refused():
    with pytest.raises(UsageError, match="publicity、notice、plaque、"):
        typeset("poster", DATA)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("publicity", ["year", "posted_on", "first_day", "address", "contacts", "institutions"]),
        ("notice", ["number", "dated", "year", "addressees", "valid_from", "valid_to",
                    "institutions"]),
        ("plaque", ["valid_from", "valid_to", "institutions"]),
    ],
)  # fmt: skip
def test_all_missing_keys_are_named_at_once_with_their_meaning(kind, keys):
    with pytest.raises(DataError) as refused:
        typeset(kind, {})
    for key in keys:
        assert re.search(rf"\b{key}（[一-鿿]+）", str(refused.value)), key


def test_each_institution_must_have_what_the_list_shows():
    bad = [
        {"name": "甲公司"},
        {"name": "乙公司", "city": "长沙市", "uscc": "1", "main_service": "  "},
    ]
    with pytest.raises(DataError) as refused:
        typeset("notice", data_with(institutions=bad))
    assert "第1家缺少 uscc（统一社会信用代码）" in str(refused.value)
    assert "第1家缺少 city（所属市州）" in str(refused.value)
    assert "第2家缺少 main_service（主要服务项目）" in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("notice", {"dated": "2026-02-30"}, r"dated（成文日期）不是日历上有的日子：2026-02-30"),
        ("notice", {"dated": "2026年2月3日"}, r"dated（成文日期）应写作"),
        ("notice", {"dated": 20260203}, r"dated（成文日期）应写作"),
        ("notice", {"year": "二〇二六"}, r"year（年度）"),
        ("notice", {"year": True}, r"year（年度）"),
        ("notice", {"number": "湘工信中小服务[2026]12号"}, r"number（发文字号）.*六角括号"),
        ("notice", {"number": "湘工信中小服务〔2026〕第012号"}, r"number（发文字号）"),
        ("notice", {"addressees": "各市州"}, r"addressees（主送机关）应是文字的列表"),
        ("notice", {"valid_to": "2026-11-30"}, r"不晚于 valid_from"),
        ("notice", {"institutions": {}}, r"institutions（机构名单）应是列表"),
        ("notice", {"institutions": []}, r"缺少 institutions"),
        ("notice", {"institutions": ["甲公司"]}, r"第1家应是一个对象"),
        ("notice", {"institutions": [{**DATA["institutions"][0], "name": 5}]}, r"第1家的 name"),
        ("notice", {"institutions": [DATA["institutions"][0]] * 2}, r"第1家与第2家重复"),
        ("publicity", {"postcode": "4100"}, r"postcode（邮政编码）应是六位数字"),
        ("publicity", {"contacts": [{"name": "某处"}]}, r"contacts 第1个缺少 phone（联系电话）"),
        ("publicity", {"policy": "any"}, r"policy（公示起算方式）"),
        ("publicity", {"first_day": "2026-09-26"}, r"不是工作日"),
        ("publicity", {"first_day": None, "posted_on": "2026-12-28"}, r"2027年"),
    ],
)
def test_wrong_data_is_told_in_words(kind, changes, message):
    with pytest.raises(DataError, match=message):
        typeset(kind, data_with(**changes))


def test_data_that_is_no_object_is_refused():
    with pytest.raises(DataError, match="JSON 对象"):
        typeset("notice", [])  # type: ignore[arg-type]


def test_keys_a_document_does_not_need_may_be_missing():
    typeset("plaque", {key: DATA[key] for key in ("valid_from", "valid_to", "institutions")})
    lean = data_with(number=None, addressees=None, valid_from=None, email=None, postcode=None,
                     first_day=None, dated=None)  # fmt: skip
    found = searchable(typeset("publicity", lean))
    assert "2026年9月23日" in found
    assert "邮政编码" not in found


def test_the_first_one_named_is_the_first_of_the_list():
    assert "拟认定湖南𬱖喆数字科技有限公司等4家机构" in text("publicity")


def test_an_edited_wording_counts_and_a_misspelt_tag_is_named(tmp_path, monkeypatch):
    shutil.copytree(templates_dir() / "notices", tmp_path / "templates" / "notices")
    (tmp_path / "templates" / "fonts").symlink_to(templates_dir() / "fonts")
    (tmp_path / "schemas").mkdir()
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    path = tmp_path / "templates" / "notices" / "hunan-2024-299" / "plaque.yaml"
    wording = path.read_text(encoding="utf-8")
    path.write_text(wording.replace("证书编号", "编号"), encoding="utf-8")
    assert "证书编号" not in searchable(typeset("plaque", DATA))
    path.write_text(wording.replace("certificate_no }}", "certifcate_no }}"), encoding="utf-8")
    with pytest.raises(TemplateError, match=r"plaque\.yaml 的 small_print .*certifcate_no"):
        typeset("plaque", DATA)
    path.write_text(wording.replace("width_mm: 600", "width_mm: 宽"), encoding="utf-8")
    with pytest.raises(TemplateError, match="width_mm 应是数字"):
        typeset("plaque", DATA)


@pytest.mark.slow
def test_a_list_ten_times_as_long_takes_the_memory_of_their_pages_only():
    def peak(count: int) -> tuple[int, int]:
        many = [
            {"name": f"湖南第{i}号服务有限公司", "city": "长沙市", "main_service": "市场开拓"}
            for i in range(count)
        ]
        tracemalloc.start()
        pdf = typeset("publicity", data_with(institutions=many))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return len(pypdfium2.PdfDocument(pdf)), most

    few_pages, few = peak(250)
    many_pages, many = peak(2500)
    assert many_pages > 8 * few_pages / 1.5
    # Ten times the rows: the compressed pages and the data grow, the rows are never all held.
    assert many < few + 10_000_000


def test_stand_ins_are_reported():
    assert any("方正小标宋简体" in line for line in substitutions())

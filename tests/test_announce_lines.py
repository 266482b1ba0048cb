"""Line layout: 避头尾, full measures, bound numbers, titles by sense."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.announce.fonts import font_set
from pipeline.announce.lines import (
    NEVER,
    NEVER_FIRST,
    NEVER_LAST,
    RULES,
    Rules,
    Span,
    break_costs,
    choose,
    plain_lines,
    set_line,
    set_paragraph,
    slots_of,
    type_of,
)
from pipeline.announce.page import CELL, SIZE_2, SIZE_3, WIDTH, body_type
from pipeline.announce.tables import cell_lines
from pipeline.announce.titles import break_title, shape_cost

FONTS = font_set()
BODY = body_type(FONTS)

#: Much of what makes lines hard: stops, quotes, brackets, dashes, numbers, Latin, an address.
PROSE = (
    "根据《湖南省中小微企业核心服务机构认定管理办法》（湘工信中小服务〔2024〕299号，以下简称"
    "《管理办法》）第九条规定，经“网络申报、市州推荐、专家评审”等程序，拟认定长沙某某科技有限公司"
    "等267家机构为2026年“核心服务机构”，现予公示。公示时间：2026年9月24日、9月28日至30日、"
    "10月8日至10日（7个工作日）。服务收入12,345.67万元——比上年增长8.5％……其中，数字化转型"
    "（含SaaS、工业互联网App等）占60%以上；“以上”“以内”包括本数（《民法典》第一千二百五十九条）。"
    "电话：0731-88955123；网址：https://gxt.hunan.gov.cn/gxt/xxgk_71033/tzgg/index.html，"
    "电子邮箱：zxqyfwc@gxt.hunan.gov.cn。联系人王喆、李堃？请于3个月内（含节假日）反馈！"
)


def lines_of(text: str, width: float = WIDTH, **options):
    return set_paragraph([Span(text, BODY)], width, **options)


def right_edge(line) -> float:
    """Where the line's last cell ends."""
    return line.xs[-1] + line.glyphs[-1].width


@pytest.mark.parametrize("offset", range(56))
def test_no_line_begins_or_ends_with_what_it_must_not(offset):
    lines = lines_of("字" * offset + PROSE * 2)
    for before, line in pairwise(lines):
        assert line.text[0] not in NEVER_FIRST, line.text
        assert before.text[-1] not in NEVER_LAST, before.text
        assert before.text[-1] + line.text[0] not in ("——", "……")


@pytest.mark.parametrize("offset", range(0, 56, 3))
def test_nothing_is_lost_and_right_edges_are_equal(offset):
    text = "字" * offset + PROSE * 2
    lines = lines_of(text, indent=2 * CELL)
    assert "".join(line.text for line in lines) == text
    edges = [right_edge(line) + (2 * CELL if i == 0 else 0) for i, line in enumerate(lines[:-1])]
    # A last resort lets a final mark's blank half cross the edge; its ink stays within.
    for edge, line in zip(edges, lines, strict=False):
        blank = CELL / 2 if line.glyphs[-1].kind == "close" else 0.0
        assert min(abs(edge - WIDTH), abs(edge - blank - WIDTH)) < 0.05, line.text
    on_grid = sum(abs(edge - WIDTH) < 0.05 for edge in edges)
    assert on_grid >= len(edges) - 1


@pytest.mark.parametrize("offset", range(0, 56, 5))
def test_no_line_is_set_so_loose_that_it_shows(offset):
    lines = lines_of("字" * offset + PROSE * 2)
    for line in lines[:-1]:
        assert WIDTH - line.natural < 6 * CELL, line.text


def test_a_full_line_holds_twenty_eight_characters_on_the_grid():
    lines = lines_of("湘" * 100)
    assert [len(line.glyphs) for line in lines] == [28, 28, 28, 16]
    for line in lines:
        assert line.xs == pytest.approx([i * CELL for i in range(len(line.glyphs))])


def test_an_indented_first_line_holds_two_fewer():
    lines = lines_of("湘" * 54, indent=2 * CELL)
    assert [len(line.glyphs) for line in lines] == [26, 28]


def test_a_stop_that_would_begin_a_line_is_pushed_in_or_takes_a_character_along():
    pushed_in = lines_of("湘，江，湘，" + "江" * 22 + "。" + "湘" * 8)
    assert pushed_in[0].text.endswith("。")
    assert len(pushed_in[0].glyphs) == 29
    assert right_edge(pushed_in[0]) == pytest.approx(WIDTH, abs=0.01)
    pushed_out = lines_of("江" * 28 + "。" + "湘" * 8)
    assert len(pushed_out[0].glyphs) == 27
    assert right_edge(pushed_out[0]) == pytest.approx(WIDTH, abs=0.01)


def test_a_paragraph_does_not_end_in_a_line_of_one_character():
    for count in range(50, 90):
        last = lines_of("湘" * count + "。")[-1]
        assert len(last.text) >= 3, count


@pytest.mark.parametrize(
    "bound",
    [
        "12,345.67万元",
        "2026年",
        "第九条",
        "〔2024〕299号",
        "0731-88955123",
        "7个工作日",
        "8.5％",
        "——",
    ],
)
def test_what_belongs_together_is_not_parted(bound):
    for offset in range(40):
        lines = lines_of("字" * offset + bound + "字" * 30)
        assert any(bound in line.text for line in lines), offset


def test_a_long_address_may_be_parted_after_its_marks():
    costs = break_costs("https://gxt.hunan.gov.cn/gxt/index.html")
    parted = [i for i, cost in enumerate(costs[:-1]) if cost < NEVER]
    assert parted
    assert all("https://gxt.hunan.gov.cn/gxt/index.html"[i] in "/.:" for i in parted)
    assert all(cost == NEVER for cost in break_costs("Shenzhen")[:-1])


def test_an_endless_word_is_parted_rather_than_overflowing():
    lines = lines_of("A" * 300)
    assert "".join(line.text for line in lines) == "A" * 300
    assert all(line.natural <= WIDTH + 0.01 for line in lines)


def test_adjoining_marks_share_a_blank_and_latin_stands_a_quarter_off():
    assert set_line([Span("）。", BODY)]).width == pytest.approx(1.5 * CELL)
    assert set_line([Span("》（", BODY)]).width == pytest.approx(1.5 * CELL)
    apart = set_line([Span("年A", BODY)]).width - set_line([Span("A", BODY)]).width
    assert apart == pytest.approx(1.25 * CELL)


def test_quotes_and_dashes_are_chinese_and_latin_is_serif():
    names = {c: BODY[c].face.name for c in "“”‘’—…·"}
    assert set(names.values()) == {"FandolFang-Regular"}
    assert {BODY[c].face.name for c in "A9-@"} == {"NotoSerifSC-Light"}


@pytest.mark.parametrize(("style", "edge"), [("half", 0.5), ("hang", 1.0)])
def test_other_styles_let_the_last_mark_give_way(style, edge):
    lines = lines_of("江" * 27 + "。" + "湘" * 30, rules=Rules(line_end=style))
    assert right_edge(lines[0]) == pytest.approx(WIDTH + edge * CELL, abs=0.01)


def test_a_title_breaks_between_words_in_a_trapezium():
    type_ = type_of(FONTS, "小标宋", SIZE_2)
    terms = frozenset(["湖南省", "中小微企业", "核心服务机构", "拟认定", "名单", "关于", "公示"])
    lines = break_title(
        "关于2026年|湖南省中小微企业核心服务机构|拟认定名单的公示", type_, WIDTH, terms
    )
    assert lines == ["关于2026年湖南省中小微企业核心服务机构", "拟认定名单的公示"]
    long = break_title(
        "关于公布湖南省中小微企业核心服务机构复核合格名单和撤销部分核心服务机构称号有关情况的通知",
        type_,
        WIDTH,
        terms | {"复核", "合格", "撤销", "部分", "称号", "有关", "情况", "通知", "公布"},
    )
    assert 3 <= len(long) <= 4
    assert not any(line.startswith(("的", "和机")) for line in long)
    assert "".join(long).startswith("关于公布湖南省")


def test_a_name_breaks_before_its_bracket_and_an_endless_one_somewhere():
    type_ = type_of(FONTS, "小标宋", SIZE_2)
    terms = frozenset(["服务中心", "生产力促进中心"])
    name = "湘西土家族苗族自治州中小企业公共服务中心（湘西州生产力促进中心）"
    assert break_title(name, type_, WIDTH, terms) == [name[:20], name[20:]]
    endless = "湘" * 120
    lines = break_title(endless, type_, WIDTH, terms)
    assert "".join(lines) == endless
    assert max(map(len, lines)) <= 20


def test_an_hourglass_is_the_worst_shape():
    hourglass, rhombus, trapezium = (10.0, 6.0, 9.0), (7.0, 10.0, 7.5), (7.0, 8.5, 10.0)
    assert shape_cost(hourglass) > shape_cost(rhombus)
    assert shape_cost(hourglass) > shape_cost(trapezium)
    assert shape_cost((10.0, 10.0)) > shape_cost((10.0, 8.5))


def test_size_three_is_sixteen_points():
    assert SIZE_3 == 16.0


@pytest.mark.parametrize("count", range(1, 70))
def test_plain_names_are_set_as_others_are(count):
    """The short way for names of Chinese characters alone gives the lines that weighing gives."""
    text, width = "湘" * count, 16.3 * CELL
    plain = plain_lines(Span(text, BODY), width)
    slots = slots_of([Span(text, BODY)])
    weighed = [brk.end - brk.start for brk in choose(slots, width, 0.0, RULES)]
    assert [len(line.glyphs) for line in plain] == weighed
    assert [line.text for line in set_paragraph([Span(text, BODY)], width, full=False)] == [
        line.text for line in plain
    ]


def test_a_name_that_is_not_plain_is_weighed():
    for text in ("湘" * 20 + "第十二条" * 3, "湘" * 30 + "々", "湘" * 30 + "A"):
        lines = set_paragraph([Span(text, BODY)], 16.3 * CELL, full=False)
        assert "".join(line.text for line in lines) == text
        assert all(line.text[0] not in NEVER_FIRST for line in lines)
        assert not any(line.text.endswith("第") for line in lines)


def test_an_empty_part_of_a_title_is_no_line():
    type_ = type_of(FONTS, "小标宋", SIZE_2)
    assert break_title("甲||关于乙|", type_, WIDTH, frozenset()) == ["甲关于乙"]


def test_a_line_before_a_code_is_left_short_rather_than_torn():
    text = "湘西土家族苗族自治州服务中心有限公司（统一社会信用代码：91433100MA4Q55433W）于五月向我局提出申请"
    sets = [lines_of("字" * start + text, indent=2 * CELL) for start in range(14, 24)]
    torn = [a for set_ in sets for a, b in pairwise(set_) if b.text.startswith("91433100")]
    short = [line for line in torn if line.natural < WIDTH - 8 * CELL]
    assert short, "no line had to be left short"
    for line in torn:
        assert max(b - a for a, b in pairwise(line.xs)) <= CELL * 1.34, line.text
    for line in short:
        assert line.xs[-1] + line.glyphs[-1].width == pytest.approx(line.natural)


def test_the_lines_of_a_name_with_brackets_stay_within_their_cell():
    type_ = type_of(FONTS, "仿宋", 10.5)
    terms = frozenset(["湖南省", "科技园", "发展", "有限责任公司", "研究院"])
    for width in (90, 95, 98, 100, 103, 110):
        lines = cell_lines("湖南省中南大学科技园（研究院）发展有限责任公司", type_, width, terms)
        for line in lines:
            blank = type_.size / 2 if line.glyphs[-1].kind == "close" else 0.0
            assert right_edge(line) <= width + blank + 0.05, (width, line.text)

"""Reading PDF files with text: what was typed, in its cell, whatever the layout did to it."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from random import Random

import pdfplumber
import pytest
from PIL import Image, ImageDraw
from pypdf import PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document, Source
from pipeline.errors import PipelineError, ProtectedError, UnreadableError, UnsafeError
from pipeline.read import docx, pdf, scan_engine
from pipeline.read.pdf_chars import char_text, symbols_of
from pipeline.read.pdf_rules import Rule, boxes_of, find_tables, touching_groups
from tests.drawn import Draw, Read, drawn, grid_of, in_cell, read, ruled, texts, written

__all__ = ["read"]

# -- rules --------------------------------------------------------------------------------------


def test_thin_double_and_dashed_rules_make_one_table() -> None:
    across = [Rule(True, y, x, x + 18) for y in (0.0, 1.5, 40.0) for x in range(0, 100, 20)]
    down = [Rule(False, x, 0, 40) for x in (0.0, 50.0, 98.0)]
    (table,) = find_tables(across + down)
    assert (table.rows, table.columns, len(table.cells)) == (1, 2, 2)


def test_a_merged_cell_is_one_cell() -> None:
    across = [Rule(True, 0, 0, 200), Rule(True, 20, 100, 200), Rule(True, 40, 0, 200)]
    down = [Rule(False, x, 0, 40) for x in (0.0, 100.0, 200.0)]
    (table,) = find_tables(across + down)
    assert [(c.row, c.column, c.rowspan, c.colspan) for c in table.cells] == [
        (0, 0, 2, 1),
        (0, 1, 1, 1),
        (1, 1, 1, 1),
    ]


def test_a_row_cut_by_the_page_is_closed_where_a_side_is_open_too() -> None:
    across = [Rule(True, y, 0, 200) for y in (30, 60)]
    (table,) = find_tables([*across, *(Rule(False, x, 0, 60) for x in (0, 80))])
    assert (table.rows, table.columns, len(table.cells)) == (2, 2, 4)


def test_a_table_without_side_rules_is_closed() -> None:
    across = [Rule(True, y, 0, 200) for y in (0.0, 20.0, 40.0)]
    (table,) = find_tables([*across, Rule(False, 100, 0, 40)])
    assert (table.rows, table.columns, len(table.cells)) == (2, 2, 4)


def test_an_underline_is_no_table_and_a_small_square_is_a_tick_box() -> None:
    square = [Rule(True, 0, 0, 9), Rule(True, 9, 0, 9), Rule(False, 0, 0, 9), Rule(False, 9, 0, 9)]
    assert find_tables([Rule(True, 100, 0, 200), *square]) == []
    assert len(boxes_of(touching_groups(square))) == 1


def test_rules_drawn_as_thin_rectangles(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        for x in (100, 200, 300):
            canvas.rect(x, 600, 0.5, 40, stroke=0, fill=1)
        for y in (600, 620, 640):
            canvas.rect(100, y, 200.5, 0.5, stroke=0, fill=1)
        for i, text in enumerate("甲乙丙丁"):
            canvas.drawString(110 + 100 * (i % 2), 626 - 20 * (i // 2), text)

    assert texts(read(drawn(draw))) == ["甲", "乙", "丙", "丁"]


# -- characters and lines -----------------------------------------------------------------------


def test_radicals_and_vertical_forms_are_the_plain_characters() -> None:
    assert [char_text(ord(c)) for c in "⼀⽂︵︶"] == ["一", "文", "（", "）"]


def test_symbol_fonts_give_ticks_and_boxes() -> None:
    symbols = symbols_of("ABCDEF+Wingdings2")
    assert [char_text(code, symbols) for code in (0xF052, 0x52, 0xF0A3)] == ["☑", "☑", "□"]


@pytest.mark.parametrize(
    ("lines", "width", "expected"),
    [
        # A full line goes on; what had fitted on the line before begins a paragraph.
        (
            [(6, 20, "株洲市醴陵市瓷谷大道瓷岸舟大"), (64, 36, "楼4层")],
            160,
            "株洲市醴陵市瓷谷大道瓷岸舟大楼4层",
        ),
        ([(6, 20, "事业单位□"), (6, 36, "社会团体□")], 160, "事业单位□\n社会团体□"),
        # Latin: an address goes on without a space, prose with one.
        ([(6, 20, "service@s02svc."), (6, 36, "example.com")], 100, "service@s02svc.example.com"),
        (
            [(6, 20, "small and medium"), (6, 36, "enterprises")],
            105,
            "small and medium enterprises",
        ),
        ([(6, 20, "52430281MJJ5318"), (6, 36, "N7Q")], 104, "52430281MJJ5318N7Q"),
        # A hyphen at the end of a line is one.
        ([(6, 20, "0731-"), (6, 36, "89659042")], 60, "0731-89659042"),
        # An address is parted anywhere, or behind a mark though there was room; two are two.
        (
            [(6, 20, "https://w"), (6, 36, "ww.hunan-"), (6, 52, "zxqy.com.c"), (6, 68, "n/about")],
            64,
            "https://www.hunan-zxqy.com.cn/about",
        ),
        (
            [(6, 20, "fuwu-"), (6, 36, "zhongxin@sme.org.cn")],
            160,
            "fuwu-zhongxin@sme.org.cn",
        ),
        ([(6, 20, "a@sme.org.cn"), (6, 36, "b@sme.org.cn")], 160, "a@sme.org.cn\nb@sme.org.cn"),
        ([(6, 20, "a@sme.org.cn"), (6, 36, "13800001234")], 160, "a@sme.org.cn\n13800001234"),
        # Nobody knows how wide the padding of a cell is: figures that are cut stay one number.
        ([(3, 20, "2023.7.1-2023.1"), (3, 36, "0.30")], 93, "2023.7.1-2023.10.30"),
        # Between two Latin words a space had to fit too.
        ([(6, 20, "Smart Factory Co.,"), (6, 36, "Ltd.")], 124, "Smart Factory Co., Ltd."),
        # What announces something begins a line of its own, though the one before is full.
        (
            [(6, 20, "累计带动就业一千五百余人。"), (6, 36, "近两年经营情况：")],
            148,
            "累计带动就业一千五百余人。\n近两年经营情况：",
        ),
        # Two centred lines that are each short are two.
        ([(36, 20, "同意推荐。"), (46, 60, "盖章")], 120, "同意推荐。\n盖章"),
        # A first line is indented by two characters.
        (
            [(27, 20, "甲" * 15), (6, 36, "乙" * 17), (27, 52, "丙" * 6)],
            190,
            "甲" * 15 + "乙" * 17 + "\n" + "丙" * 6,
        ),
    ],
)
def test_lines_of_a_cell_become_paragraphs(
    read: Read,
    lines: list[tuple[float, float, str]],
    width: float,
    expected: str,
) -> None:
    assert texts(read(in_cell(*lines, width=width))) == [expected]


def test_gaps_are_no_spaces_but_typed_spaces_are(read: Read) -> None:
    lines = [
        p.text
        for p in read(
            drawn(
                written(
                    (100, 700, "2024"),
                    (126, 700, "年 9 月"),
                    (100, 650, "申请单位：甲公司"),
                    (330, 650, "填报日期：今日"),
                    (100, 600, "ICT"),
                    (124, 600, "Center"),
                )
            )
        ).paragraphs
    ]
    assert lines == ["2024年 9 月", "申请单位：甲公司\t填报日期：今日", "ICT Center"]


def test_the_one_gap_of_a_justified_line_is_no_tab(read: Read) -> None:
    """A line that a cell justifies can be stretched in one place only, between two phones."""

    assert texts(
        read(
            drawn(
                written(
                    (106, 680, "13800001234、"),
                    (203.5, 680, "07"),
                    (106, 664, "31-88881234"),
                    xs=[100, 220],
                    ys=[500, 700],
                )
            )
        )
    ) == ["13800001234、0731-88881234"]


def test_several_gaps_of_a_full_line_are_columns(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        ruled(canvas, [100, 243], [500, 700])
        for i, text in enumerate(("甲公司", "乙公司", "丙公司")):
            canvas.drawString(106 + 50 * i, 680, text)
        canvas.drawString(106, 664, "丁公司")

    assert texts(read(drawn(draw))) == ["甲公司\t乙公司\t丙公司丁公司"]


def test_words_far_apart_are_columns_and_no_spread_label(
    read: Read,
) -> None:
    def draw(canvas: Canvas) -> None:
        for i, text in enumerate(("1", "张乙", "31", "主任", "本科", "工程师", "有")):
            canvas.drawString(50 + 70 * i, 700, text)
        for i, char in enumerate("填报单位"):
            canvas.drawString(50 + 30 * i, 600, char)

    lines = [p.text for p in read(drawn(draw)).paragraphs]
    assert lines == ["1\t张乙\t31\t主任\t本科\t工程师\t有", "填报单位"]


def test_a_space_in_a_line_without_other_gaps_is_one(read: Read) -> None:
    """Browsers leave the space out and move on."""

    assert [
        p.text
        for p in read(
            drawn(
                written(
                    (100, 700, "13800001234"),
                    (100 + pdfmetrics.stringWidth("13800001234", "Sans", 10.5) + 2.6, 700, "139"),
                )
            )
        ).paragraphs
    ] == ["13800001234 139"]


def test_order_in_the_file_does_not_matter(read: Read) -> None:
    assert [
        p.text
        for p in read(
            drawn(written((120, 650, "丁"), (100, 700, "甲"), (100, 650, "丙"), (120, 700, "乙")))
        ).paragraphs
    ] == ["甲乙", "丙丁"]


def test_a_tick_on_a_box_is_a_ticked_box(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(100, 699, 9, 9)
        canvas.drawString(112, 700, "租用")
        canvas.rect(160, 699, 9, 9)
        canvas.drawString(172, 700, "自有")
        canvas.drawString(159.5, 700, "√")

    (paragraph,) = read(drawn(draw)).paragraphs
    assert paragraph.text.replace("\t", "") == "□租用☑自有"


def test_text_too_long_for_its_cell_stays_with_it(read: Read) -> None:
    assert texts(
        read(
            drawn(
                written(
                    (103, 606, "湖南某某科技有限公司"),
                    (223, 606, "丙"),
                    xs=[100, 160, 220, 280],
                    ys=[600, 620],
                )
            )
        )
    ) == ["湖南某某科技有限公司", "", "丙"]


def test_a_stretched_line_broken_by_hand_ends_its_paragraph(
    read: Read,
) -> None:
    """Word processors stretch a line before Shift+Enter to the full width."""

    def draw(canvas: Canvas) -> None:
        ruled(canvas, [100, 400], [600, 660])
        for i, char in enumerate("服务收入增长"):
            canvas.drawString(106 + 55.5 * i, 640, char)
        canvas.drawString(106, 620, "利润")

    assert texts(read(drawn(draw))) == ["服务收入增长\n利润"]


def test_a_signature_set_to_the_right_is_no_part_of_the_text(
    read: Read,
) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(111, 700, "甲" * 36)
        canvas.drawString(90, 680, "乙" * 38)
        canvas.drawString(90, 660, "丙" * 38)
        canvas.drawRightString(489, 640, "醴陵市某某技术创新服务中心")
        canvas.drawRightString(489, 620, "2024年9月14日")

    *_, organisation, date = (p.text for p in read(drawn(draw)).paragraphs)
    assert (organisation, date) == ("醴陵市某某技术创新服务中心", "2024年9月14日")


def test_an_underline_marks_its_run(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(100, 700, "租用自有")
        canvas.line(121, 698.5, 142, 698.5)

    (paragraph,) = read(drawn(draw)).paragraphs
    assert [(run.text, run.underline) for run in paragraph.runs] == [
        ("租用", False),
        ("自有", True),
    ]


# -- pages --------------------------------------------------------------------------------------


plain_form = written(
    (106, 606, "机构名称"), (206, 606, "某某中心"), xs=[100, 200, 400], ys=[600, 620]
)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_reads_the_same(read: Read, turn: int) -> None:
    """Turned by /Rotate, and then back by drawing it turned: both stand upright to a reader."""
    writer = PdfWriter(io.BytesIO(drawn(plain_form)))
    writer.pages[0].rotate(turn)
    out = io.BytesIO()
    writer.write(out)
    assert texts(read(out.getvalue())) == ["机构名称", "某某中心"]

    def sideways(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(turn)
        canvas.translate(-300, -650)
        plain_form(canvas)

    assert texts(read(drawn(sideways))) == ["机构名称", "某某中心"]


def test_boxes_count_from_the_visible_corner(read: Read) -> None:
    writer = PdfWriter(io.BytesIO(drawn(plain_form)))
    writer.pages[0].cropbox.lower_left = (50, 100)
    writer.pages[0].cropbox.upper_right = (500, 700)
    out = io.BytesIO()
    writer.write(out)
    box = grid_of(read(out.getvalue())).place.box
    assert box is not None
    assert box.as_list() == pytest.approx([50, 80, 350, 100], abs=0.1)


def test_a_row_cut_by_the_page_break_is_made_whole(read: Read) -> None:
    one, two = read(
        drawn(
            written(
                (106, 116, "机构简介"),
                (206, 86, "本中心成立于二〇一二年，注册地位于株"),
                xs=[100, 200, 400],
                ys=[80, 130],
            ),
            written(
                (206, 750, "洲市。"),
                (106, 726, "主要服务"),
                (206, 726, "技术创新"),
                xs=[100, 200, 400],
                ys=[720, 745, 770],
            ),
        )
    ).grids
    assert [c.text for c in one.cells] == ["机构简介", "本中心成立于二〇一二年，注册地位于株洲市。"]
    assert [c.text for c in two.cells] == ["主要服务", "技术创新"]


def test_a_row_cut_by_the_page_break_is_made_whole_with_mirrored_margins_and_a_header(
    read: Read,
) -> None:
    def second(canvas: Canvas) -> None:
        canvas.drawString(130, 800, "申报材料（内部资料）")
        ruled(canvas, [130, 230, 430], [720, 745, 770])
        canvas.drawString(236, 750, "洲市。")
        canvas.drawString(136, 726, "主要服务")
        canvas.drawString(236, 726, "技术创新")

    one, two = read(
        drawn(
            written(
                (106, 116, "机构简介"),
                (206, 86, "本中心成立于二〇一二年，注册地位于株"),
                xs=[100, 200, 400],
                ys=[80, 130],
            ),
            second,
        )
    ).grids
    assert [c.text for c in one.cells] == ["机构简介", "本中心成立于二〇一二年，注册地位于株洲市。"]
    assert [c.text for c in two.cells] == ["主要服务", "技术创新"]


def test_each_part_of_a_file_has_its_own_margins(read: Read) -> None:
    """A line that is full by the margins of its page goes on, though other pages have wider ones;
    what browsers print at the edges is furniture."""

    def first(canvas: Canvas) -> None:
        canvas.drawString(24, 820, "11/25/26, 6:36 PM")
        for y in (760, 700):
            canvas.drawString(90, y, "湘" * 39)
        canvas.drawString(
            90, 660, "申请单位（盖章）：永定区东江雾市场拓展服务有限公司　　　　　　填报日期：2025"
        )
        canvas.drawString(90, 646, "年9月2日")
        canvas.drawString(24, 16, "file:///C:/申报/附件1.html")

    def second(canvas: Canvas) -> None:
        for y in (760, 740, 720):
            canvas.drawString(34, y, "湘" * 49)

    document = read(drawn(first, second))
    assert [p.text[-len("填报日期：2025年9月2日") :] for p in document.paragraphs][
        2
    ] == "填报日期：2025年9月2日"
    assert [p.text for p in document.furniture] == [
        "11/25/26, 6:36 PM",
        "file:///C:/申报/附件1.html",
    ]


def test_a_row_cut_within_a_frame_round_the_form_is_made_whole(
    read: Read,
) -> None:
    """A form in the one cell of another table is printed in a frame on every page."""

    def first(canvas: Canvas) -> None:
        ruled(canvas, [100, 200, 400], [80, 105, 130])
        ruled(canvas, [92, 408], [80, 160])
        canvas.drawString(106, 116, "机构名称")
        canvas.drawString(106, 86, "机构简介")
        canvas.drawString(206, 86, "本中心成立于二〇一二年，注册地位于株")

    def second(canvas: Canvas) -> None:
        ruled(canvas, [100, 200, 400], [720, 745, 770])
        ruled(canvas, [92, 408], [712, 770])
        canvas.drawString(206, 750, "洲市。")
        canvas.drawString(106, 726, "主要服务")
        canvas.drawString(206, 726, "技术创新")

    one, *_ = read(drawn(first, second)).grids
    assert "本中心成立于二〇一二年，注册地位于株洲市。" in [c.text for c in one.cells]


def test_text_that_breaks_off_before_rules_in_other_places_is_less_sure(
    read: Read,
) -> None:
    one, two = read(
        drawn(
            written(
                (106, 116, "机构简介"),
                (206, 86, "本中心成立于二〇一二年，注册地位于株"),
                xs=[100, 200, 400],
                ys=[80, 130],
            ),
            written((216, 750, "洲市。"), xs=[100, 190, 210, 400], ys=[720, 745, 770]),
        )
    ).grids
    assert [c.place.confidence < 1 for c in one.cells] == [True, True]
    assert two.at(0, 2).place.confidence < 1  # type: ignore[union-attr]


def test_a_heading_of_another_size_on_the_next_page_is_no_end_of_a_sentence(
    read: Read,
) -> None:
    def first(canvas: Canvas) -> None:
        canvas.setFont("Sans", 14)
        canvas.drawString(72, 100, "湘" * 32)
        canvas.drawString(72, 80, "湘" * 31 + "。")

    def second(canvas: Canvas) -> None:
        canvas.setFont("Sans", 16)
        canvas.drawString(72, 760, "附件3")

    assert [p.text for p in read(drawn(first, second)).paragraphs][-1] == "附件3"


def test_a_line_alone_in_the_lower_margin_is_pointed_at(read: Read) -> None:
    """It may be a footer or the end of what was written: nothing is taken away, nothing joined."""

    document = read(
        drawn(
            written(
                (72, 700, "完善线上服务系统。"), (72, 90, "日期：2025年3月1日"), (72, 42, "机密")
            )
        )
    )
    assert not document.furniture
    assert [(p.text, p.place.doubt is not None) for p in document.paragraphs][-2:] == [
        ("日期：2025年3月1日", False),
        ("机密", True),
    ]


def test_a_signature_in_the_lower_margin_is_no_footer(read: Read) -> None:
    document = read(
        drawn(
            written(
                (72, 700, "完善线上服务系统。"), (360, 52, "湖南甲公司"), (360, 34, "2026年1月5日")
            )
        )
    )
    assert [p.text for p in document.paragraphs][1:] == ["湖南甲公司", "2026年1月5日"]
    assert not any(p.place.doubt for p in document.paragraphs)


def test_a_footer_with_the_number_of_the_page_is_furniture(
    read: Read,
) -> None:
    def page(number: int) -> Draw:
        return written((100, 700, "甲"), (200, 42, f"湖南甲公司 第 {number} 页 共 2 页"))

    document = read(drawn(page(1), page(2)))
    assert [p.text for p in document.paragraphs] == ["甲", "甲"]
    assert len(document.furniture) == 2


def test_a_list_that_goes_on_keeps_its_rows(read: Read) -> None:
    def page(*names: str) -> Draw:
        def draw(canvas: Canvas) -> None:
            ruled(canvas, [100, 140, 300, 400], [700, 720, 740])
            for i, name in enumerate(names):
                canvas.drawString(146, 726 - 20 * i, name)
                canvas.drawString(306, 726 - 20 * i, "有")
            if "甲" in names:
                canvas.drawString(106, 706, "2")

        return draw

    one, two = read(drawn(page("张三", "甲"), page("李四", "乙"))).grids
    assert (one.rows, two.rows) == (2, 2)


def test_figures_that_wrap_at_the_foot_of_every_page_are_no_page_numbers(
    read: Read,
) -> None:
    def page(name: str, figure: str) -> Draw:
        return written((100, 60, f"{name} 1390000378"), (100, 48, figure))

    document = read(drawn(page("张三", "1"), page("李四", "2")))
    assert document.furniture == ()


def test_page_numbers_are_furniture(read: Read) -> None:
    def page(text: str, number: str) -> Draw:
        return written((100, 700, text), (290, 30, number))

    document = read(drawn(page("甲", "- 1 -"), page("乙", "- 2 -")))
    assert [p.text for p in document.paragraphs] == ["甲", "乙"]
    assert [p.text for p in document.furniture] == ["- 1 -", "- 2 -"]


# -- pictures, fields, scans --------------------------------------------------------------------


def picture(colour: tuple[int, int, int]) -> ImageReader:
    image = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((5, 5, 115, 115), outline=(*colour, 255), width=8)
    return ImageReader(image)


def test_a_seal_is_red_and_belongs_to_the_nearest_text(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(100, 700, "申请单位盖章：")
        canvas.drawImage(picture((220, 20, 20)), 170, 660, 90, 90, mask="auto")
        canvas.drawString(100, 500, "法定代表人签字：")
        canvas.drawImage(picture((10, 10, 60)), 190, 490, 60, 30, mask="auto")

    seal, signature = (p.pictures for p in read(drawn(draw)).paragraphs)
    assert [round(p.red or 0) for p in (*seal, *signature)] == [1, 0]


def test_form_fields_are_named_and_stand_in_their_cells(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        plain = canvas.acroForm
        ruled(canvas, [100, 200, 400], [560, 600, 620])
        canvas.drawString(106, 606, "电子信箱")
        plain.textfield(name="email", value="a@b.cn", x=202, y=602, width=150, height=16)
        canvas.drawString(106, 566, "性质")
        plain.checkbox(name="own", checked=True, x=206, y=566, size=10)
        canvas.drawString(220, 566, "自有")
        plain.checkbox(name="rent", checked=False, x=260, y=566, size=10)
        canvas.drawString(274, 566, "租用")

    document = read(drawn(draw))
    assert {f.name: f.text for f in document.fields} == {
        "email": "a@b.cn",
        "own": "Yes",
        "rent": "Off",
    }
    assert [t.replace("\t", "") for t in texts(document)] == [
        "电子信箱",
        "a@b.cn",
        "性质",
        "☑自有□租用",
    ]


@pytest.fixture
def without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra that recognises scans is not installed."""
    monkeypatch.setattr(scan_engine, "available", lambda: False)


@pytest.mark.usefixtures("without_ocr")
def test_a_scan_is_named(read: Read, tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("RGB", (60, 84), (200, 190, 180))), 0, 0, 595, 842)

    content = drawn(plain_form, draw)
    (finding,) = read(content).findings
    assert (finding.severity, finding.code, finding.pointer) == ("error", "scan", "")
    assert "第2页" in finding.message
    (tmp_path / "scan.pdf").write_bytes(content)
    assert pdf.pages_without_text(tmp_path / "scan.pdf") == (2,)


def test_a_blank_page_is_no_scan(read: Read) -> None:
    assert read(drawn(plain_form, lambda canvas: None)).findings == ()


@pytest.mark.usefixtures("without_ocr")
def test_fonts_without_unicode_are_named(read: Read) -> None:
    writer = PdfWriter(io.BytesIO(drawn(plain_form)))
    for font in writer.pages[0]["/Resources"]["/Font"].values():
        font.get_object().pop("/ToUnicode", None)
        font.get_object().pop("/Encoding", None)
    out = io.BytesIO()
    writer.write(out)
    assert [f.code for f in read(out.getvalue()).findings] == ["no-unicode-map"]


# -- what cannot be read --------------------------------------------------------------------------


def test_a_password_is_asked_for(read: Read) -> None:
    writer = PdfWriter(io.BytesIO(drawn(plain_form)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(ProtectedError):
        read(out.getvalue())


def test_broken_and_enormous_files_are_refused(read: Read) -> None:
    with pytest.raises(UnreadableError):
        read(b"%PDF-1.7\nnothing more")
    with pytest.raises(UnsafeError):
        read(drawn(plain_form, size=(20_000, 842)))
    with pytest.raises(UnsafeError):
        read(drawn(*[lambda canvas: None] * 501))


@pytest.mark.usefixtures("without_ocr")
def test_no_damage_gives_a_traceback(read: Read) -> None:
    whole = bytearray(drawn(plain_form, plain_form))
    rng = Random(299)
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(rng.randint(1, 30)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        cut = rng.randint(1, len(content)) if rng.random() < 0.3 else len(content)
        try:
            document = read(bytes(content[:cut]))
        except PipelineError as error:
            assert error.message
        else:
            assert isinstance(document, Document)


# -- the sample, and documents that a word processor made -----------------------------------------

SAMPLES = Path(__file__).parent / "samples"


def test_the_sample_cell_by_cell() -> None:
    (document,) = pdf.read(SAMPLES / "附件1-申请表.pdf", Source("附件1-申请表.pdf", "", "pdf"))
    heads = [p.text for p in document.paragraphs]
    assert heads[:2] == ["附件1", "湖南省中小微企业核心服务机构申请表"]
    assert heads[2].split() == [
        "申请单位（盖章）：醴陵市瓷岸舟技术创新服务中心",
        "填报日期：2024年9月14日",
    ]
    one, two = document.grids
    assert (one.rows, two.rows, document.findings) == (12, 7, ())
    found = [cell.text for grid in (one, two) for cell in grid.cells]
    for expected in (
        "52430281MJJ5318N7Q",
        "株洲市醴陵市瓷谷大道瓷岸舟大楼4层",
        "事业单位□ 民非组织√\n社会团体□ 私人企业□\n国有企业□ 其他企业□",
        "仪器设备： 72 台（套），\n占总资产的 35.2 ％。",
        "场地面积： 320.5 平米，\n性质：租用□ 自有√，\n自有场地占总面积的 100 ％。",
        "2022年",
        "同意推荐。\n盖 章\n2024 年 10 月 12 日",
    ):
        assert expected in found
    profile = one.at(10, 1)
    assert profile is not None
    assert "成立于2012年，注册地位于株洲市醴陵市" in profile.text
    assert "\n" not in profile.text


def test_every_cell_knows_its_box() -> None:
    (document,) = pdf.read(SAMPLES / "附件1-申请表.pdf", Source("附件1-申请表.pdf", "", "pdf"))
    grid = next(document.grids)
    cell = grid.at(1, 1)
    assert cell is not None
    assert cell.place.where == "第1页 表1 第2行 第2列"
    assert cell.place.box is not None
    assert cell.place.box.as_list() == pytest.approx([132.6, 207.25, 285.7, 238.95], abs=0.2)


def test_tables_are_the_ones_that_pdfplumber_finds() -> None:
    path = SAMPLES / "附件1-申请表.pdf"
    (document,) = pdf.read(path, Source(path.name, "", "pdf"))
    with pdfplumber.open(path) as other:
        tables = [table for page in other.pages for table in page.find_tables()]
    assert [len(grid.cells) for grid in document.grids] == [len(table.cells) for table in tables]


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize(
    "name", ["附件1-申请表.docx", "附件4-服务对象.docx", "附件5-真实性声明.docx"]
)
def test_a_docx_printed_as_pdf_says_the_same(name: str, tmp_path: Path) -> None:
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", str(tmp_path), str(SAMPLES / name)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    printed = (tmp_path / name).with_suffix(".pdf")
    (document,) = pdf.read(printed, Source(printed.name, "", "pdf"))
    (original,) = docx.read(SAMPLES / name, Source(name, "", "docx"))
    wanted = [squeezed(c.text) for grid in original.grids for c in grid.cells]
    wanted += [squeezed(p.text) for p in original.paragraphs]
    found = {squeezed(c.text) for grid in document.grids for c in grid.cells}
    found |= {squeezed(p.text) for p in document.paragraphs}
    assert [text for text in wanted if text and text not in found] == []

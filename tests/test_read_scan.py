"""Scans and photos: pages drawn from a sample with text, and single things drawn by hand."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pdfplumber
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline import flow, read
from pipeline.document import Grid
from pipeline.errors import UnreadableError, UnsafeError, UnsupportedError
from pipeline.read import scan_engine
from tests.corpus.case import Truth
from tests.corpus.score import score_file

FONTS = Path(__file__).parents[1] / "templates" / "fonts"
SAMPLE = Path(__file__).parent / "samples" / "附件1-申请表.pdf"

needs_ocr = pytest.mark.skipif(
    not scan_engine.available(),
    reason="the extra `ocr` is not installed (pip install 'pipeline[ocr]')",
)

#: Recognition takes seconds a page: these run with `make test`.
pytestmark = pytest.mark.slow


def rendered(dpi: int = 200) -> list[Image.Image]:
    """The pages of the sample as pictures."""
    import pypdfium2 as pdfium

    return [
        page.render(scale=dpi / 72).to_pil().convert("RGB") for page in pdfium.PdfDocument(SAMPLE)
    ]


def saved(pages: list[Image.Image], path: Path) -> Path:
    pages[0].save(path, save_all=len(pages) > 1, append_images=pages[1:], resolution=200)
    return path


def truth() -> Truth:
    said: dict[str, Any] = json.loads(SAMPLE.with_name(SAMPLE.name + ".json").read_text("utf-8"))
    return Truth(said["annex"], said["data"])


# -- whole pages ------------------------------------------------------------------------------


@needs_ocr
def test_a_scanned_form_says_what_the_form_with_text_says(tmp_path: Path) -> None:
    path = saved(rendered(), tmp_path / "scan.pdf")
    result = score_file([truth()], path, flow.read_file, paper=True)
    assert result.counts["silent"] == 0, result.faults
    assert result.share >= 0.97, result.faults


@needs_ocr
def test_a_photo_lying_on_its_head_is_read_and_its_boxes_lie_on_the_photo(tmp_path: Path) -> None:
    from tests.scans.wear import jpeg, photo, turned

    page = rendered()[0]
    for step in (photo, turned(2), jpeg(75)):
        page = step(page, Random(7))
    (told,) = flow.read_file(saved([page], tmp_path / "photo.jpg"))
    wanted = truth().data
    assert told["annex"] == "1"
    assert (told["data"]["name"], told["data"]["uscc"]) == (wanted["name"], wanted["uscc"])
    _, top, _, bottom = told["provenance"]["/uscc"]["bbox"]
    assert 420 < top < bottom < 842  # at the head of the form, which is at the photo's foot
    assert any(i["pointer"] == "/email" and i["code"] == "ocr-doubt" for i in told["issues"])


@needs_ocr
def test_a_seal_over_a_cell_makes_it_doubtful_and_is_found(tmp_path: Path) -> None:
    from tests.scans.wear import stamp

    page = rendered()[0].crop((0, 0, 1654, 1100))
    stamp(page, 800, 800, 200, Random(3))
    (document,) = read.read(saved([page], tmp_path / "sealed.pdf"))
    grid = next(document.grids)
    sealed = [cell for cell in grid.cells if any((p.red or 0) > 0.5 for p in cell.pictures)]
    assert len(sealed) == 1
    assert any(cell.place.confidence < 0.9 for cell in grid.cells if cell.text)
    assert all(cell.place.scan == "colour" for cell in grid.cells)


@needs_ocr
def test_hidden_text_under_a_picture_does_not_count(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    picture = io.BytesIO()
    rendered()[0].crop((0, 0, 1654, 900)).save(picture, "PNG")
    from reportlab.lib.utils import ImageReader

    path = tmp_path / "searchable.pdf"
    canvas = Canvas(str(path), pagesize=(595, 324))
    canvas.drawImage(ImageReader(picture), 0, 0, 595, 324)
    text = canvas.beginText(60, 200)
    text.setTextRenderMode(3)
    text.textLine("hidden words of another form")
    canvas.drawText(text)
    canvas.save()
    (document,) = read.read(path)
    assert any(isinstance(block, Grid) for block in document.blocks)
    assert "hidden" not in "".join(p.text for p in document.paragraphs)


# -- what is refused ---------------------------------------------------------------------------


@needs_ocr
def test_pictures_out_of_bounds_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    Image.new("1", (12_000, 9_000)).save(huge)
    with pytest.raises(UnsafeError):
        read.read(huge)
    tiny = tmp_path / "tiny.png"
    Image.new("L", (120, 90)).save(tiny)
    with pytest.raises(UnreadableError):
        read.read(tiny)
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0" + b"\x00" * 500)
    with pytest.raises(UnreadableError):
        read.read(broken)


@needs_ocr
def test_an_empty_page_is_no_annex_and_no_crash(tmp_path: Path) -> None:
    path = saved([Image.new("RGB", (1654, 2339), "white")], tmp_path / "white.png")
    (told,) = flow.read_file(path)
    assert told["annex"] is None


def written(
    *texts: tuple[float, float, str], size: int = 30, paper: tuple[int, int] = (1654, 2339)
) -> Image.Image:
    """A page with texts, each round its middle."""
    page = Image.new("RGB", paper, "white")
    font = ImageFont.truetype(FONTS / "NotoSansSC-Regular.ttf", size)
    for x, y, text in texts:
        ImageDraw.Draw(page).text((x, y), text, font=font, fill="black", anchor="mm")
    return page


@needs_ocr
def test_a_list_without_rules_is_read_by_its_columns(tmp_path: Path) -> None:
    """Though a title in two lines stands beside a number in the middle of its row."""
    columns = (180, 330, 500, 690, 920, 1180, 1430)
    head = ("序号", "姓名", "年龄", "职务", "学历", "职称", "社保证明")
    rows = [
        ("1", "符岚清", "38", "服务专员", "大学本科", "高级经济师", "有"),
        ("2", "田楚楠", "54", "综合干事", "硕士研究生", "人力资源管理师/（中级）", "有"),
        ("3", "殷栖敏", "35", "咨询师", "中专", "", "无"),
        ("4", "米烨宇", "26", "主任", "大学本科", "经济师", "有"),
    ]
    texts: list[tuple[float, float, str]] = [
        (827, 200, "服务机构服务人员基本情况表"),
        (480, 300, "填报单位：长沙市九嶷星品牌策划有限公司"),
        (1250, 300, "填报时间：2024年9月9日"),
        *((x, 420, text) for x, text in zip(columns, head, strict=True)),
    ]
    for y, row in zip(range(540, 1000, 110), rows, strict=False):
        for x, text in zip(columns, row, strict=True):
            lines = text.split("/")
            for i, line in enumerate(lines):
                texts.append((x, y + 40 * (i - (len(lines) - 1) / 2), line))
    (told,) = flow.read_file(saved([written(*texts)], tmp_path / "名单.png"))
    assert told["annex"] == "3"
    keys = ("no", "name", "age", "position", "education", "title")
    read = [
        tuple(str(one[key] or "").replace("\n", "") for key in keys)
        for one in told["data"]["staff"]
    ]
    assert read == [tuple(text.replace("/", "") for text in row[:6]) for row in rows]
    assert [one["insured"] for one in told["data"]["staff"]] == [True, True, False, True]


@needs_ocr
def test_a_list_without_rules_may_have_a_head_of_several_levels(tmp_path: Path) -> None:
    columns = (70, 275, 490, 660, 820, 945, 1075, 1200, 1345, 1505, 1690, 1850, 2070)
    rows = [
        ("1", "湖南隆璟机械制造/有限公司", "食品加工", "数字化诊断", "2023.8-/2023.10", "√", "", "", "1.5",
         "2023.8.1-/2023.10.30", "按8折收取", "龚禾波", "16600000475"),
        ("2", "湖南恒栩商贸/有限公司", "陶瓷", "商标注册与维权", "2023.5-/2023.6", "√", "", "", "2",
         "2023.5.1-/2023.6.30", "全额减免", "田榆宇", "15000008903"),
        ("3", "湖南昱瑞瓷业/有限公司", "烟花爆竹", "上云用云培训", "2023.3-/2023.4", "", "√", "1.2", "",
         "", "免费", "廖澧斌", "13900009506"),
    ]  # fmt: skip
    texts: list[tuple[float, float, str]] = [
        (1170, 150, "服务机构服务对象情况表"),
        (500, 240, "填报单位：邵阳市九嶷星政务信息咨询有限公司"),
        (1800, 240, "填报时间：2024年9月11日"),
    ]

    def put(x: float, y: float, text: str) -> None:
        lines = text.split("/")
        texts.extend((x, y + 36 * (i - (len(lines) - 1) / 2), line) for i, line in enumerate(lines))

    for x, y, text in (
        (70, 420, "序号"), (600, 330, "服务企业情况"), (275, 460, "服务企业名称"), (490, 460, "所在/行业"),
        (660, 460, "服务/内容"), (820, 460, "服务/时间"), (1010, 330, "服务性质"),
        (945, 460, "机构自/身提供/服务"), (1075, 460, "依托专/业机构/服务"), (1340, 330, "合同服务情况"),
        (1200, 460, "未签服务/合同收费/金额"), (1425, 400, "已签服务合同"), (1345, 500, "合同服务/金额"),
        (1505, 500, "合同/期限"), (1690, 420, "费用减免/情况"), (1850, 420, "服务企业/联系人"),
        (2070, 420, "服务企业联系/电话"),
    ):  # fmt: skip
        put(x, y, text)
    for y, row in zip((620, 720, 820), rows, strict=True):
        for x, text in zip(columns, row, strict=True):
            put(x, y, text)
    page = written(*texts, size=24, paper=(2339, 1654))
    (told,) = flow.read_file(saved([page], tmp_path / "名单.png"))
    assert told["annex"] == "4"
    keys = ("enterprise", "service", "period", "contract_term", "contact", "contact_phone")
    read = [[(one[key] or "").replace("\n", "") for key in keys] for one in told["data"]["clients"]]
    assert read == [[row[i].replace("/", "") for i in (1, 3, 4, 9, 11, 12)] for row in rows]
    fees = [(one["uncontracted_fee"], one["contract_fee"]) for one in told["data"]["clients"]]
    assert fees == [(None, 1.5), (None, 2), (1.2, None)]
    assert [one["by_self"] for one in told["data"]["clients"]] == [True, True, False]


@needs_ocr
def test_a_wide_list_with_a_gap_in_its_middle_is_no_pair_of_pages() -> None:
    pages_in, np = seeing()
    page = Image.new("L", (2339, 1654), 255)
    pen = ImageDraw.Draw(page)
    for y in range(200, 1500, 80):
        pen.rectangle((150, y, 1130, y + 30), fill=0)
        pen.rectangle((1190, y, 2200, y + 30), fill=0)
    assert len(pages_in(np.asarray(page.convert("RGB")))) == 1


@needs_ocr
def test_jpeg_2000_is_read_as_other_pictures_are(tmp_path: Path) -> None:
    page = rendered()[0].crop((0, 0, 1654, 900))
    page.save(tmp_path / "扫描.jp2", quality_mode="rates", quality_layers=[30])
    (document,) = read.read(tmp_path / "扫描.jp2")
    assert any(isinstance(block, Grid) for block in document.blocks)


@needs_ocr
@pytest.mark.parametrize("coded", ["JPXDecode", "CCITTFaxDecode", "JBIG2Decode"])
def test_a_scan_in_a_pdf_is_read_however_it_is_coded(coded: str, tmp_path: Path) -> None:
    from tests.scans.coded import pdf_of

    path = tmp_path / "扫描.pdf"
    path.write_bytes(pdf_of(rendered()[0].crop((0, 0, 1654, 900)), coded))
    (document,) = read.read(path)
    assert any(isinstance(block, Grid) for block in document.blocks)


@pytest.mark.parametrize("mode", ["I;16", "F", "P", "LA", "RGBA", "CMYK", "LAB", "1"])
def test_pictures_of_every_kind_show_the_same(mode: str, tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    from pipeline.read import scan

    grey = Image.new("L", (500, 600), 255)
    ImageDraw.Draw(grey).rectangle((100, 100, 300, 200), fill=0)
    page = grey
    if mode in ("I;16", "F"):
        deep = numpy.asarray(grey).astype("uint16" if mode == "I;16" else "float32")
        page = Image.fromarray(deep * 257 if mode == "I;16" else deep / 255)
    elif mode in ("LA", "RGBA"):  # black ink on nothing
        page = Image.new(mode, grey.size)
        page.putalpha(Image.eval(grey, lambda value: 255 - value))
    elif mode == "LAB":
        page = grey.convert("RGB").convert("LAB")
    else:
        page = grey.convert("RGB").convert(mode)
    page.save(tmp_path / "扫描.tif")
    ((pixels, _),) = scan._pages(tmp_path / "扫描.tif", "扫描.tif")
    assert pixels.shape == (600, 500, 3)
    assert pixels[50, 50].min() > 250 and pixels[150, 200].max() < 5


def test_a_photo_of_a_telephone_without_its_decoder_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    path = tmp_path / "照片.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(50))
    with pytest.raises(UnsupportedError, match="HEIC") as refused:
        read.read(path)
    assert "JPG" in str(refused.value.remedy)


def test_a_photo_of_a_telephone_is_opened() -> None:
    pytest.importorskip("pi_heif")
    pytest.importorskip("numpy")
    from pipeline.read import scan

    ((pixels, colour),) = scan._pages(Path(__file__).parent / "scans" / "photo.heic", "photo.heic")
    assert pixels.shape == (600, 500, 3) and colour
    assert pixels[50, 50].min() > 240 and pixels[150, 200].max() < 20


def test_without_the_extra_a_picture_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_engine, "available", lambda: False)
    path = saved([Image.new("RGB", (1654, 2339), "white")], tmp_path / "scan.png")
    with pytest.raises(UnsupportedError, match="pipeline\\[ocr\\]"):
        read.read(path)
    (told,) = flow.read_file(saved(rendered(60), tmp_path / "scan.pdf"))
    assert any("pipeline[ocr]" in issue["message"] for issue in told["issues"])


# -- single things ------------------------------------------------------------------------------


@needs_ocr
@pytest.mark.parametrize("angle", [-3.0, -0.4, 0.0, 1.7])
def test_skew_is_measured_to_a_tenth_of_a_degree(angle: float) -> None:
    from pipeline.read.scan_picture import ink_of, skew_of, without_red

    page = rendered(150)[0].rotate(angle, Image.Resampling.BICUBIC, fillcolor="white")
    import numpy as np

    picture = np.asarray(page)[..., ::-1]
    assert skew_of(ink_of(without_red(picture))) == pytest.approx(angle, abs=0.1)


def drawing(width: int = 60, height: int = 40) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width, height), 0)
    return image, ImageDraw.Draw(image)


@needs_ocr
def test_boxes_are_told_empty_ticked_and_filled() -> None:
    import numpy as np

    from pipeline.read.scan_marks import tick_boxes

    image, pen = drawing(200)
    for x in (10, 70, 130):
        pen.rectangle((x, 8, x + 24, 32), outline=255, width=2)
    pen.line((74, 20, 80, 28, 92, 11), fill=255, width=3)
    pen.rectangle((130, 8, 154, 32), fill=255)
    assert [box.sign for box in sorted(tick_boxes(np.asarray(image), 28.0))] == ["□", "☑", "■"]


@needs_ocr
def test_a_box_that_a_tick_crosses_is_found_though_it_hangs_together_with_the_tick() -> None:
    import numpy as np

    from pipeline.read.scan_marks import tick_boxes, ticked_boxes

    image, pen = drawing(120, 60)
    pen.rectangle((40, 20, 63, 43), outline=255, width=2)
    pen.line((20, 30, 46, 50, 80, 4), fill=255, width=4)
    ink = np.asarray(image)
    assert list(tick_boxes(ink, 28.0)) == []
    (box,) = ticked_boxes(ink, 24)
    assert (box.x0, box.top) == pytest.approx((40, 20), abs=2)


def line_of(text: str, pitch: int, ink: Any) -> Any:
    """A line whose characters stand `pitch` pixels apart; a blank in `text` was not read."""
    from pipeline.read.scan_engine import Letter
    from pipeline.read.scan_lines import Strip
    from pipeline.read.scan_page import Line

    height, width = ink.shape
    letters = [Letter(c, (i + 0.5) * pitch / width, 1.0) for i, c in enumerate(text) if c != " "]
    return Line(Strip(0, 0, width, height, 0, height), 0, width, letters)


@needs_ocr
def test_a_box_drawn_thicker_than_others_is_empty_and_a_tick_not_read_is_seen() -> None:
    import numpy as np

    from pipeline.read.scan_page import _boxes, _by_shape

    image, pen = drawing(330)
    for at, width in ((60, 2), (150, 2), (240, 4)):
        pen.rectangle((at + 2, 8, at + 26, 32), outline=255, width=width)
    pen.line((300, 22, 308, 32, 322, 8), fill=255, width=4)  # no box: ✔ in its place
    ink = np.asarray(image)
    line = line_of("甲乙□丙丁□戊己□庚 ", 30, ink)
    (boxes,) = _boxes([line], ink, ink, 28.0)
    assert [box.sign for box in boxes] == ["□", "□", "□"]
    assert "".join(x.text for x in _by_shape(line, ink, boxes, 28.0)) == "甲乙□丙丁□戊己□庚√"


@needs_ocr
def test_the_lit_part_of_a_page_beside_a_shadow_is_no_sheet() -> None:
    import numpy as np

    from pipeline.read.scan_picture import off_the_desk

    page = np.full((1400, 1000, 3), 215, np.uint8)
    page[:700] = 120  # a shadow with a sharp edge
    flat, _ = off_the_desk(page)
    assert flat is page
    page[:120], page[1300:], page[:, :80], page[:, 900:] = 60, 60, 60, 60  # a desk on all sides
    page[120:] = np.where(page[120:] == 120, 215, page[120:])
    assert off_the_desk(page)[0] is not page


@needs_ocr
def test_blurred_writing_is_told_from_what_shines_through() -> None:
    import numpy as np

    from pipeline.read.scan_lines import is_blurred

    sharp, wide, ghost = (np.zeros((200, 400), np.uint8) for _ in range(3))
    for x in range(20, 380, 20):
        sharp[50:60, x : x + 6] = 255
        wide[45:65, x - 3 : x + 9] = 255
        ghost[120:140, x : x + 12] = 255
    where = np.full_like(sharp, 255)
    assert is_blurred(sharp, wide, where)
    assert not is_blurred(sharp, sharp | ghost, where)
    assert not is_blurred(sharp, wide | ghost, where)


@needs_ocr
def test_pale_strokes_beside_writing_are_writing() -> None:
    import numpy as np

    from pipeline.read.scan_lines import faint_marks

    ink, faint = np.zeros((60, 400), np.uint8), np.zeros((60, 400), np.uint8)
    ink[16:40, 20:120:4] = 255
    for top in (20, 36):
        faint[top : top + 2, 130:152] = 255  # 二
    faint[50:52, 20:380] = 255  # a line under all is none
    marks = faint_marks(faint, ink, 24.0)
    assert marks[:, 125:160].any(axis=1).sum() == 4
    assert not marks[45:].any()


@needs_ocr
def test_a_character_passed_over_leaves_a_mark() -> None:
    import numpy as np

    from pipeline.read.scan_page import _by_shape

    ink = np.full((40, 300), 255, np.uint8)
    texts = [
        "".join(x.text for x in _by_shape(line_of("投诉处理等 余项规章", 30, seen), seen, [], 28.0))
        for seen in (ink, np.where(np.arange(300) // 30 == 5, 0, ink).astype(np.uint8))
    ]
    assert texts == ["投诉处理等\ufffd余项规章", "投诉处理等余项规章"]


@needs_ocr
def test_letters_beside_ink_that_nothing_was_read_of_are_doubtful() -> None:
    import numpy as np

    from pipeline.read import scan_page
    from pipeline.read.scan_engine import Letter
    from pipeline.read.scan_lines import Strip

    ink = np.zeros((40, 200), np.uint8)
    ink[6:34, 2:198] = 255
    strip = Strip(0, 0, 200, 40, 0, 40)
    read = [Letter(char, (20 + 40 * i) / 200, 1.0) for i, char in enumerate("均不真实准") if i != 1]
    sure = [
        letter.sure
        for letter in scan_page._beside_unread(read, scan_page.Line(strip, 0, 200, read), ink, 40.0)
    ]
    assert sure == [0.5, 0.5, 1.0, 1.0]


@needs_ocr
def test_bent_rules_are_made_straight() -> None:
    import numpy as np

    from pipeline.read.scan_flat import flattened
    from pipeline.read.scan_rules import rules_of

    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    for y in range(300, 1500, 150):
        pen.line([(x, y + 16 * np.sin(x / 500)) for x in range(200, 1450)], fill=255, width=4)
    for x in (200, 700, 1448):
        bend = 16 * np.sin(x / 500)
        pen.line((x, 300 + bend, x, 1350 + bend), fill=255, width=4)
    ink = np.asarray(image)
    flat, _ = flattened(np.repeat(255 - ink[..., None], 3, axis=2), ink)
    rules, _ = rules_of((flat[..., 0] < 128).astype(np.uint8) * 255)
    assert sum(rule.horizontal and rule.end - rule.start > 1200 for rule in rules) == 8


@needs_ocr
def test_a_border_of_which_dashes_are_left_closes_its_rows() -> None:
    import numpy as np

    from pipeline.read.scan_rules import rules_of, table_rules

    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    for y in range(300, 1501, 150):
        pen.line((200, y, 1450, y), fill=255, width=3)
    pen.line((200, 300, 200, 1600), fill=255, width=3)  # the last row is cut by the page's end
    pen.line((500, 300, 500, 1600), fill=255, width=3)
    pen.line((1450, 300, 1450, 750), fill=255, width=3)
    for y in range(760, 1600, 60):  # black and white has lost the rest of a thin rule
        pen.line((1450, y, 1450, y + 30), fill=255, width=3)
    rules, _ = rules_of(np.asarray(image))
    (table,) = table_rules([r._replace(at=r.at * 0.36, start=r.start * 0.36, end=r.end * 0.36) for r in rules])[1]  # fmt: skip
    assert (table.rows, table.columns, len(table.cells)) == (9, 2, 18)


@needs_ocr
def test_a_rule_is_not_led_on_through_a_wide_cell_to_where_it_goes_on() -> None:
    import numpy as np

    from pipeline.read.scan_rules import rules_of

    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    for y in (384, 500, 1090, 1208, 2104):
        pen.line((180, y, 1478, y), fill=255, width=3)
    for y in (1630, 1680, 1730, 1780):
        pen.line((374, y, 1478, y), fill=255, width=3)
    for x in (180, 1478):
        pen.line((x, 384, x, 2104), fill=255, width=3)
    pen.line((374, 384, 374, 1090), fill=255, width=3)
    pen.line((374, 1208, 374, 2104), fill=255, width=3)
    rules, _ = rules_of(np.asarray(image))
    assert not any(not r.horizontal and r.start < 1150 < r.end for r in rules if 300 < r.at < 400)


@needs_ocr
def test_a_border_that_a_page_cuts_is_no_streak() -> None:
    import numpy as np

    from pipeline.read.scan_rules import rules_of

    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    for y in (477, 997):
        pen.line((95, y, 1560, y), fill=255, width=2)
    for y in (600, 780):
        pen.line((360, y, 1560, y), fill=255, width=2)
    pen.line((95, 119, 95, 991), fill=255, width=3)  # a little short of the last rule's middle
    pen.line((360, 119, 360, 998), fill=255, width=3)
    for x in (887, 1121, 1560):
        pen.line((x, 477, x, 785), fill=255, width=3)
    rules, streaks = rules_of(np.asarray(image))
    assert not streaks
    assert sum(not rule.horizontal for rule in rules) == 5


@needs_ocr
def test_a_rule_that_leans_a_little_with_dirt_beside_it_is_a_rule() -> None:
    import numpy as np

    from pipeline.read.scan_rules import rules_of

    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    for y in range(300, 2200, 95):
        pen.line((150, y, 1500, y), fill=255, width=3)
    for x in (150, 260, 750, 1500):
        pen.line((x, 300, x + 6, 2200), fill=255, width=3)
        pen.rectangle((x - 7, 1005, x, 1065), fill=255)
    rules, _ = rules_of(np.asarray(image))
    found = sorted(round(rule.at) for rule in rules if not rule.horizontal)
    assert [abs(a - b) <= 3 for a, b in zip(found, (153, 263, 753, 1503), strict=True)] == [
        True
    ] * 4


@needs_ocr
def test_the_shadow_of_a_finger_is_paper() -> None:
    import numpy as np

    from pipeline.read.scan_picture import evenly_lit, ink_of

    page = np.full((900, 700, 3), 230, np.uint8)
    page[100:800:40, 60:640:6] = 40
    page[300:, 200:300] = page[300:, 200:300] // 2
    written = ink_of(evenly_lit(page)[..., 0])
    assert written[340:780:40, 210:290:6][:, :].any(axis=1).all()
    assert not written[350:375, 60:640].any()


@needs_ocr
@pytest.mark.parametrize("desk", [(40, 60, 90), (30, 70, 150)])
def test_a_sheet_on_streaked_wood_is_found(desk: tuple[int, int, int]) -> None:
    import numpy as np

    from pipeline.read.scan_picture import _paper

    chance = np.random.default_rng(3)
    picture = np.zeros((1200, 900, 3), np.uint8) + np.array(desk, np.uint8)
    streaks = np.repeat(chance.integers(-30, 40, 100), 12)[:, None, None]
    picture = (picture.astype(int) + streaks).clip(0, 255).astype(np.uint8)
    sheet = np.array([(170, 110), (810, 130), (760, 1060), (120, 1040)], np.int32)
    cv2 = pytest.importorskip("cv2")
    light = np.zeros_like(picture)
    cv2.fillPoly(light, [sheet], (255, 255, 255))
    slope = np.linspace(150, 215, 900)[None, :, None]
    picture = np.where(light > 0, slope, picture).astype(np.uint8)
    found = _paper(picture)
    assert found is not None
    assert abs(found - sheet).max() < 12


@needs_ocr
def test_long_dashes_and_narrow_slashes_are_told_by_their_stroke() -> None:
    import numpy as np

    from pipeline.read.scan_dashes import lone_dash, with_dashes
    from pipeline.read.scan_engine import Letter
    from pipeline.read.scan_marks import leans

    image = Image.new("L", (200, 40), 0)
    pen = ImageDraw.Draw(image)
    pen.line((10, 20, 66, 20), fill=255, width=3)
    pen.rectangle((90, 6, 110, 34), fill=255)
    letters = [Letter("一", 0.1, 0.9), Letter("一", 0.28, 0.9), Letter("对", 0.5, 1.0)]

    def read() -> str:
        ink = np.asarray(image)
        return "".join(x.text for x in with_dashes(letters, ink, 255 - ink, (0.0, 1.0), 28.0))

    assert read() == "——对"
    pen.rectangle((20, 4, 40, 10), fill=255)  # something above: 二, a word underlined
    assert read() == "一一对"
    dash, hyphen = np.zeros((3, 26), np.uint8) + 255, np.zeros((3, 11), np.uint8) + 255
    assert (lone_dash(dash, 28.0), lone_dash(hyphen, 28.0)) == ("—", "-")
    slash, one = Image.new("L", (30, 40), 0), Image.new("L", (30, 40), 0)
    ImageDraw.Draw(slash).line((18, 6, 11, 32), fill=255, width=3)
    ImageDraw.Draw(one).line((15, 6, 15, 32), fill=255, width=3)
    assert leans(np.asarray(slash))
    assert not leans(np.asarray(one))


@needs_ocr
@pytest.mark.parametrize("font", ["FandolFang-Regular", "FandolKai-Regular", "NotoSerifSC-Light"])
@pytest.mark.parametrize("drawn", ["一", "—"])
def test_a_dash_between_words_is_no_one(drawn: str, font: str) -> None:
    import numpy as np

    from pipeline.read.scan_dashes import with_dashes
    from pipeline.read.scan_engine import Letter

    face, start = ImageFont.truetype(FONTS / f"{font}.ttf", 120), 0.0
    text = f"受理{drawn}派单服务"
    total = face.getlength(text)
    image = Image.new("L", (round(total), 150), 255)
    ImageDraw.Draw(image).text((0, 0), text, font=face, fill=20)
    grey = np.asarray(image.resize((round(total / 4), 38), Image.Resampling.BOX))
    ink = (grey < 205).astype(np.uint8) * 255
    letters = []
    for char in text:
        width = face.getlength(char)
        letters.append(Letter("一" if char == drawn else char, (start + width / 2) / total, 0.99))
        start += width
    read = with_dashes(letters, ink, grey, (0.0, 1.0), 28.0)
    assert "".join(x.text for x in read) == text


@needs_ocr
@pytest.mark.parametrize(
    ("read", "text", "doubtful"),
    [
        ("2023一2024年", "2023—2024年", 0),
        ("建立受理一派单一服务一回访机制", "建立受理一派单一服务一回访机制", 3),
        ("机制为受理一派单一服", "机制为受理一派单一服", 2),  # the line ends
        ("受理一派单—服务—回访", "受理一派单—服务—回访", 1),
        ("统一规划统一管理，一县一品一策", "统一规划统一管理，一县一品一策", 0),
        ("每周一次，一年一度，保持一致", "每周一次，一年一度，保持一致", 0),
    ],
)
def test_what_is_read_as_one_where_no_one_can_stand(read: str, text: str, doubtful: int) -> None:
    import numpy as np

    from pipeline.read.scan_dashes import with_dashes
    from pipeline.read.scan_engine import Letter

    ink = np.full((38, 600), 255, np.uint8)
    letters = [Letter(char, (n + 0.5) / len(read), 0.99) for n, char in enumerate(read)]
    found = with_dashes(letters, ink, 255 - ink, (0.0, 1.0), 28.0)
    assert "".join(letter.text for letter in found) == text
    assert sum(letter.sure < 0.9 for letter in found) == doubtful


@needs_ocr
def test_a_hyphen_on_a_line_of_its_own_is_no_dust() -> None:
    import numpy as np

    from pipeline.read.scan_lines import faint_marks

    ink, faint = np.zeros((120, 200), np.uint8), np.zeros((120, 200), np.uint8)
    ink[10:30, 60:140:4] = ink[72:92, 60:140:4] = 255
    faint[50:53, 90:102] = 255  # 2024.7 / - / 2024.8
    faint[108:111, 90:102] = 255  # below the last line
    marks = faint_marks(faint, ink, 24.0)
    assert marks[45:60].any()
    assert not marks[100:].any()


@needs_ocr
def test_the_outline_of_a_sheet_is_no_writing() -> None:
    import numpy as np

    from pipeline.read.scan_lines import without_frames

    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    pen.rectangle((400, 500, 700, 528), fill=255)
    writing = np.asarray(image).copy()
    pen.rectangle((100, 100, 1500, 2200), outline=255, width=3)
    pen.line((80, 100, 60, 2200), fill=255, width=3)
    assert (without_frames(np.asarray(image), 28.0) == writing).all()


@needs_ocr
def test_a_character_that_simplified_chinese_does_not_use_is_doubtful() -> None:
    import numpy as np

    from pipeline.read.scan_engine import recogniser

    engine = recogniser()
    steps = np.zeros((8, len(engine._alphabet)), np.float32)
    steps[::2, 0] = 1.0
    for step, (text, other, share) in zip(
        (1, 3, 5, 7),
        (("黃", "黄", 0.05), ("静", "靜", 0.05), ("昇", "升", 0.001), ("洣", "米", 0.05)),
        strict=True,
    ):
        steps[step, engine._alphabet.index(text)] = 1 - share
        steps[step, engine._alphabet.index(other)] = share
    read = engine._decode(steps, 64)
    assert "".join(letter.text for letter in read) == "黄静昇洣"
    assert [letter.sure < 0.9 for letter in read] == [True, False, False, True]


@needs_ocr
def test_a_tick_with_a_long_arm_is_no_slash() -> None:
    import numpy as np

    from pipeline.read.scan_marks import lone_mark
    from pipeline.read.scan_page import _by_shape

    image = Image.new("L", (30, 40), 0)
    ImageDraw.Draw(image).line((3, 30, 6, 33, 26, 8), fill=255, width=2)
    ink = np.asarray(image)[8:35, 3:28]
    line = line_of("√", 30, ink)
    read = line.letters[0]._replace(sure=0.89)
    (mark,) = _by_shape(dataclasses.replace(line, letters=[read]), ink, [], 28.0)
    assert lone_mark(ink) == "/"
    assert mark.text == "√"


@needs_ocr
def test_level_rules_worn_to_short_dashes_part_the_rows() -> None:
    import random

    import numpy as np

    from pipeline.read.scan_rules import rules_of

    chance = random.Random(4)
    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    borders = (140, 240, 400, 510, 790, 1030, 1380, 1510)
    for x in borders:
        pen.line((x, 450, x, 1050), fill=255, width=3)
    for y in range(450, 1051, 60):
        x = 140
        while x < 1510:
            end = x + chance.randrange(8, 40)
            pen.line((x, y, min(end, 1510), y), fill=255, width=3)
            x = end + chance.randrange(10, 15)
    for x, _ in zip(borders, borders[2:], strict=False):  # —— in the cells of a row
        pen.line((x + 22, 480, x + 78, 480), fill=255, width=3)
    rules, _ = rules_of(np.asarray(image))
    level = sorted((r.at, r.start, r.end) for r in rules if r.horizontal)
    assert [round(at, -1) for at, _, _ in level] == list(range(450, 1051, 60))
    assert all(start < 160 and end > 1490 for _, start, end in level)


@needs_ocr
def test_a_row_as_low_as_its_writing_keeps_its_borders() -> None:
    import numpy as np

    from pipeline.read.scan_rules import rules_of

    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    heights = (385, 497, 571, 608, 646, 684, 724)
    for y in heights:
        pen.line((140, y, 1510, y), fill=255, width=3)
    for x in (140, 390, 1510):
        pen.line((x, 385, x, 724), fill=255, width=3)
    for x in (1060, 1278):  # in one row only
        pen.line((x, 571, x, 608), fill=255, width=3)
    font = ImageFont.truetype(FONTS / "NotoSansSC-Regular.ttf", 25)
    pen.text((410, 573), "永州市零陵区韶山北路", font=font, fill=255)
    pen.text((410, 611), "川川川中申1l1l", font=font, fill=255)
    rules, _ = rules_of(np.asarray(image))
    assert sorted(round(r.at) for r in rules if r.end - r.start < 50) == [1060, 1278]


@needs_ocr
def test_a_mark_close_above_a_border_does_not_lengthen_it() -> None:
    import numpy as np

    from pipeline.read.scan_rules import rules_of

    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    for y in (318, 455, 546):
        pen.line((94, y, 1563, y), fill=255, width=3)
    for x in (94, 330, 1563):
        pen.line((x, 318, x, 546), fill=255, width=3)
    pen.line((827, 318, 827, 455), fill=255, width=3)
    pen.rectangle((825, 297, 829, 308), fill=255)  # the dot of a ： in the line above
    rules, _ = rules_of(np.asarray(image))
    assert [round(r.start, -1) for r in rules if 820 < r.at < 835] == [320]


@needs_ocr
def test_the_dots_of_a_small_colon_are_no_dust() -> None:
    import numpy as np

    from pipeline.read.scan_lines import without_specks

    ink = np.zeros((40, 200), np.uint8)
    ink[8:30, 20:60:3] = 255
    ink[14:17, 82:85] = ink[25:28, 82:85] = 255  # ： stands apart from ）
    ink[5:8, 120:123] = 255
    kept = without_specks(ink, 22.0)
    assert kept[14:28, 80:90].any(axis=1).sum() == 6
    assert not kept[:, 110:].any()


@needs_ocr
def test_a_shadow_is_lifted_and_even_light_left_alone() -> None:
    import numpy as np

    from pipeline.read.scan_picture import evenly_lit, ink_of

    page = np.full((800, 600, 3), 235, np.uint8)
    page[100:700:40, 60:540:6] = 40
    assert evenly_lit(page) is page
    shaded = page.copy()
    shaded[400:] = shaded[400:] // 4
    lifted = evenly_lit(shaded)
    written = ink_of(lifted[..., 0])
    assert written[100:380:40, 60:540:6].all()
    assert written[500:700:40, 60:540:6].all()
    assert not written[520:535].any()


@needs_ocr
def test_strokes_of_a_line_of_writing_are_no_rule() -> None:
    """A bar through the line would be painted over: 申 becomes 中."""
    import numpy as np

    from pipeline.read import scan_picture
    from pipeline.read.scan_rules import rules_of

    image = Image.new("L", (1654, 800), 255)
    pen = ImageDraw.Draw(image)
    font = ImageFont.truetype(FONTS / "NotoSerifSC-Black.ttf", 40)
    for y in range(60, 700, 60):
        line = "申报材料，并对本次申报郑重承诺如下：本单位所提交的申报材料相关内容"
        pen.text((150, y), line, font=font, fill=0)
    grey = np.asarray(image)
    assert rules_of(scan_picture.with_pale_rules(scan_picture.ink_of(grey), grey)) == ([], [])


@needs_ocr
def test_a_thousand_has_a_narrow_comma() -> None:
    from pipeline.read.scan_engine import Letter
    from pipeline.read.scan_words import in_chinese

    letters = [Letter(c, i / 12, 1.0) for i, c in enumerate("超过2，600家，是")]
    assert "".join(letter.text for letter in in_chinese(letters)) == "超过2,600家，是"


@needs_ocr
def test_ticks_and_crosses_are_told_by_their_shape() -> None:
    import numpy as np

    from pipeline.read.scan_marks import lone_mark

    tick, pen = drawing()
    pen.line((10, 22, 20, 34, 46, 4), fill=255, width=4)
    cross, pen = drawing()
    pen.line((12, 6, 42, 34), fill=255, width=4)
    pen.line((42, 6, 12, 34), fill=255, width=4)
    slash, pen = drawing()
    pen.line((20, 36, 34, 4), fill=255, width=3)
    one, pen = drawing()
    pen.line((26, 4, 26, 36), fill=255, width=4)
    pen.line((26, 4, 20, 10), fill=255, width=3)
    seven, pen = drawing()
    pen.line((14, 4, 34, 4, 22, 36), fill=255, width=3)
    eight, pen = drawing()  # 八
    pen.line((24, 8, 10, 34), fill=255, width=4)
    pen.line((30, 6, 48, 34), fill=255, width=4)
    marks = [lone_mark(np.asarray(i)) for i in (tick, cross, eight, slash, one, seven)]
    assert marks == ["√", "×", "", "/", "", ""]


@needs_ocr
def test_a_ring_is_found_without_colour_and_text_is_none() -> None:
    import numpy as np

    from pipeline.read.scan_marks import rings_of

    image = Image.new("L", (1654, 2339), 0)
    pen = ImageDraw.Draw(image)
    for y in range(200, 2200, 60):
        pen.line((200, y, 1400, y), fill=255, width=12)
    assert rings_of(np.asarray(image)) == []
    pen.ellipse((600, 900, 915, 1215), outline=255, width=9)
    (found,) = rings_of(np.asarray(image))
    assert found == pytest.approx((757, 1057, 155), abs=8)


@needs_ocr
def test_a_black_ring_over_a_page_full_of_writing_is_found() -> None:
    import numpy as np

    from pipeline.read.scan_marks import rings_of

    lines = [(827.0, y, "申报材料相关内容完整真实准确，无欺瞒和作假行为，电子申报资料和纸质材料一致。") for y in range(150, 2250, 44)]  # fmt: skip
    page = written(*lines)
    assert rings_of(255 - np.asarray(page.convert("L"))) == []
    ImageDraw.Draw(page).ellipse((350, 300, 662, 612), outline="black", width=8)
    (found,) = rings_of(255 - np.asarray(page.convert("L")))
    assert found == pytest.approx((506, 456, 152), abs=8)


@needs_ocr
def test_lines_that_stand_close_are_no_line_across(monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters on their side are read too: by the lines there are, not by that they can be read."""
    import numpy as np

    from pipeline.read import scan_turn
    from pipeline.read.scan_engine import Letter

    class Reader:
        def read(self, crops: list[object]) -> list[list[Letter]]:
            return [[Letter("务", (i + 0.5) / 8, 0.99) for i in range(8)] for _ in crops]

    monkeypatch.setattr(scan_turn, "recogniser", Reader)
    page = Image.new("RGB", (900, 1200), "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(FONTS / "FandolKai-Regular.ttf", 28)
    for y in range(100, 430, 30):
        pen.text(
            (100, y), "本单位已认真准备了申报材料并对本次申报郑重承诺", font=font, fill="black"
        )
    upright = np.asarray(page)
    assert scan_turn.quarter_of(upright) == 0
    assert scan_turn.quarter_of(np.ascontiguousarray(np.rot90(upright))) in (1, 3)


@needs_ocr
def test_the_half_of_a_seal_at_the_edge_of_a_sheet_is_found() -> None:
    import numpy as np

    from pipeline.read.scan_marks import rings_of

    image = Image.new("L", (1654, 2339), 0)
    ImageDraw.Draw(image).ellipse((1654 - 156, 1200, 1654 + 156, 1512), outline=255, width=8)
    (found,) = rings_of(np.asarray(image))
    assert found == pytest.approx((1654, 1356, 152), abs=8)


@needs_ocr
def test_marks_beside_chinese_are_wide_and_among_digits_are_not() -> None:
    from pipeline.read.scan_engine import Letter
    from pipeline.read.scan_words import in_chinese

    text = "系统(V3.2版),2,600家,(1)"
    letters = [Letter(char, i / len(text), 1.0) for i, char in enumerate(text)]
    assert (
        "".join(letter.text for letter in in_chinese(letters)) == "系统（V3.2版），2,600家，（1）"
    )


@needs_ocr
@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("商标注册·", "·"),
        ("好评．协助", "．"),
        ("买买提·艾力", ""),
        ("1．目标", ""),
        ("新材料.", "."),
    ],
)
def test_dots_that_no_text_has_are_doubtful(text: str, doubtful: str) -> None:
    from pipeline.read.scan_engine import Letter
    from pipeline.read.scan_words import in_chinese

    letters = [Letter(char, i / len(text), 1.0) for i, char in enumerate(text)]
    assert "".join(x.text for x in in_chinese(letters) if x.sure < 0.9) == doubtful


@needs_ocr
def test_a_sure_character_is_no_box_and_a_box_not_read_is_put_in() -> None:
    from pipeline.read.scan_engine import Letter
    from pipeline.read.scan_marks import TickBox
    from pipeline.read.scan_words import with_boxes

    letters = [Letter("回", 0.2, 0.99), Letter("企", 0.5, 0.99), Letter("业", 0.7, 0.99)]
    box = TickBox(0, 0, 20, 20, "☑", 0.98)
    told = with_boxes(letters, [(0.2, 0.05, box), (0.9, 0.05, box)])
    assert "".join(letter.text for letter in told) == "回企业☑"


# -- the corpus ---------------------------------------------------------------------------------


@pytest.mark.slow
@needs_ocr
def test_scans_of_the_corpus_are_read_as_the_measure_asks(tmp_path: Path) -> None:
    import shutil

    from tests.scans import score

    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice prints the corpus and is not installed")
    assert score.main(["--habit", "clean-word", "--wear", "skewed", "--wear", "sealed"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "paint",
    [
        lambda: Image.new("L", (900, 1200), 0),  # the lens was covered
        lambda: Image.new("1", (900, 1200), 1),
        lambda: Image.new("RGB", (900, 1200), "red"),
        lambda: Image.effect_noise((900, 1200), 90),
        lambda: Image.linear_gradient("L").resize((900, 1200)),
        lambda: Image.new("CMYK", (400, 4000)),
        lambda: Image.new("I;16", (900, 500), 999),
        lambda: Image.new("LA", (900, 500)),
        lambda: Image.new("P", (900, 500)),
    ],
    ids=["black", "white", "red", "noise", "gradient", "strip", "deep", "clear", "palette"],
)
def test_a_picture_of_nothing_is_no_annex_and_no_crash(
    paint: Callable[[], Image.Image], tmp_path: Path
) -> None:
    path = tmp_path / "照片.tif"
    paint().save(path)
    (line,) = flow.read_file(path)
    assert line["annex"] is None and line["issues"]


# ---------------------------------------------------------------- two pages in one picture


def side_by_side(*pages: Image.Image) -> Image.Image:
    both = Image.new("RGB", (sum(p.width for p in pages), max(p.height for p in pages)), "white")
    left = 0
    for page in pages:
        both.paste(page, (left, 0))
        left += page.width
    return both


def seeing() -> tuple[Any, Any]:
    """What splits a picture, and numpy: both come with the extra."""
    numpy = pytest.importorskip("numpy")
    return pytest.importorskip("pipeline.read.scan_turn").pages_in, numpy


@needs_ocr
@pytest.mark.parametrize("quarter", [0, 2, 3])
def test_two_pages_side_by_side_are_two_pages(quarter: int) -> None:
    """Whichever way the picture lies, the first page comes first."""
    pages_in, np = seeing()
    both = side_by_side(*rendered()[:2])
    found = [page for page, _ in pages_in(np.asarray(both.rotate(90 * quarter, expand=True)))]
    wanted = [np.asarray(page) for page in rendered()[:2]]
    assert [half.shape for half in found] == [page.shape for page in wanted]
    assert all((half == page).all() for half, page in zip(found, wanted, strict=True))


@needs_ocr
@pytest.mark.parametrize("quarter", [0, 1])
def test_a_page_on_its_side_is_one_though_a_band_of_it_is_bare(quarter: int) -> None:
    pages_in, np = seeing()
    page = rendered()[0]
    assert len(pages_in(np.asarray(page.rotate(90 * quarter, expand=True)))) == 1
    upper = page.crop((0, 150, page.width, 1000))  # two stretches of text, nothing between
    parted = Image.new("RGB", page.size, "white")
    parted.paste(upper, (0, 100))
    parted.paste(upper, (0, 1250))
    assert len(pages_in(np.asarray(parted.rotate(90 * quarter, expand=True)))) == 1


@needs_ocr
@pytest.mark.parametrize("quarter", [0, 1])
def test_a_scan_of_two_pages_in_a_pdf_says_what_the_pages_say_where_they_say_it(
    tmp_path: Path, quarter: int
) -> None:
    path = tmp_path / "两页.pdf"
    both = side_by_side(*rendered()[:2])
    both.rotate(90 * quarter, expand=True).save(path, "PDF", resolution=200)
    (line,) = flow.read_file(path)
    expected = truth().data["uscc"]
    assert line["data"]["uscc"] == expected
    place = line["places"]["/uscc"]
    assert place["page"] == 1
    (page,) = pdfplumber.open(SAMPLE).pages[:1]
    x0, top, x1, bottom = place["bbox"]
    if quarter:  # counter-clockwise
        width = both.width / 200 * 72
        x0, top, x1, bottom = width - bottom, x0, width - top, x1
    assert expected in (page.crop((x0, top, x1, bottom)).extract_text() or "")


@needs_ocr
def test_a_picture_of_two_pages_says_what_the_pages_say(tmp_path: Path) -> None:
    path = tmp_path / "两页.png"
    side_by_side(*rendered()[:2]).save(path)
    result = score_file([truth()], path, flow.read_file, paper=True)
    assert result.counts["silent"] == 0, result.faults
    assert result.share >= 0.97, result.faults


@needs_ocr
@pytest.mark.parametrize(
    ("printed", "typed"),
    [("按 8 折收取", "按8折收取"), ("优惠 20%", "优惠20%"), ("V 3 x", "V 3 x"), ("张 三", "张 三")],
)
def test_the_gap_between_chinese_and_figures_is_typesetting(printed: str, typed: str) -> None:
    from pipeline.read.scan_engine import Letter
    from pipeline.read.scan_words import without_typesetting

    letters = [Letter(text, at / 10, 1.0) for at, text in enumerate(printed)]
    assert "".join(letter.text for letter in without_typesetting(letters)) == typed


def test_of_a_long_scan_no_more_pages_are_read_than_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "审计报告.pdf"
    pages = [Image.new("L", (1240, 1754), 255) for _ in range(4)]
    for page in pages:
        ImageDraw.Draw(page).rectangle((200, 200, 900, 400), outline=0, width=4)
    pages[0].save(path, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    (line,) = flow.read_file(path)
    told = {issue["code"]: issue["message"] for issue in line["issues"]}
    assert line["material"] == "R8.3-audit"
    assert "前 2 页" in told["scan"] and "第3、4页" in told["scan"]

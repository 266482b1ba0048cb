"""The fillable PDF: what goes out comes back, whoever fills it in, and looks like the form."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings

from pipeline import flow, read
from pipeline.extract import extract
from pipeline.render import pdf
from pipeline.render.pdf_fonts import TYPED, face
from tests import node, strategies
from tests.strategies import ANNEXES
from tests.test_render_docx import HOSTILE, with_text

Json = Any
NUMBERS = sorted(ANNEXES)
RARE = "湖南𬱖喆堃䶮企业服务中心"
USCC = "91430100MA4L16JJ8X"


def back(number: str, content: bytes, folder: Path) -> Json:
    """What is read in a PDF, which must be one annex of that number."""
    path = folder / "form.pdf"
    path.write_bytes(content)
    records = [r for doc in read.read(path) for r in extract(doc, flow.plans())]
    assert [record.annex.number for record in records] == [number]
    return records[0].data


def form(number: str, **values: Json) -> bytes:
    return pdf.render(ANNEXES[number], ANNEXES[number].complete(values))


def fields(content: bytes) -> dict[str, Json]:
    found = pypdf.PdfReader(io.BytesIO(content)).get_fields()
    assert found is not None
    return found


def text_of(content: bytes, page: int = 0) -> str:
    return pdfium.PdfDocument(content)[page].get_textpage().get_text_range()


# ---------------------------------------------------------------- the law


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_rendered_reads_back(number: str, tmp_path: Path) -> None:
    annex = ANNEXES[number]

    @settings(
        max_examples=strategies.examples(20),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.data(number))
    def law(data: Json) -> None:
        assert back(number, pdf.render(annex, data), tmp_path) == data

    law()


@pytest.mark.parametrize(
    "number",
    ["1", *(pytest.param(number, marks=pytest.mark.slow) for number in ("2", "3", "4", "5", "6"))],
)
def test_hostile_text_arrives_whole(number: str, tmp_path: Path) -> None:
    for text in HOSTILE:
        data = with_text(number, text)
        assert back(number, pdf.render(ANNEXES[number], data), tmp_path) == data, text


@pytest.mark.parametrize("number", NUMBERS)
def test_a_blank_form_reads_as_its_annex_with_nothing_in_it(number: str, tmp_path: Path) -> None:
    assert back(number, form(number), tmp_path) == ANNEXES[number].empty()


@pytest.mark.parametrize("number", NUMBERS)
def test_the_same_data_gives_the_same_bytes_and_a_file_of_reasonable_size(number: str) -> None:
    assert form(number) == form(number)
    assert len(form(number)) < 1_600_000


def test_prose_of_a_thousand_characters_with_line_breaks_comes_back(tmp_path: Path) -> None:
    prose = "\n".join(["本中心面向中小企业提供服务，PCT 申请 3 件。" * 4] * 10)[:1000].strip()
    data = ANNEXES["1"].complete(
        {"profile": prose, "achievements": prose, "name": RARE, "uscc": USCC,
         "premises": ["租用", "自有"], "main_service": "知识产权保护"}
    )  # fmt: skip
    assert back("1", pdf.render(ANNEXES["1"], data), tmp_path) == data


def test_more_rows_than_the_form_has_go_on_over_further_pages_under_the_head(
    tmp_path: Path,
) -> None:
    rows = [
        {"no": n, "name": f"张{n}", "age": 30, "position": "服务部部长兼技术负责人", "education": "硕士研究生",
         "title": "教授级高级工程师（正高）", "insured": n % 2 == 0}
        for n in range(1, 301)
    ]  # fmt: skip
    data = ANNEXES["3"].complete({"organisation": RARE, "staff": rows})
    content = pdf.render(ANNEXES["3"], data)
    assert back("3", content, tmp_path) == data
    pages = len(pdfium.PdfDocument(content))
    assert pages > 10
    assert all("社保证明" in text_of(content, page) for page in range(pages))


# ---------------------------------------------------------------- filled in by others


def test_filled_by_pypdf_it_reads_back_by_its_values(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(form("1")))
    values = {
        "/uscc": USCC, "/name": RARE, "/filled_on": "2024年9月1日", "/profile": "第一行\n第二行",
        "/operations/0/year": "2023", "/institution_type": "/民非组织", "/premises/自有": "/自有",
    }  # fmt: skip
    for page in writer.pages:
        writer.update_page_form_field_values(page, values, auto_regenerate=False)
    stream = io.BytesIO()
    writer.write(stream)
    data = back("1", stream.getvalue(), tmp_path)
    told = {
        key: data[key]
        for key in ("uscc", "name", "filled_on", "profile", "institution_type", "premises")
    }
    assert told == {
        "uscc": USCC, "name": RARE, "filled_on": "2024-09-01", "profile": "第一行\n第二行",
        "institution_type": "民非组织", "premises": ["自有"],
    }  # fmt: skip
    assert [entry["year"] for entry in data["operations"]] == [2023, None]


def test_filled_by_pikepdf_it_reads_back_by_its_values(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(form("4"))) as file:
        by_name = {str(f.T): f for f in file.Root.AcroForm.Fields}
        by_name["/organisation"].V = pikepdf.String(RARE)
        by_name["/clients/2/enterprise"].V = pikepdf.String("乙公司")
        by_name["/clients/2/contract_fee"].V = pikepdf.String("12.5")
        tick = by_name["/clients/2/by_self"]
        tick.V = tick.AS = next(pikepdf.Name(name) for name in tick.AP.N if name != "/Off")
        stream = io.BytesIO()
        file.save(stream)
    data = back("4", stream.getvalue(), tmp_path)
    assert data["organisation"] == RARE
    (client,) = data["clients"]
    assert (client["enterprise"], client["contract_fee"]) == ("乙公司", 12.5)
    assert (client["by_self"], client["by_partner"]) == (True, False)


_PDF_LIB = """
import {readFileSync} from 'fs';
import {createRequire} from 'module';
const {PDFDocument} = createRequire(import.meta.url)(process.argv[1]);
const file = await PDFDocument.load(readFileSync(0));
const form = file.getForm();
form.getTextField('/name').setText('湖南𬱖中心');
form.getRadioGroup('/institution_type').select('民非组织');
form.getCheckBox('/premises/自有').check();
process.stdout.write(await file.save({updateFieldAppearances: false}));
"""


def test_filled_by_pdf_lib_it_reads_back_by_its_values(tmp_path: Path) -> None:
    filled = node.run(_PDF_LIB, str(node.package("pdf-lib")), given=form("1"))
    data = back("1", filled, tmp_path)
    assert (data["name"], data["institution_type"]) == ("湖南𬱖中心", "民非组织")
    assert data["premises"] == ["自有"]


_PDF_JS = """
import {readFileSync} from 'fs';
const {getDocument} = await import(process.argv[1] + '/legacy/build/pdf.mjs');
const data = new Uint8Array(readFileSync(0));
const values = JSON.parse(process.argv[2]);
const file = await getDocument({data, verbosity: 0}).promise;
for (const field of await (await file.getPage(1)).getAnnotations()) {
  const value = values[field.fieldName] ?? values[field.alternativeText];
  if (value !== undefined) file.annotationStorage.setValue(field.id, {value});
}
process.stdout.write(await file.saveDocument());
"""


def test_filled_by_the_viewer_of_firefox_it_reads_back_and_shows_everywhere(tmp_path: Path) -> None:
    values = {
        "/name": RARE, "/uscc": USCC, "/profile": "第一行，服务。\n第二行", "/filled_on": "2024年9月1日",
        "机构性质（只选一项）：民非组织": True, "/premises/自有": True,
    }  # fmt: skip
    arguments = (str(node.package("pdfjs-dist")), json.dumps(values))
    filled = node.run(_PDF_JS, *arguments, given=form("1"))
    data = back("1", filled, tmp_path)
    told = {key: data[key] for key in ("name", "uscc", "profile", "filled_on", "institution_type")}
    assert told == {
        "name": RARE, "uscc": USCC, "profile": "第一行，服务。\n第二行", "filled_on": "2024-09-01",
        "institution_type": "民非组织",
    }  # fmt: skip
    assert data["premises"] == ["自有"]
    document = pdfium.PdfDocument(filled)
    document.init_forms()
    document[0].flatten()
    stream = io.BytesIO()
    document.save(stream)
    shown = "".join(text_of(stream.getvalue()).split())
    assert all("".join(str(v).split()) in shown for v in values.values() if v is not True)
    assert back("1", stream.getvalue(), tmp_path)["institution_type"] == "民非组织"


def test_a_list_is_chosen_from_the_words_of_the_form(tmp_path: Path) -> None:
    content = form("6", nominees=[{"no": 1, "name": "甲中心", "main_service": "技术创新"}])
    found = fields(content)
    assert found["/nominees/0/main_service"]["/V"] == "技术创新"
    assert "知识产权保护" in found["/nominees/3/main_service"]["/_States_"]
    assert [o for o in fields(form("3"))["/staff/0/insured"]["/_States_"] if o] == ["有", "无"]


@pytest.mark.parametrize("number", ["1", "3", "6"])
def test_printed_flat_it_reads_by_position(number: str, tmp_path: Path) -> None:
    data = {
        "1": {"name": RARE, "uscc": USCC, "institution_type": "社会团体", "premises": ["租用"],
              "main_service": "政务服务", "profile": "甲乙丙丁。\n" * 19 + "戊。", "achievements": "丙。", "floor_area": 80},
        "3": {"organisation": RARE, "staff": [{"no": 1, "name": "张𬱖", "age": 40, "insured": True}]},
        "6": {"organisation": RARE, "nominees": [{"no": 1, "name": "甲中心", "main_service": "技术创新"}]},
    }[number]  # fmt: skip
    document = pdfium.PdfDocument(form(number, **data))
    document.init_forms()
    for page in document:
        page.flatten()
    stream = io.BytesIO()
    document.save(stream)
    assert back(number, stream.getvalue(), tmp_path) == ANNEXES[number].complete(
        {key: _whole_rows(number, key, value) for key, value in data.items()}
    )


def test_a_long_name_over_two_lines_reads_whole_when_printed_flat(tmp_path: Path) -> None:
    name = "湖南省中小企业公共服务平台有限责任公司长沙分公司数字化转型与知识产权综合服务中心"
    document = pdfium.PdfDocument(form("2", organisation=name))
    document.init_forms()
    document[0].flatten()
    stream = io.BytesIO()
    document.save(stream)
    assert back("2", stream.getvalue(), tmp_path)["organisation"] == name


def _whole_rows(number: str, key: str, value: Json) -> Json:
    if key not in ANNEXES[number].tables:
        return value
    keys = ANNEXES[number].tables[key]["required"]
    return [{name: row.get(name) for name in keys} for row in value]


# ---------------------------------------------------------------- what is in the file


@pytest.mark.parametrize("number", NUMBERS)
def test_every_field_is_named_by_a_pointer_and_says_in_chinese_what_it_is(number: str) -> None:
    for name, found in fields(form(number)).items():
        assert name.startswith("/")
        pointer = name.rsplit("/", 1)[0] if name.startswith("/premises/") else name
        spec = ANNEXES[number].field(pointer)
        assert spec is not None
        assert spec.title in found["/TU"]


def test_a_date_says_how_it_is_written() -> None:
    assert "2024年9月1日" in fields(form("1"))["/filled_on"]["/TU"]


def test_a_value_stands_in_its_field_only_and_not_in_the_page() -> None:
    content = form("1", name=RARE)
    assert pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text().count(RARE) == 0
    assert fields(content)["/name"]["/V"] == RARE


def test_every_font_is_embedded_and_a_rare_character_can_be_searched() -> None:
    content = form("1", name=RARE)
    with pikepdf.open(io.BytesIO(content)) as file:
        fonts = [
            o
            for o in file.objects
            if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"
        ]
        simple = [o for o in fonts if o.get("/Subtype") not in ("/Type0", "/CIDFontType2")]
        assert simple == []
        assert all("/FontFile2" in o.FontDescriptor for o in fonts if "/FontDescriptor" in o)
    document = pdfium.PdfDocument(content)
    document.init_forms()
    document[0].flatten()
    stream = io.BytesIO()
    document.save(stream)
    assert RARE in "".join(text_of(stream.getvalue()).split())


def test_the_typing_font_has_the_rare_characters_of_names() -> None:
    with pikepdf.open(io.BytesIO(form("5"))) as file:
        font = file.Root.AcroForm.DR.Font["/Typing"]
        cmap = font.ToUnicode.read_bytes()
    assert all(char.encode("utf-16-be").hex().upper().encode() in cmap for char in "𬱖喆堃䶮镕")


def test_the_typing_font_has_every_character_of_gb_2312_and_of_the_standard_table() -> None:
    known = face(TYPED)
    codes = [bytes([a, b]) for a in range(0xA1, 0xFF) for b in range(0xA1, 0xFF)]
    gb_2312 = "".join(code.decode("gb2312", "ignore") for code in codes)
    assert len(gb_2312) == 7445
    assert [char for char in gb_2312 if not known.has(char)] == []
    # Of the third level of 通用规范汉字表: names of people and places, beyond GB 2312.
    assert all(map(known.has, "堃喆䶮镕玥昇淼犇焱瑢珺珅钘𠅤𨟠𫖯𬀩𬱖𬸪"))


def test_no_two_text_fields_share_a_look() -> None:
    """A program that fills one in writes over its look, and would fill in the others."""
    with pikepdf.open(io.BytesIO(form("3", organisation=RARE))) as file:
        looks = [
            widget.AP.N.objgen for page in file.pages for widget in page.Annots
            if widget.get("/FT") in ("/Tx", "/Ch")
        ]  # fmt: skip
        assert len(looks) == len(set(looks)) > 100


def test_what_pypdf_fills_in_shows_in_its_own_field_only() -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(form("1")))
    writer.update_page_form_field_values(
        writer.pages[0], {"/name": "湖南喆堃中心", "/profile": "甲乙丙"}, auto_regenerate=False
    )
    stream = io.BytesIO()
    writer.write(stream)
    document = pdfium.PdfDocument(stream.getvalue())
    document.init_forms()
    document[0].flatten()
    flat = io.BytesIO()
    document.save(flat)
    shown = "".join(text_of(flat.getvalue()).split())
    assert shown.count("湖南喆堃中心") == shown.count("甲乙丙") == 1


def test_readers_keep_our_looks() -> None:
    with pikepdf.open(io.BytesIO(form("1", name=RARE))) as file:
        assert "/NeedAppearances" not in file.Root.AcroForm
        widgets = [w for page in file.pages for w in page.Annots]
        assert all("/AP" in widget for widget in widgets)
        assert all(page.Tabs == "/R" for page in file.pages)


def test_no_field_reaches_over_another_or_over_the_page() -> None:
    prose = "很长的文字。" * 150
    for number, data in {
        "1": {"name": "名" * 60, "applicant": "名" * 60, "profile": prose, "achievements": prose},
        "2": {"organisation": "名" * 60, "background": prose, "plans": prose},
        "4": {
            "organisation": "名" * 200,
            "clients": [{"no": 1, "enterprise": "名" * 200, "service": prose}],
        },
        "5": {"applicant": "名" * 200},
    }.items():
        with pikepdf.open(io.BytesIO(form(number, **data))) as file:
            for page in file.pages:
                boxes = [[float(v) for v in widget.Rect] for widget in page.Annots]
                width, height = (float(v) for v in page.MediaBox[2:])
                assert all(0 <= b[0] < b[2] <= width and 0 <= b[1] < b[3] <= height for b in boxes)
                for at, a in enumerate(boxes):
                    for b in boxes[at + 1 :]:
                        apart = (
                            a[2] <= b[0] + 0.1
                            or b[2] <= a[0] + 0.1
                            or a[3] <= b[1] + 0.1
                            or b[3] <= a[1] + 0.1
                        )
                        assert apart, (number, a, b)


def test_justified_lines_end_at_the_right_margin() -> None:
    document = pdfium.PdfDocument(form("5"))
    text = document[0].get_textpage()
    rights = [text.get_rect(i)[2] for i in range(text.count_rects())]
    margin = 595.3 - 70.75
    assert max(rights) <= margin + 0.5
    assert sum(right > margin - 12 for right in rights) >= 5

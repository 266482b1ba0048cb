"""A form as xlsx reads back as what was put in, holds no formula, and guides who fills it in."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import flow, read, version
from pipeline.errors import DataError
from pipeline.extract import extract
from pipeline.render import xlsx
from pipeline.settings import DEFAULT_EDITION
from tests import strategies
from tests.strategies import ANNEXES
from tests.test_render_docx import HOSTILE, with_text

NUMBERS = tuple(ANNEXES)
PLANS = {number: flow.plan_of(DEFAULT_EDITION, number) for number in NUMBERS}
LAW = settings(
    max_examples=strategies.examples(25), deadline=None, suppress_health_check=list(HealthCheck)
)


def rendered(number: str, **data: Any) -> bytes:
    annex = ANNEXES[number]
    return xlsx.render(annex, annex.complete(data))


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def read_back(path: Path) -> list[tuple[str, dict[str, Any]]]:
    found = [record for document in read.read(path) for record in extract(document, PLANS)]
    return [(record.annex.number, record.data) for record in found]


# ---------------------------------------------------------------- the law


@pytest.mark.parametrize("number", NUMBERS)
def test_reading_gives_back_what_was_rendered(number: str, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"

    @LAW
    @given(strategies.data(number))
    def law(data: dict[str, Any]) -> None:
        path.write_bytes(xlsx.render(ANNEXES[number], data))
        assert read_back(path) == [(number, data)]

    law()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_blank_sheet_is_read_as_a_blank_form_and_nothing_is_missed(
    number: str, tmp_path: Path
) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(rendered(number))
    (reading,) = flow.read_paths([path])
    assert [finding.code for finding in reading.findings] == ["blank-form"]
    assert reading.data == ANNEXES[number].empty()


@pytest.mark.parametrize("number", NUMBERS)
def test_hostile_text_arrives_whole(number: str, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    for text in HOSTILE:
        data = with_text(number, text)
        path.write_bytes(xlsx.render(ANNEXES[number], data))
        assert read_back(path) == [(number, data)], text


def test_all_annexes_in_one_workbook_read_back(tmp_path: Path) -> None:
    path = tmp_path / "forms.xlsx"

    @settings(LAW, max_examples=strategies.examples(5))
    @given(st.tuples(*map(strategies.data, NUMBERS)))
    def law(data: tuple[dict[str, Any], ...]) -> None:
        pairs = list(zip(NUMBERS, data, strict=True))
        path.write_bytes(xlsx.render_workbook([(ANNEXES[number], one) for number, one in pairs]))
        assert opened(path.read_bytes()).sheetnames == [f"附件{number}" for number in NUMBERS]
        assert read_back(path) == pairs

    law()


@pytest.mark.parametrize("key", ["enterprise", "industry", "contact", "contact_phone"])
def test_a_client_of_nothing_but_a_label_of_the_form_is_no_row_of_heads(
    key: str, tmp_path: Path
) -> None:
    path = tmp_path / "form.xlsx"
    annex = ANNEXES["4"]
    data = annex.complete(
        {"clients": [{key: "联系电话"}, {"industry": "联系电话", key: "联系电话"}]}
    )
    path.write_bytes(xlsx.render(annex, data))
    assert read_back(path) == [("4", data)]


@pytest.mark.slow
def test_reading_gives_it_back_after_an_office_program_saved_it(tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not here")
    expected = {
        f"{number}-{count}.xlsx": (number, data)
        for number in NUMBERS
        for count, data in enumerate(some_data(number, 12))
    }
    for name, (number, data) in expected.items():
        (tmp_path / name).write_bytes(xlsx.render(ANNEXES[number], data))
    saved = tmp_path / "saved"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(saved)]
    files = [str(tmp_path / name) for name in expected]
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=600)
    for name, pair in expected.items():
        assert read_back(saved / name) == [pair], name


def some_data(number: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @settings(LAW, max_examples=count, database=None)
    @given(strategies.data(number))
    def collect(data: dict[str, Any]) -> None:
        found.append(data)

    collect()
    return found


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    content = rendered(
        "3", organisation="甲", staff=[{**dict.fromkeys(staff_keys()), "name": text}]
    )
    sheet = opened(content)["附件3"]
    cell = next(c for row in sheet for c in row if c.value == text)
    assert (cell.data_type, cell.quotePrefix, cell.number_format) == ("s", True, "@")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert not re.search(rb"<f[ >/]", package.read("xl/worksheets/sheet1.xml"))


def staff_keys() -> list[str]:
    return list(ANNEXES["3"].tables["staff"]["properties"])


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1200, "n"),
        (0, "n"),
        (12.5, "n"),
        (0.1, "n"),
        (999999999.99, "n"),
        (0.1 + 0.2, "s"),
        (1e-12, "s"),
    ],
)
def test_numbers_are_numbers_where_a_spreadsheet_keeps_them(value: float, kind: str) -> None:
    sheet = opened(rendered("1", total_assets=value))["附件1"]
    cell = below_label(sheet, "总资产")
    assert cell.data_type == kind
    assert float(cell.value) == value


def below_label(sheet: Any, label: str) -> Any:
    """The cell right of a label."""
    cells = [cell for row in sheet for cell in row]
    at = next(c for c in cells if isinstance(c.value, str) and c.value.startswith(label))
    area = next((m for m in sheet.merged_cells.ranges if at.coordinate in m), None)
    return sheet.cell(at.row, (area.max_col if area else at.column) + 1)


def test_codes_and_phones_are_text() -> None:
    sheet = opened(rendered("1", uscc="91430100MA4L16JJ8X", contact_phone="13800000000"))["附件1"]
    uscc = below_label(sheet, "统一社会")
    assert (uscc.value, uscc.number_format) == ("91430100MA4L16JJ8X", "@")
    assert "13800000000" in [cell.value for row in sheet for cell in row]


@pytest.mark.parametrize(
    "text", ["_x000D_", "a_x0041__x0042_", "\u200f甲", "😀", " 甲\n 乙", "]]>&<"]
)
def test_strange_text_survives(text: str, tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(rendered("1", profile=f"甲{text}乙"))
    assert opened(path.read_bytes())
    [(_, data)] = read_back(path)
    assert data["profile"].replace("\n ", "\n") == f"甲{text}乙".replace("\n ", "\n")


def test_a_text_longer_than_a_cell_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="“机构简介”有 32768 个字符"):
        rendered("1", profile="甲" * 32_768)


def test_printed_words_are_those_of_the_docx_with_its_boxes() -> None:
    sheet = opened(
        rendered("1", institution_type="民非组织", premises=["自有"], equipment_count=147)
    )["附件1"]
    texts = {str(cell.value) for row in sheet for cell in row if cell.value is not None}
    assert "事业单位□  民非组织☑\n社会团体□  私人企业□\n国有企业□  其他企业□" in texts
    assert any("仪器设备：147台（套），" in text for text in texts)
    assert any("租用□ 自有☑" in text for text in texts)


# ---------------------------------------------------------------- the sheet as a form


def test_labels_are_locked_and_holes_open() -> None:
    sheet = opened(rendered("1", name="某中心"))["附件1"]
    assert sheet.protection.sheet and sheet.protection.password is None
    label = next(c for row in sheet for c in row if c.value == "机构名称")
    hole = next(c for row in sheet for c in row if c.value == "某中心")
    assert label.protection.locked and not hole.protection.locked


def test_every_hole_of_a_list_has_its_rule() -> None:
    sheet = opened(rendered("4"))["附件4"]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    ticks = [rule for rule in rules.values() if rule.formula1 == '"√"']
    assert [str(rule.sqref) for rule in ticks] == ["F7:F13", "G7:G13"]
    fee = next(rule for rule in rules.values() if rule.promptTitle == "合同服务金额")
    assert (fee.type, fee.formula1) == ("decimal", "0") and "万元" in fee.prompt


def test_choices_offer_their_words() -> None:
    rules = opened(rendered("1"))["附件1"].data_validations.dataValidation
    choice = next(rule for rule in rules if rule.promptTitle == "机构性质")
    assert choice.formula1 == '"事业单位,民非组织,社会团体,私人企业,国有企业,其他企业"'
    assert not choice.showErrorMessage, "a box ticked by hand must be let through"


def test_a_word_chosen_from_the_list_reads_as_the_choice(tmp_path: Path) -> None:
    book = opened(rendered("1"))
    sheet = book["附件1"]
    cell = next(c for row in sheet for c in row if str(c.value).startswith("事业单位□"))
    cell.value = "私人企业"
    book.save(tmp_path / "form.xlsx")
    [(_, data)] = read_back(tmp_path / "form.xlsx")
    assert data["institution_type"] == "私人企业"


@pytest.mark.parametrize(
    ("number", "heads", "landscape"),
    [("3", "$4:$4", False), ("4", "$4:$6", True), ("6", "$4:$4", False)],
)
def test_heads_stand_still_and_are_printed_again(number: str, heads: str, landscape: bool) -> None:
    sheet = opened(rendered(number))[f"附件{number}"]
    assert sheet.print_title_rows == heads
    assert sheet.freeze_panes == f"A{int(heads.rsplit('$', 1)[1]) + 1}"
    assert sheet.page_setup.orientation == ("landscape" if landscape else "portrait")
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)


@pytest.mark.parametrize(("number", "least"), [("3", 17), ("4", 7), ("6", 15)])
def test_a_blank_list_has_the_rows_of_the_printed_form(number: str, least: int) -> None:
    sheet = opened(rendered(number))[f"附件{number}"]
    first = int(re.sub(r"\D", "", sheet.freeze_panes))
    ruled = [row for row in range(first, sheet.max_row + 1) if sheet.cell(row, 2).border.left.style]
    assert len(ruled) == least


def test_rows_grow_with_their_text() -> None:
    def height(name: str) -> float:
        sheet = opened(
            rendered(
                "6",
                nominees=[
                    {
                        **dict.fromkeys(("no", "contact", "contact_phone", "main_service")),
                        "name": name,
                    }
                ],
            )
        )["附件6"]
        return float(sheet.row_dimensions[5].height)

    assert height("甲" * 8) == 32
    assert height("甲" * 60) > 60


def test_a_long_text_takes_several_rows_as_none_is_higher_than_a_spreadsheet_has() -> None:
    sheet = opened(rendered("1", profile="很长的介绍。" * 400))["附件1"]
    heights = [dimension.height for dimension in sheet.row_dimensions.values()]
    assert max(heights) <= 409
    cell = next(c for row in sheet for c in row if str(c.value).startswith("很长"))
    area = next(m for m in sheet.merged_cells.ranges if cell.coordinate in m)
    assert area.max_row > area.min_row


@pytest.mark.parametrize("number", NUMBERS)
def test_no_two_merged_areas_overlap_and_every_part_is_well_formed(number: str) -> None:
    content = rendered(number)
    taken: set[tuple[int, int]] = set()
    for area in opened(content)[f"附件{number}"].merged_cells.ranges:
        cells = {
            (r, c)
            for r in range(area.min_row, area.max_row + 1)
            for c in range(area.min_col, area.max_col + 1)
        }
        assert not cells & taken
        taken |= cells


def test_the_code_of_the_values_stands_in_the_footer() -> None:
    annex, values = ANNEXES["3"], {"organisation": "甲", "filled_on": "2026-01-01"}
    footer = opened(rendered("3", **values))["附件3"].oddFooter
    printed = "".join(part.text or "" for part in (footer.left, footer.center, footer.right))
    assert version.printed_code(printed) == version.version_code(annex, annex.complete(values))


def test_the_same_data_gives_the_same_bytes() -> None:
    first = rendered("4", organisation="甲")
    rendered("1")
    assert rendered("4", organisation="甲") == first

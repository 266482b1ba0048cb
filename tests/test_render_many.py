"""Many applicants in one run: the list as a workbook, a folder for each, faults named by row."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx as python_docx
import openpyxl
import pypdf
import pytest

from pipeline import flow
from pipeline.annex import catalogue
from pipeline.errors import DataError, UsageError
from pipeline.render import applicants
from pipeline.render.spool import Spool

Json = Any
CATALOGUE = catalogue()
USCC = ["91430100MA00000003", "91430100MA00000016", "91430100MA00000029"]


def blank_list() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(applicants.blank(CATALOGUE)))


def fill(page: Any, **cells: Json) -> None:
    """Adds a row: head (without its unit) → value."""
    heads = [str(cell.value).split("（")[0] for cell in page[1]]
    page.append([cells.get(head) for head in heads])
    assert cells.keys() <= set(heads)


def saved(book: openpyxl.Workbook, folder: Path) -> Path:
    path = folder / "名单.xlsx"
    book.save(path)
    return path


def two_applicants(folder: Path) -> Path:
    book = blank_list()
    main, report, staff, clients = book.worksheets
    for number in (0, 1):
        fill(
            main, 机构名称=f"湖南甲{number}服务有限公司", 统一社会信用代码=USCC[number],
            填报日期="2024年9月1日", 企业联系人="张三", 企业联系人联系电话=13800000000,
            职工人数=12, 总资产=1200.5, 场地性质="租用、自有", 主要服务项目="技术创新",
            近两年经营情况1·年度=2022, 近两年经营情况1·服务利润=-3.5,
        )  # fmt: skip
    fill(report, 机构名称="湖南甲1服务有限公司", 管理运营情况="一\n二")
    fill(staff, 统一社会信用代码=USCC[1], 序号=1, 姓名="李四", 年龄=30, 社保证明="有")
    fill(staff, 统一社会信用代码=USCC[0], 序号=1, 姓名="王五", 社保证明="无")
    fill(staff, 统一社会信用代码=USCC[1], 序号=2, 姓名="赵六")
    fill(clients, 机构名称="湖南甲0服务有限公司", 服务企业名称="乙公司", 机构自身提供服务="√")
    return saved(book, folder)


def read_all(folder: Path) -> dict[str, Json]:
    readings = flow.read_paths(sorted(folder.glob("*.docx")))
    return {str(reading.annex): reading.data for reading in readings}


def test_a_list_fills_a_folder_for_each_applicant(tmp_path: Path) -> None:
    out = tmp_path / "out"
    paths = list(flow.render_forms(["all"], "docx", out, data=two_applicants(tmp_path)))
    assert len(paths) == 12
    folders = sorted(out.iterdir())
    assert [folder.name for folder in folders] == [f"甲{i}服务_{USCC[i]}" for i in (0, 1)]
    first, second = map(read_all, folders)

    assert first["1"]["applicant"] == first["1"]["name"] == "湖南甲0服务有限公司"
    assert first["1"]["filled_on"] == "2024-09-01"
    assert first["1"]["total_assets"] == 1200.5
    assert first["1"]["premises"] == ["租用", "自有"]
    assert first["1"]["operations"][0]["service_profit"] == -3.5
    assert first["1"]["contact_phone"] == "13800000000"
    assert first["4"]["clients"][0]["by_self"] is True
    assert [row["name"] for row in first["3"]["staff"]] == ["王五"]
    assert [row["insured"] for row in second["3"]["staff"]] == [True, None]
    assert second["2"]["organisation"] == "湖南甲1服务有限公司"
    assert second["2"]["management"] == "一\n二"
    assert second["5"]["applicant"] == "湖南甲1服务有限公司"
    assert second["6"]["organisation"] is None
    assert second["6"]["nominees"][0]["main_service"] == "技术创新"


def test_the_blank_list_is_rendered_by_a_command_and_holds_nobody(tmp_path: Path) -> None:
    path = flow.render_list(tmp_path)
    assert openpyxl.load_workbook(path).sheetnames == [
        "申请机构", "附件2 申请报告", "附件3 服务人员", "附件4 服务对象",
    ]  # fmt: skip
    with pytest.raises(DataError, match="没有任何机构"):
        list(flow.render_forms(["1"], "docx", tmp_path / "out", data=path))
    with pytest.raises(UsageError):
        flow.render_list(tmp_path)


@pytest.mark.parametrize(
    ("head", "cell", "says"),
    [
        ("职工人数", "约12人", "第2行“职工人数”"),
        ("填报日期", "2024年2月30日", "日历上没有这一天"),
        ("主要服务项目", "种地", "第2行“主要服务项目”"),
        ("场地性质", "借用", "不在可选之列"),
        ("统一社会信用代码", "1.23E+17", "科学计数"),
    ],
)
def test_a_cell_that_is_not_understood_is_named(
    head: str, cell: str, says: str, tmp_path: Path
) -> None:
    book = blank_list()
    fill(book.worksheets[0], **{"机构名称": "甲", head: cell})
    with pytest.raises(DataError) as caught:
        list(flow.render_forms(["1"], "docx", tmp_path / "out", data=saved(book, tmp_path)))
    assert says in str(caught.value) and "工作表“申请机构”第2行" in str(caught.value)


def test_an_unknown_column_and_an_unknown_applicant_are_named(tmp_path: Path) -> None:
    book = blank_list()
    book.worksheets[0].cell(1, 60, "身高")
    with pytest.raises(DataError, match="身高"):
        list(flow.render_forms(["1"], "docx", tmp_path, data=saved(book, tmp_path)))
    book = blank_list()
    fill(book.worksheets[2], 机构名称="没有的机构", 姓名="甲")
    with pytest.raises(DataError, match="附件3 服务人员”第2行写的机构“没有的机构”"):
        list(flow.render_forms(["3"], "docx", tmp_path, data=saved(book, tmp_path)))


def test_one_unfit_applicant_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    data = tmp_path / "many.jsonl"
    lines = [{"name": f"机构{i}"} for i in range(20)]
    lines[7]["uscc"] = "短"
    lines[11]["email"] = "a\x01@b"
    data.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        list(flow.render_forms(["1"], "docx", out, data=data))
    assert "第8行" in str(caught.value) and "第12行" in str(caught.value)
    assert "统一社会信用代码" in str(caught.value)
    assert not out.exists()


def test_helpers_and_one_process_write_the_same(tmp_path: Path) -> None:
    data = tmp_path / "many.jsonl"
    lines = [
        {"annexes": {"1": {"name": f"机构{i}"}, "3": {"organisation": f"机构{i}"}}}
        for i in range(8)
    ]
    data.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    seen: list[tuple[str, int, int]] = []
    alone = list(flow.render_forms(["1", "3"], "docx", tmp_path / "a", data=data, processes=1))
    helped = list(
        flow.render_forms(
            ["1", "3"], "docx", tmp_path / "b", data=data, processes=2,
            progress=lambda *step: seen.append(step),
        )
    )  # fmt: skip
    assert len(alone) == len(helped) == 16
    for one, other in zip(alone, helped, strict=True):
        assert one.relative_to(tmp_path / "a") == other.relative_to(tmp_path / "b")
        assert one.read_bytes() == other.read_bytes()
    assert seen[-1] == ("生成", 8, 8)


def test_nothing_existing_is_overwritten_without_force(tmp_path: Path) -> None:
    (path,) = flow.render_forms(["1"], "docx", tmp_path)
    path.write_bytes(b"mine")
    with pytest.raises(UsageError, match="没有覆盖"):
        list(flow.render_forms(["all"], "docx", tmp_path))
    assert path.read_bytes() == b"mine"
    assert len(list(tmp_path.iterdir())) == 1
    list(flow.render_forms(["1"], "docx", tmp_path, force=True))
    assert path.read_bytes() != b"mine"


def test_applicants_of_one_name_get_a_number(tmp_path: Path) -> None:
    data = tmp_path / "many.jsonl"
    lines = [{"name": "甲A"}, {"name": "甲a"}, {"name": "../../甲"}, {}]
    data.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    names = [path.name for path in flow.render_forms(["1"], "docx", tmp_path / "o", data=data)]
    assert names == [
        "附件1_申请表_甲A.docx", "附件1_申请表_甲a_2.docx", "附件1_申请表_甲.docx", "附件1_申请表.docx",
    ]  # fmt: skip


def test_a_spool_gives_back_what_was_laid_aside() -> None:
    with Spool(3) as spool:
        for number in range(7):
            spool.add({"n": number, "text": "一\n二"})
        spool.flush()
        assert [stretch.count for stretch in spool.stretches] == [3, 3, 1]
        back = [line["n"] for stretch in spool.stretches for line in stretch.lines()]
        assert back == list(range(7))
        folder = spool.stretches[0].path.parent
    assert not folder.exists()


#: Format → how many rows a form of annex 3 has for people.
ROWS_OF: dict[str, Callable[[Path], int]] = {
    "docx": lambda path: len(python_docx.Document(str(path)).tables[0].rows) - 1,
    "xlsx": lambda path: openpyxl.load_workbook(path).worksheets[0].max_row - 4,
    "pdf": lambda path: sum(
        bool(re.fullmatch("/staff/[0-9]+/name", name))
        for name in pypdf.PdfReader(path).get_fields() or ()
    ),
}


@pytest.mark.parametrize("file_format", ["docx", "xlsx", "pdf"])
def test_tables_get_as_many_rows_as_asked_for_and_the_code_does_not_change(
    file_format: str, tmp_path: Path
) -> None:
    data = tmp_path / "staff.json"
    staff = [{"no": n, "name": f"张{n}", "age": 30} for n in (1, 2)]
    data.write_text(json.dumps({"organisation": "甲", "staff": staff}), encoding="utf-8")
    (path,) = flow.render_forms(["3"], file_format, tmp_path, data=data, rows=60)
    assert ROWS_OF[file_format](path) == 60
    (reading,) = flow.read_paths([path])
    assert [entry["name"] for entry in reading.data["staff"]] == ["张1", "张2"]
    assert reading.version is not None and reading.version["matches"]


def test_an_applicant_s_forms_stand_together_in_one_workbook(tmp_path: Path) -> None:
    data = tmp_path / "many.jsonl"
    lines = [
        {"annexes": {"1": {"name": f"机构{i}"}, "3": {"organisation": f"机构{i}"}}} for i in (1, 2)
    ]
    data.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    paths = list(flow.render_forms(["1", "3"], "xlsx", tmp_path / "o", data=data, together=True))
    assert [path.name for path in paths] == ["附件1、3_机构1.xlsx", "附件1、3_机构2.xlsx"]
    assert openpyxl.load_workbook(paths[1]).sheetnames == ["附件1", "附件3"]
    readings = flow.read_paths([paths[1]])
    assert [(r.annex, r.data.get("name") or r.data["organisation"]) for r in readings] == [
        ("1", "机构2"), ("3", "机构2"),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="xlsx"):
        list(flow.render_forms(["1", "3"], "docx", tmp_path / "o", together=True))

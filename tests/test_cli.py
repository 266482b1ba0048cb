"""The commands as people meet them: Chinese words, exit codes, no traceback, nothing loaded early."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest
from command import run

from pipeline.cli import main

SAMPLES = Path(__file__).parent / "samples"


def is_chinese(text: str) -> bool:
    return any("一" <= ch <= "鿿" for ch in text)


def test_help_is_chinese_and_in_the_order_of_the_work() -> None:
    text = run("--help").stdout
    assert "用法：" in text and "选项" in text and "Usage" not in text and "Options" not in text
    places = [text.index(f"\n  {command} ") for command in ("render", "read", "intake", "announce")]
    assert places == sorted(places)


@pytest.mark.parametrize("command", ["render", "read", "intake", "announce"])
def test_each_command_has_chinese_help(command: str) -> None:
    text = run(command, "--help").stdout
    assert is_chinese(text) and "Show this" not in text


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from pipeline.cli import pipeline; pipeline(['--help'], standalone_mode=False);"
        "print([m for m in ('docx', 'docxtpl', 'openpyxl', 'pdfplumber', 'pypdfium2', 'reportlab',"
        " 'jsonschema', 'lxml', 'rapidfuzz', 'yaml', 'rich', 'jinja2') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "[]"


def test_read_loads_no_typesetting_and_announce_no_readers(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import pipeline.cli, pipeline.child;"
        "from pipeline import flow;"
        f"print(flow.read_file(Path({str(SAMPLES / '附件6-推荐汇总表.xlsx')!r})));"
        "print([m for m in ('reportlab', 'docxtpl', 'pdfplumber') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "[]"


def test_the_command_ends_with_its_exit_code(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "read", str(tmp_path / "没有.docx")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3 and json.loads(done.stdout)["annex"] is None
    assert "打不开" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["raed"], "没有命令“raed”"),
        (["read"], "缺少参数"),
        (["read", "--colour"], "没有选项"),
        (["render", "9"], "没有附件“9”"),
        (["render", "1", "--format", "odt"], "取值不对"),
        (["render", "1", "--data", "no.json"], "打不开"),
        (["announce", "notice"], "缺少选项"),
    ],
)
def test_wrong_usage_is_exit_2_with_a_chinese_message(
    arguments: list[str], says: str, tmp_path: Path
) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_fault_of_the_program_itself_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("张三 13800000000")

    monkeypatch.setattr("pipeline.flow.read_apart", fails)
    with pytest.raises(SystemExit) as ended:
        main(["read", str(SAMPLES / "附件6-推荐汇总表.xlsx")])
    told = capsys.readouterr().err
    assert ended.value.code == 70
    assert "ZeroDivisionError" in told and "Traceback" not in told and "张三" not in told


# ---------------------------------------------------------------- what cannot be read


def unreadable(folder: Path) -> dict[str, Path]:
    """One file of each kind that cannot be read or is no annex."""
    made = {
        name: folder / name
        for name in (
            "空.docx",
            "坏.docx",
            "无关.docx",
            "空包.zip",
            "加密.pdf",
            "乱码.bin",
            "坏.xlsx",
        )
    }
    made["空.docx"].write_bytes(b"")
    made["坏.docx"].write_bytes((SAMPLES / "附件1-申请表.docx").read_bytes()[:3000])
    made["坏.xlsx"].write_bytes(b"PK\x03\x04" + b"\x00" * 400)
    made["乱码.bin"].write_bytes(bytes(range(256)) * 10)
    document = docx.Document()
    document.add_paragraph("关于召开春季运动会的通知")
    document.save(str(made["无关.docx"]))
    with zipfile.ZipFile(made["空包.zip"], "w"):
        pass
    writer = pypdf.PdfWriter()
    writer.add_blank_page(595, 842)
    writer.encrypt("秘密")
    writer.write(made["加密.pdf"])
    return made


@pytest.mark.parametrize(
    "name", ["空.docx", "坏.docx", "无关.docx", "空包.zip", "加密.pdf", "乱码.bin", "坏.xlsx"]
)
def test_what_cannot_be_read_still_gets_its_line(name: str, tmp_path: Path) -> None:
    done = run("read", unreadable(tmp_path)[name])
    assert done.returncode == 3
    (line,) = done.stdout.splitlines()
    printed = json.loads(line)
    assert printed["annex"] is None
    assert is_chinese(printed["issues"][-1]["message"])
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_a_line_too(tmp_path: Path) -> None:
    done = run("read", tmp_path / "没有.docx")
    assert done.returncode == 3
    assert "打不开" in json.loads(done.stdout)["issues"][0]["message"]


def test_an_encrypted_pdf_asks_for_a_copy_without_password(tmp_path: Path) -> None:
    done = run("read", unreadable(tmp_path)["加密.pdf"])
    assert json.loads(done.stdout)["issues"][0]["code"] == "password-protected"


def test_an_unrelated_file_beside_a_good_one_is_exit_1(tmp_path: Path) -> None:
    unrelated = unreadable(tmp_path)["无关.docx"]
    done = run("read", SAMPLES / "附件6-推荐汇总表.xlsx", unrelated)
    assert done.returncode == 1
    assert [json.loads(line)["annex"] for line in done.stdout.splitlines()] == ["6", None]


def test_an_archive_gives_a_line_for_each_document(tmp_path: Path) -> None:
    packed = tmp_path / "材料.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("附件1-申请表.docx", "附件3-服务人员.xlsx"):
            archive.write(SAMPLES / name, f"材料/{name}")
    done = run("read", packed)
    assert [json.loads(line)["annex"] for line in done.stdout.splitlines()] == ["1", "3"]
    assert done.returncode == 0


# ---------------------------------------------------------------- forms go out


def test_blank_forms_are_named_and_never_overwritten(tmp_path: Path) -> None:
    first = run("render", "all", "--out", tmp_path)
    names = [Path(line).name for line in first.stdout.splitlines()]
    assert names[0] == "附件1_申请表.docx" and len(names) == 6 and first.returncode == 0
    before = (tmp_path / names[0]).read_bytes()
    again = run("render", "1", "--out", tmp_path)
    assert again.returncode == 2 and "没有覆盖" in again.stderr
    assert run("render", "1", "--out", tmp_path, "--force").returncode == 0
    assert (tmp_path / names[0]).read_bytes() == before, "the same input gives the same bytes"


def test_a_blank_form_reads_as_its_annex_with_nothing_in_it(tmp_path: Path) -> None:
    run("render", "all", "--out", tmp_path)
    done = run("read", *sorted(tmp_path.iterdir()))
    assert done.returncode == 0
    for number, line in enumerate(done.stdout.splitlines(), 1):
        printed = json.loads(line)
        assert printed["annex"] == str(number)
        filled = [
            v
            for k, v in printed["data"].items()
            if v and k not in ("operations", "recommendation", "text_intact")
        ]
        assert filled == []


def test_a_prefilled_form_is_named_after_its_institution(tmp_path: Path) -> None:
    data = json.loads((SAMPLES / "附件1-申请表.docx.json").read_text(encoding="utf-8"))["data"]
    source = tmp_path / "a.json"
    source.write_text(json.dumps(data), encoding="utf-8")
    done = run("render", "1", "--data", source, "--out", tmp_path)
    assert (
        Path(done.stdout.strip()).name
        == "附件1_申请表_宁乡青穗桥企业数字化服务_91430182MA4X2E7B80.docx"
    )
    assert json.loads(run("read", done.stdout.strip()).stdout)["data"] == data


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"naem": "某中心"}, "naem"),
        ({"name": "控制\x07符"}, "机构名称"),
        ({"staff_count": "十三"}, "职工人数"),
        ({"equipment_asset_share": 120}, "占总资产"),
        ({"institution_type": "个体"}, "机构性质"),
        ({"filled_on": "2024-02-30"}, "填报日期"),
        ([1, 2], "JSON 对象"),
    ],
)
def test_data_that_does_not_fit_is_refused_in_the_words_of_the_form(
    data: object, says: str, tmp_path: Path
) -> None:
    source = tmp_path / "a.json"
    source.write_text(json.dumps(data), encoding="utf-8")
    done = run("render", "1", "--data", source, "--out", tmp_path / "out")
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_data_for_several_annexes_names_the_applicant_in_each(tmp_path: Path) -> None:
    applicant = {"annexes": {"1": {"name": "湖南甲中心", "uscc": "91430182MA4X2E7B80"}, "3": {}}}
    source = tmp_path / "a.json"
    source.write_text(json.dumps(applicant), encoding="utf-8")
    done = run("render", "all", "--data", source, "--out", tmp_path)
    names = [Path(line).name for line in done.stdout.splitlines()]
    assert names == [
        "附件1_申请表_甲中心_91430182MA4X2E7B80.docx",
        "附件3_服务人员_甲中心_91430182MA4X2E7B80.docx",
    ]


def test_what_is_no_file_is_refused_at_once() -> None:
    done = run("read", "/dev/zero")
    assert done.returncode == 3 and "不是普通文件" in done.stdout


def test_an_annex_asked_for_by_number_must_have_data(tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    source.write_text(json.dumps({"annexes": {"1": {}, "3": {}}}), encoding="utf-8")
    done = run("render", "2", "3", "--data", source, "--out", tmp_path / "out")
    assert done.returncode == 2 and "附件2" in done.stderr and not (tmp_path / "out").exists()


def test_announce_prints_the_path_of_each_file_it_wrote(tmp_path: Path) -> None:
    source, out = tmp_path / "data.json", tmp_path / "标牌.pdf"
    institution = {
        "name": "长沙市某某服务中心", "uscc": "12430503MJ7QJLF102", "city": "长沙市",
        "main_service": "技术创新", "certificate_no": "湘核心2025-001",
    }  # fmt: skip
    data = {
        "dated": "2025-11-24", "valid_from": "2025-12-01", "valid_to": "2028-11-30",
        "institutions": [institution],
    }  # fmt: skip
    source.write_text(json.dumps(data), encoding="utf-8")
    done = run("announce", "plaque", "--from", source, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(out)] and out.exists()


def test_a_file_that_kills_its_reader_is_a_line_and_the_next_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "被杀.docx").write_bytes(b"x")
    monkeypatch.setattr("pipeline.flow.LINES", "intake_steps:lines_by_name")
    done = run("read", tmp_path / "被杀.docx", SAMPLES / "附件6-推荐汇总表.xlsx")
    first, second = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 3
    assert [issue["code"] for issue in first["issues"]] == ["killed"]
    assert first["source"]["file"] == "被杀.docx" and first["annex"] is None
    assert "请" in done.stderr and second["annex"] == "6"

"""A packet as a whole: what is a form, what is a copy, what is junk, and what is said of each."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest
from applications import documents
from command import run
from intake_steps import zip_by_hand

from pipeline import flow
from pipeline.check import copies
from pipeline.check.packet import assess, copy_of, materials, named_copy
from pipeline.document import Document, Source
from pipeline.errors import MissingToolError
from pipeline.findings import Finding
from pipeline.reading import ReturnedFile, ReturnedPacket, exit_code
from pipeline.settings import DEFAULT_EDITION

SAMPLES = Path(__file__).parent / "samples"
ARCHIVES = Path(__file__).parent / "archives"
FORM, LIST = "附件1-申请表.docx", "附件6-推荐汇总表.xlsx"


def text(path: Path, *lines: str) -> Path:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))
    return path


def lines(path: Path) -> dict[str, dict[str, Any]]:
    """What is said of each file of a packet, by its name."""
    return {line["source"]["file"]: line for line in flow.read_file(path)}


def codes(line: dict[str, Any]) -> dict[str, str]:
    return {issue["code"]: issue["severity"] for issue in line["issues"]}


# ---------------------------------------------------------------- by name


@pytest.mark.parametrize(
    ("name", "material"),
    [
        ("营业执照.jpg", "R8.3-licence"),
        ("7.法人登记证书副本.pdf", "R8.3-licence"),
        ("房屋租赁合同（2024）.pdf", "R8.3-premises"),
        ("不动产权证书.png", "R8.3-premises"),
        ("2023年度审计报告.pdf", "R8.3-audit"),
        ("张三职称证书.jpg", "R8.3-certificates"),
        ("材料/营业执照/1.jpg", "R8.3-licence"),
        ("信用报告.pdf", "R8.5"),
        ("IMG_2024.jpg", None),
        ("三证合一.jpg", "R8.3-licence"),
        ("租房合同.pdf", "R8.3-premises"),
        ("2024年财务会计报告.pdf", "R8.3-audit"),
        ("资产负债表.xlsx", "R8.3-audit"),
        ("高新技术企业证书.pdf", "R8.3-qualification"),
        ("人员资格证书汇总.pdf", "R8.3-certificates"),
        ("毕业证.jpg", "R8.3-certificates"),
        ("服务协议.pdf", "R8.4-cases"),
        ("社保缴费清单.pdf", "R8.5"),
        ("荣誉证书.pdf", "R8.5"),
        ("市发改委批复.pdf", "R8.5"),
        ("法人身份证.jpg", "R8.5"),
        ("湖南某某财务会计咨询有限公司申请表.pdf", None),
        ("服务人员情况（含社保证明、职称证书）.xlsx", None),
        ("申请表.jpg", None),
        ("真实性声明（证明材料）.pdf", None),
    ],
)
def test_a_copy_is_known_by_its_name(name: str, material: str | None) -> None:
    found = copy_of(name)
    assert (found.id if found else None) == material


def test_its_own_name_counts_before_its_folder() -> None:
    found = copy_of("营业执照等证明/审计报告.pdf")
    assert found is not None and found.id == "R8.3-audit"


@pytest.mark.parametrize(
    ("page", "material"),
    [
        ("营 业 执 照\n（副本）\n统一社会信用代码 91430100MA4L16JJ8X", "R8.3-licence"),
        ("房屋租赁合同\n出租方（甲方）：某公司\n承租方（乙方）：某中心", "R8.3-premises"),
        ("湘（2020）长沙市不动产权第0001号\n权利人 某公司", "R8.3-premises"),
        ("审 计 报 告\n天职审字〔2024〕1号\n湖南某会计师事务所", "R8.3-audit"),
        ("资产负债表\n流动资产 所有者权益", "R8.3-audit"),
        ("湖南省专业技术资格证书\n姓名 李四", "R8.3-certificates"),
        ("企业信用报告（自主查询版）", "R8.5"),
        ("社保缴费清单\n单位名称 缴费基数", "R8.5"),
        ("荣誉证书\n授予", "R8.5"),
        ("居民身份证\n公民身份号码", "R8.5"),
        ("写字楼租赁合同\n出租人 承租人", "R8.3-premises"),
        ("普通高等学校毕业证书", "R8.3-certificates"),
        ("技术服务合同\n委托方（甲方）", "R8.4-cases"),
        ("关于召开春季运动会的通知", None),
        ("我们有营业执照", None),
    ],
)
def test_a_copy_is_known_by_its_first_page(page: str, material: str | None) -> None:
    found = copy_of("扫描件001.pdf", page)
    assert (found.id if found else None) == material


@pytest.mark.parametrize(
    ("name", "sure"),
    [
        ("材料/2024年度审计报告.pdf", True),
        ("审计报告等材料.pdf", False),
        ("证明.pdf", False),
        ("附件5及营业执照.pdf", False),
        ("申请表.pdf", False),
    ],
)
def test_a_name_alone_is_enough_only_beyond_doubt(name: str, sure: bool) -> None:
    assert (named_copy(name) is not None) is sure


def test_of_a_scan_named_a_copy_the_first_pages_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int | None] = []

    def read(path: Path, name: str, scans: int | None = None) -> list[Document]:
        seen.append(scans)
        left = Finding("error", "scan", "", "第3—80页是扫描件或图片。")
        return [Document(Source(name, "0" * 64, "pdf"), (), findings=(left,) if scans else ())]

    flow.plans()  # read as templates, before
    monkeypatch.setattr(flow.read, "read", read)
    (line,) = flow.process_file(str(SAMPLES / FORM), "审计报告.pdf")
    assert codes(line) == {"scan": "info", "material": "info"} and seen == [2]
    file = ReturnedFile("审计报告.pdf", "0" * 64, 10, (line,))
    notes = assess(ReturnedPacket("某中心", "0" * 64, "2026-11-23", (file,))).notes
    assert any("第3—80页" in note and "按文件名计入" in note for note in notes)


def test_of_a_scan_named_a_copy_that_begins_with_a_form_all_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    form, seen = flow.read.read(SAMPLES / FORM)[0], list[int | None]()

    def read(path: Path, name: str, scans: int | None = None) -> list[Document]:
        seen.append(scans)
        left = Finding("error", "scan", "", "第3—80页是扫描件或图片。")
        return [replace(form, findings=(left,) if scans else ())]

    flow.plans()  # read as templates, before
    monkeypatch.setattr(flow.read, "read", read)
    (line,) = flow.process_file(str(SAMPLES / FORM), "审计报告.pdf")
    assert line["annex"] == "1" and seen == [2, None] and "scan" not in codes(line)


def test_a_copy_with_the_number_of_an_annex_is_one_and_it_is_said(packet: Path) -> None:
    text(packet / "附件4 典型案例.docx", "某企业数字化改造案例")
    line = lines(packet)["附件4 典型案例.docx"]
    assert line["material"] == "R8.4-cases"
    assert codes(line) == {"material-numbered": "info", "material": "info"}


def test_words_and_names_stand_in_the_list_of_materials() -> None:
    copies = [material for material in materials(DEFAULT_EDITION) if material.is_copy]
    assert all(material.names and material.words for material in copies)


# ---------------------------------------------------------------- in a packet


@pytest.fixture
def packet(tmp_path: Path) -> Path:
    """A folder as people send it."""
    folder = tmp_path / "某中心"
    folder.mkdir()
    shutil.copy(SAMPLES / FORM, folder)
    text(folder / "房屋租赁合同.docx", "出租方 承租方")
    text(folder / "文档1.docx", "审计报告", "湖南某会计师事务所", "资产总计")
    text(folder / "通知.docx", "关于召开春季运动会的通知")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "~$申请表.docx").write_bytes(b"x")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._申请表.docx").write_bytes(b"x")
    return folder


def test_copies_are_listed_and_no_error_and_junk_is_not_there(packet: Path) -> None:
    said = lines(packet)
    assert set(said) == {FORM, "房屋租赁合同.docx", "文档1.docx", "通知.docx"}
    assert said[FORM]["annex"] == "1" and "material" not in said[FORM]
    assert said["房屋租赁合同.docx"]["material"] == "R8.3-premises"
    assert said["文档1.docx"]["material"] == "R8.3-audit"
    assert codes(said["文档1.docx"]) == {"material": "info"}
    assert said["文档1.docx"]["issues"][0]["article"] == "第八条（三）"
    assert codes(said["通知.docx"]) == {"unrecognised": "warning"}
    assert run("read", packet).returncode == 0


def test_alone_an_unrelated_file_and_a_copy_are_nothing_read(packet: Path) -> None:
    assert codes(lines(packet / "通知.docx")["通知.docx"]) == {"unrecognised": "error"}
    for alone in ("通知.docx", "房屋租赁合同.docx"):
        assert exit_code(flow.read_paths([packet / alone])) == 3
    assert exit_code(flow.read_paths([packet / FORM, packet / "房屋租赁合同.docx"])) == 0
    assert exit_code(flow.read_paths([packet / FORM, packet / "通知.docx"])) == 1


def test_a_photo_that_cannot_be_read_is_there_by_its_name(
    packet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(path: Path, name: str | None = None, scans: int | None = None) -> None:
        raise MissingToolError("没有识别组件。", remedy="请安装。")

    (packet / "营业执照.jpg").write_bytes(b"\xff\xd8\xff\xe0 photo")
    (packet / "IMG_1.jpg").write_bytes(b"\xff\xd8\xff\xe0 photo")
    with monkeypatch.context() as patch:
        patch.setattr(flow.read, "read", without)
        named = flow.process_file(str(packet / "营业执照.jpg"), "营业执照.jpg")
        with pytest.raises(MissingToolError):
            flow.process_file(str(packet / "IMG_1.jpg"), "IMG_1.jpg")
    assert codes(named[0]) == {"tool-missing": "info", "material": "info"}
    file = ReturnedFile("营业执照.jpg", "0" * 64, 10, tuple(named))
    assessment = assess(ReturnedPacket("某中心", "0" * 64, "2026-11-23", (file,)))
    states = {verdict.material.id: verdict.state for verdict in assessment.verdicts}
    assert states["R8.3-licence"] == "present"
    assert any("营业执照.jpg" in note and "按文件名" in note for note in assessment.notes)


def test_an_ofd_licence_is_there_and_an_unnamed_one_is_not_read(packet: Path) -> None:
    for name in ("电子营业执照.ofd", "1.ofd"):
        with zipfile.ZipFile(packet / name, "w") as archive:
            archive.writestr("OFD.xml", "<ofd:OFD/>")
    said = lines(packet)
    assert said["电子营业执照.ofd"]["material"] == "R8.3-licence"
    assert codes(said["1.ofd"]) == {"unsupported-format": "error"}


def test_the_intake_counts_what_the_first_page_says(packet: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    packet.rename(inbox / packet.name)
    done = run("intake", "--inbox", inbox, "--outbox", tmp_path / "outbox")
    assert done.returncode == 0
    path = tmp_path / "outbox" / "packets" / "某中心" / "packet.json"
    summary = json.loads(path.read_text("utf-8"))
    states = {verdict["id"]: verdict["state"] for verdict in summary["verdicts"]}
    assert states["R8.3-audit"] == states["R8.3-premises"] == states["R8.1"] == "present"
    assert states["R8.3-licence"] == "missing"
    by_name = {file["name"]: file["material"] for file in summary["files"]}
    assert by_name["文档1.docx"] == "R8.3-audit" and by_name["通知.docx"] is None
    assert any("通知.docx" in note for note in summary["notes"])


# ---------------------------------------------------------------- archives


def test_names_come_out_as_typed_however_they_were_packed(tmp_path: Path) -> None:
    form, staff = (SAMPLES / FORM).read_bytes(), (SAMPLES / LIST).read_bytes()
    path = tmp_path / "包.zip"
    for encoding in ("gbk", "utf-8"):
        names = [f"申报材料/{name}".encode(encoding) for name in (FORM, LIST)]
        path.write_bytes(zip_by_hand(list(zip(names, (form, staff), strict=True))))
        assert set(lines(path)) == {f"申报材料/{FORM}", f"申报材料/{LIST}"}


def test_archives_in_archives_are_opened(tmp_path: Path) -> None:
    inner, outer = tmp_path / "内.zip", tmp_path / "外.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(SAMPLES / LIST, LIST)
        archive.writestr("Thumbs.db", "x")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "证/内.zip")
        archive.write(ARCHIVES / "lzma2.7z", "证/表.7z")
    said = lines(outer)
    assert said[f"证/内.zip/{LIST}"]["annex"] == "6"
    assert {name for name in said if name.startswith("证/表.7z/")} == {
        "证/表.7z/材料/附件1 申请表.txt", "证/表.7z/材料/证/说明.txt", "证/表.7z/材料/空.txt"
    }  # fmt: skip


def test_a_broken_rar_beside_the_forms_says_how_to_repack(packet: Path) -> None:
    (packet / "证明.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(50))
    said = lines(packet)
    assert said[FORM]["annex"] == "1"
    assert codes(said["证明.rar"]) == {"unreadable": "error"}
    assert "重新压缩" in said["证明.rar"]["issues"][0]["message"]


# ---------------------------------------------------------------- the same form more than once


def packet_of(**forms: dict[str, Any]) -> ReturnedPacket:
    """A packet of files, each with one form: `a={"annex": "1", "data": …}`."""
    files = tuple(ReturnedFile(f"{name}.docx", name, 1, (form,)) for name, form in forms.items())
    return ReturnedPacket("某中心", "sha", "2026-09-20T09:00:00+08:00", files)


def form(number: str = "1", changes: dict[str, Any] | None = None) -> dict[str, Any]:
    return documents(changes)[f"annex-{number}.json"]


def test_the_same_form_again_is_noted_and_nothing_is_asked() -> None:
    told = assess(packet_of(甲=form(), 甲副本=form()))
    assert told.questions == ()
    assert "附件1交了2份，内容相同：甲.docx、甲副本.docx。按一份计。" in told.notes


def test_versions_that_contradict_each_other_are_asked_about_with_where_they_differ() -> None:
    other = form(changes={"1/staff_count": 99, "1/profile": "长" * 50, "1/operations/0/year": 2020})
    (question,) = assess(packet_of(初稿=form(), 终版=other)).questions
    assert question.startswith("附件1交了2份，内容不同：初稿.docx、终版.docx。不同之处：")
    assert f"“职工人数”分别为“{form()['data']['staff_count']}”、“99”" in question
    assert "“机构简介" in question and "长长" not in question
    assert "第1个年度的“" in question and "“2020”" in question
    assert question.endswith("请核对以哪一份为准。")
    assert assess(packet_of(初稿=form(), 终版=other)).outcome == "to_correct"


def test_what_one_version_leaves_blank_and_the_other_fills_in_is_no_contradiction() -> None:
    blank = form(changes={"1/filled_on": None, "1/recommendation/opinion": None, "1/email": None})
    blank["issues"] = [{"severity": "warning", "code": "missing", "pointer": "/email"}]
    filled = form(changes={"1/profile": form()["data"]["profile"].replace("，", ",")})
    told = assess(packet_of(电子版=blank, 盖章版=filled))
    assert told.questions == ()
    assert "附件1交了2份，没有互相矛盾之处：电子版.docx、盖章版.docx。按一份计。" in told.notes
    assert told.answered == [{"document": "annex-1.json", "pointer": "/email"}]


def test_what_a_scan_may_have_been_misread_for_is_no_contradiction() -> None:
    scan = form(changes={"1/contact_phone": "13900000000", "1/principal": "张王"})
    scan["provenance"] = {
        "/contact_phone": {"text": "13900000000", "confidence": 0.99},
        "/principal": {"text": "张王", "confidence": 0.7},
    }
    scan["issues"] = [{"severity": "warning", "code": "misread", "pointer": "/contact_phone"}]
    assert assess(packet_of(电子版=form(), 扫描件=scan)).questions == ()
    scan["issues"] = [{"severity": "info", "code": "scan-read", "pointer": ""}]
    (question,) = assess(packet_of(电子版=form(), 扫描件=scan)).questions
    assert "联系电话" in question and "张王" not in question


def test_a_name_that_a_scan_shows_in_part_is_nobody_elses() -> None:
    """A seal over the name: the Word file beside the scan says whose form it is."""
    scan = form(
        changes={
            "1/name": "大祥区\ufffd水\ufffd技术创\ufffd服务中心",
            "1/contact_phone": "13900000000",
        }
    )
    scan["provenance"] = {"/name": {"text": "", "confidence": 0.0}}
    told = assess(packet_of(电子版=form(), 扫描件=scan))
    (question,) = told.questions  # and the telephone contradicts
    assert "联系电话" in question and "单位名称不一致" not in question
    assert told.institution["name"] == form()["data"]["name"]


def test_what_no_applicant_has_sent_is_told_apart_and_nobody_has_to_correct_it() -> None:
    notice = ReturnedPacket(
        "通知", "sha", "2026-09-20T09:00:00+08:00", (ReturnedFile("会议通知.docx", "a", 1),)
    )
    told = assess(notice)
    assert (told.outcome, told.is_application, told.missing) == ("unrecognised", False, [])
    nominees = {
        "annex": "6",
        "data": {"organisation": "岳麓区工信局", "nominees": []},
        "issues": [],
    }
    summary = assess(packet_of(汇总表=nominees))
    assert not summary.is_application and summary.missing == [] and summary.conditions == ()
    assert assess(packet_of(申请表=form())).is_application


def test_copies_of_a_long_list_are_compared_in_time_with_their_length() -> None:
    """As many questions to the provenance as values: looked through once, not for each value."""

    class Counted(dict[str, Any]):
        looked = 0

        def values(self) -> Any:
            Counted.looked += 1
            return super().values()

    def long(rows: int) -> dict[str, Any]:
        staff = [{"no": n, "name": f"王{n}", "age": 40} for n in range(rows)]
        return {
            "data": {"staff": staff},
            "annex": "3",
            "issues": [],
            "provenance": Counted({"/organisation": {}}),
        }

    copies.agreed({"甲": long(50), "乙": long(50)})
    few, Counted.looked = Counted.looked, 0
    copies.agreed({"甲": long(500), "乙": long(500)})
    assert Counted.looked == few


def test_a_row_that_only_one_version_has_is_named_once() -> None:
    longer, shorter = form("3"), form("3")
    last = len(longer["data"]["staff"])
    shorter["data"]["staff"] = shorter["data"]["staff"][:-1]
    (question,) = assess(packet_of(甲=longer, 乙=shorter)).questions
    assert f"不同之处：第{last}行只在其中几份里。" in question


def test_forms_of_two_institutions_are_no_versions_of_each_other() -> None:
    (question,) = assess(packet_of(甲=form(), 乙=form(changes={"1/name": "另一家中心"}))).questions
    assert "单位名称不一致" in question and "分开提交" in question


def test_a_form_and_its_signed_scan_are_judged_as_one() -> None:
    scan = form(changes={"1/name": None})
    scan["provenance"] = {"/uscc": {"confidence": 0.95}}
    told = assess(packet_of(盖章版=scan, 电子版=form()))
    states = {verdict.condition.id: verdict.state for verdict in told.conditions}
    alone = {v.condition.id: v.state for v in assess(packet_of(电子版=form())).conditions}
    assert states == alone and "met" in states.values()

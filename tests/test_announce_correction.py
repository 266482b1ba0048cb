"""The correction notice of a packet: all findings at once, and nothing invented."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from test_announce_documents import searchable

from pipeline.announce import typeset
from pipeline.announce.correction import load_office, notice, notice_data
from pipeline.announce.facts import BLANK
from pipeline.errors import DataError
from pipeline.settings import DEFAULT_EDITION, OFFICE_FILE, Settings

OFFICE = {
    "issuer": "邵阳市工业和信息化局",
    "officer": "王明",
    "phone": "0739-5355001",
    "reply_days": 10,
}


def issue(code: str, severity: str, pointer: str, text: str, **more: str) -> dict[str, str]:
    return {"code": code, "severity": severity, "pointer": pointer, "message": text,
            "article": "", **more}  # fmt: skip


DOCUMENTS: dict[str, dict[str, Any]] = {
    "annex-1.json": {
        "annex": "1",
        "data": {"contact": "王明", "contact_phone": "13900000001"},
        "issues": [
            issue("uscc-checksum", "error", "/uscc",
                  "附件1 “统一社会信用代码”：校验位不符：“1”。请对照营业执照核对。", article="第七条（一）"),
            issue("missing", "warning", "/address", "附件1 “地址”：没有填写。请补填。"),
            issue("phone-format", "warning", "/contact_phone", "附件1 “企业联系人联系电话”：不像电话号码。"),
            issue("ocr-doubt", "warning", "/county", "附件1 “所属区县”：识别得不确定。"),
            issue("word-limit-plain", "info", "/profile", "附件1 “机构简介”：限1000字。"),
        ],
    },
}  # fmt: skip
PACKET: dict[str, Any] = {
    "packet": {"name": "甲", "sha256": "", "received_at": "2026-11-25T17:30:00+00:00"},
    "institution": {"name": "湖南𬱖喆数字科技有限公司", "uscc": None},
    "missing": [
        {"title": "申请报告（附件2）", "article": "第八条（二）", "state": "missing", "files": []},
        {"title": "营业执照复印件", "article": "第八条（三）", "state": "unreadable", "files": ["a.pdf"]},
    ],
    "verdicts": [
        {"title": "独立法人资格", "article": "第七条（一）", "state": "not_met", "reason": "代码不合规则。",
         "proof": "营业执照", "values": [{"document": "annex-1.json", "pointer": "/uscc"}]},
        {"title": "固定服务场地", "article": "第七条（三）", "state": "not_met", "reason": "120平方米，不足150。",
         "proof": "租赁合同", "values": [{"document": "annex-1.json", "pointer": "/floor_area"}]},
        {"title": "平台登记", "article": "第七条（二）", "state": "cannot_tell", "reason": "", "proof": "",
         "values": []},
    ],
    "issues": [
        issue("x", "error", "/name", "附件1 “机构名称”：与附件3不同。", document="annex-1.json", article="第八条")
    ],
}  # fmt: skip
QUESTIONS = ("附件3交了2份：a、b。请核对以哪一份为准。",)


def data(office: dict[str, Any] | None = None) -> dict[str, Any]:
    return notice_data(PACKET, DOCUMENTS, QUESTIONS, office or {}, DEFAULT_EDITION)


def test_every_finding_of_the_round_is_an_item_in_the_words_of_the_form() -> None:
    items = data()["items"]
    assert [item["place"] for item in items] == [
        "申请报告（附件2）", "营业执照复印件", "申报材料", "附件1 “统一社会信用代码”", "附件1 “地址”",
        "附件1 “机构名称”", "固定服务场地", "附件1 “企业联系人联系电话”",
    ]  # fmt: skip
    assert all(item[key] for item in items for key in ("problem", "article", "remedy"))
    assert items[3] == {
        "place": "附件1 “统一社会信用代码”",
        "problem": "校验位不符：“1”。",
        "article": "第七条（一）",
        "remedy": "请对照营业执照核对。",
    }
    assert items[1]["problem"] == "已交的文件打不开或读不出：a.pdf。"
    assert items[2]["remedy"] == "请核对以哪一份为准。"
    assert "120平方米，不足150。" in items[6]["problem"] and "租赁合同" in items[6]["remedy"]


def test_of_a_file_that_cannot_be_read_it_is_said_why() -> None:
    problem = "“a.pdf”压缩包设有密码，打不开。请去掉密码后重新压缩提交。"
    packet = {**PACKET, "files": [{"name": "a.pdf", "problem": problem}]}
    item = notice_data(packet, DOCUMENTS, (), {}, DEFAULT_EDITION)["items"][1]
    assert item["problem"] == "“a.pdf”压缩包设有密码，打不开。"
    assert item["remedy"] == "请去掉密码后重新压缩提交。"


def test_what_is_said_of_many_rows_is_one_item() -> None:
    rows = [3, 1, 2, 3, 5, 9]
    issues = [
        issue(
            "x",
            "warning",
            f"/staff/{n - 1}/age",
            f"附件3 第{n}行“年龄”：不是确数。",
            document="annex-3.json",
        )
        for n in rows
    ]
    packet = {**PACKET, "missing": [], "verdicts": [], "issues": issues}
    documents = {"annex-3.json": {"annex": "3", "issues": [], "data": {}}}
    (item,) = notice_data(packet, documents, (), {}, DEFAULT_EDITION)["items"]
    assert item["place"] == "附件3 第1—3、5、9行“年龄”" and "不是确数" in item["problem"]


def test_a_condition_that_fails_by_a_value_already_told_is_not_told_twice() -> None:
    assert "独立法人资格" not in [item["place"] for item in data()["items"]]


def test_what_a_person_of_the_office_has_to_look_at_is_not_asked_of_the_applicant() -> None:
    found = json.dumps(data(), ensure_ascii=False)
    assert "识别得不确定" not in found and "限1000字" not in found


def test_a_doubt_is_marked_as_one() -> None:
    marked = [item["place"] for item in data()["items"] if item["problem"].startswith("（存疑）")]
    assert marked == ["附件1 “企业联系人联系电话”"]


def test_the_day_of_receipt_is_that_of_china() -> None:
    assert data()["received_at"] == "2026-11-26"


def test_what_the_office_has_not_said_is_left_blank_and_marked() -> None:
    files = notice(PACKET, DOCUMENTS, QUESTIONS, {}, DEFAULT_EDITION)
    assert sorted(files) == ["补正通知书.docx", "补正通知书.json", "补正通知书.pdf"]
    found = searchable(files["补正通知书.pdf"])
    assert f"请于{BLANK}前（含当日）逐项补正" in found
    assert "你单位（联系人：王明，13900000001）于2026年11月26日报送" in found
    assert f"联系人：{BLANK}；联系电话：{BLANK}。" in found
    document = docx.Document(io.BytesIO(files["补正通知书.docx"]))
    marked = [
        run.findtext(qn("w:t"))
        for run in document.element.iter(qn("w:r"))
        if run.find(f"{qn('w:rPr')}/{qn('w:highlight')}") is not None
    ]
    assert marked == [BLANK] * 5  # number, deadline, issuer, officer, telephone
    assert "0731" not in found


def test_an_offices_settings_are_printed() -> None:
    found = searchable(notice(PACKET, DOCUMENTS, (), OFFICE, DEFAULT_EDITION)["补正通知书.pdf"])
    assert "请自收到本通知书之日起10个工作日内逐项补正" in found
    assert "联系人：王明；联系电话：0739-5355001。" in found
    assert "邵阳市工业和信息化局年月日" in found
    assert found.count(BLANK) == 1  # the number, which each notice has its own of


def test_the_data_are_those_of_the_command() -> None:
    filled = data() | {"issuer": "邵阳市工业和信息化局", "number": "邵工信补〔2026〕3号",
                       "deadline": "2026-12-10", "officer": "李堃", "phone": "0739-5355001",
                       "dated": "2026-11-26"}  # fmt: skip
    found = searchable(typeset("correction", filled))
    assert BLANK not in found
    assert "下列8项需要补正或者说明" in found and "邵工信补〔2026〕3号" in found


def test_a_packet_without_a_name_leaves_the_addressee_blank() -> None:
    nameless = PACKET | {"institution": {"name": None, "uscc": None}}
    found = notice_data(nameless, DOCUMENTS, (), {}, DEFAULT_EDITION)
    assert found["institution"]["name"] == BLANK
    assert typeset("correction", found).startswith(b"%PDF")


def test_a_name_that_no_font_has_holds_up_nothing() -> None:
    odd = PACKET | {"institution": {"name": "🀄公司", "uscc": None}}
    files = notice(odd, DOCUMENTS, (), {}, DEFAULT_EDITION)
    assert "补正通知书.json" in files
    (reason,) = [text.decode() for name, text in files.items() if name.endswith(".txt")]
    assert "U+1F004" in reason


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("officr: 王明", "没有 officr 这个键"),
        ("reply_days: 十", "reply_days（补正期限的工作日数）应是不小于零的整数"),
        ("- 王明", "逐行写"),
        ("a: [", "YAML"),
    ],
)
def test_faulty_settings_are_told_before_anything_is_taken_in(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / OFFICE_FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(message)):
        load_office(path, DEFAULT_EDITION)


def test_the_settings_beside_the_inbox_are_found(tmp_path: Path) -> None:
    where = Settings(inbox=tmp_path / "inbox")
    assert where.office_file is None
    (tmp_path / OFFICE_FILE).write_text("officer: 王明\n", encoding="utf-8")
    assert where.office_file == tmp_path / OFFICE_FILE
    assert load_office(tmp_path / OFFICE_FILE, DEFAULT_EDITION) == {"officer": "王明"}

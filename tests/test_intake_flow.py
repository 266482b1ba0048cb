"""`pipeline intake` from end to end, on the samples: results, duplicates, refusals, sudden death."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from command import run

SAMPLES = Path(__file__).parent / "samples"
FORMS = ("附件1-申请表.docx", "附件3-服务人员.xlsx", "附件4-服务对象.docx", "附件5-真实性声明.docx")


def command(folder: Path) -> list[str]:
    return [
        sys.executable, "-m", "pipeline", "intake",
        "--inbox", str(folder / "inbox"), "--outbox", str(folder / "outbox"),
    ]  # fmt: skip


def intake(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(*command(folder)[3:])


def result(folder: Path, name: str) -> Any:
    return json.loads((folder / "outbox" / "packets" / name / "packet.json").read_text("utf-8"))


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path


def test_a_folder_of_forms_becomes_one_packet_with_a_report(office: Path) -> None:
    packet = office / "inbox" / "某中心"
    packet.mkdir()
    for name in FORMS:
        shutil.copy(SAMPLES / name, packet)
    (packet / "营业执照.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    done = intake(office)
    assert done.returncode == 0 and "Traceback" not in done.stderr
    summary = result(office, "某中心")
    assert [d["annex"] for d in summary["documents"]] == ["1", "3", "4", "5"]
    states = {v["id"]: v["state"] for v in summary["verdicts"]}
    assert states["R8.1"] == "present" and states["R8.2"] == "missing"
    assert states["R8.3-licence"] == "unreadable" or states["R8.3-licence"] == "present"
    assert summary["outcome"] == "to_correct"
    folder = office / "outbox" / "packets" / "某中心"
    one = json.loads((folder / "annex-1.json").read_text("utf-8"))
    truth = json.loads((SAMPLES / "附件1-申请表.docx.json").read_text("utf-8"))
    assert one["data"] == truth["data"]
    page = (folder / "核对报告.html").read_text("utf-8")
    assert "核对报告" in page and "需要补正" in page and truth["data"]["uscc"] in page
    assert (folder / "补正通知书.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "补正通知书.docx").read_bytes().startswith(b"PK")
    notice = json.loads((folder / "补正通知书.json").read_text("utf-8"))
    assert notice["institution"]["name"] == truth["data"]["name"]
    assert "申请报告（附件2）" in [item["place"] for item in notice["items"]]
    assert list((office / "inbox").iterdir()) == []


def test_the_original_is_kept_byte_for_byte(office: Path) -> None:
    shutil.copy(SAMPLES / FORMS[0], office / "inbox")
    intake(office)
    stored = list((office / ".pipeline" / "store").rglob("*.docx"))
    assert [p.read_bytes() for p in stored] == [(SAMPLES / FORMS[0]).read_bytes()]


def test_the_same_file_twice_is_read_once_and_gets_a_receipt(office: Path) -> None:
    shutil.copy(SAMPLES / FORMS[1], office / "inbox" / "a.xlsx")
    intake(office)
    shutil.copy(SAMPLES / FORMS[1], office / "inbox" / "b.xlsx")
    done = intake(office)
    assert done.returncode == 0 and "重复" in done.stdout
    assert [p.name for p in (office / "outbox" / "packets").iterdir()] == ["a"]
    (receipt,) = (office / "outbox" / "duplicates").rglob("*.txt")
    assert "a" in receipt.read_text("utf-8")


def test_an_archive_with_gbk_names_is_read(office: Path) -> None:
    class Gbk(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
            return self.filename.encode("gbk"), 0

    with zipfile.ZipFile(office / "inbox" / "材料.zip", "w") as archive:
        archive.writestr(Gbk("申报/附件3-服务人员.xlsx"), (SAMPLES / FORMS[1]).read_bytes())
    intake(office)
    (file,) = result(office, "材料")["files"]
    assert file["name"] == "申报/附件3-服务人员.xlsx" and file["annexes"] == ["3"]


def test_unsafe_and_empty_things_are_refused_with_a_plain_reason(office: Path) -> None:
    with zipfile.ZipFile(office / "inbox" / "坏.zip", "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    with zipfile.ZipFile(office / "inbox" / "空.zip", "w"):
        pass
    done = intake(office)
    assert done.returncode == 0
    reasons = {
        p.parent.name: p.read_text("utf-8") for p in (office / "outbox" / "rejected").rglob("*.txt")
    }
    assert set(reasons) == {"坏", "空"}
    assert all("请" in text for text in reasons.values())


@pytest.mark.slow
def test_killed_between_two_packets_and_started_again_nothing_is_lost(office: Path) -> None:
    for name in FORMS:
        shutil.copy(SAMPLES / name, office / "inbox")
    packets = office / "outbox" / "packets"
    running = subprocess.Popen(
        command(office), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not (packets.exists() and any(packets.iterdir())):
        assert time.monotonic() < deadline and running.poll() is None, "no packet before the kill"
        time.sleep(0.002)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert intake(office).returncode == 0
    assert sorted(p.name for p in packets.iterdir()) == sorted(Path(n).stem for n in FORMS)
    for name in FORMS:
        assert len(result(office, Path(name).stem)["documents"]) == 1
    stored = [p for p in (office / ".pipeline" / "store").rglob("*") if p.is_file()]
    assert len(stored) == len(FORMS)


def test_forms_of_two_institutions_in_one_packet_are_named(office: Path) -> None:
    packet = office / "inbox" / "混装"
    packet.mkdir()
    shutil.copy(SAMPLES / "附件1-申请表.docx", packet)  # 宁乡青穗桥…
    shutil.copy(SAMPLES / "附件4-服务对象.docx", packet)  # 醴陵市瓷岸舟…
    intake(office)
    (note,) = [n for n in result(office, "混装")["notes"] if "不一致" in n]
    assert "宁乡青穗桥" in note and "醴陵市瓷岸舟" in note


def test_watching_ends_by_an_interrupt_with_what_was_done(office: Path) -> None:
    watching = subprocess.Popen(
        [*command(office), "--watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    shutil.copy(SAMPLES / FORMS[1], office / "inbox")
    deadline = time.monotonic() + 60
    place = office / "outbox" / "packets" / Path(FORMS[1]).stem / "packet.json"
    while not place.exists():
        assert time.monotonic() < deadline and watching.poll() is None
        time.sleep(0.05)
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=60)
    assert watching.returncode == 0 and "已处理" in out and "Ctrl+C" in err
    assert "Traceback" not in err


def test_faulty_files_come_back_marked_also_for_what_other_forms_say_against_them(
    office: Path,
) -> None:
    packet = office / "inbox" / "混装"
    packet.mkdir()
    shutil.copy(SAMPLES / "附件1-申请表.docx", packet)
    shutil.copy(SAMPLES / "附件4-服务对象.docx", packet)  # of another institution
    done = intake(office)
    assert "需要补正" in done.stdout and "处填写错误" in done.stdout
    folder = office / "outbox" / "packets" / "混装"
    (copy,) = result(office, "混装")["marked"]
    assert copy["source"] == "附件4-服务对象.docx" and copy["problem"] is None
    comments = zipfile.ZipFile(folder / copy["file"]).read("word/comments1.xml").decode()
    assert "不一致" in comments
    assert copy["file"] in (folder / "核对报告.html").read_text("utf-8")


def test_a_faulty_file_that_cannot_be_marked_is_named_with_the_reason(office: Path) -> None:
    rows = "附件3,,,,,,\n填报单位：,某中心,,,,,\n序号,姓名,年龄,职务,学历,职称,社保证明\n1,甲某,三十多,主任,本科,,有\n"
    (office / "inbox" / "附件3.csv").write_text(rows, "utf-8")
    intake(office)
    (copy,) = result(office, "附件3")["marked"]
    assert copy["file"] is None and "不能在其上加标注" in copy["problem"]
    page = (office / "outbox" / "packets" / "附件3" / "核对报告.html").read_text("utf-8")
    assert "没有标注副本" in page

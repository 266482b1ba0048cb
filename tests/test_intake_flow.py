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
from typing import Any, NamedTuple

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


class Gbk(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("gbk"), 0


CSV = "附件3,,,,,,\n填报单位：,某中心,,,,,\n序号,姓名,年龄,职务,学历,职称,社保证明\n1,甲某,三十多,主任,本科,,有\n"


class Taken(NamedTuple):
    """What one run of the intake said, and the folder it worked in."""

    done: subprocess.CompletedProcess[str]
    folder: Path

    def packet(self, name: str) -> Path:
        return self.folder / "outbox" / "packets" / name

    def result(self, name: str) -> Any:
        return result(self.folder, name)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    """One run over all sorts of packets, which the tests below look at."""
    folder = tmp_path_factory.mktemp("office")
    inbox = folder / "inbox"
    for name in ("某中心", "混装"):
        (inbox / name).mkdir(parents=True)
    for name in FORMS:
        shutil.copy(SAMPLES / name, inbox / "某中心")
    (inbox / "某中心" / "营业执照.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    shutil.copy(SAMPLES / "附件1-申请表.docx", inbox / "混装")  # 宁乡青穗桥…
    shutil.copy(SAMPLES / "附件4-服务对象.docx", inbox / "混装")  # 醴陵市瓷岸舟…
    shutil.copy(SAMPLES / FORMS[1], inbox / "a.xlsx")
    with zipfile.ZipFile(inbox / "材料.zip", "w") as archive:
        archive.writestr(Gbk("申报/附件3-服务人员.xlsx"), (SAMPLES / FORMS[1]).read_bytes())
    with zipfile.ZipFile(inbox / "坏.zip", "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    with zipfile.ZipFile(inbox / "空.zip", "w"):
        pass
    (inbox / "附件3.csv").write_text(CSV, "utf-8")
    return Taken(intake(folder), folder)


def test_all_is_taken_in_and_no_fault_of_a_packet_is_one_of_the_program(taken: Taken) -> None:
    assert taken.done.returncode == 0 and "Traceback" not in taken.done.stderr
    assert list((taken.folder / "inbox").iterdir()) == []


def test_a_folder_of_forms_becomes_one_packet_with_a_report(taken: Taken) -> None:
    summary = taken.result("某中心")
    assert [d["annex"] for d in summary["documents"]] == ["1", "3", "4", "5"]
    states = {v["id"]: v["state"] for v in summary["verdicts"]}
    assert states["R8.1"] == "present" and states["R8.2"] == "missing"
    assert states["R8.3-licence"] == "unreadable" or states["R8.3-licence"] == "present"
    assert summary["outcome"] == "to_correct"
    folder = taken.packet("某中心")
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


def test_the_original_is_kept_byte_for_byte(taken: Taken) -> None:
    (stored,) = (taken.folder / ".pipeline" / "store").rglob("a.xlsx")
    assert stored.read_bytes() == (SAMPLES / FORMS[1]).read_bytes()


def test_the_same_file_again_is_not_read_and_gets_a_receipt(taken: Taken) -> None:
    shutil.copy(SAMPLES / FORMS[1], taken.folder / "inbox" / "b.xlsx")
    done = intake(taken.folder)
    assert done.returncode == 0 and "重复" in done.stdout
    assert taken.packet("a").exists() and not taken.packet("b").exists()
    (receipt,) = (taken.folder / "outbox" / "duplicates").rglob("*.txt")
    assert "a" in receipt.read_text("utf-8")


def test_an_archive_with_gbk_names_is_read(taken: Taken) -> None:
    (file,) = taken.result("材料")["files"]
    assert file["name"] == "申报/附件3-服务人员.xlsx" and file["annexes"] == ["3"]


def test_unsafe_and_empty_things_are_refused_with_a_plain_reason(taken: Taken) -> None:
    rejected = (taken.folder / "outbox" / "rejected").rglob("*.txt")
    reasons = {path.parent.name: path.read_text("utf-8") for path in rejected}
    assert set(reasons) == {"坏", "空"}
    assert all("请" in text for text in reasons.values())


def test_forms_of_two_institutions_in_one_packet_are_named(taken: Taken) -> None:
    (note,) = [n for n in taken.result("混装")["notes"] if "不一致" in n]
    assert "宁乡青穗桥" in note and "醴陵市瓷岸舟" in note


def test_faulty_files_come_back_marked_also_for_what_other_forms_say_against_them(
    taken: Taken,
) -> None:
    assert "需要补正" in taken.done.stdout and "处填写错误" in taken.done.stdout
    (copy,) = taken.result("混装")["marked"]
    assert copy["source"] == "附件4-服务对象.docx" and copy["problem"] is None
    folder = taken.packet("混装")
    comments = zipfile.ZipFile(folder / copy["file"]).read("word/comments1.xml").decode()
    assert "不一致" in comments
    assert copy["file"] in (folder / "核对报告.html").read_text("utf-8")


def test_a_faulty_file_that_cannot_be_marked_is_named_with_the_reason(taken: Taken) -> None:
    (copy,) = taken.result("附件3")["marked"]
    assert copy["file"] is None and "不能在其上加标注" in copy["problem"]
    page = (taken.packet("附件3") / "核对报告.html").read_text("utf-8")
    assert "没有标注副本" in page


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

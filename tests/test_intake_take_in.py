"""From the inbox to the outbox: each packet once, in its place, with its reason."""

from __future__ import annotations

import importlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from intake_steps import zip_by_hand

from pipeline.errors import PipelineError, UnreadableError, UsageError
from pipeline.findings import Finding
from pipeline.intake import (
    Event,
    FileResult,
    Home,
    Limits,
    Outcome,
    Packet,
    PacketReport,
    reading,
    take_in,
)

LIMITS = Limits(settle_seconds=0.03, patience_seconds=0.1, memory_bytes=400 << 20, wall_seconds=20)


class SameProcess:
    """Reads without a child, where it is the steps of the program itself that are looked at."""

    def call(self, function: str, arguments: Sequence[Any], scratch: Path) -> Outcome:
        module, _, name = function.partition(":")
        try:
            return Outcome(getattr(importlib.import_module(module), name)(*arguments))
        except PipelineError as error:
            return Outcome(problem=Finding("error", error.code, "", str(error)))


@pytest.fixture
def apart(tmp_path: Path) -> Home:
    """A home whose files are read in a process of its own."""
    home = Home.of(tmp_path / "inbox", tmp_path / "outbox")
    home.prepare()
    return home


@pytest.fixture
def home(apart: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(reading, "sandbox_of_thread", lambda limits: SameProcess())
    return apart


def compose(packet: Packet, results: Sequence[FileResult]) -> dict[str, bytes]:
    files = {
        result.name: result.problem.code if result.problem else list(result.documents)
        for result in results
    }
    summary = {"sha256": packet.sha256, "name": packet.name, "files": files}
    return {"packet.json": json.dumps(summary, ensure_ascii=False).encode()}


def run(home: Home, process: str = "size", **options: Any) -> list[PacketReport]:
    options = {"compose": compose, "limits": LIMITS} | options
    return take_in(home, f"intake_steps:{process}", **options)


def ends(reports: Sequence[PacketReport]) -> dict[str, str]:
    return {report.name: report.state for report in reports}


def packet_json(home: Home, folder: str) -> Any:
    return json.loads((home.outbox / "packets" / folder / "packet.json").read_bytes())


def note(home: Home, place: str) -> str:
    return (home.outbox / place).read_text("utf-8-sig")


def stored(home: Home) -> list[str]:
    return sorted(path.name for path in home.store.glob("*/*/*"))


def journal_rows(home: Home, query: str) -> list[Any]:
    return sqlite3.connect(home.journal).execute(query).fetchall()


def test_a_file_a_folder_and_an_archive_each_become_a_packet(apart: Home) -> None:
    (apart.inbox / "附件1.docx").write_bytes(b"one")
    (apart.inbox / "某机构").mkdir()
    (apart.inbox / "某机构" / "附件3.xlsx").write_bytes(b"three")
    (apart.inbox / "材料.zip").write_bytes(zip_by_hand([("附件4.xlsx".encode("gbk"), b"four")]))
    assert ends(run(apart)) == dict.fromkeys(["附件1.docx", "某机构", "材料.zip"], "done")
    assert packet_json(apart, "附件1")["files"]["附件1.docx"][0]["size"] == 3
    assert list(packet_json(apart, "某机构")["files"]) == ["附件3.xlsx"]
    assert list(packet_json(apart, "材料")["files"]) == ["附件4.xlsx"]
    assert stored(apart) == ["材料.zip", "某机构", "附件1.docx"]
    assert list(apart.inbox.iterdir()) == []


def test_nothing_temporary_is_left(home: Home) -> None:
    (home.inbox / "材料.zip").write_bytes(zip_by_hand([(b"a.txt", b"x")]))
    run(home)
    assert list((home.work / "work").iterdir()) == []
    assert list((home.outbox / ".tmp").iterdir()) == []
    assert list(home.owners.iterdir()) == []


def test_the_original_is_kept_byte_for_byte(home: Home) -> None:
    content = zip_by_hand([(b"a.txt", b"x")])
    (home.inbox / "材料.zip").write_bytes(content)
    (report,) = run(home)
    kept = home.store / report.sha256[:2] / report.sha256 / "材料.zip"
    assert kept.read_bytes() == content


def test_a_duplicate_is_a_receipt_and_never_a_second_reading(home: Home) -> None:
    read: list[str] = []

    def counting(packet: Packet, results: Sequence[FileResult]) -> dict[str, bytes]:
        read.append(packet.name)
        return compose(packet, results)

    (home.inbox / "一.txt").write_bytes(b"same")
    run(home, compose=counting)
    (home.inbox / "二.txt").write_bytes(b"same")
    (report,) = run(home, compose=counting)
    assert (report.state, read) == ("duplicate", ["一.txt"])
    receipt = note(home, "duplicates/二/回执.txt")
    assert "“一.txt”内容完全相同" in receipt
    assert "packets/一" in receipt
    assert [path.read_bytes() for path in home.arrivals.glob("*/二.txt")] == [b"same"]


def test_a_folder_copied_again_is_a_duplicate_whatever_junk_is_in_it(home: Home) -> None:
    for name in ("甲", "乙"):
        (home.inbox / name).mkdir()
        (home.inbox / name / "附件1.docx").write_bytes(b"x")
    (home.inbox / "乙" / "Thumbs.db").write_bytes(b"junk")
    assert sorted(ends(run(home)).values()) == ["done", "duplicate"]


def test_the_same_content_under_another_name_in_a_folder_is_no_duplicate(home: Home) -> None:
    for name in ("甲", "乙"):
        (home.inbox / name).mkdir()
        (home.inbox / name / f"{name}.docx").write_bytes(b"x")
    assert set(ends(run(home)).values()) == {"done"}


def test_two_packets_of_one_name_get_a_place_each(home: Home) -> None:
    (home.inbox / "材料.txt").write_bytes(b"1")
    run(home)
    (home.inbox / "材料.txt").write_bytes(b"22")
    (report,) = run(home)
    assert report.place == home.outbox / "packets" / "材料-2"
    assert packet_json(home, "材料")["files"]["材料.txt"][0]["size"] == 1


def test_what_others_put_into_the_outbox_is_never_touched(home: Home) -> None:
    (home.inbox / "材料.txt").write_bytes(b"1")

    def meddle(packet: Packet, results: Sequence[FileResult]) -> dict[str, bytes]:
        theirs = home.outbox / "packets" / packet.folder
        theirs.mkdir()
        (theirs / "note").write_bytes(b"theirs")
        return compose(packet, results)

    (report,) = run(home, compose=meddle)
    assert report.place == home.outbox / "packets" / "材料-2"
    assert (home.outbox / "packets" / "材料" / "note").read_bytes() == b"theirs"


def test_unsafe_packets_are_refused_where_staff_look(home: Home, tmp_path: Path) -> None:
    (home.inbox / "恶意.zip").write_bytes(zip_by_hand([(b"../../evil.txt", b"x")]))
    (report,) = run(home)
    assert (report.state, report.place) == ("rejected", home.outbox / "rejected" / "恶意")
    assert "指向压缩包之外" in note(home, "rejected/恶意/原因.txt")
    assert list(tmp_path.rglob("evil.txt")) == []
    assert stored(home) == ["恶意.zip"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("锁.zip", zip_by_hand([(b"a", b"x")], flags=1), "密码"),
        ("空.zip", zip_by_hand([]), "没有任何文件"),
        ("断.zip", zip_by_hand([(b"a", b"x" * 99)])[:60], "损坏或不完整"),
        ("零.docx", b"", "0 字节"),
        ("包.rar", b"Rar!\x1a\x07\x00" + bytes(20), "重新压缩成 zip"),
    ],
)
def test_each_refusal_says_why(home: Home, name: str, content: bytes, words: str) -> None:
    (home.inbox / name).write_bytes(content)
    (report,) = run(home)
    assert report.state == "rejected"
    assert words in note(home, f"rejected/{Path(name).stem}/原因.txt")


def test_compose_may_refuse(home: Home) -> None:
    def refuse(packet: Packet, results: Sequence[FileResult]) -> dict[str, bytes]:
        raise UnreadableError("没有一份能读的材料。", remedy="请核对。")

    (home.inbox / "a.txt").write_bytes(b"x")
    (report,) = run(home, compose=refuse)
    assert (report.state, report.reason) == ("rejected", "没有一份能读的材料。请核对。")


def test_a_failure_of_ours_holds_the_packet_and_dropping_it_again_tries_again(home: Home) -> None:
    def broken(packet: Packet, results: Sequence[FileResult]) -> Mapping[str, bytes]:
        raise KeyError("张三 13800000000")

    (home.inbox / "a.txt").write_bytes(b"x")
    (report,) = run(home, compose=broken)
    assert report.state == "held"
    held = note(home, "held/a/原因.txt")
    assert "KeyError" in held
    assert "张三" not in held
    (home.inbox / "a.txt").write_bytes(b"x")
    (report,) = run(home)
    assert (report.state, report.place) == ("done", home.outbox / "packets" / "a")
    assert not (home.outbox / "held" / "a").exists()


def test_a_file_that_kills_its_reader_costs_only_itself(apart: Home) -> None:
    names = ["1 好.txt", "2 段错误.txt", "3 好.txt", "4 内存.txt", "5 好.txt"]
    (apart.inbox / "材料.zip").write_bytes(zip_by_hand([(n.encode(), b"x") for n in names]))
    (apart.inbox / "别的.txt").write_bytes(b"x")
    assert set(ends(run(apart, "by_name")).values()) == {"done"}
    files = packet_json(apart, "材料")["files"]
    assert [files[n] if isinstance(files[n], str) else "read" for n in names] == [
        *("read", "crashed", "read", "memory-limit", "read")
    ]


def test_a_result_of_the_wrong_shape_is_a_problem_of_that_file(apart: Home) -> None:
    (apart.inbox / "a.txt").write_bytes(b"x")
    run(apart, "odd_shape")
    assert packet_json(apart, "a")["files"] == {"a.txt": "bug"}


def test_what_is_still_being_written_is_left_and_said_so(home: Home) -> None:
    stop = threading.Event()

    def write_on() -> None:
        with (home.inbox / "大.bin").open("wb") as stream:
            while not stop.wait(0.005):
                stream.write(b"x" * 100)
                stream.flush()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        time.sleep(0.05)
        (report,) = run(home)
    finally:
        stop.set()
        writer.join()
    assert (report.state, "仍在变化" in report.reason) == ("waiting", True)
    assert (home.inbox / "大.bin").exists()
    assert ends(run(home)) == {"大.bin": "done"}


def test_a_writer_that_goes_on_after_the_taking_is_noticed(home: Home) -> None:
    path = home.inbox / "a.txt"
    with path.open("wb") as stream:
        stream.write(b"first part")
        stream.flush()

        def write_on(event: Event) -> None:
            if event.kind == "taken":
                stream.write(b", second part")
                stream.flush()

        (report,) = run(home, on_event=write_on)
    assert (report.state, "又有变化" in report.reason) == ("held", True)
    path.write_bytes(b"first part, second part")
    assert ends(run(home)) == {"a.txt": "done"}


def test_many_packets_at_once_each_end_once(apart: Home) -> None:
    for number in range(12):
        (apart.inbox / f"{number}.txt").write_bytes(b"%d" % number)
    events: list[Event] = []
    reports = run(apart, "slow", jobs=3, on_event=events.append)
    assert ends(reports) == {f"{n}.txt": "done" for n in range(12)}
    pids = {packet_json(apart, str(n))["files"][f"{n}.txt"][0]["pid"] for n in range(12)}
    assert 1 < len(pids) <= 3
    assert sorted(e.name for e in events if e.kind == "done") == sorted(ends(reports))


def test_two_programs_at_one_inbox_share_the_work(apart: Home, tmp_path: Path) -> None:
    count = 40
    for number in range(count):
        (apart.inbox / f"{number}.txt").write_bytes(b"%d" % number)
    code = (
        "import sys\nfrom pathlib import Path\nfrom test_intake_take_in import *\n"
        "home = Home.of(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "print(*sorted(r.name for r in run(home, 'size') if r.state == 'done'))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    command = [sys.executable, "-c", code, str(apart.inbox), str(apart.outbox)]
    programs = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
        for _ in range(2)
    ]
    shares = [program.communicate(timeout=60)[0].split() for program in programs]
    assert [program.returncode for program in programs] == [0, 0]
    assert sorted(shares[0] + shares[1]) == sorted(f"{n}.txt" for n in range(count))
    assert all(shares)
    assert len(list((apart.outbox / "packets").iterdir())) == count
    read = journal_rows(apart, "SELECT count(*) FROM event WHERE what = 'reading' GROUP BY packet")
    assert read == [(1,)] * count


def test_watching_takes_what_comes_until_it_is_stopped(home: Home) -> None:
    stop, seen = threading.Event(), []

    def on_event(event: Event) -> None:
        if event.kind == "done":
            seen.append(event.name)
            if len(seen) == 2:
                stop.set()
            else:
                (home.inbox / "后来.txt").write_bytes(b"2")

    (home.inbox / "先到.txt").write_bytes(b"1")
    guard = threading.Timer(10, stop.set)
    guard.start()
    run(home, watch=stop, on_event=on_event)
    guard.cancel()
    assert seen == ["先到.txt", "后来.txt"]


def test_any_pep_3148_executor_will_do(apart: Home) -> None:
    (apart.inbox / "a.txt").write_bytes(b"x")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        assert ends(run(apart, executor=executor)) == {"a.txt": "done"}


def test_an_executor_that_fails_puts_the_packet_off_to_the_next_run(home: Home) -> None:
    class Broken(ProcessPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(OSError(28, "No space left on device"))
            return future

    (home.inbox / "a.txt").write_bytes(b"x")
    (report,) = run(home, executor=Broken(1))
    assert (report.state, report.place) == ("held", None)
    assert ends(run(home)) == {"a.txt": "done"}


def test_an_outbox_that_cannot_be_written_puts_the_packet_off(home: Home) -> None:
    (home.inbox / "a.txt").write_bytes(b"x")
    blocked = home.outbox / ".tmp"
    blocked.write_bytes(b"a file where the folder should be")
    (report,) = run(home)
    assert (report.state, "写不进去" in report.reason) == ("held", True)
    blocked.unlink()
    assert ends(run(home)) == {"a.txt": "done"}


def test_an_interrupt_ends_soon_and_the_next_run_goes_on(apart: Home) -> None:
    def interrupt(event: Event) -> None:
        if event.kind == "taken" and event.name == "b.txt":
            raise KeyboardInterrupt

    (apart.inbox / "a 睡不醒.txt").write_bytes(b"1")
    (apart.inbox / "b.txt").write_bytes(b"2")
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(apart, "by_name", on_event=interrupt)
    assert time.monotonic() - started < 5
    assert ends(run(apart)) == {"a 睡不醒.txt": "done", "b.txt": "done"}


def test_a_packet_that_takes_the_program_down_again_and_again_is_set_aside(home: Home) -> None:
    (home.inbox / "a.txt").write_bytes(b"x")

    def die(packet: Packet, results: Sequence[FileResult]) -> dict[str, bytes]:
        raise KeyboardInterrupt  # not caught, as a killed program would not catch it

    for _ in range(LIMITS.attempts):
        with pytest.raises(KeyboardInterrupt):
            run(home, compose=die)
    (report,) = run(home, compose=die)
    assert (report.state, "意外中断" in report.reason) == ("held", True)


def test_folders_that_cannot_work_are_refused_before_anything_is_taken(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.txt").write_bytes(b"x")
    with pytest.raises(UsageError, match="会被当作来件收走"):
        run(Home.of(tmp_path / "inbox", tmp_path / "inbox" / "outbox"))
    assert (tmp_path / "inbox" / "a.txt").exists()


def test_a_journal_of_a_newer_program_is_left_alone(home: Home) -> None:
    run(home)
    base = sqlite3.connect(home.journal)
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(UsageError, match="升级"):
        run(home)


def test_a_file_that_is_no_journal_is_said_to_be_damaged(home: Home) -> None:
    home.journal.write_bytes(b"not a database" * 100)
    with pytest.raises(PipelineError, match="可能已损坏"):
        run(home)


def test_the_journal_keeps_its_schema_strict_and_its_log_in_order(home: Home) -> None:
    (home.inbox / "a.txt").write_bytes(b"x")
    run(home)
    assert journal_rows(home, "PRAGMA user_version") == [(1,)]
    assert journal_rows(home, "PRAGMA journal_mode") == [("wal",)]
    strict = journal_rows(home, "SELECT name FROM pragma_table_list WHERE strict ORDER BY name")
    assert strict == [("arrival",), ("event",), ("packet",)]
    assert journal_rows(home, "SELECT what FROM event ORDER BY id") == [
        *[("claimed",), ("stored",), ("reading",), ("done",)]
    ]

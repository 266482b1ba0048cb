"""The program is really killed (SIGKILL), at every step, and started again: one result each.

A forked copy of the test takes in and kills itself at the named point; then the test takes in
again, and looks whether everything that was dropped is there once.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from intake_steps import zip_by_hand
from test_intake_take_in import SameProcess, compose, journal_rows, run

from pipeline.intake import FileResult, Home, Packet, desk, publish, reading, store
from pipeline.intake.journal import Journal

GOOD = zip_by_hand([("附件1.docx".encode("gbk"), b"one"), (b"2.txt", b"two")])
EVIL = zip_by_hand([(b"../evil", b"x")])
DROPPED = {"材料.zip": GOOD, "材料（再发）.zip": GOOD, "恶意.zip": EVIL}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(reading, "sandbox_of_thread", lambda limits: SameProcess())
    return dropped(tmp_path)


def dropped(folder: Path) -> Home:
    home = Home.of(folder / "inbox", folder / "outbox")
    home.prepare()
    for name, content in DROPPED.items():
        (home.inbox / name).write_bytes(content)
    return home


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed(deed: Callable[[], object]) -> bool:
    """Run it in a forked copy; whether that copy was killed (and did not simply finish)."""
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            deed()
            os._exit(0)
        os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert status in (0, signal.SIGKILL), f"the copy failed by itself: {status}"
    return status == signal.SIGKILL


def assert_each_ended_once(home: Home) -> None:
    assert list(home.inbox.iterdir()) == []
    outbox = sorted(p.relative_to(home.outbox).parts for p in home.outbox.rglob("*") if p.is_file())
    places = [(place, name) for place, _, name in outbox]
    assert places == [
        ("duplicates", "回执.txt"),
        ("packets", "packet.json"),
        ("rejected", "原因.txt"),
    ]
    kept = sorted(p.read_bytes() for d in (home.store, home.arrivals) for p in d.rglob("*.zip"))
    assert kept == sorted(DROPPED.values())
    assert len([p for p in home.store.rglob("*") if p.is_file()]) == 2
    ends = "what IN ('done', 'rejected', 'held', 'receipted')"
    assert sorted(journal_rows(home, f"SELECT what FROM event WHERE {ends}")) == [
        *[("done",), ("receipted",), ("rejected",)]
    ]
    assert_nothing_temporary(home)


def assert_nothing_temporary(home: Home) -> None:
    temporary = (home.work / "work", home.outbox / ".tmp", home.owners)
    assert [p for folder in temporary if folder.is_dir() for p in folder.iterdir()] == []


# -- the named points ----------------------------------------------------------------------------

POINTS: dict[str, tuple[Any, str, str]] = {
    "before the journal row": (Journal, "claim", "before"),
    "after the row, before the rename": (Journal, "claim", "after"),
    "after the rename, before the sync": (os, "rename", "after"),
    "before it is known what has come": (store, "identify", "before"),
    "after the packet's row, before the store": (Journal, "admit", "after"),
    "in the store, before it is said": (store, "keep", "after"),
    "after `reading` is said": (Journal, "reading", "after"),
    "with half a result written": (publish, "write", "after"),
    "with the result whole and not announced": (Journal, "stage", "before"),
    "before the result appears": (Journal, "stage", "after"),
    "after the result appeared, before `done`": (Journal, "finish", "before"),
    "after `done`": (Journal, "finish", "after"),
    "before a receipt": (Journal, "reserve_receipt", "after"),
    "after a receipt, before it is said": (Journal, "receipted", "before"),
    "while resting": (desk, "remove_tree", "before"),
}


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(home: Home, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, when = POINTS[point]
    original = getattr(where, name)

    def deadly(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            original(*args, **kwargs)
        die()

    with monkeypatch.context() as patch:
        patch.setattr(where, name, deadly)
        assert killed(lambda: run(home))
    run(home)
    assert_each_ended_once(home)


def test_killed_while_composing(home: Home) -> None:
    def deadly(packet: Packet, results: Sequence[FileResult]) -> dict[str, bytes]:
        die()
        return {}

    assert killed(lambda: run(home, compose=deadly))
    run(home)
    assert_each_ended_once(home)


def test_killed_by_its_own_reader_while_it_reads(tmp_path: Path) -> None:
    home = dropped(tmp_path)
    assert killed(lambda: run(home, "kill_the_program"))
    run(home)
    assert_each_ended_once(home)


def test_killed_again_while_it_recovers(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for where, name in (
        (Journal, "reading"),
        (desk, "sweep"),
        (Journal, "stage"),
        (Journal, "finish"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, lambda *args, **kwargs: die())
            assert killed(lambda: run(home))
    run(home)
    assert_each_ended_once(home)


def test_what_a_living_program_has_under_way_is_left_to_it(home: Home) -> None:
    """A second run that starts in the middle of the first adopts nothing of it."""
    inner: list[str] = []

    def meanwhile(packet: Packet, results: Sequence[FileResult]) -> dict[str, bytes]:
        inner.extend(report.name for report in run(home))
        return compose(packet, results)

    run(home, compose=meanwhile)
    assert "材料.zip" not in inner
    assert_each_ended_once(home)


# -- every single step ---------------------------------------------------------------------------


class Steps:
    """Counts everything lasting that is done, and kills before the nth."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.last:
            die()

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.step()
            return function(*args, **kwargs)

        return wrapped

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("rename", "fsync", "mkdir", "unlink", "rmdir", "chmod"):
            patch.setattr(os, name, self.wrap(getattr(os, name)))
        transaction = Journal._transaction

        @contextlib.contextmanager
        def counted(journal: Journal) -> Iterator[Any]:
            with transaction(journal) as base:
                yield base
                self.step()
            self.step()

        patch.setattr(Journal, "_transaction", counted)


def killed_at_step(home: Home, number: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    with monkeypatch.context() as patch:
        Steps(number).install(patch)
        return killed(lambda: run(home))


@pytest.mark.slow
def test_killed_at_every_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "sandbox_of_thread", lambda limits: SameProcess())
    number = 1
    while True:
        home = dropped(tmp_path / str(number))
        was_killed = killed_at_step(home, number, monkeypatch)
        run(home)
        assert_each_ended_once(home)
        if not was_killed:
            break
        number += 1
    assert number > 60


@pytest.mark.slow
def test_killed_at_random_times_again_and_again(tmp_path: Path) -> None:
    home = Home.of(tmp_path / "inbox", tmp_path / "outbox")
    home.prepare()
    names = [f"{number}.txt" for number in range(30)]
    for name in names:
        (home.inbox / name).write_bytes(name.encode())
    code = (
        "import sys\nfrom pathlib import Path\nfrom test_intake_take_in import *\n"
        "run(Home.of(Path(sys.argv[1]), Path(sys.argv[2])), 'slow', jobs=2)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    rng, kills = random.Random(299), 0
    for _ in range(200):
        command = [sys.executable, "-c", code, str(home.inbox), str(home.outbox)]
        program = subprocess.Popen(command, env=environment)
        time.sleep(rng.uniform(0.3, 0.6 + kills * 0.1))  # ever longer: it must end on any machine
        if program.poll() is not None:
            break
        program.kill()
        program.wait()
        kills += 1
    assert program.returncode == 0
    assert kills > 2
    assert sorted(p.name for p in (home.outbox / "packets").iterdir()) == sorted(
        n[:-4] for n in names
    )
    done = journal_rows(home, "SELECT count(*) FROM event WHERE what = 'done' GROUP BY packet")
    assert done == [(1,)] * len(names)
    assert sorted(p.name for p in home.store.rglob("*.txt")) == sorted(names)
    assert_nothing_temporary(home)

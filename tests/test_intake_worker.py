"""Whatever a document does to its reader, the program goes on and says what happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.intake import Limits, Outcome, Sandbox

LIMITS = Limits(
    memory_bytes=512 << 20, cpu_seconds=1, wall_seconds=30, file_bytes=1 << 20, descriptors=64
)


def call(sandbox: Sandbox, tmp_path: Path, function: str, name: str = "a.txt") -> Outcome:
    path = tmp_path / "a.txt"
    path.touch()
    return sandbox.call(f"intake_steps:{function}", [str(path), name], tmp_path)


def problem(outcome: Outcome) -> tuple[str, str]:
    assert outcome.value is None
    assert outcome.problem is not None
    return outcome.problem.code, outcome.problem.message


def gone(pid: int, within: float = 3.0) -> bool:
    """Whether the process ends within so many seconds (a zombie has ended)."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def wait_for(path: Path) -> str:
    until = time.monotonic() + 10
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < until, f"{path} never came"
        time.sleep(0.02)
    return path.read_text()


def test_a_call_gives_its_value_from_another_process(tmp_path: Path) -> None:
    (document,) = call(Sandbox(LIMITS), tmp_path, "size").value
    assert document["name"] == "a.txt"
    assert document["pid"] != os.getpid()


def test_one_child_serves_many_calls_and_is_replaced_in_time(tmp_path: Path) -> None:
    sandbox = Sandbox(replace(LIMITS, files_per_process=2))
    pids = [call(sandbox, tmp_path, "size").value[0]["pid"] for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("内存", "memory-limit", "内存超过 512 MB"),
        ("大文件", "file-size-limit", "临时文件过大"),
        ("描述符", "descriptors-limit", "打开的文件过多"),
        ("递归", "recursion-limit", "嵌套过深"),
        ("段错误", "crashed", "SIGSEGV"),
        ("被杀", "killed", "内存不足"),
        ("退出", "crashed", "退出码 7"),
        ("告辞", "bug", "SystemExit"),
    ],
)
def test_what_kills_the_child_is_an_outcome_and_the_next_file_is_read(
    tmp_path: Path, name: str, code: str, words: str
) -> None:
    sandbox = Sandbox(LIMITS)
    got_code, message = problem(call(sandbox, tmp_path, "by_name", name))
    assert (got_code, words in message) == (code, True), message
    assert call(sandbox, tmp_path, "by_name", "好的.txt").value[0]["name"] == "好的.txt"


def test_endless_computing_is_stopped_by_processor_time(tmp_path: Path) -> None:
    sandbox = Sandbox(replace(LIMITS, wall_seconds=120))  # a busy machine gives little of its time
    code, message = problem(call(sandbox, tmp_path, "by_name", "算不完"))
    assert code == "cpu-limit"
    assert "处理器 1 秒" in message and "拆分" in message


def test_endless_waiting_is_stopped_by_the_clock(tmp_path: Path) -> None:
    sandbox = Sandbox(replace(LIMITS, wall_seconds=0.7))
    started = time.monotonic()
    code, message = problem(call(sandbox, tmp_path, "by_name", "睡不醒"))
    assert code == "time-limit"
    assert "超过 1 秒" in message and "拆分" in message
    assert time.monotonic() - started < 3


@pytest.mark.slow
def test_processor_time_is_counted_for_each_file_anew(tmp_path: Path) -> None:
    # Each call burns most of its allowance: together they exceed what one may use.
    sandbox = Sandbox(LIMITS)
    burn = "intake_steps:burn_most"
    assert [sandbox.call(burn, [0.75], tmp_path).problem for _ in range(3)] == [None] * 3


def test_what_the_child_has_started_ends_with_it(tmp_path: Path) -> None:
    sandbox = Sandbox(replace(LIMITS, wall_seconds=1.0))
    assert problem(call(sandbox, tmp_path, "leave_a_child"))[0] == "time-limit"
    assert gone(int((tmp_path / "left.pid").read_text()))


def test_the_child_ends_when_the_program_is_killed(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\nfrom pipeline.intake import Limits, Sandbox\n"
        f"Sandbox(Limits()).call('intake_steps:say_pid_and_sleep', [{str(tmp_path / 'a')!r}, 'a'],"
        f" Path({str(tmp_path)!r}))"
    )
    path = os.pathsep.join(map(os.path.abspath, sys.path))
    program = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path})
    child = int(wait_for(tmp_path / "reader.pid"))
    program.kill()
    program.wait()
    assert gone(child)


def test_errors_of_our_own_keep_their_code_and_remedy(tmp_path: Path) -> None:
    sandbox = Sandbox(LIMITS)
    assert problem(call(sandbox, tmp_path, "password", "甲.pdf")) == (
        "password-protected",
        "“甲.pdf”设有密码。请去掉密码。",
    )


def test_the_text_of_a_foreign_exception_stays_inside(tmp_path: Path) -> None:
    code, message = problem(call(Sandbox(LIMITS), tmp_path, "secret"))
    assert code == "bug"
    assert "ValueError" in message
    assert "intake_steps.py:" in message
    assert "张三" not in message


def test_a_value_that_is_no_json_is_a_bug_not_a_crash(tmp_path: Path) -> None:
    assert problem(call(Sandbox(LIMITS), tmp_path, "not_json"))[0] == "bug"


def test_a_large_value_comes_through_and_a_too_large_one_is_refused(tmp_path: Path) -> None:
    (document,) = call(Sandbox(LIMITS), tmp_path, "talkative").value
    assert len(document["text"]) == 200_000
    narrow = Sandbox(replace(LIMITS, result_bytes=100_000))
    assert problem(call(narrow, tmp_path, "talkative"))[0] == "result-size"
    assert call(narrow, tmp_path, "size").value


def test_the_child_has_no_input_and_its_output_goes_nowhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert call(Sandbox(LIMITS), tmp_path, "print_and_ask").value == [{"input": ""}]
    assert capfd.readouterr() == ("", "")


def test_temporary_files_land_in_the_scratch_folder(tmp_path: Path) -> None:
    (document,) = call(Sandbox(LIMITS), tmp_path, "temporary_file").value
    assert Path(document["temporary"]).parent == tmp_path


def test_a_child_that_died_idle_is_replaced(tmp_path: Path) -> None:
    sandbox = Sandbox(LIMITS)
    pid = call(sandbox, tmp_path, "size").value[0]["pid"]
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    assert call(sandbox, tmp_path, "size").value[0]["pid"] != pid


def test_no_descriptor_is_left_behind(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for name in ("退出", "好的", "被杀", "好的"):
        sandbox = Sandbox(LIMITS)
        call(sandbox, tmp_path, "by_name", name)
        sandbox.close()
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208

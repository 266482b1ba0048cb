"""The sandbox: functions called in a child process that may die without harm.

The child has bounds on memory, processor time, time by the clock, file size and descriptors, a
session of its own and no input. It is kept from file to file, because starting it costs more than
reading a form; whatever kills it, or makes it run out of memory, costs the one file at which it was,
and the next file gets a fresh child. The outcome is data with a plain Chinese reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.findings import Finding
from pipeline.intake.limits import MIB, Limits

_CHUNK = 1 << 16
_HAND_OVER = "请把此文件转给维护人员。"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call came to: its value (JSON), or why there is none."""

    value: Any = None
    problem: Finding | None = None


class _EndedError(Exception):
    """The child has gone, or was made to go; the message is the reason."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class Sandbox:
    """One child, started when first needed and again after each death. For one thread."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.thread = threading.current_thread().name
        self._child: _Child | None = None
        _alive.add(self)

    def call(self, function: str, arguments: Sequence[object], scratch: Path) -> Outcome:
        """Call `"package.module:function"` with JSON arguments; temporary files go to `scratch`."""
        request = {"function": function, "arguments": arguments, "scratch": str(scratch)}
        try:
            answer = self._ready().ask(json.dumps(request))
        except _EndedError as ended:
            self.close()
            return Outcome(problem=_finding(ended.code, ended.why))
        return self._understand(answer)

    def close(self) -> None:
        """End the child and all that it has started."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def interrupt(self) -> None:
        """From any thread: end the child, if any; the call under way returns with a problem."""
        if self._child is not None:
            self._child.stop()

    __del__ = close

    def _ready(self) -> _Child:
        if self._child is not None and not self._child.serviceable(self.limits.files_per_process):
            self.close()
        with _starting:
            if self.thread.startswith(tuple(_ended)):
                raise _EndedError("killed", "读取已中断。")
            if self._child is None:
                self._child = _Child(self.limits)
        return self._child

    def _understand(self, answer: dict[str, Any]) -> Outcome:
        if "value" in answer:
            return Outcome(answer["value"])
        if error := answer.get("error"):
            return Outcome(problem=_finding(error["code"], error["message"] + error["remedy"]))
        # After a fault its memory may be full and its modules half-initialised.
        self.close()
        return Outcome(problem=_of_fault(answer["fault"], self.limits))


class _Child:
    """A running child process and the two pipes to it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._asked = 0
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "pipeline.child"),
                    *(str(requests), str(answers), str(os.getpid()), json.dumps(asdict(limits))),
                ],
                stdin=subprocess.DEVNULL,
                # Libraries print what they find; it must not reach a log.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(requests, answers),
                start_new_session=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
            )
        finally:
            os.close(requests)
            os.close(answers)

    def serviceable(self, calls: int) -> bool:
        return self._process.poll() is None and self._asked < calls

    def ask(self, request: str) -> dict[str, Any]:
        """One request, one answer. Raises _EndedError when there will be none."""
        self._asked += 1
        deadline = time.monotonic() + self._limits.wall_seconds
        self._send(request.encode("ascii") + b"\n")
        line = self._receive(deadline)
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            raise self._ended() from None
        return answer

    def _send(self, line: bytes) -> None:
        try:
            while line:
                line = line[os.write(self._requests, line) :]
        except BrokenPipeError:
            raise self._ended() from None

    def _receive(self, deadline: float) -> bytes:
        received = bytearray()
        while not received.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                raise _EndedError(
                    "time-limit",
                    f"读取超过 {self._limits.wall_seconds:.0f} 秒仍未完成，已停止。{_LESS}",
                )
            chunk = os.read(self._answers, _CHUNK)
            if not chunk:
                raise self._ended()
            received += chunk
            if len(received) > self._limits.result_bytes:
                raise _EndedError("result-size", f"读出的内容过多，已停止。{_LESS}")
        return bytes(received)

    def _ended(self) -> _EndedError:
        """Why it has gone, by the signal that ended it."""
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            status = 0
        if status == -signal.SIGXCPU:
            return _EndedError(
                "cpu-limit",
                f"读取用去处理器 {self._limits.cpu_seconds} 秒仍未完成，已停止。{_LESS}",
            )
        if status == -signal.SIGXFSZ:
            return _EndedError("file-size-limit", _SIZE_WHY)
        if status == -signal.SIGKILL:
            return _EndedError("killed", f"读取时被系统强行结束，多半是内存不足。{_LESS}")
        return _EndedError(
            "crashed",
            f"读取程序意外中断（{_status_word(status)}），文件可能已损坏。{_AGAIN}",
        )

    def stop(self) -> None:
        """End the whole session: what the child has started goes with it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        self.stop()
        self._process.wait()
        os.close(self._requests)
        os.close(self._answers)


_AGAIN = "请打开核对，另存或重新导出后重新提交。"
_LESS = "请只留申报材料，页数多的拆分成几个文件后重新提交。"
_SIZE_WHY = f"读取时写出的临时文件过大，已停止。{_LESS}"

#: All sandboxes of this process, so that an interrupted run can end their children at once.
_alive: weakref.WeakSet[Sandbox] = weakref.WeakSet()
#: How the names of threads begin that are to start no more children, and who is just starting one.
_ended: set[str] = set()
_starting = threading.Lock()
_local = threading.local()


def sandbox_of_thread(limits: Limits) -> Sandbox:
    """The calling thread's own sandbox, kept from packet to packet on any executor."""
    sandbox: Sandbox | None = getattr(_local, "sandbox", None)
    if sandbox is None or sandbox.limits != limits:
        sandbox = _local.sandbox = Sandbox(limits)
    return sandbox


def end_children(threads: str) -> None:
    """End the children of all threads whose names begin so, for good; their calls return with a
    problem."""
    with _starting:
        _ended.add(threads)
        for sandbox in list(_alive):
            if sandbox.thread.startswith(threads):
                sandbox.interrupt()


def _status_word(status: int) -> str:
    if status < 0:
        try:
            return signal.Signals(-status).name
        except ValueError:
            return f"信号 {-status}"
    return f"退出码 {status}"


def _of_fault(fault: dict[str, Any], limits: Limits) -> Finding:
    whys = {
        "memory": f"读取所需内存超过 {limits.memory_bytes // MIB} MB，已停止。{_LESS}",
        "recursion": f"内容嵌套过深，不能读取。{_AGAIN}",
        "file-size": _SIZE_WHY,
        "descriptors": f"读取时打开的文件过多，已停止。{_HAND_OVER}",
        "disk-full": "磁盘空间不足，未能读取。请腾出磁盘空间后重新读取这份文件。",
    }
    why = whys.get(fault["kind"])
    if why is None:
        return _finding("bug", f"程序未能处理（{fault['type']}，{fault['at']}）。{_HAND_OVER}")
    return _finding(f"{fault['kind']}-limit", why)


def _finding(code: str, why: str) -> Finding:
    return Finding("error", code, "", why)

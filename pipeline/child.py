"""The inside of the reading process: confine yourself, then answer requests one by one.

Started by `intake.worker.Sandbox` as `python -m pipeline.child REQUESTS ANSWERS PARENT LIMITS`, the
first two being descriptors. A request is one line of JSON `{"function", "arguments", "scratch"}`, an
answer one line: `{"value"}`, or `{"error": {code, message, remedy}}` for an error of the program's
own that a person can act on, or `{"fault": {kind, type, at}}` for anything else. The text of a
foreign exception never leaves this process: it may quote the document.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError

_PR_SET_PDEATHSIG = 1
_ERRNO_FAULTS = {
    errno.EFBIG: "file-size",
    errno.ENOMEM: "memory",
    errno.EMFILE: "descriptors",
    errno.ENOSPC: "disk-full",
}
Json = dict[str, Any]


def main(arguments: list[str]) -> None:
    requests, answers, parent, limits = (json.loads(argument) for argument in arguments)
    _die_with(parent)
    _confine(limits)
    with os.fdopen(requests, encoding="ascii") as lines, os.fdopen(answers, "w") as out:
        for line in lines:
            answer = _answer(json.loads(line), limits["cpu_seconds"])
            out.write(answer + "\n")
            out.flush()


def _die_with(parent: int) -> None:
    """Nobody reads on for a program that is gone. Where the kernel cannot, the limits must do."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def _confine(limits: Mapping[str, int]) -> None:
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_AS, limits["memory_bytes"])
    _bound(resource.RLIMIT_FSIZE, limits["file_bytes"])
    _bound(resource.RLIMIT_NOFILE, limits["descriptors"])


def _bound(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    # macOS does not know a bound on address space; what remains still holds.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (value, value))


def _allow_processor(seconds: int) -> None:
    """From now on so many seconds: the kernel counts for the life of the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _answer(request: Json, cpu_seconds: int) -> str:
    _move_to(request["scratch"])
    _allow_processor(cpu_seconds)
    try:
        value = _function(request["function"])(*request["arguments"])
        return json.dumps({"value": value}, allow_nan=False)
    except PipelineError as error:
        return json.dumps(
            {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
        )
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is this file's fault
        return json.dumps({"fault": _fault(error)})


def _function(dotted: str) -> Callable[..., object]:
    module, _, name = dotted.partition(":")
    function: Callable[..., object] = getattr(importlib.import_module(module), name)
    return function


def _move_to(scratch: str) -> None:
    """Temporary files of any library land where they will be swept."""
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    os.chdir(scratch)


def _fault(error: BaseException) -> Json:
    kind = "bug"
    if isinstance(error, MemoryError):
        kind = "memory"
    elif isinstance(error, RecursionError):
        kind = "recursion"
    elif isinstance(error, OSError):
        kind = _ERRNO_FAULTS.get(error.errno or 0, "bug")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    at = f"{Path(frame.filename).name}:{frame.lineno}"
    return {"kind": kind, "type": type(error).__name__, "at": at}


if __name__ == "__main__":
    main(sys.argv[1:])

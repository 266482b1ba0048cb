"""The unit of work: read one packet. A function of JSON, for any PEP 3148 executor.

`ThreadPoolExecutor` by default (the work itself is in child processes); on a cluster the same
function runs wherever the paths of the job are visible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline.findings import Finding
from pipeline.intake.durable import remove_tree
from pipeline.intake.limits import Limits
from pipeline.intake.packets import FileResult
from pipeline.intake.worker import Outcome, Sandbox, sandbox_of_thread

Json = dict[str, Any]

_UNPACK = "pipeline.intake.unpack:unpack_json"


def job(path: Path, name: str, scratch: Path, process: str, limits: Limits) -> Json:
    """What `read_packet` needs, as JSON."""
    return {
        "path": str(path),
        "name": name,
        "scratch": str(scratch),
        "process": process,
        "limits": asdict(limits),
    }


def read_packet(job: Mapping[str, Any]) -> Json:
    """Unpack a packet and read each of its files, each step in the sandbox.

    Gives `{"refused": finding | None, "files": [...]}`; `refused` when it could not be unpacked.
    """
    limits = Limits(**job["limits"])
    sandbox = sandbox_of_thread(limits)
    files, temporary = _fresh(Path(job["scratch"]))
    unpacked = sandbox.call(
        _UNPACK, [job["path"], job["name"], str(files), job["limits"]], temporary
    )
    if unpacked.problem is not None:
        return {"refused": unpacked.problem.as_json(), "files": []}
    read = [_read(sandbox, job["process"], member, temporary) for member in unpacked.value]
    return {"refused": None, "files": read}


def _fresh(scratch: Path) -> tuple[Path, Path]:
    remove_tree(scratch)
    files, temporary = scratch / "files", scratch / "tmp"
    files.mkdir(parents=True)
    temporary.mkdir()
    return files, temporary


def _read(sandbox: Sandbox, process: str, member: Json, temporary: Path) -> Json:
    if member["problem"] is not None:
        return member | {"documents": []}
    outcome = _checked(sandbox.call(process, [member["path"], member["name"]], temporary))
    problem = outcome.problem and outcome.problem.as_json()
    return member | {"documents": outcome.value or [], "problem": problem}


def _checked(outcome: Outcome) -> Outcome:
    value = outcome.value
    if value is None or (isinstance(value, list) and all(isinstance(v, dict) for v in value)):
        return outcome
    return Outcome(
        problem=Finding("error", "bug", "", "程序读出的结果不成形。请把此文件转给维护人员。")
    )


def file_results(answer: Json) -> list[FileResult]:
    """The files of an answer of `read_packet`."""
    return [
        FileResult(
            name=file["name"],
            path=Path(file["path"]),
            size=file["size"],
            sha256=file["sha256"],
            documents=tuple(file["documents"]),
            problem=Finding(**file["problem"]) if file["problem"] else None,
        )
        for file in answer["files"]
    ]


def refusal(answer: Json) -> Finding | None:
    """Why the packet could not be unpacked, or None."""
    return Finding(**answer["refused"]) if answer["refused"] else None

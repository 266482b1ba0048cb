"""What is to be filled with what: the data people give, one applicant after the other.

`data` is one JSON object in an annex's own shape, or `{"annexes": {"1": {…}, …}}`; a `.jsonl`
file holds one such object a line; an `.xlsx` file is the list of applicants (`applicants`). An
applicant is read, turned into jobs and let go, so that a province's list needs no more memory
than one of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.annex import Annex
from pipeline.errors import DataError, why
from pipeline.files import load_json

Json = Any

_LINES = (".jsonl", ".ndjson")
_LISTS = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class Job:
    """One form to write: annex number, its data, and the place the data came from, for messages."""

    annex: str
    data: Mapping[str, Json] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Applicant:
    """Whose forms they are (`name`, `uscc`, where known), and one job a form."""

    jobs: tuple[Job, ...]
    name: str = ""
    uscc: str = ""


def applicants(
    numbers: Sequence[str], data: Path | None, catalogue: Mapping[str, Annex]
) -> Iterator[Applicant]:
    """Every applicant with the forms asked for; without data one nameless one with blank forms.

    Raises DataError, naming file and row, for what is no data.
    """
    if data is None:
        yield Applicant(tuple(Job(number) for number in numbers))
        return
    for source, given in _objects(data, catalogue):
        yield _applicant(numbers, given, source, everything=len(numbers) == len(catalogue))


def holds_many(data: Path | None) -> bool:
    """Whether the file is of a kind that holds many applicants."""
    return data is not None and data.suffix.lower() in (*_LINES, *_LISTS)


def _objects(path: Path, catalogue: Mapping[str, Annex]) -> Iterator[tuple[str, Json]]:
    """Each applicant's object with the words that say where it stands."""
    if path.suffix.lower() in _LISTS:
        from pipeline.render import applicants as lists  # openpyxl, only for those who need it

        yield from lists.read(path, catalogue)
    elif path.suffix.lower() in _LINES:
        yield from _json_lines(path)
    else:
        yield f"“{path.name}”", load_json(path)


def _json_lines(path: Path) -> Iterator[tuple[str, Json]]:
    number = 0
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"“{path.name}”第{number}行", json.loads(line)
    except OSError as error:
        raise DataError(f"文件“{path}”打不开：{why(error)}。") from error
    except UnicodeDecodeError as error:
        raise DataError(f"“{path}”不是 UTF-8 文本。", remedy="请另存为 UTF-8 编码。") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(
            f"“{path.name}”第{number}行不是正确的 JSON。", remedy="每行应是一个 JSON 对象。"
        ) from error


def _applicant(numbers: Sequence[str], given: Json, source: str, *, everything: bool) -> Applicant:
    """One applicant's jobs. Who asks for everything gets what there is; an annex asked for by its
    number must have data."""
    if not isinstance(given, dict):
        raise DataError(f"{source}里应是一个 JSON 对象（{{…}}）。")
    by_annex = _by_annex(numbers, given, source)
    absent = [number for number in numbers if number not in by_annex]
    if absent and not everything:
        raise DataError(
            f"{source}里没有附件{'、'.join(absent)}的数据。",
            remedy=f"请补上，或只生成附件{'、'.join(sorted(by_annex))}。",
        )
    jobs = tuple(
        Job(number, by_annex[number], f"{source}附件{number}")
        for number in numbers
        if number in by_annex
    )
    return Applicant(jobs, *_identity(by_annex))


def _by_annex(
    numbers: Sequence[str], given: Mapping[str, Json], source: str
) -> dict[str, Mapping[str, Json]]:
    if "annexes" not in given:
        if len(numbers) != 1:
            raise DataError(
                f"{source}没有按附件分开，不知道哪些数据填入哪个附件。",
                remedy='请写成 {"annexes": {"1": {…}, "3": {…}}}，或一次只生成一个附件。',
            )
        return {numbers[0]: given}
    annexes = given["annexes"]
    if not isinstance(annexes, dict) or not all(isinstance(a, dict) for a in annexes.values()):
        raise DataError(f"{source}的 annexes 应是“附件号 → 数据”的对象。")
    found = {str(number): data for number, data in annexes.items()}
    if not any(number in found for number in numbers):
        held = f"只有附件{'、'.join(found)}" if found else "annexes 是空的"
        raise DataError(f"{source}里没有附件{'、'.join(numbers)}的数据，{held}。")
    return found


def _identity(by_annex: Mapping[str, Mapping[str, Json]]) -> tuple[str, str]:
    """The institution's name and USCC, wherever the data has them."""
    name = uscc = ""
    for number in sorted(by_annex):
        data = by_annex[number]
        for key in ("name", "organisation", "applicant"):
            name = name or _word(data.get(key))
        uscc = uscc or _word(data.get("uscc"))
    return name, uscc


def _word(value: Json) -> str:
    return value if isinstance(value, str) else ""

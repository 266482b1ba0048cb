"""What is to be filled with what: the data people give, as one job a form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import DataError
from pipeline.files import load_json, read_text

Json = Any


@dataclass(frozen=True, slots=True)
class Job:
    """One form to write: annex number, its data, whose it is (`name`, `uscc`, where known), and
    the place the data came from, for messages."""

    annex: str
    data: Mapping[str, Json] = field(default_factory=dict)
    name: str = ""
    uscc: str = ""
    source: str = ""
    own_folder: bool = False


def jobs(numbers: Sequence[str], data: Path | None) -> list[Job]:
    """Every form asked for: blank ones without data, else one for each applicant and annex.

    `data` holds one JSON object in an annex's own shape, or `{"annexes": {"1": {…}, …}}`; a
    `.jsonl` file holds one such object a line.
    """
    if data is None:
        return [Job(number) for number in numbers]
    applicants = list(_applicants(data))
    many = len(applicants) > 1
    return [
        job
        for source, applicant in applicants
        for job in _of_applicant(numbers, applicant, source, own_folder=many and len(numbers) > 1)
    ]


def _applicants(path: Path) -> Iterator[tuple[str, Json]]:
    """Each applicant's object with the words that say where it stands."""
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        for number, line in enumerate(read_text(path).splitlines(), 1):
            if line.strip():
                try:
                    yield f"“{path.name}”第{number}行", json.loads(line)
                except (json.JSONDecodeError, RecursionError) as error:
                    raise DataError(
                        f"“{path.name}”第{number}行不是正确的 JSON。", remedy="每行应是一个 JSON 对象。"
                    ) from error
    else:
        yield f"“{path.name}”", load_json(path)


def _of_applicant(
    numbers: Sequence[str], applicant: Json, source: str, *, own_folder: bool
) -> Iterator[Job]:
    if not isinstance(applicant, dict):
        raise DataError(f"{source}里应是一个 JSON 对象（{{…}}）。")
    by_annex = _by_annex(numbers, applicant, source)
    name, uscc = _identity(by_annex)
    for number in numbers:
        if number in by_annex:
            yield Job(number, by_annex[number], name, uscc, f"{source}附件{number}", own_folder)


def _by_annex(
    numbers: Sequence[str], applicant: Mapping[str, Json], source: str
) -> dict[str, Mapping[str, Json]]:
    if "annexes" not in applicant:
        if len(numbers) != 1:
            raise DataError(
                f"{source}没有按附件分开，不知道哪些数据填入哪个附件。",
                remedy='请写成 {"annexes": {"1": {…}, "3": {…}}}，或一次只生成一个附件。',
            )
        return {numbers[0]: applicant}
    annexes = applicant["annexes"]
    if not isinstance(annexes, dict) or not all(isinstance(a, dict) for a in annexes.values()):
        raise DataError(f"{source}的 annexes 应是“附件号 → 数据”的对象。")
    found = {str(number): data for number, data in annexes.items()}
    if not any(number in found for number in numbers):
        raise DataError(f"{source}里没有附件{'、'.join(numbers)}的数据，只有附件{'、'.join(found)}。")
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

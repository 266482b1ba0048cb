"""Filled forms are written and named: 附件1_申请表_<机构简称>_<USCC>.docx."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.annex import Annex
from pipeline.errors import DataError, UsageError
from pipeline.files import write_bytes
from pipeline.render.jobs import Job

#: Format → module of this package; each has `render(annex, data) -> bytes`.
FORMATS = {"docx": "docx", "xlsx": "xlsx"}

_LONGEST_SHORT_NAME = 20  # characters
_COMPANY = re.compile(r"(?:有限责任公司|股份有限公司|有限公司|（有限合伙）|（普通合伙）)$")
_PROVINCE = re.compile(r"^湖南省?")
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f\\/:*?\"<>|\s​-‏‪-‮⁦-⁩]+")


def write(
    jobs: Sequence[Job], catalogue: Mapping[str, Annex], file_format: str, out: Path, *, force: bool
) -> Iterator[Path]:
    """Writes each job's form under `out` and gives its path. UsageError, before anything is
    written, if a file is already there and `force` is not given."""
    if file_format not in FORMATS:
        raise UsageError(f"还不能生成 {file_format} 格式。", remedy=f"现可用：{'、'.join(FORMATS)}。")
    form = importlib.import_module(f"pipeline.render.{FORMATS[file_format]}")
    targets = _targets(jobs, catalogue, file_format, out)
    standing = [path for path in targets if path.exists()]
    if standing and not force:
        listed = "、".join(str(path) for path in standing[:5])
        raise UsageError(
            f"已有同名文件，没有覆盖：{listed}{'等' if len(standing) > 5 else ''}。",
            remedy="请换一个 --out 文件夹，或加 --force 覆盖。",
        )
    for job, path in zip(jobs, targets, strict=True):
        annex = catalogue[job.annex]
        data = annex.complete(job.data)
        _refuse_altered_wording(annex, data, job)
        write_bytes(path, form.render(annex, data))
        yield path


def _targets(
    jobs: Sequence[Job], catalogue: Mapping[str, Annex], file_format: str, out: Path
) -> list[Path]:
    """A path for each job; applicants whose names are alike get a number."""
    taken: set[Path] = set()
    paths: list[Path] = []
    for job in jobs:
        folder = out / "_".join(_whose(job)) if job.own_folder and _whose(job) else out
        parts = [f"附件{job.annex}", catalogue[job.annex].short, *_whose(job)]
        path = folder / f"{'_'.join(parts)}.{file_format}"
        number = 2
        while path in taken:
            path = folder / f"{'_'.join(parts)}_{number}.{file_format}"
            number += 1
        taken.add(path)
        paths.append(path)
    return paths


def _whose(job: Job) -> list[str]:
    return [part for part in (short_name(job.name), _NOT_IN_A_NAME.sub("", job.uscc)) if part]


def short_name(name: str) -> str:
    """机构简称: the name without province and company form, safe as part of a file name."""
    safe = _NOT_IN_A_NAME.sub("", name)
    short = _PROVINCE.sub("", _COMPANY.sub("", safe)) or safe
    return short[:_LONGEST_SHORT_NAME].strip(".")


def _refuse_altered_wording(annex: Annex, data: Mapping[str, object], job: Job) -> None:
    """A form goes out with the regulation's own promise; data of a changed one cannot be printed."""
    for pointer, spec in annex.fields.items():
        if spec.kind == "wording" and data[pointer.strip("/")] is False:
            raise DataError(
                f"{job.source}：声明的文字只按规定原文打印，不能输出改动过的声明。",
                remedy=f"请去掉 {pointer.strip('/')} 或改为 true。",
            )

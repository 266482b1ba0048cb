"""Forms are filled and written, one or a province's, on all cores.

Nothing is written unless all of it can be: the list is read through, its names are settled, what
stands already is noticed, every applicant's data is looked at; only then are the forms made.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from pipeline import annex as annexes
from pipeline.annex import Annex
from pipeline.errors import DataError, UsageError
from pipeline.files import write_bytes
from pipeline.render import fill
from pipeline.render.jobs import Applicant, Job, applicants, holds_many
from pipeline.render.names import Names
from pipeline.render.spool import Spool, Stretch

Json = Any
Result = TypeVar("Result")

#: Format → module of this package; each has `render(annex, data) -> bytes`.
FORMATS = {"docx": "docx", "xlsx": "xlsx", "pdf": "pdf"}

#: What is wrong with a job's complete data, in Chinese; an importable function, for the helpers.
Unfit = Callable[[Annex, Json], list[str]]
#: Called with a word for what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

#: Applicants that a helper is handed at a time.
STRETCH = 8
#: Up to so many applicants helpers take longer to start than to help.
FEW = 24
#: So many complaints are shown; the rest is counted.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: which forms, of which edition, as what, where. `controls`: holes of a docx
    are content controls; `together`: an applicant's forms are one workbook; `rows`: tables have at
    least so many rows, not only those of the printed form."""

    numbers: tuple[str, ...]
    file_format: str
    out: Path
    edition: str
    force: bool = False
    controls: bool = False
    together: bool = False
    rows: int = 0


def write(
    order: Order,
    data: Path | None,
    unfit: Unfit,
    *,
    processes: int | None = None,
    progress: Progress = lambda word, done, total: None,
) -> Iterator[Path]:
    """Writes every form asked for and gives its path.

    Raises, before anything is written: UsageError if a file is already there and `force` is not
    given; DataError, naming the rows, for data that cannot be printed.
    """
    if order.file_format not in FORMATS:
        raise UsageError(
            f"还不能生成 {order.file_format} 格式。", remedy=f"现可用：{'、'.join(FORMATS)}。"
        )
    if order.controls and order.file_format != "docx":
        raise UsageError(
            "内容控件只有 docx 格式才有。", remedy="请去掉 --controls，或改用 --format docx。"
        )
    if order.together and order.file_format != "xlsx":
        raise UsageError(
            "只有 xlsx 格式才能把各附件放进一个文件。",
            remedy="请去掉 --together，或改用 --format xlsx。",
        )
    with Spool(STRETCH) as spool, ExitStack() as helpers:
        _lay_out(order, data, spool, progress)
        run = _runner(spool, processes, helpers)
        _refuse(run(_Look(order.edition, unfit), "核对", progress))
        yield from run(_Make(order), "生成", progress)


# ---------------------------------------------------------------- laying out


def _lay_out(order: Order, data: Path | None, spool: Spool, progress: Progress) -> None:
    """Every applicant into the spool, each form with its path."""
    catalogue = annexes.catalogue(order.edition)
    names = Names(order.out, order.file_format)
    found = applicants(order.numbers, data, catalogue)
    first_two = list(islice(found, 2))
    if not first_two:
        raise DataError(
            f"“{data.name if data else ''}”里没有任何机构。", remedy="请先填写名单，每个机构一行。"
        )
    many = len(first_two) > 1 or holds_many(data)
    folder = many and len(order.numbers) > 1 and not order.together
    standing: list[Path] = []
    for applicant in chain(first_two, found):
        forms = [catalogue[job.annex] for job in applicant.jobs]
        paths = names.of(applicant, forms, folder=folder, together=order.together)
        if not order.force:
            standing += [path for path in dict.fromkeys(paths) if path.exists()]
        spool.add(_line(applicant, paths))
        progress("读入", spool.lines, 0)
    _refuse_standing(standing)
    spool.flush()


def _line(applicant: Applicant, paths: list[Path]) -> Json:
    jobs = zip(applicant.jobs, paths, strict=True)
    return [[job.annex, dict(job.data), job.source, str(path)] for job, path in jobs]


def _jobs(stretch: Stretch) -> Iterator[tuple[Job, Path]]:
    for line in stretch.lines():
        for annex, data, source, path in line:
            yield Job(annex, data, source), Path(path)


def _refuse_standing(standing: list[Path]) -> None:
    if standing:
        listed = "、".join(str(path) for path in standing[:5])
        raise UsageError(
            f"已有同名文件，没有覆盖：{listed}{'等' if len(standing) > 5 else ''}。",
            remedy="请换一个 --out 文件夹，或加 --force 覆盖。",
        )


# ---------------------------------------------------------------- on all cores

Task = Callable[[Stretch], list[Result]]


def _runner(
    spool: Spool, processes: int | None, helpers: ExitStack
) -> Callable[[Task[Result], str, Progress], Iterator[Result]]:
    """How a task is done for every stretch: here, or by helpers where there is much to do.

    Helpers are started afresh (`spawn`): a copy of a process that draws a progress bar may hang.
    """
    count = processes or os.cpu_count() or 1
    if spool.lines <= FEW or count == 1:
        over: Callable[[Task[Result], list[Stretch]], Iterable[list[Result]]] = map
    else:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(count, len(spool.stretches)), mp_context=context)
        helpers.callback(pool.shutdown, cancel_futures=True)
        over = pool.map

    def run(task: Task[Result], word: str, progress: Progress) -> Iterator[Result]:
        done = 0
        for stretch, results in zip(spool.stretches, over(task, spool.stretches), strict=True):
            done += stretch.count
            progress(word, done, spool.lines)
            yield from results

    return run


@dataclass(frozen=True, slots=True)
class _Look:
    """The task of finding what cannot be printed: a message for each applicant's annex."""

    edition: str
    unfit: Unfit

    def __call__(self, stretch: Stretch) -> list[str]:
        catalogue = annexes.catalogue(self.edition)
        found = []
        for job, _ in _jobs(stretch):
            messages = self._messages(catalogue[job.annex], job)
            if messages:
                listed = "\n".join(f"  · {message}" for message in messages[:SHOWN])
                found.append(f"{job.source}的数据不能填入表格：\n{listed}")
        return found

    def _messages(self, annex: Annex, job: Job) -> list[str]:
        try:
            data = annex.complete(job.data)
        except DataError as error:
            return [str(error)]
        messages = self.unfit(annex, data) or [
            f"{annex.words(pointer)}：含有看不见的控制字符，表格印不出。请删去后重新填写。"
            for pointer in _unprintable("", data)
        ]
        return [*messages, *_altered_wording(annex, data)]


def _unprintable(pointer: str, value: Json) -> Iterator[str]:
    """Where a text holds what no XML can (a schema's pattern may let it pass)."""
    if isinstance(value, str):
        if _NOT_XML.search(value):
            yield pointer
    elif isinstance(value, (dict, list)):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            yield from _unprintable(f"{pointer}/{key}", part)


def _altered_wording(annex: Annex, data: Json) -> list[str]:
    """A form goes out with the regulation's own promise; a changed one cannot be printed."""
    return [
        f"声明的文字只按规定原文打印，不能输出改动过的声明。请去掉 {pointer.strip('/')} 或改为 true。"
        for pointer, spec in annex.fields.items()
        if spec.kind == "wording" and data[pointer.strip("/")] is False
    ]


def _refuse(complaints: Iterator[str]) -> None:
    listed = list(islice(complaints, SHOWN))
    if listed:
        rest = sum(1 for _ in complaints)
        more = f"\n另有 {rest} 份也不能填入。" if rest else ""
        raise DataError("\n".join(listed) + more)


@dataclass(frozen=True, slots=True)
class _Make:
    """The task of filling and writing forms: the paths written."""

    order: Order

    def __call__(self, stretch: Stretch) -> list[Path]:
        order = self.order
        catalogue = annexes.catalogue(order.edition)
        form = importlib.import_module(f"pipeline.render.{FORMATS[order.file_format]}")
        options = {"controls": True} if order.controls else {}
        written = []
        for path, jobs in groupby(_jobs(stretch), itemgetter(1)):
            forms = [self._form(catalogue[job.annex], job) for job, _ in jobs]
            together = order.together and len(forms) > 1
            content = form.render_workbook(forms) if together else form.render(*forms[0], **options)
            write_bytes(path, content)
            written.append(path)
        return written

    def _form(self, annex: Annex, job: Job) -> tuple[Annex, Mapping[str, Json]]:
        return annex, fill.with_rows(annex, annex.complete(job.data), self.order.rows)

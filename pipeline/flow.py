"""The whole story on one page: send out, take in, decide, announce.

    render_forms   forms go out: blank, or filled with what is known
    read_paths     returned documents → what they say
    take_in        packets from the inbox → results in the outbox
    announce       official documents from a JSON file

The steps (render, read, extract, check, intake, announce) know nothing of each other; here they
are put together. What passes between them are the frozen dataclasses of the plain modules.
A step is imported where it is called, so that each command loads only what it needs.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipeline import annex as annexes
from pipeline import read, settings
from pipeline.annex import Annex
from pipeline.document import Document, Source
from pipeline.errors import DataError, PipelineError, UnreadableError, UsageError
from pipeline.files import dump_json, load_json, write_bytes
from pipeline.findings import Finding
from pipeline.reading import Reading, ReturnedFile, ReturnedPacket
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.extract import Plan, Record
    from pipeline.intake import Event, FileResult, Member, Packet, PacketReport
    from pipeline.render import Progress

Json = Any

#: What `process_file` is called by in the intake's child processes.
PROCESS = "pipeline.flow:process_file"


# ---------------------------------------------------------------- send out


def render_forms(
    numbers: Sequence[str],
    file_format: str,
    out: Path,
    *,
    data: Path | None = None,
    force: bool = False,
    controls: bool = False,
    processes: int | None = None,
    progress: Progress = lambda word, done, total: None,
    edition: str = settings.DEFAULT_EDITION,
) -> Iterator[Path]:
    """Writes the forms and gives each path written. Nothing is written unless all data is right;
    nothing existing is overwritten without `force`."""
    from pipeline import render

    catalogue = annexes.catalogue(edition)
    chosen = _chosen(numbers, catalogue)
    for number in chosen:
        plan_of(edition, number)  # a broken template is found before anything is written
    order = render.Order(tuple(chosen), file_format, out, edition, force, controls)
    yield from render.write(order, data, unfit, processes=processes, progress=progress)


def render_list(out: Path, *, force: bool = False, edition: str = settings.DEFAULT_EDITION) -> Path:
    """The blank list of applicants (xlsx) that `render_forms` takes as data; gives its path."""
    from pipeline.render import applicants

    path = out / applicants.FILE
    if path.exists() and not force:
        raise UsageError(f"已有同名文件，没有覆盖：{path}。", remedy="请换一个 --out 文件夹，或加 --force 覆盖。")
    write_bytes(path, applicants.blank(annexes.catalogue(edition)))
    return path


def _chosen(numbers: Sequence[str], catalogue: Mapping[str, Annex]) -> list[str]:
    if "all" in numbers:
        return list(catalogue)
    unknown = [number for number in numbers if number not in catalogue]
    if unknown:
        raise UsageError(
            f"没有附件“{'、'.join(unknown)}”。",
            remedy=f"可用：{'、'.join(catalogue)}、all（全部附件）或 list（申请机构名单）。",
        )
    return list(dict.fromkeys(numbers))


def unfit(annex: Annex, data: Json) -> list[str]:
    """Why complete data cannot be printed on its form, in Chinese; nothing if it can."""
    from pipeline.check import schema
    from pipeline.extract.prose import confusable

    messages = [finding.message for finding in schema.findings(annex, data)]
    return messages or [
        f"{annex.words(pointer)}里有一行与表中标题相同，打印后无法区分，请改写该行。"
        for pointer in confusable(plan_of(annex.edition, annex.number), data)
    ]


# ---------------------------------------------------------------- take in


@cache
def plan_of(edition: str, number: str) -> Plan:
    """The reading plan of an annex, compiled from its template once."""
    from pipeline.extract import compile_plan

    annex = annexes.catalogue(edition)[number]
    return compile_plan(annex, read.read(annex.template)[0])


def plans(edition: str = settings.DEFAULT_EDITION) -> dict[str, Plan]:
    return {number: plan_of(edition, number) for number in annexes.catalogue(edition)}


def read_paths(paths: Iterable[Path], edition: str = settings.DEFAULT_EDITION) -> Iterator[Reading]:
    """What each document says; folders and archives are opened. What cannot be read is a Reading
    without annex whose finding says why."""
    for path in paths:
        yield from _read_path(path, edition)


def _read_path(path: Path, edition: str) -> Iterator[Reading]:
    from pipeline import intake

    try:
        if not path.is_dir():
            read.identify(path)
            if intake.archive_kind(path, path.name) is None:
                yield from _readings(path, path.name, edition)
                return
        with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
            for member in intake.unpack(path, path.name, Path(folder), intake.Limits()):
                yield from _read_member(member, edition)
    except UnreadableError as error:
        yield _unreadable(path, path.name, error)


def _read_member(member: Member, edition: str) -> Iterator[Reading]:
    if member.problem is not None:
        yield Reading(Source(member.name, member.sha256, "unknown"), findings=(member.problem,))
        return
    try:
        yield from _readings(member.path, member.name, edition)
    except UnreadableError as error:
        yield _unreadable(member.path, member.name, error)


def read_file(path: Path, name: str | None = None) -> list[dict[str, Json]]:
    """The objects that `pipeline read` prints for one file (contract)."""
    return [reading.as_json() for reading in _read_path(path, settings.DEFAULT_EDITION)]


def process_file(path: str, name: str) -> list[dict[str, Json]]:
    """`read_file` as the intake calls it, in a child process. A PipelineError is the caller's."""
    readings = _readings(Path(path), name, settings.DEFAULT_EDITION)
    return [reading.as_json() for reading in readings]


def _readings(path: Path, name: str, edition: str) -> list[Reading]:
    """Every annex in one file; if there is none, one Reading that says so."""
    from pipeline.extract import extract

    documents = read.read(path, name)
    found = [
        _reading(document, record)
        for document in documents
        for record in extract(document, plans(edition))
    ]
    if found:
        return found
    return [_unrelated(documents[0].source if documents else read.identify(path, name), documents)]


def _reading(document: Document, record: Record) -> Reading:
    """A record, checked: what the extractor found and what the rules find, once each."""
    from pipeline.check import check

    annex = record.annex
    found = [*document.findings, *record.findings]
    spoken = {finding.pointer for finding in found}
    found += check(annex, record.data, spoken)
    return Reading(
        document.source,
        annex.number,
        annex.regulation,
        record.data,
        record.origins,
        tuple(dict.fromkeys(found)),
    )


def _unrelated(source: Source, documents: Sequence[Document]) -> Reading:
    noticed = tuple(finding for document in documents for finding in document.findings)
    message = f"“{source.file}”不是附件1至附件6中的任何一种，未能识别。请核对是否发错了文件。"
    return Reading(source, findings=(*noticed, Finding("error", "unrecognised", "", message)))


def _unreadable(path: Path, name: str, error: PipelineError) -> Reading:
    try:
        source = read.identify(path, name) if path.is_file() else Source(name, "", "unknown")
    except UnreadableError:
        source = Source(name, "", "unknown")
    return Reading(source, findings=(Finding("error", error.code, "", str(error)),))


def take_in(
    where: Settings,
    *,
    jobs: int = 1,
    on_event: Callable[[Event], None] = lambda event: None,
    watch: threading.Event | None = None,
) -> list[PacketReport]:
    """All that lies in the inbox, each packet to its end state; with `watch` all that comes."""
    from pipeline import intake

    home = intake.Home.of(where.inbox, where.outbox, where.work)
    compose = partial(_compose, edition=where.edition)
    return intake.take_in(home, PROCESS, compose, jobs=jobs, on_event=on_event, watch=watch)


def _compose(packet: Packet, results: list[FileResult], *, edition: str) -> dict[str, bytes]:
    """What is published of a packet: packet.json, annex-N.json, the report."""
    from pipeline.announce.report import report
    from pipeline.check.packet import STATE_WORDS, assess

    files = tuple(ReturnedFile(r.name, r.sha256, r.size, r.documents, r.problem) for r in results)
    assessment = assess(
        ReturnedPacket(packet.name, packet.sha256, packet.received_at, files), edition
    )
    summary = assessment.as_json()
    page = report(summary, assessment.documents, STATE_WORDS, edition)
    documents = {name: dump_json(doc) for name, doc in assessment.documents.items()}
    return {"packet.json": dump_json(summary), **documents, "核对报告.html": page}


# ---------------------------------------------------------------- announce


def announce(
    kind: str,
    source: Path,
    out: Path | None = None,
    file_format: str | None = None,
    **options: Any,
) -> Path:
    """An official document from a JSON file; gives the path written. The format is that of `out`
    where none is given; `options` are those of `typeset`."""
    from pipeline.announce import KINDS, typeset

    data = load_json(source)
    if not isinstance(data, dict):
        raise DataError(f"“{source}”里应是一个 JSON 对象（{{…}}）。")
    given = file_format or (out.suffix.lower().removeprefix(".") if out else "")
    made: Literal["pdf", "docx"] = "docx" if given == "docx" else "pdf"
    document = typeset(kind, data, file_format=made, **options)  # refuses an unknown kind
    target = out or source.with_name(f"{KINDS[kind]}.{made}")
    write_bytes(target, document)
    return target

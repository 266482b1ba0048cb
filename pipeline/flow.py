"""The whole story on one page: send out, take in, decide, announce.

    render_forms   forms go out: blank, or filled with what is known
    read_paths     returned documents → what they say
    read_apart     the same, so that no file can harm the program
    take_in        packets from the inbox → results in the outbox
    announce       official documents from a JSON file
    verify         what a signed document or a plaque is worth

The steps (render, read, extract, check, mark, intake, announce) know nothing of each other; here they
are put together. What passes between them are the frozen dataclasses of the plain modules.
A step is imported where it is called, so that each command loads only what it needs.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import annex as annexes
from pipeline import read, settings
from pipeline.annex import Annex
from pipeline.document import Document, Source
from pipeline.errors import (
    DataError,
    MissingToolError,
    PipelineError,
    TemplateError,
    UnreadableError,
    UnsupportedError,
    UsageError,
)
from pipeline.files import dump_json, load_json, write_bytes
from pipeline.findings import Finding
from pipeline.reading import Line, Reading, ReturnedFile, ReturnedPacket, places_of, uncollected
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.announce import Format
    from pipeline.announce.verify import Verification
    from pipeline.check.packet import Assessment, Material
    from pipeline.extract import Plan, Record
    from pipeline.intake import Event, FileResult, Member, Packet, PacketReport
    from pipeline.mark import MarkedCopy
    from pipeline.render import Progress

Json = Any

#: Why there is a line without annex for a file, and no error of the whole command.
CANNOT_READ = (UnreadableError, MissingToolError)

#: Scanned pages that are looked at of a file whose name says that it is a supporting copy, and what
#: is said of those that are not.
FIRST_PAGES = 2
NOT_LOOKED_AT = frozenset({"scan", "no-unicode-map"})

#: What a child process says is wrong with our own data, by its code.
OURS = {error.code: error for error in (UsageError, DataError, TemplateError)}

#: What is called in child processes, by its name.
PROCESS, MARK = "pipeline.flow:process_file", "pipeline.flow:mark_file"
MEMBERS, LINES = "pipeline.flow:members_of", "pipeline.flow:lines_of"


# ---------------------------------------------------------------- send out


def render_forms(
    numbers: Sequence[str],
    file_format: str,
    out: Path,
    *,
    data: Path | None = None,
    force: bool = False,
    controls: bool = False,
    together: bool = False,
    rows: int = 0,
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
    order = render.Order(tuple(chosen), file_format, out, edition, force, controls, together, rows)
    yield from render.write(order, data, unfit, processes=processes, progress=progress)


def render_list(out: Path, *, force: bool = False, edition: str = settings.DEFAULT_EDITION) -> Path:
    """The blank list of applicants (xlsx) that `render_forms` takes as data; gives its path."""
    from pipeline.render import applicants

    path = out / applicants.FILE
    if path.exists() and not force:
        raise UsageError(
            f"已有同名文件，没有覆盖：{path}。", remedy="请换一个 --out 文件夹，或加 --force 覆盖。"
        )
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

    messages = list(dict.fromkeys(f.message for f in schema.findings(annex, data)))
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
    with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
        try:
            members = _members(path, Path(folder))
        except CANNOT_READ as error:
            yield _unreadable(path, path.name, error)
            return
        for member in members:
            yield from _read_member(member, edition, alone=member.path == path)


def _members(path: Path, folder: Path) -> list[Member]:
    """The files of a packet, unpacked into `folder`; a file that is none is its only member."""
    from pipeline import intake

    if not path.is_dir():
        source = read.identify(path)
        if intake.archive_kind(path, path.name) is None:
            return [intake.Member(path.name, path, path.stat().st_size, source.sha256)]
    return intake.unpack(path, path.name, folder, intake.Limits())


def _read_member(member: Member, edition: str, *, alone: bool) -> Iterator[Reading]:
    if member.problem is not None:
        yield _lost(member, member.problem)
        return
    try:
        readings = _readings(member.path, member.name, edition)
    except CANNOT_READ as error:
        readings = [_unreadable(member.path, member.name, error)]
    yield from readings if alone else map(_one_of_many, readings)


def _lost(member: Member, problem: Finding) -> Reading:
    return Reading(Source(member.name, member.sha256, "unknown"), findings=(problem,))


def _one_of_many(reading: Reading) -> Reading:
    """What lies in a packet beside the annexes is to be looked at by a person, and no error."""
    softened = (
        replace(finding, severity="warning") if finding.code == "unrecognised" else finding
        for finding in reading.findings
    )
    return replace(reading, findings=tuple(softened))


def read_apart(paths: Iterable[Path], edition: str = settings.DEFAULT_EDITION) -> Iterator[Line]:
    """As `read_paths`, but each file is read in a child process: one that kills its reader, or asks
    for more than the bounds of the intake, is a line that says so and costs only itself."""
    from pipeline import intake

    sandbox = intake.sandbox_of_thread(intake.Limits())
    for path in paths:
        with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
            given = str(path.absolute())
            opened = sandbox.call(MEMBERS, [given, path.name, folder], Path(folder))
            if opened.problem is not None:
                yield _line_of_end(Source(path.name, "", "unknown"), opened.problem)
                continue
            yield from (Line(**line) for line in opened.value["lines"])
            for member in opened.value["members"]:
                alone = member["path"] == given
                done = sandbox.call(LINES, [member, edition, alone], Path(folder))
                if done.problem is not None:
                    yield _line_of_end(
                        Source(member["name"], member["sha256"], "unknown"), done.problem
                    )
                yield from (Line(**line) for line in done.value or ())


def _line_of_end(source: Source, problem: Finding) -> Line:
    """The line of a file whose reading was ended. What is wrong with our own data is raised."""
    if ours := OURS.get(problem.code):
        raise ours(problem.message)
    return Line.of(Reading(source, findings=(problem,)))


def members_of(path: str, name: str, folder: str) -> Json:
    """The members of a packet, or the line that says why it cannot be opened; in a child process."""
    try:
        members = _members(Path(path), Path(folder))
    except CANNOT_READ as error:
        line = Line.of(_unreadable(Path(path), name, error))
        return {"members": [], "lines": [asdict(line)]}
    return {"members": [asdict(m) | {"path": str(m.path)} for m in members], "lines": []}


def lines_of(member: Json, edition: str, alone: bool) -> list[Json]:
    """The lines of one member; in a child process."""
    from pipeline import intake

    problem = member["problem"] and Finding(**member["problem"])
    given = intake.Member(**{**member, "path": Path(member["path"]), "problem": problem})
    return [asdict(Line.of(reading)) for reading in _read_member(given, edition, alone=alone)]


def read_file(path: Path, name: str | None = None) -> list[dict[str, Json]]:
    """The objects that `pipeline read` prints for one file (contract)."""
    return [reading.as_json() for reading in _read_path(path, settings.DEFAULT_EDITION)]


def process_file(path: str, name: str) -> list[dict[str, Json]]:
    """`read_file` as the intake calls it, in a child process. A PipelineError is the caller's."""
    readings = _readings(Path(path), name, settings.DEFAULT_EDITION)
    return [reading.as_json() for reading in readings]


def _readings(path: Path, name: str, edition: str) -> list[Reading]:
    """Every annex in one file; if there is none, one Reading that says so."""
    from pipeline.check.packet import named_copy

    # An audit report of eighty scanned pages is one by its name, if nothing in front speaks against it.
    scans = FIRST_PAGES if named_copy(name, edition) else None
    try:
        documents = read.read(path, name, scans)
        found = _annexes(documents, edition)
        if found and scans and any(f.code in NOT_LOOKED_AT for d in documents for f in d.findings):
            documents = read.read(path, name)
            found = _annexes(documents, edition)
    except (MissingToolError, UnsupportedError) as error:
        return [_unread_copy(path, name, edition, error)]
    if found:
        return found
    source = documents[0].source if documents else read.identify(path, name)
    return [_unrelated(source, documents, edition)]


def _annexes(documents: Sequence[Document], edition: str) -> list[Reading]:
    from pipeline.extract import extract_all

    known = plans(edition)
    with uncollected():
        return [_reading(document, record) for document, record in extract_all(documents, known)]


def _reading(document: Document, record: Record) -> Reading:
    """A record, checked: what the extractor found and what the rules find, once each."""
    from pipeline.check import check
    from pipeline.check.version import check_version
    from pipeline.extract import footers

    annex = record.annex
    found = [*document.findings, *record.findings]
    spoken = {finding.pointer for finding in found}
    found += check(annex, record.data, spoken)
    version, changed = check_version(annex, record.data, footers(document))
    if changed is not None:
        found.append(changed)
    return Reading(
        document.source,
        annex.number,
        annex.regulation,
        record.data,
        record.origins,
        tuple(dict.fromkeys(found)),
        version.as_json() if version else None,
        places=places_of(found, record.origins, record.blanks),
    )


def _unrelated(source: Source, documents: Sequence[Document], edition: str) -> Reading:
    """What is no annex: a supporting copy, by its name or its first page, or nothing of ours."""
    from pipeline.check.packet import copy_of

    noticed = tuple(finding for document in documents for finding in document.findings)
    first_page = "".join(document.first_page for document in documents[:1])
    if copy := copy_of(source.file, first_page, edition):
        return _copy(source, copy, noticed)
    message = f"“{source.file}”不是附件1至附件6中的任何一种，未能识别。请核对是否发错了文件。"
    return Reading(source, findings=(*noticed, Finding("error", "unrecognised", "", message)))


def _unread_copy(path: Path, name: str, edition: str, error: PipelineError) -> Reading:
    """A copy need not be read to be there: its name is enough. Raises `error` for all others."""
    from pipeline.check.packet import copy_of

    copy = copy_of(name, edition=edition)
    if copy is None:
        raise error
    message = f"内容没有读取：{error}如确是这项材料的复印件，不必重交。"
    return _copy(read.identify(path, name), copy, [Finding("info", error.code, "", message)])


def _copy(source: Source, copy: Material, noticed: Iterable[Finding]) -> Reading:
    """Nothing that was noticed in a copy is wrong with a form."""
    message = f"“{source.file}”是佐证材料：{copy.title}。"
    said = Finding("info", "material", "", message, copy.article)
    softened = (replace(finding, severity="info") for finding in noticed)
    doubts = [] if _ANNEX_NUMBER.search(source.file) is None else [_numbered(source.file)]
    return Reading(source, findings=(*softened, *doubts, said), material=copy.id)


#: People number their copies 附件1, 附件2, too.
_ANNEX_NUMBER = re.compile(r"附件\s*[1-6１-６一二三四五六](?![0-9０-９十、])[^/]*$")


def _numbered(name: str) -> Finding:
    message = f"“{name}”里没有附件表格，按佐证材料计入；如本应是附件表格，请重新提交该表。"
    return Finding("info", "material-numbered", "", message)


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
    compose = partial(_compose, edition=where.edition, office=_office(where))
    return intake.take_in(home, PROCESS, compose, jobs=jobs, on_event=on_event, watch=watch)


def _office(where: Settings) -> dict[str, Json]:
    """The office's settings; none where it has no such file."""
    from pipeline.announce.correction import load_office

    path = where.office_file
    return load_office(path, where.edition) if path else {}


def _compose(
    packet: Packet, results: list[FileResult], *, edition: str, office: Mapping[str, Json]
) -> dict[str, bytes]:
    """What is published of a packet: packet.json, annex-N.json, the report, and where something
    is to be mended the notice that says so."""
    from pipeline.announce.correction import notice
    from pipeline.announce.report import report
    from pipeline.check.packet import STATE_WORDS, assess

    files = tuple(ReturnedFile(r.name, r.sha256, r.size, r.documents, r.problem) for r in results)
    assessment = assess(
        ReturnedPacket(packet.name, packet.sha256, packet.received_at, files), edition
    )
    copies = _marked(results, assessment)
    summary = {**assessment.as_json(), "marked": [copy.as_json() for copy in copies]}
    page = report(summary, assessment.documents, STATE_WORDS, edition)
    documents = {name: dump_json(doc) for name, doc in assessment.documents.items()}
    marked = {copy.name: copy.content for copy in copies if copy.content}
    published = {"packet.json": dump_json(summary), **documents, "核对报告.html": page, **marked}
    if assessment.outcome == "to_correct" and assessment.is_application:
        questions = assessment.questions
        published |= notice(summary, assessment.documents, questions, office, edition)
    return published


def in_short(report: PacketReport) -> str:
    """What came of a packet, in a line for the terminal."""
    if report.state != "done" or report.place is None:
        return report.reason
    summary = load_json(report.place / "packet.json")
    unmet = sum(verdict["state"] == "not_met" for verdict in summary["verdicts"])
    counts = {
        "个文件没能读取": sum(file["problem"] is not None for file in summary["files"]),
        "项材料缺交": sum(v["state"] == "missing" for v in summary["missing"]),
        "个问题要申报单位说明": len(summary["questions"]),
        "份表格没有填写": _blank_forms(report.place, summary),
        "处填写错误": _issues(summary, "error"),
        "处缺项或存疑": _issues(summary, "warning"),
        "项认定条件凭表不符合": unmet,
    }
    found = "，".join(f"{count} {what}" for what, count in counts.items() if count)
    word = _OUTCOMES[summary["outcome"]]
    return f"{word}：{found}" if found else word


_OUTCOMES = {
    "complete": "材料齐全",
    "to_correct": "需要补正",
    "unrecognised": "没有认出申报材料，请人工处理",
}


def _blank_forms(place: Path, summary: Mapping[str, Json]) -> int:
    issues = (load_json(place / document["file"])["issues"] for document in summary["documents"])
    return sum(any(issue["code"] == "blank-form" for issue in one) for one in issues)


def _issues(summary: Mapping[str, Json], severity: str) -> int:
    issues = [issue["severity"] for issue in summary["issues"]]
    own = [int(document[f"{severity}s"]) for document in summary["documents"]]
    return sum(own) + issues.count(severity)


def _marked(results: Iterable[FileResult], assessment: Assessment) -> list[MarkedCopy]:
    """A copy of each file that is found fault with, marked at the places: made in the sandbox, like
    all that opens the file."""
    from pipeline import intake, mark

    sandbox, names = intake.sandbox_of_thread(intake.Limits()), mark.Names()
    copies = []
    for result in results:
        forms = [d for d in result.documents if d["annex"]]  # in others there is no place to mark
        if marks := mark.marks_of(map(assessment.with_all_issues, forms)):
            with tempfile.TemporaryDirectory(prefix="pipeline-") as folder:
                given = [one.as_json() for one in marks]
                done = sandbox.call(
                    MARK, [str(result.path), result.name, given, folder], Path(folder)
                )
                copies.append(mark.copy_of(result.name, done.value, done.problem, names))
    return copies


def mark_file(path: str, name: str, given: list[Json], folder: str) -> str:
    """A marked copy of a file under `folder`, and its path; in a child process. A PipelineError
    says why there is none."""
    from pipeline import mark
    from pipeline.read.current import current
    from pipeline.read.docx_places import locate

    marks = [mark.Mark.of_json(one) for one in given]
    kept, file_format = current(Path(path), read.identify(Path(path), name), Path(folder))
    places = [one.place for one in marks if one.place]
    spots = locate(kept, name, places) if file_format == "docx" else {}
    target = Path(folder) / f"marked.{file_format}"
    write_bytes(target, mark.mark(kept, file_format, marks, spots))
    return str(target)


# ---------------------------------------------------------------- announce


#: Doubts that are told one by one.
MOST_DOUBTS = 20


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose electronic signature goes on a document: a PKCS#12 file and its passphrase."""

    pkcs12: Path
    passphrase: str


def announce(
    kind: str,
    source: Path,
    out: Path | None = None,
    file_format: str | None = None,
    *,
    signer: Signer | None = None,
    each: bool = False,
    strict: bool = False,
    on_doubt: Callable[[str], None] = lambda doubt: None,
    **options: Any,
) -> Iterator[Path]:
    """An official document from a JSON file (`each`: a plaque a file, into the folder `out`); gives
    each path written. The format is that of `out` where none is given; `options` are those of
    `typeset`. What looks wrong in the data goes to `on_doubt`, and is an error if `strict`."""
    from pipeline.announce import KINDS, typeset

    data = load_json(source)
    if not isinstance(data, dict):
        raise DataError(f"“{source}”里应是一个 JSON 对象（{{…}}）。")
    _look_over(kind, data, strict, on_doubt)
    made = _format(kind, file_format, out)
    if each:
        from pipeline.announce.plaque import one_each

        folder = out or source.parent
        jobs = [(folder / f"{KINDS[kind]}_{name}.pdf", one) for name, one in one_each(kind, data)]
    else:
        jobs = [(out or source.with_name(f"{KINDS[kind]}.{made}"), data)]
    documents = [(path, typeset(kind, one, file_format=made, **options)) for path, one in jobs]
    for path, document in documents:
        write_bytes(path, _signed(document, signer, made))
        yield path


def _format(kind: str, asked: str | None, out: Path | None) -> Format:
    """What was asked for, else what the file's suffix says, else the kind's usual one."""
    from pipeline.announce import FORMAT_WORDS, formats_of

    given = asked or (out.suffix.lower().removeprefix(".") if out else "")
    return next((known for known in FORMAT_WORDS if known == given), formats_of(kind)[0])


def _look_over(
    kind: str, data: Mapping[str, Json], strict: bool, on_doubt: Callable[[str], None]
) -> None:
    from pipeline.announce import KINDS, doubts

    found = doubts(kind, data) if kind in KINDS else []
    if found and strict:
        listed = "\n".join(f"  · {doubt}" for doubt in found)
        raise DataError(f"{KINDS[kind]}的数据有{len(found)}处存疑，没有生成：\n{listed}")
    for doubt in found[:MOST_DOUBTS]:
        on_doubt(doubt)
    if len(found) > MOST_DOUBTS:
        on_doubt(f"另有{len(found) - MOST_DOUBTS}处，加 --strict 列出全部。")


def stand_ins(font_map: Path | None) -> list[str]:
    """Which fonts of the office are stood in for by others in a PDF."""
    from pipeline.announce import substitutions

    return substitutions(font_map)


def _signed(document: bytes, signer: Signer | None, made: str) -> bytes:
    if signer is None:
        return document
    if made != "pdf":
        raise UsageError("只有 PDF 能加电子签名。")
    from pipeline.announce.sign import sign_pdf

    return sign_pdf(document, signer.pkcs12, signer.passphrase)


def verify(file: Path, key: Path | None = None, roots: Path | None = None) -> Verification:
    """The signatures and plaque codes of a file."""
    from pipeline.announce import verify as verification

    return verification.verify(file, key, roots)

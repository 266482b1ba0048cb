"""A packet as a whole: which materials of article 8 are there, what its forms say of each other,
and what they say of each condition of article 7.

The materials are data (`materials.yaml`): an annex is known by what was read, a copy by the name
of its file, else by the words of its first page. A verdict says what is there and what is not; it
is never an approval.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import PurePosixPath
from typing import Any, Literal

import yaml

from pipeline import settings
from pipeline.check import across, conditions, copies
from pipeline.check.case import Case, CaseFinding
from pipeline.deadlines import CHINA
from pipeline.errors import TemplateError
from pipeline.reading import ReturnedFile, ReturnedPacket

Json = Any
State = Literal["present", "missing", "unreadable", "not_required"]
#: Characters of a word in a file's name that leave no doubt what the file is.
CONCLUSIVE = 3
STATE_WORDS: dict[str, str] = {
    "present": "已交",
    "missing": "缺项",
    "unreadable": "无法读取",
    "not_required": "未交（视情提供）",
    **{str(state): words for state, words in conditions.STATE_WORDS.items()},
}


_INSTITUTION = re.compile(r"^.*(?:公司|中心|协会|商会|学会|联合会|研究院|研究所|事务所|集团)")


@dataclass(frozen=True, slots=True)
class Material:
    """One material of article 8 (materials.yaml)."""

    id: str
    title: str
    article: str
    annex: str = ""
    names: tuple[str, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    required: bool = True

    @property
    def is_copy(self) -> bool:
        return not self.annex

    def named_by(self, text: str) -> int:
        """How much of a file's or folder's name speaks of it: the length of the longest word."""
        return max((len(word) for word in self.names if word in text), default=0)

    def told_by(self, page: str) -> int:
        """How much of a page speaks of it: the length of the words that stand there together."""
        return max(
            (sum(map(len, group)) for group in self.words if all(w in page for w in group)),
            default=0,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a material is there, and in which files."""

    material: Material
    state: State
    files: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        return {
            "kind": "material",
            "id": self.material.id,
            "title": self.material.title,
            "article": self.material.article,
            "state": self.state,
            "files": list(self.files),
        }


@dataclass(frozen=True)
class Assessment:
    """What a packet holds and lacks. `documents`: file name in the result → the reading; `across`:
    what was found between them; `conditions`: article 7, none where no form was read."""

    packet: ReturnedPacket
    verdicts: tuple[Verdict, ...]
    documents: Mapping[str, Mapping[str, Json]]
    across: tuple[CaseFinding, ...]
    conditions: tuple[conditions.Verdict, ...]
    notes: tuple[str, ...]
    #: Those of the notes that only the applicant can answer.
    questions: tuple[str, ...] = ()

    @property
    def institution(self) -> dict[str, str | None]:
        """Name and USCC, as annex 1 has them; the name also from another annex."""
        found = sorted(self.documents.items(), key=lambda item: str(item[1]["annex"]))
        own = [copies.Copy.of(name, form) for name, form in found if form["annex"] != "6"]
        named = [copy for copy in own if copy.institution] or [copy for copy in own if copy.names]
        if not named:
            return {"name": None, "uscc": None}
        name = named[0].institution or next(iter(named[0].names.values()))
        return {"name": name, "uscc": named[0].data.get("uscc")}

    @property
    def missing(self) -> list[Verdict]:
        return [v for v in self.verdicts if v.state in ("missing", "unreadable")]

    @cached_property
    def issues(self) -> list[Mapping[str, Json]]:
        """Every issue with its document: each form's own in their order, then those between them."""
        own = (
            {"document": name, **issue}
            for name, document in self.documents.items()
            for issue in document["issues"]
        )
        return [*own, *(found.as_json() for found in self.across)]

    def with_all_issues(self, document: Mapping[str, Json]) -> Mapping[str, Json]:
        """A reading of the packet with what other forms say against it, too."""
        mine = [
            found.as_json()
            for found in self.across
            if self.documents.get(found.document) is document
        ]
        return {**document, "issues": [*document["issues"], *mine]} if mine else document

    @property
    def errors(self) -> list[Mapping[str, Json]]:
        return [issue for issue in self.issues if issue["severity"] == "error"]

    @property
    def is_application(self) -> bool:
        """Whether an applicant has sent this; nobody else is told to correct anything."""
        return _is_application(self.packet.files)

    @cached_property
    def answered(self) -> list[dict[str, str]]:
        """The blanks of a form that another copy of it in the packet fills in."""
        return copies.answered(self.documents)

    @property
    def outcome(self) -> Literal["complete", "to_correct", "unrecognised"]:
        """`complete`: every required material is there, no form has an error or a blank that must
        be filled, and nothing is to be asked; else the applicant has something to correct.
        `unrecognised`: nothing of an application was found, and nothing that may be one."""
        if not self.is_application and not self.documents:
            return "unrecognised"
        answered = {(blank["document"], blank["pointer"]) for blank in self.answered}
        blanks = any(
            issue["code"] == "blank-form"
            or (
                issue["code"] == "missing" and (issue["document"], issue["pointer"]) not in answered
            )
            for issue in self.issues
        )
        wanting = self.missing or self.errors or blanks or self.questions
        return "to_correct" if wanting else "complete"

    def as_json(self) -> dict[str, Json]:
        return {
            "packet": {
                "name": self.packet.name,
                "sha256": self.packet.sha256,
                "received_at": self.packet.received_at,
            },
            "institution": self.institution,
            "outcome": self.outcome,
            "files": [_file_json(file) for file in self.packet.files],
            "documents": [
                {
                    "file": name,
                    "annex": document["annex"],
                    "source": document["source"]["file"],
                    "errors": _count(document, "error"),
                    "warnings": _count(document, "warning"),
                }
                for name, document in self.documents.items()
            ],
            "missing": [verdict.as_json() for verdict in self.missing],
            "verdicts": [
                *(verdict.as_json() for verdict in self.verdicts),
                *(verdict.as_json() for verdict in self.conditions),
            ],
            "issues": [found.as_json() for found in self.across],
            "notes": list(self.notes),
            "questions": list(self.questions),
            "answered": self.answered,
        }


def assess(packet: ReturnedPacket, edition: str = settings.DEFAULT_EDITION) -> Assessment:
    """The packet against articles 7 and 8: what is there, what is missing, what was found."""
    applied = _is_application(packet.files)
    required = materials(edition) if applied else ()
    verdicts = tuple(_verdict(material, packet.files) for material in required)
    documents = _documents(packet.files)
    received_on = datetime.fromisoformat(packet.received_at).astimezone(CHINA).date()
    case = Case.of(documents, received_on, edition)
    questions = tuple(_questions(packet, edition))
    return Assessment(
        packet,
        verdicts,
        documents,
        tuple(across.findings(case)),
        tuple(conditions.verdicts(case)) if documents and applied else (),
        (*questions, *_notes(packet)),
        questions,
    )


@cache
def materials(edition: str) -> tuple[Material, ...]:
    """The materials of article 8, in its order."""
    try:
        return tuple(_material(entry) for entry in _listed(edition)["materials"])
    except (KeyError, TypeError) as error:
        raise _unlisted(error) from error


def named_copy(name: str, edition: str = settings.DEFAULT_EDITION) -> Material | None:
    """The supporting copy that a file's own name says it is, beyond doubt: by a word of some length,
    and by no word that lets expect other things beside it. None for all others."""
    own = PurePosixPath(name).name
    if any(word in own for word in _listed(edition).get("mixed", ())):
        return None
    material = copy_of(own, edition=edition)
    return material if material and material.named_by(own) >= CONCLUSIVE else None


@cache
def _listed(edition: str) -> Mapping[str, Json]:
    path = settings.schemas_dir() / edition / "materials.yaml"
    try:
        return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, TypeError, ValueError) as error:
        raise _unlisted(error) from error


def _unlisted(error: Exception) -> TemplateError:
    return TemplateError(
        f"申报材料清单 materials.yaml 读不出：{error}。", remedy="请按原格式改正。"
    )


def _material(entry: Mapping[str, Json]) -> Material:
    names = tuple(entry.get("names", ()))
    words = tuple(tuple(group.split()) for group in entry.get("words", ()))
    return Material(**{**entry, "names": names, "words": words})


def copy_of(
    name: str, first_page: str = "", edition: str = settings.DEFAULT_EDITION
) -> Material | None:
    """The supporting copy that a file is: by its own name, by the words of its first page, else by
    the folders in which it lies. None where nothing tells, or the name is that of an annex."""
    *folders, own = PurePosixPath(name).parts or ("",)
    page, listed = "".join(first_page.split()), materials(edition)
    ways = [
        # The name of an institution may speak of what it does: 某财务会计咨询有限公司申请表.
        [material.named_by(_INSTITUTION.sub("", own)) for material in listed],
        [material.named_by(own) for material in listed],
        [material.told_by(page) for material in listed],
        *([material.named_by(folder) for material in listed] for folder in reversed(folders)),
    ]
    for scores in ways:
        if best := max(scores):
            material = listed[scores.index(best)]
            return material if material.is_copy else None
    return None


def _is_application(files: Iterable[ReturnedFile]) -> bool:
    """Whether files are, or may be, of an application: a form of the applicant's (附件1–5), a copy of
    article 8, or what could not be read. 附件6 is filled in by who recommends."""
    return any(
        any(annex != "6" for annex in file.annexes) or file.problem is not None or _copy_id(file)
        for file in files
    )


def _verdict(material: Material, files: Iterable[ReturnedFile]) -> Verdict:
    mine = [file for file in files if _belongs(material, file)]
    names = tuple(file.name for file in mine)
    if any(file.problem is None for file in mine):
        return Verdict(material, "present", names)
    if mine:
        return Verdict(material, "unreadable", names)
    return Verdict(material, "missing" if material.required else "not_required")


def _belongs(material: Material, file: ReturnedFile) -> bool:
    if material.annex:
        read = material.annex in file.annexes
        named = f"附件{material.annex}" in PurePosixPath(file.name).name and not file.documents
        return read or (named and file.problem is not None)
    return material.id == _copy_id(file)


def _copy_id(file: ReturnedFile) -> str | None:
    """The supporting copy that a file of the packet is: as it was read, else by its name."""
    if file.annexes:
        return None
    named = copy_of(file.name)
    return file.material or (named.id if named else None)


def _documents(files: Iterable[ReturnedFile]) -> dict[str, Mapping[str, Json]]:
    """File name in the result → reading: annex-1.json, and annex-1-2.json for a second one."""
    found: dict[str, Mapping[str, Json]] = {}
    for document in sorted(
        (d for file in files for d in file.documents if d.get("annex")),
        key=lambda d: str(d["annex"]),
    ):
        name, number = f"annex-{document['annex']}.json", 2
        while name in found:
            name = f"annex-{document['annex']}-{number}.json"
            number += 1
        found[name] = document
    return found


def _questions(packet: ReturnedPacket, edition: str) -> Iterable[str]:
    """What only the applicant can tell: which of two forms counts, and whose forms they are."""
    yield from copies.different(packet, edition)
    yield from _strangers(packet)


def _notes(packet: ReturnedPacket) -> Iterable[str]:
    """What a person should know about the files themselves."""
    yield from copies.same(packet)
    for file in packet.files:
        if file.problem is not None:
            named = file.name in file.problem.message
            yield file.problem.message if named else f"“{file.name}”：{file.problem.message}"
        elif file.material is not None:
            yield from (f"“{file.name}”：{message}" for message in _unread(file))
        elif not file.annexes and _copy_id(file) is None:
            yield f"“{file.name}”不是附件表格，也看不出是哪项材料，已随原件保存。"


def _strangers(packet: ReturnedPacket) -> Iterable[str]:
    """Forms of two institutions in one packet: names that differ in more than brackets and blanks."""
    named: dict[str, str] = {}
    for form in copies.forms(packet):
        if name := form.institution:
            said = f"附件{form.annex}（{form.file}）为“{name}”"
            named.setdefault(copies.plain(name), said)
    if len(named) > 1:
        yield (
            f"材料里的单位名称不一致：{'；'.join(named.values())}。请核对是否混入了其他机构的材料；"
            "是几家机构的，请每家一个文件夹或压缩包，分开提交。"
        )


def _unread(file: ReturnedFile) -> Iterable[str]:
    """Why a copy was taken by its name alone."""
    for document in file.documents:
        for issue in document["issues"]:
            if issue["code"] in ("tool-missing", "unsupported-format", "scan"):
                yield f"{issue['message']}已按文件名计入。"
            elif issue["code"] == "material-numbered":
                yield issue["message"]


def _file_json(file: ReturnedFile) -> dict[str, Json]:
    return {
        "name": file.name,
        "sha256": file.sha256,
        "size": file.size,
        "annexes": list(file.annexes),
        "material": _copy_id(file),
        "problem": file.problem.message if file.problem else None,
    }


def _count(document: Mapping[str, Json], severity: str) -> int:
    return sum(issue["severity"] == severity for issue in document["issues"])

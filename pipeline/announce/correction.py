"""补正通知书 of a packet: made of all that was found in it, ready to send (第九条（二）).

What the office alone knows — who handles it, by when, under which number — comes from its settings
(`机关设置.yaml`); what those lack is printed as 〔待填〕 and never invented. The data are kept beside
the notice: an official fills in the rest and sets it anew with `pipeline announce correction`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

from pipeline.annex import catalogue
from pipeline.announce import typeset
from pipeline.announce.facts import BLANK, KEYS, label
from pipeline.announce.wording import Wording, fill, load_wording
from pipeline.errors import DataError
from pipeline.files import dump_json, read_text
from pipeline.findings import in_ranges

Json = Any

KIND, NAME = "correction", "补正通知书"
#: The hour of an office in China, whatever the machine's.
CHINA = timezone(timedelta(hours=8))
#: Findings that are no errors and yet must be mended.
BLANK_CODES = ("missing", "blank-form")
#: A message says what is wrong, then what to do.
REMEDY = re.compile(r"(?s)(.+?[。？！])([^。？！]*请.*)")


def load_office(path: Path, edition: str) -> dict[str, Json]:
    """An office's settings, checked: a YAML object of the keys that the wording names."""
    try:
        settings = yaml.safe_load(read_text(path)) or {}
    except yaml.YAMLError as error:
        raise DataError(f"机关设置 {path} 不是正确的 YAML。") from error
    allowed = load_wording(KIND, edition).names("office")
    told = "、".join(f"{key}（{label(key)}）" for key in allowed)
    if not isinstance(settings, dict):
        raise DataError(f"机关设置 {path} 应逐行写“键: 值”。", remedy=f"可用的键是：{told}。")
    for key, value in settings.items():
        if key not in allowed:
            raise DataError(
                f"机关设置 {path} 里没有 {key} 这个键。", remedy=f"可用的键是：{told}。"
            )
        try:
            KEYS[key].parse(value)
        except ValueError as error:
            raise DataError(
                f"机关设置 {path} 的 {key}（{label(key)}）{error}：{value}。"
            ) from error
    return settings


def notice(
    packet: Mapping[str, Json],
    documents: Mapping[str, Mapping[str, Json]],
    questions: Sequence[str],
    office: Mapping[str, Json],
    edition: str,
) -> dict[str, bytes]:
    """File name → content: the notice as docx and PDF, and its data. `packet` is the content of
    packet.json, `documents` what `pipeline read` prints by file name, `questions` what the packet
    as a whole leaves open."""
    data = _printable(notice_data(packet, documents, questions, office, edition))
    files = {f"{NAME}.json": dump_json(data)}
    try:
        files[f"{NAME}.docx"] = typeset(KIND, data, file_format="docx", edition=edition)
        files[f"{NAME}.pdf"] = typeset(KIND, data, file_format="pdf", edition=edition)
    except DataError as error:
        # A name that no font can print must not hold up the packet.
        files[f"{NAME}未能排出.txt"] = f"{error}\n改正 {NAME}.json 后可重新生成。\n".encode()
    return files


def _printable(value: Json) -> Json:
    """What a scan did not show (U+FFFD) as the box that people write for a character they cannot read."""
    if isinstance(value, str):
        return value.replace("\ufffd", "□")
    if isinstance(value, Mapping):
        return {key: _printable(inner) for key, inner in value.items()}
    return [_printable(inner) for inner in value] if isinstance(value, list) else value


def notice_data(
    packet: Mapping[str, Json],
    documents: Mapping[str, Mapping[str, Json]],
    questions: Sequence[str],
    office: Mapping[str, Json],
    edition: str,
) -> dict[str, Json]:
    """The JSON of `pipeline announce correction --from`."""
    wording = load_wording(KIND, edition)
    received = datetime.fromisoformat(packet["packet"]["received_at"]).astimezone(CHINA)
    institution = {"name": packet["institution"]["name"] or BLANK}
    if uscc := packet["institution"]["uscc"]:
        institution["uscc"] = uscc
    institution |= _contact(documents)
    known = {key: office[key] for key in wording.names("office") if key in office}
    blanks = [key for key in wording.names("blanks") if key not in known]
    if "reply_days" in known:
        blanks.remove("deadline")
    return {
        "institution": institution,
        "received_at": received.date().isoformat(),
        **known,
        **dict.fromkeys(blanks, BLANK),
        "items": _together(_items(packet, documents, questions, wording, edition)),
    }


def _contact(documents: Mapping[str, Mapping[str, Json]]) -> dict[str, str]:
    """Whom the applicant has named (annex 1)."""
    for document in documents.values():
        if document["annex"] == "1":
            told = {"contact": "contact", "phone": "contact_phone"}
            data = document["data"]
            return {key: data[name] for key, name in told.items() if data.get(name)}
    return {}


# --- the items ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """How each sort of finding is put (`from_packet` of the wording)."""

    wording: Wording

    def said(self, sort: str, key: str, **values: Any) -> str:
        text = str(self.wording.mapping("from_packet", ())[sort].get(key, ""))
        return fill(text, values, self.wording.path, "from_packet")


def _items(
    packet: Mapping[str, Json],
    documents: Mapping[str, Mapping[str, Json]],
    questions: Sequence[str],
    wording: Wording,
    edition: str,
) -> Iterator[dict[str, str]]:
    """Everything at once: what is missing, what is wrong, then what is doubtful."""
    words = Words(wording)
    for verdict in packet["missing"]:
        yield from _of_missing(verdict, packet.get("files", ()), words)
    for question in questions:
        place, article = (words.said("question", k) for k in ("place", "article"))
        yield _split(place, question, article, words)
    issues = [
        issue
        for issue in _issues(packet, documents)
        if issue["code"] not in wording.names("left_out")
    ]
    wrong = [issue for issue in issues if _must_be_mended(issue)]
    yield from (_of_issue(issue, documents, words, edition) for issue in wrong)
    for verdict in packet["verdicts"]:
        if verdict["state"] == "not_met" and not _is_told(verdict, wrong):
            problem, remedy = (words.said("not_met", k, **verdict) for k in ("problem", "remedy"))
            yield _item(verdict["title"], problem, verdict["article"], remedy)
    for issue in issues:
        if issue["severity"] == "warning" and issue not in wrong:
            item = _of_issue(issue, documents, words, edition)
            yield {**item, "problem": words.said("doubt", "problem", **item)}


def _of_missing(
    verdict: Mapping[str, Json], files: Iterable[Mapping[str, Json]], words: Words
) -> Iterator[dict[str, str]]:
    """What is not there; for each file that is there and cannot be read, why not."""
    title, article = verdict["title"], verdict["article"]
    why = {file["name"]: file["problem"] for file in files if file.get("problem")}
    untold = [name for name in verdict["files"] if name not in why]
    for name in (name for name in verdict["files"] if name in why):
        problem = why[name] if name in why[name] else f"“{name}”：{why[name]}"
        yield _split(title, problem, article, words)
    if untold or not verdict["files"]:
        values = {**verdict, "files": untold}
        problem, remedy = (words.said(verdict["state"], k, **values) for k in ("problem", "remedy"))
        yield _item(title, problem, article, remedy)


_ROW = re.compile(r"第(\d+)行")


def _together(items: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """What is said of many rows in the same words is one item, where the first of them stood."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for item in items:
        row = _ROW.search(item["place"])
        place = _ROW.sub("第{}行", item["place"], count=1)
        rows.setdefault((place, *list(item.values())[1:]), []).extend([int(row[1])] if row else [])
    return [
        _item(place.replace("{}", in_ranges(numbers), 1) if numbers else place, *rest)
        for (place, *rest), numbers in rows.items()
    ]


def _issues(
    packet: Mapping[str, Json], documents: Mapping[str, Mapping[str, Json]]
) -> Iterator[Mapping[str, Json]]:
    """Every issue with its document: each form's own, but the blanks that another copy of the
    form fills in, then those between them."""
    answered = {(blank["document"], blank["pointer"]) for blank in packet.get("answered", ())}
    for name, document in documents.items():
        for issue in document["issues"]:
            if issue["code"] != "missing" or (name, issue["pointer"]) not in answered:
                yield {"document": name, **issue}
    yield from packet["issues"]


def _must_be_mended(issue: Mapping[str, Json]) -> bool:
    return issue["severity"] == "error" or issue["code"] in BLANK_CODES


def _is_told(verdict: Mapping[str, Json], wrong: Sequence[Mapping[str, Json]]) -> bool:
    """Whether each value that a condition fails by is wrong in itself, which has been said."""
    told = [(issue["document"], issue["pointer"]) for issue in wrong]
    values = [(value["document"], value["pointer"]) for value in verdict["values"]]
    return bool(values) and all(value in told for value in values)


def _of_issue(
    issue: Mapping[str, Json],
    documents: Mapping[str, Mapping[str, Json]],
    words: Words,
    edition: str,
) -> dict[str, str]:
    annex = catalogue(edition)[documents[issue["document"]]["annex"]]
    place = annex.words(issue["pointer"])
    problem = issue["message"].removeprefix(f"{place}：")
    return _split(place, problem, issue["article"] or annex.article, words)


def _split(place: str, message: str, article: str, words: Words) -> dict[str, str]:
    """A message parted into what is wrong and what to do."""
    parts = REMEDY.fullmatch(message)
    if parts is None:
        return _item(place, message, article, words.said("default", "remedy"))
    return _item(place, parts[1], article, parts[2])


def _item(place: str, problem: str, article: str, remedy: str) -> dict[str, str]:
    return {"place": place, "problem": problem, "article": article, "remedy": remedy}

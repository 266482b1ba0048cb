"""The report on one packet that staff open in a browser: materials, problems, what was read.

The page is a template beside the notices (`report.html`), escaped throughout; it holds personal
data and stays local.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from pipeline import settings
from pipeline.annex import Annex, catalogue
from pipeline.deadlines import CHINA
from pipeline.document import Place
from pipeline.findings import CODE_WORDS, SEVERITY_WORDS
from pipeline.values import show

Json = Any

_ORDER = {"error": 0, "warning": 1, "info": 2}


def report(
    packet: Mapping[str, Json],
    documents: Mapping[str, Mapping[str, Json]],
    state_words: Mapping[Any, str],
    edition: str = settings.DEFAULT_EDITION,
) -> bytes:
    """The page (UTF-8 HTML, self-contained). `packet`: the content of packet.json; `documents`:
    file name → the object that `pipeline read` prints."""
    annexes = catalogue(edition)
    issues = sorted(_issues(packet, documents), key=lambda issue: _ORDER[issue["severity"]])
    page = _environment(edition).get_template("report.html")
    return page.render(
        packet=packet["packet"],
        received=_moment(packet["packet"]["received_at"]),
        institution=packet["institution"],
        outcome=packet["outcome"],
        missing=[v for v in packet["missing"] if v["state"] == "missing"],
        materials=[v for v in packet["verdicts"] if v["kind"] == "material"],
        conditions=[v for v in packet["verdicts"] if v["kind"] == "condition"],
        notes=packet["notes"],
        questions=packet["questions"],
        unread=[file for file in packet["files"] if file["problem"]],
        state_words=state_words,
        issues=issues,
        marked=packet.get("marked", []),
        wrong=sum(issue["severity"] == "error" for issue in issues),
        empty=sum(issue["code"] == "blank-form" for issue in issues),
        doubtful=sum(issue["word"] == SEVERITY_WORDS["warning"] for issue in issues),
        blank=sum(issue["code"] == "missing" for issue in issues),
        documents=[
            _document(annexes[document["annex"]], document) for document in documents.values()
        ],
    ).encode()


def _moment(text: str) -> str:
    """An ISO 8601 moment as people write it, in Beijing time."""
    at = datetime.fromisoformat(text).astimezone(CHINA)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def _environment(edition: str) -> SandboxedEnvironment:
    folder = settings.templates_dir() / "notices" / edition
    return SandboxedEnvironment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )


def _issues(
    packet: Mapping[str, Json], documents: Mapping[str, Mapping[str, Json]]
) -> Iterator[dict[str, Json]]:
    """Each form's own in the order of the forms, then what was found between them."""
    for document in documents.values():
        yield from (_issue(issue, document) for issue in document["issues"])
    yield from (_issue(issue, documents[issue["document"]]) for issue in packet["issues"])


def _issue(issue: Mapping[str, Json], document: Mapping[str, Json]) -> dict[str, Json]:
    place = document.get("places", {}).get(issue["pointer"])
    where = Place.of_json(place).where if place else ""
    word = CODE_WORDS.get(issue["code"]) or SEVERITY_WORDS[issue["severity"]]
    return {**issue, "word": word, "where": where}


def _document(annex: Annex, document: Mapping[str, Json]) -> dict[str, Json]:
    rows = [
        {
            "label": annex.words(pointer)
            .removeprefix(f"附件{annex.number}")
            .strip(" ")
            .replace("“", "")
            .replace("”", ""),
            "value": _shown(value),
            "where": document["provenance"].get(pointer, {}).get("where", ""),
        }
        for pointer, value in _leaves(document["data"], "")
    ]
    return {
        "annex": annex.number,
        "title": annex.title,
        "source": document["source"]["file"],
        "rows": rows,
    }


def _leaves(value: Json, pointer: str) -> Iterator[tuple[str, Json]]:
    """Every filled leaf with its pointer; a list of words is one leaf."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _leaves(child, f"{pointer}/{key}")
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for index, child in enumerate(value):
            yield from _leaves(child, f"{pointer}/{index}")
    elif value not in (None, []):
        yield pointer, value


def _shown(value: Json) -> str:
    return "、".join(value) if isinstance(value, list) else show(value)

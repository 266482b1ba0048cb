"""The applicant's own file with a mark at each place that is found fault with.

    documents (JSON)  →  marks_of   what is to be said where
    file + marks      →  mark       a copy: Word comments, cell notes, PDF highlights

The file itself is not touched. A mark is a comment in the format's own way, with a light colour under
it; text, values, formulas and comments that are there stay as they are. What cannot be said at a
place (a missing table, a page that is not there) is said at the beginning of the file.
"""

from __future__ import annotations

import importlib
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pipeline.document import Place
from pipeline.findings import CODE_WORDS, SEVERITY_WORDS, Finding

Json = Any
Format = Literal["docx", "xlsx", "pdf"]
#: An element of a docx by its kind and its number among all of that kind, from 0.
Spot = tuple[Literal["tc", "p"], int]

#: Who speaks in the comments.
AUTHOR, INITIALS = "核对", "核"
#: The colour under a marked place, RGB.
COLOUR = "FFE699"
#: What is only worth a remark is not marked.
SAID = ("error", "warning")
#: A comment ends after so many characters; the report has the rest.
LONGEST = 2000
#: Places marked in one file: a program that opens it must still be fit for use.
MOST = 1000

#: What no file system, and no display, takes in a name: also what turns the direction of writing.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_STEM_BYTES = 180


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one place; `place` None: of the file as a whole."""

    place: Place | None
    text: str

    def as_json(self) -> dict[str, Json]:
        return {"place": self.place.as_json() if self.place else None, "text": self.text}

    @classmethod
    def of_json(cls, given: Mapping[str, Json]) -> Mark:
        return cls(Place.of_json(given["place"]) if given["place"] else None, given["text"])


def marks_of(documents: Iterable[Mapping[str, Json]]) -> list[Mark]:
    """The marks for what `pipeline read` says of one file: one for each place, in their order."""
    said: defaultdict[Place | None, list[str]] = defaultdict(list)
    for document in documents:
        places = document.get("places", {})
        for issue in document["issues"]:
            if issue["severity"] in SAID:
                given = places.get(issue["pointer"])
                said[Place.of_json(given) if given else None].append(_text(issue))
    rest = max(len(said) - MOST, 0)
    if rest:
        said = defaultdict(list, itertools.islice(said.items(), MOST))
        said[None].append(f"问题太多，另有 {rest} 处没有标注，见核对报告。")
    return [Mark(place, _listed(texts)) for place, texts in said.items()]


def _text(issue: Mapping[str, Json]) -> str:
    word = CODE_WORDS.get(issue["code"]) or SEVERITY_WORDS[issue["severity"]]
    article = f"（依据：{issue['article']}）" if issue["article"] else ""
    return f"【{word}】{issue['message']}{article}"


def _listed(texts: Sequence[str]) -> str:
    unlike = list(dict.fromkeys(texts))
    if len(unlike) > 1:
        unlike = [f"{number}. {text}" for number, text in enumerate(unlike, 1)]
    whole = "\n".join(unlike)
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}……（余见核对报告）"


@dataclass(frozen=True, slots=True)
class MarkedCopy:
    """The marked copy of a file of the packet (`source`), or why there is none."""

    source: str
    name: str = ""
    content: bytes = b""
    problem: str = ""

    def as_json(self) -> dict[str, Json]:
        return {"source": self.source, "file": self.name or None, "problem": self.problem or None}


class Names:
    """Names for marked copies in one folder: `标注_附件1.docx`, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, source: str, suffix: str) -> str:
        stem = re.sub(_FORBIDDEN, "_", unicodedata.normalize("NFC", PurePosixPath(source).stem))
        stem = stem.encode("utf-8", "replace")[:_STEM_BYTES].decode("utf-8", "ignore").strip(" .")
        for number in itertools.count(1):
            name = f"标注_{stem}{f'-{number}' if number > 1 else ''}{suffix}"
            if name.lower() not in self._taken:
                break
        self._taken.add(name.lower())
        return name


def copy_of(source: str, path: str | None, problem: Finding | None, names: Names) -> MarkedCopy:
    """What became of marking a file: the copy at `path`, or why there is none."""
    if path is None:
        why = problem.message if problem else "没有标注。"
        return MarkedCopy(source, problem=why)
    made = Path(path)
    return MarkedCopy(source, names.new(source, made.suffix), made.read_bytes())


def mark(
    path: Path, file_format: Format, marks: Sequence[Mark], spots: Mapping[Place, Spot]
) -> bytes:
    """A copy of the file with its marks. `spots`: for a docx, where its places are.

    Raises UnreadableError where the file does not hold together.
    """
    module = importlib.import_module(f"pipeline.mark.{file_format}")
    marked: bytes = module.mark(path, marks, spots)
    return marked

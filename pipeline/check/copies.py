"""Forms that came more than once in a packet: the same again, or versions that contradict each other.

People send the Word file and its signed scan, "(1)" and "副本", the draft and the final version. The
same content is only noted; of different content it is said where it differs, and asked which counts.
What stands in one and is blank in the other contradicts nothing (the date and the opinion are
written on the printed form); nor does what a scan may have been misread for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rapidfuzz.fuzz import ratio

from pipeline.annex import Annex, catalogue
from pipeline.reading import ReturnedPacket

Json = Any
#: So many differences are named, and values of so many characters are quoted.
_NAMED, _QUOTED = 3, 20
#: What stands for a character that could not be read.
UNREAD = "\ufffd"
#: What a blank is read as.
BLANK: tuple[Json, ...] = (None, "", [], ())
#: A scan's value below this sureness is held against nothing; a text of more characters than
#: `_QUOTED` is another one only where it agrees by less than `_ALIKE` per cent.
_SURE, _ALIKE = 0.9, 90


@dataclass(frozen=True)
class Copy:
    """One form of a packet: the file it stands in, and what it says."""

    file: str
    annex: str
    data: Mapping[str, Json]
    provenance: Mapping[str, Json]
    #: Pointers of what its own findings say something of.
    told: frozenset[str]

    @classmethod
    def of(cls, file: str, document: Mapping[str, Json]) -> Copy:
        """`document`: the object that `pipeline read` prints."""
        told = frozenset(issue["pointer"] for issue in document.get("issues") or ())
        provenance = document.get("provenance") or {}
        return cls(file, str(document["annex"]), document["data"], provenance, told)

    @cached_property
    def leaves(self) -> dict[str, Json]:
        """Pointer → value; a list of words is one value."""
        return dict(_leaves("", self.data))

    def confidence(self, pointer: str) -> float:
        return float(self.provenance.get(pointer, {}).get("confidence", 1.0))

    @cached_property
    def scanned(self) -> bool:
        return any(p.get("confidence", 1.0) < 1.0 for p in self.provenance.values())

    def doubted(self, pointer: str) -> bool:
        """A scan's value that may be misread: the document itself says so."""
        ways = ({pointer, pointer.rsplit("/", 1)[0]} - {""}) & self.told
        return self.scanned and (bool(ways) or self.confidence(pointer) < _SURE)

    @property
    def names(self) -> dict[str, str]:
        """Pointer → whose form it says it is. Annex 6 is nobody's own."""
        keys = ("name", "organisation", "applicant") if self.annex != "6" else ()
        return {f"/{key}": self.data[key] for key in keys if self.data.get(key)}

    @property
    def institution(self) -> str:
        """Whose form it is; "" where it does not say, or a scan may be misread."""
        sure = (n for at, n in self.names.items() if UNREAD not in n and not self.doubted(at))
        return next(sure, "")


def forms(packet: ReturnedPacket) -> list[Copy]:
    return [
        Copy.of(file.name, document)
        for file in packet.files
        for document in file.documents
        if document.get("annex")
    ]


def plain(name: str) -> str:
    """An institution's name without what people write now so, now so: brackets and blanks."""
    return re.sub(r"[\s（）()]", "", name)


def same(packet: ReturnedPacket) -> Iterator[str]:
    """Forms that came again and say nothing else."""
    for number, copies in _several(packet):
        if not _contradictions(copies):
            alike = all(copy.data == copies[0].data for copy in copies)
            what = "内容相同" if alike else "没有互相矛盾之处"
            yield f"附件{number}交了{len(copies)}份，{what}：{_listed(copies)}。按一份计。"


def different(packet: ReturnedPacket, edition: str) -> Iterator[str]:
    """Forms of one institution that came again and contradict each other, and where they do."""
    for number, copies in _several(packet):
        if where := _contradictions(copies):
            yield (
                f"附件{number}交了{len(copies)}份，内容不同：{_listed(copies)}。"
                f"不同之处：{_named(catalogue(edition)[number], copies, where)}。"
                "请核对以哪一份为准。"
            )


def agreed(documents: Mapping[str, Mapping[str, Json]]) -> str | None:
    """Of several readings of one annex, by their names, the one to go by: typed rather than scanned,
    with the fewest blanks. None where they contradict each other."""
    copies = {name: Copy.of(name, document) for name, document in documents.items()}
    if _contradictions(list(copies.values())):
        return None
    return min(copies, key=lambda name: (copies[name].scanned, _blanks(copies[name])))


def _blanks(copy: Copy) -> int:
    return sum(value in BLANK for value in copy.leaves.values())


def answered(documents: Mapping[str, Mapping[str, Json]]) -> list[dict[str, str]]:
    """The blanks of a form that another copy of it fills in: name of the document and pointer.

    The date and the opinion stand on the signed scan, not in the Word file beside it.
    """
    copies = {name: Copy.of(name, document) for name, document in documents.items()}
    return [
        {"document": name, "pointer": issue["pointer"]}
        for name, document in documents.items()
        for issue in document["issues"]
        if issue["code"] == "missing"
        and any(
            other.annex == copies[name].annex
            and _one_institution(other, copies[name])
            and other.leaves.get(issue["pointer"]) not in BLANK
            for other in copies.values()
        )
    ]


def _one_institution(one: Copy, two: Copy) -> bool:
    """Whether two forms are of one institution, or one of them does not say whose it is."""
    names = {plain(one.institution), plain(two.institution)} - {""}
    return len(names) < 2


def _several(packet: ReturnedPacket) -> Iterator[tuple[str, list[Copy]]]:
    """Annex number and its forms, where one institution has several; a form without a name is
    anybody's."""
    every = forms(packet)
    for number in sorted({copy.annex for copy in every}):
        mine = [copy for copy in every if copy.annex == number]
        names = {plain(copy.institution) for copy in mine} - {""}
        for name in sorted(names) or [""]:
            copies = [copy for copy in mine if plain(copy.institution) in (name, "")]
            if len(copies) > 1:
                yield number, copies


def _listed(copies: Sequence[Copy]) -> str:
    return "、".join(copy.file for copy in copies)


def _contradictions(copies: Sequence[Copy]) -> dict[str, list[Json]]:
    """Pointer → what each copy says there, where two of them say something else for certain."""
    said = [copy.leaves for copy in copies]
    pointers = list(dict.fromkeys(pointer for one in said for pointer in one))
    found: dict[str, list[Json]] = {}
    for pointer in pointers:
        every = [one.get(pointer) for one in said]
        sure = [
            value
            for copy, value in zip(copies, every, strict=True)
            if value not in BLANK and not copy.doubted(pointer)
        ]
        if any(_other(sure[0], value) for value in sure[1:]) or _row_of_few(pointer, copies):
            found[pointer] = every
    return found


def _row_of_few(pointer: str, copies: Sequence[Copy]) -> bool:
    """Whether a list has a row that stands in some of the copies only, and no scan that doubts its
    own list is among them."""
    _, key, *row = pointer.split("/")
    if len(row) < 2:
        return False
    lists = [copy.data.get(key) or () for copy in copies if not copy.doubted(f"/{key}")]
    return any(map(len, lists)) and any(0 < len(rows) <= int(row[0]) for rows in lists)


def _other(one: Json, two: Json) -> bool:
    """Whether two values say something else, whatever their width, spaces and punctuation."""
    if not (isinstance(one, str) and isinstance(two, str)):
        return bool(one != two)
    one, two = plain_text(one), plain_text(two)
    if len(one) <= _QUOTED or len(two) <= _QUOTED:
        return bool(one != two)
    return ratio(one, two) < _ALIKE


def plain_text(text: str) -> str:
    """A text without what people write differently: full-width, brackets, blanks, middle dots."""
    return "".join(ch for ch in unicodedata.normalize("NFKC", text) if ch.isalnum())


def _named(annex: Annex, copies: Sequence[Copy], where: Mapping[str, Sequence[Json]]) -> str:
    """The first places that contradict, with what stands there where that is short."""
    places: dict[str, str] = {}
    for pointer, values in where.items():
        whole_row = _row_of_few(pointer, copies)
        place = annex.words("/" + "/".join(pointer.split("/")[1:3]) if whole_row else pointer)
        place = place.removeprefix(f"附件{annex.number} ")
        places.setdefault(place, "只在其中几份里" if whole_row else _quoted(values))
    named = "；".join(f"{place}{what}" for place, what in list(places.items())[:_NAMED])
    return f"{named}等{len(places)}处" if len(places) > _NAMED else named


def _quoted(values: Sequence[Json]) -> str:
    words = ["空白" if v in BLANK else _word(v) for v in dict.fromkeys(map(_key, values))]
    return f"分别为{'、'.join(words)}" if all(len(w) <= _QUOTED for w in words) else ""


def _key(value: Json) -> Json:
    return tuple(value) if isinstance(value, list) else value


def _word(value: Json) -> str:
    if isinstance(value, bool):
        return "有" if value else "无"
    return f"“{'、'.join(map(str, value)) if isinstance(value, tuple) else value}”"


def _leaves(pointer: str, value: Json) -> Iterator[tuple[str, Json]]:
    """Every value with its pointer; a list of words is one value."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{pointer}/{key}", inner)
    elif isinstance(value, list) and any(isinstance(inner, Mapping) for inner in value):
        for index, inner in enumerate(value):
            yield from _leaves(f"{pointer}/{index}", inner)
    else:
        yield pointer, value

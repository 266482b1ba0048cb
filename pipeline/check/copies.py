"""Forms that came more than once in a packet: the same again, or versions that contradict each other.

People send the Word file and its signed scan, "(1)" and "副本", the draft and the final version. The
same content is only noted; of different content it is said where it differs, and asked which counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.annex import Annex, catalogue
from pipeline.reading import ReturnedPacket

Json = Any
#: So many differences are named, and values of so many characters are quoted.
_NAMED, _QUOTED = 3, 20


@dataclass(frozen=True, slots=True)
class Copy:
    """One form of a packet: the file it stands in, and what it says."""

    file: str
    annex: str
    data: Mapping[str, Json]

    @property
    def institution(self) -> str:
        """Whose form it is, as it says; "" where it does not. Annex 6 is nobody's own."""
        names = [self.data.get(key) for key in ("name", "organisation", "applicant")]
        return next((name for name in names if name), "") if self.annex != "6" else ""


def forms(packet: ReturnedPacket) -> list[Copy]:
    return [
        Copy(file.name, str(document["annex"]), document["data"])
        for file in packet.files
        for document in file.documents
        if document.get("annex")
    ]


def plain(name: str) -> str:
    """An institution's name without what people write now so, now so: brackets and blanks."""
    return re.sub(r"[\s（）()]", "", name)


def same(packet: ReturnedPacket) -> Iterator[str]:
    """Forms that came again with the same content."""
    for number, copies in _several(packet):
        if all(copy.data == copies[0].data for copy in copies):
            yield f"附件{number}交了{len(copies)}份，内容相同：{_listed(copies)}。按一份计。"


def different(packet: ReturnedPacket, edition: str) -> Iterator[str]:
    """Forms of one institution that came again with other content, and where they differ."""
    for number, copies in _several(packet):
        if any(copy.data != copies[0].data for copy in copies):
            where = _where(catalogue(edition)[number], copies)
            yield (
                f"附件{number}交了{len(copies)}份，内容不同：{_listed(copies)}。"
                f"不同之处：{where}。请核对以哪一份为准。"
            )


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


def _where(annex: Annex, copies: Sequence[Copy]) -> str:
    """The first places that differ, with what stands there where that is short."""
    said = [dict(_leaves("", copy.data)) for copy in copies]
    pointers = list(dict.fromkeys(pointer for one in said for pointer in one))
    places: dict[str, str] = {}
    for pointer in pointers:
        values = [one.get(pointer) for one in said]
        if any(value != values[0] for value in values):
            row = pointer.split("/")[1:3]
            whole_row = row[0] in annex.tables and any(
                int(row[1]) >= len(copy.data.get(row[0]) or ()) for copy in copies
            )
            place = annex.words("/" + "/".join(row) if whole_row else pointer)
            place = place.removeprefix(f"附件{annex.number} ")
            places.setdefault(place, "只在其中几份里" if whole_row else _quoted(values))
    named = "；".join(f"{place}{what}" for place, what in list(places.items())[:_NAMED])
    return f"{named}等{len(places)}处" if len(places) > _NAMED else named


def _quoted(values: Sequence[Json]) -> str:
    words = ["空白" if v in (None, "", []) else _word(v) for v in dict.fromkeys(map(_key, values))]
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

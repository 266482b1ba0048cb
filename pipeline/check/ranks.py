"""学历 and 职称: whether a person counts towards 本科及以上学历或中级以上技术职称 (第七条（三）).

The words are data (`regulation.yaml`, tables `education` and `titles`): the first entry one of
whose words stands in the text decides. What no entry knows is in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pipeline.values import half_width, is_nil

#: yes, no, or a person has to say.
Counts = Literal["yes", "no", "doubt"]


def counts(text: str | None, table: Sequence[Mapping[str, Any]]) -> Counts:
    """What a table says of a text as written; a blank counts for nothing.

    >>> counts("大学本科", [{"counts": "no", "words": ["专科"]}, {"counts": "yes", "words": ["本科"]}])
    'yes'
    """
    plain = "".join(half_width(text or "").split())
    if not plain or is_nil(plain):
        return "no"
    for entry in table:
        if any(word in plain for word in entry["words"]):
            found: Counts = entry["counts"]
            return found
    return "doubt"


def either(education: Counts, title: Counts) -> Counts:
    """“或”: one of the two is enough, and a person counts once."""
    if "yes" in (education, title):
        return "yes"
    return "doubt" if "doubt" in (education, title) else "no"

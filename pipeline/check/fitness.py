"""Why a text does not fit the pattern of its field: the first reason that holds.

A pattern only says yes or no; a person needs to know what to mend.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.annex import FieldSpec
from pipeline.check import uscc
from pipeline.check.messages import shown
from pipeline.values import half_width, is_blank, is_nil, trim, trim_lines


@dataclass(frozen=True, slots=True)
class Trouble:
    """The code of a message and what its braces are filled with."""

    code: str
    details: Mapping[str, Any]


def misfit(text: str, spec: FieldSpec) -> Trouble:
    """What is wrong with a text that its field's pattern refuses."""
    if spec.kind == "uscc":
        return _uscc(text)
    details = {"value": shown(text)}
    if spec.kind == "date":
        return Trouble("not-date", details)
    reasons = (
        (*_REASONS, *_ADDRESS_REASONS) if spec.kind in _HALF_WIDTH else (*_REASONS, *_CELL_REASONS)
    )
    return Trouble(next((code for code, holds in reasons if holds(text)), "unfit"), details)


def _uscc(text: str) -> Trouble:
    """Length and characters, of the code as it would be in half-width and capitals."""
    code = uscc.compact(text)
    if not is_nil(text) and len(code) != uscc.LENGTH:
        details = {"limit": uscc.LENGTH, "found": len(code), "value": shown(text)}
        return Trouble("uscc-length", details)
    strange = uscc.strange_characters(code)
    if strange:
        return Trouble("uscc-characters", {"value": shown(text), "found": strange})
    return Trouble("full-width" if half_width(text) != text else "unfit", {"value": shown(text)})


_HALF_WIDTH = frozenset({"phone", "email", "url"})
_SCIENTIFIC = re.compile(r"[0-9.]+[Ee]\+")
_NOT_A_ROW = re.compile(r"(?:合计|总计|小计|共计|同上|〃|″|[\"”“])\Z|(?:注|说明|备注)[：:]")


def _has_control_characters(text: str) -> bool:
    return any(
        unicodedata.category(ch) in ("Cc", "Cs", "Zl", "Zp", "Cn") and ch != "\n" for ch in text
    )


def _has_outer_space(text: str) -> bool:
    return trim(text) != text or trim_lines(text) != text


_Reasons = tuple[tuple[str, Callable[[str], bool]], ...]

_REASONS: _Reasons = (
    ("empty-text", is_blank),
    ("control-characters", _has_control_characters),
    ("outer-space", _has_outer_space),
)
_CELL_REASONS: _Reasons = (
    ("not-a-row", lambda text: _NOT_A_ROW.match(text) is not None),
    ("control-characters", lambda text: "\n" in text),  # a name stands on one line
)
_ADDRESS_REASONS: _Reasons = (
    ("nil-word", is_nil),
    ("number-precision", lambda text: _SCIENTIFIC.match(text) is not None),
    ("full-width", lambda text: half_width(text) != text),
    ("inner-space", lambda text: re.search(r"\s", text) is not None),
)

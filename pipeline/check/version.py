"""Whether the version code in a form's footer still stands for what the form says.

Annex 5, 一: the applicant promises that the electronic papers and the paper ones agree. A form
that was prefilled carries the code of its values; where the two differ, something was changed
after the form was made, and the paper copy has to be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.annex import Annex
from pipeline.check.messages import compose
from pipeline.findings import Finding
from pipeline.version import printed_codes, version_code

Json = Any


@dataclass(frozen=True, slots=True)
class VersionCheck:
    """The code as printed, and the code of the values that stand in the form."""

    printed: str
    computed: str

    @property
    def matches(self) -> bool:
        return self.printed == self.computed

    def as_json(self) -> dict[str, Json]:
        return {"printed": self.printed, "computed": self.computed, "matches": self.matches}


def check_version(
    annex: Annex, data: Mapping[str, Json], furniture: str
) -> tuple[VersionCheck | None, Finding | None]:
    """The comparison for a form whose footer text is `furniture`, and a finding where the codes
    differ; neither for a form that carries no code."""
    codes = printed_codes(furniture)
    if not codes:
        return None, None
    computed = version_code(annex, data)
    # A file of several annexes has a code of each.
    check = VersionCheck(computed if computed in codes else codes[0], computed)
    if check.matches:
        return check, None
    shown = computed or "（空白表无码）"
    return check, compose(annex, "version-mismatch", "", printed=check.printed, computed=shown)

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
from pipeline.version import printed_code, version_code

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
    printed = printed_code(furniture)
    if printed is None:
        return None, None
    check = VersionCheck(printed, version_code(annex, data))
    if check.matches:
        return check, None
    computed = check.computed or "（空白表无码）"
    return check, compose(annex, "version-mismatch", "", printed=printed, computed=computed)

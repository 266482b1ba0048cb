"""What forms are called: 附件1_申请表_<机构简称>_<USCC>.docx, a folder for each of many applicants."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.annex import Annex
from pipeline.render.jobs import Applicant

_LONGEST_SHORT_NAME = 20  # characters
_COMPANY = re.compile(r"(?:有限责任公司|股份有限公司|有限公司|（有限合伙）|（普通合伙）)$")
_PROVINCE = re.compile(r"^湖南省?")
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f\\/:*?\"<>|\s\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


class Names:
    """Paths for one applicant after the other; applicants whose names are alike get a number."""

    def __init__(self, out: Path, file_format: str) -> None:
        self._out = out
        self._format = file_format
        self._taken: set[str] = set()

    def of(
        self,
        applicant: Applicant,
        annexes: list[Annex],
        *,
        folder: bool = False,
        together: bool = False,
    ) -> list[Path]:
        """A path for each of the applicant's forms, in a folder of its own if asked for; forms that
        stand `together` in one file have one path."""
        whose = "_".join(_whose(applicant))
        mark = self._mark(whose)
        place = self._out / f"{whose}{mark}" if folder and whose else self._out
        named = [(f"附件{annex.number}", annex.short) for annex in annexes]
        if together and len(annexes) > 1:
            named = [("附件" + "、".join(annex.number for annex in annexes), "")] * len(annexes)
        stems = ["_".join(filter(None, (*parts, whose))) for parts in named]
        return [place / f"{stem}{mark}.{self._format}" for stem in stems]

    def _mark(self, whose: str) -> str:
        """ "", or `_2`, `_3` … where the name is taken (also by one that differs only in case)."""
        mark, number = "", 1
        while f"{whose}{mark}".casefold() in self._taken:
            number += 1
            mark = f"_{number}"
        self._taken.add(f"{whose}{mark}".casefold())
        return mark


def _whose(applicant: Applicant) -> list[str]:
    uscc = _NOT_IN_A_NAME.sub("", applicant.uscc)
    return [part for part in (short_name(applicant.name), uscc) if part]


def short_name(name: str) -> str:
    """机构简称: the name without province and company form, safe as part of a file name."""
    safe = _NOT_IN_A_NAME.sub("", name)
    short = _PROVINCE.sub("", _COMPANY.sub("", safe)) or safe
    return short[:_LONGEST_SHORT_NAME].strip(".")

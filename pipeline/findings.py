"""Findings: what is wrong or doubtful in a form, as data (never an exception)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]

#: How a severity reads in what people open.
SEVERITY_WORDS: dict[Severity, str] = {"error": "不符合", "warning": "存疑", "info": "提示"}
#: What has a word of its own: it is not wrong but wanting.
CODE_WORDS = {"missing": "缺项"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found.

    `pointer` is a JSON Pointer (RFC 6901) into the annex's data, `""` for the whole document;
    `message` is Chinese, in the words of the form: what, where, how to mend it;
    `article` the article of the regulation it offends (`第八条（一）`), or "".
    """

    severity: Severity
    code: str
    pointer: str
    message: str
    article: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "severity": self.severity,
            "code": self.code,
            "pointer": self.pointer,
            "message": self.message,
            "article": self.article,
        }


def in_ranges(numbers: Iterable[int]) -> str:
    """Numbers in a message, in their order: 3、5—8."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(
        "—".join(map(str, dict.fromkeys((run[0], run[-1]))))
        if len(run) != 2
        else f"{run[0]}、{run[1]}"
        for run in runs
    )

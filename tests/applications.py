"""Whole applications for tests of what several forms say together: the demo's, and changes to them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.annex import catalogue
from pipeline.check.case import Case
from pipeline.settings import DEFAULT_EDITION

Json = Any
APPLICANTS = Path(__file__).parent.parent / "docs" / "demo" / "applicants.json"
RECEIVED = date(2025, 9, 20)


def documents(
    changes: Mapping[str, Json] | None = None,
    issues: Mapping[str, tuple[str, ...]] | None = None,
    without: tuple[str, ...] = (),
) -> dict[str, dict[str, Json]]:
    """The forms of a faultless application as the intake publishes them. `changes`: `1/name` → value
    (annex, then the pointer); `issues`: annex → pointers at which a warning points."""
    applicant = json.loads(APPLICANTS.read_text(encoding="utf-8"))[0]
    forms = copy.deepcopy(applicant["annexes"])
    for where, value in (changes or {}).items():
        number, *keys = where.split("/")
        part = forms[number]
        for key in keys[:-1]:
            part = part[int(key) if isinstance(part, list) else key]
        last = keys[-1]
        part[int(last) if isinstance(part, list) else last] = value
    annexes = catalogue(DEFAULT_EDITION)
    return {
        f"annex-{number}.json": {
            "annex": number,
            "data": annexes[number].complete(data),
            "issues": [
                {"severity": "warning", "code": "doubt", "pointer": pointer}
                for pointer in (issues or {}).get(number, ())
            ],
        }
        for number, data in forms.items()
        if number not in without
    }


def case(
    changes: Mapping[str, Json] | None = None,
    issues: Mapping[str, tuple[str, ...]] | None = None,
    without: tuple[str, ...] = (),
    received: date = RECEIVED,
) -> Case:
    return Case.of(documents(changes, issues, without), received, DEFAULT_EDITION)

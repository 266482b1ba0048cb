"""No pattern takes for ever: what people type between two words is blanks, digits and dashes by the
dozen, and a pattern with two parts that can share them tries every way of sharing."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

import pipeline

UNITS = (
    " ", "\u3000", "\n", "1", "12", "一", "年", "1年", "1月", ".", "-", "/", ",", "，", "（", '"', "a", "a.", "@",
    "□", "√", "□ ", "甲", "、", "1、", "：", "——", "%", ".1", "1万", "00,",
)  # fmt: skip
TIMES = 34  # two to the power of this is out of reach; its square is nothing
SECONDS = 2.0


def patterns() -> dict[re.Pattern[Any], str]:
    found: dict[re.Pattern[Any], str] = {}
    for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if not module.name.endswith(("__main__", ".child")):
            for name, value in vars(importlib.import_module(module.name)).items():
                found |= dict.fromkeys(_inside(value), f"{module.name}.{name}")
    return found


def _inside(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(map(_inside, value.values()))
    elif isinstance(value, tuple | list):
        yield from itertools.chain.from_iterable(map(_inside, value))


def _stop(*_: object) -> None:
    raise TimeoutError


def hangs(pattern: re.Pattern[Any]) -> str:
    """The text at which a pattern hangs, or ""."""
    texts = (f"{a}{unit * TIMES}{b}" for unit in UNITS for a in ("", "甲", "年") for b in ("", "x"))
    before = signal.signal(signal.SIGVTALRM, _stop)
    try:
        for text in texts:
            given = text.encode() if isinstance(pattern.pattern, bytes) else text
            for match in (pattern.search, pattern.fullmatch):
                signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
                match(given)
    except TimeoutError:
        return text
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return ""


def test_no_pattern_of_the_program_hangs() -> None:
    found = patterns()
    assert len(found) > 100
    assert {name: text for pattern, name in found.items() if (text := hangs(pattern))} == {}


@pytest.mark.parametrize("bad", [r"(?:\d{2,4}|\s|　)*年", r"(?:a+)+!"])
def test_a_pattern_that_hangs_is_found(bad: str) -> None:
    assert hangs(re.compile(bad))

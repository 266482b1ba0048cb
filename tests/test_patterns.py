"""No pattern takes for ever: what people type between two words is blanks, digits and dashes by the
dozen, and a pattern with two parts that can share them tries every way of sharing.

Two texts are tried for each: a few dozen, at which a pattern that tries every way never ends, and
many thousand, at which one that looks at each stretch from each of its places takes minutes.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
import signal
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import pipeline

UNITS = (
    " ", "\u3000", "\n", "\t", "1", "12", "一", "年", "月", "1年", "1月", ".", "…", "·", "-", "/", ",", "，", "。", "（",
    "）", '"', "a", "a.", "@", "□", "√", "□ ", "甲", "、", "1、", "：", "——", "_", "＿", "%", ".1", "1万", "00,", "[", ";",
)  # fmt: skip
AROUND = (("", ""), ("甲", "x"), ("年", ""), ("", "1"))
TIMES = 40  # two to the power of this is out of reach; its square is nothing
LENGTH = 20_000  # its square is out of reach
SECONDS = 0.6

#: Functions that look for a match everywhere, and those that look at the beginning only.
ROAMING = {"search", "finditer", "findall", "sub", "subn", "split"}
ANCHORED = {"match", "fullmatch"}


class Use(NamedTuple):
    """A pattern, where it stands, and the functions it is used with."""

    pattern: re.Pattern[Any]
    where: str
    functions: frozenset[str]


def modules() -> Iterator[tuple[ModuleType, ast.Module]]:
    for found in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            yield module, ast.parse(Path(str(module.__file__)).read_text("utf-8"))


@cache
def uses() -> list[Use]:
    """Every pattern that a module keeps, and every one written where it is used."""
    everywhere: defaultdict[str, set[str]] = defaultdict(set)
    known = [(module, tree, _called(tree)) for module, tree in modules()]
    for _, _, called in known:
        for name, functions in called.items():
            everywhere[name] |= functions
    found = []
    for module, tree, called in known:
        for name, value in vars(module).items():
            # A private name is used in its module only, what is in a list by the names of loops.
            mine = (called if name.startswith("_") else everywhere).get(name) or set[str]().union(
                *(f - {"split"} for n, f in called.items() if n.islower() and n != "re")
            )
            functions = frozenset(mine or {"search", "fullmatch"})
            found += [Use(p, f"{module.__name__}.{name}", functions) for p in _inside(value)]
        found += _written(module, tree)
    return list({(use.pattern, use.functions): use for use in found}.values())


def _called(tree: ast.Module) -> dict[str, set[str]]:
    """Name → the functions of patterns that are called by it."""
    called: defaultdict[str, set[str]] = defaultdict(set)
    for call in _calls(tree):
        value = call.func.value
        if isinstance(value, ast.Name | ast.Attribute):
            called[value.id if isinstance(value, ast.Name) else value.attr].add(call.func.attr)
    return called


class _Call(ast.Call):
    func: ast.Attribute


def _calls(tree: ast.Module) -> Iterator[_Call]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in ROAMING | ANCHORED:
            yield node  # type: ignore[misc]


def _written(module: ModuleType, tree: ast.Module) -> Iterator[Use]:
    """`re.sub(r"…", …)`: all that can be made without what is only known when the program runs."""
    for call in _calls(tree):
        if isinstance(call.func.value, ast.Name) and call.func.value.id == "re":
            text = ast.Expression(call.args[0])
            try:
                made = eval(compile(text, "", "eval"), {**vars(module)})
            except NameError:
                continue
            where = f"{module.__name__}:{call.lineno}"
            yield Use(re.compile(made), where, frozenset({call.func.attr}))


def _inside(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(map(_inside, value.values()))
    elif isinstance(value, tuple | list):
        yield from itertools.chain.from_iterable(map(_inside, value))


def _stop(*_: object) -> None:
    raise TimeoutError


def hangs(use: Use, length: int) -> str:
    """The text, so many characters or a little more, at which a pattern hangs, or ""."""
    pattern = use.pattern
    tried = [
        pattern.fullmatch if f == "fullmatch" else pattern.match for f in use.functions & ANCHORED
    ]
    if use.functions & ROAMING:
        tried.append(lambda text: all(pattern.finditer(text)))  # type: ignore[arg-type, return-value]
    before = signal.signal(signal.SIGVTALRM, _stop)
    try:
        for unit, (a, b) in itertools.product(UNITS, AROUND):
            text = f"{a}{unit * (length // len(unit))}{b}"
            given = text.encode() if isinstance(pattern.pattern, bytes) else text
            for match in tried:
                signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
                match(given)
    except TimeoutError:
        return f"{a}{unit}…{b}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return ""


def hanging(length: int) -> dict[str, str]:
    return {
        f"{use.where} {use.pattern.pattern!r}": text
        for use in uses()
        if (text := hangs(use, length))
    }


def test_no_pattern_of_the_program_tries_every_way() -> None:
    assert len(uses()) > 250
    assert hanging(TIMES) == {}


@pytest.mark.slow
def test_no_pattern_of_the_program_looks_at_a_stretch_from_each_of_its_places() -> None:
    assert hanging(LENGTH) == {}


@pytest.mark.parametrize(
    ("bad", "length"),
    [
        (r"(?:\d{2,4}|\s|　)*年", TIMES),
        (r"(?:_{2,})+$", TIMES),
        pytest.param(r"\s+年", LENGTH, marks=pytest.mark.slow),
    ],
)
def test_a_pattern_that_hangs_is_found(bad: str, length: int) -> None:
    assert hangs(Use(re.compile(bad), "", frozenset({"search"})), length)


def test_a_pattern_that_looks_at_the_beginning_only_may_be_simple() -> None:
    assert not hangs(Use(re.compile(r"\s+年"), "", frozenset({"match"})), LENGTH)

"""Imports point down only: cli → flow → steps → plain modules, and steps do not know each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "pipeline"
STEPS = {"render", "intake", "read", "extract", "check", "register", "announce", "mark"}
#: The plain modules, from the bottom up: each may import those before it.
PLAIN = [
    "errors", "findings", "document", "settings", "files", "regulation", "tags", "annex", "values",
    "version", "reading", "deadlines", "chinese", "tounicode", "child",
]  # fmt: skip
TOP = {"cli": 1000, "web": 1000, "__main__": 1001}


def layer(module: str) -> int:
    name = module.split(".")[0]
    if name in TOP:
        return TOP[name]
    if name == "flow":
        return 900
    if name in STEPS:
        return 500
    return PLAIN.index(name)


def imported(source: str) -> list[str]:
    """Every module of the package that a source imports, at any depth, without the prefix."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module == "pipeline":
                found += [alias.name for alias in node.names]
            elif node.module.startswith("pipeline."):
                found.append(node.module.removeprefix("pipeline."))
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.startswith("pipeline.")]
            found += [name.removeprefix("pipeline.") for name in names]
    return found


def wrong_imports(module: str, source: str) -> list[str]:
    own = module.split(".")[0]
    wrong = []
    for target in imported(source):
        other = target.split(".")[0]
        if other == own:
            continue
        if layer(other) >= layer(module):
            wrong.append(f"{module} imports {target}")
    return wrong


def modules() -> list[tuple[str, Path]]:
    return [
        (".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"), path)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != PACKAGE / "__init__.py"
    ]


def test_imports_point_down_only() -> None:
    assert [w for name, path in modules() for w in wrong_imports(name, path.read_text())] == []


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("read.docx", "from pipeline.flow import read_file"),
        ("read.docx", "def f():\n    from pipeline import flow"),
        ("extract.plan", "from pipeline.read import read"),
        ("check.schema", "import pipeline.extract.match"),
        ("document", "from pipeline.annex import Annex"),
        ("flow", "from pipeline.cli import main"),
        ("findings", "from pipeline.document import Box"),
    ],
)
def test_a_planted_upward_import_is_found(module: str, planted: str) -> None:
    assert wrong_imports(module, planted)


def test_every_module_has_a_place_in_the_house() -> None:
    for name, _ in modules():
        layer(name)

"""The documents keep pace with the program."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.announce import KINDS
from pipeline.cli import pipeline
from pipeline.tags import FILTERS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in pipeline.commands if f"pipeline {name}" not in README] == []


def test_every_file_the_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links and [link for link in links if not (ROOT / link).exists()] == []


def test_every_kind_of_document_is_described() -> None:
    text = (ROOT / "docs" / "announce.md").read_text(encoding="utf-8")
    told = text + README
    assert [kind for kind in KINDS if kind not in told] == []


def test_every_way_of_writing_a_tag_is_described() -> None:
    text = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    assert [name for name in FILTERS if name and f"|{name}" not in text] == []

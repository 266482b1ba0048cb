"""`pipeline read` gives every value of the samples exactly, with its place, and no false alarm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.cli import pipeline

SAMPLES = sorted(
    p for p in (Path(__file__).parent / "samples").iterdir() if Path(f"{p}.json").exists()
)


def read(path: Path) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(pipeline, ["read", str(path)], standalone_mode=False)
    (line,) = result.stdout.splitlines()
    return result.return_value, json.loads(line)


def leaves(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, child in value.items() for leaf in leaves(child, f"{pointer}/{key}")]
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return [leaf for i, child in enumerate(value) for leaf in leaves(child, f"{pointer}/{i}")]
    return [(pointer, value)]


def test_there_are_six_samples() -> None:
    assert len(SAMPLES) == 6


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_every_value_is_exact_and_nothing_is_alarmed(path: Path) -> None:
    code, printed = read(path)
    truth = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
    assert printed["annex"] == truth["annex"]
    assert printed["data"] == truth["data"]
    assert [i for i in printed["issues"] if i["severity"] in ("error", "warning")] == []
    assert code == 0


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_every_value_has_its_place(path: Path) -> None:
    _, printed = read(path)
    derived = ("/by_self", "/by_partner")  # false beside a tick: nothing stands in the cell
    for pointer, value in leaves(printed["data"]):
        if value is None or value == [] or (value is False and pointer.endswith(derived)):
            continue
        origin = printed["provenance"][pointer]
        assert origin["where"], pointer
        assert origin["confidence"] == 1.0
        if path.suffix == ".pdf":
            x0, top, x1, bottom = origin["bbox"]
            assert 0 <= x0 < x1 <= 596 and 0 <= top < bottom <= 842, pointer

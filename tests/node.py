"""Packages of Node.js that tests use as judges: `.ci/run` puts them into build/node."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_HERE = Path(__file__).parent.parent / "build" / "node" / "node_modules"


def package(name: str) -> Path:
    """The folder of a package; the test is skipped, saying why, where it is not to be had."""
    places = [Path(place) for place in os.environ.get("NODE_PATH", "").split(os.pathsep) if place]
    found = next((p / name for p in [*places, _HERE] if (p / name / "package.json").exists()), None)
    if shutil.which("node") is None or found is None:
        pytest.skip(f"node with its package {name} is not there (.ci/run installs it)")
    return found


def run(script: str, *arguments: str, given: bytes = b"") -> bytes:
    """What an ES module writes to standard output; AssertionError with what it complained of."""
    command = ["node", "--input-type=module", "-e", script, "--", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout

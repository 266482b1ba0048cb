"""Runs every part that is here, or those named: `python -m bench render`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HELPERS = {"__init__", "__main__", "compare_tools", "node", "timing"}


def main(names: list[str]) -> None:
    found = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    for name in names or [name for name in found if name not in HELPERS]:
        importlib.import_module(f"bench.{name}").main()


main(sys.argv[1:])

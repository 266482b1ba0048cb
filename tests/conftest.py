"""Settings of the whole test run."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path

from hypothesis import settings

# CI tries the same examples each time, so that a run says something about the change and not
# about luck; at a desk new ones are tried at every run, and what they find is mended.
settings.register_profile("ci", derandomize=True, database=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

# Most tests write a file or two. Thousands made and swept away again are a fifth of a run on a disk
# and nothing in memory, where there is room for them.
MEMORY, ROOM = Path("/dev/shm"), 4 << 30
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_finish() -> None:
    """What stands now stands to the end: the collector of garbage need not look at it again."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)

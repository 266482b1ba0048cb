"""Settings of the whole test run."""

from __future__ import annotations

import os

from hypothesis import settings

# CI tries the same examples each time, so that a run says something about the change and not
# about luck; at a desk new ones are tried at every run, and what they find is mended.
settings.register_profile("ci", derandomize=True, database=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

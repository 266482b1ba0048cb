"""`make demo`: the main job, from templates to plaques, ends well and prints where its results are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_main_job_runs_from_templates_to_plaques() -> None:
    done = subprocess.run(
        [sys.executable, "docs/demo/demo.py"], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    results = done.stdout.partition("请打开这里看结果")[2].split()
    assert {Path(path).name for path in results} == {
        "核对报告.html", "补正通知书.docx", "公示.pdf", "认定通知.pdf", "标牌.pdf",
    }  # fmt: skip
    assert all((ROOT / path).stat().st_size > 1000 for path in results)

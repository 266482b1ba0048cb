"""The program's commands, run in this process: starting another takes longer than most of them."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from subprocess import CompletedProcess

from pipeline.cli import main


def run(*arguments: object, cwd: Path | None = None) -> CompletedProcess[str]:
    """What `pipeline ARGUMENTS` prints, and its exit code."""
    given, out, err = list(map(str, arguments)), io.StringIO(), io.StringIO()
    code: object = 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        contextlib.chdir(cwd or "."),
    ):
        try:
            main(given)
        except SystemExit as end:
            code = end.code
    return CompletedProcess(given, int(str(code or 0)), out.getvalue(), err.getvalue())

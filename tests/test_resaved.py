"""Forms that another program has opened and saved again say the same (tests/corpus/through.py).

A part of the corpus through each program; the whole is `python -m tests.corpus.score --through`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.corpus import score
from tests.corpus.habits import HABITS
from tests.corpus.through import PROGRAMS

#: Forms as they are printed, and what programs are most likely to lose: ticks, merged cells, dates
#: that are numbers, text in pieces.
HABITS_KEPT = (
    "clean-word", "clean-wps", "content-controls", "runs-split", "tick-symbols", "date-cells",
    "cells-merged-down", "numbers-automatic",
)  # fmt: skip
#: What a program itself loses or doubles: the file it saves no longer says what the form said.
SPOILT = {
    "libreoffice-doc": {"content-controls"},  # 7.4 writes what a control holds twice
    "libreoffice-rtf": {"content-controls"},
    "pandoc": {"numbers-automatic"},  # numbered paragraphs without a text are dropped
}
FORBIDDEN = ("silent", "unsaid", "alarm", "unread", "raised")

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_form_saved_again_says_the_same(name: str, tmp_path: Path) -> None:
    program = PROGRAMS[name]
    command = (
        "soffice" if name.startswith("libreoffice") else "pandoc" if name == "pandoc" else None
    )
    if command and shutil.which(command) is None:
        pytest.skip(f"{command} is not there (.ci/run installs it)")
    cases = [
        (f"{habit}-{number}", case)
        for habit in HABITS_KEPT
        if habit not in SPOILT.get(name, ())
        for number, case in enumerate(HABITS[habit].sample(program.source))
    ]
    written = [tmp_path / f"{stem}.{program.source}" for stem, _ in cases]
    for path, (_, case) in zip(written, cases, strict=True):
        path.write_bytes(case.bytes())
    folder = tmp_path / "saved"
    folder.mkdir()
    result, reader = score.Result(), score.load(score.READER)
    for path, (_, case) in zip(program.convert(written, folder), cases, strict=True):
        result.add(score.score_file(case.truths, path, reader, paper=False))
    assert result.counts["right"] > 100
    assert not [str(fault) for fault in result.faults if fault.kind in FORBIDDEN]

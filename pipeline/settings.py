"""Where things lie: the data that ships with the program, and the folders of one office.

In a checkout the data is the top-level `schemas/` and `templates/`, which an official edits in
place; an installed wheel carries the same folders inside the package.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError

#: The edition (one regulation) that is used when nothing else is asked for.
DEFAULT_EDITION = "hunan-2024-299"

#: What an office tells of itself: who handles matters, by when to answer.
OFFICE_FILE = "机关设置.yaml"

#: Names another data folder (holding `schemas/` and `templates/`), e.g. one an office maintains.
DATA_VARIABLE = "PIPELINE_DATA"


def data_dir() -> Path:
    """The folder that holds `schemas/` and `templates/`."""
    named = os.environ.get(DATA_VARIABLE)
    if named:
        folder = Path(named)
        if not (folder / "schemas").is_dir() or not (folder / "templates").is_dir():
            raise UsageError(
                f"环境变量 {DATA_VARIABLE} 所指的文件夹里没有 schemas 和 templates：{named}。",
                remedy="请改为同时含有这两个文件夹的路径，或取消该变量。",
            )
        return folder
    package = Path(__file__).parent
    for folder in (package.parent, package / "_data"):
        if (folder / "schemas").is_dir() and (folder / "templates").is_dir():
            return folder
    raise UsageError("程序自带的 schemas 与 templates 文件夹不见了。", remedy="请重新安装。")


def schemas_dir() -> Path:
    return data_dir() / "schemas"


def templates_dir() -> Path:
    return data_dir() / "templates"


@dataclass(frozen=True, slots=True)
class Settings:
    """The folders and the edition of one run."""

    inbox: Path = Path("inbox")
    outbox: Path = Path("outbox")
    edition: str = DEFAULT_EDITION
    #: The office's settings; without it those beside the inbox, if there are any.
    office: Path | None = None

    @property
    def office_file(self) -> Path | None:
        beside = self.inbox.absolute().parent / OFFICE_FILE
        return self.office or (beside if beside.is_file() else None)

    @property
    def work(self) -> Path:
        """The program's own folder, beside the inbox so that moves are atomic renames."""
        return self.inbox.absolute().parent / ".pipeline"

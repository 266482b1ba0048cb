"""Files at the edges: JSON that comes in, results that are written whole or not at all."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from pipeline.errors import DataError, UsageError, why

Json = Any


def load_json(path: Path) -> Json:
    """A JSON file; DataError says where it is broken."""
    try:
        return json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise DataError(
            f"“{path}”第{line}行不是正确的 JSON。", remedy="请检查引号、逗号与括号。"
        ) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Whole or not at all: written aside, then renamed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.part")
        aside.write_bytes(content)
        aside.replace(path)
    except OSError as error:
        raise UsageError(
            f"不能写入“{path}”：{why(error)}。", remedy="请检查文件夹权限与剩余空间。"
        ) from error


def read_text(path: Path) -> str:
    """A UTF-8 text file, with or without BOM; DataError says why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"文件“{path}”打不开：{why(error)}。") from error
    except UnicodeDecodeError as error:
        raise DataError(f"“{path}”不是 UTF-8 文本。", remedy="请另存为 UTF-8 编码。") from error


def dump_json(value: Json) -> bytes:
    """JSON that people can read too: UTF-8, no escapes, indented."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def open_zip(path: Path) -> zipfile.ZipFile:
    """A zip from its first byte on. BadZipFile, too, for what is left of one whose end is cut off,
    where the last file that was packed in it, a zip itself, passes for the whole."""
    archive = zipfile.ZipFile(path)
    if min((info.header_offset for info in archive.infolist()), default=0):
        with path.open("rb") as stream:
            if stream.read(4) == b"PK\x03\x04":
                archive.close()
                raise zipfile.BadZipFile
    return archive

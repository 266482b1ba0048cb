"""The regulation's numbers, deadlines and tables: `schemas/<edition>/regulation.yaml`.

A provision is dated, cites its article, quotes its text and names the reading taken. An official
edits the file; a file that is broken is refused with what to mend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline import settings
from pipeline.errors import UsageError

FILE = "regulation.yaml"


class BrokenDataError(UsageError):
    """A data file of the edition cannot be used as it stands."""

    code = "broken-data"


@dataclass(frozen=True, slots=True)
class Dated:
    """A value and the day from which it holds."""

    since: date
    value: Any


@dataclass(frozen=True, slots=True)
class Provision:
    """One number or deadline: its article, the words of the text, the reading taken (or "")."""

    name: str
    article: str
    text: str
    reading: str
    unit: str
    values: tuple[Dated, ...]

    def on(self, day: date | None = None) -> Any:
        """The value in force on a day (default: the latest); before the first, the first."""
        if day is None:
            return self.values[-1].value
        past = [dated.value for dated in self.values if dated.since <= day]
        return past[-1] if past else self.values[0].value


@dataclass(frozen=True, slots=True)
class Regulation:
    """One edition: its number, title and date, its provisions and its tables by name."""

    number: str
    title: str
    dated: date
    printed: date
    provisions: Mapping[str, Provision]
    tables: Mapping[str, Any]
    source: Path

    def provision(self, name: str) -> Provision:
        found: Provision = _named(self.provisions, name, "provisions", self.source)
        return found

    def value(self, name: str, day: date | None = None) -> Any:
        return self.provision(name).on(day)

    def table(self, name: str) -> Any:
        return _named(self.tables, name, "tables", self.source)


def _named(found: Mapping[str, Any], name: str, part: str, source: Path) -> Any:
    if name not in found:
        raise _broken(source, f"{part} 里没有“{name}”")
    return found[name]


@cache
def regulation(edition: str = settings.DEFAULT_EDITION) -> Regulation:
    """The regulation of an edition; BrokenDataError names what is wrong with its file."""
    return load(settings.schemas_dir() / edition / FILE)


def load(path: Path) -> Regulation:
    """A `regulation.yaml` from anywhere."""
    raw = load_yaml(path)
    for key in ("regulation", "title", "dated", "printed", "provisions", "tables"):
        if key not in raw:
            raise _broken(path, f"缺少“{key}”")
    if not isinstance(raw["provisions"], dict) or not isinstance(raw["tables"], dict):
        raise _broken(path, "provisions 和 tables 都应是“名称: 内容”的列表")
    return Regulation(
        str(raw["regulation"]),
        str(raw["title"]),
        _date(raw["dated"], "dated", path),
        _date(raw["printed"], "printed", path),
        {name: _provision(name, part, path) for name, part in raw["provisions"].items()},
        raw["tables"],
        path,
    )


def load_yaml(path: Path) -> dict[str, Any]:
    """A YAML file that must hold a mapping."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _broken(path, "文件不存在或打不开") from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"第{mark.line + 1}行附近" if mark is not None else ""
        raise _broken(path, f"{line}不是合格的 YAML") from error
    if not isinstance(raw, dict):
        raise _broken(path, "内容应是“名称: 内容”的列表")
    return raw


def _provision(name: str, part: Any, path: Path) -> Provision:
    where = f"provisions 的“{name}”"
    if not isinstance(part, dict):
        raise _broken(path, f"{where}没有内容")
    missing = [key for key in ("article", "text", "unit", "values") if not part.get(key)]
    if missing:
        raise _broken(path, f"{where}缺少“{'”“'.join(missing)}”")
    return Provision(
        name,
        str(part["article"]),
        str(part["text"]),
        str(part.get("reading", "")),
        str(part["unit"]),
        _values(part["values"], where, path),
    )


def _values(values: Any, where: str, path: Path) -> tuple[Dated, ...]:
    if not isinstance(values, list):
        raise _broken(path, f"{where}的 values 应逐项写出 since 和 value")
    found = []
    for item in values:
        if not isinstance(item, dict) or item.get("value") is None or "since" not in item:
            raise _broken(path, f"{where}的 values 应逐项写出 since 和 value")
        found.append(Dated(_date(item["since"], where, path), item["value"]))
    return tuple(sorted(found, key=lambda dated: dated.since))


def _date(value: Any, where: str, path: Path) -> date:
    if type(value) is not date:
        raise _broken(path, f"{where}的日期“{value}”应写作 2024-08-22 的样子")
    return value


def _broken(path: Path, what: str) -> BrokenDataError:
    return BrokenDataError(
        f"办法数据文件 {path.name} 有误：{what}。", remedy=f"请改正后再运行：{path}。"
    )

"""The wording of documents: text with holes that an official edits, `templates/notices/<edition>/`.

A kind of document is one YAML file: `needs` lists the data it cannot do without, the other
entries are texts with `{{ tags }}`. `words.txt` beside them lists words that a title must not
part. A misspelt tag stops the work with the file's and the tag's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined, UndefinedError
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import SandboxedEnvironment

from pipeline import settings
from pipeline.announce.tables import Column
from pipeline.deadlines import cn_date
from pipeline.errors import TemplateError

NUMERALS = "〇一二三四五六七八九十"


@dataclass(frozen=True)
class Wording:
    """One document's texts. `entry(key, facts)` fills a text's holes."""

    path: Path
    entries: Mapping[str, Any]
    terms: frozenset[str]

    def entry(self, key: str, **values: Any) -> str:
        return fill(str(self._get(key)), values, self.path, key)

    def paragraphs(self, key: str, **values: Any) -> list[str]:
        """A text of several paragraphs, one a line; empty lines do not count."""
        lines = self.entry(key, **values).splitlines()
        return [line.strip() for line in lines if line.strip()]

    def names(self, key: str) -> tuple[str, ...]:
        return tuple(str(item) for item in self.entries.get(key) or ())

    def number(self, key: str) -> float:
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TemplateError(f"文稿模板 {self.path.name} 的 {key} 应是数字：{value}。")
        return value

    def columns(self, key: str = "columns") -> list[tuple[Column, str]]:
        """The columns of the list, each with the text of its cells."""
        return [(_column(item, self.path), str(item["cell"])) for item in self._get(key)]

    def _get(self, key: str) -> Any:
        if key not in self.entries:
            raise TemplateError(f"文稿模板 {self.path.name} 里没有 {key} 一项。")
        return self.entries[key]


def _column(item: Any, path: Path) -> Column:
    if not isinstance(item, dict) or not {"title", "cell", "width"} <= item.keys():
        raise TemplateError(f"文稿模板 {path.name} 的 columns 每列要有 title、cell、width。")
    return Column(str(item["title"]), float(item["width"]), item.get("align", "center"))


def load_wording(kind: str, edition: str = settings.DEFAULT_EDITION) -> Wording:
    path = settings.templates_dir() / "notices" / edition / f"{kind}.yaml"
    words = path.with_name("words.txt")
    try:
        return _load(path, words, (path.stat().st_mtime_ns, words.stat().st_mtime_ns))
    except OSError as error:
        raise TemplateError(f"找不到文稿模板：{error.filename}。") from error


@lru_cache(maxsize=64)
def _load(path: Path, words_path: Path, edited: tuple[int, int]) -> Wording:
    """Read again when a file was `edited` (its time of change)."""
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        words = words_path.read_text(encoding="utf-8").split()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TemplateError(f"文稿模板不是正确的 YAML：{path}。") from error
    if not isinstance(entries, dict):
        raise TemplateError(f"文稿模板应逐项写“名称: 文字”：{path}。")
    return Wording(path, entries, frozenset(words))


@lru_cache(maxsize=1)
def environment() -> SandboxedEnvironment:
    # Plain text goes to the typesetter: there is no markup to escape.
    env = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)
    env.filters.update(date=cn_date, month=cn_month, dots=dots, numeral=numeral)
    return env


@lru_cache(maxsize=512)
def _template(text: str) -> Any:
    return environment().from_string(text)


def fill(text: str, values: Mapping[str, Any], path: Path, key: str) -> str:
    """Fills the holes of a text; TemplateError naming the file, the entry and the tag."""
    try:
        return str(_template(text).render(values))
    except UndefinedError as error:
        raise TemplateError(
            f"文稿模板 {path.name} 的 {key} 里有填不了的标签：{error.message}。",
            remedy="请核对标签的拼写。",
        ) from error
    except (JinjaError, TypeError, ValueError, AttributeError) as error:
        raise TemplateError(f"文稿模板 {path.name} 的 {key} 写法有误：{error}。") from error


def cn_month(day: date) -> str:
    """2026年11月."""
    return f"{day.year}年{day.month}月"


def dots(day: date) -> str:
    """2026.11.3, for the cells of a list."""
    return f"{day.year}.{day.month}.{day.day}"


def numeral(number: int) -> str:
    """0–10 in Chinese numerals, larger numbers as they are."""
    return NUMERALS[number] if 0 <= number <= 10 else str(number)

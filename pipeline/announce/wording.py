"""The wording of documents: text with holes that an official edits, `templates/notices/<edition>/`.

A kind of document is one YAML file: `needs` lists the data it cannot do without, the other
entries are texts with `{{ tags }}`. `words.txt` beside them lists words that a title must not
part. A misspelt tag stops the work with the file's and the tag's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from pipeline.announce.parts import Moment, Month
from pipeline.announce.tables import Column
from pipeline.deadlines import cn_date
from pipeline.errors import TemplateError

#: Between the texts of a row's cells, and after a row (the unit and the record separator).
CELL_END, ROW_END = "\x1f", "\x1e"
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

    def has(self, key: str) -> bool:
        return bool(self.entries.get(key))

    def is_set(self, key: str) -> bool:
        return self.entries.get(key) is True

    def text(self, key: str, **values: Any) -> str:
        """A text that may be missing: "" then."""
        return self.entry(key, **values).strip() if self.has(key) else ""

    def lines(self, key: str, **values: Any) -> tuple[str, ...]:
        """The paragraphs of a text that may be missing."""
        return tuple(self.paragraphs(key, **values)) if self.has(key) else ()

    def items(self, key: str, needed: Sequence[str]) -> list[Mapping[str, Any]]:
        """A list of entries, each with the `needed` keys."""
        items = self._get(key)
        if not isinstance(items, list) or not all(_complete(item, needed) for item in items):
            raise self._broken(key, f"每项要有 {'、'.join(needed)}")
        return items

    def mapping(self, key: str, needed: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Named entries, each with the `needed` keys."""
        entries = self._get(key)
        if not isinstance(entries, dict) or not all(
            _complete(entry, needed) for entry in entries.values()
        ):
            raise self._broken(key, f"每项要有 {'、'.join(needed)}")
        return entries

    def names(self, key: str) -> tuple[str, ...]:
        return tuple(str(item) for item in self.entries.get(key) or ())

    def number(self, key: str) -> float:
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._broken(key, f"应是数字：{value}")
        return value

    def columns(self, key: str = "columns") -> list[tuple[Column, str]]:
        """The columns of the list, each with the text of its cells."""
        items = self.items(key, ("title", "cell", "width"))
        return [(_column(item), str(item["cell"])) for item in items]

    def _get(self, key: str) -> Any:
        if key not in self.entries:
            raise TemplateError(f"文稿模板 {self.path.name} 里没有 {key} 一项。")
        return self.entries[key]

    def _broken(self, key: str, what: str) -> TemplateError:
        return TemplateError(f"文稿模板 {self.path.name} 的 {key} {what}。")


def _complete(item: Any, needed: Sequence[str]) -> bool:
    return isinstance(item, dict) and set(needed) <= item.keys()


def _column(item: Mapping[str, Any]) -> Column:
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
    env.filters.update(
        date=cn_day, moment=cn_moment, month=cn_month, months=cn_months, dots=dots,
        numeral=numeral, names=named, spaced=spaced, ended=ended,
    )  # fmt: skip
    return env


@lru_cache(maxsize=512)
def _template(text: str) -> Any:
    return environment().from_string(text)


def fill(text: str, values: Mapping[str, Any], path: Path, key: str) -> str:
    """Fills the holes of a text; TemplateError naming the file, the entry and the tag."""
    with _faults(path, key):
        return str(_template(text).render(values))


def fill_rows(
    cells: Sequence[str], rows: Iterable[Any], values: Mapping[str, Any], path: Path, key: str
) -> Iterator[list[str]]:
    """The texts of each row's cells, which may speak of its datum `it` and its number `no`. One
    template goes through all rows, which is several times as fast; no datum holds a control
    character."""
    row = "{% set no = loop.index %}" + CELL_END.join(cells)
    whole = "{% for it in rows %}" + row + ROW_END + "{% endfor %}"
    with _faults(path, key):
        parts: list[str] = []
        for part in _template(whole).generate({**values, "rows": rows}):
            parts.append(part)
            if part.endswith(ROW_END):
                yield "".join(parts)[: -len(ROW_END)].split(CELL_END)
                parts = []


@contextmanager
def _faults(path: Path, key: str) -> Iterator[None]:
    try:
        yield
    except UndefinedError as error:
        raise TemplateError(
            f"文稿模板 {path.name} 的 {key} 里有填不了的标签：{error.message}。",
            remedy="请核对标签的拼写。",
        ) from error
    except (JinjaError, TypeError, ValueError, AttributeError) as error:
        raise TemplateError(f"文稿模板 {path.name} 的 {key} 写法有误：{error}。") from error


def cn_day(day: date | str) -> str:
    """2026年11月3日; what stands for a day that is not known stays as it is."""
    return day if isinstance(day, str) else cn_date(day)


def cn_moment(moment: Moment) -> str:
    """2026年11月3日14时5分, or the day alone."""
    hour, _, minute = moment.time.partition(":")
    return cn_date(moment.day) + (f"{int(hour)}时{int(minute)}分" if hour else "")


def cn_months(months: Sequence[Month]) -> str:
    """Months as notices print them: 2025年12月、2026年2月至4月."""
    stretches: list[list[Month]] = []
    for month in months:
        if stretches and _index(month) == _index(stretches[-1][-1]) + 1:
            stretches[-1].append(month)
        else:
            stretches.append([month])
    ends = [months[0] if months else None, *(stretch[-1] for stretch in stretches)]
    return "、".join(
        _stretch(stretch, before if number else None)
        for number, (before, stretch) in enumerate(zip(ends, stretches, strict=False))
    )


def _index(month: Month) -> int:
    return month.year * 12 + month.month


def _stretch(months: Sequence[Month], before: Month | None) -> str:
    """A year is said once for as long as it lasts."""
    first, last = months[0], months[-1]
    opening = "" if before and before.year == first.year else f"{first.year}年"
    text = f"{opening}{first.month}月"
    if last == first:
        return text
    return f"{text}至{f'{last.year}年' if last.year != first.year else ''}{last.month}月"


def named(items: Sequence[Any], shown: int | None = None) -> str:
    """The names of institutions, the first `shown` of them: 甲、乙、丙."""
    return "、".join(item.name for item in items[:shown])


def ended(text: str) -> str:
    """A text of the data as a sentence: with its full stop."""
    return text if text.endswith(("。", "！", "？")) else f"{text}。"


def spaced(name: str) -> str:
    """A name of two characters takes the room of three in a list: 王　明."""
    return f"{name[0]}\u3000{name[1]}" if len(name) == 2 and not name.isascii() else name


def cn_month(day: date) -> str:
    """2026年11月."""
    return f"{day.year}年{day.month}月"


def dots(day: date) -> str:
    """2026.11.3, for the cells of a list."""
    return f"{day.year}.{day.month}.{day.day}"


def numeral(number: int) -> str:
    """0–10 in Chinese numerals, larger numbers as they are."""
    return NUMERALS[number] if 0 <= number <= 10 else str(number)

"""What lies in the inbox, and whether it has come whole.

An entry is taken when it has been still for `Limits.settle_seconds` and is whole by its own
format. One that is still but not whole gets `patience_seconds`; then it is taken all the same,
for it is not being copied, it is broken, and its sender must be told.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import why
from pipeline.intake.limits import Limits
from pipeline.intake.names import PARTIAL_SUFFIXES, is_junk, shown
from pipeline.intake.whole import missing_end


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder at the top of the inbox."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that is not taken yet. `hopeful`: it may become ready within the patience."""

    entry: Entry
    reason: str
    hopeful: bool = False


@dataclass(frozen=True, slots=True)
class Glance:
    """The inbox at one moment."""

    ready: tuple[Entry, ...]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class _Look:
    """What can be seen of an entry from outside: `print` changes whenever it does."""

    print: int
    changed: float


@dataclass(frozen=True, slots=True)
class _Sighting:
    look: _Look
    since: float
    moved: bool


class Watcher:
    """Looks into one inbox again and again, and remembers for how long each entry has been still."""

    def __init__(self, inbox: Path, limits: Limits) -> None:
        self._inbox = inbox
        self._limits = limits
        self._seen: dict[Path, _Sighting] = {}

    def look(self) -> Glance:
        """One look. Entries that can never be taken (links, devices) wait, with the reason."""
        entries = list(_entries(self._inbox))
        self._seen = {e.path: self._seen[e.path] for e in entries if e.path in self._seen}
        judged = [(entry, self._judge(entry)) for entry in entries]
        return Glance(
            tuple(entry for entry, waiting in judged if waiting is None),
            tuple(waiting for _, waiting in judged if waiting is not None),
        )

    def _judge(self, entry: Entry) -> Waiting | None:
        try:
            return self._unsuitable(entry) or self._unsettled(entry)
        except FileNotFoundError:
            return Waiting(entry, "正在被移动或改名，留待下次收取。")
        except OSError as error:
            return Waiting(entry, f"读不了（{why(error)}），请检查权限后重新放入。")

    def _unsuitable(self, entry: Entry) -> Waiting | None:
        mode = entry.path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return Waiting(entry, "是一个链接（快捷方式），不收。请放入文件本身。")
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return Waiting(entry, "不是普通文件，不收。请放入文件本身。")
        if entry.path.suffix.lower() in PARTIAL_SUFFIXES:
            return Waiting(entry, "名称表明尚未下载或复制完毕，留待下次收取。")
        return None

    def _unsettled(self, entry: Entry) -> Waiting | None:
        sighting = self._sight(entry.path)
        still = _still_for(sighting)
        if still < self._limits.settle_seconds:
            return Waiting(entry, "仍在变化，可能还在复制，留待下次收取。", not sighting.moved)
        lacking = next((why for path in _files(entry.path) if (why := missing_end(path))), "")
        if lacking and still < self._limits.patience_seconds:
            return Waiting(entry, f"还不完整（{lacking}），可能还在复制，留待下次收取。", True)
        return None

    def _sight(self, path: Path) -> _Sighting:
        look, before = _look_at(path), self._seen.get(path)
        if before is None or before.look != look:
            self._seen[path] = _Sighting(look, time.monotonic(), moved=before is not None)
        return self._seen[path]


def _still_for(sighting: _Sighting) -> float:
    """Seconds without change: as watched, or by its own time where that is longer and credible."""
    return max(time.monotonic() - sighting.since, time.time() - sighting.look.changed)


def _entries(inbox: Path) -> Iterator[Entry]:
    for path in sorted(inbox.iterdir()):
        if not is_junk(path.name):
            yield Entry(path, shown(path.name))


def _look_at(path: Path) -> _Look:
    states = [(os.fsencode(p), p.lstat()) for p in (path, *_tree(path))]
    marks = tuple((name, s.st_size, s.st_mtime_ns, s.st_ino) for name, s in states)
    # The change time counts too: a copy that keeps the old modification time still sets it.
    return _Look(hash(marks), max(max(s.st_mtime, s.st_ctime) for _, s in states))


def _tree(path: Path) -> Iterator[Path]:
    """All below a folder, links not followed; nothing for a file. No recursion: depth is theirs."""
    stack = [path] if path.is_dir() and not path.is_symlink() else []
    while stack:
        for child in sorted(stack.pop().iterdir()):
            yield child
            if child.is_dir() and not child.is_symlink():
                stack.append(child)


def _files(path: Path) -> Iterator[Path]:
    return (
        p for p in (path, *_tree(path)) if stat.S_ISREG(p.lstat().st_mode) and not is_junk(p.name)
    )

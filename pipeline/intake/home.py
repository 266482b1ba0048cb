"""The folders of one office, and who works in them right now.

    inbox/                       where people drop things
    outbox/packets/<name>/       results          outbox/rejected/<name>/   refused, with the reason
    outbox/held/<name>/          set aside        outbox/duplicates/<name>/ receipts
    outbox/.tmp/<owner>/         half-written results, never looked at
    .pipeline/journal.sqlite     what has come and how far it is
    .pipeline/arrivals/<id>/     what was just taken; duplicates stay here
    .pipeline/store/ab/abcd…/    the originals, for good
    .pipeline/work/<owner>/      unpacked files while they are read
    .pipeline/owners/<owner>.lock  held for as long as that process lives

Everything temporary lies under the token of the process that made it. A lock that can be taken
belongs to a process that is gone, whatever ended it: then its work is adopted and its rests swept.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError, why
from pipeline.intake.durable import make_folder, remove_tree

#: Where staff look, by how a packet ended.
AREAS = {"done": "packets", "rejected": "rejected", "held": "held", "duplicate": "duplicates"}


@dataclass(frozen=True, slots=True)
class Home:
    """Where one office's intake lives. `work` must be on the inbox's file system, outside it."""

    inbox: Path
    outbox: Path
    work: Path

    @classmethod
    def of(cls, inbox: Path, outbox: Path, work: Path | None = None) -> Home:
        """With absolute paths; `work` is by default `.pipeline/` beside the inbox."""
        inbox, outbox = inbox.absolute(), outbox.absolute()
        return cls(inbox, outbox, work.absolute() if work else inbox.parent / ".pipeline")

    @property
    def journal(self) -> Path:
        return self.work / "journal.sqlite"

    @property
    def arrivals(self) -> Path:
        return self.work / "arrivals"

    @property
    def store(self) -> Path:
        return self.work / "store"

    @property
    def owners(self) -> Path:
        return self.work / "owners"

    def area(self, state: str) -> Path:
        """The folder of the outbox for packets that ended in `state`."""
        return self.outbox / AREAS[state]

    def scratch(self, owner: str) -> Path:
        """For unpacked files."""
        return self.work / "work" / owner

    def staging(self, owner: str) -> Path:
        """For half-written results; in the outbox, which may be on another file system."""
        return self.outbox / ".tmp" / owner

    def prepare(self) -> None:
        """Make the folders. Raises UsageError where they lie so that it could not work."""
        _refuse_nesting(self)
        folders = (self.inbox, self.arrivals, self.store, self.owners)
        try:
            for folder in (*folders, *map(self.area, AREAS)):
                make_folder(folder)
        except OSError as error:
            raise UsageError(
                f"建不了文件夹“{error.filename}”：{why(error)}。",
                remedy="请检查路径、磁盘空间和写入权限。",
            ) from error
        _refuse_other_file_system(self)


def _refuse_nesting(home: Home) -> None:
    inbox = home.inbox.resolve()
    for folder in (home.outbox.resolve(), home.work.resolve()):
        if folder == inbox or inbox in folder.parents:
            raise UsageError(
                f"“{folder}”在收件箱“{inbox}”里面，会被当作来件收走。",
                remedy="请把它放到收件箱之外。",
            )


def _refuse_other_file_system(home: Home) -> None:
    if home.inbox.stat().st_dev != home.arrivals.stat().st_dev:
        raise UsageError(
            f"收件箱“{home.inbox}”与工作文件夹“{home.work}”不在同一个磁盘分区，收件不能保证不丢。",
            remedy="请把收件箱设为该分区里的一个子文件夹，使 .pipeline 能与它并列。",
        )


@dataclass(frozen=True, slots=True)
class Owner:
    """A running intake. Its token marks all it has under way."""

    token: str


@contextlib.contextmanager
def on_duty(home: Home) -> Iterator[Owner]:
    """Hold a lock for as long as this process takes in; the kernel lets it go, come what may."""
    token = uuid.uuid4().hex
    descriptor = _locked(_lock(home, token))
    try:
        yield Owner(token)
        _clear(home, token)
    finally:
        os.close(descriptor)


def _lock(home: Home, token: str) -> Path:
    return home.owners / f"{token}.lock"


def _locked(path: Path) -> int:
    """Make the lock file and lock it. Between the two another process may take it for a dead one's
    and sweep it away; then what we have locked has no name any more, and we begin again."""
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
            return descriptor
        os.close(descriptor)


def is_gone(home: Home, token: str) -> bool:
    """Whether the process of that token has ended (or its lock was removed)."""
    with _probe(_lock(home, token)) as gone:
        return gone


@contextlib.contextmanager
def _probe(lock: Path) -> Iterator[bool]:
    """Whether nobody alive holds it. If so, we do until the end of the block."""
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        yield True
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        gone = True
    except BlockingIOError:
        gone = False
    try:
        yield gone
    finally:
        os.close(descriptor)


def tokens(home: Home) -> list[str]:
    """Of all processes whose lock files are there, living or gone."""
    return [path.stem for path in home.owners.glob("*.lock")]


def sweep(home: Home, token: str) -> None:
    """Remove what a process that is gone left half-done; nothing if it lives."""
    with _probe(_lock(home, token)) as gone:
        if gone:
            _clear(home, token)


def _clear(home: Home, token: str) -> None:
    remove_tree(home.scratch(token))
    remove_tree(home.staging(token))
    # Last, so that a sweep cut short is done again.
    _lock(home, token).unlink(missing_ok=True)

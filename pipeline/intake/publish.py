"""Results appear whole or not at all: written beside, synced, renamed to where people look."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pipeline.errors import DataError
from pipeline.intake.durable import make_folder, move, remove_tree, sync_folder, write

REASON = "原因.txt"
RECEIPT = "回执.txt"

_OCCUPIED = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}


def stage(folder: Path, files: Mapping[str, bytes]) -> int:
    """Write a result in full under a temporary folder; its inode, by which it will be known.

    A name may have folders in it (`标注/附件1.docx`); one that leads outside is a DataError.
    """
    remove_tree(folder)
    make_folder(folder)
    for name, content in files.items():
        target = folder / _inner(name)
        make_folder(target.parent)
        write(target, content)
        sync_folder(target.parent)
    return folder.stat().st_ino


def _inner(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts:
        raise DataError(f"结果文件名“{name}”不能用。")
    return path


def publish(staged: Path, target: Path) -> bool:
    """The one step by which a result appears. False: something else stands there."""
    if target.exists():
        return False
    try:
        move(staged, target)
    except OSError as error:
        if error.errno in _OCCUPIED:
            return False
        raise
    return True


def is_published(target: Path, inode: int) -> bool:
    """Whether what stands there is that very folder, and not somebody else's of the same name."""
    return target.is_dir() and target.stat().st_ino == inode


def withdraw(folder: Path, name: str) -> None:
    """Take back a notice of our own that no longer holds. What others put beside it stays."""
    (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def text(*lines: str) -> bytes:
    """A note for staff; with BOM and CRLF, so that any Windows editor shows it right."""
    return "\r\n".join((*lines, "")).encode("utf-8-sig")

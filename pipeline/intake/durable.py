"""Writing and moving so that it is still so after the power has gone.

A rename is durable once both directories are synced, a file once its bytes are synced *before*
the name by which it is found. Every lasting step of the intake goes through these functions.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> Path:
    """`mkdir -p`, each new name synced."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
    return folder


def move(source: Path, target: Path) -> None:
    """Atomic rename, then both folders synced. `target`'s folder must exist."""
    os.rename(source, target)  # noqa: PTH104 - named plainly: this is the atomic step
    sync_folder(target.parent)
    sync_folder(source.parent)


def write(path: Path, content: bytes) -> None:
    """A new file, its bytes synced; an existing one is never overwritten."""
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def remove_tree(folder: Path) -> None:
    """Only for temporary folders of our own; what is gone already is fine."""
    shutil.rmtree(folder, ignore_errors=True)


def only_entry(folder: Path) -> Path | None:
    """The one thing in a folder made to hold one thing, or None."""
    try:
        return next(iter(sorted(folder.iterdir())), None)
    except (FileNotFoundError, NotADirectoryError):
        return None

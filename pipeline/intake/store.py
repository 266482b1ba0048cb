"""The originals, kept for good and found by what they are: `store/ab/abcd…/<name as dropped>`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.intake.durable import make_folder, move, only_entry
from pipeline.intake.names import is_junk
from pipeline.intake.packets import Kind

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Identity:
    """What a dropped thing is. `size` in bytes, all files together."""

    sha256: str
    size: int
    kind: Kind


def identify(path: Path, *, sync: bool = False) -> Identity:
    """Read all bytes of a file, or of every file of a folder. `sync`: make them durable too.

    A folder is its sorted manifest of relative names and file hashes, junk left out: the same
    papers copied again, with another `Thumbs.db`, are the same packet.
    """
    if not path.is_dir():
        digest, size = hash_file(path, sync=sync)
        return Identity(digest, size, "file")
    total, manifest = 0, hashlib.sha256(b"folder\n")
    for name, member in members(path):
        digest, size = _hash_member(member, sync=sync)
        manifest.update(os.fsencode(name) + b"\0" + digest.encode() + b"\n")
        total += size
    return Identity(manifest.hexdigest(), total, "folder")


def members(folder: Path) -> Iterator[tuple[str, Path]]:
    """Relative name (with `/`) and path of all files below, sorted; links and devices included as
    they are, never followed."""
    found, stack = [], [folder]
    while stack:
        for child in stack.pop().iterdir():
            if is_junk(child.name):
                continue
            if stat.S_ISDIR(child.lstat().st_mode):
                stack.append(child)
            else:
                found.append((child.relative_to(folder).as_posix(), child))
    return iter(sorted(found))


def hash_file(path: Path, *, sync: bool = False) -> tuple[str, int]:
    """SHA-256 (hex) and size."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
        if sync:
            os.fsync(stream.fileno())
    return digest.hexdigest(), size


def _hash_member(path: Path, *, sync: bool) -> tuple[str, int]:
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode):
        return hash_file(path, sync=sync)
    return ("link:" + os.readlink(path) if stat.S_ISLNK(mode) else "device"), 0  # noqa: PTH115


def place(store: Path, sha256: str) -> Path:
    """The folder of one original."""
    return store / sha256[:2] / sha256


def find(store: Path, sha256: str) -> Path | None:
    """The original, or None."""
    return only_entry(place(store, sha256))


def keep(store: Path, sha256: str, arrived: Path | None) -> Path | None:
    """Move what has arrived to its place, if it is not there yet. None: it is nowhere.

    Done twice it is done once: after a crash the original is either still where it arrived or
    already in its place. An original that is there is never replaced.
    """
    kept = find(store, sha256)
    if kept is None and arrived is not None:
        kept = make_folder(place(store, sha256)) / arrived.name
        move(arrived, kept)
        _write_protect(kept)
    return kept


def _write_protect(path: Path) -> None:
    # A courtesy against slips of the hand, not a lock: some file systems know no modes.
    for file in [path] if path.is_file() else [m for _, m in members(path) if not m.is_symlink()]:
        with contextlib.suppress(OSError):
            file.chmod(0o444)

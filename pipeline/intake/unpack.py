"""A packet as a flat list of files: folders walked, archives opened, also archives in archives.

No name from an archive ever becomes a path: unpacked files are numbered (`0001.docx`), and their
names travel beside them. So nothing can be written outside, no name is too long and no two clash.
Names that try to lead outside are refused all the same, before anything is unpacked: whoever
packed them meant harm, or the archive is not what its sender thinks it is.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from pipeline.errors import ProtectedError, UnreadableError, UnsafeError
from pipeline.findings import Finding
from pipeline.intake.archives import (
    DAMAGE,
    Archive,
    ArchiveKind,
    Item,
    archive_kind,
    is_damage,
    open_archive,
    too_large,
)
from pipeline.intake.limits import Limits
from pipeline.intake.names import is_junk, plain
from pipeline.intake.store import hash_file, members

_CHUNK = 256 * 1024
_DRIVE = re.compile(r"^[A-Za-z]:")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a packet. `path` holds its bytes; `problem`: why it cannot be read, or None."""

    name: str
    path: Path
    size: int
    sha256: str
    problem: Finding | None = None


def unpack(path: Path, name: str, into: Path, limits: Limits) -> list[Member]:
    """All files of the packet at `path`, which was dropped as `name`; unpacked ones under `into`.

    Raises UnsafeError for anything that could do harm at any depth, and ProtectedError,
    UnsupportedError or UnreadableError where the packet itself cannot be opened or is empty. An
    inner archive that cannot be opened is a member with a `problem`; the others are given.
    """
    unpacking = _Unpacking(into, limits)
    if path.is_dir():
        for inner, member in members(path):
            unpacking.take(inner, member, depth=0)
    elif kind := archive_kind(path, name):
        unpacking.open(kind, path, prefix="", depth=1)
    else:
        unpacking.take(name, path, depth=0)
    return _not_empty(unpacking.found, path, name)


def unpack_json(path: str, name: str, into: str, limits: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`unpack` with JSON for arguments and result, to be called in another process."""
    found = unpack(Path(path), name, Path(into), Limits(**limits))
    return [asdict(member) | {"path": str(member.path)} for member in found]


def _not_empty(found: list[Member], path: Path, name: str) -> list[Member]:
    if not found:
        is_mail = path.is_file() and archive_kind(path, name) == "mail"
        what = "文件夹" if path.is_dir() else "邮件" if is_mail else "压缩包"
        raise UnreadableError(f"{what}里没有任何文件。", remedy="请放入申报材料后重新提交。")
    if found[0].path == path and found[0].size == 0:
        raise UnreadableError("文件是空的（0 字节）。", remedy="请重新保存或重新发送。")
    return found


@dataclass
class _Unpacking:
    """One packet being unpacked: where to, and how much of its bounds is spent."""

    into: Path
    limits: Limits
    found: list[Member] = field(default_factory=list)
    spent: int = 0
    number: int = 0

    def take(self, name: str, path: Path, depth: int) -> None:
        """A file at any level: an archive is opened, anything else is a member."""
        if not stat.S_ISREG(path.lstat().st_mode):
            self._add(
                _problem(name, path, "link", "是链接（快捷方式）或设备，没有读取。请放入文件本身。")
            )
            return
        kind = archive_kind(path, name)
        if kind is None:
            self._add(_plain(name, path))
            return
        try:
            self.open(kind, path, prefix=f"{name}/", depth=depth + 1)
        except UnsafeError:
            raise
        except UnreadableError as error:
            self._add(_problem(name, path, error.code, str(error)))

    def open(self, kind: ArchiveKind, path: Path, prefix: str, depth: int) -> None:
        """An archive: everything is looked at first, then everything is unpacked."""
        if depth > self.limits.depth:
            raise UnsafeError(
                f"压缩包嵌套超过 {self.limits.depth} 层，为安全起见没有解压。",
                remedy="请解开里层的压缩包后重新提交。",
            )
        archive = open_archive(kind, path, self.limits)
        try:
            self._items(archive, path.stat().st_size, prefix, depth)
        finally:
            archive.close()
        if not archive.is_whole:
            why = "不完整（传输中断或已损坏），后面可能还有文件没有读到。请重新压缩或重新发送。"
            self._add(_problem(prefix.rstrip("/") or path.name, path, "cut-archive", why))

    def _items(self, archive: Archive, packed: int, prefix: str, depth: int) -> None:
        items = archive.items()
        for item in items:
            _refuse_unsafe(item)
        wanted = [item for item in items if not is_junk(item.name)]
        if any(item.encrypted for item in wanted):
            raise ProtectedError("压缩包设有密码，打不开。", remedy="请去掉密码后重新压缩提交。")
        meter = _Meter(self, packed)
        for item in wanted:
            self._item(archive, item, prefix, depth, meter)

    def _item(self, archive: Archive, item: Item, prefix: str, depth: int, meter: _Meter) -> None:
        name, target = prefix + plain(item.name), self._target(item.name)
        try:
            with archive.open(item) as stream:
                meter.pour(stream, target)
        except DAMAGE as error:
            if not is_damage(error):
                raise
            why = "在压缩包里已损坏，或其压缩方式不能识别。请重新压缩或重新发送。"
            self._add(_problem(name, target, "damaged-member", why))
        else:
            self.take(name, target, depth)

    def _target(self, name: str) -> Path:
        self.number += 1
        suffix = _SUFFIX.search(name)
        return self.into / f"{self.number:04d}{suffix[0].lower() if suffix else ''}"

    def _add(self, member: Member) -> None:
        if len(self.found) >= self.limits.members:
            raise UnsafeError(
                f"文件总数超过 {self.limits.members} 个，为安全起见没有读取。",
                remedy="请只放入申报材料，分成几次提交。",
            )
        self.found.append(member)


@dataclass
class _Meter:
    """Counts what one archive really inflates to, whatever it declares."""

    whole: _Unpacking
    packed: int
    inflated: int = 0

    def pour(self, stream: IO[bytes], target: Path) -> None:
        written = 0
        with target.open("xb") as file:
            while chunk := stream.read(_CHUNK):
                written += len(chunk)
                self._count(len(chunk), written)
                file.write(chunk)

    def _count(self, more: int, written: int) -> None:
        limits = self.whole.limits
        self.inflated += more
        self.whole.spent += more
        if written > limits.member_bytes:
            raise too_large(limits.member_bytes)
        if self.whole.spent > limits.total_bytes:
            raise too_large(limits.total_bytes)
        if self.inflated > max(limits.ratio_floor_bytes, limits.ratio * self.packed):
            raise UnsafeError(
                f"压缩包解压后膨胀超过 {limits.ratio} 倍，疑似压缩炸弹，已停止解压。",
                remedy="请核对压缩包内容后重新提交。",
            )


def _refuse_unsafe(item: Item) -> None:
    why = ""
    if item.special:
        why = "含有链接或设备文件"
    elif "\0" in item.name or item.name.startswith("/") or _DRIVE.match(item.name):
        why = "含有绝对路径的文件名"
    elif ".." in item.name.split("/"):
        why = "含有指向压缩包之外的文件名（..）"
    if why:
        raise UnsafeError(
            f"压缩包{why}，为安全起见没有解压。", remedy="请在自己的电脑上把材料重新压缩后提交。"
        )


def _plain(name: str, path: Path) -> Member:
    digest, size = hash_file(path)
    empty = _finding("empty-file", name, "是空的（0 字节）。请重新保存或重新发送。")
    return Member(name, path, size, digest, None if size else empty)


def _problem(name: str, path: Path, code: str, why: str) -> Member:
    regular = path.exists() and stat.S_ISREG(path.lstat().st_mode)
    digest, size = hash_file(path) if regular else (hashlib.sha256().hexdigest(), 0)
    return Member(name, path, size, digest, _finding(code, name, why))


def _finding(code: str, name: str, why: str) -> Finding:
    return Finding("error", code, "", f"“{name}”{why}")

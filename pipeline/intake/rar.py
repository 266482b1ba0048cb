"""RAR archives (1.5 to 7), by the free decoder `rars` (extra `rar`, Apache 2.0).

The decoder holds a whole member in memory: what a member may inflate to is bounded before it is
opened, and all of it happens in the intake's child process with its own bounds.
"""

from __future__ import annotations

import importlib
import io
import re
import stat
import struct
import zlib
from pathlib import Path
from typing import IO, Any

from pipeline.errors import ProtectedError, UnreadableError, UnsupportedError
from pipeline.intake.limits import MIB, Limits

#: Header bytes of one archive; honest ones have some hundred for each file.
_HEADER_BYTES = 16 * MIB
#: The dictionary of an archive, bytes; WinRAR's own largest by default choices is far below.
_DICTIONARY = 512 * MIB
#: RAR 1.5–4 number their systems so; from 5 on, 1 is Unix.
_UNIX_OLD, _UNIX_NEW = 3, 1
_REPARSE_POINT = 0x400  # Windows: a link
_OLD = "rar15_40"

#: The block at the end of an archive, known by its kind and its own checksum.
_NEW_END = 5
_OLD_END = re.compile(rb"(?=(..)(\x7b..(.)\x00))", re.DOTALL)
_TAIL = 64
_FIRST_WITH_END = 29  # the version that a member asks for

_REPACK = "请解压后重新压缩成 zip 格式再放入，或直接放入解压后的文件夹。"


class TooLargeError(Exception):
    """A member inflates beyond its bound."""


class RarFile:
    """An open RAR archive; `entries` are the decoder's own.

    Raises UnsupportedError where the decoder is not installed or the archive is one of several
    volumes, ProtectedError for one with a password, UnreadableError for a damaged one.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._rars = _decoder()
        packed = path.stat().st_size
        with path.open("rb") as stream:
            stream.seek(max(packed - _TAIL, 0))
            self._tail = stream.read()
        self._most = min(limits.member_bytes, max(limits.ratio_floor_bytes, limits.ratio * packed))
        options = self._rars.ReadOptions(
            max_header_count=4 * limits.members + 100, max_header_bytes=_HEADER_BYTES
        )
        try:
            self._archive = self._rars.RarFile(str(path), options=options)
            self.entries: list[Any] = self._archive.infolist()
        except (self._rars.PasswordRequired, self._rars.BadPassword) as error:
            raise ProtectedError(
                "压缩包设有密码，打不开。", remedy="请去掉密码后重新压缩提交。"
            ) from error
        except self._rars.UnsupportedRarFeature as error:
            raise UnsupportedError("这个 rar 压缩包的压缩方式不能识别。", remedy=_REPACK) from error
        except self._rars.Error as error:
            raise UnreadableError("rar 压缩包已损坏或不完整，打不开。", remedy=_REPACK) from error
        if any(entry.is_split_before or entry.is_split_after for entry in self.entries):
            raise UnsupportedError(
                "这是分成几卷的 rar 压缩包中的一卷，不能单独解压。",
                remedy="请不要分卷，重新压缩成 zip 格式再放入。",
            )

    @property
    def has_old_names(self) -> bool:
        """Names may be in the encoding of the machine that packed them."""
        return bool(self._archive.family == _OLD)

    @property
    def is_whole(self) -> bool:
        """Its end block is there; archives older than such blocks cannot show it."""
        if not self.has_old_names:
            return _has_new_end(self._tail)
        versions = [int(entry.detail.get("unpack_version", 0)) for entry in self.entries]
        return max(versions, default=0) < _FIRST_WITH_END or _has_old_end(self._tail)

    def is_link(self, entry: Any) -> bool:
        unix = _UNIX_OLD if self.has_old_names else _UNIX_NEW
        if entry.host_os == unix:
            return stat.S_IFMT(entry.file_attr) not in (0, stat.S_IFREG, stat.S_IFDIR)
        return bool(entry.file_attr & _REPARSE_POINT)

    def open(self, entry: Any) -> IO[bytes]:
        """The bytes of a member. Raises ValueError if it is damaged or only refers to another,
        NotImplementedError for an unknown method, TooLargeError."""
        options = self._rars.ReadOptions(
            max_member_output_bytes=self._most, rar50_dictionary_size_limit=_DICTIONARY
        )
        if entry.file_size > self._most:
            raise TooLargeError
        try:
            return io.BytesIO(self._archive.read(entry, options=options))
        except MemoryError:
            raise TooLargeError from None
        except self._rars.UnsupportedRarFeature as error:
            raise NotImplementedError(str(error)) from error
        except (self._rars.Error, KeyError) as error:
            raise ValueError(str(error)) from error


def _has_new_end(tail: bytes) -> bool:
    """A block of RAR 5: checksum (4 bytes), size, kind, flags …; a short one has one byte for each."""
    for at in range(len(tail) - 6):
        size, kind = tail[at + 4], tail[at + 5]
        block = tail[at + 4 : at + 5 + size]
        fits = kind == _NEW_END and size < 0x80 and len(block) == 1 + size
        if fits and struct.unpack("<L", tail[at : at + 4])[0] == zlib.crc32(block):
            return True
    return False


def _has_old_end(tail: bytes) -> bool:
    for found in _OLD_END.finditer(tail):
        block = tail[found.start() + 2 : found.start() + found[3][0]]
        if struct.unpack("<H", found[1])[0] == zlib.crc32(block) & 0xFFFF:
            return True
    return False


def _decoder() -> Any:
    try:
        return importlib.import_module("rars")
    except ImportError as error:
        raise UnsupportedError(
            "没有安装 rar 组件，不能读取 rar 压缩包。", remedy=_REPACK
        ) from error

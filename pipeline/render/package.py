"""A zip package whose unchanged members are copied as they are compressed.

A form differs from its template in one or two members. The others are cut out of the template
once, headers and all, and stand at the head of every form; only what was filled in is compressed
anew. ISA-L's deflate does that several times faster than zlib at nearly its size; without it zlib
does. Same input, same bytes: members carry the oldest date that a zip can hold.

Layout of the headers: PKWARE APPNOTE 6.3.10, 4.3.7, 4.3.12 and 4.3.16.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

try:
    from isal import isal_zlib
except ImportError:  # a platform without the wheel: slower, not different
    isal_zlib = None  # type: ignore[assignment]

_LOCAL = struct.Struct("<4s5H3I2H")  # 30 bytes
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_NEEDS_VERSION = 20  # 2.0: deflate
_UTF8_NAME = 0x800
_OLDEST_DATE = 0x0021  # 1980-01-01, as MS-DOS writes it
_LEVEL = 1


def deflate(content: bytes) -> bytes:
    """The bytes as a raw deflate stream (RFC 1951)."""
    if isal_zlib is not None:
        return isal_zlib.compress(content, level=_LEVEL, wbits=-15)
    return zlib.compress(content, level=_LEVEL, wbits=-15)


def _crc32(content: bytes) -> int:
    return isal_zlib.crc32(content) if isal_zlib is not None else zlib.crc32(content)


@dataclass(frozen=True, slots=True)
class Member:
    """A member as it stands in a zip: `stored` is its data as compressed by `method`."""

    name: str
    method: int
    crc: int
    size: int
    stored: bytes

    @classmethod
    def of(cls, name: str, content: bytes) -> Member:
        return cls(name, zipfile.ZIP_DEFLATED, _crc32(content), len(content), deflate(content))

    def local(self) -> bytes:
        """Its header and data, as they stand at the place of the member."""
        name, flags = self._encoded_name()
        head = _LOCAL.pack(
            b"PK\x03\x04", _NEEDS_VERSION, flags, self.method, 0, _OLDEST_DATE,
            self.crc, len(self.stored), self.size, len(name), 0,
        )  # fmt: skip
        return head + name + self.stored

    def central(self, offset: int) -> bytes:
        """Its entry in the directory at the end; `offset` is where `local` stands."""
        name, flags = self._encoded_name()
        head = _CENTRAL.pack(
            b"PK\x01\x02", _NEEDS_VERSION, _NEEDS_VERSION, flags, self.method, 0, _OLDEST_DATE,
            self.crc, len(self.stored), self.size, len(name), 0, 0, 0, 0, 0, offset,
        )  # fmt: skip
        return head + name

    def _encoded_name(self) -> tuple[bytes, int]:
        if self.name.isascii():
            return self.name.encode("ascii"), 0
        return self.name.encode("utf-8"), _UTF8_NAME


@dataclass(frozen=True, slots=True)
class Shell:
    """The members that every form of a template shares, laid out once."""

    count: int
    head: bytes
    directory: bytes

    @classmethod
    def of(cls, members: Iterable[Member]) -> Shell:
        body, entries, count = bytearray(), bytearray(), 0
        for member in members:
            entries += member.central(len(body))
            body += member.local()
            count += 1
        return cls(count, bytes(body), bytes(entries))

    def with_members(self, contents: Mapping[str, bytes]) -> bytes:
        """The whole package: the shared members, then these."""
        pieces = [self.head]
        entries = [self.directory]
        offset = len(self.head)
        for name, content in contents.items():
            member = Member.of(name, content)
            piece = member.local()
            entries.append(member.central(offset))
            pieces.append(piece)
            offset += len(piece)
        directory = b"".join(entries)
        count = self.count + len(contents)
        end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
        return b"".join([*pieces, directory, end])


def members(package: bytes) -> list[Member]:
    """Every member of a zip as it is compressed there. BadZipFile if it is none."""
    with zipfile.ZipFile(io.BytesIO(package)) as directory:
        return [_member(package, entry) for entry in directory.infolist() if not entry.is_dir()]


def _member(package: bytes, entry: zipfile.ZipInfo) -> Member:
    head = _LOCAL.unpack_from(package, entry.header_offset)
    start = entry.header_offset + _LOCAL.size + head[9] + head[10]
    stored = package[start : start + entry.compress_size]
    return Member(entry.filename, entry.compress_type, entry.CRC, entry.file_size, stored)

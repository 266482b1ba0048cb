"""7z archives, by the decoders of the standard library (format: 7zFormat.txt of the LZMA SDK).

LZMA, LZMA2, deflate, bzip2 and stored; what 7-Zip and Bandizip write by default. Others (PPMd,
BCJ2, Zstandard) are named as not readable. An archive is a few *folders*, each one stream of bytes
in which files lie end to end: files are given in that order, so that nothing is inflated twice.
"""

from __future__ import annotations

import bz2
import io
import lzma
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from pipeline.errors import ProtectedError

MAGIC = b"7z\xbc\xaf\x27\x1c"
_START = struct.Struct("<6sBBIQQI")

#: Bytes of the header, packed and inflated; of the dictionary that a decoder may keep in memory.
_HEADER_BYTES = 64 << 20
_DICTIONARY_BYTES = 256 << 20
#: Streams and coders of one archive or folder; honest ones have as many streams as files.
_STREAMS = 100_000
_CODERS = 4
_CHUNK = 1 << 18

# Kinds of properties (7zFormat.txt, "Property IDs").
_END, _HEADER, _ARCHIVE, _EXTRA, _MAIN, _FILES = range(6)
_PACK, _UNPACK, _SUB, _SIZE, _CRC, _FOLDER, _UNPACK_SIZE, _COUNT = range(6, 14)
_NO_STREAM, _NO_BYTES, _NAMES, _ATTRIBUTES, _PACKED_HEADER = 0x0E, 0x0F, 0x11, 0x15, 0x17

_COPY, _DEFLATE, _BZIP2 = b"\x00", b"\x04\x01\x08", b"\x04\x02\x02"
_LZMA, _LZMA2, _DELTA, _AES = b"\x03\x01\x01", b"\x21", b"\x03", b"\x06\xf1\x07\x01"
#: The filter for programs of PCs, by its old and its new number; some put it before everything.
_X86 = (b"\x03\x03\x01\x03", b"\x04")


class DamageError(ValueError):
    """The archive does not hold together."""


@dataclass(frozen=True, slots=True)
class Coder:
    """A decoder: its method and settings."""

    method: bytes
    settings: bytes


@dataclass(frozen=True, slots=True)
class Folder:
    """One packed stream: where it lies (bytes from the beginning of the file), and how to read it;
    `coders` in the order of unpacking."""

    at: int
    packed: int
    size: int
    coders: tuple[Coder, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: the part of a folder's stream that it is; no folder if it has no bytes."""

    name: str
    folder: int | None = None
    start: int = 0
    size: int = 0
    checksum: int | None = None
    is_folder: bool = False
    special: bool = False


@dataclass
class _Streams:
    folders: list[Folder] = field(default_factory=list)
    #: (folder, start, size, checksum) of each file with bytes.
    parts: list[tuple[int, int, int, int | None]] = field(default_factory=list)


@dataclass
class _Position:
    """How far a folder has been read: `part` is the entry that was opened last, up to `end`."""

    folder: int
    stream: IO[bytes]
    end: int = 0
    part: _Part | None = None

    @property
    def at(self) -> int:
        return self.end - (self.part.left if self.part else 0)


class SevenZip:
    """An open archive. `entries` in the order in which they are cheap to read.

    Raises DamageError, NotImplementedError (a method unknown here), ProtectedError (names hidden
    by a password).
    """

    def __init__(self, path: Path, members: int) -> None:
        """`members`: an archive that has more entries counts as damaged."""
        self._file = path.open("rb")
        try:
            self.folders, self.entries = _read_header(_header(self._file), members)
        except BaseException:
            self._file.close()
            raise
        self._position = _Position(-1, io.BytesIO())

    def is_encrypted(self, entry: Entry) -> bool:
        return entry.folder is not None and _is_encrypted(self.folders[entry.folder])

    def open(self, entry: Entry) -> IO[bytes]:
        """The bytes of an entry. What lies before it in its folder is inflated and thrown away."""
        if entry.folder is None:
            return io.BytesIO()
        now = self._position
        if now.folder != entry.folder or now.at > entry.start:
            now = _Position(entry.folder, _inflated(self._file, self.folders[entry.folder]))
        at = now.at
        while at < entry.start:
            at += len(_some(now.stream, min(_CHUNK, entry.start - at)))
        now.part, now.end = _Part(now.stream, entry.size, entry.checksum), entry.start + entry.size
        self._position = now
        return io.BufferedReader(now.part)

    def close(self) -> None:
        self._file.close()


# ------------------------------------------------------------------------------------- header


def _header(file: BinaryIO) -> bytes:
    """The header, unpacked where it is packed."""
    start = file.read(_START.size)
    if len(start) < _START.size:
        raise DamageError
    magic, _, _, _, offset, size, checksum = _START.unpack(start)
    if magic != MAGIC or size > _HEADER_BYTES or offset >= 1 << 62:
        raise DamageError
    file.seek(_START.size + offset)
    header = file.read(size)
    if zlib.crc32(header) != checksum:
        raise DamageError
    while header[:1] == bytes([_PACKED_HEADER]):
        streams = _read_streams(_Reader(header[1:]))
        if not streams.folders:
            raise DamageError
        folder = streams.folders[0]
        if _is_encrypted(folder):
            raise ProtectedError("压缩包设有密码，打不开。", remedy="请去掉密码后重新压缩提交。")
        if folder.size > _HEADER_BYTES:
            raise DamageError
        header = _Part(_inflated(file, folder), folder.size, None).readall()
    return header


class _Reader:
    """Reads the numbers and vectors of a header."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def bytes(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) < count:
            raise DamageError
        self._at += count
        return piece

    def byte(self) -> int:
        return self.bytes(1)[0]

    def number(self) -> int:
        """As many bytes follow as the first has leading ones; its other bits are the highest."""
        first, value = self.byte(), 0
        for i in range(8):
            mask = 0x80 >> i
            if not first & mask:
                return value | (first & (mask - 1)) << (8 * i)
            value |= self.byte() << (8 * i)
        return value

    def count(self, most: int) -> int:
        number = self.number()
        if number > most:
            raise DamageError
        return number

    def bits(self, count: int) -> list[bool]:
        data = self.bytes((count + 7) // 8)
        return [bool(data[i // 8] & 0x80 >> i % 8) for i in range(count)]

    def defined(self, count: int) -> list[bool]:
        return [True] * count if self.byte() else self.bits(count)

    def checksums(self, count: int) -> list[int | None]:
        return [self.word() if there else None for there in self.defined(count)]

    def word(self) -> int:
        return int(struct.unpack("<I", self.bytes(4))[0])


def _read_header(header: bytes, members: int) -> tuple[list[Folder], list[Entry]]:
    reader, streams, entries = _Reader(header), _Streams(), list[Entry]()
    if not header:
        return [], []
    if reader.number() != _HEADER:
        raise DamageError
    while (kind := reader.number()) != _END:
        if kind == _MAIN:
            streams = _read_streams(reader)
        elif kind == _FILES:
            entries = _read_files(reader, streams, members)
        else:
            raise DamageError
    return streams.folders, entries


def _read_streams(reader: _Reader) -> _Streams:
    at, packed, folders = 0, list[int](), list[_Unplaced]()
    parts: list[tuple[int, int, int, int | None]] | None = None
    while (kind := reader.number()) != _END:
        if kind == _PACK:
            at, packed = _read_pack(reader)
        elif kind == _UNPACK:
            folders = _read_folders(reader)
        elif kind == _SUB:
            parts = _read_parts(reader, folders)
        else:
            raise DamageError
    if len(packed) < len(folders):
        raise DamageError
    placed = []
    for folder, size in zip(folders, packed, strict=False):
        placed.append(Folder(at + _START.size, size, folder.size, folder.coders))
        at += size
    whole = [(i, 0, folder.size, folder.checksum) for i, folder in enumerate(folders)]
    return _Streams(placed, whole if parts is None else parts)


def _read_pack(reader: _Reader) -> tuple[int, list[int]]:
    at, count, sizes = reader.number(), reader.count(_STREAMS), list[int]()
    while (kind := reader.number()) != _END:
        if kind == _SIZE:
            sizes = [reader.number() for _ in range(count)]
        elif kind == _CRC:
            reader.checksums(count)
        else:
            raise DamageError
    return at, sizes


@dataclass
class _Unplaced:
    """A folder whose place in the file is not known yet. `last`: the coder that gives the files."""

    coders: tuple[Coder, ...]
    last: int
    outputs: int
    size: int = 0
    checksum: int | None = None


def _read_folders(reader: _Reader) -> list[_Unplaced]:
    folders: list[_Unplaced] = []
    while (kind := reader.number()) != _END:
        if kind == _FOLDER:
            count = reader.count(_STREAMS)
            if reader.byte():
                raise DamageError  # elsewhere: nobody has ever written that
            folders = [_read_folder(reader) for _ in range(count)]
        elif kind == _UNPACK_SIZE:
            for folder in folders:
                folder.size = [reader.number() for _ in range(folder.outputs)][folder.last]
        elif kind == _CRC:
            for folder, checksum in zip(folders, reader.checksums(len(folders)), strict=True):
                folder.checksum = checksum
        else:
            raise DamageError
    return folders


def _read_folder(reader: _Reader) -> _Unplaced:
    """Coders in a chain: each takes what the one before gave, the first what is packed."""
    coders = [_read_coder(reader) for _ in range(reader.count(_CODERS))]
    follows = {}
    for _ in range(len(coders) - 1):
        into, out = reader.number(), reader.number()
        follows[out] = into
    order = [next((i for i in range(len(coders)) if i not in follows.values()), 0)]
    while order[-1] in follows and len(order) < len(coders):
        order.append(follows[order[-1]])
    if not coders or len(order) != len(coders) or not all(0 <= i < len(coders) for i in order):
        raise DamageError
    return _Unplaced(tuple(coders[i] for i in order), order[-1], len(coders))


def _read_coder(reader: _Reader) -> Coder:
    flags = reader.byte()
    method = reader.bytes(flags & 0x0F)
    if flags & 0x10 and (reader.number(), reader.number()) != (1, 1):
        raise NotImplementedError  # several streams at once: BCJ2, for programs
    return Coder(method, reader.bytes(reader.number()) if flags & 0x20 else b"")


def _read_parts(
    reader: _Reader, folders: Sequence[_Unplaced]
) -> list[tuple[int, int, int, int | None]]:
    """How the folders' streams are divided into files."""
    counts, sizes = [1] * len(folders), list[list[int]]()
    checksums: list[int | None] = []
    kind = reader.number()
    if kind == _COUNT:
        counts = [reader.count(_STREAMS) for _ in folders]
        if sum(counts) > _STREAMS:
            raise DamageError
        kind = reader.number()
    for folder, count in zip(folders, counts, strict=True):
        given = [reader.number() for _ in range(count - 1)] if kind == _SIZE else []
        if count and sum(given) > folder.size:
            raise DamageError
        sizes.append([*given, folder.size - sum(given)][:count])
    if kind == _SIZE:
        kind = reader.number()
    known = [
        count == 1 and f.checksum is not None for f, count in zip(folders, counts, strict=True)
    ]
    if kind == _CRC:
        unknown = sum(c for c, is_known in zip(counts, known, strict=True) if not is_known)
        checksums = reader.checksums(unknown)
        kind = reader.number()
    if kind != _END:
        raise DamageError
    return list(_parts(folders, sizes, known, iter(checksums)))


def _parts(
    folders: Sequence[_Unplaced],
    sizes: Sequence[Sequence[int]],
    known: Sequence[bool],
    checksums: Iterator[int | None],
) -> Iterator[tuple[int, int, int, int | None]]:
    for i, folder in enumerate(folders):
        start = 0
        for size in sizes[i]:
            yield i, start, size, folder.checksum if known[i] else next(checksums, None)
            start += size


def _read_files(reader: _Reader, streams: _Streams, members: int) -> list[Entry]:
    count = reader.count(members)
    names, no_stream, no_bytes = [""] * count, [False] * count, list[bool]()
    special = [False] * count
    while (kind := reader.number()) != _END:
        body = _Reader(reader.bytes(reader.number()))
        if kind == _NO_STREAM:
            no_stream = body.bits(count)
        elif kind == _NO_BYTES:
            no_bytes = body.bits(sum(no_stream))
        elif kind == _NAMES:
            names = _read_names(body, count)
        elif kind == _ATTRIBUTES:
            special = _read_special(body, count)
    parts, empty = iter(streams.parts), iter(no_bytes)
    entries = []
    for name, without, odd in zip(names, no_stream, special, strict=True):
        if without:
            entries.append(Entry(name, is_folder=not next(empty, False), special=odd))
            continue
        part = next(parts, None)
        if part is None:
            raise DamageError
        entries.append(Entry(name, *part, special=odd))
    return entries


def _read_names(body: _Reader, count: int) -> list[str]:
    if body.byte():
        raise DamageError
    names = []
    for _ in range(count):
        units = []
        while (unit := body.bytes(2)) != b"\0\0":
            units.append(unit)
        names.append(b"".join(units).decode("utf-16-le", "replace"))
    return names


def _read_special(body: _Reader, count: int) -> list[bool]:
    """Which entries are links or devices, where the archive comes from a Unix."""
    defined = body.defined(count)
    if body.byte():
        raise DamageError
    attributes = [body.word() if there else 0 for there in defined]
    return [_is_special(value) for value in attributes]


def _is_special(attributes: int) -> bool:
    kind = stat.S_IFMT(attributes >> 16) if attributes & 0x8000 else 0
    return kind not in (0, stat.S_IFREG, stat.S_IFDIR)


# ------------------------------------------------------------------------------------ streams


class _Decoder(Protocol):
    """As `lzma.LZMADecompressor`."""

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Stored:
    needs_input = True

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return data


class _Deflated:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(-zlib.MAX_WBITS)

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))


def _is_encrypted(folder: Folder) -> bool:
    return any(coder.method == _AES for coder in folder.coders)


def _decoder(folder: Folder) -> _Decoder:
    """Raises NotImplementedError for methods that nothing here knows."""
    methods = [coder.method for coder in folder.coders]
    if methods == [_COPY]:
        return _Stored()
    if methods == [_DEFLATE]:
        return _Deflated()
    if methods == [_BZIP2]:
        return bz2.BZ2Decompressor()
    if methods[0] != _LZMA2 and any(method in _X86 for method in methods):
        raise NotImplementedError  # only LZMA2 tells the filter where the stream ends
    filters = [_filter(coder, folder.size) for coder in reversed(folder.coders)]
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)


def _filter(coder: Coder, size: int) -> dict[str, Any]:
    if coder.method in _X86:
        return {"id": lzma.FILTER_X86}
    if coder.method == _DELTA and len(coder.settings) == 1:
        return {"id": lzma.FILTER_DELTA, "dist": coder.settings[0] + 1}
    if coder.method == _LZMA2 and len(coder.settings) == 1:
        power = coder.settings[0]
        dictionary = 0xFFFFFFFF if power >= 40 else (2 | power & 1) << (power // 2 + 11)
        return {"id": lzma.FILTER_LZMA2, "dict_size": _dictionary(dictionary, size)}
    if coder.method == _LZMA and len(coder.settings) == 5:
        packed, dictionary = struct.unpack("<BI", coder.settings)
        if packed >= 9 * 5 * 5:
            raise DamageError
        return {
            "id": lzma.FILTER_LZMA1,
            "dict_size": _dictionary(dictionary, size),
            "lc": packed % 9,
            "lp": packed // 9 % 5,
            "pb": packed // 45,
        }
    raise NotImplementedError


def _dictionary(declared: int, size: int) -> int:
    """No more is ever looked back at than there is."""
    needed = max(4096, min(declared, size))
    if needed > _DICTIONARY_BYTES:
        raise NotImplementedError
    return needed


def _inflated(file: BinaryIO, folder: Folder) -> IO[bytes]:
    return io.BufferedReader(_Inflated(file, folder, _decoder(folder)), _CHUNK)


class _Inflated(io.RawIOBase):
    """A folder's stream, inflated as it is read and never beyond its declared size."""

    def __init__(self, file: BinaryIO, folder: Folder, decoder: _Decoder) -> None:
        self._file = file
        self._at = folder.at
        self._packed = folder.packed
        self._left = folder.size
        self._decoder = decoder

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._left)
        piece = self._piece(wanted) if wanted else b""
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)

    def _piece(self, wanted: int) -> bytes:
        while True:
            data = b""
            if self._decoder.needs_input:
                # A stored stream gives back all that it is given.
                data = self._packed_bytes(min(wanted, 1 << 16))
                if not data:
                    return b""
            if piece := self._decoder.decompress(data, wanted):
                return piece

    def _packed_bytes(self, count: int) -> bytes:
        self._file.seek(self._at)
        data = self._file.read(min(count, self._packed))
        self._at += len(data)
        self._packed -= len(data)
        return data


class _Part(io.RawIOBase):
    """So many bytes of a stream, with the checksum that they must have."""

    def __init__(self, stream: IO[bytes], size: int, checksum: int | None) -> None:
        self._stream = stream
        self.left = size
        self._expected = checksum
        self._found = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.left:
            if self._expected is not None and self._found != self._expected:
                raise DamageError
            return 0
        piece = _some(self._stream, min(len(buffer), self.left))
        buffer[: len(piece)] = piece
        self.left -= len(piece)
        self._found = zlib.crc32(piece, self._found)
        return len(piece)


def _some(stream: IO[bytes], count: int) -> bytes:
    """At least one byte, or damage: the stream is shorter than declared."""
    piece = stream.read(count)
    if not piece:
        raise DamageError
    return piece

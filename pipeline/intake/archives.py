"""Archives as lists of items with honest names: zip, 7z, tar and rar, told by their bytes, and mails.

A zip item's name is decided, in this order, by its Unicode-path field (Info-ZIP 0x7075, valid only
while its checksum fits the stored name), by the UTF-8 flag (APPNOTE 4.4.4, bit 11), and for all
that have neither by one encoding for the whole archive (`names.decode_together`).
"""

from __future__ import annotations

import errno
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Protocol

from pipeline.errors import UnreadableError, UnsafeError, UnsupportedError
from pipeline.files import open_zip
from pipeline.intake import mail, rar, seven
from pipeline.intake.limits import Limits
from pipeline.intake.names import decode_together

ArchiveKind = Literal["zip", "tar", "7z", "rar", "mail", "volume"]

#: What the libraries raise on a damaged or unknown stream.
DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError,
    EOFError, NotImplementedError, RuntimeError, ValueError, OSError, struct.error,
)  # fmt: skip

#: These speak of our disk, not of the archive.
_OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.EIO})

#: These are zip files by their bytes and documents to everybody else.
DOCUMENT_SUFFIXES = frozenset(
    {".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".xltx", ".pptx", ".odt", ".ods", ".odp", ".ofd"}
)
_TAR_SUFFIXES = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
_VOLUME = re.compile(
    r"\.(?:zip|7z|rar|tar)\.\d{2,3}$|\.part\d{1,3}\.rar$|\.[zr]\d{2}$", re.IGNORECASE
)
_SQUEEZED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_UNICODE_PATH = 0x7075

#: How much of what follows the end of a tar file is looked at, bytes.
_TAIL, _CHUNK = 64 << 20, 1 << 20

_RESEND = ("请重新压缩或重新发送。", "请把邮件里的附件另存出来，提交这些附件。")
_REPACK = "请解压后重新压缩成 zip 格式再放入，或直接放入解压后的文件夹。"


@dataclass(frozen=True, slots=True)
class Item:
    """A file in an archive; `index` is its number there. `special`: a link or a device."""

    index: int
    name: str
    special: bool = False
    encrypted: bool = False


class Archive(Protocol):
    """An open archive. `is_whole`: whether nothing can be missing at its end."""

    is_whole: bool

    def items(self) -> list[Item]:
        """All items that are no folders, in the order of the archive."""

    def open(self, item: Item) -> IO[bytes]:
        """The item's bytes, inflated as they are read."""

    def close(self) -> None: ...


def is_damage(error: Exception) -> bool:
    """Whether one of `DAMAGE` is the archive's fault and not this machine's."""
    return not (isinstance(error, OSError) and error.errno in _OURS)


def archive_kind(path: Path, name: str) -> ArchiveKind | None:
    """By the bytes, a volume of several by its name; None for a document or anything else that is to
    be read as it is."""
    if _VOLUME.search(name):
        return "volume"
    with path.open("rb") as stream:
        head = stream.read(512)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None if _is_document(path, name) else "zip"
    if head.startswith(seven.MAGIC):
        return "7z"
    if head.startswith(b"Rar!\x1a\x07"):
        return "rar"
    if mail.is_mail(name, head):
        return "mail"
    return "tar" if _is_tar(path, name, head) else None


def _is_document(path: Path, name: str) -> bool:
    if Path(name).suffix.lower() in DOCUMENT_SUFFIXES:
        return True
    try:
        with open_zip(path) as archive:
            names = archive.namelist()
    except (*DAMAGE, UnicodeDecodeError):
        return False
    return "[Content_Types].xml" in names or names[:1] == ["mimetype"] or "OFD.xml" in names


def _is_tar(path: Path, name: str, head: bytes) -> bool:
    lower = name.lower()
    if head[257:262] == b"ustar" or lower.endswith(_TAR_SUFFIXES):
        return True
    try:
        return head.startswith(_SQUEEZED) and tarfile.is_tarfile(path)
    except DAMAGE:
        return True  # opening it will say that it is damaged


def open_archive(kind: ArchiveKind, path: Path, limits: Limits) -> Archive:
    """Open it. UnsupportedError for a kind that nothing installed reads; UnreadableError for a
    damaged one."""
    try:
        return _OPENERS[kind](path, limits)
    except UnicodeDecodeError as error:
        raise UnreadableError("压缩包里的文件名编码有误。", remedy=_REPACK) from error
    except NotImplementedError as error:
        raise UnsupportedError(f"这个 {kind} 压缩包的压缩方式不能识别。", remedy=_REPACK) from error
    except DAMAGE as error:
        what = "邮件" if kind == "mail" else "压缩包"
        raise UnreadableError(
            f"{what}已损坏或不完整，打不开。", remedy=_RESEND[kind == "mail"]
        ) from error


class ZipArchive:
    """A zip file by the standard library, names by ourselves."""

    is_whole = True  # its directory stands at the end

    def __init__(self, path: Path, limits: Limits) -> None:
        self._zip = open_zip(path)
        self._infos = self._zip.infolist()
        _bound_members(len(self._infos), limits)

    def items(self) -> list[Item]:
        names = [name.replace("\\", "/") for name in _zip_names(self._infos)]
        return [
            Item(i, name, _is_special(info), bool(info.flag_bits & _ENCRYPTED_FLAG))
            for i, (info, name) in enumerate(zip(self._infos, names, strict=True))
            if not name.endswith("/")
        ]

    def open(self, item: Item) -> IO[bytes]:
        return self._zip.open(self._infos[item.index])

    def close(self) -> None:
        self._zip.close()


def _is_special(info: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    return kind not in (0, stat.S_IFREG, stat.S_IFDIR)


def _zip_names(infos: list[zipfile.ZipInfo]) -> list[str]:
    plain = [i for i, info in enumerate(infos) if not _own_name(info)]
    together = dict(zip(plain, decode_together([_raw(infos[i]) for i in plain]), strict=True))
    return [together.get(i) or _own_name(info) for i, info in enumerate(infos)]


def _own_name(info: zipfile.ZipInfo) -> str:
    """The name where the item itself says how to read it, else ""."""
    if info.flag_bits & _UTF8_FLAG:
        return info.orig_filename
    return _unicode_path(info)


def _raw(info: zipfile.ZipInfo) -> bytes:
    # Without the flag the library has read the name as cp437, which maps all 256 bytes.
    return info.orig_filename.encode("cp437")


def _unicode_path(info: zipfile.ZipInfo) -> str:
    """Info-ZIP Unicode Path (APPNOTE 4.6.9): version 1, CRC-32 of the stored name, UTF-8 name."""
    for kind, data in _extra_fields(info.extra):
        if kind == _UNICODE_PATH and len(data) > 5 and data[0] == 1:
            (checksum,) = struct.unpack("<L", data[1:5])
            if checksum == zlib.crc32(_raw(info)):
                return data[5:].decode("utf-8", "replace")
    return ""


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        yield kind, extra[4 : 4 + length]
        extra = extra[4 + length :]


class TarArchive:
    """A tar file, squeezed or not. Its headers are walked once before anything is unpacked."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._tar = tarfile.open(path, errors="surrogateescape")  # noqa: SIM115 - see close()
        self._infos: list[tarfile.TarInfo] = []
        declared = 0
        for info in self._tar:
            self._infos.append(info)
            declared += info.size
            _bound_members(len(self._infos), limits)
            # Walking on would inflate all this only to skip it.
            if declared > limits.total_bytes:
                raise too_large(limits.total_bytes)
        self.is_whole = self._ends()

    def _ends(self) -> bool:
        """Whether a block of zeros is what ended the walk, and nothing follows: the library takes a
        broken header, and a missing one, for the end as well."""
        stream = self._tar.fileobj
        assert stream is not None
        stream.seek(self._tar.offset)
        if stream.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            return False
        return not any(stream.read(_CHUNK).strip(b"\0") for _ in range(_TAIL // _CHUNK))

    def items(self) -> list[Item]:
        raw = [info.name.encode("utf-8", "surrogateescape") for info in self._infos]
        named = zip(self._infos, decode_together(raw), strict=True)
        return [
            Item(i, name, special=not info.isreg())
            for i, (info, name) in enumerate(named)
            if not info.isdir()
        ]

    def open(self, item: Item) -> IO[bytes]:
        stream = self._tar.extractfile(self._infos[item.index])
        if stream is None:
            raise tarfile.TarError
        return stream

    def close(self) -> None:
        self._tar.close()


class SevenArchive:
    """A 7z file. What its folders declare is looked at before anything is unpacked."""

    is_whole = True  # its directory has a checksum

    def __init__(self, path: Path, limits: Limits) -> None:
        # Folders and files in one list: as many folders again are honest.
        self._seven = seven.SevenZip(path, 2 * limits.members)
        _bound_members(sum(not entry.is_folder for entry in self._seven.entries), limits)
        # Reaching a later file would inflate all this only to skip it.
        if sum(folder.size for folder in self._seven.folders) > limits.total_bytes:
            raise too_large(limits.total_bytes)

    def items(self) -> list[Item]:
        return [
            Item(i, entry.name.replace("\\", "/"), entry.special, self._seven.is_encrypted(entry))
            for i, entry in enumerate(self._seven.entries)
            if not entry.is_folder
        ]

    def open(self, item: Item) -> IO[bytes]:
        return self._seven.open(self._seven.entries[item.index])

    def close(self) -> None:
        self._seven.close()


class RarArchive:
    """A rar file. What it declares is looked at before anything is unpacked."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._rar = rar.RarFile(path, limits)
        self.is_whole = self._rar.is_whole
        self._entries = [entry for entry in self._rar.entries if not entry.is_dir()]
        _bound_members(len(self._entries), limits)
        # Reaching a later file of a solid archive inflates all before it.
        if sum(entry.file_size for entry in self._entries) > limits.total_bytes:
            raise too_large(limits.total_bytes)

    def items(self) -> list[Item]:
        names = [entry.filename for entry in self._entries]
        if self._rar.has_old_names:
            names = decode_together([entry.orig_filename_bytes for entry in self._entries])
        return [
            Item(i, name.replace("\\", "/"), self._rar.is_link(entry), entry.is_encrypted)
            for i, (name, entry) in enumerate(zip(names, self._entries, strict=True))
        ]

    def open(self, item: Item) -> IO[bytes]:
        try:
            return self._rar.open(self._entries[item.index])
        except rar.TooLargeError:
            raise too_large(self._limits.member_bytes) from None

    def close(self) -> None:
        """The file was closed when it was read."""


class MailArchive:
    """A saved mail: its attachments and its text."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._mail = mail.Mail(path)
        self.is_whole = self._mail.is_whole
        _bound_members(len(self._mail.files), limits)

    def items(self) -> list[Item]:
        return [Item(i, name) for i, (name, _) in enumerate(self._mail.files)]

    def open(self, item: Item) -> IO[bytes]:
        return self._mail.open(item.index)

    def close(self) -> None:
        """The file was closed when it was read."""


def _volume(path: Path, limits: Limits) -> Archive:
    raise UnsupportedError(
        "这是分卷压缩包的一卷，不能单独打开。",
        remedy="请把全部分卷放在一起解压，提交解压后的文件夹，或重新压缩成一个 zip。",
    )


_OPENERS: dict[ArchiveKind, Callable[[Path, Limits], Archive]] = {
    "zip": ZipArchive,
    "tar": TarArchive,
    "7z": SevenArchive,
    "rar": RarArchive,
    "mail": MailArchive,
    "volume": _volume,
}


def _bound_members(count: int, limits: Limits) -> None:
    if count > limits.members:
        raise UnsafeError(
            f"压缩包里的文件超过 {limits.members} 个，为安全起见没有解压。",
            remedy="请只放入申报材料，分成几个压缩包。",
        )


def too_large(limit: int) -> UnsafeError:
    """The refusal of what inflates beyond its bound (bytes)."""
    return UnsafeError(
        f"压缩包解压后超过 {limit // (1024 * 1024)} MB，疑似压缩炸弹，已停止解压。",
        remedy="请核对压缩包内容；确需这么大时请分成几个压缩包。",
    )

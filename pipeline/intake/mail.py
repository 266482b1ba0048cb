"""Mails that somebody saved (.eml, RFC 5322; .msg, MS-OXMSG): their attachments, and their text.

People send their application by mail, and an office files the mail as it came. Of names in a mail
only the last part counts: some programs write the whole path of the sender's machine.
"""

from __future__ import annotations

import email
import io
import re
from collections.abc import Iterable, Iterator
from email.errors import (
    CloseBoundaryNotFoundDefect,
    HeaderParseError,
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
)
from email.header import decode_header
from email.message import Message
from pathlib import Path
from typing import IO, Any

import olefile

from pipeline.intake.names import decode_together

#: How a mail's text is called beside its attachments.
_TEXT = "邮件正文"
_SAVED_MAIL = re.compile(rb"[!-9;-~]+:[ \t]")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PATH = re.compile(r"[\\/\0]")

_DAMAGE = (
    CloseBoundaryNotFoundDefect, InvalidBase64CharactersDefect, InvalidBase64LengthDefect, InvalidBase64PaddingDefect,
)  # fmt: skip

#: Names of streams (MS-OXMSG 2.2.3): property and type. Text is UTF-16 (001F) or in bytes (001E).
_DATA, _LONG_NAME, _SHORT_NAME, _BODY = "37010102", "3707", "3704", "1000"
_WIDE, _NARROW = "001F", "001E"
_ROOT_PROPERTIES = "__properties_version1.0"


def is_mail(name: str, head: bytes) -> bool:
    """By its name and its first bytes: any text may begin as a mail does."""
    suffix = Path(name).suffix.lower()
    if suffix == ".msg":
        return head.startswith(_OLE_MAGIC)
    return suffix == ".eml" and _SAVED_MAIL.match(head.lstrip(b"\xef\xbb\xbf\r\n")) is not None


class Mail:
    """The files of a mail: name and bytes. ValueError, OSError for one that is damaged."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as stream:
            is_msg = stream.read(len(_OLE_MAGIC)) == _OLE_MAGIC
        self.is_whole = True
        try:
            self.files = list(_of_msg(path) if is_msg else self._of_eml(path))
        except (IndexError, KeyError, AttributeError, TypeError, OverflowError) as error:
            raise ValueError(str(error)) from error  # what the libraries say of damage

    def open(self, index: int) -> IO[bytes]:
        return io.BytesIO(self.files[index][1])

    def _of_eml(self, path: Path) -> Iterator[tuple[str, bytes]]:
        raw = path.read_bytes()
        self.is_whole = b"\0" not in raw  # a mail is text
        message = email.message_from_bytes(raw)
        texts: dict[str, bytes] = {}
        for part in message.walk():
            content = b"" if part.is_multipart() else part.get_payload(decode=True)
            if any(isinstance(defect, _DAMAGE) for defect in part.defects):
                self.is_whole = False
            if part.is_multipart() or not isinstance(content, bytes):
                continue
            if name := _name_of(part):
                yield name, content
            elif part.get_content_maintype() == "text":
                texts.setdefault(part.get_content_subtype(), _as_utf8(part, content))
            elif content:
                yield f"未命名.{part.get_content_subtype()}", content
        yield from _text_of(texts)


def _text_of(texts: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The text of a mail as a file: the page where it holds a table, for forms are pasted there."""
    if b"<table" in texts.get("html", b"").lower():
        yield f"{_TEXT}.html", texts["html"]
    elif plain := texts.get("plain", b"").strip():
        yield f"{_TEXT}.txt", plain


def _as_utf8(part: Message, content: bytes) -> bytes:
    """Text in UTF-8 with its mark; a page says itself what it is in."""
    if part.get_content_subtype() != "plain":
        return content
    for code in (part.get_content_charset(), "utf-8", "gb18030"):
        try:
            return content.decode(code or "utf-8").encode("utf-8-sig") if content else b""
        except (LookupError, UnicodeError):
            continue
    return content


def _name_of(part: Message) -> str:
    """As the sender's program gave it: RFC 2231, RFC 2047, or bytes in GBK or UTF-8."""
    for key, header in (("filename", "Content-Disposition"), ("name", "Content-Type")):
        raw = next((str(v) for k, v in part.raw_items() if k.lower() == header.lower()), "")
        if not raw.isascii():  # the library would put replacement characters in their place
            part.replace_header(header, _decoded(raw, None))
        if found := part.get_param(key, header=header):
            break
    if isinstance(found, tuple):  # character set, language, value
        return _last(_decoded(found[2].encode("raw-unicode-escape"), found[0]))
    name = found or ""
    try:
        pieces = decode_header(name)
    except (HeaderParseError, ValueError, LookupError):
        return _last(name)
    return _last("".join(_decoded(*piece) for piece in pieces))


def _decoded(piece: bytes | str, code: str | None) -> str:
    raw = piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
    if code is None:
        return decode_together([raw])[0]
    try:
        # What calls itself GB 2312 is GBK: 𬱖 and 堃 are written all the same.
        return raw.decode("gb18030" if code.lower().startswith("gb") else code)
    except (LookupError, UnicodeError):
        return decode_together([raw])[0]


def _last(name: str) -> str:
    last = _PATH.split(" ".join(name.split()))[-1]
    return "" if last in (".", "..") else last.replace(":", "_")


# -- .msg ------------------------------------------------------------------------------------------


def _of_msg(path: Path) -> Iterator[tuple[str, bytes]]:
    with olefile.OleFileIO(str(path)) as file:
        if not file.exists(_ROOT_PROPERTIES):
            raise ValueError("no mail")
        paths = [tuple(entry) for entry in file.listdir()]
        for entry in paths:
            if entry[-1] == f"__substg1.0_{_DATA}":
                name = _msg_text(file, entry[:-1], (_LONG_NAME, _SHORT_NAME), paths)
                yield _last(name) or "未命名", _msg_stream(file, entry)
        if body := _msg_text(file, (), (_BODY,), paths).strip():
            yield f"{_TEXT}.txt", body.encode("utf-8-sig")


def _msg_text(
    file: Any, folder: tuple[str, ...], numbers: Iterable[str], paths: Iterable[tuple[str, ...]]
) -> str:
    """The first of several properties that is there."""
    known = set(paths)
    for number in numbers:
        wide = (*folder, f"__substg1.0_{number}{_WIDE}")
        if wide in known:
            return _msg_stream(file, wide).decode("utf-16-le", "replace").rstrip("\0")
        narrow = (*folder, f"__substg1.0_{number}{_NARROW}")
        if narrow in known:
            return decode_together([_msg_stream(file, narrow).rstrip(b"\0")])[0]
    return ""


def _msg_stream(file: Any, entry: tuple[str, ...]) -> bytes:
    if file.get_size(list(entry)) > file.fp.seek(0, io.SEEK_END):
        raise ValueError("a stream larger than its file")
    content: bytes = file.openstream(list(entry)).read()
    return content

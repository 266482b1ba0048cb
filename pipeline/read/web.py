"""Web pages as people save and export them: a page's bytes become one text in UTF-8.

A page may come alone (.html, .htm, .xls of many systems) or with its pictures in one file (.mht).
Its encoding is told by its mark, else it is UTF-8 where that fits, else what it says of itself;
what says gb2312 or gbk, or nothing, is GB 18030, which holds both (WHATWG Encoding, 4.2).
"""

from __future__ import annotations

import codecs
import email
import email.policy
import re

#: Marks at the beginning of a text, and its encoding.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r"""(<meta\b[^>]{0,400}?charset\s{0,9}=\s{0,9}["']?)([\w-]{1,40})""", re.I)
#: Named where the page is really in GB 18030, or by editors that know no better.
_CHINESE = frozenset({"gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk", "iso-8859-1", "ascii"})
_HEAD = 4096


def page(data: bytes, packed: bool) -> bytes:
    """The page in UTF-8, said to be so; of one that is `packed` with its pictures the page alone."""
    text = _unpacked(data) if packed else _decoded(data, "")
    return _CHARSET.sub(r"\1utf-8", text[:_HEAD]).encode("utf-8-sig") + text[_HEAD:].encode()


def is_packed(head: bytes) -> bool:
    """Whether a file begins like a page with its pictures (RFC 2557)."""
    beginning = head[:_HEAD].lower()
    return b"mime-version:" in beginning and b"multipart/related" in beginning


def _unpacked(data: bytes) -> str:
    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            charset = part.get_content_charset("")
            return _decoded(content, charset) if isinstance(content, bytes) else ""
    return ""


def _decoded(data: bytes, said: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        own = _CHARSET.search(data[:_HEAD].decode("ascii", "replace"))
        said = (said or (own[2] if own else "")).lower()
    try:
        return data.decode("gb18030" if said in _CHINESE or not said else said, "replace")
    except LookupError:
        return data.decode("gb18030", "replace")

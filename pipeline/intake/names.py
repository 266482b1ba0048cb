"""Names: which to ignore, in which encoding they were written, how they become folder names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

#: Files that systems and editors leave about; nobody means to hand them in.
JUNK_NAMES = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx", "$recycle.bin"})

#: How downloads and copies are called while they are under way.
PARTIAL_SUFFIXES = frozenset({".crdownload", ".part", ".partial", ".download", ".filepart", ".tmp"})

#: The longest name file systems take, in bytes of UTF-8.
NAME_BYTES = 255

#: What Word, Excel and WPS keep beside a file while it is open: `~$申请表.docx`, `~WRL0001.tmp`.
_LEFT_OVER = re.compile(r"^~\$|^~.*\.tmp$", re.IGNORECASE)

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
#: What cannot be seen in a name but changes how it looks: control characters, and those that turn the
#: direction of writing (`附件1<U+202E>xcod.exe` looks like a docx).
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_DOUBLE_SUFFIX = re.compile(r"\.tar\.(gz|bz2|xz)$", re.IGNORECASE)

#: Hiragana and katakana: what Big5 looks like when it is taken for GBK.
_KANA = re.compile("[\u3040-\u30ff]")
#: Chinese characters of a name that by chance are never valid UTF-8 and meant as GBK.
_PLAINLY = 2


def is_junk(name: str) -> bool:
    """`~$申请表.docx`, `.DS_Store`, `__MACOSX/…`, `Thumbs.db`: one part of the path is enough."""
    parts = (part for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))
    return any(
        part.startswith(".") or part.lower() in JUNK_NAMES or _LEFT_OVER.search(part)
        for part in parts
    )


def shown(name: str) -> str:
    """A file name as people should see it; bytes that are not UTF-8 are tried as GBK."""
    raw = name.encode("utf-8", "surrogateescape")
    return plain(unicodedata.normalize("NFC", decode_together([raw])[0]))


def plain(name: str) -> str:
    """A name in which everything can be seen."""
    return _UNSEEN.sub("_", name)


def decode_together(names: Sequence[bytes]) -> list[str]:
    """Names of one archive, decoded alike.

    One archive is written by one program, so the encoding is decided for all names at once: a
    short GBK name may by chance be valid UTF-8, a whole list hardly ever is. Among the encodings
    that fit every name, the one that gives the larger share of Chinese characters wins; on a tie
    the first. A name that is plainly UTF-8 beside others in GBK was added later by another program. Names that fit neither are shown with replacement characters.
    """
    decoded = [texts for code in ("utf-8", "gb18030") if (texts := _decode_all(names, code))]
    if not decoded:
        return [name.decode("utf-8", "replace") for name in names]
    best = [
        _other_program(raw) or text
        for raw, text in zip(names, max(decoded, key=_chinese_share), strict=True)
    ]
    if any(_KANA.search(text) for text in best):  # of which Chinese names have none
        traditional = _decode_all(names, "big5hkscs")
        if traditional and _chinese_share(traditional) == 1:
            return traditional
    return best


def _other_program(raw: bytes) -> str:
    """A name that another program has added to the archive, in UTF-8 and plainly so; else ""."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if sum(map(_is_chinese, text)) >= _PLAINLY and _chinese_share([text]) == 1 else ""


def _decode_all(names: Sequence[bytes], code: str) -> list[str]:
    try:
        return [name.decode(code) for name in names]
    except UnicodeDecodeError:
        return []


def _chinese_share(texts: Iterable[str]) -> float:
    foreign = [char for text in texts for char in text if ord(char) > 127]
    return sum(map(_is_chinese, foreign)) / len(foreign) if foreign else 1.0


def _is_chinese(char: str) -> bool:
    # 汉字, Chinese punctuation, full-width forms, enclosed numbers
    code = ord(char)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3000 <= code <= 0x303F
        or 0xFF00 <= code <= 0xFFEF
        or 0x2460 <= code <= 0x24FF
        or 0x2010 <= code <= 0x2026
    )


def folder_base(name: str, *, is_folder: bool) -> str:
    """The name in the outbox: as dropped, without extension, fit for any file system."""
    text = plain(unicodedata.normalize("NFC", name))
    if not is_folder:
        text = _DOUBLE_SUFFIX.sub("", text) if _DOUBLE_SUFFIX.search(text) else Path(text).stem
    # A leading dot would hide it; Windows shares refuse trailing dots and spaces.
    text = _FORBIDDEN.sub("_", text).strip().strip(".").strip()
    return text or "未命名"


def candidates(base: str) -> Iterator[str]:
    """`名称`, `名称-2`, `名称-3` …, each within the length a file system takes."""
    number = 1
    while True:
        suffix = "" if number == 1 else f"-{number}"
        yield cut(base, NAME_BYTES - len(suffix)) + suffix
        number += 1


def cut(text: str, length: int) -> str:
    """At most `length` bytes of UTF-8, no character split."""
    return text.encode()[:length].decode("utf-8", "ignore").rstrip(" .")

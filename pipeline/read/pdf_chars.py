"""What the characters of a PDF were when they were typed, by their codes in the page's text."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: Shown for a character that the font does not map to Unicode.
UNMAPPED = "\ufffd"
#: Signs that tick something: each stands for itself, whatever it follows.
MARKS = frozenset("√✓✔×✗☑☒")

#: Symbol fonts code their ticks and boxes by byte, in the private area or as Latin letters.
_WINGDINGS = {
    0xFB: "×", 0xFC: "√", 0xFD: "☒", 0xFE: "☑", 0x6F: "□", 0x71: "□", 0x72: "□", 0xA8: "□",
    0x6E: "■", 0x6C: "●", 0xA1: "○",
}  # fmt: skip
_WINGDINGS_2 = {
    0x4F: "×", 0x50: "√", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x2A: "□", 0xA3: "□",
    0x30: "□", 0x98: "●", 0xA2: "■",
}  # fmt: skip


def symbols_of(font_name: str) -> dict[int, str] | None:
    name = font_name.replace(" ", "").replace("-", "").casefold()
    if "wingdings2" in name:
        return _WINGDINGS_2
    return _WINGDINGS if "wingdings" in name and "3" not in name else None


def char_text(code: int, symbols: dict[int, str] | None = None) -> str:
    """The character as it was typed, by its code in the page's text."""
    if symbols is None and 0x20 <= code < 0x7F:
        return chr(code)
    if symbols is not None and (code & 0xFF) in symbols and (code < 0x100 or code >> 8 == 0xF0):
        return symbols[code & 0xFF]
    if code == 0x02:  # PDFium's sign for a hyphen at the end of a line
        return "-"
    if code == 0xA0:
        return " "
    if code in (0x09, 0x20):
        return " "
    if code in (0xAD, 0x200B, 0xFEFF, 0x0A, 0x0D):
        return ""
    if (
        code < 0x20
        or code > 0x10FFFF
        or 0xD800 <= code < 0xF900
        or code in (0xFFFD, 0xFFFE, 0xFFFF)
    ):
        return UNMAPPED
    text = chr(code)
    if 0x2E80 <= code <= 0x2FDF or 0xFE10 <= code <= 0xFE19 or 0xFE30 <= code <= 0xFE48:
        # Radicals and vertical forms stand for the plain character; brackets stay full width.
        return _FULL_WIDTH.get(text) or unicodedata.normalize("NFKC", text)
    return text


#: NFKC makes these half-width; what was typed is the full-width one.
_FULL_WIDTH = dict(zip("︵︶︷︸︐︓︔︕︖︰⺟⻓", "（）｛｝，：；！？：母长", strict=True))


@lru_cache(maxsize=1 << 16)
def is_strange(code: int) -> bool:
    """Whether a character is not read as it stands."""
    return code > 0x10FFFF or char_text(code) != chr(code)

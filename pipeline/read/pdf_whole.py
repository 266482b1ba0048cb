"""Whether a PDF is whole, as far as its own table of objects and its end tell.

A viewer repairs in silence: it looks for objects itself where the table is wrong, and what it does not
find is simply not on the page.
"""

from __future__ import annotations

import mmap
import re

#: What ends a file; after it there may be so many bytes (PDF 1.7, annex H, note 18), or zeros.
EOF, _TAIL = b"%%EOF", 2048
_START, _TABLE = b"startxref", b"xref"
_SECTION = re.compile(rb"\s*(\d{1,9})\s+(\d{1,7})\s*[\r\n]+")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])")
_ENTRY_LENGTH = 20
_OBJECT = re.compile(rb"\s*(\d{1,9})\s+\d{1,5}\s+obj\b")


def is_cut(data: mmap.mmap) -> bool:
    """Whether the end is missing."""
    end = data.rfind(EOF)
    return end < 0 or (len(data) - end > _TAIL and bool(data[end + len(EOF) :].strip(b"\0\r\n ")))


def is_displaced(data: mmap.mmap) -> bool:
    """Whether the last table of objects is right for some and wrong for others: then bytes were lost
    or have come in between. A table that is wrong throughout was never right (a file with something
    put before it), and one that is a stream is not looked at: it has a checksum of its own."""
    at = data.rfind(_TABLE, 0, max(data.rfind(_START), 0)) + len(_TABLE)
    if at < len(_TABLE):
        return False
    right = wrong = 0
    while section := _SECTION.match(data, at):
        at, first = section.end(), int(section[1])
        for number in range(first, first + int(section[2])):
            entry = _ENTRY.match(data, at)
            if entry is None:
                return False
            at += _ENTRY_LENGTH
            if entry[3] == b"n" and int(entry[1]):
                found = _OBJECT.match(data, int(entry[1]))
                if found and int(found[1]) == number:
                    right += 1
                else:
                    wrong += 1
    return right > 0 and wrong > 0

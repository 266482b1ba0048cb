"""The filters of a PDF's streams (ISO 32000-1, 7.4), undone piece by piece: whoever takes the pieces
can stop when they are too many. A filter of pictures (DCT, JPX, CCITT …) ends the chain."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Callable, Iterator, Sequence

Pieces = Iterator[bytes]

CHUNK = 1 << 20
_LONG = {
    b"Fl": b"FlateDecode", b"LZW": b"LZWDecode", b"RL": b"RunLengthDecode",
    b"A85": b"ASCII85Decode", b"AHx": b"ASCIIHexDecode",
}  # fmt: skip
_FILTER = re.compile(rb"/Filter\b\s*(?:\[([^\[\]<>()%]*)\]|/([^\s/\[\]<>()%]+))?")
#: One filter, and that flate: only then do the bytes after `stream` have a checksum of their own.
FLATE = (b"FlateDecode",)
_FLATE = re.compile(rb"/Filter\s*/FlateDecode[\s/>]")
_LAST_BLOCK = b"\x03\x00"
#: Letters of ASCII85 that are looked at; a font in letters has fewer.
_LETTERS = 8 << 20
_GROUP = re.compile(rb"z|[!-u]{5}")
_BLANKS = b" \t\r\n\f\0"
_CLEAR, _END, _CODES = 256, 257, 4096


class TooMuchError(Exception):
    """A filter gave more bytes than allowed."""


def filters_of(dictionary: bytes) -> tuple[bytes, ...] | None:
    """The filters that a stream's dictionary names, in their order; None where that cannot be told by
    looking at its bytes (it refers to another object, spells names in numbers, says it twice)."""
    if dictionary.count(b"/Filter") == 1 and b"#" not in dictionary and _FLATE.search(dictionary):
        return FLATE
    found = _FILTER.findall(dictionary)
    if b"#" in dictionary or len(found) > 1 or (found and not any(found[0])):
        return None
    names = found[0][0].replace(b"/", b" ").split() or [found[0][1]] if found else []
    return tuple(_LONG.get(name, name) for name in names if name)


def undone(
    packed: bytes, filters: Sequence[bytes], bound: int, *, early: bool = True, long: bool = False
) -> Pieces:
    """What a stream holds. `early`: LZW codes grow one code early, as is usual. `long`: more letters
    of ASCII85 than are looked at are no fault, as a picture can have them; the rest is left out.

    Raises TooMuchError when any filter of the chain gives more than `bound` bytes, zlib.error for a
    damaged flate stream; other damage ends the pieces.
    """
    pieces: Pieces = (packed[at : at + CHUNK] for at in range(0, len(packed), CHUNK))
    for name in filters:
        if name == b"LZWDecode":
            pieces = _bounded(_lzw(pieces, early), bound)
        elif name == b"ASCII85Decode":
            pieces = _bounded(_ascii85(pieces, long), bound)
        elif undo := _UNDO.get(name):
            pieces = _bounded(undo(pieces), bound)
        else:
            break
    return pieces


def _bounded(pieces: Pieces, bound: int) -> Pieces:
    size = 0
    for piece in pieces:
        size += len(piece)
        yield piece
        if size > bound:
            raise TooMuchError


def _flate(pieces: Pieces) -> Pieces:
    inner, check = zlib.decompressobj(), 1
    for packed in pieces:
        while packed and not inner.eof:
            yield (piece := inner.decompress(packed, CHUNK))
            check = zlib.adler32(piece, check)
            packed = inner.unconsumed_tail
        if inner.eof:
            return
    # Acrobat leaves out the last block and the checksum: with these it must be whole.
    inner.decompress(_LAST_BLOCK + check.to_bytes(4, "big"))
    if not inner.eof:
        raise zlib.error


def _lzw(pieces: Pieces, early: bool) -> Pieces:
    first = [bytes([n]) for n in range(256)] + [b"", b""]
    table, width, before = list(first), 9, b""
    bits = held = 0
    out = bytearray()
    for byte in (byte for piece in pieces for byte in piece):
        bits, held = bits << 8 | byte, held + 8
        if held < width:
            continue
        held -= width
        code, bits = bits >> held, bits & ((1 << held) - 1)
        if code == _CLEAR:
            table, width, before = list(first), 9, b""
            continue
        if code == _END or code > len(table) or (code == len(table) and not before):
            break
        entry = table[code] if code < len(table) else before + before[:1]
        if before and len(table) < _CODES:
            table.append(before + entry[:1])
        width = min(max((len(table) + early).bit_length(), 9), 12)
        before = entry
        out += entry
        if len(out) >= CHUNK:
            yield bytes(out)
            out.clear()
    yield bytes(out)


def _run_length(pieces: Pieces) -> Pieces:
    rest = b""
    for piece in pieces:
        data, at, out = rest + piece, 0, bytearray()
        while at + 1 < len(data) and (length := data[at]) != 128:
            if length > 128:
                out += data[at + 1 : at + 2] * (257 - length)
                at += 2
            elif at + length + 2 > len(data):
                break
            else:
                out += data[at + 1 : at + length + 2]
                at += length + 2
            if len(out) >= CHUNK:
                yield bytes(out)
                out.clear()
        yield bytes(out)
        rest = data[at:]
        if rest[:1] == b"\x80":
            return


def _ascii85(pieces: Pieces, long: bool) -> Pieces:
    rest, looked_at = b"", 0
    for piece in pieces:
        text, mark, _ = (rest + piece.translate(None, _BLANKS)).partition(b"~")
        groups = _GROUP.findall(text)
        rest = text[sum(map(len, groups)) :]
        looked_at += len(piece)
        if looked_at <= _LETTERS:
            yield _from_letters(b"".join(groups))
        elif not long:
            raise TooMuchError
        if mark:
            break
    yield _from_letters(rest)


def _from_letters(text: bytes) -> bytes:
    try:
        return base64.a85decode(text)
    except ValueError:
        return b""


def _ascii_hex(pieces: Pieces) -> Pieces:
    rest = b""
    for piece in pieces:
        text, mark, _ = (rest + piece.translate(None, _BLANKS)).partition(b">")
        even = len(text) // 2 * 2
        rest = text[even:]
        try:
            yield binascii.unhexlify(text[:even])
        except ValueError:
            return
        if mark:
            return


_UNDO: dict[bytes, Callable[[Pieces], Pieces]] = {
    b"FlateDecode": _flate,
    b"RunLengthDecode": _run_length,
    b"ASCIIHexDecode": _ascii_hex,
}

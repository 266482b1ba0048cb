"""A TrueType font, as far as a PDF needs it: its characters, their widths, and subsets of it.

The tables are those of ISO/IEC 14496-22 (OpenType) with `glyf` outlines. What is read of a font is
kept: making a subset copies the outlines and adds up checksums that were taken once, so a letter
of a hundred characters costs a fraction of a millisecond.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Bits of a composite outline's flags.
_WORDS, _SCALE, _MORE, _BOTH_SCALES, _MATRIX = 0x01, 0x08, 0x20, 0x40, 0x80
#: Tables that a font's instructions need; copied as they are.
_INSTRUCTIONS = ("cvt ", "fpgm", "prep")
#: What the checksum of a whole font comes to once `head` makes up for it.
_MAGIC = 0xB1B0AFBA
#: The best maps from characters to glyphs: platform and encoding, in turn.
_UNICODE_MAPS = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))


class FontError(Exception):
    """A file that is no TrueType font with `glyf` outlines."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A glyph's outline, padded to whole words, and the sum of those words. `parts` are the
    glyphs it is put together from, each with the place of its number in the bytes."""

    data: bytes
    checksum: int
    parts: tuple[tuple[int, int], ...] = ()


class TrueType:
    """A font file. `glyphs`: code point → glyph; `advances` by glyph, in thousandths of an em;
    `box`, `ascent`, `descent` in the same."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._tables = _directory(data)
        try:
            self._read()
        except (struct.error, KeyError, IndexError) as error:
            raise FontError(f"a table is missing or broken: {error}") from error

    def _read(self) -> None:
        head, hhea = self.table("head"), self.table("hhea")
        (units,) = struct.unpack_from(">H", head, 18)
        self.box = [round(v * 1000 / units) for v in struct.unpack_from(">4h", head, 36)]
        up, down = struct.unpack_from(">2h", hhea, 4)
        self.ascent, self.descent = round(up * 1000 / units), round(down * 1000 / units)
        (self.count,) = struct.unpack_from(">H", self.table("maxp"), 4)
        self._places = self._loca(long=struct.unpack_from(">h", head, 50)[0] == 1)
        self._metrics = self._hmtx(struct.unpack_from(">H", hhea, 34)[0])
        self.advances = [round(advance * 1000 / units) for advance, _ in self._metrics]
        self.glyphs: Mapping[int, int] = _characters(self.table("cmap"))
        self._glyf = self._tables["glyf"][0]
        self._outlines: dict[int, Outline] = {}
        # What every subset has: `head` without its checksum and with long places.
        self._head = head[:8] + bytes(4) + head[12:50] + b"\0\1" + head[52:]
        self._hhea, self._maxp = hhea[:34], self.table("maxp")
        self._fixed = [(tag, self.table(tag)) for tag in _INSTRUCTIONS if tag in self._tables]

    def table(self, tag: str) -> bytes:
        start, length = self._tables[tag]
        return self._data[start : start + length]

    def _loca(self, *, long: bool) -> Sequence[int]:
        loca = self.table("loca")
        if long:
            return struct.unpack_from(f">{self.count + 1}I", loca)
        return [2 * place for place in struct.unpack_from(f">{self.count + 1}H", loca)]

    def _hmtx(self, measured: int) -> list[tuple[int, int]]:
        """Advance and left bearing of every glyph; those past the last measured advance share it."""
        hmtx = self.table("hmtx")
        full = list(struct.iter_unpack(">Hh", hmtx[: 4 * measured]))
        rest = struct.unpack_from(f">{self.count - measured}h", hmtx, 4 * measured)
        return [*full, *((full[-1][0], bearing) for bearing in rest)]

    def outline(self, glyph: int) -> Outline:
        found = self._outlines.get(glyph)
        if found is None:
            start, end = (self._glyf + self._places[glyph + more] for more in (0, 1))
            data = _padded(self._data[start:end])
            found = self._outlines[glyph] = Outline(data, checksum(data), tuple(_parts(data)))
        return found

    def subset(self, glyphs: Iterable[int]) -> bytes:
        """A font of these glyphs, numbered from 0 in their order; the first should be .notdef.
        What their outlines are put together from comes after them."""
        order, outlines = self._with_parts(list(glyphs))
        places, place = [0], 0
        for outline in outlines:
            place += len(outline.data)
            places.append(place)
        count = len(order)
        metrics = [number for glyph in order for number in self._metrics[glyph]]
        loca = struct.pack(f">{count + 1}I", *places)
        hmtx = struct.pack(">" + "Hh" * count, *metrics)
        glyf = b"".join(outline.data for outline in outlines)
        sums = {"glyf": sum(outline.checksum for outline in outlines) & 0xFFFFFFFF}
        tables = [
            *self._fixed,
            ("glyf", glyf),
            ("head", self._head),
            ("hhea", self._hhea + struct.pack(">H", count)),
            ("hmtx", hmtx),
            ("loca", loca),
            ("maxp", self._maxp[:4] + struct.pack(">H", count) + self._maxp[6:]),
        ]
        return _font(sorted(tables), sums)

    def _with_parts(self, order: list[int]) -> tuple[list[int], list[Outline]]:
        """The glyphs and what they are put together from; composites point at the new numbers."""
        numbers: dict[int, int] = {}
        outlines = []
        for glyph in order:  # grows as parts are found
            outline = self.outline(glyph)
            if outline.parts:
                data = bytearray(outline.data)
                for place, part in outline.parts:
                    if part not in numbers:
                        numbers[part] = len(order)
                        order.append(part)
                    struct.pack_into(">H", data, place, numbers[part])
                outline = Outline(bytes(data), checksum(bytes(data)))
            outlines.append(outline)
        return order, outlines


def load(path: Path) -> TrueType:
    """The font of a file, the first of a collection; FontError if it can be no part of a PDF."""
    return TrueType(path.read_bytes())


def _directory(data: bytes) -> dict[str, tuple[int, int]]:
    """Where the tables lie: tag → start and length."""
    try:
        start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
        if data[start : start + 4] not in (b"\0\1\0\0", b"true"):
            raise FontError("no TrueType outlines")
        (count,) = struct.unpack_from(">H", data, start + 4)
        entries = [struct.unpack_from(">4s4x2I", data, start + 12 + 16 * i) for i in range(count)]
    except struct.error as error:
        raise FontError("no font file") from error
    return {tag.decode("latin-1"): (place, length) for tag, place, length in entries}


# --- characters -----------------------------------------------------------------------------


def _characters(cmap: bytes) -> dict[int, int]:
    """Code point → glyph, from the best Unicode map there is."""
    (count,) = struct.unpack_from(">H", cmap, 2)
    entries = (struct.unpack_from(">2HI", cmap, 4 + 8 * i) for i in range(count))
    places = {(platform, encoding): place for platform, encoding, place in entries}
    for wanted in _UNICODE_MAPS:
        if wanted in places:
            place = places[wanted]
            (form,) = struct.unpack_from(">H", cmap, place)
            if form in (4, 12):
                found = _segments(cmap, place) if form == 4 else _groups(cmap, place)
                return {code: glyph for code, glyph in found.items() if glyph}
    raise FontError("no map of Unicode characters")


def _groups(cmap: bytes, place: int) -> dict[int, int]:
    """Format 12: stretches of code points and glyphs."""
    (count,) = struct.unpack_from(">I", cmap, place + 12)
    found: dict[int, int] = {}
    for i in range(count):
        first, last, glyph = struct.unpack_from(">3I", cmap, place + 16 + 12 * i)
        found.update(
            zip(range(first, last + 1), range(glyph, glyph + last - first + 1), strict=True)
        )
    return found


def _segments(cmap: bytes, place: int) -> dict[int, int]:
    """Format 4: segments of the BMP, shifted or listed."""
    twice = struct.unpack_from(">H", cmap, place + 6)[0]
    form = f">{twice // 2}H"
    ends = struct.unpack_from(form, cmap, place + 14)
    starts, shifts, ranges = (
        struct.unpack_from(form, cmap, place + 16 + i * twice) for i in (1, 2, 3)
    )
    found: dict[int, int] = {}
    for i, (first, last, shift, offset) in enumerate(
        zip(starts, ends, shifts, ranges, strict=True)
    ):
        if first > last or first == 0xFFFF:
            continue
        codes = range(first, last + 1)
        if not offset:
            found.update((code, (code + shift) & 0xFFFF) for code in codes)
            continue
        at = place + 16 + 3 * twice + 2 * i + offset
        listed = struct.unpack_from(f">{len(codes)}H", cmap, at)
        found.update((c, (g + shift) & 0xFFFF) for c, g in zip(codes, listed, strict=True) if g)
    return found


# --- outlines and files ---------------------------------------------------------------------


def _parts(outline: bytes) -> Iterable[tuple[int, int]]:
    """The glyphs a composite outline is put together from, each with its number's place."""
    if not outline or struct.unpack_from(">h", outline)[0] >= 0:
        return
    place, flags = 10, _MORE
    while flags & _MORE:
        flags, glyph = struct.unpack_from(">2H", outline, place)
        yield place + 2, glyph
        place += 8 if flags & _WORDS else 6
        place += 2 if flags & _SCALE else 4 if flags & _BOTH_SCALES else 8 if flags & _MATRIX else 0


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def checksum(padded: bytes) -> int:
    """The sum of a table's words."""
    words: Sequence[int] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF


def _font(tables: Sequence[tuple[str, bytes]], sums: Mapping[str, int]) -> bytes:
    """A font file of the tables, in the order of their tags; `sums` are checksums known."""
    count = len(tables)
    power = count.bit_length() - 1
    header = struct.pack(">I4H", 0x00010000, count, 16 << power, power, 16 * count - (16 << power))
    place = len(header) + 16 * count
    entries, bodies, whole, head_at = [header], [], 0, 0
    for tag, table in tables:
        body = _padded(table)
        total = sums[tag] if tag in sums else checksum(body)
        entries.append(struct.pack(">4s3I", tag.encode("latin-1"), total, place, len(table)))
        bodies.append(body)
        whole += total
        head_at = place if tag == "head" else head_at
        place += len(body)
    directory = b"".join(entries)
    adjusted = (_MAGIC - whole - checksum(directory)) & 0xFFFFFFFF
    font = bytearray(b"".join([directory, *bodies]))
    struct.pack_into(">I", font, head_at + 8, adjusted)
    return bytes(font)

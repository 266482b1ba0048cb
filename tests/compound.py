"""Compound files (MS-CFB) made by hand, as far as a mail saved by Outlook needs them."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping

SECTOR, MINI, CUTOFF, ENTRY = 512, 64, 4096, 128
FREE, END, FAT, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A file with these streams; `a/b` is stream b in storage a."""
    entries: list[tuple[str, int, list[int]]] = [("Root Entry", 5, [])]  # name, kind, children
    number = {"": 0}
    contents: dict[int, bytes] = {}
    for path, content in streams.items():
        *folders, _ = path.split("/")
        for depth in range(len(folders) + 1):
            whole = "/".join(path.split("/")[: depth + 1])
            if whole in number:
                continue
            number[whole] = len(entries)
            entries[number["/".join(folders[:depth])]][2].append(len(entries))
            entries.append((whole.split("/")[-1], 1 if depth < len(folders) else 2, []))
        contents[number[path]] = content

    sectors: list[bytes] = []
    fat: list[int] = []

    def put(data: bytes) -> int:
        """The data in sectors of its own; the number of the first."""
        first, count = len(sectors), max(math.ceil(len(data) / SECTOR), 1)
        data = data.ljust(count * SECTOR, b"\0")
        sectors.extend(data[i * SECTOR : (i + 1) * SECTOR] for i in range(count))
        fat.extend([*range(first + 1, first + count), END])
        return first

    mini, mini_fat, starts = b"", [], {}
    for entry, content in contents.items():
        if len(content) >= CUTOFF:
            starts[entry] = put(content)
        else:
            first, count = len(mini_fat), math.ceil(len(content) / MINI)
            starts[entry] = first if count else END
            mini += content.ljust(count * MINI, b"\0")
            mini_fat += [*range(first + 1, first + count), END] if count else []
    starts[0] = put(mini)
    sizes = {**{entry: len(content) for entry, content in contents.items()}, 0: len(mini)}
    next_to = {
        child: children[i + 1] if i + 1 < len(children) else NONE
        for _, _, children in entries
        for i, child in enumerate(children)
    }
    directory = b""
    for i, (name, kind, children) in enumerate(entries):
        raw = name.encode("utf-16-le")
        directory += raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1)
        first = children[0] if children else NONE
        directory += struct.pack("<LLL", NONE, next_to.get(i, NONE), first) + bytes(36)
        directory += struct.pack("<LQ", starts.get(i, 0), sizes.get(i, 0))
    directory_at = put(directory)
    mini_fat_at = put(struct.pack(f"<{len(mini_fat)}L", *mini_fat).ljust(SECTOR, b"\xff"))
    fat_count = math.ceil((len(fat) + 1) / (SECTOR // 4 - 1))
    fat_at = len(fat)
    fat += [FAT] * fat_count
    table = struct.pack(f"<{len(fat)}L", *fat).ljust(fat_count * SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<LLLLL", 0, fat_count, directory_at, 0, CUTOFF)
    header += struct.pack("<LLLL", mini_fat_at, 1, END, 0)
    listed = [*range(fat_at, fat_at + fat_count)]
    header += struct.pack("<109L", *listed, *[FREE] * (109 - fat_count))
    return header + b"".join(sectors) + table

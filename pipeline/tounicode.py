"""The map by which text of an embedded PDF font is searched and copied (ISO 32000-1 §9.10.3)."""

from __future__ import annotations

from collections.abc import Iterable


def utf16(value: str) -> str:
    """UTF-16BE in hexadecimal: 𬱖 → `D873DC56`."""
    return value.encode("utf-16-be").hex().upper()


def cmap(characters: Iterable[tuple[int, str]]) -> bytes:
    """The ToUnicode CMap of codes and their characters, at most 100 entries a block."""
    entries = [f"<{code:04X}> <{utf16(char)}>" for code, char in characters]
    blocks = [entries[i : i + 100] for i in range(0, len(entries), 100)]
    body = "\n".join(f"{len(b)} beginbfchar\n" + "\n".join(b) + "\nendbfchar" for b in blocks)
    return f"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{body}
endcmap
CMapName currentdict /CMap defineresource pop
end
end""".encode("ascii")

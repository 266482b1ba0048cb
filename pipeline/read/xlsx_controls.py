"""Check boxes and option buttons that lie on a worksheet (form controls).

Excel and WPS keep their look in a VML drawing beside the sheet, in which they also say where each
begins, whether it is on, and what is written on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from pipeline.read.ooxml import LIMITS

VML = "{urn:schemas-microsoft-com:vml}"
EXCEL = "{urn:schemas-microsoft-com:office:excel}"
KINDS = frozenset({"Checkbox", "Radio"})


@dataclass(frozen=True, slots=True)
class Control:
    """A control: the cell in which it begins (from 1), how far right, and how it looks."""

    row: int
    column: int
    offset: int
    text: str


def controls(data: bytes) -> list[Control]:
    """The controls of a VML drawing in reading order. Excel leaves tags open in it: what cannot be
    parsed is passed over."""
    if len(data) > LIMITS.part or b"<!DOCTYPE" in data:
        return []
    lenient = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(re.sub(rb"<br\s*>", b"<br/>", data), lenient)
    shapes = () if root is None else root.iter(f"{VML}shape")
    found = [control for shape in shapes for control in _read(shape)]
    return sorted(found, key=lambda control: (control.row, control.column, control.offset))


def _read(shape: etree._Element) -> Iterator[Control]:
    own = shape.find(f"{EXCEL}ClientData")
    if own is None or own.get("ObjectType") not in KINDS:
        return
    numbers = [part.strip() for part in (own.findtext(f"{EXCEL}Anchor") or "").split(",")]
    if len(numbers) < 4 or not all(part.isdigit() for part in numbers[:4]):
        return
    column, offset, row = (int(part) for part in numbers[:3])
    state = own.find(f"{EXCEL}Checked")
    on = state is not None and (state.text or "").strip() == "1"
    box = shape.find(f"{VML}textbox")
    words = "" if box is None else "".join("".join(map(str, box.itertext())).split())
    yield Control(row + 1, column + 1, offset, ("☑" if on else "☐") + words)

"""Styles of a Word document: what each settles about the look and the number of its paragraphs and runs."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.read.docx_names import (
    BOLD,
    HIGHLIGHT,
    LEVEL,
    NUM_ID,
    NUM_PR,
    OFF,
    P_PR,
    R_PR,
    UNDERLINE,
    VANISH,
    is_on,
    value_of,
    w,
)
from pipeline.read.ooxml import Element, Package, child

Look = tuple[bool, bool, bool]  # bold, underline, highlight
PLAIN: Look = (False, False, False)


def is_shaded(element: Element) -> bool:
    fill = element.get(w("fill"), "auto").lower()
    return fill not in ("auto", "ffffff") or value_of(element, "clear") not in ("clear", "nil")


@dataclass(slots=True)
class _Style:
    """What a style settles; None where it leaves it to the style it is based on."""

    based_on: str | None
    bold: bool | None = None
    underline: bool | None = None
    highlight: bool | None = None
    vanish: bool | None = None
    num_id: str | None = None
    level: str | None = None

    def inherit(self, base: _Style) -> None:
        for name in ("bold", "underline", "highlight", "vanish", "num_id", "level"):
            if getattr(self, name) is None:
                setattr(self, name, getattr(base, name))

    @property
    def look(self) -> Look:
        return bool(self.bold), bool(self.underline), bool(self.highlight)


class Styles:
    """Styles by id, each with what it inherits."""

    def __init__(self, package: Package, part: str) -> None:
        self._raw: dict[str, Element] = {}
        self._done: dict[str | None, _Style] = {None: _Style(None)}
        self.default_paragraph: str | None = None
        for name in package.related(part, "styles")[:1]:
            root = package.xml(name)
            for style in () if root is None else root.iterchildren(w("style")):
                self._add(style)

    def __getitem__(self, style_id: str | None) -> _Style:
        if style_id not in self._done:
            self._done[style_id] = _Style(None)  # stands in while a ring of styles is resolved
            self._done[style_id] = self._resolve(style_id)
        return self._done[style_id]

    def _add(self, style: Element) -> None:
        style_id = style.get(w("styleId"), "")
        self._raw[style_id] = style
        is_default = style.get(w("default"), "0") not in OFF
        if is_default and style.get(w("type")) == "paragraph":
            self.default_paragraph = style_id

    def _resolve(self, style_id: str | None) -> _Style:
        raw = self._raw.get(style_id or "")
        if raw is None:
            return _Style(None)
        style = _Style(value_of(child(raw, w("basedOn"))) or None)
        _read_style_look(style, child(raw, R_PR))
        numbering = raw.find(f"{P_PR}/{NUM_PR}")
        if numbering is not None:
            style.num_id = value_of(child(numbering, NUM_ID)) or None
            style.level = value_of(child(numbering, LEVEL)) or None
        if style.based_on and style.based_on != style_id:
            style.inherit(self[style.based_on])
        return style


def _read_style_look(style: _Style, properties: Element | None) -> None:
    for item in () if properties is None else properties:
        if item.tag == BOLD:
            style.bold = is_on(item)
        elif item.tag == UNDERLINE:
            style.underline = is_on(item)
        elif item.tag == VANISH:
            style.vanish = is_on(item)
        elif item.tag == HIGHLIGHT:
            style.highlight = is_on(item)

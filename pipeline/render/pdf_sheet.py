"""What stands on the pages of a form: words, rules and fields, each in its place. Lengths are points,
from the page's top left corner.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.document import Box
from pipeline.render.layout import Align, PageSetup, VerticalAlign
from pipeline.render.pdf_holes import Hole
from pipeline.render.pdf_lines import Fitted, Glyph, Style

#: Between a field's edge and its text: what PDF readers leave too.
PAD = 2.0


@dataclass(frozen=True, slots=True)
class Words:
    """Glyphs from `x` on a baseline; `gap` is added between any two."""

    x: float
    baseline: float
    glyphs: tuple[Glyph, ...]
    gap: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    x0: float
    y0: float
    x1: float
    y1: float
    width: float


@dataclass(frozen=True, slots=True)
class Widget:
    """A field in its place, its value set; `multiline`: people may type several lines, in `size`
    (0: as large as the field has room for)."""

    hole: Hole
    box: Box
    style: Style
    fitted: Fitted
    align: Align = "left"
    valign: VerticalAlign = "center"
    multiline: bool = False
    size: float = 0.0


@dataclass(slots=True)
class Sheet:
    """One page."""

    words: list[Words] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    widgets: list[Widget] = field(default_factory=list)


class Pages:
    """The pages so far, and how far down the last one is filled."""

    def __init__(self, setup: PageSetup) -> None:
        self.setup = setup
        self.left, self.width = setup.margins.left, setup.text_width
        self.top, self.bottom = setup.margins.top, setup.height - setup.margins.bottom
        self.sheets = [Sheet()]
        self.y = self.top

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    @property
    def room(self) -> float:
        return self.bottom - self.y

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def is_fresh(self) -> bool:
        return self.y == self.top

    def turn(self) -> None:
        self.sheets.append(Sheet())
        self.y = self.top

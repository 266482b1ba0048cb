"""The pen: puts set lines and rules on the pages of a PDF.

A line goes out as one string a font, with the spacing its characters have in common (`Tc`) and,
where it varies, the difference in its place (`TJ`), which is exact and much faster than an
operator a glyph. Coordinates are PDF points, origin bottom left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from pipeline.announce.archive import (
    About,
    archival,
    information,
    press_information,
    press_intent,
)
from pipeline.announce.fonts import Face
from pipeline.announce.lines import Glyph, Line
from pipeline.announce.pdf import EmbeddedFont, File, array


@dataclass(frozen=True, slots=True)
class Ink:
    """A colour as PDF operators, to fill (`rg`, `k`) and to stroke (`RG`, `K`) with."""

    fill: str
    stroke: str

    @classmethod
    def rgb(cls, red: float, green: float, blue: float) -> Ink:
        """Components 0–1."""
        values = f"{red:g} {green:g} {blue:g}"
        return cls(f"{values} rg", f"{values} RG")

    @classmethod
    def cmyk(cls, cyan: float, magenta: float, yellow: float, black: float) -> Ink:
        """Process colours, 0–1."""
        values = f"{cyan:g} {magenta:g} {yellow:g} {black:g}"
        return cls(f"{values} k", f"{values} K")

    def under(self, state: str) -> Ink:
        """The ink put on under a graphics state that the pen was told of."""
        return Ink(f"/{state} gs {self.fill}", f"/{state} gs {self.stroke}")

    @classmethod
    def spot(cls, name: str, tint: float) -> Ink:
        """A tint 0–1 of a spot ink that the pen was told of (`Pen.spot_ink`)."""
        return cls(f"/{name} cs {tint:g} scn", f"/{name} CS {tint:g} SCN")


BLACK = Ink.rgb(0, 0, 0)
#: The red of a red head: full magenta and yellow.
RED = Ink.rgb(1, 0, 0)


#: A run of one font: its `Tf`, its start in the line, the operators that show it.
Run = tuple[str, float, str]
#: Gaps that differ by less (pt) are one.
EVEN = 0.001
#: Lines whose runs a pen keeps: enough for what comes again on every page.
KEPT_RUNS = 2000


class Pen:
    """Writes one PDF of pages of one size. The same calls give the same bytes."""

    def __init__(self, width: float, height: float, about: About, version: str = "1.7") -> None:
        self.about = about
        self._file = File(version)
        self._root, self._resources = self._file.reserve(), self._file.reserve()
        self._pages: list[int] = []
        self._boxes = f"/MediaBox{array((0, 0, width, height))}"
        self._inks: dict[str, str] = {}
        self._states: dict[str, str] = {}
        self._fonts: dict[Face, EmbeddedFont] = {}
        self._runs: dict[Line, list[Run]] = {}
        self._codes: dict[Glyph, tuple[str, str]] = {}
        self._out: list[str] = []

    def text(self, line: Line, x: float, y: float, ink: Ink = BLACK) -> None:
        """A set line with its first cell's left edge at `x` and its baseline at `y`."""
        if not line.glyphs:
            return
        parts = [f"BT {ink.fill}"]
        parts += [
            f"{font} 1 0 0 1 {x + start:.3f} {y:.3f} Tm {shown}"
            for font, start, shown in self._runs_of(line)
        ]
        parts.append("ET")
        self._out.append(" ".join(parts))

    def _runs_of(self, line: Line) -> list[Run]:
        """The runs of a line; tables set the same line many times."""
        found = self._runs.get(line)
        if found is None:
            if len(self._runs) >= KEPT_RUNS:
                self._runs.clear()
            found = self._runs[line] = self._make_runs(line)
        return found

    def _make_runs(self, line: Line) -> list[Run]:
        glyphs, xs = line.glyphs, line.xs
        shown = [self._code(glyph) for glyph in glyphs]
        runs = []
        start = 0
        for font, stretch in groupby(shown, key=lambda pair: pair[0]):
            codes = [code for _, code in stretch]
            end = start + len(codes)
            runs.append((font, xs[start], _operators(glyphs[start:end], xs[start:end], codes)))
            start = end
        return runs

    def _code(self, glyph: Glyph) -> tuple[str, str]:
        """The `Tf` and the code by which this document shows a glyph."""
        found = self._codes.get(glyph)
        if found is None:
            font = self._fonts.get(glyph.face)
            if font is None:
                name = f"/F{len(self._fonts) + 1}"
                font = self._fonts[glyph.face] = EmbeddedFont(glyph.face, name)
            operator = f"{font.resource} {glyph.size:g} Tf"
            found = self._codes[glyph] = (operator, font.code(glyph.char))
        return found

    def rules(
        self, rules: list[tuple[float, float, float, float]], weight: float, ink: Ink = BLACK
    ) -> None:
        """Straight rules `(x0, y0, x1, y1)` of one weight."""
        path = " ".join(f"{a:.3f} {b:.3f} m {c:.3f} {d:.3f} l" for a, b, c, d in rules)
        self._out.append(f"q {ink.stroke} {weight:g} w {path} S Q")

    def frame(
        self, x: float, y: float, width: float, height: float, weight: float, ink: Ink
    ) -> None:
        self._out.append(
            f"q {ink.stroke} {weight:g} w {x:.3f} {y:.3f} {width:.3f} {height:.3f} re S Q"
        )

    def push(self, operators: str) -> None:
        """Goes on in other coordinates, until `pop`."""
        self._out.append(f"q {operators}")

    def pop(self) -> None:
        self._out.append("Q")

    def fill(self, boxes: list[tuple[float, float, float, float]], ink: Ink) -> None:
        """Filled rectangles `(x, y, width, height)` of one ink."""
        path = " ".join(f"{a:.3f} {b:.3f} {c:.3f} {d:.3f} re" for a, b, c, d in boxes)
        self._out.append(f"q {ink.fill} {path} f Q")

    def spot_ink(self, name: str, cmyk: tuple[float, float, float, float]) -> None:
        """Makes a separation of its own, with the process colours that stand for it on screens
        (ISO 32000-1 §8.6.6.4)."""
        tint = f"<</FunctionType 2/Domain[0 1]/C0[0 0 0 0]/C1{array(cmyk)}/N 1>>"
        self._inks[name] = f"[/Separation/{name}/DeviceCMYK{tint}]"

    def graphics_state(self, name: str, entries: str) -> None:
        """Makes a graphics state that inks may call for by its name (ISO 32000-1 §8.4.5)."""
        self._states[name] = f"<</Type/ExtGState{entries}>>"

    def boxes(
        self, trim: tuple[float, float, float, float], bleed: tuple[float, float, float, float]
    ) -> None:
        """The TrimBox and BleedBox of every page (x0, y0, x1, y1; ISO 32000-1 §14.11.2)."""
        self._boxes += f"/TrimBox{array(trim)}/BleedBox{array(bleed)}"

    def next_page(self) -> None:
        """Ends the page: what is on it is put away compressed."""
        content = self._file.stream("\n".join(self._out).encode())
        page = (
            f"<</Type/Page/Parent {self._root} 0 R/Resources {self._resources} 0 R"
            f"{self._boxes}/Contents {content} 0 R>>"
        )
        self._pages.append(self._file.add(page))
        self._out = []

    def finish(self) -> bytes:
        """Ends the last page and the file, as PDF/A-2b."""
        self._end()
        return self._close(archival(self._file, self.about), information(self.about.entries()))

    def finish_for_press(self, condition: str, day: date) -> bytes:
        """Ends the last page and a file of process and spot inks: PDF/X-1a:2003 for a printing
        `condition` of the ICC's registry, or a plain PDF where none is named."""
        self._end()
        about = self.about.entries()
        if not condition:
            return self._close("", information(about))
        return self._close(press_intent(self._file, condition), press_information(about, day))

    def _end(self) -> None:
        self.next_page()
        fonts = "".join(
            f"{font.resource} {font.write(self._file)} 0 R" for font in self._fonts.values()
        )
        more = _named("ColorSpace", self._inks) + _named("ExtGState", self._states)
        self._file.add(f"<</Font<<{fonts}>>{more}>>", self._resources)
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._file.add(f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>", self._root)

    def _close(self, more: str, info: str) -> bytes:
        catalog = f"<</Type/Catalog/Pages {self._root} 0 R/Lang (zh-CN)"
        shown = "/ViewerPreferences<</DisplayDocTitle true>>"
        return self._file.finish(f"{catalog}{shown}{more}>>", info)


def _named(kind: str, resources: dict[str, str]) -> str:
    """An entry of the resource dictionary; nothing where there are none of the kind."""
    listed = "".join(f"/{name}{resource}" for name, resource in resources.items())
    return f"/{kind}<<{listed}>>" if listed else ""


def _operators(glyphs: tuple[Glyph, ...], xs: tuple[float, ...], codes: list[str]) -> str:
    """Shows glyphs of one font: the spacing most of them have, and what differs from it."""
    gaps = [b - a - glyph.advance for glyph, a, b in zip(glyphs, xs, xs[1:], strict=False)]
    if not gaps:
        return f"0 Tc <{codes[0]}> Tj"
    least, most = min(gaps), max(gaps)
    if most - least < EVEN:
        return f"{round((least + most) / 2, 4):g} Tc <{''.join(codes)}> Tj"
    usual = round(sorted(gaps)[len(gaps) // 2], 4)
    unit = 1000 / glyphs[0].size
    parts, left = ["<"], 0.0
    for code, gap in zip(codes, gaps, strict=False):
        parts.append(code)
        # `left` is how far the reader lags behind, so that rounding never gathers.
        left += gap - usual
        if not -0.01 < left < 0.01:
            move = round(left * unit)
            if move:
                parts.append(f">{-move}<")
                left -= move / unit
    parts.append(codes[-1])
    return f"{usual:g} Tc [{''.join(parts)}>] TJ"

"""The pen: puts set lines and rules on the pages of a PDF.

The one module that knows the inside of reportlab. A line goes out as one `TJ` operator a font,
with every glyph's place in it, which is exact and some ten times faster than a call a glyph.
Coordinates are PDF points, origin bottom left.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from reportlab.lib.colors import CMYKColorSep
from reportlab.pdfgen.canvas import Canvas

from pipeline.announce.archive import make_archival, tidy_streams
from pipeline.announce.fonts import FontSet
from pipeline.announce.lines import Glyph, Line


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

    @classmethod
    def spot(cls, name: str, tint: float) -> Ink:
        """A tint 0–1 of a spot ink that the pen was told of (`Pen.spot_ink`)."""
        return cls(f"/{name} cs {tint:g} scn", f"/{name} CS {tint:g} SCN")


BLACK = Ink.rgb(0, 0, 0)
#: The red of a red head: full magenta and yellow.
RED = Ink.rgb(1, 0, 0)


#: A run of one font: its `Tf`, its start in the line, its `TJ`.
Run = tuple[str, float, str]
#: Lines whose runs a pen keeps: enough for what comes again on every page.
KEPT_RUNS = 2000


class Sheets(Canvas):
    """reportlab's canvas, whose document writes its streams as archives want them."""

    def save(self) -> None:
        document = vars(self)["_doc"]
        for font in document.delayedFonts:
            font.addObjects(document)
        document.delayedFonts = []
        tidy_streams(document)
        super().save()


class Pen:
    """Writes one PDF. The same calls give the same bytes."""

    def __init__(self, fonts: FontSet, width: float, height: float, title: str) -> None:
        self._buffer = BytesIO()
        canvas = Sheets(
            self._buffer,
            pagesize=(width, height),
            pageCompression=1,
            invariant=1,
            # Without it every file declares an unembedded Helvetica.
            initialFontName=fonts.face("宋体", "1").font.fontName,  # type: ignore[arg-type]
            lang="zh-CN",
        )
        canvas.setTitle(title)
        # Any: the inside of reportlab has no types.
        self._canvas: Any = canvas
        self._spots: dict[str, str] = {}
        self._runs: dict[Line, list[Run]] = {}
        self._codes: dict[Glyph, tuple[str, str]] = {}
        self._out: list[str] = self._content()

    def _content(self) -> list[str]:
        """The operators of the current page: a list reportlab joins when the page ends."""
        operators: list[str] = self._canvas._code
        return operators

    def describe(self, author: str, subject: str) -> None:
        self._canvas.setAuthor(author)
        self._canvas.setSubject(subject)

    def text(self, line: Line, x: float, y: float, ink: Ink = BLACK) -> None:
        """A set line with its first cell's left edge at `x` and its baseline at `y`."""
        if not line.glyphs:
            return
        parts = [f"BT {ink.fill}"]
        parts += [
            f"{font} 1 0 0 1 {x + start:.3f} {y:.3f} Tm{array}"
            for font, start, array in self._runs_of(line)
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
        runs: list[Run] = []
        font, start, at = "", 0.0, 0.0
        array: list[str] = []
        for glyph, offset in zip(line.glyphs, line.xs, strict=True):
            key, code = self._code(glyph)
            if key != font:
                if array:
                    runs.append((font, start, _closed(array)))
                font, start, at = key, offset, 0.0
                array = ["[("]
            else:
                # `at` follows what the reader will have added up, so rounding never gathers.
                gap = round((at - (offset - start)) * 1000 / glyph.size)
                if gap:
                    array.append(f"){gap}(")
                    at -= gap * glyph.size / 1000
            array.append(code)
            at += glyph.advance
        runs.append((font, start, _closed(array)))
        return runs

    def _code(self, glyph: Glyph) -> tuple[str, str]:
        """The `Tf` and the escaped byte by which this document shows a glyph."""
        found = self._codes.get(glyph)
        if found is None:
            document, font = self._canvas._doc, glyph.face.font
            ((subset, code),) = font.splitString(glyph.char, document)
            name = font.getSubsetInternalName(subset, document)
            key = f"{name} {glyph.size:g} Tf"
            found = self._codes[glyph] = (key, self._canvas._escape(code))
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
        color = CMYKColorSep(*cmyk, spotName=name)
        resource, spot = self._canvas._doc.addColor(color)
        self._spots[resource] = spot
        self._canvas._colorsUsed.update(self._spots)

    def boxes(
        self, trim: tuple[float, float, float, float], bleed: tuple[float, float, float, float]
    ) -> None:
        """The TrimBox and BleedBox of every page (x0, y0, x1, y1; ISO 32000-1 §14.11.2)."""
        self._canvas.setTrimBox(trim)
        self._canvas.setBleedBox(bleed)

    def next_page(self) -> None:
        self._canvas.showPage()
        self._canvas._colorsUsed.update(self._spots)
        self._out = self._content()

    def finish(self, *, archival: bool = True) -> bytes:
        """Ends the last page and the file. `archival`: as PDF/A-2b; a file of spot inks is none."""
        self._canvas.showPage()
        if archival:
            make_archival(self._canvas._doc)
        self._canvas.save()
        return self._buffer.getvalue()


def _closed(array: list[str]) -> str:
    return "".join([*array, ")] TJ"])

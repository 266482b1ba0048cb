"""PDFs drawn by hand: words and ruled cells, each where it is put; points from the lower left."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document, Grid, Source
from pipeline.read import pdf

FONT = Path(__file__).parents[1] / "templates" / "fonts" / "NotoSansSC-Regular.ttf"
pdfmetrics.registerFont(TTFont("Sans", str(FONT)))

Draw = Callable[[Canvas], None]
Read = Callable[[bytes], Document]
Text = tuple[float, float, str]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the bytes of a PDF that is one document."""

    def read_bytes(content: bytes) -> Document:
        path = tmp_path / "file.pdf"
        path.write_bytes(content)
        (document,) = pdf.read(path, Source(path.name, "", "pdf"))
        return document

    return read_bytes


def drawn(*pages: Draw, size: tuple[float, float] = (595, 842)) -> bytes:
    """A PDF of pages drawn by hand, in 10.5 pt."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size)
    for draw in pages:
        canvas.setFont("Sans", 10.5)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def ruled(canvas: Canvas, xs: Sequence[float], ys: Sequence[float]) -> None:
    for x in xs:
        canvas.line(x, ys[0], x, ys[-1])
    for y in ys:
        canvas.line(xs[0], y, xs[-1], y)


def written(*texts: Text, xs: Sequence[float] = (), ys: Sequence[float] = ()) -> Draw:
    """A page with these texts at x, y, and cells between the rules."""

    def draw(canvas: Canvas) -> None:
        if xs:
            ruled(canvas, xs, ys)
        for x, y, text in texts:
            canvas.drawString(x, y, text)

    return draw


def in_cell(*lines: Text, width: float = 200) -> bytes:
    """A cell of that width at x = 100, with lines at x, y (from the cell's top)."""
    texts = [(100 + x, 700 - y, text) for x, y, text in lines]
    return drawn(written(*texts, xs=[100, 100 + width], ys=[500, 700]))


def grid_of(document: Document) -> Grid:
    (grid,) = document.grids
    return grid


def texts(document: Document) -> list[str]:
    return [cell.text for cell in grid_of(document).cells]

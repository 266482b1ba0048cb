"""Text that goes its way in strips is read as it would be character by character."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pypdfium2 as pdfium
import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document, Grid
from pipeline.read import pdf_glyphs
from pipeline.read.pdf_paint import load_page
from tests.drawn import Read, drawn, read, ruled

SAMPLES = Path(__file__).parent / "samples"
__all__ = ["read"]

#: What stands in cells and over their borders: wraps, blanks, marks, narrow and wide characters.
PIECES = (
    "湖南智汇企业管理咨询有限公司", "，", "（2024）", "91430100MA4L16JJ8X", "13800138000", "www.hn.cn/a",
    "1.", "il", "A B", "全角　空格", "√", "□", "……", "第一，", "。", "0731-8882 6666", "—", "Ｗide", "é",
)  # fmt: skip


def said(document: Document) -> list[object]:
    """All that a document says, and where."""
    found: list[object] = [document.furniture, document.fields, document.findings]
    for block in document.blocks:
        if isinstance(block, Grid):
            found.append((block.rows, block.columns, block.place))
            found += [
                (c.row, c.column, c.rowspan, c.colspan, c.text, c.place, c.paragraphs)
                for c in block.cells
            ]
        else:
            found.append(block)
    return found


def scrawled(random: Random) -> Callable[[Canvas], None]:
    """A page with text anyhow in the cells of a table, over their borders, on colour, underlined."""

    def draw(canvas: Canvas) -> None:
        xs = [60.0, 180.0, 220.0, 380.0, 530.0]
        ys = [400.0, 430.0, 480.0, 500.0, 620.0, 760.0]
        ruled(canvas, xs, ys)
        canvas.setFillColorRGB(1, 1, 0.4)
        for _ in range(4):  # grounds on which some characters of a text stand
            canvas.rect(random.uniform(60, 400), random.uniform(400, 700), 37, 24, 0, 1)
        canvas.setFillColorRGB(0, 0, 0)
        for _ in range(60):
            size = random.choice((6, 9, 10.5, 10.5, 10.5, 14))
            x, y = random.choice(xs) + random.choice((3, 3, 8, 40)), random.choice(ys) + 6
            for _ in range(random.choice((1, 1, 2, 3))):
                text = "".join(random.choices(PIECES, k=random.choice((1, 1, 2, 4))))
                line = canvas.beginText(x, y)
                line.setFont("Sans", size)
                line.setCharSpace(random.choice((0, 0, 0, 0, 0.03, 0.5, 1.4, 4, -0.03, -2)))
                line.setTextRenderMode(random.choice((0, 0, 0, 2)))
                line.textOut(text)
                canvas.drawText(line)
                if random.random() < 0.1:  # underlined from some place on
                    canvas.line(x + 15, y - 1.5, x + 60, y - 1.5)
                x += random.choice((0.0, canvas.stringWidth(text, "Sans", size), 30.0))
                y -= random.choice((0, 0, 0.2, 1.3 * size, 1.6 * size))

    return draw


def one_by_one(monkeypatch: pytest.MonkeyPatch, read: Callable[[], object]) -> object:
    with monkeypatch.context() as patch:
        patch.setattr(pdf_glyphs, "LARGEST", 0.0)
        return read()


@pytest.mark.parametrize("seed", range(12))
def test_text_anyhow_is_read_as_character_by_character(
    read: Read, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    content = drawn(scrawled(Random(seed)), scrawled(Random(100 + seed)))
    assert said(read(content)) == one_by_one(monkeypatch, lambda: said(read(content)))


def test_the_samples_are_read_as_character_by_character(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in SAMPLES.glob("*.pdf"):
        content = path.read_bytes()
        assert said(read(content)) == one_by_one(
            monkeypatch, lambda content=content: said(read(content))
        )


def test_text_drawn_in_one_go_is_one_strip_but_for_blanks_and_gaps() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(100, 700, "湖南智汇咨询有限公司")
        canvas.drawString(100, 650, "第一 第二")
        canvas.drawString(100, 600, "序号", charSpace=8)

    with pdfium.PdfDocument(drawn(draw)) as file:
        pieces = load_page(file[0], 1).pieces
    assert pieces[0].text == "湖南智汇咨询有限公司"
    assert [piece.text for piece in pieces[1:]] == [*"第一 第二", *"序号"]

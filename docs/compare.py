"""The same notice set by the program and by Typst, as pictures side by side (docs/pictures/).

    python docs/compare.py

Needs `typst` and `pillow` (extra `bench`). Typst gets the same text, fonts, margins and sizes, and
the settings its users take for Chinese; what it has no notion of (the grid, the page furniture of
GB/T 9704) is left out. The differences are named in docs/typesetting.md.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pypdfium2
import typst
from PIL import Image, ImageDraw

from pipeline.announce import typeset
from pipeline.announce.compose import Rules, compose
from pipeline.announce.wording import load_wording

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
KIND = "publicity"
#: Pixels a point; of the detail, and its box on the page in points from the top left.
SCALE, CLOSE, DETAIL = 1.3, 2.6, (70, 255, 530, 545)

TYPST = """#let data = json(bytes(sys.inputs.data))
#set page(paper: "a4", margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm))
#set text(font: ("FandolFang R", "Noto Serif SC"), size: 15.79pt, top-edge: 0.88em, bottom-edge: -0.12em,
  lang: "zh", region: "cn")
#set par(justify: true, leading: 13.82pt, spacing: 13.82pt, first-line-indent: (amount: 2em, all: true))
#align(center, text(font: "Noto Serif SC", weight: 900, size: 22pt)[
  #set par(leading: 7.6pt, first-line-indent: 0pt)
  #data.title])
#v(29.6pt)
#show regex("[!-~]+"): set text(font: "Noto Serif SC", weight: 300)
#for t in data.lines {
  if t.match(regex("^[一二三四五六七八九十]+、")) != none [
    #text(font: "Noto Sans SC", weight: 400, t)

  ] else [#t

  ]
}
#v(1fr)
"""


def example() -> dict[str, Any]:
    page = (ROOT / "docs" / "announce.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {KIND}：.*?```json\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def typst_page(data: dict[str, Any]) -> bytes:
    letter = compose(KIND, data, load_wording(KIND), Rules())
    told = {"title": letter.title.replace("|", ""), "lines": letter.paragraphs}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.typ"
        source.write_text(TYPST, encoding="utf-8")
        pdf: bytes = typst.compile(
            str(source),
            format="pdf",
            font_paths=[str(ROOT / "templates" / "fonts")],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(told)},
        )
    return pdf


def picture(pdf: bytes, scale: float) -> Image.Image:
    found: Image.Image = pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil()
    return found.convert("L")


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    whole = Image.new("L", (left.width + right.width + 12, max(left.height, right.height)), 150)
    whole.paste(left, (0, 0))
    whole.paste(right, (left.width + 12, 0))
    return whole


def gridded(image: Image.Image, scale: float) -> Image.Image:
    """With the edges of the 版心."""
    mm = 72 / 25.4 * scale
    ImageDraw.Draw(image).rectangle((28 * mm, 37 * mm, 184 * mm, 262 * mm), outline=170)
    return image


def save(image: Image.Image, name: str) -> None:
    out = io.BytesIO()
    image.quantize(16).save(out, "PNG", optimize=True)
    (PICTURES / name).write_bytes(out.getvalue())


def main() -> None:
    data = example()
    ours, theirs = typeset(KIND, data), typst_page(data)
    PICTURES.mkdir(exist_ok=True)
    save(beside(*(gridded(picture(pdf, SCALE), SCALE) for pdf in (ours, theirs))), "page.png")
    box = tuple(round(side * CLOSE) for side in DETAIL)
    save(beside(*(picture(pdf, CLOSE).crop(box) for pdf in (ours, theirs))), "detail.png")


if __name__ == "__main__":
    main()

"""Official documents: ours beside what people would otherwise set them with.

The same text in the same fonts: a one-page notice with another name each time, and a publicity
list of 2,000 rows. The others set plain pages: none of them does the line breaking, the grid or
the page furniture of GB/T 9704.
"""

from __future__ import annotations

import importlib.util
import io
import itertools
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.timing import machine, medians, milliseconds, publish, table
from pipeline.announce import typeset
from pipeline.announce.compose import Rules, compose
from pipeline.announce.letter import Letter
from pipeline.announce.wording import load_wording

ROOT = Path(__file__).parent.parent
FONTS = ROOT / "templates" / "fonts"
BODY, TITLE = FONTS / "FandolFang-Regular.ttf", FONTS / "NotoSerifSC-Black.ttf"
ROWS = 2000
ROUNDS = 5
HEADS = ("序号", "单位名称", "推荐单位（市州）", "主要服务项目")
#: Points: head, size of the body, its line pitch, the widths of the list's columns.
SIZE_TITLE, SIZE, PITCH, LIST_SIZE = 22, 15.8, 29.5, 12
WIDTHS = (40, 193, 107, 102)

#: Characters that every font has.
COMMON = "长岳湘沙启明华盛达通德信和昌瑞丰天宏泰安"

Call = Callable[[], object]


def example(kind: str) -> dict[str, Any]:
    page = (ROOT / "docs" / "announce.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {kind}：.*?```json\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    assert found, kind
    data: dict[str, Any] = json.loads(found[1])
    return data


def notices() -> Iterator[dict[str, Any]]:
    """The data of one notice after the other."""
    for number in itertools.count():
        yield {**example_notice, "institution": {"name": f"湖南第{number}号服务有限公司"}}


example_notice, example_list = example("reminder"), example("publicity")


def hanzi(number: int) -> str:
    """A name of four characters for each number."""
    return "".join(COMMON[number // 20**place % 20] for place in range(4))


def many() -> Iterator[dict[str, Any]]:
    """The data of one list after the other: no name comes again."""
    services = ("市场开拓", "融资促进", "数字化转型", "知识产权保护")
    for first in itertools.count(0, ROWS):
        institutions = [
            {"name": f"湖南{hanzi(first + i)}中小微企业综合服务有限责任公司", "city": "长沙市",
             "main_service": services[i % 4]} for i in range(ROWS)
        ]  # fmt: skip
        yield {**example_list, "institutions": institutions}


def list_rows(data: dict[str, Any]) -> list[list[str]]:
    return [
        [str(i), it["name"], it["city"], it["main_service"]]
        for i, it in enumerate(data["institutions"], 1)
    ]


# --- ours -----------------------------------------------------------------------------------


def ours() -> tuple[Call, Call]:
    data, long = notices(), many()
    return lambda: typeset("reminder", next(data)), lambda: typeset("publicity", next(long))


def letters() -> Iterator[Letter]:
    """What a notice says, for the others to set."""
    wording = load_wording("reminder")
    for data in notices():
        yield compose("reminder", data, wording, Rules())


def lines_of(letter: Letter) -> list[str]:
    paragraphs = [part for part in letter.paragraphs if isinstance(part, str)]
    return ["".join((letter.addressees[0], "：")), *("　　" + text for text in paragraphs)]


# --- reportlab ------------------------------------------------------------------------------


def reportlab(*, cached: bool) -> tuple[Call, Call]:
    """As its user guide shows: paragraphs with wordWrap CJK, LongTable of paragraphs. `cached`
    registers the fonts once; else with every document, as a script that makes one does."""
    from reportlab.lib.enums import TA_CENTER, TA_RIGHT
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate

    def register() -> None:
        for name, path in (("body", BODY), ("title", TITLE)):
            pdfmetrics.registerFont(TTFont(name, str(path)))

    def style(size: float = SIZE, lead: float = PITCH, **more: Any) -> Any:
        options = {"fontName": "body", "wordWrap": "CJK", **more}
        return ParagraphStyle("s", fontSize=size, leading=lead, **options)

    body, right = style(), style(alignment=TA_RIGHT)
    title = style(SIZE_TITLE, 30, fontName="title", alignment=TA_CENTER)
    cell = style(LIST_SIZE, 16)

    def build(flow: list[Any]) -> bytes:
        out = io.BytesIO()
        SimpleDocTemplate(out, pagesize=A4, leftMargin=79, rightMargin=74, topMargin=105,
                          bottomMargin=99).build(flow)  # fmt: skip
        return out.getvalue()

    texts, data = letters(), many()

    def notice() -> bytes:
        if not cached:
            register()
        letter = next(texts)
        flow = [Paragraph(letter.title, title), *(Paragraph(t, body) for t in lines_of(letter))]
        return build([*flow, Paragraph(letter.issuer, right), Paragraph(letter.dated, right)])

    def listing() -> bytes:
        rows = [[Paragraph(text, cell) for text in row] for row in (HEADS, *list_rows(next(data)))]
        grid = [("GRID", (0, 0), (-1, -1), 0.5, "black")]
        return build([LongTable(rows, colWidths=WIDTHS, repeatRows=1, style=grid)])

    register()
    return notice, listing


# --- fpdf2, WeasyPrint, Typst -----------------------------------------------------------------


def fpdf2() -> tuple[Call, Call]:
    from fpdf import FPDF
    from fpdf.fonts import FontFace

    def new() -> Any:
        pdf = FPDF(unit="pt", format="A4")
        pdf.set_margins(79, 105, 74)
        pdf.set_auto_page_break(True, 99)
        pdf.add_font("body", fname=BODY)
        pdf.add_font("title", fname=TITLE)
        pdf.add_page()
        return pdf

    texts, data = letters(), many()

    def notice() -> bytes:
        pdf, letter = new(), next(texts)
        pdf.set_font("title", size=SIZE_TITLE)
        pdf.multi_cell(0, 30, letter.title, align="C", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("body", size=SIZE)
        for text in lines_of(letter):
            pdf.multi_cell(0, PITCH, text, wrapmode="CHAR", new_x="LMARGIN", new_y="NEXT")
        for text in (letter.issuer, letter.dated):
            pdf.multi_cell(0, PITCH, text, align="R", new_x="LMARGIN", new_y="NEXT")
        return bytes(pdf.output())

    def listing() -> bytes:
        pdf = new()
        pdf.set_font("body", size=LIST_SIZE)
        plain = FontFace(emphasis="NONE")
        with pdf.table(
            col_widths=WIDTHS, line_height=16, wrapmode="CHAR", headings_style=plain
        ) as grid:
            for row in (HEADS, *list_rows(next(data))):
                line = grid.row()
                for text in row:
                    line.cell(text)
        return bytes(pdf.output())

    return notice, listing


def weasyprint() -> tuple[Call, Call]:
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    css = CSS(
        string=f"""
        @font-face {{ font-family: body; src: url({BODY.as_uri()}) }}
        @font-face {{ font-family: title; src: url({TITLE.as_uri()}) }}
        @page {{ size: A4; margin: 37mm 26mm 35mm 28mm }}
        body {{ font: {SIZE}pt/{PITCH}pt body; text-align: justify }}
        h1 {{ font: {SIZE_TITLE}pt/30pt title; text-align: center }} .r {{ text-align: right }}
        p {{ margin: 0 }} table {{ border-collapse: collapse; font-size: {LIST_SIZE}pt;
        line-height: 16pt }} td, th {{ border: .5pt solid }}""",
        font_config=fonts,
    )
    texts, data = letters(), many()

    def write(body: str) -> bytes:
        pdf: bytes = HTML(string=f"<html lang=zh-CN><body>{body}").write_pdf(
            stylesheets=[css], font_config=fonts
        )
        return pdf

    def notice() -> bytes:
        letter = next(texts)
        body = "".join(f"<p>{text}</p>" for text in lines_of(letter))
        end = f"<p class=r>{letter.issuer}</p><p class=r>{letter.dated}</p>"
        return write(f"<h1>{letter.title}</h1>{body}{end}")

    def listing() -> bytes:
        head = "".join(f"<th>{text}</th>" for text in HEADS)
        rows = "".join(
            "<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>"
            for row in list_rows(next(data))
        )
        return write(f"<table><thead><tr>{head}</tr></thead>{rows}</table>")

    return notice, listing


TYPST = """#let data = json(bytes(sys.inputs.data))
#set page(paper: "a4", margin: (top: 37mm, bottom: 35mm, left: 28mm, right: 26mm))
#set text(font: "FandolFang R", size: 15.8pt, lang: "zh", region: "cn")
#set par(justify: true, leading: 13.7pt, spacing: 13.7pt)
"""
TYPST_NOTICE = (
    TYPST
    + """#align(center, text(font: "Noto Serif SC", weight: 900, size: 22pt, data.title))
#for t in data.lines [#t

]
#align(right)[#data.issuer \\ #data.dated]
"""
)
TYPST_LIST = (
    TYPST
    + """#set text(size: 12pt)
#table(columns: (40pt, 1fr, 107pt, 102pt), table.header(..data.heads), ..data.rows.flatten())
"""
)


def typst() -> tuple[Call, Call]:
    """A compiler for each of the two, kept over all calls; the data come as its inputs."""
    import typst as engine

    folder = Path(tempfile.mkdtemp(prefix="bench-"))

    def compiler(name: str, text: str) -> Any:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return engine.Compiler(str(path), font_paths=[str(FONTS)], ignore_system_fonts=True)

    one, long = compiler("notice.typ", TYPST_NOTICE), compiler("list.typ", TYPST_LIST)
    texts, data = letters(), many()

    def notice() -> bytes:
        letter = next(texts)
        told = {"title": letter.title, "lines": lines_of(letter), "issuer": letter.issuer,
                "dated": letter.dated}  # fmt: skip
        pdf: bytes = one.compile(sys_inputs={"data": json.dumps(told)}, format="pdf")
        return pdf

    def listing() -> bytes:
        told = {"heads": HEADS, "rows": list_rows(next(data))}
        pdf: bytes = long.compile(sys_inputs={"data": json.dumps(told)}, format="pdf")
        return pdf

    return notice, listing


# --- the table ------------------------------------------------------------------------------

OURS = "pipeline"
#: Takes so long over a list that once must do.
SLOW = "WeasyPrint"
OTHERS: dict[str, tuple[str | None, Callable[[], tuple[Call, Call]]]] = {
    "reportlab，字体只注册一次": (None, lambda: reportlab(cached=True)),
    "reportlab，每份注册字体": (None, lambda: reportlab(cached=False)),
    "fpdf2": ("fpdf", fpdf2),
    "WeasyPrint": ("weasyprint", weasyprint),
    "Typst，编译器常驻": ("typst", typst),
}


def contenders() -> dict[str, tuple[Call, Call]]:
    found = {OURS: ours()}
    for name, (module, make) in OTHERS.items():
        if module is None or importlib.util.find_spec(module):
            found[name] = make()
    return found


def main() -> None:
    os.environ.setdefault("RAYON_NUM_THREADS", "1")
    calls = contenders()
    single = medians({name: notice for name, (notice, _) in calls.items()}, ROUNDS)
    # Registering the fonts once more is nothing beside a list.
    long = {name: listing for name, (_, listing) in calls.items() if "每份" not in name}
    slow = long.pop(SLOW, None)
    lists = medians(long, ROUNDS)
    if slow:
        lists[f"{SLOW}（只测一次）"] = once(slow)
    rows = [["**一页的通知**", "", "", "reportlab ≥ 10 ×，Typst ≥ 1 ×"], *_rows(single)]
    rows += [[f"**{ROWS}行的名单**", "", "", "reportlab ≥ 6 ×"], *_rows(lists)]
    text = (
        f"## 印发公文\n\n同一次运行中轮流测量，CPU 时间，{ROUNDS} 次的中位数；{machine()}。\n"
        "各家用同样的字体排同样的文字；别家没有公文的行格、避头尾和版记。\n\n"
        + table(["", "CPU 时间", "相对", "目标"], rows)
    )
    publish("announce", text)
    print(text)


def once(call: Call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def _rows(taken: dict[str, float]) -> list[list[str]]:
    base = taken[OURS]
    return [[name, milliseconds(t), f"{t / base:.2f} ×", ""] for name, t in taken.items()]


if __name__ == "__main__":
    main()

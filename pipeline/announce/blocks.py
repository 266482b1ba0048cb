"""The elements of an official document, each as rows of the page (GB/T 9704-2012 §7).

red_head     发文机关标志, 发文字号, 签发人, red rule             §7.2.4–7.2.7
title        2号小标宋, lines broken by sense                     §7.3.1
addressees   主送机关                                             §7.3.2
paragraphs   body and headings 一、（一）1.（1）                  §7.3.3
enclosures   附件说明                                             §7.3.4
signature    署名, 成文日期, with or without a seal's place       §7.3.5
remark       附注                                                 §7.3.6
annex        附件 on a page of its own                            §7.3.7
imprint      版记                                                 §7.4
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.announce.fonts import FontSet, Role
from pipeline.announce.lines import Line, Span, Type, set_line, set_paragraph, type_of
from pipeline.announce.page import (
    ASCENT,
    CELL,
    MM,
    PITCH,
    SIZE_2,
    SIZE_3,
    SIZE_4,
    WIDTH,
    Row,
    blank,
    body_type,
    grid_line,
)
from pipeline.announce.pen import BLACK, RED, Ink, Pen
from pipeline.announce.titles import break_title

#: §7.2.4: the mark's top lies 35 mm below that of the 版心.
MARK_DROP = 35 * MM
#: The mark: not wider than the 版心, letters not larger than 22 × 15 mm.
MARK_SIZE, MARK_WIDTH = 15 * MM, 148 * MM
#: §7.2.7: the red rule lies 4 mm below the number.
RED_RULE_DROP, RED_RULE_WEIGHT = 4 * MM, 0.7 * MM
#: §7.4.1: first and last rule of the 版记 0.35 mm, those between 0.25 mm.
HEAVY, FINE = 0.35 * MM, 0.25 * MM


def text_row(
    line: Line, x: float, *, size: float = SIZE_3, ink: Ink = BLACK, keep: bool = False
) -> Row:
    """A line of the grid, `x` in from the 版心's left edge. Letters larger than 3号 hang from the
    line's top, so that a title on a page's first line stays within the 版心."""
    drop = max(SIZE_3 - size, 0.0) / 2 + ASCENT * size

    def paint(pen: Pen, left: float, top: float) -> None:
        pen.text(line, left + x, top - drop, ink)

    return Row(PITCH, SIZE_3, paint, keep=keep)


def kept(rows: Sequence[Row]) -> list[Row]:
    """Rows that stay with what follows them."""
    return [replace(row, keep=True) for row in rows]


def red_head(fonts: FontSet, mark: str, number: str, signer: str | None = None) -> list[Row]:
    """发文机关标志 with the document's number below it, and 签发人 for a document that goes up.

    One row down to where the title begins, two blank lines below the red rule, on the grid.
    """
    mark_type = _mark_type(fonts, mark)
    number_top = grid_line(MARK_DROP + mark_type.size + 2 * PITCH)
    rule = number_top + SIZE_3 + RED_RULE_DROP
    height = grid_line(rule + 2 * PITCH)

    def paint(pen: Pen, left: float, top: float) -> None:
        line = set_line([Span(mark, mark_type)])
        baseline = top - MARK_DROP - ASCENT * mark_type.size
        pen.text(line, left + (WIDTH - line.width) / 2, baseline, RED)
        _paint_number(pen, fonts, number, signer, left, top - number_top - ASCENT * SIZE_3)
        pen.rules([(left, top - rule, left + WIDTH, top - rule)], RED_RULE_WEIGHT, RED)

    return [Row(height, height, paint, keep=True)]


def _mark_type(fonts: FontSet, mark: str) -> Type:
    """The largest 小标宋 in which the mark fits its line."""
    full = type_of(fonts, "小标宋", MARK_SIZE)
    width = set_line([Span(mark, full)]).width
    return full if width <= MARK_WIDTH else type_of(fonts, "小标宋", MARK_SIZE * MARK_WIDTH / width)


def _paint_number(
    pen: Pen, fonts: FontSet, number: str, signer: str | None, left: float, y: float
) -> None:
    """§7.2.5: the number in the middle; beside a 签发人 it moves left, one character in."""
    body = body_type(fonts)
    line = set_line([Span(number, body)])
    if signer is None:
        pen.text(line, left + (WIDTH - line.width) / 2, y)
        return
    pen.text(line, left + CELL, y)
    right = set_line([Span("签发人：", body), Span(signer, body.with_role("楷体"))])
    pen.text(right, left + WIDTH - CELL - right.width, y)


def title(
    fonts: FontSet,
    text: str,
    terms: frozenset[str],
    *,
    subtitle: str = "",
    width: float = WIDTH,
) -> list[Row]:
    """The title and the blank line below it. A `|` in the text is a place to break by sense; a
    `subtitle` (the number of a document without a head) stands centred between them."""
    type_ = type_of(fonts, "小标宋", SIZE_2)
    lines = [set_line([Span(part, type_)]) for part in break_title(text, type_, width, terms)]
    rows = [text_row(line, (width - line.width) / 2, size=SIZE_2, keep=True) for line in lines]
    if subtitle:
        below = set_line([Span(subtitle, body_type(fonts))])
        rows.append(text_row(below, (width - below.width) / 2, keep=True))
    return [*rows, blank(keep=True)]


def addressees(fonts: FontSet, names: Sequence[str]) -> list[Row]:
    """主送机关, flush left also where it runs over, with a full-width colon at its end."""
    spans = [Span("，".join(names) + "：", body_type(fonts))]
    return [text_row(line, 0.0, keep=True) for line in set_paragraph(spans, WIDTH)]


# --- body -----------------------------------------------------------------------------------

#: §7.3.3: 一、 in 黑体, （一） in 楷体, the levels below in 仿宋.
HEADINGS: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"[一二三四五六七八九十]+、"), "黑体"),
    (re.compile(r"（[一二三四五六七八九十]+）"), "楷体"),
)
#: A first sentence longer than this is a sentence, not a heading.
HEADING_LENGTH = 26


def paragraphs(fonts: FontSet, texts: Sequence[str]) -> list[Row]:
    """The body: each text a paragraph, indented two. The last two lines stay with what follows,
    so that no signature stands on a page of its own (§7.3.5.5)."""
    rows: list[Row] = []
    for number, text in enumerate(texts):
        rows += _paragraph(fonts, text, is_last=number == len(texts) - 1)
    return [*rows[:-2], *kept(rows[-2:])]


def above_table(rows: Sequence[Row]) -> list[Row]:
    """Text that a table follows: its last line stays with the table's first."""
    return [*rows[:-2], *(replace(row, keep=False) for row in rows[-2:-1]), *rows[-1:]]


def below_table(rows: Sequence[Row]) -> list[Row]:
    """Text that follows a table: a little below it, on the grid again."""
    return [blank(0.25), replace(rows[0], snap=True), *rows[1:]] if rows else []


def _paragraph(fonts: FontSet, text: str, is_last: bool) -> list[Row]:
    body = body_type(fonts)
    head, role = heading(text)
    spans = [Span(head, body.with_role(role)), Span(text[len(head) :], body)]
    lines = set_paragraph([span for span in spans if span.text], WIDTH, indent=2 * CELL)
    # A heading that is all of its paragraph stays with the text it heads.
    keep = head == text and not is_last
    return [
        text_row(line, 0.0 if number else 2 * CELL, keep=keep) for number, line in enumerate(lines)
    ]


def heading(text: str) -> tuple[str, Role]:
    """The part of a paragraph that is a heading (up to its first 。), and its face."""
    for pattern, role in HEADINGS:
        if pattern.match(text):
            first = text.partition("。")
            head = first[0] + first[1]
            # A sentence that is all of its paragraph is an item of a list.
            is_item = head == text and text.endswith("。")
            if len(head) <= HEADING_LENGTH and "，" not in head and not is_item:
                return head, role
    return "", "仿宋"


def enclosures(fonts: FontSet, names: Sequence[str]) -> list[Row]:
    """附件说明: one blank line below the body, indented two; more than one are numbered; a name
    that runs over stands under its own first character; no stop at the end."""
    rows = [blank(keep=True)]
    for number, name in enumerate(names, 1):
        label = "附件：" if number == 1 else "　　　"
        label += f"{number}. " if len(names) > 1 else ""
        rows += _hanging(label, name, body_type(fonts), indent=2 * CELL)
    return kept(rows)


def _hanging(label: str, text: str, type_: Type, indent: float) -> list[Row]:
    head = set_line([Span(label, type_)])
    inset = indent + head.width
    lines = set_paragraph([Span(text, type_)], WIDTH - inset)
    first = _beside(text_row(head, indent), text_row(lines[0], inset))
    return [first, *(text_row(line, inset) for line in lines[1:])]


def _beside(a: Row, b: Row) -> Row:
    """Two rows painted on one line."""

    def paint(pen: Pen, x: float, y: float) -> None:
        a.paint(pen, x, y)
        b.paint(pen, x, y)

    return replace(a, paint=paint)


#: Blank lines that leave a seal its room: it lies on issuer and date, its top within one line of
#: the text (§7.3.5.1). Nothing is ever drawn there.
SEAL_LINES = 2


def signature(
    fonts: FontSet, issuer: str, dated: str, *, sealed: bool = True, keep: bool = False
) -> list[Row]:
    """署名 and 成文日期; `keep` them with what follows.

    With a seal (§7.3.5.1): the date four characters in from the right, the issuer centred over it.
    Without (§7.3.5.2): one line below the text, the issuer two characters in from the right, the
    date beginning two characters right of the issuer's first; the longer of the two sets the edge.
    """
    body = body_type(fonts)
    name, date_ = set_line([Span(issuer, body)]), set_line([Span(dated, body)])
    if sealed:
        date_x = WIDTH - 4 * CELL - date_.width
        name_x = min(date_x + (date_.width - name.width) / 2, WIDTH - name.width)
        above = SEAL_LINES
    else:
        name_x = WIDTH - 2 * CELL - max(name.width, date_.width + 2 * CELL)
        date_x = name_x + 2 * CELL
        above = 1
    rows = [text_row(name, name_x, keep=True), text_row(date_, date_x, keep=keep)]
    return [blank(above, keep=True), *rows]


def remark(fonts: FontSet, text: str) -> list[Row]:
    """附注: in brackets, indented two, below the date; it stays together."""
    lines = set_paragraph([Span(f"（{text}）", body_type(fonts))], WIDTH - 2 * CELL)
    rows = [text_row(line, 2 * CELL) for line in lines]
    return [*kept(rows[:-1]), *rows[-1:]]


def receipt(fonts: FontSet, texts: Sequence[str]) -> list[Row]:
    """What the receiver fills in, below a fine rule; it stays together."""
    lines = [
        line for text in texts for line in set_paragraph([Span(text, body_type(fonts))], WIDTH)
    ]
    rows = [text_row(line, 0.0, keep=True) for line in lines]
    rows[0] = replace(rows[0], snap=True)
    rows[-1] = replace(rows[-1], keep=False)
    return [blank(1.7, keep=True), _rule_row(FINE, keep=True), *rows]


def annex(
    fonts: FontSet, label: str, text: str, terms: frozenset[str], width: float = WIDTH
) -> list[Row]:
    """附件 on a new page: its mark in 3号黑体 on the first line, its title on the third."""
    mark = set_line([Span(label, body_type(fonts).with_role("黑体"))])
    first = replace(text_row(mark, 0.0, keep=True), new_page=True)
    return [first, blank(keep=True), *title(fonts, text, terms, width=width)]


# --- 版记 ------------------------------------------------------------------------------------

IMPRINT_PITCH = 8.5 * MM


def imprint(fonts: FontSet, copies_to: Sequence[str], printer: str, printed: str) -> list[Row]:
    """抄送, then who printed the document and when, in 4号仿宋 between rules of the 版心's width;
    the last rule lies on the 版心's lower edge."""
    type_ = type_of(fonts, "仿宋", SIZE_4)
    rows = [_rule_row(HEAVY)]
    if copies_to:
        rows += _copies(fonts, copies_to, type_)
        rows.append(_rule_row(FINE))
    left, right = set_line([Span(printer, type_)]), set_line([Span(f"{printed}印发", type_)])
    rows.append(
        _beside(_imprint_row(left, SIZE_4), _imprint_row(right, WIDTH - SIZE_4 - right.width))
    )
    return [*rows, _rule_row(HEAVY)]


def _copies(fonts: FontSet, names: Sequence[str], type_: Type) -> list[Row]:
    label = set_line([Span("抄送：", type_)])
    inset = SIZE_4 + label.width
    lines = set_paragraph([Span("，".join(names) + "。", type_)], WIDTH - inset - SIZE_4)
    first = _beside(_imprint_row(label, SIZE_4), _imprint_row(lines[0], inset))
    return [first, *(_imprint_row(line, inset) for line in lines[1:])]


def _imprint_row(line: Line, x: float) -> Row:
    drop = (IMPRINT_PITCH - SIZE_4) / 2 + ASCENT * SIZE_4

    def paint(pen: Pen, left: float, top: float) -> None:
        pen.text(line, left + x, top - drop)

    return Row(IMPRINT_PITCH, IMPRINT_PITCH, paint)


def _rule_row(weight: float, *, keep: bool = False) -> Row:
    def paint(pen: Pen, left: float, top: float) -> None:
        pen.rules([(left, top, left + WIDTH, top)], weight)

    return Row(0.0, 0.0, paint, keep=keep)

"""What goes on over several pages of a PDF: lists without rules, rows cut in two by a page break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.read.pdf_furniture import FOOTER, HEAD_EDGE
from pipeline.read.pdf_join import doubt_last_row, is_printed_below, join_cut_row
from pipeline.read.pdf_page import TANGLED, Glyph
from pipeline.read.pdf_sheet import Sheet, sheet_of, unit_of
from pipeline.read.pdf_unruled import Columns, undrawn_rules


def rule_lists(sheets: list[Sheet]) -> None:
    """Puts the rules on pages that show a list without them, and reads these again."""
    columns: Columns | None = None
    upper: Sheet | None = None
    for sheet in sheets:
        page, found = sheet.page, None
        if not sheet.tables:
            found = undrawn_rules(sheet.body, page.rules, page.frame.width, columns)
            lost = columns and not found and sheet.body and columns.go_on(sheet.body)
            if upper is not None and (lost or (found and found.doubts_before)):
                doubt_last_row((upper.tables[-1], upper.cell_lines[-1]))
        columns, upper = (found.columns, sheet) if found else (None, None)
        if found:
            glyphs = _in_file_order(sheet, found.doubtful)
            ruled = replace(page, pieces=list(glyphs), rules=[*page.rules, *found.rules])
            again = sheet_of(ruled, sheet.fields)
            sheet.tables, sheet.cell_lines, sheet.body = again.tables, again.cell_lines, again.body


def _in_file_order(sheet: Sheet, doubtful: frozenset[int]) -> list[Glyph]:
    """The glyphs of a page's body in the order of the file, those of doubtful lines less sure."""
    order = {id(glyph): i for i, glyph in enumerate(sheet.page.glyphs)}
    last = len(order)
    placed = [
        (order.get(id(glyph), last), glyph._replace(sure=TANGLED) if i in doubtful else glyph)
        for i, line in enumerate(sheet.body)
        for glyph in line.row
    ]
    return [glyph for _, glyph in sorted(placed, key=lambda item: item[0])]


def join_cut_rows(sheets: Sequence[Sheet]) -> None:
    """Makes rows whole that a page break cuts; a table left without rows is taken away."""
    upper: Sheet | None = None
    for sheet in sheets:
        _join_below(sheet)
        if upper is not None and _follows_on(upper, sheet):
            last = (upper.tables[-1], upper.cell_lines[-1])
            rest = join_cut_row(last, (sheet.tables[0], sheet.cell_lines[0]))
            if rest is not None:
                sheet.tables[0], sheet.cell_lines[0] = rest
                if not rest[0].cells:
                    del sheet.tables[0], sheet.cell_lines[0]
                    if not sheet.tables and not sheet.body:
                        continue  # the row may go on over a third page
        upper = sheet


def _join_below(sheet: Sheet) -> None:
    """The same where two pages stand below each other on one, each with its part of a list."""
    order = sorted(range(len(sheet.tables)), key=lambda i: sheet.tables[i].box.top)
    left: list[int] = []
    for i in order:
        own = (sheet.tables[i], sheet.cell_lines[i])
        if left:
            above = (sheet.tables[left[-1]], sheet.cell_lines[left[-1]])
            rest = join_cut_row(above, own) if is_printed_below(above, own) else None
            if rest is not None:
                sheet.tables[i], sheet.cell_lines[i] = rest
        if sheet.tables[i].cells:
            left.append(i)
    if len(left) < len(order):
        kept = sorted(left)
        sheet.tables = [sheet.tables[i] for i in kept]
        sheet.cell_lines = [sheet.cell_lines[i] for i in kept]


def _follows_on(upper: Sheet, sheet: Sheet) -> bool:
    """Whether nothing stands between the last table of one page and the first of the next, but
    in the margins."""
    if not upper.tables or not sheet.tables:
        return False
    end, start = upper.tables[-1].box.bottom, sheet.tables[0].box.top
    foot = upper.page.frame.height - FOOTER * unit_of(upper.page)
    head = HEAD_EDGE * unit_of(sheet.page)
    return all(line.box.top < end or line.box.top > foot for line in upper.body) and all(
        line.box.top > start or line.box.bottom < head for line in sheet.body
    )

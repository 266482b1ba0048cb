"""Reading PDF files with text: what was typed, in its cell, whatever the layout did to it."""

from __future__ import annotations

from pipeline.read.pdf_page import char_text
from pipeline.read.pdf_rules import Rule, find_tables


def test_thin_double_and_dashed_rules_make_one_table() -> None:
    across = [Rule(True, y, x, x + 18) for y in (0.0, 1.5, 40.0) for x in range(0, 100, 20)]
    down = [Rule(False, x, 0, 40) for x in (0.0, 50.0, 98.0)]
    (table,) = find_tables(across + down)
    assert (table.rows, table.columns, len(table.cells)) == (1, 2, 2)


def test_radicals_and_vertical_forms_are_the_plain_characters() -> None:
    assert [char_text(ord(c)) for c in "⼀⽂︵︶"] == ["一", "文", "（", "）"]

"""The look of a template is read as it is drawn, with styles resolved."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from pipeline.annex import catalogue
from pipeline.errors import TemplateError
from pipeline.render import fill
from pipeline.render.layout import LaidParagraph, LaidTable, layout
from pipeline.tags import LoopStart, Tag

ANNEXES = catalogue()
LAYOUTS = {number: layout(annex.template) for number, annex in ANNEXES.items()}


def titled(number: str) -> LaidParagraph:
    return next(
        b for b in LAYOUTS[number].blocks if isinstance(b, LaidParagraph) and b.style == "Title"
    )


def test_pages_are_a4_and_annex_4_lies_on_its_side() -> None:
    sizes = {n: (round(look.page.width), round(look.page.height)) for n, look in LAYOUTS.items()}
    assert sizes == {**dict.fromkeys("12356", (595, 842)), "4": (842, 595)}
    assert LAYOUTS["4"].page.landscape and not LAYOUTS["1"].page.landscape


@pytest.mark.parametrize("number", ANNEXES)
def test_a_title_has_its_font_by_role_from_the_styles(number: str) -> None:
    title = titled(number)
    assert title.runs[0].font.name == "方正小标宋简体"
    assert (title.runs[0].font.size, title.align) == (22.0, "center")
    assert title.literal == ANNEXES[number].title


@pytest.mark.parametrize("number", ANNEXES)
def test_every_field_has_a_hole(number: str) -> None:
    tags: list[Tag] = []
    loops: dict[str, str] = {}
    for block in LAYOUTS[number].blocks:
        if isinstance(block, LaidTable):
            tags += [tag for row in block.rows for cell in row.cells for tag in cell.tags]
            if block.loop:
                loops[block.loop.start.variable] = block.loop.start.name
        else:
            tags += block.tags
    found = {
        "/" + "/".join((loops[t.keys[0]], "-", *t.keys[1:]) if t.keys[0] in loops else t.keys)
        for t in tags
    }
    printed = {p for p, spec in ANNEXES[number].fields.items() if spec.kind != "wording"}
    assert found == printed


@pytest.mark.parametrize(
    ("number", "start", "heads"),
    [
        ("3", LoopStart("s", "staff", 17), 1),
        ("4", LoopStart("c", "clients", 7), 3),
        ("6", LoopStart("n", "nominees", 15), 1),
    ],
)
def test_a_loop_has_heads_that_repeat_and_one_row(
    number: str, start: LoopStart, heads: int
) -> None:
    [table] = LAYOUTS[number].tables
    assert table.loop is not None and table.loop.start == start
    assert [row.header for row in table.head] == [True] * heads
    assert table.body is not None and not table.tail
    assert (table.loop.between, table.body.cells[0].borders.bottom) == (0.5, 1.0)


@pytest.mark.parametrize("number", "1346")
def test_the_cells_of_a_table_cover_it_once(number: str) -> None:
    [table] = LAYOUTS[number].tables
    slots = [
        (row, column)
        for line in table.rows
        for cell in line.cells
        for row in range(cell.row, cell.row + cell.rowspan)
        for column in range(cell.column, cell.column + cell.colspan)
    ]
    assert sorted(slots) == [
        (r, c) for r in range(len(table.rows)) for c in range(len(table.columns))
    ]


def test_outer_borders_are_heavier_than_inner_ones() -> None:
    [table] = LAYOUTS["1"].tables
    first = table.rows[0].cells[0].borders
    assert (first.left, first.top, first.right, first.bottom) == (1.0, 1.0, 0.5, 0.5)


def test_indents_are_in_points_and_hang_where_they_hang() -> None:
    signed = next(
        b
        for b in LAYOUTS["5"].blocks
        if isinstance(b, LaidParagraph) and b.literal.startswith("申请单位")
    )
    assert (signed.left, signed.first_line) == (160.0, -112.0)
    [promise, *_] = [
        b for b in LAYOUTS["5"].blocks if isinstance(b, LaidParagraph) and b.first_line > 0
    ]
    assert promise.first_line == 2 * promise.runs[0].font.size


def test_a_changed_template_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "annex.docx"
    shutil.copy(ANNEXES["5"].template, path)
    before = layout(path)
    assert layout(path) is before
    shutil.copy(ANNEXES["3"].template, path)
    os.utime(path, ns=(1, 1))
    assert layout(path).tables and not before.tables


def test_what_is_no_docx_is_named(tmp_path: Path) -> None:
    path = tmp_path / "表.docx"
    path.write_bytes(b"nothing")
    with pytest.raises(TemplateError, match=r"表\.docx"):
        layout(path)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.txt", "a")
    with pytest.raises(TemplateError, match=r"表\.docx"):
        layout(path)


# ---------------------------------------------------------------- what a tag prints


@pytest.mark.parametrize(
    ("tag", "data", "printed"),
    [
        (Tag("a"), {"a": None}, ""),
        (Tag("a"), {"a": 1e-7}, "0.0000001"),
        (Tag("a", "date"), {"a": "2024-09"}, "2024年9月"),
        (Tag("a", "date", ("年 月 日",)), {"a": None}, "年 月 日"),
        (Tag("a", "blank", ("   ",)), {"a": None}, "   "),
        (Tag("a", "blank", ("   ",)), {"a": 0}, "0"),
        (Tag("a", "box", ("自有",)), {"a": ["自有"]}, "☑"),
        (Tag("a", "box", ("自有",)), {"a": "租用"}, "□"),
        (Tag("a", "tick"), {"a": True}, "√"),
        (Tag("a", "either", ("有", "无")), {"a": False}, "无"),
        (Tag("a", "either", ("有", "无")), {"a": None}, ""),
        (Tag("a[1].b"), {"a": [{}, {"b": "乙"}]}, "乙"),
    ],
)
def test_a_tag_prints(tag: Tag, data: dict[str, object], printed: str) -> None:
    assert fill.text_of(tag, data) == printed


def test_a_loop_prints_its_entries_then_blank_rows() -> None:
    start = LoopStart("s", "staff", 3)
    rows = list(fill.loop_rows(start, {"staff": [{"name": "甲"}]}))
    assert [fill.text_of(Tag("s.name"), {}, row) for row in rows] == ["甲", "", ""]


def test_an_unknown_name_is_an_error_of_the_template() -> None:
    with pytest.raises(TemplateError, match="foo"):
        fill.text_of(Tag("foo"), {"a": 1})

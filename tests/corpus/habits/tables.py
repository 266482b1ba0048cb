"""What people do to the tables of annexes 3, 4 and 6 (and to the form of annex 1)."""

from __future__ import annotations

import re
from dataclasses import replace

from ..case import Case, put
from ..layout import annex_4
from ..model import Cell, Para, Piece, Row, Table
from ..people import person
from .registry import habit

LISTS = {"3": "staff", "4": "clients", "6": "nominees"}


def table(case: Case) -> Table:
    return case.doc.tables[0]


def items(case: Case) -> list[Row]:
    return [row for row in table(case).rows if row.role == "item"]


def rows_of(case: Case) -> list[dict]:
    return case.data[LISTS[case.doc.annex]]


def blank_row(case: Case, role: str = "spare") -> Row:
    return Row([Cell([Para([])]) for _ in table(case).widths], 400, role)


def wide_row(case: Case, text: str, role: str) -> Row:
    return Row([Cell([Para([Piece(text)])], len(table(case).widths))], 400, role)


def repeated_head(case: Case) -> list[Row]:
    head = [row for row in table(case).rows if row.role == "head"]
    return [replace(row, cells=[replace(cell) for cell in row.cells]) for row in head]


@habit(
    "rows-appended", "more rows than the printed form has", "346", staff=28, clients=19, nominees=24
)
@habit("rows-many", "some hundred rows", "34", count=1, staff=180, clients=120)
def rows_appended(case: Case) -> None:
    """The data alone makes it long."""


@habit(
    "rows-few",
    "two rows, and the printed form's blank rows below",
    "346",
    staff=10,
    clients=2,
    nominees=2,
)
def rows_few(case: Case) -> None:
    case.rebuild(spare=case.rng.randint(3, 9))


@habit("rows-blank-between", "blank rows left between the filled ones", "346")
def rows_blank_between(case: Case) -> None:
    for row in case.rng.sample(items(case)[:-1], min(2, len(items(case)) - 1)):
        rows = table(case).rows
        at = next(i for i, r in enumerate(rows) if r is row)
        rows.insert(at + 1, blank_row(case))


@habit("rows-numbered-blank", "blank rows with only their number: no rows", "346")
def rows_numbered_blank(case: Case) -> None:
    start = len(items(case))
    for i in range(1, 5):
        row = blank_row(case)
        row.cells[0] = Cell([Para([Piece(str(start + i))], "center")])
        table(case).rows.append(row)


@habit("numbers-automatic", "序号 by Word's automatic numbering", "346", "docx", count=3)
def numbers_automatic(case: Case) -> None:
    for row in items(case):
        row.cells[0].blocks = [Para([], "center", numbering=(3, 0))]


@habit("numbers-missing", "the 序号 column left empty: null", "346")
def numbers_missing(case: Case) -> None:
    for i, row in enumerate(rows_of(case)):
        case.write(f"/{LISTS[case.doc.annex]}/{i}/no", "", None)
        row["no"] = None
    case.truth.may.update(f"/{LISTS[case.doc.annex]}/{i}/no" for i in range(len(rows_of(case))))


@habit("totals-below", "a 合计 row below the last", "346")
def totals_below(case: Case) -> None:
    row = blank_row(case, "total")
    row.cells[1].blocks = [Para([Piece(case.rng.choice(("合计", "合  计", "总计")))], "center")]
    if case.doc.annex == "4":
        total = sum(r["contract_fee"] or 0 for r in rows_of(case))
        row.cells[8].blocks = [Para([Piece(str(round(total, 2)))], "center")]
    else:
        row.cells[3].blocks = [Para([Piece(f"{len(rows_of(case))}")], "center")]
    if case.rng.random() < 0.5:
        row.cells[0].blocks, row.cells[1].blocks = row.cells[1].blocks, row.cells[0].blocks
    table(case).rows.append(row)


@habit("subtotals", "小计 after a group, and 合计 below", "34")
def subtotals(case: Case) -> None:
    rows = table(case).rows
    at = next(i for i, r in enumerate(rows) if r is items(case)[3])
    for place, word in ((at + 1, "小计"), (len(rows) + 1, "合计")):
        row = blank_row(case, "total")
        row.cells[0].blocks = [Para([Piece(word)], "center")]
        row.cells[4].blocks = [Para([Piece("4")], "center")]
        rows.insert(place, row)


@habit("notes-below", "注 and 填表人 below, in the table's last row or under it", "346")
def notes_below(case: Case) -> None:
    note = "注：1.本表可续页；2.社保证明附后。"
    who = f"填表人：{person(case.rng)}        审核人：{person(case.rng)}        联系电话：0731-80000004"
    if case.rng.random() < 0.5:
        table(case).rows.append(wide_row(case, note, "note"))
        case.doc.blocks.append(Para([Piece(who)], role="note"))
    else:
        case.doc.blocks += [Para([Piece(note)], role="note"), Para([Piece(who)], role="note")]


@habit("heads-repeated", "the head rows once more in the middle, as copied page by page", "346")
def heads_repeated(case: Case) -> None:
    rows = table(case).rows
    at = next(i for i, r in enumerate(rows) if r is items(case)[len(items(case)) // 2])
    rows[at:at] = repeated_head(case)


@habit("group-headings", "rows merged over the whole width as group headings: 一、综合部", "346")
def group_headings(case: Case) -> None:
    words = {
        "3": ("一、综合部", "二、服务部（外聘）"),
        "4": ("（一）制造业", "（二）服务业"),
        "6": ("一、新申报", "二、复核"),
    }
    rows = table(case).rows
    for place, word in (
        (0, words[case.doc.annex][0]),
        (len(items(case)) // 2, words[case.doc.annex][1]),
    ):
        target = items(case)[place]
        at = next(i for i, r in enumerate(rows) if r is target)
        rows.insert(at, wide_row(case, word, "group"))


@habit(
    "cells-merged-down", "a cell merged over two or three rows: the value in each", "346", count=3
)
def cells_merged_down(case: Case) -> None:
    keys = {
        "3": ("position", "education", "title"),
        "4": ("industry", "service", "fee_relief"),
        "6": ("main_service",),
    }
    order = {
        "3": ("no", "name", "age", "position", "education", "title", "insured"),
        "6": ("no", "name", "contact", "contact_phone", "main_service"),
    }
    found = items(case)
    for key in keys[case.doc.annex]:
        deep = case.rng.choice((2, 3)) if len(found) > 3 else 2
        at = case.rng.randint(0, len(found) - deep)
        value = rows_of(case)[at][key]
        if value is None:
            continue
        slot = f"/{LISTS[case.doc.annex]}/{at}/{key}"
        column = (
            order[case.doc.annex].index(key)
            if case.doc.annex in order
            else next(
                i
                for i, cell in enumerate(found[at].cells)
                if any(p.slot == slot for para in cell.paras for p in para.pieces)
            )
        )
        del column
        _merge_down(case, found, at, deep, key)


def _merge_down(case: Case, found: list[Row], at: int, deep: int, key: str) -> None:
    name = LISTS[case.doc.annex]

    def cell_of(index: int) -> Cell:
        slot = f"/{name}/{index}/{key}"
        return next(
            c
            for c in found[index].cells
            if any(p.slot == slot for para in c.paras for p in para.pieces)
        )

    top = cell_of(at)
    top.rowspan = deep
    for index in range(at + 1, at + deep):
        gone = cell_of(index)
        found[index].cells = [c for c in found[index].cells if c is not gone]
        put(case.data, f"/{name}/{index}/{key}", rows_of(case)[at][key])


@habit(
    "table-split",
    "the table split in two by a paragraph, without heads on the second",
    "1346",
    "docx",
    count=2,
)
def table_split(case: Case) -> None:
    _split(case, heads=False)


@habit(
    "table-split-with-heads",
    "the table split in two, the head rows and 续表 on the second",
    "346",
    "docx xlsx",
    count=2,
)
def table_split_heads(case: Case) -> None:
    _split(case, heads=True)


def _split(case: Case, heads: bool) -> None:
    whole = table(case)
    if case.doc.annex == "1":
        at = next(i for i, row in enumerate(whole.rows) if row.role == "profile")
    else:
        target = items(case)[max(1, len(items(case)) // 2)]
        at = next(i for i, row in enumerate(whole.rows) if row is target)
    second = Table(
        list(whole.widths),
        [*(repeated_head(case) if heads else []), *whole.rows[at:]],
        whole.header_rows if heads else 0,
    )
    del whole.rows[at:]
    place = case.doc.blocks.index(whole)
    case.doc.blocks[place + 1 : place + 1] = [Para([Piece("续表")] if heads else []), second]


@habit("columns-added", "columns the form does not have: 性别, 备注, 所属区县", "346")
def columns_added(case: Case) -> None:
    extra = {
        "3": (2, "性别", ("男", "女")),
        "4": (13, "备注", ("", "老客户")),
        "6": (5, "备注", ("", "优先推荐")),
    }
    at, name, values = extra[case.doc.annex]
    grid = table(case)
    grid.widths.insert(at, 700)
    heads = [row for row in grid.rows if row.role == "head"]
    head = Cell([Para([Piece(name, role="label")], "center")], rowspan=len(heads))
    heads[0].cells.insert(at if case.doc.annex != "4" else len(heads[0].cells), head)
    for row in grid.rows:
        if row.role != "head":
            row.cells.insert(at, Cell([Para([Piece(case.rng.choice(values))], "center")]))


@habit("columns-reordered", "columns in another order", "36")
def columns_reordered(case: Case) -> None:
    grid = table(case)
    order = [0, 1, *case.rng.sample(range(2, len(grid.widths)), len(grid.widths) - 2)]
    grid.widths = [grid.widths[i] for i in order]
    for row in grid.rows:
        row.cells = [row.cells[i] for i in order]


@habit("columns-removed", "a column taken out: null in every row", "3")
def columns_removed(case: Case) -> None:
    grid = table(case)
    at, key = case.rng.choice(((5, "title"), (3, "position"), (6, "insured")))
    del grid.widths[at]
    for row in grid.rows:
        del row.cells[at]
    for row in rows_of(case):
        row[key] = None
    case.truth.may.add("*")


@habit("columns-combined", "two columns in one: 联系人及联系电话, 学历/职称", "36")
def columns_combined(case: Case) -> None:
    at, name, between = {"3": (4, "学历/职称", "/"), "6": (2, "联系人及联系电话", " ")}[
        case.doc.annex
    ]
    grid = table(case)
    del grid.widths[at + 1]
    for row in grid.rows:
        texts = [cell.text.strip() or "—" for cell in row.cells[at : at + 2]]
        said = name if row.role == "head" else between.join(texts) if row.role == "item" else ""
        row.cells[at : at + 2] = [Cell([Para([Piece(said)], "center")])]


@habit("column-renamed", "a column under a name of the applicant's own, in its place", "3")
def column_renamed(case: Case) -> None:
    head = next(row for row in table(case).rows if row.role == "head")
    head.cells[3] = Cell([Para([Piece("担任角色", role="label")], "center")])
    case.truth.check.add("/staff")


@habit("people-in-one-row", "the whole list below one another in the cells of one row", "3")
def people_in_one_row(case: Case) -> None:
    grid, rows = table(case), items(case)
    at = grid.rows.index(rows[0])
    cells = [
        Cell([Para([Piece(row.cells[column].text)]) for row in rows])
        for column in range(len(grid.widths))
    ]
    grid.rows[at : at + len(rows)] = [Row(cells, 400, "item")]


@habit(
    "list-unsplit", "the list pasted unsplit: a line for each row, its values parted by tabs", "36"
)
def list_unsplit(case: Case) -> None:
    mark = case.rng.choice(("\t", "|"))
    grid = table(case)
    lines = [row for row in grid.rows if row.role in ("head", "item")]
    at = case.doc.blocks.index(grid)
    case.doc.blocks[at : at + 1] = [
        Para([Piece(mark.join("".join(cell.text.split()) for cell in row.cells))]) for row in lines
    ]


@habit("rows-of-zeros", "rows below in which formulas left nothing but 0", "346", "xlsx")
def rows_of_zeros(case: Case) -> None:
    for _ in range(3):
        row = blank_row(case)
        for cell in row.cells[1:]:
            cell.paras[0].pieces.append(Piece("0", typed=0))
        table(case).rows.append(row)


@habit("heads-two-levels", "annex 4 with two head rows instead of three", "4")
def heads_two_levels(case: Case) -> None:
    case.docs[0] = annex_4(case.data, case.style, levels=2)


@habit("heads-flat", "annex 4 with one flat head row", "4")
def heads_flat(case: Case) -> None:
    case.docs[0] = annex_4(case.data, case.style, levels=1)


@habit(
    "units-below-heads",
    "annex 4 with the units of money in a row of their own below the heads",
    "4",
)
def units_below_heads(case: Case) -> None:
    case.docs[0] = annex_4(case.data, case.style, levels=1)
    rows = table(case).rows
    at = next(i for i, row in enumerate(rows) if row is items(case)[0])
    units = blank_row(case, "head")
    for cell, head in zip(units.cells, rows[at - 1].cells, strict=True):
        if "万元" in head.text:
            cell.blocks = [Para([Piece("（万元）")], "center")]
            head.blocks = [Para([Piece(head.text.replace("（万元）", ""))], "center")]
    rows.insert(at, units)


@habit(
    "line-breaks-in-cells",
    "values broken over lines in narrow cells: names and companies in two lines",
    "46",
    count=2,
)
def line_breaks(case: Case) -> None:
    for pointer, key in (
        (f"/{LISTS[case.doc.annex]}/{i}/{k}", k) for i in range(2) for k in ("enterprise", "name")
    ):
        if key in rows_of(case)[0]:
            value = rows_of(case)[int(re.findall(r"\d+", pointer)[0])][key]
            at = len(value) // 2
            broken = value[:at] + "\n" + value[at:]
            case.write(pointer, broken, broken, accept=(value,))

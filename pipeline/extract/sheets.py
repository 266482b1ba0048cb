"""A table that goes on in the next sheet of a workbook, with its heads printed again or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.document import Document
from pipeline.extract.plan import Plan, Table
from pipeline.extract.taken import Record


def goes_on(
    before: Document,
    record: Record,
    after: Document,
    found: Sequence[Record],
    plans: Mapping[str, Plan],
) -> bool:
    """Whether a sheet carries on the table of the sheet before: its rows are numbered on, and
    where it has head lines of its own, they say the same."""
    table = plans[record.annex.number].table
    last = _last_number(table, record) if table is not None else None
    if table is None or last is None or not _is_sheet(after):
        return False
    if not found:
        return _first_number(after) == last + 1 and _width(before) == _width(after)
    if len(found) > 1 or found[0].annex.number != record.annex.number:
        return False
    rows = found[0].data[table.name]
    same = all(
        value in (None, record.data[key])
        for key, value in found[0].data.items()
        if key != table.name
    )
    return bool(rows) and rows[0].get("no") == last + 1 and same


def joined(before: Document, after: Document) -> Document:
    return replace(
        before,
        blocks=before.blocks + after.blocks,
        findings=before.findings + after.findings,
        struck=before.struck | after.struck,
    )


def _last_number(table: Table, record: Record) -> int | None:
    rows = record.data[table.name]
    number = rows[-1].get("no") if rows else None
    return number if isinstance(number, int) else None


def _is_sheet(document: Document) -> bool:
    return any(grid.place.sheet is not None for grid in document.grids)


def _first_number(document: Document) -> int | None:
    grid = next(document.grids)
    text = next((cell.text.strip() for cell in grid.cells if cell.text.strip()), "")
    return int(text) if text.isdecimal() else None


def _width(document: Document) -> int:
    *_, last = document.grids
    return last.columns

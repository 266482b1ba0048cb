"""What is not there: required fields left blank, tables without rows, forms with nothing in them."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.check.form import Column, Form
from pipeline.findings import Finding

#: Kinds by which a form says nothing: whether the printed promise stands there unchanged.
_SILENT_KINDS = frozenset({"wording"})


def is_blank_form(form: Form) -> bool:
    """No table has a row, and nothing is filled in (an absent seal is nothing, too)."""
    return not any(form.rows.values()) and not any(map(_says_something, form.columns))


def _says_something(column: Column) -> bool:
    silent = column.spec.kind in _SILENT_KINDS
    return not silent and any(value not in (None, [], False) for value in column.values)


def blank_form(form: Form) -> Iterator[Finding]:
    """第八条 申报核心服务机构需提交下列材料. A blank form is no application, but no fault either."""
    yield form.find("blank-form", "")


def missing(form: Form) -> Iterator[Finding]:
    """第八条 申报核心服务机构需提交下列材料: every field that the form asks for is filled in."""
    for column in form.columns:
        if not column.spec.required:
            continue
        for pointer, value in zip(column.pointers, column.values, strict=True):
            if value in (None, []) and not _refused(form, pointer):
                yield form.find("missing", pointer)


def missing_rows(form: Form) -> Iterator[Finding]:
    """第八条（三）、（四） the lists of staff and of clients hold somebody."""
    for table, count in form.rows.items():
        if count == 0 and not _refused(form, f"/{table}"):
            yield form.find("missing", f"/{table}")


def _refused(form: Form, pointer: str) -> bool:
    """The schema has spoken of the field, or of what holds it."""
    while pointer and pointer not in form.refused:
        pointer = pointer.rpartition("/")[0]
    return pointer in form.refused

"""The list of applicants: a workbook with a row for each, from which all their forms are filled.

Its first sheet is the main annex (annex 1), a column for each of its fields by the field's
Chinese label. A further sheet for each annex that asks for more holds rows that name their
applicant by 统一社会信用代码 or 机构名称. What the annexes have in common (the name, the date, a line
of the summary) is carried over. The blank list is made here from the same schemas.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.annex import Annex, FieldSpec
from pipeline.errors import DataError, why
from pipeline.values import half_width, is_blank, parse, show

Json = Any

#: The name of the blank list.
FILE = "申请机构名单.xlsx"

MAIN = "1"  # the annex whose fields are the columns of the first sheet
#: Fields by which the annexes name the same thing: who applies, when.
NAME_KEYS, USCC_KEY, DATE_KEY = ("name", "organisation", "applicant"), "uscc", "filled_on"
#: What only a seal, a signature or the printed wording decides is not asked for.
NOT_ASKED = frozenset({"picture", "wording"})
#: Columns that people add for themselves.
OWN_COLUMNS = frozenset({"", "序号", "编号", "备注"})

_TEXT_FORMAT = "@"
_CODES = frozenset({"uscc", "phone"})
_LAST_ROW = 5000  # drop-down lists reach so far


# ---------------------------------------------------------------- columns


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, the names it may also go by, and the field it fills."""

    title: str
    names: frozenset[str]
    spec: FieldSpec


@dataclass(frozen=True)
class Sheet:
    """A sheet of the list: the annex it fills; for a table, the table's name."""

    title: str
    annex: Annex
    columns: tuple[Column, ...]
    table: str = ""

    @cached_property
    def by_name(self) -> dict[str, Column]:
        found = {name: column for column in self.columns for name in column.names}
        return {**found, **{_fold(column.title): column for column in self.columns}}


def sheets(catalogue: Mapping[str, Annex]) -> list[Sheet]:
    """The sheets of an edition's list: the main annex, then those that ask for more."""
    main = catalogue[MAIN]
    keys = tuple(_column(main, main.fields[f"/{key}"]) for key in (USCC_KEY, NAME_KEYS[0]))
    found = [Sheet("申请机构", main, tuple(_column(main, s) for s in _asked(main)))]
    for annex in catalogue.values():
        if annex.number != MAIN and _asks_more(annex):
            table = next(iter(annex.tables), "")
            columns = (*keys, *(_column(annex, spec) for spec in _asked(annex, table)))
            found.append(Sheet(f"附件{annex.number} {annex.short}", annex, columns, table))
    return found


def _asked(annex: Annex, table: str = "") -> list[FieldSpec]:
    """The fields a list asks for: of a table its own; of a form those that are not carried over."""
    specs = [spec for spec in annex.fields.values() if spec.kind not in NOT_ASKED]
    if table:
        return [spec for spec in specs if spec.pattern.startswith(f"/{table}/-/")]
    if annex.number == MAIN:
        return specs
    return [spec for spec in specs if spec.pattern.strip("/") not in (*NAME_KEYS, DATE_KEY)]


def _asks_more(annex: Annex) -> bool:
    """Whether there is more to say than who applies and when; a summary says nothing new."""
    return not _is_summary(annex) and any(spec.kind != "date" for spec in _asked(annex))


def _column(annex: Annex, spec: FieldSpec) -> Column:
    title = _title(annex, spec)
    names = [title] if "·" in title else [title, *spec.labels]
    unit = f"（{spec.unit}）" if spec.unit and spec.unit not in title else ""
    return Column(title + unit, frozenset(_fold(name) for name in names), spec)


def _title(annex: Annex, spec: FieldSpec) -> str:
    """The label; in a group with the group's own and the number: 近两年经营情况1·服务收入."""
    keys = spec.pattern.split("/")[1:]
    if len(keys) == 1 or keys[1] == "-":
        return spec.title
    if not keys[1].isdigit():
        return spec.title
    group = str(annex.schema["properties"][keys[0]].get("title", keys[0]))
    return f"{group}{int(keys[1]) + 1}·{spec.title}"


def _fold(text: str) -> str:
    """A head as it is compared: half-width, without white space, marks and a unit in brackets."""
    plain = re.sub(r"\s", "", half_width(text)).strip("*:")
    return re.sub(r"\((?:[^()]|\([^()]*\))*\)$", "", plain)


# ---------------------------------------------------------------- the blank list


def blank(catalogue: Mapping[str, Annex]) -> bytes:
    """The blank list as xlsx: heads, drop-down lists, codes and phones as text."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets(catalogue):
        _draw(book.create_sheet(sheet.title), sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _draw(page: Worksheet, sheet: Sheet) -> None:
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        head = page.cell(1, number, column.title)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="EEF3F8")
        head.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
        page.column_dimensions[letter].width = 28 if column.spec.kind in ("text", "name") else 16
        if column.spec.kind in _CODES:
            page.column_dimensions[letter].number_format = _TEXT_FORMAT
        _advise(page, column, f"{letter}2:{letter}{_LAST_ROW}")
    page.row_dimensions[1].height = 42
    page.freeze_panes = "C2" if sheet.annex.number != MAIN else "A2"


def _advise(page: Worksheet, column: Column, cells: str) -> None:
    """What a cell may hold: a drop-down list where one of few words is asked, else a hint."""
    spec = column.spec
    if spec.kind == "choice":
        rule = DataValidation("list", formula1=f'"{",".join(spec.choices)}"', allow_blank=True)
    else:
        rule = DataValidation(allow_blank=True)
    hint = _hint(spec)
    if hint:
        rule.promptTitle, rule.prompt, rule.showInputMessage = spec.title[:30], hint, True
    if hint or spec.kind == "choice":
        page.add_data_validation(rule)
        rule.add(cells)


def _hint(spec: FieldSpec) -> str:
    if spec.kind == "choices":
        return f"可填：{'、'.join(spec.choices)}；两项都有的用顿号隔开。"
    if spec.kind == "date":
        return "年、月、日，如 2024年9月1日。"
    if spec.kind in ("flag", "mark"):
        return f"填“{spec.extra('true', ['是'])[0]}”或“{spec.extra('false', ['否'])[0]}”。"
    return f"单位：{spec.unit}，只填数字。" if spec.unit else ""


# ---------------------------------------------------------------- reading it


@dataclass(frozen=True, slots=True)
class _Row:
    """A row read: its place for messages, and pattern of a field → value."""

    source: str
    values: Mapping[str, Json]


def read(path: Path, catalogue: Mapping[str, Annex]) -> Iterator[tuple[str, Json]]:
    """Each applicant of a list: the words that say where it stands, and `{"annexes": {…}}`.

    Raises DataError that names the sheet, row and column of what cannot be understood.
    """
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except OSError as error:
        raise DataError(f"文件“{path}”打不开：{why(error)}。") from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DataError(
            f"“{path.name}”不是完整的 xlsx 工作簿。",
            remedy="请用 pipeline render list 生成的名单填写。",
        ) from error
    try:
        yield from _Reader(path.name, book, catalogue).applicants()
    finally:
        book.close()


class _Reader:
    def __init__(self, name: str, book: Any, catalogue: Mapping[str, Annex]) -> None:
        self.name = name
        self.book = book
        self.catalogue = catalogue
        self.main, *self.further = sheets(catalogue)

    def applicants(self) -> Iterator[tuple[str, Json]]:
        found = {sheet.annex.number: self._grouped(sheet) for sheet in self.further}
        page = self._page(self.main)
        if page is None:
            raise DataError(
                f"“{self.name}”里没有工作表“{self.main.title}”。",
                remedy="请用 pipeline render list 生成的名单填写。",
            )
        for row in self._rows(self.main, page):
            data = _data(self.main.annex, row)
            data["applicant"] = data["applicant"] or data[NAME_KEYS[0]]
            own = {
                number: [r for key in _keys(data) for r in groups.pop(key, ())]
                for number, groups in found.items()
            }
            yield row.source, {"annexes": self._annexes(data, own)}
        self._refuse_unclaimed(found)

    def _page(self, sheet: Sheet) -> Any:
        wanted = (_fold(sheet.title), f"附件{sheet.annex.number}")
        for page in self.book.worksheets:
            name = _fold(page.title)
            if name == wanted[0] or name.startswith(wanted[1]):
                return page
        return None

    def _grouped(self, sheet: Sheet) -> dict[str, list[_Row]]:
        """The rows of a further sheet by the applicant they name."""
        groups: dict[str, list[_Row]] = defaultdict(list)
        page = self._page(sheet)
        for row in self._rows(sheet, page) if page is not None else ():
            named = [row.values.get(sheet.columns[i].spec.pattern) for i in (0, 1)]
            key = next((str(value) for value in named if value), "")
            if not key:
                raise DataError(
                    f"{row.source}没有写是哪家机构。", remedy="请填统一社会信用代码或机构名称。"
                )
            groups[key].append(row)
        return groups

    def _rows(self, sheet: Sheet, page: Any) -> Iterator[_Row]:
        """The rows that hold anything, their cells understood."""
        page.reset_dimensions()
        rows = page.iter_rows(values_only=True)
        heads = self._heads(sheet, page.title, next(rows, ()))
        for number, cells in enumerate(rows, 2):
            if any(not _is_empty(cell) for cell in cells):
                place = f"“{self.name}”工作表“{page.title}”第{number}行"
                yield _Row(place, _values(heads, cells, place))

    def _heads(self, sheet: Sheet, title: str, cells: tuple[Any, ...]) -> dict[int, Column]:
        heads, unknown = {}, []
        for number, cell in enumerate(cells):
            name = _fold(_text(cell))
            if name in sheet.by_name:
                heads[number] = sheet.by_name[name]
            elif name not in OWN_COLUMNS:
                unknown.append(_text(cell).strip())
        if unknown or not heads:
            raise DataError(
                f"“{self.name}”工作表“{title}”第1行有认不出的列：{'、'.join(unknown) or '没有列名'}。",
                remedy="列名请与 pipeline render list 生成的名单一致；自己用的列请改名为“备注”。",
            )
        return heads

    def _annexes(self, main: dict[str, Json], own: Mapping[str, list[_Row]]) -> dict[str, Json]:
        """The data of every annex: its own rows, and what the main annex says too."""
        found: dict[str, Json] = {}
        for number, annex in self.catalogue.items():
            if number == self.main.annex.number:
                found[number] = main
            else:
                sheet = next((s for s in self.further if s.annex is annex), None)
                found[number] = _carried(annex, main)
                _add_rows(found[number], annex, sheet, own.get(number, []), main)
        return found

    def _refuse_unclaimed(self, found: Mapping[str, Mapping[str, list[_Row]]]) -> None:
        for groups in found.values():
            for key, rows in groups.items():
                raise DataError(
                    f"{rows[0].source}写的机构“{key}”不在工作表“{self.main.title}”里。",
                    remedy="请核对统一社会信用代码或机构名称。",
                )


def _keys(main: Mapping[str, Json]) -> list[str]:
    return [main[key] for key in (USCC_KEY, NAME_KEYS[0]) if main.get(key)]


def _carried(annex: Annex, main: Mapping[str, Json]) -> dict[str, Json]:
    """Who applies and when, as the main annex says; a summary is somebody else's paper."""
    names = () if _is_summary(annex) else NAME_KEYS
    found = {key: main.get(NAME_KEYS[0]) for key in names if f"/{key}" in annex.fields}
    if f"/{DATE_KEY}" in annex.fields:
        found[DATE_KEY] = main.get(DATE_KEY)
    return found


def _is_summary(annex: Annex) -> bool:
    """Whether its rows are applicants: each of them names one."""
    return any(
        f"/{table}/-/{key}" in annex.fields and f"/{table}/-/main_service" in annex.fields
        for table in annex.tables
        for key in NAME_KEYS
    )


def _add_rows(
    data: dict[str, Json],
    annex: Annex,
    sheet: Sheet | None,
    rows: list[_Row],
    main: Mapping[str, Json],
) -> None:
    if sheet is not None and sheet.table:
        data[sheet.table] = [_entry(sheet, row) for row in rows]
    elif sheet is not None:
        for row in rows:
            data.update(
                {key.strip("/"): row.values[key] for key in row.values if key in annex.fields}
            )
    elif _is_summary(annex):
        table = next(iter(annex.tables))
        line = {key: main.get(key) for key in annex.tables[table]["properties"]}
        data[table] = [{**line, "no": 1}]


def _entry(sheet: Sheet, row: _Row) -> dict[str, Json]:
    """A row of a table. Of several marks one is meant: beside it a blank one is a no."""
    specs = [column.spec for column in sheet.columns[2:]]
    marked = any(row.values.get(s.pattern) is not None for s in specs if s.kind == "mark")
    entry = {}
    for spec in specs:
        value = row.values.get(spec.pattern)
        no = marked and spec.kind == "mark" and value is None
        entry[spec.pattern.rsplit("/", 1)[1]] = False if no else value
    return entry


def _data(annex: Annex, row: _Row) -> dict[str, Json]:
    """The annex's data from a row: `/operations/0/year` goes into its place."""
    data = annex.empty()
    for pattern, value in row.values.items():
        place: Any = data
        *path, last = pattern.split("/")[1:]
        for key in path:
            place = place[int(key)] if isinstance(place, list) else place[key]
        place[last] = value
    return data


# ---------------------------------------------------------------- cells


def _values(heads: Mapping[int, Column], cells: tuple[Any, ...], place: str) -> dict[str, Json]:
    found = {}
    for number, column in heads.items():
        cell = cells[number] if number < len(cells) else None
        found[column.spec.pattern] = _value(cell, column, place)
    return found


def _value(cell: Any, column: Column, place: str) -> Json:
    """A cell as the field's value; what is understood only with doubt is refused too, because
    nobody looks at a form that goes out."""
    raw, spec = _text(cell), column.spec
    if spec.kind == "choices":
        return _choices(raw, column, place)
    parsed = parse(raw, spec)
    if parsed.problem is not None:
        raise DataError(f"{place}“{column.title}”：{parsed.problem.text}")
    return parsed.value


def _choices(raw: str, column: Column, place: str) -> list[str]:
    words = [word for word in re.split(r"[、,，;；/\s]+", raw) if word]
    unknown = [word for word in words if word not in column.spec.choices]
    if unknown:
        raise DataError(
            f"{place}“{column.title}”：“{'、'.join(unknown)}”不在可选之列：{'、'.join(column.spec.choices)}。"
        )
    return [choice for choice in column.spec.choices if choice in words]


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and is_blank(cell))


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return show(cell) if isinstance(cell, (int, float, bool)) or cell is None else str(cell)

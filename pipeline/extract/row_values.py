"""The rows of a table as raw text → their values, with what is doubtful in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from pipeline.annex import FieldSpec
from pipeline.extract import units
from pipeline.extract.plan import Table
from pipeline.extract.taken import Record, doubted
from pipeline.reading import Origin
from pipeline.values import half_width, is_blank, parse

Json = Any

_ROW_NUMBER = re.compile(
    r"(?:[（(\[【第#№]|No[.．]?|序号)\s*(\d{1,6})\s*[)）\]】号]?[.、．]?", re.I
)
_HOLLOW = frozenset("○〇◯")
_DITTO = frozenset({"同上", "〃", "″", '"', "”", "“", "''", "’’", "〞"})
_DITTO_STARTS = frozenset(word[0] for word in _DITTO)
_LONGEST_DITTO = 12
_NOTHING: Mapping[str, str] = {}


def put(
    table: Table,
    entries: list[dict[str, Origin]],
    taken: Record,
    titles: Mapping[str, str] = _NOTHING,
    unit: str = "",
) -> None:
    """Rows as raw text by column → values. `titles`: what the head says of each column, `unit`
    what a line above says of all money."""
    printed = {column.key: column.hole.spec for column in table.columns}
    specs = {key: units.asked(spec, titles.get(key, ""), unit) for key, spec in printed.items()}
    unclear = [k for k, spec in printed.items() if units.contradict(spec, titles.get(k, ""), unit)]
    marks = [key for key, spec in specs.items() if spec.kind == "mark"]
    out: list[dict[str, Json]] = taken.data[table.name]
    above: dict[str, Origin] = {}
    for index, entry in enumerate(entries):
        row: dict[str, Json] = dict.fromkeys(specs)
        out.append(row)
        for key, spec in specs.items():
            origin = entry.get(key)
            if origin is None:
                continue
            if _is_ditto(origin.text) and key in above:
                doubt = above[key].place.doubt  # of what is repeated
                place = origin.place.doubting(doubt) if doubt and not doubt.row else origin.place
                origin = Origin(above[key].text, place)
            above[key] = origin
            parsed = parse(bare_number(origin.text) if key == "no" else origin.text, spec)
            parsed = doubted(parsed, origin.place)
            row[key] = parsed.value
            taken.note(f"/{table.name}/{index}/{key}", parsed, origin)
        for doubt in {o.place.doubt for o in entry.values() if o.place.doubt and o.place.doubt.row}:
            whole = f"/{table.name}" if doubt.shifts else f"/{table.name}/{index}"
            taken.find("warning", doubt.code, whole, doubt.text.format(index + 1))
        if _only_figures(row, specs):
            text = "这一行只有金额或数目，可能是没有写明的合计或公式留下的数，请核对。"
            taken.find("warning", "row-unclear", f"/{table.name}/{index}", text)
        for key in unclear:
            if row[key]:
                units.point_at(f"/{table.name}/{index}/{key}", specs[key], taken)
        if any(row[key] is not None for key in marks):
            _settle_marks(table.name, index, row, {key: specs[key] for key in marks}, taken)
        for key, origin in entry.items():
            if row[key] is False:  # also where nothing stands in the cell: that is why
                taken.origins.setdefault(f"/{table.name}/{index}/{key}", origin)


def _only_figures(row: Mapping[str, Json], specs: Mapping[str, FieldSpec]) -> bool:
    """Nothing in a row but amounts and counts: a total without a word, or what formulas leave."""
    held = [specs[key].kind for key, value in row.items() if value is not None and key != "no"]
    return bool(held) and all(kind in ("amount", "count") for kind in held)


def _is_ditto(text: str) -> bool:
    short = 0 < len(text) < _LONGEST_DITTO and (text[0] in _DITTO_STARTS or text[0].isspace())
    return short and "".join(text.split()).rstrip("。.") in _DITTO


def bare_number(text: str) -> str:
    """A row's number without its frame: （1） [1] ① 第1号."""
    if text.isdecimal():
        return text
    plain = unicodedata.normalize("NFKC", half_width(text)).strip()  # ① is 1, ⑴ is (1)
    framed = _ROW_NUMBER.fullmatch(plain)
    return framed[1] if framed else plain


def _settle_marks(
    name: str, index: int, row: dict[str, Json], marks: Mapping[str, FieldSpec], taken: Record
) -> None:
    """Of the columns that are ticked, one left blank beside a tick means no; a cross alone is
    pointed at, since some people tick with a cross."""
    raw = {
        key: origin.text.strip()
        for key in marks
        if (origin := taken.origins.get(f"/{name}/{index}/{key}"))
    }
    for key, text in raw.items():
        if text in _HOLLOW and set(raw.values()) - _HOLLOW:
            row[key] = False  # beside a filled mark a hollow one is an empty box
    if any(row[key] for key in marks):
        for key in marks:
            if row[key] is None and is_blank(raw.get(key, "").strip("（）()[]【】")):
                row[key] = False
    else:
        for key in marks:
            origin = taken.origins.get(f"/{name}/{index}/{key}")
            pointer = f"/{name}/{index}/{key}"
            if origin is not None and row[key] is False:
                taken.find(
                    "warning",
                    "mark-unclear",
                    pointer,
                    f"“{origin.text}”理解为“否”，请核对是否为勾选。",
                    marks[key].article,
                )

"""One column of a returned table, or one cell of a form, for several of the form's own: 联系人及电话,
学历/职称, 服务性质 in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipeline.document import Doubt
from pipeline.extract import match
from pipeline.extract.plan import Column, Table
from pipeline.extract.taken import Record
from pipeline.reading import Origin
from pipeline.values import half_width, is_blank

#: What parts the names of two columns in one head, and two values in one cell.
_AND = re.compile(r"[/／、,，;；+＋|｜\n（()）]|及其?|和|与")
_BETWEEN = re.compile(r"\s*[/／、,，;；|｜\n\t]\s*|\s+")

#: A name before or behind its telephone numbers.
_PHONE = r"[+(]?\d[-\d\s()+、/,;转]*"
_NAME = r"[^\d\s、/,;:+()]+(?: +[^\d\s、/,;:+()]+)?"
_GAP = r"[\s、/,;:]*"
_NAME_AND_PHONE = re.compile(
    rf"\s*(?:(?P<name>{_NAME}){_GAP}(?P<phone>{_PHONE})|(?P<phone2>{_PHONE}?){_GAP}(?P<name2>{_NAME}))\s*"
)

_UNCLEAR = Doubt("combined-column", "表中把几项合成了一栏，看不出各项填什么，请分栏填写。")


def heads(
    table: Table, paths: Mapping[int, Sequence[str]], sides: Sequence[Mapping[int, int]]
) -> dict[int, tuple[int, ...]]:
    """Grid column → the columns of the form that it holds together, where a column of the form has
    none of its own. `paths`: what the head says above each grid column, from the top down."""
    if len(sides) != 1:
        return {}
    found: dict[int, tuple[int, ...]] = {}
    for at, path in paths.items():
        apart = set(range(len(table.columns))) - {n for c, n in sides[0].items() if c != at}
        named = _named(table, path[-1], apart) or _grouped(table, path[-1], apart)
        if len(named) > 1:
            found[at] = named
    return found


def _named(table: Table, head: str, among: set[int]) -> tuple[int, ...]:
    """The columns that a head names one after the other: 联系人及联系电话."""
    named: list[int] = []
    for word in filter(str.strip, _AND.split(head)):
        likeness, best = max(
            ((match.best_likeness(table.columns[n].names, word), -n) for n in among), default=(0, 0)
        )
        if likeness < match.ALIKE or -best in named:
            return ()
        named.append(-best)
    return tuple(named)


def _grouped(table: Table, head: str, among: set[int]) -> tuple[int, ...]:
    """The columns to be ticked below a head of several, where only that is left: 服务性质."""
    return tuple(
        n
        for n in sorted(among)
        if table.columns[n].hole.spec.kind == "mark"
        and any(
            match.likeness(group, head) >= match.SURE for group in table.columns[n].headers[:-1]
        )
    )


def dealt(origin: Origin, columns: Sequence[Column]) -> dict[str, Origin]:
    """Key → its share of what one cell says; where that is not certain each has all, with a doubt."""
    if is_blank(origin.text) or origin.place.is_lost:
        return {column.key: origin for column in columns}
    if all(column.hole.spec.kind == "mark" for column in columns):
        shares = _ticked(origin.text, columns)
    else:
        shares = _parted(origin.text, [column.hole.spec.kind for column in columns])
    if shares is None:
        doubted = Origin(origin.text, origin.place.doubting(_UNCLEAR))
        return {column.key: doubted for column in columns}
    return {c.key: Origin(share, origin.place) for c, share in zip(columns, shares, strict=True)}


def _ticked(text: str, columns: Sequence[Column]) -> list[str] | None:
    """The name of a column as its tick: 机构自身提供服务."""
    shares = [""] * len(columns)
    for word in filter(str.strip, _AND.split(text)):
        own = [n for n, column in enumerate(columns) if _is_name(word, column)]
        if len(own) != 1:
            return None
        shares[own[0]] = word
    return shares


def _is_name(word: str, column: Column) -> bool:
    return match.fold(word) in {match.fold(name) for name in column.names}


def people(taken: Record) -> None:
    """A person and the telephone in one cell of a form: told apart where the form has nothing else
    for the other of the two; else the name that holds a number is pointed at."""
    absent = {f.pointer for f in taken.findings if f.code == "label-missing"}
    for pointer, origin in list(taken.origins.items()):
        held, _, key = pointer.removesuffix("_phone").rpartition("/")
        name, phone = f"{held}/{key}", f"{held}/{key}_phone"
        specs = taken.annex.field(name), taken.annex.field(phone)
        both = _NAME_AND_PHONE.fullmatch(half_width(origin.text)) if all(specs) else None
        if both is None or len(re.sub(r"\D", "", both[0])) < _FEWEST_DIGITS:
            continue
        if absent & {name, phone}:
            for one, spec, group in ((name, specs[0], "name"), (phone, specs[1], "phone")):
                assert spec is not None
                taken.take(one, spec, both[group] or both[f"{group}2"], origin.place)
            taken.findings[:] = [
                f for f in taken.findings if f.pointer not in absent & {name, phone}
            ]
        elif pointer == name:
            taken.find("warning", "phone-in-name", name, "写有电话号码，请把姓名和电话分开填写。")


#: A telephone number has so many digits.
_FEWEST_DIGITS = 7


def _parted(text: str, kinds: Sequence[str]) -> list[str] | None:
    if "phone" in kinds and len(kinds) == 2:
        both = _NAME_AND_PHONE.fullmatch(half_width(text))
        if both is None:
            return None
        name, phone = both["name"] or both["name2"], both["phone"] or both["phone2"] or ""
        return [phone, name] if kinds[0] == "phone" else [name, phone]
    parts = _BETWEEN.split(text.strip())
    return parts if len(parts) == len(kinds) else None

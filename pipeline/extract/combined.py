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
from pipeline.values import PHONE_LABEL, half_width, is_blank

#: What parts the names of two columns in one head.
_AND = re.compile(r"[/／、,，;；+＋|｜\n（()）]|及其?|和|与")
_BRACKETED = re.compile(r"[（(][^（()）]*[)）]")
_OUTSIDE_BRACKETS = re.compile(r"[/／、,，;；+＋|｜\n]|及其?|和|与")

#: What parts two values in one cell wherever it stands, and what does only where the head itself is
#: parted so: 本科、学士 is one value below 学历/职称. Never a comma between digits.
_BETWEEN = r"[/／|｜\n\t]"
_BETWEEN_AS_ABOVE = {
    "、": "、", ",，": r"(?:(?<!\d)[,，]|[,，](?!\d))", ";；": "[;；]", "+＋": "[+＋]",
}  # fmt: skip

#: A name before or behind its telephone numbers, in half-width. A name is one word, or of two
#: letters set apart; only a foreign one is of several words.
_LETTER = r"[^\W\d_A-Za-z]"
_NAME = (
    rf"(?!{PHONE_LABEL})(?:{_LETTER}\s++{_LETTER}(?!{_LETTER})|{_LETTER}+?(?:[·•・‧.]{_LETTER}+?)*"
    r"|[A-Za-z][A-Za-z.'’-]*(?: +[A-Za-z][A-Za-z.'’-]*)*?)"
)
_LABEL = rf"(?:(?:单位|家庭|工作|本人|值班)?(?:{PHONE_LABEL})(?:号码?)?)?"
_PHONE = r"(?:\+?\d|\(\+?\d{1,5}\))(?:[-\d\s+、/,;转]|\([-\d\s+转]{1,8}\))*+"
_GAP = r"[-\s、/,;:|—–―_]*+"  # a dash may stand for the one that is not given
_LABELLED = rf"{_LABEL}{_GAP}(?P<phone>{_PHONE})"
_NAME_AND_PHONE = tuple(
    re.compile(form)
    for form in (
        rf"(?P<name>{_NAME}){_GAP}\({_GAP}{_LABELLED}\)",
        rf"(?:(?P<name>{_NAME}){_GAP})?{_LABELLED}",
        rf"{_LABELLED}{_GAP}\(?(?P<name>{_NAME})\)?",
        rf"(?P<name>{_NAME}){_GAP}(?P<phone>)",
    )
)
_OTHER_NUMBER = re.compile(r"QQ|微信|邮箱|邮编|传真|@", re.I)
_LABEL_LEFT = re.compile(PHONE_LABEL)

#: More in one cell is no name with its numbers.
_LONGEST = 200

_UNCLEAR = Doubt("combined-column", "表中把几项合成了一栏，看不出各项填什么，请分栏填写。")


def _unticked(columns: Sequence[Column]) -> Doubt:
    """What is said of a word that names none of the columns to be ticked."""
    named = "”或“".join(column.hole.spec.title for column in columns)
    return Doubt("combined-column", f"看不出是哪一项，请写明“{named}”，或分栏打“√”。", lost=True)


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
        named = (
            _named(table, path[-1], apart)
            or _named(table, _BRACKETED.sub("", path[-1]), apart)  # the unit of each
            or _grouped(table, path[-1], apart)
        )
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


def title_of(title: str, column: Column) -> str:
    """What a head for several columns says of one: its own part before all, since the parts may
    have units of their own."""
    parts = _OUTSIDE_BRACKETS.split(title)
    own = max(parts, key=lambda part: match.best_likeness(column.names, part))
    return f"{own} {title}"


def dealt(origin: Origin, columns: Sequence[Column], title: str) -> dict[str, Origin]:
    """Key → its share of what one cell says, below a head with this title; where that is not
    certain each has all, with a doubt."""
    if is_blank(origin.text) or origin.place.is_lost:
        return {column.key: origin for column in columns}
    if all(column.hole.spec.kind == "mark" for column in columns):
        shares, doubt = _ticked(origin.text, columns), _unticked(columns)
    else:
        shares, doubt = _parted(origin.text, [c.hole.spec.kind for c in columns], title), _UNCLEAR
    if shares is None:
        doubted = Origin(origin.text, origin.place.doubting(doubt))
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
    for the other of the two; else the cell that holds both is pointed at."""
    absent = {f.pointer for f in taken.findings if f.code == "label-missing"}
    for pointer, origin in list(taken.origins.items()):
        held, _, key = pointer.removesuffix("_phone").rpartition("/")
        name, phone = f"{held}/{key}", f"{held}/{key}_phone"
        specs = {name: taken.annex.field(name), phone: taken.annex.field(phone)}
        if not all(specs.values()):
            continue
        both = _person_and_phone(origin.text) or ("", "")
        if absent & {name, phone} and all(both):
            taken.findings[:] = [f for f in taken.findings if f.pointer not in specs]
            for (one, spec), text in zip(specs.items(), both, strict=True):
                assert spec is not None
                taken.take(one, spec, text, origin.place)
        elif pointer == phone and both[0] and both[0] in _text(taken, name):
            taken.find("warning", "name-in-phone", phone, "写有姓名，请把姓名和电话分开填写。")


def _text(taken: Record, pointer: str) -> str:
    return taken.origins[pointer].text if pointer in taken.origins else ""


#: A telephone number has so many digits.
_FEWEST_DIGITS = 7


def _digits(text: str) -> int:
    return sum(ch.isdecimal() for ch in text)


def _person_and_phone(text: str) -> tuple[str, str] | None:
    """A name and the telephone numbers beside it, one of them "" where it stands alone; None if
    neither can be told, or another number stands there."""
    text = half_width(text).strip()
    if len(text) > _LONGEST or _OTHER_NUMBER.search(text):
        return None
    found = next(filter(None, (form.fullmatch(text) for form in _NAME_AND_PHONE)), None)
    name, phone = (found["name"] or "", found["phone"].rstrip(" \n\t、/,;")) if found else ("", "")
    if _LABEL_LEFT.search(name) or (phone and _digits(phone) < _FEWEST_DIGITS):
        return None
    return (name, phone) if found else None


def _parted(text: str, kinds: Sequence[str], title: str) -> list[str] | None:
    if "phone" in kinds and len(kinds) == 2:
        both = _person_and_phone(text)
        return list(both[::-1] if kinds[0] == "phone" else both) if both else None
    head = _BRACKETED.sub("", title)
    own = (part for marks, part in _BETWEEN_AS_ABOVE.items() if set(marks) & set(head))
    parts = re.split(rf"\s*(?:{'|'.join([_BETWEEN, *own])})\s*", text.strip())
    return parts if len(parts) == len(kinds) else None

"""What a document says: checked data and wording become a Letter.

Each kind has its wording (`templates/notices/<edition>/<kind>.yaml`), and where its texts speak of
more than the data itself — a period, a deadline, a ban — a function that works those out from the
regulation (`VALUES`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from pipeline.announce import changes, filings, notice, publicity, reviews, sanctions, yearly
from pipeline.announce.facts import Facts, Institution
from pipeline.announce.facts_reading import read_facts
from pipeline.announce.letter import Imprint, Letter, Listing, Table
from pipeline.announce.tables import Column
from pipeline.announce.wording import Wording, fill_rows
from pipeline.deadlines import WorkCalendar, cn_date
from pipeline.regulation import Regulation, regulation
from pipeline.settings import DEFAULT_EDITION

Values = Callable[[Facts, Wording, Regulation, WorkCalendar], dict[str, Any]]

#: What a kind's texts may name beside the data: worked out, or checked against the regulation.
VALUES: dict[str, Values] = {
    "publicity": publicity.values,
    "notice": notice.values,
    "suspension": sanctions.suspension,
    "restoration": sanctions.restoration,
    "rectification": sanctions.rectification,
    "revocation": sanctions.revocation,
    "reminder": filings.reminder,
    "criticism": filings.criticism,
    "expiry": notice.expiring,
    "call": yearly.call,
    "summary": yearly.summary,
    "opinion": reviews.opinion,
    "rejection": reviews.rejection,
    "review": reviews.form,
    "visit": reviews.form,
    "acceptance": reviews.acceptance,
    "change_form": changes.form,
    "change_opinion": changes.opinion,
}

#: A line of a body where the table goes.
TABLE_HERE = "［表］"
#: A line of a body that stays empty, for the pen.
LINE_HERE, BLANK_LINE = "［空行］", "\u3000"
#: A date that is left for the pen.
BLANK_DATE = "　　　　年　　月　　日"


@dataclass(frozen=True, slots=True)
class Rules:
    """What a letter goes by: the regulation's numbers and the working days."""

    edition: str = DEFAULT_EDITION
    calendar: WorkCalendar = field(default_factory=WorkCalendar)


def check(data: Mapping[str, Any], wording: Wording) -> Facts:
    """The checked data of a kind of document, by what its wording needs."""
    return read_facts(
        data,
        needs=wording.names("needs"),
        needs_each=wording.names("needs_each"),
        document=wording.entry("document"),
        rows=wording.text("rows") or "institutions",
        blanks=wording.names("blanks"),
    )


def compose(kind: str, data: Mapping[str, Any], wording: Wording, rules: Rules) -> Letter:
    """The letter of a kind; DataError with every fault of its data."""
    facts = check(data, wording)
    law = regulation(rules.edition)
    values = values_of(facts, wording, law)
    if kind in VALUES:
        values |= VALUES[kind](facts, wording, law, rules.calendar)
    dated = values.get("signed_on") or facts.dated
    return Letter(
        title=wording.entry("title", **values),
        paragraphs=body(wording, values),
        issuer="" if wording.is_set("unsigned") else values["issuer"],
        dated=cn_date(dated) if dated else BLANK_DATE,
        enclosures=wording.lines("enclosures", **values),
        mark=wording.text("mark", **values) or None,
        number=facts.number or "",
        signer=facts.signer,
        subtitle=wording.text("subtitle", **values),
        addressees=facts.addressees or wording.lines("addressees", **values),
        remark=wording.text("remark", **values) or None,
        receipt=[
            BLANK_LINE if text == LINE_HERE else text for text in wording.lines("receipt", **values)
        ],
        listing=listing(wording, values) if wording.has("list_title") else None,
        imprint=_imprint(wording, facts, values, dated),
        names=_names(facts.institution, values["institutions"]),
    )


def values_of(facts: Facts, wording: Wording, law: Regulation) -> dict[str, Any]:
    """What the holes of any wording may name: the data's own keys, the institutions in the order
    of the list and their `count`, and by its name each number of the regulation (`rule`) and its
    article (`article`)."""
    values = {key.name: getattr(facts, key.name) for key in fields(facts)}
    institutions = in_order(facts.institutions, wording.names("cities"))
    return {
        **values,
        "issuer": facts.issuer or wording.text("issuer"),
        "institutions": institutions,
        "count": len(institutions),
        "rule": {name: part.on(facts.dated) for name, part in law.provisions.items()},
        "article": {name: part.article for name, part in law.provisions.items()},
    }


def body(wording: Wording, values: Mapping[str, Any]) -> list[str | Table]:
    """The paragraphs, with the table where the wording puts it."""
    return [
        _table(wording, values) if text == TABLE_HERE else BLANK_LINE if text == LINE_HERE else text
        for text in wording.paragraphs("body", **values)
    ]


def _names(one: Institution | None, listed: Sequence[Institution]) -> list[str]:
    """The institutions that a title may name: the one, or the first of the list."""
    return [institution.name for institution in (one, *listed[:1]) if institution]


def _imprint(
    wording: Wording, facts: Facts, values: Mapping[str, Any], dated: date | None
) -> Imprint | None:
    printed = facts.printed_on or dated
    printer = wording.text("printer", **values)
    return Imprint(facts.copies_to, printer, cn_date(printed)) if printer and printed else None


# --- the list -------------------------------------------------------------------------------


def listing(wording: Wording, values: Mapping[str, Any]) -> Listing:
    """The list with the columns of the wording, and its totals where it is long enough."""
    return Listing(
        wording.entry("list_title", **values),
        _table(wording, values),
        note=wording.text("list_note", **values),
        landscape=wording.is_set("list_landscape"),
        totals=list(_totals(wording, values)),
    )


def _table(wording: Wording, values: Mapping[str, Any]) -> Table:
    columns = wording.columns()
    rows = values[wording.text("rows") or "institutions"]
    cells = fill_rows([cell for _, cell in columns], rows, values, wording.path, "columns")
    return Table([column for column, _ in columns], cells, wording.number("list_size"))


def in_order(institutions: Sequence[Institution], cities: Sequence[str]) -> Sequence[Institution]:
    """By city in the province's order where one is given, and within a city as told."""
    place = {city: number for number, city in enumerate(cities)}
    return sorted(institutions, key=lambda institution: place.get(institution.city, len(place)))


def _totals(wording: Wording, values: Mapping[str, Any]) -> Iterator[tuple[str, Table]]:
    """How many by city, by service: a table each, in the order of the list, with their sum."""
    institutions = values["institutions"]
    if not wording.has("totals") or len(institutions) < wording.number("totals_from"):
        return
    for item in wording.items("totals", ("title", "head", "by")):
        counted = Counter(getattr(it, str(item["by"]), "") for it in institutions)
        rows = [[name, str(number)] for name, number in counted.items()]
        rows.append(["合计", str(len(institutions))])
        columns = [Column(str(item["head"]), 0), Column("家数", 40)]
        yield str(item["title"]), Table(columns, rows, wording.number("list_size"))

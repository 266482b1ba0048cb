"""认定通知: the document that certifies (第九条（五）, 第十一条), with the list as its 附件."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pipeline.announce.facts import Facts
from pipeline.announce.fonts import FontSet
from pipeline.announce.letter import Imprint, Letter, check, listing, set_letter, values_of
from pipeline.announce.wording import Wording
from pipeline.deadlines import ONE_DAY, add_years, cn_date


def typeset(data: Mapping[str, Any], wording: Wording, fonts: FontSet) -> bytes:
    facts = check(data, wording)
    values = notice_values(facts, wording)
    letter = Letter(
        title=wording.entry("title", **values),
        paragraphs=wording.paragraphs("body", **values),
        issuer=wording.entry("issuer"),
        dated=cn_date(values["dated"]),
        mark=wording.entry("mark"),
        number=facts.number or "",
        signer=facts.signer,
        addressees=facts.addressees,
        listing=listing(wording, values),
        imprint=Imprint(
            facts.copies_to, wording.entry("printer"), cn_date(facts.printed_on or values["dated"])
        ),
    )
    return set_letter(letter, fonts, wording.terms)


def notice_values(facts: Facts, wording: Wording) -> dict[str, Any]:
    """Beside those of every letter: the `names` to mention, whether there are `more`, and the
    years of validity where they are whole."""
    values = values_of(facts, wording)
    shown = int(wording.number("names_shown"))
    return {
        **values,
        "names": "、".join(institution.name for institution in values["institutions"][:shown]),
        "more": values["count"] > shown,
        "validity_years": whole_years(facts.valid_from, facts.valid_to),
    }


def whole_years(start: date | None, end: date | None) -> int | None:
    """The whole years from `start` to `end`, its last day; None where it is no whole number, for
    the end of a title is set by the notice and need not be (R11.1)."""
    if start is None or end is None:
        return None
    years = end.year - start.year
    ends = (add_years(start, years), add_years(start, years) - ONE_DAY)
    return years if years > 0 and end in ends else None

"""The single-field rules: every rule of one form, in the order in which they are told.

One rule is one function with its article above it; its numbers stand in `regulation.yaml`, its
words in `messages.yaml`. A rule says nothing of a blank, nor of a value the schema refuses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pipeline.annex import Annex
from pipeline.check import (
    application,
    clients,
    contacts,
    identity,
    nominees,
    people,
    presence,
    prose,
)
from pipeline.check.form import Form, Rule
from pipeline.findings import Finding

Json = Any

#: What is wrong with one value: the first rule that speaks of it is enough.
VALUE_RULES: tuple[Rule, ...] = (
    presence.missing,
    presence.missing_rows,
    prose.placeholders,
    people.digits_in_names,
    prose.no_words,
    prose.hints,
    identity.check_characters,
    contacts.phones,
    contacts.emails,
    contacts.urls,
    prose.word_limits,
    people.ages,
    people.insured_pensioners,
)

#: What is wrong between the fields of one form.
RELATION_RULES: tuple[Rule, ...] = (
    identity.institution_type,
    application.established_before_filled,
    application.years_of_operations,
    application.premises_and_share,
    application.service_assets_within_total,
    application.insured_within_staff,
    application.qualified_within_staff,
    application.amounts_in_yuan,
    people.repeated_people,
    clients.service_mode,
    clients.contract_terms,
    clients.one_fee,
    clients.fees_in_yuan,
    clients.service_periods,
    clients.shared_phones,
    nominees.repeated_nominees,
)


def findings(annex: Annex, data: Json, refused: Collection[str] = ()) -> list[Finding]:
    """What the rules find in a form. `refused`: pointers of which the schema has spoken."""
    form = Form.of(annex, data, refused)
    if not refused and presence.is_blank_form(form):
        return list(presence.blank_form(form))
    found = _first_of_each(_run(VALUE_RULES, form))
    return [*found, *_run(RELATION_RULES, form)]


def _run(rules: Iterable[Rule], form: Form) -> Iterator[Finding]:
    for rule in rules:
        yield from rule(form)


def _first_of_each(found: Iterable[Finding]) -> list[Finding]:
    kept: dict[str, Finding] = {}
    for finding in found:
        kept.setdefault(finding.pointer, finding)
    return list(kept.values())

"""Schema, cross-document, articles 7 and 8 → findings and verdicts.

    data ──▶ schema    has it the shape of its annex?      one finding a field
         ──▶ fields    do its values hold, one form alone? presence, identity, contacts, prose,
                                                           application, people, clients, nominees

    packet ──▶ packet      article 8: which materials are there
           ──▶ across      what its forms say of each other   one finding a contradiction
           ──▶ conditions  article 7: what the forms show     one verdict a condition

`check` is the first two, for one document; `packet.assess` is the rest. The numbers are in
`regulation.yaml`, the words in `messages.yaml` and `conditions.yaml`, beside the schemas.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pipeline.annex import Annex
from pipeline.check import fields, schema
from pipeline.check.form import value_at
from pipeline.findings import Finding

__all__ = ["check"]


def check(annex: Annex, data: Any, spoken: Collection[str] = ()) -> list[Finding]:
    """Everything found in the data of one document: its shape, then its values.

    `spoken`: pointers of which the reader has spoken. Where the value is blank (a text that could
    not be read as one), nothing is said to be missing, and the form is not a blank one.
    """
    shape = schema.findings(annex, data)
    refused = {finding.pointer for finding in shape}
    explained = {pointer for pointer in spoken if value_at(data, pointer) in (None, [])}
    return [*shape, *fields.findings(annex, data, refused | explained)]

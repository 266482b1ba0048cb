"""Who applies: 统一社会信用代码 and 机构性质."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.check import uscc
from pipeline.check.form import Form
from pipeline.check.messages import shown
from pipeline.findings import Finding


def check_characters(form: Form) -> Iterator[Finding]:
    """第七条（一） 具有独立法人资格: its code carries two check characters (GB 32100, GB 11714).

    One finding a code: where the whole does not check, the part inside says nothing more.
    """
    for pointer, code, _ in form.of_kind("uscc"):
        if not uscc.well_formed(code):
            continue
        if not uscc.checks(code):
            yield form.find("uscc-checksum", pointer, value=shown(code))
        elif not uscc.organisation_checks(code):
            yield form.find("uscc-organisation-checksum", pointer, value=shown(code))


def institution_type(form: Form) -> Iterator[Finding]:
    """第七条（一） 具有独立法人资格. X21: 机构性质 fits what the code begins with."""
    kind, code = form.value("/institution_type"), form.value("/uscc")
    if kind is None or code is None:
        return
    fitting = form.regulation.table("institution_types").get(uscc.prefix(code))
    if fitting is None or kind in fitting:
        return
    expected = f"一般为{'、'.join(fitting)}" if fitting else "一般不是法人"
    details = {"type": kind, "prefix": uscc.prefix(code), "expected": expected}
    yield form.find("uscc-institution-type", "/institution_type", **details)

"""Annex 6, 推荐汇总表: each institution is recommended once."""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import normalize

from pipeline.check.form import Form
from pipeline.findings import Finding


def repeated_nominees(form: Form) -> Iterator[Finding]:
    """第九条（二） 填写《湖南省中小微企业核心服务机构推荐汇总表》: brackets and gaps apart, no name twice."""
    seen: dict[str, int] = {}
    for number, row in enumerate(form.row_pointers("nominees"), start=1):
        name = form.value(f"{row}/name")
        if name is None:
            continue
        first = seen.setdefault("".join(normalize("NFKC", name).split()), number)
        if first != number:
            yield form.find("nominee-repeated", f"{row}/name", row=first)

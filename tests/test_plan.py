"""The reading plan comes from the template; a template with a mistake is named."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from pipeline import flow, read
from pipeline.annex import Annex, catalogue
from pipeline.errors import TemplateError
from pipeline.extract import compile_plan
from pipeline.tags import LoopEnd, LoopStart, Tag, loop, segments

ANNEX = catalogue()["1"]


def test_every_field_of_every_annex_has_a_hole() -> None:
    for number, annex in catalogue().items():
        held = {hole.pointer for hole in flow.plans()[number].holes}
        assert held == {p for p, spec in annex.fields.items() if spec.kind != "wording"}


def test_labels_are_what_stands_left_of_a_hole() -> None:
    plan = flow.plans()["1"]
    slot = next(
        s
        for s in plan.slots
        if any(getattr(e, "pointer", "") == "/contact_phone" for e in s.elements)
    )
    assert slot.label is not None and plan.labels[slot.label].text == "联系电话"


def test_columns_carry_the_whole_head_above_them() -> None:
    table = flow.plans()["4"].table
    assert table is not None
    column = next(c for c in table.columns if c.hole.pointer == "/clients/-/contract_term")
    assert [head.replace("\n", "") for head in column.headers] == [
        "合同服务情况",
        "已签服务合同",
        "合同期限",
    ]


def test_tags_are_parsed_with_straight_or_curly_quotes() -> None:
    assert segments('共{{ n|blank("  ") }}台') == ("共", Tag("n", "blank", ("  ",)), "台")
    assert segments("{{ a[0].b|box(“甲”) }}") == (Tag("a[0].b", "box", ("甲",)),)
    assert loop("{%tr for s in staff|rows(17) %}") == LoopStart("s", "staff", 17)
    assert loop("{%tr endfor %}") == LoopEnd()


def broken(tmp_path: Path, old: str, new: str) -> Annex:
    document = docx.Document(str(ANNEX.template))
    for table in document.tables:
        for cell in table._cells:
            for paragraph in cell.paragraphs:
                for run in paragraph.runs:
                    run.text = run.text.replace(old, new)
    path = tmp_path / "annex-1.docx"
    document.save(str(path))
    return Annex(ANNEX.edition, ANNEX.number, ANNEX.schema, path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{{ uscc }}", "{{ usccc }}", "usccc"),
        ("{{ uscc }}", "{{ uscc|upper }}", "upper"),
        ("{{ uscc }}", "{{ uscc", "uscc"),
        ("{{ uscc }}", "", "统一社会信用代码"),
        ('box("技术创新")', 'box("技术革新")', "技术革新"),
    ],
)
def test_a_mistake_in_a_template_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    annex = broken(tmp_path, old, new)
    with pytest.raises(TemplateError) as caught:
        compile_plan(annex, read.read(annex.template)[0])
    assert says in str(caught.value)

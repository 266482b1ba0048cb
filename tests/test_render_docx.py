"""Forms as docx: what is filled in comes back the same, whatever it is."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import docx as python_docx
import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from pipeline import flow, read
from pipeline.annex import Annex
from pipeline.errors import DataError, TemplateError
from pipeline.extract import extract
from pipeline.render import docx
from tests import strategies

Json = Any
ANNEXES = strategies.ANNEXES
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"

HOSTILE = [
    "=1+1", "{{7*7}}", "{% for x in y %}", "{_{ a }_}", "{_% b %_}", "{# c #}", "<w:p>", "</w:t>",
    "&", "&amp;", "A&B<C", "]]>", "\"quoted' both", "😀👩‍👩‍👧", "𬱖喆", "ＡＢ１２", "A\u200fB\u202ec",
    "{{ config.__class__ }}", "{{''.__class__.__mro__}}", "#{x}", "${x}", "\\u0041", "%s %(a)s",
]  # fmt: skip


def read_back(path: Path) -> list[tuple[str, Json]]:
    """Annex number and data of every annex in a file."""
    plans = flow.plans()
    return [
        (record.annex.number, record.data)
        for document in read.read(path)
        for record in extract(document, plans)
    ]


def parts(form: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(form)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def with_text(number: str, text: str) -> dict[str, Json]:
    """The annex's data with `text` in every field that admits any text."""
    annex = ANNEXES[number]
    data = annex.empty()
    for pattern, spec in annex.fields.items():
        keys = pattern.split("/")[1:]
        if spec.kind not in ("name", "text"):
            continue
        if keys[0] in annex.tables:
            data[keys[0]] = data[keys[0]] or [dict.fromkeys(annex.tables[keys[0]]["properties"])]
            data[keys[0]][0][keys[-1]] = text
        elif len(keys) == 1:
            data[keys[0]] = text
        else:
            data[keys[0]][keys[1]] = text
    return data


# ---------------------------------------------------------------- the law

LAW = settings(
    max_examples=strategies.examples(25),
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
    ],
)  # fmt: skip


@pytest.mark.parametrize("number", ANNEXES)
def test_what_is_rendered_reads_back_the_same(number: str, tmp_path: Path) -> None:
    @LAW
    @given(strategies.data(number))
    def law(data: dict[str, Json]) -> None:
        path = tmp_path / "form.docx"
        path.write_bytes(docx.render(ANNEXES[number], data))
        assert read_back(path) == [(number, data)]

    law()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("number", ANNEXES)
def test_hostile_text_arrives_whole(number: str, text: str, tmp_path: Path) -> None:
    data = with_text(number, text)
    path = tmp_path / "form.docx"
    path.write_bytes(docx.render(ANNEXES[number], data))
    assert read_back(path) == [(number, data)]


def test_a_thousand_characters_in_lines_arrive_whole(tmp_path: Path) -> None:
    data = ANNEXES["1"].empty()
    data["profile"] = "\n".join(["我中心成立于二〇一〇年，面向中小微企业提供服务。" * 4] * 10)
    path = tmp_path / "form.docx"
    path.write_bytes(docx.render(ANNEXES["1"], data))
    assert read_back(path) == [("1", data)]
    lines = {p.text: p.style.name for p in _paragraphs(path)}
    assert lines[data["profile"].split("\n")[0]] == "表格长文"


def _paragraphs(path: Path) -> Iterable[Any]:
    document = python_docx.Document(str(path))
    for table in document.tables:
        for cell in table._cells:
            yield from cell.paragraphs


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
@pytest.mark.parametrize("number", ANNEXES)
def test_after_libreoffice_has_saved_it_anew_it_reads_the_same(number: str, tmp_path: Path) -> None:
    given_data: dict[str, Json] = {}

    @settings(LAW, max_examples=30)
    @given(strategies.data(number).filter(_without_soft_hyphens))
    def write(data: dict[str, Json]) -> None:
        name = f"{len(given_data)}.docx"
        given_data[name] = data
        (tmp_path / name).write_bytes(docx.render(ANNEXES[number], data))

    write()
    for text in HOSTILE:
        given_data[f"{len(given_data)}.docx"] = with_text(number, text)
    for name, data in given_data.items():
        (tmp_path / name).write_bytes(docx.render(ANNEXES[number], data))
    saved = _saved_by_libreoffice([tmp_path / name for name in given_data], tmp_path)
    differing = [
        (data, back)
        for path, data in zip(saved, given_data.values(), strict=True)
        if (back := read_back(path)) != [(number, data)]
    ]
    assert not differing, f"{len(differing)}/{len(given_data)}: {differing[0]}"


def _without_soft_hyphens(data: dict[str, Json]) -> bool:
    """LibreOffice makes elements of them, and nobody sees them."""
    return "\xad" not in json.dumps(data, ensure_ascii=False)


def _saved_by_libreoffice(paths: list[Path], folder: Path) -> list[Path]:
    out = folder / "saved"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "docx", "--outdir", str(out)]
    subprocess.run([*command, *map(str, paths)], check=True, capture_output=True, timeout=600)
    return [out / path.name for path in paths]


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("number", ANNEXES)
def test_a_form_is_a_sound_package(number: str) -> None:
    form = docx.render(ANNEXES[number], with_text(number, "A&B<C\u200f{{7*7}}"))
    members = parts(form)
    for name, content in members.items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)
    assert not [name for name in members if "vba" in name.lower() or "macro" in name.lower()]
    assert members["word/document.xml"].count(b"<w:instrText") == 0
    assert len(python_docx.Document(io.BytesIO(form)).element.body) > 0


@pytest.mark.parametrize("number", ANNEXES)
def test_ids_are_unique(number: str) -> None:
    data = with_text(number, "一\n二") if number != "6" else with_text(number, "一")
    for name in ANNEXES[number].tables:
        data[name] = data[name] * 30
    root = etree.fromstring(parts(docx.render(ANNEXES[number], data))["word/document.xml"])
    for attribute in (f"{W}id", f"{W14}paraId"):
        for tag in ("bookmarkStart", "id", "docPr", "p", "tr"):
            ids = [e.get(attribute) for e in root.iter(f"{W}{tag}") if e.get(attribute)]
            assert len(ids) == len(set(ids)), (attribute, tag)


def test_same_data_same_bytes() -> None:
    data = with_text("4", "甲")
    once = docx.render(ANNEXES["4"], data)
    docx._compile.cache_clear()
    assert docx.render(ANNEXES["4"], data) == once


def test_members_that_do_not_change_are_the_template_s_own() -> None:
    form = parts(docx.render(ANNEXES["1"], ANNEXES["1"].empty()))
    template = parts(ANNEXES["1"].template.read_bytes())
    assert form.keys() == template.keys()
    assert form["word/styles.xml"] == template["word/styles.xml"]


def test_our_own_output_as_a_template_executes_nothing(tmp_path: Path) -> None:
    text = "{{7*7}}{% for x in y %}"
    form = tmp_path / "form.docx"
    form.write_bytes(docx.render(ANNEXES["1"], {**ANNEXES["1"].empty(), "name": text}))
    again = dataclasses.replace(ANNEXES["1"], template=form)
    with pytest.raises(TemplateError):
        docx.render(again, ANNEXES["1"].empty())


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\ufffeb", "a\ud800b"])
def test_what_no_document_can_hold_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="控制字符"):
        docx.render(ANNEXES["1"], {**ANNEXES["1"].empty(), "email": text})


# ---------------------------------------------------------------- templates that people edit

Edit = Callable[[str], str]


def edited(number: str, folder: Path, edit: Edit) -> Annex:
    """The annex with its template's main part changed."""
    path = folder / f"annex-{number}.docx"
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts(ANNEXES[number].template.read_bytes()).items():
            if name == "word/document.xml":
                content = edit(content.decode()).encode()
            package.writestr(name, content)
    return dataclasses.replace(ANNEXES[number], template=path)


@pytest.mark.parametrize(
    ("number", "right", "wrong", "named"),
    [
        ("1", "{{ uscc }}", "{{ usc }}", "usc"),
        ("3", "{{ s.age }}", "{{ s.agee }}", "s.agee"),
        ("1", "{{ uscc }}", "{{ uscc|upper }}", "upper"),
        ("1", "{{ uscc }}", "{{ 7*7 }}", "7*7"),
        ("1", "{{ uscc }}", "{{ uscc.__class__ }}", "__class__"),
        ("3", "{%tr endfor %}", "{%tr endfro %}", "endfro"),
    ],
)
def test_a_misspelt_tag_is_named(
    number: str, right: str, wrong: str, named: str, tmp_path: Path
) -> None:
    annex = edited(number, tmp_path, lambda source: source.replace(right, wrong))
    with pytest.raises(TemplateError) as caught:
        docx.render(annex, ANNEXES[number].empty())
    assert named in str(caught.value)
    assert f"annex-{number}.docx" in str(caught.value)


def test_an_edited_template_is_compiled_anew(tmp_path: Path) -> None:
    annex = edited("1", tmp_path, lambda source: source)
    docx.render(annex, annex.empty())
    annex = edited("1", tmp_path, lambda source: source.replace("机构名称", "单位名称全称"))
    assert "单位名称全称" in parts(docx.render(annex, annex.empty()))["word/document.xml"].decode()


def test_what_word_makes_of_a_tag_is_understood(tmp_path: Path) -> None:
    """A tag in two runs, curly quotes, traces of the spelling checker, ids of rows."""

    def as_word_saves(source: str) -> str:
        source = source.replace(
            "{{ name }}", '{{ na</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:t>me }}'
        )
        source = source.replace('box("租用")', "box(“租用”)")
        return source.replace("<w:p>", '<w:p w:rsidR="00AA11BB">')

    annex = edited("1", tmp_path, as_word_saves)
    data = {**annex.empty(), "name": "甲中心\u3000乙", "premises": ["租用"]}
    path = tmp_path / "form.docx"
    path.write_bytes(docx.render(annex, data))
    assert read_back(path) == [("1", data)]
    assert b"rsidR" not in parts(path.read_bytes())["word/document.xml"]


def test_lines_inside_a_wrapped_run_break_without_tearing_it(tmp_path: Path) -> None:
    def in_a_link(source: str) -> str:
        start = source.rindex("<w:r>", 0, source.index("{{ profile }}"))
        end = source.index("</w:r>", start) + len("</w:r>")
        link = f'<w:hyperlink w:anchor="a">{source[start:end]}</w:hyperlink>'
        return source[:start] + link + source[end:]

    annex = edited("1", tmp_path, in_a_link)
    data = {**annex.empty(), "profile": "一\n二"}
    path = tmp_path / "form.docx"
    path.write_bytes(docx.render(annex, data))
    assert read_back(path) == [("1", data)]


# ---------------------------------------------------------------- content controls


@pytest.mark.parametrize("number", ANNEXES)
def test_with_controls_it_reads_back_the_same(number: str, tmp_path: Path) -> None:
    @LAW
    @given(strategies.data(number))
    def law(data: dict[str, Json]) -> None:
        path = tmp_path / "form.docx"
        path.write_bytes(docx.render(ANNEXES[number], data, controls=True))
        assert read_back(path) == [(number, data)]

    law()


def controls(number: str, data: dict[str, Json]) -> dict[str, list[Any]]:
    """Field label → its controls in the form."""
    form = docx.render(ANNEXES[number], data, controls=True)
    root = etree.fromstring(parts(form)["word/document.xml"])
    found: dict[str, list[Any]] = {}
    for control in root.iter(f"{W}sdt"):
        title = control.xpath("string(w:sdtPr/w:alias/@w:val)", namespaces={"w": W[1:-1]})
        found.setdefault(str(title), []).append(control)
    return found


def test_each_hole_is_the_control_that_guides_to_it() -> None:
    data = {**ANNEXES["1"].empty(), "name": "甲", "institution_type": "社会团体"}
    found = controls("1", data)
    assert found["机构名称"][0].find(f"{W}sdtPr/{W}text") is not None
    assert found["机构名称"][0].find(f"{W}sdtPr/{W}showingPlcHdr") is None
    assert found["地址"][0].find(f"{W}sdtPr/{W}showingPlcHdr") is not None
    assert found["成立日期"][0].find(f"{W}sdtPr/{W}date") is not None
    ticked = [
        box.find(f"{W}sdtPr/{W14}checkbox/{W14}checked").get(f"{W14}val")
        for box in found["机构性质"]
    ]
    assert ticked == ["0", "0", "1", "0", "0", "0"]
    services = controls("6", ANNEXES["6"].empty())["主要服务项目"]
    assert len(services) == 15
    words = [item.get(f"{W}value") for item in services[0].iter(f"{W}listItem")]
    assert words == list(ANNEXES["6"].fields["/nominees/-/main_service"].choices)
    insured = controls("3", ANNEXES["3"].empty())["社保证明"]
    assert [item.get(f"{W}value") for item in insured[0].iter(f"{W}listItem")] == ["有", "无"]


def test_plain_holes_are_the_default() -> None:
    for annex in ANNEXES.values():
        assert b"<w:sdt>" not in parts(docx.render(annex, annex.empty()))["word/document.xml"]

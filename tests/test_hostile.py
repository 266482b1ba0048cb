"""Nothing that is read can harm: every file ends in a line with a Chinese reason, in bounded time
and memory, and whatever is done to a file, no exception gets out.

Each file is read twice: in this process (where a reader must not raise) and in the intake's child
process with narrow bounds (where what kills the child is an outcome).
"""

from __future__ import annotations

import io
import json
import random
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hostile
import pytest

from pipeline import flow
from pipeline.intake import Limits, Sandbox

SAMPLES = Path(__file__).parent / "samples"
NARROW = Limits(memory_bytes=2 << 30, cpu_seconds=40, wall_seconds=60)
#: Seconds for one hostile file in this process; the machine may be busy.
SECONDS = 20


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a file, each fit to be printed."""
    started = time.monotonic()
    lines = flow.read_file(path)
    assert time.monotonic() - started < SECONDS
    json.dumps(lines, ensure_ascii=False, allow_nan=False).encode()
    assert lines
    return lines


def said(lines: list[dict[str, Any]]) -> set[str]:
    issues = [issue for line in lines for issue in line["issues"]]
    assert all(any("一" <= ch <= "鿿" for ch in issue["message"]) for issue in issues)
    return {issue["code"] for issue in issues}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(NARROW)
    yield made
    made.close()


def outcome(sandbox: Sandbox, path: Path) -> set[str]:
    """What the intake says of a file."""
    result = sandbox.call(flow.PROCESS, [str(path), path.name], path.parent)
    return {result.problem.code} if result.problem else said(result.value)


# ---------------------------------------------------------------- office files


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sample", "part"),
    [(sample, part) for sample in (hostile.FORM, hostile.STAFF) for part in hostile.parts_of(sample)],
    ids=lambda value: value.stem if isinstance(value, Path) else value.replace("/", "_"),
)  # fmt: skip
def test_a_doctype_in_any_part_does_nothing(sample: Path, part: str, tmp_path: Path) -> None:
    path = tmp_path / sample.name
    path.write_bytes(hostile.with_doctype(sample, part))
    lines = read(path)
    text = json.dumps(lines, ensure_ascii=False)
    assert "root:" not in text and "haha" not in text
    # A part that nobody opens (thumbnail data, printer settings …) may say what it likes.
    assert said(lines) == {"unsafe"} or lines[0]["annex"] is not None


@pytest.mark.parametrize(
    ("sample", "part"),
    [
        (hostile.FORM, "word/document.xml"),
        (hostile.FORM, "word/styles.xml"),
        (hostile.FORM, "word/_rels/document.xml.rels"),
        (hostile.FORM, "_rels/.rels"),
        (hostile.FORM, "[Content_Types].xml"),
        (hostile.STAFF, "xl/workbook.xml"),
        (hostile.STAFF, "xl/styles.xml"),
        (hostile.STAFF, "xl/worksheets/sheet1.xml"),
        (hostile.STAFF, "xl/_rels/workbook.xml.rels"),
        (hostile.STAFF, "[Content_Types].xml"),
    ],
)
def test_a_doctype_in_a_part_of_weight_is_refused(sample: Path, part: str, tmp_path: Path) -> None:
    path = tmp_path / sample.name
    path.write_bytes(hostile.with_doctype(sample, part))
    assert said(read(path)) == {"unsafe"}


def test_a_list_longer_than_any_is_refused_with_its_measure(tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_text("序号,姓名\n" + "1,张三\n" * 60_000, "utf-8")
    (line,) = read(path)
    assert said([line]) == {"unsafe"}
    assert "60001 行" in line["issues"][0]["message"] and "请" in line["issues"][0]["message"]


@pytest.mark.slow
@pytest.mark.parametrize("name", hostile.office_bombs())
def test_an_office_bomb_ends_in_time(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    suffix, make = hostile.office_bombs()[name]
    path = tmp_path / f"{name}{suffix}"
    path.write_bytes(make())
    assert said(read(path)) <= {"unsafe", "unreadable", "unrecognised", "number-precision"}
    assert outcome(sandbox, path) <= {"unsafe", "unreadable", "unrecognised", "number-precision"}


@pytest.mark.slow
def test_what_inflates_too_much_is_called_unsafe(tmp_path: Path) -> None:
    for name in ("很多元素", "三十万段", "很多表格", "六万行", "膨胀的部件", "膨胀的工作表"):
        suffix, make = hostile.office_bombs()[name]
        path = tmp_path / f"{name}{suffix}"
        path.write_bytes(make())
        assert said(read(path)) == {"unsafe"}


# ---------------------------------------------------------------- PDF, pictures, text


@pytest.mark.slow
@pytest.mark.parametrize("name", hostile.pdf_bombs())
def test_a_pdf_bomb_is_an_outcome(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.pdf"
    path.write_bytes(hostile.pdf_bombs()[name]())
    assert outcome(sandbox, path) <= {"unsafe", "unreadable", "unrecognised"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("大.png", lambda: hostile.png(100_000, 100_000)),
        ("较大.png", lambda: hostile.png(20_000, 20_000)),
        ("环.tif", hostile.endless_tiff),
        ("断.jpg", lambda: b"\xff\xd8\xff\xe0" + b"\x00" * 50),
        ("长行.csv", lambda: b"a" * (100 << 20)),
        ("很多格.csv", lambda: b"a," * (30 << 20)),
        ("引号.csv", lambda: b'"' + b"a" * (60 << 20)),
    ],
)
def test_pictures_and_texts_without_measure(
    name: str, make: Callable[[], bytes], sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    expected = {"unsafe", "unreadable", "tool-missing"}
    assert said(read(path)) <= expected
    assert outcome(sandbox, path) <= expected


@pytest.mark.parametrize(
    "name",
    [
        "两层压缩炸弹",
        "字母里的压缩炸弹",
        "数字里的压缩炸弹",
        "写成数字的滤器",
        "另处的滤器",
        "很长的词典",
        "LZW炸弹",
        pytest.param("两层LZW炸弹", marks=pytest.mark.slow),
        "RunLength炸弹",
        "冒充图片的内容",
        "小图片的大内容",
        "藏在怪流后面",
        pytest.param("八百万字母之后", marks=pytest.mark.slow),
        "断流旁的图形",
        "加密的压缩炸弹",
        "层层引用的图形",
        "自引的图形",
        "十万页",
    ],
)
def test_what_would_drown_pdfium_is_refused_before_it_sees_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.pdf"
    path.write_bytes(hostile.pdf_bombs()[name]())
    assert said(read(path)) == {"unsafe"}


# ---------------------------------------------------------------- links and macros


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes, and refuses, every attempt to speak to another machine."""
    tried: list[str] = []

    def refuse(*arguments: object, **_: object) -> None:
        tried.append(repr(arguments))
        raise AssertionError(f"a connection was tried: {arguments}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OUTSIDE = "http://192.0.2.1/x"  # an address kept for examples (RFC 5737)


def related(sample: Path, part: str, kinds: list[str]) -> bytes:
    """A copy whose part also relates to things outside."""
    links = "".join(
        f'<Relationship Id="rX{i}" Type="{RELS}/{kind}" Target="{OUTSIDE}" TargetMode="External"/>'
        for i, kind in enumerate(kinds)
    ).encode()

    def change(name: str, content: bytes) -> bytes:
        mark = b"</Relationships>"
        return content.replace(mark, links + mark) if name == part else content

    return hostile.changed(sample, {}, change)


def test_links_to_the_outside_are_noted_and_not_followed(
    no_network: list[str], tmp_path: Path
) -> None:
    form, staff = tmp_path / "表.docx", tmp_path / "表.xlsx"
    kinds = ["attachedTemplate", "image", "frame", "oleObject", "subDocument"]
    form.write_bytes(related(hostile.FORM, "word/_rels/document.xml.rels", kinds))
    staff.write_bytes(related(hostile.STAFF, "xl/_rels/workbook.xml.rels", ["externalLink"]))
    for path in (form, staff):
        (line,) = read(path)
        assert line["annex"] is not None
        assert "external-link" in said([line])
    assert no_network == []


def test_a_pdf_that_would_act_does_nothing(no_network: list[str], tmp_path: Path) -> None:
    act = b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(%s)>>/AA<</WC 4 0 R>>>>"
    script = b"<</S/JavaScript/JS(app.launchURL\\('%s'\\);)>>"
    path = tmp_path / "动.pdf"
    path.write_bytes(
        hostile.pdf(
            [
                act % OUTSIDE.encode(),
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/AA<</O 4 0 R>>>>",
                script % OUTSIDE.encode(),
            ]
        )
    )
    assert "unrecognised" in said(read(path))
    assert no_network == []


@pytest.mark.parametrize(
    ("sample", "part"),
    [
        (hostile.FORM, "word/vbaProject.bin"),
        (hostile.STAFF, "xl/vbaProject.bin"),
        (hostile.STAFF, "xl/macrosheets/sheet9.xml"),
    ],
)
def test_macros_are_noted_and_the_form_is_read(sample: Path, part: str, tmp_path: Path) -> None:
    path = tmp_path / sample.name
    path.write_bytes(hostile.changed(sample, {part: b"<x/>"}))
    (line,) = read(path)
    assert line["annex"] is not None
    assert [i["severity"] for i in line["issues"] if i["code"] == "macros"] == ["warning"]


# ---------------------------------------------------------------- files changed by chance

FORMS = sorted(p for p in SAMPLES.iterdir() if p.suffix in (".docx", ".xlsx", ".pdf"))


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, cut out, doubled, or the end cut off."""
    out = bytearray(content)
    for _ in range(chance.randrange(1, 6)):
        at, length = chance.randrange(len(out)), chance.randrange(1, 40)
        match chance.randrange(4):
            case 0:
                out[at] = chance.randrange(256)
            case 1:
                del out[at : at + length]
            case 2:
                out[at:at] = out[at : at + length]
            case 3:
                out[at : at + length] = chance.randbytes(length)
        out = out or bytearray(b"\0")
    return bytes(out[: chance.randrange(len(out)) + 1] if chance.random() < 0.1 else out)


WORDS = (
    b"w:tc", b"w:tr", b"w:tbl", b"w:p", b"w:r", b"w:t", b"w:vMerge", b"w:gridSpan", b'"-1"', b'"999999999"', b'""',
    b"<v>", b"</v>", b'r="A1"', b't="s"', b"xmlns", b'"abc"', b"&#x41;", b"\xff", b"<c>", b"<row>", b'ref="A1:B2"',
)  # fmt: skip


def mutated_parts(content: bytes, chance: random.Random) -> bytes:
    """One part of an office file changed inside, the zip around it whole."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = chance.choice([i.filename for i in old.infolist() if i.file_size])
        for info in old.infolist():
            data = old.read(info)
            if info.filename == chosen:
                data = _reworded(data, chance) if chance.random() < 0.7 else mutated(data, chance)
            new.writestr(info.filename, data)
    return out.getvalue()


def _reworded(data: bytes, chance: random.Random) -> bytes:
    """Words of the format put where others stood; names that match stay matched more often."""
    for _ in range(chance.randrange(1, 4)):
        old, new = chance.choice(WORDS), chance.choice(WORDS)
        data = data.replace(old, new, chance.choice([1, 2, -1]))
    return data


def mutant(sample: Path, seed: int) -> bytes:
    chance = random.Random(f"{sample.name}{seed}")
    content = sample.read_bytes()
    inside = sample.suffix != ".pdf" and chance.random() < 0.7
    return mutated_parts(content, chance) if inside else mutated(content, chance)


@pytest.mark.parametrize("seeds", [range(5), pytest.param(range(5, 40), marks=pytest.mark.slow)])
@pytest.mark.parametrize("sample", FORMS, ids=lambda path: path.name)
def test_a_form_changed_by_chance_still_ends_in_lines(
    sample: Path, seeds: range, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / sample.name
    for seed in seeds:
        path.write_bytes(mutant(sample, seed))
        if sample.suffix == ".pdf":  # what PDFium does not survive is the child's end, not ours
            assert "bug" not in outcome(sandbox, path), seed
        else:
            read(path)


@pytest.mark.parametrize(
    ("name", "head", "word"),
    [
        ("录像.mp4", b"\0\0\0\x18ftypisom" + bytes(50), "录像"),
        ("附件1.docx", b"MZ\x90\0" + bytes(50), "程序"),
        ("附件1.docx", b"L\0\0\0\x01\x14\x02\0" + bytes(50), "快捷方式"),
        ("附件1.url", b"[InternetShortcut]\r\nURL=http://192.0.2.1/", "快捷方式"),
    ],
)
def test_what_is_no_document_is_called_by_its_name(
    name: str, head: bytes, word: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(head)
    (line,) = read(path)
    assert [i["code"] for i in line["issues"]] == ["unsupported-format"]
    assert word in line["issues"][0]["message"] and "请" in line["issues"][0]["message"]

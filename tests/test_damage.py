"""A file that was damaged on its way is not read as if it were whole.

The long version: `python -m tests.fuzz mutants` (by format, `--seeds` copies for each file and
damage), and `python -m tests.fuzz files FOLDER` for files of others.
"""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import hostile
import pytest

from pipeline import flow
from pipeline.intake import Limits, unpack
from pipeline.read.pdf_bounds import refuse_bombs

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.fuzz import (
    DAMAGES,
    SAMPLES,
    Damage,
    Reader,
    form_of,
    read_mutants,
)

PICKED = [
    SAMPLES / name for name in ("附件1-申请表.docx", "附件3-服务人员.xlsx", "附件1-申请表.pdf")
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    made = Reader(tmp_path_factory.mktemp("fuzz"))
    yield made
    made.sandbox.close()


#: Damage that leaves a page to be recognised from its picture, which takes seconds.
SLOW = {"recoded"}
SEEDS = {"few": range(1), "many": range(1, 12)}


@pytest.mark.parametrize(
    ("damage", "seeds"),
    [
        pytest.param(
            damage,
            seeds,
            id=f"{damage.name}-{name}",
            marks=[pytest.mark.slow] if name == "many" or damage.name in SLOW else [],
        )
        for damage in DAMAGES
        for name, seeds in SEEDS.items()
    ],
)
def test_no_damage_is_silent(damage: Damage, seeds: range, reader: Reader) -> None:
    for path in PICKED:
        if form_of(path) in damage.formats:
            read_mutants(reader, path, seeds, damage.name)
    assert reader.tally.faults == []


def codes(path: Path) -> set[str]:
    return {issue["code"] for line in flow.read_file(path) for issue in line["issues"]}


def without(sample: Path, part: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(sample) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            if info.filename != part:
                new.writestr(info, old.read(info))
    return out.getvalue()


def test_a_missing_sheet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(without(hostile.STAFF, "xl/worksheets/sheet1.xml"))
    assert "part-missing" in codes(path)


def test_a_missing_picture_is_told_for_it_may_be_the_seal(tmp_path: Path) -> None:
    sample = SAMPLES / "附件5-真实性声明.docx"
    with zipfile.ZipFile(sample) as archive:
        picture = next(n for n in archive.namelist() if n.startswith("word/media/"))
    path = tmp_path / "声明.docx"
    path.write_bytes(without(sample, picture))
    assert "part-missing" in codes(path)


@pytest.mark.parametrize("same", [True, False])
def test_two_parts_of_one_name_are_refused_unless_alike(same: bool, tmp_path: Path) -> None:
    path = tmp_path / "表.docx"
    path.write_bytes(hostile.FORM.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        content = archive.read("word/document.xml")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("word/document.xml", content if same else content + b" ")
    assert ("unsafe" in codes(path)) is not same


# ---------------------------------------------------------------- PDF

DRAWN = b"BT /F 1 Tf (abc) Tj ET\n" * 50


def is_damaged(content: bytes, tmp_path: Path) -> bool:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    return refuse_bombs(path, path.name)


def flated(packed: bytes) -> bytes:
    return hostile.page_with(hostile.stream(packed, b"/Filter/FlateDecode"))


def test_a_whole_pdf_is_not_called_damaged(tmp_path: Path) -> None:
    whole = flated(zlib.compress(DRAWN))
    assert not is_damaged(whole, tmp_path)
    assert not is_damaged(whole + bytes(5000), tmp_path)  # padded to a sector's end
    assert not is_damaged(whole + b"\r\n<!-- a mail gateway -->\r\n", tmp_path)
    assert not is_damaged(b"Content-Type: application/pdf\r\n\r\n" + whole, tmp_path)


def test_acrobat_leaves_out_the_last_block_and_the_checksum(tmp_path: Path) -> None:
    packer = zlib.compressobj()
    packed = packer.compress(DRAWN) + packer.flush(zlib.Z_SYNC_FLUSH)
    assert not is_damaged(flated(packed), tmp_path)
    assert is_damaged(flated(packed[:-9]), tmp_path)


def test_damage_to_a_pdf_is_seen(tmp_path: Path) -> None:
    packed = zlib.compress(DRAWN)
    whole = flated(packed)
    at = whole.index(packed)
    wrong = bytearray(whole)
    wrong[at + len(packed) // 2] ^= 0x55
    assert is_damaged(bytes(wrong), tmp_path)
    assert is_damaged(whole[: len(whole) - 40], tmp_path)  # the end is missing
    assert is_damaged(whole[: at - 60] + bytes(60) + whole[at:], tmp_path)  # a hole
    assert is_damaged(
        whole.replace(b"/Parent", b"/Pare", 1), tmp_path
    )  # bytes lost between objects


def test_a_bomb_behind_a_false_end_is_still_a_bomb(tmp_path: Path) -> None:
    lie = zlib.compressobj(0)
    bomb = lie.compress(b"endstream") + lie.flush(zlib.Z_FULL_FLUSH)
    more = zlib.compressobj(9, wbits=-15)
    bomb += b"".join(more.compress(bytes(1 << 20)) for _ in range(64)) + more.flush()
    objects = hostile.stream(bomb, b"/Filter/FlateDecode").replace(
        b"/Length %d" % len(bomb), b"/Length 9 0 R"
    )
    path = tmp_path / "a.pdf"
    path.write_bytes(hostile.page_with(objects))
    assert codes(path) == {"unsafe"}


# ---------------------------------------------------------------- archives


def tar_of(count: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for number in range(count):
            info = tarfile.TarInfo(f"{number}.txt")
            info.size = 600
            tar.addfile(info, io.BytesIO(b"x" * 600))
    return out.getvalue()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda tar: tar, False),
        (lambda tar: tar + bytes(4096), False),
        (lambda tar: tar[: 3 * 512], True),  # cut where the next file begins
        (lambda tar: tar[: 3 * 512 + 100], True),
        (lambda tar: tar[: 3 * 512] + bytes(512) + tar[4 * 512 :], True),  # a header of zeros
        (lambda tar: tar[: 3 * 512] + b"x" * 512 + tar[4 * 512 :], True),
    ],
    ids=["whole", "padded", "cut between", "cut inside", "hole", "no header"],
)
def test_a_tar_that_lacks_its_end_says_so(
    damage: Callable[[bytes], bytes], told: bool, tmp_path: Path
) -> None:
    path = tmp_path / "材料.tar"
    path.write_bytes(damage(tar_of(3)))
    (tmp_path / "into").mkdir()
    found = unpack(path, path.name, tmp_path / "into", Limits())
    problems = [member.problem for member in found if member.problem]
    assert ["cut-archive"] * told == [problem.code for problem in problems]

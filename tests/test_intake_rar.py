"""Rar archives: those of WinRAR itself, names of old machines, bounds, and broken ones."""

from __future__ import annotations

import random
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import (
    PipelineError,
    ProtectedError,
    UnreadableError,
    UnsafeError,
    UnsupportedError,
)
from pipeline.intake import rar
from pipeline.intake.limits import MIB, Limits
from pipeline.intake.unpack import Member, unpack

ARCHIVES = Path(__file__).parent / "archives"
SMALL = Limits(ratio_floor_bytes=MIB, ratio=50)

pytest.importorskip("rars")


def unpacked(
    folder: Path, content: bytes, limits: Limits = SMALL, name: str = "材料.rar"
) -> list[Member]:
    path, into = folder / name, folder / "into"
    path.write_bytes(content)
    into.mkdir()
    return unpack(path, name, into, limits)


def archive(name: str) -> bytes:
    return (ARCHIVES / f"{name}.rar").read_bytes()


def old_rar(name: bytes, content: bytes, *, flags: int = 0x8000) -> bytes:
    """A stored file in a rar archive of version 2.9, its name in the bytes given."""

    def block(kind: int, flags: int, body: bytes, behind: bytes = b"") -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + behind

    body = struct.pack(
        "<LLBLLBBHL", len(content), len(content), 2, zlib.crc32(content), 0x58000000, 29, 0x30,
        len(name), 0x20,
    )  # fmt: skip
    start = b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6))
    return start + block(0x74, flags, body + name, content) + block(0x7B, 0x4000, b"")


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("rar15-comment", {"FILE1.TXT": 7, "FILE2.TXT": 8}),
        ("rar3-solid", {"stest1.txt": 2048, "stest2.txt": 2048}),
        ("rar5-solid", {"stest1.txt": 2048, "stest2.txt": 2048}),
        ("rar5-crc", {"stest1.txt": 2048, "stest2.txt": 2048}),
    ],
)
def test_archives_of_every_version(tmp_path: Path, name: str, sizes: dict[str, int]) -> None:
    found = unpacked(tmp_path, archive(name))
    assert {member.name: member.size for member in found} == sizes
    assert [member.problem for member in found if member.problem] == []


@pytest.mark.parametrize("name", ["rar3-subdirs", "rar5-subdirs"])
def test_folders_are_kept_in_the_names(tmp_path: Path, name: str) -> None:
    found = {member.name: member.path.read_bytes() for member in unpacked(tmp_path, archive(name))}
    assert {"sub/dir2/file2.txt", "sub/with space/long fn.txt"} <= set(found)
    assert found["sub/dir2/file2.txt"] == b"file2\n"


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_names_of_old_archives_in_either_encoding(tmp_path: Path, codec: str) -> None:
    content = old_rar("材料\\附件1 申请表.txt".encode(codec), b"abc")
    [member] = unpacked(tmp_path, content)
    assert (member.name, member.path.read_bytes()) == ("材料/附件1 申请表.txt", b"abc")


def test_a_packet_in_a_rar_is_read(tmp_path: Path) -> None:
    from pipeline.flow import read_paths

    sample = next((Path(__file__).parent / "samples").glob("附件3*.xlsx"))
    path = tmp_path / "申报材料.rar"
    path.write_bytes(old_rar("附件3.xlsx".encode("gbk"), sample.read_bytes()))
    [reading] = read_paths((path,))
    assert reading.annex == "3"
    assert len(reading.data["staff"]) == 13


@pytest.mark.parametrize("name", ["rar3-comment-hpsw", "rar5-psw", "rar5-hpsw"])
def test_a_password_is_named_as_such(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProtectedError, match="去掉密码"):
        unpacked(tmp_path, archive(name))


@pytest.mark.parametrize("name", ["rar3-symlink-unix", "rar5-evil-symlink-traversal"])
def test_links_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsafeError, match="含有链接"):
        unpacked(tmp_path, archive(name))


def test_names_that_lead_out_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeError, match="指向压缩包之外"):
        unpacked(tmp_path, old_rar(b"..\\evil.txt", b"x"))


def test_a_reference_to_another_member_is_said_of_the_file(tmp_path: Path) -> None:
    found = unpacked(tmp_path, archive("rar5-dups"))
    assert {member.problem.code for member in found if member.problem} == {"damaged-member"}
    assert any(member.problem is None for member in found)


def test_one_volume_of_several_says_how_to_repack(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="不要分卷"):
        unpacked(tmp_path, old_rar(b"a.txt", b"x", flags=0x8002))


@pytest.mark.parametrize(("name", "length"), [("rar3-subdirs", 447), ("rar5-subdirs", 407)])
def test_an_archive_cut_between_two_members_is_no_whole_one(
    tmp_path: Path, name: str, length: int
) -> None:
    found = unpacked(tmp_path, archive(name)[:length])
    assert "cut-archive" in {member.problem.code for member in found if member.problem}


def test_an_archive_of_another_program_is_whole(tmp_path: Path) -> None:
    builder = pytest.importorskip("rars").RarBuilder()
    builder.add_bytes("甲".encode(), "材料/附件1.txt")
    [member] = unpacked(tmp_path, builder.to_bytes())
    assert (member.name, member.problem) == ("材料/附件1.txt", None)


def test_a_bomb_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(UnsafeError, match="疑似压缩炸弹"):
        unpacked(tmp_path, archive("bomb"))


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PipelineError):
        unpacked(tmp_path, archive("rar5-subdirs"), replace(SMALL, members=2))


def test_without_the_decoder_it_says_how_to_repack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rars", None)
    with pytest.raises(UnsupportedError, match="重新压缩成 zip"):
        unpacked(tmp_path, archive("rar5-crc"))


@pytest.mark.parametrize("name", ["rar3-subdirs", "rar5-solid", "rar5-crc", "rar15-comment"])
def test_broken_ones_end_in_a_sentence(tmp_path: Path, name: str) -> None:
    whole, chance = archive(name), random.Random(name)
    for number in range(100):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(8, len(content))] = chance.randrange(256)
        if number % 4 == 0:
            del content[chance.randrange(8, len(content)) :]
        folder = tmp_path / f"{number}"
        folder.mkdir()
        try:
            unpacked(folder, bytes(content))
        except PipelineError as error:
            assert "请" in str(error)


def test_a_damaged_one_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="损坏或不完整"):
        unpacked(tmp_path, b"Rar!\x1a\x07\x01\0" + bytes(40))


def test_what_is_declared_is_looked_at_first(tmp_path: Path) -> None:
    path = tmp_path / "a.rar"
    path.write_bytes(archive("bomb"))
    opened = rar.RarFile(path, SMALL)
    with pytest.raises(rar.TooLargeError):
        opened.open(opened.entries[0])

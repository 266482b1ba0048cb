"""Packets are flattened; names come out as they were typed; nothing harmful is unpacked."""

from __future__ import annotations

import io
import random
import struct
import tarfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from intake_steps import unicode_path, zip_by_hand

from pipeline.errors import (
    PipelineError,
    ProtectedError,
    UnreadableError,
    UnsafeError,
    UnsupportedError,
)
from pipeline.intake import Limits, Member, unpack

ARCHIVES = Path(__file__).parent / "archives"
GBK_NAMES = ["申报材料/附件1 申请表.docx", "申报材料/附件3（人员）.xlsx"]
SMALL = Limits(
    members=20, member_bytes=1 << 20, total_bytes=2 << 20, ratio=50, ratio_floor_bytes=1 << 16
)


def unpacked(
    tmp_path: Path, content: bytes, name: str = "包.zip", limits: Limits = SMALL
) -> list[Member]:
    path = tmp_path / name
    path.write_bytes(content)
    into = tmp_path / "into"
    into.mkdir()
    return unpack(path, name, into, limits)


def names(members: list[Member]) -> list[str]:
    return [member.name for member in members]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(*infos: tarfile.TarInfo, content: bytes = b"x", mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for info in infos:
            info.size = len(content) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


# -- names ---------------------------------------------------------------------------------------


def test_gbk_names_without_the_flag(tmp_path: Path) -> None:
    content = zip_by_hand([(name.encode("gbk"), b"x") for name in GBK_NAMES])
    assert names(unpacked(tmp_path, content)) == GBK_NAMES


def test_utf8_names_without_the_flag(tmp_path: Path) -> None:
    content = zip_by_hand([(name.encode(), b"x") for name in GBK_NAMES])
    assert names(unpacked(tmp_path, content)) == GBK_NAMES


def test_utf8_names_with_the_flag(tmp_path: Path) -> None:
    assert names(unpacked(tmp_path, zipped(dict.fromkeys(GBK_NAMES, b"x")))) == GBK_NAMES


def test_a_gbk_name_that_is_by_chance_valid_utf8(tmp_path: Path) -> None:
    # 一 in GBK is D2 BB, which UTF-8 reads as the Cyrillic һ.
    assert "一".encode("gbk").decode("utf-8") != "一"
    assert names(unpacked(tmp_path, zip_by_hand([("一".encode("gbk"), b"x")]))) == ["一"]


def test_a_name_in_utf8_added_to_an_archive_in_gbk(tmp_path: Path) -> None:
    content = zip_by_hand(
        [("附件1申请表.txt".encode("gbk"), b"x"), ("营业执照.txt".encode(), b"y")]
    )
    assert names(unpacked(tmp_path, content)) == ["附件1申请表.txt", "营业执照.txt"]


def test_big5_names(tmp_path: Path) -> None:
    given = ["申報資料/附件1申請表.txt", "營業執照.txt"]
    content = zip_by_hand([(name.encode("big5"), b"x") for name in given])
    assert names(unpacked(tmp_path, content)) == given


@pytest.mark.parametrize("name", ["a.zip.001", "a.7z.002", "a.part1.rar", "a.part02.rar", "a.z01"])
def test_a_volume_of_an_archive_is_called_one(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnsupportedError, match="分卷"):
        unpacked(tmp_path, zipped({"a.txt": b"x"})[:50], name)


def test_what_is_left_of_a_cut_archive_is_not_the_last_document_in_it(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name in ("附件1.docx", "附件2.docx"):
            archive.writestr(name, zipped({"[Content_Types].xml": b"<Types/>", name: b"x"}))
    at = whole.getvalue().index(b"PK\x05\x06", 300)
    for name in ("包.zip", "包"):
        with pytest.raises(UnreadableError, match="不完整"):
            unpacked(tmp_path, whole.getvalue()[: at + 22], name)
        (tmp_path / "into").rmdir()


def test_the_unicode_path_field_wins_over_the_stored_name(tmp_path: Path) -> None:
    stored = b"????1.docx"
    content = zip_by_hand([(stored, b"x")], extra=unicode_path(stored, "附件1.docx"))
    assert names(unpacked(tmp_path, content)) == ["附件1.docx"]


def test_a_unicode_path_field_of_another_name_is_stale(tmp_path: Path) -> None:
    content = zip_by_hand([(b"new.docx", b"x")], extra=unicode_path(b"old.docx", "旧.docx"))
    assert names(unpacked(tmp_path, content)) == ["new.docx"]


def test_backslashes_of_windows_archivers_are_separators(tmp_path: Path) -> None:
    content = zip_by_hand([("材料\\附件1.docx".encode("gbk"), b"x")])
    assert names(unpacked(tmp_path, content)) == ["材料/附件1.docx"]


def test_names_longer_than_a_file_system_takes(tmp_path: Path) -> None:
    long = "很长的名称" * 40 + ".docx"
    (member,) = unpacked(tmp_path, zipped({long: b"content"}))
    assert (member.name, member.path.read_bytes()) == (long, b"content")


def test_two_members_of_one_name_are_both_there(tmp_path: Path) -> None:
    members = unpacked(tmp_path, zip_by_hand([(b"a.txt", b"1"), (b"a.txt", b"2")]))
    assert [member.path.read_bytes() for member in members] == [b"1", b"2"]


def test_gbk_names_in_a_tar(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, encoding="gbk") as archive:
        archive.addfile(tarfile.TarInfo(GBK_NAMES[0]), io.BytesIO())
    assert names(unpacked(tmp_path, out.getvalue(), "包.tar")) == [GBK_NAMES[0]]


# -- what is in a packet -------------------------------------------------------------------------


def test_junk_is_ignored(tmp_path: Path) -> None:
    junk = [
        "__MACOSX/._附件1.docx",
        "材料/.DS_Store",
        "Thumbs.db",
        "材料/~$附件1.docx",
        "desktop.ini",
    ]
    files = dict.fromkeys([*junk, "材料/附件1.docx"], b"x")
    assert names(unpacked(tmp_path, zipped(files))) == ["材料/附件1.docx"]


def test_archives_in_archives_are_opened_and_their_names_tell_where(tmp_path: Path) -> None:
    inner = zipped({"附件3.xlsx": b"x"})
    tar = tarred(tarfile.TarInfo("附件4.xlsx"))
    members = unpacked(tmp_path, zipped({"内.zip": inner, "b.tar.gz": tar, "附件1.docx": b"y"}))
    assert names(members) == ["内.zip/附件3.xlsx", "b.tar.gz/附件4.xlsx", "附件1.docx"]


def test_office_documents_are_not_taken_for_archives(tmp_path: Path) -> None:
    docx = zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    members = unpacked(tmp_path, zipped({"附件1.docx": docx, "没有扩展名": docx}))
    assert names(members) == ["附件1.docx", "没有扩展名"]


def test_a_document_alone_is_read_where_it_lies(tmp_path: Path) -> None:
    docx = zipped({"[Content_Types].xml": b"<Types/>"})
    (member,) = unpacked(tmp_path, docx, "附件1.docx")
    assert member.path == tmp_path / "附件1.docx"


def test_a_folder_is_walked_and_links_in_it_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "某机构"
    (folder / "证明").mkdir(parents=True)
    (folder / "证明" / "执照.pdf").write_bytes(b"%PDF")
    (folder / "内.zip").write_bytes(zipped({"附件1.docx": b"x"}))
    (folder / "link").symlink_to("/etc/passwd")
    into = tmp_path / "into"
    into.mkdir()
    members = unpack(folder, "某机构", into, SMALL)
    assert names(members) == ["link", "内.zip/附件1.docx", "证明/执照.pdf"]
    assert members[0].problem is not None
    assert (members[0].problem.code, members[0].size) == ("link", 0)


def test_a_damaged_member_is_named_and_the_others_are_given(tmp_path: Path) -> None:
    content = zip_by_hand([(b"good.txt", b"good"), (b"bad.txt", b"spoiled")])
    members = unpacked(tmp_path, content.replace(b"spoiled", b"spoilt!", 1))
    assert [member.problem and member.problem.code for member in members] == [
        None,
        "damaged-member",
    ]


def test_an_inner_archive_with_a_password_costs_only_itself(tmp_path: Path) -> None:
    locked = zip_by_hand([(b"a.txt", b"x")], flags=1)
    members = unpacked(tmp_path, zipped({"锁.zip": locked, "附件1.docx": b"y"}))
    assert [member.problem and member.problem.code for member in members] == [
        "password-protected",
        None,
    ]


def test_an_empty_member_is_pointed_at(tmp_path: Path) -> None:
    (_, empty) = unpacked(tmp_path, zipped({"a.txt": b"x", "附件3.xlsx": b""}))
    assert empty.problem is not None
    assert "附件3.xlsx" in empty.problem.message
    assert "0 字节" in empty.problem.message


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/etc/x", "C:/x", "..\\x", "\\\\server\\x", "a/..", "__MACOSX/../../x"],
)
def test_names_that_lead_outside_are_refused_before_anything_is_unpacked(
    tmp_path: Path, name: str
) -> None:
    content = zip_by_hand([(b"first.txt", b"x"), (name.encode(), b"x")])
    with pytest.raises(UnsafeError, match="没有解压"):
        unpacked(tmp_path, content)
    assert list((tmp_path / "into").iterdir()) == []


def test_links_in_a_zip_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeError, match="链接"):
        unpacked(tmp_path, zip_by_hand([(b"link", b"/etc/passwd")], attributes=0o120777 << 16))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.linkname = kind, "/etc/passwd"
    with pytest.raises(UnsafeError, match="链接或设备"):
        unpacked(tmp_path, tarred(info), "a.tar.gz")


def test_a_tar_that_leads_outside_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeError, match="压缩包之外"):
        unpacked(tmp_path, tarred(tarfile.TarInfo("../../x")), "a.tar.gz")


def test_a_bomb_is_stopped_by_its_ratio(tmp_path: Path) -> None:
    with pytest.raises(UnsafeError, match="膨胀超过 50 倍"):
        unpacked(tmp_path, zipped({"a": b"\0" * 900_000}))
    assert sum(p.stat().st_size for p in (tmp_path / "into").iterdir()) < 600_000


def test_a_bomb_is_stopped_by_its_total(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(800_000)
    with pytest.raises(UnsafeError, match="超过 2 MB"):
        unpacked(tmp_path, zipped({f"{n}.bin": noise for n in range(4)}))


def test_the_total_is_counted_over_all_levels(tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(700_000)
    inner = zipped({"a": noise})
    with pytest.raises(UnsafeError, match="超过 2 MB"):
        unpacked(tmp_path, zipped({"1.zip": inner, "2.zip": inner}))


def test_overlapping_members_are_no_way_around_the_total(tmp_path: Path) -> None:
    # Many directory entries for one stretch of packed bytes (Fifield's quoted overlap, simplified).
    once = zip_by_hand([(b"a", random.Random(2).randbytes(500_000))])
    at = once.index(b"PK\x01\x02")
    entry = once[at : once.index(b"PK\x05\x06")]
    count = 15
    end = b"PK\x05\x06" + bytes(4) + count.to_bytes(2, "little") * 2
    tail = end + (len(entry) * count).to_bytes(4, "little") + at.to_bytes(4, "little") + bytes(2)
    limits = replace(SMALL, ratio=5)
    try:
        members = unpacked(tmp_path, once[:at] + entry * count + tail, limits=limits)
    except UnsafeError:
        pass
    else:  # newer libraries refuse all but one of them as damaged
        assert sum(member.problem is None for member in members) <= 1


def test_a_false_declared_size_is_of_no_use(tmp_path: Path) -> None:
    content = zip_by_hand([(b"a.txt", b"\0" * 900_000)], declared=10, deflate=True)
    (member,) = unpacked(tmp_path, content)
    assert member.problem is not None
    assert member.size <= 10


def test_too_many_members(tmp_path: Path) -> None:
    with pytest.raises(UnsafeError, match="超过 20 个"):
        unpacked(tmp_path, zipped({f"{n}.txt": b"x" for n in range(21)}))


def test_a_tar_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    bomb = tarred(tarfile.TarInfo("a"), content=b"\0" * (3 << 20))
    with pytest.raises(UnsafeError, match="超过 2 MB"):
        unpacked(tmp_path, bomb, "a.tar.gz")


def test_archives_nested_too_deep(tmp_path: Path) -> None:
    content = zipped({"附件1.docx": b"x"})
    for _ in range(3):
        content = zipped({"内.zip": content})
    with pytest.raises(UnsafeError, match="嵌套超过 3 层"):
        unpacked(tmp_path, content)


def test_a_password_is_asked_to_be_removed(tmp_path: Path) -> None:
    with pytest.raises(ProtectedError, match="去掉密码"):
        unpacked(tmp_path, zip_by_hand([(b"a.txt", b"x")], flags=1))


# -- 7z ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["lzma2", "lzma", "bzip2", "deflate", "copy", "plain-header", "each-alone", "py7zr"]
)
def test_7z_archives_of_every_usual_make(tmp_path: Path, name: str) -> None:
    found = unpacked(tmp_path, (ARCHIVES / f"{name}.7z").read_bytes(), "材料.7z")
    said = {member.name: member.path.read_bytes().decode() for member in found}
    assert said == {
        "材料/附件1 申请表.txt": "甲" * 500,
        "材料/证/说明.txt": "乙",
        "材料/空.txt": "",
    }
    assert [m.problem.code for m in found if m.problem] == ["empty-file"]


@pytest.mark.parametrize("name", ["password", "password-names"])
def test_a_7z_with_a_password_is_named_as_such(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProtectedError, match="去掉密码"):
        unpacked(tmp_path, (ARCHIVES / f"{name}.7z").read_bytes(), "材料.7z")


def test_a_method_of_7z_that_nothing_here_knows_is_said_of_each_file(tmp_path: Path) -> None:
    found = unpacked(tmp_path, (ARCHIVES / "ppmd.7z").read_bytes(), "材料.7z")
    assert {m.problem.code for m in found if m.problem} == {"damaged-member", "empty-file"}


def test_a_7z_bomb_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(UnsafeError, match="疑似压缩炸弹"):
        unpacked(tmp_path, (ARCHIVES / "bomb.7z").read_bytes(), "材料.7z")


def test_a_7z_with_too_many_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PipelineError):
        content = (ARCHIVES / "lzma2.7z").read_bytes()
        unpacked(tmp_path, content, "材料.7z", replace(SMALL, members=2))


@pytest.mark.parametrize("name", ["lzma2", "plain-header", "each-alone", "copy"])
def test_a_broken_7z_ends_in_a_sentence(tmp_path: Path, name: str) -> None:
    whole, chance = (ARCHIVES / f"{name}.7z").read_bytes(), random.Random(name)
    for number in range(150):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if number % 3 == 0:  # the checksums fit again: what they guard is looked at
            seal(content)
        folder = tmp_path / f"{number}"
        folder.mkdir()
        try:
            unpacked(folder, bytes(content), "材料.7z")
        except PipelineError as error:
            assert "请" in str(error)


def seal(content: bytearray) -> None:
    """Sets the checksum of the header to what stands there."""
    offset, size = struct.unpack_from("<QQ", content, 12)
    header = content[32 + offset : 32 + offset + size]
    struct.pack_into("<I", content, 28, zlib.crc32(header))


@pytest.mark.parametrize("content", [zipped({}), zipped({"Thumbs.db": b"x"}), zipped({"a/": b""})])
def test_a_zip_with_nothing_in_it(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableError, match="没有任何文件"):
        unpacked(tmp_path, content)


def test_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="0 字节"):
        unpacked(tmp_path, b"", "附件1.docx")


def test_whatever_happens_to_an_archive_the_reason_is_our_own(tmp_path: Path) -> None:
    """Mutated archives are unpacked or refused; no library's exception comes through."""
    rng = random.Random(299)
    sound = [
        zipped({"a/附件1.txt": b"text" * 50, "b.zip": zipped({"c": b"x"})}),
        tarred(tarfile.TarInfo("附件1.txt"), mode="w"),
        tarred(tarfile.TarInfo("附件1.txt")),
    ]
    outcomes = {"read": 0, "refused": 0}
    for number in range(400):
        content = bytearray(rng.choice(sound))
        for _ in range(rng.randint(1, 6)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        path, into = tmp_path / f"{number}.zip", tmp_path / f"into{number}"
        path.write_bytes(content[: rng.choice([len(content), rng.randrange(len(content))])])
        into.mkdir()
        try:
            unpack(path, path.name, into, SMALL)
            outcomes["read"] += 1
        except PipelineError:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 20


def test_a_name_that_turns_the_direction_of_writing_is_shown_as_it_is(tmp_path: Path) -> None:
    path, into = tmp_path / "a.zip", tmp_path / "into"
    into.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("附件1\u202excod.exe", b"x")
        archive.writestr("换\n行\x07\u200b.docx", b"x")
    names = [member.name for member in unpack(path, path.name, into, Limits())]
    assert names == ["附件1_xcod.exe", "换_行__.docx"]

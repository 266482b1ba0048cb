"""What is taken from the inbox, and what is left alone until it has come whole."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from intake_steps import zip_by_hand

from pipeline.intake.inbox import Glance, Watcher
from pipeline.intake.limits import Limits
from pipeline.intake.names import candidates, folder_base, is_junk

LIMITS = Limits(settle_seconds=0.05, patience_seconds=0.3)
OLD = 1_700_000_000


def settled(watcher: Watcher) -> Glance:
    watcher.look()
    time.sleep(0.07)
    return watcher.look()


def ready(glance: Glance) -> list[str]:
    return [entry.name for entry in glance.ready]


def waiting(glance: Glance) -> dict[str, str]:
    return {one.entry.name: one.reason for one in glance.waiting}


def test_files_and_folders_are_taken_and_junk_is_not_seen(tmp_path: Path) -> None:
    for name in ("附件1.docx", ".DS_Store", ".gitkeep", "Thumbs.db", "~$附件1.docx", "desktop.ini"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "某机构").mkdir()
    glance = settled(Watcher(tmp_path, LIMITS))
    assert (ready(glance), glance.waiting) == (["某机构", "附件1.docx"], ())


def test_what_has_just_come_is_left_to_settle(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    glance = Watcher(tmp_path, Limits(settle_seconds=60)).look()
    assert "仍在变化" in waiting(glance)["a.txt"]
    assert glance.waiting[0].hopeful


def test_a_file_that_grows_between_two_looks_is_not_taken(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path, LIMITS)
    (tmp_path / "a.txt").write_bytes(b"x")
    watcher.look()
    time.sleep(0.07)
    (tmp_path / "a.txt").write_bytes(b"xx")
    os.utime(tmp_path / "a.txt", (OLD, OLD))  # copies may keep an old time
    glance = watcher.look()
    assert ready(glance) == []
    assert not glance.waiting[0].hopeful


def test_a_file_that_grows_inside_a_folder_holds_the_folder_back(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path, LIMITS)
    inner = tmp_path / "某机构" / "证明"
    inner.mkdir(parents=True)
    (inner / "a.txt").write_bytes(b"x")
    watcher.look()
    time.sleep(0.07)
    (inner / "a.txt").write_bytes(b"xx")
    assert ready(watcher.look()) == []
    time.sleep(0.07)
    assert ready(watcher.look()) == ["某机构"]


WHOLE_ZIP = zip_by_hand([(b"a.txt", b"x" * 500)])


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.zip", WHOLE_ZIP[:300], "压缩目录"),
        ("a.docx", WHOLE_ZIP[:-21], "压缩目录"),
        ("a.pdf", b"%PDF-1.7\n1 0 obj", "PDF 结尾"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(4) + b"\xff" * 16 + bytes(8), "压缩目录"),
        ("a.txt", b"", "0 字节"),
    ],
)
def test_a_file_without_its_end_is_waited_for_and_then_taken_as_broken(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)
    watcher = Watcher(tmp_path, LIMITS)
    glance = settled(watcher)
    assert why in waiting(glance)[name]
    assert glance.waiting[0].hopeful
    time.sleep(0.3)
    assert ready(watcher.look()) == [name]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", WHOLE_ZIP),
        ("a.zip", WHOLE_ZIP[:-2] + b"\x03\0abc"),
        ("a.pdf", b"%PDF-1.7\n%%EOF\n"),
    ],
)
def test_a_whole_file_is_taken_at_once(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert ready(settled(Watcher(tmp_path, LIMITS))) == [name]


def test_links_devices_and_downloads_under_way_stay_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "link.docx").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "材料.zip.crdownload").write_bytes(b"x")
    glance = settled(Watcher(tmp_path, LIMITS))
    assert ready(glance) == []
    assert {name: reason[:4] for name, reason in waiting(glance).items()} == {
        "link.docx": "是一个链",
        "pipe": "不是普通",
        "材料.zip.crdownload": "名称表明",
    }


def test_a_name_in_gbk_bytes_is_shown_as_it_was_typed(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "申请表.docx".encode("gbk"))).write_bytes(b"x")
    assert ready(settled(Watcher(tmp_path, LIMITS))) == ["申请表.docx"]


@pytest.mark.parametrize(
    ("name", "is_folder", "base"),
    [
        ("某机构.zip", False, "某机构"),
        ("材料.tar.gz", False, "材料"),
        ("v1.2 版", True, "v1.2 版"),
        ("a:b?.docx", False, "a_b_"),
        ("...", True, "未命名"),
        ("尾点. ", True, "尾点"),
    ],
)
def test_folder_names_are_readable_and_fit_every_file_system(
    name: str, is_folder: bool, base: str
) -> None:
    assert folder_base(name, is_folder=is_folder) == base


def test_long_names_are_cut_between_characters_and_stay_apart() -> None:
    first, second = (name for name, _ in zip(candidates("长" * 100), range(2), strict=False))
    assert len(first.encode()) == 255
    assert second == "长" * 84 + "-2"


def test_one_junk_part_of_a_path_is_enough() -> None:
    assert is_junk("__MACOSX/材料/附件1.docx")
    assert is_junk("材料\\~$附件1.docx")
    assert not is_junk("材料/附件1~.docx")

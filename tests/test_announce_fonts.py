"""Faces: fallback by character, refusal of what no font has, font maps."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import tounicode
from pipeline.announce.fonts import ROLES, font_set
from pipeline.errors import DataError
from pipeline.settings import templates_dir

FONTS = font_set()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("char", "堃喆䶮𬱖中A1，")
def test_every_role_finds_a_face_for_rare_characters(role, char):
    assert ord(char) in FONTS.face(role, char).widths


def test_common_characters_keep_their_own_face():
    assert FONTS.face("仿宋", "省").name == "FandolFang-Regular"
    assert FONTS.face("仿宋", "堃").name == "NotoSerifSC-Light"
    assert FONTS.face("黑体", "1").name == "NotoSansSC-Regular"


def test_a_character_no_font_has_is_refused_by_name():
    with pytest.raises(DataError, match=r"“🀄”（U\+1F004）"):
        FONTS.face("仿宋", "🀄")


def test_the_map_to_unicode_is_utf16_in_blocks_of_a_hundred():
    chars = ["\U0002cc56", *map(chr, range(0x4E00, 0x4E00 + 150))]
    cmap = tounicode.cmap(enumerate(chars, 1)).decode()
    assert "<0001> <D873DC56>" in cmap
    assert "100 beginbfchar" in cmap
    assert "51 beginbfchar" in cmap
    assert "<0000> <0000>" not in cmap


def test_without_a_font_map_every_stand_in_is_reported():
    report = FONTS.substitutions()
    assert len(report) == len(ROLES)
    assert any("仿宋_GB2312" in line and "FandolFang" in line for line in report)


def test_a_font_map_puts_the_offices_font_first(tmp_path: Path):
    own = templates_dir() / "fonts" / "FandolKai-Regular.ttf"
    path = tmp_path / "fonts.yaml"
    path.write_text(f"仿宋_GB2312: {own}\n", encoding="utf-8")
    fonts = font_set(path)
    assert fonts.face("仿宋", "省").name == "FandolKai-Regular"
    assert fonts.face("仿宋", "堃").name == "NotoSerifSC-Light"
    assert len(fonts.substitutions()) == len(ROLES) - 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("隶书: a.ttf", "隶书"),
        ("仿宋: 没有.ttf", "找不到字体文件"),
        ("仿宋: broken.ttf", "不能嵌入"),
        ("- 仿宋", "逐行"),
        ("{", "YAML"),
    ],
)
def test_a_faulty_font_map_is_told_in_words(tmp_path: Path, content, message):
    (tmp_path / "broken.ttf").write_bytes(b"OTTO" + b"\0" * 64)
    path = tmp_path / "fonts.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        font_set(path).face("仿宋", "省")

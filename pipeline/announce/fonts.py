"""Which face sets which character.

An official document names five faces (GB/T 9704-2012 §5.2.2): 仿宋 for the body, 楷体 and 黑体 for
headings, 小标宋 for titles, 宋体 for page numbers. Each role is a chain of fonts: a character is
set in the first of the chain that has it, so that rare characters of names (堃 喆 䶮 𬱖) find a
face, and one that no font has stops the work instead of becoming a silent blank.

The office's own fonts (方正小标宋简体, 仿宋_GB2312 …) may not be shipped; a font map (YAML or JSON,
`仿宋: /path/to/simfang.ttf`) puts them at the head of their chains, and `substitutions` says
which roles still make do with a stand-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from pipeline import settings
from pipeline.announce.truetype import FontError, TrueType, load
from pipeline.errors import DataError

Role = Literal["仿宋", "楷体", "小标宋", "宋体", "黑体"]
ROLES: tuple[Role, ...] = ("仿宋", "楷体", "小标宋", "宋体", "黑体")

FANG = "FandolFang-Regular"
KAI = "FandolKai-Regular"
SONG_BLACK = "NotoSerifSC-Black"
SONG = "NotoSerifSC-Light"
HEI = "NotoSansSC-Regular"

#: The shipped fonts of each role: for Chinese, then what catches the characters it lacks.
SHIPPED: dict[Role, tuple[str, ...]] = {
    "仿宋": (FANG, SONG, HEI),
    "楷体": (KAI, SONG, HEI),
    "小标宋": (SONG_BLACK, SONG, HEI),
    "宋体": (SONG, HEI),
    "黑体": (HEI, SONG),
}

#: What the stand-ins are called in a substitution report, beside the face an office expects.
EXPECTED: dict[Role, str] = {
    "仿宋": "仿宋_GB2312",
    "楷体": "楷体_GB2312",
    "小标宋": "方正小标宋简体",
    "宋体": "宋体",
    "黑体": "黑体",
}

#: Fandol's ASCII looks sans-serif beside its Chinese: these roles take Latin from 宋体.
LATIN_FROM_SONG: frozenset[str] = frozenset({FANG, KAI})


@dataclass(frozen=True, eq=False, slots=True)
class Face:
    """One font file: `widths` are advances in em by code point."""

    name: str
    font: TrueType
    widths: Mapping[int, float]


@cache
def load_face(path: Path) -> Face:
    """Parses a TrueType file, once per process."""
    if not path.is_file():
        raise DataError(f"找不到字体文件：{path}。", remedy="请检查字体对照表中的路径。")
    try:
        font = load(path)
    except FontError as error:
        raise DataError(
            f"字体文件不能嵌入：{path}。", remedy="请换成 TrueType（.ttf，glyf 轮廓）字体。"
        ) from error
    widths = {code: font.advances[glyph] / 1000 for code, glyph in font.glyphs.items()}
    return Face(path.stem, font, widths)


def shipped_face(name: str) -> Face:
    return load_face(settings.templates_dir() / "fonts" / f"{name}.ttf")


def is_latin(char: str) -> bool:
    """Whether a character goes into the Latin face: ASCII and accented letters (pinyin).

    Quotation marks, dashes, ellipses and the middle dot are Chinese here, whatever their code.
    """
    return char.isascii() or (char < "\u0250" and char.isalpha())


@dataclass(frozen=True, eq=False)
class FontSet:
    """The fonts of one run: `chains` for Chinese and `latin` for Latin text, by role.

    `mapped` are the roles whose own office font a font map has named.
    """

    chains: Mapping[Role, tuple[Path, ...]]
    latin: Mapping[Role, tuple[Path, ...]]
    mapped: frozenset[Role]

    def face(self, role: Role, char: str) -> Face:
        """The first face of the role that has the character; DataError where none has it."""
        code = ord(char)
        for path in (self.latin if is_latin(char) else self.chains)[role]:
            face = load_face(path)
            if code in face.widths:
                return face
        raise DataError(
            f"没有字体能排“{char}”（U+{code:04X}）。",
            remedy="请核对这个字，或在字体对照表中指定含有它的字体。",
        )

    def substitutions(self) -> list[str]:
        """What stands in for the fonts an office expects, one line a role; [] if nothing does."""
        return [
            f"{EXPECTED[role]}：未提供，以 {self.chains[role][0].stem} 代替"
            for role in ROLES
            if role not in self.mapped
        ]


def font_set(font_map: Path | None = None) -> FontSet:
    """The fonts to set with: the shipped ones, behind those that a font map names."""
    return resolve(font_map, settings.templates_dir() / "fonts")


@cache
def resolve(font_map: Path | None, folder: Path) -> FontSet:
    named = read_font_map(font_map) if font_map else {}
    chains: dict[Role, tuple[Path, ...]] = {}
    latin: dict[Role, tuple[Path, ...]] = {}
    for role in ROLES:
        shipped = tuple(folder / f"{name}.ttf" for name in SHIPPED[role])
        own = (named[role],) if role in named else ()
        song = (named.get("宋体", folder / f"{SONG}.ttf"),)
        chains[role] = own + shipped
        latin[role] = (song if SHIPPED[role][0] in LATIN_FROM_SONG else ()) + own + shipped
    return FontSet(chains, latin, frozenset(named))


def read_font_map(path: Path) -> dict[Role, Path]:
    """A YAML or JSON object, role → font file; relative paths count from the map's folder."""
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"读不到字体对照表：{path}。") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"字体对照表不是正确的 YAML 或 JSON：{path}。") from error
    if not isinstance(entries, dict) or not all(isinstance(v, str) for v in entries.values()):
        raise DataError(f"字体对照表应逐行写“字体名: 文件路径”：{path}。")
    unknown = [str(key) for key in entries if role_of(str(key)) is None]
    if unknown:
        raise DataError(
            f"字体对照表里有认不得的字体名：{'、'.join(unknown)}。",
            remedy=f"可用的是：{'、'.join(ROLES)}。",
        )
    return {role: path.parent / entries[key] for key in entries if (role := role_of(str(key)))}


def role_of(name: str) -> Role | None:
    """The role of a font's name: 仿宋_GB2312 → 仿宋, 方正小标宋简体 → 小标宋."""
    for role in ("小标宋", "仿宋", "楷体", "黑体", "宋体"):
        if role in name:
            return role
    return None

"""announce: official documents are typeset.

    JSON data → facts (checked) → wording (text with holes) → lines → page → PDF

`typeset` is the whole of it for callers; each kind of document is one small module, loaded when
it is asked for, and one file of wording under `templates/notices/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pipeline.errors import UsageError
from pipeline.settings import DEFAULT_EDITION

#: The kinds of document, and what each is called.
KINDS: dict[str, str] = {
    "publicity": "公示",
    "notice": "认定通知",
    "plaque": "标牌",
}


def typeset(
    kind: str,
    data: Mapping[str, Any],
    *,
    font_map: Path | None = None,
    edition: str = DEFAULT_EDITION,
) -> bytes:
    """A document of a kind (`KINDS`) as PDF; the same data give the same bytes.

    `data` is the JSON object of `pipeline announce --from`; `font_map` names the office's own
    fonts. DataError names every key that is missing or wrong, and a character no font has;
    TemplateError a broken wording.
    """
    if kind not in KINDS:
        raise UsageError(f"没有“{kind}”这种文件。", remedy=f"可用的是：{'、'.join(KINDS)}。")
    from pipeline.announce.fonts import font_set
    from pipeline.announce.wording import load_wording

    module = import_module(f"pipeline.announce.{kind}")
    document: bytes = module.typeset(data, load_wording(kind, edition), font_set(font_map))
    return document


def substitutions(font_map: Path | None = None) -> list[str]:
    """Which fonts an office expects are stood in for by others, one line each."""
    from pipeline.announce.fonts import font_set

    return font_set(font_map).substitutions()

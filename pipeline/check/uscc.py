"""统一社会信用代码 (GB 32100-2015) and the organisation code inside it (GB 11714-1997).

Eighteen characters: registering department, kind of body, six digits of region, nine of the
organisation code with its own check character, and a check character over all.
"""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc as _standard

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_ORGANISATION = slice(8, 17)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def compact(text: str) -> str:
    """NFKC, capitals, without white space and hyphens."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()


def strange_characters(code: str) -> str:
    """The characters that no code holds, each once, in order."""
    return "".join(dict.fromkeys(ch for ch in code if ch not in ALPHABET))


def well_formed(code: str) -> bool:
    return len(code) == LENGTH and not strange_characters(code)


def checks(code: str) -> bool:
    """GB 32100: the last character of a well-formed code.

    The standard's letters for the registering department (A, N, Y) are admitted, which
    `stdnum.cn.uscc.validate` refuses; so only its arithmetic is used.
    """
    return bool(_standard.calc_check_digit(code[:-1]) == code[-1])


def organisation_checks(code: str) -> bool:
    """GB 11714: the ninth character of the organisation code (characters 9–17)."""
    organisation = code[_ORGANISATION]
    total = sum(
        int(ch, 36) * weight
        for ch, weight in zip(organisation, _ORGANISATION_WEIGHTS, strict=False)
    )
    return organisation[-1] == "0123456789X0"[11 - total % 11]


def prefix(code: str) -> str:
    """Registering department and kind of body: 91 enterprise, 12 public institution, …"""
    return code[:2]

"""What the QR code of a plaque says, and whether it is true.

The code carries the public record itself, so that it can be read without a network:

    <address>?n=<证书编号>&u=<统一社会信用代码>&f=<有效期起>&t=<有效期止>&s=<签名>

`s` is the Ed25519 signature (RFC 8032, base64url without padding) of everything between `?` and
`&s=`; a code made without a key has none, and says nothing that anybody could not have printed.
The keys are PEM files: `openssl genpkey -algorithm ed25519 -out key.pem` makes one, and
`openssl pkey -in key.pem -pubout` its public half.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, urlencode

from pipeline.errors import DataError, MissingToolError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

#: What a code without an address begins with.
NO_ADDRESS = "plaque:"
KEYS = {"n": "number", "u": "uscc", "f": "valid_from", "t": "valid_to"}

Verdict = Literal["signed", "unsigned", "forged", "unchecked"]


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """What a plaque certifies. Dates are ISO."""

    number: str
    uscc: str
    valid_from: str
    valid_to: str

    def query(self) -> str:
        return urlencode({key: getattr(self, name) for key, name in KEYS.items()})


def record_of(number: str, uscc: str, valid_from: date, valid_to: date) -> PublicRecord:
    return PublicRecord(number, uscc, valid_from.isoformat(), valid_to.isoformat())


def payload(record: PublicRecord, address: str = "", key: Path | None = None) -> str:
    """The text of the code; signed where there is a key."""
    query = record.query()
    if key is not None:
        signature = base64.urlsafe_b64encode(private_key(key).sign(query.encode()))
        query += f"&s={signature.decode().rstrip('=')}"
    return f"{address or NO_ADDRESS}?{query}"


def parse(text: str) -> tuple[PublicRecord, str, str] | None:
    """The record, what was signed and the signature ("" if none); None if it is no such code."""
    _, mark, query = text.strip().partition("?")
    signed, _, signature = query.partition("&s=")
    values = dict(parse_qsl(signed))
    if not mark or set(values) != set(KEYS):
        return None
    return PublicRecord(**{KEYS[key]: value for key, value in values.items()}), signed, signature


def check(signed: str, signature: str, key: Path | None) -> Verdict:
    """Whether the signature is the key's; without a key it stays unchecked."""
    from cryptography.exceptions import InvalidSignature

    if not signature:
        return "unsigned"
    if key is None:
        return "unchecked"
    try:
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        public_key(key).verify(raw, signed.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        return "forged"
    return "signed"


def private_key(path: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    found = _load(path, "private")
    if not isinstance(found, Ed25519PrivateKey):
        raise DataError(
            f"“{path}”不是 Ed25519 私钥。", remedy="可用 openssl genpkey -algorithm ed25519 生成。"
        )
    return found


def public_key(path: Path) -> Ed25519PublicKey:
    """From the public half, or from the private one that has it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    found = _load(path, "public")
    if isinstance(found, Ed25519PrivateKey):
        return found.public_key()
    if not isinstance(found, Ed25519PublicKey):
        raise DataError(f"“{path}”不是 Ed25519 公钥。")
    return found


def _load(path: Path, half: Literal["private", "public"]) -> object:
    try:
        from cryptography.hazmat.primitives.serialization import (
            load_pem_private_key,
            load_pem_public_key,
        )
    except ImportError as error:
        raise MissingToolError(
            "签名需要 cryptography。", remedy="请安装：pip install 'pipeline[sign]'。"
        ) from error
    try:
        content = path.read_bytes()
        if half == "private" or b"PRIVATE" in content:
            return load_pem_private_key(content, None)
        return load_pem_public_key(content)
    except OSError as error:
        raise DataError(f"读不到密钥文件：{path}。") from error
    except (ValueError, TypeError) as error:
        raise DataError(f"密钥文件不是没有口令的 PEM：{path}。") from error

"""A document's electronic signature: PAdES (ETSI EN 319 142-1) from a PKCS#12 file, by pyHanko.

The signature is put on as an update behind the finished file, whose own bytes stay as they were.
It shows nowhere on the page: an office's seal is never drawn.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import DataError, MissingToolError

FIELD = "Signature"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature in a file is worth. `whole`: nothing was changed after it; `trusted`: its
    certificate leads to a root that was given."""

    signer: str
    intact: bool
    whole: bool
    trusted: bool


def _pyhanko() -> Any:
    try:
        from pyhanko import keys, sign
        from pyhanko.sign import validation
    except ImportError as error:
        raise MissingToolError(
            "电子签名需要 pyHanko。", remedy="请安装：pip install 'pipeline[sign]'。"
        ) from error
    return sign, validation, keys


def sign_pdf(pdf: bytes, pkcs12: Path, passphrase: str) -> bytes:
    """The PDF with a signature by the key of a PKCS#12 file (.p12, .pfx)."""
    sign, _, _ = _pyhanko()
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    if not pkcs12.is_file():
        raise DataError(f"读不到签名证书：{pkcs12}。")
    signer = sign.SimpleSigner.load_pkcs12(str(pkcs12), passphrase=passphrase.encode())
    if signer is None:
        raise DataError(f"签名证书打不开：{pkcs12}。", remedy="请核对口令，并确认是 PKCS#12 文件。")
    metadata = sign.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=sign.fields.SigSeedSubFilter.PADES,
    )
    out: io.BytesIO = sign.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer=signer
    )
    return out.getvalue()


def signatures(pdf: bytes, roots: Path | None = None) -> list[Signature]:
    """Every signature of a PDF; `roots` are trusted certificates (PEM)."""
    _, validation, keys = _pyhanko()
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko_certvalidator import ValidationContext

    trusted = list(keys.load_certs_from_pemder([str(roots)])) if roots else []
    context = ValidationContext(trust_roots=trusted, allow_fetching=False)
    return [
        _signature(validation.validate_pdf_signature(embedded, context))
        for embedded in PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    ]


def _signature(status: Any) -> Signature:
    return Signature(
        str(status.signing_cert.subject.human_friendly),
        bool(status.intact and status.valid),
        status.coverage is not None and status.coverage.name in ("ENTIRE_FILE",),
        bool(status.trusted),
    )

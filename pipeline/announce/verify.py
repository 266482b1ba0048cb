"""Is this file what it says? The signatures of a PDF, and the QR codes of plaques.

The codes are read from what is drawn, as a telephone reads them: the page is rendered, or the
photograph taken as it is. A text file holds what a telephone has read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.announce import record_code
from pipeline.announce.record_code import PublicRecord, Verdict
from pipeline.announce.sign import Signature, signatures
from pipeline.errors import MissingToolError, UnreadableError, why

#: Pixels a point to look at a page with, one after the other until its code is read: the smallest
#: module of a plaque's code is three to eight pixels wide.
SCALES = (1.4, 2.0, 2.6, 1.0)
#: Letters carry no code: a page of their size is looked at once.
LETTER_HEIGHT = 900.0
#: What each verdict is called.
WORDS: dict[Verdict, str] = {
    "signed": "签名有效",
    "unsigned": "没有签名，内容真伪无从核对",
    "forged": "签名无效：内容被改动，或不是本单位的密钥所签",
    "unchecked": "有签名，未提供公钥（--key），没有核对",
}


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code found on a page (1 …)."""

    page: int
    record: PublicRecord
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Verification:
    """What a file was found to hold. `sound`: something was found, and nothing is false."""

    signatures: tuple[Signature, ...] = ()
    codes: tuple[Code, ...] = ()

    @property
    def sound(self) -> bool:
        broken = any(not s.intact or not s.whole for s in self.signatures)
        false = any(code.verdict == "forged" for code in self.codes)
        return bool(self.signatures or self.codes) and not broken and not false

    def lines(self) -> Iterator[str]:
        """The result in words."""
        for found in self.signatures:
            state = "内容完整" if found.intact and found.whole else "签名无效或签后有改动"
            trust = "证书可信" if found.trusted else "证书是否可信未经核对"
            yield f"电子签名：{found.signer}　{state}，{trust}"
        for code in self.codes:
            it = code.record
            yield (
                f"二维码（第{code.page}页）：证书编号 {it.number}，信用代码 {it.uscc}，"
                f"有效期 {it.valid_from} 至 {it.valid_to}　{WORDS[code.verdict]}"
            )
        if not self.signatures and not self.codes:
            yield "没有找到电子签名，也没有找到标牌的二维码。"


def verify(path: Path, key: Path | None = None, roots: Path | None = None) -> Verification:
    """A PDF, a picture (PNG, JPEG …) or the text of a code; `key` is the public key of the codes,
    `roots` the certificates that signatures may lead to."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"文件“{path}”打不开：{why(error)}。") from error
    if content.startswith(b"%PDF"):
        texts = list(_page_texts(content))
        signed = signatures(content, roots) if b"/ByteRange" in content else []
        return Verification(tuple(signed), tuple(_codes(texts, key)))
    if path.suffix.lower() == ".txt":
        lines = content.decode("utf-8", "replace").splitlines()
        return Verification(codes=tuple(_codes([(1, line) for line in lines], key)))
    return Verification(
        codes=tuple(_codes([(1, text) for text in _decode(_picture(path, content))], key))
    )


def _codes(texts: list[tuple[int, str]], key: Path | None) -> Iterator[Code]:
    for page, text in texts:
        parsed = record_code.parse(text)
        if parsed is not None:
            record, signed, signature = parsed
            yield Code(page, record, record_code.check(signed, signature, key))


def _opencv() -> Any:
    try:
        import cv2
    except ImportError as error:
        raise MissingToolError(
            "识读二维码需要 OpenCV。",
            remedy="请安装：pip install 'pipeline[ocr]'；或用手机扫码，把扫得的文字存为 .txt 再核验。",
        ) from error
    return cv2


def _page_texts(pdf: bytes) -> Iterator[tuple[int, str]]:
    """The codes of the pages, each with its page's number."""
    import pypdfium2

    for number, page in enumerate(pypdfium2.PdfDocument(pdf), 1):
        scales = SCALES if page.get_width() > LETTER_HEIGHT else SCALES[:1]
        for scale in scales:
            texts = _decode(page.render(scale=scale, grayscale=True).to_numpy())
            yield from ((number, text) for text in texts)
            if texts:
                break


def _picture(path: Path, content: bytes) -> Any:
    cv2 = _opencv()
    import numpy

    picture = cv2.imdecode(numpy.frombuffer(content, numpy.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise UnreadableError(f"“{path.name}”不是 PDF，也不是能识别的图片。")
    return picture


def _decode(picture: Any) -> list[str]:
    """The texts of all QR codes of a picture."""
    detector = _opencv().QRCodeDetector()
    found, texts, _, _ = detector.detectAndDecodeMulti(picture)
    if not (found and any(texts)):
        texts = [detector.detectAndDecode(picture)[0]]
    return [text for text in texts if text]

"""Words: how long a text is, and whether sample text or a hint was left standing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category, east_asian_width

from pipeline.annex import FieldSpec
from pipeline.check.form import Form
from pipeline.check.messages import shown
from pipeline.findings import Finding

# ---------------------------------------------------------------- 字数


def word_count(text: str) -> int:
    """字数 as word processors count: each Chinese character or mark 1, each run of letters and
    digits 1. Marks of ambiguous width (“ ” … —) count 1 each."""
    count, inside = 0, False
    for ch in text:
        if ch.isspace():
            inside = False
        elif _stands_alone(ch):
            count, inside = count + 1, False
        elif not inside:
            count, inside = count + 1, True
    return count


def _stands_alone(ch: str) -> bool:
    width = east_asian_width(ch)
    return width in "WF" or (width == "A" and category(ch)[0] in "PS")


def plain_count(text: str) -> int:
    """Characters without white space."""
    return sum(not ch.isspace() for ch in text)


def word_limits(form: Form) -> Iterator[Finding]:
    """附件1 机构简介（1000字以内）, 服务活动开展情况及业绩（1000字以内）; 附件2 以上内容不超过3000字."""
    for pointer, text, spec in form.of_kind("text"):
        if spec.extra("word-limit") is not None:
            yield from _limited(form, pointer, [text], spec.extra("word-limit"))
    limit = form.annex.schema.get("x-word-limit")
    if limit is not None:
        yield from _limited(form, "", [text for _, text, _ in form.of_kind("text")], limit)


def _limited(form: Form, pointer: str, texts: list[str], limit: int) -> Iterator[Finding]:
    words, plain = sum(map(word_count, texts)), sum(map(plain_count, texts))
    code = "word-limit" if words > limit else "word-limit-plain"
    if plain > limit:
        yield form.find(code, pointer, limit=limit, words=words, plain=plain)


# ---------------------------------------------------------------- sample text

_SHORT_KINDS = ("name", "phone", "email", "url")
_LETTERS = re.compile(r"(?<![A-Za-z0-9])[XxＸｘ×]{2,}(?![A-Za-z0-9])")
_LETTERS_IN_NUMBER = re.compile(r"[XxＸｘ×]{2,}")
_STUB = re.compile(r"(?<!\d)(?:19|20)\d?[_＿]+年?|[_＿]{2,}")


def placeholders(form: Form) -> Iterator[Finding]:
    """X20: sample text left in a short field. Prose may well say 某企业."""
    words = form.regulation.table("placeholders")
    known: dict[tuple[str, str], str] = {}  # the samples by what stands in which field
    for pointer, text, spec in form.of_kind(*_SHORT_KINDS, "text"):
        found = known.get((spec.pattern, text))
        if found is None:
            short = spec.kind in _SHORT_KINDS
            found = _sample(text, spec.kind, words) if short else _stub(text, spec)
            known[spec.pattern, text] = found
        if found:
            yield form.find("placeholder", pointer, found=found)


def _sample(text: str, kind: str, words: list[str]) -> str:
    """The sample text in a short field, or ""."""
    letters = (_LETTERS_IN_NUMBER if kind == "phone" else _LETTERS).search(text)
    if letters:
        return letters[0]
    stub = _STUB.search(text) if kind == "name" else None
    if stub:
        return stub[0]
    return next((word for word in words if word in text), "")


def _stub(text: str, spec: FieldSpec) -> str:
    """A printed stub of a year (`202_年`) in a cell, whose length is bounded; prose is left alone."""
    stub = _STUB.search(text) if "maxLength" in spec.schema else None
    return stub[0] if stub else ""


def no_words(form: Form) -> Iterator[Finding]:
    """A name, a post, a trade of nothing but digits and signs: columns may have been shifted."""
    for pointer, text, _ in form.of_kind("name"):
        if not any(map(str.isalpha, text)):
            yield form.find("no-words", pointer, value=shown(text))


# ---------------------------------------------------------------- hints

#: The whole first line of a text in one pair of brackets, with the words of whoever asks for it.
_HINT = re.compile(
    r"[（(【\[](?=请|[^\n]*(?:字以内|字左右|不超过\d+|限\d+字|请(?:填|写|简|说明|注明|按)|简要|简述))"
    r"[^\n（()）【】\[\]]{2,120}[）)】\]]\s*(?:\n|$)"
)


def hints(form: Form) -> Iterator[Finding]:
    """附件1 机构简介, 附件2: what a form printed above the text, for whoever fills it in."""
    for pointer, text, _ in form.of_kind("text"):
        if hint := _HINT.match(text):
            yield form.find("hint-in-text", pointer, value=shown(hint[0].strip()))

"""Forms of a PDF that draw forms: how often something would be drawn on a page, all told."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path

import pikepdf

from pipeline.read.pdf_bounds import DRAW, unsafe
from pipeline.read.pdf_hidden import NOT_OPENED

#: Forms drawn on one page, those inside others counted each time; levels of them.
DRAWN = 20_000
DEEPEST = 40


def refuse_endless(path: Path, name: str) -> None:
    """Raises UnsafeError. What cannot be opened here is left to PDFium; one odd page hides none of
    the others."""
    with suppress(*NOT_OPENED), pikepdf.open(path) as pdf:
        for number in range(len(pdf.pages)):
            with suppress(*NOT_OPENED):
                _count_draws(pdf.pages[number], name)


def _count_draws(page: pikepdf.Page, name: str) -> None:
    """Forms are few; each is counted once for each level at which it stands."""
    counted: dict[tuple[tuple[int, int], int], int] = {}

    def drawn(form: pikepdf.Stream, depth: int) -> int:
        if depth > DEEPEST:
            raise unsafe(name, "图形层层引用，没有尽头")
        key = (form.objgen, depth)
        if key not in counted:
            times = _times(form)
            inner = ((times[word], one) for word, one in _named(form))
            counted[key] = 1 + sum(n * drawn(one, depth + 1) for n, one in inner if n)
        if counted[key] > DRAWN:
            raise unsafe(name, "图形层层引用，画的次数过多")
        return counted[key]

    for _, form in _named(page.obj):
        drawn(form, 0)


def _named(holder: pikepdf.Object) -> list[tuple[bytes, pikepdf.Stream]]:
    """The forms among the named pictures of a page or form."""
    objects = holder.get("/Resources", pikepdf.Dictionary()).get("/XObject", pikepdf.Dictionary())
    return [
        (key[1:].encode(), one)
        for key, one in objects.items()
        if isinstance(one, pikepdf.Stream) and one.get("/Subtype") == "/Form"
    ]


def _times(form: pikepdf.Stream) -> Counter[bytes]:
    """How often a form draws each name; each that it knows once where it cannot be told."""
    try:
        return Counter(DRAW.findall(form.read_bytes()))
    except NOT_OPENED:
        return Counter(word for word, _ in _named(form))

"""Cases of the corpus → printed → scanned: files with their truths. Everything is seeded by names."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pypdfium2 as pdfium
from PIL import Image

from tests.corpus.case import Truth
from tests.corpus.habits import HABITS
from tests.corpus.through import print_pdf

from .wear import WEARS, Wear, across_the_edge, side_by_side, sign, stamp

#: Habits that leave other ink on paper; the rest is the same to a scanner.
ON_PAPER = (
    "clean-word", "clean-wps", "clean-libreoffice", "reworded-labels", "spaced-labels", "tick-root", "tick-square",
    "tick-crossed-box", "tick-beside-box", "tick-disc", "tick-letter-v", "tick-two", "tick-none", "premises-both",
    "options-deleted", "insured-words", "service-marks", "thousands", "unit-wan", "date-dots", "date-chinese",
    "phones-several", "phones-extension", "blanks-slashes", "rows-many", "rows-few", "totals-below", "notes-below",
    "rows-added", "blank-form", "report-arabic-dot", "report-chinese", "report-parentheses", "report-bare",
    "report-signed", "report-subheadings", "report-numbered-items", "report-labelled-name", "report-part-missing",
    "declaration-typed-name", "declaration-half-width", "declaration-changed", "declaration-date-left",
    "declaration-one-line",
)  # fmt: skip

#: The habit that leaves a name in print where a signature belongs.
TYPED_NAME = "declaration-typed-name"


@dataclass(frozen=True)
class Printed:
    """A printed document of the corpus and what it says."""

    name: str
    pdf: Path
    truth: Truth


def print_all(folder: Path, names: Sequence[str], annexes: str, limit: int) -> list[Printed]:
    """Prints documents of the habits named; what lies in the folder already is not printed again."""
    made: list[Printed] = []
    missing: list[Path] = []
    for name in names:
        habit = HABITS[name]
        for annex, number, case in habit.cases("docx", limit) if "docx" in habit.forms else ():
            if annex not in annexes or (name == "rows-many" and number):
                continue
            path = folder / f"{name}-{annex}-{number}.docx"
            if not path.with_suffix(".pdf").exists():
                path.write_bytes(case.bytes())
                missing.append(path)
            made.append(Printed(path.stem, path.with_suffix(".pdf"), case.truth))
    if missing:
        print_pdf(missing)
    return made


def scan(printed: Printed, wear: Wear, folder: Path) -> tuple[Path, Truth] | None:
    """The file that a wear makes of a printed document, and the truth of that."""
    rng = Random(zlib.crc32(f"{printed.name}/{wear.name}".encode()))
    truth = _truth_on_paper(printed, wear)
    pages: list[Image.Image] = []
    pdf = pdfium.PdfDocument(printed.pdf)
    if len(pdf) > 6:
        return None
    for page in pdf:
        image = page.render(scale=wear.dpi / 72).to_pil().convert("RGB")
        if wear.sealed:
            _seal_and_sign(page, image, wear.dpi, rng)
        elif wear.edge:
            across_the_edge(image, wear.dpi, rng)
        for step in wear.steps:
            image = step(image, rng)
        pages.append(image)
    if wear.spread:
        pages = [side_by_side(pages[i : i + 2]) for i in range(0, len(pages), 2)]
    if wear.mixed:
        pages = [page.rotate(90 * (i % 4), expand=True) for i, page in enumerate(pages)]
    return _packed(pages, wear, folder / f"{printed.name}-{wear.name}"), truth


def _seal_and_sign(page: pdfium.PdfPage, image: Image.Image, dpi: int, rng: Random) -> None:
    scale, height = dpi / 72, page.get_height()
    for word, right, put in (("单位盖章", 110, stamp), ("盖章）", 60, stamp), ("签字", 45, sign)):
        hit = page.get_textpage().search(word).get_next()
        if hit is None:
            continue
        left, bottom, _, top = page.get_textpage().get_charbox(hit[0])
        x = (left + right) * scale
        put(image, x, (height - (bottom + top) / 2) * scale, dpi, rng)


def _truth_on_paper(printed: Printed, wear: Wear) -> Truth:
    """A picture can show whether there is a seal: red in a colour scan; in a grey one it need not.
    Nothing on paper tells a name that was typed from one written neatly: whatever is said of it, it
    has to be pointed at."""
    truth = printed.truth
    out = Truth(
        truth.annex,
        {**truth.data},
        dict(truth.accept),
        set(truth.loose),
        set(truth.must),
        set(truth.check),
    )
    if truth.annex == "5":
        out.data["sealed"] = wear.sealed if wear.colour else None
        out.data["signed"] = wear.sealed
        if TYPED_NAME in printed.name:
            out.must.add("/signed")
        if not wear.colour:
            out.accept["/sealed"] = [wear.sealed]
    return out


def _packed(pages: list[Image.Image], wear: Wear, stem: Path) -> Path:
    kind = wear.file if len(pages) == 1 or wear.file == "tif" else "pdf"
    path = stem.with_suffix("." + kind)
    if kind == "tif":
        bits = [page.convert("1") for page in pages]
        bits[0].save(
            path, save_all=True, append_images=bits[1:], compression="group4", dpi=(wear.dpi,) * 2
        )
    elif kind == "pdf":
        pages[0].save(path, save_all=True, append_images=pages[1:], resolution=wear.dpi, quality=92)
    else:
        pages[0].save(path, quality=92, dpi=(wear.dpi, wear.dpi))
    return path


def all_scans(
    folder: Path, prints: Sequence[Printed], wears: Sequence[str]
) -> Iterator[tuple[Printed, Wear, Path, Truth]]:
    for printed in prints:
        for name in wears:
            made = scan(printed, WEARS[name], folder)
            if made is not None:
                yield printed, WEARS[name], *made

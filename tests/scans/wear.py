"""What happens to a page between printer and file: seals, signatures, scanners, telephones.

A wear is a function from the clean page (RGB, upright) and a seeded `Random` to the page as it is
sent. Angles are degrees, sizes pixels of the page as rendered.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Page = Image.Image
Step = Callable[[Page, Random], Page]


@dataclass(frozen=True)
class Wear:
    """`dpi`: at which the page is rendered; `colour`: whether the file shows a red seal as red;
    `file`: how pages are packed; `sealed`: seals and signatures are put where they belong; `edge`:
    half a seal at the sheet's edge (骑缝章); `spread`: two pages on one picture; `mixed`: every page
    lies another way."""

    name: str
    steps: tuple[Step, ...]
    dpi: int = 200
    colour: bool = True
    file: str = "pdf"
    sealed: bool = False
    edge: bool = False
    spread: bool = False
    mixed: bool = False


def grey(page: Page, rng: Random) -> Page:
    return page.convert("L").convert("RGB")


def bilevel(page: Page, rng: Random) -> Page:
    threshold = rng.randint(120, 175)
    return page.convert("L").point(lambda v: 255 if v > threshold else 0).convert("RGB")


def blurred(radius: float) -> Step:
    return lambda page, rng: page.filter(ImageFilter.GaussianBlur(radius * rng.uniform(0.7, 1.2)))


def noisy(sigma: float) -> Step:
    def step(page: Page, rng: Random) -> Page:
        random = np.random.default_rng(rng.randrange(1 << 32))
        pixels = np.asarray(page).astype(np.float32)
        pixels += random.normal(0, sigma, pixels.shape[:2])[..., None]
        return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))

    return step


def specks(page: Page, rng: Random) -> Page:
    """Dust: black and white dots."""
    draw = ImageDraw.Draw(page)
    for _ in range(rng.randint(100, 300)):
        x, y = rng.randrange(page.width), rng.randrange(page.height)
        size = rng.choice((0, 0, 1, 1, 2))
        draw.rectangle((x, y, x + size, y + size), fill=rng.choice(("black", "black", "white")))
    return page


def skewed(most: float) -> Step:
    def step(page: Page, rng: Random) -> Page:
        angle = rng.uniform(0.3 * most, most) * rng.choice((-1, 1))
        return page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=(252, 252, 250))

    return step


def turned(quarter: int) -> Step:
    return lambda page, rng: page.rotate(90 * quarter, expand=True)


def jpeg(quality: int) -> Step:
    def step(page: Page, rng: Random) -> Page:
        out = io.BytesIO()
        page.save(out, "JPEG", quality=quality + rng.randint(-8, 8))
        return Image.open(io.BytesIO(out.getvalue())).convert("RGB")

    return step


def pale(page: Page, rng: Random) -> Page:
    """Thin toner on yellowed paper."""
    table = [int(70 + v * 165 / 255) for v in range(256)]
    red, green, blue = page.split()
    return Image.merge(
        "RGB",
        (
            red.point([v + 12 for v in table]),
            green.point([v + 8 for v in table]),
            blue.point(table),
        ),
    )


def broken_rules(page: Page, rng: Random) -> Page:
    """Rules that the printer or scanner lost here and there: small gaps, and one faded stretch."""
    dark = (np.asarray(page.convert("L")) < 128).astype(np.uint8)
    pixels = np.asarray(page).copy()
    for shape in ((1, 90), (90, 1)):
        rules = cv2.dilate(
            cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(shape, np.uint8)),
            np.ones((3, 3), np.uint8),
        )
        ys, xs = np.nonzero(rules)
        for _ in range(60 if len(ys) else 0):
            i, size = rng.randrange(len(ys)), rng.randint(1, 4)
            spot = np.s_[max(ys[i] - size, 0) : ys[i] + size, max(xs[i] - size, 0) : xs[i] + size]
            pixels[spot][rules[spot] > 0] = 255
    return Image.fromarray(pixels)


def photo(page: Page, rng: Random) -> Page:
    """Taken by telephone: in perspective, on a desk, lit from one side."""
    width, height = page.size
    dx, dy = int(width * 0.09), int(height * 0.07)
    out_w, out_h = width + 2 * dx, height + 2 * dy

    def near(x: int, y: int) -> tuple[float, float]:
        return (x + rng.uniform(-0.5, 0.5) * dx, y + rng.uniform(-0.5, 0.5) * dy)

    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    target = np.array(
        [near(dx, dy), near(dx + width, dy), near(dx + width, dy + height), near(dx, dy + height)],
        np.float32,
    )
    desk = (rng.randint(70, 110), rng.randint(60, 90), rng.randint(40, 70))
    matrix = cv2.getPerspectiveTransform(source, target)
    seen = cv2.warpPerspective(
        np.asarray(page),
        matrix,
        (out_w, out_h),
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=desk,
    )
    across = np.linspace(rng.uniform(0.72, 1.0), rng.uniform(0.72, 1.0), out_w)
    down = np.linspace(rng.uniform(0.8, 1.0), rng.uniform(0.8, 1.0), out_h)
    lit = seen * (across[None, :, None] * down[:, None, None])
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8))


def curled(page: Page, rng: Random) -> Page:
    """Paper that does not lie flat: every line bends by some millimetres."""
    pixels = np.asarray(page)
    height, width = pixels.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    bend = rng.choice((-1, 1)) * 0.007 * height * np.sin(xs / width * np.pi)
    bent = cv2.remap(
        pixels, xs, ys + bend.astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(250, 250, 248),
    )  # fmt: skip
    return Image.fromarray(bent)


def under_lid(page: Page, rng: Random) -> Page:
    """A sheet smaller than the scanner's glass: its dark lid shows round it."""
    left, top = (round(rng.uniform(0.02, 0.05) * side) for side in page.size)
    glass = Image.new("RGB", (page.width + 2 * left, page.height + 2 * top), (14, 14, 16))
    glass.paste(page, (left, top))
    return glass


def pale_rules(page: Page, rng: Random) -> Page:
    """Rules printed in a light grey."""
    pixels = np.asarray(page).copy()
    dark = (pixels.mean(axis=2) < 140).astype(np.uint8)
    for shape in ((1, 90), (90, 1)):
        rules = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        pixels[cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0] = 186
    return Image.fromarray(pixels)


def streaks(page: Page, rng: Random) -> Page:
    """Lines that dirt on the glass draws down the whole page."""
    draw = ImageDraw.Draw(page)
    for _ in range(2):
        x = rng.randrange(page.width)
        draw.line((x, 0, x, page.height), fill=rng.choice(((40, 40, 40), (150, 150, 150))), width=2)
    return page


def dashed_rules(page: Page, rng: Random) -> Page:
    """Level rules of which thin toner or black and white has left dashes."""
    pixels = np.asarray(page).copy()
    dark = (pixels.min(axis=2) < 140).astype(np.uint8)
    rules = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, page.width // 25), np.uint8))
    for x, y, width, height, _ in cv2.connectedComponentsWithStats(rules)[2][1:].tolist():
        if height > 8 or rng.random() < 0.5:
            continue
        at = x
        while at < x + width:
            at += rng.randrange(6, 40)
            gap = rng.randrange(3, 14)
            pixels[max(y - 1, 0) : y + height + 1, at : min(at + gap, x + width)] = 255
            at += gap
    return Image.fromarray(pixels)


def hand_in_light(page: Page, rng: Random) -> Page:
    """The shadow of a hand that holds the telephone, its fingers over the page."""
    width, height = page.size
    mask = np.zeros((height, width), np.float32)
    left = rng.uniform(0.1, 0.6) * width
    for finger in range(4):
        angle = np.radians(-90 + (finger - 1.5) * 12 + rng.uniform(-5, 5))
        length, x = height * rng.uniform(0.4, 0.7), left + finger * 0.06 * width
        tip = (round(x + length * np.cos(angle)), round(height + length * np.sin(angle)))
        cv2.line(mask, (round(x), height), tip, 1.0, round(0.045 * width))
    shade = cv2.GaussianBlur(mask, (0, 0), 0.006 * width) * rng.uniform(0.35, 0.5)
    return Image.fromarray((np.asarray(page) * (1 - shade[..., None])).astype(np.uint8))


def on_wood(page: Page, rng: Random) -> Page:
    """On a desk of streaked wood, in perspective and askew."""
    width, height = page.size
    margin = round(0.12 * width)
    size = (width + 2 * margin, height + 2 * margin)
    chance = np.random.default_rng(rng.randrange(1 << 32))
    grain = np.repeat(chance.integers(-25, 40, size[1] // 9 + 1), 9)[: size[1], None, None]
    desk = (np.array((140, 100, 65)) + grain + np.zeros((1, size[0], 1))).clip(0, 255)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    near = np.array(
        [[rng.uniform(-0.35, 0.35) * margin for _ in range(2)] for _ in range(4)], np.float32
    )
    matrix = cv2.getPerspectiveTransform(corners, corners + margin + near)
    seen = cv2.warpPerspective(np.asarray(page), matrix, size, flags=cv2.INTER_AREA)
    there = cv2.warpPerspective(np.ones((height, width), np.uint8), matrix, size)[..., None]
    lit = (
        np.where(there > 0, seen, desk) * np.linspace(1.0, rng.uniform(0.6, 0.8), size[0])[:, None]
    )
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8))


def coloured(page: Page, rng: Random) -> Page:
    """Printed on coloured paper."""
    tint = rng.choice(((255, 236, 180), (200, 230, 255), (255, 205, 210), (205, 240, 205)))
    return Image.fromarray((np.asarray(page) * (np.array(tint) / 255)).astype(np.uint8))


def shone_through(page: Page, rng: Random) -> Page:
    """What stands on the back shows through the paper, mirrored."""
    back = np.asarray(page)[:, ::-1].astype(np.float32)
    back = cv2.GaussianBlur(back, (0, 0), 1.4)
    ghost = 255 - (255 - back) * rng.uniform(0.1, 0.22)
    return Image.fromarray(np.minimum(np.asarray(page), ghost).astype(np.uint8))


def filed(page: Page, rng: Random) -> Page:
    """Punched, stapled and folded once."""
    draw, unit = ImageDraw.Draw(page), page.width / 210
    for y in (0.35, 0.62):
        x, at = 11 * unit, y * page.height
        draw.ellipse((x - 3 * unit, at - 3 * unit, x + 3 * unit, at + 3 * unit), fill=(52, 52, 55))
    draw.line((7 * unit, 14 * unit, 16 * unit, 9 * unit), fill=(90, 90, 95), width=round(unit))
    at = rng.uniform(0.4, 0.6) * page.height
    pixels = np.asarray(page).astype(np.int16)
    crease = np.clip(30 - abs(np.arange(page.height) - at) * 1.6, 0, None)[:, None, None]
    return Image.fromarray((pixels - crease.astype(np.int16)).clip(0, 255).astype(np.uint8))


def side_by_side(pages: list[Page]) -> Page:
    """Two pages laid beside each other on one glass."""
    if len(pages) == 1:
        return pages[0]
    wide = Image.new("RGB", (sum(p.width for p in pages), max(p.height for p in pages)), "white")
    wide.paste(pages[0], (0, 0))
    wide.paste(pages[1], (pages[0].width, 0))
    return wide


# -- seal and signature ----------------------------------------------------------------------------


def stamp(page: Page, x: float, y: float, dpi: int, rng: Random) -> None:
    """A round seal of 40 mm over the page, as ink: what is black under it stays black."""
    size = round(40 / 25.4 * dpi)
    from tests.corpus.pictures import seal

    mark = (
        Image.open(io.BytesIO(seal(rng, 4 * size // 4)))
        .convert("RGBA")
        .rotate(rng.uniform(-25, 25))
    )
    layer = Image.new("RGB", mark.size, "white")
    layer.paste(mark, mask=mark.split()[3].point(lambda a: int(a * rng.uniform(0.85, 0.95))))
    left, top = round(x - size / 2), round(y - size / 2)
    box = (left, top, left + mark.width, top + mark.height)
    under = np.asarray(page.crop(box)).astype(np.float32)
    page.paste(Image.fromarray((under * np.asarray(layer) / 255).astype(np.uint8)), box)


def across_the_edge(page: Page, dpi: int, rng: Random) -> None:
    """The left half of a seal put across the edges of two sheets (骑缝章)."""
    stamp(page, page.width, page.height * rng.uniform(0.3, 0.6), dpi, rng)


def sign(page: Page, x: float, y: float, dpi: int, rng: Random) -> None:
    """Pen strokes as high as handwriting is, 30 × 10 mm."""
    from tests.corpus.pictures import signature

    mark = Image.open(io.BytesIO(signature(rng))).convert("RGBA")
    mark = mark.resize((round(30 / 25.4 * dpi), round(10 / 25.4 * dpi)), Image.Resampling.LANCZOS)
    page.paste(mark, (round(x), round(y - mark.height / 2)), mark)


WEARS = {
    wear.name: wear
    for wear in (
        Wear("clean", ()),
        Wear("office", (grey, blurred(0.8), skewed(0.8), noisy(6), jpeg(70)), dpi=300, colour=False),
        Wear("skewed", (skewed(2.8), noisy(4), jpeg(65))),
        Wear("bilevel", (skewed(1.0), bilevel, specks), colour=False, file="tif"),
        Wear("low", (grey, blurred(0.6), skewed(0.6), noisy(5), jpeg(55)), dpi=150, colour=False),
        Wear("pale", (pale, blurred(0.5), skewed(0.8), noisy(7), jpeg(60))),
        Wear("turned-90", (turned(1), skewed(0.8), jpeg(75)), file="jpg"),
        Wear("turned-180", (turned(2), jpeg(75)), file="png"),
        Wear("turned-270", (turned(3), jpeg(75))),
        Wear("sealed", (skewed(1.0), blurred(0.5), noisy(4), jpeg(70)), sealed=True),
        Wear("sealed-grey", (grey, skewed(1.0), noisy(4), jpeg(70)), sealed=True, colour=False),
        Wear("sealed-bilevel", (skewed(1.0), bilevel, specks), sealed=True, colour=False, file="tif"),
        Wear("broken", (broken_rules, skewed(0.8), noisy(4), jpeg(70))),
        Wear("curled", (curled, noisy(4), jpeg(70))),
        Wear("lid", (under_lid, skewed(0.8), jpeg(70))),
        Wear("pale-rules", (pale_rules, noisy(3), jpeg(75))),
        Wear("streaks", (streaks, jpeg(75))),
        Wear("dashed", (dashed_rules, skewed(0.6), noisy(4), jpeg(60))),
        Wear("dashed-fax", (dashed_rules, skewed(0.6), bilevel), colour=False, file="tif"),
        Wear("edge-seal", (grey, skewed(0.6), noisy(4), jpeg(60)), colour=False, edge=True),
        Wear("filed", (filed, skewed(1.5), noisy(4), jpeg(60))),
        Wear("coloured", (coloured, skewed(0.8), noisy(4), jpeg(50))),
        Wear("bleed", (shone_through, grey, skewed(0.8), noisy(4), jpeg(60)), colour=False),
        Wear("blurred", (grey, blurred(1.4), skewed(0.8), noisy(4), jpeg(60)), colour=False),
        Wear("spread", (grey, noisy(3), jpeg(60)), colour=False, spread=True),
        Wear("mixed", (grey, skewed(0.6), noisy(3), jpeg(60)), colour=False, mixed=True),
        Wear("hand", (photo, hand_in_light, blurred(0.6), noisy(4), jpeg(65)), dpi=250, file="jpg"),
        Wear("wood", (on_wood, blurred(0.6), noisy(4), jpeg(65)), dpi=250, file="jpg"),
        Wear("photo", (photo, blurred(0.7), noisy(5), jpeg(70)), dpi=250, file="jpg"),
    )
}  # fmt: skip

__all__ = ["WEARS", "Wear", "across_the_edge", "side_by_side", "sign", "stamp"]

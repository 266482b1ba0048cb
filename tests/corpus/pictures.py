"""A seal and a signature, drawn: invented, never a real one."""

from __future__ import annotations

import io
import math
from random import Random

from PIL import Image, ImageDraw


def seal(rng: Random, size: int = 240) -> bytes:
    """A red ring with a star on a transparent ground, as PNG."""
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    red = (rng.randint(195, 230), rng.randint(10, 45), rng.randint(10, 45), 235)
    draw.ellipse((4, 4, size - 4, size - 4), outline=red, width=8)
    middle, outer = size / 2, size / 6
    points = []
    for i in range(10):
        radius = outer if i % 2 == 0 else outer * 0.38
        angle = math.pi * i / 5 - math.pi / 2
        points.append((middle + radius * math.cos(angle), middle + radius * math.sin(angle)))
    draw.polygon(points, fill=red)
    for i in range(14):  # strokes in the place of the ring's characters
        angle = math.pi * (0.75 + 1.5 * i / 13)
        x, y = middle + size * 0.37 * math.cos(angle), middle + size * 0.37 * math.sin(angle)
        draw.rectangle((x - 7, y - 7, x + 7, y + 7), outline=red, width=3)
        draw.line((x - 7, y, x + 7, y), fill=red, width=2)
    return _png(image)


def signature(rng: Random, width: int = 300, height: int = 100) -> bytes:
    """Dark strokes as of a pen, as PNG."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for word in range(3):
        x, y = 30 + word * 90, height / 2
        for _ in range(4):
            points = [(x, y)]
            points += [
                (x + rng.uniform(-10, 70), height / 2 + rng.uniform(-35, 35)) for _ in range(4)
            ]
            draw.line(points, fill=(25, 25, 45, 255), width=rng.choice((3, 4)), joint="curve")
            x, y = points[-1][0] - 30, points[-1][1]
    return _png(image)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()

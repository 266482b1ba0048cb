"""Pictures (JPEG, PNG, TIFF, BMP, WebP, GIF, JPEG 2000, HEIC, AVIF) → Document: scans and photos of
pages."""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError, features

from pipeline.document import Document, Source
from pipeline.errors import UnreadableError, UnsafeError, UnsupportedError
from pipeline.read import pdf, scan_engine

#: A page at 600 dpi has 35 million pixels; more is no page.
MAX_PIXELS = 80_000_000
#: Pillow gives what several telephones write (MPO) as JPEG.
FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF", "JPEG2000", "AVIF", "HEIF")
#: Of these every frame is a page; in others they are those of a film.
PAGED = "TIFF"
#: Modes of pictures that hold no colour.
GREYS = frozenset({"1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "F"})
#: Pages of one TIFF.
MAX_FRAMES = 60
#: The long side of the page that a picture shows, points (A4 at 200 dpi has 2339 pixels).
PAGE_POINTS = 2339 * 72 / 200
#: No more than this (pixels of the long side) is kept of a picture.
LONGEST = 4800
#: A picture in a text is that of a page from this (pixels of the short side) on.
PAGE_PIXELS = 700
#: Less than this cannot be read by anyone.
SHORTEST = 400


def read(path: Path, source: Source) -> list[Document]:
    """The one Document of a picture file; every frame of a TIFF is a page.

    Raises UnsupportedError without the extra `ocr`, UnreadableError (broken), UnsafeError (bounds).
    """
    _require_decoder(path, source.file)
    scan_engine.require()
    return [pdf.read_pictures(list(_pages(path, source.file)), source)]


def read_within(pictures: Iterable[bytes], source: Source, most: int) -> Document | None:
    """The Document that the pictures within a file make, each large enough to be a page; no more
    than `most` of them. None where there is no such picture."""
    pages: list[tuple[Any, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(pictures):
            path = Path(folder) / f"{number}"
            path.write_bytes(content)
            if len(pages) < most and _is_page(path):
                pages.extend(_pages(path, source.file))
    if not pages:
        return None
    scan_engine.require()
    return pdf.read_pictures(pages, source)


def _is_page(path: Path) -> bool:
    formats = [f for f in FORMATS if f in Image.OPEN]
    try:
        with Image.open(path, formats=formats) as image:
            return min(image.size) >= PAGE_PIXELS
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False


def as_pdf(path: Path, source: Source, folder: Path) -> Path:
    """The pictures on pages of a PDF, upright and as large as the boxes read from them mean."""
    pages = [Image.fromarray(pixels[..., ::-1]) for pixels, _ in _pages(path, source.file)]
    target = folder / "pages.pdf"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        longest = max(max(page.size) for page in pages)
        fitted = [_fitted(page, longest) for page in pages]
        fitted[0].save(
            target, "PDF", resolution=72 * longest / PAGE_POINTS, save_all=True,
            append_images=fitted[1:],
        )  # fmt: skip
    return target


def _fitted(page: Image.Image, longest: int) -> Image.Image:
    """All pages are A4, whatever their pixels are."""
    if max(page.size) == longest:
        return page
    factor = longest / max(page.size)
    return page.resize((round(page.width * factor), round(page.height * factor)))


def _pages(path: Path, name: str) -> Iterator[tuple[Any, bool]]:
    """Every page as an array, and whether it is stored in colours; of two side by side in one
    frame the left comes first."""
    _require_decoder(path, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=[f for f in FORMATS if f in Image.OPEN]) as image:
                frames = getattr(image, "n_frames", 1) if image.format == PAGED else 1
                if frames > MAX_FRAMES:
                    raise UnsafeError(
                        f"图片“{name}”有 {frames} 页，超过 {MAX_FRAMES} 页的上限。",
                        remedy="请拆分后重新提交。",
                    )
                for number in range(frames):
                    image.seek(number)
                    colour = image.mode not in GREYS
                    for page in pdf.pages_in(_pixels(image, name)):
                        yield page, colour
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        Image.DecompressionBombError,
    ) as error:
        raise UnreadableError(
            f"图片“{name}”已损坏或不完整，无法读取。", remedy="请重新扫描或重新发送。"
        ) from error


def _require_decoder(path: Path, name: str) -> None:
    """Raises UnsupportedError for photos of telephones in a format whose decoder is not there."""
    with path.open("rb") as stream:
        head = stream.read(64)
    Image.init()
    if head[4:8] != b"ftyp":
        return
    if b"avi" in head[8:]:
        if features.check("avif"):
            return
        kind = "AVIF 格式的照片"
    elif importlib.util.find_spec("pi_heif") is not None:
        importlib.import_module("pi_heif").register_heif_opener(thumbnails=False)
        return
    else:
        kind = "苹果手机的照片（HEIC）"
    raise UnsupportedError(
        f"“{name}”是{kind}，本机没有安装读取它的组件。",
        remedy="请转存为 JPG 后重新提交（手机“设置—相机—格式”选“兼容性最佳”，拍出来就是 JPG），"
        "或安装：pip install 'pipeline[ocr]'。",
    )


def _pixels(image: Image.Image, name: str) -> Any:
    """One frame as an array (blue, green, red), turned as the camera noted, bounded before it is
    decoded."""
    import numpy as np

    if image.width * image.height > MAX_PIXELS:
        raise UnsafeError(
            f"图片“{name}”有 {image.width}×{image.height} 像素，太大。",
            remedy="请以 300 dpi 以下重新扫描。",
        )
    if min(image.size) < SHORTEST:
        raise UnreadableError(
            f"图片“{name}”只有 {image.width}×{image.height} 像素，字迹无法辨认。",
            remedy="请以 200 dpi 以上重新扫描。",
        )
    image.draft("RGB", (LONGEST, LONGEST))  # lets a large JPEG be decoded smaller
    upright = ImageOps.exif_transpose(image)
    if upright.mode[0] in "IF":  # deep greys, which Pillow's own conversion cuts off
        deep = np.nan_to_num(np.asarray(upright).astype(np.float32))
        white = next((top for top in (1.0, 255.0) if deep.max() <= top), 65535.0)
        upright = Image.fromarray((deep.clip(0, white) * (255.0 / white)).astype(np.uint8))
    if upright.has_transparency_data:
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright.convert("RGBA"))
    colour = upright.convert("RGB")
    colour.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return np.asarray(colour)[..., ::-1]

"""A picture on the page of a PDF, in a coding that scanners use and Pillow does not write there."""

from __future__ import annotations

import io
import struct

import pikepdf
from PIL import Image


def pdf_of(page: Image.Image, coding: str) -> bytes:
    """`coding`: the name of the PDF filter, JPXDecode, CCITTFaxDecode (group 4) or JBIG2Decode."""
    width, height = page.size
    pdf = pikepdf.new()
    if coding == "JPXDecode":
        out = io.BytesIO()
        page.save(out, "JPEG2000")
        stream = pikepdf.Stream(pdf, out.getvalue())
    else:
        bits = _group4(page)
        if coding == "JBIG2Decode":
            bits = _jbig2(bits, width, height)
        stream = pikepdf.Stream(pdf, bits)
        stream.ColorSpace, stream.BitsPerComponent = pikepdf.Name.DeviceGray, 1
        if coding == "CCITTFaxDecode":
            stream.DecodeParms = pikepdf.Dictionary(K=-1, Columns=width, Rows=height)
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height, stream.Filter = width, height, pikepdf.Name("/" + coding)
    size = (width * 72 / 200, height * 72 / 200)
    sheet = pdf.add_blank_page(page_size=size)
    sheet.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=pdf.make_indirect(stream)))
    sheet.Contents = pikepdf.Stream(pdf, f"q {size[0]} 0 0 {size[1]} 0 0 cm /I Do Q".encode())
    whole = io.BytesIO()
    pdf.save(whole)
    return whole.getvalue()


def _group4(page: Image.Image) -> bytes:
    """ITU-T T.6, black pixels as black."""
    out = io.BytesIO()
    black = page.convert("L").point(lambda value: 255 * (value <= 128)).convert("1")
    black.save(out, "TIFF", compression="group4", tiffinfo={278: page.height})
    tiff = Image.open(out)
    (start,), (length,) = tiff.tag_v2[273], tiff.tag_v2[279]
    return out.getvalue()[start : start + length]


def _jbig2(group4: bytes, width: int, height: int) -> bytes:
    """ITU-T T.88: a page with one immediate generic region, which may be coded by T.6."""

    def segment(number: int, kind: int, body: bytes) -> bytes:
        return struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body

    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + group4
    return segment(0, 48, page) + segment(1, 38, region)

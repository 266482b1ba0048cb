"""A form as a PDF that can be filled in: the template's layout drawn page by page, with an AcroForm
field in every hole.

    layout.py      the look of the template        pdf_holes.py   what each field is
    pdf_flow.py    the pages of a form             pdf_tables.py  its tables
    pdf_pieces.py  its paragraphs, with fields     pdf_lines.py   lines of text
    pdf_draw.py    pieces drawn on a page          pdf_sheet.py   what stands on a page
    pdf_file.py    the file                        pdf_fonts.py   faces and their embedding
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline import version
from pipeline.annex import Annex
from pipeline.render.layout import layout
from pipeline.render.pdf_file import write
from pipeline.render.pdf_flow import flow
from pipeline.render.pdf_holes import Holes

Json = Any


def render(annex: Annex, data: Mapping[str, Json]) -> bytes:
    """The form with the data in its fields; `data` has every key of the annex (`Annex.complete`)
    and fits its schema. Same data, same bytes.

    Raises TemplateError for a template that cannot be understood.
    """
    look = layout(annex.template)
    sheets = flow(look, Holes(annex, data), version.footer(annex, data))
    return write(look.page, sheets, f"附件{annex.number} {annex.title}")

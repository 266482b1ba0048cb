"""A form set on pages: the blocks of a layout become words, rules and fields, each in its place.

Rows are as high as the template says and grow with what stands in them; a row that a page has no
room for goes to the next one, under the repeated head of its table. A field cannot run over two
pages: prose that is longer than a page is set smaller. Lengths are points, from the page's top
left corner.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.render.layout import LaidParagraph, LaidTable, Layout, PageSetup
from pipeline.render.pdf_draw import draw, draw_line
from pipeline.render.pdf_holes import Holes
from pipeline.render.pdf_lines import Item, break_lines, glyphs
from pipeline.render.pdf_pieces import (
    SHRINK_TO_STAY,
    FieldPiece,
    Piece,
    TextPiece,
    leading_of,
    piece_of,
    style_of,
)
from pipeline.render.pdf_sheet import PAD, Pages, Sheet
from pipeline.render.pdf_tables import place_table
from pipeline.tags import Tag

#: Lines that prose under a heading has room for.
_PROSE_LINES = 7


def flow(layout: Layout, holes: Holes, version_code: str) -> list[Sheet]:
    """The pages of a form."""
    pages = Pages(layout.page)
    for kept in _kept_together(layout, holes, pages.width):
        if isinstance(kept, LaidTable):
            place_table(kept, holes, pages)
        else:
            _place_pieces(kept, pages)
    for sheet in pages.sheets:
        _place_margins(layout, holes, version_code, sheet)
    return pages.sheets


def _kept_together(layout: Layout, holes: Holes, width: float) -> Iterator[list[Piece] | LaidTable]:
    """Tables, and paragraphs with those that must stay on the page of the next."""
    kept: list[Piece] = []
    for block in layout.blocks:
        if isinstance(block, LaidTable):
            if kept:
                yield kept
            kept = []
            yield block
            continue
        kept.append(piece_of(block, holes, width))
        if not block.keep_next:
            yield kept
            kept = []
    if kept:
        yield kept


def _place_pieces(pieces: Sequence[Piece], pages: Pages) -> None:
    """Paragraphs that stay together; a single one may break between its lines."""
    if pieces[0].look.page_break_before and not pages.is_fresh:
        pages.turn()
    heights = [_body_height(piece) for piece in pieces]
    if (
        sum(heights) > pages.room
        and not pages.is_fresh
        and not _shrinks(pieces, heights, pages.room)
    ):
        if len(pieces) == 1 and isinstance(pieces[0], TextPiece):
            _place_lines(pieces[0], pages)
            return
        pages.turn()
    over = sum(heights) - pages.room
    for piece, height in zip(pieces, heights, strict=True):
        given = height - max(over, 0.0) if isinstance(piece, FieldPiece) else height
        draw(piece, pages.left + piece.look.left, pages.y, given, pages.sheet)
        pages.y += given


def _body_height(piece: Piece) -> float:
    """Prose under a heading has room for some lines also where it is blank."""
    if isinstance(piece, FieldPiece) and piece.hole.spec.kind == "text":
        least = piece.look.before + _PROSE_LINES * piece.leading + piece.look.after
        return max(piece.height, least)
    return piece.height


def _shrinks(pieces: Sequence[Piece], heights: Sequence[float], room: float) -> bool:
    """Whether a little smaller type keeps the prose on the page."""
    over = sum(heights) - room
    for piece, height in zip(pieces, heights, strict=True):
        if isinstance(piece, FieldPiece) and height - over >= _PROSE_LINES * piece.leading:
            return piece.within(height - over, SHRINK_TO_STAY).height <= height - over - 2 * PAD
    return False


def _place_lines(piece: TextPiece, pages: Pages) -> None:
    pages.y += piece.look.before
    for line in piece.lines:
        height = piece.line_height(line)
        if height > pages.room and not pages.is_fresh:
            pages.turn()
        draw_line(piece, line, pages.left + piece.look.left, pages.y, height, pages.sheet)
        pages.y += height
    pages.y += piece.look.after


# ---------------------------------------------------------------- header and footer


def _place_margins(layout: Layout, holes: Holes, version_code: str, sheet: Sheet) -> None:
    """Header and footer, which hold printed words and perhaps the version code, never a field."""
    setup = layout.page
    y = setup.header
    for look in layout.header:
        y += _draw_margin(look, setup, y, version_code, sheet)
    y = (
        setup.height
        - setup.footer
        - sum(leading_of(look, look.font.size) for look in layout.footer)
    )
    for look in layout.footer:
        y += _draw_margin(look, setup, y, version_code, sheet)


def _draw_margin(
    look: LaidParagraph, setup: PageSetup, top: float, version_code: str, sheet: Sheet
) -> float:
    items: list[Item] = []
    for run in look.runs:
        text = version_code if isinstance(run.segment, Tag) else run.segment
        items += [
            g for g in glyphs(text.replace("\t", " "), style_of(run.font, look)) if g.char != "\n"
        ]
    piece = TextPiece(look, tuple(break_lines(items, setup.text_width)), setup.text_width)
    draw(piece, setup.margins.left, top, piece.height, sheet)
    return piece.height

"""标牌: one page for each certified institution, at the plaque's own size (第九条（五）).

The size is not regulated; the wording's file states it (600 × 400 mm by habit). The proof is the
trimmed plaque in RGB, to look at and agree on. The printer's file is the same face in process
colours and a spot gold of its own separation, with 3 mm of bleed beyond the trim, crop marks
outside it, and the boxes that say which is which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.announce import record_code
from pipeline.announce.archive import PRESS_VERSION, About
from pipeline.announce.compose import check, values_of
from pipeline.announce.facts import Facts, Institution
from pipeline.announce.fonts import FontSet, Role
from pipeline.announce.lines import Span, set_line, text_width, type_of
from pipeline.announce.page import ASCENT, MM
from pipeline.announce.pen import Ink, Pen
from pipeline.announce.titles import break_title
from pipeline.announce.wording import Wording
from pipeline.errors import MissingToolError, UsageError
from pipeline.regulation import regulation
from pipeline.settings import DEFAULT_EDITION

#: Places and sizes as shares of the plaque's height, so that another size keeps its proportions.
FRAME_OUTER, FRAME_INNER = 0.035, 0.05
NAME_BAND = (0.14, 0.34)
TITLE_TOP, TITLE_WIDTH = 0.42, 0.84
NAME_SIZE, NAME_LEAST, NAME_WIDTH = 0.072, 0.04, 0.78
ISSUER_TOP, ISSUER_SIZE = 0.66, 0.062
SMALL_TOP, SMALL_SIZE, SMALL_PITCH = 0.79, 0.034, 0.055
CODE_SIZE, CODE_INSET = 0.2, 0.085

#: Crop marks: how far off the trim they begin, how long they are, how heavy (mm; points).
MARK_OFFSET, MARK_LENGTH, MARK_WEIGHT = 4.0, 6.0, 0.25
#: What a QR code needs around it, in modules (ISO/IEC 18004 §9.1).
QUIET = 4
#: The resource by which a page speaks of the spot gold.
GOLD = "GOLD"
#: Black goes over the gold, or a plate a hair out of register would leave it a white edge; the
#: other inks leave no gold beneath them.
OVERPRINT, KNOCKOUT = "OVER", "KNOCK"
#: The colorant of every separation (ISO 32000-1 §8.6.6.4).
ALL = "All"


@dataclass(frozen=True, slots=True)
class Inks:
    """A plaque is red and black on gold. `marks` shows on every separation."""

    red: Ink
    black: Ink
    gold: Ink
    ground: Ink
    paper: Ink
    marks: Ink


@dataclass(frozen=True, slots=True)
class Options:
    """The printer's file or a proof; the key that signs the QR codes."""

    for_printer: bool = False
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class Plate:
    """The plaque's trimmed size and bleed in points, where its corner lies on the page, and what
    it is set with."""

    width: float
    height: float
    bleed: float
    margin: float
    fonts: FontSet
    inks: Inks
    options: Options


def typeset(
    data: Mapping[str, Any],
    wording: Wording,
    fonts: FontSet,
    edition: str = DEFAULT_EDITION,
    options: Options | None = None,
) -> bytes:
    """One page for each institution of the data."""
    facts = check(data, wording)
    plate = plate_of(wording, fonts, options or Options())
    width, height = plate.width + 2 * plate.margin, plate.height + 2 * plate.margin
    values = values_of(facts, wording, regulation(edition))
    about = About(wording.entry("document"), values["issuer"], wording.entry("title", **values))
    press = plate.options.for_printer
    pen = Pen(width, height, about, PRESS_VERSION) if press else Pen(width, height, about)
    if press:
        _boxes(pen, plate)
        pen.spot_ink(GOLD, GOLD_CMYK)
        pen.spot_ink(ALL, (1, 1, 1, 1))
        pen.graphics_state(OVERPRINT, "/OP true/op true/OPM 1")
        pen.graphics_state(KNOCKOUT, "/OP false/op false/OPM 0")
    for number, institution in enumerate(facts.institutions):
        if number:
            pen.next_page()
        pen.push(f"1 0 0 1 {plate.margin:.3f} {plate.margin:.3f} cm")
        if press:
            _crop_marks(pen, plate)
        code = code_of(facts, institution, wording, plate.options.key)
        face(pen, plate, institution, wording, {**values, "it": institution}, code)
        pen.pop()
    if not press:
        return pen.finish()
    day = facts.dated or facts.valid_from
    assert day is not None, "needs valid_from"
    return pen.finish_for_press(wording.text("print_condition"), day)


#: What stands for the spot gold where only process inks are shown.
GOLD_CMYK = (0.2, 0.36, 0.85, 0.1)


def inks_of(ground: float, *, for_printer: bool) -> Inks:
    """`ground`: how much of the gold lies under everything, 0–1."""
    if for_printer:
        return Inks(
            red=Ink.cmyk(0.1, 1, 1, 0.05).under(KNOCKOUT),
            black=Ink.cmyk(0, 0, 0, 1).under(OVERPRINT),
            gold=Ink.spot(GOLD, 1).under(KNOCKOUT),
            ground=Ink.spot(GOLD, ground).under(KNOCKOUT),
            paper=Ink.cmyk(0, 0, 0, 0).under(KNOCKOUT),
            marks=Ink.spot(ALL, 1),
        )
    red, green, blue = 0.72, 0.53, 0.16
    pale = [1 - ground * (1 - part) for part in (red, green, blue)]
    return Inks(
        red=Ink.rgb(0.76, 0.05, 0.05),
        black=Ink.rgb(0, 0, 0),
        gold=Ink.rgb(red, green, blue),
        ground=Ink.rgb(*pale),
        paper=Ink.rgb(1, 1, 1),
        marks=Ink.rgb(0, 0, 0),
    )


def plate_of(wording: Wording, fonts: FontSet, options: Options) -> Plate:
    bleed = wording.number("bleed_mm") * MM if options.for_printer else 0.0
    margin = bleed + (MARK_OFFSET + MARK_LENGTH) * MM if options.for_printer else 0.0
    return Plate(
        wording.number("width_mm") * MM,
        wording.number("height_mm") * MM,
        bleed,
        margin,
        fonts,
        inks_of(wording.number("ground") / 100, for_printer=options.for_printer),
        options,
    )


def _boxes(pen: Pen, plate: Plate) -> None:
    edge, right, top = plate.margin, plate.margin + plate.width, plate.margin + plate.height
    bleed = plate.bleed
    pen.boxes((edge, edge, right, top), (edge - bleed, edge - bleed, right + bleed, top + bleed))


def _crop_marks(pen: Pen, plate: Plate) -> None:
    """Two marks at each corner of the trim, outside the bleed."""
    near, far = plate.bleed + MARK_OFFSET * MM, plate.bleed + (MARK_OFFSET + MARK_LENGTH) * MM
    rules = []
    for x, out in ((0.0, -1), (plate.width, 1)):
        for y, up in ((0.0, -1), (plate.height, 1)):
            rules.append((x + out * near, y, x + out * far, y))
            rules.append((x, y + up * near, x, y + up * far))
    pen.rules(rules, MARK_WEIGHT, plate.inks.marks)


def code_of(facts: Facts, institution: Institution, wording: Wording, key: Path | None) -> str:
    """The text of the institution's QR code."""
    start, end = facts.valid_from, facts.valid_to
    assert start is not None, "needs valid_from"
    assert end is not None, "needs valid_to"
    record = record_code.record_of(institution.certificate_no, institution.uscc, start, end)
    return record_code.payload(record, wording.text("record_address"), key)


def face(
    pen: Pen,
    plate: Plate,
    institution: Institution,
    wording: Wording,
    values: dict[str, Any],
    code: str,
) -> None:
    """One plaque: ground, frame, name, title, issuer, validity and number, QR code."""
    _ground(pen, plate)
    _frame(pen, plate)
    _name(pen, plate, institution.name, wording.terms)
    title = wording.entry("title", **values)
    red, black = plate.inks.red, plate.inks.black
    _centred(pen, plate, title, "小标宋", _title_size(plate, title), TITLE_TOP, red)
    size = ISSUER_SIZE * plate.height
    _centred(pen, plate, wording.entry("issuer"), "小标宋", size, ISSUER_TOP, black)
    for number, text in enumerate(wording.paragraphs("small_print", **values)):
        top = SMALL_TOP + number * SMALL_PITCH
        _centred(pen, plate, text, "宋体", SMALL_SIZE * plate.height, top, black)
    _code(pen, plate, code)


def _ground(pen: Pen, plate: Plate) -> None:
    """To the edge of the bleed, or a cut a little off would show the bare sheet."""
    bleed = plate.bleed
    box = (-bleed, -bleed, plate.width + 2 * bleed, plate.height + 2 * bleed)
    pen.fill([box], plate.inks.ground)


def _frame(pen: Pen, plate: Plate) -> None:
    for share, weight in ((FRAME_OUTER, 0.006), (FRAME_INNER, 0.002)):
        inset = share * plate.height
        pen.frame(
            inset, inset, plate.width - 2 * inset, plate.height - 2 * inset,
            weight * plate.height, plate.inks.gold,
        )  # fmt: skip


def _code(pen: Pen, plate: Plate, text: str) -> None:
    """The QR code (ISO/IEC 18004, level M) in the lower right corner, on white."""
    rows = modules(text)
    size = CODE_SIZE * plate.height
    x, y = plate.width - CODE_INSET * plate.height - size, CODE_INSET * plate.height
    unit = size / (len(rows) + 2 * QUIET)
    pen.fill([(x, y, size, size)], plate.inks.paper)
    top = y + size - QUIET * unit
    boxes = [
        (x + (QUIET + start) * unit, top - (number + 1) * unit, length * unit, unit)
        for number, row in enumerate(rows)
        for start, length in _runs(row)
    ]
    pen.fill(boxes, plate.inks.black)


def modules(text: str) -> list[list[bool]]:
    """The dark modules of a QR code."""
    try:
        import segno
    except ImportError as error:
        raise MissingToolError(
            "画二维码需要 segno。", remedy="请安装：pip install segno。"
        ) from error
    return [
        [bool(module) for module in row] for row in segno.make(text, error="m", micro=False).matrix
    ]


def _runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Dark stretches of a row: start and length."""
    start: int | None = None
    for place, dark in enumerate([*row, False]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place - start
            start = None


def one_each(kind: str, data: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The data of many plaques as those of one each, with a name for its file; numbered where two
    would have the same."""
    if kind != "plaque":
        raise UsageError("只有标牌（plaque）能每家一个文件。")
    items = data.get("institutions")
    found: dict[str, dict[str, Any]] = {}
    for item in items if isinstance(items, list) else ():
        name = _file_name(item)
        while name in found:
            name += "_"
        found[name] = {**data, "institutions": [item]}
    return list(found.items()) or [("标牌", dict(data))]


def _file_name(item: Any) -> str:
    told = item.get("certificate_no") or item.get("name") if isinstance(item, Mapping) else None
    return "".join(c for c in str(told or "") if c.isalnum() or c in "-_（）〔〕") or "标牌"


def _title_size(plate: Plate, title: str) -> float:
    """The title fills its share of the width."""
    probe = 100.0
    width = text_width(title, type_of(plate.fonts, "小标宋", probe))
    return round(probe * TITLE_WIDTH * plate.width / width, 1)


def _name(pen: Pen, plate: Plate, name: str, terms: frozenset[str]) -> None:
    """The institution's name in the middle of its band, fitted."""
    lines, size = fit_name(plate, name, terms)
    top, bottom = NAME_BAND
    pitch = size * 1.3 / plate.height
    first = (top + bottom) / 2 - (len(lines) - 1) * pitch / 2 - size / plate.height / 2
    for number, line in enumerate(lines):
        _centred(pen, plate, line, "小标宋", size, first + number * pitch, plate.inks.black)


def fit_name(plate: Plate, name: str, terms: frozenset[str]) -> tuple[list[str], float]:
    """A name's lines and type size (points): one line as large as it may be; a long name in two
    lines by sense rather than in one of small letters."""
    width, full = NAME_WIDTH * plate.width, NAME_SIZE * plate.height
    natural = text_width(name, type_of(plate.fonts, "小标宋", full))
    if natural <= width:
        return [name], full
    # Down to three quarters of the size one line still looks better than two.
    if natural * 0.75 <= width:
        return [name], round(full * width / natural, 1)
    size = 0.8 * full
    while size > NAME_LEAST * plate.height:
        lines = break_title(name, type_of(plate.fonts, "小标宋", round(size, 1)), width, terms)
        if len(lines) <= 2:
            return lines, round(size, 1)
        size *= 0.95
    return lines, round(size, 1)


def _centred(
    pen: Pen, plate: Plate, text: str, role: Role, size: float, top: float, ink: Ink
) -> None:
    """A line whose em box begins at the share `top` of the plate's height."""
    line = set_line([Span(text, type_of(plate.fonts, role, size))])
    y = plate.height * (1 - top) - ASCENT * size
    pen.text(line, (plate.width - line.width) / 2, y, ink)

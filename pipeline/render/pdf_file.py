"""The pages of a form as a PDF file: what is printed, and the fields with their looks.

Field names, values and flags follow ISO 32000-1 §12.7. Every field that holds something brings
its own appearance, in the look of the printed form; `NeedAppearances` is left out on purpose: it
would make readers set every value anew in the typing font, and ask to save a file that nobody
changed. A value stands in its field only, never in the page's own text.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from pipeline.render import fill
from pipeline.render.layout import PageSetup
from pipeline.render.pdf_fonts import Chain, Fonts, chain, face, typing_font
from pipeline.render.pdf_lines import Glyph
from pipeline.render.pdf_sheet import PAD, Rule, Sheet, Widget, Words

Json = Any

_MULTILINE, _RADIO, _COMBO = 1 << 12, 1 << 15, 1 << 17
_PRINT = 4
#: The resource name of the typing font, in /DR and /DA.
TYPING = "/Typing"
_BOX_FACES: Chain = chain("黑体")
#: How strongly bold letters are outlined, in em: the faces have no bold of their own.
_BOLD = 0.03
_ASCENT = 0.86


def write(setup: PageSetup, sheets: Sequence[Sheet], title: str) -> bytes:
    """The file's bytes; the same pages give the same bytes."""
    pdf = pikepdf.new()
    writer = _Writer(pdf, setup)
    for sheet in sheets:
        writer.add_page(sheet)
    writer.finish(title)
    stream = io.BytesIO()
    pdf.save(
        stream, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate,
        compress_streams=True,
    )  # fmt: skip
    return stream.getvalue()


#: Width, height and content of an appearance.
_Look = tuple[float, float, str]


class _Writer:
    def __init__(self, pdf: pikepdf.Pdf, setup: PageSetup) -> None:
        self._pdf = pdf
        self._setup = setup
        self._fonts = Fonts()
        self._resources = pdf.make_indirect(Dictionary())
        self._typing = typing_font(pdf)
        self._fields: list[pikepdf.Object] = []
        self._radios: dict[str, pikepdf.Object] = {}
        self._shared: dict[tuple[float, float, str], pikepdf.Object] = {}

    # ------------------------------------------------------------ pages

    def add_page(self, sheet: Sheet) -> None:
        height = self._setup.height
        content = [_rule(rule, height) for rule in sheet.rules]
        content += [self._words(words, height) for words in sheet.words]
        page = Dictionary(
            Type=Name.Page, MediaBox=Array([0, 0, _number(self._setup.width), _number(height)]),
            Contents=self._pdf.make_stream("\n".join(content).encode("ascii")),
            Resources=self._resources, Tabs=Name.R,
        )  # fmt: skip
        self._pdf.pages.append(pikepdf.Page(page))
        own = self._pdf.pages[-1].obj
        own.Annots = self._pdf.make_indirect(Array([self._widget(w, own) for w in sheet.widgets]))

    def finish(self, title: str) -> None:
        # A form that a tool prints anew looks for the typing font in the page's resources, too.
        fonts = self._fonts.resources(self._pdf)
        fonts[TYPING] = self._typing
        self._resources.Font = fonts
        self._pdf.Root.AcroForm = self._pdf.make_indirect(
            Dictionary(
                Fields=Array(self._fields), DR=Dictionary(Font=Dictionary({TYPING: self._typing})),
                DA=_appearance(12.0),
            )
        )  # fmt: skip
        self._pdf.Root.Lang = pikepdf.String("zh-CN")
        self._pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        self._pdf.trailer.Info = self._pdf.make_indirect(Dictionary(Title=_text(title)))

    # ------------------------------------------------------------ words

    def _words(self, words: Words, height: float) -> str:
        return self._run(words.glyphs, words.x, height - words.baseline, words.gap)

    def _run(self, glyphs: Iterable[Glyph], x: float, y: float, gap: float = 0.0) -> str:
        """A line of glyphs as text operators, a stretch of one style after the other."""
        # Character spacing outlives a text object (ISO 32000-1 §9.3.1): each line says its own.
        out = ["BT", f"1 0 0 1 {_n(x)} {_n(y)} Tm {_n(gap)} Tc"]
        for style, stretch in groupby(glyphs, lambda glyph: glyph.style):
            bold = f"2 Tr {_n(_BOLD * style.size)} w " if style.bold else "0 Tr "
            for font, codes in self._fonts.show([glyph.char for glyph in stretch], style.faces):
                out.append(f"{font} {_n(style.size)} Tf {bold}<{codes}> Tj")
        out.append("ET")
        return "\n".join(out)

    # ------------------------------------------------------------ fields

    def _widget(self, widget: Widget, page: pikepdf.Object) -> pikepdf.Object:
        hole, box, height = widget.hole, widget.box, self._setup.height
        rect = [_number(v) for v in (box.x0, height - box.bottom, box.x1, height - box.top)]
        made = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, Rect=Array(rect), F=_PRINT, P=page,
            BS=Dictionary(W=0), TU=_text(hole.tip),
        )  # fmt: skip
        own = self._pdf.make_indirect(made)
        if hole.control == "radio":
            self._add_to_group(own, widget)
            return own
        own.T = _text(hole.name)
        if hole.control in ("check", "tick"):
            self._make_check(own, widget)
        else:
            self._make_text(own, widget)
        self._fields.append(own)
        return own

    def _make_text(self, own: pikepdf.Object, widget: Widget) -> None:
        hole = widget.hole
        own.DA = _appearance(widget.size)
        own.Q = {"center": 1, "right": 2}.get(widget.align, 0)
        if hole.control == "list":
            own.FT, own.Ff = Name.Ch, _COMBO
            own.Opt = Array([_text(option) for option in ("", *hole.options)])
        else:
            own.FT = Name.Tx
            if widget.multiline:
                own.Ff = _MULTILINE
            longest = hole.spec.schema.get("maxLength")
            if longest:
                own.MaxLen = max(int(longest), _length(hole.text))
        if hole.shown.strip():
            own.V = _text(hole.shown)
            own.AP = Dictionary(N=self._form(*self._lines(widget)))
        else:
            box = widget.box
            own.AP = Dictionary(N=self._form(box.x1 - box.x0, box.bottom - box.top, ""))

    def _make_check(self, own: pikepdf.Object, widget: Widget) -> None:
        hole = widget.hole
        own.FT = Name.Btn
        state = Name(f"/{hole.option}")
        own.V = own.AS = state if hole.on else Name.Off
        self._give_states(own, widget, state)

    def _add_to_group(self, own: pikepdf.Object, widget: Widget) -> None:
        """One box of a radio group: the field is the parent, the box that is on gives its value."""
        hole = widget.hole
        group = self._radios.get(hole.name)
        if group is None:
            group = self._pdf.make_indirect(
                Dictionary(FT=Name.Btn, Ff=_RADIO, T=_text(hole.name), TU=_text(hole.tip), V=Name.Off,
                           Kids=Array([]), Opt=Array([]))
            )  # fmt: skip
            self._radios[hole.name] = group
            self._fields.append(group)
        # States are numbers and /Opt has their words (ISO 32000-1 §12.7.4.2.4): a program that
        # cannot write names in Chinese (pdf.js, Firefox) would save a state that has no look. For
        # scripts the words are names of the same states.
        state = Name(f"/{len(group.Kids)}")
        own.Parent = group
        own.TU = _text(f"{hole.tip}：{hole.option}")
        own.AS = state if hole.on else Name.Off
        if hole.on:
            group.V = state
        group.Kids.append(own)
        group.Opt.append(_text(hole.option))
        self._give_states(own, widget, state, Name(f"/{hole.option}"))

    def _give_states(self, own: pikepdf.Object, widget: Widget, *on: pikepdf.Name) -> None:
        own.DA = _appearance(0.0)
        if widget.hole.control == "tick":
            width, height, look = self._lines(widget)
            off = ""
        else:
            width, height, look = self._box(widget, fill.TICKED)
            off = self._box(widget, fill.EMPTY_BOX)[2]
        states = {**{str(name): look for name in on}, "/Off": off}
        own.AP = Dictionary(
            N=Dictionary({name: self._shared_form(width, height, c) for name, c in states.items()})
        )

    # ------------------------------------------------------------ how a field looks

    def _lines(self, widget: Widget) -> _Look:
        """The value's lines in the field, as the printed form would show them."""
        box, fitted = widget.box, widget.fitted
        width, height = box.x1 - box.x0, box.bottom - box.top
        spare = height - fitted.height
        inset = PAD if widget.valign == "top" and widget.multiline else spare * {
            "top": 0.0, "center": 0.5, "bottom": 1.0,
        }[widget.valign]  # fmt: skip
        out = []
        for number, line in enumerate(fitted.lines):
            free = width - 2 * PAD - line.width + line.blank
            x = (
                PAD
                + line.x
                + {"center": (free - line.x) / 2, "right": free - line.x}.get(widget.align, 0.0)
            )
            top = inset + number * fitted.leading
            baseline = top + (fitted.leading - fitted.size) / 2 + _ASCENT * fitted.size
            glyphs = [item for item in line.items if isinstance(item, Glyph)]
            out.append(self._run(glyphs, x, height - baseline))
        body = "\n".join(out)
        clip = f"0 0 {_n(width)} {_n(height)} re W n"
        return width, height, f"/Tx BMC q {clip}\n0 g 0 G\n{body}\nQ EMC"

    def _box(self, widget: Widget, char: str) -> _Look:
        """An empty box, or one with a tick drawn into it that is read as ☑."""
        size = widget.box.x1 - widget.box.x0
        used = min(size, widget.style.size)
        ((font, code),) = self._fonts.show([char], _BOX_FACES)
        y = (widget.box.bottom - widget.box.top - used) / 2 - face(
            _BOX_FACES[0]
        ).file.descent / 1000 * used
        body = f"BT {font} {_n(used)} Tf 0 g 1 0 0 1 0 {_n(y)} Tm <{code}> Tj ET"
        if char == fill.TICKED:
            points = [(0.25, 0.5), (0.44, 0.28), (0.78, 0.74)]
            path = " ".join(
                f"{_n(px * used)} {_n(py * used)} {'l' if n else 'm'}"
                for n, (px, py) in enumerate(points)
            )
            body += f"\n{_n(0.09 * used)} w 1 J 1 j 0 G {path} S"
        return size, widget.box.bottom - widget.box.top, f"q {body} Q"

    def _shared_form(self, width: float, height: float, content: str) -> pikepdf.Object:
        """One object for all boxes that look alike. A text's look is its own object: programs
        that fill a field in write over it (pypdf does), and would write into every other field."""
        key = (_number(width), _number(height), content)
        if key not in self._shared:
            self._shared[key] = self._form(width, height, content)
        return self._shared[key]

    def _form(self, width: float, height: float, content: str) -> pikepdf.Object:
        return self._pdf.make_stream(
            content.encode("ascii"), Type=Name.XObject, Subtype=Name.Form,
            BBox=Array([0, 0, _number(width), _number(height)]), Resources=self._resources,
        )  # fmt: skip


def _appearance(size: float) -> pikepdf.String:
    return pikepdf.String(f"{TYPING} {_n(size)} Tf 0 g")


def _text(text: str) -> pikepdf.String:
    """A text string: UTF-16BE with its mark, unless it is plain ASCII."""
    if text.isascii():
        return pikepdf.String(text)
    return pikepdf.String(b"\xfe\xff" + text.encode("utf-16-be"))


def _length(text: str) -> int:
    """In UTF-16 units, which is how PDF readers count."""
    return len(text.encode("utf-16-be")) // 2


def _rule(rule: Rule, height: float) -> str:
    return (
        f"{_n(rule.width)} w {_n(rule.x0)} {_n(height - rule.y0)} m "
        f"{_n(rule.x1)} {_n(height - rule.y1)} l S"
    )


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if value else "0"


def _number(value: float) -> float:
    return round(value, 3)

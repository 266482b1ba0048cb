"""What stands in the paragraphs of a Word document, as a person sees it: runs with their looks, the
results of fields, controls, symbols, and the drawings anchored there."""

from __future__ import annotations

from pipeline.document import Run
from pipeline.read.docx_names import (
    BOLD,
    DOUBLE_STRIKE,
    DRAWN,
    FIELD_CODE,
    FIELD_MARK,
    FIELD_TYPE,
    FONTS,
    FORM_DATA,
    GONE,
    HIGHLIGHT,
    LATER_SYMBOL,
    MATH,
    P_PR,
    P_STYLE,
    R_PR,
    R_STYLE,
    SDT,
    SDT_CONTENT,
    SHADING,
    STRIKE,
    TELLING,
    TEXT_BOX,
    TRANSPARENT,
    UNDERLINE,
    VAL,
    VANISH,
    P,
    R,
    T,
    chosen,
    is_on,
    is_prompt,
    symbol_font,
    value_of,
    w,
)
from pipeline.read.docx_styles import PLAIN, Look, Styles, is_shaded
from pipeline.read.docx_text import (
    BREAK,
    CHARACTERS,
    RUBY,
    SYMBOL,
    Field,
    Line,
    checkbox_state,
    checkbox_text,
    code_text,
    drawing_name,
    drawn_parts,
    echoes,
    floats,
    form_text,
    math_text,
    settles_nothing,
    text_of,
)
from pipeline.read.ooxml import ALTERNATE, R_EMBED, R_ID, Element, Package, child, symbol


class Words:
    """Reads one paragraph after the other, with what carries over between them: open fields, and
    the check box control that they stand in."""

    def __init__(self, package: Package, part: str, styles: Styles) -> None:
        self._package = package
        self._part = part
        self._styles = styles
        self._fields: list[Field] = []
        self._muted = False  # inside a field's code
        self.checkbox: bool | None = None  # inside a check box control: its state
        self.struck = 0  # stretches of text that are struck through, so far
        default = styles[styles.default_paragraph]
        self._default_is_plain = default.look == PLAIN and not default.vanish and not default.num_id

    def plain(self, paragraph: Element) -> tuple[Run, ...] | None:
        """The runs of a paragraph that holds nothing but text in the default style, as nearly
        every one in a table does; None where it needs the closer look of `fill`."""
        if paragraph.tag != P or self._fields or self.checkbox is not None:
            return None
        if not self._default_is_plain:
            return None
        line: list[tuple[str, Look]] = []
        for element in paragraph:
            tag = element.tag
            if tag == R:
                if not self._plain_run(element, line):
                    return None
            elif tag != P_PR or not settles_nothing(element):
                return None
        return tuple([Run(text, *look) for text, look in line])

    def _plain_run(self, run: Element, line: list[tuple[str, Look]]) -> bool:
        """Add a run's text; False if there is more to the run than text."""
        look = PLAIN
        for element in run:
            tag = element.tag
            if tag == T:
                text = text_of(element, None)
                if line and line[-1][1] == look:
                    line[-1] = line[-1][0] + text, look
                elif text:
                    line.append((text, look))
            elif tag == R_PR:
                if any(item.tag in TELLING for item in element):
                    return False
                look, font, _ = self._look(element, PLAIN, False)
                if font is not None:
                    return False
            else:
                return False
        return True

    def fill(self, line: Line, paragraph: Element) -> bool:
        """Add a paragraph's text; True where its end is deleted, so that the next one joins it."""
        properties = child(paragraph, P_PR)
        style_id, joins = self._styles.default_paragraph, False
        if properties is not None:
            style = child(properties, P_STYLE)
            style_id = style_id if style is None else value_of(style)
            mark = child(properties, R_PR)
            joins = mark is not None and any(item.tag in GONE for item in mark)
        base = self._styles[style_id]
        self._inline(paragraph, line, base.look, bool(base.vanish))
        if self._fields:
            self._release_fields()
        return joins

    def _inline(self, container: Element, line: Line, base: Look, vanish: bool) -> None:
        last: Element | None = None  # the control before, if nothing stands between
        for element in container:
            tag = element.tag
            if tag == SDT:
                if last is None or not echoes(last, element):
                    last = element
                    self._inline_control(element, line, base, vanish)
                continue
            last = None
            if tag == R:
                self._run(element, line, base, vanish)
            elif tag in TRANSPARENT:
                self._inline(element, line, base, vanish)
            elif tag == ALTERNATE:
                self._inline(chosen(element), line, base, vanish)
            elif tag == RUBY:
                self._inline(element, line, base, vanish)
            elif tag.startswith(MATH):
                self._emit(line, math_text(element), base)

    def enter(self, control: Element) -> bool | None:
        """Within a control from here on; what `checkbox` has to be again behind it."""
        outer, self.checkbox = self.checkbox, checkbox_state(control, self.checkbox)
        return outer

    def _inline_control(self, control: Element, line: Line, base: Look, vanish: bool) -> None:
        content = child(control, SDT_CONTENT)
        if content is None or is_prompt(control):
            return
        outer = self.enter(control)
        self._inline(content, line, base, vanish)
        self.checkbox = outer

    def _run(self, run: Element, line: Line, base: Look, vanish: bool) -> None:
        look, font, hidden = base, None, vanish
        for element in run:
            tag = element.tag
            if tag == R_PR:
                look, font, hidden = self._look(element, base, vanish)
            elif tag == FIELD_MARK:
                self._field_mark(element, line, look)
            elif hidden:
                continue
            elif tag == T:
                self._emit(line, text_of(element, font), look)
            else:
                self._run_part(element, line, look, font)

    def _run_part(self, element: Element, line: Line, look: Look, font: str | None) -> None:
        """The rarer things a run may hold."""
        tag = element.tag
        if tag in CHARACTERS:
            self._emit(line, CHARACTERS[tag], look)
        elif tag == BREAK:
            if element.get(w("type"), "textWrapping") == "textWrapping":
                self._emit(line, "\n", look)
        elif tag == T:  # of an alternative
            self._emit(line, text_of(element, font), look)
        elif tag in (SYMBOL, LATER_SYMBOL):
            own = str(tag).removesuffix("sym").removesuffix("symEx")
            code = int(element.get(f"{own}char", "FFFD"), 16)
            self._emit(line, symbol(element.get(f"{own}font", font), code), look)
        elif tag == FIELD_CODE:
            if self._fields:
                self._fields[-1].code += element.text or ""
        elif tag in DRAWN:
            self._draw(element, line)
        elif tag == ALTERNATE:
            for part in chosen(element):
                self._run_part(part, line, look, font)
        elif tag == RUBY:
            self._inline(element, line, look, False)

    def _look(self, properties: Element, base: Look, vanish: bool) -> tuple[Look, str | None, bool]:
        """Bold, underline, highlight; the symbol font if the run is set in one; hidden or not."""
        bold, underline, highlight = base
        font: str | None = None
        for item in properties:
            tag = item.tag
            if tag == FONTS:
                font = symbol_font(item)
            elif tag == BOLD:
                bold = is_on(item)
            elif tag == UNDERLINE:
                underline = item.get(VAL, "single") != "none"
            elif tag == HIGHLIGHT:
                highlight = is_on(item)
            elif tag == SHADING:
                highlight = highlight or is_shaded(item)
            elif tag == VANISH:
                vanish = is_on(item)
            elif tag == R_STYLE:
                style = self._styles[value_of(item)]
                bold = bold if style.bold is None else style.bold
                underline = underline if style.underline is None else style.underline
                highlight = highlight if style.highlight is None else style.highlight
                vanish = vanish if style.vanish is None else style.vanish
            elif tag in (STRIKE, DOUBLE_STRIKE) and is_on(item):
                vanish = self._note_struck(properties) or vanish
        return (bold, underline, highlight), font, vanish

    def _note_struck(self, properties: Element) -> bool:
        run = properties.getparent()
        text = "" if run is None else "".join(t.text or "" for t in run.iterchildren(T)).strip()
        if text:
            self.struck += 1
        return bool(text)

    def _emit(self, line: Line, text: str, look: Look) -> None:
        if self._muted:
            if self._fields and self._fields[-1].in_code:
                self._fields[-1].code += text
        elif text:
            if self.checkbox is not None:
                text = checkbox_text(text, self.checkbox)
            line.add(text, look)

    # -- fields

    def _field_mark(self, mark: Element, line: Line, look: Look) -> None:
        kind = mark.get(FIELD_TYPE)
        if kind == "begin":
            opened = Field()
            form = child(mark, FORM_DATA)
            shown = None if form is None else form_text(form)
            if shown is not None:
                self._emit(line, shown, look)
                opened.silent = True
            self._fields.append(opened)
        elif kind == "separate" and self._fields:
            self._fields[-1].in_code = False
            self._fields[-1].start = line.length
        elif kind == "end" and self._fields:
            closed = self._fields.pop()
            if closed.asks:
                line.end_asked(closed.start)
            self._mute()
            if not closed.silent and (closed.in_code or line.length == closed.start):
                self._emit(line, code_text(closed.code), look)  # it has no result of its own
        self._mute()

    def _release_fields(self) -> None:
        """A code does not run past its paragraph: one left open must not swallow the rest."""
        for opened in self._fields:
            opened.in_code = opened.silent = False
        self._mute()

    def _mute(self) -> None:
        self._muted = any(opened.in_code or opened.silent for opened in self._fields)

    # -- pictures and text boxes

    def _draw(self, drawing: Element, line: Line) -> None:
        """Pictures and text boxes of a drawing, however deeply grouped."""
        name = drawing_name(drawing)
        if name is None:
            return
        for element in drawn_parts(drawing):
            if element.tag == TEXT_BOX:
                line.boxes.append((line.length, element, floats(drawing)))
                continue
            relation = element.get(R_EMBED) or element.get(R_ID) or ""
            picture = self._package.picture(self._part, relation, name)
            if picture is not None:
                line.pictures.append(picture)

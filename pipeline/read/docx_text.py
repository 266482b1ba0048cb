"""What the elements of a run show in Word: texts, fields, check boxes, drawings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from pipeline.document import Block, Doubt, Paragraph, Picture, Place, Run
from pipeline.read.docx_names import (
    GONE,
    IMAGE_DATA,
    MATH,
    OFF,
    R_PR,
    SDT_PR,
    SETTLING,
    SPACE,
    TEXT_BOX,
    T,
    chosen,
    is_on,
    value_of,
    w,
    whole_number,
)
from pipeline.read.docx_styles import Look
from pipeline.read.ooxml import (
    ALTERNATE,
    BLIP,
    PRIVATE,
    Element,
    child,
    private_text,
    symbol,
    symbol_text,
)

#: What stands in a run for one character.
CHARACTERS = {w("tab"): "\t", w("ptab"): "\t", w("cr"): "\n", w("noBreakHyphen"): "-"}
BREAK, SYMBOL, RUBY = w("br"), w("sym"), w("ruby")


EMPTY_BOXES = frozenset("☐□○◯〇❍▢◻⬜口")
TICKED_BOXES = frozenset("☑☒☓■●◉√✓✔✅✗✘×X")


OVERSTRIKE = re.compile(r"^\s*eq\s*\\o\s*(?:\\a[clrd]\s*)?\(\s*(\S)\s*[,，;；]\s*(\S+?)\s*\)", re.I)
SYMBOL_FIELD = re.compile(r"^\s*symbol\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s*\"?([^\"\\]+))?", re.I | re.S)


@dataclass(slots=True)
class Field:
    """An open field: its code so far; `silent` once what it shows has been given already."""

    code: str = ""
    in_code: bool = True
    silent: bool = False
    start: int = 0

    @property
    def asks(self) -> bool:
        """A field to type into."""
        return self.code.split(maxsplit=1)[:1] in (["FILLIN"], ["FORMTEXT"])


def form_text(data: Element) -> str | None:
    """What a legacy form field shows; None where its result text says it (text fields)."""
    for control in data:
        if control.tag == w("checkBox"):
            state = child(control, w("checked"))
            state = child(control, w("default")) if state is None else state
            return "☑" if state is not None and is_on(state) else "☐"
        if control.tag == w("ddList"):
            entries = [value_of(entry) for entry in control.iterchildren(w("listEntry"))]
            chosen = child(control, w("result"))
            chosen = child(control, w("default")) if chosen is None else chosen
            index = whole_number(value_of(chosen))
            return entries[index] if 0 <= index < len(entries) else ""
    return None


def code_text(code: str) -> str:
    """What a field without a result shows by its code: 带圈字符 and SYMBOL."""
    if match := OVERSTRIKE.match(code):
        return _enclosed(match[1], match[2])
    if match := SYMBOL_FIELD.match(code):
        return symbol((match[2] or "").strip() or None, int(match[1], 0))
    return ""


def _enclosed(around: str, inside: str) -> str:
    """□ around √ is a ticked box, ○ around 1 is ①; else only what is inside can be read."""
    if inside in "√✓✔":
        return "☑"
    if inside in "×✕✗✘" and around in EMPTY_BOXES:
        return "☒"
    if inside.isdecimal() and 1 <= int(inside) <= 20:
        return chr(ord("①") + int(inside) - 1)
    return inside


class Floats(IntEnum):
    """How a drawing stands to the line that it is anchored in."""

    NOT = 0  # it is one of its characters
    BESIDE = 1  # near its paragraph, where it was moved to
    AWAY = 2  # at a place of the page


class Line:
    """A paragraph in the making: stretches of text, pictures, and the text boxes it anchors."""

    __slots__ = ("asked", "boxes", "looks", "pictures", "texts")

    def __init__(self) -> None:
        self.asked = slice(0, 0)  # where the input field before stands
        self.texts: list[str] = []
        self.looks: list[Look] = []
        self.pictures: list[Picture] = []
        self.boxes: list[tuple[int, Element, Floats]] = []  # where each is anchored

    def add(self, text: str, look: Look) -> None:
        if self.looks and self.looks[-1] == look:
            self.texts[-1] += text
        else:
            self.texts.append(text)
            self.looks.append(look)

    @property
    def length(self) -> int:
        return sum(map(len, self.texts))

    def insert(self, at: int, runs: Iterable[Run]) -> None:
        """Take what a text box says into the line where it is anchored."""
        before: list[tuple[str, Look]] = []
        after: list[tuple[str, Look]] = []
        for text, look in zip(self.texts, self.looks, strict=True):
            before.append((text[:at], look))
            after.append((text[at:], look))
            at = max(at - len(text), 0)
        self.texts, self.looks = [], []
        for text, look in (*before, *((run.text, run.look) for run in runs), *after):
            if text:
                self.add(text, look)

    def end_asked(self, start: int) -> None:
        """An input field ends that began at `start`. LibreOffice (seen in 7.4) writes a field of
        several scripts several times, each with a part of the text before it, and a 0 when it has come
        by way of RTF: it is said once."""
        text = "".join(self.texts)
        said, before = text[start:], text[self.asked]
        between = text[self.asked.stop : start]
        if said and said == before and (between in said or between.removesuffix("0") in said):
            self._cut(self.asked.stop)
        else:
            self.asked = slice(start, len(text))

    def _cut(self, length: int) -> None:
        while self.length > length:
            rest = self.texts[-1][: length - self.length]
            if rest:
                self.texts[-1] = rest
            else:
                self.texts.pop()
                self.looks.pop()

    def paragraph(self, place: Place, number: str) -> Paragraph:
        runs = tuple([Run(t, *look) for t, look in zip(self.texts, self.looks, strict=True)])
        return Paragraph(runs, place, number, tuple(self.pictures))


#: So far from its paragraph's top (EMU, 24 pt) a box may float that lies over its line.
_BESIDE = 24 * 12700
_ON_PAPER = frozenset(
    ("page", "margin", "topMargin", "bottomMargin", "insideMargin", "outsideMargin")
)
_VML_ON_PAPER = re.compile(r"mso-position-vertical-relative:(?:page|margin)")
#: What is said of a line into which a box was taken that floats.
FLOATING = Doubt("floating-box", "有文字写在浮动的文本框里，按其锚定的位置读入，请对照原件核对。")


def floats(drawing: Element) -> Floats:
    """How a `w:drawing` or `w:pict` stands to its line (ISO 29500-1, 20.4.2.3; VML by its style)."""
    outer = next(iter(drawing), None)
    if outer is None:
        return Floats.NOT
    if outer.tag.endswith("}anchor"):
        vertical = outer.find("{*}positionV")
        if vertical is None:
            return Floats.BESIDE
        offset = vertical.findtext("{*}posOffset") or "0"
        on_paper = vertical.get("relativeFrom") in _ON_PAPER
        return Floats.AWAY if on_paper or abs(whole_number(offset)) > _BESIDE else Floats.BESIDE
    style = "".join(shape.get("style", "") for shape in drawing).replace(" ", "")
    if "position:absolute" not in style:
        return Floats.NOT
    return Floats.AWAY if _VML_ON_PAPER.search(style) else Floats.BESIDE


#: Characters of what a form prints alone behind a blank: 年, ％, 万元.
_LONGEST_UNIT = 3

#: What a blank to be filled begins with.
_GAP = "：: \t\n\u3000\xa0_"


def fills_gap(line: Line, at: int, said: Sequence[Block]) -> bool:
    """Whether a text box anchored in a line is one of its words, in a blank that the line leaves or
    before a unit; what hangs at its end, or holds more than a line, stands by itself."""
    text = "".join(line.texts)
    said = [block for block in said if not isinstance(block, Paragraph) or block.text.strip()]
    if len(said) != 1 or not isinstance(said[0], Paragraph) or "\n" in said[0].text:
        return False
    if not text[at:].strip() or said[0].number or said[0].pictures:
        return False
    if not text[:at].strip():
        return len(text.strip()) <= _LONGEST_UNIT
    return text[at - 1] in _GAP or text[at].isspace()


def settles_nothing(properties: Element) -> bool:
    """True for paragraph properties without style, number or tracked end."""
    for item in properties:
        tag = item.tag
        if tag in SETTLING or (tag == R_PR and any(mark.tag in GONE for mark in item)):
            return False
    return True


def echoes(first: Element, control: Element) -> bool:
    """The control only says once more what the one before it says: LibreOffice (seen in 7.4) writes
    one control of several scripts as several, each with the whole text at its end."""
    one, other = child(first, SDT_PR), child(control, SDT_PR)
    if one is None or other is None or [i.tag for i in one] != [i.tag for i in other]:
        return False
    said = "".join(t.text or "" for t in first.iter(T))
    return len(said) > 1 and "".join(t.text or "" for t in control.iter(T)).endswith(said)


def checkbox_state(control: Element, outer: bool | None) -> bool | None:
    box = control.find(f"{SDT_PR}/{{*}}checkbox")
    if box is None:
        return outer
    state = box.find("{*}checked")
    if state is None:
        return False
    return next(iter(state.attrib.values()), "1") not in OFF


def checkbox_text(text: str, state: bool) -> str:
    """The glyph shown says it; one that is neither box nor tick is read by the control's state."""
    shown = text.strip()
    if shown in EMPTY_BOXES:
        return "☐"
    if shown in TICKED_BOXES:
        return "☑"
    if len(shown) == 1:
        return "☑" if state else "☐"
    return text


def text_of(element: Element, font: str | None) -> str:
    return plain_text(element.text or "", element.get(SPACE) == "preserve", font)


def plain_text(text: str, kept: bool, font: str | None) -> str:
    """Text of `w:t`: outer white space counts only if the file says so, line ends are spaces."""
    if text[:1].isspace() or text[-1:].isspace() or "\n" in text:
        if not kept:
            text = text.strip(" \t\r\n")
        text = text.replace("\n", " ").replace("\t", " ")
    if font is not None:
        return symbol_text(font, text)
    return private_text(text) if PRIVATE.search(text) else text


def math_text(element: Element) -> str:
    return "".join(t.text or "" for t in element.iter(f"{MATH}t"))


def drawn_parts(drawing: Element) -> Iterator[Element]:
    """Blips, image data and text boxes, not looking into a text box."""
    for element in drawing:
        tag = element.tag
        if tag in (BLIP, IMAGE_DATA, TEXT_BOX):
            yield element
        elif tag == ALTERNATE:
            yield from drawn_parts(chosen(element))
        else:
            yield from drawn_parts(element)


def drawing_name(drawing: Element) -> str | None:
    """What the drawing is called (`公章`, `图片 1`); None where it is hidden."""
    properties = next(drawing.iter("{*}docPr"), None)
    if properties is not None:
        if properties.get("hidden", "0") not in OFF:
            return None
        return properties.get("name") or properties.get("descr") or ""
    image = next(drawing.iter(IMAGE_DATA), None)
    title = "" if image is None else image.get("{urn:schemas-microsoft-com:office:office}title")
    return title or ""

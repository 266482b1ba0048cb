"""The names of WordprocessingML (ECMA-376 part 1, 17) that the reader knows, and small questions to elements."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.read.ooxml import ALTERNATE, CHOICE, FALLBACK, Element, child, is_symbol_font

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def w(name: str) -> str:
    return f"{{{WORD}}}{name}"


VAL = w("val")
P, R, T, TBL, TR, TC = w("p"), w("r"), w("t"), w("tbl"), w("tr"), w("tc")
P_PR, R_PR, TR_PR, TC_PR, TBL_PR_EX = w("pPr"), w("rPr"), w("trPr"), w("tcPr"), w("tblPrEx")
SDT, SDT_PR, SDT_CONTENT, SHOWING_PROMPT = (
    w("sdt"), w("sdtPr"), w("sdtContent"), w("showingPlcHdr"),
)  # fmt: skip
BODY, ALT_CHUNK, TEXT_BOX = w("body"), w("altChunk"), w("txbxContent")
P_STYLE, R_STYLE, NUM_PR, NUM_ID, LEVEL = (
    w("pStyle"), w("rStyle"), w("numPr"), w("numId"), w("ilvl"),
)  # fmt: skip
INSERTED, DELETED, MOVED_AWAY, MOVED_HERE = w("ins"), w("del"), w("moveFrom"), w("moveTo")
BOLD, UNDERLINE, HIGHLIGHT, SHADING, VANISH, FONTS, STRIKE, DOUBLE_STRIKE = (
    w("b"), w("u"), w("highlight"), w("shd"), w("vanish"), w("rFonts"), w("strike"),
    w("dstrike"),
)  # fmt: skip
GRID_SPAN, TC_WIDTH, V_MERGE, H_MERGE, CELL_DELETED = (
    w("gridSpan"), w("tcW"), w("vMerge"), w("hMerge"), w("cellDel"),
)  # fmt: skip
GRID_BEFORE, GRID_AFTER, WIDTH_BEFORE, HIDDEN = (
    w("gridBefore"), w("gridAfter"), w("wBefore"), w("hidden"),
)  # fmt: skip
FIELD_MARK, FIELD_TYPE, FIELD_CODE = w("fldChar"), w("fldCharType"), w("instrText")
FORM_DATA = w("ffData")
IMAGE_DATA = "{urn:schemas-microsoft-com:vml}imagedata"
#: A character of a font beyond the first 65,536 (🗹), as Word writes it since 2016, with the
#: character itself as the alternative for older ones.
LATER_SYMBOL = "{http://schemas.microsoft.com/office/word/2015/wordml/symex}symEx"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"

#: Wrappers that a reader looks through, among blocks, rows, cells and runs alike.
TRANSPARENT = frozenset(
    {SDT_CONTENT, INSERTED, MOVED_HERE, CHOICE, FALLBACK}
    | {w(n) for n in ("customXml", "smartTag", "hyperlink", "fldSimple", "bdo", "dir", "rubyBase")}
)
GONE = frozenset({DELETED, MOVED_AWAY})


#: Properties of a paragraph, and of a run, that make them more than plain text.
SETTLING = frozenset({P_STYLE, NUM_PR})
TELLING = frozenset({R_STYLE, VANISH, STRIKE, DOUBLE_STRIKE})


DRAWN = frozenset({w("drawing"), w("pict"), w("object")})
OFF = frozenset({"0", "false", "off", "none"})


def value_of(element: Element | None, default: str = "") -> str:
    return default if element is None else element.get(VAL, default)


def is_on(element: Element) -> bool:
    """A toggle without a value is on."""
    return element.get(VAL, "1") not in OFF


def whole_number(text: str | None, default: int = 0) -> int:
    """An XML number, tolerant of `12.0` and of nonsense."""
    try:
        return int(float(text)) if text else default
    except (ValueError, OverflowError):
        return default


def chosen(alternate: Element) -> Element:
    """Of the alternatives of a piece of content the first: the one a current Word shows."""
    choice = child(alternate, CHOICE)
    if choice is None:
        choice = child(alternate, FALLBACK)
    return alternate if choice is None else choice


def is_prompt(control: Element) -> bool:
    flag = control.find(f"{SDT_PR}/{SHOWING_PROMPT}")
    return flag is not None and is_on(flag)


def wrapped(element: Element, wanted: str) -> Iterator[tuple[Element, bool]]:
    """Rows of a table or cells of a row, through wrappers; True with those of an unfilled control."""
    for item in element:
        if item.tag == wanted:
            yield item, False
        elif item.tag == SDT:
            content = child(item, SDT_CONTENT)
            if content is not None:
                prompt = is_prompt(item)
                yield from ((c, prompt or blank) for c, blank in wrapped(content, wanted))
        elif item.tag in TRANSPARENT:
            yield from wrapped(item, wanted)
        elif item.tag == ALTERNATE:
            yield from wrapped(chosen(item), wanted)


def symbol_font(fonts: Element) -> str | None:
    for slot in ("ascii", "hAnsi"):
        name = fonts.get(w(slot))
        if is_symbol_font(name):
            return str(name)
    return None

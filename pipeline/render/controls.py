"""Content controls (`w:sdt`) in the holes of a template, for applicants who fill in with Word.

A text, a date, a choice among few words, a box: each hole becomes the control that guides to it,
its title the field's label, its tag the field's pointer (ECMA-376, part 1, 17.5.2; the check box
is Word 2010's, [MS-DOCX] 2.6). A hole that is blank shows a prompt as wide as the blank of the
printed form, so that the page looks the same. Holes that share their run with other text, and
those that a seal or a signature fills, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import quoteattr

from pipeline.annex import Annex, FieldSpec
from pipeline.render.fill import EMPTY_BOX, TICK, TICKED
from pipeline.tags import LoopStart, Tag, loop, parse_tag

_TOKEN = re.compile(
    r"(?P<loop>\{%\s*for\b.*?%\})"
    r"|<w:r>(?P<look><w:rPr>(?:(?!</w:r>).)*?</w:rPr>)?"
    r"<w:t(?: [^>]*)?>\{\{(?P<tag>[^{}]*)\}\}</w:t></w:r>",
    re.DOTALL,
)
_ROOT = re.compile(r"<w:document\b[^>]*>")
_NAMESPACES = {
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
}
_DATE = (
    '<w:date><w:dateFormat w:val="yyyy年M月d日"/><w:lid w:val="zh-CN"/>'
    '<w:storeMappedDataAs w:val="dateTime"/><w:calendar w:val="gregorian"/></w:date>'
)
#: What a blank control shows where the form has no blank of its own: two characters' width.
_PROMPT = "　　"


def with_controls(annex: Annex, source: str) -> str:
    """A part's source with a control around each hole that is a run of its own."""
    rows: dict[str, str] = {}

    def control(token: re.Match[str]) -> str:
        if token["loop"]:
            start = loop(token["loop"])
            if isinstance(start, LoopStart):
                rows[start.variable] = start.name
            return token[0]
        tag = parse_tag(token["tag"])
        pointer = _pointer(tag, rows)
        spec = annex.field(pointer)
        if spec is None or spec.kind == "picture":
            return token[0]
        return _control(spec, pointer, tag, token)

    return _TOKEN.sub(control, _ROOT.sub(_declare, source, count=1))


def _pointer(tag: Tag, rows: Mapping[str, str]) -> str:
    keys = tag.keys
    if keys[0] in rows:
        keys = (rows[keys[0]], "-", *keys[1:])
    return "/" + "/".join(keys)


def _control(spec: FieldSpec, pointer: str, tag: Tag, hole: re.Match[str]) -> str:
    look, run = hole["look"] or "", hole[0]
    head = f"{look}<w:alias w:val={quoteattr(spec.title)}/><w:tag w:val={quoteattr(pointer)}/>"
    if tag.filter == "box":
        return _wrapped(f"{head}{_check_box(hole['tag'])}", run)
    blank = (
        f"{{% if not {tag.path} %}}" if tag.filter == "tick" else f"{{% if {tag.path} is none %}}"
    )
    prompt = f'<w:r>{look}<w:t xml:space="preserve">{_stub(tag)}</w:t></w:r>'
    shown = f"{blank}<w:showingPlcHdr/>{{% endif %}}"
    return _wrapped(
        f"{head}{shown}{_type(spec, tag)}", f"{blank}{prompt}{{% else %}}{run}{{% endif %}}"
    )


def _wrapped(properties: str, content: str) -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def _type(spec: FieldSpec, tag: Tag) -> str:
    """What kind of control: the element that ends `w:sdtPr`."""
    if tag.filter == "either":
        return _drop_down(tag.arguments)
    if tag.filter == "tick":
        return _drop_down((TICK,))
    if spec.kind == "choice":
        return _drop_down(spec.choices)
    if spec.kind == "date":
        return _DATE
    return '<w:text w:multiLine="1"/>' if spec.kind == "text" else "<w:text/>"


def _drop_down(words: tuple[str, ...]) -> str:
    items = "".join(
        f"<w:listItem w:displayText={quoteattr(word)} w:value={quoteattr(word)}/>" for word in words
    )
    return f"<w:dropDownList>{items}</w:dropDownList>"


def _check_box(inside: str) -> str:
    return (
        f'<w14:checkbox><w14:checked w14:val="{{% if ({inside}) == "{TICKED}" %}}1{{% else %}}0{{% endif %}}"/>'
        f'<w14:checkedState w14:val="{ord(TICKED):04X}" w14:font="Segoe UI Symbol"/>'
        f'<w14:uncheckedState w14:val="{ord(EMPTY_BOX):04X}" w14:font="宋体"/></w14:checkbox>'
    )


def _stub(tag: Tag) -> str:
    """The blank that the printed form has here."""
    stub = tag.arguments[0] if tag.filter in ("blank", "date") and tag.arguments else _PROMPT
    return stub.replace("&", "&amp;").replace("<", "&lt;")


def _declare(root: re.Match[str]) -> str:
    """The document's start tag with the namespaces of a check box, marked as ignorable."""
    start = root[0]
    for prefix, name in _NAMESPACES.items():
        if f"xmlns:{prefix}=" not in start:
            start = f'{start[:-1]} xmlns:{prefix}="{name}">'
    ignorable = re.search(r'mc:Ignorable="([^"]*)"', start)
    if ignorable is None:
        return f'{start[:-1]} mc:Ignorable="w14">'
    if "w14" in ignorable[1].split():
        return start
    return start.replace(ignorable[0], f'mc:Ignorable="{ignorable[1]} w14"')

"""A form as docx: the annex's own template, its holes filled.

A template is compiled once. docxtpl resolves what Word made of the tags (pieces of runs, curly
quotes, statements in rows of their own); the result is one jinja program for each part that has
holes, kept with the other members of the package as they are compressed. To render is then to run
the program and to compress what it wrote.

The environment is sandboxed and treats a missing name as an error, and every hole goes through
one filter that escapes; docxtpl's own defaults lose `A&B<C` silently and print missing names as
blanks. A value is never template code: it is put in after the template was compiled, and nothing
runs over it afterwards.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

from pipeline import version
from pipeline.annex import Annex
from pipeline.errors import DataError, TemplateError, why
from pipeline.render import fill, package
from pipeline.render.controls import with_controls
from pipeline.tags import LoopStart, Tag, loop, parse_tag
from pipeline.values import show

Json = Any

#: What a template may print besides the fields of its annex.
VERSION_TAG = "version_code"


def render(annex: Annex, data: Mapping[str, Json], *, controls: bool = False) -> bytes:
    """The filled form; `data` has every key of the annex (`Annex.complete`) and fits its schema.
    With `controls` the holes are content controls, for people who fill in with Word.

    Raises TemplateError for a broken template, naming it and the tag, and DataError for a
    character that no document can hold.
    """
    program = _compiled(annex, controls)
    context = {**data, VERSION_TAG: version.footer(annex, data)}
    try:
        filled = {name: part.render(context).encode() for name, part in program.parts.items()}
    except JinjaError as error:
        raise _broken(annex, str(error)) from error
    except UnicodeEncodeError as error:
        raise _unprintable() from error
    return program.shell.with_members(filled)


def _broken(annex: Annex, why: str) -> TemplateError:
    return TemplateError(
        f"附件{annex.number}的模板 {annex.template.name} 有误：{why.rstrip('。')}。",
        remedy="请核对模板里的标签，写法见 docs/templates.md。",
    )


# ---------------------------------------------------------------- compiling


@dataclass(frozen=True, slots=True)
class _Program:
    """A template ready to run: the members that stay as they are, the parts that have holes."""

    shell: package.Shell
    parts: Mapping[str, Template]


#: The parts of a document that may have holes, by the end of their content type.
_WITH_HOLES = ("main+xml", "header+xml", "footer+xml", "footnotes+xml", "endnotes+xml")
_HAS_TAG = re.compile(r"\{[{%]")
_CONTENT_TYPES = "[Content_Types].xml"


def _compiled(annex: Annex, controls: bool = False) -> _Program:
    """The template's program; compiled anew when the file was edited."""
    try:
        state = annex.template.stat()
    except OSError as error:
        raise _broken(annex, f"文件打不开（{why(error)}）") from error
    return _compile(_Key(annex.template, state.st_mtime_ns, state.st_size, controls, annex))


@dataclass(frozen=True, slots=True)
class _Key:
    """A template as it was at one time; the annex goes with its path."""

    path: Path
    changed: int
    size: int
    controls: bool
    annex: Annex = field(compare=False)


@lru_cache(maxsize=64)
def _compile(key: _Key) -> _Program:
    annex = key.annex
    try:
        content = key.path.read_bytes()
        members = package.members(content)
        with zipfile.ZipFile(key.path) as archive:
            sources = {name: _resolved(archive.read(name), key.path) for name in _parts(archive)}
    except (OSError, zipfile.BadZipFile, KeyError, etree.XMLSyntaxError) as error:
        raise _broken(annex, "不是完整的 docx 文件") from error
    holed = {name: source for name, source in sources.items() if _HAS_TAG.search(source)}
    environment = _environment()
    try:
        if key.controls:
            holed = {name: with_controls(annex, source) for name, source in holed.items()}
        programs = {name: _Holes(annex, source).program() for name, source in holed.items()}
        parts = {name: _checked(environment, source) for name, source in programs.items()}
    except TemplateError as error:
        raise _broken(annex, error.message) from error
    except JinjaError as error:
        raise _broken(annex, str(error)) from error
    shell = package.Shell.of(member for member in members if member.name not in parts)
    return _Program(shell, parts)


def _checked(environment: _Environment, source: str) -> Template:
    """The program, once it is sure that nothing is printed but through `hole`."""
    for output in environment.parse(source).find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                continue
            if not (isinstance(node, nodes.Filter) and node.name == "hole"):
                raise TemplateSyntaxError("有一处标签不能安全地输出", output.lineno)
    return environment.from_string(source)


def _parts(archive: zipfile.ZipFile) -> list[str]:
    types = etree.fromstring(archive.read(_CONTENT_TYPES), _PARSER)
    return [
        override.get("PartName", "").lstrip("/")
        for override in types
        if override.get("ContentType", "").endswith(_WITH_HOLES)
    ]


# ---------------------------------------------------------------- resolving what Word made of it

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: Ids of a paragraph or an editing session: a row that is repeated would repeat them.
_IDS = re.compile(rf"{re.escape(_W14)}(?:paraId|textId)|{re.escape(_W)}rsid\w*")
#: Traces of editing that split tags or hold a second copy of properties.
_TRACES = frozenset(
    _W + name
    for name in (
        "proofErr", "lastRenderedPageBreak", "pPrChange", "rPrChange", "tcPrChange", "trPrChange",
        "tblPrChange", "sectPrChange", "bookmarkStart", "bookmarkEnd",
    )
)  # fmt: skip


def _resolved(part: bytes, template: Path) -> str:
    """A part as the source of a jinja program, by docxtpl's rules (`{%tr … %}` and the like)."""
    root = etree.fromstring(part, _PARSER)
    for element in list(root.iter(etree.Element)):
        if element.tag in _TRACES:
            _drop(element)
            continue
        for name in [name for name in element.attrib if _IDS.fullmatch(str(name))]:
            del element.attrib[name]
    source = etree.tostring(root, encoding="unicode")
    return _DECLARATION + str(DocxTemplate(str(template)).patch_xml(source))


def _drop(element: Any) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


# ---------------------------------------------------------------- holes

_TOKEN = re.compile(
    r"\{\{(?P<tag>.*?)\}\}|\{%(?P<statement>.*?)%\}"
    r"|<(?P<close>/?)(?P<name>[\w:.-]+)(?P<attributes>[^>]*?)(?P<empty>/?)>",
    re.DOTALL,
)
_SECTION = re.compile(r"<w:sectPr\b.*?</w:sectPr>|<w:sectPr\b[^>]*/>", re.DOTALL)
_KEEP_SPACE = '<w:t xml:space="preserve">'


@dataclass(slots=True)
class _Open:
    """An element that is open where the walk stands: where it began (in the source, and as a
    piece of the program), and the paragraph or run properties that were found in it."""

    name: str
    start: int
    piece: int
    properties: str = ""


class _Holes:
    """A walk over a part's source that sends every hole through the filter `hole`, with what a
    line break in its value is written as at that place."""

    def __init__(self, annex: Annex, source: str) -> None:
        self.annex = annex
        self.source = source
        self.pieces: list[str] = []
        self.open: list[_Open] = []
        self.rows: dict[str, str] = {}  # the loop's variable → the table it walks over

    def program(self) -> str:
        end = 0
        for token in _TOKEN.finditer(self.source):
            self.pieces.append(self.source[end : token.start()])
            self.pieces.append(self._piece(token))
            end = token.end()
        return "".join([*self.pieces, self.source[end:]])

    def _piece(self, token: re.Match[str]) -> str:
        if token["tag"] is not None:
            return self._hole(token["tag"])
        if token["statement"] is not None:
            self._note_loop(token)
        elif token["close"]:
            self._close(token)
        elif not token["empty"]:
            self.open.append(_Open(token["name"], token.start(), len(self.pieces)))
        return token[0]

    def _close(self, token: re.Match[str]) -> None:
        closed = self.open.pop()
        if self.open and closed.name in ("w:pPr", "w:rPr"):
            properties = self.source[closed.start : token.end()]
            self.open[-1].properties = _SECTION.sub("", properties)

    def _note_loop(self, token: re.Match[str]) -> None:
        if token["statement"].split()[:1] == ["for"]:
            start = loop(token[0])
            assert isinstance(start, LoopStart)
            self.rows[start.variable] = start.name

    def _hole(self, inside: str) -> str:
        self._check(parse_tag(inside), inside)
        if self.open and self.open[-1].name == "w:t":
            self.pieces[self.open[-1].piece] = _KEEP_SPACE
        return f"{{{{ ({inside})|hole({_quoted(self._line_break())}) }}}}"

    def _check(self, tag: Tag, inside: str) -> None:
        keys = tag.keys
        if keys[0] in self.rows:
            keys = (self.rows[keys[0]], "-", *keys[1:])
        if keys != (VERSION_TAG,) and self.annex.field("/" + "/".join(keys)) is None:
            raise TemplateError(f"标签“{{{{{inside}}}}}”没有对应的项。")

    def _line_break(self) -> str:
        """A new paragraph of the same look; a plain break where the run is wrapped in something
        that a paragraph's end would tear; a space where there is no text at all."""
        inner = self.open[-3:]
        names = [element.name for element in inner]
        if names == ["w:p", "w:r", "w:t"]:
            paragraph, run, _ = inner
            return (
                f"</w:t></w:r></w:p><w:p>{paragraph.properties}<w:r>{run.properties}{_KEEP_SPACE}"
            )
        return f"</w:t><w:br/>{_KEEP_SPACE}" if names[-1:] == ["w:t"] else " "


def _quoted(text: str) -> str:
    """A jinja string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


# ---------------------------------------------------------------- running


class _Missing(StrictUndefined):
    """A name that the data does not have."""

    @property
    def _undefined_message(self) -> str:
        return f"标签里的“{self._undefined_name}”没有对应的数据项"


class _Environment(SandboxedEnvironment):
    """Looks for a key before an attribute: data is dictionaries, and half the time of the
    sandbox goes into asking whether a key is a safe attribute."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        try:
            return obj[attribute]
        except (KeyError, TypeError, IndexError):
            return super().getattr(obj, attribute)


def _environment() -> _Environment:
    # `hole` escapes, and the walk puts it on every tag: escaping again would cost a third.
    environment = _Environment(autoescape=False, undefined=_Missing)
    filters = {name: function for name, function in fill.FILTERS.items() if name}
    environment.filters = {**filters, "rows": fill.rows, "hole": _hole}
    return environment


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def _hole(value: Json, line_break: str) -> str:
    """A value as the text of a run, escaped, its lines kept apart by `line_break`. Most values
    are nothing but letters and digits and go out as they are."""
    if value is None:
        return ""
    text = value if type(value) is str else show(value)
    return text if text.isalnum() else _escaped(text, line_break)


def _escaped(text: str, line_break: str) -> str:
    safe = (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
    if safe.isprintable():
        return safe
    if _CONTROL.search(safe):
        raise _unprintable()
    return safe.replace("\n", line_break)


def _unprintable() -> DataError:
    return DataError("数据里有表格印不出的控制字符。", remedy="请去掉后再生成。")

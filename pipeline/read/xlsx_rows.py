"""Rows of a worksheet whose cells hold nothing but a word or a number, told by their bytes.

Of the cells of a list nearly all are written alike, and many say the same. So the text of a cell
from its style to its end is looked at once; a row that is made of such cells only is lifted out
before the parser sees the rest. Whatever is unusual (a formula, rich text, another order of the
attributes, a hidden row, a reference to a character) leaves its row where it is.

This module knows how cells are written; what one says it is told by whoever reads the sheet.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Content = TypeVar("Content")

#: The attribute of the element that stands for lifted rows: the first of them, and the end.
LIFTED = "pipeline-rows"

#: Fewer bytes than this are parsed before they are looked through.
WORTHWHILE = 20_000

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
BEGIN, END, ROW_END = "<sheetData>", "</sheetData>", "</row>"
PROLOG = re.compile(
    r"""<\?xml version=["']1\.0["'](?: encoding=["']utf-8["'])?(?: standalone=["']\w+["'])?\s*\?>|<w""",
    re.IGNORECASE,
)
ROW = re.compile(r'\s*<row r="(\d{1,7})"((?: [\w:]+="[^"<>&]*")*)>')
NAME = re.compile(r' (?:(\w+):)?(\w+)="')
#: What a row says of itself that matters to a reader.
TELLING = (' hidden="', ' ht="0"', ' r="')
CELL_BEGIN = '<c r="'
COLUMN = re.compile("[A-Z]{1,3}")
#: A cell from its style on: what is written of it, the text in it, the value in it.
CELL = re.compile(
    r'([^>/]*)(?:/>|>(?:<is><t(?: xml:space="preserve")?>([^<]*)</t></is>|<v>([^<]*)</v>)?</c>)'
)
#: The same in three parts: up to what it says, that, and what follows.
PARTS = re.compile(r"([^<]*<(?:is><t|v)>)([^<]*)(<.*)", re.DOTALL)
#: So many cells that differ are remembered as they are written.
REMEMBERED = 1024
DECIMAL = re.compile(r"(?:0|[1-9]\d{0,8})\.\d{0,4}[1-9]", re.ASCII)
ATTRIBUTES = re.compile(r'(?: s="(\d{1,6})")?(?: t="(\w{1,9})")?')

#: What may not stand in a text that is not parsed.
REFUSED = re.compile(
    "[\x00-\x08\x0b-\x1f\ufffe\uffff]|]]>|&(?!(?:amp|lt|gt|quot|apos|#[1-9][0-9]{1,5});)"
)
REFERENCE = re.compile("&(?:#([0-9]+)|([a-z]+));")
ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class UnusualError(Exception):
    """A cell that has to be looked at where it stands."""


@dataclass(frozen=True, slots=True)
class Written(Generic[Content]):
    """What is written of a cell: its style, its type; `is_text`: it holds an inline text; `plain`:
    words, or short numbers, are read as they stand, and `stands` tells these from others. `known`:
    what such cells say by what stands in them, None for a blank. `ends`: what may follow what such
    a cell says, with the number of the column after it."""

    style: int
    kind: str
    is_text: bool
    plain: bool
    stands: Callable[[str], bool]
    known: dict[str, Content | None]
    ends: dict[str, int]


class Folder(Generic[Content]):
    """Lifts rows out of a sheet's bytes into `rows`: the number of each, and what its cells hold by
    their columns' numbers; blank cells are left out.

    `is_plain`: whether a style changes nothing of a text (`inlineStr`) or of a number (`n`).
    `content_of`: what a cell says, by its style, its type, and the text or value in it; None for a
    blank. It raises UnusualError where it cannot say that of the cell alone. `number_of`: the number
    of a column by its letters.
    """

    def __init__(
        self,
        is_plain: Callable[[int, str], bool],
        content_of: Callable[[int, str, str], Content | None],
        number_of: Callable[[str], int],
    ) -> None:
        self.rows: list[tuple[int, dict[int, Content | str]]] = []
        self._is_plain = is_plain
        self._content_of = content_of
        self._number_of = number_of
        self._heads: dict[str, bool] = {}
        self._written: dict[str, Written[Content]] = {}
        self._starts: dict[str, Written[Content]] = {}
        self._known: dict[str, tuple[Content | str | None, int]] = {}
        self._before = ""
        self._stand_ins = 0

    def fold(self, data: bytes) -> bytes:
        """The sheet with an empty element for each stretch of lifted rows."""
        if len(data) < WORTHWHILE:
            return data
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return data
        start, end = text.find(BEGIN), text.rfind(END)
        if start < 0 or end < start or PROLOG.match(text) is None:
            return data
        start += len(BEGIN)
        self._before = text[:start]
        rest = f"{text[:start]}{self._rest(text[start:end])}{text[end:]}"
        if self._may_quote(rest):
            self.rows.clear()
            return data
        return rest.encode()

    def _rest(self, text: str) -> str:
        *pieces, last = text.split(ROW_END)
        kept: list[str] = []
        first = 0  # of the rows that are lifted and have no element yet
        for piece in pieces:
            if self._lift(piece):
                continue
            if first < len(self.rows):
                kept.append(self._stand_in(first))
                first = len(self.rows)
            kept.append(piece + ROW_END)
        if first < len(self.rows):
            kept.append(self._stand_in(first))
        return "".join([*kept, last])

    def _stand_in(self, first: int) -> str:
        self._stand_ins += 1
        return f'<row {LIFTED}="{first} {len(self.rows)}"/>'

    def _lift(self, row: str) -> bool:
        """Adds a row without its end tag; False if there is more to it than plain cells."""
        head = ROW.match(row)
        if head is None or not self._is_usual(head[2]):
            return False
        number = head[1]
        contents: dict[int, Content | str] = {}
        # Each piece is a cell from its style on, and the column of the next.
        first, *pieces = row[head.end() :].split(f'{number}"')
        known = self._known
        try:
            column = self._next_column(first) if first else 0
            for piece in pieces:
                content, following = known.get(piece) or self._read(piece, column)
                if content is not None:
                    contents[column] = content
                column = following
            if column or 0 in contents:  # something stands behind the last cell
                raise UnusualError
        except UnusualError:
            return False
        self.rows.append((int(number), contents))
        return True

    def _next_column(self, written: str) -> int:
        """The number of the column by the beginning of a cell."""
        letters = written.removeprefix(CELL_BEGIN)
        if letters == written or COLUMN.fullmatch(letters) is None:
            raise UnusualError
        return self._number_of(letters)

    def _read(self, piece: str, column: int) -> tuple[Content | str | None, int]:
        """What a cell says (None for a blank), and the column of the next (0 where there is none)."""
        if not column:
            raise UnusualError
        parts = PARTS.fullmatch(piece)
        if parts is not None:
            start, shown, end = parts.groups()
            how = self._starts.get(start)
            if how is not None and end in how.ends and how.stands(shown):
                found = shown, how.ends[end]
                if len(self._known) < REMEMBERED:
                    self._known[piece] = found
                return found
        written, mark, letters = piece.rpartition(CELL_BEGIN)
        following = self._next_column(mark + letters) if mark else 0
        cell = CELL.fullmatch(written if mark else piece)
        if cell is None:
            raise UnusualError
        said, text, value = cell.groups()
        how = self._written.get(said) or self._read_attributes(said)
        shown = text if how.is_text else value
        if not shown:
            if text or value:
                raise UnusualError
            return self._remember(piece, None, following)
        if how.plain and how.stands(shown):
            if parts is not None:
                self._starts[parts[1]] = how
                how.ends[parts[3]] = following
            return self._remember(piece, shown, following)
        content = how.known[shown] if shown in how.known else self._look(how, shown)
        return self._remember(piece, content, following)

    def _remember(
        self, piece: str, content: Content | str | None, following: int
    ) -> tuple[Content | str | None, int]:
        found = content, following
        if len(self._known) < REMEMBERED:
            self._known[piece] = found
        return found

    def _is_usual(self, attributes: str) -> bool:
        """Whether a row says nothing of itself that matters, each thing once, in known names."""
        if attributes not in self._heads:
            names = NAME.findall(attributes)
            self._heads[attributes] = (
                not any(word in attributes for word in TELLING)
                and len(set(names)) == len(names)
                and all(not prefix or f"xmlns:{prefix}=" in self._before for prefix, _ in names)
            )
        return self._heads[attributes]

    def _read_attributes(self, said: str) -> Written[Content]:
        match = ATTRIBUTES.fullmatch(said)
        if match is None:
            raise UnusualError
        style, kind = int(match[1] or 0), match[2] or "n"
        is_text = kind == "inlineStr"
        stands = _is_word if is_text else _is_exact
        how: Written[Content] = Written(
            style, kind, is_text, self._is_plain(style, kind), stands, {}, {}
        )
        self._written[said] = how
        return how

    def _look(self, how: Written[Content], shown: str) -> Content | None:
        content = how.known[shown] = self._content_of(how.style, how.kind, _plain(shown))
        return content

    def _may_quote(self, rest: str) -> bool:
        """Whether there is something in which mark-up may be quoted (a comment, CDATA), another
        default namespace, or an element that only looks like one of lifted rows."""
        return (
            "<!" in rest
            or rest.find("<?", 2) >= 0
            or rest.count("xmlns=") != 1
            or MAIN not in rest
            or rest.count(LIFTED) != self._stand_ins
            or rest.count(BEGIN) != 1
        )


def _plain(text: str) -> str:
    """The text as a parser gives it; UnusualError where it might refuse it."""
    if REFUSED.search(text):
        raise UnusualError
    return REFERENCE.sub(_referred, text) if "&" in text else text


def _referred(reference: re.Match[str]) -> str:
    if reference[2]:
        return ENTITIES[reference[2]]
    code = int(reference[1])
    if code < 0x20 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF):
        raise UnusualError
    return chr(code)


def _is_exact(value: str) -> bool:
    """No more digits than a spreadsheet keeps, and none that it would not show."""
    return (value.isdigit() and len(value) <= 15) or DECIMAL.fullmatch(value) is not None


def _is_word(text: str) -> bool:
    """Letters and digits only, and no number: not one of a lost 1E+10, either."""
    return text.isalnum() and (not text[0].isdigit() or text.isdigit())

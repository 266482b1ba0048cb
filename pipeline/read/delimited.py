"""Delimited text (.csv, .tsv): one Document with one grid.

The encoding is told by its mark, else UTF-8, else GB18030 (what a Chinese Excel saves); the
delimiter by which one stands most evenly in the first lines.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.document import Cell, Document, Doubt, Grid, Paragraph, Place, Source
from pipeline.errors import UnreadableError, UnsafeError
from pipeline.read.ooxml import bound_table

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = ",\t;|，"
SAMPLE_LINES = 30
MAX_BYTES = 64 << 20
SCIENTIFIC = re.compile(r"\s*\d(?:\.\d+)?[Ee]\+?\d{2,}\s*")
#: How exports keep a long number from becoming a quantity: `="13800000000"`.
KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
LOST_DIGITS = Doubt("number-precision", "长数字已变成科学计数，后几位无法恢复，请填写完整号码。")


def read(path: Path, source: Source) -> list[Document]:
    """The one table of a delimited file. Raises UnreadableError, UnsafeError."""
    text = _decode(_bytes(path, source.file), source.file)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise UnreadableError(
            f"“{source.file}”不是完整的 CSV 文件，读不出来。", remedy="请另存为 xlsx 后重新提交。"
        ) from error
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    bound_table(source.file, "表", len(rows), width)
    sheet = Path(source.file).stem  # as a spreadsheet names it
    cells = tuple(_cells(rows, width, sheet))
    blocks = (Grid(len(rows), width, cells, Place(sheet=sheet)),) if cells else ()
    return [Document(source, blocks)]


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnsafeError(f"“{name}”没有读取：超过 {MAX_BYTES >> 20} MB。")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"“{name}”打不开。", remedy="请检查文件后重新提交。") from error


def _decode(data: bytes, name: str) -> str:
    encodings = [codec for mark, codec in MARKS if data.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError(
        f"“{name}”的文字编码认不出来。", remedy="请另存为 xlsx 或 UTF-8 编码的 CSV 后重新提交。"
    )


def _delimiter(text: str) -> str:
    """The delimiter found in most of the first lines."""
    lines = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]

    def score(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines]
        return sum(1 for n in counts if n), sum(counts)

    # A full-width comma is prose far more often than a delimiter: only where nothing else is.
    best = max(DELIMITERS[:-1], key=score)
    return best if score(best)[0] else DELIMITERS[-1]


def _cells(rows: list[list[str]], width: int, sheet: str) -> Iterator[Cell]:
    for r, row in enumerate(rows):
        for c in range(width):
            text = row[c] if c < len(row) else ""
            if kept := KEPT_AS_TEXT.fullmatch(text):
                text = kept[1]
            doubt = LOST_DIGITS if SCIENTIFIC.fullmatch(text) else None
            place = Place(sheet=sheet, row=r + 1, column=c + 1, doubt=doubt)
            lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text else []
            yield Cell(r, c, 1, 1, tuple(Paragraph.of(line, place) for line in lines), place)

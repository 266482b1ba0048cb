"""The corpus after another program has opened and saved it: what people's tools make of a form.

A document converted so says the same, unless the program itself loses something; the reader is
scored over it with the truths of the document as it was written.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests import node

#: Files in, the converted files out, in a folder beside the originals' own names.
Convert = Callable[[list[Path], Path], list[Path]]


@dataclass(frozen=True)
class Program:
    """`source`: the format it opens; `suffix`: what it saves; `convert`: the files, into a folder."""

    source: str
    suffix: str
    convert: Convert


def libreoffice(suffix: str, batch: int = 60) -> Convert:
    """LibreOffice, many files a call, with a profile for each process."""

    def convert(paths: list[Path], folder: Path) -> list[Path]:
        profile = Path(tempfile.gettempdir()) / f"lo_corpus.{os.getpid()}"
        for start in range(0, len(paths), batch):
            part = paths[start : start + batch]
            subprocess.run(
                ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", suffix, "--outdir", str(folder), *map(str, part)],
                check=True, capture_output=True, timeout=60 + 10 * len(part),
            )  # fmt: skip
        return [folder / f"{path.stem}.{suffix}" for path in paths]

    return convert


def print_pdf(paths: list[Path]) -> list[Path]:
    """Printed by LibreOffice, beside the originals (all in one folder)."""
    return libreoffice("pdf")(paths, paths[0].parent)


def pandoc(paths: list[Path], folder: Path) -> list[Path]:
    return [_pandoc(path, folder / path.name) for path in paths]


def _pandoc(path: Path, to: Path) -> Path:
    subprocess.run(["pandoc", str(path), "-o", str(to)], check=True, capture_output=True)
    return to


def javascript(package: str, script: str) -> Convert:
    """A package of Node.js: `script` has `open(path)` and gives the bytes of `save(path)`."""

    def convert(paths: list[Path], folder: Path) -> list[Path]:
        entry = node.package(package)
        done = [folder / path.name for path in paths]
        names = [str(name) for pair in zip(paths, done, strict=True) for name in pair]
        node.run(script.replace("PACKAGE", entry.as_posix()), *names)
        return done

    return convert


_EACH_FILE = """
import fs from 'node:fs';
import {createRequire} from 'node:module';
const library = createRequire(import.meta.url)('PACKAGE');
const files = process.argv.slice(1).filter(name => name !== '--');
for (let i = 0; i < files.length; i += 2) await save(files[i], files[i + 1]);
"""
DOCX = (
    _EACH_FILE
    + """
async function save(from, to) {
  fs.writeFileSync(to, await library.patchDocument(
    {outputType: 'nodebuffer', data: fs.readFileSync(from), patches: {}}));
}
"""
)
EXCELJS = (
    _EACH_FILE
    + """
async function save(from, to) {
  const book = new library.Workbook();
  await book.xlsx.readFile(from);
  await book.xlsx.writeFile(to);
}
"""
)
SHEETJS = (
    _EACH_FILE
    + """
async function save(from, to) {
  library.writeFile(library.readFile(from, {cellStyles: true, cellNF: true}), to);
}
"""
)


def python_docx(paths: list[Path], folder: Path) -> list[Path]:
    import docx

    for path in paths:
        docx.Document(str(path)).save(str(folder / path.name))
    return [folder / path.name for path in paths]


def openpyxl(paths: list[Path], folder: Path) -> list[Path]:
    """Formulas lose their values in it, as openpyxl writes none."""
    from openpyxl import load_workbook

    for path in paths:
        load_workbook(path, rich_text=True).save(folder / path.name)
    return [folder / path.name for path in paths]


PROGRAMS: dict[str, Program] = {
    **{
        f"libreoffice-{s}": Program("docx", s, libreoffice(s))
        for s in ("docx", "odt", "doc", "rtf")
    },
    **{f"libreoffice-{s}": Program("xlsx", s, libreoffice(s)) for s in ("xlsx", "ods", "xls")},
    "pandoc": Program("docx", "docx", pandoc),
    "npm-docx": Program("docx", "docx", javascript("docx", DOCX)),
    "python-docx": Program("docx", "docx", python_docx),
    "openpyxl": Program("xlsx", "xlsx", openpyxl),
    "exceljs": Program("xlsx", "xlsx", javascript("exceljs", EXCELJS)),
    "sheetjs": Program("xlsx", "xlsx", javascript("xlsx", SHEETJS)),
}

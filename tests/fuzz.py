"""Reading whatever comes: `python -m tests.fuzz files FOLDER...` and `python -m tests.fuzz mutants`.

`files` reads every file under the folders (the samples of other people's libraries, say);
`mutants` reads copies of the corpus that were damaged by chance, each made from its seed alone.
A fault is printed, one a line, and the exit code is then 1:

    bug       an exception that is not the program's own (exit 70 on the command line)
    died      the reading process crashed, or had to be ended for its memory
    slow      more than `SLOW` seconds
    silent    the copy reads as its annex, a value is another than in the original, and nothing is
              said of it: only where the damage cannot be taken for another document
    english   a message without Chinese in it
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline import flow
from pipeline.intake import Limits, Outcome, Sandbox

from .corpus.case import leaves
from .corpus.habits import HABITS
from .corpus.score import pointing
from .corpus.through import print_pdf

SLOW = 30.0
LIMITS = Limits(memory_bytes=3 << 30, cpu_seconds=120, wall_seconds=180)
SAMPLES = Path(__file__).parent / "samples"


def read(path: str, name: str) -> list[dict[str, Any]]:
    """What `pipeline read` prints for a file; in the child process."""
    return flow.read_file(Path(path))


# ---------------------------------------------------------------- what is wrong with an outcome


@dataclass
class Tally:
    seen: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fault(self, kind: str, name: str, why: str) -> None:
        self.seen[kind] += 1
        self.faults.append(f"{kind:8} {name}: {why}")
        print(self.faults[-1], flush=True)


@dataclass
class Reader:
    """Reads files in a child process and notes what went wrong."""

    folder: Path
    tally: Tally = field(default_factory=Tally)
    sandbox: Sandbox = field(default_factory=lambda: Sandbox(LIMITS))

    def lines(self, path: Path, name: str) -> list[dict[str, Any]]:
        started = time.monotonic()
        outcome = self.sandbox.call("tests.fuzz:read", [str(path), name], self.folder)
        spent = time.monotonic() - started
        self.tally.seen["files"] += 1
        if outcome.problem:
            self._ended(outcome, name)
        elif spent > SLOW:
            self.tally.fault("slow", name, f"{spent:.0f} s")
        found: list[dict[str, Any]] = outcome.value or []
        for issue in (issue for line in found for issue in line["issues"]):
            if not any("一" <= ch <= "鿿" for ch in issue["message"]):
                self.tally.fault("english", name, issue["message"])
        self.tally.seen["annexes"] += sum(line["annex"] is not None for line in found)
        return found

    def _ended(self, outcome: Outcome, name: str) -> None:
        problem = outcome.problem
        assert problem is not None
        kind = "bug" if problem.code == "bug" else "slow" if "limit" in problem.code else "died"
        if problem.code == "memory-limit":
            kind = "died"
        self.tally.fault(kind, name, problem.message)


# ---------------------------------------------------------------- damage


@dataclass(frozen=True)
class Damage:
    """`change` makes a damaged copy by chance. `telling`: no careful person would take the copy for
    another document, so a value that is lost or changed has to be pointed at."""

    name: str
    change: Callable[[bytes, random.Random], bytes]
    telling: bool
    formats: frozenset[str]


PACKED = frozenset({"docx", "xlsx"})
ALL = PACKED | {
    "pdf",
    "csv",
    "png",
    "jpg",
    "tiff",
    "zip",
    "7z",
    "rar",
    "eml",
    "msg",
    "tar",
    "tar.gz",
    "xls",
    "doc",
    "odt",
}


def flipped(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed in place."""
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def spliced(content: bytes, chance: random.Random) -> bytes:
    """A stretch cut out, doubled, zeroed or put elsewhere."""
    out, at = bytearray(content), chance.randrange(len(content))
    length = chance.choice((1, 4, 64, 512, 4096))
    piece = bytes(out[at : at + length])
    match chance.randrange(4):
        case 0:
            del out[at : at + length]
        case 1:
            out[at:at] = piece
        case 2:
            out[at : at + length] = bytes(len(piece))
        case 3:
            to = chance.randrange(len(out))
            out[to : to + length] = piece
    return bytes(out) or b"\0"


def truncated(content: bytes, chance: random.Random) -> bytes:
    """The end is missing, as of a file that was still being copied."""
    return content[: chance.randrange(1, len(content))]


def holed(content: bytes, chance: random.Random) -> bytes:
    """A stretch of zeros of up to half the file, as after a broken download."""
    at = chance.randrange(len(content))
    length = chance.randrange(1, max(len(content) // 2, 2))
    return content[:at] + bytes(len(content[at : at + length])) + content[at + length :]


def repacked(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """An office file with its parts changed, the zip around them whole."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {info.filename: old.read(info) for info in old.infolist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return out.getvalue()


def member_lost(content: bytes, chance: random.Random) -> bytes:
    """A part is missing."""
    return repacked(content, lambda parts: parts.pop(chance.choice(sorted(parts))) and None)


def member_emptied(content: bytes, chance: random.Random) -> bytes:
    """A part has nothing in it."""
    return repacked(content, lambda parts: parts.update({chance.choice(sorted(parts)): b""}))


def member_cut(content: bytes, chance: random.Random) -> bytes:
    """A part ends in the middle, or has a damaged stretch."""

    def change(parts: dict[str, bytes]) -> None:
        name = chance.choice([n for n in sorted(parts) if parts[n]])
        parts[name] = chance.choice((truncated, holed))(parts[name], chance)

    return repacked(content, change)


def member_swapped(content: bytes, chance: random.Random) -> bytes:
    """Two parts have changed places."""

    def change(parts: dict[str, bytes]) -> None:
        one, two = chance.sample(sorted(parts), 2)
        parts[one], parts[two] = parts[two], parts[one]

    return repacked(content, change)


def member_doubled(content: bytes, chance: random.Random) -> bytes:
    """A part stands twice, the other time damaged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = io.BytesIO(content)
        with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
            name = chance.choice(sorted(archive.namelist()))
            archive.writestr(name, spliced(archive.read(name) or b"x", chance))
    return out.getvalue()


WORDS = (
    b"w:tc", b"w:tr", b"w:tbl", b"w:p", b"w:r", b"w:t", b"w:vMerge", b"w:gridSpan", b"w:sdt", b"w:ins",
    b"w:del", b"w:sym", b"w:pict", b"w:fldChar", b'"-1"', b'"999999999"', b'""', b'"1e400"', b'"nan"',
    b"<v>", b"</v>", b'r="A1"', b't="s"', b't="d"', b't="e"', b"xmlns", b'"abc"', b"&#x41;", b"\xff",
    b"<c>", b"<row>", b'ref="A1:B2"', b'ref="XFD1048576:A1"', b'r="XFD1048577"', b"s=", b"<f>", b"<is>",
    b"formatCode=", b'"0"', b'"1"', b"Target=", b"rId1", b"rId2", b'"/"', b'"../../.."',
)  # fmt: skip


def reworded(content: bytes, chance: random.Random) -> bytes:
    """Words of the format in places of others: XML that means something else."""

    def change(parts: dict[str, bytes]) -> None:
        name = chance.choice([n for n in sorted(parts) if parts[n]])
        for _ in range(chance.randrange(1, 4)):
            old, new = chance.sample(WORDS, 2)
            parts[name] = parts[name].replace(old, new, chance.choice((1, 2, 9, -1)))

    return repacked(content, change)


def elements_moved(content: bytes, chance: random.Random) -> bytes:
    """Elements of a part deleted, doubled, emptied or moved elsewhere in the tree."""
    from lxml import etree

    def change(parts: dict[str, bytes]) -> None:
        name = chance.choice([n for n in sorted(parts) if n.endswith((".xml", ".rels"))])
        root = etree.fromstring(parts[name])
        for _ in range(chance.choice((1, 2, 10))):
            every = [e for e in root.iter() if e is not root]
            if not every:
                return
            one, other = chance.choice(every), chance.choice(every)
            match chance.randrange(5):
                case 0:
                    one.getparent().remove(one)
                case 1:
                    one.addnext(etree.fromstring(etree.tostring(one)))
                case 2:
                    one.clear()
                case 3:
                    one.attrib.update(other.attrib)
                case 4:
                    if one not in other.iterancestors() and one is not other:
                        other.append(etree.fromstring(etree.tostring(one)))
        parts[name] = etree.tostring(root)

    return repacked(content, change)


def objects_changed(content: bytes, chance: random.Random) -> bytes:
    """Tokens of a PDF's objects and streams put in places of others, its streams unpacked."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(
            out,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    data = bytearray(out.getvalue())
    tokens = (
        b" 0 R", b"/Type", b"/Font", b"/Length", b"<<", b">>", b"[", b"]", b" Tf", b" Tj", b" TJ", b" cm",
        b" re", b"BT", b"ET", b" q", b" Q", b"0", b"9", b"-", b"/ToUnicode", b"/Kids", b"/Parent", b"endstream",
        b"/W", b"/MediaBox", b"/Rotate", b" Do", b" l", b" m",
    )  # fmt: skip
    for _ in range(chance.choice((1, 2, 6))):
        old, new = chance.sample(tokens, 2)
        at = data.find(old, chance.randrange(len(data)))
        if at >= 0:
            data[at : at + len(old)] = new
    return bytes(data)


def rewired(content: bytes, chance: random.Random) -> bytes:
    """Entries of a PDF's dictionaries and lists lead to other objects, back to themselves or to
    values of another kind: page trees and form fields with cycles, fonts that are pages."""
    import pikepdf

    out = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), pikepdf.open(io.BytesIO(content)) as pdf:
        every = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary | pikepdf.Stream)]
        forms = [
            o for o in every if o.keys() & {"/Kids", "/Fields", "/FT", "/AP", "/DR", "/ToUnicode"}
        ]
        for _ in range(chance.choice((1, 2, 5, 20))):
            one = chance.choice(forms or every) if chance.random() < 0.7 else chance.choice(every)
            holder: Any = one
            key: Any = chance.choice(sorted(one.keys()) or ["/X"])
            if key == "/Length":
                continue
            value = holder.get(key)
            while isinstance(value, pikepdf.Dictionary | pikepdf.Array) and chance.random() < 0.5:
                keys = (
                    sorted(value.keys())
                    if isinstance(value, pikepdf.Dictionary)
                    else range(len(value))
                )
                if not keys:
                    break
                holder, key = value, chance.choice(keys)
                value = holder[key]
            odd: list[Any] = [
                0, -1, 1 << 31, pikepdf.Name("/Off"), pikepdf.String("湘"), pikepdf.Array(), True,
                pikepdf.Dictionary(), pikepdf.Array([one, one]), pikepdf.Array([pikepdf.Array()]),
            ]  # fmt: skip
            new = chance.choice(
                [one, chance.choice(every), chance.choice(every), chance.choice(odd)]
            )
            if isinstance(new, pikepdf.Stream) and not new.is_indirect:
                continue
            holder[key] = new
        pdf.save(out)
    return out.getvalue()


def recoded(content: bytes, chance: random.Random) -> bytes:
    """What says which character a glyph is (ToUnicode) says something else, or is no such thing."""
    import pikepdf

    words = (
        b"beginbfchar", b"endbfchar", b"beginbfrange", b"endbfrange", b"begincodespacerange", b"<0000>", b"<FFFF>",
        b"<", b">", b"[", b"]", b"<D800>", b"1", b"65535", b"-1", b"usecmap", b"def", b"<00>", b"99999999999",
    )  # fmt: skip
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        maps = [
            o for o in pdf.objects if isinstance(o, pikepdf.Stream) and b"beginbf" in o.read_bytes()
        ]
        if not maps:
            raise ValueError("no map")
        for _ in range(chance.choice((1, 1, 3))):
            one = chance.choice(maps)
            data = one.read_bytes()
            for _ in range(chance.choice((1, 3, 30))):
                old, new = chance.sample(words, 2)
                at = data.find(old, chance.randrange(max(len(data), 1)))
                if at >= 0:
                    data = data[:at] + new + data[at + len(old) :]
            one.write(chance.choice((data, spliced(data or b"x", chance), data * 3, b"")))
        pdf.save(out)
    return out.getvalue()


def relinked(content: bytes, chance: random.Random) -> bytes:
    """What refers to something by its id or name refers to something else, or to itself: styles based
    on each other, numberings of numberings, parts that are parts of themselves."""
    referring = re.compile(
        rb'((?:r:id|r:embed|Id|Target|w:styleId|w:numId|w:abstractNumId|xfId|numFmtId|fontId|sheetId)="'
        rb'|<w:(?:basedOn|link|next|pStyle|rStyle|numStyleLink|styleLink|numId|abstractNumId) w:val=")([^"]*)"'
    )

    def change(parts: dict[str, bytes]) -> None:
        names = [n for n in sorted(parts) if len(set(referring.findall(parts[n]))) > 1]
        for name in chance.sample(names, min(len(names), chance.choice((1, 2, 4)))):
            data = parts[name]
            found = list(referring.finditer(data))
            for match in sorted(chance.sample(found, min(len(found), chance.choice((1, 3, 40)))),
                                key=lambda match: -match.start()):  # fmt: skip
                other = chance.choice(found)[2]
                data = data[: match.start(2)] + other + data[match.end(2) :]
            parts[name] = data

    return repacked(content, change)


def packed_anew(content: bytes, chance: random.Random) -> bytes:
    """An archive, whole, with a damaged document in it, or a name that no system would give."""

    def change(parts: dict[str, bytes]) -> None:
        name = chance.choice(sorted(parts))
        if chance.random() < 0.5:
            parts[name] = chance.choice((flipped, spliced, truncated, holed))(parts[name], chance)
        else:
            odd = ("", "/", "CON.docx", "a" * 300 + ".docx", "附件1.docx/附件1.docx", "\u202excod.exe", ".", "a\nb.xlsx",
                   "附件" * 120 + ".docx", "C:\\附件1.docx", "~$附件1.docx", "x/" * 200 + "附件1.docx")  # fmt: skip
            parts[chance.choice(odd)] = parts.pop(name)

    return repacked(content, change)


DAMAGES = (
    Damage("flipped", flipped, True, ALL - {"csv"}),
    Damage("spliced", spliced, True, ALL - {"csv"}),
    Damage("truncated", truncated, True, ALL - {"csv"}),
    Damage("holed", holed, True, ALL - {"csv"}),
    Damage("text", lambda c, r: r.choice((flipped, spliced, truncated, holed))(c, r), False, frozenset({"csv"})),
    Damage("lost", member_lost, True, PACKED),
    Damage("emptied", member_emptied, True, PACKED),
    Damage("cut", member_cut, True, PACKED),
    Damage("swapped", member_swapped, False, PACKED),
    Damage("doubled", member_doubled, True, PACKED),
    Damage("reworded", reworded, False, PACKED),
    Damage("elements", elements_moved, False, PACKED),
    Damage("objects", objects_changed, False, frozenset({"pdf"})),
    Damage("rewired", rewired, False, frozenset({"pdf"})),
    Damage("recoded", recoded, False, frozenset({"pdf"})),
    Damage("relinked", relinked, False, PACKED),
    Damage("packed", packed_anew, False, frozenset({"zip"})),
)  # fmt: skip


# ---------------------------------------------------------------- originals


def originals(folder: Path, limit: int, forms: set[str]) -> list[Path]:
    """Files to damage: one document of each habit, the samples, and what is made of them."""
    made = sorted(p for p in SAMPLES.iterdir() if p.suffix in (".docx", ".xlsx", ".pdf"))
    for habit in list(HABITS.values())[:: max(1, len(HABITS) // limit)] if limit else ():
        for form in habit.forms:
            for annex, number, case in habit.cases(form, 1):
                path = folder / f"{habit.name}-{annex}-{number}.{form}"
                path.write_bytes(case.bytes())
                made.append(path)
                break
    if "pdf" in forms and limit:
        printed = [p for p in made if p.suffix == ".docx" and p.parent == folder][:12]
        print_pdf(printed)
        made += [p.with_suffix(".pdf") for p in printed]
    made += list(_others(folder, forms))
    return [p for p in made if form_of(p) in forms]


def form_of(path: Path) -> str:
    return "tar.gz" if path.name.endswith(".tar.gz") else path.suffix[1:]


def _others(folder: Path, forms: set[str]) -> Iterator[Path]:
    staff = SAMPLES / "附件3-服务人员.xlsx"
    docs = sorted(p for p in SAMPLES.iterdir() if p.suffix in (".docx", ".xlsx"))
    if "csv" in forms:
        import csv

        import openpyxl

        path = folder / "附件3.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            sheet = openpyxl.load_workbook(staff).worksheets[0]
            csv.writer(out).writerows([[c or "" for c in r] for r in sheet.values])
        yield path
    if "zip" in forms:
        with zipfile.ZipFile(folder / "材料.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for one in docs[:3]:
                archive.write(one, f"材料/{one.name}")
        yield folder / "材料.zip"
    if forms & {"eml", "msg"}:
        yield from _mails(folder, docs[:2])
    if forms & {"tar", "tar.gz"}:
        import tarfile

        for suffix, mode in (("tar", "w"), ("tar.gz", "w:gz")):
            with tarfile.open(folder / f"材料.{suffix}", mode) as tar:  # type: ignore[call-overload]
                for one in docs[:3]:
                    tar.add(one, one.name)
            yield folder / f"材料.{suffix}"
    for form in sorted(forms & {"7z", "rar"}):
        yield from sorted((Path(__file__).parent / "archives").glob(f"*.{form}"))
    if "pdf" in forms:
        given = {
            n: SAMPLES / name
            for n, name in (("1", "附件1-申请表.docx.json"), ("3", "附件3-服务人员.xlsx.json"))
        }
        annexes = {n: json.loads(path.read_text("utf-8"))["data"] for n, path in given.items()}
        data = folder / "数据.json"
        data.write_text(json.dumps({"annexes": annexes}, ensure_ascii=False), "utf-8")
        yield from flow.render_forms(["1", "3"], "pdf", folder / "可填写", data=data)
    if forms & {"png", "jpg", "tiff"}:
        from PIL import Image, ImageDraw

        image = Image.new("RGB", (900, 600), "white")
        ImageDraw.Draw(image).rectangle((60, 60, 800, 500), outline="black", width=3)
        for suffix in ("png", "jpg", "tiff"):
            image.save(folder / f"图.{suffix}")
            yield folder / f"图.{suffix}"


def _mails(folder: Path, attached: list[Path]) -> Iterator[Path]:
    from email.message import EmailMessage

    from .compound import compound

    mail, streams = EmailMessage(), {"__properties_version1.0": bytes(32)}
    mail.set_content("材料见附件。")
    for number, one in enumerate(attached):
        content = one.read_bytes()
        mail.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=one.name
        )
        place = f"__attach_version1.0_#{number:08X}/__substg1.0_"
        streams[f"{place}37010102"] = content
        streams[f"{place}3707001F"] = one.name.encode("utf-16-le")
    for name, whole in (("邮件.eml", bytes(mail)), ("邮件.msg", compound(streams))):
        (folder / name).write_bytes(whole)
        yield folder / name


# ---------------------------------------------------------------- mutants


def mutant(content: bytes, damage: Damage, seed: str) -> bytes | None:
    """The copy of a seed; None where this damage cannot be done to these bytes."""
    try:
        return damage.change(content, random.Random(seed))
    except (ValueError, IndexError, zlib.error, zipfile.BadZipFile, LookupError, AttributeError):
        return None


def read_mutants(reader: Reader, path: Path, seeds: range, only: str = "") -> None:
    content, form = path.read_bytes(), form_of(path)
    truth = reader.lines(path, path.name)
    for damage in DAMAGES:
        if form not in damage.formats or (only and damage.name != only):
            continue
        for seed in seeds:
            label = f"{path.name}+{damage.name}+{seed}"
            copy = mutant(content, damage, label)
            if copy is None or copy == content:
                continue
            target = reader.folder / path.name
            target.write_bytes(copy)
            lines = reader.lines(target, path.name)
            if damage.telling:
                for lost in silent(truth, lines):
                    reader.tally.fault("silent", label, lost)


def silent(truth: list[dict[str, Any]], lines: list[dict[str, Any]]) -> Iterator[str]:
    """Values that are others than in the original though nothing points at them. A document that is
    not there at all is no silent loss where something else in the file could not be read."""
    said = [i for line in lines for i in line["issues"] if not i["pointer"]]
    refused = any(line["annex"] is None for line in lines) or any(
        issue["severity"] == "error" for issue in said
    )
    rest = list(lines)
    for expected in truth:
        if expected["annex"] is None:
            continue
        found = next((line for line in rest if line["annex"] == expected["annex"]), None)
        if found is not None:
            rest.remove(found)
            yield from _differences(expected, found)
        elif not refused:
            yield f"附件{expected['annex']} is gone without a word"


def _differences(expected: dict[str, Any], got: dict[str, Any]) -> Iterator[str]:
    # What is said of the whole document (damaged, something lost) covers all of it.
    known = {(i["code"], i["pointer"]) for i in expected["issues"]}
    new = [i for i in got["issues"] if (i["code"], i["pointer"]) not in known]
    if any(i["pointer"] == "" and i["severity"] != "info" for i in new):
        return
    before, after = dict(leaves(expected["data"])), dict(leaves(got["data"]))
    for pointer in before.keys() | after.keys():
        one, other = before.get(pointer), after.get(pointer)
        if one != other and not pointing(new, pointer):
            yield f"{pointer} {one!r} → {other!r}"
            return


# ---------------------------------------------------------------- the command


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True)
    files = commands.add_parser("files")
    files.add_argument("folders", nargs="+", type=Path)
    files.add_argument("--skip", nargs="*", default=[])
    mutants = commands.add_parser("mutants")
    mutants.add_argument("--format", action="append", choices=sorted(ALL))
    mutants.add_argument("--seeds", type=int, default=10, help="copies for each file and damage")
    mutants.add_argument("--from", dest="first", type=int, default=0)
    mutants.add_argument("--habits", type=int, default=40, help="how many habits of the corpus")
    mutants.add_argument("--damage", default="", help="only this one")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        reader = Reader(folder)
        (folder / "originals").mkdir()
        if options.command == "files":
            every = sorted(p for f in options.folders for p in f.rglob("*") if p.is_file())
            for path in every:
                if path.suffix not in options.skip:
                    reader.lines(path, path.name)
        else:
            forms = set(options.format or ALL)
            seeds = range(options.first, options.first + options.seeds)
            for path in originals(folder / "originals", options.habits, forms):
                read_mutants(reader, path, seeds, options.damage)
        print(dict(reader.tally.seen))
        return int(bool(reader.tally.faults))


if __name__ == "__main__":
    sys.exit(main())

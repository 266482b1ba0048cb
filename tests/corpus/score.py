"""Score the reader over the corpus: `python -m tests.corpus.score [--habit NAME] [--format docx]`.

Every document of every habit is written into a temporary folder, read, and compared leaf by leaf
with its truth. A table goes to standard output; the exit code is 1 above the thresholds.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .case import Case, Truth, leaves
from .habits import HABITS, Habit
from .through import PROGRAMS, print_pdf

READER = "pipeline.flow:read_file"
Reader = Callable[[Path], list[dict[str, Any]]]

#: The measure of the project for born-digital documents: share right of all fields, and counts.
RIGHT, SILENT, UNSAID, ALARMS, UNREAD = 0.995, 0, 0, 0, 0
COLUMNS = ("right", "pointed", "silent", "unsaid", "alarm", "unread")


@dataclass(frozen=True)
class Fault:
    """One field that is not as it should be."""

    kind: str
    file: str
    annex: str | None
    pointer: str
    expected: Any
    got: Any
    issue: str = ""

    def __str__(self) -> str:
        said = f"  [{self.issue}]" if self.issue else ""
        return f"{self.kind:8} {self.file} {self.annex}{self.pointer or ' (whole)'}: {self.expected!r} ≠ {self.got!r}{said}"


@dataclass
class Result:
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: Result) -> None:
        self.counts.update(other.counts)
        self.faults += other.faults

    @property
    def share(self) -> float:
        """Right of all fields; a field that its habit makes doubtful and that is pointed at
        counts as right."""
        total = sum(self.counts[k] for k in ("right", "pointed", "silent", "lost"))
        return (self.counts["right"] / total) if total else 1.0


def load(reader: str) -> Reader:
    module, _, name = reader.partition(":")
    return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]


# --- comparing ------------------------------------------------------------------------------------


def same(expected: Any, got: Any, pointer: str, truth: Truth, paper: bool) -> bool:
    """Equal as the contract means it; on paper a line's end cannot be told from a break."""
    key = pointer.rsplit("/", 1)[-1]
    if key in ("by_self", "by_partner"):
        expected, got = bool(expected), False if got is None else got
    wanted = [expected, *truth.accept.get(pointer, ())]
    if any(_equal(value, got, paper) for value in wanted):
        return True
    return (
        pointer in truth.loose and isinstance(got, str) and _digits(got) == _digits(str(expected))
    )


def _equal(a: Any, b: Any, paper: bool) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return abs(a - b) < 1e-9
    if isinstance(a, list) and isinstance(b, list):
        return sorted(map(str, a)) == sorted(map(str, b))
    if paper and isinstance(a, str) and isinstance(b, str):
        return re.sub(r"\s", "", a) == re.sub(r"\s", "", b)
    return bool(a == b)


def _digits(text: str) -> list[str]:
    """The numbers of a phone cell, written any way: their digits in order, +86 apart."""
    plain = unicodedata.normalize("NFKC", text).replace("+86", "")
    return ["".join(re.findall(r"\d", plain))]


def within(pointer: str, scope: set[str]) -> bool:
    """The pointer, or one above it, is in the scope; `*` holds everything."""
    return "*" in scope or any(pointer == s or (s and pointer.startswith(s + "/")) for s in scope)


def pointing(issues: list[dict[str, Any]], pointer: str) -> str:
    """The first issue that points at a leaf or at what holds it (or at an entry of it)."""
    for issue in issues:
        at = issue.get("pointer", "")
        if at and (pointer == at or pointer.startswith(at + "/") or at.startswith(pointer + "/")):
            return f"{issue.get('severity')} {issue.get('code')} {at}: {issue.get('message')}"
    return ""


def compare(truth: Truth, got: dict[str, Any] | None, file: str, paper: bool) -> Result:
    result = Result()
    expected = dict(leaves(truth.data))
    if got is None or got.get("annex") != truth.annex:
        annex = got.get("annex") if got else None
        said = "; ".join(i.get("message", "") for i in got.get("issues", ())) if got else ""
        result.counts.update(unread=1, lost=len(expected))
        result.faults.append(Fault("unread", file, truth.annex, "", truth.annex, annex, said))
        return result
    issues = got.get("issues", [])
    result.counts["right"] += (
        truth.annex is None
    )  # a paper that is none of the annexes, known as such
    found = dict(leaves(got.get("data") or {}))
    for pointer in [
        *expected,
        *(p for p in found if p not in expected and found[p] not in (None, [])),
    ]:
        _leaf(
            pointer, expected.get(pointer), found.get(pointer), truth, issues, file, paper, result
        )
    for pointer in truth.check:
        if not (issues if pointer == "*" else pointing(issues, pointer)):
            result.counts["unsaid"] += 1
            result.faults.append(Fault("unsaid", file, truth.annex, pointer, "an issue", None))
    _alarms(truth, issues, {f.pointer for f in result.faults}, file, result)
    return result


def _leaf(
    pointer: str, expected: Any, got: Any, truth: Truth, issues: list[dict[str, Any]], file: str, paper: bool, result: Result,
) -> None:  # fmt: skip
    said = pointing(issues, pointer)
    right = same(expected, got, pointer, truth, paper)
    if right and (said or pointer not in truth.must):
        kind = "right"
    elif said and pointer in truth.must:
        kind = "right"  # doubtful on the page, and said so: whatever is given
    else:
        kind = "pointed" if said else "silent"
        result.faults.append(Fault(kind, file, truth.annex, pointer, expected, got, said))
    result.counts[kind] += 1


def _alarms(
    truth: Truth, issues: list[dict[str, Any]], wrong: set[str], file: str, result: Result
) -> None:
    """Issues that point where nothing is wrong and the habit gives no reason."""
    scope = truth.may | truth.must | truth.check
    for issue in issues:
        at = issue.get("pointer", "")
        if (
            issue.get("severity") not in ("error", "warning")
            or within(at, scope)
            or ("" in scope and not at)
        ):
            continue
        if any(at == w or w.startswith(at + "/") or at.startswith(w + "/") for w in wrong) or any(
            at and s.startswith(at + "/") for s in scope
        ):
            continue
        result.counts["alarm"] += 1
        shown = f"{issue.get('severity')} {issue.get('code')}: {issue.get('message')}"
        result.faults.append(Fault("alarm", file, truth.annex, at, None, None, shown))


def score_file(truths: list[Truth], path: Path, reader: Reader, paper: bool) -> Result:
    """Read one file and compare each of its documents."""
    result = Result()
    try:
        objects = reader(path)
    except Exception as error:  # noqa: BLE001 - a reader that raises is what is measured
        for truth in truths:
            result.add(compare(truth, None, path.name, paper))
        result.faults.append(Fault("raised", path.name, None, "", None, repr(error)))
        return result
    rest = list(objects)
    for truth in truths:
        match = next((o for o in rest if o.get("annex") == truth.annex), None)
        if match is None and len(truths) == len(objects) == 1:
            match = rest[0]
        if match is not None:
            rest.remove(match)
        result.add(compare(truth, match, path.name, paper))
    for extra in rest:
        result.counts["alarm"] += 1
        said = "; ".join(i.get("message", "") for i in extra.get("issues", ()))
        result.faults.append(
            Fault("alarm", path.name, extra.get("annex"), "", "no document", "a document", said)
        )
    return result


# --- the corpus on disk ---------------------------------------------------------------------------


def sources(habit: Habit, form: str) -> tuple[str, ...]:
    """The formats that are written for a format asked: PDF is printed from docx and xlsx."""
    if form != "pdf":
        return (form,)
    return habit.forms if habit.paper else ()


def write(habit: Habit, form: str, folder: Path, limit: int) -> Iterator[tuple[Path, Case]]:
    for source in sources(habit, form):
        for annex, number, case in habit.cases(source, limit):
            path = folder / f"{habit.name}-{annex}-{number}-{source}.{source}"
            path.write_bytes(case.bytes())
            yield path, case


def score_habit(name: str, form: str, limit: int, reader: str, through: str = "") -> Result:
    habit, result, read = HABITS[name], Result(), load(reader)
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        written = list(write(habit, form, Path(folder), limit))
        seen = [path for path, _ in written]
        if written and (form == "pdf" or through):
            made = Path(folder, "made")
            made.mkdir()
            seen = print_pdf(seen) if form == "pdf" else PROGRAMS[through].convert(seen, made)
        for path, (_, case) in zip(seen, written, strict=True):
            result.add(score_file(case.truths, path, read, form == "pdf"))
    return result


# --- the command ----------------------------------------------------------------------------------


def failed(result: Result, right: float) -> bool:
    counts = result.counts
    return result.share < right or any(
        counts[kind] > most
        for kind, most in (
            ("silent", SILENT),
            ("unsaid", UNSAID),
            ("alarm", ALARMS),
            ("unread", UNREAD),
        )
    )


def table_line(name: str, form: str, result: Result) -> str:
    counts = "".join(f"{result.counts[key] or '·':>9}" for key in COLUMNS)
    return f"{name:32} {form:5}{counts}  {result.share:7.2%}"


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.score", description=__doc__)
    parser.add_argument(
        "--habit", action="append", help="a habit's name, or the beginning of several"
    )
    parser.add_argument(
        "--format", action="append", choices=("docx", "xlsx", "pdf"), help="default: docx and xlsx"
    )
    parser.add_argument(
        "--through",
        choices=PROGRAMS,
        default="",
        help="opened and saved by this program before it is read",
    )
    parser.add_argument(
        "--limit", type=int, default=0, help="documents for each habit, annex and format"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--show", action="store_true", help="print each field that is not right")
    parser.add_argument(
        "--failed", action="store_true", help="print only the lines above the thresholds"
    )
    parser.add_argument(
        "--reader",
        default=READER,
        help="module:function that takes a path, gives the contract's objects",
    )
    parser.add_argument("--list", action="store_true", help="print the habits and stop")
    parser.add_argument(
        "--write",
        type=Path,
        metavar="FOLDER",
        help="write the corpus with its truths there and stop",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    options = arguments(argv)
    names = [n for n in HABITS if not options.habit or any(n.startswith(h) for h in options.habit)]
    through = PROGRAMS.get(options.through)
    forms = [through.source] if through else options.format or ["docx", "xlsx"]
    out = sys.stdout
    if options.list:
        out.writelines(f"| {name} | {HABITS[name].note} |\n" for name in names)
        return 0
    if options.write:
        return _write_all(options.write, names, forms, options.limit)
    jobs = [
        (n, f)
        for n in names
        for f in forms
        if any(s in HABITS[n].forms for s in sources(HABITS[n], f))
    ]
    totals, bad = {form: Result() for form in forms}, False
    out.write(f"{'habit':32} {'form':5}{''.join(f'{c:>9}' for c in COLUMNS)}    share\n")
    with ProcessPoolExecutor(options.workers) as pool:
        futures = [
            pool.submit(score_habit, n, f, options.limit, options.reader, options.through)
            for n, f in jobs
        ]
        for (name, form), future in zip(jobs, futures, strict=True):
            result = future.result()
            totals[form].add(result)
            wrong = failed(result, HABITS[name].right)
            bad = bad or wrong
            if wrong or not options.failed:
                out.write(table_line(name, form, result) + ("  ✗" if wrong else "") + "\n")
            if options.show:
                out.writelines(f"    {fault}\n" for fault in result.faults)
            out.flush()
    for form, result in totals.items():
        out.write(table_line("all", form, result) + ("  ✗" if failed(result, RIGHT) else "") + "\n")
    return int(bad or any(failed(result, RIGHT) for result in totals.values()))


def _write_all(folder: Path, names: list[str], forms: list[str], limit: int) -> int:
    import json

    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for form in forms:
            written = list(write(HABITS[name], form, folder, limit))
            for path, case in written:
                truths = [{"annex": t.annex, "data": t.data} for t in case.truths]
                path.with_name(path.name + ".json").write_text(
                    json.dumps(truths, ensure_ascii=False, indent=1), "utf-8"
                )
            if form == "pdf" and written:
                print_pdf([path for path, _ in written])
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Score the reader over scans: `python -m tests.scans.score [--wear sealed] [--annex 15] [--show]`.

Prints, for each wear and annex, the fields that are right, wrong but pointed at, silently wrong,
right but pointed at (asked), and the processor seconds a page. Exit code 1 above the thresholds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import zlib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.corpus.habits import HABITS
from tests.corpus.score import Fault, load, score_file

from .make import ON_PAPER, Printed, print_all, scan
from .wear import WEARS

#: The measure of the project for scans.
RIGHT, SILENT = 0.97, 0.002
COLUMNS = ("files", "right", "pointed", "silent", "asked", "unread", "seconds")


def score_one(
    printed: Printed, wear: str, folder: Path, reader: str
) -> tuple[str, str, Counter[str], list[Fault]]:
    made = scan(printed, WEARS[wear], folder)
    if made is None:
        return wear, str(printed.truth.annex), Counter(), []
    path, truth = made
    read = load(reader)
    start = time.process_time()
    result = score_file([truth], path, read, paper=True)
    counts = Counter(result.counts)
    counts["seconds"] = round(100 * (time.process_time() - start))
    counts["files"] = 1
    counts["asked"] = counts.pop("alarm", 0)
    path.unlink()
    return wear, str(truth.annex), counts, [f for f in result.faults if f.kind != "alarm"]


def line(name: str, counts: Counter[str]) -> str:
    total = sum(counts[k] for k in ("right", "pointed", "silent", "lost"))
    shares = [counts[k] / total if total else 0.0 for k in ("right", "silent")]
    shown = "".join(f"{counts[k] or '·':>9}" for k in COLUMNS[:-1])
    each = counts["seconds"] / 100 / max(1, counts["files"])
    return f"{name:18}{shown}{each:9.1f}  right {shares[0]:7.2%}  silent {shares[1]:7.2%}"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.scans.score", description=__doc__)
    parser.add_argument("--wear", action="append", choices=sorted(WEARS))
    parser.add_argument("--habit", action="append", help="the beginning of habits' names")
    parser.add_argument("--annex", default="123456")
    parser.add_argument("--limit", type=int, default=1, help="documents for each habit and annex")
    parser.add_argument(
        "--share",
        type=int,
        default=1,
        help="only one of so many scans, by chance, the same each time",
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--show", action="store_true", help="print each field that is not right")
    parser.add_argument("--reader", default="pipeline.flow:read_file")
    parser.add_argument("--keep", type=Path, help="folder in which the printed documents are kept")
    options = parser.parse_args(argv)
    names = [
        n
        for n in ON_PAPER
        if n in HABITS and (not options.habit or any(n.startswith(h) for h in options.habit))
    ]
    totals: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory(prefix="scans-") as folder:
        keep = options.keep or Path(folder)
        keep.mkdir(parents=True, exist_ok=True)
        prints = print_all(keep, names, options.annex, options.limit)
        with ProcessPoolExecutor(options.workers) as pool:
            jobs = [
                pool.submit(score_one, p, w, Path(folder), options.reader)
                for p in prints
                for w in options.wear or WEARS
                if zlib.crc32(f"{p.name}-{w}".encode()) % options.share == 0
            ]
            for job in jobs:
                wear, annex, counts, faults = job.result()
                for key in (f"{wear} {annex}", wear, f"annex {annex}", "all"):
                    totals.setdefault(key, Counter()).update(counts)
                if options.show:
                    sys.stdout.writelines(f"    {fault}\n" for fault in faults)
                    sys.stdout.flush()
    sys.stdout.write(f"{'':18}{''.join(f'{c:>9}' for c in COLUMNS)}\n")
    for key in sorted(totals):
        sys.stdout.write(line(key, totals[key]) + "\n")
    every = totals.get("all", Counter())
    total = sum(every[k] for k in ("right", "pointed", "silent", "lost")) or 1
    return int(every["right"] / total < RIGHT or every["silent"] / total > SILENT)


if __name__ == "__main__":
    sys.exit(main())

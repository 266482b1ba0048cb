"""Timing: contenders take turns in one run, CPU time, the median counts."""

from __future__ import annotations

import gc
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 7
SHORTEST = 0.05  # seconds; what is faster is repeated within a round

README = Path(__file__).with_name("README.md")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """CPU seconds that a call has taken in another process."""

    seconds: float


def medians(
    contenders: Mapping[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Median CPU seconds of one call, by name. Each is warmed up once; then all take turns, so
    that whatever else the machine does falls on everybody."""
    repeats = {name: _repeats(call) for name, call in contenders.items()}
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            taken[name].append(_once(call, repeats[name]))
    return {name: statistics.median(times) for name, times in taken.items()}


def _repeats(call: Callable[[], object]) -> int:
    call()
    return max(1, round(SHORTEST / max(_once(call, 1), 1e-6)))


def _once(call: Callable[[], object], repeats: int) -> float:
    gc.collect()
    start = time.process_time()
    results = [call() for _ in range(repeats)]
    here = time.process_time() - start
    elsewhere = [result.seconds for result in results if isinstance(result, Elsewhere)]
    return (sum(elsewhere) if elsewhere else here) / repeats


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.2f} ms"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first stand to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def machine() -> str:
    return f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}"


def publish(section: str, text: str) -> None:
    """Puts the text between the section's marks in README.md; the rest stays as people wrote it."""
    begin, end = f"<!-- {section} -->", f"<!-- /{section} -->"
    page = README.read_text(encoding="utf-8") if README.exists() else "# 速度\n"
    if begin not in page:
        page += f"\n{begin}\n{end}\n"
    before, rest = page.split(begin, 1)
    after = rest.split(end, 1)[1]
    README.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", encoding="utf-8")

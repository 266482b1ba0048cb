"""Packets come in. The life of one:

    inbox/材料.zip
      │  still, and whole by its own format                            inbox, whole
      │  journal row, then atomic rename, then fsync                   journal, desk
      ▼
    .pipeline/arrivals/…  ── SHA-256 known already ──► outbox/duplicates/材料/回执.txt
      │
      ▼  stored
    .pipeline/store/ab/abcd…/材料.zip   the original, for good          store
      │
      ▼  reading: unpacked and read file by file in a child process     unpack, worker, reading
      │
      ├── refused (bomb, password, …) ───────────────► outbox/rejected/材料/原因.txt
      ├── not the packet's fault ────────────────────► outbox/held/材料/原因.txt
      ▼  done: written aside, synced, renamed                           publish
    outbox/packets/材料/…

A packet is in one of the states `stored → reading → done | rejected | held`. The program may be
killed at any moment: the next run finishes what was under way, each packet once (`desk`). Nothing
that was dropped is ever deleted. Two runs may share an inbox: what one takes the other does not.

For `pipeline read` the parts are there to be used alone: `unpack` flattens an archive or folder,
`Sandbox` calls a function in the child process.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

from pipeline.intake.archives import archive_kind
from pipeline.intake.desk import Compose, Desk, Task
from pipeline.intake.home import Home, on_duty
from pipeline.intake.journal import Journal
from pipeline.intake.limits import Limits
from pipeline.intake.packets import Event, FileResult, Packet, PacketReport
from pipeline.intake.unpack import Member, unpack
from pipeline.intake.worker import Outcome, Sandbox, end_children, sandbox_of_thread

__all__ = [
    "Compose",
    "Event",
    "FileResult",
    "Home",
    "Limits",
    "Member",
    "Outcome",
    "Packet",
    "PacketReport",
    "Sandbox",
    "archive_kind",
    "sandbox_of_thread",
    "take_in",
    "unpack",
]


def take_in(
    home: Home,
    process: str,
    compose: Compose,
    *,
    jobs: int = 1,
    on_event: Callable[[Event], None] = lambda event: None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    watch: threading.Event | None = None,
    executor: Executor | None = None,
) -> list[PacketReport]:
    """Take in all that lies in the inbox; with `watch`, all that comes until that event is set.

    process: `"package.module:function"`, called in the sandbox for each file as
        `function(path: str, name: str) -> list[dict]`; `path` is where its bytes are, `name` what
        people call it, the result JSON. A `PipelineError` it raises is that file's `problem`.
    compose: `compose(packet, results) -> {relative name: bytes}`, called in this thread when all
        files of a packet are read; what it gives appears as `outbox/packets/<packet.folder>/`. The
        files at `FileResult.path` are there until it returns. An `UnreadableError` rejects the
        packet with that reason; any other exception puts it on hold. After a crash it may be called
        again for the same packet, but what it gives is published once.
    jobs: packets read at once. `executor`: any PEP 3148 executor to read them on instead of
        threads of this process; it must see the same paths.
    on_event: called in this thread.

    Returns one report for each thing dropped, also for what still waits in the inbox and why.
    Raises UsageError where the folders lie so that it could not work.
    """
    home.prepare()
    # One more than the readers, so that they stay busy while a result is composed.
    task = Task(process, compose, on_event, limits, width=jobs + 1)
    with on_duty(home) as owner, Journal.open(home.journal) as journal:
        if executor is not None:
            return Desk(home, owner, journal, executor, task).run(watch)
        with _threads(jobs, f"intake-{owner.token}") as threads:
            return Desk(home, owner, journal, threads, task).run(watch)


@contextlib.contextmanager
def _threads(jobs: int, prefix: str) -> Iterator[Executor]:
    """Threads that hand packets to their child processes; an interrupt ends those at once."""
    with ThreadPoolExecutor(jobs, thread_name_prefix=prefix) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            end_children(prefix)
            raise

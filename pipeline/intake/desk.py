"""The desk: takes packets in, hands them to be read, lays the results out. One thread, one journal.

Each step below is done once even if the program dies before, in or after it, because the journal
says beforehand what is about to happen and the files tell whether it has:

    claim      row `claimed`           then  inbox/x → arrivals/<id>/x      nothing there: void
    admit      row `stored` | `duplicate`    by the SHA-256 of what arrived
    store                                    arrivals/<id>/x → store/…      there already: done
    read       row `reading`                 unpack and read, under work/<owner>: begun anew
    stage      row: outcome, inode     then  .tmp/<owner>/<id> → packets/<name>
    finish     row `done`                    a folder of that inode is there: published
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError, UnreadableError, why
from pipeline.intake import publish, reading, store
from pipeline.intake.durable import make_folder, move, only_entry, remove_tree
from pipeline.intake.home import Home, Owner, is_gone, sweep, tokens
from pipeline.intake.inbox import Entry, Waiting, Watcher
from pipeline.intake.journal import Arrival, Journal
from pipeline.intake.limits import Limits
from pipeline.intake.packets import (
    EndState,
    Event,
    EventKind,
    FileResult,
    Packet,
    PacketReport,
    ReportState,
)

Compose = Callable[[Packet, Sequence[FileResult]], Mapping[str, bytes]]

#: Findings that speak of this machine, not of the packet: it is kept to be tried again.
_OF_THE_MACHINE = frozenset({"bug", "crashed", "killed", "disk-full-limit", "descriptors-limit"})
_AGAIN = "原件已妥善保存。原因消除后把同一文件再次放入收件箱，即重新处理。"


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done with packets; see `take_in`. `width`: packets under way at once."""

    process: str
    compose: Compose
    on_event: Callable[[Event], None]
    limits: Limits
    width: int


class Desk:
    """One run of the intake. `compose` and `on_event` are called in the thread that calls `run`."""

    def __init__(
        self, home: Home, owner: Owner, journal: Journal, executor: Executor, task: Task
    ) -> None:
        self._home = home
        self._owner = owner.token
        self._journal = journal
        self._executor = executor
        self._task = task
        self._under_way: dict[Future[dict[str, Any]], Packet] = {}
        self._reports: list[PacketReport] = []

    def run(self, stop: threading.Event | None) -> list[PacketReport]:
        """Everything left over by runs that died, then everything in the inbox; with `stop`, also
        everything that comes until it is set."""
        for packet in self._packets(stop):
            self._begin(packet)
            while len(self._under_way) >= self._task.width:
                self._finish_some(None)
        while self._under_way:
            self._finish_some(None)
        return self._reports

    def _packets(self, stop: threading.Event | None) -> Iterator[Packet]:
        yield from self._left_over()
        watcher, tried = Watcher(self._home.inbox, self._task.limits), set[Path]()
        while not (stop and stop.is_set()):
            glance = watcher.look()
            for entry in (e for e in glance.ready if e.path not in tried):
                tried.add(entry.path)
                yield from self._take(entry)
            tried &= {entry.path for entry in glance.ready}
            if stop is None and not any(one.hopeful for one in glance.waiting):
                self._leave(glance.waiting)
                return
            self._pause(stop)
            yield from self._left_over() if stop else ()

    def _pause(self, stop: threading.Event | None) -> None:
        """Let time pass, usefully while packets are under way."""
        seconds = min(max(self._task.limits.settle_seconds, 0.02), 1.0)
        if self._under_way:
            self._finish_some(seconds)
        elif stop:
            stop.wait(seconds)
        else:
            time.sleep(seconds)

    def _leave(self, waiting: Sequence[Waiting]) -> None:
        for one in waiting:
            self._report(one.entry.name, "waiting", None, one.reason)

    # -- coming in --------------------------------------------------------------------------------

    def _take(self, entry: Entry) -> Iterator[Packet]:
        """Claim an entry of the inbox. Nothing if another process was faster."""
        arrival = uuid.uuid4().hex
        self._journal.claim(arrival, entry.name, self._owner)
        folder = make_folder(self._home.arrivals / arrival)
        try:
            move(entry.path, folder / entry.path.name)
        except FileNotFoundError:
            self._void(arrival)
            return
        except OSError as error:
            self._void(arrival)
            reason = f"收不走（{why(error)}），请检查收件箱的写入权限。"
            self._report(entry.name, "waiting", None, reason)
            return
        yield from self._admit(self._journal.arrival(arrival))

    def _void(self, arrival: str) -> None:
        folder = self._home.arrivals / arrival
        if folder.is_dir():
            folder.rmdir()
        self._journal.void(arrival)

    def _admit(self, arrival: Arrival) -> Iterator[Packet]:
        """Find out what has arrived. A duplicate ends here, with a receipt."""
        path = only_entry(self._home.arrivals / arrival.id)
        if path is None:
            self._void(arrival.id)
            return
        try:
            identity = store.identify(path, sync=True)
        except OSError as error:
            reason = f"读不了（{why(error)}），已收存，下次运行时再试。"
            self._report(arrival.name, "held", path, reason)
            return
        packet, new = self._journal.admit(arrival, identity, self._owner, self._is_taken)
        if new:
            self._say("taken", packet.name, "已收取。")
            yield packet
        else:
            self._receipt(self._journal.arrival(arrival.id))

    def _is_taken(self, folder: str) -> bool:
        return any((self._home.area(s) / folder).exists() for s in ("done", "rejected", "held"))

    def _receipt(self, arrival: Arrival) -> None:
        """Tell where the result of a duplicate is. What was dropped stays under `arrivals/`."""
        area = self._home.area("duplicate")
        path = only_entry(self._home.arrivals / arrival.id)
        is_folder = path is not None and path.is_dir()
        name = self._journal.reserve_receipt(arrival, is_folder, lambda n: (area / n).exists())
        packet = self._journal.packet(arrival.packet or 0)
        reason = f"与{packet.received}收到的“{packet.name}”内容完全相同，不再重复处理。"
        if not (area / name).exists():
            staged = self._home.staging(self._owner) / arrival.id
            lines = (f"来件：{arrival.name}", reason, self._where(packet))
            publish.stage(staged, {publish.RECEIPT: publish.text(*lines)})
            publish.publish(staged, area / name)
        self._journal.receipted(arrival.id)
        self._report(arrival.name, "duplicate", area / name, reason, packet.sha256)

    def _where(self, packet: Packet) -> str:
        if packet.state in ("stored", "reading"):
            return f"该件处理完后，结果在 packets/{packet.folder}（如未受理，在 rejected/{packet.folder}）。"
        place = self._home.area(packet.state) / packet.folder
        return f"处理结果见 {place.relative_to(self._home.outbox).as_posix()}。"

    # -- after a crash ----------------------------------------------------------------------------

    def _left_over(self) -> Iterator[Packet]:
        """What processes that are gone had under way; then their rests are swept."""
        gone = [t for t in tokens(self._home) if t != self._owner and is_gone(self._home, t)]
        arrivals, packets = self._journal.adopt(self._owner, lambda t: is_gone(self._home, t))
        for token in gone:
            sweep(self._home, token)
        for packet in packets:
            self._say("resumed", packet.name, "上次未处理完，接着处理。")
            yield packet
        for arrival in arrivals:
            if arrival.state == "duplicate":
                self._receipt(arrival)
            else:
                yield from self._admit(arrival)

    # -- reading ----------------------------------------------------------------------------------

    def _begin(self, packet: Packet) -> None:
        """Bring a packet to its original's place and hand it to be read."""
        if self._is_already_published(packet):
            return
        # It may be here because it was on hold and has been dropped again.
        publish.withdraw(self._home.area("held") / packet.folder, publish.REASON)
        if self._journal.attempts(packet.id) >= self._task.limits.attempts:
            reason = (
                f"处理此件时程序已连续 {self._task.limits.attempts} 次意外中断，先搁置。{_AGAIN}"
            )
            self._end(packet, "held", reason)
            return
        original, reason = self._stored(packet)
        if original is None:
            self._end(packet, "held", reason)
            return
        self._journal.reading(packet.id)
        self._say("reading", packet.name, "正在读取。")
        job = reading.job(
            original, packet.name, self._scratch(packet), self._task.process, self._task.limits
        )
        self._under_way[self._executor.submit(reading.read_packet, job)] = packet

    def _stored(self, packet: Packet) -> tuple[Path | None, str]:
        """The original in its place, verified; or why it cannot be used."""
        arrived = [
            only_entry(self._home.arrivals / a) for a in self._journal.arrivals_of(packet.id)
        ]
        try:
            kept = store.keep(self._home.store, packet.sha256, next(filter(None, arrived), None))
            if kept is None:
                return None, "原件不见了（收存的文件夹被动过）。请把原件再次放入收件箱。"
            if store.identify(kept).sha256 == packet.sha256:
                return kept, ""
        except OSError as error:
            return None, f"原件读不了（{why(error)}）。{_AGAIN}"
        return None, "收取之后内容又有变化，多半是收取时还在复制。请把完整的文件再次放入收件箱。"

    def _scratch(self, packet: Packet) -> Path:
        return self._home.scratch(self._owner) / str(packet.id)

    def _finish_some(self, timeout: float | None) -> None:
        done, _ = wait(self._under_way, timeout, FIRST_COMPLETED)
        for future in done:
            packet = self._under_way.pop(future)
            try:
                answer = future.result()
            except (OSError, RuntimeError) as error:
                self._put_off(packet, f"读取未能开始（{type(error).__name__}）")
            else:
                self._finish(packet, answer)
            remove_tree(self._scratch(packet))

    def _put_off(self, packet: Packet, what: str) -> None:
        """This machine cannot at present: nothing is laid out, the next run tries again."""
        reason = f"{what}，原件已保存，下次运行时自动再试。请检查磁盘空间和权限。"
        self._journal.put_off(packet.id, reason)
        self._report(packet.name, "held", None, reason, packet.sha256)

    def _finish(self, packet: Packet, answer: dict[str, Any]) -> None:
        refused = reading.refusal(answer)
        if refused is not None:
            state: EndState = "held" if refused.code in _OF_THE_MACHINE else "rejected"
            self._end(packet, state, refused.message)
            return
        self._journal.attempt(packet.id, +1)
        state, reason, files = self._composed(packet, reading.file_results(answer))
        self._journal.attempt(packet.id, -1)
        self._end(packet, state, reason, files)

    def _composed(
        self, packet: Packet, results: Sequence[FileResult]
    ) -> tuple[EndState, str, Mapping[str, bytes]]:
        try:
            return "done", "", self._task.compose(packet, results)
        except UnreadableError as error:
            return "rejected", str(error), {}
        except PipelineError as error:
            return "held", f"{error}{_AGAIN}", {}
        except Exception as error:  # noqa: BLE001 - one packet's bad luck must not stop the others
            return "held", f"程序未能汇总此件（{type(error).__name__}）。{_AGAIN}", {}

    # -- going out --------------------------------------------------------------------------------

    def _end(
        self, packet: Packet, state: EndState, reason: str, files: Mapping[str, bytes] | None = None
    ) -> None:
        """Lay out what came of a packet, and say so in the journal."""
        try:
            packet = self._lay_out(packet, state, reason, files or _note(packet, reason))
        except OSError as error:
            self._put_off(packet, f"结果写不进去（{why(error)}）")
        else:
            self._ended(packet, state, reason)

    def _lay_out(
        self, packet: Packet, state: EndState, reason: str, files: Mapping[str, bytes]
    ) -> Packet:
        staged = self._home.staging(self._owner) / str(packet.id)
        inode = publish.stage(staged, files)
        self._journal.stage(packet.id, state, reason, inode)
        while not publish.publish(staged, self._home.area(state) / packet.folder):
            packet = self._journal.rename(packet, self._is_taken)
        return packet

    def _ended(self, packet: Packet, state: EndState, reason: str) -> None:
        self._journal.finish(packet.id, state, reason)
        place = self._home.area(state) / packet.folder
        self._report(packet.name, state, place, reason, packet.sha256)

    def _is_already_published(self, packet: Packet) -> bool:
        """A run died after the result appeared and before the journal said so: say so now."""
        staged = self._journal.staged(packet.id)
        if staged is None:
            return False
        target = self._home.area(staged.outcome) / packet.folder
        if not publish.is_published(target, staged.inode):
            return False
        self._ended(packet, staged.outcome, staged.reason)
        return True

    def _report(
        self, name: str, state: ReportState, place: Path | None, reason: str = "", sha256: str = ""
    ) -> None:
        self._reports.append(PacketReport(name, state, place, reason, sha256))
        self._say(state, name, reason or "处理完毕。")

    def _say(self, kind: EventKind, name: str, message: str) -> None:
        self._task.on_event(Event(kind, name, message))


def _note(packet: Packet, reason: str) -> Mapping[str, bytes]:
    lines = (f"来件：{packet.name}", f"收到：{packet.received}", f"原因：{reason}")
    return {publish.REASON: publish.text(*lines, f"原件已保存，编号 {packet.sha256[:12]}。")}

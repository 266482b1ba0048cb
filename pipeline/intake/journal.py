"""The journal: what has come, how far it is, and what happened when. SQLite, beside the store.

    arrival   each thing taken from the inbox: claimed → stored | duplicate → receipted | void
    packet    each thing once, by SHA-256:     stored → reading → done | rejected | held
    event     what happened, in order; no contents of files

Every row under way carries the token of its owner, the process that works on it. Each method is
one transaction; `synchronous = FULL` makes it durable before the file is touched that it speaks of.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.errors import PipelineError, UsageError
from pipeline.intake.names import candidates, folder_base
from pipeline.intake.packets import EndState, Packet
from pipeline.intake.store import Identity

#: One tuple of statements for each version of the schema; never changed once released.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE packet (
            id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
            name TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('file', 'folder')),
            size INTEGER NOT NULL CHECK (size >= 0),
            folder TEXT NOT NULL COLLATE NOCASE UNIQUE,
            state TEXT NOT NULL CHECK (state IN ('stored', 'reading', 'done', 'rejected', 'held')),
            reason TEXT NOT NULL DEFAULT '',
            received_at TEXT NOT NULL,
            owner TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            outcome TEXT CHECK (outcome IN ('done', 'rejected', 'held')),
            outcome_reason TEXT NOT NULL DEFAULT '',
            staged_inode INTEGER
        ) STRICT
        """,
        """
        CREATE TABLE arrival (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            state TEXT NOT NULL
                CHECK (state IN ('claimed', 'stored', 'duplicate', 'receipted', 'void')),
            claimed_at TEXT NOT NULL,
            packet INTEGER REFERENCES packet (id),
            receipt TEXT COLLATE NOCASE UNIQUE,
            owner TEXT
        ) STRICT
        """,
        """
        CREATE TABLE event (
            id INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            arrival TEXT REFERENCES arrival (id),
            packet INTEGER REFERENCES packet (id),
            what TEXT NOT NULL,
            note TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        "CREATE INDEX packet_open ON packet (owner) WHERE state IN ('stored', 'reading')",
        "CREATE INDEX arrival_open ON arrival (owner) WHERE state IN ('claimed', 'duplicate')",
        "CREATE INDEX arrival_packet ON arrival (packet)",
    ),
)

_OPEN = {"packet": "('stored', 'reading')", "arrival": "('claimed', 'duplicate')"}
_COLUMNS = "id, sha256, name, kind, size, folder, state, reason, received_at"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A thing taken from the inbox; `packet` and `receipt` once it is known for a duplicate."""

    id: str
    name: str
    state: str
    packet: int | None
    receipt: str | None


@dataclass(frozen=True, slots=True)
class Staged:
    """A result that was written in full and may have been published: `inode` is its folder's."""

    outcome: EndState
    reason: str
    inode: int


class Journal:
    """One connection, for one thread. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._base.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._base.execute(f"PRAGMA {pragma}")

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path) -> Iterator[Journal]:
        """Open, and bring the schema up to date. PipelineError if the file is no journal."""
        try:
            journal = cls(path)
        except sqlite3.DatabaseError as error:
            raise PipelineError(
                f"收件日志“{path}”打不开，可能已损坏。",
                remedy="请把它连同 -wal、-shm 文件一起改名保存，再从备份恢复；原件在旁边的 store 里，不会丢。",
            ) from error
        try:
            journal._migrate()
            yield journal
        finally:
            journal._base.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. IMMEDIATE: two processes never both believe a name to be free."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield self._base
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def _migrate(self) -> None:
        with self._transaction() as base:
            version: int = base.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise UsageError("收件日志由更新版本的程序建立。", remedy="请先升级本程序。")
            for statements in MIGRATIONS[version:]:
                for statement in statements:
                    base.execute(statement)
            base.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    # -- arrivals -------------------------------------------------------------------------------

    def claim(self, arrival: str, name: str, owner: str) -> None:
        """Say that we are about to take `name` from the inbox."""
        with self._transaction() as base:
            base.execute(
                "INSERT INTO arrival (id, name, state, claimed_at, owner) VALUES (?, ?, 'claimed', ?, ?)",
                (arrival, name, _now(), owner),
            )
            _log(base, "claimed", arrival=arrival)

    def void(self, arrival: str) -> None:
        """It was not there any more: another process was faster, or nothing had been moved."""
        with self._transaction() as base:
            base.execute("UPDATE arrival SET state = 'void', owner = NULL WHERE id = ?", (arrival,))
            _log(base, "void", arrival=arrival)

    def admit(
        self, arrival: Arrival, identity: Identity, owner: str, taken: Callable[[str], bool]
    ) -> tuple[Packet, bool]:
        """The packet of this identity, and whether it is new (False: a duplicate, or a second try).

        `taken` tells whether a name stands in the outbox already. A packet that is on hold is
        tried again when it is dropped again: this is how staff say that the cause is mended.
        """
        with self._transaction() as base:
            known = base.execute(
                "SELECT * FROM packet WHERE sha256 = ?", (identity.sha256,)
            ).fetchone()
            if known is None:
                return self._enter(base, arrival, identity, owner, taken), True
            if known["state"] == "held":
                return self._reopen(base, arrival, known["id"], owner), True
            self._join(base, arrival, known["id"], "duplicate", owner)
            return self._packet(base, known["id"]), False

    def _enter(
        self,
        base: sqlite3.Connection,
        arrival: Arrival,
        identity: Identity,
        owner: str,
        taken: Callable[[str], bool],
    ) -> Packet:
        folder = _free_folder(base, arrival.name, identity.kind == "folder", taken)
        cursor = base.execute(
            "INSERT INTO packet (sha256, name, kind, size, folder, state, received_at, owner)"
            " VALUES (?, ?, ?, ?, ?, 'stored', ?, ?)",
            (identity.sha256, arrival.name, identity.kind, identity.size, folder, _now(), owner),
        )
        packet = int(cursor.lastrowid or 0)
        self._join(base, arrival, packet, "stored", None)
        return self._packet(base, packet)

    def _reopen(
        self, base: sqlite3.Connection, arrival: Arrival, packet: int, owner: str
    ) -> Packet:
        base.execute(
            "UPDATE packet SET state = 'stored', reason = '', owner = ?, attempts = 0, outcome = NULL,"
            " outcome_reason = '', staged_inode = NULL WHERE id = ?",
            (owner, packet),
        )
        self._join(base, arrival, packet, "stored", None)
        return self._packet(base, packet)

    def _join(
        self, base: sqlite3.Connection, arrival: Arrival, packet: int, state: str, owner: str | None
    ) -> None:
        base.execute(
            "UPDATE arrival SET state = ?, packet = ?, owner = ? WHERE id = ?",
            (state, packet, owner, arrival.id),
        )
        _log(base, state, arrival=arrival.id, packet=packet)

    def reserve_receipt(
        self, arrival: Arrival, is_folder: bool, taken: Callable[[str], bool]
    ) -> str:
        """A name of its own for the receipt of a duplicate, the same each time it is asked for."""
        if arrival.receipt:
            return arrival.receipt
        with self._transaction() as base:
            query = "SELECT 1 FROM arrival WHERE receipt = ?"
            names = candidates(folder_base(arrival.name, is_folder=is_folder))
            receipt = next(
                n for n in names if not taken(n) and not base.execute(query, (n,)).fetchone()
            )
            base.execute("UPDATE arrival SET receipt = ? WHERE id = ?", (receipt, arrival.id))
        return receipt

    def receipted(self, arrival: str) -> None:
        with self._transaction() as base:
            base.execute(
                "UPDATE arrival SET state = 'receipted', owner = NULL WHERE id = ?", (arrival,)
            )
            _log(base, "receipted", arrival=arrival)

    def arrival(self, id_: str) -> Arrival:
        row = self._base.execute(
            "SELECT id, name, state, packet, receipt FROM arrival WHERE id = ?", (id_,)
        ).fetchone()
        return Arrival(**dict(row))

    def arrivals_of(self, packet: int) -> list[str]:
        """By which arrivals the packet itself (not a duplicate of it) came."""
        query = "SELECT id FROM arrival WHERE packet = ? AND state = 'stored' ORDER BY rowid"
        return [row["id"] for row in self._base.execute(query, (packet,))]

    # -- packets --------------------------------------------------------------------------------

    def packet(self, id_: int) -> Packet:
        return self._packet(self._base, id_)

    def _packet(self, base: sqlite3.Connection, id_: int) -> Packet:
        row = base.execute(f"SELECT {_COLUMNS} FROM packet WHERE id = ?", (id_,)).fetchone()
        return Packet(**dict(row))

    def reading(self, packet: int) -> None:
        with self._transaction() as base:
            base.execute("UPDATE packet SET state = 'reading' WHERE id = ?", (packet,))
            _log(base, "reading", packet=packet)

    def attempts(self, packet: int) -> int:
        query = "SELECT attempts FROM packet WHERE id = ?"
        return int(self._base.execute(query, (packet,)).fetchone()[0])

    def attempt(self, packet: int, step: int) -> None:
        """+1 before composing, −1 after: what remains counts the times that we did not return."""
        with self._transaction() as base:
            base.execute("UPDATE packet SET attempts = attempts + ? WHERE id = ?", (step, packet))

    def stage(self, packet: int, outcome: EndState, reason: str, inode: int) -> None:
        """Say what is about to be published, and by which inode it will be known."""
        with self._transaction() as base:
            base.execute(
                "UPDATE packet SET outcome = ?, outcome_reason = ?, staged_inode = ? WHERE id = ?",
                (outcome, reason, inode, packet),
            )

    def staged(self, packet: int) -> Staged | None:
        query = "SELECT outcome, outcome_reason, staged_inode FROM packet WHERE id = ?"
        outcome, reason, inode = self._base.execute(query, (packet,)).fetchone()
        return Staged(outcome, reason, inode) if outcome else None

    def rename(self, packet: Packet, taken: Callable[[str], bool]) -> Packet:
        """Another folder name, because somebody else has put something there."""
        with self._transaction() as base:
            folder = _free_folder(base, packet.name, packet.kind == "folder", taken)
            base.execute("UPDATE packet SET folder = ? WHERE id = ?", (folder, packet.id))
            return self._packet(base, packet.id)

    def finish(self, packet: int, state: EndState, reason: str) -> None:
        with self._transaction() as base:
            base.execute(
                "UPDATE packet SET state = ?, reason = ?, owner = NULL WHERE id = ?",
                (state, reason, packet),
            )
            _log(base, state, packet=packet, note=reason)

    def put_off(self, packet: int, note: str) -> None:
        """Back to `stored`. It stays ours, so this run leaves it alone and the next takes it up."""
        with self._transaction() as base:
            base.execute("UPDATE packet SET state = 'stored' WHERE id = ?", (packet,))
            _log(base, "put off", packet=packet, note=note)

    # -- after a crash ---------------------------------------------------------------------------

    def adopt(
        self, owner: str, is_gone: Callable[[str], bool]
    ) -> tuple[list[Arrival], list[Packet]]:
        """Take over all that is under way and whose owner is gone; return it.

        In one transaction: of two processes that look at the same time, one gets it all.
        """
        with self._transaction() as base:
            arrivals = _take_over(base, "arrival", owner, is_gone)
            packets = _take_over(base, "packet", owner, is_gone)
        return [self.arrival(str(a)) for a in arrivals], [self.packet(int(p)) for p in packets]


def _take_over(
    base: sqlite3.Connection, table: str, owner: str, is_gone: Callable[[str], bool]
) -> list[str | int]:
    query = f"SELECT id, owner FROM {table} WHERE state IN {_OPEN[table]} ORDER BY rowid"
    rows = [row for row in base.execute(query) if row["owner"] != owner]
    gone = {o: o is None or is_gone(o) for o in {row["owner"] for row in rows}}
    ids = [row["id"] for row in rows if gone[row["owner"]]]
    base.executemany(f"UPDATE {table} SET owner = ? WHERE id = ?", [(owner, i) for i in ids])
    return ids


def _free_folder(
    base: sqlite3.Connection, name: str, is_folder: bool, taken: Callable[[str], bool]
) -> str:
    query = "SELECT 1 FROM packet WHERE folder = ?"
    names = candidates(folder_base(name, is_folder=is_folder))
    return next(n for n in names if not taken(n) and base.execute(query, (n,)).fetchone() is None)


def _log(
    base: sqlite3.Connection,
    what: str,
    *,
    arrival: str | None = None,
    packet: int | None = None,
    note: str = "",
) -> None:
    base.execute(
        "INSERT INTO event (at, arrival, packet, what, note) VALUES (?, ?, ?, ?, ?)",
        (_now(), arrival, packet, what, note),
    )


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")

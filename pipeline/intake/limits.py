"""Every bound of the intake in one place, each with its unit."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a packet may ask of the machine, and how long the inbox waits for it.

    The defaults admit the largest honest packet seen (a scanned audit report of 120 MB in a zip
    of 300 MB) with room to spare, and stop every known archive bomb early.
    """

    #: Seconds for which an entry's size and time must have been still before it is taken.
    settle_seconds: float = 1.0
    #: Seconds after which an entry that is still but not whole is taken as it is (it is broken).
    patience_seconds: float = 10.0

    #: Levels of archives in archives; 1 is the archive that was dropped.
    depth: int = 3
    #: Files in one packet, all levels together.
    members: int = 2000
    #: Bytes of one unpacked file.
    member_bytes: int = 512 * MIB
    #: Bytes of all unpacked files of a packet together.
    total_bytes: int = 2 * GIB
    #: Unpacked bytes for each packed byte of one archive, looked at above `ratio_floor_bytes`.
    ratio: int = 200
    ratio_floor_bytes: int = 32 * MIB

    #: Address space of the reading process, bytes.
    memory_bytes: int = 4 * GIB
    #: Processor seconds for one file.
    cpu_seconds: int = 600
    #: Seconds by the clock for one file.
    wall_seconds: float = 900.0
    #: Bytes of any file the reading process writes.
    file_bytes: int = 1 * GIB
    #: Open descriptors of the reading process.
    descriptors: int = 256
    #: Bytes of what reading one file may give back, as JSON.
    result_bytes: int = 256 * MIB
    #: Files after which a reading process is replaced by a fresh one, so that leaks do not add up.
    files_per_process: int = 100

    #: Times that composing one packet may take the whole program down before it is set aside.
    attempts: int = 5

"""Functions for the intake's tests to run in the reading process, and zips made by hand.

Light on purpose: the child imports this module anew after each death.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

from pipeline.errors import ProtectedError

Documents = list[dict[str, Any]]


def size(path: str, name: str) -> Documents:
    return [{"name": name, "size": Path(path).stat().st_size, "pid": os.getpid()}]


def by_name(path: str, name: str) -> Documents:
    """Dies, hangs or fails as the file's name says; else reads it."""
    for word, deed in DEEDS.items():
        if word in name:
            deed()
    return size(path, name)


def lines_by_name(member: dict[str, Any], edition: str, alone: bool) -> Any:
    """As the program reads a member, but dies if its name says so."""
    from pipeline.flow import lines_of

    by_name(member["path"], member["name"])
    return lines_of(member, edition, alone)


def slow(path: str, name: str) -> Documents:
    time.sleep(0.05)
    return size(path, name)


def password(path: str, name: str) -> Documents:
    raise ProtectedError(f"“{name}”设有密码。", remedy="请去掉密码。")


def secret(path: str, name: str) -> Documents:
    raise ValueError("湘潭市的张三，电话 13800000000")


def not_json(path: str, name: str) -> Documents:
    return [{"value": float("nan")}]


def odd_shape(path: str, name: str) -> Any:
    return {"not": "a list"}


def talkative(path: str, name: str) -> Documents:
    return [{"text": "长" * 200_000}]


def print_and_ask(path: str, name: str) -> Documents:
    sys.stdout.write("noise")
    sys.stderr.write("noise")
    return [{"input": sys.stdin.read()}]


def leave_a_child(path: str, name: str) -> Documents:
    left = subprocess.Popen(["sleep", "60"])
    Path(path).with_name("left.pid").write_text(str(left.pid))
    time.sleep(60)
    return []


def say_pid_and_sleep(path: str, name: str) -> Documents:
    Path(path).with_name("reader.pid").write_text(str(os.getpid()))
    time.sleep(60)
    return []


def temporary_file(path: str, name: str) -> Documents:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        return [{"temporary": file.name}]


def _burn() -> None:
    while True:
        pass


def _fill_memory() -> None:
    blocks = []
    while True:
        blocks.append(bytearray(16 << 20))


def _write_much() -> None:
    Path("much").write_bytes(b"\0" * (4 << 20))


def _open_many() -> None:
    streams = []
    while True:
        streams.append(Path("/dev/null").open())  # noqa: SIM115 - that is the point


def _recurse() -> None:
    _recurse()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


DEEDS = {
    "算不完": _burn,
    "睡不醒": lambda: time.sleep(60),
    "内存": _fill_memory,
    "大文件": _write_much,
    "描述符": _open_many,
    "递归": _recurse,
    "段错误": lambda: ctypes.string_at(0),
    "被杀": _kill,
    "退出": lambda: os._exit(7),
    "告辞": lambda: sys.exit(3),
}


def zip_by_hand(
    members: list[tuple[bytes, bytes]],
    *,
    flags: int = 0,
    extra: bytes = b"",
    attributes: int = 0,
    declared: int | None = None,
    deflate: bool = False,
) -> bytes:
    """A zip whose names are these bytes, with whatever flags, extra field and sizes are asked."""
    body, directory = b"", b""
    for name, content in members:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = packer.compress(content) + packer.flush() if deflate else content
        length = len(content) if declared is None else declared
        method, crc = (8 if deflate else 0), zlib.crc32(content)
        fields = struct.pack(
            "<HHHHHLLLHH", 20, flags, method, 0, 33, crc, len(data), length, len(name), len(extra)
        )
        central = struct.pack("<HHHLL", 0, 0, 0, attributes, len(body))
        directory += b"PK\x01\x02" + struct.pack("<H", 0x031E) + fields + central + name + extra
        body += b"PK\x03\x04" + fields + name + extra + data
    count = len(members)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def unicode_path(stored: bytes, name: str) -> bytes:
    """The Info-ZIP Unicode-path extra field of a stored name."""
    data = b"\x01" + struct.pack("<L", zlib.crc32(stored)) + name.encode()
    return struct.pack("<HH", 0x7075, len(data)) + data


def burn_most(seconds: float) -> str:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
    return "burnt"


def kill_the_program(path: str, name: str) -> Documents:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
    return []

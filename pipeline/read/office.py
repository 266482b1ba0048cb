"""LibreOffice: a file of another office program turned into docx or xlsx. The one module for it.

Each call has a profile of its own in a folder that is thrown away, in which macros cannot run,
links are not updated and the network leads nowhere (where the system allows, there is none). Its
time, memory, processor time and the files it writes are bounded; when time is up, or when this
process dies, everything it has started is ended with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Literal

from pipeline.errors import MissingToolError, UnreadableError

Target = Literal["docx", "xlsx"]

#: Names the program (a path) where it is not on the search path, or another is to be used.
VARIABLE = "PIPELINE_OFFICE"
COMMANDS = ("soffice", "libreoffice")

#: Seconds by the clock for one file; an honest form takes three, a workbook of 20,000 rows twenty.
SECONDS = 120
CPU_SECONDS = 120
#: Bytes of address space of the program, and of any file it writes.
MEMORY = 4 << 30
WRITTEN = 256 << 20

_FILTERS: dict[Target, str] = {
    "docx": "docx:MS Word 2007 XML",
    "xlsx": "xlsx:Calc MS Excel 2007 XML",
}

#: Runs a command in this process group and ends the whole group when the pipe on its input closes:
#: the kernel closes it, however the parent dies. Bounds that the system does not know are left.
_GUARD = """
ulimit -c 0; ulimit -f {blocks}; ulimit -t {cpu}; ulimit -v {kilobytes}
exec 3<&0
"$@" </dev/null 3<&- &
work=$!
{{ read -r _ <&3; kill -KILL 0; }} &
exec 3<&-
wait $work
"""

#: Settings (path, name, value). Security: no macro, no link out of an untrusted document. Links in
#: texts and sheets: never updated. Proxy: everything goes to a port where nobody listens.
_SETTINGS = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "2"),
    ("Office.Calc/Content/Update", "Link", "2"),
    ("Office.Calc/Formula/Load", "OOXMLRecalcMode", "1"),
    ("Office.Calc/Formula/Load", "ODFRecalcMode", "1"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    *(
        ("Inet/Settings", f"ooInet{kind}Proxy{what}", value)
        for kind in ("HTTP", "HTTPS", "FTP")
        for what, value in (("Name", "127.0.0.1"), ("Port", "9"))
    ),
)  # fmt: skip
_REGISTRY = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry">{items}</oor:items>\n'
)
_ITEM = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
    "<value>{value}</value></prop></item>"
)


def find() -> str | None:
    """The program, or None where it is not installed."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, COMMANDS)), None)


def convert(path: Path, to: Target, folder: Path, name: str, open_as: str | None = None) -> Path:
    """`path` as a docx or xlsx in `folder`, which is empty; `name` is what people call the file.

    The extension of `path` tells LibreOffice what to expect, or `open_as`, a filter. Raises MissingToolError where it is
    not installed, UnreadableError where it does not get through.
    """
    program = find()
    if program is None:
        raise MissingToolError(
            f"“{name}”要先经 LibreOffice 转换才能读取，本机没有找到 LibreOffice。",
            remedy=f"请安装 LibreOffice（或用环境变量 {VARIABLE} 指明其位置），"
            "或者把文件另存为 docx、xlsx 后重新提交。",
        )
    profile, out = folder / "profile", folder / "out"
    _write_settings(profile)
    _run(
        [
            *_without_network(),
            program,
            f"-env:UserInstallation={profile.absolute().as_uri()}",
            *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
            *([f"--infilter={open_as}"] if open_as else []),
            *("--convert-to", _FILTERS[to], "--outdir", str(out), str(path)),
        ],
        folder,
        name,
    )
    converted = out / f"{path.stem}.{to}"
    if not converted.is_file():
        raise UnreadableError(
            f"“{name}”已损坏或不是所称的格式，LibreOffice 打不开。",
            remedy="请在 Word、Excel 或 WPS 中打开并另存为 docx、xlsx 后重新提交。",
        )
    return converted


def _write_settings(profile: Path) -> None:
    items = (_ITEM.format(path=path, name=name, value=value) for path, name, value in _SETTINGS)
    user = profile / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_REGISTRY.format(items="".join(items)), "utf-8")


@cache
def _without_network() -> tuple[str, ...]:
    """A prefix that runs a command in a network of its own, with nobody in it; or nothing."""
    command = shutil.which("unshare") if sys.platform == "linux" else None
    if command is None:
        return ()
    prefix = (command, "--map-root-user", "--net", "--")
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    return prefix if tried.returncode == 0 else ()


def _run(command: list[str], folder: Path, name: str) -> None:
    """The command, to its end or to the end of its time; nothing of it is left running."""
    guard = _GUARD.format(blocks=WRITTEN // 512, cpu=CPU_SECONDS, kilobytes=MEMORY // 1024)
    process = subprocess.Popen(
        ["sh", "-c", guard, "sh", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_environment(folder),
        start_new_session=True,
    )
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired as error:
        raise UnreadableError(
            f"“{name}”转换超过 {SECONDS} 秒仍未完成，已停止。",
            remedy="请在 Word、Excel 或 WPS 中另存为 docx、xlsx 后重新提交。",
        ) from error
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
        process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the user's own settings; temporary files where they are swept."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ}
    return kept | {"HOME": str(folder), "TMPDIR": str(folder), "SAL_USE_VCLPLUGIN": "svp"}

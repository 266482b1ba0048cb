"""Contenders that run in Node.js: a process that stays, asked for one document at a time."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.timing import Elsewhere

HOME = Path(__file__).parent.parent / "build" / "node"
WARM_UP = 5


def ready(packages: Sequence[str]) -> bool:
    """Whether the packages (name@version) are in build/node; they are fetched if npm is here."""
    names = [package.rpartition("@")[0] for package in packages]
    if shutil.which("node") is None or shutil.which("npm") is None:
        return False
    if not all((HOME / "node_modules" / name).is_dir() for name in names):
        command = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(HOME)]
        subprocess.run([*command, *packages], check=False)
    return all((HOME / "node_modules" / name).is_dir() for name in names)


#: The first line that comes is the setting, each further one asks for a document.
_LOOP = """
let work = null;
require('readline').createInterface({input: process.stdin}).on('line', (line) => {
  if (work === null) {
    const setting = JSON.parse(line);
    work = make(setting);
    for (let n = 0; n < setting.warmUp; n++) work();
  }
  const start = process.cpuUsage();
  const size = work().length;
  const spent = process.cpuUsage(start);
  process.stdout.write(JSON.stringify({seconds: (spent.user + spent.system) / 1e6, size}) + '\\n');
});
"""


def contender(make: str, **setting: object) -> Callable[[], Elsewhere]:
    """`make`: JavaScript that defines `make(setting)`, which gives a function that writes one
    document and returns its bytes. Its CPU time is that of the Node.js process."""
    process = subprocess.Popen(
        ["node", "-e", f"{make}\n{_LOOP}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=HOME, text=True,
    )  # fmt: skip
    atexit.register(process.kill)
    assert process.stdin is not None and process.stdout is not None
    asking, answers = process.stdin, process.stdout

    def ask(line: str = "") -> Elsewhere:
        asking.write(f"{line}\n")
        asking.flush()
        answer = json.loads(answers.readline())
        assert answer["size"] > 0
        return Elsewhere(answer["seconds"])

    ask(json.dumps({**setting, "warmUp": WARM_UP}))
    return ask

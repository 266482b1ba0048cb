"""A province's forms in one run: time, and memory that does not grow with the list."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import timing
from bench.render import ANNEXES, application, clients

Json = Any

#: Format → how many applicants, few and many. Each has six annexes.
COUNTS = {"docx": (100, 1000), "xlsx": (100, 1000), "pdf": (20, 100)}
STAFF, CLIENTS = 15, clients()["clients"][:10]


def applicant(number: int) -> Json:
    """An applicant's six annexes: a profile of 500 characters, 15 people, 10 clients."""
    name = f"湖南第{number}中小企业服务有限公司"
    prose = "面向中小微企业提供数字化诊断、技术创新和知识产权服务。" * 18
    person = {"age": 35, "education": "硕士研究生", "title": "高级工程师", "insured": True}
    report = ("background", "management", "services", "achievements", "support", "plans")
    return {
        "annexes": {
            "1": {**application(), "name": name, "applicant": name, "achievements": prose},
            "2": {"organisation": name, **dict.fromkeys(report, prose)},
            "3": {
                "organisation": name,
                "staff": [{"no": n, "name": f"张{n}", **person} for n in range(1, STAFF + 1)],
            },
            "4": {"organisation": name, "clients": CLIENTS},
            "5": {"applicant": name, "dated": "2024-09-26"},
            "6": {"nominees": [{"no": 1, "name": name, "main_service": "技术创新"}]},
        }
    }


def measured(file_format: str, count: int, folder: Path) -> list[str]:
    data, out = folder / f"{count}.jsonl", folder / f"{file_format}-{count}"
    with data.open("w", encoding="utf-8") as lines:
        for number in range(count):
            lines.write(json.dumps(applicant(number), ensure_ascii=False) + "\n")
    command = [sys.executable, "-m", "pipeline", "render", "all", "--format", file_format]
    process = subprocess.Popen(
        [*command, "--data", str(data), "--out", str(out)], stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    sizes = [path.stat().st_size for path in out.rglob(f"*.{file_format}")]
    assert len(sizes) == count * len(ANNEXES)
    spent = used.ru_utime + used.ru_stime
    return [
        file_format, f"{count}", f"{len(sizes):,}", f"{spent:.1f} s", timing.milliseconds(spent / len(sizes)),
        f"{used.ru_maxrss / 1024:.0f} MB", f"{sum(sizes) / len(sizes) / 1024:,.0f} KB",
    ]  # fmt: skip


def main() -> None:
    """Measures, prints the table and writes it into README.md."""
    rows = []
    for file_format, counts in COUNTS.items():
        for count in counts:
            with tempfile.TemporaryDirectory() as folder:
                rows.append(measured(file_format, count, Path(folder)))
    head = ["格式", "机构", "份数", "CPU 时间", "每份", "内存峰值（单个进程）", "每份大小"]
    text = timing.table(head, rows)
    note = (
        f"一次运行、全部处理器，CPU 时间含读入、核对和各子进程；{timing.machine()}。"
        "内存不随机构数增长；PDF 每份内嵌供填写用的字体。"
    )
    print(text)
    timing.publish("many", f"## 一次生成全省的表格\n\n{note}\n\n{text}")

"""The main job, from templates to plaques, on three invented applicants (see README.md here).

Every step is a command of the program; what is printed is what it prints.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "demo"
Json = Any


def main() -> int:
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "inbox").mkdir(parents=True)
    applicants = json.loads((HERE / "applicants.json").read_text(encoding="utf-8"))
    say("一、生成表格并预填")
    for number, applicant in enumerate(applicants, 1):
        drop(applicant, fill(applicant, number))
    say("二、收件、读取、核对")
    pipeline("intake", "--inbox", WORK / "inbox", "--outbox", WORK / "outbox", "--jobs", 2)
    packets = [load(path) for path in sorted((WORK / "outbox" / "packets").glob("*/packet.json"))]
    show(packets)
    say("三、为材料齐全、没有错误的机构印发公文")
    written = announce(applicants, [p for p in packets if p["outcome"] == "complete"])
    say("请打开这里看结果")
    for packet in sorted((WORK / "outbox" / "packets").iterdir()):
        for page in ("核对报告.html", "补正通知书.docx"):
            if (packet / page).exists():
                print(f"  {relative(packet)}/{page}")
    for path in written:
        print(f"  {relative(path)}")
    return 0 if written and len(packets) == len(applicants) else 1


def say(words: str) -> None:
    print(f"\n── {words}", flush=True)


def relative(path: Path) -> Path:
    return path.relative_to(ROOT)


def load(path: Path) -> Json:
    return json.loads(path.read_text(encoding="utf-8"))


def pipeline(*arguments: object) -> list[str]:
    """Runs a command, shows what it prints, and gives its lines; the demo ends if it fails."""
    words = [str(a.relative_to(ROOT)) if isinstance(a, Path) else str(a) for a in arguments]
    print(f"$ pipeline {' '.join(words)}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    for line in done.stdout.splitlines():
        print(f"  {line}", flush=True)
    if done.returncode:
        sys.exit(f"命令失败，退出码 {done.returncode}。")
    return done.stdout.splitlines()


# ---------------------------------------------------------------- what an applicant does


def fill(applicant: Json, number: int) -> list[Path]:
    """The applicant's forms, filled, and the copies that go with them."""
    folder = WORK / "applicants" / str(number)
    folder.mkdir(parents=True)
    data = folder / "data.json"
    data.write_text(json.dumps({"annexes": applicant["annexes"]}, ensure_ascii=False), "utf-8")
    papers: list[Path] = []
    for file_format, annexes in applicant["formats"].items():
        lines = pipeline(
            "render", *annexes, "--format", file_format, "--data", data, "--out", folder
        )
        papers += [ROOT / line for line in lines]
    return papers + [copy(folder / name) for name in applicant["copies"]]


def copy(path: Path) -> Path:
    """A page that stands for the scan of a licence, a lease, an audit report."""
    font = "NotoSansSC"
    pdfmetrics.registerFont(TTFont(font, ROOT / "templates" / "fonts" / "NotoSansSC-Regular.ttf"))
    canvas = Canvas(str(path), initialFontName=font, invariant=1)
    canvas.setFont(font, 28)
    canvas.drawCentredString(297, 500, path.stem)
    canvas.setFont(font, 14)
    canvas.drawCentredString(297, 460, "（演示用，代替复印件）")
    canvas.save()
    return path


def drop(applicant: Json, papers: list[Path]) -> None:
    """The packet lands in the inbox, as a folder or as a zip with names in GBK."""
    name = applicant["annexes"]["1"]["name"]
    if applicant["drop"] == "zip":
        with zipfile.ZipFile(WORK / "inbox" / f"{name}.zip", "w") as archive:
            for paper in papers:
                archive.writestr(GbkEntry(paper.name), paper.read_bytes())
        return
    folder = WORK / "inbox" / name
    folder.mkdir()
    for paper in papers:
        shutil.copy(paper, folder)


class GbkEntry(zipfile.ZipInfo):
    """A zip member named as Windows in Chinese names it: GBK bytes, and no UTF-8 flag."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own hook
        return self.filename.encode("gbk"), 0


# ---------------------------------------------------------------- what the office does


def show(packets: list[Json]) -> None:
    """What was found, one line a packet."""
    table = Table(title="核对结果")
    for head in ("机构名称", "附件", "缺材料", "错误", "存疑", "条件不符", "结论"):
        table.add_column(head)
    for packet in packets:
        documents = packet["documents"]
        between = [issue["severity"] for issue in packet["issues"]]
        table.add_row(
            packet["institution"]["name"] or packet["packet"]["name"],
            "、".join(document["annex"] for document in documents),
            str(len(packet["missing"])),
            str(sum(document["errors"] for document in documents) + between.count("error")),
            str(sum(document["warnings"] for document in documents) + between.count("warning")),
            str(sum(verdict["state"] == "not_met" for verdict in packet["verdicts"])),
            "齐全" if packet["outcome"] == "complete" else "需补正",
        )
    Console(width=110).print(table)


def announce(applicants: list[Json], passed: list[Json]) -> list[Path]:
    """Publicity list, certification notice and plaques for those who pass."""
    names = {packet["institution"]["name"] for packet in passed}
    data = {
        "number": "湘工信中小服务〔2025〕12号",
        "dated": "2025-11-24",
        "year": 2025,
        "posted_on": "2025-11-03",
        "valid_from": "2025-12-01",
        "valid_to": "2028-11-30",
        "addressees": ["各市州工信局", "有关单位"],
        "address": "湖南省长沙市（演示地址）",
        "postcode": "410004",
        "email": "office@example.com",
        "contacts": [
            {"name": "中小企业服务处", "phone": "0731-88880001"},
            {"name": "机关纪委", "phone": "0731-88880002"},
        ],
        "institutions": [
            {
                "name": one["name"],
                "uscc": one["uscc"],
                "city": applicant["city"],
                "county": one["county"],
                "main_service": one["main_service"],
                "certificate_no": f"2025-{number:03d}",
            }
            for number, applicant in enumerate(applicants, 1)
            if (one := applicant["annexes"]["1"])["name"] in names
        ],
    }
    folder = WORK / "outbox" / "announce"
    folder.mkdir(parents=True)
    source = folder / "data.json"
    source.write_text(json.dumps(data, ensure_ascii=False, indent=2), encoding="utf-8")
    written = []
    for kind, name in (("publicity", "公示"), ("notice", "认定通知"), ("plaque", "标牌")):
        (line,) = pipeline("announce", kind, "--from", source, "--out", folder / f"{name}.pdf")
        written.append(ROOT / line)
    return written


if __name__ == "__main__":
    sys.exit(main())

"""The commands, in the order of the work. Errors become exit codes here, and nowhere else."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.chinese import speak_chinese
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from pipeline.intake import Event, PacketReport

speak_chinese()

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


class _Commands(click.Group):
    """Commands in the order in which they are defined: the order of the work."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def main(arguments: list[str] | None = None) -> None:
    """Runs a command and ends the process with its exit code; no traceback reaches a user."""
    try:
        code = pipeline.main(arguments, prog_name="pipeline", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中止。", err=True)
        code = 130
    except PipelineError as error:
        click.echo(f"错误：{error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        code = 141
    except Exception as error:  # noqa: BLE001 - the last line of defence: see `_confess`
        code = _confess(error)
    sys.exit(code if isinstance(code, int) else 0)


#: Set to see the traceback of a fault of the program itself.
DEBUG_VARIABLE = "PIPELINE_DEBUG"


def _is_debugged() -> bool:
    return bool(os.environ.get(DEBUG_VARIABLE))


def _confess(error: Exception) -> int:
    """A fault of the program itself, told without a traceback and without anybody's data."""
    if _is_debugged():
        raise error
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__}，{Path(place.filename).name} 第{place.lineno}行"
    click.echo(
        f"错误：程序出了故障（{where}），输入的文件没有改动。"
        f"请把所用的命令和这行文字告诉维护人员；设环境变量 {DEBUG_VARIABLE}=1 可看详情。",
        err=True,
    )
    return 70


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="[选项]",
    subcommand_metavar="命令 [参数]...",
)
@click.version_option(None, "-V", "--version", package_name="pipeline", prog_name="pipeline")
def pipeline() -> None:
    """中小微企业核心服务机构认定：生成表格、收件核对、公示发文。

    依据湘工信中小服务〔2024〕299号。各命令的用法：pipeline 命令 --help
    """


@pipeline.command(options_metavar="[选项]")
@click.argument("annex", nargs=-1, required=True, metavar="附件号...")
@click.option(
    "--format", "file_format", type=click.Choice(["docx", "xlsx", "pdf"]), default="docx",
    show_default=True, help="文件格式。",
)  # fmt: skip
@click.option(
    "--data", type=_FILE,
    help="预填的数据：JSON；多家机构用每行一个对象的 JSONL，或填好的申请机构名单 xlsx。",
)  # fmt: skip
@click.option(
    "--out", type=_FOLDER, default=Path("outbox/forms"), show_default=True, help="写入的文件夹。"
)
@click.option("--force", is_flag=True, help="覆盖同名文件。")
@click.option("--controls", is_flag=True, help="docx 的填写处做成内容控件（下拉、日期、勾选框）。")
@click.option("--together", is_flag=True, help="xlsx 的各附件放进一个工作簿，一家一个文件。")
@click.option(
    "--rows", type=click.IntRange(1, 2000), metavar="行数",
    help="附件3、4、6的表至少留这么多行；默认为规定表格的行数。",
)  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 64), help="同时用几个进程；默认用全部处理器。")
def render(
    annex: tuple[str, ...],
    file_format: str,
    data: Path | None,
    out: Path,
    force: bool,
    controls: bool,
    together: bool,
    rows: int | None,
    jobs: int | None,
) -> None:
    """生成附件表格：空白表，或按 --data 预填。

    附件号为 1 至 6，或 all（全部）；list 生成空白的申请机构名单，填好后交给 --data，每家一个文件夹。
    每写一个文件，在标准输出打印其路径。
    """
    from pipeline import flow

    if annex == ("list",):
        click.echo(flow.render_list(out, force=force))
        return
    with _bar() as progress:
        for path in flow.render_forms(
            annex, file_format, out,
            data=data, force=force, controls=controls, together=together, rows=rows or 0,
            processes=jobs, progress=progress,
        ):  # fmt: skip
            click.echo(path)


@pipeline.command(options_metavar="[选项]")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="文件..."
)
def read(files: tuple[Path, ...]) -> int:
    """读取交回的表格（docx、xlsx、pdf、压缩包、文件夹），逐份打印 JSON。

    退出码：0 无误；1 有错误项；2 用法不对；3 有读不了的文件。
    """
    from pipeline import flow
    from pipeline.reading import Line, exit_code

    lines = []
    found = map(Line.of, flow.read_paths(files)) if _is_debugged() else flow.read_apart(files)
    for line in _progress(found, "读取"):
        click.echo(line.text)
        for message in line.messages:
            click.echo(f"{line.file}：{message}", err=True)
        lines.append(replace(line, text=""))
    return exit_code(lines)


@pipeline.command(options_metavar="[选项]")
@click.option("--inbox", type=_FOLDER, default=Path("inbox"), show_default=True, help="收件夹。")
@click.option("--outbox", type=_FOLDER, default=Path("outbox"), show_default=True, help="结果夹。")
@click.option("--watch", is_flag=True, help="一直看着收件夹，来一件收一件；Ctrl+C 结束。")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="件数",
    help="同时处理的件数，1 至 64。",
)
@click.option(
    "--office",
    type=_FILE,
    help="机关设置（YAML）：发文机关、经办人、电话、补正期限；默认用收件夹旁的 机关设置.yaml。",
)
def intake(inbox: Path, outbox: Path, watch: bool, jobs: int, office: Path | None) -> None:
    """收件：收件夹里的每一件读取、核对，结果写入结果夹。

    需要补正的，同时写出补正通知书。原件永久保存在收件夹旁的 .pipeline/ 里；重复的、读不了的、
    不安全的各有去处并写明原因。
    """
    from pipeline import flow
    from pipeline.settings import Settings

    stop = _until_interrupted() if watch else None
    if watch:
        click.echo(f"正在看着 {inbox}，按 Ctrl+C 结束。", err=True)
    where = Settings(inbox=inbox, outbox=outbox, office=office)
    reports = flow.take_in(where, jobs=jobs, on_event=_show_event, watch=stop)
    _show_reports(reports)


@pipeline.command(options_metavar="[选项]")
@click.argument("kind", metavar="文种")
@click.option(
    "--from", "source", type=_FILE, required=True, help="数据（JSON），写法见 docs/announce.md。"
)
@click.option("--out", type=_FILE, help="写成的文件；默认与数据文件同一文件夹。")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["pdf", "docx", "csv", "xlsx", "html"]),
    help="默认按 --out 的后缀，否则 pdf；信息数据库（database）为 csv。",
)
@click.option("--font-map", type=_FILE, help="字体对照表（YAML 或 JSON）：仿宋: 字体文件 ……")
@click.option("--calendar", type=_FILE, help="日历文件：程序尚不掌握的年份的放假调休。")
@click.option(
    "--sign",
    type=_FILE,
    help="PKCS#12 证书：给 PDF 加电子签名；口令取自 PIPELINE_P12_PASSWORD，没有则询问。",
)
@click.option(
    "--for-printer",
    is_flag=True,
    help="标牌：印刷用文件（出血、裁切线、四色加专金），不加则为样张。",
)
@click.option("--strict", is_flag=True, help="数据有存疑之处（如信用代码校验位不符）时不生成。")
@click.option("--each", is_flag=True, help="标牌：每家一个文件，--out 为文件夹。")
@click.option("--key", type=_FILE, help="标牌：给二维码签名的 Ed25519 私钥（PEM）。")
def announce(
    kind: str,
    source: Path,
    out: Path | None,
    file_format: str | None,
    sign: Path | None,
    each: bool,
    **options: Any,
) -> None:
    """印发公文。

    \b
    call 年度申报通知       receipt 收件回执        correction 补正通知书
    opinion 初审意见        rejection 不予推荐      recommendation 推荐函
    review 专家评审表       visit 实地考察记录      publicity 公示
    notice 认定通知         plaque 标牌             plaque_register 标牌领取登记表
    database 公开数据库     change_form 变更申请表  change_opinion 变更审核意见
    change 变更备案         reminder 催报提醒       criticism 通报
    suspension 暂停         rectification 整改      acceptance 整改验收意见
    restoration 恢复        revocation 撤销         summary 年度总结和检查
    expiry 到期名单
    """  # fmt: skip
    from pipeline import flow

    signer = flow.Signer(sign, _passphrase()) if sign else None
    if kind == "plaque" and not options["key"]:
        click.echo("提示：未提供 --key，标牌二维码没有签名，真伪无从核对。", err=True)
    written = list(
        flow.announce(
            kind, source, out, file_format,
            signer=signer, each=each, on_doubt=_show_doubt, **options,
        )
    )  # fmt: skip
    stand_ins = flow.stand_ins(options["font_map"])
    if stand_ins and any(path.suffix.lower() == ".pdf" for path in written):
        click.echo(f"提示：字体有代用（--font-map 可指定）。{'；'.join(stand_ins)}。", err=True)
    for path in written:
        click.echo(path)


def _show_doubt(doubt: str) -> None:
    click.echo(f"存疑：{doubt}", err=True)


def _passphrase() -> str:
    import os

    given = os.environ.get("PIPELINE_P12_PASSWORD")
    return click.prompt("证书口令", hide_input=True, err=True) if given is None else given


@pipeline.command(options_metavar="[选项]")
@click.argument("file", type=_FILE, metavar="文件")
@click.option("--key", type=_FILE, help="核对二维码签名的 Ed25519 公钥（PEM）。")
@click.option("--roots", type=_FILE, help="信任的根证书（PEM）。")
def verify(file: Path, key: Path | None, roots: Path | None) -> int:
    """核验：PDF 的电子签名、标牌的二维码（PDF、照片，或扫得的文字 .txt）。

    退出码：0 真实；1 没有可核验的内容，或者有假。
    """
    from pipeline import flow

    found = flow.verify(file, key, roots)
    for line in found.lines():
        click.echo(line)
    return 0 if found.sound else 1


# ---------------------------------------------------------------- what a terminal shows


def _until_interrupted() -> threading.Event:
    """An event that Ctrl+C sets: what is under way is finished, then the command ends."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """Shows how far a long piece of work is, on a terminal; off it, nothing."""
    if not sys.stderr.isatty():
        yield lambda word, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    redirect = sys.stdout.isatty()  # lines printed meanwhile go above the bar
    with Progress(
        console=Console(stderr=True), transient=True, redirect_stdout=redirect
    ) as progress:
        bar = progress.add_task("", total=None)
        yield lambda word, done, total: progress.update(
            bar, description=word, completed=done, total=total or None
        )


def _progress(items: Iterable[Any], word: str) -> Iterable[Any]:
    """A running count on a terminal, nothing off it."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description=word, console=Console(stderr=True), transient=True)


_EVENT_MARKS = {"done": "✓", "rejected": "✗", "held": "!", "duplicate": "="}


def _show_event(event: Event) -> None:
    """Each step as it happens on a terminal; off it only what needs a person."""
    if sys.stderr.isatty() or event.kind in ("rejected", "held"):
        mark = _EVENT_MARKS.get(event.kind, "·")
        click.echo(f"{mark} {event.name}　{event.message}", err=True)


_STATES = {
    "done": "已处理",
    "rejected": "未收",
    "held": "搁置",
    "duplicate": "重复",
    "waiting": "等待",
}


def _show_reports(reports: list[PacketReport]) -> None:
    """One line a packet: its state, its name, where to look, what came of it."""
    from pipeline import flow

    if not reports:
        click.echo("收件夹里没有待收的材料。")
    for report in reports:
        place = f"　→ {report.place}" if report.place else ""
        said = flow.in_short(report)
        click.echo(f"{_STATES[report.state]}　{report.name}{place}　{said}".rstrip("　"))

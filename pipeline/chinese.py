"""click's own words in Chinese: what it prints about usage, options and wrong arguments.

click looks its messages up through gettext; it binds the functions at import, so they are
replaced in its modules. A message this table does not know stays as click wrote it.
"""

from __future__ import annotations

import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.termui
import click.types

WORDS = {
    "Usage:": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Positional arguments": "参数",
    "Arguments": "参数",
    "Show this message and exit.": "显示本说明。",
    "Show the version and exit.": "显示版本。",
    "%(prog)s, version %(version)s": "%(prog)s %(version)s",
    "Error: {message}": "错误：{message}",
    "Aborted!": "已中止。",
    "Try '{command} {option}' for help.": "用法说明：{command} {option}",
    "Missing command.": "缺少命令。",
    "Missing argument": "缺少参数",
    "Missing option": "缺少选项",
    "Missing parameter": "缺少参数",
    "Missing {param_type}": "缺少 {param_type}",
    "Missing parameter: {param_name}": "缺少参数：{param_name}",
    "No such option {name!r}.": "没有选项 {name}。",
    "No such option: {name}": "没有选项 {name}。",
    "No such command {name!r}.": "没有命令“{name}”。",
    "Did you mean {possibility}?": "是不是要用 {possibility}？",
    "(Possible options: {possibilities})": "（相近的有：{possibilities}）",
    "(Did you mean one of: {possibilities}?)": "（相近的有：{possibilities}）",
    "Invalid value: {message}": "取值不对：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的取值不对：{message}",
    "Choose from:\n\t{choices}": "可选：\n\t{choices}",
    "{value!r} is not {choice}.": "“{value}”不是 {choice}。",
    "{value!r} is not one of {choices}.": "“{value}”不在可选之列：{choices}。",
    "{value!r} is not a valid {number_type}.": "“{value}”不是有效的数（{number_type}）。",
    "{value} is not in the range {range}.": "{value} 超出范围 {range}。",
    "{name} {filename!r} does not exist.": "{name}“{filename}”不存在。",
    "{name} {filename!r} is a file.": "{name}“{filename}”是文件。",
    "{name} {filename!r} is a directory.": "{name}“{filename}”是文件夹。",
    "{name} {filename!r} is not readable.": "{name}“{filename}”没有读取权限。",
    "{name} {filename!r} is not writable.": "{name}“{filename}”没有写入权限。",
    "Could not open file {filename!r}: {message}": "文件“{filename}”打不开：{message}",
    "Got unexpected extra argument ({args})": "多余的参数（{args}）",
    "Got unexpected extra arguments ({args})": "多余的参数（{args}）",
    "Option {name!r} requires an argument.": "选项 {name} 后面要有取值。",
    "Option {name!r} requires {nargs} arguments.": "选项 {name} 后面要有 {nargs} 个取值。",
    "Option {name!r} does not take a value.": "选项 {name} 后面不带取值。",
    "Argument {name!r} takes {nargs} values.": "参数 {name} 要有 {nargs} 个取值。",
    "default: {default}": "默认：{default}",
    "required": "必填",
    "file": "文件",
    "directory": "文件夹",
    "path": "路径",
    "unknown error": "原因不明",
}


def translate(message: str) -> str:
    return WORDS.get(message, message)


def translate_number(one: str, many: str, count: int) -> str:
    """Chinese has one form for any number; some messages are only in the table in one of them."""
    message = one if count == 1 else many
    return WORDS.get(message, WORDS.get(many, WORDS.get(one, message)))


def speak_chinese() -> None:
    """Makes click print Chinese from now on, in this process."""
    for module in (
        click.core, click.decorators, click.exceptions, click.formatting,
        click.parser, click.termui, click.types,
    ):  # fmt: skip
        for name, replacement in (("_", translate), ("ngettext", translate_number)):
            if hasattr(module, name):
                setattr(module, name, replacement)

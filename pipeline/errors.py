"""Everything that can stop a command, each with an exit code and a remedy.

PipelineError
├── UsageError            exit 2: wrong option, wrong data, a key that is missing
│   ├── DataError         exit 2: the values given to a form or notice cannot be used
│   └── TemplateError     exit 2: a template is broken (misspelt tag, unknown field)
├── UnreadableError       exit 3: this input cannot be read at all
│   ├── ProtectedError    exit 3: it asks for a password
│   ├── UnsafeError       exit 3: reading it could do harm (bomb, DOCTYPE, path traversal)
│   └── UnsupportedError  exit 3: no reader for this kind of file
└── MissingToolError      exit 4: something this machine lacks (LibreOffice, an extra)

Messages are Chinese and say what, where and how to mend it; only the CLI prints them
and turns them into exit codes.
"""

from __future__ import annotations

import errno

#: Why the system refused, in Chinese; what is not here stays in the system's own words.
_REASONS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EEXIST: "同名的文件已经存在",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "磁盘是只读的",
    errno.EBUSY: "正被其他程序占用",
    errno.ENAMETOOLONG: "名称太长",
    errno.EMFILE: "打开的文件太多",
    errno.EIO: "磁盘读写出错",
    errno.EXDEV: "不在同一个磁盘上",
    errno.ELOOP: "链接绕成了圈",
}


def why(error: OSError) -> str:
    """Why the system refused to open, read or write, in Chinese."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


class PipelineError(Exception):
    """An error a person can act on: `message` says what and where, `remedy` how to mend it."""

    exit_code = 1
    code = "failed"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}{self.remedy}" if self.remedy else self.message


class UsageError(PipelineError):
    exit_code = 2
    code = "usage"


class DataError(UsageError):
    code = "data"


class TemplateError(UsageError):
    code = "template"


class UnreadableError(PipelineError):
    exit_code = 3
    code = "unreadable"


class ProtectedError(UnreadableError):
    code = "password-protected"


class UnsafeError(UnreadableError):
    code = "unsafe"


class UnsupportedError(UnreadableError):
    code = "unsupported-format"


class MissingToolError(PipelineError):
    exit_code = 4
    code = "tool-missing"

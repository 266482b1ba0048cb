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

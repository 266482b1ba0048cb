"""What was taken from a form so far: values, where each came from, and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipeline.annex import Annex, FieldSpec
from pipeline.document import SURE, Place
from pipeline.findings import Finding, Severity
from pipeline.reading import Origin
from pipeline.values import Parsed, Problem, parse

Json = Any


@dataclass
class Record:
    """What was taken from a form: `data` in the annex's shape, `origins` by pointer, `findings`;
    `blanks`: the places where nothing stands, by pointer."""

    annex: Annex
    data: dict[str, Json]
    origins: dict[str, Origin] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    blanks: dict[str, Place] = field(default_factory=dict)

    def put(self, pointer: str, parsed: Parsed, raw: str, place: Place) -> None:
        """A value at its pointer, its origin, and its problem in the words of the form."""
        parsed = doubted(parsed, place)
        _set(self.data, pointer, parsed.value)
        self.note(pointer, parsed, Origin(raw, place))

    def note(self, pointer: str, parsed: Parsed, origin: Origin) -> None:
        """As `put`, for a value that stands in the data already."""
        raw, place = origin
        text = raw.strip()
        if text or parsed.value is not None:
            self.origins[pointer] = origin if text == raw else Origin(text, place)
        else:
            self.blanks[pointer] = place
        if parsed.problem is not None:
            spec = self.annex.field(pointer)
            self.find(
                parsed.problem.severity,
                parsed.problem.code,
                pointer,
                parsed.problem.text,
                spec.article if spec else "",
            )
        elif (
            not text and parsed.value is None and (place.scan is not None or place.confidence == 1)
        ):
            return
        elif place.scan is not None:
            self._doubt_scan(pointer, parsed.value, place)
        elif place.confidence < SURE:
            spec = self.annex.field(pointer)
            self.find(
                "warning", "text-unclear", pointer,
                "此处的文字与别的文字或图片重叠、超出格子或页面，或疑被分页截断，可能读错或读漏，请对照原件核对。",
                spec.article if spec else "",
            )  # fmt: skip

    def _doubt_scan(self, pointer: str, value: Json, place: Place) -> None:
        """What was recognised from a picture is pointed at where the recogniser was not sure; mail
        and web addresses always, since no word around them tells a wrong character; a date without
        its day, since the day may have been passed over."""
        spec = self.annex.field(pointer)
        kind = spec.kind if spec else ""
        no_day = kind == "date" and isinstance(value, str) and len(value) == len("2024-09")
        if place.confidence < SURE or kind in ("email", "url") or no_day:
            self.find(
                "warning", "ocr-doubt", pointer,
                "由扫描件识别，不能完全确定，请对照原件核对。", spec.article if spec else "",
            )  # fmt: skip

    def find(
        self, severity: Severity, code: str, pointer: str, text: str, article: str = ""
    ) -> None:
        where = self.annex.words(pointer)
        self.findings.append(Finding(severity, code, pointer, f"{where}：{text}", article))

    def take(self, pointer: str, spec: FieldSpec, raw: str, place: Place) -> None:
        """Raw text as the value of a field."""
        self.put(pointer, parse(raw, spec), raw, place)


def doubted(parsed: Parsed, place: Place) -> Parsed:
    """With what the reader says of the cell: a lost value is none, any other is pointed at
    (but for what is said of a whole row)."""
    doubt = place.doubt
    if doubt is None or doubt.row:
        return parsed
    if doubt.lost:
        return Parsed(None, Problem("warning", doubt.code, doubt.text))
    if parsed.value is None or parsed.problem is not None:
        return parsed
    return Parsed(parsed.value, Problem("warning", doubt.code, doubt.text))


def _set(data: Json, pointer: str, value: Json) -> None:
    *path, last = pointer.split("/")[1:]
    for key in path:
        data = data[int(key)] if isinstance(data, list) else data[key]
    if isinstance(data, list):
        data[int(last)] = value
    else:
        data[last] = value

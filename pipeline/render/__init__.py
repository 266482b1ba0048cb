"""Forms go out: the holes of a template are filled. One module a format; `jobs` says what to fill
with what, `write` fills and names the files."""

from __future__ import annotations

from pipeline.render.jobs import Job, jobs
from pipeline.render.write import FORMATS, write

__all__ = ["FORMATS", "Job", "jobs", "write"]

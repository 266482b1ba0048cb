"""Forms go out: the holes of a template are filled.

jobs        what to fill with what: an applicant and the data of each form
applicants  the list of applicants as a workbook: its blank, and reading it
names       what the files are called
write       all of it looked at, then filled and written, on all cores
docx, xlsx, pdf     one module a format
"""

from __future__ import annotations

from pipeline.render.jobs import Applicant, Job
from pipeline.render.write import FORMATS, Order, Progress, write

__all__ = ["FORMATS", "Applicant", "Job", "Order", "Progress", "write"]

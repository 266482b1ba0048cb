"""Any file becomes Documents. One small module a format; none knows a field name.

Each reader is `read(path: Path, source: Source) -> list[Document]`: one Document for a docx or a
PDF, one for each worksheet of a workbook. What cannot be read raises an `UnreadableError`.
"""

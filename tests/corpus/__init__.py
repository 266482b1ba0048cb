"""A corpus of returned documents, invented, each with its truth.

`people` invents an applicant and everything six annexes say of it; `layout` sets the annexes as
people do, from the words of the regulation and not from our templates; `habits` does to them what
people do; `write_docx` and `write_xlsx` write them; `score` lets the reader read them and counts.
"""

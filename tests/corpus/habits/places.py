"""Where and how the text stands in the file: houses, runs, revisions, controls, boxes, nesting."""

from __future__ import annotations

import io
from dataclasses import replace

import docx
import openpyxl

from ..case import Case, by_key, lay, put
from ..layout import HOUSES, LABELS, LIBREOFFICE, RETYPED, WORD, WPS
from ..model import Cell, Para, Piece, Row, Table
from ..people import person
from .registry import habit

SHORT = ("name", "uscc", "address", "legal_representative", "principal", "contact", "contact_phone", "email",
         "organisation", "enterprise", "position", "education", "service", "applicant")  # fmt: skip


@habit("clean-word", "as Word leaves it: the printed form filled in", "123456", count=4, style=WORD)
@habit(
    "clean-wps",
    "as WPS leaves it: other fonts, columns dragged by hand (irregular grid), labels on one line",
    "123456",
    count=4,
    style=WPS,
)
@habit(
    "clean-libreoffice",
    "as LibreOffice leaves it: other widths, ☐ boxes, labels spaced with full-width blanks, no 附件 line",
    "123456",
    count=4,
    style=LIBREOFFICE,
)
@habit(
    "reworded-labels",
    "the form typed anew with small rewordings: 法人代表, 联系人电话, 单位名称, 成立时间, E-mail",
    style=RETYPED,
    count=3,
)
def as_it_is(case: Case) -> None:
    """The house is all there is to it."""


@habit("spaced-labels", "labels spread with blanks or broken over lines anywhere", count=2)
def spaced_labels(case: Case) -> None:
    for piece in case.doc.pieces:
        if piece.role == "label" and piece.text.isalpha() and case.rng.random() < 0.6:
            space = case.rng.choice((" ", "　", "  "))
            cut = case.rng.randint(1, max(1, len(piece.text) - 1))
            words = (space.join(piece.text), piece.text[:cut] + "\n" + piece.text[cut:])
            piece.text = case.rng.choice(words if len(piece.text) < 7 else words[1:])


@habit(
    "runs-split",
    "values and labels cut into many runs, with proofing marks and bookmarks between",
    "123456",
    "docx",
    count=2,
)
def runs_split(case: Case) -> None:
    marks = (
        '<w:proofErr w:type="spellStart"/>',
        '<w:bookmarkStart w:id="7" w:name="_GoBack"/><w:bookmarkEnd w:id="7"/>',
        "<w:r><w:lastRenderedPageBreak/></w:r>",
    )
    for para in case.doc.paras:
        cut: list[Piece] = []
        for piece in para.pieces:
            text = piece.text
            while len(text) > 1 and case.rng.random() < 0.8:
                at = case.rng.randint(1, len(text) - 1)
                cut.append(piece.but(text=text[:at]))
                if case.rng.random() < 0.25:
                    cut.append(Piece(kind="mark", extra={"xml": case.rng.choice(marks)}))
                text = text[at:]
            cut.append(piece.but(text=text))
        para.pieces = cut


@habit(
    "tracked-insertions",
    "every value typed with revision marks on (w:ins)",
    "123456",
    "docx",
    paper=False,
)
def tracked_insertions(case: Case) -> None:
    for piece in case.doc.values():
        piece.wrap = ("ins",)
    case.truth.may.add("")


@habit(
    "tracked-corrections",
    "values corrected with revision marks on: the old one in w:del, the new partly in w:ins",
    "123456",
    "docx",
    paper=False,
)
def tracked_corrections(case: Case) -> None:
    for piece in case.doc.values():
        if not piece.text or case.rng.random() < 0.4:
            continue
        at = case.rng.randint(0, len(piece.text) - 1)
        kept, new = piece.but(text=piece.text[:at]), piece.but(text=piece.text[at:], wrap=("ins",))
        old = piece.but(
            text=case.rng.choice(("旧值", "123", "待定", "2020")), wrap=("del",), role="text"
        )
        case.doc.replace(
            piece, *((kept, old, new) if case.rng.random() < 0.5 else (kept, new, old))
        )
    case.truth.may.add("")


@habit(
    "tracked-moves",
    "a value moved with revision marks on (w:moveFrom, w:moveTo)",
    "1346",
    "docx",
    paper=False,
)
def tracked_moves(case: Case) -> None:
    for pointer, _ in by_key(case, "address", "contact", "name", "service")[:4]:
        piece = case.doc.values(pointer)[0]
        case.doc.replace(
            piece,
            piece.but(wrap=("moveFrom",), role="text"),
            Piece(" "),
            piece.but(wrap=("moveTo",)),
        )
    case.truth.may.add("")


@habit(
    "tracked-rows",
    "a row inserted and a row deleted with revision marks on",
    "346",
    "docx",
    paper=False,
)
def tracked_rows(case: Case) -> None:
    rows = [row for row in case.doc.tables[0].rows if row.role == "item"]
    rows[1].tracked = "ins"
    ghost = Row(
        [Cell([Para([Piece("作废", wrap=("del",))])], c.colspan) for c in rows[0].cells],
        400,
        "ghost",
        tracked="del",
    )
    case.doc.tables[0].rows.insert(case.doc.tables[0].rows.index(rows[1]), ghost)
    case.truth.may.add("")


@habit(
    "content-controls",
    "values in content controls: in the line, around paragraphs, cells and rows",
    "123456",
    "docx",
)
def content_controls(case: Case) -> None:
    for piece in case.doc.values():
        if case.rng.random() < 0.5:
            piece.wrap = ("sdt",)
    for para in case.doc.paras:
        para.sdt = para.role in ("prose", "head") or (not para.role and case.rng.random() < 0.15)
    for cell in case.doc.cells:
        cell.sdt = case.rng.random() < 0.15
    for table in case.doc.tables:
        for row in table.rows:
            row.sdt = row.role == "item" and case.rng.random() < 0.3


@habit("smart-tags", "dates and names inside w:smartTag, as old Word marks them", "1346", "docx")
def smart_tags(case: Case) -> None:
    for piece in case.doc.values():
        piece.wrap = ("smartTag",)


@habit(
    "text-boxes",
    "values typed in text boxes laid over the cells (DrawingML with its VML double)",
    "1",
    "docx",
    paper=False,
)
def text_boxes(case: Case) -> None:
    _boxed(case, "textbox")


@habit("vml-text-boxes", "the same in VML text boxes of old Word", "1", "docx", paper=False)
def vml_text_boxes(case: Case) -> None:
    _boxed(case, "vmlbox")


def _boxed(case: Case, kind: str) -> None:
    for pointer, _ in case.rng.sample(by_key(case, *SHORT), 5):
        case.doc.values(pointer)[0].kind = kind


@habit(
    "form-fields",
    "legacy form fields: FORMTEXT values and FORMCHECKBOX boxes",
    "1",
    "docx",
    paper=False,
)
def form_fields(case: Case) -> None:
    for piece in case.doc.pieces:
        if piece.role == "value" and piece.text and "\n" not in piece.text:
            piece.kind = "formtext"
        elif piece.role == "box":
            piece.kind = "formcheck"


@habit(
    "form-fields-default",
    "legacy form fields that show their blank default of five en spaces where nothing was typed",
    "1",
    "docx",
    paper=False,
)
def form_fields_default(case: Case) -> None:
    form_fields(case)
    for key in ("website", "email", "principal"):
        case.write(f"/{key}", "\u2002" * 5, None, may=True)[0].kind = "formtext"


@habit(
    "hyperlinks",
    "e-mail and web address as hyperlinks, by relationship or by field",
    "1",
    "docx",
    count=4,
)
def hyperlinks(case: Case) -> None:
    for key, scheme in (("email", "mailto:"), ("website", "http://")):
        piece = case.doc.values("/" + key)[0]
        piece.extra["target"] = scheme + piece.text
        piece.wrap = (case.rng.choice(("link", "linkfield")),)
        piece.underline = True


@habit("nested-values", "a value inside a table of its own within its cell", "1", "docx", count=2)
def nested_values(case: Case) -> None:
    for key in ("profile", "address", "achievements"):
        cell = case.doc.cell_of(f"/{key}")
        assert cell is not None
        cell.blocks = [Table([2400], [Row([Cell(list(cell.blocks))])])]


@habit("nested-form", "the whole form inside the one cell of an outer table", "1346", "docx")
def nested_form(case: Case) -> None:
    outer = Table([sum(case.doc.tables[0].widths) + 200], [Row([Cell(list(case.doc.blocks))])])
    case.doc.blocks = [outer]


PAIRED = (
    "address",
    "legal_representative",
    "principal",
    "contact",
    "email",
    "website",
    "staff_count",
    "registered_capital",
)


@habit(
    "value-in-label-cell",
    "label and value typed into the label's cell, the value's cell left empty",
    "1",
)
def value_in_label_cell(case: Case) -> None:
    for key in case.rng.sample(PAIRED, 3):
        label, value = _label_and_value(case, key)
        _join(label, value)


@habit(
    "label-and-value-merged", "label cell and value cell merged, both in it: 法定代表人：张三", "1"
)
def label_and_value_merged(case: Case) -> None:
    for key in case.rng.sample(PAIRED, 3):
        label, value = _label_and_value(case, key)
        _join(label, value)
        label.colspan += value.colspan
        for table in case.doc.tables:
            for row in table.rows:
                row.cells = [cell for cell in row.cells if cell is not value]


def _label_and_value(case: Case, key: str) -> tuple[Cell, Cell]:
    value = case.doc.cell_of(f"/{key}")
    row = next(r for r in case.doc.tables[0].rows if any(c is value for c in r.cells))
    at = next(i for i, c in enumerate(row.cells) if c is value)
    assert value is not None
    return row.cells[at - 1], value


def _join(label: Cell, value: Cell) -> None:
    text = label.text.replace("\n", "")
    pieces = [Piece(text + "：", role="label"), *(p for para in value.paras for p in para.pieces)]
    label.blocks, value.blocks = [Para(pieces, "left")], [Para([])]


@habit(
    "header-and-footer",
    "running head and foot with another name, a phone and page numbers",
    "123456",
    "docx",
)
def header_and_footer(case: Case) -> None:
    case.doc.header = "湖南某某咨询有限公司代编申报材料  填报日期：2019年1月1日"
    case.doc.footer = "联系电话：0731-80000000    第 1 页 共 3 页"


@habit(
    "title-variants",
    "the number of the annex written 附件 1: or 附件1 and title on one line, or title only",
    "123456",
    count=3,
)
def title_variants(case: Case) -> None:
    titles = case.rng.choice(
        (("附件 {n}:", "{title}"), ("附件{n}  {title}",), ("{title}",), ("附表{n}", "{title}"))
    )
    case.style = replace(case.style, titles=titles)
    case.rebuild()


@habit("underlined-heads", "head lines with the value on an underline of blanks", "13456", "docx")
def underlined_heads(case: Case) -> None:
    for para in case.doc.paras:
        if para.role in ("head", "sign"):
            for piece in list(para.pieces):
                if piece.role == "value" and piece.text:
                    piece.underline = True
                    case.doc.replace(
                        piece,
                        piece.but(text="  ", role="text"),
                        piece,
                        piece.but(text="    ", role="text"),
                    )


@habit("heads-in-table", "填报单位 and 填报时间 as a first row of the table", "346")
def heads_in_table(case: Case) -> None:
    line = next(p for p in case.doc.paras if p.role == "head")
    case.doc.blocks.remove(line)
    pieces = [piece for piece in line.pieces if piece.role != "gap"]
    table = case.doc.tables[0]
    width = len(table.widths)
    half = width if len(pieces) < 4 else width * 2 // 3
    cells = [Cell([Para(pieces[:2])], half)]
    if half < width:
        cells.append(Cell([Para(pieces[2:])], width - half))
    table.rows.insert(0, Row(cells, 400, "headline"))


@habit("rows-added", "rows the form does not have (传真, 邮政编码) inserted", "1")
def rows_added(case: Case) -> None:
    table = case.doc.tables[0]
    at = next(i for i, row in enumerate(table.rows) if row.role == "email")
    spans = [cell.colspan for cell in table.rows[at].cells]
    texts = ("传  真", "0731-80000001", "邮政编码", "410000")
    cells = [Cell([Para([Piece(t)], "center")], span) for t, span in zip(texts, spans, strict=True)]
    table.rows.insert(at + 1, Row(cells, 480, "added"))


@habit("rows-removed", "rows deleted from the form: what they asked is null", "1")
def rows_removed(case: Case) -> None:
    gone = case.rng.sample(
        (
            ("email", "website"),
            ("legal_representative", "established_on"),
            ("recommendation/opinion", "recommendation/dated"),
        ),
        2,
    )
    for keys in gone:
        role = keys[0].split("/")[0]
        table = case.doc.tables[0]
        table.rows = [row for row in table.rows if row.role != role]
        for key in keys:
            put(case.data, "/" + key, None)
            case.truth.may.add("/" + key)


@habit("resaved-by-library", "opened and saved again by python-docx or openpyxl", "123456")
def resaved(case: Case) -> None:
    case.after.append(_resave_docx if case.form == "docx" else _resave_xlsx)


def _resave_docx(content: bytes) -> bytes:
    out = io.BytesIO()
    docx.Document(io.BytesIO(content)).save(out)
    return out.getvalue()


def _resave_xlsx(content: bytes) -> bytes:
    out = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(content)).save(out)
    return out.getvalue()


@habit(
    "cells-shifted-widths",
    "every row with column widths of its own (grid of dozens of columns)",
    "1",
    "docx",
)
def shifted_widths(case: Case) -> None:
    case.style = replace(case.style, jitter=90)
    case.rebuild()


@habit("extra-paragraphs", "instructions and empty paragraphs before, between and after", "1346")
def extra_paragraphs(case: Case) -> None:
    notes = (
        "填表说明：请如实填写，不得空项。",
        f"填表人：{person(case.rng)}    联系电话：0731-80000002",
        "（此表可复印）",
    )
    case.doc.blocks.insert(0, Para([]))
    at = next(i for i, block in enumerate(case.doc.blocks) if isinstance(block, Table))
    case.doc.blocks.insert(at, Para([]))
    case.doc.blocks += [Para([Piece(case.rng.choice(notes))]), Para([])]


@habit("stretched-blanks", "blanks typed around every value", "13456")
def stretched_blanks(case: Case) -> None:
    for piece in case.doc.values():
        if piece.text and case.rng.random() < 0.6:
            piece.text = (
                case.rng.choice((" ", "　", "  "))
                + piece.text
                + case.rng.choice((" ", "　　", "\u00a0", ""))
            )


@habit("blank-form", "the printed form with nothing in it", "123456", right=1.0)
def blank_form(case: Case) -> None:
    case.truth.data = emptied(case.data)
    case.docs[0] = lay(
        case.doc.annex,
        case.data,
        case.rng.choice(HOUSES),
        case.rng,
        case.form,
        **({"spare": 10} if case.doc.annex in "346" else {}),
    )
    case.truth.may.add("*")


def emptied(data: dict) -> dict:
    """The same annex with nothing in it: null leaves, empty lists, two empty years."""
    blank = {}
    for key, value in data.items():
        if key == "operations":
            blank[key] = [emptied(entry) for entry in value]
        elif isinstance(value, dict):
            blank[key] = emptied(value)
        else:
            blank[key] = [] if isinstance(value, list) else True if key == "text_intact" else None
    return blank


assert set(PAIRED) <= set(LABELS["1"])

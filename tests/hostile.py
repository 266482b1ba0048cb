"""Files made to harm whoever opens them, by name. Each is small; what it asks for is not."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
FORM, STAFF = SAMPLES / "附件1-申请表.docx", SAMPLES / "附件3-服务人员.xlsx"

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ENTITIES = "".join(
    f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha"}">' for i in range(12)
)  # "billion laughs"
DOCTYPE = f'<!DOCTYPE x [{ENTITIES}<!ENTITY out SYSTEM "file:///etc/passwd">]>'


def changed(
    sample: Path,
    parts: Mapping[str, bytes | str],
    change: Callable[[str, bytes], bytes] | None = None,
) -> bytes:
    """A copy of an office file with parts replaced or added, or each changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(sample) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename not in parts:
                content = old.read(info)
                new.writestr(info.filename, change(info.filename, content) if change else content)
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def with_doctype(sample: Path, part: str) -> bytes:
    """A document type with entities before the root of one part."""

    def change(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        head, mark, rest = content.partition(b"?>")
        return head + mark + DOCTYPE.encode() + rest if mark else DOCTYPE.encode() + content

    return changed(sample, {}, change)


def parts_of(sample: Path) -> list[str]:
    with zipfile.ZipFile(sample) as archive:
        return [n for n in archive.namelist() if n.endswith((".xml", ".rels"))]


def document(body: str) -> bytes:
    return changed(
        FORM, {"word/document.xml": f"<w:document {WORD}><w:body>{body}</w:body></w:document>"}
    )


def sheet(rows: str, rest: str = "") -> bytes:
    xml = f"<worksheet {SHEET}><sheetData>{rows}</sheetData>{rest}</worksheet>"
    with zipfile.ZipFile(STAFF) as archive:
        name = next(n for n in archive.namelist() if n.startswith("xl/worksheets/sheet"))
    return changed(STAFF, {name: xml})


def zeros(sample: Path, part: str, size: int) -> bytes:
    """A part that inflates to so many bytes of nothing."""
    return changed(sample, {part: b" " * size})


P = "<w:p><w:r><w:t>甲</w:t></w:r></w:p>"
INLINE = '<c r="{at}" t="inlineStr"><is><t>甲</t></is></c>'


def office_bombs() -> dict[str, tuple[str, Callable[[], bytes]]]:
    """Name → suffix and maker."""
    cells = "".join(f'<row r="{r}">{INLINE.format(at=f"A{r}")}</row>' for r in (1, 1_048_576))
    return {
        "很多元素": (".docx", lambda: document("<w:p/>" * 6_100_000)),
        "三十万段": (".docx", lambda: document("<w:p/>" * 300_000)),
        "很多表格": (
            ".docx",
            lambda: document(f"<w:tbl><w:tr><w:tc>{P}</w:tc></w:tr></w:tbl><w:p/>" * 20_000),
        ),
        "六万行": (
            ".xlsx",
            lambda: sheet(
                "".join(f'<row r="{r}">{INLINE.format(at=f"A{r}")}</row>' for r in range(1, 60_001))
            ),
        ),
        "膨胀的部件": (".docx", lambda: zeros(FORM, "word/document.xml", 300 << 20)),
        "膨胀的工作表": (".xlsx", lambda: zeros(STAFF, "xl/worksheets/sheet1.xml", 300 << 20)),
        "上万层嵌套": (".docx", lambda: document("<w:ins>" * 10_000 + P + "</w:ins>" * 10_000)),
        "上千层表格": (
            ".docx",
            lambda: document("<w:tbl><w:tr><w:tc>" * 3000 + P + "</w:tc></w:tr></w:tbl>" * 3000),
        ),
        "六十层表格": (
            ".docx",
            lambda: document("<w:tbl><w:tr><w:tc>" * 60 + P + "</w:tc></w:tr></w:tbl>" * 60),
        ),
        "百万列的格": (
            ".docx",
            lambda: document(
                "<w:tbl>"
                + "<w:tr><w:tc><w:tcPr><w:gridSpan w:val='1000000'/></w:tcPr>" * 1
                + P
                + "</w:tc></w:tr>"
                + f"<w:tr><w:tc>{P}</w:tc></w:tr>" * 2000
                + "</w:tbl>"
            ),
        ),
        "极大的跨列数": (
            ".docx",
            lambda: document(
                f"<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='{10**30}'/></w:tcPr>{P}</w:tc></w:tr></w:tbl>"
            ),
        ),
        "极大的空列数": (
            ".docx",
            lambda: document(
                f"<w:tbl><w:tr><w:trPr><w:gridBefore w:val='{10**9}'/></w:trPr><w:tc>{P}</w:tc></w:tr></w:tbl>"
            ),
        ),
        "一千六百万格的合并": (
            ".xlsx",
            lambda: sheet(cells, '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        ),
        "十万个合并": (
            ".xlsx",
            lambda: sheet(
                cells,
                "<mergeCells>"
                + "".join(f'<mergeCell ref="A1:XFD{i + 1}"/>' for i in range(100_000))
                + "</mergeCells>",
            ),
        ),
        "天边的格": (".xlsx", lambda: sheet(cells + f'<row r="7">{INLINE.format(at="XFD7")}</row>')),
        "对角的格": (
            ".xlsx",
            lambda: sheet(
                "".join(
                    f'<row r="{i * 60 + 1}">{INLINE.format(at=f"{_letters(i * 45)}{i * 60 + 1}")}</row>'
                    for i in range(360)
                )
            ),
        ),
        "不是数的行号": (".xlsx", lambda: sheet('<row r="-5"><c r="A-5"><v>1</v></c></row><row r="99999999999"/>')),
        "极长的数": (".xlsx", lambda: sheet(f'<row r="1"><c r="A1"><v>{"9" * 100_000}</v></c><c r="B1"><v>1e999999999</v></c></row>')),
        "指向不存在的共用文字": (".xlsx", lambda: sheet('<row r="1"><c r="A1" t="s"><v>99999999</v></c><c r="B1" t="s"><v>-1</v></c></row>')),
    }  # fmt: skip


def _letters(index: int) -> str:
    out, number = "", index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        out = chr(65 + rest) + out
    return out


# ------------------------------------------------------------------------------------- PDF


def pdf(objects: list[bytes], root: int = 1) -> bytes:
    """A PDF of numbered objects."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        root,
        start,
    )
    return bytes(out)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
FONT = b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), more, data)


def page_with(content: bytes, box: bytes = b"[0 0 595 842]") -> bytes:
    return pdf(
        [
            CATALOG,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox%s/Contents 4 0 R/Resources%s>>" % (box, FONT),
            content,
        ]
    )


def flated(size: int, times: int = 1) -> bytes:
    """A stream that inflates to so many bytes, deflated several times over."""
    data = b"BT /F 1 Tf (a) Tj ET\n" * (size // 21)
    for _ in range(times):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter[" + b"/FlateDecode" * times + b"]")


def _refiltered(names: bytes) -> bytes:
    return flated(40 << 20, 2).replace(b"/FlateDecode/FlateDecode", names)


def lzw_spaces(times: int) -> bytes:
    """Spaces packed by LZW as well as can be, so many times seven million."""
    bits = "".join(
        format(256, "012b" if turn else "09b") + format(32, "09b")
        + "".join(
            format(code, f"0{max((code + (code != 258)).bit_length(), 9)}b")
            for code in range(258, 4094)
        )
        for turn in range(times)
    )  # fmt: skip
    bits += format(257, "012b")
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8))


def encrypted(content: bytes) -> bytes:
    """The same, encrypted so that it opens without a password."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="x", user=""), compress_streams=False)
    return out.getvalue()


def spelt(encode: Callable[[bytes], bytes], name: bytes) -> bytes:
    """A flate bomb in letters."""
    packed = zlib.compress(b"BT /F 1 Tf (a) Tj ET\n" * (2 << 20), 9)
    return stream(encode(packed), b"/Filter[/%s/FlateDecode]" % name)


def _form_tree(odd: bytes = b"null") -> bytes:
    """Forms that each draw the next ten times: ten to the eighth at the end; `odd`: a form before
    the first."""
    do = b"/X Do " * 10
    objects = [
        CATALOG,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</A 14 0 R/X 5 0 R>>>>>>",
        stream(do),
    ]
    for number in range(5, 13):
        more = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (
            number + 1
        )
        objects.append(stream(do, more))
    objects.append(stream(b"0 0 m 9 9 l S", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"))
    objects.append(odd)
    return pdf(objects)


def _behind(odd: bytes) -> bytes:
    """A bomb that names its filter in numbers, behind a stream that is none."""
    bomb = flated(40 << 20, 2).replace(b"/Filter", b"/F#69lter")
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources%s>>" % FONT
    return pdf([CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, odd, bomb])


def _long_letters() -> bytes:
    """A flate bomb in letters whose first eight million say little."""
    stored, bomb = zlib.compressobj(0), zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = stored.compress(bytes(range(256)) * (30 << 10)) + stored.flush(zlib.Z_FULL_FLUSH)
    packed += bomb.compress(b"% " * (20 << 20)) + bomb.flush() + b"0000"
    return stream(base64.a85encode(packed) + b"~>", b"/Filter[/ASCII85Decode/FlateDecode]")


def pdf_bombs() -> dict[str, Callable[[], bytes]]:
    return {
        "十万页": lambda: pdf(
            [
                CATALOG,
                b"<</Type/Pages/Kids[" + b"3 0 R " * 100_000 + b"]/Count 100000>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
            ]
        ),
        "谎报十亿页": lambda: pdf(
            [CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>", b"<</Type/Page/Parent 2 0 R>>"]
        ),
        "页树成环": lambda: pdf(
            [
                CATALOG,
                b"<</Type/Pages/Kids[3 0 R]/Count 2>>",
                b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R 3 0 R]/Count 2>>",
            ]
        ),
        "巨大的页面": lambda: page_with(stream(b""), b"[0 0 1e9 1e9]"),
        "负的页面": lambda: page_with(stream(b""), b"[0 0 -5 0]"),
        "十万层数组": lambda: page_with(stream(b""), b"[" * 100_000 + b"]" * 100_000),
        "深嵌的内容": lambda: page_with(stream(b"q " * 300_000 + b"[" * 100_000)),
        "压缩炸弹": lambda: page_with(flated(40 << 20)),
        "两层压缩炸弹": lambda: page_with(flated(40 << 20, 2)),
        "字母里的压缩炸弹": lambda: page_with(spelt(lambda d: base64.a85encode(d) + b"~>", b"ASCII85Decode")),
        "数字里的压缩炸弹": lambda: page_with(spelt(lambda d: d.hex().encode() + b">", b"AHx")),
        "写成数字的滤器": lambda: page_with(_refiltered(b"/Fl#61teDecode/F#6cateDecode")),
        "另处的滤器": lambda: pdf(
            [
                CATALOG,
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources%s>>" % FONT,
                flated(40 << 20, 2).replace(b"/Filter[/FlateDecode/FlateDecode]", b"/Filter 5 0 R"),
                b"[/FlateDecode/FlateDecode]",
            ]
        ),
        "很长的词典": lambda: page_with(
            flated(40 << 20, 2).replace(b"/Filter", b"/X(%s)/Filter" % (b"y" * 5000)).replace(
                b">>stream", b"/Y(%s)>>stream" % (b"y" * 5000)
            )
        ),
        "LZW炸弹": lambda: page_with(stream(lzw_spaces(20), b"/Filter/LZWDecode")),
        "两层LZW炸弹": lambda: page_with(
            stream(zlib.compress(lzw_spaces(500), 9), b"/Filter[/Fl/LZW]")
        ),
        "RunLength炸弹": lambda: page_with(
            stream(zlib.compress(b"\x81 " * (1 << 20), 9), b"/Filter[/Fl/RL]")
        ),
        "冒充图片的内容": lambda: page_with(
            flated(80 << 20).replace(b"/Filter", b"/Subtype/Image/Filter")
        ),
        "小图片的大内容": lambda: page_with(
            flated(40 << 20, 2).replace(b"/Filter", b"/Subtype/Image/Width 9/Height 9/Filter")
        ),
        "藏在怪流后面": lambda: _behind(stream(b"abc", b"/Filter 7")),
        "八百万字母之后": lambda: page_with(_long_letters()),
        "断流旁的图形": lambda: _form_tree(
            stream(b"x\x9c\xff" * 9, b"/Subtype/Form/BBox[0 0 9 9]/Filter/FlateDecode")
        ),
        "加密的压缩炸弹": lambda: encrypted(page_with(flated(40 << 20, 2))),
        "二十万个字": lambda: page_with(stream(b"BT /F 1 Tf " + b"(ab) Tj " * 200_000 + b"ET")),
        "百万条线": lambda: page_with(stream(b"0 0 m 9 9 l S " * 1_000_000)),
        "层层引用的图形": _form_tree,
        "自引的图形": lambda: pdf(
            [
                CATALOG,
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</X 4 0 R>>>>>>",
                stream(b"/X Do /X Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>"),
            ]
        ),
        "没有结尾": lambda: b"%PDF-1.7\n1 0 obj\n<</Length 99999999999>>stream\n",
    }  # fmt: skip


# ------------------------------------------------------------------------------------- pictures


def png(width: int, height: int) -> bytes:
    """A picture that claims so many pixels; its bytes are few."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compressobj(9)
    line = b"\0" * (1 + (width + 7) // 8)
    body = b"".join(rows.compress(line) for _ in range(min(height, 100_000))) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def endless_tiff() -> bytes:
    """A TIFF whose directory is followed by itself."""
    entries = [(256, 3, 1, 600), (257, 3, 1, 600), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, 1, 8), (278, 3, 1, 600), (279, 4, 1, 10)]
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return (
        b"II*\0"
        + struct.pack("<I", 8)
        + struct.pack("<H", len(entries))
        + body
        + struct.pack("<I", 8)
    )

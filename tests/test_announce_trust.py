"""What leaves the office can be printed, kept and checked: plaques, PDF/A, signatures, QR codes."""

from __future__ import annotations

import copy
import io
import re
import shutil
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from test_announce_documents import DATA, data_of

from pipeline import flow
from pipeline.announce import KINDS, formats_of, typeset
from pipeline.announce.page import MM
from pipeline.announce.plaque import modules, one_each
from pipeline.announce.record_code import PublicRecord, check, parse, payload
from pipeline.announce.truetype import Outline, checksum, load
from pipeline.announce.truetype import _parts as parts_of
from pipeline.announce.verify import verify
from pipeline.errors import DataError, UsageError
from pipeline.settings import DATA_VARIABLE, templates_dir

serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
RECORD = PublicRecord("HN2026-0001", "91430100MA4L16JJ8X", "2026-12-01", "2029-11-30")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A private and a public key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    folder = tmp_path_factory.mktemp("keys")
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    private, public = folder / "key.pem", folder / "pub.pem"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return private, public


# --- the printer's plaque -------------------------------------------------------------------


def box(page: Any, name: str) -> list[float]:
    return [float(number) / MM for number in page.obj[name]]


def test_the_printers_file_has_trim_bleed_and_room_for_marks() -> None:
    with pikepdf.open(io.BytesIO(typeset("plaque", DATA, for_printer=True))) as pdf:
        assert len(pdf.pages) == 4
        for page in pdf.pages:
            media, trim, bleed = (box(page, n) for n in ("/MediaBox", "/TrimBox", "/BleedBox"))
            assert [trim[2] - trim[0], trim[3] - trim[1]] == pytest.approx([600, 400], abs=0.01)
            assert [trim[i] - bleed[i] for i in range(4)] == pytest.approx([3, 3, -3, -3], abs=0.01)
            assert [bleed[0], media[2] - bleed[2]] == pytest.approx([10, 10], abs=0.01)


def operators(for_printer: bool) -> set[str]:
    with pikepdf.open(io.BytesIO(typeset("plaque", DATA, for_printer=for_printer))) as pdf:
        return {str(command.operator) for page in pdf.pages
                for command in pikepdf.parse_content_stream(page)}  # fmt: skip


def test_the_printers_file_says_that_it_is_pdf_x_and_for_which_condition() -> None:
    """ISO 15930-4: version, information, output intent, no device-independent colour."""
    content = typeset("plaque", DATA, for_printer=True)
    assert content.startswith(b"%PDF-1.4")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        info = {key: str(value) for key, value in pdf.docinfo.items()}
        assert info["/GTS_PDFXVersion"] == "PDF/X-1a:2003"
        assert info["/Trapped"] == "/False"
        assert info["/CreationDate"] == info["/ModDate"] == "D:20261123000000+08'00'"
        assert {"/Title", "/Creator", "/Producer"} <= info.keys()
        (intent,) = pdf.Root.OutputIntents
        assert intent.S == "/GTS_PDFX"
        assert str(intent.OutputConditionIdentifier) == "FOGRA39"
        assert str(intent.RegistryName) == "http://www.color.org"
        assert len(pdf.trailer.ID) == 2
        for page in pdf.pages:
            for font in page.Resources.Font.values():
                assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor
            assert "/Group" not in page.obj, "no transparency"


def test_without_a_printing_condition_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(templates_dir() / "notices", tmp_path / "templates" / "notices")
    for name in ("schemas", "templates/fonts"):
        (tmp_path / name).symlink_to(templates_dir().parent / name)
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    path = tmp_path / "templates/notices/hunan-2024-299/plaque.yaml"
    wording = path.read_text(encoding="utf-8").replace("FOGRA39", '""')
    path.write_text(wording, encoding="utf-8")
    with pikepdf.open(io.BytesIO(typeset("plaque", DATA, for_printer=True))) as pdf:
        assert "/GTS_PDFXVersion" not in pdf.docinfo
        assert "/OutputIntents" not in pdf.Root


def test_black_overprints_the_gold_and_the_other_inks_do_not() -> None:
    with pikepdf.open(io.BytesIO(typeset("plaque", DATA, for_printer=True))) as pdf:
        states = pdf.pages[0].Resources.ExtGState
        state = ""
        seen = set()
        for command in pikepdf.parse_content_stream(pdf.pages[0]):
            operands = [str(operand) for operand in command.operands]
            if str(command.operator) == "gs":
                state = operands[0]
            elif str(command.operator) == "k":
                seen.add((" ".join(operands), bool(states[state].op)))
    assert ("0 0 0 1", True) in seen
    assert {over for ink, over in seen if ink != "0 0 0 1"} == {False}


def test_the_printers_file_is_cmyk_and_spot_and_the_proof_rgb() -> None:
    assert not operators(True) & {"rg", "RG", "g", "G"}
    assert {"k", "cs", "scn"} <= operators(True)
    assert not operators(False) & {"k", "K", "cs", "CS"}


def test_gold_is_a_separation_of_its_own_on_every_page() -> None:
    with pikepdf.open(io.BytesIO(typeset("plaque", DATA, for_printer=True))) as pdf:
        for page in pdf.pages:
            spaces = page.Resources.ColorSpace
            assert {str(space[1]) for _, space in spaces.items()} == {"/GOLD", "/All"}
            assert all(str(space[0]) == "/Separation" for _, space in spaces.items())


def test_crop_marks_stand_outside_the_bleed_at_the_trims_corners() -> None:
    import pdfplumber

    page = pdfplumber.open(io.BytesIO(typeset("plaque", DATA, for_printer=True))).pages[0]
    edge = 13 * MM
    marks = [line for line in page.lines if line["linewidth"] == 0.25]
    assert len(marks) == 8
    for line in marks:
        upright = abs(line["x0"] - line["x1"]) < 0.01
        at = line["x0"] if upright else line["top"]
        size = page.width if upright else page.height
        assert min(abs(at - edge), abs(at - (size - edge))) < 0.01
        ends = (line["top"], line["bottom"]) if upright else (line["x0"], line["x1"])
        length = page.height if upright else page.width
        assert ends[1] < 10 * MM or ends[0] > length - 10 * MM


def test_the_ground_fills_the_bleed() -> None:
    page = pypdfium2.PdfDocument(typeset("plaque", DATA, for_printer=True))[0]
    picture = page.render(scale=0.5).to_numpy()
    inside, outside = round(10.5 * MM / 2), round(9 * MM / 2)
    middle = picture.shape[0] // 2
    assert tuple(picture[middle, inside]) != (255, 255, 255)
    assert tuple(picture[middle, outside]) == (255, 255, 255)


def test_each_plaque_may_be_a_file(tmp_path: Path) -> None:
    names = [name for name, _ in one_each("plaque", DATA)]
    assert names == ["HN2026-0003", "HN2026-0001", "HN2026-0002", "HN2026-0004"]
    twice = {"institutions": [{"certificate_no": "1/2"}, {"certificate_no": "12"}]}
    assert [name for name, _ in one_each("plaque", twice)] == ["12", "12_"]
    with pytest.raises(UsageError, match="只有标牌"):
        one_each("notice", DATA)


# --- the code -------------------------------------------------------------------------------


def test_a_code_carries_the_record_and_its_signature(keys: tuple[Path, Path]) -> None:
    private, public = keys
    text = payload(RECORD, "https://example.gov.cn/record", private)
    found = parse(text)
    assert found is not None
    record, signed, signature = found
    assert record == RECORD
    assert check(signed, signature, public) == "signed"
    assert check(signed, signature, private) == "signed"
    assert check(signed, signature, None) == "unchecked"
    assert text == payload(RECORD, "https://example.gov.cn/record", private)


@pytest.mark.parametrize("change", [("2029", "2039"), ("0001", "0002"), ("JJ8X", "JJ9X")])
def test_a_changed_code_is_forged(keys: tuple[Path, Path], change: tuple[str, str]) -> None:
    found = parse(payload(RECORD, key=keys[0]).replace(*change))
    assert found is not None
    assert check(found[1], found[2], keys[1]) == "forged"


def test_a_code_without_a_key_is_unsigned_and_other_texts_are_none() -> None:
    found = parse(payload(RECORD))
    assert found is not None
    assert check(found[1], found[2], None) == "unsigned"
    for text in ("", "https://example.com/?a=1", "plaque:", "n=1&u=2"):
        assert parse(text) is None


@pytest.mark.parametrize("for_printer", [False, True])
def test_the_drawn_code_is_read_back(
    keys: tuple[Path, Path], tmp_path: Path, for_printer: bool
) -> None:
    pytest.importorskip("cv2")
    path = tmp_path / "plaque.pdf"
    two = {**DATA, "institutions": DATA["institutions"][:2]}
    path.write_bytes(typeset("plaque", two, key=keys[0], for_printer=for_printer))
    found = verify(path, keys[1])
    assert [code.record.number for code in found.codes] == ["HN2026-0003", "HN2026-0001"]
    assert {code.verdict for code in found.codes} == {"signed"}
    assert found.sound


def test_a_code_has_its_finder_patterns() -> None:
    rows = modules(payload(RECORD))
    for corner in ([row[:7] for row in rows[:7]], [row[-7:] for row in rows[:7]]):
        assert corner[0] == [True] * 7
        assert corner[3] == [True, False, True, True, True, False, True]


def test_what_a_telephone_read_can_be_verified(keys: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "code.txt"
    path.write_text(payload(RECORD, key=keys[0]), encoding="utf-8")
    assert verify(path, keys[1]).sound
    path.write_text(payload(RECORD, key=keys[0]).replace("2029", "2039"), encoding="utf-8")
    found = verify(path, keys[1])
    assert not found.sound
    assert "签名无效" in "".join(found.lines())
    path.write_text("别的文字", encoding="utf-8")
    assert not verify(path, keys[1]).sound


def test_a_wrong_key_is_told(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(DataError, match="读不到密钥文件"):
        payload(RECORD, key=path)
    path.write_text("-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n")
    with pytest.raises(DataError, match="PEM"):
        payload(RECORD, key=path)


# --- the archive ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "pdf" in formats_of(kind)])
def test_every_document_passes_as_pdf_a_2b(kind: str) -> None:
    pdfa = pytest.importorskip("pikepdf.pdfa")
    report = pdfa.validate_written(io.BytesIO(typeset(kind, data_of(kind))), "2b")
    assert report.passed, report.findings


def test_a_file_that_lacks_its_intent_does_not_pass() -> None:
    pdfa = pytest.importorskip("pikepdf.pdfa")
    broken = typeset("reminder", data_of("reminder")).replace(b"/OutputIntents", b"/OutputIntentz")
    assert not pdfa.validate_written(io.BytesIO(broken), "2b").passed


def test_the_metadata_say_what_the_document_is() -> None:
    with pikepdf.open(io.BytesIO(typeset("notice", DATA))) as pdf:
        with pdf.open_metadata() as metadata:
            assert metadata["dc:title"].startswith("湖南省工业和信息化厅关于认定2026年")
            assert metadata["dc:creator"] == ["湖南省工业和信息化厅"]
            assert metadata["pdfaid:part"] == "2"
        assert pdf.Root.Lang == "zh-CN"
        assert str(pdf.docinfo["/Title"]).startswith("湖南省工业和信息化厅关于认定2026年")


def test_every_character_beyond_the_bmp_is_found() -> None:
    found = pypdfium2.PdfDocument(typeset("notice", DATA))
    whole = re.sub(r"\s", "", "".join(p.get_textpage().get_text_range() for p in found))
    assert "湖南𬱖喆数字科技有限公司" in whole


# --- signatures -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pkcs12(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A PKCS#12 file (passphrase 口令) and the certificate it leads to."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import pkcs12 as p12
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "测试签名人")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("p12")
    store, root = folder / "office.p12", folder / "root.pem"
    encryption = serialization.BestAvailableEncryption("口令".encode())
    store.write_bytes(
        p12.serialize_key_and_certificates(b"office", key, certificate, None, encryption)
    )
    root.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return store, root


def test_a_signed_document_is_verified_and_a_changed_one_is_not(
    pkcs12: tuple[Path, Path], tmp_path: Path
) -> None:
    pytest.importorskip("pyhanko")
    from pipeline.announce.sign import sign_pdf

    plain = typeset("reminder", data_of("reminder"))
    signed = sign_pdf(plain, pkcs12[0], "口令")
    assert signed.startswith(plain), "the signature is an update behind the finished file"
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    found = verify(path, roots=pkcs12[1])
    assert found.sound
    assert found.signatures[0].trusted
    assert "测试签名人" in found.signatures[0].signer
    assert not verify(path).signatures[0].trusted
    path.write_bytes(signed.replace(b"/Lang (zh-CN)", b"/Lang (zh-TW)", 1))
    assert not verify(path, roots=pkcs12[1]).sound


def test_a_wrong_passphrase_is_told(pkcs12: tuple[Path, Path]) -> None:
    pytest.importorskip("pyhanko")
    from pipeline.announce.sign import sign_pdf

    with pytest.raises(DataError, match="口令"):
        sign_pdf(typeset("reminder", data_of("reminder")), pkcs12[0], "错")


# --- the command's own part -----------------------------------------------------------------


def test_plaques_are_written_one_each(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    import json

    source = tmp_path / "data.json"
    source.write_text(json.dumps(copy.deepcopy(DATA), ensure_ascii=False), encoding="utf-8")
    written = list(flow.announce("plaque", source, tmp_path / "out", each=True, key=keys[0]))
    assert [path.name for path in written][:2] == ["标牌_HN2026-0003.pdf", "标牌_HN2026-0001.pdf"]
    assert all(len(pypdfium2.PdfDocument(path)) == 1 for path in written)


def test_the_suffix_of_the_file_decides_the_format(tmp_path: Path) -> None:
    import json

    source = tmp_path / "data.json"
    source.write_text(json.dumps(data_of("reminder"), ensure_ascii=False), encoding="utf-8")
    (path,) = flow.announce("reminder", source, tmp_path / "a.docx")
    assert path.read_bytes().startswith(b"PK")
    (path,) = flow.announce("reminder", source, None, "docx")
    assert path.name == "催报提醒.docx"
    (path,) = flow.announce("reminder", source)
    assert path.read_bytes().startswith(b"%PDF")


def test_a_font_of_the_office_may_have_a_chinese_name(tmp_path: Path) -> None:
    pdfa = pytest.importorskip("pikepdf.pdfa")
    own = tmp_path / "方正 小标宋.ttf"
    shutil.copy(templates_dir() / "fonts" / "FandolKai-Regular.ttf", own)
    (tmp_path / "fonts.yaml").write_text(f"方正小标宋简体: {own.name}\n", encoding="utf-8")
    pdf = typeset("reminder", data_of("reminder"), font_map=tmp_path / "fonts.yaml")
    assert pdfa.validate_written(io.BytesIO(pdf), "2b").passed
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        names = [str(font.BaseFont) for font in opened.pages[0].Resources.Font.values()]
    assert any(name.endswith("+方正 小标宋") for name in names)


def test_a_subset_is_a_whole_font_and_its_checksum_right() -> None:
    """ISO/IEC 14496-22: the words of a font with its adjustment come to 0xB1B0AFBA."""
    font = load(templates_dir() / "fonts" / "NotoSerifSC-Light.ttf")
    subset = font.subset([0, *(font.glyphs[ord(char)] for char in "湖南𬱖á")])
    assert checksum(subset + bytes(-len(subset) % 4)) == 0xB1B0AFBA
    assert subset.startswith(b"\x00\x01\x00\x00")
    assert struct.unpack_from(">H", table_of(subset, "maxp"), 4) == (5,)
    glyf, loca = table_of(subset, "glyf"), struct.unpack(">6I", table_of(subset, "loca"))
    assert glyf[loca[1] : loca[2]] == font.outline(font.glyphs[ord("湖")]).data


def test_a_glyph_put_together_from_others_brings_them_along() -> None:
    """No shipped font has such a glyph: one is made of a font's own tables."""
    font = load(templates_dir() / "fonts" / "FandolKai-Regular.ttf")
    one, two = (font.glyphs[ord(char)] for char in "一二")
    header = struct.pack(">5h", -1, 0, 0, 100, 100)
    # Two parts, words for places; the first says that there is more.
    parts = struct.pack(">HHhh", 0x0003 | 0x0020, one, 0, 0) + struct.pack(
        ">HHhh", 0x0003, two, 9, 9
    )
    data = header + parts + bytes(-len(header + parts) % 4)
    composite = Outline(data, checksum(data), tuple(parts_of(data)))
    assert [part for _, part in composite.parts] == [one, two]
    font._outlines[font.glyphs[ord("三")]] = composite
    subset = font.subset([0, font.glyphs[ord("三")]])
    assert struct.unpack_from(">H", table_of(subset, "maxp"), 4) == (4,)
    glyf, loca = table_of(subset, "glyf"), struct.unpack(">5I", table_of(subset, "loca"))
    assert [part for _, part in parts_of(glyf[loca[1] : loca[2]])] == [2, 3]
    assert glyf[loca[2] : loca[3]] == font.outline(one).data


def table_of(font: bytes, wanted: str) -> bytes:
    (count,) = struct.unpack_from(">H", font, 4)
    for number in range(count):
        tag, _, start, length = struct.unpack_from(">4s3I", font, 12 + 16 * number)
        if tag.decode() == wanted:
            return font[start : start + length]
    raise AssertionError(wanted)

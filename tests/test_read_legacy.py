"""Files of older and other office programs, turned by LibreOffice and read like docx and xlsx.

The files are made here from the samples, by LibreOffice itself; without it those tests are skipped
and the others hold: what is said, and what is refused before LibreOffice would see it.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline import flow
from pipeline.read import identify, office, ole, read, web

SAMPLES = Path(__file__).parent / "samples"
FORM, STAFF, LIST = "附件1-申请表.docx", "附件3-服务人员.xlsx", "附件6-推荐汇总表.xlsx"

needs_office = pytest.mark.skipif(office.find() is None, reason="LibreOffice is not installed")


def truth(sample: str) -> Any:
    return json.loads((SAMPLES / f"{sample}.json").read_text("utf-8"))["data"]


def codes(line: dict[str, Any]) -> list[str]:
    return [issue["code"] for issue in line["issues"]]


def saved_as(extension: str, sample: Path, folder: Path) -> Path:
    """The sample as LibreOffice saves it."""
    profile = (folder / "profile").as_uri()
    command = [
        *(str(office.find()), f"-env:UserInstallation={profile}", "--headless", "--convert-to"),
        *(extension, "--outdir", str(folder), str(sample)),
    ]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    return folder / f"{sample.stem}.{extension.split(':')[0]}"


@pytest.fixture(scope="session")
def old_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One file of each old format, by format."""
    folder = tmp_path_factory.mktemp("old")
    made = {kind: saved_as(kind, SAMPLES / FORM, folder) for kind in ("doc", "odt", "rtf")}
    return made | {kind: saved_as(kind, SAMPLES / STAFF, folder) for kind in ("xls", "ods")}


# ---------------------------------------------------------------- what they say


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["doc", "odt", "rtf", "xls", "ods"])
def test_an_old_file_says_what_its_docx_or_xlsx_says(kind: str, old_files: dict[str, Path]) -> None:
    (line,) = flow.read_file(old_files[kind])
    assert line["data"] == truth(FORM if kind in ("doc", "odt", "rtf") else STAFF)
    assert line["source"]["format"] == kind
    assert line["source"]["sha256"] == identify(old_files[kind]).sha256
    assert codes(line) == ["converted"] and line["issues"][0]["severity"] == "info"


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_the_date_of_today_in_an_old_workbook_is_not_the_day_of_reading(
    kind: str, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(SAMPLES / STAFF)
    book.active["G3"] = "=TODAY()"
    book.active["G3"].number_format = 'yyyy"年"m"月"d"日"'
    book.save(tmp_path / "表.xlsx")
    (line,) = flow.read_file(saved_as(kind, tmp_path / "表.xlsx", tmp_path))
    assert line["data"] == truth(STAFF) | {"filled_on": None}
    assert [i["pointer"] for i in line["issues"] if i["code"] == "formula-moving"] == ["/filled_on"]


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), [("doc", "表.wps"), ("xls", "表.et")])
def test_files_of_wps_are_told_by_what_is_inside(
    kind: str, name: str, old_files: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(old_files[kind].read_bytes())
    (line,) = flow.read_file(path)
    assert line["annex"] == ("1" if kind == "doc" else "3")
    assert line["source"]["format"] == path.suffix[1:]


@needs_office
@pytest.mark.slow
def test_an_old_file_under_a_new_name_is_read_all_the_same(
    old_files: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "申请表.docx"
    path.write_bytes(old_files["doc"].read_bytes())
    (line,) = flow.read_file(path)
    assert line["annex"] == "1" and line["source"]["format"] == "doc"


@needs_office
@pytest.mark.slow
def test_the_intake_reads_them_inside_its_bounds(
    old_files: dict[str, Path], tmp_path: Path
) -> None:
    from pipeline.intake import Limits, Sandbox

    sandbox = Sandbox(Limits())
    for kind, annex in (("doc", "1"), ("ods", "3")):
        scratch = tmp_path / kind
        scratch.mkdir()
        outcome = sandbox.call(flow.PROCESS, [str(old_files[kind]), f"表.{kind}"], scratch)
        assert outcome.problem is None
        assert [line["annex"] for line in outcome.value] == [annex]
        assert list(scratch.iterdir()) == [], "nothing is left behind"
    sandbox.close()


@needs_office
@pytest.mark.slow
def test_a_web_page_that_calls_itself_a_workbook_is_read(tmp_path: Path) -> None:
    (document,) = read(SAMPLES / STAFF)
    rows = [
        "".join(
            f"<td colspan={cell.colspan} rowspan={cell.rowspan}>{cell.text}</td>"
            for cell in grid.cells
            if cell.row == row
        )
        for grid in document.grids
        for row in range(grid.rows)
    ]
    table = "".join(f"<tr>{row}</tr>" for row in rows)
    path = tmp_path / "导出.xls"
    path.write_bytes(
        f'<!DOCTYPE html><html><head><meta charset="gbk"></head><table>{table}</table>'.encode(
            "gbk"
        )
    )
    (line,) = flow.read_file(path)
    assert line["source"]["format"] == "html" and line["data"] == truth(STAFF)


PAGE = '<html><head><meta charset="{}"></head><body>镕喆</body></html>'
PACKED = (
    b'From: <x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n--b\r\n'
    b'Content-Type: text/html; charset="gb2312"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
)


@pytest.mark.parametrize(
    ("said", "encoding"),
    [("gb2312", "gbk"), ("GBK", "gb18030"), ("utf-8", "utf-8"), ("gb2312", "utf-8"), ("x", "gbk"),
     ("utf-16", "utf-16"), ("big5", "big5")],
)  # fmt: skip
def test_a_page_is_decoded_whatever_it_says_of_itself(said: str, encoding: str) -> None:
    word = "鎔" if encoding == "big5" else "镕喆"
    text = PAGE.format(said).replace("镕喆", word)
    assert web.page(text.encode(encoding), False).decode("utf-8-sig") == text.replace(
        f'"{said}"', '"utf-8"'
    )


def test_a_page_saved_with_its_pictures_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "表.mht"
    text = PAGE.format("gb2312")
    path.write_bytes(PACKED + base64.encodebytes(text.encode("gbk")) + b"\r\n--b--\r\n")
    assert identify(path).format == "mht"
    assert "镕喆" in web.page(path.read_bytes(), True).decode()


def test_comments_without_end_before_a_page_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "表.htm"
    path.write_bytes(b"<!---->" * 1000 + b"<x>")
    assert identify(path).format == "unknown"


def flat(sample: Path) -> bytes:
    """The sample as Word saves a "Word XML Document"."""
    out = ['<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Word.Document"?>']
    out.append('<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">')
    with zipfile.ZipFile(sample) as archive:
        for info in archive.infolist():
            content = archive.read(info)
            out.append(f'<pkg:part pkg:name="/{info.filename}">')
            if info.filename.endswith((".xml", ".rels")) and info.filename[0] != "[":
                xml = content.decode().partition("?>")[2] or content.decode()
                out.append(f"<pkg:xmlData>{xml}</pkg:xmlData>")
            else:
                out.append(f"<pkg:binaryData>{base64.b64encode(content).decode()}</pkg:binaryData>")
            out.append("</pkg:part>")
    return "".join([*out, "</pkg:package>"]).encode()


def test_a_flat_docx_is_read_without_any_other_program(tmp_path: Path) -> None:
    path = tmp_path / "表.xml"
    path.write_bytes(flat(SAMPLES / FORM))
    (line,) = flow.read_file(path)
    assert line["source"]["format"] == "flatopc"
    assert line["data"] == truth(FORM) and line["issues"] == []


def test_a_broken_flat_docx_ends_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "表.xml"
    for content in (
        flat(SAMPLES / FORM)[:9000],
        flat(SAMPLES / FORM).replace(b"?>", b"?><!DOCTYPE a>", 1),
    ):
        path.write_bytes(content)
        (line,) = flow.read_file(path)
        assert line["annex"] is None and codes(line)[0] in ("unreadable", "unsafe")


# ---------------------------------------------------------------- what cannot be turned


def test_without_libreoffice_the_line_says_how_to_mend_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(office.VARIABLE, "/nowhere/soffice")
    path = tmp_path / "表.rtf"
    path.write_bytes(b"{\\rtf1 x}")
    (line,) = flow.read_file(path)
    assert line["annex"] is None and codes(line) == ["tool-missing"]
    assert (
        "LibreOffice" in line["issues"][0]["message"] and "另存为" in line["issues"][0]["message"]
    )


@needs_office
def test_what_libreoffice_cannot_open_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "表.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<nothing/>")
    (line,) = flow.read_file(path)
    assert line["annex"] is None and line["issues"][-1]["severity"] == "error"


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["doc", "odt", "xls", "ods"])
def test_a_password_is_named_as_such(kind: str, old_files: dict[str, Path], tmp_path: Path) -> None:
    path = locked(old_files[kind], tmp_path)
    (line,) = flow.read_file(path)
    assert codes(line) == ["password-protected"]


def locked(path: Path, folder: Path) -> Path:
    """A copy that claims to be encrypted, as the format says it: by a flag, a record, an entry."""
    copy = folder / path.name
    if path.suffix in (".odt", ".ods"):
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
            for info in old.infolist():
                content = old.read(info)
                if info.filename == "META-INF/manifest.xml":
                    content = content.replace(
                        b"</manifest:manifest>",
                        b"<manifest:encryption-data/></manifest:manifest>",
                    )
                new.writestr(info, b"\x00" * 40 if info.filename == "content.xml" else content)
        return copy
    data = bytearray(path.read_bytes())
    if path.suffix == ".doc":
        at = data.index(struct.pack("<H", 0xA5EC))
        data[at + 11] |= 0x01
    else:
        at = data.index(struct.pack("<HHH", 0x0809, 16, 0x0600)) + 20
        data[at : at + 4] = struct.pack("<HH", 0x2F, struct.unpack_from("<H", data, at + 2)[0])
    copy.write_bytes(bytes(data))
    return copy


def test_a_text_that_takes_too_long_is_stopped_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\nsleep 600 &\necho $! > {tmp_path}/left\nwait\n")
    program.chmod(0o755)
    monkeypatch.setenv(office.VARIABLE, str(program))
    monkeypatch.setattr(office, "SECONDS", 1)
    path = tmp_path / "表.rtf"
    path.write_bytes(b"{\\rtf1 x}")
    (line,) = flow.read_file(path)
    assert "超过 1 秒" in line["issues"][0]["message"]
    left = Path(f"/proc/{(tmp_path / 'left').read_text().strip()}")
    time.sleep(0.2)
    assert not left.exists() or " Z " in (left / "stat").read_text()


def test_what_it_started_ends_when_the_reader_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/running\nsleep 600\n")
    program.chmod(0o755)
    (tmp_path / "表.rtf").write_bytes(b"{\\rtf1 x}")
    code = f"from pathlib import Path; from pipeline import flow; flow.read_file(Path({str(tmp_path / '表.rtf')!r}))"
    reader = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {office.VARIABLE: str(program), "TMPDIR": str(tmp_path)},
    )
    running = tmp_path / "running"
    deadline = time.monotonic() + 20
    while not (running.exists() and running.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    reader.kill()
    reader.wait()
    stat = Path(f"/proc/{running.read_text().strip()}/stat")
    deadline = time.monotonic() + 5
    while stat.exists() and " Z " not in stat.read_text():
        assert time.monotonic() < deadline, "it runs on"
        time.sleep(0.05)


# ---------------------------------------------------------------- what could do harm


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what has knocked at it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                heard.append(connection.recv(200))
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)


REMOTE = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>
<text:p>甲<draw:frame text:anchor-type="as-char"><draw:image xlink:href="{web}"/></draw:frame></text:p>
<text:section text:name="a"><text:section-source xlink:href="{web}"/><text:p/></text:section>
<text:section text:name="b"><text:section-source xlink:href="{file}"/><text:p/></text:section>
</office:text></office:body></office:document>"""


REMOTE_PAGE = """<html><head><link rel="stylesheet" href="{web}"></head><body>甲<img src="{web}">
<iframe src="{web}"></iframe><iframe src="{file}"></iframe><object data="{file}"></object>
<div id="a" href="{file}">乙</div></body></html>"""


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("own_network", [True, False])
@pytest.mark.parametrize(("name", "remote"), [("表.fodt", REMOTE), ("表.xls", REMOTE_PAGE)])
def test_nothing_outside_is_asked_for(
    name: str,
    remote: str,
    own_network: bool,
    listener: tuple[int, list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    if not own_network:
        monkeypatch.setattr(office, "_without_network", tuple)
    port, heard = listener
    secret = tmp_path / "别家的.txt"
    secret.write_text("别家的内容")
    path = tmp_path / name
    path.write_text(remote.format(web=f"http://127.0.0.1:{port}/a.png", file=secret.as_uri()))
    (line,) = flow.read_file(path)
    assert "converted" in codes(line) and heard == []
    (document,) = read(path)
    assert "别家" not in "".join(paragraph.text for paragraph in document.paragraphs)


def open_document(path: Path, content: str, kind: str = "text") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        "<a>" + "<b/>" * 6_000_001 + "</a>",
    ],
)
def test_harm_is_refused_before_libreoffice_sees_it(
    content: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(office.VARIABLE, "/nowhere/soffice")
    (line,) = flow.read_file(open_document(tmp_path / "表.odt", content))
    assert codes(line) == ["unsafe"]


def test_xml_of_office_2003_with_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "表.xml"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"/>'
    )
    (line,) = flow.read_file(path)
    assert codes(line) == ["unsafe"] and line["source"]["format"] == "wordml"


# ---------------------------------------------------------------- what is no text and no table


def test_an_ofd_is_known_and_the_line_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "材料.ofd"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("OFD.xml", "<ofd:OFD/>")
    (line,) = flow.read_file(path)
    assert line["source"]["format"] == "ofd" and codes(line) == ["unsupported-format"]
    assert "OFD" in line["issues"][0]["message"] and "PDF" in line["issues"][0]["message"]


def test_a_broken_compound_file_is_no_text_and_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "坏.doc"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 5000)
    assert ole.kind(path) == "ole" and not ole.has_macros(path) and not ole.is_protected(path)
    (line,) = flow.read_file(path)
    assert line["annex"] is None and codes(line) == ["unsupported-format"]

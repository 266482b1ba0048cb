"""A mail that somebody saved is opened: its attachments are the files of the packet."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from compound import compound

from pipeline import flow
from pipeline.errors import UnreadableError, UnsafeError
from pipeline.intake import Limits, Member, unpack

SAMPLES = Path(__file__).parent / "samples"
FORM, LIST = "附件1-申请表.docx", "附件6-推荐汇总表.xlsx"


def unpacked(
    tmp_path: Path, name: str, content: bytes, limits: Limits | None = None
) -> list[Member]:
    path, into = tmp_path / "来件", tmp_path / "into"
    path.write_bytes(content)
    into.mkdir()
    return unpack(path, name, into, limits or Limits())


def a_mail(text: str = "领导好，材料见附件。") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.com", "申报核心服务机构的材料"
    mail.set_content(text)
    return mail


def attach(mail: EmailMessage, name: str, content: bytes) -> None:
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)


def by_hand(disposition: bytes, content: bytes = b"abc") -> bytes:
    """A mail of one attachment with a header as older programs write it."""
    return (
        b"From: a@example.com\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n'
        b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; "
        + disposition
        + b"\r\n\r\n"
        + content
        + b"\r\n--x--\r\n"
    )


def test_the_attachments_and_the_text_are_the_files(tmp_path: Path) -> None:
    mail = a_mail()
    for name in (FORM, LIST):
        attach(mail, name, (SAMPLES / name).read_bytes())
    found = unpacked(tmp_path, "申报.eml", bytes(mail))
    assert [member.name for member in found] == [FORM, LIST, "邮件正文.txt"]
    assert found[0].path.read_bytes() == (SAMPLES / FORM).read_bytes()
    assert found[2].path.read_text("utf-8-sig") == "领导好，材料见附件。"


def test_a_mail_is_read_as_a_packet_is(tmp_path: Path) -> None:
    inner, outer = a_mail("转发"), tmp_path / "申报.eml"
    attach(inner, LIST, (SAMPLES / LIST).read_bytes())
    outer.write_bytes(bytes(inner))
    told = {line["source"]["file"]: line["annex"] for line in flow.read_file(outer)}
    assert told[LIST] == "6" and told["邮件正文.txt"] is None


def test_a_forwarded_mail_is_opened_and_a_table_in_the_text_is_kept(tmp_path: Path) -> None:
    inner, outer = a_mail(), a_mail("见转发的邮件")
    inner.add_alternative(
        "<html><body><table><tr><td>机构名称</td></tr></table></body></html>", subtype="html"
    )
    attach(inner, "附件1.docx", b"one")
    outer.add_attachment(inner)
    names = [member.name for member in unpacked(tmp_path, "转发.eml", bytes(outer))]
    assert "附件1.docx" in names and "邮件正文.html" in names


@pytest.mark.parametrize(
    "disposition",
    [
        'filename="附件1申请表.docx"'.encode("gbk"),
        'filename="附件1申请表.docx"'.encode(),
        b'filename="=?GB2312?B?uL28/jHJ6sfrse0uZG9jeA==?="',
        b'filename="=?utf-8?B?6ZmE5Lu2MeeUs+ivt+ihqC5kb2N4?="',
        b"filename*=UTF-8''%E9%99%84%E4%BB%B61%E7%94%B3%E8%AF%B7%E8%A1%A8.docx",
        b"filename*0*=GB2312''%B8%BD%BC%FE1;\r\n filename*1*=%C9%EA%C7%EB%B1%ED.docx",
        'filename="C:\\\\Users\\\\..\\\\附件1申请表.docx"'.encode("gbk"),
        'filename="../../附件1申请表.docx"'.encode(),
    ],
)
def test_names_come_out_as_typed_whatever_program_wrote_them(
    disposition: bytes, tmp_path: Path
) -> None:
    (member,) = unpacked(tmp_path, "a.eml", by_hand(disposition))
    assert member.name == "附件1申请表.docx"


def test_a_rare_character_under_the_name_of_a_smaller_set_is_read(tmp_path: Path) -> None:
    for number, disposition in enumerate(
        (b"filename*=GB2312''%88%D2.docx", b'filename="=?gb2312?B?iNIuZG9jeA==?="')
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (member,) = unpacked(folder, "a.eml", by_hand(disposition))
        assert member.name == "堃.docx"


@pytest.mark.parametrize("disposition", [b'filename=".."', b"", b'filename="=?x-none?B?!!!?="'])
def test_an_attachment_without_a_usable_name_is_there_all_the_same(
    disposition: bytes, tmp_path: Path
) -> None:
    (member,) = unpacked(tmp_path, "a.eml", by_hand(disposition))
    assert member.path.read_bytes() == b"abc"


@pytest.mark.parametrize(
    "damaged",
    [
        by_hand(b'filename="a.txt"')[:-8],
        by_hand(b'filename="a.txt"').replace(b"--x\r\nC", bytes(8)),
        by_hand(
            b'filename="a.txt"\r\nContent-Transfer-Encoding: base64', b"YWJjZGVmZ2\x01\x02hp!!"
        ),
    ],
    ids=["end missing", "hole", "no base64"],
)
def test_a_damaged_mail_says_so(damaged: bytes, tmp_path: Path) -> None:
    problems = [m.problem for m in unpacked(tmp_path, "a.eml", damaged) if m.problem]
    assert [problem.code for problem in problems] == ["cut-archive"]


def test_a_mail_with_nothing_in_it_is_refused_as_a_mail(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="邮件里没有任何文件"):
        unpacked(tmp_path, "a.eml", b"From: a@example.com\r\n\r\n")


def test_a_mail_of_more_attachments_than_any_is_refused(tmp_path: Path) -> None:
    mail = a_mail()
    for number in range(5):
        attach(mail, f"{number}.txt", b"x")
    with pytest.raises(UnsafeError):
        unpacked(tmp_path, "a.eml", bytes(mail), Limits(members=3))


def saved_by_outlook() -> bytes:
    first, second = "__attach_version1.0_#00000000", "__attach_version1.0_#00000001"
    return compound(
        {
            "__properties_version1.0": bytes(32),
            "__substg1.0_1000001F": "材料见附件。".encode("utf-16-le"),
            f"{first}/__substg1.0_37010102": (SAMPLES / FORM).read_bytes(),
            f"{first}/__substg1.0_3704001F": "FJ1~1.DOC".encode("utf-16-le"),
            f"{first}/__substg1.0_3707001F": FORM.encode("utf-16-le"),
            f"{second}/__substg1.0_37010102": b"small",
            f"{second}/__substg1.0_3704001E": "说明.txt".encode("gbk"),
        }
    )


def test_a_mail_saved_by_outlook_is_opened(tmp_path: Path) -> None:
    found = {member.name: member for member in unpacked(tmp_path, "a.msg", saved_by_outlook())}
    assert set(found) == {FORM, "说明.txt", "邮件正文.txt"}
    assert found[FORM].path.read_bytes() == (SAMPLES / FORM).read_bytes()
    assert found["说明.txt"].path.read_bytes() == b"small"


@pytest.mark.parametrize("cut", [600, 3000, -700])
def test_a_broken_mail_of_outlook_ends_in_a_sentence(cut: int, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"邮件已损坏.*附件另存出来"):
        unpacked(tmp_path, "a.msg", saved_by_outlook()[:cut])

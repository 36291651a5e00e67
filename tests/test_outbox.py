"""The outbox: each message once, durable, and right as mail."""

from __future__ import annotations

import os
import stat
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import OutcomeUnknownError, TargetError, TargetRejectedError, TargetUnreachableError
from reconciler.letter import Attachment, Message, Sent
from reconciler.mime import compose
from reconciler.post.outbox import FilePost, Outbox
from tests.letters import MOMENT, SENDER, letter, now


def test_a_message_is_left_once_under_its_mark(tmp_path: Path) -> None:
    post = FilePost(Outbox(tmp_path / "salida"), SENDER, now)
    assert [post.send(letter()), post.send(letter())] == [Sent.NOW, Sent.BEFORE]
    [file] = (tmp_path / "salida").iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == ("corrida+1.eml", 0o600)
    post.close()


def test_what_is_left_reads_as_it_was_written(tmp_path: Path) -> None:
    FilePost(Outbox(tmp_path), SENDER, now).send(letter())
    mail = message_from_bytes((tmp_path / "corrida+1.eml").read_bytes(), policy=policy.default)
    assert (mail["Subject"], mail["To"], mail["X-Cuentas-Marca"]) == (
        letter().subject,
        "laura.beltran@sinaloa.gob.mx",
        "corrida/1",
    )
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == letter().text.splitlines()
    assert "pingüino" in html.get_content()
    [attachment] = mail.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == (
        letter().attachments[0].name,
        letter().attachments[0].content,
    )


def test_a_mark_has_one_message_id_and_another_mark_another() -> None:
    ids = [message_from_bytes(compose(letter(mark), SENDER, MOMENT))["Message-ID"] for mark in ("a/1", "a/1", "a/2")]
    assert ids[0] == ids[1] != ids[2]


def test_a_disk_that_fails_leaves_nothing_that_looks_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: int) -> None:
        raise OSError(5, "Input/output error")

    post = FilePost(Outbox(tmp_path), SENDER, now)
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(TargetUnreachableError, match="el disco falló"):
        post.send(letter())
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
    assert post.send(letter()) is Sent.NOW


def test_what_is_in_doubt_is_not_begun_again_until_a_person_says(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.begin("a/1", b"x")
    with pytest.raises(OutcomeUnknownError, match="a/1") as raised:
        outbox.holds("a/1")
    assert str(tmp_path / "a+1.duda") in raised.value.remedy
    (tmp_path / "a+1.duda").rename(tmp_path / "a+1.eml")
    assert outbox.holds("a/1")


def test_only_one_of_two_begins_a_message(tmp_path: Path) -> None:
    first, second = Outbox(tmp_path), Outbox(tmp_path)
    assert not second.holds("a/1")
    first.begin("a/1", b"x")
    with pytest.raises(OutcomeUnknownError, match="Otra corrida"):
        second.begin("a/1", b"x")
    first.settle("a/1", sent=True)
    with pytest.raises(OutcomeUnknownError, match="Otra corrida"):
        second.begin("a/1", b"x")
    assert second.holds("a/1")


def test_a_folder_that_cannot_be_looked_into_is_said(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / ("x" * 300))
    with pytest.raises(TargetUnreachableError, match="No se pudo guardar un mensaje"):
        outbox.holds("a/1")
    with pytest.raises(TargetUnreachableError, match="No se pudo guardar un mensaje"):
        outbox.begin("a/1", b"x")


@pytest.mark.parametrize("to", [(), ("",), ("a@b",), ("laura@sinaloa.gob.mx\nBcc: x@example.com",), ("a b@c.mx",)])
def test_nothing_goes_to_nobody_or_to_what_is_no_address(to: tuple[str, ...]) -> None:
    with pytest.raises(TargetRejectedError, match="no se envió nada"):
        letter(to=to)


@given(subject=st.text(max_size=40), name=st.text(max_size=40))
def test_no_name_makes_a_header_of_its_own(subject: str, name: str) -> None:
    attachments = (Attachment(name, b"x"),)
    try:
        message = Message(mark="a/1", to=("a@b.mx",), subject=subject, text="x", attachments=attachments)
        data = compose(message, SENDER, MOMENT)
    except TargetError:
        return
    mail = message_from_bytes(data, policy=policy.default)
    assert mail["Subject"] == subject.strip() or mail["Subject"].split() == subject.split()
    assert sorted(set(mail.keys())) == sorted(
        {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "X-Cuentas-Marca",
         "MIME-Version", "Content-Type"}
    )  # fmt: skip


@given(data=st.text())
def test_a_line_break_anywhere_in_a_subject_or_a_name_is_refused(data: str) -> None:
    for broken in (f"{data}\r\nBcc: x@example.com", f"{data}\n", f"\r{data}"):
        with pytest.raises(TargetRejectedError):
            Message(mark="a/1", to=("a@b.mx",), subject=broken, text="x")
        with pytest.raises(TargetRejectedError):
            Message(mark="a/1", to=("a@b.mx",), subject="x", text="x", attachments=(Attachment(broken, b""),))


@pytest.mark.parametrize("mark", ["", "../x", "a//b", "/a", "a/", "a+b", ".a", "a b", "á", "x" * 161])
def test_a_mark_that_cannot_name_a_file_is_refused(mark: str) -> None:
    with pytest.raises(TargetRejectedError):
        letter(mark)


def test_what_a_message_says_is_in_no_repr() -> None:
    words = repr(letter())
    assert "pingüino" not in words
    assert "Ñandú" not in words
    assert "PDF-1" not in words

"""Mail through SMTP over the wire: over verified TLS, to everybody or to nobody, and never twice."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from reconciler.config import CorreoSmtp
from reconciler.errors import OutcomeUnknownError, TargetRejectedError, TargetUnreachableError
from reconciler.letter import Sent
from reconciler.post.outbox import Outbox
from reconciler.post.smtp import SmtpPost
from tests.lab.smtp import DROP, DROP_UNKEPT, SmtpServer
from tests.letters import SECRET, SENDER, issue, letter, now, patient

LAURA, JUAN = "laura.beltran@sinaloa.gob.mx", "juan.perez@sinaloa.gob.mx"


@pytest.fixture(name="certificates", scope="module")
def _certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("smtp"))


@pytest.fixture(name="server")
def _server(certificates: Path) -> Iterator[SmtpServer]:
    with SmtpServer(certificates / "servidor", "mesa.ayuda", SECRET) as server:
        yield server


def opened(server: SmtpServer, certificates: Path, outbox: Path, **other: object) -> SmtpPost:
    written = {
        "via": "smtp",
        "servidor": server.host,
        "puerto": server.port,
        "ca": certificates / "servidor" / "ca.pem",
        "usuario": "mesa.ayuda",
        "clave_archivo": certificates / "clave",
        "espera_s": 5,
    }
    return SmtpPost(CorreoSmtp.model_validate(written | other), Outbox(outbox), SENDER, now, patient)


@pytest.fixture(name="post")
def _post(server: SmtpServer, certificates: Path, tmp_path: Path) -> Iterator[SmtpPost]:
    post = opened(server, certificates, tmp_path)
    yield post
    post.close()


def test_a_message_arrives_as_it_was_written_and_once(server: SmtpServer, post: SmtpPost) -> None:
    assert [post.send(letter()), post.send(letter())] == [Sent.NOW, Sent.BEFORE]
    [(recipients, data)] = server.sent
    assert recipients == (LAURA,)
    mail = message_from_bytes(data, policy=policy.default)
    text = mail.get_body(("plain",))
    assert text is not None
    assert mail["Subject"] == letter().subject
    assert text.get_content().splitlines() == letter().text.splitlines()
    assert [part.get_filename() for part in mail.iter_attachments()] == [letter().attachments[0].name]


def test_one_connection_carries_several_messages(server: SmtpServer, post: SmtpPost) -> None:
    assert [post.send(letter(f"a/{number}")) for number in range(3)] == [Sent.NOW] * 3
    assert len(server.sent) == 3


def test_not_now_is_waited_out(server: SmtpServer, post: SmtpPost) -> None:
    server.refusals[LAURA] = deque(["451 later", "421 busy"])
    server.faults = deque(["452 full"])
    assert post.send(letter()) is Sent.NOW
    assert len(server.sent) == 1


def test_one_refused_recipient_and_nobody_gets_it(server: SmtpServer, post: SmtpPost) -> None:
    server.refusals[JUAN] = deque(["550 no such user"])
    with pytest.raises(TargetRejectedError, match=JUAN):
        post.send(letter(to=(LAURA, JUAN)))
    assert server.sent == []
    assert post.send(letter(to=(LAURA, JUAN))) is Sent.NOW


def test_a_refused_message_may_be_sent_again(server: SmtpServer, post: SmtpPost) -> None:
    server.faults = deque(["554 too large"])
    with pytest.raises(TargetRejectedError, match="554"):
        post.send(letter())
    assert post.send(letter()) is Sent.NOW


def test_not_now_for_too_long_is_a_rejection_of_this_message_only(server: SmtpServer, post: SmtpPost) -> None:
    server.refusals[LAURA] = deque(["451 later"] * 40)
    with pytest.raises(TargetRejectedError, match="451"):
        post.send(letter())
    assert post.send(letter("a/2", (JUAN,))) is Sent.NOW


@pytest.mark.parametrize(("fault", "arrived"), [(DROP, 1), (DROP_UNKEPT, 0)])
def test_a_lost_answer_is_unknown_and_stays_so_until_a_person_says(
    server: SmtpServer, post: SmtpPost, tmp_path: Path, fault: str, arrived: int
) -> None:
    server.faults = deque([fault])
    for _ in range(2):
        with pytest.raises(OutcomeUnknownError):
            post.send(letter())
    assert len(server.sent) == arrived
    (tmp_path / "corrida+1.duda").unlink()
    assert post.send(letter()) is Sent.NOW


def test_two_at_once_send_one(server: SmtpServer, certificates: Path, tmp_path: Path) -> None:
    both = threading.Barrier(2)

    class Slow(Outbox):
        def holds(self, mark: str) -> bool:
            held = super().holds(mark)
            both.wait(10)
            return held

    config = opened(server, certificates, tmp_path)._config  # noqa: SLF001 -- the same one for both
    ended: list[object] = []

    def send() -> None:
        post = SmtpPost(config, Slow(tmp_path / "caja"), SENDER, now, patient)
        try:
            ended.append(post.send(letter()))
        except OutcomeUnknownError as error:
            ended.append(type(error))
        finally:
            post.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(server.sent) == 1
    assert set(ended) == {Sent.NOW, OutcomeUnknownError}


def test_without_tls_nothing_is_said(certificates: Path, tmp_path: Path) -> None:
    with SmtpServer(certificates / "servidor", "mesa.ayuda", SECRET, tls=False) as server:
        post = opened(server, certificates, tmp_path)
        with pytest.raises(TargetUnreachableError, match="no ofrece TLS"):
            post.send(letter())
        assert server.sent == []


def test_a_server_of_another_authority_gets_nothing(server: SmtpServer, certificates: Path, tmp_path: Path) -> None:
    post = opened(server, certificates, tmp_path, ca=certificates / "otra" / "ca.pem")
    with pytest.raises(TargetUnreachableError, match="certificado"):
        post.send(letter())
    assert server.sent == []


def test_a_wrong_password_is_said_without_it(server: SmtpServer, certificates: Path, tmp_path: Path) -> None:
    (tmp_path / "clave").touch(0o600)
    (tmp_path / "clave").write_text("Otra#Clave9")
    post = opened(server, certificates, tmp_path / "salida", clave_archivo=tmp_path / "clave")
    with pytest.raises(TargetUnreachableError, match="contraseña") as raised:
        post.send(letter())
    assert "Otra#Clave9" not in f"{raised.value!r}{raised.value}{post!r}"


def test_nobody_there_is_unreachable(server: SmtpServer, certificates: Path, tmp_path: Path) -> None:
    post = opened(server, certificates, tmp_path, puerto=1)
    with pytest.raises(TargetUnreachableError, match="no contesta"):
        post.send(letter())

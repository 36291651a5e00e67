"""Mail through EWS over the wire: once, whatever is lost on the way."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.config import CorreoEws
from reconciler.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.exchange.ews import EwsPost
from reconciler.letter import Sent
from reconciler.patience import Patience
from reconciler.post.turn import Turn
from tests.lab.ews import EwsServer, Fault
from tests.lab.samba.domain import ADDRESSES
from tests.letters import SECRET, SENDER, issue, letter, now, patient


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("ews"))


@pytest.fixture(name="server", scope="module")
def _server(folder: Path) -> Iterator[EwsServer]:
    with EwsServer(folder / "servidor", "mesa.ayuda", SECRET) as server:
        yield server


def config(server: EwsServer, folder: Path, ca: str = "servidor") -> CorreoEws:
    return CorreoEws(
        via="ews",
        servidor=ADDRESSES[0],
        puerto=server.port,
        ca=folder / ca / "ca.pem",
        usuario="mesa.ayuda",
        clave_archivo=folder / "clave",
        espera_s=5,
    )


@pytest.fixture(name="post")
def _post(server: EwsServer, folder: Path) -> Iterator[EwsPost]:
    post = EwsPost(config(server, folder), SENDER, now, patient)
    post.send(letter("calentamiento/1"))
    forget(server)
    yield post
    post.close()


def forget(server: EwsServer) -> None:
    for one in (server.items, server.operations, server.requests, server.faults):
        one.clear()


def test_a_message_arrives_whole_and_its_copy_stays(server: EwsServer, post: EwsPost) -> None:
    assert post.send(letter()) is Sent.NOW
    [item] = server.sent
    assert item.recipients == ("laura.beltran@sinaloa.gob.mx",)
    mail = message_from_bytes(item.mime, policy=policy.default)
    assert mail["Subject"] == letter().subject
    assert [part.get_filename() for part in mail.iter_attachments()] == ["Guía de configuración ñ.pdf"]


def test_a_message_that_was_sent_is_not_sent_again(server: EwsServer, post: EwsPost) -> None:
    assert [post.send(letter()), post.send(letter())] == [Sent.NOW, Sent.BEFORE]
    assert len(server.sent) == 1


def test_the_mailbox_is_its_own_and_nobody_is_impersonated(server: EwsServer, post: EwsPost) -> None:
    post.send(letter())
    assert server.operations == ["FindItem", "FindItem", "FindItem", "CreateItem", "SendItem"]
    assert not any("ExchangeImpersonation" in one for one in server.requests)


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.BUSY, Fault.UNAVAILABLE])
@pytest.mark.parametrize("request_number", range(5))
def test_one_fault_anywhere_makes_neither_none_nor_two(
    server: EwsServer, post: EwsPost, fault: Fault, request_number: int
) -> None:
    server.faults = deque([*[None] * request_number, fault])
    assert post.send(letter()) is Sent.NOW
    assert len(server.sent) == 1


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedule=st.lists(st.sampled_from([None, *Fault]), max_size=25))
def test_whatever_fails_in_whatever_order_it_ends_with_one(
    server: EwsServer, post: EwsPost, schedule: list[Fault | None]
) -> None:
    forget(server)
    server.faults = deque(schedule)
    for _ in range(40):
        try:
            post.send(letter())
        except TargetError:
            assert len(server.sent) <= 1
        else:
            break
    assert len(server.sent) == 1


def test_a_refused_recipient_is_a_rejection_and_a_full_mailbox_is_not(server: EwsServer, post: EwsPost) -> None:
    for fault, error in ((Fault.INVALID_RECIPIENTS, TargetRejectedError), (Fault.QUOTA, TargetUnreachableError)):
        server.faults = deque([*[None] * 4, fault])
        with pytest.raises(error, match=fault.value):
            post.send(letter(f"prueba/{fault.name}"))
    assert server.sent == []


def test_what_cannot_be_found_afterwards_is_unknown(server: EwsServer, folder: Path) -> None:
    forget(server)
    post = EwsPost(config(server, folder), SENDER, now, lambda: patient(0))
    server.faults = deque([*[None] * 8, Fault.DROP_AFTER])
    with pytest.raises(OutcomeUnknownError):
        post.send(letter())
    assert post.send(letter()) is Sent.BEFORE
    post.close()


@pytest.mark.parametrize("asking", [Fault.PAGE_AFTER, Fault.DROP_AFTER])
@pytest.mark.parametrize(
    "looking", [None, Fault.DENIED, Fault.NO_FOLDER, Fault.UNZIPPABLE, Fault.BUSY_GARBLED, Fault.BUSY_BACKWARDS]
)
def test_once_it_was_asked_for_only_the_mailbox_says_what_happened(
    server: EwsServer, post: EwsPost, asking: Fault, looking: Fault | None
) -> None:
    server.faults = deque([*[None] * 4, asking, looking])
    assert post.send(letter()) is Sent.NOW
    assert len(server.sent) == 1


@pytest.mark.parametrize("looking", [Fault.DENIED, Fault.UNZIPPABLE, Fault.BUSY_GARBLED, Fault.PAGE_AFTER])
def test_what_was_asked_for_and_cannot_be_looked_for_is_unknown(
    server: EwsServer, post: EwsPost, looking: Fault
) -> None:
    server.faults = deque([*[None] * 4, Fault.PAGE_AFTER, *[looking] * 90])
    with pytest.raises(OutcomeUnknownError):
        post.send(letter())
    server.faults.clear()
    assert post.send(letter()) is Sent.BEFORE


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.NO_FOLDER, "no se dejó leer"),
        (Fault.DENIED, "no se dejó leer"),
        (Fault.UNZIPPABLE, "algo que no se entiende"),
        (Fault.BUSY_GARBLED, "algo que no se entiende"),
        (Fault.PAGE_AFTER, "no dejó entrar"),
    ],
)
def test_who_looks_in_hears_of_the_mailbox_and_not_of_a_message(
    server: EwsServer, post: EwsPost, fault: Fault, words: str
) -> None:
    for act in (post.log_on, lambda: post.send(letter())):
        server.faults = deque([fault])
        with pytest.raises(TargetUnreachableError, match=words) as raised:
            act()
        assert "direcciones" not in raised.value.remedy
    assert server.sent == []


class _Waiting(EwsPost):
    """Looks for the message and then waits for the other one to have looked, if the other one can."""

    def __init__(self, both: threading.Barrier, *given: Any) -> None:
        super().__init__(*given)
        self._both = both

    def _found(self, mark: str) -> tuple[bool, Any]:
        found = super()._found(mark)
        with contextlib.suppress(threading.BrokenBarrierError):
            self._both.wait(1)
        return found


def test_two_at_once_send_one(server: EwsServer, folder: Path, tmp_path: Path) -> None:
    forget(server)
    both, ended = threading.Barrier(2), list[Sent]()
    turns = [Turn(tmp_path / "salida" / "ad").taken for _ in range(2)]
    posts = [
        _Waiting(both, config(server, folder), SENDER, now, lambda: Patience(30, lambda _: None), turn)
        for turn in turns
    ]
    threads = [threading.Thread(target=lambda post=post: ended.append(post.send(letter()))) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for post in posts:
        post.close()
    assert len(server.sent) == 1
    assert sorted(ended, key=str) == [Sent.BEFORE, Sent.NOW]


def test_who_does_not_get_a_turn_sends_nothing(server: EwsServer, folder: Path, tmp_path: Path) -> None:
    forget(server)
    post = EwsPost(config(server, folder), SENDER, now, lambda: patient(1), Turn(tmp_path).taken)
    with Turn(tmp_path).taken(patient()), pytest.raises(TargetUnreachableError, match="Otra corrida"):
        post.send(letter())
    (tmp_path / "archivo").touch()
    with pytest.raises(TargetUnreachableError, match="turno"), Turn(tmp_path / "archivo").taken(patient()):
        pass
    assert server.requests == []
    post.close()


def test_a_server_of_another_authority_gets_nothing(
    server: EwsServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(server)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "servidor" / "ca.pem"))
    post = EwsPost(config(server, folder, "otra"), SENDER, now, patient)
    with pytest.raises(TargetUnreachableError) as raised:
        post.send(letter())
    assert server.requests == []
    assert SECRET not in f"{raised.value!r}{post!r}{vars(post)!r}"
    post.close()


def test_a_wait_is_said_before_it_begins(server: EwsServer, folder: Path) -> None:
    forget(server)
    heard: list[str] = []
    post = EwsPost(config(server, folder), SENDER, now, lambda: patient(heard=heard))
    server.faults = deque([Fault.BUSY])
    post.send(letter())
    post.close()
    assert heard == ["Exchange está ocupado. Se intenta de nuevo en 1.5 s."]


def test_a_password_that_others_may_read_opens_nothing(server: EwsServer, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "clave").write_text("x")
    (tmp_path / "clave").chmod(0o644)
    open_to_all = config(server, folder).model_copy(update={"clave_archivo": tmp_path / "clave"})
    with pytest.raises(ConfigurationError, match="Otros pueden leer"):
        EwsPost(open_to_all, SENDER, now, patient)

"""Somebody sits on the wire between us and Exchange, with Kerberos: what they write is never believed."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from reconciler.config import Exchange
from reconciler.errors import OutcomeUnknownError, TargetUnreachableError
from reconciler.exchange.shell import Shell
from tests.exchange.shells import everything, puts_out
from tests.lab.exchange import wsman
from tests.lab.exchange.kerberos import Kerberos
from tests.lab.exchange.server import ExchangeShell
from tests.lab.samba import DomainController
from tests.lab.samba.domain import ADDRESSES

Forger = Callable[[bytes], bytes]
GONE = wsman.fault("", wsman.no_such_shell())
BUSY = wsman.fault("", wsman.over_quota("1"))


def forged(status: str, body: bytes = b"", content_type: str = "application/soap+xml") -> Forger:
    """Answer this, whatever Exchange said."""
    head = f"HTTP/1.1 {status} x\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return lambda _: head.encode() + body


def spoilt(answer: bytes) -> bytes:
    """Change one bit of what is sealed."""
    return answer[:-60] + bytes([answer[-60] ^ 1]) + answer[-59:]


def message(connection: socket.socket) -> bytes:
    """Read one request or answer; empty at the end."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65536)
        if not piece:
            return b""
        read += piece
    head, _, body = read.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class Relay:
    """Passes everything on and back, but the answer to the next request once `forger` is set."""

    def __init__(self, exchange: ExchangeShell) -> None:
        self.forger: Forger | None = None
        self._exchange = exchange
        self._listening = socket.create_server((ADDRESSES[0], 0))
        self.host, self.port = self._listening.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._pass_on, args=(self._listening.accept()[0],), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        there = (self._exchange.host, self._exchange.port)
        with contextlib.suppress(OSError), client, socket.create_connection(there) as server:
            while asked := message(client):
                server.sendall(asked)
                answer = message(server)
                if self.forger:
                    answer, self.forger = self.forger(answer), None
                client.sendall(answer)


@pytest.fixture
def exchange(domain_controller: DomainController, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExchangeShell]:
    monkeypatch.setenv("KRB5_CONFIG", domain_controller.kerberos_environment["KRB5_CONFIG"])
    monkeypatch.setenv("KRB5CCNAME", "MEMORY:nobody")
    gate = Kerberos(domain_controller.exchange_keytab)
    with ExchangeShell(everything(puts_out({"Name": "Base1"})), gate) as serving:
        yield serving


@pytest.fixture
def relay(exchange: ExchangeShell) -> Iterator[Relay]:
    made = Relay(exchange)
    yield made
    made.close()


@pytest.fixture
def given(exchange: ExchangeShell, relay: Relay, domain_controller: DomainController) -> Exchange:
    who = domain_controller.service_account
    return exchange.config(
        servidor=relay.host, puerto=relay.port, usuario=who.kerberos_name, clave_archivo=who.password_file
    )


LIES = {
    "gone": forged("500", GONE),
    "busy": forged("500", BUSY),
    "401": forged("401"),
    "403": forged("403"),
    "404": forged("404", GONE),
    "another multipart": forged("200", GONE, "multipart/mixed"),
    "capitals": forged("200", GONE, 'Multipart/Encrypted;boundary="x"'),
    "nothing": forged("200"),
    "spoilt": spoilt,
}
IN_CLEAR = [name for name in LIES if name not in {"nothing", "spoilt"}]


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_change_that_was_posted_is_unknown_whatever_is_answered_in_its_place(
    lie: Forger, exchange: ExchangeShell, relay: Relay, given: Exchange
) -> None:
    shell = Shell(given)
    shell.invoke("Get-Mailbox")
    relay.forger = lie
    with pytest.raises(OutcomeUnknownError):
        shell.invoke("Set-Mailbox", Identity="x")
    shell.close()
    assert [name for name, _ in exchange.ran if name == "Set-Mailbox"] in ([], ["Set-Mailbox"])


@pytest.mark.parametrize("lie", [LIES[name] for name in IN_CLEAR], ids=IN_CLEAR)
def test_nothing_in_clear_is_believed_while_the_runspace_opens_and_nothing_is_done(
    lie: Forger, exchange: ExchangeShell, relay: Relay, given: Exchange
) -> None:
    relay.forger = lie
    with pytest.raises(TargetUnreachableError):
        Shell(given).invoke("Set-Mailbox", Identity="x")
    assert not exchange.ran


def test_a_plain_answer_is_named_with_its_status(relay: Relay, given: Exchange) -> None:
    relay.forger = forged("404", b"nada")
    with pytest.raises(TargetUnreachableError, match=r"sin cifrar \(HTTP 404\)"):
        Shell(given).invoke("Get-Mailbox")

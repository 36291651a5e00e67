"""Whoever answers in Exchange's place: too slowly, too much, or asking for what is not given."""

import base64
import contextlib
import gzip
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.config import Exchange
from reconciler.errors import TargetUnreachableError
from reconciler.exchange.line import MOST_BYTES
from reconciler.exchange.shell import Shell
from tests.exchange.shells import PASSWORD, USER, config, exchange_over_tls
from tests.lab.exchange import wsman
from tests.lab.exchange.server import ExchangeShell
from tests.lab.samba.certificates import issue_certificates
from tests.lab.samba.domain import ADDRESSES

LEAST_SECONDS = 5
A_LITTLE = 4.0
Answer = Callable[[socket.socket], None]


@contextlib.contextmanager
def answering(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, int]]:
    """Serve whatever a test's own function writes to each connection."""
    listening = socket.create_server((ADDRESSES[2], 0))

    def one(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, tls_over(connection, tls) as serving:
            answer(serving)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=one, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    with contextlib.closing(listening):
        yield listening.getsockname()
        listening.shutdown(socket.SHUT_RDWR)


def tls_over(connection: socket.socket, tls: ssl.SSLContext | None) -> socket.socket:
    """Wrap it where there is something to wrap it in."""
    return tls.wrap_socket(connection, server_side=True) if tls else connection


def dripping(beginning: bytes) -> Answer:
    """Answer this, and then a byte at a time, never the last."""

    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(beginning)
        while True:
            connection.sendall(b"<")
            time.sleep(0.3)

    return answer


def saying(body: bytes, *headers: bytes) -> Answer:
    """Answer every request with this."""

    def answer(connection: socket.socket) -> None:
        while connection.recv(65536):
            lines = (b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body)
            connection.sendall(b"\r\n".join(lines))

    return answer


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    issue_certificates(folder)
    return folder


@pytest.fixture
def tls(certificates: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "exchange-cert.pem", certificates / "exchange-key.pem")
    return context


@pytest.fixture
def given(certificates: Path, tmp_path: Path) -> dict[str, Any]:
    secret = tmp_path / "clave"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD, encoding="utf-8")
    return {
        "seguridad": "basico", "ca": certificates / "ca.pem", "usuario": USER, "clave_archivo": secret,
        "espera_s": LEAST_SECONDS,
    }  # fmt: skip


@pytest.mark.parametrize("rest", [b"X-A: ", b"Content-Length: 99999\r\n\r\n"], ids=["headers", "body"])
def test_an_answer_that_drips_is_given_up_in_the_time_configured(
    rest: bytes, tls: ssl.SSLContext, given: dict[str, Any]
) -> None:
    with answering(dripping(b"HTTP/1.1 200 OK\r\n" + rest), tls) as (host, port):
        shell = Shell(Exchange(servidor=host, puerto=port, **given))
        began = time.monotonic()
        with pytest.raises(TargetUnreachableError, match="contest"):
            shell.invoke("Get-Mailbox")
    assert time.monotonic() - began < LEAST_SECONDS + LEAST_SECONDS + A_LITTLE  # opening, and closing


@pytest.mark.parametrize(
    ("body", "headers"),
    [(bytes(MOST_BYTES + 1), ()), (gzip.compress(bytes(1 << 20)), (b"Content-Encoding: gzip",))],
    ids=["huge", "compressed"],
)
def test_what_is_too_large_or_compressed_is_not_read(
    body: bytes, headers: tuple[bytes, ...], tls: ssl.SSLContext, given: dict[str, Any]
) -> None:
    with answering(saying(body, *headers), tls) as (host, port):
        shell = Shell(Exchange(servidor=host, puerto=port, **given))
        with pytest.raises(TargetUnreachableError, match="no se leyó"):
            shell.invoke("Get-Mailbox")


@pytest.mark.parametrize("offer", ["NTLM", "Negotiate"])
@pytest.mark.parametrize("security", ["negotiate", "kerberos"])
def test_no_proof_of_the_password_is_given_to_whoever_asks_for_ntlm(
    security: str, offer: str, given: dict[str, Any]
) -> None:
    tokens: list[bytes] = []
    with answering(asking_for_ntlm(offer, tokens)) as (host, port):
        shell = Shell(
            Exchange(servidor=host, puerto=port, **given | {"seguridad": security, "ca": None, "usuario": "svc@X.MX"})
        )
        with pytest.raises(TargetUnreachableError, match="Kerberos"):
            shell.invoke("Get-Mailbox")
    assert not [token for token in tokens if b"NTLMSSP" in token]


def asking_for_ntlm(offer: str, tokens: list[bytes]) -> Answer:
    """Ask for NTLM's proof with a challenge, as whoever wants to break it would; `tokens` gets what comes."""
    name = "OTRO".encode("utf-16-le")
    about = struct.pack("<HH", 2, len(name)) + name + bytes(4)
    challenge = (
        b"NTLMSSP\0" + struct.pack("<IHHII", 2, len(name), len(name), 56, 0xE2898235) + b"12345678" + bytes(8)
        + struct.pack("<HHI", len(about), len(about), 56 + len(name)) + b"\x0a\0\x63\x45\0\0\0\x0f" + name + about
    )  # fmt: skip

    def answer(connection: socket.socket) -> None:
        while asked := connection.recv(65536):
            found = re.search(rb"(?i)authorization: \S+ (\S+)", asked)
            said = offer
            if found:
                tokens.append(base64.b64decode(found[1]))
                said += " " + base64.b64encode(challenge).decode()
            connection.sendall(f"HTTP/1.1 401 x\r\nWWW-Authenticate: {said}\r\nContent-Length: 0\r\n\r\n".encode())

    return answer


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[ExchangeShell]:
    with exchange_over_tls(tmp_path) as serving:
        yield serving


def quiet(exchange: ExchangeShell, say: Callable[[wsman.Request], bytes], times: int) -> None:
    """Let the first `times` requests for a runspace's own output be answered with this."""
    verbs = exchange.provider._verbs  # noqa: SLF001 -- no order of the double's makes it open slowly
    receive, left = verbs["Receive"], [times]

    def answer(request: wsman.Request, owner: str, address: str) -> bytes:
        if request.command_id or not left[0]:
            return receive(request, owner, address)
        left[0] -= 1
        return say(request)

    verbs["Receive"] = answer


def nothing_yet(_: wsman.Request) -> bytes:
    """Say that there is no output in the time asked for."""
    raise wsman.timed_out()


def empty(request: wsman.Request) -> bytes:
    """Give an answer with nothing in it."""
    return wsman.received(request, [], done=False)


@pytest.mark.parametrize("say", [nothing_yet, empty])
def test_a_runspace_that_is_slow_to_open_is_asked_again(
    say: Callable[[wsman.Request], bytes], exchange: ExchangeShell, tmp_path: Path
) -> None:
    quiet(exchange, say, times=3)
    shell = Shell(config(exchange, tmp_path))
    assert shell.invoke("Get-Mailbox") == ()
    assert exchange.provider.opened == 1
    shell.close()


@pytest.mark.parametrize("say", [nothing_yet, empty])
def test_a_runspace_that_never_opens_is_told_and_given_up(
    say: Callable[[wsman.Request], bytes], exchange: ExchangeShell, tmp_path: Path
) -> None:
    quiet(exchange, say, times=-1)
    said: list[str] = []
    shell = Shell(config(exchange, tmp_path), waiting=said.append)
    began = time.monotonic()
    with pytest.raises(TargetUnreachableError, match="dejó de contestar"):
        shell.invoke("Get-Mailbox")
    assert time.monotonic() - began < LEAST_SECONDS + A_LITTLE
    assert said == [f"La consola de Exchange en {exchange.host}:{exchange.port} tarda en abrir."]


def test_the_systems_authorities_decide_and_not_those_that_python_libraries_are_told_of(
    exchange: ExchangeShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with pytest.raises(TargetUnreachableError, match="TLS"):
        Shell(config(exchange, tmp_path, ca=None)).invoke("Get-Mailbox")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    shell = Shell(config(exchange, tmp_path, ca=None))
    assert shell.invoke("Get-Mailbox") == ()
    shell.close()

"""The double of Exchange's management shell: WSMan and PSRP over HTTP, for the unmodified client.

Known of the real thing (recordings of a Windows Server 2016, errors printed by real servers, Microsoft's pages): the
envelopes' structure, the faults' numbers, the path, the configuration's name, the two ways in, no-language mode, the
long poll, the limit of runspaces and its text, error records with their FailureCategory.

Assumed: that Exchange's provider behind IIS answers as Windows' own does; what a refused body is answered with (400);
the order in which Exchange would notice two errors in one request. The pieces say more, each in its first lines.
"""

import contextlib
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reconciler.config import Exchange
from tests.lab.exchange import wsman
from tests.lab.exchange.cmdlet import Cmdlets
from tests.lab.exchange.faults import Faults, HangUpError
from tests.lab.exchange.gate import Answer, Gate, Session, UnreadableError
from tests.lab.exchange.provider import IDLE_SECONDS, LIMIT, Provider, StatusError
from tests.lab.exchange.running import Ran, Runner
from tests.lab.exchange.shell import Shell
from tests.lab.samba.domain import ADDRESSES

PATH = "/powershell"
_POLL_SECONDS = 0.02


class ExchangeShell:
    """`with ExchangeShell(cmdlets, gate) as exchange`: it listens inside and is gone outside.

    `cmdlets` is what the role may run. `faults` takes orders, also those that `faults_file` is given by another
    process (`faults.leave`). `limit` is of runspaces for one user, who keeps one for `idle_seconds` unused.
    `port` 0 takes a free one.
    """

    host = ADDRESSES[2]

    def __init__(
        self,
        cmdlets: Cmdlets,
        gate: Gate,
        *,
        port: int = 0,
        faults_file: Path | None = None,
        limit: int = LIMIT,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self.faults = Faults(faults_file)
        self.gate = gate
        self._runner = Runner(cmdlets, self.faults)
        self.provider = Provider(self._runner, self.faults, limit, idle_seconds)
        self._wanted_port = port

    def __enter__(self) -> Self:
        self.gate.__enter__()
        handler = type("Handler", (_Handler,), {"exchange": self})
        self._server = _Server((self.host, self._wanted_port), handler)
        if self.gate.tls is not None:
            self._server.socket = self.gate.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.provider.close()
        self._server.cut()
        self._thread.join()
        self.gate.__exit__(kind, error, trace)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def cmdlets(self) -> Cmdlets:
        """What the role may run; another table may be put in its place."""
        return self._runner.cmdlets

    @cmdlets.setter
    def cmdlets(self, cmdlets: Cmdlets) -> None:
        self._runner.cmdlets = cmdlets

    @property
    def ran(self) -> Ran:
        """What arrived at a cmdlet, in order: name and parameters."""
        return self._runner.ran

    @property
    def shells(self) -> dict[str, Shell]:
        """The runspace pools that are open."""
        return self.provider.shells

    def config(self, **more: Any) -> Exchange:
        """Tell the client where it is and how it is entered; user and password's file are for the caller to add."""
        where = {"servidor": self.host, "puerto": self.port, "espera_s": 5}
        return Exchange.model_validate(where | self.gate.config() | more)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        """End the connections that are still open."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away or refused our certificate; anything else is our defect."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    exchange: ExchangeShell
    session: Session

    def setup(self) -> None:
        super().setup()
        self.session = self.exchange.gate.session()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path.partition("?")[0].rstrip("/").casefold() != PATH:
            self._send(Answer(404))
            return
        answer = self.session.admit(self.headers.get("Authorization", ""), has_body=bool(body))
        if answer is not None:
            self._send(answer)
            return
        try:
            text = self.session.unseal(self.headers.get("Content-Type", ""), body)
            status, text = self._answer(text)
        except UnreadableError:
            self._send(Answer(400))
        except StatusError as error:
            self._send(Answer(error.status))
        except HangUpError:
            self.close_connection = True
        else:
            content_type, body = self.session.seal(text)
            self._send(Answer(status, (("Content-Type", content_type),)), body)

    def _answer(self, text: bytes) -> tuple[int, bytes]:
        message_id = ""
        try:
            request = wsman.parse(text)
            message_id = request.message_id
            address = f"http://{self.headers.get('Host', '')}{self.path}"
            return 200, self.exchange.provider.answer(request, self.session.owner, address)
        except wsman.FaultError as error:
            return 500, wsman.fault(message_id, error)

    def _send(self, answer: Answer, body: bytes = b"") -> None:
        self.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

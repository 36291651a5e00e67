"""An HTTPS server on loopback that doubles are made of: its start and stop, and answers of a known length."""

from __future__ import annotations

import ssl
import sys
import threading
from abc import ABC, abstractmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self


class HttpsDouble(ABC):
    """`with ... as server`: listens at `host` with the certificate in `certificates`; `handler` answers.

    The handler gets whoever is doubled as `double`.
    """

    certificates: Path
    host: ClassVar[str]

    @abstractmethod
    def handler(self) -> type[Handler]:
        """Return what answers one connection's requests."""

    def __enter__(self) -> Self:
        self.stopping = threading.Event()
        self._server = _Server((self.host, 0), type("Handler", (self.handler(),), {"double": self}))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates / "cert.pem", self.certificates / "key.pem")
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up or refused our certificate; the rest is a defect of the double."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler, ABC):
    """Answers requests, and says nothing on the screen."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    double: Any

    @abstractmethod
    def take(self, method: str, body: bytes) -> None:
        """Answer a request."""

    def do_GET(self) -> None:
        self.take("GET", b"")

    def do_POST(self) -> None:
        self.take("POST", self._body())

    def do_PATCH(self) -> None:
        self.take("PATCH", self._body())

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self, status: int, body: bytes) -> None:
        """Send headers, and then a byte now and then, until whoever asked hangs up."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for place in range(len(body) - 1):
            self.wfile.write(body[place : place + 1])
            if self.double.stopping.wait(0.2):
                break
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

"""A double of Exchange Web Services: one mailbox over TLS with basic authentication, and faults on order.

NTLM and Kerberos are not spoken: they are the business of requests' own plug-ins, below anything that is ours.
What the mailbox answers, and what of it is known or assumed, is in `ews_mailbox`.
"""

from __future__ import annotations

import base64
import re
import ssl
import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from xml.etree import ElementTree as ET

from tests.lab.ews_mailbox import Answer, Item, M, Mailbox, RefusedError, T
from tests.lab.samba.domain import ADDRESSES

_ENVELOPE = (
    f"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:m='{M[1:-1]}' xmlns:t='{T[1:-1]}'>"
)
_ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"
_BUSY = (  # %s: for how many milliseconds
    f"{_ENVELOPE}<s:Body><s:Fault><faultcode>a:ErrorServerBusy</faultcode><faultstring>busy</faultstring>"
    f"<detail><e:ResponseCode xmlns:e='{_ERRORS}'>ErrorServerBusy</e:ResponseCode>"
    f"<e:Message xmlns:e='{_ERRORS}'>busy</e:Message>"
    "<t:MessageXml><t:Value Name='BackOffMilliseconds'>%s</t:Value></t:MessageXml>"
    "</detail></s:Fault></s:Body></s:Envelope>"
)


class Fault(Enum):
    """What to do to one request instead of answering it."""

    BUSY = "ErrorServerBusy"
    UNAVAILABLE = "503"
    DROP_BEFORE = "drop before"
    DROP_AFTER = "drop after"
    INVALID_RECIPIENTS = "ErrorInvalidRecipients"
    QUOTA = "ErrorQuotaExceeded"
    INTERNAL_AFTER = "ErrorInternalServerError"
    BUSY_BACKWARDS = "-1000"
    BUSY_GARBLED = "un rato"
    PAGE_AFTER = "502"
    UNZIPPABLE = "gzip"
    DENIED = "ErrorAccessDenied"
    NO_FOLDER = "ErrorFolderNotFound"


_WAITS = {Fault.BUSY: "1500", Fault.BUSY_BACKWARDS: "-1000", Fault.BUSY_GARBLED: "un rato"}


@dataclass
class EwsServer:
    """`with EwsServer(certificates, user, password) as server`; each request uses up one of `faults` (None: none)."""

    certificates: Path
    user: str
    password: str = field(repr=False)
    faults: deque[Fault | None] = field(default_factory=deque)
    mailbox: Mailbox = field(default_factory=lambda: Mailbox("mesa.ayuda@sinaloa.gob.mx"))
    operations: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list, repr=False)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"server_double": self})
        self._server = _Server((self.host, 0), handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates / "cert.pem", self.certificates / "key.pem")
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    host = ADDRESSES[0]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def items(self) -> list[Item]:
        """What is in the mailbox."""
        return self.mailbox.items

    @property
    def sent(self) -> list[Item]:
        """What was sent, in order."""
        return [one for one in self.items if one.folder == "sentitems"]


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that refused our certificate; anything else is a defect of the double."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_double: EwsServer

    def do_POST(self) -> None:
        double = self.server_double
        body = self.rfile.read(int(self.headers["Content-Length"]))
        expected = base64.b64encode(f"{double.user}:{double.password}".encode()).decode()
        if self.headers["Authorization"] != f"Basic {expected}":
            self._answer(401, b"", ("WWW-Authenticate", 'Basic realm="ews"'))
            return
        double.requests.append(f"{self.headers}\n{body.decode()}")
        request = ET.fromstring(body)[-1][0]  # noqa: S314 -- written by the client under test
        operation = re.sub(r"^\{.*\}|Request$", "", request.tag)
        double.operations.append(operation)
        self._serve(operation, request, double.faults.popleft() if double.faults else None)

    def _serve(self, operation: str, request: ET.Element, fault: Fault | None) -> None:
        if fault is Fault.DROP_BEFORE:
            self.close_connection = True
            return
        if fault is Fault.UNAVAILABLE:
            self._answer(503, b"")
            return
        if fault in _WAITS:
            self._answer(500, (_BUSY % _WAITS[fault]).encode(), ("Content-Type", "text/xml; charset=utf-8"))
            return
        if fault is Fault.UNZIPPABLE:
            self._answer(200, b"no", ("Content-Type", "text/xml"), ("Content-Encoding", "gzip"))
            return
        if fault in {Fault.INVALID_RECIPIENTS, Fault.QUOTA, Fault.DENIED, Fault.NO_FOLDER}:
            self._say(operation, _message(operation, "Error", fault.value))
            return
        try:
            answer = self.server_double.mailbox.perform(operation, request)
            kind, code = "Success" if answer.code == "NoError" else "Warning", answer.code
        except RefusedError as error:
            answer, kind, code = Answer(), "Error", error.code
        if fault is Fault.DROP_AFTER:
            self.close_connection = True
            return
        if fault is Fault.PAGE_AFTER:
            self._answer(502, b"<html>Bad gateway</html>", ("Content-Type", "text/html"))
            return
        if fault:
            answer, kind, code = Answer(), "Error", fault.value
        self._say(operation, _message(operation, kind, code, answer.inside))

    def _say(self, operation: str, words: str) -> None:
        soap = (
            f"{_ENVELOPE}<s:Header><t:ServerVersionInfo MajorVersion='15' "
            "MinorVersion='2' MajorBuildNumber='1118' MinorBuildNumber='7' Version='V2017_07_11'/></s:Header>"
            f"<s:Body><m:{operation}Response>{words}</m:{operation}Response></s:Body></s:Envelope>"
        )
        self._answer(200, soap.encode(), ("Content-Type", "text/xml; charset=utf-8"))

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _message(operation: str, kind: str, code: str, inside: str = "") -> str:
    """Return the response message; that of automatic replies has their settings beside it, not in it."""
    text = "" if kind == "Success" else "<m:MessageText>no</m:MessageText>"
    words = f"{text}<m:ResponseCode>{code}</m:ResponseCode>"
    if operation.endswith("OofSettings"):
        return f"<m:ResponseMessage ResponseClass='{kind}'>{words}</m:ResponseMessage>{inside}"
    name = f"m:{operation}ResponseMessage"
    return f"<m:ResponseMessages><{name} ResponseClass='{kind}'>{words}{inside}</{name}></m:ResponseMessages>"

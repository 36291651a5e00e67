"""A double of Exchange Web Services: one mailbox over TLS with basic authentication, and faults on order.

What it answers has the form of Microsoft's reference of the operations; what a real server does between `SendItem`
and the copy in Sent Items is assumed to be atomic. State is in memory.
"""

from __future__ import annotations

import base64
import re
import ssl
import sys
import threading
import uuid
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from xml.etree import ElementTree as ET

from tests.lab.samba.domain import ADDRESSES

M = "{http://schemas.microsoft.com/exchange/services/2006/messages}"
T = "{http://schemas.microsoft.com/exchange/services/2006/types}"
_ENVELOPE = (
    f"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:m='{M[1:-1]}' xmlns:t='{T[1:-1]}'>"
)
_ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"
_BUSY = (
    f"{_ENVELOPE}<s:Body><s:Fault><faultcode>a:ErrorServerBusy</faultcode><faultstring>busy</faultstring>"
    f"<detail><e:ResponseCode xmlns:e='{_ERRORS}'>ErrorServerBusy</e:ResponseCode>"
    f"<e:Message xmlns:e='{_ERRORS}'>busy</e:Message>"
    "<t:MessageXml><t:Value Name='BackOffMilliseconds'>1500</t:Value></t:MessageXml>"
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


@dataclass
class Item:
    """A message in the mailbox."""

    mark: str
    mime: bytes
    recipients: tuple[str, ...]
    folder: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass
class EwsServer:
    """`with EwsServer(certificates, user, password) as server`; each request uses up one of `faults` (None: none)."""

    certificates: Path
    user: str
    password: str = field(repr=False)
    faults: deque[Fault | None] = field(default_factory=deque)
    items: list[Item] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list, repr=False)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"server_double": self})
        self._server = _Server((ADDRESSES[0], 0), handler)
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

    @property
    def port(self) -> int:
        """Where it listens, on the first of the lab's addresses."""
        return int(self._server.server_address[1])

    @property
    def sent(self) -> list[Item]:
        """What was sent, in order."""
        return [one for one in self.items if one.folder == "sentitems"]

    def perform(self, operation: str, request: ET.Element) -> str:
        """Do an operation and return the response message's inside, or raise KeyError(code)."""
        if operation == "GetFolder":
            return "".join(_folder(one.get("Id", "")) for one in request.iter(f"{T}DistinguishedFolderId"))
        if operation == "FindItem":
            return self._find(request)
        if operation == "CreateItem":
            return self._create(request)
        if operation == "SendItem":
            return self._send(request)
        raise KeyError("ErrorInvalidOperation")

    def _find(self, request: ET.Element) -> str:
        [place] = [one.get("Id") for tag in ("FolderId", "DistinguishedFolderId") for one in request.iter(T + tag)]
        mark = next(iter(request.iter(f"{T}Constant"))).get("Value")
        found = [one for one in self.items if (one.folder, one.mark) == (place, mark)]
        inside = "".join(f'<t:Message><t:ItemId Id="{one.id}" ChangeKey="1"/></t:Message>' for one in found)
        return (
            f'<m:RootFolder TotalItemsInView="{len(found)}" IncludesLastItemInRange="true" '
            f'IndexedPagingOffset="{len(found)}"><t:Items>{inside}</t:Items></m:RootFolder>'
        )

    def _create(self, request: ET.Element) -> str:
        disposition = request.get("MessageDisposition")
        folder = {"SaveOnly": "drafts"}.get(disposition or "", "sentitems")
        message = next(iter(request.iter(f"{T}Message")))
        recipients = tuple(one.text or "" for one in message.iter(f"{T}EmailAddress"))
        marks = [one.text or "" for one in message.iter(f"{T}Value")]
        mime = base64.b64decode(message.findtext(f"{T}MimeContent") or "")
        item = Item(marks[0] if marks else "", mime, recipients, folder)
        self.items.append(item)
        return f'<m:Items><t:Message><t:ItemId Id="{item.id}" ChangeKey="1"/></t:Message></m:Items>'

    def _send(self, request: ET.Element) -> str:
        wanted = next(iter(request.iter(f"{T}ItemId"))).get("Id")
        draft = next((one for one in self.items if one.id == wanted and one.folder == "drafts"), None)
        if draft is None:
            raise KeyError("ErrorItemNotFound")
        draft.folder, draft.id = "sentitems", uuid.uuid4().hex
        self.items.remove(draft)
        self.items.append(draft)
        return ""


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
        operation = re.sub(r"^\{.*\}", "", request.tag)
        double.operations.append(operation)
        self._serve(operation, request, double.faults.popleft() if double.faults else None)

    def _serve(self, operation: str, request: ET.Element, fault: Fault | None) -> None:
        if fault is Fault.DROP_BEFORE:
            self.close_connection = True
            return
        if fault is Fault.UNAVAILABLE:
            self._answer(503, b"")
            return
        if fault is Fault.BUSY:
            self._answer(500, _BUSY.encode(), ("Content-Type", "text/xml; charset=utf-8"))
            return
        if fault in {Fault.INVALID_RECIPIENTS, Fault.QUOTA}:
            self._say(operation, "", fault.value)
            return
        try:
            inside, code = self.server_double.perform(operation, request), "NoError"
        except KeyError as error:
            inside, code = "", str(error.args[0])
        if fault is Fault.DROP_AFTER:
            self.close_connection = True
            return
        self._say(operation, inside, fault.value if fault else code)

    def _say(self, operation: str, inside: str, code: str) -> None:
        error = "" if code == "NoError" else "<m:MessageText>no</m:MessageText>"
        words = (
            f"<m:{operation}ResponseMessage ResponseClass='{'Error' if error else 'Success'}'>{error}"
            f"<m:ResponseCode>{code}</m:ResponseCode>"
            f"{'' if error else inside}</m:{operation}ResponseMessage>"
        )
        soap = (
            f"{_ENVELOPE}<s:Header><t:ServerVersionInfo MajorVersion='15' "
            "MinorVersion='2' MajorBuildNumber='1118' MinorBuildNumber='7' Version='V2017_07_11'/></s:Header>"
            f"<s:Body><m:{operation}Response><m:ResponseMessages>{words}</m:ResponseMessages>"
            f"</m:{operation}Response></s:Body></s:Envelope>"
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


def _folder(name: str) -> str:
    inside = f'<t:FolderId Id="{name}" ChangeKey="1"/><t:DisplayName>{name}</t:DisplayName>'
    return f"<m:Folders><t:Folder>{inside}</t:Folder></m:Folders>"

"""A double of Exchange Web Services: one mailbox over TLS with basic authentication, and faults on order.

NTLM and Kerberos are not spoken: they are the business of requests' own plug-ins, below anything that is ours.
What the mailbox answers, and what of it is known or assumed, is in `ews_mailbox`.
"""

from __future__ import annotations

import base64
import re
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.lab.ews_mailbox import Answer, Item, M, Mailbox, RefusedError, T
from tests.lab.https import Handler, HttpsDouble
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
class EwsServer(HttpsDouble):
    """`with EwsServer(certificates, user, password) as server`; each request uses up one of `faults` (None: none)."""

    certificates: Path
    user: str
    password: str = field(repr=False)
    faults: deque[Fault | None] = field(default_factory=deque)
    mailbox: Mailbox = field(default_factory=lambda: Mailbox("mesa.ayuda@sinaloa.gob.mx"))
    operations: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list, repr=False)

    host = ADDRESSES[0]

    def handler(self) -> type[Handler]:
        """Return what answers."""
        return _Handler

    @property
    def items(self) -> list[Item]:
        """What is in the mailbox."""
        return self.mailbox.items

    @property
    def sent(self) -> list[Item]:
        """What was sent, in order."""
        return [one for one in self.items if one.folder == "sentitems"]


class _Handler(Handler):
    double: EwsServer

    def take(self, method: str, body: bytes) -> None:
        del method  # EWS knows POST alone
        double = self.double
        expected = base64.b64encode(f"{double.user}:{double.password}".encode()).decode()
        if self.headers["Authorization"] != f"Basic {expected}":
            self.answer(401, b"", ("WWW-Authenticate", 'Basic realm="ews"'))
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
            self.answer(503, b"")
            return
        if fault in _WAITS:
            self.answer(500, (_BUSY % _WAITS[fault]).encode(), ("Content-Type", "text/xml; charset=utf-8"))
            return
        if fault is Fault.UNZIPPABLE:
            self.answer(200, b"no", ("Content-Type", "text/xml"), ("Content-Encoding", "gzip"))
            return
        if fault in {Fault.INVALID_RECIPIENTS, Fault.QUOTA, Fault.DENIED, Fault.NO_FOLDER}:
            self._say(operation, _message(operation, "Error", fault.value))
            return
        try:
            answer = self.double.mailbox.perform(operation, request)
            kind, code = "Success" if answer.code == "NoError" else "Warning", answer.code
        except RefusedError as error:
            answer, kind, code = Answer(), "Error", error.code
        if fault is Fault.DROP_AFTER:
            self.close_connection = True
            return
        if fault is Fault.PAGE_AFTER:
            self.answer(502, b"<html>Bad gateway</html>", ("Content-Type", "text/html"))
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
        self.answer(200, soap.encode(), ("Content-Type", "text/xml; charset=utf-8"))


def _message(operation: str, kind: str, code: str, inside: str = "") -> str:
    """Return the response message; that of automatic replies has their settings beside it, not in it."""
    text = "" if kind == "Success" else "<m:MessageText>no</m:MessageText>"
    words = f"{text}<m:ResponseCode>{code}</m:ResponseCode>"
    if operation.endswith("OofSettings"):
        return f"<m:ResponseMessage ResponseClass='{kind}'>{words}</m:ResponseMessage>{inside}"
    name = f"m:{operation}ResponseMessage"
    return f"<m:ResponseMessages><{name} ResponseClass='{kind}'>{words}{inside}</{name}></m:ResponseMessages>"

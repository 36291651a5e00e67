"""The least server that pypsrp can talk to: WSMan over TLS, PSRP by psrpcore, and a function for cmdlets."""

import base64
import contextlib
import http.server
import itertools
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import psrpcore
from psrpcore.types import ErrorCategoryInfo, NETException, PSNoteProperty, PSObject

from reconciler.config import Exchange
from tests.lab.samba.certificates import issue_certificates

Parameters = Mapping[str, Any]
PASSWORD = "invento-31-Robles"  # noqa: S105 -- of nobody
_S = "http://www.w3.org/2003/05/soap-envelope"
_RSP = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
_ENVELOPE = (
    '<s:Envelope xmlns:s="{s}" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:rsp="{rsp}" '
    'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header><a:RelatesTo>{to}</a:RelatesTo></s:Header>'
    "<s:Body>{body}</s:Body></s:Envelope>"
)
_FAULT = (
    "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>{text}</s:Text></s:Reason><s:Detail>"
    '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="{code}">'
    "<f:Message>{text}</f:Message></f:WSManFault></s:Detail></s:Fault>"
)


class Hangup(Exception):  # noqa: N818 -- what it does
    """Close the connection without an answer."""


class Fault(Exception):  # noqa: N818 -- WSMan's own word
    """Answer with a WSMan fault."""

    def __init__(self, code: int, text: str = "texto del servidor") -> None:
        super().__init__(code)
        self.code, self.text = code, text


class Refused(Exception):  # noqa: N818 -- what it does
    """Write an ErrorRecord to the error stream."""

    def __init__(self, kind: str, message: str = "ана.внутр: не найдено", *, category: bool = True) -> None:
        super().__init__(kind)
        prefix = f"[Server=EX1,RequestId=1,TimeStamp=1] [FailureCategory=Cmdlet-{kind}] "
        self.fqid = f"{prefix if category else ''}1082ECE3,Microsoft.Exchange.X"
        self.error = NETException(Message=message, HResult=-2146233087)
        self.error.PSObject.type_names = [f"Microsoft.Exchange.{kind}", *self.error.PSTypeNames]


class StandIn(http.server.ThreadingHTTPServer):
    """`act` is what cmdlets do; `before` may raise at an action (Create, Command, Receive, Signal, Delete)."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.68", 0), _Handler)
        self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.pools: dict[str, psrpcore.ServerRunspacePool] = {}
        self.opened = self.most = 0
        self.ran: list[tuple[str, dict[str, Any]]] = []
        self.pipelines: dict[str, tuple[psrpcore.ServerPipeline, str, dict[str, Any]]] = {}
        self.act: Callable[[str, Parameters], list[Mapping[str, Any]]] = lambda *_: []
        self.before: Callable[[str], None] = lambda _: None
        self.status = 200
        self.lock = threading.RLock()

    def handle_error(self, *_: Any) -> None:
        """Keep the terminal clean of connections that tests cut."""

    def config(self, folder: Path, **more: Any) -> Exchange:
        secret = folder / "clave"
        secret.touch(mode=0o600)
        secret.write_text(PASSWORD, encoding="utf-8")
        given = {"servidor": "127.0.0.68", "puerto": self.server_address[1], "seguridad": "basico", "espera_s": 5}
        given |= {"ca": folder / "ca.pem", "usuario": "svc", "clave_archivo": secret}
        return Exchange.model_validate(given | more)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn
    wbufsize = -1

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        sent = ET.fromstring(self.rfile.read(int(self.headers["Content-Length"])))  # noqa: S314 -- our own client
        header = {one.tag.rpartition("}")[2]: one for one in sent.iter()}
        action = str(header["Action"].text).rpartition("/")[2]
        status = self.server.status
        try:
            if status != 200:
                raise Fault(0)  # noqa: TRY301 -- answered below, as the others are
            self.server.before(action)
            body = getattr(self, f"_{action.lower()}")(header)
        except Hangup:
            self.close_connection = True
            return
        except Fault as fault:
            body, status = _FAULT.format(code=fault.code, text=fault.text), 500 if status == 200 else status
        to = header["MessageID"].text
        answer = _ENVELOPE.format(s=_S, rsp=_RSP, to=to, body=body).encode() if status in {200, 500} else b"<html>"
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _create(self, header: Mapping[str, ET.Element]) -> str:
        pool, shell = psrpcore.ServerRunspacePool(), header["Shell"].attrib["ShellId"]
        with self.server.lock:
            self.server.pools[shell] = pool
            self.server.opened += 1
            self.server.most = max(self.server.most, len(self.server.pools))
        pool.receive_data(psrpcore.PSRPPayload(base64.b64decode(header["creationXml"].text or ""), *_TARGET))
        while pool.next_event():
            pass
        selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'
        return (
            '<x:ResourceCreated xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"><a:ReferenceParameters>'
            f"{selector}</a:ReferenceParameters></x:ResourceCreated><rsp:Shell><rsp:ShellId>{shell}</rsp:ShellId>"
            "</rsp:Shell>"
        )

    def _pool(self, header: Mapping[str, ET.Element]) -> psrpcore.ServerRunspacePool:
        with self.server.lock:
            pool = self.server.pools.get(str(header["Selector"].text))
        if pool is None:
            raise Fault(2150858843)
        return pool

    def _command(self, header: Mapping[str, ET.Element]) -> str:
        pool, number = self._pool(header), header["CommandLine"].attrib["CommandId"]
        pipeline = psrpcore.ServerPipeline(pool, uuid.UUID(number))
        data = base64.b64decode(header["Arguments"].text or "")
        pool.receive_data(psrpcore.PSRPPayload(data, psrpcore.StreamType.default, uuid.UUID(number)))
        event = pool.next_event()
        assert isinstance(event, psrpcore.CreatePipelineEvent)
        (command,) = event.pipeline.commands
        assert not command.is_script
        parameters = {str(name): value for name, value in command.parameters}
        self.server.pipelines[number] = pipeline, command.command_text, parameters
        return f"<rsp:CommandResponse><rsp:CommandId>{number}</rsp:CommandId></rsp:CommandResponse>"

    def _receive(self, header: Mapping[str, ET.Element]) -> str:
        pool, number = self._pool(header), header["DesiredStream"].attrib.get("CommandId")
        if number:
            self._run(*self.server.pipelines[number])
        data = b""
        while payload := pool.data_to_send(500_000):
            data += payload.data
        named = f' CommandId="{number}"' if number else ""
        done = f'<rsp:CommandState{named} State="{_RSP}/CommandState/Done"/>' if number else ""
        stream = f'<rsp:Stream Name="stdout"{named}>{base64.b64encode(data).decode()}</rsp:Stream>'
        return f"<rsp:ReceiveResponse>{stream}{done}</rsp:ReceiveResponse>"

    def _run(self, pipeline: psrpcore.ServerPipeline, cmdlet: str, parameters: dict[str, Any]) -> None:
        pipeline.start()
        self.server.ran.append((cmdlet, parameters))
        try:
            for properties in self.server.act(cmdlet, parameters):
                output = PSObject()
                for name, value in properties.items():
                    output.PSObject.adapted_properties.append(PSNoteProperty(name, value))
                output.PSObject.type_names = ["Microsoft.Exchange.X", "System.Object"]
                pipeline.write_output(output)
        except Refused as refused:
            pipeline.write_error(refused.error, ErrorCategoryInfo(), fully_qualified_error_id=refused.fqid)
        pipeline.complete()

    def _signal(self, header: Mapping[str, ET.Element]) -> str:
        pipeline, *_ = self.server.pipelines.pop(header["Signal"].attrib["CommandId"])
        pipeline.close()
        return "<rsp:SignalResponse/>"

    def _delete(self, header: Mapping[str, ET.Element]) -> str:
        with self.server.lock:
            self.server.pools.pop(str(header["Selector"].text), None)
        return ""


_TARGET = psrpcore.StreamType.default, None


@contextlib.contextmanager
def standing_in(folder: Path) -> Iterator[StandIn]:
    """Serve on 127.0.0.68 with a certificate of an authority of its own, in `folder`."""
    issue_certificates(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with StandIn(tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def first_times(action: str, *errors: Exception) -> Callable[[str], None]:
    """Return a `before` that raises these at the first occasions of an action, and lets the rest pass."""
    left = itertools.chain(errors)

    def before(now: str) -> None:
        error = next(left, None) if now == action else None
        if error:
            raise error

    return before


def slow(seconds: float) -> Callable[[str, Parameters], list[Mapping[str, Any]]]:
    """Return an `act` that takes its time."""

    def act(*_: Any) -> list[Mapping[str, Any]]:
        time.sleep(seconds)
        return []

    return act

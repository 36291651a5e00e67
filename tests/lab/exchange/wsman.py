"""WS-Management envelopes: requests taken apart, answers and faults put together.

Known: the element structure of the answers is that of a Windows Server 2016 as recorded in pypsrp's tests (which
prefixes, which order, one Stream element per message, ExitCode in CommandState). Assumed: that Exchange's own
provider, which sits behind IIS, answers with the same envelopes.
"""

import base64
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

S = "{http://www.w3.org/2003/05/soap-envelope}"
A = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
W = "{http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd}"
RSP = "{http://schemas.microsoft.com/wbem/wsman/1/windows/shell}"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
FAULT_DETAIL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail"
ADDRESSING_FAULT = "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault"
PROVIDER_PATH = r"%systemroot%\system32\WsmSvc.dll"
EXCHANGE_RESOURCE = "http://schemas.microsoft.com/powershell/Microsoft.Exchange"

TIMED_OUT = 2150858793
UNEXPECTED_SELECTORS = 2150858843
UNKNOWN_RESOURCE = 2150858811
UNSUPPORTED = 2150858752
QUOTA_USER = 2150859175
ACCESS_DENIED = 5

_ENVELOPE = (
    '<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer" '
    'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
    'xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell" '
    'xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd">'
    "<s:Header><a:Action>{action}</a:Action><a:MessageID>uuid:{message_id}</a:MessageID>"
    "<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>"
    "<a:RelatesTo>{relates_to}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
)


@dataclass(frozen=True)
class Request:
    """One request: what is asked, of which shell and command, and the body."""

    action: str
    message_id: str
    resource: str
    shell_id: str
    timeout: float
    envelope_bytes: int
    body: ET.Element = field(repr=False)

    @property
    def verb(self) -> str:
        return self.action.rpartition("/")[2]

    @property
    def command_id(self) -> str:
        """The command that the body names, in capitals; empty when it is the shell's own."""
        holders = (element.get("CommandId") for element in self.body.iter())
        return next((one.upper() for one in holders if one), "")

    @property
    def new_shell_id(self) -> str:
        """The name that the client gives to the shell it asks for; one of ours where it gives none."""
        shell = self.body.find(f"{RSP}Shell")
        given = shell.get("ShellId") if shell is not None else None
        return (given or str(uuid.uuid4())).upper()

    @property
    def idle_seconds(self) -> float | None:
        """How long the client wants the new shell kept while nobody uses it."""
        wanted = re.fullmatch(r"PT([\d.]+)S", self.body.findtext(f".//{RSP}IdleTimeOut", ""))
        return float(wanted[1]) if wanted else None

    def payload(self, name: str) -> bytes:
        """Decode the base64 text of the body's elements of that name."""
        texts = (element.text or "" for element in self.body.iter() if element.tag.endswith(f"}}{name}"))
        return b"".join(base64.b64decode(text) for text in texts)


class FaultError(Exception):
    """A WSManFault that the client is to get, by its number; `detail` is what WS-Management calls the case."""

    def __init__(self, code: int, subcode: str, reason: str, detail: str = "", provider: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.subcode = subcode
        self.reason = reason
        self.detail = detail
        self.provider = provider


def timed_out() -> FaultError:
    reason = (
        "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  "
    )
    return FaultError(TIMED_OUT, "w:TimedOut", reason)


def no_such_shell() -> FaultError:
    reason = (
        "The WS-Management service cannot process the request because the request contained invalid selectors for "
        "the resource. "
    )
    return FaultError(
        UNEXPECTED_SELECTORS, "w:InvalidSelectors", reason, "UnexpectedSelectors", provider="Shell provider"
    )


def unknown_resource() -> FaultError:
    reason = (
        "The WS-Management service cannot process the request. The resource URI is missing or it has an incorrect "
        "format. Check the documentation or use the following command for information on how to construct a resource "
        'URI: "winrm help uris". '
    )
    return FaultError(UNKNOWN_RESOURCE, "a:DestinationUnreachable", reason, "InvalidResourceURI")


def unsupported() -> FaultError:
    return FaultError(UNSUPPORTED, "a:ActionNotSupported", "The action is not supported.")


def over_quota(milliseconds: str) -> FaultError:
    reason = (
        "The WS-Management service cannot process the request. The user load quota of 1000 requests per 2 seconds "
        "has been exceeded. Send future requests at a slower rate or raise the user quota. The next request from "
        f"this user will not be approved for at least {milliseconds} milliseconds."
    )
    return FaultError(QUOTA_USER, "w:QuotaLimit", reason)


def too_many_runspaces(limit: int) -> FaultError:
    reason = (
        f"[AuthZRequestId={uuid.uuid4()}][FailureCategory=AuthZ-AuthorizationException] Fail to create a runspace "
        f"because you have exceeded the maximum number of connections allowed : {limit} for the policy party : "
        "MaxConcurrency. Please close existing runspace and try again.\n"
        "Policy: CN=GlobalThrottlingPolicy_0f1e2d3c,CN=Global Settings,CN=Sinaloa,CN=Microsoft Exchange; \n"
        f"Snapshot: Owner:\tSid~S-1-5-21-1-2-3-1105~WSMan~false\nBudgetType:\tWSMan\n"
        f"ActiveRunspaces:\t{limit}/{limit}\nMaxRunspacesTimePeriod:\tUnlimited"
    )
    return FaultError(ACCESS_DENIED, "w:AccessDenied", reason)


def parse(text: bytes) -> Request:
    """Take a request apart; the operation timeout is in seconds."""
    envelope = ET.fromstring(text)  # noqa: S314 - only the tests talk to this server
    header, body = envelope.find(f"{S}Header"), envelope.find(f"{S}Body")
    if header is None or body is None:
        raise FaultError(ACCESS_DENIED, "s:Sender", "Header or Body is missing.")
    duration = re.fullmatch(r"PT([\d.]+)S", header.findtext(f"{W}OperationTimeout", "PT20S"))
    selectors = {one.get("Name"): one.text or "" for one in header.iter(f"{W}Selector")}
    return Request(
        header.findtext(f"{A}Action", ""),
        header.findtext(f"{A}MessageID", ""),
        header.findtext(f"{W}ResourceURI", ""),
        selectors.get("ShellId", "").upper(),
        float(duration[1]) if duration else 20.0,
        int(header.findtext(f"{W}MaxEnvelopeSize", "153600")),
        body,
    )


def answer(request: Request, body: str = "") -> bytes:
    return _envelope(f"{request.action}Response", request.message_id, body)


def fault(message_id: str, error: FaultError) -> bytes:
    """Word a fault; sent with status 500."""
    reason = escape(error.reason)
    sender = "s:Receiver" if error.code == TIMED_OUT else "s:Sender"
    detail = f"<w:FaultDetail>{FAULT_DETAIL}/{error.detail}</w:FaultDetail>" if error.detail else ""
    inside = _wsman_fault(error.code, reason)
    if error.provider:
        named = f"provider={quoteattr(error.provider)} path={quoteattr(PROVIDER_PATH)}"
        inside = _wsman_fault(error.code, f"<f:ProviderFault {named}>{inside}</f:ProviderFault>")
    body = (
        f"<s:Fault><s:Code><s:Value>{sender}</s:Value><s:Subcode><s:Value>{error.subcode}</s:Value></s:Subcode>"
        f'</s:Code><s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
        f"<s:Detail>{detail}{inside}</s:Detail></s:Fault>"
    )
    return _envelope(ADDRESSING_FAULT if error.subcode.startswith("a:") else FAULT_ACTION, message_id, body)


def _wsman_fault(code: int, message: str) -> str:
    return (
        '<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
        f'Code="{code}" Machine="ex1.lab.sinaloa.test"><f:Message>{message}</f:Message></f:WSManFault>'
    )


def created(request: Request, address: str, shell_id: str, owner: str, idle_seconds: float) -> bytes:
    resource = escape(request.resource)
    body = (
        f"<x:ResourceCreated><a:Address>{escape(address)}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{resource}</w:ResourceURI><w:SelectorSet>"
        f'<w:Selector Name="ShellId">{shell_id}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
        "</x:ResourceCreated>"
        f"{_shell(resource, shell_id, owner, idle_seconds)}"
    )
    return answer(request, body)


def described(request: Request, shell_id: str, owner: str, idle_seconds: float) -> bytes:
    more = {"MemoryUsed": "58MB", "ChildProcesses": "0"}
    return answer(request, _shell(EXCHANGE_RESOURCE, shell_id, owner, idle_seconds, more))


def received(request: Request, messages: list[bytes], *, done: bool) -> bytes:
    """Give each message a Stream element of its own, and say in the last answer that the command is done."""
    command_id = request.command_id
    attribute = f" CommandId={quoteattr(command_id)}" if command_id else ""
    streams = "".join(
        f'<rsp:Stream Name="stdout"{attribute}>{base64.b64encode(message).decode()}</rsp:Stream>'
        for message in messages
    )
    state = (
        f'<rsp:CommandState{attribute} State="{SHELL}/CommandState/Done">'
        "<rsp:ExitCode>0</rsp:ExitCode></rsp:CommandState>"
        if done
        else ""
    )
    return answer(request, f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>")


def _shell(
    resource: str, shell_id: str, owner: str, idle_seconds: float, more: Mapping[str, str] = MappingProxyType({})
) -> str:
    fields = {
        "ShellId": shell_id, "ResourceUri": resource, "Owner": escape(owner), "ClientIP": "127.0.0.1",
        "ProcessId": "4242", "IdleTimeOut": f"PT{idle_seconds:.3f}S", "InputStreams": "stdin pr",
        "OutputStreams": "stdout", "MaxIdleTimeOut": "PT2147483.647S", "Locale": "en-US", "DataLocale": "en-US",
        "CompressionMode": "NoCompression", "ProfileLoaded": "Yes", "Encoding": "UTF8", "BufferMode": "Block",
        "State": "Connected", "ShellRunTime": "P0DT0H0M0S", "ShellInactivity": "P0DT0H0M0S", **more,
    }  # fmt: skip
    return f"<rsp:Shell>{''.join(f'<rsp:{name}>{value}</rsp:{name}>' for name, value in fields.items())}</rsp:Shell>"


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    message_id = str(uuid.uuid4()).upper()
    return _ENVELOPE.format(action=action, message_id=message_id, relates_to=relates_to, body=body).encode()

"""The double's envelopes have the structure of a real server's.

The outlines below are facts taken from recordings in pypsrp's tests (jborean93/pypsrp, tests/tests_pypsrp/responses):
test_psrp_long_running_cmdlet and test_psrp_with_input of a Windows Server 2016, test_psrp_multiple_invocations and
test_psrp_is_alive_invalid_selectors of a newer Windows. They say which elements there are, in which order, with which
attributes; `*` stands for a value of the occasion. Left out is p:ActivityId, which only some of the recordings have.
No recording of an Exchange server is known to us.
"""

import base64
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool

from tests.exchange.shells import everything, exchange_over_tls, puts_out
from tests.lab.bare_client import Exchanged, overheard, pool_on, wire

PREFIXES = {
    "http://www.w3.org/2003/05/soap-envelope": "s",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing": "a",
    "http://schemas.xmlsoap.org/ws/2004/09/transfer": "x",
    "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd": "w",
    "http://schemas.microsoft.com/wbem/wsman/1/windows/shell": "rsp",
    "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault": "f",
    "http://www.w3.org/XML/1998/namespace": "xml",
}
OF_THE_OCCASION = re.compile(r"^(CommandId|Machine)=.*")

HEADER = """\
s:Envelope xml:lang=en-US
 s:Header
  a:Action
  a:MessageID
  a:To
  a:RelatesTo
 s:Body
"""
SHELL_FIELDS = """\
   rsp:ShellId
   rsp:ResourceUri
   rsp:Owner
   rsp:ClientIP
   rsp:ProcessId
   rsp:IdleTimeOut
   rsp:InputStreams
   rsp:OutputStreams
   rsp:MaxIdleTimeOut
   rsp:Locale
   rsp:DataLocale
   rsp:CompressionMode
   rsp:ProfileLoaded
   rsp:Encoding
   rsp:BufferMode
   rsp:State
   rsp:ShellRunTime
   rsp:ShellInactivity
"""
CREATE = f"""\
{HEADER}  x:ResourceCreated
   a:Address
   a:ReferenceParameters
    w:ResourceURI
    w:SelectorSet
     w:Selector Name=ShellId
  rsp:Shell
{SHELL_FIELDS}"""
GET = f"""\
{HEADER}  rsp:Shell
{SHELL_FIELDS}   rsp:MemoryUsed
   rsp:ChildProcesses
"""
COMMAND = f"""\
{HEADER}  rsp:CommandResponse
   rsp:CommandId
"""
RECEIVE_OF_THE_POOL = f"""\
{HEADER}  rsp:ReceiveResponse
   rsp:Stream Name=stdout
"""
RECEIVE_OF_A_COMMAND = f"""\
{HEADER}  rsp:ReceiveResponse
   rsp:Stream Name=stdout CommandId=*
   rsp:Stream Name=stdout CommandId=*
   rsp:CommandState CommandId=* State=http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done
    rsp:ExitCode
"""
SEND = f"{HEADER}  rsp:SendResponse\n"
SIGNAL = f"{HEADER}  rsp:SignalResponse\n"
DELETE = HEADER
FAULT = f"""\
{HEADER}  s:Fault
   s:Code
    s:Value
    s:Subcode
     s:Value
   s:Reason
    s:Text xml:lang=en-US
   s:Detail
"""
TIMED_OUT = f"""\
{FAULT}    f:WSManFault Code=2150858793 Machine=*
     f:Message
"""
NO_SUCH_SHELL = rf"""{FAULT}    w:FaultDetail
    f:WSManFault Code=2150858843 Machine=*
     f:Message
      f:ProviderFault provider=Shell provider path=%systemroot%\system32\WsmSvc.dll
       f:WSManFault Code=2150858843 Machine=*
        f:Message
"""
ACTIONS = {
    "Create": "http://schemas.xmlsoap.org/ws/2004/09/transfer/CreateResponse",
    "Get": "http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse",
    "Delete": "http://schemas.xmlsoap.org/ws/2004/09/transfer/DeleteResponse",
    "Command": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandResponse",
    "Receive": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/ReceiveResponse",
    "Send": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/SendResponse",
    "Signal": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/SignalResponse",
}
STREAM = "{http://schemas.microsoft.com/wbem/wsman/1/windows/shell}Stream"
FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> list[Exchanged]:
    """Give everything that is said from a pool's opening to its end, a slow cmdlet and a long one among it."""
    folder = tmp_path_factory.mktemp("exchange")
    with exchange_over_tls(folder) as exchange, wire(exchange, folder, timeout=1) as connection:
        exchange.cmdlets = everything(puts_out({"Name": "B1"}))
        exchange.faults.order("slow", "Get-Mailbox", value=1.2)
        said = overheard(connection)
        pool = pool_on(connection)
        pool.open()
        for name, text in (("Get-Mailbox", "short"), ("Set-Mailbox", "long" * 200_000)):
            with PowerShell(pool) as pipeline:
                pipeline.add_cmdlet(name).add_parameter("Text", text).invoke()
        assert pool.is_alive()
        pool.close()
        ask_for_what_is_gone(pool)
    return said


def ask_for_what_is_gone(pool: RunspacePool) -> None:
    with pytest.raises(WSManFaultError, match="invalid selectors"):
        pool.shell._get_shell()  # noqa: SLF001 -- what is_alive asks, which hides the fault


def outline(answer: bytes) -> str:
    """Draw the elements, one a line, with their attributes."""
    return "".join(_lines(ET.fromstring(answer), 0))  # noqa: S314 -- our own server's


def _lines(element: ET.Element, depth: int) -> Iterator[str]:
    attributes = [OF_THE_OCCASION.sub(r"\1=*", f"{_short(name)}={value}") for name, value in element.attrib.items()]
    yield " " * depth + " ".join([_short(element.tag), *attributes]) + "\n"
    for child in element:
        yield from _lines(child, depth + 1)


def _short(name: str) -> str:
    namespace, _, local = name.removeprefix("{").rpartition("}")
    return f"{PREFIXES[namespace]}:{local}" if namespace else local


def outlines(heard: list[Exchanged], verb: str) -> set[str]:
    """Draw the answers to a verb; how many of the pool's own messages come in one differs among the recordings."""
    return {
        re.sub(r"(   rsp:Stream Name=stdout\n)+", r"\1", outline(one.answer)) for one in heard if one.verb == verb
    }


@pytest.mark.parametrize(
    ("verb", "recorded"),
    [
        ("Create", {CREATE}),
        ("Get", {GET, NO_SUCH_SHELL}),
        ("Command", {COMMAND}),
        ("Receive", {RECEIVE_OF_THE_POOL, RECEIVE_OF_A_COMMAND, TIMED_OUT}),
        ("Send", {SEND}),
        ("Signal", {SIGNAL}),
        ("Delete", {DELETE}),
    ],
)
def test_every_answer_has_the_structure_that_was_recorded(
    verb: str, recorded: set[str], heard: list[Exchanged]
) -> None:
    assert outlines(heard, verb) == recorded


def test_every_answer_names_its_action_and_what_it_relates_to(heard: list[Exchanged]) -> None:
    addressing = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
    for one in heard:
        request, answer = ET.fromstring(one.request), ET.fromstring(one.answer)  # noqa: S314 -- both ours
        fault = answer.find(".//{http://www.w3.org/2003/05/soap-envelope}Fault") is not None
        assert answer.findtext(f".//{addressing}Action") == (FAULT_ACTION if fault else ACTIONS[one.verb])
        assert answer.findtext(f".//{addressing}RelatesTo") == request.findtext(f".//{addressing}MessageID")
        assert re.fullmatch(r"uuid:[0-9A-F-]{36}", answer.findtext(f".//{addressing}MessageID", ""))


def test_every_message_travels_in_a_stream_of_its_own(heard: list[Exchanged]) -> None:
    streams = [
        base64.b64decode(stream.text or "")
        for one in heard
        if one.verb == "Receive"
        for stream in ET.fromstring(one.answer).iter(STREAM)  # noqa: S314 -- our own server's
    ]
    assert len(streams) == 3 + 2 * 2  # capability, private data and state of the pool; object and end of two cmdlets
    assert [len(one) for one in streams] == [21 + int.from_bytes(one[17:21], "big") for one in streams]

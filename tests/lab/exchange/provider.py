"""What the shell's provider does with each request of WSMan's: shells opened, fed, listened to and closed.

Known: the text of the limit of runspaces (Exchange Online's), 18 of them on premises, the numbers of the faults.
Assumed: that the limit is told when the shell is created, under the number of an access denied; that the quota's
answer has the words of a printed one; that a shell unused for 15 minutes is given up.
"""

import threading
import uuid
from collections.abc import Callable

from tests.lab.exchange import wsman
from tests.lab.exchange.faults import Faults, HangUpError
from tests.lab.exchange.shell import Invocation, Shell
from tests.lab.exchange.wsman import FaultError, Request

LIMIT = 18
IDLE_SECONDS = 900.0
_ENVELOPE_MARGIN_BYTES = 8_192


class StatusError(Exception):
    """The answer is a bare HTTP status: it does not come from the shell."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Provider:
    """The shells of every user; several requests may be answered at once.

    `opened` counts the shells that ever were, `most` those that were open at once.
    """

    def __init__(self, run: Callable[[Invocation], None], faults: Faults, limit: int, idle_seconds: float) -> None:
        self.shells: dict[str, Shell] = {}
        self.opened = self.most = 0
        self._run = run
        self._faults = faults
        self._limit, self._idle_seconds = limit, idle_seconds
        self._lock = threading.Lock()
        self._verbs = {
            "Create": self._create, "Command": self._command, "Send": self._send, "Receive": self._receive,
            "Signal": self._signal, "Delete": self._delete, "Get": self._get,
        }  # fmt: skip

    def answer(self, request: Request, owner: str, address: str) -> bytes:
        """Do what is asked and word the answer; `address` is where the client thinks we are.

        Raises FaultError, HangUpError or StatusError instead.
        """
        self._give_up_idle()
        self._disturb(request.verb)
        if request.verb not in self._verbs:
            raise wsman.unsupported()
        body = self._verbs[request.verb](request, owner, address)
        if self._faults.take("drop_after", request.verb) is not None:
            raise HangUpError
        return body

    def close(self) -> None:
        """Give up every shell, waking whoever waits for one."""
        with self._lock:
            shells, self.shells = list(self.shells.values()), {}
        for shell in shells:
            shell.close()

    def _disturb(self, name: str) -> None:
        if (status := self._faults.take("http", name)) is not None:
            raise StatusError(int(status))
        if self._faults.take("drop_before", name) is not None:
            raise HangUpError
        if (milliseconds := self._faults.take("back_off", name)) is not None:
            raise wsman.over_quota(milliseconds)
        if self._faults.take("runspaces", name) is not None:
            raise wsman.too_many_runspaces(self._limit)

    def _give_up_idle(self) -> None:
        with self._lock:
            idle = [shell for shell in self.shells.values() if shell.is_idle]
            for shell in idle:
                del self.shells[shell.shell_id]
        for shell in idle:
            shell.close()

    def _shell(self, request: Request, owner: str) -> Shell:
        with self._lock:
            shell = self.shells.get(request.shell_id)
        if shell is None or shell.owner != owner:
            raise wsman.no_such_shell()
        return shell

    def _create(self, request: Request, owner: str, address: str) -> bytes:
        if request.resource.casefold() != wsman.EXCHANGE_RESOURCE.casefold():
            raise wsman.unknown_resource()
        idle_seconds = min(request.idle_seconds or self._idle_seconds, self._idle_seconds)
        shell = Shell(request.new_shell_id, owner, idle_seconds)
        with self._lock:
            if sum(one.owner == owner for one in self.shells.values()) >= self._limit:
                raise wsman.too_many_runspaces(self._limit)
            self.shells[shell.shell_id] = shell
            self.opened += 1
            self.most = max(self.most, len(self.shells))
        self._feed(shell, request.payload("creationXml"))
        return wsman.created(request, address, shell.shell_id, owner, idle_seconds)

    def _command(self, request: Request, owner: str, _: str) -> bytes:
        shell = self._shell(request, owner)
        command_id = request.command_id or str(uuid.uuid4()).upper()
        shell.expect(command_id)
        self._feed(shell, request.payload("Arguments"))
        named = f"<rsp:CommandId>{command_id}</rsp:CommandId>"
        return wsman.answer(request, f"<rsp:CommandResponse>{named}</rsp:CommandResponse>")

    def _send(self, request: Request, owner: str, _: str) -> bytes:
        self._feed(self._shell(request, owner), request.payload("Stream"))
        return wsman.answer(request, "<rsp:SendResponse/>")

    def _feed(self, shell: Shell, data: bytes) -> None:
        for invocation in shell.feed(data):
            try:
                self._disturb(invocation.name)
            except (FaultError, HangUpError, StatusError):
                shell.release(invocation.command_id)
                raise
            if self._faults.take("drop_after", invocation.name) is not None:
                shell.lose(invocation.command_id)
            invocation.start(self._run)

    def _receive(self, request: Request, owner: str, _: str) -> bytes:
        shell = self._shell(request, owner)
        most_bytes = (request.envelope_bytes - _ENVELOPE_MARGIN_BYTES) * 3 // 4  # base64
        heard = shell.receive(request.command_id, request.timeout, most_bytes)
        if heard is None:
            raise wsman.no_such_shell() if shell.closed else wsman.timed_out()
        messages, done = heard
        return wsman.received(request, messages, done=done)

    def _signal(self, request: Request, owner: str, _: str) -> bytes:
        self._shell(request, owner).release(request.command_id)
        return wsman.answer(request, "<rsp:SignalResponse/>")

    def _delete(self, request: Request, owner: str, _: str) -> bytes:
        shell = self._shell(request, owner)
        with self._lock:
            self.shells.pop(shell.shell_id, None)
        shell.close()
        return wsman.answer(request)

    def _get(self, request: Request, owner: str, _: str) -> bytes:
        shell = self._shell(request, owner)
        return wsman.described(request, shell.shell_id, owner, shell.idle_seconds)

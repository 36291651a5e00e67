"""Everybody else in front of Active Directory and Exchange, with whatever only they can see of a mailbox."""

# mypy: allow-untyped-calls
# (types-ldap3 leaves add, modify, modify_dn and delete without types)

from __future__ import annotations

import html
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reconciler.engine.ports import Target
from reconciler.joined import ExchangeTarget
from reconciler.letter import Message
from reconciler.model import Account
from tests.conformance.outsiders import SambaOutsider, samba, samba_config
from tests.lab.exchange.cmdlet import Call
from tests.lab.exchange.double import ExchangeDouble
from tests.lab.samba.domain import EXCHANGE_DATABASES, EXCHANGE_DATABASES_DN


def greeting(account: Account) -> Message:
    """Write a new mailbox's first message."""
    return Message(mark=f"hola/{account.key}", to=(account.address,), subject="Hola", text="Hola.\n")


@dataclass(kw_only=True)
class ExchangeOutsider(SambaOutsider):
    """Writes to the laboratory's domain controller, and asks its Exchange, as their administrator."""

    exchange: ExchangeDouble
    mailboxes: bool = True
    heard: list[str] = field(default_factory=list)

    def open(self) -> Target:
        return self.opened()

    def opened(self, **changes: object) -> ExchangeTarget:
        """Return another instance of the target, with a section `exchange` that is other in something."""
        section = self.exchange.config(**changes)
        config = samba_config(self.controller, exchange=section)
        target = ExchangeTarget(config, greeting, self.heard.append)
        self._opened.append(target)
        return target

    def mailbox_id(self, guid: str) -> str | None:
        found = self._raw(f"<GUID={guid}>", "msExchMailboxGuid")
        return str(uuid.UUID(bytes_le=found[0])) if found else None

    def answer(self, guid: str) -> str | None:
        [found] = self.ask("Get-MailboxAutoReplyConfiguration", Identity=guid)
        return None if found["AutoReplyState"] == "Disabled" else html.unescape(found["InternalMessage"])

    def purge(self, guid: str) -> None:
        [mark] = self.values(guid, "adminDescription")["adminDescription"]
        mailbox = next(word.partition("=")[2] for word in mark.split() if word.startswith("buzon="))
        done = [self.admin.delete(f"CN={mailbox},CN={name},{EXCHANGE_DATABASES_DN}") for name in EXCHANGE_DATABASES]
        assert any(done), self.admin.result

    def ask(self, cmdlet: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run a cmdlet of the double's without the wire, and return the properties of what it puts out."""
        call = Call(cmdlet, parameters, lambda *_: True, lambda _: None)
        return [
            {one.name: one.get_value(found) for one in found.PSObject.adapted_properties}
            for found in self.exchange.shell.cmdlets[cmdlet](call)
        ]


@contextmanager
def exchange(double: ExchangeDouble) -> Iterator[ExchangeOutsider]:
    """The laboratory's directory and Exchange, as they were when new."""
    with samba(double.controller) as plain:
        double.reset()
        outsider = ExchangeOutsider(plain.controller, plain.admin, plain.config, exchange=double)
        try:
            yield outsider
        finally:
            outsider.close_targets()

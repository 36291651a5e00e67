"""Mailboxes through Exchange's own cmdlets: written here, read by LDAP in the directory.

Every cmdlet names its object by GUID (an address may belong to two) and the controller that LDAP writes to, and
confirms beforehand: a question could not be answered over the wire.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reconciler.config import Exchange
from reconciler.errors import TargetRejectedError
from reconciler.exchange.records import CmdletMissingError
from reconciler.exchange.settings import parameters_for
from reconciler.exchange.shell import Shell
from reconciler.model import MailboxKind
from reconciler.plan import FieldValue

HERE = (
    "Connect-Mailbox",
    "Disable-Mailbox",
    "Enable-Mailbox",
    "Get-MailboxDatabase",
    "Get-MailboxStatistics",
    "Set-CASMailbox",
    "Set-Mailbox",
    "Set-MailboxAutoReplyConfiguration",
)
REMOTE = ("Disable-RemoteMailbox", "Enable-RemoteMailbox", "Set-RemoteMailbox")

_SWITCHES: Mapping[MailboxKind, str] = {
    MailboxKind.SHARED: "Shared",
    MailboxKind.ROOM: "Room",
    MailboxKind.EQUIPMENT: "Equipment",
}


class Mailboxes:
    """What is done to mailboxes; objects are named by objectGUID in text. Raises only `TargetError`s.

    `domain_controller` says, each time, which one LDAP writes to.
    """

    def __init__(self, shell: Shell, config: Exchange, domain_controller: Callable[[], str]) -> None:
        self._shell = shell
        self._config = config
        self._domain_controller = domain_controller

    def needed(self) -> frozenset[str]:
        """Return the cmdlets that this configuration makes use of."""
        return frozenset((*HERE, *REMOTE) if self._config.dominio_remoto else HERE)

    def available(self) -> frozenset[str]:
        """Return those of the needed cmdlets that the service account's role may run."""
        return frozenset(filter(self._may_run, sorted(self.needed())))

    def enable(self, guid: str, *, alias: str, address: str, kind: MailboxKind) -> None:
        """Give a user a mailbox of a kind: in Exchange Online where `dominio_remoto` is set, here otherwise."""
        parameters = {"Alias": alias, "PrimarySmtpAddress": address, **_of_kind(kind)}
        if self._config.dominio_remoto:
            parameters["RemoteRoutingAddress"] = f"{alias}@{self._config.dominio_remoto}"
            self._write("Enable-RemoteMailbox", guid, **parameters)
            return
        if self._config.base_datos:
            parameters["Database"] = self._config.base_datos
        self._write("Enable-Mailbox", guid, **parameters)

    def settle(self, guid: str, values: Mapping[str, FieldValue], *, remote: bool) -> None:
        """Give a mailbox these values (fields of `Mailbox`, `remote` not among them), all in one cmdlet."""
        parameters = parameters_for(guid, values, remote=remote)
        if parameters:
            self._write(_set(remote=remote), guid, **parameters)

    def change_addresses(self, guid: str, added: Iterable[str], removed: Iterable[str], *, remote: bool) -> None:
        """Add and remove further addresses; X400, SIP and X500 ones stay, and so does the primary one."""
        lists = {"Add": [f"smtp:{one}" for one in added], "Remove": [f"smtp:{one}" for one in removed]}
        changes = {name: values for name, values in lists.items() if values}
        if changes:
            self._write(_set(remote=remote), guid, EmailAddresses=changes)

    def set_primary(self, guid: str, address: str, *, remote: bool) -> None:
        """Make an address the primary one, no longer given by a policy; the former one stays as a further address."""
        self._write(_set(remote=remote), guid, PrimarySmtpAddress=address, EmailAddressPolicyEnabled=False)

    def protocols(self, guid: str) -> None:
        """Open and close the ways in as the configuration says."""
        ways = self._config.protocolos
        self._write(
            "Set-CASMailbox",
            guid,
            OWAEnabled=ways.owa,
            MAPIEnabled=ways.mapi,
            EwsEnabled=ways.ews,
            ActiveSyncEnabled=ways.activesync,
            ImapEnabled=ways.imap,
            PopEnabled=ways.pop,
        )

    def answer(self, guid: str, text: str | None) -> None:
        """Answer whatever arrives, from inside and outside, with a plain text; None: no longer."""
        parameters: dict[str, Any] = {"AutoReplyState": "Disabled"}
        if text is not None:
            message = html.escape(text).replace("\n", "<br>")
            parameters = {
                "AutoReplyState": "Enabled",
                "InternalMessage": message,
                "ExternalMessage": message,
                "ExternalAudience": "All",
            }
        self._write("Set-MailboxAutoReplyConfiguration", guid, **parameters)

    def disable(self, guid: str, *, remote: bool) -> None:
        """Take the mailbox off its user, who stays but loses every address; its database keeps it for a while."""
        self._write("Disable-RemoteMailbox" if remote else "Disable-Mailbox", guid)

    def connect(
        self, mailbox_guid: str, *, user_guid: str, alias: str, kind: MailboxKind, database: str | None = None
    ) -> None:
        """Give a user a disconnected mailbox, as one of a kind; without `database` it is looked for in all of them.

        Exchange gives it the address of a policy, whatever it had before: the wanted ones have to be set afterwards.

        Raises:
            TargetRejectedError: no database has it, disconnected.

        """
        found = database or self._database_of(mailbox_guid)
        self._write("Connect-Mailbox", mailbox_guid, Database=found, User=user_guid, Alias=alias, **_of_kind(kind))

    def close(self) -> None:
        """Close the shell; calling it again does nothing."""
        self._shell.close()

    def _write(self, cmdlet: str, identity: str, **parameters: Any) -> None:
        self._shell.invoke(
            cmdlet, Identity=identity, **parameters, DomainController=self._domain_controller(), Confirm=False
        )

    def _database_of(self, mailbox_guid: str) -> str:
        controller = self._domain_controller()
        for database in self._shell.invoke("Get-MailboxDatabase", DomainController=controller):
            name = str(database.get("Name") or "")
            if not name:
                continue
            disconnected = self._shell.invoke(
                "Get-MailboxStatistics", Database=name, Filter="DisconnectDate -ne $null", DomainController=controller
            )
            if any(str(one.get("MailboxGuid")).lower() == mailbox_guid.lower() for one in disconnected):
                return name
        raise TargetRejectedError(
            "Ninguna base de datos de Exchange tiene ya ese buzón desconectado.",
            remedy="Pida a quien administra Exchange que lo busque. Si se perdió, quite «buzon=» y «base=» de su "
            "marca (adminDescription), y la próxima corrida le da uno nuevo, vacío.",
        )

    def _may_run(self, cmdlet: str) -> bool:
        try:
            return bool(self._shell.invoke("Get-Command", Name=cmdlet))
        except CmdletMissingError:
            return False


def _of_kind(kind: MailboxKind) -> dict[str, Any]:
    return {_SWITCHES[kind]: True} if kind in _SWITCHES else {}


def _set(*, remote: bool) -> str:
    return "Set-RemoteMailbox" if remote else "Set-Mailbox"

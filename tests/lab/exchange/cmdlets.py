"""The table of cmdlets: which there are, and which parameters each takes.

Known (Microsoft's pages of each cmdlet): names and types of the parameters, which are mandatory, which exclude each
other. Only those are here that do something; a real parameter that is missing is refused as an unknown one. There
is no Remove-Mailbox: nothing may ever need it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from psrpcore.types import PSObject

from tests.lab.exchange import (
    binding,
    cas_cmdlets,
    mailbox_cmdlets,
    records,
    remote_cmdlets,
    settings_cmdlets,
    store_cmdlets,
)
from tests.lab.exchange.binding import Arguments, Convert, Task, address, flag, one_of, several, size, switch, text
from tests.lab.exchange.cmdlet import Call, Cmdlet, Cmdlets
from tests.lab.exchange.recipients import DETAILS, Recipients

_KINDS: Mapping[str, Convert] = dict.fromkeys(("Shared", "Room", "Equipment"), switch)
_TYPE = one_of("Microsoft.Exchange.Data.Directory.Recipient.ConvertibleMailboxSubType", *mailbox_cmdlets.TYPES)
_NEW: Mapping[str, Convert] = {
    "Identity": text, "Alias": text, "DisplayName": text, "PrimarySmtpAddress": address, **_KINDS,
}  # fmt: skip
_SETTINGS: Mapping[str, Convert] = {
    "Identity": text, "Type": _TYPE, "Alias": text, "DisplayName": text, "HiddenFromAddressListsEnabled": flag,
    "EmailAddressPolicyEnabled": flag, "EmailAddresses": several, "PrimarySmtpAddress": address,
    "AcceptMessagesOnlyFrom": several,
}  # fmt: skip
_SETTINGS_HERE: Mapping[str, Convert] = {
    **_SETTINGS, "UseDatabaseQuotaDefaults": flag, "IssueWarningQuota": size, "ProhibitSendQuota": size,
    "ProhibitSendReceiveQuota": size, "LitigationHoldEnabled": flag, "ForwardingAddress": text,
    "DeliverToMailboxAndForward": flag,
}  # fmt: skip
_READ: Mapping[str, Convert] = {"Identity": text, "Filter": text}
_REPLY: Mapping[str, Convert] = {
    "Identity": text, "InternalMessage": text, "ExternalMessage": text,
    "AutoReplyState": one_of("Microsoft.Exchange.InfoWorker.Common.OOF.OofState", "Enabled", "Disabled"),
    "ExternalAudience": one_of("Microsoft.Exchange.InfoWorker.Common.OOF.ExternalAudience", "None", "Known", "All"),
}  # fmt: skip
_DETAILS = one_of("Microsoft.Exchange.Data.Directory.Recipient.RecipientTypeDetails", *DETAILS.values())


def _details(value: object) -> list[str]:
    return [_DETAILS(one) for one in (value if isinstance(value, list | tuple) else [value])]


TASKS: Mapping[str, Task] = {
    "Enable-Mailbox": Task(mailbox_cmdlets.enable, {**_NEW, "Database": text}, exclusive=tuple(_KINDS)),
    "Connect-Mailbox": Task(
        mailbox_cmdlets.connect,
        {**_KINDS, "Identity": text, "Database": text, "User": text, "Alias": text},
        mandatory=("Identity", "Database"),
        exclusive=tuple(_KINDS),
    ),
    "Disable-Mailbox": Task(mailbox_cmdlets.disable, {"Identity": text, "IgnoreLegalHold": switch}),
    "Get-Mailbox": Task(
        mailbox_cmdlets.get,
        {**_READ, "ResultSize": binding.count, "OrganizationalUnit": text, "RecipientTypeDetails": _details},
        mandatory=(),
        exclusive=("Identity", "Filter"),
    ),
    "Set-Mailbox": Task(settings_cmdlets.set_mailbox, _SETTINGS_HERE),
    "Enable-RemoteMailbox": Task(
        remote_cmdlets.enable, {**_NEW, "RemoteRoutingAddress": address}, exclusive=tuple(_KINDS)
    ),
    "Set-RemoteMailbox": Task(remote_cmdlets.set_remote, {**_SETTINGS, "RemoteRoutingAddress": address}),
    "Get-RemoteMailbox": Task(remote_cmdlets.get, {"Identity": text}),
    "Disable-RemoteMailbox": Task(remote_cmdlets.disable, {"Identity": text, "IgnoreLegalHold": switch}),
    "Get-MailboxDatabase": Task(store_cmdlets.databases, {"Identity": text}, mandatory=()),
    "Get-MailboxStatistics": Task(store_cmdlets.statistics, {**_READ, "Database": text}, mandatory=()),
    "Set-MailboxAutoReplyConfiguration": Task(store_cmdlets.set_reply, _REPLY),
    "Get-MailboxAutoReplyConfiguration": Task(store_cmdlets.get_reply, {"Identity": text}),
    "Set-CASMailbox": Task(cas_cmdlets.set_ways, {"Identity": text, **dict.fromkeys(cas_cmdlets.SWITCHES, flag)}),
    "Get-CASMailbox": Task(cas_cmdlets.get_ways, {"Identity": text}),
}


def _get_command(_: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Say whether the caller's role has a cmdlet, as far as the table goes."""
    found = next((name for name in TASKS if name.lower() == given["Name"].lower()), None)
    if found is None:
        raise replace(records.unknown_cmdlet(given["Name"]), terminating=False)
    yield records.thing("CommandInfo", {"Name": found, "CommandType": "Function"}, found)


def cmdlets(recipients: Recipients) -> Cmdlets:
    """Return every cmdlet over these recipients."""
    every = {**TASKS, "Get-Command": Task(_get_command, {"Name": text}, mandatory=("Name",))}
    return {name: _cmdlet(recipients, task) for name, task in every.items()}


def _cmdlet(recipients: Recipients, task: Task) -> Cmdlet:
    def run(call: Call) -> list[PSObject]:
        given = binding.bind(call, task)
        controller = given.get("DomainController", recipients.controller.host_name)
        if controller.lower() != recipients.controller.host_name.lower():
            words = (
                f"An Active Directory error 0x51 occurred when trying to check the suitability of server "
                f"'{controller}'. Error: 'Active directory response: The LDAP server is unavailable.'"
            )
            raise records.ExchangeError("ADTransientException", words, "NotSpecified")
        return list(task.work(recipients, given))

    return run

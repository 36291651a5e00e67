"""Set- and Get-CASMailbox: the ways into a mailbox, in the directory's protocolSettings.

Known: the values of POP3, IMAP4, MAPI and OWA, their first number saying whether the way is open, an absent value
meaning that it is. Assumed: ActiveSync, EWS and ECP as values of the same kind; real ones are in attributes of their
own (msExchOmaAdminWirelessEnable, msExchEwsEnabled), of which no definition was at hand for the lab's schema.
"""

from collections.abc import Iterable

from psrpcore.types import PSObject

from tests.lab.exchange.binding import Arguments
from tests.lab.exchange.recipients import Recipient, Recipients
from tests.lab.exchange.records import thing
from tests.lab.exchange.settings_cmdlets import write

SWITCHES = {
    "OWAEnabled": "OWA", "MAPIEnabled": "MAPI", "PopEnabled": "POP3", "ImapEnabled": "IMAP4",
    "ActiveSyncEnabled": "ActiveSync", "EwsEnabled": "EWS", "ECPEnabled": "ECP",
}  # fmt: skip
_REST = {"MAPI": "§" * 7, "POP3": "§" * 8, "IMAP4": "§" * 9}


def set_ways(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Open and close ways in; those not named stay as they are."""
    mailbox = recipients.mailbox(given["Identity"], stale=given.call.stale)
    values = {one.partition("§")[0]: one for one in mailbox.many("protocolSettings")}
    for name, protocol in SWITCHES.items():
        if name in given:
            values[protocol] = f"{protocol}§{int(given[name])}{_REST.get(protocol, '')}"
    write(recipients, mailbox, {"protocolSettings": list(values.values())}, given)
    return ()


def get_ways(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Show which ways in are open."""
    mailbox = recipients.mailbox(given["Identity"], stale=given.call.stale)
    properties = {name: _is_open(mailbox, protocol) for name, protocol in SWITCHES.items()}
    named = {"Name": mailbox.one("cn"), "PrimarySmtpAddress": mailbox.primary, "Guid": mailbox.guid}
    yield thing("CASMailbox", {**named, **properties}, mailbox.one("cn"))


def _is_open(mailbox: Recipient, protocol: str) -> bool:
    parts = (one.split("§") for one in mailbox.many("protocolSettings"))
    return next((one[1] != "0" for one in parts if one[0] == protocol), True)

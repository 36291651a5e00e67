"""Enable-, Set-, Get- and Disable-RemoteMailbox: a user whose mailbox is in Exchange Online.

Known: the values of RecipientTypeDetails, display type and RemoteRecipientType; that the mailbox itself appears only
after directory synchronisation, which the double does not play. Assumed: the routing address becomes a further
address, too, as hybrid deployments need it (their address policy would add it), and stays one.
"""

from collections.abc import Iterable

from psrpcore.types import PSObject

from tests.lab.exchange import addresses
from tests.lab.exchange.binding import Arguments
from tests.lab.exchange.mailbox_cmdlets import VERSION, check_new, named
from tests.lab.exchange.recipients import OWN, Recipient, Recipients
from tests.lab.exchange.settings_cmdlets import Values, shared_settings, write
from tests.lab.exchange.shown import remote_mailbox

TYPES = {
    "Regular": (1 << 31, -2147483642, 1),
    "Shared": (1 << 35, -2147483642, 97),
    "Room": (1 << 33, -2147481850, 33),
    "Equipment": (1 << 34, -2147481594, 65),
}
"""Kind -> msExchRecipientTypeDetails, msExchRecipientDisplayType, msExchRemoteRecipientType."""


def enable(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Make a user the owner of a mailbox that Exchange Online is to provide."""
    user = recipients.find(given["Identity"], stale=given.call.stale)
    check_new(user)
    values = named(recipients, user, given)
    values |= _kind(given.chosen("Shared", "Room", "Equipment") or "Regular") | {"msExchVersion": VERSION}
    routing = given.get("RemoteRoutingAddress") or values["mail"]
    recipients.write(user, values | _routed(recipients, user, values["proxyAddresses"], routing))
    yield remote_mailbox(recipients.find(str(user.guid)))


def set_remote(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Change settings of such a user."""
    one = recipients.remote_mailbox(given["Identity"], stale=given.call.stale)
    values = shared_settings(recipients, one, given)
    if "Type" in given and TYPES[given["Type"]][0] != one.details:
        values |= _kind(given["Type"])
    if "RemoteRoutingAddress" in given:
        present = values.get("proxyAddresses", one.many("proxyAddresses"))
        values |= _routed(recipients, one, present, given["RemoteRoutingAddress"])
    write(recipients, one, values, given)
    return ()


def get(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Show one of them."""
    yield remote_mailbox(recipients.remote_mailbox(given["Identity"], stale=given.call.stale))


def disable(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Take the attributes off the user; what happens in Exchange Online, happens there."""
    user = recipients.remote_mailbox(given["Identity"], stale=given.call.stale)
    question = f'Disabling remote mailbox "{user.canonical}" will remove its Exchange properties and its archive.'
    if given.agreed(question):
        recipients.write(user, dict.fromkeys(OWN))
    return ()


def _kind(kind: str) -> Values:
    details, display, remote = TYPES[kind]
    return {
        "msExchRecipientTypeDetails": details,
        "msExchRecipientDisplayType": display,
        "msExchRemoteRecipientType": remote,
    }


def _routed(recipients: Recipients, one: Recipient, present: list[str], routing: str) -> Values:
    further = addresses.new_among(present, [f"smtp:{routing}"])
    addresses.check_free(recipients, one, further)
    return {"targetAddress": f"SMTP:{routing}", "proxyAddresses": [*present, *further]}

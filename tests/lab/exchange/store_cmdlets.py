"""Get-MailboxDatabase, Get-MailboxStatistics and the automatic answers: what the mailbox databases are asked.

Known: names and types of the properties, DisconnectDate as the way to find mailboxes without an owner, who gets which
of the two answers (ExternalAudience). Assumed: the sizes of a mailbox, which nobody fills here.
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace

from psrpcore.types import PSObject

from tests.lab.exchange import opath
from tests.lab.exchange.binding import Arguments
from tests.lab.exchange.recipients import Recipients
from tests.lab.exchange.records import SERVER, binding, thing
from tests.lab.exchange.shown import octets
from tests.lab.exchange.store import Database, Store, Stored

REPLY = ("AutoReplyState", "InternalMessage", "ExternalMessage", "ExternalAudience")
_WITHOUT_REPLY = {
    "AutoReplyState": "Disabled",
    "InternalMessage": "",
    "ExternalMessage": "",
    "ExternalAudience": "All",
}


def databases(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Show the databases, or the one asked for."""
    store = Store(recipients)
    for one in [store.database(given["Identity"])] if "Identity" in given else store.databases():
        properties = {
            "Name": one.name, "Guid": one.guid, "DistinguishedName": one.dn, "Server": SERVER, "Recovery": False,
            "IsExcludedFromProvisioning": False, "MailboxRetention": "30.00:00:00",
        }  # fmt: skip
        yield thing("MailboxDatabase", properties, one.name)


def statistics(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Show one mailbox's statistics, or those of every mailbox of a database, disconnected ones among them."""
    store = Store(recipients)
    if ("Identity" in given) == ("Database" in given):
        raise binding("Parameter set cannot be resolved using the specified named parameters.")
    if "Identity" in given:
        mailbox = recipients.mailbox(given["Identity"], stale=given.call.stale)
        yield _shown(store.of(mailbox), store.home(mailbox))
        return
    database = store.database(given["Database"])
    told = {one.guid: one for one in store.contents(database)}
    if "Filter" in given and not opath.DISCONNECTED.fullmatch(given["Filter"]):
        raise opath.refused(given["Filter"])
    if "Filter" not in given:
        for mailbox in recipients.search(f"(homeMDB={database.dn})"):
            told.setdefault(str(mailbox.mailbox_guid), store.of(mailbox))
    for one in told.values():
        if one.disconnected or "Filter" not in given:
            yield _shown(one, database)


def set_reply(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Change the automatic answer; what is not given stays as it was."""
    store = Store(recipients)
    mailbox = recipients.mailbox(given["Identity"], stale=given.call.stale)
    there = store.of(mailbox)
    reply = _WITHOUT_REPLY | there.reply | {name: given[name] or "" for name in REPLY if name in given}
    if reply == _WITHOUT_REPLY | there.reply:
        given.call.warn(
            f"The command completed successfully but no settings of '{mailbox.canonical}' have been modified."
        )
    elif given.agreed(f'Setting the automatic reply of "{mailbox.canonical}".', unasked=True):
        store.put(store.home(mailbox), replace(there, reply=reply))
    return ()


def get_reply(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Show the automatic answer."""
    mailbox = recipients.mailbox(given["Identity"], stale=given.call.stale)
    reply = _WITHOUT_REPLY | Store(recipients).of(mailbox).reply
    yield thing("MailboxAutoReplyConfiguration", {**reply, "MailboxOwnerId": mailbox.canonical}, mailbox.canonical)


def _shown(one: Stored, database: Database) -> PSObject:
    properties = {
        "DisplayName": one.display_name, "MailboxGuid": uuid.UUID(one.guid), "LegacyDN": one.legacy_dn,
        "DisconnectDate": one.since, "DisconnectReason": "Disabled" if one.disconnected else None,
        "ItemCount": one.items, "TotalItemSize": octets(one.octets), "Database": database.name, "ServerName": SERVER,
    }  # fmt: skip
    return thing("MailboxStatistics", properties, one.display_name)

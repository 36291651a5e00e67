"""Enable-, Disable-, Connect- and Get-Mailbox: a mailbox here comes, goes, comes back, and is looked at.

Known: which attributes a mailbox is made of (reference of a live forest's dump), the parameter sets, that shared and
resource mailboxes are of disabled accounts, that Disable-Mailbox takes `mail` and every proxy address along with the
rest, and the texts of the errors quoted by administrators. Assumed: a mailbox that comes back gets the address of the
policy as its primary one, beside those the account has; that accounts which can log on are refused a shared mailbox,
and how this and a legal hold are worded.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from psrpcore.types import PSObject

from tests.lab.exchange import addresses, opath, records
from tests.lab.exchange.binding import Arguments
from tests.lab.exchange.recipients import OWN, Recipient, Recipients
from tests.lab.exchange.shown import mailbox
from tests.lab.exchange.store import Database, Store, Stored
from tests.lab.samba.domain import EXCHANGE_GROUP, EXCHANGE_HOST, EXCHANGE_ORGANIZATION

VERSION = 88218628259840
LITIGATION_HOLD = 8
SHOWN_BY_DEFAULT = 1000
TYPES = {"Regular": (1, 0x40000000), "Shared": (4, 0), "Room": (16, 7), "Equipment": (32, 8)}
"""Kind of mailbox -> its msExchRecipientTypeDetails and msExchRecipientDisplayType."""

GROUP_LEGACY_DN = f"/o={EXCHANGE_ORGANIZATION}/ou={EXCHANGE_GROUP}"
SERVER_LEGACY_DN = f"{GROUP_LEGACY_DN}/cn=Configuration/cn=Servers/cn={EXCHANGE_HOST}"


def enable(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Give a user a new mailbox."""
    user = recipients.find(given["Identity"], stale=given.call.stale)
    kind = given.chosen("Shared", "Room", "Equipment") or "Regular"
    _check_may_have(user, kind)
    guid, store = uuid.uuid4(), Store(recipients)
    database = store.database(given["Database"]) if "Database" in given else store.pick(guid)
    values = mailbox_values(guid, database, kind) | named(recipients, user, given)
    recipients.write(user, values)
    yield mailbox(recipients.find(str(user.guid)), store.databases())


def connect(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Give a user a mailbox that was taken off somebody."""
    store = Store(recipients)
    database = store.database(given["Database"])
    kept = store.disconnected(given["Identity"], database)
    kind = given.chosen("Shared", "Room", "Equipment") or "Regular"
    user = _owner(recipients, given, kept)
    _check_may_have(user, kind)
    values = mailbox_values(uuid.UUID(kept.guid), database, kind) | named(recipients, user, given)
    if not given.agreed(f'Connecting mailbox "{kept.guid}" to user "{user.canonical}".', unasked=True):
        return
    recipients.write(user, values | {"legacyExchangeDN": kept.legacy_dn or values["legacyExchangeDN"]})
    store.put(database, replace(kept, disconnected=""))
    yield mailbox(recipients.find(str(user.guid)), store.databases())


def disable(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Take the mailbox off its user, who stays; its database keeps it, disconnected."""
    user = recipients.mailbox(given["Identity"], stale=given.call.stale)
    if int(user.one("msExchELCMailboxFlags") or 0) & LITIGATION_HOLD and not given.get("IgnoreLegalHold"):
        text = (
            f'The mailbox "{user.canonical}" is on legal hold. To disable it, use the IgnoreLegalHold parameter: its '
            "content may then be lost when the retention of deleted mailboxes is over."
        )
        raise records.ExchangeError("RecipientTaskException", text, target=user.canonical)
    question = (
        f'Disabling mailbox "{user.canonical}" will remove the Exchange properties from the Active Directory user '
        "object and mark the mailbox in the database for removal."
    )
    if given.agreed(question):
        store = Store(recipients)
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        store.put(store.home(user), replace(store.of(user), disconnected=now))
        recipients.write(user, dict.fromkeys(OWN))
    return ()


def get(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Show mailboxes here: the one asked for, or those that a condition holds for."""
    databases = Store(recipients).databases()
    if "Identity" in given:
        yield mailbox(recipients.mailbox(given["Identity"], stale=given.call.stale), databases)
        return
    condition = opath.condition(given["Filter"]) if "Filter" in given else ""
    base = given.get("OrganizationalUnit", "")
    found = [one for one in recipients.search(f"(homeMDB=*){condition}", base) if _wanted(one, given)]
    limit = given.get("ResultSize", SHOWN_BY_DEFAULT)
    for one in found[:limit]:
        yield mailbox(one, databases)
    if limit is not None and len(found) > limit:
        given.call.warn(
            "There are more results available than are currently displayed. To view them, increase the value for the "
            "ResultSize parameter."
        )


def mailbox_values(guid: uuid.UUID, database: Database, kind: str) -> dict[str, Any]:
    """Return the attributes that make a user the owner of a mailbox."""
    details, display = TYPES[kind]
    return {
        "homeMDB": database.dn,
        "msExchMailboxGuid": guid.bytes_le,
        "msExchRecipientTypeDetails": details,
        "msExchRecipientDisplayType": display,
        "msExchHomeServerName": SERVER_LEGACY_DN,
        "msExchUserAccountControl": 0 if kind == "Regular" else 2,
        "msExchVersion": VERSION,
        "msExchWhenMailboxCreated": dt.datetime.now(dt.UTC).strftime("%Y%m%d%H%M%S.0Z"),
        "mDBUseDefaults": True,
    }


def named(recipients: Recipients, user: Recipient, given: Arguments) -> dict[str, Any]:
    """Return the attributes with alias, addresses and display name of a new recipient; nobody else may have them."""
    alias = addresses.check_alias(given.get("Alias") or addresses.default_alias(user))
    primary = given.get("PrimarySmtpAddress")
    wanted = addresses.with_primary(user.many("proxyAddresses"), primary or addresses.of_policy(alias))
    addresses.check_free(recipients, user, wanted)
    legacy_dn = f"{GROUP_LEGACY_DN}/cn=Recipients/cn={uuid.uuid4().hex}-{alias}"
    return {
        "mailNickname": alias,
        "displayName": given.get("DisplayName") or user.one("displayName") or user.one("cn"),
        "legacyExchangeDN": user.one("legacyExchangeDN") or legacy_dn,
        **addresses.written(wanted),
        **addresses.policy(enabled=primary is None),
    }


def check_new(user: Recipient) -> None:
    """Raise what Exchange says of a user who has a mailbox somewhere, or what is left of one."""
    if user.has_mailbox or user.has_remote_mailbox or user.kind == "MailUser":
        raise records.wrong_type(user.canonical, user.kind)
    if "homeMDB" in user.values:
        raise records.ExchangeError("DataValidationException", "ExchangeGuid is mandatory on UserMailbox.")
    if "msExchHomeServerName" in user.values or "msExchMailboxGuid" in user.values:
        raise records.ExchangeError("DataValidationException", "Database is mandatory on UserMailbox.")


def _check_may_have(user: Recipient, kind: str) -> None:
    check_new(user)
    if kind != "Regular" and not user.is_disabled:
        text = "The user account must be logon-disabled for linked, shared, or resource mailbox."
        raise records.ExchangeError("RecipientTaskException", text, target=user.canonical)


def _owner(recipients: Recipients, given: Arguments, kept: Stored) -> Recipient:
    """Find the user named, or the one who is called as the mailbox is."""
    return recipients.find(given.get("User") or kept.display_name, stale=given.call.stale)


def _wanted(one: Recipient, given: Arguments) -> bool:
    kinds = given.get("RecipientTypeDetails")
    return one.has_mailbox and (kinds is None or one.kind in kinds)

"""Mailboxes as objects of Exchange's: the properties that its Get- cmdlets put out, in Exchange's types.

Known: names of the properties, sizes as text with the bytes in parentheses. Left out: every property that the double
keeps nothing of.
"""

from collections.abc import Sequence
from typing import Any

from psrpcore.types import PSObject

from tests.lab.exchange import addresses
from tests.lab.exchange.recipients import Recipient
from tests.lab.exchange.records import SERVER, thing
from tests.lab.exchange.store import Database

QUOTAS = {
    "IssueWarningQuota": "mDBStorageQuota",
    "ProhibitSendQuota": "mDBOverQuotaLimit",
    "ProhibitSendReceiveQuota": "mDBOverHardQuotaLimit",
}
"""Quota -> the attribute that holds it, in kilobytes, from the smallest to the largest."""

_HOLD = 8
_KIB = 1024


def mailbox(one: Recipient, databases: Sequence[Database]) -> PSObject:
    """Build what Get-Mailbox shows of a mailbox."""
    home = next((each.name for each in databases if each.dn.lower() == one.one("homeMDB").lower()), "")
    properties = {
        **_common(one),
        "Database": home,
        "ServerName": SERVER.lower(),
        "UseDatabaseQuotaDefaults": one.one("mDBUseDefaults") != "FALSE",
        **{name: _quota(one.one(attribute)) for name, attribute in QUOTAS.items()},
        "LitigationHoldEnabled": bool(int(one.one("msExchELCMailboxFlags") or 0) & _HOLD),
        "ForwardingAddress": one.one("altRecipient") or None,
        "DeliverToMailboxAndForward": one.one("deliverAndRedirect") == "TRUE",
        "AccountDisabled": one.is_disabled,
    }
    return thing("Mailbox", properties, one.one("cn"))


def remote_mailbox(one: Recipient) -> PSObject:
    """Build what the RemoteMailbox cmdlets show."""
    properties = {**_common(one), "RemoteRoutingAddress": one.one("targetAddress")}
    return thing("RemoteMailbox", properties, one.one("cn"))


def octets(number: int) -> str:
    """Write a size as Exchange does."""
    amount, unit = float(number), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < _KIB:
            break
        amount, unit = amount / _KIB, larger
    return f"{amount:.4g} {unit} ({number:,} bytes)"


def _common(one: Recipient) -> dict[str, Any]:
    return {
        "Name": one.one("cn"),
        "DisplayName": one.one("displayName"),
        "Alias": one.one("mailNickname"),
        "PrimarySmtpAddress": one.primary,
        "EmailAddresses": one.many("proxyAddresses"),
        "EmailAddressPolicyEnabled": addresses.policy_enabled(one),
        "HiddenFromAddressListsEnabled": one.one("msExchHideFromAddressLists") == "TRUE",
        "AcceptMessagesOnlyFrom": one.many("authOrig"),
        "RecipientTypeDetails": one.kind,
        "ExchangeGuid": one.mailbox_guid,
        "Guid": one.guid,
        "DistinguishedName": one.dn,
        "LegacyExchangeDN": one.one("legacyExchangeDN"),
        "SamAccountName": one.one("sAMAccountName"),
        "UserPrincipalName": one.one("userPrincipalName"),
    }


def _quota(kilobytes: str) -> str:
    return octets(int(kilobytes) * _KIB) if kilobytes else "Unlimited"

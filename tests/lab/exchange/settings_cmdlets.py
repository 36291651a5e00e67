"""Set-Mailbox, and the settings that a mailbox in Exchange Online has as well.

Known (Microsoft, Set-Mailbox): EmailAddresses and PrimarySmtpAddress never go together; the quotas are in order; a
mailbox that becomes a shared one disables its account; the warning of a set that changes nothing. Assumed: a mailbox
that becomes a regular one again leaves its account disabled; the wording of the refusal of quotas out of order.
"""

import datetime as dt
import itertools
from collections.abc import Iterable
from typing import Any

from psrpcore.types import PSObject

from tests.lab.exchange import addresses, records
from tests.lab.exchange.binding import KIB, Arguments, Several
from tests.lab.exchange.mailbox_cmdlets import LITIGATION_HOLD, TYPES
from tests.lab.exchange.recipients import ACCOUNT_DISABLED, Recipient, Recipients
from tests.lab.exchange.shown import QUOTAS

Values = dict[str, Any]


def set_mailbox(recipients: Recipients, given: Arguments) -> Iterable[PSObject]:
    """Change settings of a mailbox here, all of them or none."""
    one = recipients.mailbox(given["Identity"], stale=given.call.stale)
    values = (
        shared_settings(recipients, one, given)
        | _quotas(one, given)
        | _hold(one, given)
        | _forwarding(recipients, given)
        | _type(one, given)
    )
    write(recipients, one, values, given)
    return ()


def shared_settings(recipients: Recipients, one: Recipient, given: Arguments) -> Values:
    """Return what the settings common to mailboxes here and in Exchange Online write."""
    values = _naming(one, given) | _emails(recipients, one, given)
    if "HiddenFromAddressListsEnabled" in given:
        values["msExchHideFromAddressLists"] = given["HiddenFromAddressListsEnabled"] or None
    if "AcceptMessagesOnlyFrom" in given:
        values["authOrig"] = _senders(recipients, one, given["AcceptMessagesOnlyFrom"])
    return values


def write(recipients: Recipients, one: Recipient, values: Values, given: Arguments) -> None:
    """Write the settings, or warn that there is nothing to write."""
    if not one.lacks(values):
        given.call.warn(
            f"The command completed successfully but no settings of '{one.canonical}' have been modified."
        )
    elif given.agreed(f'Setting "{one.canonical}".', unasked=True):
        recipients.write(one, values)


def _naming(one: Recipient, given: Arguments) -> Values:
    values: Values = {}
    if "Alias" in given:
        values["mailNickname"] = addresses.check_alias(given["Alias"] or "")
    if "DisplayName" in given:
        values["displayName"] = given["DisplayName"] or one.one("cn")
    return values


def _emails(recipients: Recipients, one: Recipient, given: Arguments) -> Values:
    if "EmailAddresses" in given and "PrimarySmtpAddress" in given:
        text = "You can't specify both the EmailAddresses and PrimarySmtpAddress parameters at the same time."
        raise records.ExchangeError("TaskInvalidOperationException", text)
    present = one.many("proxyAddresses")
    wanted = present
    values: Values = {}
    if "EmailAddressPolicyEnabled" in given:
        values |= addresses.policy(enabled=given["EmailAddressPolicyEnabled"])
    if given.get("EmailAddressPolicyEnabled"):
        alias = given.get("Alias") or one.one("mailNickname")
        wanted = addresses.with_primary(wanted, addresses.of_policy(alias))
    if "EmailAddresses" in given:
        wanted = addresses.changed(wanted, given["EmailAddresses"])
    if "PrimarySmtpAddress" in given:
        wanted = addresses.with_primary(wanted, given["PrimarySmtpAddress"])
        values |= addresses.policy(enabled=False)
    if wanted != present:
        addresses.check_free(recipients, one, addresses.new_among(present, wanted))
        values |= addresses.written(wanted)
    return values


def _senders(recipients: Recipients, one: Recipient, change: Several) -> list[str]:
    def named(identities: list[str]) -> list[str]:
        return [recipients.find(each, among=lambda each: "mailNickname" in each.values).dn for each in identities]

    if change.whole is not None:
        return named(change.whole)
    gone = {dn.casefold() for dn in named(change.removed)}
    left = [dn for dn in one.many("authOrig") if dn.casefold() not in gone]
    return [*left, *(dn for dn in named(change.added) if dn not in left)]


def _quotas(one: Recipient, given: Arguments) -> Values:
    values: Values = {}
    if "UseDatabaseQuotaDefaults" in given:
        values["mDBUseDefaults"] = given["UseDatabaseQuotaDefaults"]
    values |= {attribute: given[name] for name, attribute in QUOTAS.items() if name in given}
    now = {name: values.get(attribute, _kilobytes(one, attribute)) for name, attribute in QUOTAS.items()}
    limited = [(name, number) for name, number in now.items() if number is not None]
    for (lower, small), (higher, large) in itertools.pairwise(limited):
        if small > large and (lower in given or higher in given):
            text = (
                f'The value of property "{higher}" ({large * KIB:,} bytes) must be greater than or equal to that of '
                f'property "{lower}" ({small * KIB:,} bytes).'
            )
            raise records.ExchangeError("DataValidationException", text)
    return values


def _kilobytes(one: Recipient, attribute: str) -> int | None:
    return int(one.one(attribute)) if attribute in one.values else None


def _hold(one: Recipient, given: Arguments) -> Values:
    if "LitigationHoldEnabled" not in given:
        return {}
    flags = int(one.one("msExchELCMailboxFlags") or 0)
    if not given["LitigationHoldEnabled"]:
        return {"msExchELCMailboxFlags": flags & ~LITIGATION_HOLD or None, "msExchLitigationHoldDate": None}
    if flags & LITIGATION_HOLD:
        return {}
    given.call.warn("The hold setting may take up to 60 minutes to take effect.")
    now = dt.datetime.now(dt.UTC).strftime("%Y%m%d%H%M%S.0Z")
    return {"msExchELCMailboxFlags": flags | LITIGATION_HOLD, "msExchLitigationHoldDate": now}


def _forwarding(recipients: Recipients, given: Arguments) -> Values:
    values: Values = {}
    if "ForwardingAddress" in given:
        identity = given["ForwardingAddress"]
        mailable = (
            recipients.find(identity, among=lambda each: "mailNickname" in each.values).dn if identity else None
        )
        values["altRecipient"] = mailable
    if "DeliverToMailboxAndForward" in given:
        values["deliverAndRedirect"] = given["DeliverToMailboxAndForward"]
    return values


def _type(one: Recipient, given: Arguments) -> Values:
    if "Type" not in given or TYPES[given["Type"]][0] == one.details:
        return {}
    details, display = TYPES[given["Type"]]
    control = int(one.one("userAccountControl"))
    regular = given["Type"] == "Regular"
    return {
        "msExchRecipientTypeDetails": details,
        "msExchRecipientDisplayType": display,
        "msExchUserAccountControl": 0 if regular else 2,
        "userAccountControl": control if regular else control | ACCOUNT_DISABLED,
    }

"""A recipient's addresses and alias: the primary one, further ones, those of other kinds, and who has them already.

Known (Microsoft, Set-Mailbox and Enable-Mailbox): what an alias may be made of; naming a primary address ends
EmailAddressPolicyEnabled; one address has one owner. Known by experience: `mail` follows the primary address.
Assumed: adding what is there, and removing what is not, is no error; the default address policy is alias@<the lab's
domain>.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from tests.lab.exchange import records
from tests.lab.exchange.binding import Several, address
from tests.lab.exchange.recipients import Recipient, Recipients
from tests.lab.samba.domain import DNS_DOMAIN

POLICY = "{26491cfc-9e50-4857-861b-0cb8df22b5d7}"
"""Exchange's own constant for address policies, in msExchPoliciesIncluded and msExchPoliciesExcluded."""

_ALIAS_LENGTH = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u00a1-\u00ff]+"
_ALIAS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")


def check_alias(alias: str) -> str:
    """Return the alias, or raise what Exchange says of one that it does not take."""
    if len(alias) > _ALIAS_LENGTH:
        raise _invalid(
            f"The length of the property is too long. The maximum length is {_ALIAS_LENGTH} and the length of the "
            f"value provided is {len(alias)}."
        )
    if not _ALIAS.fullmatch(alias):
        raise _invalid(
            f'Property expression "{alias}" isn\'t valid. Valid values are: Strings formed with characters from A to '
            "Z (uppercase or lowercase), digits from 0 to 9, !, #, $, %, &, ', *, +, -, /, =, ?, ^, _, `, {, |, } or "
            "~. One or more periods may be embedded in an alias, but each period should be preceded and followed by "
            "at least one of the other characters."
        )
    return alias


def default_alias(recipient: Recipient) -> str:
    """Make an alias of the logon name by address, as Exchange does for users."""
    local = recipient.one("userPrincipalName").partition("@")[0] or recipient.one("sAMAccountName")
    return re.sub(r"^\.|\.$|\.(?=\.)", "", re.sub(rf"(?!{_ATOM}|\.).", "?", local))[:_ALIAS_LENGTH]


def of_policy(alias: str) -> str:
    return f"{alias}@{DNS_DOMAIN}"


def with_primary(present: Sequence[str], primary: str) -> list[str]:
    """Make an address the primary one; the former stays as a further one."""
    rest = [_secondary(one) for one in present if not _same(one, f"smtp:{primary}")]
    return [f"SMTP:{primary}", *rest]


def changed(present: Sequence[str], change: Several) -> list[str]:
    """Apply a change of EmailAddresses; SMTP: in capitals makes the primary one, and there has to be one."""
    if change.whole is not None:
        whole = _distinct(map(_prefixed, change.whole))
        primary = [one for one in whole if one.startswith("SMTP:")]
        first = next((one for one in whole if one.startswith("smtp:")), None)
        if len(primary) > 1 or not (primary or first):
            raise _invalid("There must be exactly one primary SMTP address among the e-mail addresses.")
        return with_primary(whole, str(first)[5:]) if not primary else whole
    removed = [_prefixed(one) for one in change.removed]
    lost = [one for one in removed if any(_same(one, other) and other.startswith("SMTP:") for other in present)]
    promoted = [_prefixed(one) for one in change.added if one.startswith("SMTP:")]
    if lost and not promoted:
        raise _invalid(f'The primary SMTP address "{lost[0]}" can\'t be removed.')
    if promoted:
        present = with_primary(present, promoted[-1][5:])
    left = [one for one in present if not any(_same(one, other) for other in removed)]
    return _distinct([*left, *map(_prefixed, change.added)])


def check_free(recipients: Recipients, recipient: Recipient, wanted: Iterable[str]) -> None:
    """Raise ProxyAddressExistsException where somebody else has one of the addresses."""
    for one in wanted:
        holder = recipients.holder(one, recipient)
        if holder is not None:
            raise records.address_taken(one, holder.canonical)


def new_among(present: Sequence[str], wanted: Sequence[str]) -> list[str]:
    there = {one.casefold() for one in present}
    return [one for one in wanted if one.casefold() not in there]


def written(values: Sequence[str]) -> dict[str, Any]:
    """Return the attributes that hold these addresses; the one in `mail` is the primary one."""
    primary = next(one[5:] for one in values if one.startswith("SMTP:"))
    return {"proxyAddresses": list(values), "mail": primary}


def policy(*, enabled: bool) -> dict[str, Any]:
    """Return the attributes in which EmailAddressPolicyEnabled lives."""
    return {
        "msExchPoliciesIncluded": [POLICY] if enabled else None,
        "msExchPoliciesExcluded": None if enabled else [POLICY],
    }


def policy_enabled(recipient: Recipient) -> bool:
    return POLICY not in [one.lower() for one in recipient.many("msExchPoliciesExcluded")]


def _prefixed(value: str) -> str:
    kind, colon, rest = value.partition(":")
    if not colon:
        return f"smtp:{address(value)}"
    return f"{kind}:{address(rest)}" if kind.upper() == "SMTP" else value


def _secondary(value: str) -> str:
    return f"smtp:{value[5:]}" if value.startswith("SMTP:") else value


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _distinct(values: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for one in values:
        found.setdefault(one.casefold(), one)
    return list(found.values())


def _invalid(text: str) -> records.ExchangeError:
    return records.ExchangeError("DataValidationException", text, "InvalidArgument")

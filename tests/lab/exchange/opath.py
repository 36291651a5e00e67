"""Filters in OPATH, Exchange's language for them, as LDAP conditions: comparisons joined by -and, and no others.

Known (Microsoft, "Filterable properties for the Filter parameter"): which attribute a property is; -like takes an
asterisk at either end. Anything else is refused as a filter that cannot be bound, so that nobody takes an answer to
half of a question for the answer.
"""

import re
import uuid

from ldap3.utils.conv import escape_bytes, escape_filter_chars

from tests.lab.exchange import records
from tests.lab.exchange.recipients import DETAILS

PROPERTIES = {
    "alias": "mailNickname", "displayname": "displayName", "name": "cn", "samaccountname": "sAMAccountName",
    "userprincipalname": "userPrincipalName", "database": "homeMDB", "distinguishedname": "distinguishedName",
    "hiddenfromaddresslistsenabled": "msExchHideFromAddressLists", "emailaddresses": "proxyAddresses",
    "recipienttypedetails": "msExchRecipientTypeDetails", "exchangeguid": "msExchMailboxGuid", "guid": "objectGUID",
}  # fmt: skip
DISCONNECTED = re.compile(r"\s*\(?\s*DisconnectDate\s+-ne\s+\$null\s*\)?\s*", re.IGNORECASE)

_COMPARISON = re.compile(
    r"\s*\(?\s*(\w+)\s+-(eq|ne|like)\s+(\$\w+|'(?:[^']|'')*'|\"[^\"]*\")\s*\)?\s*", re.IGNORECASE
)
_VALUES = {"$true": "TRUE", "$false": "FALSE"}


def condition(text: str) -> str:
    """Return the LDAP condition that says the same; raises the ExchangeError, a binding one, if it cannot."""
    parts = [_one(part, text) for part in re.split(r"\s-and\s", text, flags=re.IGNORECASE)]
    return parts[0] if len(parts) == 1 else f"(&{''.join(parts)})"


def refused(text: str) -> records.ExchangeError:
    return records.binding(
        f'Cannot bind parameter \'Filter\' to the target. Exception setting "Filter": "Invalid filter syntax. '
        f'For a description of the filter parameter syntax see the command help. "{text}"'
    )


def _one(part: str, whole: str) -> str:
    found = _COMPARISON.fullmatch(part)
    if not found or found[1].lower() not in PROPERTIES:
        raise refused(whole)
    attribute, operator, given = PROPERTIES[found[1].lower()], found[2].lower(), found[3]
    if given.lower() == "$null":
        if operator == "like":
            raise refused(whole)
        return f"(!({attribute}=*))" if operator == "eq" else f"({attribute}=*)"
    if given.startswith("$"):
        value = _VALUES.get(given.lower())
        if value is None or operator == "like":
            raise refused(whole)
    else:
        value = _literal(found[1].lower(), given[1:-1].replace("''", "'"), operator, whole)
    comparison = f"({attribute}={value})"
    return f"(!{comparison})" if operator == "ne" else comparison


def _literal(name: str, value: str, operator: str, whole: str) -> str:
    match name:
        case "recipienttypedetails":
            number = next((key for key, word in DETAILS.items() if word.lower() == value.lower()), None)
            if number is None or operator == "like":
                raise refused(whole)
            return str(number)
        case "exchangeguid" | "guid":
            try:
                return escape_bytes(uuid.UUID(value).bytes_le)
            except ValueError:
                raise refused(whole) from None
        case "emailaddresses" if ":" not in value:
            value = f"smtp:{value}"
    escaped = escape_filter_chars(value)
    return escaped.replace(r"\2a", "*") if operator == "like" else escaped

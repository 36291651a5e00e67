"""Where objects are: a unit for each dependencia under the managed base, and nothing of ours elsewhere.

DNs come from the directory and are only cut, at the commas that are not escaped (RFC 4514, 2.4). ldap3's `parse_dn`
would not do: it refuses names that Active Directory has, such as «Caja #1».
"""

from __future__ import annotations

import re

from ldap3.utils.dn import escape_rdn

from reconciler.model import Siglas

_RDN = re.compile(r"(?:\\.|[^,\\])+", re.DOTALL)
_ESCAPED = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)", re.DOTALL)


def unit(siglas: Siglas, base: str) -> str:
    """Return the DN of a dependencia's unit."""
    return f"OU={escape_rdn(siglas)},{base}"


def common_name(name: str) -> str:
    """Return the relative DN that a name gives."""
    return f"CN={escape_rdn(name)}"


def is_under(dn: str, base: str) -> bool:
    """Whether an object is below the base, at whatever depth."""
    return dn.casefold().endswith(f",{base.casefold()}")


def siglas_of(dn: str, base: str) -> Siglas:
    """Return the siglas of the unit right below the base that an object is in; "" where it is in none."""
    if not is_under(dn, base):
        return Siglas("")
    kind, _, value = _RDN.findall(dn[: -len(base) - 1])[-1].partition("=")
    return Siglas(_unescaped(value) if kind.upper() == "OU" else "")


def own_name(dn: str) -> str:
    """Return an object's relative DN, as the directory spells it."""
    first = _RDN.match(dn)
    return first.group() if first else ""


def parent(dn: str) -> str:
    """Return the DN of what an object is in."""
    return dn[len(own_name(dn)) + 1 :]


def _unescaped(value: str) -> str:
    def plain(found: re.Match[str]) -> str:
        octets, char = found.groups()
        return char or bytes.fromhex(octets.replace("\\", "")).decode("utf-8", "replace")

    return _ESCAPED.sub(plain, value)

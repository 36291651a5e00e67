"""Where objects are: a unit for each dependencia under the managed base, and nothing of ours elsewhere."""

from __future__ import annotations

from ldap3.utils.dn import escape_rdn, parse_dn

from reconciler.model import Siglas


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
    inside = dn[: -len(base) - 1]
    names = parse_dn(inside)
    kind, value, _ = names[-1]
    return Siglas(value if kind.upper() == "OU" else "")


def own_name(dn: str) -> str:
    """Return an object's relative DN, as the directory spells it."""
    kind, value, _ = parse_dn(dn)[0]
    return f"{kind}={value}"


def parent(dn: str) -> str:
    """Return the DN of what an object is in."""
    return dn[len(own_name(dn)) + 1 :]

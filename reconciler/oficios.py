"""Which oficios a change of an entry names, and the field that had to: one rule for review and audit. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model import OFICIOS, normalized_oficio

Fields = Mapping[str, str]
"""What an entry says, field by field, as canonical text; nothing for an entry that is not there."""


def named(before: Fields, after: Fields) -> Mapping[str, str]:
    """Return the oficios that an entry names and did not before, by field; another spelling is no other oficio."""
    return {
        name: after[name]
        for name in OFICIOS
        if name in after and normalized_oficio(after[name]) != normalized_oficio(before.get(name, ""))
    }


def lacking(before: Fields, after: Fields, *, moved: bool) -> str | None:
    """Return the field that had to name an oficio which is new, and names none; None where nothing is lacking.

    No field is exempt, what tells only how an account is delivered or found included. Who appears, comes back or is
    `moved` to another agency is asked for by `alta`; anything else by any of the three.
    """
    new = named(before, after)
    if not before or moved or ("baja" in before and "baja" not in after):
        return None if "alta" in new else "alta"
    changed = any(before.get(name) != after.get(name) for name in before.keys() | after.keys())
    return "cambio" if changed and not new else None

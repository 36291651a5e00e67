"""What each oficio was used for: no letter asks twice, whatever became of what it asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.model import OFICIOS, AccountKey, Siglas, normalized_oficio
from reconciler.trail import PLACE, EntryChange, Trail


@dataclass(frozen=True, slots=True)
class Use:
    """What an oficio asked for: an account, the field that named it, and the commit that brought it."""

    key: AccountKey
    movement: str
    commit: str


Uses = Mapping[tuple[Siglas, str], tuple[Use, ...]]
"""By agency and number as it is compared: what an oficio was used for, each thing once, oldest first."""


def uses_of(trail: Trail) -> Uses:
    """Return what every oficio was used for on the first-parent line, what was taken back since included."""
    found: dict[tuple[Siglas, str], dict[tuple[AccountKey, str], Use]] = {}
    for key, changes in trail.movements.items():
        for change in changes:
            for place, movement in _named(change):
                found.setdefault(place, {}).setdefault((key, movement), Use(key, movement, change.commit))
    order = trail.position
    return {
        place: tuple(sorted(uses.values(), key=lambda use: (order[use.commit], use.key, use.movement)))
        for place, uses in found.items()
    }


def _named(change: EntryChange) -> Iterator[tuple[tuple[Siglas, str], str]]:
    for movement in OFICIOS:
        if movement in change.after:
            yield (Siglas(change.after[PLACE]), normalized_oficio(change.after[movement])), movement

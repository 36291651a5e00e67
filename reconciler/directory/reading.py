"""From everything that was read to a `Reading`: ours by their mark, and whatever else holds a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from reconciler.directory import attributes as table
from reconciler.directory.entry import Entry
from reconciler.directory.mark import Mark
from reconciler.model import AccountKey, Observed, Reading

Marked = Mapping[AccountKey, Sequence[tuple[Entry, Mark]]]


def to_reading(entries: Sequence[Entry], server: str, base: str, canary: str, *, mailboxes: bool) -> Reading:
    """Return what a complete read says; `canary` is the logon name that must be among it.

    `mailboxes` tells whether what says of mailboxes was asked for.

    What may not be read whole keeps its place, protected: one of ours taken for absent would be created again, or
    its baja forgotten.
    """
    ours = _marked(entries)
    keys = {entry.dn.casefold(): key for key, seen in ours.items() for entry, _ in seen}
    mine = {entry.dn for seen in ours.values() for entry, _ in seen}

    def observed(entry: Entry, mark: Mark) -> Observed:
        manager = entry.text(table.MANAGER)
        return table.to_observed(entry, mark, base, keys.get(manager.casefold()) if manager else None)

    return Reading(
        server=server,
        accounts={key: observed(*seen[0]) for key, seen in ours.items() if len(seen) == 1},
        others=tuple(table.to_occupant(entry, base) for entry in entries if entry.dn not in mine),
        claims={
            key: tuple(table.to_handle(entry, base) for entry, _ in seen)
            for key, seen in ours.items()
            if len(seen) > 1
        },
        objects=len(entries),
        canary_seen=any((entry.text("sAMAccountName") or "").casefold() == canary.casefold() for entry in entries),
        reads_mailboxes=mailboxes,
    )


def _marked(entries: Iterable[Entry]) -> Marked:
    found: defaultdict[AccountKey, list[tuple[Entry, Mark]]] = defaultdict(list)
    for entry in entries:
        mark = table.sound_mark(entry)
        if mark is not None:
            found[mark.key].append((entry, mark))
    return found

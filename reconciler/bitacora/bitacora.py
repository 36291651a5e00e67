"""The bitácora as one run sees it: durable here at once, on the branch and the remote in batches."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from reconciler.bitacora.anchor import Anchor
from reconciler.bitacora.chain import Entry, Tail, decode, encode, link
from reconciler.bitacora.files import exclusively
from reconciler.bitacora.identity import SYSTEM_RANDOM, check_run, clone_id
from reconciler.bitacora.journal import Journal, dead_journals, discard, journals, read_journal
from reconciler.bitacora.ports import Branch
from reconciler.bitacora.reading import GENESIS, GENESIS_TEXT, Reader, Snapshot
from reconciler.errors import LostRaceError, RecordError
from reconciler.events import Event

TRIES = 10
"""How many times a publication is chained again after losing the race."""

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 5.0


class Bitacora:
    """Fits the engine's `Record`; for one thread of one run. Raises only `RecordError`s.

    `directory` is `<git-common-dir>/cuentas`, shared by every run of a clone. Sleep and randomness are
    there to be replaced in tests.
    """

    def __init__(
        self,
        branch: Branch,
        directory: Path,
        run: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        randomness: random.Random = SYSTEM_RANDOM,
    ) -> None:
        self.run = check_run(run)
        self.directory = directory
        self._branch = branch
        self._reader = Reader(branch)
        self._anchor = Anchor(directory, branch.remote)
        self._sleep = sleep
        self._randomness = randomness
        self._journal: Journal | None = None
        self._pending: list[Entry] = []
        self._count = 0

    def events(self) -> Sequence[Event]:
        """Return every event on record, verified, in order, those not yet published at the end.

        The remote is not asked: what it held when it was last read counts (`refresh`). Every call verifies
        only what it has not yet seen.

        Raises:
            RecordError: the chain is broken, rewritten or no bitácora; says where.

        """
        self._anchor.tail()  # before the branch: another process may publish in between, and then be believed
        waiting = [entry for path in journals(self._waiting) for entry in read_journal(path)]
        base, orphans = self._base(self._branch.remote_head())
        new = _missing(base, [*orphans, *waiting, *self._pending])
        return (*(link.entry.event for link in base.chain.links), *(entry.event for entry in new))

    def refresh(self) -> None:
        """Ask the remote for what others have published."""
        self._anchor.tail()
        self._base(self._branch.fetch())

    def append(self, *events: Event) -> None:
        """Put events on record on this machine: once it returns they survive the machine's stop.

        Raises:
            RecordError: they could not be stored; none of them is on record, and no more are accepted.
            ValueError, TypeError: what they hold is no JSON, or their moment has no zone: a defect of ours.

        """
        if not events:
            return
        entries = tuple(
            decode(encode(Entry(f"{self.run}/{self._count + place}", event)))
            for place, event in enumerate(events, start=1)
        )
        if self._journal is None:
            with self._exclusively():
                self._journal = Journal(self._waiting / f"{self.run}.jsonl")
        self._journal.append(entries)
        self._count += len(entries)
        self._pending.extend(entries)

    def publish(self) -> None:
        """Commit what was appended to the branch and to the remote, where there is one.

        What dead runs of this clone left behind goes first. An event is published once, however often and
        wherever this is interrupted; losing the race to another writer is tried again with the events
        chained anew, for a while.

        Raises:
            RecordError: it could not be published; what was appended stays here for the next time.

        """
        with self._exclusively():
            for turn in range(TRIES):
                try:
                    self._publish_once()
                except LostRaceError as error:
                    lost = error.message
                    pause = min(_LONGEST_WAIT, _FIRST_WAIT * 2**turn)
                    self._sleep(pause * (0.5 + self._randomness.random()))
                else:
                    return
        raise RecordError(
            f"La bitácora no se pudo publicar en {TRIES} intentos. {lost}",
            remedy="Vuelva a correr: lo anotado queda en esta máquina y se publicará entonces.",
        )

    def head(self) -> str:
        """Return the digest of the last line that is published, as far as this clone knows."""
        return self._base(self._branch.remote_head())[0].chain.tail.digest

    def length(self) -> int:
        """Return how many events end at `head`: with that digest, it names what a report was computed from."""
        return self._base(self._branch.remote_head())[0].chain.tail.n

    def ending(self, digest: str) -> Sequence[Tail]:
        """Return every published line whose digest begins so: where the record ended once, as `head` said then."""
        links = self._base(self._branch.remote_head())[0].chain.links
        return [Tail(one.n, one.digest) for one in links if one.digest.startswith(digest)]

    @property
    def is_published(self) -> bool:
        """Whether all that is on record in this clone is on the branch too, and on the remote as last seen."""
        waiting = any(read_journal(path) for path in journals(self._waiting))
        ahead = self._branch.remote is not None and self._branch.head() not in (None, self._branch.remote_head())
        return not (waiting or ahead or self._pending)

    def clone(self) -> str:
        """Return this clone's name, the same for all its runs."""
        with self._exclusively():
            return clone_id(self.directory, self._randomness)

    def close(self) -> None:
        """Let go of files; what is not published stays for the next run. Calling it again does nothing."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _waiting(self) -> Path:
        return self.directory / "pendientes"

    def _exclusively(self) -> AbstractContextManager[None]:
        return exclusively(self.directory / "bloqueo", self._sleep)

    def _publish_once(self) -> None:
        with dead_journals(self._waiting) as dead:
            left = [entry for path in dead for entry in read_journal(path)]
            remote, local = self._branch.fetch(), self._branch.head()
            base, orphans = self._base(remote)
            new = _missing(base, [*orphans, *left, *self._pending])
            commit = base.commit
            if new:
                files = _segments(base, new)
                commit = self._branch.commit(base.commit, files, _message(new), expected=local)
            elif commit is not None and commit != local:
                self._branch.move(commit, expected=local)
            if commit is not None and commit != remote and self._branch.remote is not None:
                self._push(commit)
            self._anchor.drop_at(self._reader.read(commit).chain)
            discard(dead)
        self._pending.clear()
        if self._journal is not None:
            self._journal.clear()

    def _push(self, commit: str) -> None:
        """Push, and where the answer is an error, look whether it arrived all the same."""
        try:
            self._branch.push(commit)
        except LostRaceError:
            raise
        except RecordError as error:
            try:
                seen = self._branch.fetch()
            except RecordError:
                raise error from None
            if seen is None or not self._branch.is_ancestor(commit, seen):
                raise

    def _base(self, remote: str | None) -> tuple[Snapshot, list[Entry]]:
        """Return what to write on, and the entries of local commits that it lacks.

        The remote's commits come first; local ones that it has not seen are kept as they are where they
        lead on from it, and are to be chained anew where they do not.
        """
        local = self._branch.head()
        published = remote if self._branch.remote else local
        base = self._reader.read(published)
        self._anchor.check(base.chain)
        if local in (None, published) or (published and self._branch.is_ancestor(local, published)):
            return base, []
        ours = self._reader.read(local)
        if published is None or self._branch.is_ancestor(published, local):
            return ours, []
        return base, [link.entry for link in ours.chain.links]


def _missing(base: Snapshot, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that the chain lacks, each once, in their order.

    Raises:
        RecordError: two different events carry one name, so that dropping either would lose it.

    """
    known = {name: found.entry for name, found in base.chain.by_id.items()}
    new: list[Entry] = []
    for entry in entries:
        if entry.id not in known:
            known[entry.id] = entry
            new.append(entry)
        elif encode(known[entry.id]) != encode(entry):
            raise RecordError(
                f"Hay dos hechos distintos con el nombre {entry.id}.",
                remedy="Aparte el diario de esa corrida (.git/cuentas/pendientes) y compárelos.",
            )
    return new


def _segments(base: Snapshot, entries: list[Entry]) -> dict[str, bytes]:
    """Return the files to add: one for each stretch of entries that belong to one run."""
    files = {} if base.commit else {GENESIS: GENESIS_TEXT}
    linked = list(link(entries, base.chain.tail))
    listing = dict(base.listing)
    for run, stretch in groupby(linked, key=lambda pair: pair[1].entry.id.rpartition("/")[0]):
        pairs = list(stretch)
        year = pairs[0][1].entry.event.at.year
        path = Snapshot(base.commit, listing).next_segment(year, run)
        files[path] = b"".join(line + b"\n" for line, _ in pairs)
        listing[path] = ""
    return files


def _message(entries: list[Entry]) -> str:
    runs = sorted({entry.id.rpartition("/")[0] for entry in entries})
    noun = "hecho" if len(entries) == 1 else "hechos"
    return f"Bitácora: {len(entries)} {noun} de {', '.join(runs)}\n"

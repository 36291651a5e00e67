"""Histories as traces: every version of every declaration streamed once, and a line that goes on from a known one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from reconciler.engine.ports import Sources
from reconciler.history import CommitChange
from reconciler.trail import Entries, Tracer, Trail, blob_of, declaring

Reading = Callable[[str, bytes], Entries]
"""Reads versions of files, by path and content, as they followed each other (`desired.Language.reader`)."""


class Traces:
    """Traces lines of history; where one goes on from another that was asked for before, only what it has more."""

    def __init__(self, sources: Sources, reader: Callable[[], Reading]) -> None:
        self._sources = sources
        self._reader = reader
        self._known: dict[str, Tracer] = {}

    def trail(self, tip: str) -> Trail:
        """Return the trail of the line that ends in a commit, 40 hex digits."""
        if tip not in self._known:
            self._known[tip] = self._going_on(tip) or self._traced(Tracer, list(self._sources.first_parent(tip)))
        return self._known[tip].trail

    def _going_on(self, tip: str) -> Tracer | None:
        for known, tracer in self._known.items():
            commits = list(self._sources.first_parent(tip, known))
            if commits and commits[0].parents[:1] == (known,):
                return self._traced(tracer.going_on, commits)
        return None

    def _traced(self, begin: Callable[[Callable[[str], Entries]], Tracer], commits: Sequence[CommitChange]) -> Tracer:
        tracer = begin(reader(self._sources, self._reader(), commits))
        for change in commits:
            tracer.take(change)
        return tracer


def reader(sources: Sources, read: Reading, commits: Sequence[CommitChange]) -> Callable[[str], Entries]:
    """Return what reads every version that some commits left of declarations, in the order of a trace.

    They are streamed once, in the order in which they are asked for.
    """
    paths = (path for path, _ in _versions(commits))
    versions = sources.blobs(blob for _, blob in _versions(commits))

    def entries(blob: str) -> Entries:
        name, data = next(versions)
        if name != blob:
            raise AssertionError(f"se esperaba la versión {blob} y llegó {name}")
        return read(next(paths), data)

    return entries


def _versions(commits: Iterable[CommitChange]) -> Iterator[tuple[str, str]]:
    for change in commits:
        for file in declaring(change):
            blob = blob_of(file)
            if blob:
                yield file.path, blob

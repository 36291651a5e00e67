"""A line that goes on from one that was traced says what it says traced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.traces import Traces
from reconciler.history import CommitChange
from reconciler.trail import Entries, Trail, trace
from tests.index.lines import Lines, step

steps = st.lists(step, min_size=1, max_size=4)


class Sources:
    """The repository as traces ask it; what a version says is looked up by its name."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines

    def first_parent(self, tip: str, since: str | None = None) -> Iterator[CommitChange]:
        """Yield what a line has and another one lacks."""
        yield from self.lines.commits(tip, since) or ()

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield names for contents."""
        return ((one, one.encode()) for one in ids)

    def read(self, path: str, data: bytes) -> Entries:
        """Read a version."""
        del path
        return self.lines.entries(data.decode())


@settings(max_examples=300)
@given(first=steps, one=steps, other=steps, cut=st.integers(0, 4))
def test_it_goes_on_from_what_is_known_and_leaves_that_as_it_was(
    first: list[object], one: list[object], other: list[object], cut: int
) -> None:
    lines = Lines()
    base = lines.grown((), first)  # type: ignore[arg-type]
    longer = lines.grown(lines.tips[base], one)  # type: ignore[arg-type]
    beside = lines.grown(lines.tips[longer][: 1 + cut], other)  # type: ignore[arg-type]
    sources = Sources(lines)
    traces = Traces(sources, lambda: sources.read)  # type: ignore[arg-type]
    found: dict[str, Trail] = {}
    for tip in (base, longer, beside, base):
        found[tip] = traces.trail(tip)
        kept = deepcopy(found)
        assert kept == {one: trace(lines.tips[one], lines.entries) for one in found}


def test_what_is_known_is_not_read_again() -> None:
    lines = Lines()
    alta: list[object] = [({"accounts/SAF.yaml": {"ana": {"alta": "SAF/1/2026"}}}, True, "a")]
    base = lines.grown((), alta)  # type: ignore[arg-type]
    tip = lines.grown(lines.tips[base], [({"accounts/SAF.yaml": {}}, True, "a")])
    sources = Sources(lines)
    traces = Traces(sources, lambda: sources.read)  # type: ignore[arg-type]
    traces.trail(base)
    traces.trail(tip)
    assert lines.read == len(lines.tips[tip])

"""The index says what the whole trace says, whatever became of its file and of the line meanwhile."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.events import Event
from reconciler.index import Index
from reconciler.model import OFICIOS, AccountKey, normalized_oficio
from reconciler.report.history import Deeds, deeds, moments
from reconciler.trail import Trail, trace
from tests.index.lines import AUTHORS, KEYS, Lines, step

NOTHING: list[Event] = []
ALTA = ({"accounts/SAF.yaml": {"ana": {"alta": "SAF/1/2026"}}}, True, AUTHORS[0])
BAJA = ({"accounts/SAF.yaml": {"ana": {"alta": "SAF/1/2026", "baja": "SAF/9/2026"}}}, True, AUTHORS[1])


@contextmanager
def index(file: Path, version: str = "1") -> Iterator[Index]:
    with Index(file, version) as opened:
        yield opened


def same(found: Index, lines: Lines, tip: str) -> None:
    """Compare every answer with that of the trace of the whole line."""
    whole = trace(lines.tips[tip], lines.entries)
    record: Deeds = deeds(NOTHING)
    assert found.keys() == sorted(whole.movements)
    authors = {one.parents[-1]: one.author for one in whole.commits.values() if one.is_merge}
    authors |= lines.authors(list(authors))
    for key in map(AccountKey, KEYS):
        assert found.knows(key) == (key in whole.movements)
        part = found.trail([key])
        assert all(whole.movements[name] == ones for name, ones in part.movements.items())
        assert moments(key, part, record, found.proposers(part.commits.values())) == moments(
            key, whole, record, authors
        )
    for oficio in ("SAF/1/2026", "SAF 3/2026", "saf/9/2026", "SAF/7/2026"):
        assert found.named_by(oficio) == _naming(oficio, whole)
    merged = {one.author for one in whole.commits.values() if one.is_merge}
    assert found.approvers() == sorted(merged)
    for author in AUTHORS:
        mine = {one.commit for one in whole.commits.values() if one.is_merge and one.author == author}
        assert found.approved_by([author]) == _moved(mine, whole)
    first = datetime(2026, 1, 2, 3, tzinfo=UTC)
    last = first + timedelta(days=2)
    between = {one.commit for one in whole.commits.values() if first <= one.at < last}
    assert found.moved_between(first, last) == _moved(between, whole)


def _naming(oficio: str, whole: Trail) -> list[AccountKey]:
    wanted = normalized_oficio(oficio)
    return sorted(
        key
        for key, ones in whole.movements.items()
        if any(normalized_oficio(one.after.get(name, "")) == wanted for one in ones for name in OFICIOS)
    )


def _moved(commits: set[str], whole: Trail) -> list[AccountKey]:
    return sorted(key for key, ones in whole.movements.items() if any(one.commit in commits for one in ones))


def steps(most: int) -> st.SearchStrategy[list[object]]:
    return st.lists(step, min_size=1, max_size=most)


@settings(max_examples=150)
@given(steps(5), st.lists(steps(3), max_size=3), st.data())
def test_it_answers_as_the_whole_trace_does_however_the_line_grew(
    first: list[object], more: list[list[object]], draw: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "indice.sqlite"
        lines = Lines()
        tip = lines.grown((), first)  # type: ignore[arg-type]
        for added in (None, *more):
            if added is not None:
                line = lines.tips[tip]
                cut = draw.draw(st.sampled_from([len(line), len(line), max(1, len(line) - 1)]))
                tip = lines.grown(line[:cut], added)  # type: ignore[arg-type]
            with index(file) as found:
                assert found.follow(tip, lines) is None
                same(found, lines, tip)
                older = draw.draw(st.sampled_from(lines.tips[tip])).commit
                assert found.follow(older, lines) is None
                same(found, lines, older)


def test_only_new_commits_are_read(tmp_path: Path) -> None:
    lines = Lines()
    tip = lines.grown((), [ALTA] * 4)
    with index(tmp_path / "i") as found:
        found.follow(tip, lines)
    lines.read = 0
    with index(tmp_path / "i") as found:
        found.follow(tip, lines)
        assert lines.read == 0
        found.follow(lines.grown(lines.tips[tip], [BAJA]), lines)
        assert lines.read == 1


def grown_file(folder: Path, lines: Lines) -> tuple[Path, str]:
    tip = lines.grown((), [ALTA, BAJA])
    with index(folder / "indice.sqlite") as found:
        assert found.follow(tip, lines) is None
    return folder / "indice.sqlite", tip


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_file_is_made_anew(draw: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = Lines()
        file, tip = grown_file(Path(folder), lines)
        data = bytearray(file.read_bytes())
        place = draw.draw(st.integers(0, len(data) - 1))
        if draw.draw(st.booleans()):
            data[place] ^= draw.draw(st.integers(1, 255))
        else:
            del data[place:]
        file.write_bytes(data)
        with index(file) as found:
            found.follow(tip, lines)
            same(found, lines, tip)
        with index(file) as found:
            lines.read = 0
            found.follow(tip, lines)
            assert lines.read == 0


def test_one_that_another_version_made_is_made_anew(tmp_path: Path) -> None:
    lines = Lines()
    file, tip = grown_file(tmp_path, lines)
    lines.read = 0
    with index(file, "2") as found:
        found.follow(tip, lines)
        assert lines.read == 2
        same(found, lines, tip)


def test_a_line_that_was_rewritten_is_taken_in_from_its_root(tmp_path: Path) -> None:
    lines = Lines()
    file, _ = grown_file(tmp_path, lines)
    other = Lines()
    tip = other.grown((), [({"accounts/SEBIDES.yaml": {"beto": {"alta": "S/1/2026"}}}, False, AUTHORS[2])])
    with index(file) as found:
        found.follow(tip, other)
        same(found, other, tip)
        assert not found.knows(AccountKey("ana"))


def test_where_nothing_can_be_written_it_answers_and_says_why_it_was_not_kept(tmp_path: Path) -> None:
    lines = Lines()
    tip = lines.grown((), [ALTA])
    (tmp_path / "archivo").write_text("")
    with index(tmp_path / "archivo" / "indice.sqlite") as found:
        assert found.follow(tip, lines) == "ya existe"
        same(found, lines, tip)


@pytest.mark.parametrize("place", ["folder", "link"])
def test_something_else_in_its_place_is_no_answer(tmp_path: Path, place: str) -> None:
    lines = Lines()
    file, tip = grown_file(tmp_path, lines)
    file.unlink()
    file.mkdir() if place == "folder" else file.symlink_to("/dev/null")
    with index(file) as found:
        found.follow(tip, lines)
        same(found, lines, tip)


def test_a_copy_of_it_answers_elsewhere(tmp_path: Path) -> None:
    lines = Lines()
    file, tip = grown_file(tmp_path, lines)
    shutil.copy(file, tmp_path / "otra.sqlite")
    with index(tmp_path / "otra.sqlite") as found:
        found.follow(tip, lines)
        same(found, lines, tip)

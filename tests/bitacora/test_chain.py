"""Whatever is done to the lines of a chain is found, but for what only an anchor can know: its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from reconciler.bitacora.chain import (
    Chain,
    Entry,
    Finding,
    MalformedLineError,
    Tail,
    decode,
    encode,
    link,
    moment,
    read_moment,
    verify,
)
from reconciler.events import Event, EventKind
from reconciler.model import AccountKey
from tests.clones import event

PATH = "eventos/2026/uno/0001.jsonl"
RUNS = ("uno", "dos", "tres")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DATA = st.dictionaries(st.text(max_size=5), SCALARS | st.lists(SCALARS, max_size=2), max_size=3)
MOMENTS = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001  # the zones are drawn
    datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.timezones() | st.builds(timezone, st.timedeltas(-timedelta(hours=23), timedelta(hours=23))),
)
EVENTS = st.builds(
    Event,
    kind=st.sampled_from(EventKind),
    at=MOMENTS,
    run=st.sampled_from(RUNS),
    key=st.none() | st.text(max_size=8).map(AccountKey),
    data=DATA,
)


def files_of(events: list[Event], cuts: list[bool]) -> dict[str, bytes]:
    """Chain events and lay them out in segments, one for each stretch of one run, cut further at will."""
    entries = [Entry(f"{one.run}/{n}", one) for n, one in enumerate(events)]
    files: dict[str, bytes] = {}
    path, before = "", ""
    for (line, linked), cut in zip(link(entries, Tail()), cuts, strict=False):
        run = linked.entry.event.run
        if cut or run != before:
            path = f"eventos/2026/{run}/{len(files) + 1:04d}.jsonl"
        files[path] = files.get(path, b"") + line + b"\n"
        before = run
    return files


@st.composite
def chains(draw: st.DrawFn) -> dict[str, bytes]:
    """Draw the files of a chain of two lines or more."""
    events = draw(st.lists(EVENTS, min_size=2, max_size=8))
    return files_of(events, draw(st.lists(st.booleans(), min_size=len(events), max_size=len(events))))


def _edited(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, len(data) - 1))
    return data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :]


def _cut(draw: st.DrawFn, data: bytes) -> bytes:
    return data[: draw(st.integers(0, len(data) - 1))]


def _deleted(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    lines.pop(draw(st.integers(0, len(lines) - 1)))
    return b"".join(lines)


def _inserted(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    foreign = draw(st.binary(max_size=20) | st.sampled_from(lines)).removesuffix(b"\n") + b"\n"
    lines.insert(draw(st.integers(0, len(lines))), foreign)
    return b"".join(lines)


def _reordered(draw: st.DrawFn, data: bytes) -> bytes:
    return b"".join(draw(st.permutations(data.splitlines(keepends=True))))


MUTATIONS: list[Callable[[st.DrawFn, bytes], bytes]] = [_edited, _cut, _deleted, _inserted, _reordered]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Draw a chain and what became of it after one to three mutations."""
    whole = draw(chains())
    broken = dict(whole)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(sorted(broken)))
        if broken[path]:
            broken[path] = draw(st.sampled_from(MUTATIONS))(draw, broken[path])
        if not broken[path] and draw(st.booleans()):
            del broken[path]
        if not broken:
            break
    assume(broken != whole)
    return whole, broken


@given(EVENTS)
@example(Event(kind=EventKind.LEASE, at=datetime(2024, 11, 3, 1, tzinfo=ZoneInfo("America/Boise")), run="uno"))
def test_an_event_comes_back_from_its_line_as_it_went(one: Event) -> None:
    line = encode(Entry("uno/1", one))
    back = decode(line)
    assert back == Entry(
        "uno/1", replace(one, at=one.at.astimezone(UTC))
    )  # PEP 495: else never equal in an hour twice
    assert back.event.at.utcoffset() == timedelta(0)
    assert encode(back) == line
    assert b"\n" not in line


@given(chains())
def test_every_line_holds_the_digest_of_the_line_before_it(files: dict[str, bytes]) -> None:
    chain = verify(files.items())
    assert chain.findings == ()
    lines = [line for data in files.values() for line in data.split(b"\n")[:-1]]
    lines.sort(key=lambda line: int(json.loads(line)["n"]))
    digests = [sha256(line).hexdigest() for line in lines]
    assert [json.loads(line)["prev"] for line in lines] == ["0" * 64, *digests[:-1]]
    assert [one.digest for one in chain.links] == digests
    assert chain.tail == Tail(len(lines), digests[-1])


@given(chains())
def test_files_make_the_same_chain_in_any_order_and_bit_by_bit(files: dict[str, bytes]) -> None:
    whole = verify(files.items())
    assert verify(reversed(files.items())) == whole
    grown = Chain()
    for item in files.items():
        grown = verify([item], grown)
    assert grown == whole


@given(damaged())
def test_no_mutation_passes_both_the_chain_and_whoever_knows_its_end(
    both: tuple[dict[str, bytes], dict[str, bytes]],
) -> None:
    whole, broken = (verify(files.items()) for files in both)
    assert broken.findings or not broken.holds(whole.tail)


@given(damaged())
def test_what_passes_without_a_finding_is_the_chain_as_it_was_but_for_its_end(
    both: tuple[dict[str, bytes], dict[str, bytes]],
) -> None:
    whole, broken = (verify(files.items()) for files in both)
    if not broken.findings:
        kept = [one.digest for one in broken.links[:-1]]
        assert kept == [one.digest for one in whole.links][: len(kept)]
        assert len(broken.links) <= len(whole.links)


def lines_of(count: int, run: str = "uno") -> list[bytes]:
    entries = [Entry(f"{run}/{n}", event(run, n)) for n in range(1, count + 1)]
    return [line + b"\n" for line, _ in link(entries, Tail())]


def codes(data: bytes, path: str = PATH) -> set[str]:
    return {finding.code for finding in verify([(path, data)]).findings}


def changed(line: bytes, **fields: object) -> bytes:
    values = json.loads(line) | fields
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def test_each_thing_that_can_be_wrong_has_its_own_name() -> None:
    one, two, three = lines_of(3)
    other = changed(two, key="otra")
    assert codes(one + two + three) == set()
    assert codes(one + three) == {"hueco"}
    assert codes(two + three) == {"hueco"}
    assert codes(one + other + three) == {"enlace_roto"}
    assert codes(one + two + changed(three, id="uno/1")) == {"repetido"}
    assert codes(one + two + two + three) == {"duplicada", "desorden"}
    assert codes(one + two + other + three) == {"bifurcacion", "desorden"}
    assert codes(two + one + three) == {"desorden"}
    assert codes(one + two[:-1]) == {"incompleto"}
    assert codes(b"") == {"incompleto", "ilegible"}
    assert codes(one, "eventos/2026/uno/0001.txt") == {"ajeno"}
    assert codes(one, "eventos/2026/../0001.jsonl") == {"ajeno"}
    assert codes(one, "eventos/2026/dos/0001.jsonl") == {"ilegible"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"n": True}, "número"),
        ({"n": 1.0}, "número"),
        ({"n": 0}, "número"),
        ({"prev": 7}, "enlace"),
        ({"kind": "cuenta_borrada"}, "actualice cuentas"),
        ({"kind": ["intento"]}, "actualice cuentas"),
        ({"id": 7}, "tipo"),
        ({"run": None}, "tipo"),
        ({"data": []}, "tipo"),
        ({"key": 7}, "texto"),
        ({"at": 7}, "fecha"),
        ({"more": 1}, "campos"),
    ],
)
def test_a_line_with_a_wrong_value_says_which(fields: dict[str, object], why: str) -> None:
    (line,) = lines_of(1)
    (finding,) = verify([(PATH, changed(line, **fields))]).findings
    assert finding.code == "ilegible"
    assert finding.place == f"{PATH}:1"
    assert why in finding.message


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"[]", b'{"a": 1}', b'{"a":1,"a":1}', b"\xff", b"NaN", b"1e400", b"[" * 100_000, b'"\\u00f1"'],
)
def test_bytes_that_this_program_does_not_write_are_no_line(line: bytes) -> None:
    with pytest.raises(MalformedLineError):
        decode(line)


@pytest.mark.parametrize(
    "spelling",
    [
        "2026-11-24T05:12:00Z",
        "2026-11-24 05:12:00.000000Z",
        "2026-11-24T05:12:00,000000Z",
        "2026-W48-2T05:12:00.000000Z",
        "2026-11-24T05:12:00.000000",
        "2026-11-24T05:12:00.000000+00:00",
        "2026-02-30T05:12:00.000000Z",
        "0001-01-01T00:00:00.000000+23:59",
        "ayer",
        None,
    ],
)
def test_a_moment_has_one_spelling(spelling: object) -> None:
    assert moment(read_moment("2026-11-24T05:12:00.000000Z")) == "2026-11-24T05:12:00.000000Z"
    with pytest.raises(MalformedLineError, match="fecha"):
        read_moment(spelling)


def test_a_moment_without_zone_is_never_put_on_record() -> None:
    naive = Event(kind=EventKind.ATTEMPT, at=datetime(2026, 1, 1), run="uno")  # noqa: DTZ001  # what is refused
    with pytest.raises(ValueError, match="aware"):
        encode(Entry("uno/1", naive))


def test_a_finding_cannot_write_to_the_terminal() -> None:
    text = str(Finding("eventos/\x1b[2J\udcff", "ajeno", "año\u202e"))
    assert text == "eventos/\\u001b[2J\\udcff: año\\u202e"

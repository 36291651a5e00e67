"""The audit names everything wrong with the branch, and reading it refuses each of those things."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

import pytest

from reconciler.bitacora import audit_chain
from reconciler.errors import RecordError
from reconciler.repository import fast_import
from tests.clones import BRANCH, Clone, event

GENESIS = b'{"formato":1,"sistema":"cuentas"}\n'
ONE = "eventos/2026/uno/0001.jsonl"
TWO = "eventos/2026/uno/0002.jsonl"


@pytest.fixture
def whole(here: Clone, remote: Clone) -> Clone:
    """A clone that published three facts in two commits."""
    assert remote.tip() is None
    with here.record("uno") as record:
        record.append(event("uno", 1), event("uno", 2))
        record.publish()
        record.append(event("uno", 3))
        record.publish()
    return here


def codes(one: Clone) -> list[str]:
    """Return what an audit finds, after asking the remote."""
    branch = one.branch()
    branch.fetch()
    return sorted({finding.code for finding in audit_chain(branch, one.folder).findings})


def test_a_whole_record_has_no_findings_and_its_end_is_said(whole: Clone, remote: Clone) -> None:
    audit = audit_chain(whole.branch(), whole.folder)
    assert audit.findings == ()
    assert audit.commit == remote.tip()
    assert audit.count == 3
    with whole.record("dos") as record:
        record.append(event("dos", 1))
        record.publish()
    assert json.loads(remote.lines()[3])["prev"] == audit.digest


def test_a_record_that_has_not_begun_has_no_findings(here: Clone, alone: Clone) -> None:
    for one in (here, alone):
        audit = audit_chain(one.branch(), one.folder)
        assert (audit.commit, audit.count, audit.digest, audit.findings) == (None, 0, "0" * 64, ())


def test_a_record_without_remote_is_audited_where_it_is(alone: Clone) -> None:
    with alone.record("uno") as record:
        record.append(event("uno", 1))
        record.publish()
    assert codes(alone) == []
    alone.put({ONE: None})
    assert codes(alone) == ["archivo_alterado", "recortada"]


def changed(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    return data.replace(old, new)


def test_each_way_of_changing_what_was_published_is_found(whole: Clone, remote: Clone) -> None:
    files = remote.files()
    good = str(remote.tip())
    first, second = files[ONE].splitlines(keepends=True)
    cases: list[tuple[Mapping[str, bytes | None], set[str]]] = [
        ({ONE: changed(files[ONE], b'"c1"', b'"c9"')}, {"enlace_roto", "archivo_alterado"}),
        ({ONE: changed(files[ONE], b'"n":1', b'"n": 1')}, {"ilegible", "hueco", "archivo_alterado"}),
        ({ONE: second + first}, {"desorden", "archivo_alterado"}),
        ({ONE: first}, {"hueco", "archivo_alterado"}),
        ({ONE: files[ONE][:-1]}, {"incompleto", "archivo_alterado"}),
        ({ONE: None}, {"hueco", "archivo_alterado"}),
        ({TWO: None}, {"recortada", "archivo_alterado"}),
        ({TWO: changed(files[TWO], b'"c3"', b'"c9"')}, {"recortada", "archivo_alterado"}),
        ({"eventos/2026/uno/0003.jsonl": files[TWO]}, {"duplicada"}),
        ({"eventos/2026/uno/0003.jsonl": changed(files[TWO], b"c3", b"c9")}, {"bifurcacion"}),
        ({"LEEME.md": b"hola\n"}, {"ajeno"}),
        ({"eventos/2026/uno/0003.txt": b"hola\n"}, {"ajeno"}),
        ({"eventos/\x1b\udcff": b"hola\n"}, {"ajeno"}),
        ({"bitacora.json": None}, {"no_es_bitacora"}),
        ({"bitacora.json": b"{}\n"}, {"no_es_bitacora"}),
    ]
    for number, (changes, expected) in enumerate(cases):
        remote.put(changes)
        assert set(codes(whole)) >= expected, changes
        with whole.record(f"caso{number}") as record:
            record.append(event(record.run, 1))
            with pytest.raises(RecordError) as caught:
                record.publish()
            str(caught.value).encode()  # whatever the branch holds, its error can be printed
        remote.git("update-ref", BRANCH, good)
        assert codes(whole) == []


def test_a_fact_that_is_there_twice_is_found(whole: Clone, remote: Clone) -> None:
    last = json.loads(remote.lines()[-1])
    with whole.record("dos") as record:
        record.append(event("dos", 1))
        record.publish()
    before = json.loads(remote.lines()[-1])
    forged = last | {"n": before["n"] + 1, "prev": sha256(remote.lines()[-1]).hexdigest()}
    line = json.dumps(forged, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    remote.put({"eventos/2026/uno/0003.jsonl": line})
    assert codes(whole) == ["repetido"]


def test_a_file_that_was_changed_and_put_back_is_found_in_the_history(whole: Clone, remote: Clone) -> None:
    content = remote.files()[ONE]
    remote.put({ONE: b"otro\n"})
    remote.put({ONE: content})
    branch = whole.branch()
    branch.fetch()
    findings = audit_chain(branch, whole.folder).findings
    assert [(one.code, one.message) for one in findings] == [
        ("archivo_alterado", f"el commit modifica {ONE}, que no debía cambiar"),
        ("archivo_alterado", f"el commit modifica {ONE}, que no debía cambiar"),
    ]
    with whole.record("dos") as record:  # what it says now is what it said: writing goes on
        record.append(event("dos", 1))
        record.publish()


def test_a_merge_of_two_histories_is_found(whole: Clone, remote: Clone) -> None:
    remote.put({"eventos/2026/dos/0001.jsonl": b"x\n"})
    remote.git("update-ref", "refs/heads/otra", BRANCH)
    remote.git("update-ref", BRANCH, f"{BRANCH}~1")
    remote.put({"otro": b"x\n"})
    remote.put({}, merge="refs/heads/otra")
    assert "mezcla" in codes(whole)


def test_a_program_or_a_link_in_the_place_of_a_segment_is_no_segment(whole: Clone, remote: Clone) -> None:
    blob = remote.git("rev-parse", f"{BRANCH}:{TWO}")
    for mode in ("100755", "120000"):
        stream = f"commit {BRANCH}\ncommitter A <a@b> 1790000000 +0000\ndata 1\nx\nfrom {BRANCH}^0\n"
        fast_import(remote.path, [f"{stream}M {mode} {blob} {TWO}\ndone\n".encode()])
        assert "ajeno" in codes(whole)


def test_what_is_only_here_or_only_there_is_told_apart(whole: Clone, there: Clone, remote: Clone) -> None:
    assert codes(there) == []  # behind is no fault
    remote.hook("pre-receive", "exit 1")
    with there.record("dos") as record:
        record.append(event("dos", 1))
        with pytest.raises(RecordError, match="no aceptó"):
            record.publish()
    assert codes(there) == ["sin_publicar"]
    (remote.git_dir / "hooks/pre-receive").unlink()
    with whole.record("tres") as record:
        record.append(event("tres", 1))
        record.publish()
    assert codes(there) == ["divergente"]
    with there.record("cuatro") as record:
        record.publish()
    assert codes(there) == []
    remote.git("update-ref", "-d", BRANCH)
    assert codes(there) == ["recortada", "sin_publicar"]


def test_a_note_of_the_end_that_cannot_be_read_is_a_finding(whole: Clone) -> None:
    (whole.folder / "cabeza-origin").write_bytes(b"\xff")
    assert codes(whole) == ["ancla_ilegible"]


def test_a_branch_of_that_name_that_is_something_else_is_left_alone(here: Clone, remote: Clone) -> None:
    remote.put({"LEEME.md": b"hola\n"})
    before = remote.tip()
    assert codes(here) == ["no_es_bitacora"]
    with here.record("uno") as record:
        record.append(event("uno", 1))
        with pytest.raises(RecordError, match="no es una bitácora de cuentas"):
            record.publish()
    assert remote.tip() == before
    remote.put({"bitacora.json": GENESIS}, fresh=True)
    with here.record("dos") as record:
        record.publish()
    assert remote.ids() == ["uno/1"]


def test_several_findings_are_counted_and_the_first_is_named(here: Clone, remote: Clone) -> None:
    remote.put({"bitacora.json": GENESIS, "a": b"", "b": b""})
    with (
        here.record("uno") as record,
        pytest.raises(RecordError, match=r"no es un archivo de la bitácora \(y 1 más\)"),
    ):
        record.refresh()

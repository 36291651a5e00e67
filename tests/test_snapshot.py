"""A published reading: it comes back as it was, says nothing of others, and nothing else is taken for one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.diff import Policy, diff
from reconciler.errors import UsageError
from reconciler.model import AccountKey, Handle, Mailbox, MailboxKind, Reading, Status, Tipo
from reconciler.snapshot import LARGEST, Snapshot, as_json, from_json, taken
from tests.build import TODAY, account, declaration, declared, observed, occupant, reading, remembering

AT = datetime(2026, 11, 24, 15, 30, 12, tzinfo=UTC)


def shot(there: Reading, at: datetime = AT) -> Snapshot:
    return taken("ad", there, at, commit="c" * 40, record="d" * 64)


def everything() -> Reading:
    return reading(
        observed(
            account("ana.ruiz", aliases=("a@sinaloa.gob.mx",), responsable=None), mailbox="m1", kept_mailbox="m1"
        ),
        observed(account("beto.gil", status=Status.RETIRED, mailbox=None), unfinished=True, protected="adminCount=1"),
        observed(
            account(
                "caja.saf",
                tipo=Tipo.COMPARTIDA,
                responsable=AccountKey("ana.ruiz"),
                mailbox=Mailbox(kind=MailboxKind.SHARED, quota_mb=10, hidden=True, accepts_mail=False, remote=True),
            )
        ),
        others=(occupant(account("ajena")),),
        claims={AccountKey("dos"): (Handle(guid="1", place="CN=a"), Handle(guid="2", place="CN=b"))},
    )


def test_what_is_read_back_is_what_was_taken() -> None:
    one = shot(everything())
    again = from_json(as_json(one).encode())
    assert again.digest == one.digest
    assert as_json(again) == as_json(one)
    assert again.reading.state == one.reading.state
    assert (again.target, again.taken, again.commit, again.record) == ("ad", one.taken, "c" * 40, "d" * 64)


def test_foreign_objects_and_where_things_are_in_the_directory_stay_out_of_it() -> None:
    text = as_json(shot(everything()))
    assert "ajena" not in text
    assert "CN=" not in text


def test_the_same_reading_later_has_the_same_digest_and_another_one_has_another() -> None:
    there = everything()
    assert shot(there).digest == shot(there, AT + timedelta(days=1)).digest
    assert shot(there).digest != shot(replace(there, reads_mailboxes=False)).digest
    assert shot(there).digest != replace(shot(there), target="otro").digest


def test_a_plan_against_it_is_the_plan_against_the_target_where_nothing_is_anybody_elses() -> None:
    there = replace(everything(), others=())
    wanted = declaration(declared("ana.ruiz", title="Jefa"), declared("beto.gil"), declared("nueva.x"))
    policy = Policy(retention_days=90)
    back = from_json(as_json(shot(there)).encode()).reading
    changes, _ = diff(wanted, there, remembering(there), policy, TODAY)
    assert diff(wanted, back, remembering(there), policy, TODAY)[0] == changes
    assert changes


def test_every_field_of_a_handle_is_published_or_known_by_its_place() -> None:
    odd = Handle(
        guid="g", place="p", owner=AccountKey("juan.perez"), unfinished=True, protected="x", mailbox_fault="y",
        mailbox="m", kept_mailbox="k",
    )  # fmt: skip
    there = reading(replace(observed(account()), handle=odd))
    back = from_json(as_json(shot(there)).encode()).reading.accounts[AccountKey("juan.perez")]
    assert back.handle == replace(odd, place="SAF/juan.perez")


# --- hostile files ------------------------------------------------------------------------------------------


def edited(change: Any) -> bytes:
    """Return a snapshot's text after somebody edited its JSON, written as we would."""
    document = json.loads(as_json(shot(everything())))
    change(document)
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one["lectura"]["cuentas"]["ana.ruiz"]["cuenta"].update(title="Directora"),
        lambda one: one["lectura"]["cuentas"]["ana.ruiz"]["cuenta"].update(key="otra"),
        lambda one: one["lectura"]["cuentas"]["ana.ruiz"]["cuenta"].update(curp="x"),
        lambda one: one["lectura"]["cuentas"]["ana.ruiz"]["cuenta"].update(logon_enabled="true"),
        lambda one: one["lectura"]["cuentas"]["ana.ruiz"]["identidad"].update(guid=1),
        lambda one: one["lectura"]["cuentas"].update({"x" * 10: None}),
        lambda one: one["lectura"].update(otros=[]),
        lambda one: one["tomada"].update(cuando="2026-13-45T99:99Z"),
        lambda one: one["tomada"].update(commit="main"),
        lambda one: one.update(formato="cuentas-lectura/2"),
        lambda one: one.update(huella="0" * 64),
    ],
)
def test_a_snapshot_that_was_edited_is_refused(change: Any) -> None:
    with pytest.raises(UsageError, match="No es una lectura"):
        from_json(edited(change))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"formato":' * 50_000, b"\x00",
        as_json(shot(everything())).replace("\n", "\r\n").encode(), as_json(shot(everything())).encode() + b" ",
        as_json(shot(everything())).replace('"ana.ruiz": {', '"ana.ruiz": {},\n"ana.ruiz": {', 1).encode(),
        as_json(shot(everything())).replace("Analista", "\\ud800", 1).encode(),
    ],
)  # fmt: skip
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="cuentas snapshot"):
        from_json(data)


def test_what_is_too_large_is_not_even_read() -> None:
    with pytest.raises(UsageError, match="64 MiB"):
        from_json(b" " * (LARGEST + 1))


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with pytest.raises(UsageError):
        from_json(data)


@given(st.data())
def test_one_byte_changed_anywhere_is_noticed(data: st.DataObject) -> None:
    text = bytearray(as_json(shot(everything())).encode())
    end = text.index(b'"tomada"')
    place = data.draw(st.integers(0, end - 1))
    new = data.draw(st.integers(0, 255).filter(lambda one: one != text[place]))
    text[place] = new
    with pytest.raises(UsageError):
        from_json(bytes(text))


@given(st.text(max_size=40), st.integers(0, 10**6), st.booleans())
def test_whatever_a_directory_holds_comes_back_as_it_was(name: str, quota: int, held: bool) -> None:
    there = reading(
        observed(account(display_name=name, phone=name or None, mailbox=Mailbox(quota_mb=quota, held=held)))
    )
    one = shot(there)
    assert from_json(as_json(one).encode()).reading.state == there.state

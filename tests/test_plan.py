"""Plans: their order, their digest, and the file that carries them."""

from __future__ import annotations

import json
import typing
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import plan as verbs
from reconciler.diff import FIELDS, MAILBOX_FIELDS
from reconciler.errors import UsageError
from reconciler.model import Account, AccountKey, Mailbox, Siglas
from reconciler.plan import (
    Before,
    Change,
    FieldChange,
    Finding,
    Kind,
    Plan,
    change_id,
    kind_of,
    ordered,
    protects,
)
from reconciler.report.words import FIELD_WORDS, VERB_WORDS, counted, detail
from tests.build import ALTA, account

BEFORE = Before(commit="a" * 40, target="embedded", server="s", declared=1, observed=0, reads_mailboxes=True)


def samples() -> dict[str, Change]:
    """Build one change of every class there is, from its own fields."""
    extra = {
        "account": account(mailbox=None),
        "guid": "g",
        "place": "CN=x",
        "previous": AccountKey("j.perez"),
        "fields": (FieldChange("title", "Analista", None),),
        "origin": Siglas("SAF"),
        "added": ("a@b.mx",),
        "removed": (),
        "mailbox": Mailbox(quota_mb=10),
    }
    made: dict[str, Change] = {}
    for cls in typing.get_args(typing.get_args(Change)[0]):
        values = {one.name: extra[one.name] for one in fields(cls) if one.name in extra}
        change: Change = cls(key=AccountKey("juan.perez"), dependencia=Siglas("SEBIDES"), oficio=ALTA, **values)
        made[change.verb] = change
    return made


EVERY = samples()


def test_there_is_no_change_that_deletes() -> None:
    names = [cls.__name__.lower() for cls in typing.get_args(typing.get_args(Change)[0])]
    assert not [name for name in names if "delete" in name or "remove" in name or "purge" in name]


@pytest.mark.parametrize("verb", EVERY)
def test_every_change_survives_the_plan_file(verb: str) -> None:
    finding = Finding(code="c", message="m", remedy="r", key=AccountKey("x"), holds=True)
    plan = Plan(before=BEFORE, changes=(EVERY[verb],), findings=(finding,))
    assert Plan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize("verb", EVERY)
def test_every_change_has_a_kind_and_words(verb: str) -> None:
    assert kind_of(EVERY[verb]) in Kind
    assert VERB_WORDS[verb]
    assert detail(EVERY[verb])
    assert counted([EVERY[verb]]).startswith("1 ")


def test_every_field_that_can_change_has_a_word() -> None:
    assert {*FIELDS, *MAILBOX_FIELDS, "logon_enabled"} == set(FIELD_WORDS)


def test_the_diff_looks_at_every_field_of_an_account_and_of_a_mailbox() -> None:
    elsewhere = {"key", "dependencia", "status", "logon_enabled", "aliases", "mailbox"}
    assert {one.name for one in fields(Account)} - elsewhere == set(FIELDS)
    assert {one.name for one in fields(Mailbox)} - {"remote"} == set(MAILBOX_FIELDS)


def test_the_digest_says_nothing_of_the_commit_and_everything_of_the_changes() -> None:
    plan = Plan(before=BEFORE, changes=(EVERY["create"],))
    assert replace(plan, before=replace(BEFORE, commit="b" * 40)).digest == plan.digest
    assert replace(plan, before=replace(BEFORE, target="ad")).digest != plan.digest
    update = EVERY["update"]
    assert isinstance(update, verbs.Update)
    other = replace(update, fields=(FieldChange("title", "Jefe", None),))
    assert Plan(before=BEFORE, changes=(other,)).digest != Plan(before=BEFORE, changes=(update,)).digest


def edited(change: str) -> str:
    text = Plan(before=BEFORE, changes=(EVERY["create"],)).to_json()
    document = json.loads(text)
    document["plan"]["changes"][0]["account"]["title"] = change
    return json.dumps(document)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "no es json", edited("Director"), '{"formato": "cuentas-plan/9"}', "\x00", "null"],
)
def test_what_is_not_a_plan_of_ours_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(UsageError, match="cuentas plan -o"):
        Plan.from_json(text)


def test_an_unknown_class_of_change_in_a_file_is_refused() -> None:
    text = Plan(before=BEFORE, changes=(EVERY["disable"],)).to_json().replace('"disable"', '"delete"')
    with pytest.raises(UsageError):
        Plan.from_json(text)


@given(st.permutations(list(EVERY.values())))
def test_the_order_does_not_depend_on_how_changes_were_found(changes: list[Change]) -> None:
    assert ordered(changes) == ordered(EVERY.values())


@given(st.permutations([replace(change, key=AccountKey(key)) for change in EVERY.values() for key in "abc"]))
def test_the_changes_of_one_account_stay_together(changes: list[Change]) -> None:
    keys = [change.key for change in ordered(changes)]
    assert [key for n, key in enumerate(keys) if n == 0 or keys[n - 1] != key] == sorted(set(keys))


def test_a_change_has_one_name_of_sixteen_digits() -> None:
    names = {change_id(change) for change in EVERY.values()}
    assert len(names) == len(EVERY)
    assert all(len(name) == 16 for name in names)


HIDES, SHOWS = FieldChange("hidden", old=False, new=True), FieldChange("hidden", old=True, new=False)
STOPS, DELIVERS = FieldChange("accepts_mail", old=True, new=False), FieldChange("accepts_mail", old=False, new=True)
HOLDS, LIFTS = FieldChange("held", old=False, new=True), FieldChange("held", old=True, new=False)
QUOTA = FieldChange("quota_mb", 1, 2)


@pytest.mark.parametrize(
    "settings", [(HIDES,), (STOPS,), (HOLDS,), (HIDES, LIFTS), (HIDES, DELIVERS), (QUOTA, HOLDS)]
)
def test_to_hide_to_stop_delivery_and_to_place_a_hold_protects(settings: tuple[FieldChange, ...]) -> None:
    assert protects(of_a_mailbox(settings))


@pytest.mark.parametrize("settings", [(SHOWS,), (DELIVERS,), (LIFTS,), (QUOTA,), (QUOTA, LIFTS), (SHOWS, DELIVERS)])
def test_to_open_a_mailbox_and_to_lift_a_hold_protects_nobody(settings: tuple[FieldChange, ...]) -> None:
    assert not protects(of_a_mailbox(settings))


def of_a_mailbox(settings: tuple[FieldChange, ...]) -> Change:
    change = EVERY["update_mailbox"]
    assert isinstance(change, verbs.UpdateMailbox)
    return replace(change, fields=settings)

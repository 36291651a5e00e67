"""The invented government's history: valid, approved, and with everything that the story needs."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from reconciler import declaration
from reconciler.audit.approvals import approval_findings
from reconciler.declaration.names import RESERVED
from reconciler.demo import Scale
from reconciler.demo.agencies import SECRETARIAS
from reconciler.demo.government import DIRECTOR
from reconciler.embedded import EmbeddedTarget
from reconciler.engine.propose import propose
from reconciler.model import AccountKey, Declared, Oficio, Siglas, Status, Tipo
from reconciler.repository import Repository, printed
from tests.demo.conftest import TODAY, Read, made_in, read


def accounts(story: Read) -> dict[str, Declared]:
    return {str(key): one for key, one in story.desired.declaration.accounts.items()}


def test_the_declaration_is_valid_and_raises_no_warning(story: Read) -> None:
    assert story.desired.warnings == ()


def test_it_has_the_thirteen_secretarias_and_some_three_hundred_accounts(story: Read) -> None:
    declared = story.desired.declaration
    assert set(declared.dependencias) == {Siglas(one.siglas) for one in SECRETARIAS}
    assert len(SECRETARIAS) == 13
    assert 280 <= len(declared.accounts) <= 320


def test_every_file_is_as_fmt_would_write_it(story: Read) -> None:
    for path in story.made.path.glob("accounts/**/*.yaml"):
        name = str(path.relative_to(story.made.path))
        assert declaration.canonical(path.read_bytes(), name) == path.read_bytes(), name


def test_the_working_copy_is_what_main_holds(story: Read) -> None:
    with Repository.open(story.made.path) as repository:
        assert repository.worktree() == repository.tree(story.tip)


def test_every_value_of_every_account_came_in_by_an_approved_merge(story: Read) -> None:
    assert list(approval_findings(story.desired.approver)) == []
    assert story.desired.trail.around_review == ()
    assert story.desired.approver.config_fault() is None


def test_every_change_of_the_first_plan_is_approved_by_the_director_and_asked_by_an_enlace(
    story: Read, tmp_path: Path
) -> None:
    target = EmbeddedTarget(tmp_path / "directorio.sqlite")
    try:
        proposal = propose(story.desired, target, (), name="embedded", today=TODAY)
    finally:
        target.close()
    enlaces = {
        f"{enlace.name} <{enlace.email}>"
        for agency in story.desired.declaration.dependencias.values()
        for enlace in agency.enlaces.values()
    }
    assert proposal.unapproved == {}
    assert {one.approver for one in proposal.approvals.values()} == {DIRECTOR}
    assert {one.author for one in proposal.approvals.values()} <= enlaces


def test_merges_say_their_number_their_branch_and_the_oficio(story: Read) -> None:
    merges = [one for one in story.desired.trail.commits.values() if one.is_merge]
    assert len(merges) == story.made.merges
    for number, merge in enumerate(merges, start=1):
        assert merge.subject.startswith(f"Merge pull request #{number} from ")
    asked = re.findall(
        r"^Oficio: (.+)$", printed(story.made.path, "log", "--first-parent", "--format=%b"), re.MULTILINE
    )
    assert set(asked) == {oficio.number for oficio in oficios(story)}


def test_commits_follow_one_another_and_none_is_on_a_weekend(story: Read) -> None:
    moments = [one.at for one in story.desired.trail.commits.values()]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(moments)
    assert all(moment.weekday() < 5 for moment in moments)
    assert all(oficio.received.weekday() < 5 for oficio in oficios(story))
    assert max(moments).date() < TODAY


def oficios(story: Read) -> list[Oficio]:
    return [one for agency in story.desired.declaration.dependencias.values() for one in agency.oficios.values()]


def test_somebody_was_promoted_and_went_to_another_agency(story: Read) -> None:
    alta, promotion, transfer = story.desired.trail.movements[AccountKey(story.made.cast.protagonist.key)]
    assert not alta.before
    assert (promotion.before["puesto"], promotion.after["puesto"]) == ("Analista", "Jefa de Departamento")
    assert (transfer.before["(dependencia)"], transfer.after["(dependencia)"]) == ("SAF", "SEBIDES")


def test_homonyms_have_keys_of_their_own(story: Read) -> None:
    first, second = story.made.cast.homonyms
    assert (first.key, second.key) == ("juan.lopez", "juan.lopezb")
    assert {first.key, second.key} <= set(accounts(story))


def test_a_compound_name_over_twenty_characters_has_a_logon_that_fits(story: Read) -> None:
    key = story.made.cast.compound.key
    assert len(key) > 20
    assert accounts(story)[key].account.logon == "fdj.esquivel"


def test_two_names_that_would_be_cut_to_the_same_logon_get_different_ones(story: Read) -> None:
    keys = [one.key for one in story.made.cast.twins]
    assert keys[0][:20] == keys[1][:20]
    assert len({accounts(story)[key].account.logon for key in keys}) == 2


def test_somebody_left_and_came_back(story: Read) -> None:
    _, left, back = story.desired.trail.movements[AccountKey(story.made.cast.returned.key)]
    assert "baja" in left.after
    assert "baja" not in back.after
    assert back.after["alta"] != left.after["alta"]


def test_there_are_bajas_one_of_them_under_a_legal_hold(story: Read) -> None:
    retired = [one for one in accounts(story).values() if one.account.status is Status.RETIRED]
    assert len(retired) > 5
    assert accounts(story)[story.made.cast.held.key].hold_until == date(2031, 12, 31)


def test_there_are_shared_accounts_resources_and_aliases(story: Read) -> None:
    kinds = [one.account.tipo for one in accounts(story).values()]
    assert kinds.count(Tipo.COMPARTIDA) >= 5
    assert Tipo.RECURSO in kinds
    assert sum(bool(one.account.aliases) for one in accounts(story).values()) >= 3


def test_one_agency_is_a_folder(story: Read) -> None:
    assert len(list(story.made.path.glob("accounts/SEPyC/*.yaml"))) == 5


def test_the_pull_request_that_waits_holds_one_alta_and_one_baja_and_nothing_else(story: Read) -> None:
    waiting = accounts(read(story.made, TODAY, story.made.waiting.branch))
    now = accounts(story)
    cast = story.made.cast
    assert waiting.keys() - now.keys() == {cast.relief.key}
    assert {key for key in now if now[key].baja != waiting[key].baja} == {cast.protagonist.key}
    assert waiting[cast.relief.key].alta == waiting[cast.protagonist.key].baja


def test_nobody_has_a_reserved_name(story: Read) -> None:
    assert not RESERVED & set(accounts(story))


def test_the_same_seed_gives_the_same_commits_and_another_one_others(story: Read, tmp_path: Path) -> None:
    assert made_in(tmp_path / "igual").tip == story.tip
    assert made_in(tmp_path / "otra", seed=9).tip != story.tip


@pytest.mark.parametrize(
    "today", [date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 8), date(2027, 7, 4), date(2028, 2, 29)]
)
def test_on_any_day_the_same_people_do_the_same_on_dates_that_make_sense(
    story: Read, tmp_path: Path, today: date
) -> None:
    other = made_in(tmp_path, today=today)
    assert other.desired.warnings == ()
    assert other.desired.approver.value_faults() == {}
    assert {key: one.account for key, one in accounts(other).items()} == {
        key: one.account for key, one in accounts(story).items()
    }


@pytest.mark.parametrize(("count", "agencies"), [(30, 13), (500, 40)])
def test_its_size_can_be_chosen(tmp_path: Path, count: int, agencies: int) -> None:
    made = made_in(tmp_path, scale=Scale(accounts=count, agencies=agencies))
    assert len(made.desired.declaration.dependencias) == agencies
    assert count * 0.8 <= len(made.desired.declaration.accounts) <= count * 1.2 + 15
    assert made.desired.approver.value_faults() == {}

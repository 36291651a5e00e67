"""Approval, on real histories: what a merge carries and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from reconciler.approval import Approval
from reconciler.cli.workspace import LANGUAGE
from reconciler.diff import Policy, diff
from reconciler.engine.desired import Desired, read_desired
from reconciler.errors import DeclarationError
from reconciler.model import AccountKey, Addressee, Status
from reconciler.plan import Change
from reconciler.repository import Repository
from reconciler.review import Unapproved
from reconciler.trail import formerly
from tests.build import account, observed, reading, remembering
from tests.forge import DIRECTOR, ENLACE, RECEIVED, Agency, Forge, founded, person

SAF = "accounts/SAF.yaml"
SEBIDES = "accounts/SEBIDES.yaml"
JUAN = {"juan.perez": person("Juan", "Pérez López")}
ANA = {"ana.ruiz": person("Ana", "Ruiz Soto")}


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return founded(tmp_path / "repo")


def desired(forge: Forge, today: date = RECEIVED) -> Desired:
    with Repository.open(forge.path) as repository:
        head = repository.resolve("main")
        return read_desired(repository, LANGUAGE, head, head, today, worktree=False)


def judged(forge: Forge, *there: str, retired: tuple[str, ...] = ()) -> dict[tuple[str, str], Approval | Unapproved]:
    """Judge every change towards the declaration from a target that holds the accounts named."""
    with Repository.open(forge.path) as repository:
        head = repository.resolve("main")
        wanted = read_desired(repository, LANGUAGE, head, head, RECEIVED, worktree=False)
        gone = (account(key, status=Status.RETIRED) for key in retired)
        have = reading(*(observed(one) for one in (*map(account, there), *gone)))
        changes, _ = diff(wanted.declaration, have, remembering(have), Policy(retention_days=90), RECEIVED)
        verdicts = wanted.approver.judge(changes)
    return {(change.key, change.verb): verdicts[name] for change, name in _named(changes)}


def _named(changes: tuple[Change, ...]) -> Iterator[tuple[Change, str]]:
    from reconciler.plan import change_id  # noqa: PLC0415

    return ((change, change_id(change)) for change in changes)


def reason(verdict: Approval | Unapproved) -> str:
    assert isinstance(verdict, Unapproved)
    return verdict.reason


def test_a_merged_pull_request_approves_and_says_who_and_with_which_oficio(forge: Forge) -> None:
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)}, title="Alta de Juan")
    verdict = judged(forge)["juan.perez", "create"]
    assert isinstance(verdict, Approval)
    assert (verdict.merge, verdict.author, verdict.approver) == (merge, ENLACE, DIRECTOR)
    assert verdict.oficio == "SAF/1/2026"


def test_a_direct_push_approves_nothing_and_is_named(forge: Forge) -> None:
    commit = forge.push({SAF: Agency(accounts=JUAN)})
    verdict = judged(forge)["juan.perez", "create"]
    assert isinstance(verdict, Unapproved)
    assert verdict.commit == commit
    assert [change.commit for change in desired(forge).trail.around_review] == [commit]


@pytest.mark.parametrize("how", ["squash", "rebase"])
def test_squash_and_rebase_merges_approve_nothing(forge: Forge, how: str) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)}, merge=how)
    assert "sin pasar por una fusión" in reason(judged(forge)["juan.perez", "create"])


def test_accounts_of_the_first_commit_were_approved_by_nobody(tmp_path: Path) -> None:
    forge = Forge(tmp_path / "repo")
    forge.push({"cuentas.yaml": "dominios: [sinaloa.gob.mx]\n", SAF: Agency(accounts=JUAN)})
    assert "primer commit" in reason(judged(forge)["juan.perez", "create"])


def test_a_baseline_approves_what_was_there_and_nothing_after_it(forge: Forge) -> None:
    pushed = forge.push({SAF: Agency(accounts=JUAN)})
    config = f"dominios: [sinaloa.gob.mx]\naprobacion:\n  linea_base: {pushed}\n"
    forge.pull_request({"cuentas.yaml": config})
    forge.push({SAF: Agency(accounts=JUAN | ANA)})
    verdicts = judged(forge)
    assert isinstance(verdicts["juan.perez", "create"], Approval)
    assert isinstance(verdicts["ana.ruiz", "create"], Unapproved)


def test_one_field_pushed_after_the_merge_spoils_a_creation_and_not_a_baja(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    promoted = {"juan.perez": JUAN["juan.perez"] | {"puesto": "Director General"}}
    forge.push({SAF: Agency(accounts=promoted)})
    assert isinstance(judged(forge)["juan.perez", "create"], Unapproved)
    leaving = {"juan.perez": promoted["juan.perez"] | {"baja": "SAF/2/2026", "motivo_baja": "Renuncia"}}
    forge.pull_request({SAF: Agency(oficios=("SAF/1/2026", "SAF/2/2026"), accounts=leaving)})
    assert isinstance(judged(forge, "juan.perez")["juan.perez", "disable"], Approval)


def test_a_baja_pushed_directly_is_not_approved(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    leaving = {"juan.perez": JUAN["juan.perez"] | {"baja": "SAF/2/2026", "motivo_baja": "Renuncia"}}
    commit = forge.push({SAF: Agency(oficios=("SAF/1/2026", "SAF/2/2026"), accounts=leaving)})
    verdict = judged(forge, "juan.perez")["juan.perez", "disable"]
    assert isinstance(verdict, Unapproved)
    assert verdict.commit == commit


def test_a_value_written_while_merging_was_not_reviewed(forge: Forge) -> None:
    forge.git("switch", "--quiet", "--create", "rama")
    forge.push({SAF: Agency(accounts=JUAN)})
    forge.git("switch", "--quiet", "main")
    forge.git("merge", "--quiet", "--no-ff", "--no-commit", "rama")
    forge.write({SAF: Agency(accounts=JUAN | ANA)})
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Merge pull request #1", author=DIRECTOR)
    verdicts = judged(forge)
    assert isinstance(verdicts["juan.perez", "create"], Approval)
    assert "al fusionar" in reason(verdicts["ana.ruiz", "create"])


def test_two_pull_requests_in_one_file_do_not_disturb_each_other(forge: Forge) -> None:
    forge.git("switch", "--quiet", "--create", "una")
    forge.push({SAF: Agency(accounts=ANA)})
    forge.git("switch", "--quiet", "main")
    forge.git("switch", "--quiet", "--create", "otra")
    zoe = {"zoe.paz": person("Zoé", "Paz Gil")}
    forge.push({"accounts/SEBIDES.yaml": Agency("SEBIDES", ("SAF/1/2026",), zoe)})
    forge.git("switch", "--quiet", "main")
    forge.merge("una", "merge", "Merge pull request #1")
    forge.merge("otra", "merge", "Merge pull request #2")
    assert all(isinstance(verdict, Approval) for verdict in judged(forge).values())


def stale_side(forge: Forge, files: dict[str, Agency], resolved: dict[str, Agency | None]) -> str:
    """Merge a branch that was cut before the last merge, writing files by hand while merging."""
    forge.git("switch", "--quiet", "--create", "vieja", "main~1")
    forge.push(files)
    forge.git("switch", "--quiet", "main")
    forge.git("merge", "--quiet", "--no-ff", "--no-commit", "--strategy=ours", "vieja")
    forge.write(resolved)
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Merge pull request #99", author=DIRECTOR)
    return forge.head()


BAJA = {"juan.perez": JUAN["juan.perez"] | {"baja": "SAF/2/2026", "motivo_baja": "Renuncia"}}
TWO = ("SAF/1/2026", "SAF/2/2026")


@pytest.mark.parametrize("known_to_the_branch", [True, False])
def test_b_a_baja_lost_in_a_bad_merge_is_no_approved_reincorporation(forge: Forge, known_to_the_branch: bool) -> None:
    if known_to_the_branch:
        forge.pull_request({SAF: Agency(oficios=TWO, accounts=JUAN)})
        forge.pull_request({SAF: Agency(oficios=TWO, accounts=BAJA)})
    else:
        forge.pull_request({SAF: Agency(oficios=TWO, accounts=BAJA)})
    branch = ANA | JUAN if known_to_the_branch else ANA
    merge = stale_side(
        forge,
        {SAF: Agency(oficios=TWO, accounts=branch)},
        {SAF: Agency(oficios=TWO, accounts=JUAN | ANA)},
    )
    verdicts = judged(forge, retired=("juan.perez",))
    assert isinstance(verdicts["ana.ruiz", "create"], Approval)
    verdict = verdicts["juan.perez", "reactivate"]
    assert isinstance(verdict, Unapproved)
    assert verdict.commit == merge


def test_a_branch_in_folder_form_does_not_bring_old_values_back(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(oficios=TWO, accounts=JUAN)})
    promoted = {"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}}
    forge.pull_request({SAF: Agency(oficios=TWO, accounts=promoted)})
    folder: dict[str, Agency | None] = {SAF: None, "accounts/SAF/todo.yaml": Agency(oficios=TWO, accounts=JUAN | ANA)}
    stale_side(forge, folder, folder)  # type: ignore[arg-type]
    verdicts = judged(forge, "juan.perez")
    assert isinstance(verdicts["ana.ruiz", "create"], Approval)
    assert "volvió al fusionar" in reason(verdicts["juan.perez", "update"])


def test_a_file_turned_into_a_folder_keeps_every_approval(forge: Forge) -> None:
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)})
    edited = ANA | JUAN
    forge.pull_request({SAF: None, "accounts/SAF/todo.yaml": Agency(accounts=edited)})
    verdicts = judged(forge)
    there = verdicts["juan.perez", "create"]
    assert isinstance(there, Approval)
    assert there.merge == merge
    assert isinstance(verdicts["ana.ruiz", "create"], Approval)


def test_an_entry_that_is_moved_and_edited_in_one_pull_request_is_approved(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)})
    moved = {"juan.perez": JUAN["juan.perez"] | {"alta": "SEBIDES/1/2026", "puesto": "Jefe"}}
    forge.pull_request({SAF: Agency(accounts=ANA), SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",), moved)})
    verdicts = judged(forge, "juan.perez", "ana.ruiz")
    assert isinstance(verdicts["juan.perez", "move"], Approval)
    assert isinstance(verdicts["juan.perez", "update"], Approval)


def test_an_entry_moved_to_another_agency_while_merging_is_not_approved(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    moved = {"juan.perez": JUAN["juan.perez"] | {"alta": "SEBIDES/1/2026"}}
    forge.git("switch", "--quiet", "--create", "rama")
    forge.push({SAF: Agency(accounts=JUAN | ANA)})
    forge.git("switch", "--quiet", "main")
    forge.git("merge", "--quiet", "--no-ff", "--no-commit", "rama")
    forge.write({SAF: Agency(accounts=ANA), SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",), moved)})
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Merge pull request #1", author=DIRECTOR)
    assert "al fusionar" in reason(judged(forge, "juan.perez")["juan.perez", "move"])


def test_a_branch_brought_up_to_date_with_main_still_approves_what_it_changed(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    forge.git("switch", "--quiet", "--create", "rama")
    forge.push({SAF: Agency(accounts=JUAN | ANA)})
    forge.git("switch", "--quiet", "main")
    promoted = {"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}}
    forge.pull_request({SAF: Agency(accounts=promoted)})
    forge.git("switch", "--quiet", "rama")
    forge.git("merge", "--quiet", "--no-commit", "--strategy=ours", "main")
    forge.write({SAF: Agency(accounts=promoted | ANA)})
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Merge main into rama")
    forge.git("switch", "--quiet", "main")
    forge.merge("rama", "merge", "Merge pull request #7")
    assert all(isinstance(verdict, Approval) for verdict in judged(forge).values())


def test_a_revert_through_a_pull_request_is_approved_like_any_change(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(oficios=TWO, accounts=JUAN)})
    forge.pull_request({SAF: Agency(oficios=TWO, accounts=BAJA)})
    merge = forge.pull_request({SAF: Agency(oficios=TWO, accounts=JUAN)}, title="Revert «Baja de Juan»")
    verdict = judged(forge, retired=("juan.perez",))["juan.perez", "reactivate"]
    assert isinstance(verdict, Approval)
    assert verdict.merge == merge


def test_an_octopus_merge_approves_what_any_of_its_branches_changed(forge: Forge) -> None:
    for branch, path, agency in (
        ("una", SAF, Agency(accounts=ANA)),
        ("otra", SEBIDES, Agency("SEBIDES", ("SAF/1/2026",), {"zoe.paz": person("Zoé", "Paz Gil")})),
    ):
        forge.git("switch", "--quiet", "--create", branch, "main")
        forge.push({path: agency})
        forge.git("switch", "--quiet", "main")
    forge.git("merge", "--quiet", "--no-ff", "-m", "Merge pull requests", "una", "otra", author=DIRECTOR)
    verdicts = judged(forge)
    assert len(verdicts) > 2
    assert all(isinstance(verdict, Approval) for verdict in verdicts.values())


def test_a_foxtrot_leaves_the_pushed_branch_unapproved(forge: Forge) -> None:
    forge.git("switch", "--quiet", "--create", "rama")
    pushed = forge.push({SAF: Agency(accounts=JUAN)})
    pushed = forge.git("rev-parse", "rama")
    forge.git("switch", "--quiet", "main")
    zoe = {"zoe.paz": person("Zoé", "Paz Gil")}
    forge.pull_request({SEBIDES: Agency("SEBIDES", ("SAF/1/2026",), zoe)})
    forge.git("switch", "--quiet", "rama")
    forge.git("merge", "--quiet", "--no-edit", "main")
    forge.git("switch", "--quiet", "main")
    forge.git("merge", "--quiet", "--ff-only", "rama")
    verdict = judged(forge)["juan.perez", "create"]
    assert isinstance(verdict, Unapproved)
    assert verdict.commit == pushed


def test_a_baja_and_what_hides_its_mailbox_rest_on_the_lines_of_the_baja_alone(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(oficios=TWO, accounts=JUAN)})
    forge.push({SAF: Agency(oficios=TWO, accounts={"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}})})
    forge.pull_request({SAF: Agency(oficios=TWO, accounts={"juan.perez": BAJA["juan.perez"] | {"puesto": "Jefe"}})})
    verdicts = judged(forge, "juan.perez")
    assert isinstance(verdicts["juan.perez", "disable"], Approval)
    assert isinstance(verdicts["juan.perez", "update_mailbox"], Approval)
    assert isinstance(verdicts["juan.perez", "update"], Unapproved)


def test_a_legal_hold_on_who_leaves_rests_on_the_lines_of_the_baja_alone(forge: Forge) -> None:
    promoted = JUAN["juan.perez"] | {"puesto": "Jefe"}
    held = BAJA["juan.perez"] | {"puesto": "Jefe", "conservar_hasta": "2027-12-31"}
    forge.pull_request({SAF: Agency(oficios=TWO, accounts=JUAN)})
    forge.push({SAF: Agency(oficios=TWO, accounts={"juan.perez": promoted})})
    forge.pull_request({SAF: Agency(oficios=TWO, accounts={"juan.perez": held})})
    verdicts = judged(forge, "juan.perez")
    assert isinstance(verdicts["juan.perez", "update_mailbox"], Approval)
    assert isinstance(verdicts["juan.perez", "update"], Unapproved)


def test_an_alias_does_not_hide_that_an_entry_disappeared(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)})
    borrowed = {"juan.perez": JUAN["juan.perez"] | {"alias": "[ana.ruiz@sinaloa.gob.mx]"}}
    forge.pull_request({SAF: Agency(accounts=borrowed)})
    with pytest.raises(DeclarationError):
        desired(forge)


def test_a_renamed_entry_has_not_disappeared_once_renombra_is_taken_away(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    new = JUAN["juan.perez"]
    forge.pull_request({SAF: Agency(accounts={"juan.perez.l": new | {"renombra": "juan.perez"}})})
    forge.pull_request({SAF: Agency(accounts={"juan.perez.l": new | {"alias": "[juan.perez@sinaloa.gob.mx]"}})})
    there = desired(forge)
    assert set(there.declaration.accounts) == {"juan.perez.l"}
    assert formerly(there.trail, there.declaration) == {"juan.perez.l": ("juan.perez",)}


def test_a_merge_that_joins_nothing_approves_nothing(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    old = forge.head()
    promoted = {"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}}
    forge.pull_request({SAF: Agency(accounts=promoted)})
    tree = forge.git("rev-parse", f"{old}^{{tree}}")
    fake = forge.git("commit-tree", tree, "-p", forge.head(), "-p", old, "-m", "Merge pull request #9")
    forge.git("reset", "--quiet", "--hard", fake)
    assert "no une ninguna rama" in reason(judged(forge)["juan.perez", "create"])


def test_a_transfer_is_approved_by_the_merge_that_moved_the_entry(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    moved = {"juan.perez": JUAN["juan.perez"] | {"alta": "SEBIDES/1/2026"}}
    merge = forge.pull_request(
        {SAF: Agency(), SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",), moved)}, title="Traslado"
    )
    verdict = judged(forge, "juan.perez")["juan.perez", "move"]
    assert isinstance(verdict, Approval)
    assert verdict.merge == merge


def test_a_domain_pushed_into_the_header_spoils_every_account_of_the_file(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    text = Agency(accounts=JUAN).text().replace("siglas: SAF\n", "siglas: SAF\ndominio: sinaloa.gob.mx\n")
    commit = forge.push({SAF: text})
    verdict = judged(forge)["juan.perez", "create"]
    assert isinstance(verdict, Unapproved)
    assert verdict.commit == commit


def test_an_oficio_pushed_directly_supports_no_alta(forge: Forge) -> None:
    forge.push({SAF: Agency(oficios=("SAF/1/2026", "SAF/7/2026"))})
    using = {"juan.perez": person("Juan", "Pérez López", alta="SAF/7/2026")}
    forge.pull_request({SAF: Agency(oficios=("SAF/1/2026", "SAF/7/2026"), accounts=using)})
    assert isinstance(judged(forge)["juan.perez", "create"], Unapproved)


def test_what_an_unreadable_version_hid_is_blamed_on_who_pushed_it(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    broken = forge.push({SAF: Agency(accounts=JUAN | ANA).text() + "\t: [\n"})
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)})
    verdicts = judged(forge)
    assert isinstance(verdicts["juan.perez", "create"], Approval)
    faulty = verdicts["ana.ruiz", "create"]
    assert isinstance(faulty, Unapproved)
    assert faulty.commit == broken


def test_b_an_entry_that_disappears_is_an_error_that_names_the_commit(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)})
    commit = forge.pull_request({SAF: Agency(accounts=JUAN)})
    with pytest.raises(DeclarationError) as caught:
        desired(forge)
    (problem,) = [one for one in caught.value.problems if one.blocks]
    assert problem.code == "entrada-desaparecida"
    assert "ana.ruiz" in problem.message
    assert commit[:10] in problem.message


def test_b_a_file_that_disappears_is_as_many_errors_as_it_had_accounts(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)})
    forge.pull_request({SAF: None})
    with pytest.raises(DeclarationError) as caught:
        desired(forge)
    assert len([one for one in caught.value.problems if one.code == "entrada-desaparecida"]) == 2


def test_a_renamed_entry_has_not_disappeared(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    renamed = {"juan.perez.l": JUAN["juan.perez"] | {"renombra": "juan.perez"}}
    forge.pull_request({SAF: Agency(accounts=renamed)})
    assert set(desired(forge).declaration.accounts) == {"juan.perez.l"}


def test_configuration_that_was_pushed_is_at_fault_until_a_baseline_covers_it(forge: Forge) -> None:
    assert desired(forge).approver.config_fault() is None
    pushed = forge.push({"cuentas.yaml": "dominios: [sinaloa.gob.mx, otro.gob.mx]\n"})
    fault = desired(forge).approver.config_fault()
    assert fault is not None
    assert fault.commit == pushed
    forge.pull_request(
        {"cuentas.yaml": f"dominios: [sinaloa.gob.mx, otro.gob.mx]\naprobacion:\n  linea_base: {pushed}\n"}
    )
    assert desired(forge).approver.config_fault() is None


def test_configuration_written_while_merging_is_at_fault(forge: Forge) -> None:
    forge.git("switch", "--quiet", "--create", "rama")
    forge.push({SAF: Agency(accounts=JUAN)})
    forge.git("switch", "--quiet", "main")
    forge.git("merge", "--quiet", "--no-ff", "--no-commit", "rama")
    forge.write({"cuentas.yaml": "dominios: [sinaloa.gob.mx, otro.gob.mx]\n"})
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Merge pull request #1", author=DIRECTOR)
    fault = desired(forge).approver.config_fault()
    assert fault is not None
    assert "al fusionar" in fault.reason


def test_settings_changed_side_by_side_in_two_pull_requests_are_approved(forge: Forge) -> None:
    one, other = (
        "dominios: [sinaloa.gob.mx]\nprotegidas: [ana.ruiz]\n",
        "destino: embedded\ndominios: [sinaloa.gob.mx]\n",
    )
    for branch, text in (("una", one), ("otra", other)):
        forge.git("switch", "--quiet", "--create", branch, "main")
        forge.push({"cuentas.yaml": text})
        forge.git("switch", "--quiet", "main")
    forge.merge("una", "merge", "Merge pull request #1")
    forge.merge("otra", "merge", "Merge pull request #2")
    there = desired(forge)
    assert there.config.protegidas == ("ana.ruiz",)
    assert there.approver.config_fault() is None


def test_a_setting_pushed_and_then_taken_back_in_a_pull_request_is_no_fault(forge: Forge) -> None:
    forge.push({"cuentas.yaml": "dominios: [sinaloa.gob.mx]\ndestino: embedded\n"})
    assert desired(forge).approver.config_fault() is not None
    forge.pull_request({"cuentas.yaml": "dominios: [sinaloa.gob.mx]\n"})
    assert desired(forge).approver.config_fault() is None


# --- whom a first password is mailed to --------------------------------------------------------------------

BY_MAIL = {"entrega": "{medio: correo, a: enlace, motivo: Está en Los Mochis}"}
KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
ADDRESS = "    correo: laura.beltran@sinaloa.gob.mx\n"


def with_enlace(lines: str, **fields: str) -> str:
    """Return SAF's file with Juan in it, and his enlace's entry otherwise."""
    return Agency(accounts={"juan.perez": JUAN["juan.perez"] | fields}).text().replace(ADDRESS, lines)


@pytest.mark.parametrize(
    "lines", [f"{ADDRESS}    llave: {KEY}\n", ADDRESS.replace("laura", "otra")], ids=["key", "address"]
)
@pytest.mark.parametrize("retired", [False, True], ids=["alta", "reincorporation"])
def test_an_enlace_put_in_around_review_gets_nobodys_first_password_by_mail(
    forge: Forge, lines: str, *, retired: bool
) -> None:
    forge.pull_request({SAF: with_enlace(ADDRESS, **BY_MAIL)})
    gone = ("juan.perez",) if retired else ()
    verb = "reactivate" if retired else "create"
    assert isinstance(judged(forge, retired=gone)["juan.perez", verb], Approval)
    pushed = forge.push({SAF: with_enlace(lines, **BY_MAIL)})
    verdict = judged(forge, retired=gone)["juan.perez", verb]
    assert isinstance(verdict, Unapproved)
    assert verdict.commit == pushed


def test_a_key_taken_away_around_review_unlocks_no_sheet_for_anybody_else(forge: Forge) -> None:
    forge.pull_request({SAF: with_enlace(f"{ADDRESS}    llave: {KEY}\n", **BY_MAIL)})
    pushed = forge.push({SAF: with_enlace(ADDRESS, **BY_MAIL)})
    verdict = judged(forge)["juan.perez", "create"]
    assert isinstance(verdict, Unapproved)
    assert verdict.commit == pushed


def test_what_is_printed_does_not_wait_for_an_enlace_whom_nobody_approved(forge: Forge) -> None:
    forge.pull_request({SAF: with_enlace(ADDRESS)})
    pushed = forge.push({SAF: with_enlace(f"{ADDRESS}    llave: {KEY}\n")})
    assert isinstance(judged(forge)["juan.perez", "create"], Approval)
    approver = desired(forge).approver
    assert approver.delivery_fault(AccountKey("juan.perez"), None) is None
    fault = approver.delivery_fault(AccountKey("juan.perez"), Addressee.ENLACE)
    assert fault is not None
    assert fault.commit == pushed

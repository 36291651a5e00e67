"""What a merge has to show, on real histories with real keys: each way to fail is told in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from reconciler.approval import Approval
from reconciler.cli.workspace import LANGUAGE
from reconciler.diff import Policy, diff
from reconciler.engine.desired import Desired, read_desired
from reconciler.engine.witness import Hearsay
from reconciler.errors import TargetUnreachableError
from reconciler.events import Event, EventKind
from reconciler.plan import change_id
from reconciler.pull_request import Comment, Opinion, PullRequest
from reconciler.repository import Repository
from reconciler.review import Unapproved
from reconciler.signature import Keyring, Signature, State
from reconciler.testimony import unrecorded
from tests.build import reading, remembering
from tests.forge import CONFIG, DIRECTOR, ENLACE, RECEIVED, Agency, Forge, founded, person
from tests.signing import Signer, pgp_signer, ssh_signer
from tests.test_approval import SAF, SEBIDES, reason

JUAN = {"juan.perez": person("Juan", "Pérez López")}
ANA = {"ana.ruiz": person("Ana", "Ruiz Soto")}
ZOE = Agency("SEBIDES", ("SEBIDES/1/2026",), {"zoe.paz": person("Zoé", "Paz Gil", "SEBIDES/1/2026")})
OTHER = "Otra Persona <otra@sinaloa.gob.mx>"
NOREPLY = "Dirección <4567+dsct-sinaloa@users.noreply.github.com>"
"""The Director as a forge names whoever hides their address."""

DIRECTION = """\
    direccion:
      correos: [dsct@sinaloa.gob.mx]
      usuario: dsct-sinaloa
"""


def rules(*lines: str, aprueban: str = DIRECTION, more: str = "") -> str:
    """Return a cuentas.yaml that says who may approve, and what has to be shown."""
    listed = f"  aprueban:\n{aprueban}" if aprueban else ""
    return f"{CONFIG}{more}aprobacion:\n" + "".join(f"  {line}\n" for line in lines) + listed


@dataclass
class Reviews:
    """A forge that knows some pull requests by their merge, counts how often it is asked, and may be down."""

    pulls: dict[str, PullRequest] = field(default_factory=dict)
    approved: dict[int, tuple[Opinion, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False

    def merged_as(self, commit: str) -> PullRequest | None:
        """Return the pull request of a merge."""
        self.asked.append(commit)
        if self.down:
            raise TargetUnreachableError("La forja no contesta.", remedy="Espere.")
        return self.pulls.get(commit)

    def opinions(self, number: int) -> Sequence[Opinion]:
        """Return the approvals of a pull request."""
        return self.approved.get(number, ())

    def comments(self, number: int) -> Sequence[Comment]:
        """Fail: evidence is what people approved, not what they said."""
        raise AssertionError(number)

    def say(self, number: int, body: str, mark: str) -> None:
        """Say nothing."""

    def propose(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Fail: evidence proposes nothing."""
        raise AssertionError((branch, base, title, body))

    def review(
        self,
        merge: str,
        head: str,
        *users: str,
        author: str = "lbeltran",
        number: int = 7,
        at: datetime = datetime(2026, 2, 2, tzinfo=UTC),
    ) -> None:
        """Put a pull request with some approvals of one commit in."""
        self.pulls[merge] = PullRequest(
            number=number, url="https://forja/7", author=author, head=head, branch="r", merge=merge
        )
        self.approved[number] = tuple(Opinion(user=user, commit=head, at=at) for user in users)

    @contextmanager
    def open(self) -> Iterator[Reviews]:
        """Open it."""
        yield self


@contextmanager
def read(
    forge: Forge, today: date = RECEIVED, reviews: Reviews | None = None, events: Sequence[Event] = ()
) -> Iterator[Desired]:
    with Repository.open(forge.path) as repository:
        head = repository.resolve("main")
        hearsay = Hearsay(record=lambda: events, forge=reviews.open if reviews else None)
        yield read_desired(repository, LANGUAGE, head, head, today, worktree=False, hearsay=hearsay)


def verdicts(
    forge: Forge, today: date = RECEIVED, reviews: Reviews | None = None, events: Sequence[Event] = ()
) -> Mapping[str, Approval | Unapproved]:
    """Judge the altas of everybody declared, by account."""
    with read(forge, today, reviews, events) as wanted:
        empty = reading()
        changes, _ = diff(wanted.declaration, empty, remembering(empty), Policy(retention_days=90), today)
        found = wanted.approver.judge(changes)
    return {one.key: found[change_id(one)] for one in changes if one.verb == "create"}


def said(forge: Forge, today: date = RECEIVED, key: str = "juan.perez", **more: object) -> str:
    """Return why somebody's alta is not approved; "" where it is."""
    verdict = verdicts(forge, today, **more)[key]  # type: ignore[arg-type]
    return "" if isinstance(verdict, Approval) else reason(verdict)


@pytest.fixture(name="forge")
def _forge(tmp_path: Path) -> Forge:
    return founded(tmp_path / "repo")


@pytest.fixture(name="director", scope="module")
def _director(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return ssh_signer(tmp_path_factory.mktemp("llaves"), "directora")


def ruled(tmp_path: Path, *lines: str, aprueban: str = DIRECTION, more: str = "") -> Forge:
    return founded(tmp_path / "repo", rules(*lines, aprueban=aprueban, more=more))


def branch(forge: Forge, name: str, start: str = "main") -> None:
    forge.git("switch", "--quiet", "--create", name, start)


# --- the proposer is not the approver ---------------------------------------------------------------------


def test_whoever_proposes_does_not_approve_even_where_nobody_is_listed(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)}, author=DIRECTOR)
    assert "quien la propuso es quien la aprobó" in said(forge)


def test_a_commit_among_others_on_the_branch_is_a_proposal_too(forge: Forge) -> None:
    branch(forge, "rama")
    forge.push({SAF: Agency(accounts=ANA)}, author=DIRECTOR)
    forge.push({SAF: Agency(accounts=ANA | JUAN)}, author=ENLACE)
    forge.git("switch", "--quiet", "main")
    forge.merge("rama", "merge", "Merge pull request #1 from rama")
    assert "quien la propuso es quien la aprobó" in said(forge)


@pytest.mark.parametrize(("author", "approver"), [(NOREPLY, DIRECTOR), (DIRECTOR, NOREPLY)])
def test_an_address_of_the_forge_is_the_same_person(tmp_path: Path, author: str, approver: str) -> None:
    forge = ruled(tmp_path)
    forge.pull_request({SAF: Agency(accounts=JUAN)}, author=author, approver=approver)
    assert "quien la propuso es quien la aprobó" in said(forge)


def test_an_enlace_is_known_by_the_user_that_the_agencys_file_gives(forge: Forge) -> None:
    agency = Agency(accounts=JUAN).text().replace("gob.mx\noficios", "gob.mx\n    usuario_git: lbeltran\noficios")
    approver = "L. Beltrán <99+lbeltran@users.noreply.github.com>"
    forge.pull_request({SAF: agency}, approver=approver)
    assert "quien la propuso es quien la aprobó" in said(forge)


def updated(forge: Forge, result: Agency, *branch_says: Agency | str, line_says: Agency | None = None) -> None:
    """Merge the main line into the enlace's branch as the Director, with a result, and then that branch."""
    branch(forge, "rama")
    for one in branch_says or (Agency(accounts=JUAN),):
        forge.push({SAF: one})
    forge.git("switch", "--quiet", "main")
    forge.pull_request({SAF: line_says or Agency(accounts=ANA), SEBIDES: ZOE})
    forge.git("switch", "--quiet", "rama")
    forge.git("merge", "--quiet", "--no-commit", "--strategy=ours", "main", author=DIRECTOR)
    forge.write({SAF: result, SEBIDES: ZOE})
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Merge branch 'main' into rama", author=DIRECTOR)
    forge.git("switch", "--quiet", "main")
    forge.merge("rama", "merge", "Merge pull request #9 from rama")


def test_whoever_brings_the_branch_up_to_date_may_approve_it(forge: Forge) -> None:
    updated(forge, Agency(accounts=JUAN | ANA))
    assert said(forge) == ""


def test_an_update_that_touches_no_file_of_both_needs_no_reading(forge: Forge) -> None:
    branch(forge, "rama")
    forge.push({SAF: Agency(accounts=JUAN)})
    forge.git("switch", "--quiet", "main")
    forge.pull_request({SEBIDES: ZOE})
    forge.git("switch", "--quiet", "rama")
    forge.git("merge", "--quiet", "--no-edit", "main", author=DIRECTOR)
    forge.git("switch", "--quiet", "main")
    forge.merge("rama", "merge", "Merge pull request #9 from rama")
    assert said(forge) == ""


def test_whoever_writes_while_bringing_the_branch_up_to_date_proposed_that(forge: Forge) -> None:
    updated(forge, Agency(accounts=JUAN | ANA | {"eva.mora": person("Eva", "Mora Paz")}))
    assert "quien la propuso es quien la aprobó" in said(forge, key="eva.mora")


def test_whoever_brings_an_old_value_back_while_updating_the_branch_proposed_that(forge: Forge) -> None:
    both = ("SAF/1/2026", "SAF/2/2026")
    updated(forge, Agency(accounts=JUAN | ANA), line_says=Agency(oficios=both, accounts=ANA))
    assert "quien la propuso es quien la aprobó" in said(forge)


def test_an_update_of_a_branch_that_cannot_be_read_counts_as_a_proposal(forge: Forge) -> None:
    updated(forge, Agency(accounts=JUAN | ANA), Agency(accounts=JUAN), "esto: [no se lee")
    assert "quien la propuso es quien la aprobó" in said(forge)


# --- who may approve, and when ----------------------------------------------------------------------------


def test_only_who_is_listed_approves(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    forge.pull_request({SAF: Agency(accounts=JUAN)}, approver=OTHER)
    assert "no podía aprobar por SAF" in said(forge)
    forge = founded(tmp_path / "otro", rules())
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    verdict = verdicts(forge)["juan.perez"]
    assert isinstance(verdict, Approval)
    assert (verdict.approvers, verdict.pull) == (("direccion",), 1)


CLAIMED = "  otro.mas:\n    nombre: Otro Más\n    correo: dsct@sinaloa.gob.mx\n    usuario_git: mallory\n"
"""An enlace who says that the Director's address is theirs."""


def claimed(accounts: Mapping[str, Mapping[str, str]]) -> str:
    agency = Agency(accounts={key: dict(one) for key, one in accounts.items()}).text()
    return agency.replace("oficios:\n", f"{CLAIMED}oficios:\n", 1)


MALLORY = "Mallory <9+mallory@users.noreply.github.com>"


@pytest.mark.parametrize(
    ("approver", "why"),
    [(MALLORY, "quien la fusionó no podía aprobar por SAF"), (DIRECTOR, "la aprobó quien no podía por SAF")],
)
def test_an_enlace_who_claims_an_approvers_address_approves_nothing(tmp_path: Path, approver: str, why: str) -> None:
    forge, reviews = ruled(tmp_path, "exige: {revision: 2026-02-01}"), Reviews()
    first = forge.pull_request({SAF: claimed({})})
    reviews.review(first, forge.git("rev-parse", "main^2"), "dsct-sinaloa", number=1)
    merge = forge.pull_request({SAF: claimed(JUAN)}, approver=approver)
    reviews.review(merge, forge.git("rev-parse", "main^2"), "mallory", number=2)
    assert why in said(forge, reviews=reviews)


def test_who_approves_for_one_agency_approves_for_no_other(tmp_path: Path) -> None:
    forge = ruled(tmp_path, aprueban=DIRECTION + "      dependencias: [SEBIDES]\n")
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    forge.pull_request({SEBIDES: ZOE})
    assert "no podía aprobar por SAF" in said(forge)
    assert said(forge, key="zoe.paz") == ""


# The test repository's clock begins on 2026-02-01, 19:40 in Culiacán.


@pytest.mark.parametrize(
    ("dates", "fault"),
    [
        ("hasta: 2026-02-01", ""),
        ("hasta: 2026-01-31", "no podía aprobar"),
        ("desde: 2026-02-01", ""),
    ],
)
def test_an_approver_is_one_between_two_local_dates(tmp_path: Path, dates: str, fault: str) -> None:
    forge = ruled(tmp_path, aprueban=f"{DIRECTION}      {dates}\n")
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    assert fault in said(forge)
    assert bool(said(forge)) == bool(fault)


def test_before_the_first_date_of_the_list_nobody_is_judged_by_it(tmp_path: Path) -> None:
    forge = ruled(tmp_path, aprueban=f"{DIRECTION}      desde: 2026-03-01\n")
    forge.pull_request({SAF: Agency(accounts=JUAN)}, approver=OTHER)
    assert said(forge) == ""
    forge.clock = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)}, approver=OTHER)
    assert "no podía aprobar" in said(forge, key="ana.ruiz")


def test_a_backdated_merge_is_judged_by_when_it_could_have_been_made(tmp_path: Path) -> None:
    forge = ruled(
        tmp_path, aprueban=f"{DIRECTION}      hasta: 2026-02-10\n    nueva:\n      correos: [otra@sinaloa.gob.mx]\n"
    )
    forge.clock = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
    forge.pull_request({SEBIDES: ZOE}, approver=OTHER)
    forge.clock = int(datetime(2026, 2, 5, tzinfo=UTC).timestamp())
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    assert "no podía aprobar por SAF el 2026-02-28" in said(forge)


def test_a_merge_of_a_day_that_has_not_come_approves_nothing_and_moves_no_other(forge: Forge) -> None:
    clock = forge.clock
    forge.clock = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp())
    forge.pull_request({SEBIDES: ZOE})
    forge.clock = clock + 600
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    assert "todavía no llega" in said(forge, key="zoe.paz")
    assert said(forge) == ""


def test_a_baseline_accepts_what_nobody_entitled_approved(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)}, approver=OTHER)
    forge.pull_request({"cuentas.yaml": rules(f"linea_base: {merge}")})
    assert said(forge) == ""


def test_a_move_is_approved_for_both_agencies(tmp_path: Path) -> None:
    forge = ruled(
        tmp_path,
        aprueban=f"{DIRECTION}      dependencias: [SAF, SEBIDES]\n"
        "    otra:\n      correos: [otra@sinaloa.gob.mx]\n      dependencias: [SEBIDES]\n",
    )
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    moved = Agency("SEBIDES", ("SEBIDES/1/2026",), {"juan.perez": JUAN["juan.perez"] | {"alta": "SEBIDES/1/2026"}})
    forge.pull_request({SAF: Agency(), SEBIDES: moved}, approver=OTHER)
    assert "no podía aprobar por SAF y SEBIDES" in said(forge)


# --- who may say who may approve --------------------------------------------------------------------------


def fault(forge: Forge, **more: object) -> str | None:
    with read(forge, **more) as wanted:  # type: ignore[arg-type]
        found = wanted.approver.config_fault()
        return found.reason if found else None


def test_the_configuration_is_approved_by_who_may_for_everybody(tmp_path: Path) -> None:
    forge = ruled(
        tmp_path, aprueban=f"{DIRECTION}    otra:\n      correos: [otra@sinaloa.gob.mx]\n      dependencias: [SAF]\n"
    )
    more = "protegidas: [ana.ruiz]\n"
    text = (forge.path / "cuentas.yaml").read_text()
    forge.pull_request({"cuentas.yaml": text + more}, approver=OTHER)
    assert "no podía aprobar por toda la configuración" in str(fault(forge))
    forge.pull_request({"cuentas.yaml": text})
    forge.pull_request({"cuentas.yaml": text + more})
    assert fault(forge) is None


def test_nobody_makes_themselves_an_approver(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    forge.pull_request(
        {"cuentas.yaml": rules(aprueban="    otra:\n      correos: [otra@sinaloa.gob.mx]\n")}, approver=OTHER
    )
    assert "cambió quién aprueba" in str(fault(forge))


def test_an_approver_of_ones_own_making_is_not_whitewashed_by_what_they_merge_next(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    own = "    otra:\n      correos: [otra@sinaloa.gob.mx]\n"
    first = forge.pull_request({"cuentas.yaml": rules(aprueban=own)}, approver=OTHER)
    forge.pull_request({"cuentas.yaml": rules(aprueban=own + "      cargo: Jefa\n")}, approver=OTHER)
    with read(forge) as wanted:
        found = wanted.approver.config_fault()
    assert found is not None
    assert found.commit == first


def test_the_first_list_of_approvers_is_merged_by_whoever_may_merge(forge: Forge) -> None:
    forge.pull_request({"cuentas.yaml": rules()})
    assert fault(forge) is None


# --- signatures ---------------------------------------------------------------------------------------------


def signing(signer: Signer, more: str = "") -> str:
    return f"{DIRECTION}      llaves: ['{signer.listed}']\n{more}"


def test_an_unsigned_merge_is_told_from_its_date_on(tmp_path: Path, director: Signer) -> None:
    forge = ruled(tmp_path, "exige: {firma: 2026-02-01}", aprueban=signing(director))
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    assert said(forge) == "la fusión no está firmada"
    forge = founded(tmp_path / "otro", rules("exige: {firma: 2026-02-02}", aprueban=signing(director)))
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    assert said(forge) == ""


def test_a_merge_signed_by_who_approves_is_good_and_says_so(tmp_path: Path, director: Signer) -> None:
    forge = ruled(tmp_path, "exige: {firma: 2026-02-01}", aprueban=signing(director))
    forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=director)
    verdict = verdicts(forge)["juan.perez"]
    assert isinstance(verdict, Approval)
    assert verdict.signature is not None
    assert verdict.signature.state is State.GOOD


def test_openpgp_keys_come_from_the_main_lines_folder(tmp_path: Path) -> None:
    with pgp_signer(DIRECTOR) as signer:
        forge = ruled(tmp_path, "exige: {firma: 2026-02-01}", aprueban=signing(signer))
        forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=signer)
        assert "nadie autorizó" in said(forge)
        forge.pull_request({"llaves/directora.asc": signer.armored}, signer=signer)
        assert said(forge) == ""


def test_a_strangers_signature_proves_nothing(tmp_path: Path, director: Signer) -> None:
    forge = ruled(tmp_path, "exige: {firma: 2026-02-01}", aprueban=signing(director))
    forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=ssh_signer(tmp_path, "extraña"))
    assert "una llave que nadie autorizó" in said(forge)


def test_another_approvers_key_does_not_vouch_for_who_merged(tmp_path: Path, director: Signer) -> None:
    other = ssh_signer(tmp_path, "otra")
    more = f"    otra:\n      correos: [otra@sinaloa.gob.mx]\n      llaves: ['{other.listed}']\n"
    forge = ruled(tmp_path, "exige: {firma: 2026-02-01}", aprueban=signing(director, more))
    forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=other)
    assert "no de quien la fusionó" in said(forge)


def test_the_forges_own_key_vouches_for_the_name_on_the_merge(tmp_path: Path, director: Signer) -> None:
    web = ssh_signer(tmp_path, "forja")
    forge = ruled(
        tmp_path, "exige: {firma: 2026-02-01}", f"llaves_forja: ['{web.listed}']", aprueban=signing(director)
    )
    forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=web)
    assert said(forge) == ""
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)}, signer=web, approver=OTHER)
    assert "no podía aprobar" in said(forge, key="ana.ruiz")


def revoking(tmp_path: Path, director: Signer) -> tuple[Forge, str]:
    """Return a repository where the Director's first key was revoked after it had signed, and that merge."""
    forge = ruled(tmp_path, "exige: {firma: 2026-02-01}", aprueban=signing(director))
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=director)
    fresh = ssh_signer(tmp_path, "nueva")
    both = f"{DIRECTION}      llaves: ['{director.listed}', '{fresh.listed}']\n"
    lines = ("exige: {firma: 2026-02-01}", f"llaves_revocadas: ['{director.listed}']")
    forge.pull_request({"cuentas.yaml": rules("exige: {firma: 2026-02-01}", aprueban=both)}, signer=director)
    forge.pull_request({"cuentas.yaml": rules(*lines, aprueban=both)}, signer=fresh)
    return forge, merge


def test_a_revoked_key_proves_nothing_whenever_it_signed(tmp_path: Path, director: Signer) -> None:
    forge, _ = revoking(tmp_path, director)
    assert "una llave revocada" in said(forge)


def recorded(forge: Forge, reviews: Reviews | None = None) -> list[Event]:
    """Return what a run would freeze of the altas that are approved now."""
    with read(forge, reviews=reviews) as wanted:
        empty = reading()
        changes, _ = diff(wanted.declaration, empty, remembering(empty), Policy(retention_days=90), RECEIVED)
        found = wanted.approver.judge(changes)
        resting = [
            (evidence, agencies, change.oficio)
            for change in changes
            if isinstance(one := found[change_id(change)], Approval)
            for evidence, agencies in one.behind
        ]
        at = datetime(2026, 2, 3, tzinfo=UTC)
        return [
            Event(kind=EventKind.EVIDENCE, at=at, run="una", data=data)
            for data in unrecorded(resting, wanted.approver.regime)
        ]


def test_what_was_put_on_record_before_a_key_was_revoked_stays_proven(tmp_path: Path, director: Signer) -> None:
    forge = ruled(tmp_path, "exige: {firma: 2026-02-01}", aprueban=signing(director))
    forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=director)
    events = recorded(forge)
    text = rules("exige: {firma: 2026-02-01}", f"llaves_revocadas: ['{director.listed}']", aprueban=signing(director))
    forge.pull_request({"cuentas.yaml": text}, signer=director)
    assert "revocada" in said(forge)
    assert said(forge, events=events) == ""


# --- reviews in the forge -----------------------------------------------------------------------------------

REVIEWED = "exige: {revision: 2026-02-01}"


def test_a_review_of_the_merged_head_by_somebody_entitled_approves(tmp_path: Path) -> None:
    forge, reviews = ruled(tmp_path, REVIEWED), Reviews()
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)})
    reviews.review(merge, forge.git("rev-parse", "main^2"), "dsct-sinaloa")
    verdict = verdicts(forge, reviews=reviews)["juan.perez"]
    assert isinstance(verdict, Approval)
    assert (verdict.pull, verdict.approvers) == (7, ("direccion",))


def test_whoever_presses_the_button_matters_not_where_somebody_entitled_reviewed(tmp_path: Path) -> None:
    forge, reviews = ruled(tmp_path, REVIEWED), Reviews()
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)}, approver="robot <robot@noreply.invalid>")
    reviews.review(merge, forge.git("rev-parse", "main^2"), "dsct-sinaloa")
    assert said(forge, reviews=reviews) == ""


@pytest.mark.parametrize(
    ("users", "author", "head", "why"),
    [
        ((), "lbeltran", "main^2", "nadie aprobó en la forja el commit"),
        (("dsct-sinaloa",), "lbeltran", "main^2~1", "nadie aprobó en la forja el commit"),
        (("otra",), "lbeltran", "main^2", "la aprobó quien no podía"),
        (("dsct-sinaloa",), "DSCT-Sinaloa", "main^2", "quien la propuso"),
    ],
    ids=["nobody", "an older head", "not entitled", "opened it"],
)
def test_a_review_that_is_none(tmp_path: Path, users: tuple[str, ...], author: str, head: str, why: str) -> None:
    forge, reviews = ruled(tmp_path, REVIEWED), Reviews()
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)})
    reviews.review(merge, forge.git("rev-parse", head), *users, author=author)
    assert why in said(forge, reviews=reviews)


def test_who_may_accepts_a_configuration_that_a_robot_merged_or_another_forge_knows(tmp_path: Path) -> None:
    forge, reviews = ruled(tmp_path, REVIEWED), Reviews()
    more = "protegidas: [ana.ruiz]\n"
    robots = forge.pull_request({"cuentas.yaml": rules(REVIEWED, more=more)}, approver="robot <r@noreply.invalid>")
    with read(forge, reviews=reviews) as wanted:
        found = wanted.approver.unreviewed_config_fault()
    assert found is not None
    assert "quien la fusionó no podía" in found.reason
    text = rules(REVIEWED, f"linea_base: {robots}", more=more)
    merge = forge.pull_request({"cuentas.yaml": text})
    reviews.review(merge, forge.git("rev-parse", "main^2"), "dsct-sinaloa")
    assert fault(forge, reviews=reviews) is None
    with read(forge, reviews=reviews) as wanted:
        assert wanted.approver.unreviewed_config_fault() is None


def test_where_everybodys_time_is_over_nobody_lets_anybody_in_again(tmp_path: Path) -> None:
    forge = ruled(tmp_path, aprueban=f"{DIRECTION}      hasta: 2026-01-31\n")
    first = forge.pull_request({"cuentas.yaml": rules()})
    assert "cambió quién aprueba" in str(fault(forge))
    forge.pull_request({"cuentas.yaml": rules(f"linea_base: {first}")})
    assert "cambió quién aprueba" in str(fault(forge))


def test_a_merge_of_no_pull_request_was_reviewed_by_nobody(tmp_path: Path) -> None:
    forge = ruled(tmp_path, REVIEWED)
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    assert "no hay pull request" in said(forge, reviews=Reviews())


def test_a_forge_that_does_not_answer_holds_what_needs_it_and_is_asked_once(tmp_path: Path) -> None:
    forge = ruled(tmp_path, "exige: {revision: 2026-02-02}")
    forge.pull_request({SEBIDES: ZOE})
    forge.clock += 3 * 86400
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)})
    reviews = Reviews(down=True)
    found = verdicts(forge, reviews=reviews)
    assert isinstance(found["zoe.paz"], Approval)
    assert "la forja no respondió: La forja no contesta" in reason(found["juan.perez"])
    assert len(reviews.asked) == 1


def test_what_is_on_record_is_asked_of_nobody_again(tmp_path: Path) -> None:
    forge, reviews = ruled(tmp_path, REVIEWED), Reviews()
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)})
    reviews.review(merge, forge.git("rev-parse", "main^2"), "dsct-sinaloa")
    [event] = recorded(forge, reviews)
    assert event.data["fusion"] == merge
    assert event.data["aprobadores"] == ["direccion"]
    assert event.data["oficios"] == ["SAF/1/2026"]
    assert "Beltrán" not in str(event.data)
    silent = Reviews(down=True)
    verdict = verdicts(forge, reviews=silent, events=[event])["juan.perez"]
    assert isinstance(verdict, Approval)
    assert verdict.pull == 7
    assert silent.asked == []
    assert recorded_again(forge, event) == []


def recorded_again(forge: Forge, event: Event) -> list[object]:
    with read(forge, events=[event]) as wanted:
        empty = reading()
        changes, _ = diff(wanted.declaration, empty, remembering(empty), Policy(retention_days=90), RECEIVED)
        approvals = [one for one in wanted.approver.judge(changes).values() if isinstance(one, Approval)]
        resting = [(evidence, agencies, one.oficio) for one in approvals for evidence, agencies in one.behind]
        return list(unrecorded(resting, wanted.approver.regime))


def test_without_a_rule_nothing_is_put_on_record_nor_asked(forge: Forge) -> None:
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    reviews = Reviews(down=True)
    assert recorded(forge, reviews) == []
    assert reviews.asked == []


# --- several merges -----------------------------------------------------------------------------------------


def test_three_merges_between_two_runs_each_answer_for_their_own_accounts(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    first = forge.pull_request({SAF: Agency(accounts=JUAN)})
    second = forge.pull_request({SAF: Agency(accounts=JUAN | ANA)}, approver=OTHER)
    third = forge.pull_request({SEBIDES: ZOE})
    found = verdicts(forge)
    juan, ana, zoe = found["juan.perez"], found["ana.ruiz"], found["zoe.paz"]
    assert isinstance(juan, Approval)
    assert isinstance(ana, Unapproved)
    assert isinstance(zoe, Approval)
    assert (juan.merge, ana.commit, zoe.merge) == (first, second, third)
    assert [juan.pull, zoe.pull] == [1, 3]


def test_a_change_rests_on_every_merge_that_brought_some_of_it(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    promoted = {"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}}
    forge.pull_request({SAF: Agency(accounts=promoted)}, approver=OTHER)
    assert "no podía aprobar" in said(forge)


def test_the_words_of_letters_are_approved_by_who_may_for_everybody(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    for approver, expected in ((DIRECTOR, None), (OTHER, "toda la configuración")):
        merge = forge.pull_request({"plantillas/bienvenida.txt": f"Hola. {approver}"}, approver=approver)
        with Repository.open(forge.path) as repository:
            line = [one for one in repository.first_parent("main", None, ("plantillas",)) if one.files]
            wanted = read_desired(repository, LANGUAGE, merge, merge, RECEIVED, worktree=False)
            found = wanted.approver.merges_fault(line)
        assert (found is None) if expected is None else (found is not None and expected in found.reason)


@pytest.mark.parametrize(
    ("written", "why"), [({}, ""), ({"plantillas/bienvenida.txt": "Llame."}, "quien la propuso es quien la aprobó")]
)
def test_whoever_writes_a_letter_while_bringing_the_branch_up_to_date_proposed_that(
    tmp_path: Path, written: dict[str, str], why: str
) -> None:
    forge = ruled(tmp_path)
    branch(forge, "rama")
    forge.push({"plantillas/bienvenida.txt": "Hola."})
    forge.git("switch", "--quiet", "main")
    forge.pull_request({"plantillas/baja.txt": "Adiós.", SEBIDES: ZOE})
    forge.git("switch", "--quiet", "rama")
    forge.git("merge", "--quiet", "--no-commit", "main", author=DIRECTOR)
    forge.write(written)
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Merge branch 'main' into rama", author=DIRECTOR)
    forge.git("switch", "--quiet", "main")
    forge.merge("rama", "merge", "Merge pull request #9 from rama")
    with Repository.open(forge.path) as repository, read(forge) as wanted:
        line = [one for one in repository.first_parent("main", None, ("plantillas",)) if one.files]
        found = wanted.approver.merges_fault(line)
    assert bool(found) == bool(why)
    assert found is None or why in found.reason


def test_a_run_with_nothing_to_do_verifies_no_signature_of_accounts(
    tmp_path: Path, director: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge = ruled(tmp_path, "exige: {firma: 2026-02-01}", aprueban=signing(director))
    forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=director)
    asked: list[str] = []
    real = Repository.signatures

    def counted(self: Repository, commits: Sequence[str], keyring: Keyring) -> Mapping[str, Signature]:
        asked.extend(commits)
        return real(self, commits, keyring)

    monkeypatch.setattr(Repository, "signatures", counted)
    with read(forge) as wanted:
        assert wanted.approver.judge([]) == {}
        assert wanted.approver.config_fault() is None
        assert asked == []
        assert [one.faults for one in wanted.approver.merges()] == [()]
        assert asked == [forge.head()]


def test_a_branch_is_judged_by_the_published_list_and_not_by_its_own(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    forge.pull_request({SAF: Agency(accounts=JUAN)}, approver=OTHER)
    main = forge.head()
    branch(forge, "rama")
    forge.push({"cuentas.yaml": rules(aprueban="    otra:\n      correos: [otra@sinaloa.gob.mx]\n")})
    with Repository.open(forge.path) as repository:
        wanted = read_desired(repository, LANGUAGE, repository.resolve("rama"), main, RECEIVED, worktree=False)
        [judged] = wanted.approver.merges()
    assert ["no podía aprobar por SAF" in one.reason for one in judged.faults] == [True]


def test_what_mends_a_broken_configuration_can_be_looked_at(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    branch(forge, "rama")
    forge.git("switch", "--quiet", "main")
    forge.push({"cuentas.yaml": "dominios: nada\n"})
    with Repository.open(forge.path) as repository:
        tip, main = repository.resolve("rama"), repository.resolve("main")
        assert read_desired(repository, LANGUAGE, tip, main, RECEIVED, worktree=False).config.aprobacion.aprueban

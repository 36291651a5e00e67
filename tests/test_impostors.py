"""Who passes for somebody else, or for somebody who was entitled: each way that was found, on real histories."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from reconciler.audit.approvals import approval_findings
from reconciler.audit.findings import Code
from reconciler.config import Aprobacion
from reconciler.events import JSON, Event, EventKind
from reconciler.evidence import Frozen, Reviewed
from reconciler.signature import fingerprint
from reconciler.testimony import frozen
from tests.forge import ENLACE, Agency, founded, person
from tests.signing import ssh_signer
from tests.test_approval import SAF, SEBIDES
from tests.test_evidence import (
    ANA,
    DIRECTION,
    JUAN,
    OTHER,
    ZOE,
    Reviews,
    fault,
    read,
    ruled,
    rules,
    said,
)

THIEF = "Enlace <enlace.saf@sinaloa.gob.mx>"


def with_enlace(agency: Agency, *lines: str) -> str:
    """Return an agency's file with one more enlace."""
    entry = "".join(f"    {line}\n" for line in ("nombre: Otra Enlace", *lines))
    return agency.text().replace("oficios:\n", f"  otra.enlace:\n{entry}oficios:\n", 1)


def test_an_enlace_who_is_said_to_have_an_approvers_user_is_no_approver(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    agency = with_enlace(Agency(accounts=JUAN), "correo: enlace.saf@sinaloa.gob.mx", "usuario_git: dsct-sinaloa")
    forge.pull_request({SAF: agency}, approver=THIEF)
    assert "no podía aprobar por SAF" in said(forge)


def test_an_enlaces_reviews_are_not_those_of_the_address_that_their_agency_gives_them(tmp_path: Path) -> None:
    forge, reviews = ruled(tmp_path, "exige: {revision: 2026-02-01}"), Reviews()
    agency = with_enlace(Agency(accounts=JUAN), "correo: dsct@sinaloa.gob.mx", "usuario_git: ladron")
    merge = forge.pull_request({SAF: agency}, approver=OTHER)
    reviews.review(merge, forge.git("rev-parse", f"{merge}^2"), "ladron")
    assert "no podía aprobar por SAF" in said(forge, reviews=reviews)


def test_who_is_of_the_desk_with_an_approvers_user_is_no_approver(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    desk = (
        "mesa_de_ayuda:\n  integrantes:\n    x:\n      correos: [enlace.saf@sinaloa.gob.mx]\n"
        "      usuario: dsct-sinaloa\n"
    )
    forge.pull_request({"cuentas.yaml": rules(more=desk)}, approver=THIEF)
    assert "no podía aprobar por toda la configuración" in str(fault(forge))


def test_a_baseline_does_not_launder_who_set_it(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    own = "    otra:\n      correos: [otra@sinaloa.gob.mx]\n"
    first = forge.pull_request({"cuentas.yaml": rules(aprueban=own)}, approver=OTHER)
    forge.pull_request({"cuentas.yaml": rules(f"linea_base: {first}", aprueban=own)}, approver=OTHER)
    assert "cambió quién aprueba" in str(fault(forge))


def test_one_who_might_lends_nobody_a_list_by_touching_it(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    own = "    otra:\n      correos: [otra@sinaloa.gob.mx]\n"
    first = forge.pull_request({"cuentas.yaml": rules(aprueban=DIRECTION + own)}, approver=OTHER)
    forge.pull_request({"cuentas.yaml": rules("exige: {firma: 2099-01-01}", aprueban=DIRECTION + own)})
    lines = "exige: {firma: 2099-01-01}", f"linea_base: {first}"
    forge.pull_request({"cuentas.yaml": rules(*lines, aprueban=DIRECTION + own)}, approver=OTHER)
    assert "cambió quién aprueba" in str(fault(forge))


def test_one_who_might_accepts_a_list_that_was_pushed_by_moving_the_baseline_past_it(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    own = "    otra:\n      correos: [otra@sinaloa.gob.mx]\n"
    pushed = forge.push({"cuentas.yaml": rules(aprueban=own)})
    forge.pull_request({"cuentas.yaml": rules(f"linea_base: {pushed}", aprueban=own)})
    assert "no podía aprobar por toda la configuración" in str(fault(forge))  # she left the list before she said so
    forge = founded(tmp_path / "otro", rules())
    pushed = forge.push({"cuentas.yaml": rules(aprueban=DIRECTION + own)})
    forge.pull_request({"cuentas.yaml": rules(f"linea_base: {pushed}", aprueban=DIRECTION + own)})
    assert fault(forge) is None
    text = rules(f"linea_base: {pushed}", aprueban=DIRECTION + own + "      cargo: Jefa\n")
    forge.pull_request({"cuentas.yaml": text}, approver=OTHER)
    assert fault(forge) is None


def test_an_address_that_only_looks_like_the_forges_is_nobodys_user(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    forge.pull_request({SAF: Agency(accounts=JUAN)}, approver="D <dsct-sinaloa@noreply.ladron.example>")
    assert "no podía aprobar por SAF" in said(forge)


@pytest.mark.parametrize(
    ("kind", "url", "domain"),
    [
        ("github", "https://api.github.com", "users.noreply.github.com"),
        ("github", "https://ghe.sinaloa.gob.mx/api/v3", "users.noreply.ghe.sinaloa.gob.mx"),
        ("gitea", "https://git.sinaloa.gob.mx/api/v1", "noreply.git.sinaloa.gob.mx"),
    ],
)
def test_the_address_that_the_configured_forge_gives_is_its_users(
    tmp_path: Path, kind: str, url: str, domain: str
) -> None:
    forge = ruled(tmp_path, more=f"forja: {{tipo: {kind}, url: '{url}', repositorio: a/b}}\n")
    forge.pull_request({SAF: Agency(accounts=JUAN)}, approver=f"D <dsct-sinaloa@{domain}>")
    assert said(forge) == ""
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)}, approver=f"D <dsct-sinaloa@{domain}.mx>")
    assert "no podía aprobar por SAF" in said(forge, key="ana.ruiz")


SPLIT = f"""{DIRECTION}      dependencias: [SEBIDES]
    otra:
      correos: [otra@sinaloa.gob.mx]
      dependencias: [SAF]
"""


def test_an_account_is_not_taken_from_an_agency_in_two_steps(tmp_path: Path) -> None:
    forge = ruled(tmp_path, aprueban=SPLIT)
    forge.pull_request({SEBIDES: ZOE})
    forge.pull_request({SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",))}, approver=OTHER)
    forge.pull_request({SAF: Agency(accounts={"zoe.paz": person("Zoé", "Paz Gil")})}, approver=OTHER)
    assert "no podía aprobar por SAF y SEBIDES" in said(forge, key="zoe.paz")


def test_an_account_is_not_taken_from_an_agency_by_renaming_it(tmp_path: Path) -> None:
    forge = ruled(tmp_path, aprueban=SPLIT)
    forge.pull_request({SEBIDES: ZOE})
    renamed = {"zoe.otra": person("Zoé", "Paz Gil", renombra="zoe.paz")}
    forge.pull_request(
        {SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",)), SAF: Agency(accounts=renamed)}, approver=OTHER
    )
    assert "no podía aprobar por SAF y SEBIDES" in said(forge, key="zoe.otra")


def test_an_account_is_not_taken_from_an_agency_by_an_entry_that_says_later_that_it_is_it(tmp_path: Path) -> None:
    forge = ruled(tmp_path, aprueban=SPLIT)
    forge.pull_request({SEBIDES: ZOE})
    forge.pull_request({SAF: Agency(accounts={"zoe.otra": person("Zoé", "Paz Gil")})}, approver=OTHER)
    renamed = {"zoe.otra": person("Zoé", "Paz Gil", renombra="zoe.paz")}
    forge.pull_request(
        {SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",)), SAF: Agency(accounts=renamed)}, approver=OTHER
    )
    assert "no podía aprobar por SAF y SEBIDES" in said(forge, key="zoe.otra")


def test_a_letter_that_only_folds_to_one_of_an_approvers_address_is_another(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    forge.pull_request({SAF: Agency(accounts=JUAN)}, approver="D <d\N{LATIN SMALL LETTER LONG S}ct@sinaloa.gob.mx>")
    assert "no podía aprobar por SAF" in said(forge)
    forge.pull_request({SAF: Agency(accounts=JUAN | ANA)}, approver="D <DSCT@Sinaloa.gob.mx>")
    assert said(forge, key="ana.ruiz") == ""


def test_whose_list_of_agencies_is_empty_does_not_approve_for_all() -> None:
    nobody = {"correos": ("ana@sinaloa.gob.mx",), "dependencias": ()}
    with pytest.raises(ValidationError, match="dependencias"):
        Aprobacion.model_validate({"aprueban": {"ana": nobody}})


def test_where_nobody_is_listed_a_strangers_review_does_not_let_the_proposer_merge(tmp_path: Path) -> None:
    forge, reviews = ruled(tmp_path, "exige: {revision: 2026-02-01}", aprueban=""), Reviews()
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)}, approver=ENLACE)
    reviews.review(merge, forge.git("rev-parse", f"{merge}^2"), "quien-sea")
    assert "quien la propuso es quien la aprobó" in said(forge, reviews=reviews)


def test_a_signature_on_record_is_an_approvers_whatever_the_list_calls_them_today(tmp_path: Path) -> None:
    signer = ssh_signer(tmp_path / "llaves", "directora")
    exige = "exige: {firma: 2026-02-01}"
    listed = f"{DIRECTION}      llaves: ['{signer.listed}']\n"
    forge = ruled(tmp_path, exige, aprueban=listed)
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=signer)
    events = [on_record(merge, fingerprint(signer.listed))]
    renamed = listed.replace("direccion:", "antes:")
    forge.pull_request({"cuentas.yaml": rules(exige, aprueban=renamed)}, signer=signer)
    assert said(forge, events=events) == ""
    two = renamed + listed.replace(f"      llaves: ['{signer.listed}']\n", "      desde: 2026-02-20\n")
    forge.pull_request({"cuentas.yaml": rules(exige, aprueban=two)}, signer=signer)
    assert said(forge, events=events) == ""
    other = DIRECTION + f"    antes:\n      correos: [otra@sinaloa.gob.mx]\n      llaves: ['{signer.listed}']\n"
    forge.pull_request({"cuentas.yaml": rules(exige, aprueban=other)}, signer=signer)
    assert "no de quien la fusionó" in said(forge, events=[on_record(merge, fingerprint(signer.listed), "antes")])


def test_a_first_configuration_that_is_merged_is_judged_by_no_list(tmp_path: Path) -> None:
    forge = founded(tmp_path / "repo")
    forge.git("rm", "--quiet", "cuentas.yaml")
    forge.git("commit", "--quiet", "-m", "Sin")
    forge.pull_request({"cuentas.yaml": rules()})
    assert fault(forge) is None


def test_who_may_no_longer_approve_reviews_nothing_that_was_merged_while_they_might(tmp_path: Path) -> None:
    forge = ruled(tmp_path, "exige: {revision: 2026-02-01}", aprueban=f"{DIRECTION}      hasta: 2026-02-02\n")
    reviews = Reviews()
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)}, approver=OTHER)
    reviews.review(merge, forge.git("rev-parse", f"{merge}^2"), "dsct-sinaloa", at=datetime(2026, 2, 20, tzinfo=UTC))
    assert "no podía aprobar por SAF" in said(forge, reviews=reviews)


def test_a_signature_that_only_the_record_has_is_found_by_an_audit(tmp_path: Path) -> None:
    signer = ssh_signer(tmp_path / "llaves", "directora")
    listed = f"{DIRECTION}      llaves: ['{signer.listed}']\n"
    forge = ruled(tmp_path, "exige: {firma: 2026-02-01}", aprueban=listed)
    true = forge.pull_request({SAF: Agency(accounts=JUAN)}, signer=signer)
    forged = forge.pull_request({SAF: Agency(accounts=JUAN | ANA)})
    events = [on_record(one, fingerprint(signer.listed)) for one in (true, forged)]
    with read(forge, events=events) as wanted:
        found = list(approval_findings(wanted.approver))
    assert [(one.code, one.merge) for one in found] == [(Code.APROBADOR_EVIDENCIA, forged)]
    gone = ssh_signer(tmp_path / "llaves", "nueva").listed
    text = rules("exige: {firma: 2026-02-01}", aprueban=f"{DIRECTION}      llaves: ['{gone}']\n")
    forge.pull_request({"cuentas.yaml": text}, signer=signer)
    with read(forge, events=events[:1]) as wanted:
        assert Code.APROBADOR_EVIDENCIA not in {one.code for one in approval_findings(wanted.approver)}


def on_record(merge: str, key: str, signer: str = "direccion") -> Event:
    """Return what the record would have of a merge that the Director, or another, signed."""
    data: dict[str, JSON] = {"fusion": merge, "firma": {"estado": "buena", "llave": key, "de": signer}}
    return Event(kind=EventKind.EVIDENCE, at=datetime(2026, 2, 3, tzinfo=UTC), run="una", data=data)


def test_evidence_that_is_none_is_nobodys_approval_and_no_defect() -> None:
    nonsense: list[JSON] = [
        {},
        "x",
        {"cuando": "ayer"},
        {"usuario": "u", "commit": "c", "cuando": "2026-02-03T10:00:00"},
    ]
    data: dict[str, JSON] = {"fusion": "a" * 40, "pull_request": 1, "revisiones": nonsense, "cuando": 7, "firma": {}}
    event = Event(kind=EventKind.EVIDENCE, at=datetime(2026, 2, 3, tzinfo=UTC), run="una", data=data)
    assert frozen([event])["a" * 40] == Frozen(reviewed=Reviewed(number=1, author=""))


def test_a_date_that_had_not_come_takes_nothing_back_once_it_has(tmp_path: Path) -> None:
    forge = ruled(
        tmp_path, aprueban=f"{DIRECTION}      hasta: 2026-02-10\n    otra:\n      correos: [otra@sinaloa.gob.mx]\n"
    )
    clock = forge.clock
    forge.clock = int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp())
    forge.pull_request({SEBIDES: ZOE}, approver=OTHER)
    forge.clock = clock + 600
    merge = forge.pull_request({SAF: Agency(accounts=JUAN)})
    assert "no podía aprobar por SAF el 2026-06-01" in said(forge)
    data: dict[str, JSON] = {"fusion": merge, "cuando": "2026-02-02T10:00:00+00:00"}
    event = Event(kind=EventKind.EVIDENCE, at=datetime(2026, 2, 3, tzinfo=UTC), run="una", data=data)
    assert said(forge, events=[event]) == ""


def test_a_merge_that_its_proposer_made_again_is_nobodys_approval(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    forge.pull_request({SAF: Agency(accounts=JUAN)})
    assert said(forge) == ""
    forge.git("commit", "--quiet", "--amend", "--no-edit", author=ENLACE)
    assert forge.git("log", "-1", "--format=%ae") == "dsct@sinaloa.gob.mx"
    assert "quien la propuso es quien la aprobó" in said(forge)


def test_a_key_vouches_for_one_person_alone() -> None:
    key = "A" * 40
    one = {"correos": ("ana@sinaloa.gob.mx",), "llaves": (key,)}
    other = {"correos": ("eva@sinaloa.gob.mx",), "llaves": (key,)}
    with pytest.raises(ValidationError, match="tienen la misma llave"):
        Aprobacion.model_validate({"aprueban": {"ana": one, "eva": other}})
    with pytest.raises(ValidationError, match="llaves_forja"):
        Aprobacion.model_validate({"aprueban": {"ana": one}, "llaves_forja": (key,)})
    Aprobacion.model_validate({"aprueban": {"ana": one, "ana.antes": one | {"hasta": date(2026, 1, 1)}}})

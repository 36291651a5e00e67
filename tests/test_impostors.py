"""Who passes for somebody else, or for somebody who was entitled: each way that was found, on real histories."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.forge import Agency, founded, person
from tests.test_approval import SAF, SEBIDES
from tests.test_evidence import (
    ANA,
    DIRECTION,
    JUAN,
    OTHER,
    ZOE,
    Reviews,
    fault,
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

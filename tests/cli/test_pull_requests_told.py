"""What stands on a pull request is true in the end: whoever was killed, and whatever a run was narrowed to."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from reconciler.cli.pulls import Pulls
from reconciler.embedded import EmbeddedTarget
from reconciler.forge.rest import RestForge
from tests.cli.children import killing
from tests.cli.desk import JUAN, SAF, SEBIDES, saf
from tests.cli.test_apply_pull_requests import (  # noqa: F401 -- fixtures
    LUIS,
    Office,
    _office,
    _servidor,
    applied,
)
from tests.forge import Agency

REVIEWED = """\
aprobacion:
  exige: {revision: 2026-01-01}
  aprueban:
    direccion: {correos: [dsct@sinaloa.gob.mx], usuario: dir-compartidos}
"""
OTHER = Agency("SEBIDES", ("SEBIDES/1/2026",), LUIS)


def unplanned(office: Office, files: dict[str, Agency | str | None], *, approved: bool = False) -> int:
    """Merge a pull request that no plan was said on."""
    number = office.proposed(files)
    if approved:
        office.forge.approve(number, "dir-compartidos")
    office.merged(number)
    return number


def reviewed(office: Office) -> None:
    """Have the configuration demand a review from here on."""
    config = (office.mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    unplanned(office, {"cuentas.yaml": config + REVIEWED}, approved=True)


def test_what_a_killed_run_held_is_said_by_the_next_one(office: Office) -> None:
    number = unplanned(office, {SAF: saf(JUAN)})
    words = ("apply", "--yes", "--pull-requests")
    assert office.mesa.run(*words, code=None, prepare=killing(((Pulls, "tell"),), 1)).code == -signal.SIGKILL
    applied(office, 4)
    assert "juan\\.perez" in office.said(number, "cuentas:retenido")
    assert len(office.withheld()) == 2


@pytest.mark.parametrize("again", ["pull requests", "file"])
@pytest.mark.parametrize("place", [(EmbeddedTarget, "create"), (EmbeddedTarget, "lookup"), (RestForge, "say")])
def test_what_was_held_and_a_killed_run_did_is_no_longer_said_to_be_held(
    office: Office, tmp_path: Path, place: tuple[type, str], again: str
) -> None:
    number = unplanned(office, {SAF: saf(JUAN)})
    applied(office, 4)
    office.mesa.run("plan", "-o", str(tmp_path / "plan.json"))
    words = ("apply", str(tmp_path / "plan.json"), "--yes")
    assert office.mesa.run(*words, code=None, prepare=killing((place,), 1)).code == -signal.SIGKILL
    office.mesa.run(*(("apply", "--yes", "--pull-requests") if again == "pull requests" else words))
    assert office.accounts() == {"juan.perez"}
    applied(office)
    assert "Ya no hay nada retenido" in office.said(number, "cuentas:retenido")


def test_what_was_held_by_hand_first_is_put_right_as_well(office: Office, tmp_path: Path) -> None:
    number = office.proposed({SAF: saf(JUAN)})
    office.mesa.run("plan", "-o", str(tmp_path / "antes.json"))
    office.merged(number)
    office.mesa.run("apply", str(tmp_path / "antes.json"), "--yes", code=4)
    assert office.said(number, "cuentas:retenido") == ""
    applied(office, 4)
    assert "juan" in office.said(number, "cuentas:retenido")
    office.mesa.run("plan", "-o", str(tmp_path / "plan.json"))
    office.mesa.run("apply", str(tmp_path / "plan.json"), "--yes")
    assert "Ya no hay nada retenido" in office.said(number, "cuentas:retenido")


def test_a_narrowed_run_says_what_it_looked_at_and_a_whole_one_says_all(office: Office, tmp_path: Path) -> None:
    number = unplanned(office, {SAF: saf(JUAN), SEBIDES: OTHER})
    for siglas in ("SAF", "SEBIDES"):
        office.mesa.run("apply", "--yes", "--pull-requests", "--only", siglas, code=4)
        said = office.said(number, "cuentas:retenido")
        assert f"de {siglas}" in said
        assert "no miró otras dependencias" in said
    applied(office, 4)
    said = office.said(number, "cuentas:retenido")
    assert "juan" in said
    assert "luis" in said
    assert "no miró" not in said
    narrowed = (str(tmp_path / "plan.json"), "--only", "SAF")
    office.mesa.run("plan", "-o", *narrowed)
    office.mesa.run("apply", *narrowed, "--yes")
    assert "Ya no hay nada retenido de SAF" in office.said(number, "cuentas:retenido")
    applied(office, 4)
    said = office.said(number, "cuentas:retenido")
    assert "luis" in said
    assert "juan" not in said


def test_a_narrowed_run_does_not_say_that_nothing_of_others_lacks_an_approval(office: Office) -> None:
    reviewed(office)
    lacking = unplanned(office, {SAF: saf(JUAN)})
    applied(office, 3)
    said = office.said(lacking, "cuentas:sin-aprobar")
    unplanned(office, {SEBIDES: OTHER}, approved=True)
    office.mesa.run("apply", "--yes", "--pull-requests", "--only", "SEBIDES", code=4)
    assert said
    assert office.said(lacking, "cuentas:sin-aprobar") == said


def test_what_is_approved_late_and_was_not_shown_is_said_to_be_held(office: Office) -> None:
    reviewed(office)
    late = unplanned(office, {SAF: saf(JUAN)})
    applied(office, 3)
    other = office.proposed({SEBIDES: OTHER})
    office.planned(other)
    office.forge.approve(other, "dir-compartidos")
    office.merged(other)
    applied(office, 3)
    assert office.accounts() == {"luis.soto"}
    office.forge.approve(late, "dir-compartidos")
    applied(office, 4)
    assert "Ya nada de este pull request espera aprobación" in office.said(late, "cuentas:sin-aprobar")
    assert "juan" in office.said(late, "cuentas:retenido")

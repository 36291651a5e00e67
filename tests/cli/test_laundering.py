"""Ways of making a push around review look like an approved merge, each tried on the real command."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pyrage
import pytest

from tests.cli.desk import ANA, JUAN, SAF, Desk, desk, leaving, saf
from tests.forge import DIRECTOR, person

MALLORY = {"mallory.evil": person("Mallory", "Evil Root")}
JUNK = "cuentas:\n  mallory.evil:\n    nombre: x\n    apellidos: x\n    puesto: x\n    alta: x\n"


@pytest.fixture
def office(tmp_path: Path) -> Desk:
    """A desk where juan.perez was asked for, approved and made."""
    return opened(tmp_path)


def opened(folder: Path, config: str = "") -> Desk:
    made = desk(folder, config)
    made.forge.pull_request({SAF: saf(JUAN)})
    made.run("apply", "--yes")
    return made


def accounts(office: Desk) -> set[str]:
    return {str(key) for key in office.reading().accounts}


def merged_by_hand(office: Desk, branch: dict[str, str], at_merge: dict[str, str]) -> None:
    """Merge a branch and leave other files than it had: what a forge's editor of conflicts lets happen."""
    forge = office.forge
    forge.git("switch", "--quiet", "--create", "lado")
    forge.write(branch)
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Lado")
    forge.git("switch", "--quiet", "main")
    subprocess.run(["git", "-C", str(forge.path), "merge", "--quiet", "--no-ff", "--no-commit", "lado"], check=False)
    forge.write(at_merge)
    forge.git("add", "--all")
    forge.git("commit", "--quiet", "-m", "Merge", author=DIRECTOR)


@pytest.mark.parametrize("junk", ["accounts/README.md", "accounts/SAF/viejo.yaml"])
def test_taking_a_junk_file_away_approves_nothing_that_was_pushed(office: Desk, junk: str) -> None:
    office.forge.push({SAF: saf(JUAN, MALLORY), junk: JUNK})
    office.forge.pull_request({junk: None})
    said = office.run("apply", "--yes", code=3)
    assert "mallory.evil" in said.out + said.err
    assert accounts(office) == {"juan.perez"}
    assert "mallory.evil" in office.run("audit", code=3).out


def test_settings_come_from_cuentas_yaml_alone(office: Desk) -> None:
    evil = pyrage.x25519.Identity.generate()
    path = office.forge.path / "cuentas.yaml"
    changed = path.read_text("utf-8").replace(str(office.identity.to_public()), str(evil.to_public()))
    junk = "accounts/cuentas/x.yaml"
    office.forge.push({"cuentas.yaml": changed, junk: "entrega:\n  destinatario: x\n"})
    office.forge.pull_request({junk: None})
    office.forge.pull_request({SAF: saf(JUAN, ANA)})
    said = office.run("apply", "--yes", code=3)
    assert "cuentas.yaml" in said.err
    assert accounts(office) == {"juan.perez"}


def test_a_baja_taken_out_beside_an_unreadable_branch_is_not_taken_for_reviewed(office: Desk) -> None:
    gone = {"juan.perez": leaving(JUAN["juan.perez"])}
    office.forge.pull_request({SAF: saf(gone)})
    merged_by_hand(office, {SAF: saf(gone).text() + "\t: &x roto\n"}, {SAF: saf(JUAN).text()})
    office.run("audit", code=3)


def test_a_setting_taken_out_beside_an_unreadable_branch_stops_every_apply(tmp_path: Path) -> None:
    office = opened(tmp_path, "protegidas: [juan.perez]\n")
    text = (office.forge.path / "cuentas.yaml").read_text("utf-8")
    merged_by_hand(
        office,
        {"cuentas.yaml": text + "x: &a 1\n"},
        {"cuentas.yaml": text.replace("protegidas: [juan.perez]\n", "")},
    )
    office.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    office.run("apply", "--yes", code=3)
    assert office.reading().accounts[next(iter(office.reading().accounts))].account.logon_enabled


def test_mending_what_was_pushed_unreadable_elsewhere_approves_nothing(office: Desk) -> None:
    office.forge.push({SAF: saf(JUAN, MALLORY).text() + "\t: roto\n"})
    office.forge.pull_request({SAF: None, "accounts/SAF/uno.yaml": saf(JUAN, MALLORY)})
    office.run("apply", "--yes", code=3)
    assert accounts(office) == {"juan.perez"}


def test_the_order_of_domains_is_a_setting_like_any_other(tmp_path: Path) -> None:
    office = desk(tmp_path, "")
    path = office.forge.path / "cuentas.yaml"
    text = path.read_text("utf-8").replace("[sinaloa.gob.mx]", "[sinaloa.gob.mx, otro.gob.mx]")
    office.forge.pull_request({"cuentas.yaml": text})
    office.forge.pull_request({SAF: saf(JUAN)})
    office.run("apply", "--yes")
    swapped = text.replace("[sinaloa.gob.mx, otro.gob.mx]", "[otro.gob.mx, sinaloa.gob.mx]")
    office.forge.push({"cuentas.yaml": swapped})
    office.run("apply", "--yes", code=3)
    [one] = office.reading().state.values()
    assert one.address == "juan.perez@sinaloa.gob.mx"


def test_a_submodule_that_came_and_went_stops_nobody(office: Desk) -> None:
    forge = office.forge
    forge.git("switch", "--quiet", "--create", "modulo")
    forge.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},accounts/x.yaml")
    forge.git("commit", "--quiet", "-m", "Submódulo")
    forge.git("switch", "--quiet", "main")
    forge.merge("modulo", "merge", "Merge submódulo")
    forge.git("rm", "--quiet", "--cached", "accounts/x.yaml")
    forge.git("commit", "--quiet", "-m", "Quita el submódulo")
    forge.pull_request({SAF: saf(JUAN, ANA)})
    assert "ana.ruiz" in office.run("plan").out
    office.run("apply", "--yes")
    assert accounts(office) == {"juan.perez", "ana.ruiz"}

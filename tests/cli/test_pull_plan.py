"""snapshot and plan --against: what a pull request would do, seen from where no target is reached."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reconciler.embedded import target
from reconciler.model import AccountKey
from reconciler.plan import FieldChange
from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, leaving, saf
from tests.cli.test_apply import remote
from tests.forge import Agency, person

ADOPTED = {"vieja.caja": person("Vieja", "Caja", existente="true")}


def proposed(mesa: Desk, files: dict[str, Agency | str | None], branch: str = "solicitud") -> None:
    """Leave a branch with files, as a forge has it while a pull request is open."""
    mesa.forge.git("switch", "--quiet", "--create", branch)
    mesa.forge.push(files)
    mesa.forge.git("switch", "--quiet", "main")


def retitled(mesa: Desk, key: str, title: str) -> None:
    """Have somebody change an account by hand."""
    with mesa.target() as opened:
        there = opened.read().accounts[AccountKey(key)]
        opened.update(there.handle, (FieldChange("title", there.account.title, title),))


def planned(mesa: Desk, *words: str, at: Path | None = None) -> dict[str, Any]:
    """Plan the branch against main and the published reading."""
    asked = ("plan", "--at", "solicitud", "--base", "main", "--against", "publicada", "--format", "json", *words)
    found: dict[str, Any] = json.loads(mesa.run(*asked, at=at).out)
    return found


def verbs(changes: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(one["key"], one["verb"]) for one in changes}


@pytest.fixture(name="applied")
def _applied(mesa: Desk) -> Desk:
    """Return a desk that has applied an account and published what it read."""
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.run("snapshot", "--publish")
    return mesa


def test_what_a_pull_request_causes_is_told_apart_from_what_waited_before(applied: Desk) -> None:
    retitled(applied, "juan.perez", "Jefe")
    applied.run("snapshot", "--publish")
    proposed(applied, {SAF: saf(JUAN, ANA)})
    found = planned(applied)
    assert verbs(found["causados"]) == {("ana.ruiz", "create"), ("ana.ruiz", "enable_mailbox")}
    assert verbs(found["deriva"]) == {("juan.perez", "update")}
    assert found["ya_no"] == []


def test_the_target_is_not_opened(applied: Desk) -> None:
    shutil.rmtree(applied.store.parent)
    proposed(applied, {SAF: saf(JUAN, ANA)})
    assert verbs(planned(applied)["causados"]) == {("ana.ruiz", "create"), ("ana.ruiz", "enable_mailbox")}
    assert not applied.store.exists()


def test_what_the_base_asks_for_and_the_head_no_longer_does_is_said(applied: Desk) -> None:
    gone = {"juan.perez": leaving(JUAN["juan.perez"])}
    applied.forge.pull_request({SAF: saf(gone)})
    proposed(applied, {SAF: saf({"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/2/2026"}})})
    assert ("juan.perez", "disable") in verbs(planned(applied)["ya_no"])


def test_a_branch_is_planned_as_it_would_be_once_merged(applied: Desk) -> None:
    proposed(applied, {SAF: saf(JUAN, ANA)})
    other = Agency("SEBIDES", ("SEBIDES/1/2026",), {"luis.soto": person("Luis", "Soto", "SEBIDES/1/2026")})
    applied.forge.pull_request({SEBIDES: other})
    applied.run("apply", "--yes")
    applied.run("snapshot", "--publish")
    found = planned(applied)
    assert {key for key, _ in verbs(found["causados"])} == {"ana.ruiz"}
    assert found["deriva"] == []
    assert found["por_atender"] == []


def test_a_branch_that_took_two_renames_from_main_still_follows_them(applied: Desk) -> None:
    juan, letters = JUAN["juan.perez"], ("SAF/1/2026", "SAF/2/2026", "SAF/3/2026")
    other = Agency("SEBIDES", ("SEBIDES/1/2026",), {"luis.soto": person("Luis", "Soto", "SEBIDES/1/2026")})
    proposed(applied, {SEBIDES: other})
    for key, before, letter in (("juan.p", "juan.perez", "SAF/2/2026"), ("jp", "juan.p", "SAF/3/2026")):
        entry = juan | {"renombra": before, "cambio": letter}
        applied.forge.pull_request({SAF: saf({key: entry}, oficios=letters)})
    applied.forge.git("switch", "--quiet", "solicitud")
    applied.forge.git("merge", "--quiet", "--no-ff", "-m", "Merge branch 'main' into solicitud", "main")
    applied.forge.git("switch", "--quiet", "main")
    found = planned(applied)
    assert {key for key, _ in verbs(found["causados"])} == {"luis.soto"}
    assert ("jp", "rename") in verbs(found["deriva"])


def test_what_shares_no_history_with_the_base_is_said_in_our_words(applied: Desk) -> None:
    applied.forge.git("switch", "--quiet", "--orphan", "solicitud")
    applied.forge.git("commit", "--quiet", "--allow-empty", "-m", "Otra historia")
    applied.forge.git("switch", "--quiet", "main")
    said = applied.run("plan", "--at", "solicitud", "--base", "main", "--against", "publicada", code=2)
    assert "no comparte historia" in said.err


def test_a_branch_that_conflicts_is_compared_with_where_it_left_and_that_is_said(applied: Desk) -> None:
    proposed(applied, {SAF: saf({"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}})})
    applied.forge.pull_request({SAF: saf({"juan.perez": JUAN["juan.perez"] | {"puesto": "Director"}})})
    said = applied.run("plan", "--at", "solicitud", "--base", "main", "--against", "publicada").out
    assert "Hay conflictos con la rama principal" in said
    assert "puesto: «Analista» → «Jefe»" in said


def test_an_adoption_is_not_judged_and_not_called_wrong(applied: Desk) -> None:
    proposed(applied, {SAF: saf(JUAN, ADOPTED)})
    found = planned(applied)
    assert found["por_juzgar"] == ["vieja.caja"]
    assert found["por_atender"] == []


def test_limits_and_exceptions_are_the_bases(applied: Desk) -> None:
    text = (applied.forge.path / "cuentas.yaml").read_text("utf-8")
    loose = f"{text}limites:\n  dependencia:\n    altas: {{maximo: 500}}\n"
    names = [one + other for one in "abcdefgh" for other in "abcdefgh"]
    crowd = {f"p{name}.gil": person("Ana", f"Gil {name.title()}") for name in names}
    proposed(applied, {SAF: saf(JUAN, crowd), "cuentas.yaml": loose})
    found = planned(applied)
    assert [one["guarda"] for one in found["rechazos"]] == ["limite"]
    assert {"dependencia": "SAF", "clase": "altas", "usa": 64, "permite": 50} in found["limites"]
    said = applied.run("plan", "--at", "solicitud", "--base", "main", "--against", "publicada").out
    assert "No se aplicaría: [limite] 64 altas en SAF: el máximo es 50." in said
    assert "Cambia cuentas.yaml" in said


def test_it_says_who_proposes_and_ends_in_what_apply_reads(applied: Desk, tmp_path: Path) -> None:
    proposed(applied, {SAF: saf(JUAN, ANA)})
    words = ("plan", "--at", "solicitud", "--base", "main", "--against", "publicada", "--format", "markdown")
    file = tmp_path / "plan.md"
    applied.run(*words, "--author", "lbeltran", "-o", str(file))
    text = file.read_text("utf-8")
    assert "## Este pull request pide 1 alta en SAF" in text
    assert "Propone lbeltran" in text
    head = applied.forge.git("rev-parse", "solicitud")
    assert f'"cabeza":"{head}","base":"{applied.forge.head()}"' in text.rstrip().splitlines()[-1]


def test_a_reading_older_than_the_last_run_is_said(applied: Desk) -> None:
    applied.forge.pull_request({SAF: saf(JUAN, ANA)})
    applied.run("apply", "--yes")
    proposed(applied, {SAF: saf(JUAN, ANA, {"luis.soto": person("Luis", "Soto")})})
    said = applied.run("plan", "--at", "solicitud", "--base", "main", "--against", "publicada").out
    assert "La lectura es anterior: a 1 corrida" in said


def test_an_invalid_head_ends_with_2_and_an_invalid_base_is_said(applied: Desk) -> None:
    proposed(applied, {SAF: saf({"juan.perez": {"nombre": "Juan"}})}, "rota")
    words = ("--base", "main", "--against", "publicada")
    assert "accounts/SAF.yaml" in applied.run("plan", "--at", "rota", *words, code=2).err
    applied.forge.push({SAF: saf({"juan.perez": {"nombre": "Juan"}})})
    proposed(applied, {SAF: saf(JUAN, ANA)})
    assert "La base no era válida" in applied.run("plan", "--at", "solicitud", *words).out


def test_what_is_missing_or_of_another_target_ends_with_2(applied: Desk, tmp_path: Path) -> None:
    proposed(applied, {SAF: saf(JUAN, ANA)})
    words = ("plan", "--at", "solicitud", "--base", "main", "--against")
    assert "No se pudo leer la lectura" in applied.run(*words, str(tmp_path / "no"), code=2).err
    file = tmp_path / "lectura.json"
    applied.run("snapshot", "-o", str(file))
    file.write_text(file.read_text("utf-8").replace('"destino": "embedded"', '"destino": "otro"'), "utf-8")
    assert "modificada" in applied.run(*words, str(file), code=2).err
    applied.forge.git("branch", "-D", "lectura")
    assert "git fetch origin lectura" in applied.run(*words, "publicada", code=2).err
    assert "--against" in applied.run("plan", "--base", "main", code=2).err


# --- publishing ---------------------------------------------------------------------------------------------


def readings(mesa: Desk) -> int:
    return int(mesa.forge.git("rev-list", "--count", "lectura"))


def test_an_unchanged_reading_is_not_written_again_until_it_is_old(applied: Desk) -> None:
    assert "sin cambios desde" in applied.run("snapshot", "--publish").out
    assert readings(applied) == 1
    assert "publicada en «lectura»" in applied.run("snapshot", "--publish", "--renovar", "0").out
    assert readings(applied) == 2
    retitled(applied, "juan.perez", "Jefe")
    applied.run("snapshot", "--publish")
    assert readings(applied) == 3
    assert applied.forge.git("status", "--porcelain") == ""
    assert applied.forge.git("ls-tree", "--name-only", "lectura") == "lectura.embedded.json"


def test_a_reading_that_says_to_be_of_years_to_come_does_not_keep_others_from_being_published(applied: Desk) -> None:
    text = applied.forge.git("show", "lectura:lectura.embedded.json")
    when = json.loads(text)["tomada"]["cuando"]
    file = applied.forge.path / ".cuentas" / "lectura.json"
    file.write_text(text.replace(when, f"2099{when[4:]}") + "\n", encoding="utf-8")
    blob = applied.forge.git("hash-object", "-w", str(file))
    tree = applied.forge.path.parent / "arbol"
    tree.write_text(f"100644 blob {blob}\tlectura.embedded.json\n", encoding="utf-8")
    with tree.open(encoding="utf-8") as stream:
        made = subprocess.run(
            ["git", "-C", applied.forge.path, "mktree"], stdin=stream, capture_output=True, text=True, check=True
        )
    applied.forge.git(
        "update-ref", "refs/heads/lectura", applied.forge.git("commit-tree", made.stdout.strip(), "-m", "x")
    )
    assert "publicada en «lectura»" in applied.run("snapshot", "--publish").out


def test_a_reading_published_elsewhere_is_what_a_clone_plans_against(mesa: Desk, tmp_path: Path) -> None:
    remote(mesa, tmp_path)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.git("push", "--quiet", "origin", "main")
    mesa.run("apply", "--yes")
    mesa.run("snapshot", "--publish")
    proposed(mesa, {SAF: saf(JUAN, ANA)})
    mesa.forge.git("push", "--quiet", "origin", "solicitud")
    clone = tmp_path / "revision"
    mesa.forge.git("clone", "--quiet", str(tmp_path / "origin.git"), str(clone), inside=False)
    words = (
        "plan",
        "--at",
        "origin/solicitud",
        "--base",
        "origin/main",
        "--against",
        "publicada",
        "--format",
        "json",
    )
    found = json.loads(mesa.run(*words, at=clone).out)
    assert {key for key, _ in verbs(found["causados"])} == {"ana.ruiz"}
    assert not (clone / ".cuentas").exists()


def test_of_two_machines_that_publish_at_once_both_do(mesa: Desk, tmp_path: Path) -> None:
    path = remote(mesa, tmp_path)
    mesa.run("snapshot", "--publish")
    other = tmp_path / "otra"
    mesa.forge.git("clone", "--quiet", str(path), str(other), inside=False)
    mesa.run("snapshot", "--publish", "--renovar", "0", at=other)
    mesa.run("snapshot", "--publish", "--renovar", "0")
    said = subprocess.run(
        ["git", "-C", str(path), "rev-list", "--count", "lectura"], check=True, capture_output=True, text=True
    )
    assert said.stdout.strip() == "3"


def test_a_remote_that_refuses_the_reading_is_said_in_its_words(mesa: Desk, tmp_path: Path) -> None:
    hook = remote(mesa, tmp_path) / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert "no aceptó la lectura" in mesa.run("snapshot", "--publish", code=6).err


def test_a_reading_that_does_not_show_the_canary_is_not_published(mesa: Desk) -> None:
    def blind() -> None:
        vars(target)["CANARY"] = "nadie"

    mesa.run("snapshot", "--publish")
    assert "canario" in mesa.run("snapshot", "--publish", "--renovar", "0", code=3, prepare=blind).err
    assert readings(mesa) == 1


def test_where_it_goes_has_to_be_said(mesa: Desk, tmp_path: Path) -> None:
    assert "-o ARCHIVO" in mesa.run("snapshot", code=2).err
    mesa.run("snapshot", "--publish", "-o", str(tmp_path / "x"), code=2)

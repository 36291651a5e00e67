"""The ways in which systems like this one failed elsewhere (A to I), each tried on the real command.

E, another domain controller, belongs to the directory's own tests; the pure halves of A to D are in test_safety.py,
those of F and H in engine/test_apply.py, the planted passwords of I in cli/test_secrets.py.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from reconciler.model import AccountKey, Status
from reconciler.plan import Plan, change_id
from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, desk, leaving, saf
from tests.forge import Agency, person
from tests.sheets import the_sheet


@pytest.fixture(name="mesa")
def _mesa(tmp_path: Path) -> Desk:
    return desk(tmp_path)


def people(count: int) -> dict[str, dict[str, str]]:
    """Some people with letters for names."""
    return {f"persona.a{n}": person(f"Ana {chr(65 + n // 26)}{chr(97 + n % 26)}", "Gil") for n in range(count)}


def in_store(mesa: Desk, statement: str, *values: str) -> list[tuple[str, ...]]:
    """Do something to the embedded directory behind everybody's back."""
    database = sqlite3.connect(mesa.store)
    try:
        with database:
            return list(database.execute(statement, values))
    finally:
        database.close()


def test_failure_a_an_emptied_directory_is_a_bad_reading_and_nothing_is_made_again(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(people(10))})
    mesa.run("apply", "--yes")
    mesa.store.unlink()
    assert "La lectura trae 0 cuentas" in mesa.run("apply", "--yes", code=3).err
    mesa.forge.pull_request({SAF: saf(people(10), JUAN)})
    said = mesa.run("apply", "--yes", code=3)
    assert "La lectura trae 0 cuentas y la última corrida buena dejó 10" in said.err
    assert mesa.reading().accounts == {}


def test_failure_a_a_reading_without_the_canary_is_refused_although_it_succeeded(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("plan")
    in_store(mesa, "DELETE FROM objetos WHERE marca IS NULL")
    assert "canario" in mesa.run("apply", "--yes", code=3).err


def test_failure_b_a_merge_that_loses_entries_gives_nobody_baja(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    mesa.run("apply", "--yes")
    lost = mesa.forge.pull_request({SAF: saf(JUAN)})
    said = mesa.run("apply", "--yes", code=2)
    assert f"La cuenta «ana.ruiz» estaba declarada y desapareció en el commit {lost[:10]}" in said.err
    mesa.forge.pull_request({SAF: None})
    mesa.run("apply", "--yes", code=2)
    assert {one.status for one in mesa.reading().state.values()} == {Status.ACTIVE}


def test_failure_b_a_merge_that_loses_a_baja_brings_nobody_back(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf(JUAN)}, title="Revert")
    said = mesa.run("apply", "--yes")
    assert "perdió «baja:» sin un oficio nuevo" in said.out
    assert mesa.reading().state[AccountKey("juan.perez")].status is Status.RETIRED


def test_failure_c_a_small_agency_is_never_emptied_by_a_limit_in_percent(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(people(2))})
    mesa.run("apply", "--yes")
    gone = {key: leaving(entry) for key, entry in people(2).items()}
    mesa.forge.pull_request({SAF: saf(gone)})
    assert "da de baja las 2 cuentas en servicio de SAF" in mesa.run("apply", "--yes", code=3).err
    assert {one.status for one in mesa.reading().state.values()} == {Status.ACTIVE}


def test_failure_c_an_exception_is_merged_for_one_plan_and_serves_once(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(people(2))})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf({key: leaving(entry) for key, entry in people(2).items()})})
    digest = Plan.from_json(mesa.run("plan", "--format", "json").out).digest
    rule = f"  - plan: {digest}\n    motivo: Se extingue la unidad\n    oficio: SAF/2/2026\n    fecha: 2026-04-01\n"
    before = (mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    mesa.forge.pull_request({"cuentas.yaml": f"{before}excepciones:\n{rule}"})
    assert "Con la excepción del oficio SAF/2/2026" in mesa.run("plan").out
    mesa.run("apply", "--yes")
    in_store(mesa, "UPDATE objetos SET estado = NULL, habilitado = 1 WHERE marca IS NOT NULL")
    in_store(mesa, "UPDATE buzones SET oculto = 0, recibe = 1")
    assert Plan.from_json(mesa.run("plan", "--format", "json").out).digest == digest
    mesa.run("apply", "--yes", code=3)


def test_failure_d_a_rename_written_as_baja_and_alta_is_refused_and_says_how_to_write_it(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA, people(3))})
    mesa.run("apply", "--yes")
    twice = {"juan.perez": leaving(JUAN["juan.perez"]), "juan.perez.l": JUAN["juan.perez"]}
    mesa.forge.pull_request({SAF: saf(twice, ANA, people(3))})
    said = mesa.run("apply", "--yes", code=3)
    assert "parecen de la misma persona" in said.err
    assert "renombra:" in said.err


def test_failure_d_a_chain_of_renames_reaches_the_same_object_and_mailbox(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    guid = mesa.reading().accounts[AccountKey("juan.perez")].handle.guid
    fields = JUAN["juan.perez"]
    mesa.forge.pull_request({SAF: saf({"juan.p": fields | {"renombra": "juan.perez"}})})
    last = fields | {"renombra": "juan.p", "alias": "[juan.perez@sinaloa.gob.mx]"}
    mesa.forge.pull_request({SAF: saf({"juan.perez.l": last})})
    mesa.run("apply", "--yes")
    assert [(key, one.handle.guid) for key, one in mesa.reading().accounts.items()] == [("juan.perez.l", guid)]
    mesa.run("drift")


def test_failure_f_a_plan_that_is_still_the_same_applies(mesa: Desk, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("plan", "-o", str(file))
    mesa.forge.pull_request({"README.md": "hola\n"})
    mesa.run("apply", str(file))
    assert set(mesa.reading().accounts) == {"juan.perez"}


def test_failure_f_a_plan_already_done_in_part_applies_the_rest_and_then_nothing(mesa: Desk, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    sebides = Agency("SEBIDES", ("SEBIDES/1/2026",), {"zoe.paz": person("Zoé", "Paz Gil", "SEBIDES/1/2026")})
    mesa.forge.pull_request({SAF: saf(JUAN), SEBIDES: sebides})
    mesa.run("plan", "-o", str(file))
    mesa.run("apply", "--yes", "--only", "SEBIDES")
    mesa.run("apply", str(file))
    assert set(mesa.reading().accounts) == {"juan.perez", "zoe.paz"}
    assert "Nada que hacer" in mesa.run("apply", str(file)).out


def test_failure_f_a_plan_that_lacks_something_makes_only_what_it_showed(mesa: Desk, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("plan", "-o", str(file))
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    said = mesa.run("apply", str(file), code=4)
    assert "alta de ana.ruiz: se retiene: no se mostró." in said.out
    assert "cuentas apply plan.json" in said.err
    assert set(mesa.reading().accounts) == {"juan.perez"}


def test_failure_g_a_plan_is_exactly_what_apply_then_puts_on_record_and_makes(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    mesa.run("apply", "--yes")
    changed = {"ana.ruiz": ANA["ana.ruiz"] | {"puesto": "Jefa", "alias": "[ana@sinaloa.gob.mx]"}}
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])}, changed, people(2))})
    before = mesa.store.read_bytes(), mesa.forge.git("rev-parse", "bitacora")
    plan = Plan.from_json(mesa.run("plan", "--format", "json").out)
    assert (mesa.store.read_bytes(), mesa.forge.git("rev-parse", "bitacora")) == before
    mesa.run("apply", "--yes")
    last = mesa.record()[-1]["run"]
    tried = [one["data"]["cambio"] for one in mesa.record() if (one["run"], one["kind"]) == (last, "intento")]
    assert tried == [change_id(change) for change in plan.changes]
    assert Plan.from_json(mesa.run("plan", "--format", "json").out).changes == ()


def test_failure_h_a_part_rejected_ends_with_5_says_which_and_the_rest_is_applied(mesa: Desk) -> None:
    shared = {"caja.saf": {"tipo": "compartida", "nombre": "Caja", "responsable": "ana.ruiz", "alta": "SAF/1/2026"}}
    mesa.forge.push({SAF: saf(ANA)})
    mesa.forge.pull_request({SAF: saf(ANA, JUAN, shared)})
    said = mesa.run("apply", "--yes", code=5)
    assert "alta de caja.saf: se rechazó. El responsable «ana.ruiz» no está en el directorio." in said.out
    assert "Resultado: 2 aplicados, 1 rechazado, 1 no intentado." in said.out
    assert set(mesa.reading().accounts) == {"juan.perez"}


def test_failure_h_what_was_rejected_is_tried_again_and_the_record_tells_both(mesa: Desk) -> None:
    shared = {"caja.saf": {"tipo": "compartida", "nombre": "Caja", "responsable": "ana.ruiz", "alta": "SAF/1/2026"}}
    pushed = mesa.forge.push({SAF: saf(ANA)})
    mesa.forge.pull_request({SAF: saf(ANA, shared)})
    mesa.run("apply", "--yes", code=5)
    before = (mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    mesa.forge.pull_request({"cuentas.yaml": f"{before}aprobacion:\n  linea_base: {pushed}\n"})
    mesa.run("apply", "--yes")
    told = mesa.run("history", "caja.saf").out
    assert told.index("alta: se rechazó") < told.index("alta: se hizo")
    assert set(mesa.reading().accounts) == {"ana.ruiz", "caja.saf"}


def test_failure_i_adoption_touches_no_password_and_the_first_plan_afterwards_is_empty(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, people(10))})
    mesa.run("apply", "--yes")
    (secret,) = in_store(mesa, "SELECT contrasena FROM objetos WHERE marca = ?", "juan.perez")
    the_sheet(mesa.sheets, "juan.perez").unlink()
    in_store(mesa, "UPDATE objetos SET marca = NULL WHERE marca = ?", "juan.perez")
    adopted = {"juan.perez": JUAN["juan.perez"] | {"existente": "true"}}
    mesa.forge.pull_request({SAF: saf(adopted, people(10))})
    assert "adopción" in mesa.run("plan").out
    mesa.run("apply", "--yes")
    assert in_store(mesa, "SELECT contrasena FROM objetos WHERE marca = ?", "juan.perez") == [secret]
    assert [one for one in mesa.sheets.iterdir() if one.name.startswith("juan.perez")] == []
    mesa.run("drift")

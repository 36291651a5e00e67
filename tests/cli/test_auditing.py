"""audit, run as a command over real repositories: classes of finding, their codes, and what it exits with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler import bitacora, declaration
from reconciler.audit import Clase, Code
from reconciler.audit.remedies import REMEDIES
from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, desk, leaving, saf
from tests.forge import Agency, person

SCHEMA = json.loads(declaration.schemas()["auditoria.schema.json"])
GONE = {"juan.perez": leaving(JUAN["juan.perez"])}


def audited(mesa: Desk, *words: str, code: int = 0) -> Any:
    """Return the document, which has to be what its schema says."""
    document = json.loads(mesa.run("audit", "--format", "json", *words, code=code).out)
    jsonschema.validate(document, SCHEMA)
    return document


def codes(mesa: Desk, *words: str, code: int = 3) -> set[str]:
    """Return the codes of what is found, and make sure that the last line counts the same."""
    document = audited(mesa, *words, code=code)
    last = mesa.run("audit", *words, code=code).out.splitlines()[-1]
    counted = document["conteo"]
    assert last == "Hallazgos: " + ", ".join(f"{clase.value} {counted[clase.value]}" for clase in Clase)
    assert sum(counted.values()) == len(document["hallazgos"])
    return {one["codigo"] for one in document["hallazgos"]}


@pytest.fixture(name="served")
def _served(mesa: Desk) -> Desk:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    return mesa


def test_every_code_has_a_class_and_what_to_do() -> None:
    assert {one.value for one in Code} == set(REMEDIES)
    assert all(one.clase.heading and REMEDIES[one.value].endswith(".") for one in Code)


def test_whatever_the_chain_can_say_is_on_the_list() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(bitacora.__file__).parent.glob("*.py"))
    told = [one.value.partition("/")[2].replace("-", "_") for one in Code if one.clase is Clase.CADENA]
    assert not [name for name in told if name != "huella_ajena" and f'"{name}"' not in source]


def test_no_findings_say_what_was_looked_at(served: Desk) -> None:
    document = audited(served)
    seen = document["revisado"]
    assert (seen["hechos"], seen["corridas"], seen["intentos"]) == (len(served.record()), 1, 2)
    assert (seen["commits"], seen["fusiones"], seen["movimientos"], seen["oficios"]) == (2, 1, 1, 3)
    assert (seen["declaradas"], seen["anotadas"], seen["leidas"], seen["por_aplicar"]) == (1, 1, 1, 0)
    assert document["destino"] == {"nombre": "embedded", "servidor": document["destino"]["servidor"], "leido": True}
    said = served.run("audit").out
    assert "Sin hallazgos" in said
    assert said.splitlines()[-1].endswith("fecha 0")


def test_a_push_and_a_squash_are_told_apart_from_a_merge(mesa: Desk) -> None:
    mesa.forge.push({SAF: saf(JUAN)})
    mesa.forge.push({SAF: saf(JUAN, GONE)}, "Baja de Juan (#12)")
    found = codes(mesa)
    assert {"linea/empujado", "linea/aplastado", "aprobador/cuenta"} <= found


def test_a_change_without_an_oficio_of_its_own_is_found(served: Desk) -> None:
    promoted = {"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefa"}}
    served.forge.pull_request({SAF: saf(promoted)})
    assert codes(served) == {"oficio/sin-nombrar"}


def test_an_oficio_serves_one_request_and_has_to_be_declared_by_then(served: Desk) -> None:
    served.forge.pull_request({SAF: saf(JUAN, ANA)})
    served.forge.pull_request({SAF: saf(GONE, ANA)})
    (found,) = audited(served, code=3)["hallazgos"]
    assert (found["codigo"], found["cuenta"], found["oficio"]) == ("oficio/repetido", "ana.ruiz", "SAF/1/2026")
    assert found["fusion"] == served.forge.git("rev-parse", "main~1")


def test_two_accounts_of_one_pull_request_share_an_oficio(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    codes(mesa, code=0)


def test_what_waits_to_be_applied_is_no_disagreement(served: Desk) -> None:
    served.forge.pull_request({SAF: saf(GONE)})
    assert codes(served, code=0) == set()


def test_somebody_let_in_again_after_the_baja_is_found(served: Desk) -> None:
    served.forge.pull_request({SAF: saf(GONE)})
    served.run("apply", "--yes")
    with served.target() as target:
        there = target.read().accounts["juan.perez"]  # type: ignore[index]
        target.reactivate(there.handle, there.account)
    assert "acuerdo/en-servicio" in codes(served)


def test_what_was_applied_and_changed_by_hand_has_drifted(served: Desk) -> None:
    from reconciler.plan import FieldChange  # noqa: PLC0415

    with served.target() as target:
        there = target.read().accounts["juan.perez"]  # type: ignore[index]
        target.update(there.handle, (FieldChange("title", "Analista", "Rector"),))
    (found,) = audited(served, code=3)["hallazgos"]
    assert (found["codigo"], found["cuenta"]) == ("acuerdo/deriva", "juan.perez")
    assert "puesto: «Rector» → «Analista»" in found["mensaje"]
    assert codes(served, "--sin-destino", code=0) == set()


def test_another_directory_under_the_same_name_is_found_account_by_account(served: Desk) -> None:
    served.store.unlink()
    assert codes(served) == {"acuerdo/no-esta"}


def test_without_the_record_what_is_in_the_directory_is_nobodys(served: Desk) -> None:
    served.forge.git("branch", "-D", "bitacora")
    for file in (served.forge.path / ".git" / "cuentas").glob("cabeza-*"):
        file.unlink()
    assert codes(served) == {"acuerdo/bitacora-perdida"}


def test_a_main_line_that_was_rewritten_after_an_apply_disowns_the_record(served: Desk) -> None:
    served.forge.git("reset", "--quiet", "--hard", "main~1")
    served.forge.pull_request({SAF: saf(JUAN, oficios=("SAF/1/2026",))}, title="Otra")
    assert {"acuerdo/commit-ajeno", "acuerdo/fusion-ajena"} <= codes(served)


def test_a_target_that_does_not_answer_is_a_finding_and_ends_with_5(served: Desk) -> None:
    served.store.write_bytes(b"no es una base de datos" * 100)
    document = audited(served, code=5)
    (found,) = document["hallazgos"]
    assert found["codigo"] == "acuerdo/destino"
    assert document["destino"] == {"nombre": "embedded", "leido": False}
    codes(served, "--sin-destino", code=0)


def test_what_was_looked_at_by_a_baseline_is_accepted(tmp_path: Path) -> None:
    mesa = desk(tmp_path)
    pushed = mesa.forge.push({SAF: saf(JUAN)})
    cuentas = (mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    mesa.forge.pull_request({"cuentas.yaml": f"{cuentas}aprobacion:\n  linea_base: {pushed}\n"})
    document = audited(mesa)
    assert document["revisado"]["aceptados"] == 2
    [notice] = document["avisos"]
    assert notice["codigo"] == "aprobador/linea-base"
    assert notice["fusion"] == mesa.forge.head()
    assert "la puso Dirección" in notice["mensaje"]


def test_a_transfer_names_an_oficio_of_where_it_goes(served: Desk) -> None:
    moved = {"juan.perez": person("Juan", "Pérez López", "SEBIDES/1/2026")}
    served.forge.pull_request({SAF: saf(), SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",), moved)})
    assert codes(served, code=0) == set()

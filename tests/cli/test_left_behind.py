"""Orders that would stay open for ever: given their baja too soon, told by other means, or attempted and given up."""

from __future__ import annotations

import pytest

from reconciler import bitacora
from reconciler.cli.workspace import now, opened
from reconciler.embedded import EmbeddedTarget
from reconciler.errors import TargetRejectedError
from reconciler.post.outbox import FilePost
from tests.cli.children import failing
from tests.cli.desk import JUAN, SAF, Desk, leaving, saf
from tests.cli.test_orders import letters, listed, only, requested

GONE = {"juan.perez": leaving(JUAN["juan.perez"])}
AGAIN = {"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/2/2026"}}
NO = TargetRejectedError("El destino no quiso.", remedy="Corríjalo.")
REFUSED = failing(FilePost, "send", NO, after=False)


def test_a_baja_takes_the_sheet_away_that_nobody_fetched_and_closes_both_orders(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    folio = only(mesa)["hoja"]["folio"]
    mesa.forge.pull_request({SAF: saf(GONE)})
    said = mesa.run("apply", "--yes").out
    alta, baja = listed(mesa)
    assert f"Órdenes cerradas: {alta['orden']}, {baja['orden']}." in said
    assert list(mesa.sheets.iterdir()) == []
    assert (alta["estado"], alta["hoja"]["porque"]) == ("cerrada", "baja")
    assert "retirada" in mesa.run("sheet", "list", "--todas").out
    assert "la cuenta se dio de baja" in mesa.run("order", "show", alta["orden"]).out
    assert f"hoja {folio}: retirada, la cuenta se dio de baja" in mesa.run("history", "juan.perez").out
    assert "está de baja" in mesa.run("sheet", "print", folio, "-o", str(mesa.forge.path / "h.pdf"), code=3).err
    assert "Nada que hacer." in mesa.run("apply", "--yes").out


def test_whom_no_letter_reaches_is_told_by_a_person_and_the_order_goes_on(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes", code=5, prepare=REFUSED)
    name = only(mesa)["orden"]
    assert f"«cuentas order told {name} --a enlace" in mesa.run("order", "show", name).out
    assert (
        f"{name}: consta el aviso al enlace, por teléfono."
        in mesa.run("order", "told", name, "--a", "enlace", "--medio", "telefono").out
    )
    assert only(mesa)["estado"] == "ejecutada"
    mesa.run("order", "told", name, "--a", "interesado", "--medio", "persona")
    assert "ya constaba" in mesa.run("order", "told", name, "--a", "interesado", "--medio", "oficio").out
    order = only(mesa)
    assert order["estado"] == "resuelta"
    assert order["avisos_por_otro_medio"] == {"enlace": "telefono", "interesado": "persona"}
    assert "a la parte interesada, en persona" in mesa.run("order", "show", name).out
    assert "aviso al enlace, por teléfono" in mesa.run("history", "juan.perez").out
    mesa.run("apply", "--yes")
    assert letters(mesa) == []


def test_nobody_is_told_of_what_was_not_done_nor_whoever_need_not_be(mesa: Desk) -> None:
    name = requested(mesa, "SAF/1/2026")
    words = ("--a", "interesado", "--medio", "oficio")
    assert "no hay nada que avisar todavía" in mesa.run("order", "told", name, *words, code=3).err
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf(GONE)})
    mesa.run("apply", "--yes", code=5, prepare=REFUSED)
    baja = next(one["orden"] for one in listed(mesa) if one["movimiento"] == "baja")
    assert "no hay que avisar a la parte interesada" in mesa.run("order", "told", baja, *words, code=2).err
    assert (
        "use telefono, oficio, persona"
        in mesa.run("order", "told", baja, "--a", "enlace", "--medio", "señas", code=2).err
    )
    assert f"Órdenes cerradas: {baja}." in mesa.run("order", "told", baja, "--a", "enlace", "--medio", "oficio").out


@pytest.mark.parametrize("instead", [GONE, AGAIN], ids=["baja", "otro oficio"])
def test_an_alta_that_was_attempted_and_given_up_is_withdrawn(mesa: Desk, instead: dict[str, dict[str, str]]) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes", code=5, prepare=failing(EmbeddedTarget, "create", NO, after=False))
    name = only(mesa)["orden"]
    words = ("order", "withdraw", name, "--motivo", "La dependencia desistió")
    assert "todavía la pide" in mesa.run(*words, code=3).err
    mesa.forge.pull_request({SAF: saf(instead)})
    mesa.run("apply", "--yes")
    mesa.run(*words)
    states = {one["orden"]: one["estado"] for one in listed(mesa)}
    assert states.pop(name) == "desistida"
    assert "recibida" not in states.values()
    assert "Nada que hacer." in mesa.run("apply", "--yes").out


def test_the_help_of_every_group_is_whole(mesa: Desk) -> None:
    assert "..." not in mesa.run("--help").out.replace("COMANDO ...", "")


def test_no_order_is_withdrawn_while_a_run_may_be_making_it(mesa: Desk) -> None:
    name = requested(mesa)
    words = ("order", "withdraw", name, "--motivo", "Ya no se pide")
    run = bitacora.new_run(now)
    with opened(mesa.forge.path) as workspace, workspace.record(run) as record, bitacora.acquire(record, now):
        assert run in mesa.run(*words, code=3).err
    assert only(mesa)["estado"] == "pendiente_oficio"
    mesa.run(*words)


def test_a_late_alta_is_not_withdrawn_without_its_cause_and_treatment(mesa: Desk) -> None:
    name = requested(mesa, "SAF/9/2026")  # received long ago
    words = ("order", "withdraw", name, "--motivo", "La dependencia desistió")
    refused = mesa.run(*words, code=3)
    assert "sin la causa y el tratamiento de su retraso" in refused.err
    assert f"«cuentas order treat {name}»" in refused.err
    assert only(mesa)["no_conforme"]["causa"] is None
    mesa.run("order", "treat", name, "--causa", "espera-enlace", "--tratamiento", "Se llamó al enlace, que desistió.")
    mesa.run(*words)
    assert only(mesa)["estado"] == "desistida"

"""Work orders through the command: opened, told, closed; by themselves where they can, by hand where they must."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.recording import says
from reconciler.cli.workspace import opened
from reconciler.errors import RecordError
from reconciler.events import JSON, EventKind
from reconciler.model import AccountKey
from reconciler.repository import GitBranch
from tests.cli.children import failing
from tests.cli.desk import ANA, JUAN, SAF, Desk, desk, leaving, saf
from tests.conformance.outsiders import samba, samba_config
from tests.forge import RECEIVED
from tests.lab.samba import DomainController

LAURA = "laura.beltran@sinaloa.gob.mx"
CAJA = {"caja.saf": {"tipo": "compartida", "nombre": "Caja", "responsable": "ana.ruiz", "alta": "SAF/1/2026"}}
TARGETS = """\
destinos:
  embedded:
    tipo: embedded
  laboratorio:
    tipo: embedded
    archivo: .cuentas/laboratorio.sqlite
"""


def listed(mesa: Desk, *words: str) -> list[dict[str, Any]]:
    """Return the orders there are, as programs get them."""
    found: list[dict[str, Any]] = json.loads(mesa.run("order", "list", "--todas", "--format", "json", *words).out)
    return found


def only(mesa: Desk) -> dict[str, Any]:
    [order] = listed(mesa)
    return order


def letters(mesa: Desk, target: str = "embedded") -> list[tuple[str, str]]:
    """Return to whom and about what each letter in a target's outbox is, the earliest first."""
    files = (mesa.forge.path / ".cuentas" / "salida" / target).glob("*.eml")
    found = [message_from_bytes(one.read_bytes(), policy=policy.default) for one in files]
    return sorted((str(one["To"]), str(one["Subject"]).strip()) for one in found)


def on_record(mesa: Desk, kind: EventKind, key: str | None = None, **data: JSON) -> None:
    """Put an event on record, as another command would."""
    with opened(mesa.forge.path) as workspace, workspace.record() as record:
        record.append(says(record.run)(kind, AccountKey(key) if key else None, **data))
        record.publish()


def requested(mesa: Desk, oficio: str | None = None) -> str:
    name = "OT-2026-PEDIDA00"
    fields: dict[str, JSON] = {"movimiento": "alta", "dependencia": "SAF", "recibido": "2026-03-20"}
    on_record(
        mesa,
        EventKind.ORDER_RECEIVED,
        "juan.perez",
        orden=name,
        oficio=oficio,
        medio="telefono",
        enlace=None,
        **fields,
    )
    return name


def test_an_alta_is_received_made_told_and_waits_for_its_sheet(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    assert "Avisos: 2 enviados." in mesa.run("apply", "--yes").out
    order = only(mesa)
    assert (order["estado"], order["recibida"], order["oficio"]) == ("resuelta", f"{RECEIVED}", "SAF/1/2026")
    assert letters(mesa) == [
        ("juan.perez@sinaloa.gob.mx", "Su cuenta de correo oficial juan.perez@sinaloa.gob.mx"),
        (LAURA, "Alta de la cuenta juan.perez@sinaloa.gob.mx, oficio SAF/1/2026"),
    ]
    table = mesa.run("order", "list").out
    assert "resuelta  entregar hoja, acuse" in table
    shown = mesa.run("order", "show", order["orden"].lower()).out
    assert f"{order['orden']}: alta de juan.perez, resuelta" in shown
    assert f"«cuentas sheet print {order['hoja']['folio']} --imprimir»" in shown
    refused = mesa.run("order", "close", order["orden"], code=3).err
    assert "le falta entregar la hoja RSDT-08.02 y el acuse de la hoja RSDT-08.02" in refused
    assert f"«cuentas sheet send {order['hoja']['folio']}»" in refused


def test_an_alta_whose_sheet_was_acknowledged_is_closed_once(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    folio = only(mesa)["hoja"]["folio"]
    on_record(mesa, EventKind.SHEET_PRINTED, folio=folio, destino="embedded")
    on_record(mesa, EventKind.SHEET_ACKNOWLEDGED, folio=folio, por="enlace", destino="embedded")
    name = only(mesa)["orden"]
    assert "No le falta nada: la cierra «cuentas order close" in mesa.run("order", "show", name).out
    assert mesa.run("order", "close", name).out == f"{name}: cerrada.\n"
    assert mesa.run("order", "close", name).out == f"{name}: ya está cerrada.\n"
    assert [one["kind"] for one in mesa.record()].count("orden_cerrada") == 1
    assert "No hay órdenes abiertas." in mesa.run("order", "list").out
    assert "acuse" in mesa.run("order", "show", name).out


def test_an_apply_with_nothing_to_change_closes_what_became_complete(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    folio = only(mesa)["hoja"]["folio"]
    on_record(mesa, EventKind.SHEET_PRINTED, folio=folio, destino="embedded")
    on_record(mesa, EventKind.SHEET_ACKNOWLEDGED, folio=folio, por="enlace", destino="embedded")
    assert f"Órdenes cerradas: {only(mesa)['orden']}." in mesa.run("apply", "--yes").out
    before = len(mesa.record())
    assert "Nada que hacer." in mesa.run("apply", "--yes").out
    assert len(mesa.record()) == before


def test_a_baja_tells_its_enlace_and_closes_and_history_tells_it_all(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    said = mesa.run("apply", "--yes").out
    baja = listed(mesa)[1]
    assert "Avisos: 1 enviado." in said
    assert f"Órdenes cerradas: {listed(mesa)[0]['orden']}, {baja['orden']}." in said
    assert (baja["movimiento"], baja["estado"], list(baja["avisos"])) == ("baja", "cerrada", ["enlace"])
    assert "a la parte interesada no: no tiene otra dirección" in mesa.run("order", "show", baja["orden"]).out
    told = mesa.run("history", "juan.perez@sinaloa.gob.mx").out
    steps = [
        f"orden {baja['orden']}: {what}"
        for what in ("baja con el oficio SAF/2/2026", "ejecutada", "aviso al enlace, enviado", "cerrada")
    ]
    assert sorted(steps, key=told.index) == steps


def test_a_reincorporation_has_its_own_order_and_letters(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    mesa.run("apply", "--yes")
    back = {"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/3/2026"}}
    mesa.forge.pull_request({SAF: saf(back, oficios=("SAF/1/2026", "SAF/2/2026", "SAF/3/2026"))})
    mesa.run("apply", "--yes")
    assert [(one["movimiento"], one["oficio"]) for one in listed(mesa)] == [
        ("alta", "SAF/1/2026"), ("baja", "SAF/2/2026"), ("alta", "SAF/3/2026"),
    ]  # fmt: skip
    subjects = [subject for _, subject in letters(mesa)]
    assert "Reincorporación de la cuenta juan.perez@sinaloa.gob.mx, oficio SAF/3/2026" in subjects
    assert "Su cuenta de correo oficial juan.perez@sinaloa.gob.mx vuelve al servicio" in subjects


def test_the_baja_of_a_shared_account_is_told_to_its_responsable(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(ANA, CAJA)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf(ANA, {"caja.saf": leaving(CAJA["caja.saf"])})})
    mesa.run("apply", "--yes")
    told = ("ana.ruiz@sinaloa.gob.mx", "Baja de la cuenta de correo oficial caja.saf@sinaloa.gob.mx")
    assert told in letters(mesa)


def test_mail_that_is_down_makes_notices_wait_and_never_the_directory(mesa: Desk) -> None:
    outbox = mesa.forge.path / ".cuentas" / "salida"
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    outbox.rename(outbox.with_name("aparte"))
    outbox.write_text("no es una carpeta")
    said = mesa.run("apply", "--yes", code=5)
    assert "Resultado: 2 aplicados." in said.out
    assert "1 aviso por enviar" in said.out
    assert "Revise el espacio y los permisos de «correo: carpeta»" in said.err
    assert not mesa.reading().accounts[AccountKey("juan.perez")].account.logon_enabled
    assert listed(mesa)[1]["estado"] == "ejecutada"
    assert "1 aviso por enviar" in mesa.run("apply", "--yes", code=5).out
    mesa.run("order", "notify", code=5)
    outbox.unlink()
    outbox.with_name("aparte").rename(outbox)
    said = mesa.run("order", "notify")
    assert "Avisos: 1 enviado." in said.out
    assert listed(mesa)[1]["estado"] == "cerrada"
    assert "No hay avisos pendientes" in mesa.run("order", "notify").out
    assert len(letters(mesa)) == 3
    assert "Sin hallazgos" in mesa.run("audit").out


def test_a_letter_that_nobody_approved_makes_notices_wait_with_3(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.push({"plantillas/alta.txt": "Asunto: x\n\nPague aquí.\n"})
    said = mesa.run("apply", "--yes", code=3)
    assert "Resultado: 2 aplicados." in said.out
    assert "2 avisos por enviar" in said.out
    assert "una plantilla no está aprobada" in said.err
    assert letters(mesa) == []
    assert only(mesa)["estado"] == "ejecutada"


def test_what_is_not_approved_does_not_keep_notices_waiting(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.push({SAF: saf(JUAN, ANA)})
    said = mesa.run("apply", "--yes", code=3)
    assert "Avisos: 2 enviados." in said.out
    assert [one["cuenta"] for one in listed(mesa)] == ["juan.perez"]


def test_applying_twice_tells_once(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    mesa.run("apply", "--yes")
    first = letters(mesa)
    assert "Nada que hacer." in mesa.run("apply", "--yes").out
    assert letters(mesa) == first
    assert [one["kind"] for one in mesa.record()].count("aviso") == len(first) == 4


def test_each_target_has_its_orders_and_its_letters(tmp_path: Path) -> None:
    mesa = desk(tmp_path, TARGETS)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes", "--target", "laboratorio")
    assert listed(mesa) == []
    assert [one["estado"] for one in listed(mesa, "--target", "laboratorio")] == ["resuelta"]
    mesa.run("apply", "--yes")
    [here], [there] = listed(mesa), listed(mesa, "--target", "laboratorio")
    assert here["orden"] != there["orden"]
    assert len(letters(mesa)) == len(letters(mesa, "laboratorio")) == 2
    assert "indíquelo con «--target»" in mesa.run("order", "show", there["orden"], code=2).err


def test_a_request_by_telephone_is_the_order_of_the_oficio_that_came_later(mesa: Desk) -> None:
    name = requested(mesa)
    shown = mesa.run("order", "show", name).out
    assert "alta de juan.perez, pendiente de oficio" in shown
    assert "Recibida            2026-03-20 por teléfono" in shown
    assert "declárelo en accounts/" in shown
    assert "orden OT-2026-PEDIDA00: alta todavía sin oficio" in mesa.run("history", "juan.perez").out
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    assert (only(mesa)["orden"], only(mesa)["estado"], only(mesa)["recibida"]) == (name, "resuelta", "2026-03-20")
    assert "llegó su oficio, SAF/1/2026" in mesa.run("history", "--oficio", "SAF/1/2026").out


def test_an_order_that_nobody_wants_any_more_is_withdrawn_and_counts_as_received(mesa: Desk) -> None:
    name = requested(mesa)
    assert "Falta la opción «--motivo»" in mesa.run("order", "withdraw", name, code=2).err
    assert "nunca como resuelta" in mesa.run("order", "withdraw", "--help").out
    mesa.run("order", "withdraw", name, "--motivo", "Ya no se pide")
    assert (only(mesa)["estado"], only(mesa)["resuelta"]) == ("desistida", None)
    assert "ya estaba desistida" in mesa.run("order", "withdraw", name, "--motivo", "Ya no se pide").out
    assert "No hay órdenes abiertas." in mesa.run("order", "list").out
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    assert [one["estado"] for one in listed(mesa)] == ["desistida", "resuelta"]


def test_what_is_declared_or_was_done_is_not_withdrawn(mesa: Desk) -> None:
    name = requested(mesa, "SAF/1/2026")
    mesa.forge.pull_request({SAF: saf(JUAN)})
    refused = mesa.run("order", "withdraw", name, "--motivo", "Ya no se pide", code=3).err
    assert "accounts/SAF.yaml" in refused
    assert "todavía la pide" in refused
    mesa.run("apply", "--yes")
    refused = mesa.run("order", "withdraw", name, "--motivo", "Ya no se pide", code=3).err
    assert "su alta se hizo" in refused


def test_a_note_is_kept_for_good_and_shown(mesa: Desk) -> None:
    name = requested(mesa)
    mesa.run("order", "note", name, "Se pidió entregar la hoja el\n2026-11-30 10:00,  folio H-2026-12345678")
    shown = mesa.run("order", "show", name).out
    assert "Se pidió entregar la hoja el 2026-11-30 10:00, folio H-2026-12345678" in shown


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Su CURP es PELJ800101HSLRPN09", "CURP"),
        ("Con RFC PELJ8001019A1", "RFC"),
        ("Llámele al 667 123 4567", "teléfono"),
        ("Su correo es juan@gmail.com", "correo ajeno"),
        ("   ", "vacío"),
        ("x" * 501, "pasa de 500"),
        ("oculto\u202e", "no se ven"),
    ],
)
def test_personal_data_is_not_put_on_record(mesa: Desk, text: str, why: str) -> None:
    name = requested(mesa)
    before = len(mesa.record())
    assert why in mesa.run("order", "note", name, text, code=2).err
    assert why in mesa.run("order", "withdraw", name, "--motivo", text, code=2).err
    assert len(mesa.record()) == before


def test_an_institutional_telephone_may_stand_in_a_note(tmp_path: Path) -> None:
    mesa = desk(tmp_path, "telefonos: ['667 758']\n")
    mesa.run("order", "note", requested(mesa), "Contestan en el 667 758 7000")


def test_what_cannot_be_published_now_is_safe_here_and_said(mesa: Desk) -> None:
    name = requested(mesa)
    down = RecordError("El remoto no contesta.", remedy="Espere.")
    said = mesa.run("order", "note", name, "Una nota", prepare=failing(GitBranch, "commit", down, after=False))
    assert "anotado" in said.out
    assert "se publicará la próxima vez" in said.err
    assert not [one for one in mesa.record() if one["kind"] == "orden_nota"]
    assert "Una nota" in mesa.run("order", "show", name).out
    mesa.run("apply", "--yes")
    assert [one["data"]["texto"] for one in mesa.record() if one["kind"] == "orden_nota"] == ["Una nota"]


def test_orders_are_listed_by_state_and_agency(mesa: Desk) -> None:
    requested(mesa)
    assert [one["orden"] for one in listed(mesa, "--dependencia", "saf")] == ["OT-2026-PEDIDA00"]
    assert listed(mesa, "--dependencia", "SEBIDES") == []
    assert listed(mesa, "--estado", "cerrada") == []
    assert [one["falta"] for one in listed(mesa, "--estado", "pendiente_oficio")] == [
        ["su oficio", "que se aplique y se compruebe al releerla"]
    ]
    assert "use pendiente_oficio, recibida" in mesa.run("order", "list", "--estado", "otra", code=2).err
    assert "1 orden." in mesa.run("order", "list").out


def test_there_is_help_with_examples(mesa: Desk) -> None:
    for verb in ("list", "show", "close", "note", "withdraw", "notify"):
        assert "Ejemplo" in mesa.run("order", verb, "--help").out


def test_where_letters_reach_nobody_a_real_targets_notices_wait_and_it_is_said(
    tmp_path: Path, domain_controller: DomainController
) -> None:
    with samba(domain_controller):
        ad = samba_config(domain_controller).model_dump(mode="json", exclude_unset=True) | {"tipo": "ad"}
        mesa = desk(tmp_path, f"destino: ad\ndestinos: {{ad: {json.dumps(ad)}}}\n")
        mesa.forge.pull_request({SAF: saf(JUAN)})
        said = mesa.run("apply", "--yes", code=2)
        assert "2 avisos por enviar" in said.out
        assert "las cartas se quedan en una carpeta y nadie las recibe" in said.err
        assert [one for one in mesa.record() if one["kind"] == "aviso"] == []
        assert "juan.perez" not in mesa.run("order", "list", "--estado", "resuelta").out


def test_who_did_what_by_hand_is_on_record_by_the_key_of_their_account_and_in_the_history(mesa: Desk) -> None:
    mesa.forge.git("config", "user.name", "Norma Osuna")
    mesa.forge.git("config", "user.email", "norma.osuna@sinaloa.gob.mx")
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    [order] = listed(mesa)
    mesa.run("order", "note", order["orden"], "El enlace pidió la hoja para el lunes")
    noted = [one for one in mesa.record() if one["kind"] == "orden_nota"]
    assert [one["data"]["quien"] for one in noted] == ["norma.osuna"]
    assert "a cargo de norma.osuna" in mesa.run("history", "juan.perez").out
    assert "Norma" not in json.dumps(mesa.record())


def test_an_address_that_is_not_the_institutions_is_on_no_record(mesa: Desk) -> None:
    mesa.forge.git("config", "user.email", "norma1985@correo.example")
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    assert "norma" not in json.dumps(mesa.record())

"""order tell, order capture: the Sistema de Oficios from the real command, with the real record in Git."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reconciler.bitacora import Bitacora
from reconciler.cli.workspace import opened
from reconciler.events import Event, EventKind
from reconciler.model import AccountKey
from tests.cli.children import Preparation, killing
from tests.cli.desk import ANA, JUAN, SAF, Desk, desk, saf
from tests.conformance.outsiders import samba, samba_config
from tests.lab.oficios import TEXT, Fault, OficiosServer
from tests.lab.samba import DomainController
from tests.lab.smtp import SmtpServer
from tests.letters import SECRET, by_smtp, issue

FIRST, SECOND = "OT-2026-00000001", "OT-2026-00000002"
TOKEN = "Canario7_testigo.de-portador"  # noqa: S105 -- a planted one
MOMENT = datetime(2026, 3, 23, 18, 0, tzinfo=UTC)
AD = "  ad:\n    tipo: ad\n    servidor: dc1.lab.sinaloa.test\n    raiz: DC=x\n    base: OU=x,DC=x\n    canario: c\n"
TARGETS = f"destinos:\n  embedded:\n    tipo: embedded\n{AD}"


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = issue(tmp_path_factory.mktemp("oficios"))
    (folder / "testigo").touch(0o600)
    (folder / "testigo").write_text(TOKEN)
    return folder


@pytest.fixture(name="server")
def _server(folder: Path) -> Iterator[OficiosServer]:
    with OficiosServer(folder / "servidor", TOKEN) as server:
        yield server


def over_http(server: OficiosServer, folder: Path, *, tries: int = 1) -> str:
    """Return the part of cuentas.yaml that tells a service."""
    return (
        f"{TARGETS}sistema_oficios:\n  modo: http\n  url: {server.url}\n  ca: {folder}/servidor/ca.pem\n"
        f"  clave_archivo: {folder}/testigo\n  espera_s: 5\n  intentos: {tries}\n"
    )


@pytest.fixture(name="wired")
def _wired(tmp_path: Path, server: OficiosServer, folder: Path) -> Desk:
    """A desk whose orders go to the double."""
    mesa = desk(tmp_path, over_http(server, folder))
    plant(mesa, received(FIRST), received(SECOND, "ana.ruiz"))
    return mesa


def received(name: str, key: str = "juan.perez", oficio: str | None = "SAF/1/2026") -> Event:
    data: dict[str, Any] = {"orden": name, "movimiento": "alta", "dependencia": "SAF", "oficio": oficio}
    data |= {"recibido": "2026-03-23", "medio": "oficio", "enlace": "laura.beltran"}
    return Event(kind=EventKind.ORDER_RECEIVED, at=MOMENT, run="solicitud", key=AccountKey(key), data=data)


def ended(name: str, target: str = "embedded") -> Event:
    data = {"orden": name, "destino": target}
    return Event(kind=EventKind.ORDER_CLOSED, at=MOMENT, run="corrida", data=dict(data))


def plant(mesa: Desk, *events: Event) -> None:
    """Put events on record, as other commands do."""
    with opened(mesa.forge.path) as workspace, workspace.record() as record:
        record.append(*events)
        record.publish()


def captured(mesa: Desk) -> list[tuple[str, str, str, str]]:
    """Return every confirmation on the published record."""
    events = [one["data"] for one in mesa.record() if one["kind"] == "orden_capturada"]
    return [(one["orden"], one["accion"], one["numero"], one["destino"]) for one in events]


def at_a_terminal(*answers: str) -> Preparation:
    """Return a preparation that gives the command a terminal on which some lines were already typed."""

    def prepare() -> None:
        master, slave = pty.openpty()
        os.write(master, "".join(f"{one}\n" for one in answers).encode())
        os.dup2(slave, 0)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)

    return prepare


# --- by hand ------------------------------------------------------------------------------------------------


def test_by_hand_it_says_what_to_capture_and_with_which_command_to_give_the_number_back(mesa: Desk) -> None:
    plant(mesa, received(FIRST))
    said = mesa.run("order", "tell").out
    assert said == (
        f"Levantar en el Sistema de Oficios: orden {FIRST}\n"
        "  Tipo:               alta\n"
        "  Dependencia:        SAF\n"
        "  Oficio:             SAF/1/2026\n"
        "  Fecha de recepción: 2026-03-23\n"
        "  Cuenta:             juan.perez\n"
        "  Enlace:             laura.beltran\n"
        "  Estado:             abierta\n"
        f"  Al terminar: cuentas order capture {FIRST} --accion levantar --numero NÚMERO\n"
        "Sistema de Oficios: 1 orden por capturar: «cuentas order tell».\n"
    )
    assert captured(mesa) == []


def test_a_number_given_back_is_on_record_and_then_comes_the_closing(mesa: Desk) -> None:
    plant(mesa, received(FIRST), ended(FIRST))
    said = mesa.run("order", "capture", FIRST.lower(), "--numero", " 4512/2026 ").out
    assert f"{FIRST}: levantada en el Sistema de Oficios con el número 4512/2026." in said
    assert "Cerrar en el Sistema de Oficios" in said
    assert "Número:             4512/2026" in said
    said = mesa.run("order", "capture", FIRST, "--accion", "cerrar", "--numero", "4512/2026").out
    assert "cerrada en el Sistema de Oficios" in said
    assert captured(mesa) == [
        (FIRST, "levantar", "4512/2026", "embedded"),
        (FIRST, "cerrar", "4512/2026", "embedded"),
    ]
    assert mesa.run("order", "tell").out == "Sistema de Oficios: nada por capturar.\n"


def test_said_twice_it_is_on_record_once(mesa: Desk) -> None:
    plant(mesa, received(FIRST))
    mesa.run("order", "capture", FIRST, "--numero", "4512")
    assert "Ya constaba" in mesa.run("order", "capture", FIRST, "--accion", "levantar", "--numero", "4512").out
    assert len(captured(mesa)) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((FIRST, "--accion", "levantar", "--numero", "9"), "ya consta con el número 4512, y no 9"),
        ((FIRST, "--accion", "cerrar", "--numero", "4512"), "sigue abierta"),
        ((SECOND, "--numero", "4512"), f"ya es de la orden {FIRST}, del oficio SAF/1/2026"),
        ((SECOND, "--numero", "  "), "no es un número"),
        ((SECOND, "--numero", "1\x1b[2J"), "no es un número"),
        (("OT-2026-00000003", "--numero", "1"), "todavía no tiene su oficio"),
        (("OT-2026-ZZZZZZZZ", "--numero", "1"), "No hay una orden"),
    ],
)
def test_a_number_that_does_not_fit_is_refused_and_not_put_on_record(
    mesa: Desk, words: tuple[str, ...], why: str
) -> None:
    plant(mesa, received(FIRST), received(SECOND, "ana.ruiz", "SAF/2/2026"))
    plant(mesa, received("OT-2026-00000003", "luis.soto", None))
    mesa.run("order", "capture", FIRST, "--numero", "4512")
    said = mesa.run("order", "capture", *words, code=2)
    assert why in said.err
    assert len(captured(mesa)) == 1


def test_on_a_terminal_the_number_is_asked_for_right_there(mesa: Desk) -> None:
    plant(mesa, received(FIRST), ended(FIRST), received(SECOND, "ana.ruiz"))
    said = mesa.run("order", "tell", prepare=at_a_terminal("\x01", "SO/7", "s", ""))
    assert "Eso no es un número de orden" in said.out
    assert "¿Ya cerró la orden SO/7 en el Sistema de Oficios?" in said.out
    assert captured(mesa) == [(FIRST, "levantar", "SO/7", "embedded"), (FIRST, "cerrar", "SO/7", "embedded")]
    assert "2 capturadas; 1 orden por capturar" in said.out


# --- by files -----------------------------------------------------------------------------------------------


def test_by_files_a_telling_waits_and_its_answer_is_taken_in(tmp_path: Path) -> None:
    mesa = desk(tmp_path, "sistema_oficios:\n  modo: archivo\n")
    plant(mesa, received(FIRST))
    folder = mesa.forge.path / ".cuentas" / "sistema-oficios" / "embedded"
    assert f"1 orden espera respuesta en «{folder}/entrada»" in mesa.run("order", "tell").out
    left = json.loads((folder / "salida" / f"{FIRST}.levantar.json").read_text("utf-8"))
    assert left["oficio"] == "SAF/1/2026"
    (folder / "entrada").mkdir()
    for name, order in (("1.json", FIRST), ("2.json", "OT-2026-ZZZZZZZZ")):
        answer = {"orden": order, "accion": "levantar", "numero": "77"}
        (folder / "entrada" / name).write_text(json.dumps(answer))
    said = mesa.run("order", "tell", code=5)
    assert f"«{folder}/entrada/2.json»: No hay una orden «OT-2026-ZZZZZZZZ» en este destino." in said.out
    assert captured(mesa) == [(FIRST, "levantar", "77", "embedded")]
    assert sorted(str(one.relative_to(folder)) for one in folder.rglob("*.json")) == [
        "entrada/2.json",
        "entrada/leidas/1.json",
    ]


# --- over HTTP ----------------------------------------------------------------------------------------------


def test_a_service_is_told_everything_once_and_its_numbers_are_on_record(wired: Desk, server: OficiosServer) -> None:
    said = wired.run("order", "tell", "--target", "ad")
    assert f"  {FIRST}: levantada con el número SO-00001.\n" in said.out
    assert "Sistema de Oficios: 2 capturadas.\n" in said.out
    assert captured(wired) == [(FIRST, "levantar", "SO-00001", "ad"), (SECOND, "levantar", "SO-00002", "ad")]
    wired.run("order", "tell", "--target", "ad")
    assert len(server.keys) == 2


def test_with_the_embedded_target_no_service_is_told(wired: Desk, server: OficiosServer) -> None:
    said = wired.run("order", "tell").out
    assert "con el destino embebido no se le dice al servicio" in said
    assert (server.asked, captured(wired)) == ([], [])
    assert len(list((wired.forge.path / ".cuentas/sistema-oficios/embedded/salida").iterdir())) == 2


def test_an_address_that_nobody_approved_gets_neither_orders_nor_token(
    tmp_path: Path, server: OficiosServer, folder: Path
) -> None:
    mesa = desk(tmp_path, TARGETS)
    plant(mesa, received(FIRST))
    mesa.forge.push({"cuentas.yaml": (mesa.forge.path / "cuentas.yaml").read_text("utf-8")})
    text = (mesa.forge.path / "cuentas.yaml").read_text("utf-8").replace(TARGETS, over_http(server, folder))
    mesa.forge.push({"cuentas.yaml": text})
    said = mesa.run("order", "tell", "--target", "ad", code=3)
    assert "la configuración no está aprobada" in said.err
    assert server.asked == []


@pytest.mark.parametrize("fault", [Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.BROKEN_AFTER, Fault.HUGE_AFTER])
def test_a_lost_answer_is_told_again_and_nothing_is_raised_twice(
    wired: Desk, server: OficiosServer, fault: Fault
) -> None:
    server.faults.extend([fault, None])
    said = wired.run("order", "tell", "--target", "ad", code=5)
    assert f"No se sabe si levantar la orden {FIRST}" in said.out
    assert captured(wired) == [
        (SECOND, "levantar", "SO-00002" if fault is not Fault.CUT_BEFORE else "SO-00001", "ad")
    ]
    wired.run("order", "tell", "--target", "ad")
    assert (server.done, len(captured(wired))) == (2, 2)


@pytest.mark.parametrize("at", [1, 2])
def test_killed_between_the_services_work_and_the_record_it_is_the_same_order_the_next_time(
    wired: Desk, server: OficiosServer, at: int
) -> None:
    killed = wired.run("order", "tell", "--target", "ad", code=None, prepare=killing([(Bitacora, "append")], at))
    assert killed.code == -9
    assert server.done == at
    wired.run("order", "tell", "--target", "ad")
    assert server.done == 2
    assert captured(wired) == [(FIRST, "levantar", "SO-00001", "ad"), (SECOND, "levantar", "SO-00002", "ad")]


def test_an_outage_stops_the_telling_with_a_count_and_loses_nothing(wired: Desk, server: OficiosServer) -> None:
    server.faults.append(Fault.DOWN)
    said = wired.run("order", "tell", "--target", "ad", code=5)
    assert "2 órdenes esperan en la bitácora; se repite con «cuentas order tell --target ad»" in said.out
    assert "no se pierde ninguna" in said.err
    assert len(server.keys) == 1
    wired.run("order", "tell", "--target", "ad")
    assert len(captured(wired)) == 2


def test_a_refused_order_stays_while_the_others_are_told(wired: Desk, server: OficiosServer) -> None:
    server.faults.append(Fault.UNKNOWN_AGENCY)
    said = wired.run("order", "tell", "--target", "ad", code=5)
    assert "no conoce esa dependencia (código 422)" in said.out
    assert [one[0] for one in captured(wired)] == [SECOND]
    wired.run("order", "capture", FIRST, "--numero", "A-1", "--target", "ad")
    assert wired.run("order", "tell", "--target", "ad").out == "Sistema de Oficios: nada por capturar.\n"


@pytest.mark.parametrize("fault", [None, Fault.DENIED, Fault.REDIRECT, Fault.CONFLICT, Fault.GARBLED_AFTER])
def test_neither_the_token_nor_the_services_own_words_are_ever_said(
    wired: Desk, server: OficiosServer, fault: Fault | None
) -> None:
    server.faults.append(fault)
    said = wired.run("order", "tell", "--target", "ad", code=None)
    record = wired.forge.git("log", "-p", "--all")
    for secret in (TOKEN, TEXT):
        assert secret not in said.out + said.err + record


# --- at the end of an apply ---------------------------------------------------------------------------------


def test_by_hand_apply_says_how_many_wait_and_with_which_command(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    waits = "Sistema de Oficios: 2 órdenes por capturar: «cuentas order tell».\n"
    assert waits in mesa.run("apply", "--yes").out
    again = mesa.run("apply", "--yes").out
    assert waits in again
    assert "Nada que hacer." in again


def test_a_folder_that_is_broken_keeps_no_account_waiting_and_loses_no_order(tmp_path: Path) -> None:
    mesa = desk(tmp_path, "sistema_oficios:\n  modo: archivo\n")
    folder = mesa.forge.path / ".cuentas" / "sistema-oficios"
    folder.parent.mkdir()
    folder.touch()
    mesa.forge.pull_request({SAF: saf(JUAN)})
    said = mesa.run("apply", "--yes").out
    assert "  ! No se pudo usar" in said
    assert "juan.perez" in mesa.reading().accounts
    folder.unlink()
    assert "1 orden espera respuesta en" in mesa.run("apply", "--yes").out
    [file] = (folder / "embedded" / "salida").iterdir()
    assert json.loads(file.read_text("utf-8"))["cuenta"] == "juan.perez"


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.CUT_AFTER, Fault.DENIED, Fault.UNKNOWN_AGENCY, None])
def test_whatever_the_service_does_apply_ends_as_it_would_and_every_order_gets_there_once(
    tmp_path: Path, server: OficiosServer, folder: Path, domain_controller: DomainController, fault: Fault | None
) -> None:
    tls = issue(folder / "correo")
    with SmtpServer(tls / "servidor", "mesa.ayuda", SECRET) as post, samba(domain_controller):
        ad = samba_config(domain_controller).model_dump(mode="json", exclude_unset=True) | {"tipo": "ad"}
        text = over_http(server, folder).replace(AD, f"  ad: {json.dumps(ad)}\n")
        mesa = desk(tmp_path, f"destino: ad\n{text}correo: {json.dumps(by_smtp(post.host, post.port, tls))}\n")
        mesa.forge.pull_request({SAF: saf(JUAN)})
        server.faults.append(fault)
        said = mesa.run("apply", "--yes")
        assert TOKEN not in said.out + said.err
        assert ("  ! " in said.out) == (fault is not None), said
        mesa.run("apply", "--yes")
        assert (server.done, len(captured(mesa))) == (1, 1)


# --- doctor -------------------------------------------------------------------------------------------------


def found(mesa: Desk, *words: str) -> dict[str, str]:
    said = mesa.run("doctor", "--format", "json", *words, code=None)
    checks = json.loads(said.out)
    return {one["nombre"]: one["estado"] for one in checks if one["area"] == "Sistema de Oficios"}


def test_doctor_looks_at_the_service_of_a_real_target_and_raises_nothing(wired: Desk, server: OficiosServer) -> None:
    assert found(wired, "--target", "ad") == dict.fromkeys(("nombre", "puerto", "TLS", "entrada"), "ok")
    assert server.keys == []


def test_doctor_looks_at_the_folders_where_no_service_is_told(wired: Desk) -> None:
    assert found(wired) == {"salida": "ok", "entrada": "ok"}
    assert not (wired.forge.path / ".cuentas" / "sistema-oficios").exists()
    folder = wired.forge.path / ".cuentas" / "sistema-oficios" / "embedded"
    (folder / "entrada").mkdir(parents=True)
    (folder / "entrada").chmod(0o777)
    assert found(wired) == {"salida": "ok", "entrada": "falta"}


def test_doctor_says_who_captures_by_hand(mesa: Desk) -> None:
    assert found(mesa) == {"modo": "ok"}


def test_a_number_that_was_mistyped_is_put_right_and_both_stay_on_record(mesa: Desk) -> None:
    plant(mesa, received(FIRST))
    mesa.run("order", "capture", FIRST, "--numero", "4512/2026")
    said = mesa.run("order", "capture", FIRST, "--numero", "4521/2026", code=2).err
    assert "«--corregir»" in said
    mesa.run("order", "capture", FIRST, "--numero", "4521/2026", "--corregir")
    assert "4521/2026" in mesa.run("order", "show", FIRST).out
    assert "Ya constaba" in mesa.run("order", "capture", FIRST, "--numero", "4521/2026", "--corregir").out
    numbers = [one["data"]["numero"] for one in mesa.record() if one["kind"] == "orden_capturada"]
    assert numbers == ["4512/2026", "4521/2026"]

"""kill -9 at every point of an apply: the second run ends where an uninterrupted one would have."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.bitacora.anchor import Anchor
from reconciler.bitacora.journal import Journal
from reconciler.embedded import EmbeddedTarget
from reconciler.embedded.rows import matches
from reconciler.model import State
from reconciler.repository import GitBranch
from reconciler.spool import AgeSpool
from tests.cli.children import killing
from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, desk, leaving, saf
from tests.forge import Agency, Forge, person

WRITES = ("create", "set_first_password", "finish", "rename", "move", "update", "change_aliases", "disable",
          "reactivate", "enable_mailbox", "update_mailbox", "lookup")  # fmt: skip
PLACES = (
    *((EmbeddedTarget, name) for name in WRITES),
    *((GitBranch, name) for name in ("commit", "push")),
    *((Journal, name) for name in ("append", "clear")),
    (Anchor, "drop_at"),
    (AgeSpool, "seal"),
    (AgeSpool, "keep_only"),
)
LUIS = {"luis.gil": person("Luis", "Gil Soto")}
EVA = {"eva.rios": person("Eva", "Ríos Luna")}
RITA = {"rita.mora": person("Rita", "Mora Cota")}
CAJA = {"caja.saf": {"tipo": "compartida", "nombre": "Caja", "responsable": "zoe.paz", "alta": "SAF/3/2026"}}
OFICIOS = ("SAF/1/2026", "SAF/2/2026", "SAF/3/2026")


def eventful(folder: Path) -> Desk:
    """A desk with a remote where five accounts exist, and every kind of movement has been merged since."""
    mesa = desk(folder)
    forge = mesa.forge
    forge.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder / "origin.git"), inside=False)
    forge.git("remote", "add", "origin", "../origin.git")
    gone = {"rita.mora": leaving(RITA["rita.mora"])}
    forge.pull_request({SAF: saf(JUAN, ANA, LUIS, EVA, RITA, oficios=OFICIOS)})
    forge.git("push", "--quiet", "origin", "main")
    mesa.run("apply", "--yes")
    forge.pull_request({SAF: saf(JUAN, ANA, LUIS, EVA, gone, oficios=OFICIOS)})
    forge.git("push", "--quiet", "origin", "main")
    mesa.run("apply", "--yes")
    movements: dict[str, dict[str, str]] = {
        "juan.perez": leaving(JUAN["juan.perez"], "SAF/3/2026"),
        "ana.ruiz": ANA["ana.ruiz"] | {"puesto": "Jefa", "alias": "[ana@sinaloa.gob.mx]", "cambio": "SAF/3/2026"},
        "luis.gil.s": LUIS["luis.gil"] | {"renombra": "luis.gil", "cambio": "SAF/3/2026"},
        "rita.mora": RITA["rita.mora"] | {"alta": "SAF/3/2026"},
        "zoe.paz": person("Zoé", "Paz Gil", "SAF/3/2026"),
    }
    moved = {"eva.rios": EVA["eva.rios"] | {"alta": "SEBIDES/1/2026"}}
    forge.pull_request(
        {
            SAF: saf(movements, CAJA, oficios=OFICIOS),
            SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",), moved),
        }
    )
    forge.git("push", "--quiet", "origin", "main")
    return mesa


def copied(mesa: Desk, folder: Path) -> Desk:
    """A copy of a desk and of its remote."""
    shutil.copytree(mesa.forge.path.parent, folder)
    copy = Forge.__new__(Forge)
    copy.__dict__.update(mesa.forge.__dict__ | {"path": folder / "repo"})
    return replace(mesa, forge=copy)


@pytest.fixture(name="template", scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return eventful(tmp_path_factory.mktemp("eventos"))


@pytest.fixture(name="uninterrupted", scope="module")
def _uninterrupted(template: Desk, tmp_path_factory: pytest.TempPathFactory) -> State:
    whole = copied(template, tmp_path_factory.mktemp("entera") / "mesa")
    whole.run("apply", "--yes")
    return whole.reading().state


def test_every_kill_is_taken_up_by_the_next_run(template: Desk, uninterrupted: State, tmp_path: Path) -> None:
    at = 0
    killed = True
    while killed:
        at += 1
        mesa = copied(template, tmp_path / f"{at}")
        before = len(mesa.record())
        said = mesa.run("apply", "--yes", code=None, prepare=killing(PLACES, at))
        killed = said.code == -signal.SIGKILL
        assert killed or said.code == 0, said
        mesa.run("apply", "--yes")
        assert mesa.reading().state == uninterrupted, at
        audit = mesa.run("audit").out
        assert "Sin hallazgos" in audit, at
        assert "el plan haría 0 cambios" in " ".join(audit.split()), at
        accounted_for(mesa.record()[before:], at)
        one_sheet_each(mesa, at)
        told_once(mesa, at)
        shutil.rmtree(mesa.forge.path.parent)
    assert at > 45  # every write of the plan and of its record was a place to die at


def accounted_for(events: list[dict[str, Any]], at: int) -> None:
    """Every intention came out, or was reconciled by another run, exactly once."""
    tried = Counter((one["run"], one["data"]["cambio"]) for one in events if one["kind"] == "intento")
    ended = Counter(
        (one["data"].get("de", one["run"]), one["data"]["cambio"])
        for one in events
        if one["kind"] in {"resultado", "conciliado"}
    )
    assert tried == ended, at
    assert set(tried.values()) <= {1}, at
    assert all(one["data"]["de"] != one["run"] for one in events if one["kind"] == "conciliado"), at
    began = [one["run"] for one in events if one["kind"] == "corrida_iniciada"]
    assert 1 <= len(set(began)) == len(began) <= 2, at
    assert {run for run, _ in tried} <= set(began), at


def one_sheet_each(mesa: Desk, at: int) -> None:
    """The last sheet of every account in service opens to the password that is there; of the others there is none."""
    database = sqlite3.connect(mesa.store)
    try:
        stored = dict(database.execute("SELECT marca, contrasena FROM objetos WHERE contrasena IS NOT NULL"))
    finally:
        database.close()
    stored["luis.gil"] = stored.pop("luis.gil.s")
    del stored["juan.perez"]  # given its baja: what was sealed for it went with it
    assert len(list(mesa.sheets.iterdir())) == len(stored), at
    on_record = [one["data"]["folio"] for one in mesa.record() if one["kind"] == "hoja_sellada"]
    for key, secret in stored.items():
        assert matches(secret, mesa.sheet(key)["clave"]), (at, key)
        assert on_record.count(mesa.sheet(key)["folio"]) == 1, (at, key)


def told_once(mesa: Desk, at: int) -> None:
    """Every movement has one order, which is done and of which everybody was told once; bajas are closed."""
    events = mesa.record()
    received = [one for one in events if one["kind"] == "orden_recibida"]
    asked = Counter((one["key"], one["data"]["movimiento"], one["data"]["oficio"]) for one in received)
    assert len(asked) == 10, at
    assert set(asked.values()) == {1}, at
    movement = {one["data"]["orden"]: one["data"]["movimiento"] for one in received}
    done = {one["data"]["orden"]: one["data"] for one in events if one["kind"] == "orden_ejecutada"}
    assert done.keys() == movement.keys(), at
    notices = Counter((one["data"]["orden"], one["data"]["a"]) for one in events if one["kind"] == "aviso")
    assert notices == Counter((name, one) for name, data in done.items() for one in data["avisar"]), at
    files = {path.stem for path in (mesa.forge.path / ".cuentas" / "salida" / "embedded").glob("*.eml")}
    assert files == {f"aviso+{name}+{one}" for name, one in notices}, at
    closed = {one["data"]["orden"] for one in events if one["kind"] == "orden_cerrada"}
    past = {name for data in done.values() for name in data.get("supera", ())}
    without = {name for name, data in done.items() if movement[name] == "baja" or not data["entregar"]}
    assert closed == without | past, at
    removed = [one["key"] for one in events if one["kind"] == "hoja_retirada"]
    assert sorted(removed) == ["juan.perez", "rita.mora"], at

"""Ctrl-C and SIGTERM: before anything was begun, in the middle of an apply, and twice in a row."""

from __future__ import annotations

import signal

import pytest

from reconciler.cli.workspace import Workspace
from reconciler.embedded import EmbeddedTarget
from tests.cli.children import signalled
from tests.cli.desk import ANA, JUAN, SAF, Desk, saf

BOTH = pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM], ids=lambda one: signal.Signals(one).name)


@BOTH
def test_a_stop_finishes_the_account_in_hand_and_leaves_the_record_in_order(mesa: Desk, signum: int) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    said = mesa.run("apply", "--yes", code=130, prepare=signalled(EmbeddedTarget, "create", signum))
    assert "Se pidió parar" in said.err
    assert "La corrida se interrumpió" in said.err
    assert "Resultado: 2 aplicados, 2 no intentados." in said.out
    assert set(mesa.reading().accounts) == {"ana.ruiz"}
    kinds = [event["kind"] for event in mesa.record()]
    assert kinds.count("resultado") == 4
    assert kinds[-2:] == ["corrida_terminada", "arriendo"] or kinds[-1] == "corrida_terminada"
    mesa.run("apply", "--yes")
    assert set(mesa.reading().accounts) == {"ana.ruiz", "juan.perez"}
    assert "Sin hallazgos" in mesa.run("audit").out


@BOTH
def test_a_second_signal_ends_at_once_and_the_next_run_takes_it_up(mesa: Desk, signum: int) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    mesa.run("apply", "--yes", code=-signum, prepare=signalled(EmbeddedTarget, "finish", signum, times=2))
    mesa.run("apply", "--yes")
    assert set(mesa.reading().accounts) == {"ana.ruiz", "juan.perez"}
    assert "Sin hallazgos" in mesa.run("audit").out


@pytest.mark.parametrize("verb", ["plan", "apply", "drift"])
def test_ctrl_c_before_anything_was_begun_ends_with_130(mesa: Desk, verb: str) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    said = mesa.run(verb, code=130, prepare=signalled(Workspace, "record", signal.SIGINT))
    assert "Interrumpido: no se aplicó nada." in said.err
    assert "Traceback" not in said.err

"""The lab by hand: whatever ends it, no process stays that nobody told of."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.exchange import process as exchange
from tests.lab.process import ServerProcess, group_members
from tests.lab.samba import Template

SECONDS = 60.0
_ELSEWHERE = """
import pathlib, signal, sys
from tests.lab import __main__ as lab
folder = pathlib.Path(sys.argv.pop(1))
lab.DIRECTORY, lab.ENVIRONMENT, lab.KERBEROS = folder / "controller", folder / "entorno.sh", folder / "kerberos.sh"
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(lab.main())
"""


class Hand:
    """Someone at a terminal, with a laboratory of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.controller = folder / "controller" / "process.json"
        self.exchange = folder / "controller" / "exchange-process.json"
        self.ready = folder / "controller" / exchange.READY

    def begin(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _ELSEWHERE, str(self.folder), *words]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)

    def run(self, *words: str) -> tuple[int, str]:
        begun = self.begin(*words)
        said = begun.communicate(timeout=SECONDS)[0]
        return begun.returncode, said

    def pids(self) -> list[int]:
        return [json.loads(file.read_text("ascii"))["pid"] for file in (self.controller, self.exchange)]


@pytest.fixture
def hand(samba_template: Template, tmp_path: Path) -> Iterator[Hand]:
    assert samba_template.directory.exists()
    one = Hand(tmp_path)
    yield one
    one.run("stop")


def until_there(file: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def left(pids: list[int]) -> list[int]:
    """Return what is still there of some process groups, once they had the time to end."""
    deadline = time.monotonic() + 20
    while (found := [one for pid in pids for one in group_members(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_an_interrupted_start_leaves_nothing_and_says_so(hand: Hand) -> None:
    begun = hand.begin("start")
    until_there(hand.exchange)
    pids = hand.pids()
    begun.send_signal(signal.SIGINT)
    said = begun.communicate(timeout=SECONDS)[0]
    assert begun.returncode == 1
    assert "no queda nada en marcha" in said
    assert [one for pid in pids for one in group_members(pid)] == []
    assert list(hand.folder.iterdir()) == []


def test_in_the_foreground_nothing_outlives_us(hand: Hand) -> None:
    begun = hand.begin()
    until_there(hand.ready)
    pids = hand.pids()
    begun.kill()
    begun.communicate(timeout=SECONDS)
    assert left(pids) == []


def test_half_a_laboratory_is_told_and_begun_again(hand: Hand) -> None:
    assert hand.run("start")[0] == 0
    assert hand.run("status")[0] == 0
    controller, double = (ServerProcess.recorded_in(file) for file in (hand.controller, hand.exchange))
    assert controller
    assert double
    controller.kill()
    code, said = hand.run("status")
    assert (code, "el controlador de dominio no" in said) == (3, True)
    assert hand.run("start")[0] == 0
    assert left([double.pid]) == []
    second = ServerProcess.recorded_in(hand.exchange)
    assert second
    second.kill()
    code, said = hand.run("status")
    assert (code, "el Exchange de prueba no" in said) == (3, True)
    pids = hand.pids()
    assert hand.run("stop") == (0, "Laboratorio detenido.\n")
    assert left(pids) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": "x", "born": "1"}', "ñ"])
def test_a_record_that_is_none_names_no_process(tmp_path: Path, text: str) -> None:
    file = tmp_path / "process.json"
    file.write_text(text, "utf-8")
    assert ServerProcess.recorded_in(file) is None

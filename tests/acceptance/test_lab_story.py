"""`make demo-lab`: the demonstration's whole story against a real domain controller and Exchange's own protocol."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BEATS = (
    "$ cuentas plan --repo",
    "--target ad",
    "No se aplicaría [limite]: 280 altas en total: el máximo es 200.",
    "Merge pull request #127",
    ": 560 aplicados",
    "Plan: nada que hacer.",
    "Plan: 1 alta, 1 baja, 2 buzones.",
    ": 4 aplicados",
    "Sin hallazgos: cadena íntegra",
    "Todo lo necesario está",
    "salió por EWS",
    "281 Enable-Mailbox",
    "Primeros mensajes entregados a los buzones nuevos: 281.",
)


def test_the_whole_story_is_told_against_directory_exchange_and_mail(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CUENTAS_")}
    command = [sys.executable, "-m", "tests.lab.demo", str(folder)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    place = 0
    for beat in BEATS:
        place = told.stdout.find(beat, place)
        assert place >= 0, beat

"""Whole processes, one after the other, each measured; a step that fails ends the benchmark with what it said."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEASURE = Path(__file__).with_name("measure.py")
CUENTAS = (sys.executable, "-c", "from reconciler.cli.main import main; main()")


class StepFailedError(Exception):
    """A measured command did not end well; carries its last words."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall seconds and peak memory in MB of one process."""

    seconds: float
    megabytes: float


def cost_of(command: Sequence[str], environment: Mapping[str, str], times: int = 1) -> Cost:
    """Run a command so many times and return its cost: the median of the seconds, the largest peak.

    Raises:
        StepFailedError: it ended with another exit code than 0.

    """
    costs = [_once(command, environment) for _ in range(times)]
    return Cost(statistics.median(one.seconds for one in costs), max(one.megabytes for one in costs))


def _once(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    with tempfile.TemporaryDirectory(prefix="cuentas-bench-") as folder:
        report = Path(folder) / "costo.json"
        said = Path(folder) / "dicho.txt"
        with said.open("wb") as words:
            subprocess.run(
                [sys.executable, str(MEASURE), str(report), *command],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                env=environment_with(environment),
                check=True,
            )
        found = json.loads(report.read_text(encoding="utf-8"))
        if found["codigo"] != 0:
            tail = said.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise StepFailedError(f"«{' '.join(command[-6:])}» salió con {found['codigo']}:\n{tail}")
    return Cost(found["segundos"], found["kib"] / 1024)


def environment_with(more: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment, this working copy's code first, without anybody's own target."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CUENTAS_")}
    return own | {"PYTHONPATH": str(ROOT)} | dict(more)


def answer_of(*command: str) -> str:
    """Run a Python module of this project, which is not measured, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", *command], env=environment_with({}), check=True, capture_output=True, text=True
    )
    return done.stdout

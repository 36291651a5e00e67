"""`python -m bench.exchange`: altas end to end through Exchange's shell, with few and many shells; see README.md."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.runs import CUENTAS, StepFailedError, answer_of, cost_of
from tests.lab.environment import settings
from tests.lab.exchange.double import ExchangeDouble
from tests.lab.exchange.faults import ALWAYS
from tests.lab.samba import DomainController, Template, ensure_installed

_COLUMNS = "{:>9} {:>7} {:>8} {:>10} {:>9} {:>12} {:>7}"


@dataclass(frozen=True, slots=True)
class Row:
    """One apply: how many shells, altas and cmdlets it took, and its wall seconds."""

    shells: int
    altas: int
    cmdlets: int
    seconds: float

    def words(self, slow: float) -> str:
        """Word it beside the ideal: every shell busy with cmdlets all the time, and nothing else costing any."""
        ideal = self.shells / (slow * self.cmdlets / self.altas)
        rate = self.altas / self.seconds
        return _COLUMNS.format(
            self.shells, self.altas, self.cmdlets, f"{self.seconds:.1f}", f"{rate:.2f}", f"{ideal:.2f}",
            f"{rate / ideal:.0%}",
        )  # fmt: skip


def main() -> int:
    """Measure, and print rows as they come; exit code 0, or 1 when a step failed."""
    parser = argparse.ArgumentParser(
        "python -m bench.exchange", description="Mide altas con buzón, en el laboratorio."
    )
    parser.add_argument("--accounts", type=int, default=120, help="cuentas declaradas (120)")
    parser.add_argument("--shells", type=int, nargs="+", default=[1, 4, 12], help="consolas a la vez (1 4 12)")
    parser.add_argument("--slow", type=float, default=0.3, help="segundos que tarda cada cmdlet (0.3)")
    asked = parser.parse_args()
    ensure_installed()
    with tempfile.TemporaryDirectory(prefix="cuentas-bench-") as folder:
        try:
            _measure(Path(folder), asked.accounts, asked.shells, asked.slow)
        except StepFailedError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def _measure(folder: Path, accounts: int, shells: Sequence[int], slow: float) -> None:
    answer_of("bench.world", str(folder), str(accounts), "13")
    print(f"Cada cmdlet tarda {slow} s más lo suyo; ideal: todas las consolas ocupadas solo en ellos\n")
    print(_COLUMNS.format("consolas", "altas", "cmdlets", "s", "altas/s", "ideal", "del ideal"))
    with DomainController(Template.cached()) as controller, ExchangeDouble(controller) as exchange:
        for number in shells:
            copy = folder / str(number)
            shutil.copytree(folder / "declaraciones", copy)
            print(_applied(controller, exchange, copy, number, slow).words(slow), flush=True)


def _applied(
    controller: DomainController, exchange: ExchangeDouble, repository: Path, shells: int, slow: float
) -> Row:
    controller.reset()
    exchange.reset()
    environment = {
        **settings(controller), **exchange.settings(), "CUENTAS_AD__EXCHANGE__CONEXIONES": str(shells),
    }  # fmt: skip
    plan = str(repository.parent / f"{shells}.json")
    repo = ("--repo", str(repository))
    cost_of((*CUENTAS, "plan", *repo, "--format", "summary", "-o", plan), environment)
    exchange.shell.faults.order("slow", times=ALWAYS, value=slow)
    seconds = cost_of((*CUENTAS, "apply", plan, "--yes", *repo), environment).seconds
    names = [name for name, _ in exchange.shell.ran]
    return Row(shells, names.count("Enable-Mailbox"), len(names), seconds)


if __name__ == "__main__":
    sys.exit(main())

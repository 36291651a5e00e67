"""`python -m bench`: validate, plan and apply at full size, beside references of the same run; see README.md."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.runs import CUENTAS, Cost, StepFailedError, answer_of, cost_of
from bench.targets import TARGETS, Measured, opened

_COLUMNS = "{:<9}  {:<34} {:>8} {:>7}   {:<14} {:>7} {:>6} {:>7}"


@dataclass(frozen=True, slots=True)
class Row:
    """One step: where, what, its cost, and what it is compared with."""

    target: str
    step: str
    cost: Cost
    reference: str
    base: Cost


def main() -> int:
    """Measure, and print rows as they come; exit code 0, or 1 when a step failed."""
    parser = argparse.ArgumentParser("python -m bench", description="Mide cuentas en procesos completos.")
    parser.add_argument("--accounts", type=int, default=10_000, help="cuentas (10000)")
    parser.add_argument("--agencies", type=int, default=100, help="dependencias, 13 o más (100)")
    parser.add_argument("--repeat", type=int, default=3, help="veces que se mide lo repetible (3)")
    parser.add_argument("--target", action="append", choices=TARGETS, help="destino; sin decirlo, todos")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cuentas-bench-") as folder:
        try:
            _measure(Path(folder), asked)
        except StepFailedError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def _measure(folder: Path, asked: argparse.Namespace) -> None:
    made = json.loads(answer_of("bench.world", str(folder), str(asked.accounts), str(asked.agencies)))
    megabytes = made["bytes"] / 1024 / 1024
    print(
        f"{asked.accounts} cuentas en {asked.agencies} dependencias: {made['fusiones']} fusiones, "
        f"{made['archivos']} archivos, {megabytes:.1f} MB de YAML; mediana de {asked.repeat}\n"
    )
    print(_COLUMNS.format("destino", "qué", "s", "MB", "referencia", "s", "MB", "veces"))
    repository = folder / "declaraciones"
    files = cost_of((sys.executable, "-m", "bench.yaml_pass", str(repository / "accounts")), {}, asked.repeat)
    validate = cost_of((*CUENTAS, "validate", "--repo", str(repository)), {}, asked.repeat)
    _print(Row("-", "cuentas validate", validate, "CSafeLoader", files))
    for name in asked.target or TARGETS:
        copy = folder / name
        shutil.copytree(repository, copy)
        with opened(name, folder) as target:
            for row in _rows(target, copy, files, asked.repeat):
                _print(row)


def _rows(target: Measured, copy: Path, files: Cost, repeat: int) -> Iterator[Row]:
    """Yield the rows of one target: the first plan, its apply, and a plan with nothing left to do."""
    plan_file = str(copy.parent / f"{target.name}.json")
    repo = ("--repo", str(copy))
    first = cost_of((*CUENTAS, "plan", *repo, "--format", "summary", "-o", plan_file), target.environment)
    apply = cost_of((*CUENTAS, "apply", plan_file, "--yes", *repo), target.environment)
    # with --exit-code, 0 means that nothing is left to do: anything else fails the benchmark
    settled = cost_of((*CUENTAS, "plan", *repo, "--exit-code"), target.environment, repeat)
    name, base = "CSafeLoader", files
    if target.reference:
        name, base = target.reference, cost_of(target.plain_read, target.plain_environment, repeat)
    yield Row(target.name, "cuentas plan (todo por hacer)", first, name, base)
    yield Row(target.name, "cuentas apply", apply, name, base)
    yield Row(target.name, "cuentas plan (nada que hacer)", settled, name, base)


def _print(row: Row) -> None:
    cost, base = row.cost, row.base
    numbers = (f"{cost.seconds:.2f}", f"{cost.megabytes:.0f}")
    reference = (f"{base.seconds:.2f}", f"{base.megabytes:.0f}", f"{cost.seconds / base.seconds:.1f}")
    print(_COLUMNS.format(row.target, row.step, *numbers, row.reference, *reference), flush=True)


if __name__ == "__main__":
    sys.exit(main())

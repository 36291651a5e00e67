"""`python -m bench.long`: audit and history over a long history, beside `git log --raw` of the same run."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.runs import CUENTAS, StepFailedError, answer_of, cost_of

_ROW = "{:<38} {:>8} {:>7} {:>8}"


def main() -> int:
    """Measure, and print rows as they come; exit code 0, or 1 when a step failed."""
    parser = argparse.ArgumentParser("python -m bench.long", description="Mide una historia larga.")
    parser.add_argument("--merges", type=int, default=20_000, help="fusiones (20000)")
    parser.add_argument("--files", type=int, default=100, help="archivos (100)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cuentas-bench-") as folder:
        try:
            _measure(Path(folder) / "declaraciones", asked.merges, asked.files)
        except StepFailedError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def _measure(folder: Path, merges: int, files: int) -> None:
    answer_of("bench.long_world", str(folder), str(merges), str(files))
    print(f"{merges} fusiones en {files} archivos\n")
    print(_ROW.format("qué", "s", "MB", "veces"), flush=True)
    git = ("git", "-C", str(folder), "log", "--raw", "--first-parent", "--no-renames", "--no-abbrev", "-z", "main")
    base = cost_of(git, {}, 3)
    history = (*CUENTAS, "history", "persona.n000001", "--repo", str(folder))

    def row(name: str, command: tuple[str, ...], times: int = 1) -> None:
        cost = cost_of(command, {}, times)
        numbers = (f"{cost.seconds:.2f}", f"{cost.megabytes:.0f}", f"{cost.seconds / base.seconds:.1f}")
        print(_ROW.format(name, *numbers), flush=True)

    print(_ROW.format("git log --raw --first-parent", f"{base.seconds:.2f}", f"{base.megabytes:.0f}", "1.0"))
    row("cuentas --version", (*CUENTAS, "--version"), 3)
    row("cuentas history, índice por hacer", history)
    row("cuentas history, otra vez", history, 3)
    answer_of("bench.long_world", str(folder), str(merges), str(files), "10")
    row("cuentas history, con 10 fusiones más", history)
    row("cuentas audit --sin-destino", (*CUENTAS, "audit", "--sin-destino", "--repo", str(folder)))


if __name__ == "__main__":
    sys.exit(main())

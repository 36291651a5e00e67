"""The table of PSDT-08 is whole: every row of the procedure names commands, files and tests that there are."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from reconciler.cli.main import app

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "psdt-08.md"

PROCEDURE = (
    "P1", "P2", "P3", "P4", "P5",
    "1.1", "1.2", "2.1", "3.1", "3.2", "3.3", "4.1", "5.1", "5.2", "5.3",
    "6.1", "6.2", "6.3", "7.1", "7.2", "8.1", "9.1", "9.2",
    "RSDT-08.01", "RSDT-08.02", "Orden de trabajo", "Indicador", "Producto", "Servicio no conforme",
    "Documento de referencia", "Control de cambios",
)  # fmt: skip
"""The procedure's own rows: policies, steps, records, indicator and annex, in its order."""

ROWS = {
    cells[0]: cells
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| Renglón")
    for cells in [[cell.strip() for cell in line.strip("|").split(" | ")]]
}
COMMANDS: Any = typer.main.get_command(app)


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_row_of_the_procedure_is_there_in_its_order() -> None:
    assert tuple(ROWS) == PROCEDURE


@pytest.mark.parametrize("row", PROCEDURE)
def test_a_row_is_carried_out_with_commands_that_there_are(row: str) -> None:
    commands = [one for one in quoted(ROWS[row][2]) if one.startswith("cuentas ")]
    assert commands
    for command in commands:
        there = COMMANDS
        words = command.split()[1:]
        while words and not words[0].startswith("-") and hasattr(there, "commands"):
            there = there.commands[words.pop(0)]
        assert not hasattr(there, "commands"), f"{command} is a group, not a command"
        options = {name for option in there.params for name in (*option.opts, *option.secondary_opts)}
        assert {word for word in words if word.startswith("-")} <= options, command


@pytest.mark.parametrize("row", PROCEDURE)
def test_a_row_names_files_that_there_are(row: str) -> None:
    files = quoted(ROWS[row][3])
    assert files
    assert [name for name in files if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("row", PROCEDURE)
def test_a_row_names_tests_that_there_are(row: str) -> None:
    tests = quoted(ROWS[row][4])
    assert tests
    for test in tests:
        file, _, name = test.partition("::")
        assert name in functions_in(file), test


@cache
def functions_in(file: str) -> frozenset[str]:
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(one.name for one in ast.walk(module) if isinstance(one, ast.FunctionDef))

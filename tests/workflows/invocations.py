"""Every `cuentas …` that a workflow or a page of the documentation shows, and whether the command line takes it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from reconciler.cli.main import app
from tests.workflows.runner import ROOT, WORKFLOWS, workflow

PAGES = sorted((ROOT / "docs").glob("*.md"))

_START = re.compile(r"^\s*(?:exec )?(?:cuentas|\.venv/bin/cuentas) (?=\S)")
_END = re.compile(r"\s(?:>>?|\|\|?|&&|;)(?:\s.*)?$")


def of_workflows() -> Iterator[tuple[str, str]]:
    """Yield (where, command) for the scripts of all workflows."""
    for file in sorted(WORKFLOWS.glob("*.yml")):
        for job in workflow(file.stem)["jobs"].values():
            for step in job["steps"]:
                for line in str(step.get("run", "")).replace("\\\n", " ").splitlines():
                    if _START.match(line):
                        yield file.name, _command(line)


def of_pages() -> Iterator[tuple[str, str]]:
    """Yield (where, command) for the indented lines of the pages that are commands."""
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            if line.startswith("    ") and _START.match(line):
                for one in line.split(";"):
                    if _START.match(one):
                        yield page.name, _command(one)


def _command(line: str) -> str:
    return _END.sub("", " ".join(_START.sub("", line).split()))


def parse(command: str) -> None:
    """Have the real command line take the words, and run nothing; variables of the shell have made-up values.

    Raises:
        typer.TyperException: it does not take them (or its base class, whatever library typer is on).

    """
    words = shlex.split(re.sub(r'"\$\{?NUMERO[^"]*"', "7", command), comments=True)
    _parsed(typer.main.get_command(app), words)


def _parsed(command: Any, words: list[str]) -> None:
    if words == ["--help"]:
        return
    groups = getattr(command, "commands", None)
    if groups is None:
        command.make_context("cuentas", list(words))
        return
    assert words, "falta el verbo"
    assert words[0] in groups, f"no hay «{words[0]}»"
    _parsed(groups[words[0]], words[1:])


def place(path: Path) -> str:
    """Return a file's name as the repository has it."""
    return path.relative_to(ROOT).as_posix()

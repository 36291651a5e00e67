"""The forge's token is nowhere but in its file: not in what is said, recorded or kept, whatever goes wrong."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.desk import JUAN, SAF, desk, saf
from tests.cli.test_evidence import RULES
from tests.lab.forge import Fault, forge_double

COMMANDS = (
    ("plan",),
    ("apply", "--yes", "--pull-requests"),
    ("doctor",),
    ("audit",),
    ("history", "juan.perez"),
    ("drift",),
)


def holding(folder: Path, text: str) -> set[Path]:
    """Return the files below a folder that hold a text."""
    files = (one for one in folder.rglob("*") if one.is_file() and not one.is_symlink())
    return {one for one in files if text.encode() in one.read_bytes()}


@pytest.mark.parametrize("fault", [None, Fault.DENIED, Fault.REDIRECT, Fault.HTML_AFTER, Fault.CUT_AFTER])
def test_no_command_leaves_or_says_the_forges_token(tmp_path: Path, fault: Fault | None) -> None:
    bare = tmp_path / "forja.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", bare], check=True)
    with forge_double(tmp_path / "certificados", bare, "github") as double:
        mesa = desk(tmp_path, double.config() + RULES.format(lines="  exige: {revision: 2026-02-01}\n", more=""))
        git = mesa.forge.git
        git("remote", "add", "origin", str(bare))
        git("push", "--quiet", "origin", "main")
        git("switch", "--quiet", "--create", "una", "main")
        mesa.forge.push({SAF: saf(JUAN)})
        git("push", "--quiet", "origin", "una")
        double.open_pull("una")
        double.approve(1, "dsct-sinaloa")
        double.merge(1, "Robot <robot@noreply.invalid>")
        git("switch", "--quiet", "main")
        git("pull", "--quiet", "--ff-only", "origin", "main")
        own = holding(tmp_path, double.token)
        assert len(own) == 1
        asked = len(double.asked())
        for words in COMMANDS:
            double.troubles.clear()
            double.fail(*[fault] * 9 if fault else [])
            said = mesa.run(*words, code=None)
            assert said.code != 1
            assert double.token not in said.out + said.err
        assert len(double.asked()) > asked
        for name in git("for-each-ref", "--format=%(refname)").splitlines():
            assert double.token not in git("log", "-p", "--full-history", name)
    assert holding(tmp_path, double.token) == own

"""One authority for all of these tests; a bare repository and a forge of each kind for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from reconciler.forge.rest import RestForge
from tests.forge import Forge, founded
from tests.forges.work import adapter
from tests.lab.forge import ForgeDouble
from tests.letters import issue

Kind = Literal["github", "gitea"]


@pytest.fixture(name="folder", scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("forja"))


@pytest.fixture(name="clone")
def _clone(tmp_path: Path) -> Forge:
    """Return a clone of the bare repository that the forge is over, with a branch that proposes something."""
    clone = founded(tmp_path / "clon")
    clone.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "forja.git"), inside=False)
    clone.git("remote", "add", "origin", str(tmp_path / "forja.git"))
    clone.git("switch", "--quiet", "--create", "solicitud/una")
    clone.push({"accounts/SAF.yaml": "uno\n"})
    clone.git("switch", "--quiet", "main")
    clone.git("push", "--quiet", "origin", "main", "solicitud/una")
    return clone


@pytest.fixture(name="double", params=["github", "gitea"])
def _double(request: pytest.FixtureRequest, folder: Path, tmp_path: Path, clone: Forge) -> Iterator[ForgeDouble]:
    del clone
    with ForgeDouble(tmp_path / "forja.git", request.param, folder / "servidor") as double:
        yield double


@pytest.fixture(name="forge")
def _forge(double: ForgeDouble) -> Iterator[RestForge]:
    forge = adapter(double)
    yield forge
    forge.close()

"""One authority for all of these tests; a bare repository and a forge of each kind for each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.forge.rest import RestForge
from tests.forge import Forge, founded
from tests.forges.work import BRANCH, adapter
from tests.lab.forge import ForgeDouble
from tests.letters import issue


@pytest.fixture(name="folder", scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("forja"))


@pytest.fixture(name="template", scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bare repository and its clone, with a branch that proposes something: each test has a copy."""
    folder = tmp_path_factory.mktemp("plantilla")
    clone = founded(folder / "clon")
    clone.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder / "forja.git"), inside=False)
    clone.git("remote", "add", "origin", str(folder / "forja.git"))
    clone.git("switch", "--quiet", "--create", BRANCH)
    clone.push({"accounts/SAF.yaml": "uno\n"})
    clone.git("switch", "--quiet", "main")
    clone.git("push", "--quiet", "origin", "main", BRANCH)
    return folder


@pytest.fixture(name="double", params=["github", "gitea"])
def _double(request: pytest.FixtureRequest, folder: Path, tmp_path: Path, template: Path) -> Iterator[ForgeDouble]:
    shutil.copytree(template / "forja.git", tmp_path / "forja.git")
    with ForgeDouble(tmp_path / "forja.git", request.param, folder / "servidor") as double:
        yield double


@pytest.fixture(name="clone")
def _clone(tmp_path: Path, template: Path) -> Forge:
    """Return a clone of the bare repository that the forge is over."""
    shutil.copytree(template / "clon", tmp_path / "clon")
    clone = Forge(tmp_path / "clon", clock=1_780_000_000)
    clone.git("remote", "set-url", "origin", str(tmp_path / "forja.git"))
    return clone


@pytest.fixture(name="forge")
def _forge(double: ForgeDouble) -> Iterator[RestForge]:
    forge = adapter(double)
    yield forge
    forge.close()

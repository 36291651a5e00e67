"""Repositories made for these tests alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.repository import Repository
from tests.clones import Clone, bare, clone
from tests.scratch import Scratch


@pytest.fixture
def remote(tmp_path: Path) -> Clone:
    return bare(tmp_path / "remoto.git")


@pytest.fixture
def one(tmp_path: Path, remote: Clone) -> Clone:
    return clone(tmp_path / "una", remote)


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    return Scratch(tmp_path / "declaraciones")


@pytest.fixture
def repository(scratch: Scratch) -> Iterator[Repository]:
    with Repository.open(scratch.path) as opened:
        yield opened

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from reconciler.cli.workspace import LANGUAGE
from reconciler.demo import CONFIG, Made, Scale, make
from reconciler.engine.desired import Desired, read_desired
from reconciler.repository import Repository

TODAY = date(2026, 11, 24)
SEED = 8


@dataclass(frozen=True)
class Read:
    """A history that was made, and what a branch of it declares."""

    made: Made
    tip: str
    desired: Desired


def read(made: Made, today: date, branch: str = "main") -> Read:
    with Repository.open(made.path) as repository:
        tip = repository.resolve(branch)
        return Read(made, tip, read_desired(repository, LANGUAGE, tip, tip, today, worktree=False))


def made_in(folder: Path, today: date = TODAY, seed: int = SEED, scale: Scale | None = None) -> Read:
    made = make(folder / "declaraciones", scale or Scale(), today, seed, CONFIG)
    return read(made, today)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return made_in(tmp_path_factory.mktemp("historia"))

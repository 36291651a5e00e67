"""A remote with two clones, and one clone that has no remote."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clones import Clone, bare, clone


@pytest.fixture
def remote(tmp_path: Path) -> Clone:
    return bare(tmp_path / "remoto.git")


@pytest.fixture
def here(tmp_path: Path, remote: Clone) -> Clone:
    return clone(tmp_path / "aqui", remote)


@pytest.fixture
def there(tmp_path: Path, remote: Clone) -> Clone:
    return clone(tmp_path / "alla", remote)


@pytest.fixture
def alone(tmp_path: Path) -> Clone:
    return clone(tmp_path / "sola")

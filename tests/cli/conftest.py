"""A desk for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import Desk, desk


@pytest.fixture(name="mesa")
def _mesa(tmp_path: Path) -> Desk:
    return desk(tmp_path)

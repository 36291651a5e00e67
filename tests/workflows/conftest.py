"""A forge's bare repository with declarations and this project's workflows, and a runner for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.place import Place, place


@pytest.fixture(name="forja")
def _forja(tmp_path: Path) -> Place:
    return place(tmp_path)

"""One authority and one certificate for all of these tests, and a service for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.oficios import OficiosServer
from tests.letters import issue
from tests.sistema_oficios.work import TOKEN


@pytest.fixture(name="folder", scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("oficios"))


@pytest.fixture(name="server")
def _server(folder: Path) -> Iterator[OficiosServer]:
    with OficiosServer(folder / "servidor", TOKEN) as server:
        yield server

"""Everybody else in front of each kind of target, and the target itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.engine.ports import Target
from tests.conformance.mail import exchange
from tests.conformance.outsiders import Outsider, embedded, samba


@pytest.fixture(params=["embedded", "samba", "exchange"])
def outsider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outsider]:
    """Everybody else, in front of a directory that nobody has used yet."""
    if request.param == "embedded":
        with embedded(tmp_path) as one:
            yield one
    elif request.param == "exchange":
        with exchange(request.getfixturevalue("exchange_double")) as joined:
            yield joined
    else:
        with samba(request.getfixturevalue("domain_controller")) as other:
            yield other


@pytest.fixture
def target(outsider: Outsider) -> Target:
    """Give the target itself, which has read the directory once."""
    opened = outsider.open()
    opened.read()
    return opened

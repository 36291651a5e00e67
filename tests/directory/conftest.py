"""The directory target over the laboratory, and its administrator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.directory import AdTarget
from tests.conformance.outsiders import SambaOutsider, samba, samba_config
from tests.lab.samba import DomainController


@pytest.fixture
def outsider(domain_controller: DomainController) -> Iterator[SambaOutsider]:
    """The administrator, in front of a directory that nobody has used yet."""
    with samba(domain_controller) as one:
        yield one


@pytest.fixture
def target(domain_controller: DomainController) -> Iterator[AdTarget]:
    """A target over whatever state the controller is in; it only looks, or cleans up after itself."""
    opened = AdTarget(samba_config(domain_controller))
    yield opened
    opened.close()

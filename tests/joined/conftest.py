"""The laboratory with its Exchange, as new for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.joined import ExchangeTarget
from tests.conformance.mail import ExchangeOutsider, exchange
from tests.lab.exchange.double import ExchangeDouble


@pytest.fixture
def outsider(exchange_double: ExchangeDouble) -> Iterator[ExchangeOutsider]:
    """Everybody else, in front of a directory that nobody has used yet."""
    with exchange(exchange_double) as one:
        yield one


@pytest.fixture
def target(outsider: ExchangeOutsider) -> ExchangeTarget:
    """Give the target itself, which has read the directory once."""
    opened = outsider.opened()
    opened.read()
    return opened

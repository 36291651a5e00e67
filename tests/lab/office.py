"""A directory with Exchange over it, from every side that a test looks from."""

from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.directory import AdTarget
from reconciler.model import Observed
from tests.build import account
from tests.conformance.outsiders import SambaOutsider
from tests.lab.console import Console
from tests.lab.exchange.records import ExchangeError


@dataclass
class Office:
    """What the product reads, what is typed into Exchange's shell, and what an administrator of the domain may do."""

    target: AdTarget
    console: Console
    outsider: SambaOutsider

    def user(self, key: str = "ana.ruiz", **changes: Any) -> str:
        """Make an account without mailbox, and return its GUID."""
        return self.target.create(account(key, mailbox=None, **changes)).guid

    def seen(self, guid: str) -> Observed:
        found = self.target.lookup(guid)
        assert found
        return found

    def refused(self, cmdlet: str, **parameters: Any) -> str:
        """Run what is refused, and return the exception's name."""
        with pytest.raises(ExchangeError) as caught:
            self.console.run(cmdlet, **parameters)
        return caught.value.exception

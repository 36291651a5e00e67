"""A command that runs on another day."""

from __future__ import annotations

from datetime import timedelta

from reconciler.cli import expiring, recording, sheets, workspace
from tests.cli.children import Preparation


def later(days: int) -> Preparation:
    """Let the command run so many days from now."""

    def prepare() -> None:
        real = workspace.now
        for module in (workspace, sheets, expiring, recording):
            vars(module)["now"] = lambda: real() + timedelta(days=days)

    return prepare

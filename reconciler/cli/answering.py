"""The issue that a request came in: whoever opened it is answered there, once, whatever becomes of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from reconciler.cli.screen import note, say
from reconciler.cli.workspace import Workspace
from reconciler.engine.ports import Forge
from reconciler.errors import CuentasError
from reconciler.pull_request import PullRequest
from reconciler.report.answer import not_received
from reconciler.report.request import RequestView, pull_request_body, title

MARK = "cuentas:solicitud"


@dataclass
class Hall:
    """Where a request came from and goes to: the forge and the issue, each None where there is none."""

    forge: Forge | None = None
    issue: int | None = None
    base: str = ""
    _answered: bool = field(default=False, init=False)

    def propose(self, branch: str, view: RequestView) -> PullRequest | None:
        """Open the pull request of a branch that was pushed, or find the one that is open; None without a forge."""
        if self.forge is None:
            return None
        pull = self.forge.propose(branch, self.base, title(view), pull_request_body(view))
        say(f"Pull request {pull.number}: {pull.url}", "bold")
        return pull

    def answer(self, text: str) -> None:
        """Answer in the issue; the answer of an earlier run is put in order, and nothing is done without an issue."""
        if self.forge is None or self.issue is None:
            return
        self._answered = True
        self.forge.say(self.issue, text, MARK)

    def excuse(self, error: CuentasError) -> None:
        """Answer that it was not received; where that cannot be said, it is noted, and the error is what matters."""
        if self._answered:
            return
        try:
            self.answer(not_received(error))
        except CuentasError as silence:
            note(f"No se pudo contestar en el issue: {silence}")


@contextlib.contextmanager
def hall(workspace: Workspace, issue: int | None, *, proposes: bool) -> Iterator[Hall]:
    """Open the forge if it is to be proposed there; what goes wrong inside is answered in the issue, and raised.

    Raises:
        ConfigurationError: nothing says where the forge is, or its token cannot be read.
        RefusedError: the configuration that says it is not approved.

    """
    if not proposes:
        yield Hall()
        return
    with workspace.forge() as forge:
        here = Hall(forge, issue, workspace.repository.main_branch())
        try:
            yield here
        except CuentasError as error:
            here.excuse(error)
            raise

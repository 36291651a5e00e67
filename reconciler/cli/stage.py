"""The demonstration's stage: numbered scenes, the commands that a person would type, and their real output."""

from __future__ import annotations

import contextlib
import io
import shlex
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.text import Text

from reconciler import repository
from reconciler.cli.screen import out, say
from reconciler.errors import CuentasError

Run = Callable[[list[str]], int]
"""Runs words of the command line in this process and returns the exit code; errors have been said."""

WIDTH = 98


class SceneFailedError(CuentasError):
    """A command of the demonstration did not end as it should: a defect of ours, or somebody stopped it."""

    def __init__(self, words: Sequence[str], code: int) -> None:
        super().__init__(
            f"La demostración se detuvo: «cuentas {shlex.join(words)}» salió con {code}.",
            remedy="Corra otra vez «cuentas demo». Si no fue usted quien la detuvo, es un defecto: repórtelo.",
        )


class Stage:
    """Prints scenes and runs what is in them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._scene = 0

    def scene(self, title: str, *paragraphs: str) -> None:
        """Begin a scene: its number, its title and what it is about."""
        self._scene += 1
        say()
        say(f"── {self._scene}. {title} ".ljust(WIDTH, "─"), "bold cyan")
        self.tell(*paragraphs)

    def tell(self, *paragraphs: str) -> None:
        """Print paragraphs, each folded to the width."""
        for paragraph in paragraphs:
            say()
            for line in textwrap.wrap(paragraph, min(WIDTH, out.width) if out.is_terminal else WIDTH):
                say(line)

    def cuentas(self, *words: str, code: int = 0, head: int | None = None) -> None:
        """Type a command of `cuentas` and run it, which has to end with that exit code; `head` cuts its output.

        Raises:
            SceneFailedError: it ended otherwise.

        """
        self._prompt("cuentas " + shlex.join(words) + (f" | head -n {head}" if head else ""))
        if head:
            screen = _Copy()
            with contextlib.redirect_stdout(screen):
                ended = self._run(list(words))
            sys.stdout.write("".join(screen.getvalue().splitlines(keepends=True)[:head]))
        else:
            with contextlib.redirect_stderr(sys.stdout):
                ended = self._run(list(words))
        if sys.stdout.closed:
            raise BrokenPipeError  # the command closed it: nobody is reading any more
        if ended != code:
            raise SceneFailedError(words, ended)
        if code:
            say(f"(salió con código {code})", "dim")

    def git(self, path: Path, *words: str) -> None:
        """Type a git command that only looks, and run it in a working copy."""
        self.show(f"git -C {path} {shlex.join(words)}", repository.printed(path, *words))

    def show(self, command: str, output: str) -> None:
        """Print a command that was run, and what it printed."""
        self._prompt(command)
        for line in output.splitlines():
            say(line, _colour(line))

    def suggest(self, command: str, why: str) -> None:
        """Print a command for the reader to try."""
        say()
        say(f"  {command}", "bold")
        say(f"      {why}", "dim")

    def _prompt(self, command: str) -> None:
        say()
        out.print(Text.assemble(("$ ", "green"), (command, "bold")))


class _Copy(io.StringIO):
    """Output kept for later; whether it ends on a terminal is what the real one says."""

    def __init__(self) -> None:
        super().__init__()
        self._terminal = sys.stdout.isatty()

    def isatty(self) -> bool:
        return self._terminal


def _colour(line: str) -> str:
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")

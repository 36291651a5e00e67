"""A pull request as it is read from Git: its two sides, and its rules from the base branch as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from reconciler import declaration
from reconciler.cli.workspace import LANGUAGE, Workspace
from reconciler.config import Config
from reconciler.engine.desired import read_config, read_trail
from reconciler.errors import ConfigurationError, DeclarationError, Problem
from reconciler.history import FileChange
from reconciler.model import AccountKey, Declaration, TreeFile
from reconciler.pull import Scope, Side, Uses, scope_of, uses_of
from reconciler.pull.authority import author_of
from reconciler.roster import Person
from reconciler.trail import CONFIG, vanished


@dataclass(frozen=True)
class Comparison:
    """A line of history against the base branch: where it left it, and what it is judged by as that is now."""

    workspace: Workspace
    base: str
    author: str | None

    @cached_property
    def main(self) -> str:
        """The base branch's commit: its rules are those of now, so that an old branch brings no old ones back."""
        return self.workspace.repository.resolve(self.base)

    @cached_property
    def fork(self) -> str:
        """Where the branch left it; of several such points, one."""
        return self.workspace.fork_of(self.base)

    @cached_property
    def joined(self) -> str | None:
        """What merging the branch would leave; None where the two conflict, so that no forge merges it."""
        _ = self.fork  # what shares no history is no branch of this base
        return self.workspace.repository.joined(self.main, self.workspace.tip)

    @property
    def before(self) -> str:
        """What the proposal is compared with: the base as it is now, or where the branch left it if they conflict.

        Where the two lines crossed (each merged the other), no single point tells what the branch takes back.
        """
        return self.main if self.joined else self.fork

    @property
    def after(self) -> str:
        """What is judged: the base with the branch in it, or the branch alone if they conflict."""
        return self.joined or self.workspace.tip

    @cached_property
    def config(self) -> Config:
        """The base's configuration.

        Raises:
            ConfigurationError: it cannot be read, so that there is nothing to judge by.

        """
        try:
            return read_config(self.workspace.repository, LANGUAGE, self.main)
        except (ConfigurationError, DeclarationError) as error:
            raise ConfigurationError(
                f"No se puede leer {CONFIG} en la base «{self.base}», y sus reglas salen de ahí: {error.message}",
                remedy="Quien administra el repositorio tiene que corregirlo en la rama principal.",
            ) from None

    @cached_property
    def proposed_config(self) -> tuple[Config | None, tuple[Problem, ...]]:
        """The configuration that the branch would leave; None where it is not valid, and why."""
        try:
            return read_config(self.workspace.repository, LANGUAGE, self.after), ()
        except DeclarationError as error:
            return None, error.problems
        except ConfigurationError as error:
            return None, (Problem(CONFIG, 0, "configuracion-desaparecida", error.message, "Restituya el archivo."),)

    @cached_property
    def changes(self) -> tuple[FileChange, ...]:
        """Every path that the merge would leave otherwise than the base has it."""
        return self.workspace.repository.changes(self.before, self.after)

    @cached_property
    def scope(self) -> Scope:
        """What its paths belong to."""
        return scope_of(self.config, self.proposed_config[0])

    @cached_property
    def _loader(self) -> declaration.Loader:
        return declaration.Loader()

    def declared(self, commit: str, config: Config) -> tuple[Side | None, tuple[Problem, ...]]:
        """Return what a commit declares by some configuration, None where anything blocks, and what to say of it."""
        files = [one for one in self.workspace.repository.tree(commit) if one.path != CONFIG]
        loaded = self._loader.load(files, config, self.workspace.today_by(config))
        if loaded.declaration is not None:
            return Side(declaration=loaded.declaration, written=_written(files)), loaded.problems
        if commit == self.after and loaded.written is not None:  # there will be nothing to compare
            trail = read_trail(self.workspace.repository, LANGUAGE, self.before)
            return None, (*loaded.problems, *vanished(trail, loaded.written))
        return None, loaded.problems

    @cached_property
    def left(self) -> Side | None:
        """What was declared before the proposal, by its configuration of then; None where not valid."""
        try:
            config = read_config(self.workspace.repository, LANGUAGE, self.before)
        except (ConfigurationError, DeclarationError):
            return None
        return self.declared(self.before, config)[0]

    @cached_property
    def now_declared(self) -> Declaration | None:
        """What the base branch declares now; None where that is not valid."""
        side = self.left if self.main == self.before else self.declared(self.main, self.config)[0]
        return side.declaration if side else None

    @cached_property
    def uses(self) -> Uses:
        """What every oficio was used for in the base branch's history."""
        return uses_of(read_trail(self.workspace.repository, LANGUAGE, self.main))

    @property
    def person(self) -> Person | None:
        """Who proposes; None where nobody told."""
        return author_of(self.author) if self.author else None


def _written(files: Iterable[TreeFile]) -> Mapping[AccountKey, Mapping[str, str]]:
    """Return what every account's entry says, field by field; the files are valid."""
    found: dict[AccountKey, Mapping[str, str]] = {}
    for file in files:
        if not file.path.endswith(".yaml"):
            continue
        for (section, key), fields in declaration.entries(file.data or b"").items():
            if section == "cuentas":
                found[AccountKey(key)] = fields
    return found

"""A pull request as it is read from Git: its two sides, its rules from the base, and all that it brings."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from reconciler import declaration
from reconciler.cli.settings import target_config
from reconciler.cli.texts import template_problems
from reconciler.cli.workspace import LANGUAGE, Workspace
from reconciler.config import Config
from reconciler.declaration.exposure import Brought, exposed
from reconciler.declaration.text import MAX_BYTES
from reconciler.engine.desired import read_config, read_trail
from reconciler.errors import ConfigurationError, DeclarationError, Problem, RecordError
from reconciler.history import FileChange
from reconciler.model import AccountKey, Declaration, TreeFile
from reconciler.orders import Order, OrderKey, by_oficio, orders
from reconciler.pull import (
    PULL_REQUEST,
    Kind,
    Proposal,
    Scope,
    Side,
    Uses,
    author_problems,
    headcount_warnings,
    judge,
    proposing_problems,
    scope_of,
    scope_problems,
    uses_of,
)
from reconciler.pull.authority import author_of
from reconciler.roster import Person, Roster
from reconciler.trail import CONFIG, is_plain_file, vanished

MOST_COMMITS = 250
MOST_FILES = 4000
MOST_BYTES = 64 * 1024 * 1024
"""What one pull request may bring: beyond it nobody reviews it, and no check ends."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything there is to say, and what follows from it in a sentence."""

    problems: tuple[Problem, ...]
    summary: str


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
        """Where the branch left it."""
        return self.workspace.fork_of(self.base)

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
            return read_config(self.workspace.repository, LANGUAGE, self.workspace.tip), ()
        except DeclarationError as error:
            return None, error.problems
        except ConfigurationError as error:
            return None, (Problem(CONFIG, 0, "configuracion-desaparecida", error.message, "Restituya el archivo."),)

    @cached_property
    def changes(self) -> tuple[FileChange, ...]:
        """Everything that the branch has otherwise than where it left the base."""
        return self.workspace.repository.changes(self.fork, self.workspace.tip)

    @cached_property
    def scope(self) -> Scope:
        """What its paths belong to."""
        return scope_of(self.config, self.proposed_config[0])

    def declared(self, commit: str, config: Config) -> tuple[Side | None, tuple[Problem, ...]]:
        """Return what a commit declares by some configuration, None where anything blocks, and what to say of it."""
        files = [one for one in self.workspace.repository.tree(commit) if one.path != CONFIG]
        loaded = LANGUAGE.load(files, config, self.workspace.today_by(config))
        if loaded.declaration is not None:
            return Side(declaration=loaded.declaration, written=_written(files)), loaded.problems
        if commit == self.workspace.tip and loaded.written is not None:  # there will be nothing to compare
            trail = read_trail(self.workspace.repository, LANGUAGE, self.fork)
            return None, (*loaded.problems, *vanished(trail, loaded.written))
        return None, loaded.problems

    @cached_property
    def left(self) -> Side | None:
        """What the base declared where the branch left it, by its configuration of then; None where not valid."""
        try:
            config = read_config(self.workspace.repository, LANGUAGE, self.fork)
        except (ConfigurationError, DeclarationError):
            return None
        return self.declared(self.fork, config)[0]

    @cached_property
    def now_declared(self) -> Declaration | None:
        """What the base branch declares now; None where that is not valid."""
        side = self.left if self.main == self.fork else self.declared(self.main, self.config)[0]
        return side.declaration if side else None

    @cached_property
    def uses(self) -> Uses:
        """What every oficio was used for in the base branch's history."""
        return uses_of(read_trail(self.workspace.repository, LANGUAGE, self.main))

    @property
    def person(self) -> Person | None:
        """Who proposes; None where nobody told."""
        return author_of(self.author) if self.author else None


def examined(workspace: Workspace, base: str, author: str | None, counted: Callable[[Declaration], str]) -> Verdict:
    """Judge a pull request by all the rules of its base, and return everything there is to say.

    Raises:
        ConfigurationError: this clone lacks history, or the base's configuration cannot be read.
        UsageError: the base names nothing that shares history with what is judged.

    """
    if workspace.repository.is_shallow():
        raise ConfigurationError(
            "Este clon no tiene toda la historia, y sin ella no se sabe qué oficios se gastaron.",
            remedy="Tráigala con «git fetch --unshallow» (en un trabajo de CI, «fetch-depth: 0»).",
        )
    there = Comparison(workspace, base, author)
    kinds = there.scope.kinds(there.changes)
    found = [*scope_problems(there.scope, there.changes), *_brought(there)]
    summary = "El pull request no cambia nada."
    if kinds == {Kind.CODE}:
        summary = "Solo cambia código: de la declaración no hay nada que revisar."
        found.append(Problem(PULL_REQUEST, 0, "solo-codigo", summary, "Lo revisa el CI del código.", blocks=False))
    if Kind.CONFIG in kinds:
        found += _of_config(there)
        summary = "La configuración propuesta es válida, y lo declarado lo es con ella."
    if Kind.DATA in kinds:
        problems, side = _of_data(there)
        found += problems
        summary = counted(side.declaration) if side else ""
    return Verdict(tuple(dict.fromkeys(found)), summary)


def _of_data(there: Comparison) -> tuple[list[Problem], Side | None]:
    """Judge declarations by the configuration of the base."""
    after, problems = there.declared(there.workspace.tip, there.config)
    found = [*problems]
    before = there.left
    proposal = _proposal(there, before or _NOTHING, after or _NOTHING)
    if before is None:
        mended = proposal.by_desk and after is not None
        words = f"La declaración no era válida en «{there.base}»: no se puede comparar con ella."
        remedy = (
            "La propone la Mesa de Ayuda, y quien aprueba tiene que revisar el cambio entero."
            if mended
            else "Que la corrija la Mesa de Ayuda, con un pull request que se valide con su «--author»."
        )
        found.append(Problem(PULL_REQUEST, 0, "base-invalida", words, remedy, blocks=not mended))
    elif after is None:
        found += author_problems(proposal, there.scope)
    else:
        asked, unread = _asked(there)
        proposal = _proposal(there, before, after, asked)
        found += [*judge(proposal, there.scope), *unread]
        full = {one.file for one in found if one.code == "plazas"}
        found += [one for one in headcount_warnings(after.declaration, there.config) if one.file not in full]
    return found, after


_NOTHING = Side(declaration=Declaration(accounts={}, dependencias={}), written={})


def _proposal(
    there: Comparison, before: Side, after: Side, asked: Mapping[OrderKey, Order] | None = None
) -> Proposal:
    return Proposal(
        before=before,
        after=after,
        main=there.now_declared,
        config=there.config,
        changes=there.changes,
        author=there.person,
        day=there.workspace.today_by(there.config),
        uses=there.uses,
        asked=asked or {},
    )


def _asked(there: Comparison) -> tuple[Mapping[OrderKey, Order], tuple[Problem, ...]]:
    """Return the orders on record, as it was last fetched, and what there is to say where it is unreadable."""
    target = target_config(there.config, there.workspace.settings, None)[0]
    try:
        with there.workspace.record() as record:
            return by_oficio(orders(record.events(), target)), ()
    except RecordError as error:
        words = f"La bitácora no se puede leer, y no se sabe qué tiene anotado la Mesa de Ayuda: {error.message}"
        return {}, (Problem(PULL_REQUEST, 0, "bitacora-ilegible", words, error.remedy, blocks=False),)


def _of_config(there: Comparison) -> list[Problem]:
    """Judge configuration: by itself, over what is declared, and who proposes it."""
    config, problems = there.proposed_config
    found = [*problems]
    if config is not None:
        for commit in dict.fromkeys((there.workspace.tip, there.main)):
            found += there.declared(commit, config)[1]
        found += template_problems(there.workspace)
        found += there.workspace.logo_problems()
    roster = Roster.of(there.config, there.now_declared.dependencias if there.now_declared else {})
    return [*found, *proposing_problems(there.config, roster, there.person, there.workspace.today_by(there.config))]


def _brought(there: Comparison) -> tuple[Problem, ...]:
    """Look for personal data in everything that the branch brings into Git.

    Of a pull request of code only what it brings of declarations and configuration is looked at, in any commit.
    """
    repository, tip = there.workspace.repository, there.workspace.tip
    commits = list(itertools.islice(repository.brought(there.fork, tip), MOST_COMMITS + 1))
    is_code = there.scope.kinds(there.changes) <= {Kind.CODE}
    files = [
        (commit, file)
        for commit in commits
        for file in commit.files
        if file.new_blob and is_plain_file(file.new_mode)
        if not (is_code and there.scope.kind(file.path) is Kind.CODE)
    ]
    sizes = repository.sizes(dict.fromkeys(str(file.new_blob) for _, file in files))
    if len(commits) > MOST_COMMITS or len(files) > MOST_FILES or sum(sizes.values()) > MOST_BYTES:
        words = f"El pull request trae demasiado para revisarlo: {len(commits)} commits, {len(files)} archivos."
        return (Problem(PULL_REQUEST, 0, "demasiado", words, "Divídalo."),)
    paths = tuple(sorted({file.path for _, file in files}))
    base = repository.tree(there.fork, (*_TREES, there.scope.templates, *paths), MAX_BYTES) if paths else ()
    known = {(one.path, one.data) for one in base if one.data is not None}
    contents = dict(repository.blobs(name for name, size in sizes.items() if size <= MAX_BYTES))
    files = [(commit, file) for commit, file in files if (file.path, contents.get(str(file.new_blob))) not in known]
    brought = Brought(
        commits=() if is_code else commits,
        files=files,
        contents=contents,
        base={one.path: one.data for one in base if one.data is not None},
        head=_blobs_at(there.changes),
        pictures=there.scope.logos,
        domains=there.config.dominios,
    )
    return exposed(brought)


_TREES = ("accounts", CONFIG)


def _blobs_at(changes: Iterable[FileChange]) -> dict[str, str]:
    return {one.path: one.new_blob for one in changes if one.new_blob}


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

"""What a commit asks for: its declaration, its configuration, and where each value came from."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from reconciler.approval import Approver
from reconciler.config import Config
from reconciler.engine.ports import Sources
from reconciler.engine.traces import Reading, Traces
from reconciler.engine.witness import Hearsay, Testimony
from reconciler.errors import ConfigurationError, DeclarationError, Problem
from reconciler.evidence import Regime
from reconciler.history import Commit, FileChange
from reconciler.model import AccountKey, Declaration, Dependencia, Siglas, Source, TreeFile
from reconciler.roster import Roster
from reconciler.trail import CONFIG, Entries, Trail, vanished

NOWHERE = Source("", 0)
"""Stands for the place of an entry where only what it says is compared."""


class Loaded(Protocol):
    """A declaration as far as it could be read, with everything wrong in it."""

    @property
    def declaration(self) -> Declaration | None:
        """None when anything blocks."""

    @property
    def written(self) -> frozenset[AccountKey] | None:
        """The keys written, and those that they rename; None where not all could be read."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """In order of file and line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How declarations are written: the readings that the engine needs of them.

    `reader` gives what says what `entries` does of every version of some files, path and content, as they followed
    each other; what a version takes over from the one before is the same object.
    """

    load: Callable[[Iterable[TreeFile], Config, date], Loaded]
    load_config: Callable[[bytes], Config]
    entries: Callable[[bytes], Entries]
    reader: Callable[[], Reading]


@dataclass(frozen=True, kw_only=True)
class Desired:
    """The wanted side. `commit` is "" for a working copy, which can be looked at and never applied.

    `on_main_line` says whether the commit stands on the main branch's own line: only there is a merge an
    approval; a pull request's branch may hold merges of anything. `unmerged` are the commits of its line that
    the main branch does not have; `edited` are the accounts that a working copy has otherwise than its commit.
    """

    commit: str
    config: Config
    declaration: Declaration
    warnings: tuple[Problem, ...]
    trail: Trail
    approver: Approver
    shallow: bool
    on_main_line: bool
    unmerged: frozenset[str] = frozenset()
    edited: frozenset[AccountKey] = frozenset()


def read_config(sources: Sources, language: Language, commit: str | None) -> Config:
    """Return the configuration at a commit (None: the working copy).

    Raises:
        ConfigurationError: there is no cuentas.yaml.
        DeclarationError: it is not valid.

    """
    return _config(_files(sources, commit), language)


def read_desired(  # noqa: PLR0913 -- what there is to read, by name
    sources: Sources,
    language: Language,
    tip: str,
    main: str | None,
    today: date,
    *,
    worktree: bool,
    hearsay: Hearsay | None = None,
    traces: Traces | None = None,
) -> Desired:
    """Read and validate everything at `tip`, or in the working copy on top of it.

    `main` is the tip of the main branch as it is published, None where nobody knows it: it says who may approve.
    `hearsay` is what the record and the forge say of merges (None: neither is asked). `traces` knows lines that this
    one may go on from.

    Raises:
        ConfigurationError: there is no cuentas.yaml.
        DeclarationError: something in the declaration blocks; carries every problem at once.

    """
    files = _files(sources, None if worktree else tip)
    config = _config(files, language)
    loaded = language.load((one for one in files if one.path != CONFIG), config, today)
    trail = (traces or Traces(sources, language.reader)).trail(tip)
    problems = loaded.problems
    if loaded.written is not None:
        problems += vanished(trail, loaded.written)
    if loaded.declaration is None or any(problem.blocks for problem in problems):
        raise DeclarationError(problems)
    on_main_line = main is not None and sources.is_first_parent_ancestor(tip, main)
    ruling = config if main in {None, tip} and not worktree else _ruling(sources, language, main or tip) or config
    laws = _Laws(sources, language, loaded.declaration.dependencias, today)
    return Desired(
        commit="" if worktree else tip,
        config=config,
        declaration=loaded.declaration,
        warnings=problems,
        trail=trail,
        approver=Approver(
            trail=trail,
            declaration=loaded.declaration,
            review=_Merges(sources, language, tip),
            regime=laws.regime(ruling),
            witness=Testimony(sources, main or tip, ruling.aprobacion, hearsay or Hearsay()),
            former=laws.former,
            baseline=_baseline(trail, config.aprobacion.linea_base),
        ),
        shallow=sources.is_shallow(),
        on_main_line=on_main_line,
        unmerged=_unmerged(sources, tip, main, on_main_line=on_main_line),
        edited=_edited(loaded.declaration, sources, language, tip, today) if worktree else frozenset(),
    )


def _ruling(sources: Sources, language: Language, main: str) -> Config | None:
    """Return the configuration that says who may approve: the published main line's; None where it is not valid.

    Nothing is applied from a main line that is not valid, but what mends it has to be looked at.
    """
    try:
        return _config(_files(sources, main), language)
    except (ConfigurationError, DeclarationError):
        return None


@dataclass(frozen=True, slots=True)
class _Laws:
    """Who may approve, by a configuration and with the agencies of what is judged."""

    sources: Sources
    language: Language
    agencies: Mapping[Siglas, Dependencia]
    today: date

    def regime(self, config: Config) -> Regime:
        return Regime(
            approving=config.aprobacion,
            roster=Roster.of(config, self.agencies),
            zone=ZoneInfo(config.organizacion.zona_horaria),
            today=self.today,
        )

    def former(self, blob: str) -> Regime | None:
        """Return what a version of cuentas.yaml had laid down; None for one that is not valid."""
        try:
            [(_, data)] = self.sources.blobs([blob])
            return self.regime(self.language.load_config(data))
        except DeclarationError:
            return None


def _unmerged(sources: Sources, tip: str, main: str | None, *, on_main_line: bool) -> frozenset[str]:
    if main is None or on_main_line:
        return frozenset()
    return frozenset(change.commit for change in sources.first_parent(tip, main))


def _edited(here: Declaration, sources: Sources, language: Language, tip: str, today: date) -> frozenset[AccountKey]:
    """Return the accounts that a working copy declares otherwise than the commit below it, lines aside."""
    files = _files(sources, tip)
    committed = language.load(
        (one for one in files if one.path != CONFIG), _config(files, language), today
    ).declaration
    if committed is None:
        return frozenset(here.accounts)

    def grounds(declaration: Declaration, key: AccountKey) -> object:
        one = declaration.accounts.get(key)
        agency = declaration.dependencias.get(one.account.dependencia) if one else None
        return one and replace(one, source=NOWHERE), agency and agency.oficios.get(one.oficio if one else "")

    return frozenset(key for key in here.accounts if grounds(here, key) != grounds(committed, key))


def _files(sources: Sources, commit: str | None) -> Sequence[TreeFile]:
    return sources.worktree() if commit is None else sources.tree(commit)


def _config(files: Sequence[TreeFile], language: Language) -> Config:
    for one in files:
        if one.path == CONFIG and one.data is not None:
            return language.load_config(one.data)
    raise ConfigurationError(
        "El repositorio no tiene cuentas.yaml.",
        remedy="¿Es este el repositorio de declaraciones? Indíquelo con «--repo CARPETA».",
    )


def read_trail(sources: Sources, language: Language, tip: str) -> Trail:
    """Trace the history of one line."""
    return Traces(sources, language.reader).trail(tip)


@dataclass(frozen=True, slots=True)
class _Merges:
    """The repository as the approver asks it: in batches, and of declarations only."""

    sources: Sources
    language: Language
    tip: str

    def graph(self) -> Iterable[Commit]:
        return self.sources.graph(self.tip)

    def comparisons(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[FileChange, ...]]:
        return list(self.sources.comparisons(pairs)) if pairs else []

    def versions(self, blobs: Iterable[str]) -> Mapping[str, Entries]:
        found: dict[str, Entries] = {}
        for blob, data in self.sources.blobs(blobs):
            with contextlib.suppress(ValueError):  # what cannot be read is left out: it may say anything
                found[blob] = self.language.entries(data)
        return found


def _baseline(trail: Trail, commit: str | None) -> frozenset[str]:
    if commit is None:
        return frozenset()
    if commit not in trail.position:
        raise ConfigurationError(
            f"«aprobacion.linea_base» nombra el commit {commit[:10]}, que no está en la rama principal.",
            remedy="Ponga un commit de la línea principal, o quítela.",
        )
    return frozenset(one for one, place in trail.position.items() if place <= trail.position[commit])

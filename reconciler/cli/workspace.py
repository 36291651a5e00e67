"""The wiring: a repository of declarations, its configuration, its target, its record and its spool."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from reconciler import bitacora, declaration
from reconciler.cli.forging import forge_at, opened_forge
from reconciler.cli.letterhead import letterhead, logo_problems
from reconciler.cli.screen import note
from reconciler.cli.sending import Transport, transport
from reconciler.cli.settings import Settings, mail_config, target_config
from reconciler.config import KEY, Config, CorreoArchivo, Destino, DestinoAD, DestinoEmbebido, Forja
from reconciler.embedded import EmbeddedTarget
from reconciler.engine.desired import Desired, Language, read_config, read_desired
from reconciler.engine.ports import Forge, Target
from reconciler.engine.witness import Hearsay
from reconciler.errors import ConfigurationError, DeclarationError, Problem, RefusedError, UsageError
from reconciler.events import Event
from reconciler.letterhead import Letterhead
from reconciler.model import TreeFile
from reconciler.post.proof import Greeting
from reconciler.repository import Repository
from reconciler.spool import AgeSpool, NoSpool, SheetWriter, Shelf

BITACORA = "bitacora"
"""The branch that the record lives on."""

Section = TypeVar("Section", bound=BaseModel)

LANGUAGE = Language(
    load=declaration.load,
    load_config=declaration.load_config,
    entries=declaration.entries,
    reader=lambda: declaration.Reader().read,
)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass
class Workspace:
    """Everything that a command works with; open it with `opened`.

    `revision` is the commit asked for, None for the tip of the main branch. `asks_forge` says whether the forge
    may be asked who reviewed a merge, where the record does not know and the rules want it. `heard` is what the
    record says, where something else than its own reading tells.
    """

    repository: Repository
    settings: Settings
    revision: str | None
    worktree: bool
    asks_forge: bool = True
    heard: Callable[[], Sequence[Event]] | None = None

    @cached_property
    def tip(self) -> str:
        """The commit that is read, 40 hex digits."""
        if self.revision:
            return self.repository.resolve(self.revision)
        branch = self.repository.main_branch()
        tip = self.repository.head_of(branch)
        if tip is None:
            raise UsageError(
                f"El repositorio no tiene la rama «{branch}».",
                remedy=f"Tráigala con «git switch {branch}», o indique el commit con «--at».",
            )
        return tip

    @cached_property
    def config(self) -> Config:
        """The configuration as of the commit (or the working copy)."""
        return read_config(self.repository, LANGUAGE, None if self.worktree else self.tip)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The institution's time zone."""
        return ZoneInfo(self.config.organizacion.zona_horaria)

    @property
    def today(self) -> date:
        """Today's date where the institution is."""
        return now().astimezone(self.zone).date()

    def today_by(self, config: Config) -> date:
        """Return today's date where an institution is that some configuration describes."""
        return now().astimezone(ZoneInfo(config.organizacion.zona_horaria)).date()

    @cached_property
    def desired(self) -> Desired:
        """The declaration, validated, with its history."""
        return read_desired(
            self.repository,
            LANGUAGE,
            self.tip,
            self.published,
            self.today,
            worktree=self.worktree,
            hearsay=self._hearsay,
        )

    @property
    def _hearsay(self) -> Hearsay:
        """What the record and the forge say of merges."""
        return Hearsay(record=self._recorded, forge=self._asked_forge if self.asks_forge else None)

    @contextlib.contextmanager
    def _asked_forge(self) -> Iterator[Forge]:
        """Open the forge to ask who reviewed merges, those of the configuration too: Git alone proves its address.

        Raises:
            ConfigurationError: nothing says where it is, or what does was not approved, as far as Git tells.

        """
        main = self._main_line
        if main is None:
            raise ConfigurationError(
                "Este clon no tiene la rama principal publicada, con toda su historia.",
                remedy="Tráigala con «git fetch» (y «--unshallow» si el clon es superficial).",
            )
        fault = main.approver.unreviewed_config_fault()
        if fault:
            raise ConfigurationError(
                f"La configuración que dice dónde está no está aprobada; commit {fault.commit[:10]}: {fault.reason}.",
                remedy="Podría mandar su testigo (token) a quien no debe. Revise cuentas.yaml.",
            )
        with opened_forge(main.config, self.settings, self.repository) as forge:
            yield forge

    def _recorded(self) -> Sequence[Event]:
        if self.heard:
            return self.heard()
        with self.record() as record:
            return record.events()

    def fork_of(self, rev: str) -> str:
        """Return the commit where this line of history left a revision's.

        A branch is not to blame for what happened on its base after it was cut.

        Raises:
            UsageError: there is no such revision, or they share no history.

        """
        commit = self.repository.merge_base(self.repository.resolve(rev), self.tip)
        if commit is None:
            raise UsageError(f"«{rev}» no comparte historia con lo que se revisa.", remedy="Corrija «--base».")
        return commit

    @property
    def published(self) -> str | None:
        """The main branch's tip where it is published: the remote's, as last fetched, or the only one."""
        branch, remote = self.repository.main_branch(), self.repository.main_remote()
        if remote is not None:
            return self.repository.remote_head_of(remote, branch)
        return self.repository.head_of(branch)

    @cached_property
    def _main_line(self) -> Desired | None:
        """The published main line, read whole; None where this clone does not have all of it."""
        main = self.published
        if main is None or self.repository.is_shallow():
            return None
        if self.worktree or main != self.tip:
            return read_desired(
                self.repository, LANGUAGE, main, main, self.today, worktree=False, hearsay=self._hearsay
            )
        return self.desired

    def _approved(self, what: str, secret: str) -> Config:
        """Return the configuration of the published main line, all of it approved: it says where a secret goes.

        Raises:
            RefusedError: somebody pushed some of it around review, or nobody can tell.

        """
        main = self._main_line
        if main is None:
            raise RefusedError(
                f"No se abre {what}: este clon no tiene la rama principal publicada, con toda su historia.",
                remedy="Tráigala con «git fetch» (y «--unshallow» si el clon es superficial).",
            )
        fault = main.approver.config_fault()
        if fault:
            raise RefusedError(
                f"No se abre {what}: la configuración no está aprobada; commit {fault.commit[:10]}: {fault.reason}.",
                remedy=f"Podría mandar {secret} a quien no debe. Revise cuentas.yaml y, si es buena, fusione un pull "
                "request que ponga «aprobacion.linea_base» en un commit posterior.",
            )
        return main.config

    @cached_property
    def _approved_config(self) -> Config:
        """The approved configuration, for a real target."""
        return self._approved("el destino", "la contraseña de la cuenta de servicio")

    @property
    def has_forge(self) -> bool:
        """Whether the published main line, or this machine, says where pull requests are."""
        main = self.published
        found = read_config(self.repository, LANGUAGE, main).forja if main else None
        return bool(found or self.settings.forja)

    @property
    def forge_config(self) -> Forja:
        """Where pull requests are: as approved on the main line, whatever commit is looked at; the token goes there.

        Raises:
            ConfigurationError: nothing says where, or not well.
            RefusedError: the configuration is not approved.

        """
        return forge_at(self._approved("la forja", "su testigo (token)"), self.settings, self.repository.path)

    @contextlib.contextmanager
    def forge(self) -> Iterator[Forge]:
        """Open where pull requests are, as `forge_config` says; closed on the way out.

        Raises:
            ConfigurationError: as `forge_config`; or its authority or its token cannot be read.
            RefusedError: the configuration is not approved.

        """
        config = self._approved("la forja", "su testigo (token)")
        with opened_forge(config, self.settings, self.repository) as forge:
            yield forge

    def target_name(self, asked: str | None) -> str:
        """Return the name of the target asked for, to read what the record says of it; nothing is opened."""
        return target_config(self.config, self.settings, asked)[0]

    def _chosen(self, asked: str | None) -> tuple[Config, str, Destino]:
        """Return the target asked for, and the configuration that says what it is."""
        _ = self.desired
        name, target = target_config(self.config, self.settings, asked)
        if isinstance(target, DestinoEmbebido):
            return self.config, name, target
        return self._approved_config, *target_config(self._approved_config, self.settings, asked)

    @contextlib.contextmanager
    def target(
        self, asked: str | None, welcome: Callable[[Workspace], Greeting] | None = None
    ) -> Iterator[tuple[str, Target]]:
        """Open the target that was asked for, with its name; closed on the way out.

        `welcome` gives, where deliveries are to be proven, what writes a new mailbox's first message; without it
        no creation can be finished there.

        An invalid declaration is said first, and opens nothing. Where a real directory is, only what was
        approved on the main branch says, whatever commit is looked at.
        """
        _, name, config = self._chosen(asked)
        target: Target
        if isinstance(config, DestinoEmbebido):
            target = EmbeddedTarget(self.repository.home / config.archivo)
        else:
            config = _anchored(config, self.repository.path)
            proves = config.exchange is not None and config.exchange.prueba_entrega is not None
            target = _directory(config, welcome(self) if welcome and proves else None)
        try:
            yield name, target
        finally:
            target.close()

    @contextlib.contextmanager
    def post(self, asked: str | None) -> Iterator[Transport]:
        """Open what sends mail for a target; closed on the way out.

        With the embedded target nobody gets any. For a real one, only what was approved on the main branch says
        where letters and the mailbox's password go, whatever commit is looked at. Each target has its own copies:
        what a laboratory was told is no letter that production has sent.
        """
        config, name, target = self._chosen(asked)
        nowhere = CorreoArchivo(remitente=config.correo.remitente, carpeta=config.correo.carpeta)
        mail = nowhere if isinstance(target, DestinoEmbebido) else mail_config(config, self.settings)
        opened = transport(mail, config.mesa_de_ayuda, self.repository.home / mail.carpeta / name)
        try:
            yield opened
        finally:
            opened.post.close()

    @contextlib.contextmanager
    def delivering(self, asked: str | None) -> Iterator[Transport]:
        """Open what sends mail for a target, as `post` does, where it gets to somebody.

        With the embedded target everything is a trial, and a letter in its folder is as real as its accounts.

        Raises:
            ConfigurationError: the target is a real one, and letters would be left in a folder: nobody would be told.

        """
        config, _, target = self._chosen(asked)
        mail = config.correo
        if not isinstance(target, DestinoEmbebido) and isinstance(mail_config(config, self.settings), CorreoArchivo):
            raise ConfigurationError(
                f"Nada sale: con «correo: via: {mail.via}» las cartas se quedan en una carpeta y nadie las recibe.",
                remedy="Ponga en cuentas.yaml, por pull request, el correo de la institución («via: ews» o «smtp»). "
                "A quien se le avise de otro modo, anótelo con «cuentas order told».",
            )
        with self.post(asked) as opened:
            yield opened

    @cached_property
    def branch(self) -> bitacora.Branch:
        """The branch of the bitácora."""
        return self.repository.branch(BITACORA, self.repository.main_remote())

    @cached_property
    def operator(self) -> str | None:
        """Who is at work, as this clone's Git says: the key of their institutional account; None where it has none.

        It is what they say of themselves: testimony for an auditor, and no proof.
        """
        try:
            local, _, domain = self.repository.person().email.partition("@")
        except UsageError:
            return None
        known = domain in self.config.dominios and re.fullmatch(KEY, local)
        return local if known else None

    @property
    def record_folder(self) -> Path:
        """Where this clone keeps what is not published yet."""
        return self.repository.git_dir / "cuentas"

    def record(self, run: str | None = None) -> bitacora.Bitacora:
        """Open the record for a run, or (without one) to read it; close it after use."""
        return bitacora.Bitacora(self.branch, self.record_folder, run or bitacora.new_run(now))

    def shelf(self, target: str) -> Shelf:
        """Return where a target's sealed sheets are."""
        return Shelf(self.repository.home / self.config.entrega.carpeta, target)

    def spool(self, target: str) -> AgeSpool | NoSpool:
        """Return what seals a target's first passwords, as the commit that is read says whom for."""
        recipient = self.config.entrega.destinatario
        if recipient is None:
            return NoSpool()
        writer = SheetWriter(self.desired.declaration, self.config, lambda: self.letterhead)
        return AgeSpool(self.shelf(target), recipient, writer, lambda: now().astimezone(self.zone))

    @cached_property
    def letterhead(self) -> Letterhead:
        """The head and the foot of every document.

        Raises:
            ConfigurationError: its logo is not there, or cannot be drawn.

        """
        return letterhead(self.config, self.files)

    def logo_problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the documents' logo; nothing where the configuration itself cannot be read."""
        try:
            return logo_problems(self.config, self.files)
        except (ConfigurationError, DeclarationError):
            return ()

    def files(self, prefixes: tuple[str, ...]) -> tuple[TreeFile, ...]:
        """Return files as the commit that is read has them, or the working copy."""
        return self.repository.worktree(prefixes) if self.worktree else self.repository.tree(self.tip, prefixes)

    def destination(self, asked: str | None) -> tuple[Config, str, Destino]:
        """Return the target asked for, its files in their place, and the configuration that says what it is.

        An invalid declaration is said first, and what is not approved names no real target.
        """
        config, name, target = self._chosen(asked)
        if isinstance(target, DestinoEmbebido):
            return config, name, target.model_copy(update={"archivo": self.repository.home / target.archivo})
        return config, name, _anchored(target, self.repository.path)


def _anchored(section: Section, folder: Path) -> Section:
    """Return a section with its files as seen from the repository, like every other path of cuentas.yaml."""
    changes: dict[str, object] = {}
    for name, value in section:
        if isinstance(value, Path):
            changes[name] = folder / value
        elif isinstance(value, BaseModel):
            changes[name] = _anchored(value, folder)
    return section.model_copy(update=changes)


def _directory(config: DestinoAD, greeting: Greeting | None) -> Target:
    """Open Active Directory, with Exchange where it is configured; their libraries take long to import."""
    if config.exchange:
        from reconciler.joined import ExchangeTarget  # noqa: PLC0415 -- only this needs pypsrp

        return ExchangeTarget(config, note, greeting)
    from reconciler.directory import AdTarget  # noqa: PLC0415 -- only this needs ldap3

    return AdTarget(config)


@contextlib.contextmanager
def opened(
    repo: Path, *, at: str | None = None, worktree: bool = False, asks_forge: bool = True
) -> Iterator[Workspace]:
    """Open the repository of declarations at a folder, and close it on the way out."""
    if at and worktree:
        raise UsageError("«--at» y «--worktree» no van juntas.", remedy="Deje solo una de las dos.")
    repository = Repository.open(repo)
    try:
        yield Workspace(repository, Settings(), at, worktree, asks_forge)
    finally:
        repository.close()

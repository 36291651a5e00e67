"""history: who asked for what, who approved it and what was done, as Git and the record tell it."""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.applying import VERSION
from reconciler.cli.planning import recorded
from reconciler.cli.screen import note, say_folded
from reconciler.cli.workspace import LANGUAGE, Workspace, opened
from reconciler.config import Aprobacion
from reconciler.engine.traces import reader
from reconciler.errors import UsageError
from reconciler.events import Event
from reconciler.evidence import Frozen
from reconciler.history import CommitChange
from reconciler.index import Index
from reconciler.model import AccountKey
from reconciler.report.history import COLUMN, Deeds, Moment, as_text, deeds, moments, ordered_by
from reconciler.report.words import person
from reconciler.repository import Repository
from reconciler.roster import Person, written
from reconciler.trail import Entries, Trail

INDEX = "indice.sqlite"
"""The index's file, beside what this clone has not published yet of the record."""

_SHOWN = 8


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(history)


def history(  # noqa: PLR0913, PLR0917 -- what narrows it, and what every look has
    account: Annotated[str | None, typer.Argument(metavar="CUENTA", help="Clave o dirección.")] = None,
    oficio: Annotated[
        str | None, typer.Option("--oficio", metavar="NÚMERO", help="Las cuentas de un oficio.")
    ] = None,
    approver: Annotated[
        str | None,
        typer.Option("--aprobador", metavar="QUIÉN", help="Lo que aprobó alguien: clave, correo o nombre."),
    ] = None,
    since: Annotated[str | None, typer.Option("--desde", metavar="FECHA", help="Desde este día.")] = None,
    until: Annotated[str | None, typer.Option("--hasta", metavar="FECHA", help="Hasta este día, inclusive.")] = None,
    repo: options.Repo = Path(),
    at: options.At = None,
    format: options.ListFormat = options.TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Cuenta quién pidió una cuenta, quién la aprobó y qué se hizo. Une lo que dicen Git y la bitácora.

    Lo que se pida junto tiene que cumplirse a la vez; con «--aprobador» solo se cuenta lo de Git que aprobó.

    Ejemplos: cuentas history juan.perez; cuentas history --oficio SAF/DA/0123/2026 --desde 2026-04-01
    """
    if not any((account, oficio, approver, since, until)):
        raise UsageError(
            "Falta decir de qué.",
            remedy="Dé una cuenta, un oficio («--oficio»), quien aprobó («--aprobador») o fechas («--desde», "
            "«--hasta»); juntos, se cumplen a la vez.",
        )
    first, last = _read_day(since, "--desde"), _read_day(until, "--hasta")
    if first and last and last < first:
        raise UsageError(f"«--hasta» ({last}) es anterior a «--desde» ({first}).", remedy="Intercámbielas.")
    with opened(repo, at=at, asks_forge=False) as workspace, followed(workspace) as index:
        asked = _Asked(workspace, index, recorded(workspace), _span(first, last, workspace))
        found = asked.told(account, oficio, approver)
        if format is options.TextOrJson.JSON:
            typer.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
            return
        for key, ones in found.items():
            for line in as_text(key, ones, workspace.zone):
                say_folded(line, COLUMN)


@contextmanager
def followed(workspace: Workspace) -> Iterator[Index]:
    """Open the index of a workspace, brought to its commit; where it cannot be kept, a line says so."""
    with Index(workspace.record_folder / INDEX, VERSION) as index:
        whole = not workspace.repository.is_shallow()  # a line that begins elsewhere tomorrow is not worth keeping
        unkept = index.follow(workspace.tip, MainLine(workspace.repository), keep=whole)
        if unkept:
            note(f"El índice de la historia no se pudo guardar ({unkept}): la próxima vez se hará de nuevo.")
        yield index


@dataclass(frozen=True, slots=True)
class MainLine:
    """The repository as the index asks it."""

    repository: Repository

    def commits(self, tip: str, since: str | None) -> Sequence[CommitChange] | None:
        """Return what a line has and `since` lacks; None where this clone knows no such commit."""
        try:
            return list(self.repository.first_parent(tip, since))
        except UsageError:
            return None

    def reader(self, commits: Sequence[CommitChange]) -> Callable[[str], Entries]:
        """Return what reads the versions that commits left, in order."""
        return reader(self.repository, LANGUAGE.reader(), commits)

    def authors(self, commits: Sequence[str]) -> Mapping[str, str]:
        """Return who wrote each of some commits."""
        return self.repository.authors(commits)


Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _Approved:
    """What somebody approved: everything merged under these names (`name <e-mail>`), and these merges."""

    names: frozenset[str]
    merges: frozenset[str]


@dataclass(frozen=True)
class _Asked:
    """What was asked, answered: accounts that fit everything, and what of each is to be told."""

    workspace: Workspace
    index: Index
    events: Sequence[Event]
    span: Span | None

    def told(self, account: str | None, oficio: str | None, approver: str | None) -> dict[AccountKey, list[Moment]]:
        """Return the moments to be told of every account that fits, by key.

        Raises:
            UsageError: there is nothing; says which part of the question found nothing.

        """
        record = deeds(self.events)
        approved = None if approver is None else self._approved(approver, record.merges)
        sets = [
            *([{self._account(account, record)}] if account else []),
            *([self._of_oficio(oficio)] if oficio else []),
            *([self._by(approved)] if approved else []),
            *([self._within(self.span, record)] if self.span else []),
        ]
        keys = sorted(set.intersection(*sets))
        trail = self.index.trail(keys)
        authors = self.index.proposers(trail.commits.values())
        every = ((key, self._fitting(moments(key, trail, record, authors), trail, approved)) for key in keys)
        found = {key: ones for key, ones in every if ones}
        if not found:
            raise UsageError(
                "En la historia no hay nada que cumpla todo eso a la vez.",
                remedy="Quite alguna condición, o amplíe las fechas.",
            )
        return found

    def _account(self, account: str, record: Deeds) -> AccountKey:
        """Return an account that Git knows of, or the record: a request may wait for its pull request."""
        key = AccountKey(account.partition("@")[0].lower())
        if self.index.knows(key) or key in record.of:
            return key
        alike = difflib.get_close_matches(key, {*self.index.keys(), *record.of}, n=3)
        raise _nothing(account, f"¿Será {' o '.join(alike)}?" if alike else "Revise cómo está escrita en accounts/.")

    def _of_oficio(self, oficio: str) -> set[AccountKey]:
        keys = {*self.index.named_by(oficio), *ordered_by(oficio, self.events)}
        if not keys:
            raise _nothing(oficio, "Revise cómo está escrito en accounts/, con sus siglas y su año.")
        return keys

    def _approved(self, asked: str, record: Mapping[str, Frozen]) -> _Approved:
        """Return what somebody approved: what they merged, and the merges that the record has them as approver of."""
        merged, approval = self.index.approvers(), self.workspace.config.aprobacion
        names = _named(asked, merged, approval)
        called = _called(asked, names, approval)
        merges = frozenset(merge for merge, one in record.items() if called & set(map(str.casefold, one.approvers)))
        if not names and not merges:
            known = sorted({*map(person, merged), *(name for one in record.values() for name in one.approvers)})
            said = ", ".join(known[:_SHOWN])
            raise _nothing(asked, f"Han aprobado: {said}." if said else "Nadie ha fusionado nada todavía.")
        return _Approved(names, merges)

    def _by(self, approved: _Approved) -> set[AccountKey]:
        return {*self.index.approved_by(approved.names), *self.index.moved_by(approved.merges)}

    def _within(self, span: Span, record: Deeds) -> set[AccountKey]:
        noted = {key for key, ones in record.of.items() if any(span[0] <= one.at < span[1] for _, one in ones)}
        return {*self.index.moved_between(*span), *noted}

    def _fitting(self, ones: list[Moment], trail: Trail, approved: _Approved | None) -> list[Moment]:
        if self.span:
            ones = [one for one in ones if self.span[0] <= one.at < self.span[1]]
        if approved is not None:
            mine = {one.commit for one in trail.commits.values() if one.is_merge and one.author in approved.names}
            ones = [one for one in ones if one.commit in mine | approved.merges]
        return ones


def _nothing(asked: str, remedy: str) -> UsageError:
    return UsageError(f"En la historia no hay nada de «{asked}».", remedy=remedy)


def _named(asked: str, people: Collection[str], approval: Aprobacion) -> frozenset[str]:
    """Return those of some people (`name <e-mail>`) that a key of `aprueban`, an address or a name stands for."""
    entry = approval.aprueban.get(asked.strip().lower())
    if entry:
        known = Person.of(entry.correos, [entry.usuario])
        return frozenset(one for one in people if known.is_also(written(one)))
    wanted = _folded(asked)
    return frozenset(
        one for one in people if wanted == _folded(person(one)) or asked.strip().casefold() in written(one).addresses
    )


def _called(asked: str, names: Collection[str], approval: Aprobacion) -> frozenset[str]:
    """Return how the record calls somebody: by their key in `aprueban`, or as the forge does where they have none."""
    wanted = asked.strip().casefold()
    found = {wanted}
    for key, entry in approval.aprueban.items():
        known = Person.of(entry.correos, [entry.usuario])
        ways = {key, *entry.correos, *([entry.usuario] if entry.usuario else [])}
        if wanted in map(str.casefold, ways) or any(known.is_also(written(one)) for one in names):
            found.add(key.casefold())
    return frozenset(found)


def _folded(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).casefold().split())


def _read_day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"«{text}» no es una fecha en «{option}».", remedy="Escríbala como 2026-11-27: año, mes y día."
        ) from None


def _span(first: date | None, last: date | None, workspace: Workspace) -> Span | None:
    """Return the moments that local days begin and end with."""
    if first is None and last is None:
        return None
    begin = datetime.combine(first or date(1970, 1, 1), time.min, workspace.zone)
    end = datetime.combine((last or date(9998, 1, 1)) + timedelta(days=1), time.min, workspace.zone)
    return begin, end


def _plain(found: Mapping[AccountKey, Sequence[Moment]]) -> dict[str, list[dict[str, object]]]:
    return {key: [_as_data(one) for one in ones] for key, ones in found.items()}


def _as_data(moment: Moment) -> dict[str, object]:
    data: dict[str, object] = {
        "cuando": moment.at.isoformat(),
        "fuente": moment.source,
        "que": moment.what,
        "detalle": moment.particulars,
    }
    if moment.commit:
        data["commit"] = moment.commit
    if moment.pull is not None:
        data["pull_request"] = moment.pull
    if moment.known:
        data["aprobadores"] = list(moment.known.approvers)
        if moment.known.signature:
            data["firma"] = moment.known.signature.state.value
    return data

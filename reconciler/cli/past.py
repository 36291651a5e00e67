"""history: who asked for what, who approved it and what was done, as Git and the record tell it."""

from __future__ import annotations

import difflib
import json
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
from reconciler.cli.vouching import Approver, Vouchers
from reconciler.cli.workspace import LANGUAGE, Workspace, opened
from reconciler.engine.traces import reader
from reconciler.errors import UsageError
from reconciler.events import Event
from reconciler.history import CommitChange
from reconciler.index import Index
from reconciler.model import AccountKey
from reconciler.report.history import COLUMN, Deeds, Moment, as_text, deeds, moments, ordered_by
from reconciler.report.words import person
from reconciler.repository import Repository
from reconciler.trail import Entries

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
        events = recorded(workspace)
        vouchers = Vouchers.of(events, workspace.config.aprobacion, workspace.zone)
        asked = _Asked(workspace, index, events, vouchers, _span(first, last, workspace))
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


@dataclass(frozen=True)
class _Asked:
    """What was asked, answered: accounts that fit everything, and what of each is to be told."""

    workspace: Workspace
    index: Index
    events: Sequence[Event]
    vouchers: Vouchers
    span: Span | None

    def told(self, account: str | None, oficio: str | None, approver: str | None) -> dict[AccountKey, list[Moment]]:
        """Return the moments to be told of every account that fits, by key.

        Raises:
            UsageError: there is nothing; says which part of the question found nothing.

        """
        whom = None if approver is None else self._approver(approver)
        record = deeds(self.events)
        sets = [
            *([{self._account(account, record)}] if account else []),
            *([self._of_oficio(oficio)] if oficio else []),
            *([self._approved_by(whom)] if whom else []),
            *([self._within(self.span, record)] if self.span else []),
        ]
        keys = sorted(set.intersection(*sets))
        trail = self.index.trail(keys)
        authors = self.index.proposers(trail.commits.values())
        beyond = self.vouchers.beyond(trail.commits.values())
        mine = {one.commit for one in trail.commits.values() if whom.approved(one, beyond)} if whom else None
        every = ((key, self._fitting(moments(key, trail, record, authors, beyond), mine)) for key in keys)
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

    def _approver(self, asked: str) -> Approver:
        """Return whoever merged or reviewed and is whom was asked for."""
        merged = self.index.approvers()
        found = self.vouchers.named(asked, merged)
        if not found.names and not found.keys:
            reviewers = {key for keys in self.vouchers.reviewed.values() for key in keys}
            known = ", ".join(sorted({person(one) for one in merged} | reviewers)[:_SHOWN])
            raise _nothing(asked, f"Han aprobado o fusionado: {known}." if known else "Nadie ha fusionado todavía.")
        return found

    def _approved_by(self, whom: Approver) -> set[AccountKey]:
        """Return at least the accounts on which somebody approved anything."""
        reviewed = [merge for merge, keys in self.vouchers.reviewed.items() if not whom.keys.isdisjoint(keys)]
        return {*self.index.approved_by(whom.names), *self.index.moved_by(reviewed)}

    def _within(self, span: Span, record: Deeds) -> set[AccountKey]:
        noted = {key for key, ones in record.of.items() if any(span[0] <= one.at < span[1] for _, one in ones)}
        return {*self.index.moved_between(*span), *noted}

    def _fitting(self, ones: list[Moment], mine: Collection[str] | None) -> list[Moment]:
        if self.span:
            ones = [one for one in ones if self.span[0] <= one.at < self.span[1]]
        return ones if mine is None else [one for one in ones if one.commit in mine]


def _nothing(asked: str, remedy: str) -> UsageError:
    return UsageError(f"En la historia no hay nada de «{asked}».", remedy=remedy)


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

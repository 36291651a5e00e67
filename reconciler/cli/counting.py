"""What reports count: a target's orders as the record tells them, now or as it was when another one was printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reconciler.bitacora import Bitacora
from reconciler.cli.recording import refreshed
from reconciler.cli.workspace import Workspace
from reconciler.errors import UsageError
from reconciler.events import Event
from reconciler.lateness import Terms
from reconciler.orders import Order, orders
from reconciler.statements.statement import Evidence

_SHORTEST = 12
"""Characters of a digest that name it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the record tells of one target, narrowed to an agency where one was asked for."""

    events: Sequence[Event]
    orders: Sequence[Order]
    terms: Terms
    evidence: Evidence
    agency: str | None


def counted(workspace: Workspace, target: str | None, agency: str | None, until: str | None) -> Told:
    """Return what the record tells of a target, of an agency where one is named: all of it, or up to a digest.

    The remote is asked first: what the Director signs is not what some clone happened to know.

    Raises:
        UsageError: there is no such agency, or nothing on record has that digest.

    """
    name = workspace.target_name(target)
    with workspace.record() as record:
        fresh = refreshed(record)
        events, evidence = record.events(), _evidence(workspace, name, record)
        if until is not None:
            events, evidence = _until(until, record, evidence)
        elif not fresh:
            evidence = replace(evidence, stale=True)
    found = list(orders(events, name).values())
    siglas = siglas_of(workspace, found, agency)
    narrowed = [one for one in found if siglas is None or one.dependencia == siglas]
    return Told(events, narrowed, Terms.of(workspace.config.plazos, workspace.zone), evidence, siglas)


def _evidence(workspace: Workspace, target: str, record: Bitacora) -> Evidence:
    return Evidence(
        target=target,
        head=record.head(),
        events=record.length(),
        waiting=len(record.events()) - record.length(),
        today=workspace.today,
        organization=workspace.config.organizacion,
        commit=workspace.tip,
    )


def _until(digest: str, record: Bitacora, evidence: Evidence) -> tuple[Sequence[Event], Evidence]:
    """Return what was on record where a report printed a digest; its first characters are enough.

    Raises:
        UsageError: there is none such, or more than one.

    """
    found = record.ending(digest.strip().lower()) if len(digest.strip()) >= _SHORTEST else ()
    if len(found) != 1:
        raise UsageError(
            f"En la bitácora no hay un hecho con la huella «{digest}».",
            remedy=f"Cópiela del informe, al menos {_SHORTEST} caracteres.",
        )
    events = record.events()[: found[0].n]
    return events, replace(evidence, head=found[0].digest, events=found[0].n, waiting=0)


def siglas_of(workspace: Workspace, found: Iterable[Order], agency: str | None) -> str | None:
    """Return an agency as orders name it; the declaration is only read for one that has none.

    Raises:
        UsageError: there is no such agency.

    """
    if agency is None:
        return None
    known = {one.dependencia.casefold(): one.dependencia for one in found}
    if agency.casefold() not in known:
        declared = workspace.desired.declaration.dependencias
        known |= {siglas.casefold(): siglas for siglas in declared}
    if agency.casefold() not in known:
        raise UsageError(
            f"No hay una dependencia «{agency}».", remedy=f"Las que hay: {', '.join(sorted(known.values()))}."
        )
    return known[agency.casefold()]

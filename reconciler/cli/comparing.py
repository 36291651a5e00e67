"""The verdict on a pull request: every rule of its base, applied to all that it proposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.cli.comparison import Comparison
from reconciler.cli.exposing import exposures
from reconciler.cli.settings import target_config
from reconciler.cli.texts import template_problems
from reconciler.cli.workspace import Workspace
from reconciler.errors import ConfigurationError, Problem, RecordError
from reconciler.model import Declaration
from reconciler.orders import Order, OrderKey, by_oficio, orders
from reconciler.pull import (
    PULL_REQUEST,
    Kind,
    Proposal,
    Side,
    author_problems,
    headcount_warnings,
    judge,
    proposing_problems,
    scope_problems,
)
from reconciler.roster import Roster


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything there is to say, and what follows from it in a sentence."""

    problems: tuple[Problem, ...]
    summary: str


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
    found = [*scope_problems(there.scope, there.changes), *exposures(there)]
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
    after, problems = there.declared(there.after, there.config)
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
        for commit in dict.fromkeys((there.after, there.main)):
            found += there.declared(commit, config)[1]
        found += template_problems(there.workspace)
        found += there.workspace.logo_problems()
    roster = Roster.of(there.config, there.now_declared.dependencias if there.now_declared else {})
    return [*found, *proposing_problems(there.config, roster, there.person, there.workspace.today_by(there.config))]

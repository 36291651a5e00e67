"""How an apply ends: what was held is said, and the exit code is that of the worst that happened."""

from __future__ import annotations

from reconciler.cli.screen import say
from reconciler.engine.apply import Report
from reconciler.engine.propose import Proposal
from reconciler.errors import NotApprovedError, StalePlanError, StoppedError, TargetError
from reconciler.plan import Disable, Result, change_id
from reconciler.report.words import VERB_WORDS, some

_NAMED = 20
"""Changes that were not shown which are named; the rest are counted."""


def say_held(proposal: Proposal) -> None:
    """Say, once for each account, what nobody approved and which commit is at fault; and what was not shown."""
    held = ((change.key, proposal.unapproved.get(change_id(change))) for change in proposal.plan.changes)
    for key, fault in dict.fromkeys((key, fault) for key, fault in held if fault):
        say(f"  ! {key}: sin aprobar; commit {fault.commit[:10]}: {fault.reason}.", "red")
    _say_withheld(proposal)


def _say_withheld(proposal: Proposal) -> None:
    withheld = [one for one in proposal.plan.changes if change_id(one) in proposal.withheld]
    for change in withheld[:_NAMED]:
        held = proposal.withheld[change_id(change)]
        why = "se retiene: espera a otro paso de su cuenta" if held.shown else "se retiene: no se mostró"
        pull = f" (pull request {held.pull_request})" if held.pull_request else ""
        say(f"  ! {VERB_WORDS[change.verb]} de {change.key}: {why}{pull}.", "yellow")
    if len(withheld) > _NAMED:
        say(f"  ! y {len(withheld) - _NAMED} más que no se mostraron.", "yellow")
    bajas = sum(isinstance(one, Disable) for one in withheld)
    if bajas:
        say(f"  ! Entre lo retenido hay {some(bajas, 'baja')}: esas cuentas siguen abiertas.", "red")


def conclude(report: Report) -> None:
    """Leave with the exit code of the worst that happened."""
    if report.unreachable:
        raise report.unreachable
    if report.stopped:
        raise StoppedError(
            "La corrida se interrumpió: lo hecho y lo que faltó quedaron en la bitácora.",
            remedy="Vuelva a correr «cuentas apply»: toma solo lo que falta.",
        )
    if not report.clean and not report.count(Result.REJECTED):
        raise TargetError(
            "De una parte del plan no se sabe si quedó hecha; lo demás se aplicó.",
            remedy="Vuelva a correr «cuentas apply»: relee lo que quedó en duda, y hace solo lo que falte.",
        )
    if not report.clean:
        raise TargetError(
            "El destino rechazó parte del plan; lo demás se aplicó.",
            remedy="Lea arriba el motivo de cada una, corríjalo y vuelva a correr «cuentas apply».",
        )
    if report.unapproved:
        raise NotApprovedError(
            f"Sin aplicar por falta de aprobación: {some(report.unapproved, 'cambio')}.",
            remedy="Arriba dice qué le falta a cada uno. Si es que lo apruebe quien puede, que lo haga en la forja "
            "y repita; si no, propóngalo en un pull request y que se fusione con «merge commit».",
        )
    if report.withheld:
        raise StalePlanError(
            f"Se retuvo lo que no se había mostrado: {some(report.withheld, 'cambio')}. Lo demás se aplicó.",
            remedy="Véalo con «cuentas plan»; si es bueno, guárdelo con «-o plan.json» y aplíquelo con «cuentas "
            "apply plan.json». Si el plan se hizo con «--only», repita esa opción en «apply».",
        )

"""What is said on a pull request once it was applied: counts and the run's name, and what was withheld of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reconciler.marker import RELEASED
from reconciler.plan import Change, Outcome, Result
from reconciler.report.inert import in_markdown
from reconciler.report.words import VERB_WORDS, counted, results
from reconciler.review import Unapproved

DONE = "cuentas:aplicado"
HELD = "cuentas:retenido"
"""The marks by which our own comments are found again."""

_MOST = 50
_RULE = "Se aplica lo que el plan de este pull request mostró antes de fusionarse, y esto no estaba en él."
_APPROVE = (
    "Qué hacer: si falta que lo apruebe en la forja quien puede, que lo haga, y lo toma la siguiente corrida; si no, "
    "se propone otra vez."
)
_REMEDY = (
    "Qué hacer: sale en el plan del siguiente pull request, o se aplica a mano con un plan leído "
    "(`cuentas plan -o plan.json` y `cuentas apply plan.json`)."
)


@dataclass(frozen=True, slots=True)
class HeldChange:
    """A change that was not made; `waits` means that it was shown, and another step of its account was not."""

    change: Change
    waits: bool


def done_in_markdown(outcomes: Sequence[Outcome], run: str) -> str:
    """Say how much of a pull request was done, by name of the run; whose accounts they are the record knows."""
    applied = [one.change for one in outcomes if one.result is Result.APPLIED]
    said = f"**Aplicado:** {counted(applied)}." if applied else "**No se aplicó nada de este pull request.**"
    lines = [said, "", f"Corrida `{run}`: {results(outcomes)}."]
    rest = Counter(one.result for one in outcomes if one.result is not Result.APPLIED)
    if rest:
        lines += ["", "El motivo de lo que falta está en la bitácora; la próxima corrida lo reintenta."]
    return "\n".join(lines) + "\n"


def released_in_markdown(outcomes: Sequence[Outcome], run: str, only: Collection[str] = ()) -> str:
    """Say that what had been withheld no longer is, and what came of it; in place of what had been said.

    Without outcomes another run tried it, that did not come to say so. `only` are the siglas that a run was narrowed
    to: of others it says nothing.
    """
    said = f"**Ya no hay nada retenido{_of(only)}.**"
    if not outcomes:
        return f"{said} Lo que se hizo de ello está en la bitácora.\n{_beyond(only)}{_released(only)}"
    applied = [one.change for one in outcomes if one.result is Result.APPLIED]
    done = f" Se aplicó: {counted(applied)}." if applied else ""
    rest = "" if len(applied) == len(outcomes) else " El motivo de lo que falta está en la bitácora."
    return f"{said}{done}\n\nCorrida `{run}`: {results(outcomes)}.{rest}\n{_beyond(only)}{_released(only)}"


def held_in_markdown(held: Sequence[HeldChange], only: Collection[str] = ()) -> str:
    """Say what a pull request brought and its plan did not show, and what to do; of some siglas, if so narrowed."""
    lines = [
        f"**Retenido, sin aplicar{_of(only)}: {counted([one.change for one in held])}.** {_RULE}",
        "",
        "| Movimiento | Cuenta | Por qué |",
        "|---|---|---|",
    ]
    for one in held[:_MOST]:
        why = "espera a otro paso de su cuenta" if one.waits else "no se mostró"
        cells = (VERB_WORDS[one.change.verb], one.change.key, why)
        lines.append("| " + " | ".join(in_markdown(cell) for cell in cells) + " |")
    if len(held) > _MOST:
        lines += ["", f"Y {len(held) - _MOST} más; todos están en la bitácora («cuentas history»)."]
    return "\n".join((*lines, "", _REMEDY)) + "\n" + _beyond(only)


def unapproved_in_markdown(held: Sequence[tuple[Change, Unapproved]], only: Collection[str] = ()) -> str:
    """Say what a pull request brought that nobody who may has approved, and why; of some siglas, if so narrowed."""
    count = counted([change for change, _ in held])
    lines = [f"**Sin aplicar{_of(only)}, porque le falta aprobación: {count}.**", ""]
    lines += [f"- {in_markdown(reason)}." for reason in dict.fromkeys(fault.reason for _, fault in held)]
    return "\n".join((*lines, "", _APPROVE)) + "\n" + _beyond(only)


def _of(only: Collection[str]) -> str:
    return f" de {', '.join(sorted(only))}" if only else ""


def _released(only: Collection[str]) -> str:
    return "" if only else f"\n<!-- {RELEASED} -->\n"


def _beyond(only: Collection[str]) -> str:
    return "\nLa corrida no miró otras dependencias: lo suyo no se dice aquí.\n" if only else ""


def approved_in_markdown() -> str:
    """Say that nothing waits for an approval any more; in place of what had been said."""
    return "**Ya nada de este pull request espera aprobación.**\n"

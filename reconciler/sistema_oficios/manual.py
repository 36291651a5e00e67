"""By hand: what a clerk has to capture, field by field, and its number asked for where somebody answers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import tzinfo

from reconciler.capture import Answer, Answers, Capture, capture, clean_number
from reconciler.orders import Order, Telling

_LABELS = {
    "numero": "Número",
    "tipo": "Tipo",
    "dependencia": "Dependencia",
    "oficio": "Oficio",
    "recibido": "Fecha de recepción",
    "cuenta": "Cuenta",
    "enlace": "Enlace",
    "estado": "Estado",
    "cierre": "Fecha de cierre",
}
"""The fields of the Sistema de Oficios, in the order of its screen; those that there are not are left out."""

_YES = frozenset({"s", "si", "sí"})


class ManualSystem:
    """Fits the engine's `OrderSystem`: `show` gets each line; `ask` (None: nobody is there) puts a question.

    An answer that is left empty leaves the order to be captured later, with `cuentas order capture`.
    """

    def __init__(self, zone: tzinfo, show: Callable[[str], None], ask: Callable[[str], str] | None = None) -> None:
        self._zone = zone
        self._show = show
        self._ask = ask

    def tell(self, order: Order, what: Telling) -> str | None:
        """Show what to capture, and return the number where somebody says it."""
        found = capture(order, what, self._zone)
        for line in lines(found):
            self._show(line)
        if self._ask is None:
            back = f"cuentas order capture {found.orden} --accion {what} --numero {found.numero or 'NÚMERO'}"
            self._show(f"  Al terminar: {back}")
            return None
        if found.numero is not None:
            return self._closed(found.numero)
        return self._number("Número que dio el Sistema de Oficios (Intro: más tarde)")

    def answers(self) -> Answers:
        """Return none: they come one by one."""
        return Answers()

    def settle(self, taken: Collection[Answer], due: Collection[tuple[str, Telling]]) -> None:
        """Do nothing: nothing is kept here."""

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def _closed(self, number: str) -> str | None:
        answer = self._ask(f"¿Ya cerró la orden {number} en el Sistema de Oficios? [s/N]") if self._ask else ""
        return number if answer.strip().casefold() in _YES else None

    def _number(self, question: str) -> str | None:
        while answer := (self._ask(question).strip() if self._ask else ""):
            number = clean_number(answer)
            if number is not None:
                return number
            self._show("  Eso no es un número de orden: un renglón de hasta 60 letras, números o signos.")
        return None


def lines(found: Capture) -> list[str]:
    """Return what a clerk copies: what to do, and each field with its label."""
    title = "Levantar en el Sistema de Oficios" if found.accion is Telling.OPEN else "Cerrar en el Sistema de Oficios"
    fields = found.fields()
    width = max(len(label) for label in _LABELS.values()) + 1
    rows = [f"  {label + ':':<{width}} {fields[name]}" for name, label in _LABELS.items() if fields[name]]
    return [f"{title}: orden {found.orden}", *rows]

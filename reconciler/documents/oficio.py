"""The draft of the letter by which an agency asks the Director for altas or bajas (PSDT-08, 5.1 and P2).

It is the agency's letter: its name at the head, no logo of ours, and a line wherever only the agency knows what goes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.model import Enlace, Movimiento

BLANK = "_" * 28
"""A line to write on, where something is not known."""

PRESENT = "P R E S E N T E"
RESPECTFULLY = "A T E N T A M E N T E"
_EMPTY_ROWS = 3
_WIDTH = 78


@dataclass(frozen=True, slots=True)
class Asked:
    """An account that the letter is about; "" is what is not known."""

    address: str
    name: str = ""
    post: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the letter says. `addressee` are the lines of whom it goes to; `dated` is its date in words."""

    movimiento: Movimiento
    organization: str
    agency: str
    addressee: Sequence[str]
    city: str
    dated: str
    number: str | None
    accounts: Sequence[Asked]
    enlace: Enlace | None
    post: str | None

    @property
    def subject(self) -> str:
        """What the letter is about."""
        noun = "una cuenta" if self._single else "cuentas"
        return f"se solicita {self.movimiento} de {noun} de correo electrónico oficial"

    @property
    def opening(self) -> tuple[str, ...]:
        """The lines at the right: number, subject, place and date."""
        return (
            f"Oficio núm. {self.number or BLANK}",
            f"Asunto: {self.subject}",
            f"{self.city}, a {self.dated}",
        )

    @property
    def request(self) -> str:
        """The paragraph that asks; the accounts come after it."""
        what = "se dé de {} la cuenta que se indica" if self._single else "se den de {} las cuentas que se indican"
        return (
            "De conformidad con el procedimiento PSDT-08, «Alta y Baja de Cuenta de Correo Electrónico Oficial», le "
            f"solicito atentamente que {what.format(self.movimiento)} a continuación, de esta dependencia:"
        )

    @property
    def closing(self) -> Iterator[str]:
        """The paragraphs after the accounts."""
        if self.movimiento is Movimiento.ALTA:
            whose = "de la cuenta" if self._single else "de cada cuenta"
            yield f"Se acompaña la Solicitud de Correo Electrónico (formato RSDT-08.01) con los datos {whose}."
        enlace = f"{self.enlace.name} ({self.enlace.email})" if self.enlace else BLANK
        yield f"El trámite lo lleva el enlace tecnológico de esta dependencia: {enlace}."
        yield "Sin otro particular, reciba un cordial saludo."

    @property
    def heads(self) -> tuple[str, str, str]:
        """What is said of each account."""
        if self.movimiento is Movimiento.ALTA:
            return ("Correo solicitado", "Nombre", "Puesto y área")
        return ("Cuenta", "Nombre", "Motivo de la baja")

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """A row for each account, or some to be filled in where none is named; why one goes the agency writes."""
        asked = self.accounts or [Asked("")] * _EMPTY_ROWS
        alta = self.movimiento is Movimiento.ALTA
        return [(one.address, one.name, one.post if alta else "") for one in asked]

    @property
    def signer(self) -> tuple[str, str]:
        """Who signs, and as what."""
        return "Nombre y firma", self.post or "Cargo de quien autoriza"

    @property
    def copies(self) -> tuple[str, ...]:
        """Who gets a copy."""
        enlace = self.enlace.name if self.enlace else BLANK
        return (f"c.c.p. {enlace}, enlace tecnológico. Para su seguimiento.", "c.c.p. Archivo.")

    @property
    def _single(self) -> bool:
        return len(self.accounts) == 1


def oficio_text(draft: Draft) -> str:
    """Return the letter as text, to go on writing in any editor."""
    lines = [draft.organization, draft.agency, ""]
    for text in draft.opening:
        lines += [line.rjust(_WIDTH) for line in textwrap.wrap(text, _WIDTH)]
    lines += ["", *draft.addressee, PRESENT, "", *textwrap.wrap(draft.request, _WIDTH), "", *_listed(draft)]
    for text in draft.closing:
        lines += [*textwrap.wrap(text, _WIDTH), ""]
    lines += [RESPECTFULLY, "", "", BLANK, *draft.signer, "", *draft.copies, ""]
    return "\n".join(lines)


def _listed(draft: Draft) -> Iterator[str]:
    """Yield each account as a short list, which survives any editor; a table made of spaces does not."""
    for number, row in enumerate(draft.rows, start=1):
        for place, (head, value) in enumerate(zip(draft.heads, row, strict=True)):
            start = f"{number:>3}. " if place == 0 else " " * 5
            yield f"{start}{head}: {value or BLANK}"
        yield ""

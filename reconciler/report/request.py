"""A request as its reviewer reads it: the commit's message and the pull request's text. Every value is inert."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.errors import Problem
from reconciler.intake import aliases_in
from reconciler.model import Dependencia, Movimiento, Oficio
from reconciler.report.inert import in_markdown, visible
from reconciler.request import LABELS, Request

_OF_ACCOUNT = ("tipo", "recurso", "nombre", "apellidos", "puesto", "area", "telefono", "responsable", "alias")
_OF_PERSON = ("vigencia", "entrega", "entrega_a", "entrega_motivo", "avisar_a", "motivo_baja")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """A request that was judged, with what it is about.

    `name` is whoever or whatever has the account, `returning` says that it comes back, `file` is where its entry
    stands, `warnings` are what whoever reviews has to look at, and `order` is its work order.
    """

    request: Request
    agency: Dependencia
    oficio: Oficio
    name: str
    returning: bool
    file: str
    usuario_ad: str
    warnings: tuple[Problem, ...]
    order: str


def title(view: RequestView) -> str:
    """Return the subject of the commit, and the title of its pull request: `Alta de juan.perez (SAF)`."""
    return f"{_movement(view)} de {view.request.clave} ({view.agency.siglas})"


def commit_message(view: RequestView) -> str:
    """Return a commit's message, with the oficio and the order as trailers; nothing personal but the key."""
    one = view.oficio
    body = f"La ampara un oficio del {one.dated}, recibido el {one.received}; la lleva {one.enlace}."
    return f"{title(view)}\n\n{body}\n\nOficio: {visible(one.number)}\nOrden: {view.order}\n"


def pull_request_body(view: RequestView) -> str:
    """Return the text of the pull request, in Markdown: what is asked, with which oficio, and what to check."""
    return "\n".join(_body(view)) + "\n"


def _movement(view: RequestView) -> str:
    if view.request.movimiento is Movimiento.BAJA:
        return "Baja"
    return "Reincorporación" if view.returning else "Alta"


def _body(view: RequestView) -> Iterator[str]:
    request, one = view.request, view.oficio
    address = f"{request.clave}@{view.agency.domain}"
    yield f"## {_movement(view)} de {in_markdown(address)}"
    yield ""
    yield f"{in_markdown(view.agency.name)} ({view.agency.siglas}). Se escribe en {in_markdown(view.file)}."
    yield ""
    yield "| Dato | Valor |"
    yield "|---|---|"
    yield f"| {LABELS['clave']} | {in_markdown(request.clave)} |"
    if request.movimiento is Movimiento.BAJA or view.returning:
        yield f"| De | {in_markdown(view.name)} |"
    for box in (*_OF_ACCOUNT, *_OF_PERSON):
        value = ", ".join(aliases_in(request.alias)) if box == "alias" else getattr(request, box)
        if value:
            yield f"| {LABELS[box]} | {in_markdown(value)} |"
    if view.usuario_ad:
        yield f"| Inicio de sesión | {in_markdown(view.usuario_ad)} |"
    yield ""
    yield from _oficio(view, one)
    if view.warnings:
        yield ""
        yield "### Conviene mirar"
        yield ""
        for warning in view.warnings:
            yield f"- {in_markdown(f'{warning.file}: {warning.message} {warning.remedy}')}"
    yield ""
    yield from _checklist(view)


def _oficio(view: RequestView, one: Oficio) -> Iterator[str]:
    enlace = view.agency.enlaces.get(one.enlace)
    handles = f"{enlace.name}, {enlace.email}" if enlace else one.enlace
    yield "### Oficio"
    yield ""
    yield "| Dato | Valor |"
    yield "|---|---|"
    yield f"| {LABELS['oficio']} | {in_markdown(one.number)} |"
    yield f"| {LABELS['fecha']} | {one.dated} |"
    yield f"| {LABELS['recibido']} | {one.received} |"
    yield f"| {LABELS['medio']} | {in_markdown(one.medium)} |"
    if one.signer:
        yield f"| {LABELS['firmante']} | {in_markdown(one.signer)} |"
    yield f"| {LABELS['enlace']} | {in_markdown(handles)} |"
    yield f"| Orden de trabajo | {view.order} |"


def _checklist(view: RequestView) -> Iterator[str]:
    yield "### Antes de aprobar"
    yield ""
    yield "- [ ] El oficio es el de la carta, con su fecha, y la carta pide justo esto (PSDT-08, política P2)."
    yield "- [ ] La lleva un enlace de la dependencia (política P3)."
    if view.request.movimiento is Movimiento.BAJA:
        yield "- [ ] La cuenta es la de quien se va, y sus cuentas compartidas tienen ya otro responsable."
    elif view.returning:
        yield "- [ ] Es la misma persona que tuvo la cuenta: recupera su dirección y su buzón."
    else:
        yield "- [ ] Los nombres, el puesto y el área son los de RSDT-08.01, y la clave no se presta a confusión."
        yield "- [ ] No lleva datos personales que no muestre un directorio institucional."
    if view.request.entrega == "correo":
        yield "- [ ] La situación amerita enviar la cuenta por correo (política P4)."
    yield "- [ ] La revisión automática pasó, y el plan muestra solo este movimiento."
    yield ""
    yield "La fusión («merge commit») es la autorización; después la lleva al directorio «cuentas apply»."

"""Where a request comes from: a filled PDF, an issue of the forge's, or what waits for its oficio on this machine."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from reconciler.cli.receiving import Reception
from reconciler.cli.screen import note
from reconciler.declaration.issue_template import labels
from reconciler.errors import UsageError, why_not
from reconciler.issue_form import LARGEST_EVENT, Form, issue_of, parse
from reconciler.model import Movimiento
from reconciler.orders import Order
from reconciler.request import Request, emptied, filled, flag

TEMPLATES = (".github/ISSUE_TEMPLATE", ".gitea/ISSUE_TEMPLATE", ".forgejo/ISSUE_TEMPLATE")
"""Where forges look for issue forms."""

_LARGEST_PDF = 5 * 1024 * 1024
_OF_THE_CALL = ("oficio", "fecha", "recibido", "medio")
"""Boxes that say how a request without oficio came, and not how its oficio did."""


def source_of(
    there: Reception, file: Path | None, issue: Path | None, order: Order | None, movement: Movimiento | None
) -> Request | None:
    """Return the request that was given as a file, or waits under an order; None where all is to be typed."""
    if file and issue:
        raise UsageError("Se dio un PDF y un issue a la vez.", remedy="Deje solo uno.")
    found = _from_pdf(file) if file else _from_issue(there, issue) if issue else None
    if found and movement and movement is not found.movimiento:
        raise UsageError(
            f"Se dio «--{movement}», y la solicitud es de {found.movimiento}.", remedy="Quite esa opción."
        )
    if found or not order:
        return found
    if movement not in {None, order.movement}:
        raise UsageError(f"La orden {order.id} es de {order.movement}.", remedy=f"Quite «--{movement}».")
    draft = there.drafts.load(order.id)
    if draft is None:
        note(f"Lo que se dijo al pedir la orden {order.id} quedó en la máquina que la recibió: délo aquí otra vez.")
    return emptied(draft, _OF_THE_CALL) if draft else Request(movimiento=order.movement)


def _from_pdf(file: Path) -> Request:
    from reconciler.documents.form_reading import read_form  # noqa: PLC0415 -- only this needs pypdf

    return read_form(_read(file, _LARGEST_PDF))


def issue_number(file: Path | None) -> int | None:
    """Return the number of the issue that an event is about, to be answered there; None where none was given.

    Raises:
        UsageError: the file is no event of an issue, or does not say its number.

    """
    if file is None:
        return None
    number = issue_of(_read(file, LARGEST_EVENT)).number
    if number is None:
        raise UsageError(
            "El archivo no dice el número del issue («number»): no se podría contestar en él.",
            remedy="Dé el que la forja deja en GITHUB_EVENT_PATH, o quite «--pull-request».",
        )
    return number


def _from_issue(there: Reception, file: Path) -> Request:
    """Return the request that an issue makes; who opened it is who asks, whatever its text says."""
    issue = issue_of(_read(file, LARGEST_EVENT))
    request = parse(issue.body, forms(there))
    return replace(request, solicitante=f"@{issue.author}")


def forms(there: Reception) -> tuple[Form, ...]:
    """Return the issue forms of the repository of declarations, as its main line has them."""
    repository, tip = there.workspace.repository, there.workspace.tip
    found = []
    for movement in Movimiento:
        paths = [f"{folder}/{movement}.{ending}" for folder in TEMPLATES for ending in ("yml", "yaml")]
        data = next(((path, text) for path in paths if (text := repository.blob_at(tip, path)) is not None), None)
        if data:
            found.append(Form(movement, labels(data[1], data[0])))
    if not found:
        raise UsageError(
            "El repositorio de declaraciones no tiene formularios de solicitud.",
            remedy=f"Copie en «{TEMPLATES[0]}/» los de este proyecto (docs/operacion.md, «Solicitudes»).",
        )
    return tuple(found)


def _read(file: Path, most: int) -> bytes:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # what is no file must not hang us
        with os.fdopen(descriptor, "rb") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise UsageError(
            f"No se pudo leer {file}: {why_not(error)}.", remedy="Revise su nombre y sus permisos."
        ) from None


def going_on(order: Order, request: Request) -> Request:
    """Return a request as that of the order that it goes on with: its oficio is new, its account is not."""
    for box, own in (("clave", order.key), ("dependencia", order.dependencia)):
        said = getattr(request, box).partition("@")[0]
        if said and said.casefold() != own.casefold():
            raise UsageError(
                f"La orden {order.id} es de «{own}», y {flag(box)} dice «{said[:60]}».",
                remedy="Quite esa opción, o reciba la otra como solicitud nueva.",
            )
    return filled(request, {"clave": order.key, "dependencia": order.dependencia})

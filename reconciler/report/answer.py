"""What whoever opened an issue is answered there: received, waiting, or what to correct. Every value is inert."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconciler.errors import CuentasError, NotAFormError, Problem, RefusedError, RequestError
from reconciler.report.inert import in_markdown
from reconciler.report.request import RequestView, title
from reconciler.request import LABELS, Request, flag, place, the

_FLAGS = {flag(box): label for box, label in LABELS.items()} | {"--usuario-ad": "Inicio de sesión"}
_FLAG = re.compile(r"--[a-z]+(?:-[a-z]+)*")
_BOXES = {place(box): label for box, label in LABELS.items()}
_LONGEST = 1000
"""Characters of one sentence; what people typed is shown cut anyway."""
_MOST = 60
"""Problems that are shown; a form has half as many boxes."""

_NEXT = (
    "Ahora la revisa quien aprueba. Cuando se fusione se lleva al directorio y se avisa al enlace: no hace falta que "
    "haga nada más. Para preguntar por ella dé el número de orden."
)
_WAITS = (
    "Sin oficio no hay alta ni baja (PSDT-08, política P2). Cuando lo tenga, hágalo llegar a la Mesa de Ayuda con el "
    "número de orden: no hace falta llenar otra solicitud."
)


def received(view: RequestView, pull: int) -> str:
    """Answer a request that has its pull request."""
    return "\n".join(
        (
            f"### Recibida: {in_markdown(title(view))}",
            "",
            f"- Orden de trabajo: {view.order}",
            f"- Oficio: {in_markdown(view.oficio.number)}",
            f"- Pull request: #{pull}",
            "",
            _NEXT,
        )
    )


def waiting(request: Request, order: str) -> str:
    """Answer a request that lacks its oficio (PSDT-08, P1 and P2)."""
    what = f"{the(request.movimiento)} de {in_markdown(request.clave)}"
    return "\n".join(
        (
            f"### Recibida, y espera su oficio: {what}",
            "",
            f"- Orden de trabajo: {order}",
            "",
            _WAITS,
        )
    )


def nothing_to_do(request: Request) -> str:
    """Answer a request that the main line has already."""
    what = f"{the(request.movimiento)} de {in_markdown(request.clave)}"
    return f"### Ya estaba: {what}\n\nYa se había pedido y aprobado con ese oficio. No hay nada que hacer."


def not_received(error: CuentasError) -> str:
    """Answer a request that was not received, or say that the fault is not theirs; nothing of ours is shown."""
    match error:
        case RequestError():
            return "\n".join(_problems(error.problems))
        case NotAFormError() | RefusedError():
            return f"### No se recibió\n\n{_words(error.message)}\n\n{_words(error.remedy)}"
        case _:
            return (
                "### Todavía no se recibe\n\nAlgo falló de nuestro lado, no en su solicitud. La Mesa de Ayuda tiene "
                "que repetirla: no la llene otra vez."
            )


def _problems(problems: Iterable[Problem]) -> Iterable[str]:
    found = sorted(problems, key=lambda one: not one.blocks)
    yield "### Todavía no se puede recibir"
    yield ""
    yield "No se escribió nada. Corrija lo que sigue y mande la solicitud otra vez:"
    yield ""
    for one in found[:_MOST]:
        box = _BOXES.get(one.file, one.file)
        doubt = "" if one.blocks else "(aviso) "
        yield f"- **{in_markdown(box)}**: {doubt}{_words(f'{one.message} {one.remedy}')}"
    if len(found) > _MOST:
        yield f"- … y {len(found) - _MOST} más."


def _words(text: str) -> str:
    """Return a sentence for somebody who fills in boxes and types no options."""
    boxes = _FLAG.sub(lambda found: f"«{_FLAGS[found[0]]}»" if found[0] in _FLAGS else found[0], text)
    return in_markdown(boxes[:_LONGEST].replace("««", "«").replace("»»", "»"))

"""request: from RSDT-08.01 to a branch ready for a pull request and an order on the bitácora."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.answering import Hall, hall
from reconciler.cli.proposing import (
    Branch,
    Made,
    give_oficio,
    give_way,
    open_order,
    order_of,
    propose,
    publish,
    view_of,
)
from reconciler.cli.receiving import Case, Reception, reception
from reconciler.cli.screen import problem_text, say, say_prose, say_sentence
from reconciler.cli.settling import settled
from reconciler.cli.sources import going_on, issue_number, source_of
from reconciler.declaration.requested import Choice
from reconciler.errors import UsageError, why_not
from reconciler.model import Movimiento, normalized_oficio
from reconciler.orders import Order, new_order
from reconciler.report.answer import nothing_to_do, received, waiting
from reconciler.report.request import RequestView, pull_request_body, title
from reconciler.request import LABELS, Request, filled, flag, the

_HELP = """Recibe una solicitud: la revisa, deja su rama lista para el pull request y abre su orden.

\b
Ejemplos:
  cuentas request
      pregunta lo que haga falta
  cuentas request solicitud.pdf --push
      lee RSDT-08.01, y empuja la rama
  cuentas request --issue issue.json
      lee lo que llenó el enlace en la forja
  cuentas request --issue issue.json --yes --push --pull-request
      además abre el pull request, y contesta en el issue
  cuentas request --baja --dependencia SAF --clave juan.perez \\
      --motivo-baja Renuncia --oficio SAF/DA/0456/2026 --fecha 2026-08-14
  cuentas request --orden OT-2026-7K3M9QWX --oficio SAF/DA/0456/2026 \\
      --fecha 2026-08-14
      sigue con la que esperaba su oficio

Sin terminal, o con «--yes», no pregunta nada. Las opciones valen más que lo que diga el archivo. Sin oficio, la
solicitud se recibe y espera. Si algo está mal lo dice todo, y no escribe nada.
"""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("request", help=_HELP)(request_command)


def _box(box: str, hint: str) -> typer.models.OptionInfo:
    """Return the option that a box is."""
    option: typer.models.OptionInfo = typer.Option(flag(box), metavar="TEXTO", help=hint, show_default=False)
    return option


def request_command(  # noqa: PLR0913, PLR0917 -- an option for every box of the form
    file: Annotated[
        Path | None, typer.Argument(metavar="SOLICITUD", help="RSDT-08.01 llenado, en PDF; sin él, se pregunta.")
    ] = None,
    alta: Annotated[bool, typer.Option("--alta", help="Pedir un alta, o que alguien vuelva.")] = False,
    baja: Annotated[bool, typer.Option("--baja", help="Pedir una baja.")] = False,
    orden: Annotated[
        str | None, typer.Option("--orden", metavar="OT", help="Seguir con una orden que esperaba su oficio.")
    ] = None,
    issue: Annotated[
        Path | None, typer.Option("--issue", metavar="ARCHIVO", help="El issue de la forja, o su evento (JSON).")
    ] = None,
    dependencia: Annotated[str, _box("dependencia", "Siglas o nombre.")] = "",
    clave: Annotated[str, _box("clave", "Lo que va antes de la arroba; en un alta, si no se da, se propone.")] = "",
    tipo: Annotated[str, _box("tipo", "personal, compartida o recurso.")] = "",
    recurso: Annotated[str, _box("recurso", "sala o equipo.")] = "",
    nombre: Annotated[str, _box("nombre", "Nombre de pila, o el que se muestra.")] = "",
    apellidos: Annotated[str, _box("apellidos", "Los dos apellidos.")] = "",
    puesto: Annotated[str, _box("puesto", "Puesto.")] = "",
    area: Annotated[str, _box("area", "Área de adscripción.")] = "",
    telefono: Annotated[str, _box("telefono", "El institucional, con extensión.")] = "",
    responsable: Annotated[str, _box("responsable", "Clave de quien cuida una compartida o un recurso.")] = "",
    alias: Annotated[str, _box("alias", "Otras direcciones completas, separadas por comas.")] = "",
    vigencia: Annotated[str, _box("vigencia", "Fecha en que habrá que pedir su baja.")] = "",
    oficio: Annotated[str, _box("oficio", "Su número, como en la carta; sin él, la solicitud espera.")] = "",
    fecha: Annotated[str, _box("fecha", "La de la carta: AAAA-MM-DD o DD/MM/AAAA.")] = "",
    recibido: Annotated[str, _box("recibido", "El día en que se recibió; hoy, si no se dice.")] = "",
    medio: Annotated[str, _box("medio", "oficio, telefono, correo o ventanilla.")] = "",
    enlace: Annotated[str, _box("enlace", "Clave, nombre o correo del enlace que la lleva.")] = "",
    firmante: Annotated[str, _box("firmante", "Cargo de quien firma el oficio.")] = "",
    solicitante: Annotated[str, _box("solicitante", "Quién solicita: nombre, clave o correo.")] = "",
    entrega: Annotated[str, _box("entrega", "impresa o correo.")] = "",
    entrega_a: Annotated[str, _box("entrega_a", "enlace o interesado.")] = "",
    entrega_motivo: Annotated[str, _box("entrega_motivo", "Por qué amerita enviarse por correo.")] = "",
    avisar_a: Annotated[str, _box("avisar_a", "Dirección institucional de la parte interesada.")] = "",
    motivo_baja: Annotated[str, _box("motivo_baja", "Por qué se da de baja.")] = "",
    usuario_ad: Annotated[
        str, typer.Option("--usuario-ad", metavar="TEXTO", help="Inicio de sesión, si el de la clave no sirve.")
    ] = "",
    parte: Annotated[
        str | None, typer.Option("--parte", metavar="NOMBRE", help="En qué archivo de la carpeta de la dependencia.")
    ] = None,
    cuerpo: Annotated[
        Path | None, typer.Option("--cuerpo", metavar="ARCHIVO", help="Guardar ahí el texto del pull request.")
    ] = None,
    push: Annotated[bool, typer.Option("--push", help="Empujar la rama al remoto.")] = False,
    pull_request: Annotated[
        bool,
        typer.Option("--pull-request", help="Con «--push»: abrir el pull request, y contestar en el issue."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="No preguntar: toma la primera clave propuesta.")] = False,
    repo: options.Repo = Path(),
) -> None:
    """Receive a request: typed, asked for, filled in on paper's PDF, or opened as an issue."""
    said = {box: value for box, value in locals().items() if box in LABELS and isinstance(value, str)}
    asks = sys.stdin.isatty() and sys.stdout.isatty() and not yes
    movement = _movement(alta=alta, baja=baja)
    if pull_request and not push:
        raise UsageError("«--pull-request» necesita la rama en el remoto.", remedy="Agregue «--push».")
    number = issue_number(issue) if pull_request else None
    with reception(repo) as there, hall(there.workspace, number, proposes=pull_request) as here:
        there.tidy()
        if push and there.workspace.repository.main_remote() is None:
            raise UsageError("Este clon no tiene remoto a donde empujar.", remedy="Quite «--push».")
        order = _order(there, orden) if orden else None
        if order and order.oficio:
            _say_received(there, order, order.oficio, oficio)
            return
        source = source_of(there, file, issue, order, movement)
        request = filled(source or Request(movimiento=movement or Movimiento.ALTA), said)
        request = going_on(order, request) if order else request
        choice = Choice(usuario_ad=usuario_ad.strip(), part=parte)
        own = order.id if order else None
        if asks:
            from reconciler.cli import asking  # noqa: PLC0415 -- only a terminal needs questionary

            known = source is not None or movement is not None
            case = asking.asked(there, request, choice, own, known=known, whole=source is None)
        elif source is None and movement is None:
            raise UsageError(
                "Falta decir qué se pide.",
                remedy="Dé «--alta» o «--baja», un PDF, «--issue» u «--orden»; en una terminal se pregunta.",
            )
        else:
            case = settled(there, request, choice, own, yes=yes)
        _receive(there, case, order, Wish(cuerpo, push, here))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of a sound request: where its text is kept, whether it is pushed, where it is proposed."""

    body: Path | None
    push: bool
    here: Hall


def _say_received(there: Reception, order: Order, number: str, said: str) -> None:
    """Say that an order has its oficio already; what waited for it here is no longer needed."""
    if said and normalized_oficio(said) != normalized_oficio(number):
        raise UsageError(
            f"La orden {order.id} ya tiene su oficio, «{number}».",
            remedy="Otro oficio es otra solicitud: quite «--orden».",
        )
    there.drafts.drop(order.id)
    publish(there)
    say(f"Nada que hacer: la orden {order.id} ya tiene su oficio, {number}.")


def _movement(*, alta: bool, baja: bool) -> Movimiento | None:
    if alta and baja:
        raise UsageError("«--alta» y «--baja» no van juntas.", remedy="Deje solo una.")
    return Movimiento.ALTA if alta else Movimiento.BAJA if baja else None


def _order(there: Reception, name: str) -> Order:
    """Return the order to go on with, which has to be waiting for its oficio."""
    there.drafts.place(name)
    order = there.orders.get(name)
    if order is None:
        raise UsageError(
            f"No hay una orden «{name}» en la bitácora.", remedy="Revise su número: «cuentas order list»."
        )
    if not order.is_open:
        raise UsageError(f"La orden {name} ya no está abierta: {order.state}.", remedy="Reciba una solicitud nueva.")
    return order


def _receive(there: Reception, case: Case, order: Order | None, wish: Wish) -> None:
    """Do what a sound request asks for: its branch and its order, or to wait for its oficio."""
    request = case.request
    if case.done:
        say(f"Nada que hacer: {the(request.movimiento)} de «{request.clave}» ya está en la rama principal.")
        publish(there)
        wish.here.answer(nothing_to_do(request))
        return
    for warning in case.problems:
        say_prose(problem_text(warning))
    if not request.oficio:
        wish.here.answer(waiting(request, _wait(there, case, order)))
        return
    first = order_of(there, request)
    name = first or (order.id if order else new_order(there.workspace.today))
    view = view_of(case, name)
    branch = propose(there, case, view)
    request = replace(request, oficio=view.oficio.number)
    if order:
        give_oficio(there, order.id, request)
    elif first is None:
        open_order(there, name, request)
    publish(there)
    if first is None and order is None:
        give_way(there, name, request, branch)
    if order:
        there.drafts.drop(order.id)
    if wish.push:
        branch.push()
    _say_ready(there, view, branch, wish, known=first is not None)
    pull = wish.here.propose(branch.topic.name, view)
    if pull:
        wish.here.answer(received(view, pull.number))


def _wait(there: Reception, case: Case, order: Order | None) -> str:
    """Receive a request without its oficio (PSDT-08, P1 and P2) and return its order: its data wait here."""
    request = case.request
    if order:
        raise UsageError(f"La orden {order.id} ya espera su oficio.", remedy="Dé su número con «--oficio».")
    name = new_order(there.workspace.today)
    there.drafts.save(name, request)
    open_order(there, name, request)
    publish(there)
    give_way(there, name, request)
    say(f"Recibida y en espera de su oficio: orden {name}, {request.movimiento} de «{request.clave}».", "bold")
    say_sentence(f"Sus datos quedan solo en esta máquina: {there.drafts.place(name)}.")
    say_sentence(
        "Sin oficio no hay alta ni baja (PSDT-08, política P2). Cuando llegue: "
        f"cuentas request --orden {name} --oficio NÚMERO --fecha AAAA-MM-DD --recibido AAAA-MM-DD"
    )
    return name


_HOW_MADE = {
    Made.NEW: "",
    Made.AGAIN: ", rehecha sobre la rama principal de ahora, que cambió desde entonces",
    Made.NOT: ", que ya estaba y dice lo mismo",
}


def _say_ready(there: Reception, view: RequestView, branch: Branch, wish: Wish, *, known: bool) -> None:
    body = pull_request_body(view)
    name, remote = branch.topic.name, there.workspace.repository.main_remote()
    say(f"{title(view)}: rama {name}{_HOW_MADE[branch.made]}.", "bold")
    say(f"Orden {view.order}, oficio {view.oficio.number}" + (": ya estaba recibida." if known else ": recibida."))
    if wish.push:
        say(f"Empujada a «{remote}».")
    elif remote:
        lease = f"--force-with-lease={name}:{branch.over[:12]} " if branch.over else ""
        say(f"Para empujarla: git push {lease}{remote} {name}")
    if wish.body:
        _save(wish.body, body)
        say(f"El texto del pull request está en {wish.body}.")
    elif wish.here.forge is None:
        say("Texto del pull request:")
        say()
        typer.echo(body, nl=False)


def _save(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"No se pudo escribir {file}: {why_not(error)}.",
            remedy="La rama y la orden ya están; repita con otra ruta.",
        ) from None

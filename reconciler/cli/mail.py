"""mail: letters looked at before anybody gets one, and a trial of how they leave."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.screen import say
from reconciler.cli.spanish import SpanishGroup
from reconciler.cli.texts import approved_letters, letters
from reconciler.cli.workspace import Workspace, opened
from reconciler.engine.notices import interested
from reconciler.errors import TargetRejectedError, UsageError, why_not
from reconciler.letter import Message, Sent
from reconciler.letters import (
    OF_BAJA,
    TO_INTERESTED,
    Carta,
    Values,
    example,
    example_sheet,
    of_account,
    of_trial,
    of_welcome,
    recipient,
)
from reconciler.model import AccountKey, Movimiento

_NOBODY = "laura.beltran@ejemplo.invalid"

app = typer.Typer(
    cls=SpanishGroup,
    help="Las cartas: cómo se leen y por dónde salen.",
    epilog="Cómo se configura el correo y cómo se escriben las plantillas está en docs/operacion.md.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(above: typer.Typer) -> None:
    """Add the group of this module."""
    above.add_typer(app, name="mail")


@app.command()
def preview(
    carta: Annotated[Carta, typer.Argument(metavar="CARTA", help=f"Una de: {', '.join(Carta)}.")],
    account: Annotated[
        str | None,
        typer.Option("--cuenta", metavar="CLAVE", help="Una cuenta declarada; sin ella, una inventada."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="ARCHIVO", help="Guardar la carta como se ve, en HTML.")
    ] = None,
    repo: options.Repo = Path(),
    at: options.At = None,
    worktree: options.Worktree = False,
) -> None:
    """Muestra una carta como la recibiría su destinatario. No envía nada.

    Ejemplos: cuentas mail preview alta --cuenta juan.perez; cuentas mail preview baja --worktree --html baja.html
    """
    with opened(repo, at=at, worktree=worktree) as workspace:
        to, values = _about(workspace, carta, account)
        message = letters(workspace).write(carta, values, mark="muestra", to=to)
    if html:
        _save(message, html)
        say(f"Guardada en {html}.")
        return
    say(f"Para: {', '.join(message.to)}")
    say(f"Asunto: {message.subject}")
    say()
    for line in message.text.splitlines():
        say(line)


def _about(workspace: Workspace, carta: Carta, account: str | None) -> tuple[str, Values]:
    """Return whom a letter would go to, and what it would say."""
    if account is None:
        return _NOBODY, example(carta, workspace.config, workspace.today)
    if carta is Carta.PRUEBA:
        raise UsageError("La carta de prueba no trata de ninguna cuenta.", remedy="Quite «--cuenta».")
    key = AccountKey(account.partition("@")[0].lower())
    declaration = workspace.desired.declaration
    if key not in declaration.accounts:
        raise UsageError(f"No hay una cuenta «{account}».", remedy="Revise cómo está escrita en accounts/.")
    declared = declaration.accounts[key]
    if carta is Carta.BIENVENIDA:
        return declared.account.address, of_welcome(declared.account, workspace.config)
    agency = declaration.dependencias[declared.account.dependencia]
    if carta is Carta.HOJA:
        return recipient(carta, declared, agency), example_sheet(declared, agency, workspace.config)
    values = of_account(carta, declared, agency, workspace.config, workspace.today)
    if carta not in TO_INTERESTED:
        return recipient(carta, declared, agency), values
    movement = Movimiento.BAJA if carta in OF_BAJA else Movimiento.ALTA
    to = interested(movement, declared, declaration)
    if to is None:
        raise UsageError(
            f"De la {movement.value} de «{key}» no se avisa a la parte interesada: no hay dirección donde lo lea.",
            remedy="Si la hay, póngala en su entrada: «avisar_a: direccion@…».",
        )
    return to, values


def _save(message: Message, file: Path) -> None:
    try:
        file.write_text(message.html, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"No se pudo escribir {file}: {why_not(error)}.", remedy="Elija otra ruta para «--html»."
        ) from None


@app.command("test")
def trial(
    address: Annotated[str, typer.Argument(metavar="DIRECCIÓN", help="A quién se envía.")],
    mark: Annotated[
        str,
        typer.Option("--marca", metavar="TEXTO", help="Distingue una prueba de otra del mismo día."),
    ] = "1",
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Envía una carta de prueba, y dice por dónde salió. Repetirla el mismo día no la envía dos veces.

    Ejemplos: cuentas mail test mesa.ayuda@sinaloa.gob.mx --target ad; cuentas mail test yo@sinaloa.gob.mx --marca 2
    """
    with opened(repo) as workspace:
        texts = approved_letters(workspace)
        with workspace.post(target) as way:
            values = of_trial(workspace.config, way.short, address, workspace.today)
            name = _trial_mark(workspace.today, address, mark)
            try:
                message = texts.write(Carta.PRUEBA, values, mark=name, to=address)
            except TargetRejectedError as error:
                raise UsageError(error.message, remedy="Revise la dirección y «--marca».") from None
            sent = way.post.send(message)
    if sent is Sent.NOW:
        say(f"Carta de prueba para {address}: {way.words}.")
    else:
        say(f"Carta de prueba para {address}: no se repitió, ya constaba con esta marca ({way.words}).")
        say("Para enviar otra hoy, distíngala con «--marca 2».")
    say(f"Marca: {name}", "dim")


def _trial_mark(today: date, address: str, mark: str) -> str:
    """Name a trial: no address in it, because marks travel in headers and name files."""
    return f"prueba/{today}/{hashlib.sha256(address.encode()).hexdigest()[:12]}/{mark}"

"""form: the papers that an agency fills in: RSDT-08.01, and the draft of its oficio (PSDT-08, 4.1, 5.1 and 5.2)."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from reconciler.cli import options
from reconciler.cli.drafting import Wish, draft, the_agency
from reconciler.cli.screen import note, say
from reconciler.cli.spanish import SpanishGroup
from reconciler.cli.workspace import now, opened
from reconciler.documents.oficio import oficio_text
from reconciler.errors import UsageError, why_not
from reconciler.model import Movimiento

app = typer.Typer(
    cls=SpanishGroup,
    help="La solicitud RSDT-08.01 y el oficio.",
    epilog="La baja no tiene formato: PSDT-08 pide para ella el oficio y los datos de la cuenta.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Formato(StrEnum):
    """How the draft of a letter is written: to print, or to go on writing."""

    PDF = "pdf"
    TXT = "txt"


Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="ARCHIVO", help="Dónde se guarda.", show_default="aquí, con su nombre"),
]
Replace = Annotated[bool, typer.Option("--reemplazar", help="Sustituir el archivo si ya existe.")]


def register(above: typer.Typer) -> None:
    """Add the group of this module."""
    above.add_typer(app, name="form")


@app.command("rsdt-08.01")
def request(  # noqa: PLR0913, PLR0917 -- options that every command has, and where the file goes
    agency: Annotated[
        str | None,
        typer.Option("--dependencia", metavar="SIGLAS", help="De quién es: sale con su nombre y sus enlaces."),
    ] = None,
    baja: Annotated[bool, typer.Option("--baja", hidden=True)] = False,
    output: Output = None,
    replace: Replace = False,
    repo: options.Repo = Path(),
    at: options.At = None,
    worktree: options.Worktree = False,
) -> None:
    """Hace la Solicitud de Correo Electrónico, en un PDF que se llena en pantalla o a mano. Es solo para altas.

    Ya llena, la lee «cuentas request».

    Ejemplos: cuentas form rsdt-08.01 --dependencia SAF; cuentas form rsdt-08.01 -o solicitud.pdf
    """
    if baja:
        _no_form()
    with opened(repo, at=at, worktree=worktree) as workspace:
        from reconciler.documents.form import request_form  # noqa: PLC0415 -- only this needs fpdf2

        declaration = workspace.desired.declaration
        chosen = the_agency(declaration, agency) if agency else None
        agencies = sorted(declaration.dependencias.values(), key=lambda one: one.name)
        desk = workspace.config.mesa_de_ayuda
        phone = f", tel. {desk.telefono}" if desk.telefono else ""
        sent_to = f"{desk.nombre} ({desk.correo}{phone})"
        data = request_form(workspace.letterhead, agencies, chosen, now(), sent_to=sent_to)
    name = f"RSDT-08.01-{chosen.siglas}.pdf" if chosen else "RSDT-08.01.pdf"
    _save(data, output or Path(name), replace=replace)
    if chosen and not chosen.enlaces:
        note(f"{chosen.siglas} no tiene enlaces declarados: el formato deja en blanco quién lleva el trámite (P3).")


@app.command("baja", hidden=True)
def retire() -> None:
    """Dice por qué una baja no tiene formato."""
    _no_form()


def _no_form() -> NoReturn:
    raise UsageError(
        "Una baja no tiene formato: RSDT-08.01 es solo para altas (PSDT-08, Registros).",
        remedy="Pida la baja con su oficio («cuentas form oficio --dependencia SIGLAS --baja --cuenta CLAVE») y "
        "captúrela con «cuentas request».",
    )


@app.command()
def oficio(  # noqa: PLR0913, PLR0917 -- what the letter says, and the options that every command has
    agency: Annotated[str, typer.Option("--dependencia", metavar="SIGLAS", help="Quién lo firma y lo envía.")],
    alta: Annotated[bool, typer.Option("--alta", help="Pide altas.")] = False,
    baja: Annotated[bool, typer.Option("--baja", help="Pide bajas.")] = False,
    accounts: Annotated[
        list[str] | None,
        typer.Option("--cuenta", metavar="CLAVE", help="Cuenta de la que trata (se puede repetir)."),
    ] = None,
    enlace: Annotated[
        str | None,
        typer.Option("--enlace", metavar="CLAVE", help="Enlace que lleva el trámite.", show_default="el único"),
    ] = None,
    number: Annotated[str | None, typer.Option("--numero", metavar="NÚMERO", help="Número del oficio.")] = None,
    form: Annotated[
        Formato, typer.Option("--formato", help="Para imprimir, o para seguir escribiendo.")
    ] = Formato.PDF,
    output: Output = None,
    replace: Replace = False,
    repo: options.Repo = Path(),
    at: options.At = None,
    worktree: options.Worktree = False,
) -> None:
    """Redacta el oficio al Director que pide altas o bajas. Deja renglones en blanco donde falta un dato.

    Es un borrador: la dependencia lo pasa a su papel, lo numera y lo firma.

    Ejemplo: cuentas form oficio --dependencia SAF --baja --cuenta juan.perez --numero SAF/DA/0456/2026
    """
    if alta == baja:
        raise UsageError("Falta decir si pide altas o bajas.", remedy="Dé «--alta» o «--baja», una de las dos.")
    kind = Movimiento.ALTA if alta else Movimiento.BAJA
    with opened(repo, at=at, worktree=worktree) as workspace:
        from reconciler.documents.oficio_page import oficio_pdf  # noqa: PLC0415 -- only this needs fpdf2

        made = draft(workspace, Wish(kind, agency, tuple(accounts or ()), enlace, number))
        data = oficio_pdf(made, now()) if form is Formato.PDF else oficio_text(made).encode()
        siglas = the_agency(workspace.desired.declaration, agency).siglas
    _save(data, output or Path(f"oficio-{kind}-{siglas}.{form}"), replace=replace)
    if made.enlace is None:
        note("Falta el enlace que lleva el trámite (política P3): dígalo con «--enlace», o escríbalo en el renglón.")


def _save(data: bytes, file: Path, *, replace: bool) -> None:
    """Write a file, whole or not at all; one that is there is never replaced unasked."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(data)
        try:
            if replace:
                unfinished.replace(file)
            else:
                os.link(unfinished, file)
        finally:
            unfinished.unlink(missing_ok=True)
    except FileExistsError:
        raise UsageError(
            f"Ya existe «{file}», y no se tocó.", remedy="Dé otro nombre con «-o», o «--reemplazar»."
        ) from None
    except OSError as error:
        raise UsageError(
            f"No se pudo escribir «{file}»: {why_not(error)}.", remedy="Elija otra ruta con «-o»."
        ) from None
    say(f"Guardado en {file}")

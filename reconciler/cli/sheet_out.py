"""sheet print, send and passphrase: a credential sheet on its way (PSDT-08, 7.1, 7.2 and P4)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.paper import print_out, save
from reconciler.cli.screen import say_folded
from reconciler.cli.sheet_desk import Asked, KeyFile, SheetDesk, sheet_desk
from reconciler.cli.texts import approved_letters
from reconciler.declaration.personal import forbidden
from reconciler.delivery import Way, mailed, unfit
from reconciler.errors import NotApprovedError, RefusedError, UsageError
from reconciler.events import EventKind
from reconciler.letter import Attachment, Message, Sent
from reconciler.letters import Carta, of_sheet
from reconciler.model import Addressee, Declared, Dependencia
from reconciler.orders import SheetRecord
from reconciler.sheet import Seal
from reconciler.spool import AgeSpool, Part, mark_of, sealed_to

_MOTIVE = range(3, 201)
"""Characters of a reason, as the declaration has it."""

Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="ARCHIVO", help="Guardar en un archivo nuevo que solo usted lee."),
]


def register(group: typer.Typer) -> None:
    """Add the commands of this module to `sheet`."""
    group.command("print")(print_sheet)
    group.command()(send)
    group.command()(passphrase)


def print_sheet(  # noqa: PLR0913, PLR0917 -- the options that the command has
    asked: Asked,
    on_paper: Annotated[bool, typer.Option("--imprimir", help="Mandarla a la impresora (lp).")] = False,
    printer: Annotated[
        str | None, typer.Option("--impresora", metavar="NOMBRE", help="Cuál; sin ella, la predeterminada.")
    ] = None,
    output: Output = None,
    key: KeyFile = None,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Abre una hoja y la imprime, o la guarda en un PDF. Queda anotado que se imprimió.

    Ejemplos: cuentas sheet print juan.perez --imprimir; cuentas sheet print H-2026-7K3M9QPX -o /dev/shm/hoja.pdf
    """
    if on_paper == (output is not None) or (printer and not on_paper):
        raise UsageError("Falta decir a dónde.", remedy="Dé «--imprimir» (y «--impresora») o bien «-o ARCHIVO».")
    with sheet_desk(repo, target) as desk:
        sheet = desk.sheet(asked)
        pdf = desk.content(sheet, key)
        if output:
            save(pdf, output)
        else:
            print_out(pdf, f"RSDT-08.02 {sheet.folio}", printer)
        desk.put(EventKind.SHEET_PRINTED, sheet)
        where = f"guardada en {output}; bórrela después de entregarla" if output else "mandada a la impresora"
        say_folded(f"Hoja {sheet.folio} de {sheet.key}: {where}.", 2)
        say_folded(
            f"Cuando firmen de recibido: «cuentas sheet ack {sheet.folio} --recibio enlace» (o interesado).", 2
        )


def send(
    asked: Asked,
    to: Annotated[
        Addressee | None, typer.Option("--a", metavar="QUIÉN", help="enlace o interesado; si no, como se declaró.")
    ] = None,
    motive: Annotated[
        str | None, typer.Option("--motivo", metavar="TEXTO", help="Por qué la situación lo amerita (P4).")
    ] = None,
    key: KeyFile = None,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Envía una hoja por correo, sellada: con la llave del enlace, o con una frase que se dicta aparte.

    Ejemplos: cuentas sheet send juan.perez; cuentas sheet send ana.ruiz --a enlace --motivo 'Está en Los Mochis'
    """
    with sheet_desk(repo, target) as desk:
        sheet = desk.sheet(asked)
        declared, agency = desk.declared(sheet.key)
        one, reason = _who_and_why(declared, to, motive)
        if one in sheet.sent:
            raise RefusedError(
                f"La hoja {sheet.folio} ya se le envió ({one}), y no se envía dos veces.",
                remedy=f"Si no llegó, expida otra con «cuentas sheet reissue {sheet.key} --motivo TEXTO».",
            )
        way = _way(desk, declared, agency, one)
        texts = approved_letters(desk.workspace)
        attachment = _attachment(desk, sheet, way, key)
        values = of_sheet(
            declared, agency, desk.workspace.config, folio=sheet.folio, file=attachment.name, to=one,
            with_key=way.seal is Seal.ENLACE,
        )  # fmt: skip
        message = texts.write(
            Carta.HOJA, values, mark=f"hoja/{sheet.folio}/{one.value}", to=way.address, attachments=(attachment,)
        )
        words = _sent(desk, message, target)
        desk.put(EventKind.SHEET_SENT, sheet, a=one.value, motivo=reason)
        say_folded(f"Hoja {sheet.folio} de {sheet.key}, para {way.address} ({one}): {words}.", 2)
        if way.seal is Seal.PASSPHRASE:
            say_folded(f"La frase se dicta por teléfono: «cuentas sheet passphrase {sheet.folio}».", 2)
        say_folded(f"Cuando conste que la recibió: «cuentas sheet ack {sheet.folio} --recibio {one}».", 2)


def passphrase(
    asked: Asked,
    output: Output = None,
    key: KeyFile = None,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Muestra la frase que abre una hoja enviada, para dictarla por teléfono. Solo en una terminal, o con «-o».

    Ejemplo: cuentas sheet passphrase juan.perez
    """
    with sheet_desk(repo, target) as desk:
        sheet = desk.sheet(asked)
        if output is None and not sys.stdout.isatty():
            raise UsageError(
                "La frase solo se muestra en una terminal: de otra salida podría quedar copia.",
                remedy="Córralo en una terminal, o guárdela con «-o ARCHIVO», que solo usted lee.",
            )
        secret = desk.passphrase(sheet, key).get_secret_value()
        if output:
            save(f"{secret}\n".encode(), output)
            say_folded(f"La frase de la hoja {sheet.folio} está en {output}; bórrelo después de dictarla.", 2)
            return
        say_folded(f"Frase de la hoja {sheet.folio} de {sheet.key}, con un espacio entre cada grupo:", 2)
        typer.echo(f"\n    {secret}\n")
        whom = "Márquele usted a quien se le envió, al teléfono institucional que ya le conoce"
        say_folded(f"{whom}: el folio va en el mismo correo que la hoja, así que no prueba quién llama.", 2)


def _who_and_why(declared: Declared, to: Addressee | None, motive: str | None) -> tuple[Addressee, str]:
    """Return whom a sheet is mailed to and why: as somebody says now, or as the entry declares it.

    Raises:
        UsageError: neither says it.

    """
    asked = declared.delivery
    one = to or (asked.to if asked else None)
    if one is None:
        raise UsageError(
            f"De «{declared.account.key}» no se declaró que su hoja se envíe.",
            remedy="Si la situación lo amerita (PSDT-08, P4), diga a quién y por qué: «--a enlace --motivo TEXTO».",
        )
    return one, reason_of(motive or (asked.reason if asked and asked.to is one else ""))


def reason_of(motive: str) -> str:
    """Return a reason as it goes on record.

    Raises:
        UsageError: it is missing, too short or too long, or holds personal data.

    """
    said = " ".join(motive.split())
    if len(said) not in _MOTIVE or not said.isprintable() or forbidden(said):
        raise UsageError(
            "El motivo falta, es muy corto o muy largo, o lleva datos personales.",
            remedy="Dígalo con «--motivo», en un renglón: queda en la bitácora, que no se borra.",
        )
    return said


def _way(desk: SheetDesk, declared: Declared, agency: Dependencia, to: Addressee) -> Way:
    """Return how a sheet is mailed to somebody whose values were approved.

    Raises:
        UsageError: nobody is declared to be that.
        RefusedError: it is the account's own address, or no institutional one.
        NotApprovedError: somebody pushed it around review.

    """
    key = declared.account.key
    way = mailed(to, declared, agency)
    if way is None:
        raise UsageError(
            f"De «{key}» no se declaró a quién más interesa («avisar_a»).",
            remedy="Declárelo por pull request, o envíela al enlace.",
        )
    why = unfit(way.address, declared, desk.workspace.config.dominios)
    if why:
        raise RefusedError(
            f"La hoja de «{key}» no se envía a {way.address}: {why}.",
            remedy=f"Imprímala con «cuentas sheet print {key} --imprimir».",
        )
    fault = desk.workspace.desired.approver.delivery_fault(key, to)
    if fault:
        raise NotApprovedError(
            f"No se envía: a quién se enviaría no está aprobado; commit {fault.commit[:10]}: {fault.reason}.",
            remedy="Revíselo y propóngalo en un pull request fusionado con «merge commit».",
        )
    return way


def _attachment(desk: SheetDesk, sheet: SheetRecord, way: Way, key: Path | None) -> Attachment:
    """Return a sheet as it goes out: as it was sealed for that, or opened and sealed anew, in memory.

    Raises:
        UsageError, ConfigurationError: the Mesa's key is needed and missing.
        RefusedError: nobody here can open it.

    """
    files = desk.files(sheet)
    if way.seal is Seal.ENLACE:
        stored = files.get(Part.ENLACE)
        if stored and stored.to != mark_of(way.key):
            raise RefusedError(
                f"La hoja {sheet.folio} se selló con otra llave que la que hoy declara su enlace, que no la abriría.",
                remedy=f"Expida otra con «cuentas sheet reissue {sheet.key} --motivo TEXTO».",
            )
        data = desk.shelf.read(stored.name) if stored else sealed_to(way.key, desk.content(sheet, key))
        return Attachment(f"RSDT-08.02-{sheet.folio}.pdf.age", data)
    if Part.LOCKED in files and Part.PASSPHRASE in files:
        data = desk.shelf.read(files[Part.LOCKED].name)
    else:
        spool = desk.workspace.spool(desk.target)
        if not isinstance(spool, AgeSpool):
            spool.check()
        data = spool.lock(sheet.key, sheet.folio, desk.content(sheet, key))
    return Attachment(f"RSDT-08.02-{sheet.folio}.pdf", data, "application/pdf")


def _sent(desk: SheetDesk, message: Message, target: str | None) -> str:
    with desk.workspace.delivering(target) as way:
        sent = way.post.send(message)
    return way.words if sent is Sent.NOW else f"ya constaba enviada, y no se repitió ({way.words})"

"""doctor: everything that an installation needs, looked at one by one; it changes nothing anywhere."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer

from reconciler.check import Check, State, Step, examined, failed, skipped, through
from reconciler.cli import options
from reconciler.cli.filing import filing
from reconciler.cli.screen import note, say, say_check
from reconciler.cli.settings import mail_config
from reconciler.cli.texts import approved_letters, letters
from reconciler.cli.workspace import BITACORA, Workspace, now, opened
from reconciler.config import (
    Config,
    CorreoArchivo,
    CorreoEws,
    CorreoSmtp,
    Destino,
    DestinoAD,
    DestinoEmbebido,
    OficiosArchivo,
    OficiosHttp,
    OficiosManual,
)
from reconciler.embedded import examination as embedded
from reconciler.engine.witness import keyring
from reconciler.errors import ConfigurationError, CuentasError
from reconciler.post.examination import SmtpExamination
from reconciler.report.words import some
from reconciler.repository import examination as repository
from reconciler.sistema_oficios import examination as order_system
from reconciler.untracked import usable

_CONFIGURATION = "Configuración"
_PASSWORDS = "Primeras contraseñas"
_TARGET = "Destino"
_PROOF = "Prueba de entrega"
_MAIL = "Correo"
_FORGE = "Forja"
_SIGNATURES = "Firmas"


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(doctor)


def doctor(
    repo: options.Repo = Path(),
    target: options.TargetName = None,
    format: options.ListFormat = options.TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Revisa todo lo que una instalación necesita y dice qué arreglar. No cambia nada en ninguna parte.

    Sale con 0 si nada falta; si no, con el código de lo primero que falta (vea «cuentas --help»).

    Ejemplos: cuentas doctor; cuentas doctor --target ad --format json
    """
    with opened(repo) as workspace:
        checks = _every(workspace, target)
        found = list(checks) if format is options.TextOrJson.JSON else list(_said(checks))
    if format is options.TextOrJson.JSON:
        typer.echo(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=2))
    else:
        say()
        say(_summary(found), "bold")
    code = next((one.code for one in found if one.state is State.FAILED), 0)
    if code:
        raise typer.Exit(code)


def _plain(check: Check) -> dict[str, str | int]:
    return {
        "area": check.area,
        "nombre": check.name,
        "estado": check.state.value,
        "detalle": check.detail,
        "remedio": check.remedy,
        "codigo": check.code,
    }


def _said(checks: Iterable[Check]) -> Iterator[Check]:
    """Print each answer as it comes, under the heading of its area."""
    area = ""
    for check in checks:
        if check.area != area:
            if area:
                say()
            area = check.area
            say(area, "bold")
        say_check(check)
        yield check


def _summary(found: Iterable[Check]) -> str:
    count = Counter(one.state for one in found)
    if not count[State.FAILED]:
        said = "Todo lo necesario está"
    else:
        said = f"Por arreglar: {some(count[State.FAILED], 'cosa')}; empiece por la primera"
    rest = [f"{some(count[State.WARNED], 'aviso')}"] if count[State.WARNED] else []
    rest += [f"{count[State.SKIPPED]} sin revisar"] if count[State.SKIPPED] else []
    return f"{said} ({count[State.OK]} bien{''.join(f', {one}' for one in rest)})."


def _every(workspace: Workspace, asked: str | None) -> Iterator[Check]:
    """Yield every answer, from what everything else rests on to what rests on it."""
    yield from examined(repository.AREA, repository.steps(workspace.repository, BITACORA))
    found: list[tuple[Config, str, Destino]] = []

    def chosen() -> str:
        found.append(workspace.destination(asked))
        _, name, config = found[0]
        return f"«{name}» ({config.tipo})"

    yield from examined(_CONFIGURATION, _configured(workspace, Step("destino", chosen, ("declaración",))))
    if not found:
        for area in (_PASSWORDS, _TARGET, _MAIL, order_system.AREA):
            yield skipped(area, "todo", f"falta «destino» de {_CONFIGURATION}")
        return
    yield from _signatures(workspace)
    whole, name, config = found[0]
    yield from examined(_PASSWORDS, [Step("hojas selladas", lambda: workspace.spool(name).rehearse())])
    if isinstance(config, DestinoAD):
        yield from _real(workspace, config)
    else:
        yield from examined(embedded.AREA, embedded.steps(config.archivo))
    yield from examined(_MAIL, [Step("plantillas", lambda: _templates(workspace, config))])
    yield from _mail(workspace, whole, name, config)
    yield from _order_system(workspace, asked)
    yield from _forge(workspace)


def _configured(workspace: Workspace, last: Step) -> tuple[Step, ...]:
    def configuration() -> str:
        return f"dominios: {', '.join(workspace.config.dominios)}"

    def declaration() -> str:
        declared = workspace.desired.declaration
        return f"{some(len(declared.dependencias), 'dependencia')}, {some(len(declared.accounts), 'cuenta')}"

    return Step("cuentas.yaml", configuration), Step("declaración", declaration, ("cuentas.yaml",)), last


def _signatures(workspace: Workspace) -> Iterator[Check]:
    """Look at what verifies signatures, where the published main line lists keys."""
    regime = workspace.desired.approver.regime
    keys = {*regime.keys, *regime.approving.llaves_ancla}
    if keys:
        main = workspace.published or workspace.tip
        ring = keyring(workspace.repository, main, keys, regime.approving)
        yield from examined(_SIGNATURES, [Step("llaves", lambda: repository.signing(ring))])


def _real(workspace: Workspace, config: DestinoAD) -> Iterator[Check]:
    """Look at Active Directory and, where it is configured, at Exchange; their libraries take long to import."""
    from reconciler.directory import examination as directory  # noqa: PLC0415 -- only this needs ldap3

    agencies = workspace.desired.declaration.dependencias
    yield from through(directory.AREA, lambda: directory.Examination(config, agencies, now))
    exchange = config.exchange
    if exchange is None:
        return
    from reconciler.exchange import examination as shell  # noqa: PLC0415 -- only this needs pypsrp

    yield from through(shell.AREA, lambda: shell.ShellExamination(exchange, now, note))
    proof = exchange.prueba_entrega
    if proof is not None:
        yield from through(_PROOF, lambda: SmtpExamination(proof, "prueba_entrega", now))


def _templates(workspace: Workspace, target: Destino) -> str:
    """Judge the texts of letters as whoever sends them does; where nobody gets any, nobody needs to approve them."""
    if isinstance(target, DestinoEmbebido):
        letters(workspace)
        return "todas se pueden escribir"
    approved_letters(workspace)
    return "todas se pueden escribir, y están aprobadas"


def _mail(workspace: Workspace, config: Config, name: str, target: Destino) -> Iterator[Check]:
    """Look at how letters leave; with the embedded target, into a folder whatever is configured."""
    nowhere = CorreoArchivo(carpeta=config.correo.carpeta)
    try:
        mail = nowhere if isinstance(target, DestinoEmbebido) else mail_config(config, workspace.settings)
    except ConfigurationError as error:
        yield failed(_MAIL, "configuración", error)
        return
    folder = Step("carpeta", lambda: usable(workspace.repository.home / mail.carpeta / name))
    match mail:
        case CorreoEws() as ews:
            from reconciler.exchange.examination import EwsExamination  # noqa: PLC0415 -- only this needs exchangelib

            yield from examined(_MAIL, [folder])
            yield from through(_MAIL, lambda: EwsExamination(ews, now, note))
        case CorreoSmtp() as smtp:
            yield from examined(_MAIL, [folder])
            yield from through(_MAIL, lambda: SmtpExamination(smtp, "correo", now))
        case CorreoArchivo():
            yield from examined(_MAIL, [folder, Step("llega a alguien", lambda: _reaches(workspace, name))])


def _reaches(workspace: Workspace, target: str) -> str:
    """Say that letters stay here, which is right for a trial alone."""
    with workspace.delivering(target):
        return "a nadie: con el destino embebido todo es de prueba"


def _order_system(workspace: Workspace, asked: str | None) -> Iterator[Check]:
    """Look at how orders get to the Sistema de Oficios."""
    try:
        way = filing(workspace, asked)
    except ConfigurationError as error:
        yield failed(order_system.AREA, "configuración", error)
        return
    match way.config:
        case OficiosManual():
            yield from examined(order_system.AREA, [order_system.by_hand()])
        case OficiosArchivo():
            yield from examined(order_system.AREA, order_system.by_files(way.folder))
        case OficiosHttp() as http:
            from reconciler.sistema_oficios import service_examination as service  # noqa: PLC0415 -- it needs httpx

            yield from through(order_system.AREA, lambda: service.ServiceExamination(http, now))


def _forge(workspace: Workspace) -> Iterator[Check]:
    """Look at where pull requests are, if anything says where."""
    try:
        if not workspace.has_forge:
            return
        config = workspace.forge_config
    except CuentasError as error:
        yield failed(_FORGE, "configuración", error)
        return
    from reconciler.forge.examination import ForgeExamination  # noqa: PLC0415 -- it needs httpx

    main = workspace.repository.main_branch()
    yield from through(_FORGE, lambda: ForgeExamination(config, main, now))

"""Whose review the forge demands of which file: CODEOWNERS, from the configuration and the agencies' enlaces. Pure.

A forge is content with the approval of any one of a line's owners, and with nobody's of themselves. So where it is
said who may approve, they alone own declarations and configuration: an enlace on the line could approve what the Mesa
de Ayuda proposes, and the Director's review would not be demanded. Enlaces stand beside it, as those who propose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from reconciler.config import Config
from reconciler.errors import ConfigurationError
from reconciler.model import Dependencia

LARGEST = 3 * 1024 * 1024
"""Bytes from which GitHub reads none of the file."""

_HEADER = (
    "# Lo escribe «cuentas codeowners»: no lo edite a mano. Sale de «aprobacion: aprueban» y «mesa_de_ayuda:",
    "# integrantes» (cuentas.yaml) y de los enlaces de cada dependencia. Qué quiere decir: docs/forja.md.",
)


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The file: where a kind of forge looks for it, and what it says."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """Files, as GitHub and as Gitea name them, and who owns them; `proposers` are only told of."""

    github: tuple[str, ...]
    gitea: str
    owners: tuple[str, ...]
    proposers: tuple[str, ...] = ()
    label: str = ""


def codeowners(config: Config, agencies: Iterable[Dependencia], day: date) -> CodeOwners:
    """Return the file for the forge that is configured (GitHub where none is), as of a local day.

    An approver whose `hasta` is past owns nothing any more.

    Raises:
        ConfigurationError: nobody that the forge knows would own something, or the file would be too large.

    """
    gitea = config.forja is not None and config.forja.tipo == "gitea"
    lines = list(_HEADER)
    for rule in _rules(config, sorted(agencies, key=lambda one: one.siglas), day):
        if rule.label:
            lines.append(f"# {rule.label}: {_told(rule.proposers)}")
        lines += (" ".join((files, *rule.owners)) for files in ((rule.gitea,) if gitea else rule.github))
    text = "\n".join(lines) + "\n"
    if len(text.encode()) >= LARGEST:
        raise ConfigurationError(
            "CODEOWNERS pasaría de 3 MB, y la forja no lo leería.",
            remedy="Quite de «aprobacion: aprueban» a quien ya no está: su «hasta» ya pasó.",
        )
    return CodeOwners(".gitea/CODEOWNERS" if gitea else ".github/CODEOWNERS", text)


def _rules(config: Config, agencies: list[Dependencia], day: date) -> Iterator[_Rule]:
    """Yield what is owned, from the general to the particular: on GitHub the last line that fits counts."""
    desk = _users(one.usuario for one in config.mesa_de_ayuda.integrantes.values())
    named = config.aprobacion.aprueban
    guardians = _approvers(config, day) or _approvers(config, day, *(one.siglas for one in agencies))
    guardians = _somebody(guardians if named else desk, "cuentas.yaml ni de los flujos")
    yield _Rule(("*",), "!accounts/.*", _users((*desk, *guardians)))
    yield _Rule(("/.github/", "/.gitea/", "/.forgejo/"), "[.](github|gitea|forgejo)/.*", guardians)
    yield _Rule(("/cuentas.yaml",), "cuentas[.]yaml", guardians)
    yield _Rule((f"/{config.plantillas}/",), f"{config.plantillas.replace('.', '[.]')}/.*", guardians)
    yield _Rule(("/accounts/",), "accounts/.*", guardians)
    for agency in agencies:
        files = (f"/accounts/{agency.siglas}.yaml", f"/accounts/{agency.siglas}/")
        enlaces = _users(one.git_user for one in agency.enlaces.values())
        if named:
            owners = _somebody(_approvers(config, day, agency.siglas), f"lo de {agency.siglas}")
        else:
            owners = _users((*enlaces, *desk))
        yield _Rule(files, f"accounts/{agency.siglas}([.]yaml|/.*)", owners, enlaces, agency.siglas)


def _approvers(config: Config, day: date, *siglas: str) -> tuple[str, ...]:
    """Return who may approve for any of some agencies, or for all there are, as the forge knows them."""
    asked = {one.casefold() for one in siglas}
    return _users(
        one.usuario
        for one in config.aprobacion.aprueban.values()
        if (one.hasta is None or day <= one.hasta)
        and (not one.dependencias or asked & {own.casefold() for own in one.dependencias})
    )


def _users(names: Iterable[str | None]) -> tuple[str, ...]:
    """Return users as owners are written, each once: forges do not tell capitals apart."""
    found = {name.removeprefix("@").casefold(): f"@{name.removeprefix('@')}" for name in names if name}
    return tuple(found[name] for name in sorted(found))


def _somebody(owners: tuple[str, ...], of_what: str) -> tuple[str, ...]:
    if not owners:
        raise ConfigurationError(
            f"Nadie que la forja conozca sería dueño de {of_what}: su revisión no se exigiría.",
            remedy="Ponga «usuario» a quien aprueba («aprobacion: aprueban») o a la Mesa de Ayuda («mesa_de_ayuda: "
            "integrantes»), en cuentas.yaml.",
        )
    return owners


def _told(proposers: tuple[str, ...]) -> str:
    return f"propone {', '.join(proposers)}" if proposers else "propone la Mesa de Ayuda"

"""The files of an agency put together: one file, or a folder of parts with one head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from pydantic import BaseModel

from reconciler.config import Config
from reconciler.declaration.models import SECTIONS, CuentaYaml, EnlaceYaml, OficioYaml
from reconciler.declaration.problems import Problems
from reconciler.declaration.reading import FileRead, Read
from reconciler.model import Dependencia, Enlace, Oficio, Siglas, Source

E = TypeVar("E", bound=BaseModel)

HEAD = "_dependencia.yaml"
"""The part of the folder form that holds the agency's name."""


@dataclass(frozen=True, slots=True)
class AgencyRead:
    """An agency with every sound entry of all its files, each with its place."""

    dependencia: Dependencia
    enlaces: dict[str, Read[EnlaceYaml]]
    oficios: dict[str, Read[OficioYaml]]
    cuentas: dict[str, Read[CuentaYaml]]
    source: Source
    unsound: Mapping[str, frozenset[str]]
    """Keys written, by section, whose entries have problems of their own."""
    partial: bool = False
    """One of its files could not be read at all: what it lacks may be there."""

    def lacks(self, section: str, key: str) -> bool:
        """Tell whether a key is nowhere in a section, for sure."""
        there: Mapping[str, object] = getattr(self, section)
        return not (self.partial or key in there or key in self.unsound[section])


def gather(files: Iterable[FileRead], unread: Iterable[str], config: Config, problems: Problems) -> list[AgencyRead]:
    """Put files together by agency; an agency is its file's name, whatever the case.

    `unread` are the paths that could not be read.
    """
    partial = {_name(path) for path in unread}
    groups: dict[str, list[FileRead]] = {}
    spelled: dict[str, str] = {}
    for file in files:
        name = _name(file.path)
        first = spelled.setdefault(name.casefold(), name)
        if first != name or (groups.get(name) and not (is_part(file.path) and is_part(groups[name][0].path))):
            problems.add(
                Source(file.path, 0),
                "dependencia-repetida",
                f"La dependencia «{name}» ya está en {groups[first][0].path}.",
                "Deje un solo archivo, o una sola carpeta, por dependencia.",
            )
            continue
        groups.setdefault(name, []).append(file)
    return [_agency(name, parts, config, problems, partial=name in partial) for name, parts in sorted(groups.items())]


def is_part(path: str) -> bool:
    """Tell whether a path is that of a part, accounts/SIGLAS/PARTE.yaml."""
    return len(PurePosixPath(path).parts) == 3  # noqa: PLR2004 -- the three of that path


def _name(path: str) -> str:
    return PurePosixPath(path).parts[1] if is_part(path) else PurePosixPath(path).stem


def _agency(name: str, parts: list[FileRead], config: Config, problems: Problems, *, partial: bool) -> AgencyRead:
    headers: dict[str, tuple[str, Source]] = {}
    for part in parts:
        for header, (value, where) in part.headers.items():
            if header == "siglas" and value != name:
                problems.add(
                    where,
                    "siglas",
                    f"Las siglas «{value}» no son las del nombre del archivo («{name}»).",
                    "Corrija una de las dos: deben ser iguales, mayúsculas incluidas.",
                )
            elif header in headers and headers[header][0] != value:
                problems.add(where, "encabezado", f"«{header}» ya dice otra cosa en {headers[header][1]}.",
                             f"Déjelo solo en {HEAD}.")  # fmt: skip
            headers.setdefault(header, (value, where))
    source = Source(parts[0].path, 1)
    if "dependencia" not in headers and is_part(parts[0].path) and not partial:
        problems.add(source, "falta", f"Ningún archivo de «{name}» dice «dependencia:».", f"Póngala en {HEAD}.")
    dependencia = Dependencia(
        siglas=Siglas(name),
        name=headers.get("dependencia", (name, source))[0],
        domain=_domain(headers, config, problems),
        enlaces={key: _enlace(key, one.value) for part in parts for key, one in part.enlaces.items()},
        oficios={number: _oficio(number, one.value) for part in parts for number, one in part.oficios.items()},
    )
    return AgencyRead(
        dependencia=dependencia,
        enlaces=_together([part.enlaces for part in parts], "enlace", problems),
        oficios=_together([part.oficios for part in parts], "oficio", problems),
        cuentas=_together([part.cuentas for part in parts], "cuenta", problems),
        source=source,
        unsound={name: frozenset().union(*(part.unsound[name] for part in parts)) for name in SECTIONS},
        partial=partial,
    )


def _together(parts: list[dict[str, Read[E]]], what: str, problems: Problems) -> dict[str, Read[E]]:
    found: dict[str, Read[E]] = {}
    for part in parts:
        for key, entry in part.items():
            if key in found:
                problems.add(
                    entry.source, "clave-repetida", f"El {what} «{key}» ya está en {found[key].source}.",
                    "Deje una sola entrada.",
                )  # fmt: skip
            else:
                found[key] = entry
    return found


def _domain(headers: dict[str, tuple[str, Source]], config: Config, problems: Problems) -> str:
    if "dominio" not in headers:
        return config.dominios[0]
    value, where = headers["dominio"]
    if value not in config.dominios:
        problems.add(
            where,
            "dominio",
            f"El dominio «{value}» no está permitido.",
            f"Los permitidos están en cuentas.yaml: {', '.join(config.dominios)}.",
        )
    return value


def _enlace(key: str, one: EnlaceYaml) -> Enlace:
    return Enlace(key=key, name=one.nombre, email=one.correo, git_user=one.usuario_git, key_ssh=one.llave)


def _oficio(number: str, one: OficioYaml) -> Oficio:
    return Oficio(
        number=number,
        dated=one.fecha,
        received=one.recibido,
        medium=one.medio,
        enlace=one.enlace,
        signer=one.firmante,
        sha256=one.sha256,
    )

"""The letterhead of every document, from the configuration of the commit that is read and the logo beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reconciler.config import Config
from reconciler.documents.logo import logo_fault
from reconciler.errors import ConfigurationError, Problem
from reconciler.letterhead import Letterhead
from reconciler.model import TreeFile
from reconciler.trail import CONFIG

Read = Callable[[tuple[str, ...]], Sequence[TreeFile]]
"""How the files at some paths of the commit (or of the working copy) are read."""

_REMEDY = "Ponga en el repositorio un PNG o JPEG, corrija «documentos: logotipo», o quítelo."


def letterhead(config: Config, read: Read) -> Letterhead:
    """Return the head and foot of the institution's documents.

    Raises:
        ConfigurationError: the logo that cuentas.yaml names is not there, or cannot be drawn.

    """
    logo, fault = _logo(config, read)
    if fault:
        raise ConfigurationError(fault, remedy=_REMEDY)
    return Letterhead(
        organization=config.organizacion.nombre,
        unit=config.organizacion.unidad,
        motto=config.documentos.lema or "",
        foot=config.documentos.pie or "",
        logo=logo,
    )


def logo_problems(config: Config, read: Read) -> tuple[Problem, ...]:
    """Return what is wrong with the logo."""
    _, fault = _logo(config, read)
    return (Problem(CONFIG, 0, "logotipo", fault, _REMEDY),) if fault else ()


def _logo(config: Config, read: Read) -> tuple[bytes | None, str | None]:
    """Return the logo's content, and why it cannot be drawn."""
    path = config.documentos.logotipo
    if path is None:
        return None, None
    found = next((file for file in read((path,)) if file.path == path), None)
    if found is None:
        return None, f"No existe el logotipo de los documentos, «{path}»."
    reason = logo_fault(found.data) if found.data is not None else "no es un archivo, o pesa demasiado"
    return found.data, reason and f"El logotipo de los documentos, «{path}», {reason}."

"""The letterhead of every document, from the configuration of the commit that is read and the logo beside it."""

from __future__ import annotations

from reconciler.cli.workspace import Workspace
from reconciler.documents.letterhead import Letterhead
from reconciler.documents.logo import logo_fault
from reconciler.errors import ConfigurationError, DeclarationError, Problem
from reconciler.trail import CONFIG


def letterhead(workspace: Workspace) -> Letterhead:
    """Return the head and foot of the institution's documents.

    Raises:
        ConfigurationError: the logo that cuentas.yaml names is not there, or cannot be drawn.

    """
    config = workspace.config
    logo, fault = _logo(workspace)
    if fault:
        raise ConfigurationError(fault, remedy=_REMEDY)
    return Letterhead(
        organization=config.organizacion.nombre,
        unit=config.organizacion.unidad,
        motto=config.documentos.lema or "",
        foot=config.documentos.pie or "",
        logo=logo,
    )


def logo_problems(workspace: Workspace) -> tuple[Problem, ...]:
    """Return what is wrong with the logo; nothing where the configuration itself cannot be read."""
    try:
        _, fault = _logo(workspace)
    except (ConfigurationError, DeclarationError):
        return ()
    return (Problem(CONFIG, 0, "logotipo", fault, _REMEDY),) if fault else ()


_REMEDY = "Ponga en el repositorio un PNG o JPEG, corrija «documentos: logotipo», o quítelo."


def _logo(workspace: Workspace) -> tuple[bytes | None, str | None]:
    """Return the logo's content, and why it cannot be drawn."""
    path = workspace.config.documentos.logotipo
    if path is None:
        return None, None
    repository = workspace.repository
    files = repository.worktree((path,)) if workspace.worktree else repository.tree(workspace.tip, (path,))
    found = next((file for file in files if file.path == path), None)
    if found is None:
        return None, f"No existe el logotipo de los documentos, «{path}»."
    reason = logo_fault(found.data) if found.data is not None else "no es un archivo, o pesa demasiado"
    return found.data, reason and f"El logotipo de los documentos, «{path}», {reason}."

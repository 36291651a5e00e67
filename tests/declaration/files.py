"""Files of declarations for tests: a sound agency, what to change in it, and what `load` says of the result."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler import declaration
from reconciler.config import Config
from reconciler.errors import Problem
from reconciler.model import Account, AccountKey, TreeFile
from tests.build import TODAY

CONFIG = Config(dominios=("sinaloa.gob.mx", "salud.sinaloa.gob.mx"))
PATH = "accounts/SAF.yaml"

HEAD = """\
dependencia: Secretaría de Administración y Finanzas
siglas: SAF
enlaces:
  laura.beltran:
    nombre: Laura Beltrán Ochoa
    correo: laura.beltran@sinaloa.gob.mx
oficios:
  SAF/1/2025:
    fecha: 2025-02-11
    recibido: 2025-02-12
    medio: ventanilla
    enlace: laura.beltran
  SAF/2/2026:
    fecha: 2026-03-20
    recibido: 2026-03-23
    medio: oficio
    enlace: laura.beltran
"""
JUAN = """\
  juan.perez:
    nombre: Juan
    apellidos: Pérez López
    puesto: Jefe de Departamento
    alta: SAF/1/2025
"""
SAF = f"{HEAD}cuentas:\n{JUAN}"
OTHER = SAF.replace("siglas: SAF", "siglas: SEBIDES").replace("Administración y Finanzas", "Bienestar")
OTHER_PATH = "accounts/SEBIDES.yaml"


def file(path: str, content: str | bytes) -> TreeFile:
    """Return a file of a commit's tree."""
    data = content.encode() if isinstance(content, str) else content
    return TreeFile(path, "100644", len(data), data)


def load(content: str | bytes | Mapping[str, str | bytes], config: Config = CONFIG) -> declaration.Loaded:
    """Load SAF's file, or several files by path."""
    files = content if isinstance(content, Mapping) else {PATH: content}
    return declaration.load([file(path, text) for path, text in files.items()], config, TODAY)


def problems(content: str | bytes | Mapping[str, str | bytes], config: Config = CONFIG) -> list[Problem]:
    """Return everything that stops a declaration."""
    loaded = load(content, config)
    blocking = [problem for problem in loaded.problems if problem.blocks]
    assert (loaded.declaration is None) == bool(blocking)
    return blocking


def codes(content: str | bytes | Mapping[str, str | bytes], config: Config = CONFIG) -> list[tuple[int, str]]:
    """Return line and code of everything that stops a declaration."""
    return [(problem.line, problem.code) for problem in problems(content, config)]


def warnings(content: str | bytes | Mapping[str, str | bytes], config: Config = CONFIG) -> list[tuple[int, str]]:
    """Return line and code of what a person should look at in a declaration that is sound."""
    loaded = load(content, config)
    assert loaded.declaration is not None, loaded.problems
    return [(problem.line, problem.code) for problem in loaded.problems]


def account(content: str | Mapping[str, str | bytes], key: str = "juan.perez", config: Config = CONFIG) -> Account:
    """Return an account of a sound declaration."""
    loaded = load(content, config)
    assert loaded.declaration is not None, loaded.problems
    return loaded.declaration.accounts[AccountKey(key)].account


def line_of(text: str, start: str) -> int:
    """Return the number of the first line that starts with something, whatever its indentation."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


def person(
    key: str, given: str = "Ana", surnames: str = "Soto Leal", alta: str = "SAF/1/2025", more: str = ""
) -> str:
    """Return the entry of a person; `more` holds further lines, `campo: valor`."""
    extra = "".join(f"    {line}\n" for line in more.splitlines())
    return (
        f"  {key}:\n    nombre: {given}\n    apellidos: {surnames}\n    puesto: Analista\n    alta: {alta}\n{extra}"
    )

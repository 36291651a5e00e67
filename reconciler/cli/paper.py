"""Where a secret page comes out when somebody asks for it: the printer, or a file that only its owner reads."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from reconciler.errors import ConfigurationError, TargetError, UsageError, why_not

_PATIENCE_S = 60
_PRINTER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@/-]{0,126}")
_SAID = 200
"""Characters of what `lp` says that are repeated: it names queues and hosts, and never what it prints."""


def print_out(pdf: bytes, title: str, printer: str | None) -> None:
    """Print a page: it goes to `lp` by its standard input, so that no file and no command line ever has it.

    Raises:
        UsageError: that is no printer's name.
        ConfigurationError: this machine has no `lp`.
        TargetError: the printer did not take it, or did not answer in time.

    """
    if printer is not None and not _PRINTER.fullmatch(printer):
        raise UsageError(f"«{printer}» no es el nombre de una impresora.", remedy="Véalas con «lpstat -e».")
    words = ["lp", "-s", "-t", title, *(["-d", printer] if printer else []), "-"]
    try:
        done = subprocess.run(words, input=pdf, capture_output=True, check=False, timeout=_PATIENCE_S)  # noqa: S603 -- words of ours, and a name that was checked
    except FileNotFoundError:
        raise ConfigurationError(
            "Esta máquina no tiene «lp», así que no puede imprimir.",
            remedy="Instale CUPS («sudo apt-get install cups-client») o guarde la hoja con «-o ARCHIVO».",
        ) from None
    except (subprocess.TimeoutExpired, OSError) as error:
        raise _not_taken(
            "no contestó" if isinstance(error, subprocess.TimeoutExpired) else "no se pudo usar"
        ) from None
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[:_SAID]
        raise _not_taken(f"no la aceptó ({said or f'salió con {done.returncode}'})")


def _not_taken(why: str) -> TargetError:
    return TargetError(
        f"La impresora {why}: no consta que la hoja se haya impreso.",
        remedy="Revísela («lpstat -p») y repita; otra se elige con «--impresora». La hoja sigue sellada.",
    )


def save(data: bytes, file: Path) -> None:
    """Write a new file that only its owner reads, outside every repository of Git.

    Raises:
        UsageError: there is something of that name, or a Git repository around it, or it cannot be written whole;
            nothing of it is left.

    """
    place = file.parent.resolve()
    if any((one / ".git").exists() for one in (place, *place.parents)):
        raise UsageError(
            f"«{file}» quedaría dentro de un repositorio de Git, y ahí no entra una contraseña.",
            remedy="Guárdela en otra carpeta, que solo usted lea, y bórrela después de entregarla.",
        )
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as stream:  # noqa: PTH123 -- born with its mode
                os.fchmod(descriptor, 0o600)
                stream.write(data)
        except BaseException:
            file.unlink()  # part of a page with a password helps nobody but whoever finds it
            raise
    except FileExistsError:
        raise UsageError(f"«{file}» ya existe.", remedy="Elija otro nombre: no se escribe sobre nada.") from None
    except OSError as error:
        raise UsageError(f"No se pudo escribir «{file}»: {why_not(error)}.", remedy="Elija otra ruta.") from None

"""The tree of errors: a failure's class says who has to act, and its exit code."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import ClassVar


class CuentasError(Exception):
    """Root of every error that a person is meant to read.

    `message` says what is wrong and `remedy` what to do next, both in Spanish and without secrets.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a declaration: where it is, what it is, what to do about it.

    `line` counts from 1; 0 means the file as a whole. A warning (`blocks` false) never stops a run.
    """

    file: str
    line: int
    code: str
    message: str
    remedy: str
    blocks: bool = True


class UsageError(CuentasError):
    """Whoever typed the command has to correct it."""

    exit_code = 2


class NotAFormError(UsageError):
    """An issue is not what its form writes: whoever opened it has to fill it in again."""


class ConfigurationError(CuentasError):
    """Whoever installed `cuentas` has to correct cuentas.yaml or its environment."""

    exit_code = 2


class DeclarationError(CuentasError):
    """Whoever edits the YAML (the enlace) has to correct it; carries every problem at once."""

    exit_code = 2

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = sum(1 for problem in problems if problem.blocks)
        noun, mend = ("problema", "Corríjalo") if count == 1 else ("problemas", "Corríjalos")
        super().__init__(
            f"La declaración tiene {count} {noun}.",
            remedy=f"{mend} en una rama y vuelva a correr «cuentas validate».",
        )
        self.problems = problems


class RequestError(DeclarationError):
    """Whoever filled in a request has to correct it; each problem's `file` is the box that it is about."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        count = sum(1 for problem in problems if problem.blocks)
        self.message = f"La solicitud tiene {count} {'problema' if count == 1 else 'problemas'}: no se recibió."
        self.remedy = "Corríjala y repita; no se escribió nada."


class RefusedError(CuentasError):
    """A guard said no: whoever approves (the Director) has to decide."""

    exit_code = 3


class NotApprovedError(RefusedError):
    """A change has no merged pull request behind it."""


class BusyError(RefusedError):
    """Another run holds the lease; wait for it to end."""


class StoppedError(CuentasError):
    """Whoever ran it, or the machine, asked it to stop: what was begun is on record, the rest is untouched."""

    exit_code = 130


class StalePlanError(CuentasError):
    """The plan shown is no longer the plan there is: Mesa de Ayuda has to plan again."""

    exit_code = 4


class TargetError(CuentasError):
    """Active Directory or Exchange did not do what was asked."""

    exit_code = 5


class TargetUnreachableError(TargetError):
    """Nobody answers, or refuses to let us in: the run stops and whoever runs the servers acts."""


class TargetRejectedError(TargetError):
    """The server answered no to one account; the others go on."""


class ChangedMeanwhileError(TargetRejectedError):
    """Someone else changed the object between our reading and our writing; nothing was overwritten."""


class OutcomeUnknownError(TargetError):
    """The answer was lost: the change may or may not have happened until it is read back."""


class RecordError(CuentasError):
    """The bitácora cannot be read or written: nothing more may be changed."""

    exit_code = 6


class LostRaceError(RecordError):
    """Another writer got to the bitácora's branch first: read it again and write again."""


_SYSTEM = {
    errno.ENOENT: "no existe",
    errno.EACCES: "no hay permiso",
    errno.EPERM: "el sistema no lo permite",
    errno.EEXIST: "ya existe",
    errno.EISDIR: "es una carpeta",
    errno.ENOTDIR: "parte de su ruta no es una carpeta",
    errno.ENOSPC: "no queda espacio en el disco",
    errno.EDQUOT: "se acabó la cuota de disco",
    errno.EROFS: "está en un disco de solo lectura",
    errno.ENAMETOOLONG: "el nombre es demasiado largo",
    errno.ELOOP: "es un enlace simbólico",
    errno.EMFILE: "hay demasiados archivos abiertos",
    errno.EIO: "el disco falló",
    errno.EFBIG: "el archivo es demasiado grande",
}


def why_not(error: OSError | UnicodeError) -> str:
    """Say in Spanish why the system did not do something with a file."""
    if isinstance(error, UnicodeError):
        return "no es texto en UTF-8"
    return _SYSTEM.get(
        error.errno or 0, f"error {error.errno} del sistema" if error.errno else "el sistema no dice por qué"
    )

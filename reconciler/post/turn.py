"""A sender's turn: among the processes of one machine, one sends for a target at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from reconciler.errors import TargetUnreachableError, why_not
from reconciler.patience import Patience
from reconciler.untracked import make_untracked


class Turn:
    """A lock in a folder; it ends with the process that holds it, and leaves nothing to clean up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def taken(self, patience: Patience) -> Iterator[None]:
        """Hold the turn inside.

        Raises:
            TargetUnreachableError: the folder cannot be used, or somebody else sends longer than we have patience.

        """
        descriptor = self._opened()
        try:
            while not _locked(descriptor):
                if not patience.wait("Otra corrida está enviando."):
                    raise TargetUnreachableError(
                        "Otra corrida sigue enviando: aquí no se envió nada.",
                        remedy="Espere a que termine y vuelva a correr.",
                    )
            yield
        finally:
            os.close(descriptor)

    def _opened(self) -> int:
        try:
            make_untracked(self._folder.parent)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            return os.open(self._folder / ".turno", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise TargetUnreachableError(
                f"No se pudo tomar el turno de enviar en «{self._folder}»: {why_not(error)}.",
                remedy="Revise el espacio y los permisos de «correo: carpeta»; no se envió nada.",
            ) from None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""By files: what is to be captured waits in `salida/`, and another program leaves the numbers in `entrada/`."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Collection, Iterator
from datetime import tzinfo
from pathlib import Path

from reconciler.capture import ORDER, Answer, Answers, capture
from reconciler.config import OficiosArchivo
from reconciler.errors import TargetUnreachableError, why_not
from reconciler.orders import Order, Telling
from reconciler.sistema_oficios.inbox import Inbox
from reconciler.sistema_oficios.table import as_csv, as_json
from reconciler.untracked import make_untracked, put

OUT, IN = "salida", "entrada"

_OURS = re.compile(rf"({ORDER.pattern}\.(?:{'|'.join(Telling)}))\.(?:json|csv)")
"""The names of what this program leaves in `salida/`: it takes nothing else away."""


class FileSystem:
    """Fits the engine's `OrderSystem` over a folder: one file for each telling, named by what makes it one.

    `salida/ORDEN.ACCION.json` (or .csv) stays until its answer is on record, and is written again where somebody
    took it away meanwhile. Answers are files in `entrada/`, moved to `entrada/leidas/` once all that one says is on
    record. Files are 0600 in folders that are made 0700: the other program runs as the same user.
    """

    def __init__(self, config: OficiosArchivo, folder: Path, zone: tzinfo) -> None:
        """Take the folder of one target; nothing is made in it before the first telling."""
        self._format = config.formato
        self._folder = folder
        self._zone = zone
        self._inbox = Inbox(folder / IN)

    def tell(self, order: Order, what: Telling) -> None:
        """Leave what is to be captured in `salida/`, whole and durable; its number comes later."""
        found = capture(order, what, self._zone)
        data = as_json(found) if self._format == "json" else as_csv(found)
        with self._usable(OUT) as out:
            put(out, self._name(found.orden, what), data)

    def answers(self) -> Answers:
        """Return what is in `entrada/`, each with the file that it came in."""
        if not (self._folder / IN).exists():
            return Answers()
        with self._usable(IN) as inbox:
            return self._inbox.read(inbox)

    def settle(self, taken: Collection[Answer], due: Collection[tuple[str, Telling]]) -> None:
        """Move the files that are all on record to `entrada/leidas/`, and take out of `salida/` what is not due."""
        if taken:
            with self._usable(IN) as inbox:
                self._inbox.settle(inbox, taken)
        if not (self._folder / OUT).exists():
            return
        still = {f"{order}.{what}" for order, what in due}
        with self._usable(OUT) as out:
            for name in os.listdir(out):  # noqa: PTH208 -- of a folder already open
                found = _OURS.fullmatch(name)
                if found and found[1] not in still:
                    with contextlib.suppress(FileNotFoundError):  # the other program took it
                        os.unlink(name, dir_fd=out)

    def close(self) -> None:
        """Do nothing: no folder stays open."""

    def _name(self, order: str, what: Telling) -> str:
        return f"{order}.{what}.{self._format}"

    @contextlib.contextmanager
    def _usable(self, name: str) -> Iterator[int]:
        """Open one of the folders, made where it is missing; what goes wrong in it is worded."""
        folder = self._folder / name
        try:
            make_untracked(self._folder.parent)
            for one in (self._folder, folder):
                one.mkdir(mode=0o700, exist_ok=True)
                refuse_strangers(one)
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                yield descriptor
            finally:
                os.close(descriptor)
        except OSError as error:
            raise TargetUnreachableError(
                f"No se pudo usar «{folder}», por donde se habla con el Sistema de Oficios: {why_not(error)}.",
                remedy="Revise el espacio y los permisos de «sistema_oficios: carpeta»; no es un enlace simbólico.",
            ) from None


def refuse_strangers(folder: Path) -> None:
    """Raise where anybody of the machine could leave answers.

    Raises:
        OSError: it is not there.
        TargetUnreachableError: its mode lets others write into it.

    """
    if folder.stat().st_mode & stat.S_IWOTH:
        raise TargetUnreachableError(
            f"Cualquiera de esta máquina puede escribir en «{folder}».",
            remedy=f"Corra «chmod o-w {folder}», y revise lo que haya en ella.",
        )

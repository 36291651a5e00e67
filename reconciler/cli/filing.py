"""How orders get to the Sistema de Oficios: the configured way chosen, opened, and said in words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from reconciler.cli.screen import note
from reconciler.cli.settings import order_system_config
from reconciler.cli.workspace import Workspace
from reconciler.config import DestinoEmbebido, OficiosArchivo, OficiosHttp, OficiosManual
from reconciler.engine.ports import OrderSystem
from reconciler.patience import Patience
from reconciler.sistema_oficios.files import IN, OUT, FileSystem
from reconciler.sistema_oficios.manual import ManualSystem


@dataclass(frozen=True, slots=True)
class Filing:
    """The way of one target; `folder` is where files are exchanged, where they are.

    `for_nobody` says that a service is configured which this target does not tell.
    """

    target: str
    config: OficiosManual | OficiosArchivo | OficiosHttp
    folder: Path
    zone: tzinfo
    command: str
    for_nobody: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether a person captures."""
        return isinstance(self.config, OficiosManual)

    @property
    def by_files(self) -> bool:
        """Whether answers come by themselves, whatever is due."""
        return isinstance(self.config, OficiosArchivo)

    def waiting(self, count: int) -> str:
        """Say how many orders wait, and for what."""
        those = "1 orden" if count == 1 else f"{count} órdenes"
        wait = "espera" if count == 1 else "esperan"
        match self.config:
            case OficiosManual():
                return f"{those} por capturar: «{self.command}»"
            case OficiosArchivo() if self.for_nobody:
                return f"{those} en «{self.folder / OUT}»: con el destino embebido no se le dice al servicio"
            case OficiosArchivo():
                return f"{those} {wait} respuesta en «{self.folder / IN}»"
            case OficiosHttp():
                return f"{those} {wait} en la bitácora; se repite con «{self.command}»"

    @contextlib.contextmanager
    def opened(self, show: Callable[[str], None], ask: Callable[[str], str] | None) -> Iterator[OrderSystem]:
        """Open the way, and close it on the way out; `show` and `ask` are for capturing by hand.

        Raises:
            ConfigurationError: the authority or the token cannot be read.

        """
        system = self._system(show, ask)
        try:
            yield system
        finally:
            system.close()

    def _system(self, show: Callable[[str], None], ask: Callable[[str], str] | None) -> OrderSystem:
        match self.config:
            case OficiosManual():
                return ManualSystem(self.zone, show, ask)
            case OficiosArchivo() as files:
                return FileSystem(files, self.folder, self.zone)
            case OficiosHttp() as http:
                from reconciler.sistema_oficios.service import HttpSystem  # noqa: PLC0415 -- only this needs httpx

                return HttpSystem(http, self.zone, lambda: Patience(_seconds(http), note))


def filing(workspace: Workspace, asked: str | None) -> Filing:
    """Return the way of a target. Nothing is opened.

    For a real one, only what was approved on the main branch says where orders and the token go, whatever commit is
    looked at. With the embedded one no service is told: what it would be is left in files, for a person to read.

    Raises:
        ConfigurationError: its fields do not make sense.
        RefusedError: the configuration is not approved.

    """
    config, name, target = workspace.destination(asked)
    embedded = isinstance(target, DestinoEmbebido)
    found = config.sistema_oficios if embedded else order_system_config(config, workspace.settings)
    for_nobody = embedded and isinstance(found, OficiosHttp)
    if for_nobody:
        found = OficiosArchivo(modo="archivo")
    exchange = found.carpeta if isinstance(found, OficiosArchivo) else OficiosArchivo(modo="archivo").carpeta
    command = "cuentas order tell" + ("" if name == workspace.target_name(None) else f" --target {name}")
    folder = workspace.repository.home / exchange / name
    return Filing(name, found, folder, workspace.zone, command, for_nobody)


def _seconds(config: OficiosHttp) -> float:
    """Return how long one telling may take, its attempts and the waits between them included."""
    return config.espera_s * config.intentos + 60.0

"""Samba as a process: how it is started, and at which address."""

import errno
import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import IO

from tests.lab.samba.domain import ADDRESSES, LabError

PORTS = (88, 389, 464, 636, 3268, 3269)


def command(configuration: Path) -> tuple[str, ...]:
    """Return what runs samba on `configuration`: it ends itself when its standard input does.

    So not even a killed test run leaves a server behind.
    """
    options = ("--interactive", "--no-process-group", "--model=standard", "--debug-stdout")
    return ("samba", *options, f"--configfile={configuration}")


class Claim:
    """The first of the lab's addresses (or the one wanted) where nobody uses a port of a domain controller.

    Nobody else takes it while this process lives and has not let go of it, so that a controller keeps it from one
    start to the next: otherwise another laboratory of the machine could slip in.
    """

    def __init__(self, wanted: str | None = None) -> None:
        candidates = ADDRESSES if wanted is None else (wanted,)
        for address in candidates:
            handle = _held(address)
            if handle is not None and _is_unused(address):
                self.address, self._handle = address, handle
                return
            if handle is not None:
                handle.close()
        raise _all_taken(*candidates)

    def check(self) -> None:
        """Make sure that its ports are free again, or still."""
        if not _is_unused(self.address):
            raise _all_taken(self.address)

    def release(self) -> None:
        """Let go; calling it again does nothing."""
        self._handle.close()


def _held(address: str) -> IO[str] | None:
    folder = Path(tempfile.gettempdir()) / f"cuentas-lab-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = (folder / f"{address}.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def _all_taken(*candidates: str) -> LabError:
    return LabError(
        f"Los puertos {', '.join(map(str, PORTS))} están ocupados en {', '.join(candidates)}: "
        "detenga el otro controlador de dominio («make lab-stop»)."
    )


def _is_unused(address: str) -> bool:
    return all(_is_free(address, port) for port in PORTS)


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError as error:
            raise LabError(
                "Active Directory usa los puertos 88, 389 y 636, que aquí solo root puede abrir. Ejecute "
                "como root, o permítalos con «sysctl net.ipv4.ip_unprivileged_port_start=0» (como Docker)."
            ) from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise LabError(f"No se puede usar la dirección {address}: {error.strerror}.") from error
    return True

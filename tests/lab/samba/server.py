"""Samba as a process: how it is started, and at which address."""

import errno
import socket
from pathlib import Path

from tests.lab.samba.domain import ADDRESSES, LabError

PORTS = (88, 389, 464, 636, 3268, 3269)


def command(configuration: Path) -> tuple[str, ...]:
    """Return what runs samba on `configuration`: it ends itself when its standard input does.

    So not even a killed test run leaves a server behind.
    """
    options = ("--interactive", "--no-process-group", "--model=standard", "--debug-stdout")
    return ("samba", *options, f"--configfile={configuration}")


def free_address(wanted: str | None = None) -> str:
    """`wanted`, or else the lab's first address, on which nobody uses a port of a domain controller."""
    candidates = ADDRESSES if wanted is None else (wanted,)
    for address in candidates:
        if all(_is_free(address, port) for port in PORTS):
            return address
    raise LabError(
        f"Los puertos {', '.join(map(str, PORTS))} están ocupados en {', '.join(candidates)}: "
        "detenga el otro controlador de dominio («make lab-stop»)."
    )


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

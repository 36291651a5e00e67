"""Whether a server can be reached: its name, its port, its certificate. Every wait is bounded; nothing is sent."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reconciler.check import Doubt, Step
from reconciler.errors import ConfigurationError, TargetUnreachableError

NAME, PORT, TLS = "nombre", "puerto", "TLS"
"""The steps of reaching a server, each of which needs the one before."""

_RESOLVE_SECONDS = 10.0
_CONNECT_SECONDS = 10.0
_SOON = timedelta(days=30)
_NAME_MISMATCH = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
_NOT_YET, _EXPIRED = 9, 10  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED


@dataclass(frozen=True, slots=True)
class Place:
    """A server: where to connect, the seconds that one attempt may take, and the section that configures it.

    `setting` and `port_setting` are what says in that section who the server is, and its port.
    """

    host: str
    port: int
    seconds: float
    section: str
    setting: str = "servidor"
    port_setting: str = "puerto"

    def steps(self, tls: Callable[[], str] | None) -> tuple[Step, ...]:
        """Return what is looked at before anybody logs on; `tls` None for a server that has none."""
        steps = Step(NAME, self.resolve), Step(PORT, self.connect, (NAME,))
        return steps if tls is None else (*steps, Step(TLS, tls, (PORT,)))

    def resolve(self) -> str:
        """Return the name and its addresses.

        Raises:
            TargetUnreachableError: it has none, or nobody answers.

        """
        addresses = _addresses(self.host, self.port)
        if not addresses:
            raise TargetUnreachableError(
                f"El nombre «{self.host}» no se resuelve.",
                remedy=f"Corrija «{self.setting}» de «{self.section}», o el DNS de esta máquina "
                f"(«getent hosts {self.host}»).",
            )
        said = ", ".join(addresses)
        return said if said == self.host else f"{self.host} es {said}"

    def connect(self) -> str:
        """Connect to the port and hang up.

        Raises:
            TargetUnreachableError: nobody listens there.

        """
        self._dialled().close()
        return f"puerto {self.port} abierto"

    def certificate(self, authority: Path | None, now: datetime) -> str:
        """Begin TLS, hang up, and say how long the certificate lasts; without an authority, the system's count.

        Raises:
            ConfigurationError: the authority's file holds no certificate.
            TargetUnreachableError: it is not one to believe.
            Doubt: it ends soon.

        """
        try:
            context = ssl.create_default_context(cafile=authority)
        except OSError:
            raise ConfigurationError(
                f"«{authority}» no es un certificado de autoridad.",
                remedy=f"Ponga en «ca» de «{self.section}» el PEM de la autoridad que firma el certificado.",
            ) from None
        with self._dialled() as plain:
            try:
                with context.wrap_socket(plain, server_hostname=self.host) as secure:
                    return lasts(secure.getpeercert() or {}, now)
            except ssl.SSLCertVerificationError as error:
                raise self._unbelievable(error) from None
            except OSError:
                raise TargetUnreachableError(
                    f"{self.host}:{self.port} no habla TLS.",
                    remedy=f"Revise «{self.port_setting}» de «{self.section}», y si ahí se entra con TLS.",
                ) from None

    def _dialled(self) -> socket.socket:
        try:
            return socket.create_connection((self.host, self.port), timeout=min(self.seconds, _CONNECT_SECONDS))
        except OSError:
            raise TargetUnreachableError(
                f"{self.host}:{self.port} no contesta.",
                remedy=f"Revise «{self.port_setting}» de «{self.section}», el cortafuegos y que el servidor esté en "
                f"servicio: «nc -vz {self.host} {self.port}».",
            ) from None

    def _unbelievable(self, error: ssl.SSLCertVerificationError) -> TargetUnreachableError:
        remedy = f"Revise «ca» de «{self.section}»: el PEM de la autoridad que firma el certificado."
        match error.verify_code:
            case code if code in _NAME_MISMATCH:
                why, remedy = f"no prueba ser {self.host}", f"Ponga en «servidor» de «{self.section}» su nombre."
            case code if code == _EXPIRED:
                why, remedy = "caducó", "Pida a quien administra el servidor que lo renueve."
            case code if code == _NOT_YET:
                why, remedy = "aún no es válido", "Revise la hora de esta máquina y la fecha del certificado."
            case _:
                why = "no lo firma la autoridad configurada"
        return TargetUnreachableError(f"El certificado de {self.host}:{self.port} {why}.", remedy=remedy)


def lasts(certificate: Mapping[str, Any], now: datetime) -> str:
    """Say until when a verified certificate (as `ssl` gives it) serves.

    Raises:
        Doubt: not for long.

    """
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    said = f"certificado verificado, vence el {end:%Y-%m-%d}"
    if end - now < _SOON:
        raise Doubt(
            f"{said}: en {max((end - now).days, 0)} días.",
            remedy="Pida a quien administra el servidor que lo renueve antes.",
        )
    return said


def _addresses(host: str, port: int) -> list[str]:
    """Resolve in a thread that nobody waits for longer than it should: the system's own patience is minutes."""
    answer: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        answer.put(list(dict.fromkeys(str(one[4][0]) for one in found)))

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answer.get(timeout=_RESOLVE_SECONDS)
    except queue.Empty:
        return []


def trusting(authority: Path | None, section: str) -> ssl.SSLContext:
    """Return what verifies a server by an authority (a PEM file), or by the system's; `section` has it as `ca`.

    Raises:
        ConfigurationError: the authority cannot be read.

    """
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError):
        raise ConfigurationError(
            f"No se puede leer la autoridad «{authority}».",
            remedy=f"Revise «ca» de «{section}»: un archivo PEM con el certificado de la autoridad.",
        ) from None

"""How Exchange's management shell is reached: WSMan over HTTP with every message encrypted, or over verified TLS.

The Microsoft.Exchange configuration at /PowerShell, on the ports of the web (Microsoft, "Connect to Exchange servers
using remote PowerShell").
"""

from __future__ import annotations

import importlib.util
import logging
import ssl
import time
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import requests
from pypsrp.complex_objects import RunspacePoolState
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import RunspacePool
from pypsrp.wsman import OptionSet, SelectorSet, WSMan, WSManAction

from reconciler.config import Exchange
from reconciler.errors import ConfigurationError, why_not
from reconciler.exchange.line import Clock, Line, OnlyKerberos, PlainAnswerError, trusting
from reconciler.password_file import read_password

logging.getLogger("pypsrp").addHandler(logging.NullHandler())  # else its tracebacks reach the terminal

_CONFIGURATION = "Microsoft.Exchange"
_PATH = "PowerShell"
_POLL_SECONDS = 20
_MARGIN_SECONDS = 10
_CONNECT_SECONDS = 10
_OPENING_POLL_SECONDS = 5
_LONG_SECONDS = 4.0
_PAUSE_SECONDS = 0.2
_TIMED_OUT = 2150858793  # w:TimedOut: nothing to say yet, ask again


class Wire(WSMan):
    """WSMan that waits no longer than it is allowed, follows no redirection and repeats a lost Receive just once."""

    def __init__(self, server: str, authority: ssl.SSLContext, **options: Any) -> None:
        super().__init__(server, **options)
        self._clock = Clock()
        self._line = Line(self._clock, authority, sealed=self.transport.wrap_required)
        session = self.transport._build_session()  # noqa: SLF001 -- pypsrp offers no other door to its session
        session.trust_env, session.verify = False, True
        session.max_redirects = 0
        session.mount("https://", self._line)
        session.mount("http://", self._line)
        if self.transport.wrap_required:
            session.auth = OnlyKerberos(
                options["username"],
                options["password"],
                auth_provider=self.transport.auth,
                service=options["negotiate_service"],
                hostname_override=options["negotiate_hostname_override"],
            )
        self.transport.session = session

    @property
    def posted(self) -> bool:
        """Whether a message may have reached the server since this was last `allow`ed time."""
        return self._line.posted

    def allow(self, seconds: float) -> None:
        """Begin something that may take so long, connection and all; what is still waited for then is given up."""
        self._clock.allow(seconds)
        self._line.posted = False

    def receive(
        self,
        resource_uri: str,
        resource: Element,
        option_set: OptionSet | None = None,
        selector_set: SelectorSet | None = None,
        timeout: int | None = None,
    ) -> Element:
        """Ask for output; pypsrp's own five silent repetitions may take minutes."""
        try:
            self._clock.left()
        except TimeoutError:
            raise requests.ReadTimeout from None
        answer = self.invoke(
            WSManAction.RECEIVE, resource_uri, resource, option_set, selector_set, timeout, retries_on_read_timeout=1
        )
        body = answer.find("{http://www.w3.org/2003/05/soap-envelope}Body")
        if body is None:
            raise PlainAnswerError
        return body

    def forget_connection(self) -> None:
        """Begin a new TCP connection with the next message; Kerberos' keys die with the one they were made on."""
        self.transport.close()
        self.transport.encryption = None

    def hurry(self, seconds: int) -> None:
        """Wait no longer than this for all that is asked from now on."""
        self.transport.read_timeout = self.transport.connection_timeout = seconds
        self.allow(seconds)


class Pool(RunspacePool):
    """A runspace whose opening goes on being asked for while the server has nothing to say, as long as `wire` may.

    `tell` hears of it once, in words, where it takes long.
    """

    def __init__(self, wire: Wire, tell: Callable[[], None]) -> None:
        super().__init__(wire, configuration_name=_CONFIGURATION)
        self._tell = tell
        self._began = time.monotonic()
        self._told = False

    def _receive(self, id: str | None = None, timeout: int | None = None) -> list[tuple[int, Any]]:  # noqa: A002 -- pypsrp's own
        if self.state != RunspacePoolState.NEGOTIATION_SENT:
            return super()._receive(id, timeout)
        try:
            heard = super()._receive(id, timeout or _OPENING_POLL_SECONDS)
        except WSManFaultError as error:
            if error.code != _TIMED_OUT:
                raise
            heard = []
        if not heard:
            self._nothing_heard()
        return heard

    def _nothing_heard(self) -> None:
        if not self._told and time.monotonic() - self._began >= _LONG_SECONDS:
            self._told = True
            self._tell()
        time.sleep(_PAUSE_SECONDS)  # it may have answered at once


class Door:
    """What opens a runspace of one Exchange server; keeps the service account's password to itself."""

    def __init__(self, config: Exchange) -> None:
        """Make sure that everything needed to log on is there; nothing is connected yet.

        Raises:
            ConfigurationError: user, password, authority or Kerberos libraries are missing or not safe.

        """
        self.where = f"{config.servidor}:{config.puerto or (443 if config.seguridad == 'basico' else 80)}"
        self._server = config.servidor
        self._options = _options(config)
        self._authority = _authority(config)

    def unopened(self, waiting: Callable[[str], None]) -> tuple[Wire, Pool]:
        """Return a runspace that has yet to be opened, on a connection of its own."""
        wire = Wire(self._server, self._authority, **self._options)
        return wire, Pool(wire, lambda: waiting(f"La consola de Exchange en {self.where} tarda en abrir."))


def _options(config: Exchange) -> dict[str, Any]:
    poll = min(_POLL_SECONDS, config.espera_s)
    options: dict[str, Any] = {
        "path": _PATH,
        "connection_timeout": min(_CONNECT_SECONDS, config.espera_s),
        "operation_timeout": poll,
        "read_timeout": poll + _MARGIN_SECONDS,
        "reconnection_retries": 0,
        "reconnection_backoff": 0.5,
        "no_proxy": True,  # a server of the house
        "username": config.usuario,
        "password": read_password(config.clave_archivo, "la cuenta de servicio") if config.clave_archivo else None,
    }
    if config.seguridad == "basico":
        return options | _basic(config)
    return options | _kerberos(config)


def _basic(config: Exchange) -> dict[str, Any]:
    if not config.usuario or config.clave_archivo is None:
        raise ConfigurationError(
            "Exchange pide entrar con contraseña y le falta «usuario» o «clave_archivo».",
            remedy="Complételos en «exchange» del destino, o use «seguridad: kerberos».",
        )
    return {
        "auth": "basic",
        "ssl": True,
        "port": config.puerto or 443,
    }


def _authority(config: Exchange) -> ssl.SSLContext:
    authority = config.ca if config.seguridad == "basico" else None
    try:
        return trusting(authority)
    except OSError as error:
        raise ConfigurationError(
            f"No se puede leer la autoridad certificadora «{authority}»: {why_not(error)}.",
            remedy="Ponga en «ca» de «exchange» el archivo PEM de la autoridad que firma el certificado.",
        ) from None


def _kerberos(config: Exchange) -> dict[str, Any]:
    if not all(map(importlib.util.find_spec, ("gssapi", "krb5"))):
        raise ConfigurationError(
            f"Para «seguridad: {config.seguridad}» de Exchange falta el extra de Kerberos.",
            remedy="Instálelo con: apt-get install gcc libkrb5-dev python3-dev; pip install 'cuentas[kerberos]'.",
        )
    return {
        "auth": config.seguridad,
        "ssl": False,
        "port": config.puerto or 80,
        "encryption": "always",
        "negotiate_service": "HTTP",
        "negotiate_hostname_override": config.nombre_kerberos,
    }

"""How Exchange's management shell is reached: WSMan over HTTP with every message encrypted, or over verified TLS.

The Microsoft.Exchange configuration at /PowerShell, on the ports of the web (Microsoft, "Connect to Exchange servers
using remote PowerShell").
"""

from __future__ import annotations

import importlib.util
import logging
import ssl
from typing import Any
from xml.etree.ElementTree import Element

import requests
from pypsrp.powershell import RunspacePool
from pypsrp.wsman import OptionSet, SelectorSet, WSMan, WSManAction

from reconciler.config import Exchange
from reconciler.errors import ConfigurationError
from reconciler.password_file import read_password

logging.getLogger("pypsrp").addHandler(logging.NullHandler())  # else its tracebacks reach the terminal

_CONFIGURATION = "Microsoft.Exchange"
_PATH = "PowerShell"
_POLL_SECONDS = 20
_MARGIN_SECONDS = 10
_CONNECT_SECONDS = 10


class PlainAnswerError(Exception):
    """An answer came in clear where every message has to be encrypted: it is not believed."""


class Wire(WSMan):
    """WSMan that believes encrypted answers only, follows no redirection and repeats a lost Receive just once."""

    def __init__(self, server: str, **options: Any) -> None:
        super().__init__(server, **options)
        session = self.transport._build_session()  # noqa: SLF001 -- pypsrp offers no other door to its session
        session.max_redirects = 0
        if self.transport.wrap_required:
            session.hooks["response"].append(_only_encrypted)
        self.transport.session = session

    def receive(
        self,
        resource_uri: str,
        resource: Element,
        option_set: OptionSet | None = None,
        selector_set: SelectorSet | None = None,
        timeout: int | None = None,
    ) -> Element:
        """Ask for output; pypsrp's own five silent repetitions may take minutes."""
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
        """Wait no longer than this for what is asked from now on."""
        self.transport.read_timeout = self.transport.connection_timeout = seconds


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

    def unopened(self) -> tuple[Wire, RunspacePool]:
        """Return a runspace that has yet to be opened, on a connection of its own."""
        wire = Wire(self._server, **self._options)
        return wire, RunspacePool(wire, configuration_name=_CONFIGURATION)


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
    try:
        ssl.create_default_context(cafile=config.ca)
    except OSError as error:
        raise ConfigurationError(
            f"No se puede leer la autoridad certificadora «{config.ca}»: {error.strerror or error}.",
            remedy="Ponga en «ca» de «exchange» el archivo PEM de la autoridad que firma el certificado.",
        ) from None
    return {
        "auth": "basic",
        "ssl": True,
        "port": config.puerto or 443,
        "cert_validation": str(config.ca) if config.ca else True,
    }


def _kerberos(config: Exchange) -> dict[str, Any]:
    if config.seguridad == "kerberos" and not all(map(importlib.util.find_spec, ("gssapi", "krb5"))):
        raise ConfigurationError(
            "Para «seguridad: kerberos» de Exchange falta el extra de Kerberos.",
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


def _only_encrypted(response: requests.Response, **_: Any) -> requests.Response:
    """Refuse a success in clear: whoever sits on the wire could have written it."""
    encrypted = response.headers.get("content-type", "").lower().startswith("multipart/")
    if response.ok and response.content and not encrypted:
        raise PlainAnswerError
    return response

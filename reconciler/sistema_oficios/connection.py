"""The line to the Sistema de Oficios' service: one request, one bounded answer, over verified TLS alone."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from reconciler.config import OficiosHttp
from reconciler.errors import ConfigurationError, TargetUnreachableError
from reconciler.password_file import read_password

LARGEST = 1 << 16
"""Bytes of an answer: what is in the contract takes less than one thousand."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750, 2.1."""


class NotNowError(Exception):
    """Nothing was done, and it may be asked again."""


class LostError(Exception):
    """The answer did not come whole: what was asked may have been done."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered; the headers' names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """Not to be used by two threads at once. The token goes nowhere but to the configured address."""

    def __init__(self, config: OficiosHttp) -> None:
        """Take what is needed; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the token cannot be read.

        """
        self.base = config.url.rstrip("/")
        self._seconds = float(config.espera_s)
        self._socket: socket.socket | None = None
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "cuentas"}
        if config.clave_archivo is not None:
            headers["Authorization"] = f"Bearer {_token(config.clave_archivo)}"
        self._client = httpx.Client(
            headers=headers,
            verify=_authority(config),
            timeout=self._seconds,
            follow_redirects=False,
            trust_env=False,  # a proxy of the environment would be somebody that nobody approved
        )

    def ask(self, method: str, path: str, body: bytes | None = None, key: str | None = None) -> Reply:
        """Send a request and return its answer, within the configured seconds from first to last.

        Raises:
            TargetUnreachableError: the server does not prove to be the one that is configured.
            NotNowError: it was not sent.
            LostError: it was, and the answer did not come, or not whole, or was too large.

        """
        headers = {"Idempotency-Key": key} if key else {}
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        try:
            with (
                self._within(),
                self._client.stream(
                    method, f"{self.base}{path}", content=body, headers=headers, extensions={"trace": self._note}
                ) as response,
            ):
                return Reply(response.status_code, dict(response.headers), _whole(response))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            if _unbelievable(error):
                raise self._no_proof() from None
            raise NotNowError from None
        except (httpx.HTTPError, httpx.StreamError, OSError):
            raise LostError from None

    def close(self) -> None:
        """Hang up; calling it again does nothing."""
        self._client.close()
        self._forget()

    @contextlib.contextmanager
    def _within(self) -> Iterator[None]:
        """Cut the line when the time is over: httpx bounds each read, and an answer may drip in for ever."""
        timer = threading.Timer(self._seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _note(self, event: str, info: Mapping[str, Any]) -> None:
        """Keep a hold on the line as soon as there is one, so that it can be cut during TLS' greeting too."""
        if event == "connection.connect_tcp.complete":
            self._forget()
            self._socket = info["return_value"].get_extra_info("socket").dup()

    def _cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _no_proof(self) -> TargetUnreachableError:
        host, port = place(self.base)
        return TargetUnreachableError(
            f"El Sistema de Oficios ({host}:{port}) no prueba ser quien debe: su certificado no se pudo verificar.",
            remedy="Revise «url» y «ca» de «sistema_oficios»: el PEM de la autoridad que firma el certificado.",
        )


def place(url: str) -> tuple[str, int]:
    """Return host and port of an address."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 443


def _authority(config: OficiosHttp) -> ssl.SSLContext:
    """Return what verifies the server; without `ca`, the system's authorities count.

    Raises:
        ConfigurationError: the authority cannot be read.

    """
    try:
        return ssl.create_default_context(cafile=config.ca)
    except (OSError, ssl.SSLError):
        raise ConfigurationError(
            f"No se puede leer la autoridad «{config.ca}».",
            remedy="Revise «ca» de «sistema_oficios»: un archivo PEM con el certificado de la autoridad.",
        ) from None


def _token(file: Path) -> str:
    token = read_password(file, "la cuenta del Sistema de Oficios")
    if not _TOKEN.fullmatch(token):
        raise ConfigurationError(
            f"Lo que guarda «{file}» no es un testigo (token) de portador.",
            remedy="Debe ser un solo renglón de letras, números y «-._~+/=», como lo da el Sistema de Oficios.",
        )
    return token


def _whole(response: httpx.Response) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise LostError  # it was told that nothing packed would be opened
    data = bytearray()
    for part in response.iter_raw():
        data += part
        if len(data) > LARGEST:
            raise LostError
    return bytes(data)


def _unbelievable(error: BaseException) -> bool:
    """Whether a certificate was not to be believed, as far as the causes of an error tell."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False

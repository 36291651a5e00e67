"""The way into an SMTP server: TLS with a verified certificate, and whoever logs on."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from typing import Any, NoReturn

from reconciler.config import Smtp
from reconciler.errors import ConfigurationError, TargetUnreachableError
from reconciler.password_file import read_password
from reconciler.reach import trusting

CLOSING = 421
PERMANENT = 500
"""Answers from here on are final (RFC 5321, 4.2.1); 421 says goodbye."""


class NotNowError(Exception):
    """The server cannot do it now, and did nothing: it may be tried again. `closing` means it hangs up."""

    def __init__(self, code: int, *, closing: bool) -> None:
        super().__init__(code)
        self.code = code
        self.closing = closing


class Entrance:
    """Opens connections to one server; `section` is where its configuration stands."""

    def __init__(self, config: Smtp, section: str) -> None:
        """Take what is needed; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the password cannot be read.

        """
        self._config = config
        self._section = section
        self._tls = trusting(config.ca, section)
        self._login = _login(config, section)

    def opened(self) -> smtplib.SMTP:
        """Connect, and log on where there is a user.

        Raises:
            TargetUnreachableError: nobody answers, or this machine may not send.
            NotNowError: it may be tried again.

        """
        connection: smtplib.SMTP | None = None
        try:
            connection = self._dial()
            connection.ehlo_or_helo_if_needed()
            if self._login:
                connection.login(*self._login)
        except (smtplib.SMTPException, OSError) as error:
            if connection is not None:
                connection.close()
            self._no_entry(error)
        return connection

    def certificate(self) -> dict[str, Any]:
        """Return the server's certificate, verified, as `ssl` gives it; nobody logs on for it.

        Raises:
            TargetUnreachableError: it cannot be verified, or nobody answers.

        """
        with _only_now(self._config.servidor):
            try:
                connection = self._dial()
            except (smtplib.SMTPException, OSError) as error:
                self._no_entry(error)
        secured = connection.sock
        try:
            return dict(secured.getpeercert() or {}) if isinstance(secured, ssl.SSLSocket) else {}
        finally:
            farewell(connection)

    def log_on(self) -> str:
        """Log on and hang up; nothing is sent. Return who that was, in Spanish.

        Raises:
            TargetUnreachableError: nobody answers, or this machine may not send.

        """
        with _only_now(self._config.servidor):
            farewell(self.opened())
        return self._login[0] if self._login else "nadie: el servidor conoce a esta máquina"

    def _dial(self) -> smtplib.SMTP:
        config = self._config
        where = (config.servidor, config.puerto)
        if config.seguridad == "tls":
            return smtplib.SMTP_SSL(*where, timeout=config.espera_s, context=self._tls)
        connection = smtplib.SMTP(*where, timeout=config.espera_s)
        try:
            connection.starttls(context=self._tls)
        except BaseException:
            connection.close()
            raise
        return connection

    def _no_entry(self, error: Exception) -> NoReturn:
        """Turn what went wrong before any message into an error of ours."""
        where = f"{self._config.servidor}:{self._config.puerto}"
        if isinstance(error, ssl.SSLError):
            what, remedy = "su certificado no se pudo verificar", f"Revise «ca» y «servidor» de «{self._section}»."
        elif isinstance(error, smtplib.SMTPNotSupportedError):
            what, remedy = "no ofrece TLS o no pide contraseña", "Nada se envía sin TLS: revise puerto y servidor."
        elif isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= PERMANENT:
            what, remedy = (
                "no acepta el usuario o la contraseña",
                f"Revise «usuario» y «clave_archivo» de «{self._section}».",
            )
        elif isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPResponseException):
            raise NotNowError(CLOSING, closing=True) from None
        elif isinstance(error, smtplib.SMTPResponseException) and error.smtp_code < PERMANENT:
            raise NotNowError(error.smtp_code, closing=True) from None
        elif isinstance(error, (ConnectionResetError, BrokenPipeError)):
            raise NotNowError(CLOSING, closing=True) from None
        else:
            what, remedy = "no contesta", "Revise que el servidor esté en servicio y que esta máquina lo alcance."
        raise TargetUnreachableError(f"El servidor de correo {where} {what}.", remedy=remedy) from None


def farewell(connection: smtplib.SMTP) -> None:
    """Say goodbye and hang up."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        connection.quit()
    connection.close()


@contextlib.contextmanager
def _only_now(server: str) -> Iterator[None]:
    """Take a server that cannot do it now for one that cannot do it."""
    try:
        yield
    except NotNowError as error:
        raise TargetUnreachableError(
            f"{server} no atiende por ahora (código {error.code}).", remedy="Repita más tarde."
        ) from None


def _login(config: Smtp, section: str) -> tuple[str, str] | None:
    if config.usuario is None:
        return None
    if config.clave_archivo is None:
        raise ConfigurationError(
            f"A «{section}» le falta «clave_archivo».", remedy="Complételo en cuentas.yaml, o quite «usuario»."
        )
    return config.usuario, read_password(config.clave_archivo, "la cuenta de correo")

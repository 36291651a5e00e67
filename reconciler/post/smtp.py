"""Mail through an SMTP server, over TLS with a verified certificate: to everybody it is for, or to nobody."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime
from email.headerregistry import Address
from typing import Any, NoReturn, Protocol

from reconciler.config import Smtp
from reconciler.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.letter import Message, Sent
from reconciler.mime import compose
from reconciler.password_file import read_password
from reconciler.patience import Patience

_GO_AHEAD = 354
_CLOSING = 421
_PERMANENT = 500


class Copies(Protocol):
    """Where it is known, on this machine, what was sent: SMTP itself keeps nothing to look up."""

    def holds(self, mark: str) -> bool:
        """Whether the message with a mark was sent; raises `OutcomeUnknownError` where nobody knows."""

    def begin(self, mark: str, data: bytes) -> None:
        """Store that it may have been sent."""

    def settle(self, mark: str, *, sent: bool) -> None:
        """Say what became of it."""


class _NotNowError(Exception):
    """The server cannot do it now, and did nothing: it may be tried again. `closing` means it hangs up."""

    def __init__(self, code: int, *, closing: bool) -> None:
        super().__init__(code)
        self.code = code
        self.closing = closing


class SmtpPost:
    """Fits the engine's `Post`. `patience` makes the waiting that one message may take."""

    def __init__(
        self,
        config: Smtp,
        copies: Copies,
        sender: Address,
        clock: Callable[[], datetime],
        patience: Callable[[], Patience],
        *,
        section: str = "correo",
    ) -> None:
        """Take what is needed to connect; nothing is connected yet. `section` is where the configuration stands.

        Raises:
            ConfigurationError: the authority or the password cannot be read.

        """
        self._config = config
        self._copies = copies
        self._sender = sender
        self._clock = clock
        self._patience = patience
        self._section = section
        self._tls = _tls(config, section)
        self._login = _login(config, section)
        self._connection: smtplib.SMTP | None = None

    def send(self, message: Message) -> Sent:
        """Send the message, unless it was sent before from this machine.

        Raises:
            TargetRejectedError: a recipient or the message is refused; nobody got it.
            OutcomeUnknownError: the answer to the whole message was lost, now or the time before.
            TargetUnreachableError: nobody answers, or this machine may not send; nobody got it.

        """
        if self._copies.holds(message.mark):
            return Sent.BEFORE
        data = compose(message, self._sender, self._clock())
        patience = self._patience()
        while True:
            try:
                self._once(message, data)
            except _NotNowError as error:
                if error.closing:
                    self.close()
                if not patience.wait(f"{self._config.servidor} no recibe correo por ahora ({error.code})."):
                    self._give_up(error)
            else:
                return Sent.NOW

    def certificate(self) -> dict[str, Any]:
        """Return the server's certificate, verified, as `ssl` gives it; nobody logs on for it.

        Raises:
            TargetUnreachableError: it cannot be verified, or nobody answers.

        """
        with self._looking():
            try:
                connection = self._dial()
            except (smtplib.SMTPException, OSError) as error:
                self._no_entry(error)
            self._connection = connection
            return dict(connection.sock.getpeercert() or {}) if isinstance(connection.sock, ssl.SSLSocket) else {}

    def log_on(self) -> str:
        """Log on and hang up; nothing is sent. Return who that was.

        Raises:
            TargetUnreachableError: nobody answers, or this machine may not send.

        """
        with self._looking():
            self._connected()
            return self._login[0] if self._login else "nadie (el servidor conoce a esta máquina)"

    @contextlib.contextmanager
    def _looking(self) -> Iterator[None]:
        try:
            yield
        except _NotNowError as error:
            raise TargetUnreachableError(
                f"{self._config.servidor} no atiende por ahora (código {error.code}).", remedy="Repita más tarde."
            ) from None
        finally:
            self.close()

    def close(self) -> None:
        """Say goodbye and hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()

    def _once(self, message: Message, data: bytes) -> None:
        """Name sender and recipients, and only where all are welcome hand over the message."""
        connection = self._connected()
        try:
            self._expect(connection.mail(str(self._sender.addr_spec)), "el remitente")
            for address in message.recipients:
                self._expect(connection.rcpt(address), address)
            self._expect(connection.docmd("DATA"), "el mensaje", _GO_AHEAD)
        except (smtplib.SMTPServerDisconnected, OSError):
            self._hang_up()
            raise _NotNowError(_CLOSING, closing=True) from None
        except (TargetError, _NotNowError):
            self._reset(connection)
            raise
        self._hand_over(connection, message.mark, data)

    def _hand_over(self, connection: smtplib.SMTP, mark: str, data: bytes) -> None:
        """Send the message itself: from here on, no answer means that nobody knows."""
        try:
            self._copies.begin(mark, data)
        except TargetError:
            self._hang_up()  # without the end of the message the server has nothing to deliver
            raise
        try:
            connection.send(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
            answer = self._answered(connection.getreply())
        except (smtplib.SMTPException, OSError):
            self._hang_up()
            raise OutcomeUnknownError(
                f"{self._config.servidor} no contestó si recibió el mensaje «{mark}».",
                remedy="Vuelva a correr: se dirá qué hacer, y nada se envía dos veces mientras no se sepa.",
            ) from None
        try:
            self._expect(answer, "el mensaje")
        except (TargetError, _NotNowError):
            self._copies.settle(mark, sent=False)
            raise
        self._copies.settle(mark, sent=True)

    def _answered(self, answer: tuple[int, bytes]) -> tuple[int, bytes]:
        """Take an answer without a code for none: smtplib gives -1 for words that make no sense."""
        if answer[0] <= 0:
            raise smtplib.SMTPServerDisconnected
        return answer

    def _expect(self, answer: tuple[int, bytes], whom: str, wanted: int | None = None) -> None:
        """Go on after a yes. The server's words are left out: they may quote what was said to it."""
        code = self._answered(answer)[0]
        if code == wanted or (wanted is None and code // 100 == 2):  # noqa: PLR2004 -- RFC 5321, 4.2.1
            return
        if code < _PERMANENT:
            raise _NotNowError(code, closing=code == _CLOSING)
        raise TargetRejectedError(
            f"{self._config.servidor} rechazó {whom} (código {code}).",
            remedy="Revise que la dirección exista y vuelva a correr. El mensaje no se envió a nadie.",
        )

    def _give_up(self, error: _NotNowError) -> NoReturn:
        words = f"{self._config.servidor} sigue sin recibir el mensaje (código {error.code})."
        remedy = "Vuelva a correr más tarde; el mensaje no se envió a nadie."
        if error.closing:
            raise TargetUnreachableError(words, remedy=remedy) from None
        raise TargetRejectedError(words, remedy=remedy) from None

    def _reset(self, connection: smtplib.SMTP) -> None:
        try:
            connection.rset()
        except (smtplib.SMTPException, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
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
        elif isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= _PERMANENT:
            what, remedy = (
                "no acepta el usuario o la contraseña",
                f"Revise «usuario» y «clave_archivo» de «{self._section}».",
            )
        elif isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPResponseException):
            raise _NotNowError(_CLOSING, closing=True) from None
        elif isinstance(error, smtplib.SMTPResponseException) and error.smtp_code < _PERMANENT:
            raise _NotNowError(error.smtp_code, closing=True) from None
        elif isinstance(error, (ConnectionResetError, BrokenPipeError)):
            raise _NotNowError(_CLOSING, closing=True) from None
        else:
            what, remedy = "no contesta", "Revise que el servidor esté en servicio y que esta máquina lo alcance."
        raise TargetUnreachableError(f"El servidor de correo {where} {what}.", remedy=remedy) from None


def _tls(config: Smtp, section: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=config.ca)
    except (OSError, ssl.SSLError):
        raise ConfigurationError(
            f"No se puede leer la autoridad «{config.ca}».",
            remedy=f"Revise «ca» de «{section}»: un archivo PEM con el certificado de la autoridad.",
        ) from None


def _login(config: Smtp, section: str) -> tuple[str, str] | None:
    if config.usuario is None:
        return None
    if config.clave_archivo is None:
        raise ConfigurationError(
            f"A «{section}» le falta «clave_archivo».", remedy="Complételo en cuentas.yaml, o quite «usuario»."
        )
    return config.usuario, read_password(config.clave_archivo, "la cuenta de correo")

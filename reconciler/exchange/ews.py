"""Mail through Exchange Web Services, from Mesa de Ayuda's own mailbox, each message once.

A message is first a draft that carries its mark, and then that draft is sent: a draft that was sent is no longer
there to be sent again, so that asking twice cannot make two. Where an answer is lost, the mailbox says what happened.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from email.headerregistry import Address
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import exchangelib
from exchangelib import errors as ews
from exchangelib.protocol import FailFast, Protocol
from exchangelib.services import SendItem
from exchangelib.version import Build, Version

from reconciler.config import CorreoEws
from reconciler.errors import (
    ConfigurationError,
    CuentasError,
    OutcomeUnknownError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.letter import Message, Sent
from reconciler.mime import MARK_HEADER, compose
from reconciler.password_file import read_password
from reconciler.patience import Patience

T = TypeVar("T")
Turn = Callable[[Patience], contextlib.AbstractContextManager[None]]
"""Keeps everybody else on this machine from sending meanwhile; waits for it with a patience."""

_AUTHENTICATION = {"basico": exchangelib.BASIC, "ntlm": exchangelib.NTLM, "kerberos": exchangelib.GSSAPI}
_GONE = (ews.ErrorItemNotFound, ews.ErrorItemSave, ews.ErrorInvalidChangeKey, ews.ErrorStaleObject)
"""What sending a draft is answered with when it is no longer a draft."""

_OUR_MAILBOX = (
    ews.ErrorAccessDenied,
    ews.ErrorImpersonateUserDenied,
    ews.ErrorMailboxMoveInProgress,
    ews.ErrorMailboxStoreUnavailable,
    ews.ErrorNonExistentMailbox,
    ews.ErrorQuotaExceeded,
    ews.ErrorSendAsDenied,
    ews.ErrorSubmissionQuotaExceeded,
)
"""What says that no message can be sent, whomever it is for."""

_UNSURE = (ews.ErrorTimeoutExpired, ews.ErrorInternalServerError, ews.ErrorInternalServerTransientError)
"""After these the server may have done what was asked."""

_NO_REFUSAL = (ews.RateLimitError, ews.ErrorServerBusy, *_UNSURE, *_GONE)


class _Mark(exchangelib.ExtendedProperty):  # type: ignore[misc]  # exchangelib has no types
    """A message's own mark, on its draft and on its sent copy: a property of ours, no header that travels."""

    property_set_id = "6c1c3b1e-9c1b-4f7a-8f0e-0c5d0a7c8e21"
    property_name = MARK_HEADER
    property_type = "String"


if "cuentas_mark" not in [field.name for field in exchangelib.Message.FIELDS]:
    exchangelib.Message.register("cuentas_mark", _Mark)
logging.getLogger("exchangelib").addHandler(logging.NullHandler())
logging.getLogger("exchangelib").propagate = False  # it logs requests, which hold people's names


class _AgainError(Exception):
    """It did not go through, or nobody knows: look, and try again after so many seconds (None: ours)."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.seconds = seconds


class EwsPost:
    """Fits the engine's `Post`. `patience` makes the waiting that one message may take."""

    def __init__(
        self,
        config: CorreoEws,
        sender: Address,
        clock: Callable[[], datetime],
        patience: Callable[[], Patience],
        turn: Turn = lambda _: contextlib.nullcontext(),
    ) -> None:
        """Take what is needed to connect; nothing is connected yet. Without a `turn`, nobody else may be sending.

        Raises:
            ConfigurationError: the user or the password is not there, or the authority cannot be read.

        """
        self._config = config
        self._sender = sender
        self._clock = clock
        self._patience = patience
        self._turn = turn
        self._wire = _configuration(config)
        with contextlib.suppress(KeyError):
            del Protocol[self._wire]
        self._protocol = _protocol(config)(config=self._wire)  # exchangelib keeps it, and the account takes it up
        self._account = exchangelib.Account(
            config.remitente,
            config=self._wire,
            access_type=exchangelib.DELEGATE,
            autodiscover=False,
            default_timezone=ZoneInfo("UTC"),
            locale="es_MX",
        )

    def send(self, message: Message) -> Sent:
        """Send the message, unless the mailbox has sent one with its mark.

        Raises:
            TargetRejectedError: Exchange refuses the message or a recipient; nobody got it.
            OutcomeUnknownError: it was asked for and no answer came, nor is it among the sent ones.
            TargetUnreachableError: nobody answers, or the mailbox may not send; nobody got it.

        """
        asked: list[str] = []
        with self._turn(self._patience()):
            return self._patiently(
                lambda: self._once(message, asked), lambda error: self._lost(message.mark, error, asked), asked
            )

    def log_on(self) -> str:
        """Look into the mailbox, as whoever sends from it has to; nothing is stored or sent. Return which one it is.

        Raises:
            TargetUnreachableError: nobody answers, or lets us in.

        """
        self._patiently(lambda: self._first(self._account.drafts, "doctor"), self._shut)
        return self._config.remitente

    def _patiently(
        self, act: Callable[[], T], lost: Callable[[_AgainError], TargetError], asked: Sequence[str] = ()
    ) -> T:
        """Do it, and again as long as it may help and there is patience; `lost` says what it means when not.

        It may always help where something was `asked` to be sent: no other answer says whether it was.
        """
        patience = self._patience()
        while True:
            try:
                with self._faults(asked):
                    return act()
            except _AgainError as error:
                if not patience.wait(error.why, error.seconds):
                    raise lost(error) from None

    def _once(self, message: Message, asked: list[str]) -> Sent:
        """Look, and go on from where the message is; `asked` holds what was asked to be sent, answered or not."""
        past, draft = self._found(message.mark)
        if past:
            return Sent.NOW if asked else Sent.BEFORE
        if draft is None and asked:
            raise _AgainError("El mensaje aún no aparece entre los enviados.")
        with self._refusals():
            draft = draft or self._saved(message)
            asked.append(draft.id)
            self._dispatch(draft)
        return Sent.NOW

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(KeyError):
            del Protocol[self._wire]
        self._protocol.close()

    def _found(self, mark: str) -> tuple[bool, Any]:
        """Say whether the message is past being a draft, and the draft, None where there is none.

        Folders are looked through in the order in which a message passes them, so that it cannot slip by.
        """
        draft = self._first(self._account.drafts, mark)
        past = any(self._first(place, mark) for place in (self._account.outbox, self._account.sent))
        return past, draft

    def _first(self, folder: Any, mark: str) -> Any:
        return next(iter(folder.filter(cuentas_mark=mark).only("id", "changekey")), None)

    def _saved(self, message: Message) -> Any:
        draft = exchangelib.Message(
            account=self._account,
            folder=self._account.drafts,
            mime_content=compose(message, self._sender, self._clock()),
            to_recipients=[exchangelib.Mailbox(email_address=one) for one in message.to],
            cc_recipients=[exchangelib.Mailbox(email_address=one) for one in message.cc] or None,
            cuentas_mark=message.mark,
        )
        return draft.save()

    def _dispatch(self, draft: Any) -> None:
        SendItem(account=self._account).get(items=[draft], saved_item_folder=self._account.sent, expect_result=None)

    @contextlib.contextmanager
    def _faults(self, asked: Sequence[str]) -> Iterator[None]:
        """Turn whatever exchangelib raises, or lets pass, into an error of ours or into another try."""
        try:
            yield
        except (_AgainError, CuentasError):
            raise
        except ews.RateLimitError as error:
            raise _AgainError("Exchange pide esperar.", _positive(error.wait)) from None
        except ews.ErrorServerBusy as error:
            raise _AgainError("Exchange está ocupado.", _positive(error.back_off)) from None
        except _UNSURE:
            raise _AgainError("Exchange no contestó.") from None
        except _GONE:
            raise _AgainError("El borrador ya no está: se busca el mensaje entre los enviados.") from None
        except Exception as error:  # noqa: BLE001 -- requests, urllib3, lxml and int() speak through exchangelib
            if asked:
                raise _AgainError("Exchange contestó algo que no se entiende.") from None
            raise self._shut_out(error) from None

    @contextlib.contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turn an answer that refuses the message, or to let us send any, into an error of ours."""
        try:
            yield
        except _NO_REFUSAL:
            raise
        except _OUR_MAILBOX as error:
            raise TargetUnreachableError(
                f"El buzón {self._config.remitente} no puede enviar ({type(error).__name__}).",
                remedy="Avise a quien administra Exchange: revise el buzón, su cuota y sus permisos.",
            ) from None
        except ews.ResponseMessageError as error:
            raise TargetRejectedError(
                f"Exchange no aceptó el mensaje ({type(error).__name__}).",
                remedy="Revise que las direcciones existan y vuelva a correr. El mensaje no se envió a nadie.",
            ) from None

    def _shut_out(self, error: Exception) -> TargetError:
        name = type(error).__name__
        if isinstance(error, ews.ResponseMessageError):
            return TargetUnreachableError(
                f"El buzón {self._config.remitente} no se dejó leer ({name}).",
                remedy="Avise a quien administra Exchange: revise que el buzón exista y los permisos de la cuenta.",
            )
        if isinstance(error, ews.EWSError):
            words = f"{self._config.servidor} no dejó entrar por EWS ({name})."
        else:
            words = f"{self._config.servidor} contestó por EWS algo que no se entiende ({name})."
        return TargetUnreachableError(
            words, remedy="Revise en «correo:» servidor, ca, usuario, clave_archivo y autenticacion."
        )

    def _shut(self, error: _AgainError) -> TargetError:
        return TargetUnreachableError(f"{self._config.servidor}: {error.why}", remedy="Repita más tarde.")

    def _lost(self, mark: str, error: _AgainError, asked: Sequence[str]) -> TargetError:
        if asked:
            return OutcomeUnknownError(
                f"No se sabe si el mensaje «{mark}» salió: {self._config.servidor} no lo dijo.",
                remedy="Vuelva a correr más tarde: se busca entre los enviados antes de intentarlo otra vez.",
            )
        return TargetUnreachableError(
            f"{self._config.servidor} no recibe correo: {error.why}",
            remedy="Vuelva a correr más tarde; el mensaje no se envió a nadie.",
        )


def _positive(seconds: float | None) -> float | None:
    """Take a wait that is none for no word about it."""
    return seconds if seconds and seconds > 0 else None


def _protocol(config: CorreoEws) -> type[Protocol]:
    """Return exchangelib's protocol with our patience and our authority, whatever the environment says."""
    places = ssl.get_default_verify_paths()
    authority = str(config.ca or places.openssl_cafile)
    if config.ca is None and not Path(authority).is_file():
        authority = places.openssl_capath

    class Ours(Protocol):  # type: ignore[misc]  # exchangelib has no types
        TIMEOUT = config.espera_s
        USERAGENT = "cuentas"

        @classmethod
        def raw_session(cls, *arguments: Any, **named: Any) -> Any:
            session = super().raw_session(*arguments, **named)
            session.trust_env = False
            session.verify = authority
            return session

    return Ours


def _configuration(config: CorreoEws) -> Any:
    if config.ca is not None and not config.ca.is_file():
        raise ConfigurationError(
            f"No se puede leer la autoridad «{config.ca}».",
            remedy="Revise «correo: ca»: un archivo PEM con el certificado de la autoridad.",
        )
    return exchangelib.Configuration(
        service_endpoint=f"https://{config.servidor}:{config.puerto}/EWS/Exchange.asmx",
        credentials=_credentials(config),
        auth_type=_AUTHENTICATION[config.autenticacion],
        version=Version(build=Build(*(int(part) for part in config.version.split(".")))),
        retry_policy=FailFast(),  # it would repeat what was lost without looking; the looking is ours
    )


def _credentials(config: CorreoEws) -> Any:
    if config.autenticacion == "kerberos":
        return None
    if config.usuario is None or config.clave_archivo is None:
        raise ConfigurationError(
            "A «correo» le falta «usuario» o «clave_archivo».",
            remedy="Complételos en cuentas.yaml, o use «autenticacion: kerberos».",
        )
    return exchangelib.Credentials(config.usuario, read_password(config.clave_archivo, "la cuenta de correo"))

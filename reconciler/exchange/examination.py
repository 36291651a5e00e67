"""What cuentas needs of Exchange, looked at one by one: its shell, and the mailbox that letters leave from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from functools import cached_property

from reconciler.check import Step
from reconciler.config import CorreoEws, Exchange
from reconciler.errors import TargetRejectedError, TargetUnreachableError
from reconciler.exchange.ews import EwsPost
from reconciler.exchange.mailboxes import Mailboxes
from reconciler.exchange.shell import Shell
from reconciler.patience import Patience
from reconciler.reach import PORT, TLS, Place

AREA = "Exchange"

LOGON, CMDLETS, DATABASE = "entrada", "cmdlets", "base de datos"

_PATIENCE_SECONDS = 60.0
"""All the waiting for a busy server: whoever looks is in more of a hurry than whoever applies."""


class ShellExamination:
    """The management shell of one `ad` target; only Get-Command and Get-MailboxDatabase are ever run."""

    def __init__(self, config: Exchange, clock: Callable[[], datetime], tell: Callable[[str], None]) -> None:
        """Take the configuration; nothing is connected yet. `tell` gets each wait in words.

        Raises:
            ConfigurationError: user, password, authority or Kerberos libraries are missing or not safe.

        """
        self._config = config
        self._clock = clock
        self._shell = Shell(config, waiting=tell, patience_s=_PATIENCE_SECONDS)
        self._mailboxes = Mailboxes(self._shell, config, lambda: "")
        port = config.puerto or (443 if config.seguridad == "basico" else 80)
        self._place = Place(config.servidor, port, config.espera_s, "exchange")

    def close(self) -> None:
        """Close the shell."""
        self._shell.close()

    def steps(self) -> tuple[Step, ...]:
        """Return what is looked at."""
        secure = self._config.seguridad == "basico"
        steps = (
            *self._place.steps(self._certificate if secure else None),
            Step(LOGON, self._logs_on, (TLS if secure else PORT,)),
            Step(CMDLETS, self._may_run, (LOGON,)),
        )
        if self._config.base_datos is None or self._config.dominio_remoto:
            return steps
        return (*steps, Step(DATABASE, self._has_database, (CMDLETS,)))

    def _certificate(self) -> str:
        return self._place.certificate(self._config.ca, self._clock())

    @cached_property
    def _available(self) -> frozenset[str]:
        return self._mailboxes.available()

    def _logs_on(self) -> str:
        _ = self._available
        return f"abrió la consola como {self._config.usuario or 'la cuenta de Kerberos'}"

    def _may_run(self) -> str:
        needed = self._mailboxes.needed()
        missing = ", ".join(sorted(needed - self._available))
        if missing:
            raise TargetUnreachableError(
                f"La función (RBAC) de la cuenta de servicio no tiene {missing}.",
                remedy="Pida a quien administra Exchange una función con esos cmdlets y todos sus parámetros "
                "(«New-ManagementRoleAssignment»).",
            )
        return f"puede correr los {len(needed)} que hacen falta; no se ve con qué parámetros (vea «Legal Hold»)"

    def _has_database(self) -> str:
        wanted = str(self._config.base_datos)
        names = [str(one["Name"]) for one in self._shell.invoke("Get-MailboxDatabase")]
        if wanted.casefold() not in {name.casefold() for name in names}:
            raise TargetRejectedError(
                f"Exchange no tiene la base de datos «{wanted}».",
                remedy=f"Corrija «base_datos» de «exchange»; hay: {', '.join(names) or 'ninguna'}.",
            )
        return wanted


class EwsExamination:
    """The mailbox of `correo` by EWS."""

    def __init__(self, config: CorreoEws, clock: Callable[[], datetime], tell: Callable[[str], None]) -> None:
        """Take the configuration; nothing is connected yet. `tell` gets each wait in words.

        Raises:
            ConfigurationError: the user or the password is not there, or the authority cannot be read.

        """
        user, _, domain = config.remitente.partition("@")
        patience = min(_PATIENCE_SECONDS, config.paciencia_s)
        self._post = EwsPost(config, Address(username=user, domain=domain), clock, lambda: Patience(patience, tell))
        self._place = Place(config.servidor, config.puerto, config.espera_s, "correo")
        self._config = config
        self._clock = clock

    def close(self) -> None:
        """Hang up."""
        self._post.close()

    def steps(self) -> tuple[Step, ...]:
        """Return what is looked at."""
        return *self._place.steps(self._certificate), Step(LOGON, self._logs_on, (TLS,))

    def _certificate(self) -> str:
        return self._place.certificate(self._config.ca, self._clock())

    def _logs_on(self) -> str:
        return f"entró por EWS al buzón {self._post.log_on()}"

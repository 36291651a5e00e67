"""The way into a domain controller: TLS always verified, and the service account logged on."""

from __future__ import annotations

import contextlib
import ssl
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException, LDAPSocketOpenError, LDAPStartTLSError

from reconciler.config import DestinoAD
from reconciler.directory import answers
from reconciler.directory.credentials import as_whom, kerberos_faults
from reconciler.directory.tls import NamedTls
from reconciler.errors import TargetUnreachableError

_CONNECT_SECONDS = 10.0


class Entrance:
    """Opens connections to the controller of one configuration."""

    def __init__(self, config: DestinoAD) -> None:
        """Take what is needed to connect; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the service account's password cannot be read.

        """
        self._config = config
        self._tls = NamedTls(config.servidor, config.ca)
        self._identity = as_whom(config)

    def bound(self) -> ldap3.Connection:
        """Return a connection that has logged on.

        Raises:
            TargetError: nobody answers, is who it should be, or lets us in.

        """
        connection = self._unopened()
        try:
            self._bind(connection)
        except BaseException:
            drop(connection)
            raise
        return connection

    def certificate(self) -> dict[str, Any]:
        """Return the server's certificate, verified, as `ssl` gives it; nobody logs on for it.

        Raises:
            TargetUnreachableError: it cannot be verified, or nobody answers.

        """
        connection = self._unopened()
        try:
            self._secure(connection)
            secured = connection.socket
            return dict(secured.getpeercert() or {}) if isinstance(secured, ssl.SSLSocket) else {}
        except LDAPException as error:
            raise self.unreachable(error) from None
        finally:
            drop(connection)

    def _unopened(self) -> ldap3.Connection:
        config = self._config
        server = ldap3.Server(
            config.direccion or config.servidor,
            config.puerto,
            use_ssl=config.seguridad == "ldaps",
            tls=self._tls,
            get_info=ldap3.NONE,
            connect_timeout=min(_CONNECT_SECONDS, config.espera_s),
        )
        return ldap3.Connection(
            server,
            **self._identity,
            receive_timeout=config.espera_s,
            auto_referrals=False,
            return_empty_attributes=False,
            check_names=False,
        )

    def _bind(self, connection: ldap3.Connection) -> None:
        what = f"No se pudo entrar a {self._config.servidor}"
        try:
            with kerberos_faults(what):
                self._secure(connection)
                connection.bind()
        except LDAPException as error:
            raise self.unreachable(error) from None
        if answers.code_of(connection.result) != answers.SUCCESS:
            raise answers.error_for(connection.result, what)

    def _secure(self, connection: ldap3.Connection) -> None:
        connection.open()
        if self._config.seguridad == "starttls":
            connection.start_tls()

    def unreachable(self, error: LDAPException) -> TargetUnreachableError:
        """Return what an error of the client library's says of the server."""
        config = self._config
        where = f"{config.servidor}:{config.puerto}"
        said = str(error)
        if "CERTIFICATE_VERIFY_FAILED" in said:
            return TargetUnreachableError(
                f"El certificado de {where} {_why_unbelieved(said, config.servidor)}.",
                remedy="Revise «servidor» y «ca» del destino; la conexión nunca se hace sin verificar.",
            )
        if isinstance(error, LDAPStartTLSError):
            return TargetUnreachableError(f"{where} no inicia TLS.", remedy="Use «seguridad: ldaps» y el puerto 636.")
        verb = "no contesta" if isinstance(error, LDAPSocketOpenError) else "dejó de contestar"
        return TargetUnreachableError(
            f"{where} {verb}.", remedy="Revise la red y el servidor, y vuelva a correr: se retoma donde quedó."
        )


def _why_unbelieved(said: str, server: str) -> str:
    if "mismatch" in said or "not valid for" in said:
        return f"no prueba ser {server}"
    return "caducó" if "has expired" in said else "no lo firma la autoridad configurada"


def drop(connection: ldap3.Connection) -> None:
    """Close a connection, whatever state it is in."""
    with contextlib.suppress(LDAPException, OSError):
        connection.unbind()
    sock = connection.socket
    if sock is not None:
        sock.close()

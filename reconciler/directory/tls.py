"""TLS towards a domain controller: always verified, against one name, whatever address is connected to."""

from __future__ import annotations

import ssl
from pathlib import Path

import ldap3

from reconciler.errors import ConfigurationError, why_not


class NamedTls(ldap3.Tls):
    """ldap3's TLS in which OpenSSL itself checks the certificate against the server's name.

    ldap3's `valid_names` adds names instead of replacing the one connected to, and its own check of host
    names knows no addresses from Python 3.12 on.
    """

    def __init__(self, host_name: str, ca_file: Path | None = None) -> None:
        """Trust the authorities of a PEM file, or without one those of the system.

        Raises:
            ConfigurationError: the file cannot be read or holds no certificate.

        """
        super().__init__(validate=ssl.CERT_REQUIRED, sni=host_name)
        try:
            self._context = ssl.create_default_context(cafile=ca_file)
        except OSError as error:
            raise ConfigurationError(
                f"No se puede leer la autoridad certificadora «{ca_file}»: {why_not(error)}.",
                remedy="Ponga en «ca» del destino el archivo PEM de la autoridad que firma el certificado.",
            ) from None
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._host_name = host_name

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:
        """Put TLS over a connection's socket, for LDAPS and for StartTLS alike."""
        connection.socket = self._context.wrap_socket(
            connection.socket, server_hostname=self._host_name, do_handshake_on_connect=do_handshake
        )

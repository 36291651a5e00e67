"""How ldap3 connects to a domain controller by address and checks its certificate by name."""

import ssl
from pathlib import Path

import ldap3

from tests.lab.samba.domain import HOST_NAME

CONNECT_SECONDS = 5


class NamedTls(ldap3.Tls):
    """TLS in which OpenSSL checks the certificate against one name, whatever address was connected to.

    ldap3's own `valid_names` would serve too, but it accepts the address besides the name, warns on Python
    3.11 (it calls the deprecated ssl.match_hostname), and on 3.12 and later knows no addresses.
    """

    def __init__(self, ca_file: Path, host_name: str = HOST_NAME) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED, ca_certs_file=str(ca_file), sni=host_name)
        self._context = ssl.create_default_context(cafile=ca_file)
        self._host_name = host_name

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:
        connection.socket = self._context.wrap_socket(
            connection.socket, server_hostname=self._host_name, do_handshake_on_connect=do_handshake
        )


def ldap_server(address: str, tls: ldap3.Tls, *, ldaps: bool = True) -> ldap3.Server:
    """Describe the server to ldap3: LDAPS, or the plain port for a later StartTLS."""
    port = 636 if ldaps else 389
    return ldap3.Server(address, port, use_ssl=ldaps, tls=tls, get_info=ldap3.NONE, connect_timeout=CONNECT_SECONDS)

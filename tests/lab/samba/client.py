"""How the tests connect to the laboratory: as `cuentas` does, by address, with the certificate checked by name."""

from pathlib import Path

import ldap3

from reconciler.directory.tls import NamedTls
from tests.lab.samba.domain import HOST_NAME

CONNECT_SECONDS = 5


def named_tls(ca_file: Path, host_name: str = HOST_NAME) -> NamedTls:
    """TLS that takes the server for the laboratory's only if its certificate says so."""
    return NamedTls(host_name, ca_file)


def ldap_server(address: str, tls: ldap3.Tls, *, ldaps: bool = True) -> ldap3.Server:
    """Describe the server to ldap3: LDAPS, or the plain port for a later StartTLS."""
    port = 636 if ldaps else 389
    return ldap3.Server(address, port, use_ssl=ldaps, tls=tls, get_info=ldap3.NONE, connect_timeout=CONNECT_SECONDS)

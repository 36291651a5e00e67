"""Whether a domain controller already answers, asked the way its clients will ask."""

import socket
import ssl
from pathlib import Path

import ldap3
from ldap3.core.exceptions import LDAPException

from tests.lab.samba.domain import HOST_NAME

KERBEROS_PORT = 88
_PATIENCE_SECONDS = 2.0


def ldap_server(address: str, ca_file: Path, *, ldaps: bool = True, port: int | None = None) -> ldap3.Server:
    """Where to connect: an address, whose certificate must be that of the controller's name.

    No DNS knows the name, so ldap3 is given the address and, by `valid_names`, the name to look for. Python
    3.12 and later need that even though the certificate names the address too: what ldap3 then compares names
    with knows no addresses.
    """
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(ca_file), valid_names=[HOST_NAME])
    chosen = port or (636 if ldaps else 389)
    return ldap3.Server(
        address, chosen, use_ssl=ldaps, tls=tls, get_info=ldap3.NONE, connect_timeout=_PATIENCE_SECONDS
    )


def answers(address: str, ca_file: Path) -> bool:
    """Whether LDAPS, with a certificate of this very authority, and Kerberos answer at `address`."""
    connection = ldap3.Connection(
        ldap_server(address, ca_file), receive_timeout=_PATIENCE_SECONDS, raise_exceptions=True
    )
    try:
        socket.create_connection((address, KERBEROS_PORT), timeout=_PATIENCE_SECONDS).close()
        connection.bind()
        connection.search("", "(objectClass=*)", ldap3.BASE, attributes=["dnsHostName"])
        connection.unbind()
    except (OSError, LDAPException):
        return False
    return True

"""Whether a domain controller already answers; without ldap3, which leaks a socket per failed attempt."""

import socket
import ssl
from pathlib import Path

from tests.lab.samba.domain import HOST_NAME

KERBEROS_PORT = 88
LDAPS_PORT = 636
_PATIENCE_SECONDS = 2.0
_ANONYMOUS_BIND = bytes.fromhex("300c 020101 6007 020103 0400 8000")  # RFC 4511, 4.2: message 1, version 3
_BIND_SUCCEEDED = bytes.fromhex("61070a0100")  # bindResponse, resultCode 0


def answers(address: str, ca_file: Path) -> bool:
    """Whether LDAPS, with a certificate of this very authority, and Kerberos answer at `address`."""
    context = ssl.create_default_context(cafile=ca_file)
    try:
        socket.create_connection((address, KERBEROS_PORT), _PATIENCE_SECONDS).close()
        with (
            socket.create_connection((address, LDAPS_PORT), _PATIENCE_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=HOST_NAME) as encrypted,
        ):
            encrypted.sendall(_ANONYMOUS_BIND)
            return _BIND_SUCCEEDED in encrypted.recv(4096)
    except OSError:
        return False

"""The texts of smb.conf and krb5.conf for a domain controller in one directory at one address."""

from pathlib import Path

from tests.lab.samba.domain import DNS_DOMAIN, HOST_NAME, NETBIOS_DOMAIN, NETBIOS_HOST, REALM


def samba_configuration(directory: Path, address: str) -> str:
    """As a hardened domain controller: simple bind only over TLS, and only the address given.

    `ldb:nosync` gives up safety against power loss for speed, which a throwaway directory can afford.
    """
    private = directory / "private"
    return f"""\
[global]
netbios name = {NETBIOS_HOST}
realm = {REALM}
workgroup = {NETBIOS_DOMAIN}
server role = active directory domain controller
server services = ldap, kdc
dcerpc endpoint servers =
interfaces = {address}/8
bind interfaces only = yes
private dir = {private}
state directory = {directory}/state
cache directory = {directory}/cache
lock directory = {directory}/lock
pid directory = {directory}/run
ncalrpc dir = {directory}/run/ncalrpc
binddns dir = {directory}/bind-dns
ntp signd socket directory = {directory}/run/ntp
winbindd socket directory = {directory}/run/winbindd
ldap server require strong auth = allow_sasl_over_tls
tls enabled = yes
tls keyfile = {private}/tls/key.pem
tls certfile = {private}/tls/cert.pem
tls cafile = {private}/tls/ca.pem
ldb:nosync = yes
log level = 1
[sysvol]
path = {directory}/state/sysvol
[netlogon]
path = {directory}/state/sysvol/{DNS_DOMAIN}/scripts
"""


def kerberos_configuration(address: str) -> str:
    """Configure a client that asks no DNS and nobody but the domain controller at `address`."""
    return f"""\
[libdefaults]
default_realm = {REALM}
dns_lookup_realm = false
dns_lookup_kdc = false
dns_canonicalize_hostname = false
rdns = false
udp_preference_limit = 1
[realms]
{REALM} = {{
    kdc = {address}:88
    kpasswd_server = {address}:464
}}
[domain_realm]
{HOST_NAME} = {REALM}
"""

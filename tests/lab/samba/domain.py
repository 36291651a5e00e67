"""The names in the lab's domain; nothing in it exists outside of the loopback."""

from dataclasses import dataclass
from pathlib import Path

REALM = "LAB.SINALOA.TEST"
DNS_DOMAIN = REALM.lower()
NETBIOS_DOMAIN = "LAB"
NETBIOS_HOST = "DC1"
HOST_NAME = f"dc1.{DNS_DOMAIN}"

BASE_DN = ",".join(f"DC={label}" for label in DNS_DOMAIN.split("."))
MANAGED_BASE = f"OU=Cuentas,{BASE_DN}"
FOREIGN_BASE = f"OU=Ajenas,{BASE_DN}"
USERS_CONTAINER = f"CN=Users,{BASE_DN}"

ADMINISTRATOR = "Administrator"
SERVICE_ACCOUNT = "svc-cuentas"
BLIND_ACCOUNT = "svc-sinlectura"
CANARY = "canario.cuentas"

# Exchange's: the one server, the account it works with in the directory, and its organization's objects
EXCHANGE_HOST = "EX1"
EXCHANGE_HOST_NAME = f"{EXCHANGE_HOST.lower()}.{DNS_DOMAIN}"
EXCHANGE_ACCOUNT = "svc-exchange"
EXCHANGE_SERVICE = f"HTTP/{EXCHANGE_HOST_NAME}"
EXCHANGE_ORGANIZATION = "Sinaloa"
EXCHANGE_GROUP = "Exchange Administrative Group (FYDIBOHF23SPDLT)"
EXCHANGE_ROOT = f"CN=Microsoft Exchange,CN=Services,CN=Configuration,{BASE_DN}"
EXCHANGE_GROUP_DN = f"CN={EXCHANGE_GROUP},CN=Administrative Groups,CN={EXCHANGE_ORGANIZATION},{EXCHANGE_ROOT}"
EXCHANGE_DATABASES_DN = f"CN=Databases,{EXCHANGE_GROUP_DN}"
EXCHANGE_DATABASES = ("Mailbox Database 01", "Mailbox Database 02")
FOREIGN_USERS = ("ana.ajena", "luis.ajeno")

# Every address that a controller may take, the first free one being taken; the certificate names them all.
ADDRESSES = tuple(f"127.0.0.{last}" for last in range(53, 69))


class LabError(Exception):
    """The lab cannot be set up or has failed; the message, in Spanish, says what to do."""


@dataclass(frozen=True)
class Principal:
    """Somebody who can bind; the password is in a file that only its owner may read."""

    name: str
    password_file: Path

    @property
    def upn(self) -> str:
        return f"{self.name}@{DNS_DOMAIN}"

    @property
    def kerberos_name(self) -> str:
        return f"{self.name}@{REALM}"

    @property
    def dn(self) -> str:
        return f"CN={self.name},{USERS_CONTAINER}"

    @property
    def password(self) -> str:
        return self.password_file.read_text(encoding="utf-8").strip()

"""The lab's directory has Exchange's attributes, organization and account, as a real forest would."""
# mypy: allow-untyped-calls
# (types-ldap3 leaves add, modify, modify_dn and delete without types)

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ldap3
import pytest

from tests.lab.samba import DomainController
from tests.lab.samba.domain import EXCHANGE_DATABASES, EXCHANGE_DATABASES_DN, Principal

SCHEMA = Path(__file__).parent / "exchange" / "schema.csv"
SUCCESS, INSUFFICIENT_ACCESS = 0, 50
DATABASE = f"CN={EXCHANGE_DATABASES[0]},{EXCHANGE_DATABASES_DN}"
with SCHEMA.open(encoding="ascii", newline="") as table:
    ROWS = list(csv.DictReader(table))
BACK_LINKS = {row["lDAPDisplayName"] for row in ROWS if row["linkID"] and int(row["linkID"]) % 2}


def bound(controller: DomainController, who: Principal) -> ldap3.Connection:
    connection = ldap3.Connection(controller.ldap_server(), who.upn, who.password, return_empty_attributes=False)
    assert connection.bind(), connection.result
    return connection


@pytest.fixture
def exchange(domain_controller: DomainController) -> Iterator[ldap3.Connection]:
    """Bind as the account that Exchange works with."""
    connection = bound(domain_controller, domain_controller.exchange_account)
    yield connection
    connection.unbind()


def sample(row: dict[str, str]) -> Any:
    """Give a value that the attribute's syntax and range admit."""
    match row["attributeSyntax"]:
        case "2.5.5.1" | "2.5.5.7":
            return DATABASE
        case "2.5.5.8":
            return "TRUE"
        case "2.5.5.9":
            return "7"
        case "2.5.5.16":
            return "88218628259840"
        case "2.5.5.10":
            return bytes(range(16))
        case "2.5.5.11":
            return "20261124000000.0Z"
        case "2.5.5.17":
            return bytes.fromhex("010100000000000512000000")
        case _:
            return "valor"


def expected(row: dict[str, str]) -> bytes:
    value = sample(row)
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.mark.parametrize("row", [row for row in ROWS if row["lDAPDisplayName"] not in BACK_LINKS], ids=str)
def test_every_attribute_is_written_by_exchange_and_read_back_by_the_service_account(
    exchange: ldap3.Connection, domain_controller: DomainController, row: dict[str, str]
) -> None:
    name = row["lDAPDisplayName"]
    canary = f"CN={domain_controller.canary},{domain_controller.managed_base}"
    exchange.modify(canary, {name: [(ldap3.MODIFY_REPLACE, [sample(row)])]})
    assert exchange.result["result"] == SUCCESS, exchange.result
    reader = bound(domain_controller, domain_controller.service_account)
    reader.search(canary, "(objectClass=*)", ldap3.BASE, attributes=[name])
    assert reader.response is not None
    assert reader.response[0]["raw_attributes"][name] == [expected(row)]
    reader.unbind()
    exchange.modify(canary, {name: [(ldap3.MODIFY_REPLACE, [])]})
    assert exchange.result["result"] == SUCCESS


def test_a_database_knows_whose_mailboxes_it_holds(
    exchange: ldap3.Connection, domain_controller: DomainController
) -> None:
    canary = f"CN={domain_controller.canary},{domain_controller.managed_base}"
    exchange.modify(canary, {"homeMDB": [(ldap3.MODIFY_REPLACE, [DATABASE])]})
    exchange.search(DATABASE, "(objectClass=*)", ldap3.BASE, attributes=["homeMDBBL"])
    assert exchange.response is not None
    assert exchange.response[0]["attributes"]["homeMDBBL"] == [canary]
    exchange.modify(canary, {"homeMDB": [(ldap3.MODIFY_REPLACE, [])]})


def test_exchange_writes_every_users_attributes_and_creates_nobody(
    exchange: ldap3.Connection, domain_controller: DomainController
) -> None:
    foreigner = f"CN={domain_controller.foreign_users[0]},{domain_controller.foreign_base}"
    exchange.modify(foreigner, {"mailNickname": [(ldap3.MODIFY_REPLACE, ["ajena"])]})
    assert exchange.result["result"] == SUCCESS
    exchange.modify(foreigner, {"mailNickname": [(ldap3.MODIFY_REPLACE, [])]})
    exchange.add(f"CN=intruso,{domain_controller.managed_base}", "user", {"sAMAccountName": "intruso"})
    assert exchange.result["result"] == INSUFFICIENT_ACCESS

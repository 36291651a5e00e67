"""The double's documented way in, against the laboratory's own domain: Kerberos and every message encrypted."""

import base64
import contextlib
import http.client
from collections.abc import Iterator

import pytest
import spnego
from pypsrp.encryption import WinRMEncryption
from spnego import NegotiateOptions

from reconciler.errors import TargetUnreachableError
from reconciler.exchange.shell import Shell
from tests.exchange.shells import everything, puts_out
from tests.lab.exchange.kerberos import Kerberos, Offer
from tests.lab.exchange.server import ExchangeShell
from tests.lab.samba import DomainController
from tests.lab.samba.domain import EXCHANGE_HOST_NAME

SOAP = {"Content-Type": "application/soap+xml;charset=UTF-8"}
ENVELOPE = b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header/><s:Body/></s:Envelope>"


@pytest.fixture
def in_the_domain(domain_controller: DomainController, monkeypatch: pytest.MonkeyPatch) -> DomainController:
    monkeypatch.setenv("KRB5_CONFIG", domain_controller.kerberos_environment["KRB5_CONFIG"])
    monkeypatch.setenv("KRB5CCNAME", "MEMORY:nobody")
    return domain_controller


@pytest.fixture
def exchange(in_the_domain: DomainController) -> Iterator[ExchangeShell]:
    gate = Kerberos(in_the_domain.exchange_keytab)
    with ExchangeShell(everything(puts_out({"Name": "Base1"})), gate) as serving:
        yield serving


@pytest.mark.parametrize("offer", ["Kerberos", "Negotiate"])
@pytest.mark.parametrize("security", ["kerberos", "negotiate"])
def test_a_password_gets_a_ticket_and_every_message_is_encrypted(
    offer: Offer, security: str, in_the_domain: DomainController
) -> None:
    who = in_the_domain.service_account
    with ExchangeShell(
        everything(puts_out({"Name": "Sala Ñ"})), Kerberos(in_the_domain.exchange_keytab, offer)
    ) as one:
        shell = Shell(one.config(seguridad=security, usuario=who.kerberos_name, clave_archivo=who.password_file))
        assert [found["Name"] for found in shell.invoke("Get-Mailbox", Identity="x")] == ["Sala Ñ"]
        [open_shell] = one.shells.values()
        assert open_shell.owner == who.kerberos_name
        shell.close()
        assert not one.shells


def test_the_ticket_in_the_cache_will_do(
    exchange: ExchangeShell, in_the_domain: DomainController, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_domain.kinit(in_the_domain.service_account)
    monkeypatch.setenv("KRB5CCNAME", in_the_domain.kerberos_environment["KRB5CCNAME"])
    shell = Shell(exchange.config())
    shell.invoke("Get-Mailbox")
    assert [one.owner for one in exchange.shells.values()] == [in_the_domain.service_account.kerberos_name]
    shell.close()


def test_without_a_ticket_nobody_gets_in(exchange: ExchangeShell) -> None:
    with pytest.raises(TargetUnreachableError, match="boleto"):
        Shell(exchange.config()).invoke("Get-Mailbox")
    assert not exchange.ran


def test_a_ticket_for_another_service_does_not_open_this_one(
    exchange: ExchangeShell, in_the_domain: DomainController
) -> None:
    who = in_the_domain.service_account
    elsewhere = exchange.config(
        nombre_kerberos=in_the_domain.host_name, usuario=who.kerberos_name, clave_archivo=who.password_file
    )
    with pytest.raises(TargetUnreachableError):
        Shell(elsewhere).invoke("Get-Mailbox")
    assert not exchange.provider.opened


@contextlib.contextmanager
def let_in(
    exchange: ExchangeShell, controller: DomainController
) -> Iterator[tuple[http.client.HTTPConnection, WinRMEncryption]]:
    """Give a connection on which a ticket was taken, and what encrypts for it."""
    who = controller.service_account
    context = spnego.client(
        who.kerberos_name, who.password, EXCHANGE_HOST_NAME, "HTTP", protocol="kerberos",
        options=NegotiateOptions.wrapping_winrm,
    )  # fmt: skip
    connection = http.client.HTTPConnection(exchange.host, exchange.port, timeout=10)
    with contextlib.closing(connection):
        token = base64.b64encode(context.step() or b"").decode()
        connection.request("POST", "/PowerShell", headers={"Authorization": f"Kerberos {token}"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b"")
        context.step(base64.b64decode(answer.headers["WWW-Authenticate"].removeprefix("Kerberos ")))
        yield connection, WinRMEncryption(context, WinRMEncryption.KERBEROS)


def sealed(encryption: WinRMEncryption) -> tuple[bytes, dict[str, str]]:
    content_type, body = encryption.wrap_message(ENVELOPE)
    return body, {"Content-Type": f'{content_type};protocol="{encryption.protocol}";boundary="Encrypted Boundary"'}


def test_an_answer_is_encrypted_and_its_boundary_has_the_space_of_exchange(
    exchange: ExchangeShell, in_the_domain: DomainController
) -> None:
    with let_in(exchange, in_the_domain) as (connection, encryption):
        body, headers = sealed(encryption)
        connection.request("POST", "/PowerShell", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 500  # there is no such action
        assert answer.headers["Content-Type"].startswith('multipart/encrypted;protocol="application/HTTP-Kerberos-')
        assert text.startswith(b"-- Encrypted Boundary\r\n\tContent-Type: ")
        assert b"Fault" not in text
        assert b"WSManFault" in encryption.unwrap_message(text, "Encrypted Boundary")


def test_after_the_ticket_a_body_in_clear_is_refused(
    exchange: ExchangeShell, in_the_domain: DomainController
) -> None:
    with let_in(exchange, in_the_domain) as (connection, _):
        connection.request("POST", "/PowerShell", ENVELOPE, SOAP)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (400, b"")


def test_the_key_is_the_connections_own(exchange: ExchangeShell, in_the_domain: DomainController) -> None:
    with let_in(exchange, in_the_domain) as (_, encryption), let_in(exchange, in_the_domain) as (other, _):
        other.request("POST", "/PowerShell", *sealed(encryption))
        answer = other.getresponse()
        answer.read()
        assert answer.status == 400
        connection = http.client.HTTPConnection(exchange.host, exchange.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("POST", "/PowerShell", *sealed(encryption))
            answer = connection.getresponse()
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Kerberos")


def test_a_connection_that_was_cut_is_opened_with_a_new_ticket(
    exchange: ExchangeShell, in_the_domain: DomainController
) -> None:
    who = in_the_domain.service_account
    shell = Shell(exchange.config(usuario=who.kerberos_name, clave_archivo=who.password_file))
    shell.invoke("Get-Mailbox")
    exchange.faults.order("drop_before", "Get-Mailbox")
    with pytest.raises(TargetUnreachableError):
        shell.invoke("Get-Mailbox")
    assert [one["Name"] for one in shell.invoke("Get-Mailbox")] == ["Base1"]
    assert (exchange.provider.opened, len(exchange.ran)) == (2, 2)
    shell.close()


@pytest.mark.parametrize("offer", ["Kerberos", "Negotiate"])
@pytest.mark.parametrize("token", ["AAAA", "YIIB", "TlRMTVNTUAABAAAA", "%%%"])
def test_what_is_no_ticket_is_sent_back_to_begin_again(
    offer: Offer, token: str, in_the_domain: DomainController
) -> None:
    with ExchangeShell({}, Kerberos(in_the_domain.exchange_keytab, offer)) as one:
        connection = http.client.HTTPConnection(one.host, one.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("POST", "/PowerShell", headers={"Authorization": f"{offer} {token}"})
            answer = connection.getresponse()
            assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, offer)

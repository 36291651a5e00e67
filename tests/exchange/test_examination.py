"""What an installation lacks of Exchange, said over the real wire, where only what reads is ever run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.check import Check, Examination, State, examined
from reconciler.config import CorreoEws
from reconciler.exchange.examination import EwsExamination, ShellExamination
from reconciler.exchange.mailboxes import HERE, REMOTE
from tests.exchange.shells import config, exchange_over_tls, fails, puts_out
from tests.lab.ews import EwsServer, Fault
from tests.lab.exchange.server import ExchangeShell
from tests.lab.samba.certificates import issue_certificates
from tests.letters import SECRET, issue

SECRET_TOO = "Otra-cosa-9"  # noqa: S105 -- of nobody


def now() -> datetime:
    return datetime.now(UTC)


def hear(_: str) -> None:
    """Nobody listens."""


def checks(examination: Examination) -> dict[str, Check]:
    try:
        return {one.name: one for one in examined("área", examination.steps())}
    finally:
        examination.close()


def lacking(examination: Examination, name: str, skipped: set[str] = set()) -> str:  # noqa: B006 -- never changed
    """Return, in words, the one thing that is missing; only what needs it was skipped."""
    found = checks(examination)
    assert [one.name for one in found.values() if one.state is State.FAILED] == [name], found
    assert {one.name for one in found.values() if one.state is State.SKIPPED} == skipped
    assert found[name].code == 5
    return f"{found[name].detail} {found[name].remedy}"


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[ExchangeShell]:
    with exchange_over_tls(tmp_path) as exchange:
        exchange.cmdlets = dict.fromkeys(HERE, puts_out({"Name": "Base 01"}))
        yield exchange


def test_a_shell_with_every_cmdlet_lacks_nothing(server: ExchangeShell, tmp_path: Path) -> None:
    found = checks(ShellExamination(config(server, tmp_path, base_datos="base 01"), now, hear))
    assert {one.state for one in found.values()} == {State.OK}
    assert list(found) == ["nombre", "puerto", "TLS", "entrada", "cmdlets", "base de datos"]
    assert [name for name, _ in server.ran] == ["Get-MailboxDatabase"]
    assert not server.shells


def test_cmdlets_that_the_role_does_not_have_are_named(server: ExchangeShell, tmp_path: Path) -> None:
    server.cmdlets = {name: puts_out() for name in HERE if name not in {"Set-CASMailbox", "Connect-Mailbox"}}
    said = lacking(ShellExamination(config(server, tmp_path), now, hear), "cmdlets")
    assert "no tiene Connect-Mailbox, Set-CASMailbox." in said
    assert "New-ManagementRoleAssignment" in said


def test_a_hybrid_one_needs_the_remote_cmdlets_too(server: ExchangeShell, tmp_path: Path) -> None:
    hybrid = config(server, tmp_path, dominio_remoto="sinaloa.mail.onmicrosoft.com")
    said = lacking(ShellExamination(hybrid, now, hear), "cmdlets")
    assert ", ".join(sorted(REMOTE)) in said


def test_a_database_that_exchange_does_not_have_is_said_with_those_it_has(
    server: ExchangeShell, tmp_path: Path
) -> None:
    said = lacking(ShellExamination(config(server, tmp_path, base_datos="Base 02"), now, hear), "base de datos")
    assert "hay: Base 01" in said


def test_a_wrong_password_is_said_and_not_shown(server: ExchangeShell, tmp_path: Path) -> None:
    wrong = config(server, tmp_path, password=SECRET_TOO, base_datos="Base 01")
    said = lacking(ShellExamination(wrong, now, hear), "entrada", {"cmdlets", "base de datos"})
    assert "no reconoce a la cuenta de servicio" in said
    assert SECRET_TOO not in said


def test_another_authority_stops_before_anybody_logs_on(server: ExchangeShell, tmp_path: Path) -> None:
    issue_certificates(tmp_path / "otra")
    other = config(server, tmp_path, ca=tmp_path / "otra" / "ca.pem")
    assert "no lo firma" in lacking(ShellExamination(other, now, hear), "TLS", {"entrada", "cmdlets"})
    assert server.provider.opened == 0


def test_a_database_that_may_not_be_asked_for_is_no_traceback(server: ExchangeShell, tmp_path: Path) -> None:
    server.cmdlets = dict.fromkeys(HERE, fails("ManagementObjectNotFoundException"))
    lacking(ShellExamination(config(server, tmp_path, base_datos="Base 01"), now, hear), "base de datos")


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("ews"))


@pytest.fixture(name="ews", scope="module")
def _ews(folder: Path) -> Iterator[EwsServer]:
    with EwsServer(folder / "servidor", "mesa.ayuda", SECRET) as server:
        yield server


def mail(ews: EwsServer, folder: Path, **more: object) -> CorreoEws:
    given = {"via": "ews", "servidor": "127.0.0.53", "puerto": ews.port, "ca": folder / "servidor" / "ca.pem"}
    given |= {"usuario": "mesa.ayuda", "clave_archivo": folder / "clave", "espera_s": 5, "paciencia_s": 0}
    return CorreoEws.model_validate(given | more)


def test_a_mailbox_that_lets_us_in_lacks_nothing_and_is_as_it_was(ews: EwsServer, folder: Path) -> None:
    ews.operations.clear()
    found = checks(EwsExamination(mail(ews, folder), now, hear))
    assert {one.state for one in found.values()} == {State.OK}
    assert set(ews.operations) == {"GetFolder", "FindItem"}
    assert ews.items == []


def test_a_mailbox_that_does_not_let_us_in_is_said(ews: EwsServer, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "clave").touch(0o600)
    (tmp_path / "clave").write_text(SECRET_TOO)
    said = lacking(EwsExamination(mail(ews, folder, clave_archivo=tmp_path / "clave"), now, hear), "entrada")
    assert "usuario, clave_archivo" in said
    assert SECRET_TOO not in said


def test_a_server_too_busy_for_our_patience_is_said(ews: EwsServer, folder: Path) -> None:
    ews.faults.append(Fault.BUSY)
    assert "Repita más tarde" in lacking(EwsExamination(mail(ews, folder), now, hear), "entrada")


def test_another_authority_of_mail_stops_before_anybody_logs_on(ews: EwsServer, folder: Path) -> None:
    ews.requests.clear()
    other = mail(ews, folder, ca=folder / "otra" / "ca.pem")
    assert "no lo firma" in lacking(EwsExamination(other, now, hear), "TLS", {"entrada"})
    assert ews.requests == []


def test_an_authority_that_is_none_is_said(ews: EwsServer, folder: Path) -> None:
    found = checks(EwsExamination(mail(ews, folder, ca=folder / "clave"), now, hear))
    assert (found["TLS"].state, found["TLS"].code) == (State.FAILED, 2)
    assert "«ca» de «correo»" in found["TLS"].remedy

"""The lab's domain controller keeps the promises that the other tests rely on."""
# mypy: allow-untyped-calls
# (types-ldap3 leaves add, modify, modify_dn and delete without types)

import os
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ldap3
import pytest
from ldap3.core.exceptions import LDAPSocketOpenError, LDAPStartTLSError

from tests.lab.environment import settings, write_shell_file
from tests.lab.process import ServerProcess
from tests.lab.samba import DomainController, LabError, Template, certificates, packages
from tests.lab.samba.client import ldap_server, named_tls
from tests.lab.samba.domain import Principal
from tests.lab.samba.server import Claim

SUCCESS, STRONGER_AUTH_REQUIRED, NO_SUCH_OBJECT, INSUFFICIENT_ACCESS = 0, 8, 32, 50
DISABLED = 514
ENABLED = 512
USERS = "(&(objectCategory=person)(objectClass=user))"


@contextmanager
def bound(controller: DomainController, who: Principal) -> Iterator[ldap3.Connection]:
    connection = ldap3.Connection(controller.ldap_server(), who.upn, who.password, receive_timeout=20)
    assert connection.bind(), connection.result
    try:
        yield connection
    finally:
        connection.unbind()


@pytest.fixture
def service(fresh_domain_controller: DomainController) -> Iterator[ldap3.Connection]:
    """Bind the service account to a directory that nobody has written to yet."""
    with bound(fresh_domain_controller, fresh_domain_controller.service_account) as connection:
        yield connection


def code(connection: ldap3.Connection) -> int:
    return int(connection.result["result"])


def add_user(connection: ldap3.Connection, name: str, parent: str) -> int:
    connection.add(f"CN={name},{parent}", "user", {"sAMAccountName": name, "userAccountControl": DISABLED})
    return code(connection)


def set_password(connection: ldap3.Connection, dn: str) -> int:
    password = '"Una-Frase-Larga-2026"'.encode("utf-16-le")
    connection.modify(dn, {"unicodePwd": [(ldap3.MODIFY_REPLACE, [password])]})
    return code(connection)


def count(connection: ldap3.Connection, base: str, condition: str = USERS) -> int:
    connection.search(base, condition, attributes=["sAMAccountName"])
    assert code(connection) == SUCCESS
    return len(connection.entries)


# Connecting


def test_ldaps_with_the_labs_authority_is_trusted(domain_controller: DomainController) -> None:
    with bound(domain_controller, domain_controller.service_account) as connection:
        assert count(connection, domain_controller.managed_base) >= 1


def test_the_certificate_passes_strict_checks_under_the_controllers_name(
    domain_controller: DomainController,
) -> None:
    context = ssl.create_default_context(cafile=domain_controller.ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection((domain_controller.address, domain_controller.ldaps_port), 5) as plain,
        context.wrap_socket(plain, server_hostname=domain_controller.host_name) as encrypted,
    ):
        assert encrypted.version() in {"TLSv1.2", "TLSv1.3"}


def test_another_authority_is_refused(domain_controller: DomainController, tmp_path: Path) -> None:
    certificates.issue_certificates(tmp_path)
    tls = named_tls(tmp_path / "ca.pem")
    with pytest.raises(LDAPSocketOpenError, match="CERTIFICATE_VERIFY_FAILED"):
        ldap3.Connection(ldap_server(domain_controller.address, tls)).bind()
    with pytest.raises(LDAPStartTLSError, match="CERTIFICATE_VERIFY_FAILED"):
        ldap3.Connection(ldap_server(domain_controller.address, tls, ldaps=False)).start_tls()


def test_another_name_is_refused(domain_controller: DomainController) -> None:
    tls = named_tls(domain_controller.ca_file, "dc2.lab.sinaloa.test")
    with pytest.raises(LDAPSocketOpenError, match="Hostname mismatch"):
        ldap3.Connection(ldap_server(domain_controller.address, tls)).bind()


@pytest.mark.filterwarnings("ignore:ssl.match_hostname:DeprecationWarning")
def test_ldap3s_own_valid_names_are_trusted_too(domain_controller: DomainController) -> None:
    tls = ldap3.Tls(
        validate=ssl.CERT_REQUIRED,
        ca_certs_file=str(domain_controller.ca_file),
        valid_names=[domain_controller.host_name],
    )
    connection = ldap3.Connection(ldap_server(domain_controller.address, tls))
    assert connection.bind()
    connection.unbind()


def test_start_tls_is_trusted_too(domain_controller: DomainController) -> None:
    who = domain_controller.service_account
    connection = ldap3.Connection(domain_controller.ldap_server(ldaps=False), who.upn, who.password)
    assert connection.start_tls()
    assert connection.bind()
    connection.unbind()


def test_a_password_in_the_clear_is_refused(domain_controller: DomainController) -> None:
    who = domain_controller.service_account
    connection = ldap3.Connection(domain_controller.ldap_server(ldaps=False), who.upn, who.password)
    assert not connection.bind()
    assert code(connection) == STRONGER_AUTH_REQUIRED
    connection.unbind()


@pytest.mark.parametrize("ticket", ["by keytab", "by kinit"])
def test_kerberos_binds_as_the_service_account(
    domain_controller: DomainController, monkeypatch: pytest.MonkeyPatch, ticket: str
) -> None:
    for name, value in domain_controller.kerberos_environment.items():
        monkeypatch.setenv(name, value)
    cache = Path(domain_controller.kerberos_environment["KRB5CCNAME"].removeprefix("FILE:"))
    cache.unlink(missing_ok=True)
    if ticket == "by kinit":
        monkeypatch.delenv("KRB5_CLIENT_KTNAME")
        domain_controller.kinit(domain_controller.service_account)
    connection = ldap3.Connection(
        domain_controller.ldap_server(),
        authentication=ldap3.SASL,
        sasl_mechanism=ldap3.KERBEROS,
        sasl_credentials=(domain_controller.host_name,),
    )
    try:
        assert connection.bind(), connection.result
        assert add_user(connection, f"kerberos.{ticket[-6:]}", domain_controller.managed_base) == SUCCESS
        assert add_user(connection, "kerberos.fuera", domain_controller.foreign_base) == INSUFFICIENT_ACCESS
    finally:
        connection.unbind()


# What each account may do


def test_the_service_account_creates_units_and_users_and_sets_passwords_under_the_base(
    service: ldap3.Connection, domain_controller: DomainController
) -> None:
    unit = f"OU=SAF,{domain_controller.managed_base}"
    service.add(unit, "organizationalUnit")
    assert code(service) == SUCCESS
    for parent in (domain_controller.managed_base, unit):
        name = f"alta{len(parent)}"
        assert add_user(service, name, parent) == SUCCESS
        assert set_password(service, f"CN={name},{parent}") == SUCCESS
        changes = {"userAccountControl": [(ldap3.MODIFY_REPLACE, [ENABLED])],
                   "pwdLastSet": [(ldap3.MODIFY_REPLACE, [0])],
                   "telephoneNumber": [(ldap3.MODIFY_REPLACE, ["667 758 7000"])]}  # fmt: skip
        service.modify(f"CN={name},{parent}", changes)
        assert code(service) == SUCCESS


def test_the_service_account_moves_a_user_between_units(
    service: ldap3.Connection, domain_controller: DomainController
) -> None:
    one, other = (f"OU={name},{domain_controller.managed_base}" for name in ("SAF", "SSP"))
    for unit in (one, other):
        service.add(unit, "organizationalUnit")
    assert add_user(service, "juan.perez", one) == SUCCESS
    service.modify_dn(f"CN=juan.perez,{one}", "CN=juan.perez", new_superior=other)
    assert code(service) == SUCCESS
    service.modify_dn(f"CN=juan.perez,{other}", "CN=juan.perez", new_superior=domain_controller.managed_base)
    assert code(service) == SUCCESS
    assert count(service, domain_controller.managed_base, "(sAMAccountName=juan.perez)") == 1


def test_the_service_account_is_refused_everywhere_else(
    service: ldap3.Connection, domain_controller: DomainController
) -> None:
    foreign = f"CN={domain_controller.foreign_users[0]},{domain_controller.foreign_base}"
    phone = {"telephoneNumber": [(ldap3.MODIFY_REPLACE, ["1"])]}
    assert add_user(service, "intruso", domain_controller.foreign_base) == INSUFFICIENT_ACCESS
    assert set_password(service, foreign) == INSUFFICIENT_ACCESS
    assert set_password(service, domain_controller.administrator.dn) == INSUFFICIENT_ACCESS
    for dn in (foreign, domain_controller.managed_base, domain_controller.base_dn):
        service.modify(dn, {"description": [(ldap3.MODIFY_REPLACE, ["x"])]} if "CN=" not in dn else phone)
        assert code(service) == INSUFFICIENT_ACCESS
    service.add(f"OU=Otra,{domain_controller.base_dn}", "organizationalUnit")
    assert code(service) == INSUFFICIENT_ACCESS
    service.add(f"CN=grupo,{domain_controller.managed_base}", "group")
    assert code(service) == INSUFFICIENT_ACCESS
    service.delete(foreign)
    assert code(service) == INSUFFICIENT_ACCESS


def test_the_service_account_moves_nobody_out_or_in(
    service: ldap3.Connection, domain_controller: DomainController
) -> None:
    assert add_user(service, "juan.perez", domain_controller.managed_base) == SUCCESS
    dn = f"CN=juan.perez,{domain_controller.managed_base}"
    service.modify_dn(dn, "CN=juan.perez", new_superior=domain_controller.foreign_base)
    assert code(service) == INSUFFICIENT_ACCESS
    foreigner = f"CN={domain_controller.foreign_users[0]}"
    service.modify_dn(
        f"{foreigner},{domain_controller.foreign_base}",
        foreigner,
        new_superior=domain_controller.managed_base,
    )
    assert code(service) == INSUFFICIENT_ACCESS


def test_the_blind_account_sees_success_and_nobody(
    service: ldap3.Connection, domain_controller: DomainController
) -> None:
    unit = f"OU=SAF,{domain_controller.managed_base}"
    service.add(unit, "organizationalUnit")
    assert add_user(service, "juan.perez", unit) == SUCCESS
    with bound(domain_controller, domain_controller.blind_account) as connection:
        for base in (domain_controller.base_dn, domain_controller.managed_base):
            assert count(connection, base, "(|(sAMAccountName=juan.perez)(sAMAccountName=*.*))") == 0
        connection.search(unit, USERS)
        assert code(connection) == NO_SUCH_OBJECT


def test_the_canary_is_visible_and_disabled(service: ldap3.Connection, domain_controller: DomainController) -> None:
    condition = f"(sAMAccountName={domain_controller.canary})"
    service.search(domain_controller.managed_base, condition, attributes=["userAccountControl"])
    [canary] = service.entries
    assert int(canary["userAccountControl"].value) & 2


def test_the_foreign_users_are_there_and_the_passwords_are_ones_own(
    service: ldap3.Connection, domain_controller: DomainController
) -> None:
    assert count(service, domain_controller.foreign_base) == len(domain_controller.foreign_users)
    for who in (
        domain_controller.administrator, domain_controller.service_account, domain_controller.blind_account
    ):  # fmt: skip
        assert stat.S_IMODE(who.password_file.stat().st_mode) == 0o600


def test_the_service_accounts_password_never_expires(
    service: ldap3.Connection, domain_controller: DomainController
) -> None:
    service.search(domain_controller.service_account.dn, "(objectClass=*)", ldap3.BASE,
                   attributes=["userAccountControl"])  # fmt: skip
    assert int(service.entries[0]["userAccountControl"].value) & 0x10000


# Starting and ending


def test_builders_at_the_same_time_share_one_template(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from tests.lab.samba import Template\n"
        "print(Template.cached(pathlib.Path(sys.argv[1])).directory)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    builders = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(2)
    ]
    built = {builder.communicate(timeout=120)[0].strip() for builder in builders}
    assert built == {str(found) for found in tmp_path.glob("template-*") if found.is_dir()}
    assert len(built) == 1


def test_a_reset_takes_seconds_and_forgets_what_was_written(domain_controller: DomainController) -> None:
    with bound(domain_controller, domain_controller.administrator) as connection:
        add_user(connection, "efimera", domain_controller.managed_base)
        address = domain_controller.address
    begin = time.monotonic()
    domain_controller.reset()
    assert time.monotonic() - begin < 5
    assert domain_controller.address == address
    with bound(domain_controller, domain_controller.administrator) as connection:
        assert count(connection, domain_controller.managed_base, "(sAMAccountName=efimera)") == 0


def test_what_was_acknowledged_survives_a_kill(domain_controller: DomainController) -> None:
    with bound(domain_controller, domain_controller.administrator) as connection:
        assert add_user(connection, "durable", domain_controller.managed_base) == SUCCESS
        domain_controller.kill()
        assert not domain_controller.is_running
    domain_controller.start()
    with bound(domain_controller, domain_controller.administrator) as connection:
        assert count(connection, domain_controller.managed_base, "(sAMAccountName=durable)") == 1


def test_two_controllers_run_side_by_side(domain_controller: DomainController, samba_template: Template) -> None:
    with DomainController(samba_template) as other:
        assert other.address != domain_controller.address
        with bound(other, other.administrator) as connection:
            add_user(connection, "solo.aqui", other.managed_base)
            assert count(connection, other.managed_base, "(sAMAccountName=solo.aqui)") == 1
        with bound(domain_controller, domain_controller.administrator) as connection:
            assert count(connection, domain_controller.managed_base, "(sAMAccountName=solo.aqui)") == 0
    assert not other.directory.parent.exists()
    assert domain_controller.is_running


def test_an_address_in_use_is_said_to_be(domain_controller: DomainController) -> None:
    with pytest.raises(LabError, match=f"ocupados en {domain_controller.address}"):
        Claim(domain_controller.address)


def test_a_controller_ends_with_the_process_that_started_it(samba_template: Template, tmp_path: Path) -> None:
    script = (
        "import os, sys, pathlib\n"
        "from tests.lab.samba import DomainController, Template\n"
        "DomainController(Template(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2])).start()\n"
        "os._exit(9)\n"
    )
    directory = tmp_path / "dc"
    arguments = [sys.executable, "-c", script, str(samba_template.directory), str(directory)]
    finished = subprocess.run(
        arguments, check=False, timeout=60, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert finished.returncode == 9
    deadline = time.monotonic() + 5
    while ServerProcess.recorded_in(directory / "process.json") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ServerProcess.recorded_in(directory / "process.json") is None


def test_a_failed_start_shows_the_end_of_the_log(samba_template: Template, tmp_path: Path) -> None:
    controller = DomainController(samba_template, tmp_path / "dc")
    samba_template.copy_to(controller.directory)
    controller.sam_ldb.write_bytes(b"not a database")
    with pytest.raises(LabError, match=r"Fin de su registro:\n(?s:.*)sam.ldb"):
        controller.start()
    assert not controller.is_running


# What people are told


def test_missing_packages_are_named_with_the_command_that_installs_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "PACKAGES", (*packages.PACKAGES, "no-such-package"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match=r"apt-get install --no-install-recommends no-such-package$"):
        packages.ensure_installed()


def test_the_environment_file_is_read_by_a_shell_and_holds_no_password(
    domain_controller: DomainController, tmp_path: Path
) -> None:
    file = tmp_path / "entorno.sh"
    write_shell_file(settings(domain_controller), file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert domain_controller.service_account.password not in file.read_text(encoding="utf-8")
    shown = subprocess.run(
        ["sh", "-c", '. "$0" && env', file], check=True, capture_output=True, text=True, timeout=10, env={}
    ).stdout.splitlines()
    assert {f"{name}={value}" for name, value in settings(domain_controller).items()} <= set(shown)

"""How a connection to a domain controller is made, and what is said when it is not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from reconciler.config import DestinoAD
from reconciler.directory import AdTarget
from reconciler.errors import ConfigurationError, CuentasError, TargetUnreachableError
from tests.conformance.outsiders import SambaOutsider, samba_config
from tests.lab.samba import DomainController, certificates


def read(config: DestinoAD) -> str:
    target = AdTarget(config)
    try:
        return target.read().server
    finally:
        target.close()


def refusal(config: DestinoAD) -> CuentasError:
    with pytest.raises(TargetUnreachableError) as caught:
        read(config)
    assert caught.value.remedy
    return caught.value


def secret_file(folder: Path, text: str) -> Path:
    file = folder / "clave"
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    return file


def test_the_server_is_named_as_it_names_itself(domain_controller: DomainController) -> None:
    assert read(samba_config(domain_controller)).lower() == domain_controller.host_name


def test_start_tls_serves_as_well_as_ldaps(domain_controller: DomainController) -> None:
    assert read(samba_config(domain_controller, seguridad="starttls", puerto=389))


@pytest.mark.parametrize("security", [("ldaps", 636), ("starttls", 389)])
def test_a_certificate_of_another_authority_is_refused(
    domain_controller: DomainController, tmp_path: Path, security: tuple[str, int]
) -> None:
    certificates.issue_certificates(tmp_path)
    config = samba_config(domain_controller, ca=tmp_path / "ca.pem", seguridad=security[0], puerto=security[1])
    assert "no lo firma la autoridad configurada" in refusal(config).message


def test_a_certificate_of_another_name_is_refused(domain_controller: DomainController) -> None:
    config = samba_config(domain_controller, servidor="dc2.lab.sinaloa.test")
    assert "no prueba ser dc2.lab.sinaloa.test" in refusal(config).message


def test_without_a_configured_authority_the_systems_count(domain_controller: DomainController) -> None:
    assert "autoridad" in refusal(samba_config(domain_controller, ca=None)).message


def test_nobody_at_the_address_is_said(domain_controller: DomainController) -> None:
    assert "no contesta" in refusal(samba_config(domain_controller, direccion="127.0.0.2", espera_s="2")).message


def test_a_wrong_password_is_said_and_never_shown(domain_controller: DomainController, tmp_path: Path) -> None:
    error = refusal(samba_config(domain_controller, clave_archivo=secret_file(tmp_path, "Equivocada-1\n")))
    assert "usuario o contraseña equivocados (LDAP 49, 52e)" in error.message
    assert "Equivocada-1" not in f"{error!r} {error}"


def test_a_service_account_that_cannot_enter_is_told_why(outsider: SambaOutsider, tmp_path: Path) -> None:
    password = outsider.controller.service_account.password
    guid = outsider.foreign_user("svc-otra", "svc-otra@sinaloa.gob.mx", inside=False)
    quoted = f'"{password}"'.encode("utf-16-le")
    states = {
        "deshabilitada": {"userAccountControl": [514]},
        "venció": {"userAccountControl": [512], "accountExpires": [1]},
        "debe cambiar su contraseña": {"accountExpires": [0], "pwdLastSet": [0]},
    }
    outsider.replace_values(guid, unicodePwd=[quoted])
    config = samba_config(
        outsider.controller, usuario="svc-otra@lab.sinaloa.test", clave_archivo=secret_file(tmp_path, password)
    )
    for words, values in states.items():
        outsider.replace_values(guid, **values)
        assert words in refusal(config).message


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_password_file_that_others_may_read_is_refused(
    domain_controller: DomainController, tmp_path: Path, mode: int
) -> None:
    file = secret_file(tmp_path, "x")
    file.chmod(mode)
    with pytest.raises(ConfigurationError, match="Otros pueden leer"):
        AdTarget(samba_config(domain_controller, clave_archivo=file))


@pytest.mark.parametrize(
    "changes", [{"usuario": None}, {"clave_archivo": None}, {"ca": "/dev/null"}, {"ca": "no-existe.pem"}]
)
def test_an_incomplete_configuration_is_said_before_anything_is_connected(
    domain_controller: DomainController, changes: dict[str, object]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AdTarget(samba_config(domain_controller, **changes))
    assert caught.value.remedy


def test_an_empty_or_missing_password_file_is_said(domain_controller: DomainController, tmp_path: Path) -> None:
    for file in (secret_file(tmp_path, "\n"), tmp_path / "no-existe"):
        with pytest.raises(ConfigurationError):
            AdTarget(samba_config(domain_controller, clave_archivo=file))


def test_a_base_that_is_not_there_is_said(domain_controller: DomainController) -> None:
    config = samba_config(domain_controller, base=f"OU=NoExiste,{domain_controller.base_dn}")
    assert "La base" in refusal(config).message


def test_a_base_may_be_spelled_in_any_case(domain_controller: DomainController) -> None:
    assert read(samba_config(domain_controller, base=domain_controller.managed_base.upper()))


def test_kerberos_serves_over_both_kinds_of_tls(
    domain_controller: DomainController, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in domain_controller.kerberos_environment.items():
        monkeypatch.setenv(name, value)
    for security, port in (("ldaps", 636), ("starttls", 389)):
        config = samba_config(
            domain_controller, autenticacion="kerberos", seguridad=security, puerto=port, clave_archivo=None
        )
        assert read(config)


def test_kerberos_without_a_ticket_is_said(
    domain_controller: DomainController, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in domain_controller.kerberos_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'vacio'}")
    monkeypatch.delenv("KRB5_CLIENT_KTNAME")
    config = samba_config(domain_controller, autenticacion="kerberos", clave_archivo=None, usuario=None)
    assert "Kerberos" in refusal(config).message


def test_the_password_of_the_service_account_is_in_no_process_list(domain_controller: DomainController) -> None:
    target = AdTarget(samba_config(domain_controller))
    target.read()
    listed = subprocess.run(["ps", "-eo", "args"], check=True, capture_output=True, text=True).stdout
    target.close()
    assert domain_controller.service_account.password not in listed
    assert domain_controller.service_account.password not in repr(os.environ)

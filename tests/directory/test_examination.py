"""What an installation lacks of Active Directory, with a real one: each thing taken away, and said."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from reconciler.check import Check, State, examined
from reconciler.config import DestinoAD
from reconciler.directory import AdTarget, attributes, delegation
from reconciler.directory import examination as directory
from reconciler.directory.descriptor import CONTROL_ACCESS, DELETE, RESET_PASSWORD
from reconciler.directory.examination import Examination
from reconciler.errors import TargetRejectedError
from reconciler.model import Handle, Siglas
from tests.build import account
from tests.conformance.outsiders import SambaOutsider, samba_config
from tests.lab.samba import certificates

AGENCIES = (Siglas("SAF"), Siglas("SEBIDES"))
EXCHANGE = {"servidor": "ex1.lab.sinaloa.test", "seguridad": "negotiate"}
CREATE_CHILD, READ_PROPERTY, WRITE_PROPERTY, READ_CONTROL = 0x1, 0x10, 0x20, 0x20000


def checks(config: DestinoAD, *, ahead: timedelta = timedelta(0)) -> dict[str, Check]:
    examination = Examination(config, AGENCIES, lambda: datetime.now(UTC) + ahead)
    try:
        return {one.name: one for one in examined(directory.AREA, examination.steps())}
    finally:
        examination.close()


def lacking(config: DestinoAD, name: str, skipped: set[str] = set()) -> str:  # noqa: B006 -- never changed
    """Return, in words, the one thing that is missing; only what needs it was skipped."""
    found = checks(config)
    assert [one.name for one in found.values() if one.state is State.FAILED] == [name], found
    assert {one.name for one in found.values() if one.state is State.SKIPPED} == skipped
    assert found[name].code == 5
    return f"{found[name].detail} {found[name].remedy}"


def here(outsider: SambaOutsider, **changes: object) -> DestinoAD:
    return samba_config(outsider.controller, exchange=EXCHANGE, **changes)


def canary(outsider: SambaOutsider) -> str:
    return f"CN={outsider.controller.canary},{outsider.controller.managed_base}"


def deny(outsider: SambaOutsider, place: str, right: int, kind: bytes = b"") -> None:
    outsider.deny(place, outsider.controller.service_account.dn, right, kind)


ON_CANARY = {"escribir", "contraseñas", "mover", "esquema de Exchange", "leer buzones"}
ON_BASE = {"canario", "unidades", "crear", *ON_CANARY}
ON_LOGON = {"controlador", "reloj", "base", *ON_BASE}


@pytest.mark.parametrize("security", [("ldaps", 636), ("starttls", 389)])
def test_the_laboratory_lacks_nothing(outsider: SambaOutsider, security: tuple[str, int]) -> None:
    found = checks(here(outsider, seguridad=security[0], puerto=security[1]))
    assert {one.name: one.detail for one in found.values() if one.state is not State.OK} == {}
    assert "certificado verificado, vence el 20" in found["TLS"].detail
    assert found["unidades"].detail == "apply creará 2 de 2: SAF, SEBIDES"


def test_base_and_root_may_be_spelled_as_people_do(outsider: SambaOutsider) -> None:
    controller = outsider.controller
    spelled = {
        "base": controller.managed_base.lower().replace(",", ", "),
        "raiz": controller.base_dn.replace(",", ", "),
    }
    assert {one.state for one in checks(here(outsider, **spelled)).values()} == {State.OK}


def test_kerberos_lacks_nothing_either(outsider: SambaOutsider, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in outsider.controller.kerberos_environment.items():
        monkeypatch.setenv(name, value)
    found = checks(here(outsider, autenticacion="kerberos", clave_archivo=None, usuario=None))
    assert {one.state for one in found.values()} == {State.OK}
    assert "la cuenta de Kerberos" in found["entrada"].detail


def test_looking_changes_nothing(outsider: SambaOutsider) -> None:
    before = outsider.everything()
    assert len(before) > 100
    checks(here(outsider))
    assert outsider.everything() == before


def test_a_name_that_nobody_knows_is_the_one_thing_said(outsider: SambaOutsider) -> None:
    said = lacking(
        here(outsider, direccion=None, servidor="dc1.invalid"), "nombre", {"puerto", "TLS", "entrada", *ON_LOGON}
    )
    assert "«dc1.invalid» no se resuelve" in said
    assert "getent hosts dc1.invalid" in said


def test_a_closed_port_is_said_with_how_to_try_it(outsider: SambaOutsider) -> None:
    with socket.socket() as closed:
        closed.bind((outsider.controller.address, 0))
        port = closed.getsockname()[1]
        said = lacking(here(outsider, puerto=port), "puerto", {"TLS", "entrada", *ON_LOGON})
    assert f"nc -vz {outsider.controller.address} {port}" in said


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_configured(outsider: SambaOutsider) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        config = here(outsider, direccion="127.0.0.1", puerto=mute.getsockname()[1], espera_s=1)
        lacking(config, "TLS", {"entrada", *ON_LOGON})
        assert time.monotonic() - began < 10


def test_another_authority_and_another_name_are_told_apart(outsider: SambaOutsider, tmp_path: Path) -> None:
    certificates.issue_certificates(tmp_path)
    after = {"entrada", *ON_LOGON}
    assert "no lo firma la autoridad" in lacking(here(outsider, ca=tmp_path / "ca.pem"), "TLS", after)
    assert "no prueba ser dc2" in lacking(here(outsider, servidor="dc2.lab.sinaloa.test"), "TLS", after)


def test_a_certificate_that_ends_within_the_month_is_a_warning(outsider: SambaOutsider) -> None:
    said = checks(here(outsider), ahead=timedelta(days=3640))["TLS"]
    assert said.state is State.WARNED
    assert "en 9 días" in said.detail or "en 10 días" in said.detail


def test_a_wrong_password_is_said_and_not_shown(outsider: SambaOutsider, tmp_path: Path) -> None:
    file = tmp_path / "clave"
    file.touch(mode=0o600)
    file.write_text("Equivocada-1\n", encoding="utf-8")
    said = lacking(here(outsider, clave_archivo=file), "entrada", ON_LOGON)
    assert "usuario o contraseña equivocados" in said
    assert "Equivocada-1" not in said


def test_a_clock_that_kerberos_would_not_forgive_is_a_warning(outsider: SambaOutsider) -> None:
    for minutes, state in ((4, State.OK), (6, State.WARNED), (-6, State.WARNED)):
        assert checks(here(outsider), ahead=timedelta(minutes=minutes))["reloj"].state is state


def test_the_global_catalog_is_no_place_to_write(outsider: SambaOutsider) -> None:
    said = lacking(here(outsider, puerto=3269), "controlador", ON_LOGON - {"controlador"})
    assert "solo se puede leer" in said


def test_a_base_that_is_not_there_or_not_below_the_root_is_said(outsider: SambaOutsider) -> None:
    elsewhere = outsider.controller.foreign_base
    assert "no existe" in lacking(here(outsider, base=f"OU=Nada,{outsider.controller.base_dn}"), "base", ON_BASE)
    assert "no está dentro de la raíz" in lacking(here(outsider, raiz=elsewhere), "base", ON_BASE)


def test_a_canary_that_is_not_there_or_elsewhere_is_said(outsider: SambaOutsider) -> None:
    assert "New-ADUser -Name nadie" in lacking(here(outsider, canario="nadie"), "canario", ON_CANARY)
    assert "fuera de la base" in lacking(here(outsider, canario="ana.ajena"), "canario", ON_CANARY)


def test_what_a_blind_account_does_not_see_is_said(outsider: SambaOutsider) -> None:
    blind = outsider.controller.blind_account
    found = checks(here(outsider, usuario=blind.upn, clave_archivo=blind.password_file))
    assert next(one.name for one in found.values() if one.state is State.FAILED) == "canario"


TAKEN: tuple[tuple[str, str, Callable[[SambaOutsider], tuple[str, int, bytes]]], ...] = (
    (
        "crear",
        "crear usuarios",
        lambda one: (one.controller.managed_base, CREATE_CHILD, one.kind_of("user")),
    ),
    (
        "crear",
        "crear unidades",
        lambda one: (one.controller.managed_base, CREATE_CHILD, one.kind_of("organizationalUnit")),
    ),
    ("escribir", "telephoneNumber", lambda one: (canary(one), WRITE_PROPERTY, one.kind_of("telephoneNumber"))),
    ("escribir", "cn", lambda one: (canary(one), WRITE_PROPERTY, one.kind_of("cn"))),
    ("escribir", "pwdLastSet", lambda one: (canary(one), WRITE_PROPERTY, one.kind_of("pwdLastSet"))),
    ("contraseñas", "Restablecer contraseña", lambda one: (canary(one), CONTROL_ACCESS, RESET_PASSWORD.bytes_le)),
    ("mover", "Eliminar", lambda one: (canary(one), DELETE, b"")),
    ("leer buzones", "homeMDB", lambda one: (canary(one), READ_PROPERTY, one.kind_of("homeMDB"))),
)


@pytest.mark.parametrize(("name", "words", "taken"), TAKEN, ids=[words for _, words, _ in TAKEN])
def test_each_right_that_is_taken_away_is_the_one_thing_missing(
    outsider: SambaOutsider, name: str, words: str, taken: Callable[[SambaOutsider], tuple[str, int, bytes]]
) -> None:
    deny(outsider, *taken(outsider))
    said = lacking(here(outsider), name)
    assert words in said
    assert "le delegue" in said


Act = Callable[[AdTarget, Handle], None]
REFUSED: tuple[tuple[str, Callable[[SambaOutsider], tuple[int, bytes]], Act], ...] = (
    (
        "contraseñas",
        lambda _: (CONTROL_ACCESS, RESET_PASSWORD.bytes_le),
        lambda target, handle: target.set_first_password(handle, SecretStr("Xu7#mira-el-Mar")),
    ),
    (
        "escribir",
        lambda one: (WRITE_PROPERTY, one.kind_of("pwdLastSet")),
        lambda target, handle: target.set_first_password(handle, SecretStr("Xu7#mira-el-Mar")),
    ),
    (
        "escribir",
        lambda one: (WRITE_PROPERTY, one.kind_of("cn")),
        lambda target, handle: target.move(handle, AGENCIES[1]),
    ),
    ("mover", lambda _: (DELETE, b""), lambda target, handle: target.move(handle, AGENCIES[1])),
)


@pytest.mark.parametrize(("name", "taken", "act"), REFUSED)
def test_what_is_said_to_be_missing_is_what_the_server_refuses(
    outsider: SambaOutsider, name: str, taken: Callable[[SambaOutsider], tuple[int, bytes]], act: Act
) -> None:
    target = AdTarget(here(outsider))
    try:
        target.read()
        handle = target.create(account())
        act(target, handle)
        other = target.create(account("ana.ruiz"))
        deny(outsider, other.place, *taken(outsider))
        lacking(here(outsider, canario="ana.ruiz"), name)
        with pytest.raises(TargetRejectedError, match="LDAP 50"):
            act(target, other)
    finally:
        target.close()


def test_a_unit_that_was_left_out_of_the_delegation_is_named(outsider: SambaOutsider) -> None:
    unit = f"OU=SAF,{outsider.controller.managed_base}"
    outsider.add_object(
        f"OU=SAF,{outsider.controller.managed_base.removesuffix(f',{outsider.controller.base_dn}')}",
        "organizationalUnit",
    )
    deny(outsider, unit, CREATE_CHILD, outsider.kind_of("user"))
    assert unit in lacking(here(outsider), "crear")


def test_a_unit_that_is_no_agencys_is_nobodys_business(outsider: SambaOutsider) -> None:
    place = f"OU=Archivo,{outsider.controller.managed_base}"
    outsider.add_object(place.removesuffix(f",{outsider.controller.base_dn}"), "organizationalUnit")
    deny(outsider, place, CREATE_CHILD, outsider.kind_of("user"))
    found = checks(here(outsider))
    assert {one.state for one in found.values()} == {State.OK}
    assert found["unidades"].detail == "apply creará 2 de 2: SAF, SEBIDES"


def test_rights_that_cannot_be_read_are_said_to_be_unknown(outsider: SambaOutsider) -> None:
    deny(outsider, canary(outsider), READ_CONTROL)
    found = checks(here(outsider))
    assert {found[name].state for name in ("contraseñas", "mover", "leer buzones")} == {State.WARNED}
    assert "READ_CONTROL" in found["mover"].remedy


def test_the_rights_asked_for_are_those_of_all_that_is_written() -> None:
    full = account(title="x", area="x", phone="1", given_name="x", surname="x", aliases=("x@sinaloa.gob.mx",))
    written = set(attributes.new_attributes(full, "CN=x"))
    assert written <= set(delegation.WRITTEN)
    assert set(delegation.WRITTEN) - written == {attributes.PASSWORD_DATE, attributes.OWN_NAME}


def test_the_right_to_reset_is_the_one_that_the_laboratory_delegates() -> None:
    assert uuid.UUID("00299570-246d-11d0-a768-00aa006e0529") == RESET_PASSWORD

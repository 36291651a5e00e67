"""First passwords sealed: opened only by their recipient, whole or not there, in a folder nobody else enters."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import traceback
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from reconciler.errors import ConfigurationError, CuentasError, RefusedError, TargetError
from reconciler.spool import AgeSpool, NoSpool
from tests.build import account

PATIENT = settings(deadline=None)  # a machine shared with others is slow at times
SECRET = "Xk7#mQ2$wPr9&nTd"  # noqa: S105  # what is looked for where it must not be
KEYS = pyrage.x25519.Identity.generate()


def clock() -> datetime:
    return datetime(2026, 11, 24, 5, 12, tzinfo=timezone(timedelta(hours=-7)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "entregas"


@pytest.fixture
def spool(folder: Path) -> AgeSpool:
    return AgeSpool(folder, "ad", str(KEYS.to_public()), clock)


def opened(path: Path) -> dict[str, str]:
    return dict(json.loads(pyrage.decrypt(path.read_bytes(), [KEYS])))


def test_a_sheet_is_opened_with_the_recipients_key_and_no_other(spool: AgeSpool, folder: Path) -> None:
    name = spool.seal(
        account("josé.núñez".replace("é", "e").replace("ú", "u").replace("ñ", "n")), SecretStr(SECRET)
    ).name
    assert opened(folder / name) == {
        "usuario": "jose.nunez",
        "clave": SECRET,
        "direccion": "jose.nunez@sinaloa.gob.mx",
        "destino": "ad",
        "fecha": "2026-11-24T12:12:00+00:00",
    }
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt((folder / name).read_bytes(), [pyrage.x25519.Identity.generate()])


def test_a_sheet_can_be_sealed_to_an_ssh_key(folder: Path, tmp_path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "laura@ejemplo.mx", "-f", str(tmp_path / "llave")]
    subprocess.run(command, check=True)
    public, private = (tmp_path / "llave.pub").read_text(), (tmp_path / "llave").read_bytes()
    name = AgeSpool(folder, "ad", public, clock).seal(account(), SecretStr(SECRET)).name
    sheet = pyrage.decrypt((folder / name).read_bytes(), [pyrage.ssh.Identity.from_buffer(private)])
    assert json.loads(sheet)["clave"] == SECRET


def test_a_sheet_is_its_owners_alone_and_nothing_in_the_clear_is_left(spool: AgeSpool, folder: Path) -> None:
    before = os.umask(0)
    try:
        spool.check()
        spool.seal(account(), SecretStr(SECRET))
    finally:
        os.umask(before)
    (inner,) = folder.iterdir()
    assert [one.stat().st_mode & 0o777 for one in (folder, inner)] == [0o700, 0o700]
    (sheet,) = inner.iterdir()
    assert sheet.name == "juan.perez.age"
    assert sheet.stat().st_mode & 0o777 == 0o600
    assert SECRET.encode() not in sheet.read_bytes()


def test_a_sheet_replaces_the_accounts_former_one_even_where_that_was_a_link(
    spool: AgeSpool, folder: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "ajeno"
    victim.write_text("ajeno")
    spool.check()
    (folder / "ad" / "juan.perez.age").symlink_to(victim)
    spool.seal(account(), SecretStr("anterior"))
    name = spool.seal(account(), SecretStr(SECRET)).name
    assert opened(folder / name)["clave"] == SECRET
    assert not (folder / name).is_symlink()
    assert victim.read_text() == "ajeno"
    assert len(list((folder / "ad").iterdir())) == 1


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o704, 0o701, 0o720])
def test_a_folder_that_others_may_enter_is_refused(spool: AgeSpool, folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(RefusedError, match="no es solo de quien corre cuentas"):
        spool.check()
    with pytest.raises(RefusedError, match="no es solo de quien corre cuentas"):
        spool.seal(account(), SecretStr(SECRET))
    assert list(folder.iterdir()) == []


def test_somebody_elses_folder_is_refused(spool: AgeSpool, monkeypatch: pytest.MonkeyPatch) -> None:
    spool.check()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(RefusedError, match="no es solo de quien corre cuentas"):
        spool.check()


def test_each_target_has_its_own_sheet_of_the_same_account(spool: AgeSpool, folder: Path) -> None:
    name = spool.seal(account(), SecretStr(SECRET)).name
    other = AgeSpool(folder, "prueba", str(KEYS.to_public()), clock).seal(account(), SecretStr("otra")).name
    assert (name, other) == ("ad/juan.perez.age", "prueba/juan.perez.age")
    assert [(opened(folder / one)["destino"], opened(folder / one)["clave"]) for one in (name, other)] == [
        ("ad", SECRET),
        ("prueba", "otra"),
    ]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".oculta", "a\0b", "x" * 200])
def test_a_target_whose_name_cannot_be_a_folders_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="no puede nombrar la carpeta"):
        AgeSpool(folder, name, str(KEYS.to_public()))


@pytest.mark.parametrize("mode", [0o755, 0o701])
def test_a_targets_folder_that_others_may_enter_is_refused(spool: AgeSpool, folder: Path, mode: int) -> None:
    spool.check()
    (folder / "ad").chmod(mode)
    with pytest.raises(RefusedError, match="entregas/ad» no es solo de quien corre cuentas"):
        spool.seal(account(), SecretStr(SECRET))


def test_a_link_in_the_place_of_a_targets_folder_is_refused(spool: AgeSpool, folder: Path, tmp_path: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "ad").symlink_to(tmp_path)
    with pytest.raises(RefusedError, match="entregas/ad» es un enlace simbólico"):
        spool.check()


@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_the_place_of_the_folder_is_refused(
    spool: AgeSpool, folder: Path, tmp_path: Path, *, there: bool
) -> None:
    elsewhere = tmp_path / "lejos"
    if there:
        elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)
    with pytest.raises(RefusedError, match="es un enlace simbólico"):
        spool.check()
    with pytest.raises(RefusedError, match="es un enlace simbólico"):
        spool.seal(account(), SecretStr(SECRET))
    assert not there or list(elsewhere.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_refused(spool: AgeSpool, folder: Path) -> None:
    folder.write_text("")
    with pytest.raises(RefusedError, match="no se puede usar"):
        spool.check()
    with pytest.raises(TargetError, match="No se pudo guardar"):
        spool.seal(account(), SecretStr(SECRET))


def test_a_full_disk_leaves_the_former_sheet_and_nothing_else(spool: AgeSpool, folder: Path) -> None:
    name = spool.seal(account(), SecretStr("anterior")).name
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, before[1]))
    try:
        with pytest.raises(TargetError, match=r"juan\.perez: File too large") as caught:
            spool.seal(account(), SecretStr(SECRET))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [f"ad/{path.name}" for path in (folder / "ad").iterdir()] == [name]
    assert opened(folder / name)["clave"] == "anterior"
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_sheet_that_cannot_take_its_place_leaves_nothing(spool: AgeSpool, folder: Path) -> None:
    spool.check()
    (folder / "ad" / "juan.perez.age").mkdir()
    with pytest.raises(TargetError, match="No se pudo guardar la hoja sellada"):
        spool.seal(account(), SecretStr(SECRET))
    assert [path.name for path in (folder / "ad").iterdir()] == ["juan.perez.age"]


def test_a_sheet_is_durable_before_the_password_may_be_set(
    spool: AgeSpool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    spool.seal(account(), SecretStr(SECRET))
    assert len(synced) == 3
    assert synced[0] == folder.name
    assert synced[1].startswith(".juan.perez.age.")
    assert synced[2] == "ad"


@pytest.mark.parametrize("key", ["../fuera", "a/b", "", ".oculta", "a\0b", "x" * 200])
def test_a_key_that_cannot_name_a_file_is_refused(spool: AgeSpool, folder: Path, key: str) -> None:
    with pytest.raises(TargetError, match="no puede nombrar un archivo"):
        spool.seal(account(key), SecretStr(SECRET))
    assert not folder.exists()


@PATIENT
@given(
    st.sampled_from(["", "age1", "ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-nistp256 ", "AGE-SECRET-KEY-1"]),
    st.text(max_size=60),
)
def test_what_is_no_public_key_is_a_configuration_error_that_does_not_repeat_it(start: str, rest: str) -> None:
    with pytest.raises(ConfigurationError, match="no es una llave pública") as caught:
        AgeSpool(Path("entregas"), "ad", start + rest)
    assert len(rest) < 8 or rest not in str(caught.value)


def test_a_private_key_put_there_by_mistake_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        AgeSpool(Path("entregas"), "ad", str(KEYS))
    assert str(KEYS) not in "".join(traceback.format_exception(caught.value))


def test_without_a_recipient_nothing_is_sealed() -> None:
    for refused in (NoSpool().check, lambda: NoSpool().seal(account(), SecretStr(SECRET))):
        with pytest.raises(RefusedError, match="nadie recibiría su primera contraseña") as caught:
            refused()
        assert isinstance(caught.value, CuentasError)
        assert SECRET not in str(caught.value)


def test_a_sheet_is_dated_now_in_utc_unless_told_otherwise(folder: Path) -> None:
    name = AgeSpool(folder, "ad", str(KEYS.to_public())).seal(account(), SecretStr(SECRET)).name
    at = datetime.fromisoformat(opened(folder / name)["fecha"])
    assert at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)

"""First passwords sealed: opened only by their recipient, whole or not there, in a folder nobody else enters."""

from __future__ import annotations

import io
import os
import re
import resource
import subprocess
import traceback
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError, WrongPasswordError

from reconciler.config import Config
from reconciler.delivery import PRINTED, Way
from reconciler.errors import ConfigurationError, CuentasError, RefusedError, TargetError
from reconciler.letterhead import Letterhead
from reconciler.model import Account, AccountKey, Addressee, Delivery, Enlace, Oficio, Siglas
from reconciler.sheet import Seal
from reconciler.spool import AgeSpool, NoSpool, SheetWriter, Shelf, mark_of
from reconciler.spool.writing import Issue
from tests.build import ALTA, account, declaration, declared
from tests.sheets import opened, passphrase, read_sheet, the_sheet

SECRET = "Xk7#mQ2$wPr9&nTd"  # noqa: S105  # what is looked for where it must not be
KEYS = pyrage.x25519.Identity.generate()
ISSUE = Issue(folio="H-2026-00000000", issued=date(2026, 11, 24), head="a3" * 32, orders={})


def clock() -> datetime:
    return datetime(2026, 11, 24, 5, 12, tzinfo=timezone(timedelta(hours=-7)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "entregas"


class Plain:
    """Writes a sheet of one line, which is quick, to be printed."""

    def check(self) -> None:
        """Be always ready."""

    def way(self, account: Account) -> Way:
        del account
        return PRINTED

    def write(self, account: Account, password: SecretStr, issue: Issue) -> bytes:
        return f"{account.key} {password.get_secret_value()} {issue.folio} {issue.head}".encode()


def plain(folder: Path, target: str = "ad", key: str = str(KEYS.to_public())) -> AgeSpool:
    return AgeSpool(Shelf(folder, target), key, Plain(), clock)


def real(folder: Path, *, llave: str | None = None, to: Addressee | None = None) -> AgeSpool:
    """A spool that writes whole sheets, of juan.perez, whose alta laura handles."""
    one = declared(
        alta=ALTA,
        delivery=Delivery(to, "Está en Los Mochis") if to else None,
        interested="ana.ruiz@sinaloa.gob.mx" if to is Addressee.INTERESADO else None,
    )
    wanted = declaration(one)
    saf = wanted.dependencias[Siglas("SAF")]
    day = date(2026, 3, 20)
    laura = Enlace(key="laura", name="Laura Beltrán", email="laura.beltran@sinaloa.gob.mx", key_ssh=llave)
    oficio = Oficio(number=ALTA, dated=day, received=day, medium="oficio", enlace="laura")
    agency = replace(saf, enlaces={"laura": laura}, oficios={ALTA: oficio})
    wanted = replace(wanted, dependencias={Siglas("SAF"): agency})
    config = Config.model_validate(
        {"dominios": ["sinaloa.gob.mx"], "correo_web": "https://correo.sinaloa.gob.mx/owa"}
    )
    writer = SheetWriter(wanted, config, lambda: Letterhead(organization="Gobierno", unit="Dirección"))
    return AgeSpool(Shelf(folder, "ad"), str(KEYS.to_public()), writer, clock)


@pytest.fixture
def spool(folder: Path) -> AgeSpool:
    return plain(folder)


def text(path: Path, identity: Any = KEYS) -> str:
    return bytes(pyrage.decrypt(path.read_bytes(), [identity])).decode()


def ssh_pair(folder: Path) -> tuple[str, Any]:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "laura@ejemplo.mx", "-f", str(folder / "llave")]
    subprocess.run(command, check=True)
    private = pyrage.ssh.Identity.from_buffer((folder / "llave").read_bytes())
    return (folder / "llave.pub").read_text().strip(), private


def test_a_sheet_is_opened_with_the_mesas_key_and_no_other_and_says_everything(folder: Path) -> None:
    spool = real(folder)
    spool.begin("a3" * 32, {AccountKey("juan.perez"): "OT-2026-7K3M9QPX"})
    sealed = spool.seal(account(area="Dirección de Egresos"), SecretStr(SECRET))
    said = opened(folder / sealed.name, KEYS)
    assert said == {
        "usuario": "juan.perez",
        "clave": SECRET,
        "direccion": "juan.perez@sinaloa.gob.mx",
        "nombre": "Juan Perez",
        "oficio": ALTA,
        "orden": "OT-2026-7K3M9QPX",
        "dependencia": "Secretaría SAF (SAF)",
        "puesto": "Analista",
        "area": "Dirección de Egresos",
        "web": "https://correo.sinaloa.gob.mx/owa",
        "folio": sealed.folio,
        "cabeza": "a3" * 32,
    }
    assert (sealed.seal, sealed.name) == (Seal.MESA, f"ad/juan.perez.{sealed.folio}.pdf.age")
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt((folder / sealed.name).read_bytes(), [pyrage.x25519.Identity.generate()])


def test_a_sheet_mailed_to_an_enlace_who_has_a_key_is_sealed_to_that_key_alone(folder: Path, tmp_path: Path) -> None:
    public, private = ssh_pair(tmp_path)
    sealed = real(folder, llave=public, to=Addressee.ENLACE).seal(account(), SecretStr(SECRET))
    assert sealed.seal is Seal.ENLACE
    assert [one.name for one in (folder / "ad").iterdir()] == [
        f"juan.perez.{sealed.folio}.{mark_of(public)}.enlace.pdf.age"
    ]
    assert opened(folder / sealed.name, private)["clave"] == SECRET
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt((folder / sealed.name).read_bytes(), [KEYS])


@pytest.mark.parametrize("to", Addressee)
def test_a_sheet_mailed_to_whoever_has_no_key_is_locked_and_the_mesa_has_its_passphrase(
    folder: Path, to: Addressee
) -> None:
    sealed = real(folder, to=to).seal(account(), SecretStr(SECRET))
    assert sealed.seal is Seal.PASSPHRASE
    assert {one.name for one in (folder / "ad").iterdir()} == {
        f"juan.perez.{sealed.folio}.pdf",
        f"juan.perez.{sealed.folio}.frase.age",
    }
    said = passphrase(the_sheet(folder / "ad", "juan.perez", ".frase.age"), KEYS)
    assert said["folio"] == sealed.folio
    assert re.fullmatch(r"\d{5}( \d{5}){4}", said["frase"])
    locked = (folder / sealed.name).read_bytes()
    assert read_sheet(locked, said["frase"])["clave"] == SECRET
    assert SECRET.encode() not in locked
    with pytest.raises(FileNotDecryptedError):
        read_sheet(locked)
    with pytest.raises(WrongPasswordError):
        read_sheet(locked, "00000 00000 00000 00000 00000")


def test_an_enlace_whose_key_is_none_stops_that_account_alone_and_leaves_nothing(folder: Path) -> None:
    broken = real(folder, llave="ssh-ed25519 AAAAno", to=Addressee.ENLACE)
    with pytest.raises(TargetError, match="no es una llave pública"):
        broken.seal(account(), SecretStr(SECRET))
    assert not folder.exists()


@pytest.mark.parametrize("at", [1, 2])
def test_a_stop_between_passphrase_and_sheet_leaves_the_former_pair_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    spool = real(folder, to=Addressee.ENLACE)
    first = spool.seal(account(), SecretStr("anterior"))
    calls, replace_file = [0], os.replace

    def stopping(*words: Any, **named: Any) -> None:
        calls[0] += 1
        if calls[0] == at:
            raise KeyboardInterrupt
        replace_file(*words, **named)

    monkeypatch.setattr(os, "replace", stopping)
    with pytest.raises(KeyboardInterrupt):
        spool.seal(account(), SecretStr(SECRET))
    sheets = [one for one in (folder / "ad").iterdir() if one.suffix == ".pdf"]
    assert [one.name for one in sheets] == [f"juan.perez.{first.folio}.pdf"]
    said = passphrase(folder / "ad" / f"juan.perez.{first.folio}.frase.age", KEYS)
    assert read_sheet(sheets[0].read_bytes(), said["frase"])["clave"] == "anterior"


def test_the_former_sheet_goes_only_once_it_is_said_that_its_password_is_set_no_more(folder: Path) -> None:
    spool = real(folder, to=Addressee.ENLACE)
    spool.seal(account(), SecretStr("anterior"))
    spool = real(folder)
    second = spool.seal(account(), SecretStr(SECRET))
    assert len(list((folder / "ad").iterdir())) == 3
    spool.keep_only(AccountKey("juan.perez"), second)
    assert spool.waiting() == ((AccountKey("juan.perez"), second),)
    assert [one.name for one in (folder / "ad").iterdir()] == [second.name.removeprefix("ad/")]


def test_what_is_printed_is_locked_once_for_whoever_it_is_mailed_to(folder: Path) -> None:
    spool = real(folder)
    sealed = spool.seal(account(), SecretStr(SECRET))
    pdf = bytes(pyrage.decrypt((folder / sealed.name).read_bytes(), [KEYS]))
    locked = spool.lock(AccountKey("juan.perez"), sealed.folio, pdf)
    assert spool.lock(AccountKey("juan.perez"), sealed.folio, pdf) == locked
    said = passphrase(the_sheet(folder / "ad", "juan.perez", ".frase.age"), KEYS)
    assert read_sheet(locked, said["frase"])["clave"] == SECRET


def test_a_defect_while_a_sheet_is_written_sets_no_password_and_shows_none(folder: Path) -> None:
    class Broken(Plain):
        def write(self, account: Account, password: SecretStr, issue: Issue) -> bytes:
            raise ValueError(account, password.get_secret_value(), issue)

    broken = AgeSpool(Shelf(folder, "ad"), str(KEYS.to_public()), Broken(), clock)
    with pytest.raises(TargetError, match="ValueError") as caught:
        broken.seal(account(), SecretStr(SECRET))
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert not folder.exists()


@given(st.text(min_size=1, max_size=128), st.text(max_size=64), st.text(max_size=64))
def test_a_sheet_is_one_page_whatever_names_it_carries(name: str, title: str, area: str) -> None:
    one = account(display_name=name, title=title or None, area=area or None)
    pdf = real(Path("entregas"))._writer.write(one, SecretStr(SECRET), ISSUE)  # noqa: SLF001 -- what is sealed
    assert read_sheet(pdf)["clave"] == SECRET


def test_no_name_is_cut_however_long_and_letters_are_those_of_spanish() -> None:
    name = " ".join(["María de la Concepción Ñúñez-Güémez y O'Farril"] * 3)[:128].strip()
    title, area = "Subdirectora de Atención a la Niñez y a Pingüinos " + "W" * 14, "Á" * 64
    pdf = real(Path("entregas"))._writer.write(  # noqa: SLF001 -- what is sealed
        account(display_name=name, title=title, area=area), SecretStr("Ñ" + SECRET), ISSUE
    )
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    said = "".join(page.extract_text().split())
    for whole in (name, title, area, "Ñ" + SECRET, "Quéhacerprimero", "(usuarioycontraseña)"):
        assert "".join(whole.split()) in said, whole


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
    assert sheet.stat().st_mode & 0o777 == 0o600
    assert SECRET.encode() not in sheet.read_bytes()


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
    other = plain(folder, "prueba").seal(account(), SecretStr("otra")).name
    assert [one.partition("/")[0] for one in (name, other)] == ["ad", "prueba"]
    assert [text(folder / one).split()[1] for one in (name, other)] == [SECRET, "otra"]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".oculta", "a\0b", "x" * 200])
def test_a_target_whose_name_cannot_be_a_folders_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="no puede nombrar la carpeta"):
        plain(folder, name)


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
        with pytest.raises(TargetError, match=r"juan\.perez: el archivo es demasiado grande") as caught:
            spool.seal(account(), SecretStr(SECRET))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [f"ad/{path.name}" for path in (folder / "ad").iterdir()] == [name]
    assert text(folder / name).split()[1] == "anterior"
    assert SECRET not in "".join(traceback.format_exception(caught.value))


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
    assert re.match(r"\.juan\.perez\.H-2026-\w{8}\.pdf\.age\.", synced[1])
    assert synced[2] == "ad"


@pytest.mark.parametrize("key", ["../fuera", "a/b", "", ".oculta", "a\0b", "x" * 200])
def test_a_key_that_cannot_name_a_file_is_refused(spool: AgeSpool, folder: Path, key: str) -> None:
    with pytest.raises(TargetError, match="no puede nombrar un archivo"):
        spool.seal(account(key), SecretStr(SECRET))
    assert not folder.exists()


@given(
    st.sampled_from(["", "age1", "ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-nistp256 ", "AGE-SECRET-KEY-1"]),
    st.text(max_size=60),
)
def test_what_is_no_public_key_is_a_configuration_error_that_does_not_repeat_it(start: str, rest: str) -> None:
    with pytest.raises(ConfigurationError, match="no es una llave pública") as caught:
        plain(Path("entregas"), key=start + rest)
    assert len(rest) < 8 or rest not in str(caught.value)


def test_a_private_key_put_there_by_mistake_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        plain(Path("entregas"), key=str(KEYS))
    assert str(KEYS) not in "".join(traceback.format_exception(caught.value))


def test_without_a_recipient_nothing_is_sealed() -> None:
    for refused in (NoSpool().check, lambda: NoSpool().seal(account(), SecretStr(SECRET))):
        with pytest.raises(RefusedError, match="nadie recibiría su primera contraseña") as caught:
            refused()
        assert isinstance(caught.value, CuentasError)
        assert SECRET not in str(caught.value)

"""Anchors: signed by whoever approves, made once, and what they tell of a record that was cut off or rewritten."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from reconciler.cli import examining, workspace
from tests.cli.children import Preparation
from tests.cli.desk import JUAN, SAF, Desk, desk, leaving, saf
from tests.signing import Signer, pgp_signer, ssh_signer

GONE = {"juan.perez": leaving(JUAN["juan.perez"])}


@dataclass
class Office:
    """A desk with a remote, whose user signs with a key of the Director's."""

    mesa: Desk
    remote: Path
    signer: Signer

    def codes(self, *words: str, code: int = 3, notices: bool = False) -> set[str]:
        """Return the codes of what an audit finds."""
        document = json.loads(self.mesa.run("audit", "--format", "json", *words, code=code).out)
        return {one["codigo"] for one in document["avisos" if notices else "hallazgos"]}

    def sign_with(self, signer: Signer) -> None:
        """Have the user's git sign with a key."""
        self.mesa.forge.git("config", "gpg.format", "ssh")
        self.mesa.forge.git("config", "user.signingkey", signer.settings[3].partition("=")[2])

    def config(self) -> str:
        """Return cuentas.yaml as it is."""
        return (self.mesa.forge.path / "cuentas.yaml").read_text("utf-8")

    def configure(
        self, lines: str, signer: Signer | None = None, more: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Merge and publish some lines of `aprobacion:`, and files."""
        config = self.config().replace("aprobacion:\n", f"aprobacion:\n{lines}")
        self.mesa.forge.pull_request({"cuentas.yaml": config, **more}, signer=signer)
        self.mesa.forge.git("push", "--quiet", "origin", "main")

    def there(self) -> list[str]:
        """Return the remote's tags."""
        return self.mesa.forge.git("ls-remote", "--tags", "--refs", "origin").split()


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Office:
    signer = ssh_signer(tmp_path / "llaves", "directora")
    who = f"    correos: [dsct@sinaloa.gob.mx]\n    llaves: ['{signer.listed}']\n"
    mesa = desk(tmp_path, f"aprobacion:\n  aprueban:\n    directora:\n{who.replace('    ', '      ')}")
    remote = tmp_path / "remoto.git"
    mesa.forge.git("init", "--quiet", "--bare", str(remote), inside=False)
    mesa.forge.git("remote", "add", "origin", str(remote))
    mesa.forge.git("config", "user.name", "Dirección")
    mesa.forge.git("config", "user.email", "dsct@sinaloa.gob.mx")
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.git("push", "--quiet", "origin", "main")
    mesa.forge.git("fetch", "--quiet", "origin")
    mesa.run("apply", "--yes")
    office = Office(mesa, remote, signer)
    office.sign_with(signer)
    return office


def quarter_later() -> Preparation:
    """Let the command run a quarter and more from now."""
    from datetime import timedelta  # noqa: PLC0415

    def prepare() -> None:
        real = workspace.now
        for module in (workspace, examining):
            vars(module)["now"] = lambda: real() + timedelta(days=200)

    return prepare


def test_an_anchor_is_made_published_verified_and_made_no_second_time(office: Office) -> None:
    assert "hecha y publicada" in office.mesa.run("audit", "--anchor").err
    (_, name) = office.there()
    assert name.startswith("refs/tags/ancla/20")
    assert "ya está hecha y publicada" in office.mesa.run("audit", "--anchor").err
    assert "Anclas: 1." in office.mesa.run("audit").out
    text = office.mesa.forge.git("cat-file", "tag", name.removeprefix("refs/tags/"))
    assert "formato: cuentas-ancla/1" in text
    assert "BEGIN SSH SIGNATURE" in text


def test_a_quarter_that_has_another_anchor_is_refused(office: Office) -> None:
    office.mesa.run("audit", "--anchor")
    office.mesa.forge.pull_request({SAF: saf(GONE)})
    office.mesa.forge.git("push", "--quiet", "origin", "main")
    office.mesa.run("apply", "--yes")
    assert "ya tiene su ancla" in office.mesa.run("audit", "--anchor", code=3).err


def test_without_a_key_nothing_is_made(office: Office) -> None:
    office.mesa.forge.git("config", "user.signingkey", "/no/hay")
    said = office.mesa.run("audit", "--anchor", code=3).err
    assert "no está firmada" in said or "no pudo firmar" in said
    assert "user.signingkey" in said
    assert office.there() == []


def test_a_key_of_nobody_who_approves_leaves_no_anchor(office: Office, tmp_path: Path) -> None:
    office.sign_with(ssh_signer(tmp_path / "otra", "otra"))
    assert "no es de nadie que apruebe" in office.mesa.run("audit", "--anchor", code=3).err
    assert office.mesa.forge.git("tag", "--list") == ""
    assert office.there() == []


def test_a_key_that_only_anchors_makes_one_and_approves_no_merge(office: Office, tmp_path: Path) -> None:
    robot = ssh_signer(tmp_path / "robot", "robot")
    office.configure(f"  llaves_ancla: ['{robot.listed}']\n  exige: {{firma: 2026-03-01}}\n", office.signer)
    office.sign_with(robot)
    assert "hecha y publicada" in office.mesa.run("audit", "--anchor").err
    assert office.codes(code=0) == set()
    office.mesa.forge.clock += 60 * 86400
    office.mesa.forge.pull_request({SAF: saf(GONE)}, signer=robot)
    office.mesa.forge.git("push", "--quiet", "origin", "main")
    assert "una llave que nadie autorizó" in " ".join(office.mesa.run("plan").out.split())


def test_a_key_of_whoever_approves_is_refused_among_those_that_only_anchor(office: Office) -> None:
    office.configure(f"  llaves_ancla: ['{office.signer.listed} otra cosa']\n")
    assert "es también llave de quien aprueba" in office.mesa.run("validate", code=2).err


def test_an_anchor_is_signed_with_openpgp_by_a_key_that_the_main_line_keeps(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pgp_signer("Directora <dsct@sinaloa.gob.mx>") as signer:
        office.configure(f"  llaves_ancla: ['{signer.listed}']\n", more={"llaves/directora.asc": signer.armored})
        office.mesa.forge.git("config", "gpg.format", "openpgp")
        office.mesa.forge.git("config", "user.signingkey", signer.listed)
        monkeypatch.setenv("GNUPGHOME", signer.environment["GNUPGHOME"])
        assert "hecha y publicada" in office.mesa.run("audit", "--anchor").err
        monkeypatch.delenv("GNUPGHOME")
        assert office.codes(code=0) == set()


def test_who_may_sign_is_said_by_the_published_main_line_and_not_by_what_is_audited(
    office: Office, tmp_path: Path
) -> None:
    office.mesa.run("audit", "--anchor")
    mine = ssh_signer(tmp_path / "mia", "mia")
    office.mesa.forge.git("switch", "--quiet", "--create", "mia")
    config = office.config().replace(office.signer.listed, mine.listed)
    office.mesa.forge.push({"cuentas.yaml": config})
    assert "ancla/firma" not in office.codes("--at", "mia")


def test_a_tail_that_was_cut_off_everywhere_is_told_by_the_anchor(office: Office) -> None:
    office.mesa.run("audit", "--anchor")
    for file in (office.mesa.forge.path / ".git" / "cuentas").glob("cabeza-*"):
        file.unlink()
    office.mesa.forge.git("update-ref", "refs/heads/bitacora", "bitacora~1")
    office.mesa.forge.git("push", "--quiet", "--force", "origin", "bitacora")
    assert "ancla/recortada" in office.codes()
    assert "no cuadran" in office.mesa.run("audit", "--anchor", code=3).err


def test_an_unsigned_tag_and_one_that_says_something_else_are_no_anchors(office: Office) -> None:
    office.mesa.forge.git("tag", "-a", "-m", "hola", "ancla/2026-T1", "bitacora")
    office.mesa.forge.git("tag", "ancla/2026-T2", "bitacora")
    assert office.codes() == {"ancla/ilegible"}
    text = office.mesa.forge.git("rev-parse", "bitacora")
    lines = f"bitacora: {text}\nrenglon: 0\nhuella: {'0' * 64}\nrama: {office.mesa.forge.head()}\n"
    message = f"Ancla de la bitácora, enero a marzo de 2026\n\nformato: cuentas-ancla/1\ntrimestre: 2026-T1\n{lines}"
    office.mesa.forge.git("tag", "-f", "-a", "--cleanup=verbatim", "-m", message, "ancla/2026-T1", "bitacora")
    office.mesa.forge.git("tag", "-d", "ancla/2026-T2")
    assert office.codes() == {"ancla/firma"}


def test_an_anchor_that_left_the_remote_is_missed_and_a_local_one_is_only_noticed(office: Office) -> None:
    office.mesa.run("audit", "--anchor")
    name = office.mesa.forge.git("tag", "--list")
    office.mesa.forge.git("push", "--quiet", "--delete", "origin", f"refs/tags/{name}")
    assert office.codes() == {"ancla/retirada"}
    assert office.codes("--sin-red", code=0) == set()


def test_a_quarter_without_anchor_is_noticed_and_proves_nothing(office: Office) -> None:
    office.mesa.run("audit", "--anchor")
    said = office.mesa.run("audit", code=0, prepare=quarter_later()).out
    assert "[ancla/falta]" in said
    assert "Sin hallazgos" in said


def test_a_remote_that_does_not_answer_is_noticed(office: Office) -> None:
    office.mesa.run("audit", "--anchor")
    office.remote.rename(office.remote.with_name("mudado.git"))
    assert office.codes(code=0, notices=True) == {"ancla/sin-comparar"}


def test_an_anchor_that_was_changed_on_the_remote_is_told_where_only_its_clone_had_seen_it(office: Office) -> None:
    office.mesa.run("audit", "--anchor")
    name = office.mesa.forge.git("tag", "--list")
    first = office.mesa.forge.git("rev-parse", name)
    office.mesa.forge.git("tag", "-d", name)
    message = office.mesa.forge.git("cat-file", "tag", first).partition("\n\n")[2].partition("-----BEGIN")[0]
    office.mesa.forge.git("tag", "-s", "--cleanup=verbatim", "-m", message, name, "bitacora")
    office.mesa.forge.git("push", "--quiet", "--force", "origin", f"refs/tags/{name}")
    office.mesa.forge.git("tag", "-d", name)
    assert office.codes() == {"ancla/distinta"}
    assert office.codes() == {"ancla/distinta"}
    assert first in office.mesa.forge.git("for-each-ref", "--format=%(objectname)", "refs/cuentas")


def test_an_anchor_is_signed_with_an_openpgp_key_of_the_repositorys_folder(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pgp_signer("Directora <dsct@sinaloa.gob.mx>") as pgp:
        forge = office.mesa.forge
        config = (forge.path / "cuentas.yaml").read_text().replace("llaves: [", f"llaves: ['{pgp.listed}', ")
        forge.pull_request({"cuentas.yaml": config})
        forge.pull_request({"llaves/directora.asc": pgp.armored})
        forge.git("push", "--quiet", "origin", "main")
        forge.git("fetch", "--quiet", "origin")
        forge.git("config", "--unset", "gpg.format")
        forge.git("config", "user.signingkey", pgp.listed)
        monkeypatch.setenv("GNUPGHOME", pgp.environment["GNUPGHOME"])
        assert "hecha y publicada" in office.mesa.run("audit", "--anchor").err
        assert office.codes(code=0) == set()

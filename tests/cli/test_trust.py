"""What is to be judged does not choose its judge: which branch, which remote, and where passwords are sent."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.desk import ANA, JUAN, SAF, Desk, desk, saf
from tests.forge import person
from tests.lab.samba import certificates

MALLORY = {"mallory.evil": person("Mallory", "Evil Root")}


@pytest.fixture
def office(tmp_path: Path) -> Desk:
    """A desk with a remote, where juan.perez was asked for, approved and made."""
    made = desk(tmp_path, "")
    made.forge.pull_request({SAF: saf(JUAN)})
    bare = tmp_path / "remoto.git"
    made.forge.git("init", "--quiet", "--bare", str(bare), inside=False)
    made.forge.git("remote", "add", "origin", str(bare))
    made.forge.git("push", "--quiet", "origin", "main")
    made.run("apply", "--yes")
    return made


def merged_locally(office: Desk, branch: str, files: dict[str, object]) -> None:
    forge = office.forge
    forge.git("switch", "--quiet", "--create", "lado")
    forge.write(files)  # type: ignore[arg-type]
    forge.git("commit", "--quiet", "--all", "-m", "Lado")
    forge.git("switch", "--quiet", branch)
    forge.git("merge", "--quiet", "--no-ff", "-m", "Merge", "lado")


def test_a_branch_that_calls_itself_the_main_one_is_not_believed(office: Desk) -> None:
    forge = office.forge
    forge.git("switch", "--quiet", "--create", "evil")
    merged_locally(office, "evil", {SAF: saf(JUAN, MALLORY)})
    forge.git("push", "--quiet", "origin", "evil")
    assert "Nada que hacer" in office.run("apply", "--yes").out
    office.run("apply", "--yes", "--at", "evil", code=3)
    assert set(office.reading().accounts) == {"juan.perez"}


def test_a_merge_that_nobody_published_is_refused_whatever_it_says_of_remotes(office: Desk) -> None:
    merged_locally(office, "main", {SAF: saf(JUAN, MALLORY)})
    office.run("apply", "--yes", code=3)
    office.forge.git("branch", "--quiet", "--move", "lado", "lado1")
    text = (office.forge.path / "cuentas.yaml").read_text("utf-8")
    merged_locally(office, "main", {"cuentas.yaml": text + "remoto: nada\n"})
    said = office.run("apply", "--yes", code=2)
    assert "remoto" in said.err
    assert set(office.reading().accounts) == {"juan.perez"}


def test_a_clone_with_several_remotes_is_asked_which_one_counts(office: Desk) -> None:
    office.forge.git("remote", "rename", "origin", "gobierno")
    office.forge.git("remote", "add", "copia", "/no/existe")
    assert "git config cuentas.remoto" in office.run("plan", code=2).err
    office.forge.git("config", "cuentas.remoto", "gobierno")
    office.run("plan", "--exit-code")


def test_a_main_branch_of_another_name_is_the_clones_to_say(tmp_path: Path) -> None:
    office = desk(tmp_path, "")
    office.forge.pull_request({SAF: saf(JUAN)})
    office.forge.git("branch", "--move", "main", "principal")
    assert "git config cuentas.rama" in office.run("plan", code=2).err
    office.forge.git("config", "cuentas.rama", "principal")
    assert "juan.perez" in office.run("plan").out


def test_no_password_is_sent_to_a_directory_that_nobody_approved(office: Desk, tmp_path: Path) -> None:
    certificates.issue_certificates(tmp_path / "tls")
    secret = tmp_path / "clave"
    secret.touch(mode=0o600)
    secret.write_text("S3creto-de-servicio", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        evil = (
            f"destino: ad\ndestinos:\n  ad:\n    tipo: ad\n    servidor: dc1.lab.sinaloa.test\n"
            f"    direccion: 127.0.0.1\n    puerto: {listener.getsockname()[1]}\n    ca: {tmp_path}/tls/ca.pem\n"
            f"    raiz: DC=x\n    base: OU=x,DC=x\n    usuario: svc@x\n    clave_archivo: {secret}\n    canario: c\n"
        )
        text = (office.forge.path / "cuentas.yaml").read_text("utf-8")
        office.forge.push({"cuentas.yaml": text + evil})
        office.forge.git("push", "--quiet", "origin", "main")
        for words in (("apply", "--yes"), ("plan",), ("drift",)):
            assert "No se abre el destino" in office.run(*words, code=3).err
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_pull_requests_branch_does_not_say_where_the_directory_is(office: Desk) -> None:
    forge = office.forge
    forge.git("switch", "--quiet", "--create", "solicitud")
    text = (forge.path / "cuentas.yaml").read_text("utf-8")
    evil = (
        "destino: ad\ndestinos:\n  ad:\n    tipo: ad\n    servidor: dc.evil.example\n    raiz: DC=x\n"
        "    base: OU=x,DC=x\n    usuario: svc@x\n    clave_archivo: /etc/clave\n    canario: c\n"
    )
    forge.write({"cuentas.yaml": text + evil, SAF: saf(JUAN, ANA)})
    forge.git("commit", "--quiet", "--all", "-m", "Solicitud")
    said = office.run("plan", "--at", "solicitud", code=None)
    assert "dc.evil.example" not in said.out + said.err
    said = office.run("plan", "--worktree", code=None)
    assert "dc.evil.example" not in said.out + said.err

"""Where workflows run in tests: a person's clone, the forge's bare repository, and the runner's machine."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage

from tests.cli.desk import JUAN, SAF, config, saf
from tests.forge import DIRECTOR, Agency, Forge, founded
from tests.workflows.runner import ROOT, Event, Runner, programs

PEOPLE = """\
mesa_de_ayuda:
  integrantes:
    ana.mesa: {correos: [ana.mesa@sinaloa.gob.mx], usuario: ana-mesa}
    cuentas.solicitudes: {correos: [cuentas.solicitudes@sinaloa.gob.mx], usuario: cuentas-solicitudes}
aprobacion:
  aprueban:
    director: {correos: [dsct@sinaloa.gob.mx], usuario: dir-compartidos}
"""


@dataclass
class Place:
    """`forge` is somebody's clone, `remote` the bare repository, `clone` the one that the runner's machine keeps."""

    forge: Forge
    remote: Path
    clone: Path
    runner: Runner
    heads: dict[int, str] = field(default_factory=dict)

    def publish(self) -> None:
        """Push main and tags to the forge."""
        self.forge.git("push", "--quiet", "origin", "main", "--tags")

    def propose(
        self, files: Mapping[str, str | Agency | None], login: str = "lbeltran", *, fork: bool = False
    ) -> Event:
        """Open a pull request with files and return the event that it is; the forge has its two refs."""
        number = len(self.heads) + 1
        base = self.forge.head()
        self.forge.git("switch", "--quiet", "--create", f"propuesta-{number}")
        self.forge.push(files, "Movimientos")
        head = self.forge.git("rev-parse", "HEAD")
        self.forge.git("switch", "--quiet", "--detach", base)
        self.forge.git("merge", "--quiet", "--no-ff", "-m", "prueba", head)
        self.forge.git(
            "push", "--quiet", "origin", f"{head}:refs/pull/{number}/head", f"HEAD:refs/pull/{number}/merge"
        )
        if not fork:
            self.forge.git("push", "--quiet", "origin", f"{head}:refs/heads/propuesta-{number}")
        self.forge.git("switch", "--quiet", "main")
        self.heads[number] = head
        return self.opened(number, base, login, fork=fork)

    def opened(self, number: int, base: str, login: str, *, fork: bool = False) -> Event:
        """Return the event that a pull request's opening is."""
        ours = self.runner.repository
        pull = {
            "number": number,
            "base": {"sha": base, "ref": "main", "repo": {"full_name": ours}},
            "head": {"sha": self.heads[number], "repo": {"full_name": "alguien/copia" if fork else ours}},
            "user": {"login": login},
        }
        return Event("pull_request", {"action": "opened", "pull_request": pull}, f"refs/pull/{number}/merge")

    def merge(self, number: int) -> Event:
        """Merge a pull request as the Director and return the push that it is."""
        self.forge.merge(self.heads[number], "merge", f"Merge pull request #{number}")
        self.publish()
        return Event("push", {"ref": "refs/heads/main", "after": self.forge.head()})


def scheduled() -> Event:
    """Return what the clock starts."""
    return Event("schedule", {"schedule": "0 0 1 1 *"})


def issue(action: str, body: str, *, label: str | None = None, login: str = "lbeltran") -> Event:
    """Return an event of an issue."""
    payload: dict[str, Any] = {"action": action, "issue": {"number": 41, "body": body, "user": {"login": login}}}
    if label:
        payload["label"] = {"name": label}
    return Event("issues", payload)


def place(
    folder: Path,
    more: str = "",
    repository: str = "dsct/declaraciones",
    token: str = "ghs_del-trabajo",  # noqa: S107
) -> Place:
    """Return a forge whose repository has an account declared and merged, and a runner with a clone that stays."""
    identity = pyrage.x25519.Identity.generate()
    forge = founded(folder / "persona", config(identity, PEOPLE + more))
    shutil.copytree(ROOT / ".github", forge.path / ".github")
    text = Agency(accounts=saf(JUAN).accounts, oficios=("SAF/1/2026", "SAF/2/2026")).text()
    known = text.replace("@sinaloa.gob.mx\noficios", "@sinaloa.gob.mx\n    usuario_git: lbeltran\noficios")
    forge.push({"README.md": "Declaraciones.\n"}, "Los flujos", DIRECTOR)
    forge.pull_request({SAF: known})
    remote = folder / "remoto.git"
    forge.git("clone", "--quiet", "--bare", str(forge.path), str(remote), inside=False)
    forge.git("remote", "add", "origin", f"file://{remote}")
    clone = folder / "declaraciones"
    forge.git("clone", "--quiet", f"file://{remote}", str(clone), inside=False)
    for name, value in (("user.name", "Cuentas"), ("user.email", "cuentas@noreply.invalid")):
        forge.git("-C", str(clone), "config", name, value, inside=False)
    runner = Runner(
        folder / "runner",
        remote,
        programs(folder / "programas"),
        variables={
            "CUENTAS_CARPETA": str(clone),
            "CUENTAS_NOMBRE": "Solicitudes de cuentas",
            "CUENTAS_CORREO": "cuentas.solicitudes@sinaloa.gob.mx",
        },
        secrets={"solicitudes": {"CUENTAS_TESTIGO": token}},
        token=token,
        repository=repository,
    )
    return Place(forge, remote, clone, runner)

"""A repository of declarations for tests, with what a forge does to it: pull requests, merges, pushes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.signing import Signer

ENLACE = "Laura Beltrán Ochoa <laura.beltran@sinaloa.gob.mx>"
DIRECTOR = "Dirección de Servicios Compartidos <dsct@sinaloa.gob.mx>"

CONFIG = """\
dominios: [sinaloa.gob.mx]
"""

HEADER = """\
dependencia: {name}
siglas: {siglas}
enlaces:
  laura.beltran:
    nombre: Laura Beltrán Ochoa
    correo: laura.beltran@sinaloa.gob.mx
oficios:
{oficios}cuentas:
{accounts}"""

RECEIVED = datetime.now(ZoneInfo("America/Mazatlan")).date()
"""Today: what was received long ago and is applied today is a servicio no conforme."""

OFICIO = f"""\
  {{number}}:
    fecha: 2026-03-20
    recibido: {RECEIVED}
    medio: oficio
    enlace: laura.beltran
"""

NAMES = {"SAF": "Secretaría de Administración y Finanzas", "SEBIDES": "Secretaría de Bienestar"}


def person(given: str, surnames: str, alta: str = "SAF/1/2026", **fields: str) -> dict[str, str]:
    """The fields of a personal account, as its entry spells them."""
    return {"nombre": given, "apellidos": surnames, "puesto": "Analista", "alta": alta} | fields


@dataclass
class Agency:
    """One dependencia's file, as text that tests edit by value."""

    siglas: str = "SAF"
    oficios: tuple[str, ...] = ("SAF/1/2026",)
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)

    def text(self) -> str:
        """Return the file in canonical form."""
        entries = ""
        for key, fields in sorted(self.accounts.items()):
            entries += f"  {key}:\n" + "".join(f"    {name}: {value}\n" for name, value in fields.items())
        oficios = "".join(OFICIO.format(number=number) for number in sorted(self.oficios))
        return HEADER.format(
            name=NAMES.get(self.siglas, f"Secretaría {self.siglas}"),
            siglas=self.siglas,
            oficios=oficios,
            accounts=entries or "  {}\n",
        )


@dataclass
class Forge:
    """A repository at `path`. Every method returns the commit that main is at afterwards."""

    path: Path
    clock: int = 1_770_000_000
    pulls: int = 0

    def __post_init__(self) -> None:
        self.git("init", "--quiet", "--initial-branch=main", str(self.path), inside=False)

    def git(self, *words: str, author: str = ENLACE, inside: bool = True, signer: Signer | None = None) -> str:
        """Run git as somebody, at a time that only goes forward; with a signer, commits are signed."""
        self.clock += 60
        name, email = author.rstrip(">").split(" <")
        environment = os.environ | {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": email,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": email,
            "GIT_AUTHOR_DATE": f"{self.clock} -0700",
            "GIT_COMMITTER_DATE": f"{self.clock} -0700",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        where = ["-C", str(self.path)] if inside else []
        if signer:
            environment |= signer.environment
            where += ["-c", "commit.gpgsign=true", *signer.settings]
        done = subprocess.run(["git", *where, *words], env=environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, files: Mapping[str, str | Agency | None]) -> None:
        """Put files into the working copy; None removes one."""
        for name, content in files.items():
            path = self.path / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content.text() if isinstance(content, Agency) else content, encoding="utf-8")

    def push(self, files: Mapping[str, str | Agency | None], message: str = "Directo", author: str = ENLACE) -> str:
        """Commit straight to main, as nobody should."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message, author=author)
        return self.head()

    def pull_request(
        self,
        files: Mapping[str, str | Agency | None],
        *,
        merge: str = "merge",
        title: str = "Movimientos",
        author: str = ENLACE,
        approver: str = DIRECTOR,
        signer: Signer | None = None,
    ) -> str:
        """Propose files on a branch as the enlace and merge it as the Director: merge, squash or rebase."""
        self.pulls += 1
        branch = f"solicitud-{self.pulls}"
        self.git("switch", "--quiet", "--create", branch)
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", title, author=author)
        self.git("switch", "--quiet", "main")
        self.merge(branch, merge, f"Merge pull request #{self.pulls} from {branch}", approver, signer)
        return self.head()

    def merge(
        self, branch: str, how: str, message: str, approver: str = DIRECTOR, signer: Signer | None = None
    ) -> None:
        """Merge a branch the way that a forge's button does."""
        if how == "merge":
            self.git("merge", "--quiet", "--no-ff", "-m", message, branch, author=approver, signer=signer)
        elif how == "squash":
            self.git("merge", "--quiet", "--squash", branch)
            self.git("commit", "--quiet", "-m", message, author=approver, signer=signer)
        else:
            self.git("rebase", "--quiet", "--force-rebase", "main", branch, author=approver)
            self.git("switch", "--quiet", "main")
            self.git("merge", "--quiet", "--ff-only", branch)

    def head(self) -> str:
        """Return the commit that main is at."""
        return self.git("rev-parse", "main")


def founded(path: Path, config: str = CONFIG) -> Forge:
    """Return a new repository whose root holds the configuration and two agencies without accounts."""
    forge = Forge(path)
    forge.push(
        {
            "cuentas.yaml": config,
            "accounts/SAF.yaml": Agency(),
            "accounts/SEBIDES.yaml": Agency("SEBIDES", ("SEBIDES/1/2026",)),
            ".gitignore": ".cuentas/\n",
        },
        "Repositorio de declaraciones",
        DIRECTOR,
    )
    return forge

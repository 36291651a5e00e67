"""A desk of Mesa de Ayuda: a repository of declarations, a key for first passwords, and the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage

from reconciler.embedded import EmbeddedTarget
from reconciler.model import Reading
from tests.cli.children import Preparation, Said, child
from tests.forge import Agency, Forge, founded, person
from tests.sheets import opened, the_sheet

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from reconciler.cli.main import main; main()")
SAF = "accounts/SAF.yaml"
SEBIDES = "accounts/SEBIDES.yaml"
JUAN = {"juan.perez": person("Juan", "Pérez López")}
ANA = {"ana.ruiz": person("Ana", "Ruiz Soto")}


@dataclass
class Desk:
    """A forge with a recipient for first passwords; `run` is the command in a process of its own."""

    forge: Forge
    identity: Any = field(repr=False)

    @property
    def store(self) -> Path:
        """The embedded target's file."""
        return self.forge.path / ".cuentas" / "embebido.sqlite"

    @property
    def sheets(self) -> Path:
        """Where the embedded target's sealed first passwords wait."""
        return self.forge.path / ".cuentas" / "entregas" / "embedded"

    def run(
        self, *words: str, code: int | None = 0, at: Path | None = None, prepare: Preparation | None = None
    ) -> Said:
        """Run the command without a terminal in a forked process, and expect an exit code (None: any)."""
        said = child(at or self.forge.path, *words, prepare=prepare)
        assert code is None or said.code == code, said
        return said

    def launch(self, *words: str, code: int = 0) -> Said:
        """Run the command as a shell would, in a process that has everything to import, warnings as errors."""
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=self.forge.path,
            env=surroundings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, done
        return Said(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def target(self) -> Iterator[EmbeddedTarget]:
        """Open the embedded target."""
        target = EmbeddedTarget(self.store)
        try:
            yield target
        finally:
            target.close()

    def reading(self) -> Reading:
        """Return what the target holds."""
        with self.target() as target:
            return target.read()

    def sheet(self, key: str) -> dict[str, str]:
        """Read an account's sealed sheet, as the one who hands it over would."""
        return opened(the_sheet(self.sheets, key), self.identity)

    def record(self) -> list[dict[str, Any]]:
        """Return every event of the bitácora's branch, in the order of the chain."""
        names = self.forge.git("ls-tree", "-r", "--name-only", "bitacora", "eventos/").split()
        lines = [line for name in names for line in self.forge.git("show", f"bitacora:{name}").splitlines()]
        return sorted((json.loads(line) for line in lines), key=lambda event: int(event["n"]))


def surroundings() -> dict[str, str]:
    """Return an environment in which the command is the one of this working copy."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CUENTAS_", "GIT_"))},
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
    }


def config(identity: Any, more: str = "") -> str:
    """Return a cuentas.yaml with somebody to receive first passwords."""
    return f"dominios: [sinaloa.gob.mx]\nentrega:\n  destinatario: {identity.to_public()}\n{more}"


def desk(folder: Path, more: str = "") -> Desk:
    """Return a desk over a new repository without accounts."""
    identity = pyrage.x25519.Identity.generate()
    return Desk(founded(folder / "repo", config(identity, more)), identity)


def leaving(entry: dict[str, str], oficio: str = "SAF/2/2026") -> dict[str, str]:
    """Return an entry as it is once its baja has been asked for."""
    return entry | {"baja": oficio, "motivo_baja": "Renuncia"}


def saf(*people: dict[str, dict[str, str]], oficios: tuple[str, ...] = ("SAF/1/2026", "SAF/2/2026")) -> Agency:
    """Return SAF's file with some people."""
    return Agency(oficios=oficios, accounts={key: entry for some in people for key, entry in some.items()})

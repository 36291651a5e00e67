"""Who is who in the guide, and what others do while a page's reader is at work; everybody is invented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pyrage

from tests.cli.desk import config
from tests.forge import DIRECTOR, Forge
from tests.guide.player import BEGINNING, Story

PAGES = Path(__file__).parents[2] / "docs" / "guia"

_KEY = "AGE-SECRET-KEY-18YWPWK3VHDWSQVAN5RR56GF7L90MZ27ZGYLLWU38NXP525782JDSVFZF44"
"""Opens the sheets of the guide's own invented people, and of nobody else."""

_MORE = """\
correo_web: https://correo.sinaloa.gob.mx/owa
mesa_de_ayuda:
  telefono: 667 758 7000
telefonos: [667 758]
documentos:
  pie: Av. Insurgentes s/n, Centro Sinaloa, Culiacán Rosales
"""

SAF = """\
dependencia: Secretaría de Administración y Finanzas
siglas: SAF
enlaces:
  laura.beltran:
    nombre: Laura Beltrán Ochoa
    correo: laura.beltran@sinaloa.gob.mx
oficios:
  SAF/DA/0401/2026:
    fecha: 2026-10-19
    recibido: 2026-10-21
    medio: oficio
    enlace: laura.beltran
    firmante: Directora Administrativa
cuentas:
  maria.lopez:
    nombre: María
    apellidos: López Ruiz
    puesto: Analista
    area: Dirección de Egresos
    alta: SAF/DA/0401/2026
  nora.quintero:
    nombre: Nora
    apellidos: Quintero Inzunza
    puesto: Contadora
    area: Dirección de Egresos
    alta: SAF/DA/0401/2026
"""

SEBIDES = """\
dependencia: Secretaría de Bienestar y Desarrollo Sustentable
siglas: SEBIDES
enlaces:
  rosario.ley:
    nombre: Rosario Ley Camacho
    correo: rosario.ley@sinaloa.gob.mx
oficios:
  SEBIDES/DA/118/2026:
    fecha: 2026-11-03
    recibido: 2026-11-05
    medio: oficio
    enlace: rosario.ley
cuentas:
  hugo.armenta:
    nombre: Hugo
    apellidos: Armenta Gil
    puesto: Coordinador
    alta: SEBIDES/DA/118/2026
"""


def begun(folder: Path) -> Story:
    """Return a repository with two agencies, each with somebody whom nobody has given an account yet."""
    identity = pyrage.x25519.Identity.from_str(_KEY)
    key = folder / "llave.txt"
    key.write_text(f"{_KEY}\n", encoding="ascii")
    key.chmod(0o600)
    forge = Forge(folder / "declaraciones", clock=int(BEGINNING.timestamp()) - 7200)
    forge.git("config", "user.name", "Laura Beltrán Ochoa")
    forge.git("config", "user.email", "laura.beltran@sinaloa.gob.mx")
    founding = {"cuentas.yaml": config(identity, _MORE), ".gitignore": ".cuentas/\n*.pdf\n"}
    forge.push(founding, "Repositorio de declaraciones", DIRECTOR)
    forge.pull_request({"accounts/SAF.yaml": SAF, "accounts/SEBIDES.yaml": SEBIDES}, title="Altas de SAF y SEBIDES")
    return Story(forge, folder, ACTIONS)


def merge(story: Story) -> None:
    """Have the Director merge every request that waits, as the forge's button does."""
    for branch in story.forge.git("branch", "--format", "%(refname:short)", "--list", "solicitud/*").split():
        story.forge.pulls += 1
        story.forge.merge(branch, "merge", f"Merge pull request #{story.forge.pulls} from {branch}")
        story.forge.git("branch", "--quiet", "-D", branch)


def apply(story: Story) -> None:
    """Have Mesa de Ayuda apply what was merged."""
    story.command("cuentas apply --yes")


def push(story: Story) -> None:
    """Have somebody who may write to the main branch change a post without a pull request."""
    file = story.forge.path / "accounts" / "SAF.yaml"
    text = file.read_text(encoding="utf-8").replace("puesto: Contadora", "puesto: Directora")
    story.forge.push({"accounts/SAF.yaml": text}, "Corrige el puesto", "Saúl Rojo Lara <saul.rojo@sinaloa.gob.mx>")


def propose(story: Story) -> None:
    """Have Laura ask for a baja and an alta in a pull request, after Mesa de Ayuda published what it reads."""
    story.command("cuentas snapshot --publish")
    letter = """\
  SAF/DA/0455/2026:
    fecha: 2026-11-23
    recibido: 2026-11-24
    medio: oficio
    enlace: laura.beltran
cuentas:
  ivan.rubio:
    nombre: Iván
    apellidos: Rubio Félix
    puesto: Auxiliar
    alta: SAF/DA/0455/2026
"""
    leaving = "    alta: SAF/DA/0401/2026\n    baja: SAF/DA/0455/2026\n    motivo_baja: Renuncia\n"
    file = SAF.replace("cuentas:\n", letter)
    file = file[: file.rindex("    alta:")] + leaving
    story.forge.git("switch", "--quiet", "--create", "propuesta/saf")
    story.forge.push({"accounts/SAF.yaml": file}, "Baja de nora.quintero y alta de ivan.rubio")
    story.forge.git("switch", "--quiet", "main")


ACTIONS: Mapping[str, Callable[[Story], None]] = {
    "fusionar": merge,
    "aplicar": apply,
    "empujar": push,
    "proponer": propose,
}

STORIES: Mapping[str, Callable[[Path], Story]] = {
    "enlace.md": begun,
    "mesa-de-ayuda.md": begun,
    "director.md": begun,
    "auditor.md": begun,
}

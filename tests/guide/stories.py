"""Who is who in the guide, and what others do while a page's reader is at work; everybody is invented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pyrage

from tests.cli.desk import config
from tests.forge import founded
from tests.guide.player import Story

PAGES = Path(__file__).parents[2] / "docs" / "guia"

_KEY = "AGE-SECRET-KEY-18YWPWK3VHDWSQVAN5RR56GF7L90MZ27ZGYLLWU38NXP525782JDSVFZF44"
"""Opens the sheets of the guide's own invented people, and of nobody else."""

_MORE = "correo_web: https://correo.sinaloa.gob.mx/owa\nmesa_de_ayuda:\n  telefono: 667 758 7000\n"


def begun(folder: Path) -> Story:
    """Return a repository with two agencies and nobody in them."""
    identity = pyrage.x25519.Identity.from_str(_KEY)
    key = folder / "llave.txt"
    key.write_text(f"{_KEY}\n", encoding="ascii")
    key.chmod(0o600)
    return Story(founded(folder / "declaraciones", config(identity, _MORE)), folder)


STORIES: Mapping[str, Callable[[Path], Story]] = {
    "enlace.md": begun,
    "mesa-de-ayuda.md": begun,
    "director.md": begun,
}

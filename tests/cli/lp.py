"""An `lp` that keeps what it was given, and what anybody could see of it meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.children import Preparation


def printer(folder: Path, says: str = "") -> Preparation:
    """Put an `lp` first in the path that keeps its words, its environment and what it reads, or refuses."""
    folder.mkdir()
    script = folder / "lp"
    script.write_text(
        "#!/bin/sh\n"
        f'for word in "$@"; do echo "$word"; done > {folder}/palabras\n'
        f"cat /proc/$$/cmdline /proc/$$/environ /proc/$PPID/cmdline > {folder}/proceso\n"
        f"cat > {folder}/impreso.pdf\n" + (f"echo '{says}' >&2\nexit 1\n" if says else "")
    )
    script.chmod(0o700)

    def prepare() -> None:
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"

    return prepare

"""A repository with a working copy, driven by the real git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from reconciler.repository import init

_WHO = ("-c", "user.name=Laura Beltrán", "-c", "user.email=laura@ejemplo.mx", "-c", "commit.gpgSign=false")


class Scratch:
    """Make a repository at `path`; everything in it is by Laura Beltrán."""

    def __init__(self, path: Path) -> None:
        self.path = path
        init(path)

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *_WHO, *words], cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

"""The forge that a configuration names, opened; which configuration counts is for who asks to say."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from reconciler.cli.screen import note
from reconciler.cli.settings import Settings, forge_config
from reconciler.config import Config, Forja
from reconciler.engine.ports import Forge
from reconciler.patience import Patience
from reconciler.repository import Repository


def forge_at(config: Config, settings: Settings, folder: Path) -> Forja:
    """Return where pull requests are, its files as seen from a folder.

    Raises:
        ConfigurationError: nothing says where, or not well.

    """
    found = forge_config(config, settings)
    files = {name: path for name, path in found if isinstance(path, Path)}
    return found.model_copy(update={name: folder / path for name, path in files.items()})


@contextlib.contextmanager
def opened_forge(config: Config, settings: Settings, repository: Repository) -> Iterator[Forge]:
    """Open where pull requests are; closed on the way out. Nothing is connected until something is asked.

    Raises:
        ConfigurationError: as `forge_at`; or its authority or its token cannot be read.

    """
    from reconciler.forge.rest import RestForge  # noqa: PLC0415 -- only this needs httpx

    found = forge_at(config, settings, repository.path)
    seconds = found.espera_s * found.intentos + 60.0
    forge = RestForge(found, repository.main_branch(), lambda: Patience(seconds, note))
    try:
        yield forge
    finally:
        forge.close()

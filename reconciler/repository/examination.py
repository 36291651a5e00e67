"""What cuentas needs of the clone and of its remote, looked at one by one; no reference moves."""

from __future__ import annotations

import os

from reconciler.check import Doubt, Step
from reconciler.errors import ConfigurationError, RecordError
from reconciler.repository.key_home import key_home
from reconciler.repository.repository import Repository
from reconciler.signature import Keyring

AREA = "Git"

MAIN, HISTORY, REMOTE, JOURNAL, RECORD = "rama principal", "historia", "remoto", "anotar aquí", "publicar la bitácora"


def steps(repository: Repository, record: str) -> tuple[Step, ...]:
    """Return what is looked at; `record` is the branch of the bitácora."""
    return (
        Step(MAIN, lambda: _main(repository)),
        Step(HISTORY, lambda: _history(repository)),
        Step(REMOTE, lambda: _remote(repository), (MAIN,)),
        Step(JOURNAL, lambda: _journal(repository)),
        Step(RECORD, lambda: _may_push(repository, record), (REMOTE,)),
    )


def signing(keyring: Keyring) -> str:
    """Say that signatures by these keys can be verified here.

    Raises:
        ConfigurationError: what verifies them is not on this machine, or an OpenPGP key is listed by its fingerprint
            alone.

    """
    pgp = keyring.listed - set(keyring.ssh)
    with key_home(keyring, {*([b"SSH"] if keyring.ssh else []), *([b"PGP"] if pgp else [])}):
        pass
    if pgp and not keyring.armored:
        raise ConfigurationError(
            "cuentas.yaml lista llaves OpenPGP, y en «llaves/» de la rama principal no hay ninguna.",
            remedy="Agréguelas por pull request: «gpg --armor --export HUELLA > llaves/NOMBRE.asc».",
        )
    return f"se pueden comprobar: {len(keyring.ssh)} llaves SSH y {len(pgp)} OpenPGP"


def _main(repository: Repository) -> str:
    branch, remote = repository.main_branch(), repository.main_remote()
    if repository.head_of(branch) is None:
        raise ConfigurationError(
            f"El clon no tiene la rama «{branch}».",
            remedy=f"Tráigala con «git switch {branch}», o diga cuál es: «git config cuentas.rama NOMBRE».",
        )
    return f"«{branch}»" + (f", publicada en «{remote}»" if remote else "")


def _history(repository: Repository) -> str:
    if repository.is_shallow():
        raise ConfigurationError(
            "El clon es superficial: sin toda la historia no se prueba ninguna aprobación.",
            remedy="Complétela con «git fetch --unshallow».",
        )
    return "completa"


def _remote(repository: Repository) -> str:
    branch, remote = repository.main_branch(), repository.main_remote()
    if remote is None:
        raise Doubt(
            "el clon no tiene remoto: lo que esté en él cuenta como publicado, y la bitácora queda solo aquí.",
            remedy="Para producción, agregue el de la forja: «git remote add origin URL» y «git fetch origin».",
        )
    there = repository.published(remote, branch)
    if there is None:
        raise RecordError(
            f"«{remote}» no tiene la rama «{branch}».", remedy=f"Publíquela: «git push {remote} {branch}»."
        )
    where = f"«{remote}» contesta ({repository.remote_url(remote)})"
    if there != repository.remote_head_of(remote, branch):
        raise Doubt(f"{where}, y su «{branch}» es otra que la de este clon.", remedy=f"Corra «git fetch {remote}».")
    return where


def _journal(repository: Repository) -> str:
    folder = repository.git_dir / "cuentas"
    place = folder if folder.exists() else repository.git_dir
    if not os.access(place, os.W_OK | os.X_OK):
        raise RecordError(
            f"En «{place}» no se puede escribir: ahí se anota cada cambio antes de publicarlo.",
            remedy=f"Dé permiso a quien corre cuentas: «chown -R USUARIO {place}».",
        )
    return f"«{place}» se puede escribir"


def _may_push(repository: Repository, record: str) -> str:
    remote = repository.main_remote()
    if remote is None:
        return "sin remoto, no se publica"
    branch = repository.branch(record, remote)
    begin = branch.head() or repository.head_of(repository.main_branch())
    assert begin is not None  # noqa: S101 -- the main branch was there two steps before
    branch.rehearse(begin)
    return f"«{remote}» deja escribir «{record}» (las reglas de la forja para esa rama solo se ven al empujar)"

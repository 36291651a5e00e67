"""A planted canary for a first password: no output, file or record ever carries it but the sealed sheet."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from reconciler.cli import applying
from reconciler.embedded import EmbeddedTarget
from reconciler.errors import OutcomeUnknownError, TargetRejectedError, TargetUnreachableError
from reconciler.model import Account
from reconciler.spool import AgeSpool
from tests.cli.children import Preparation, Said, failing
from tests.cli.desk import JUAN, SAF, Desk, leaving, saf

CANARY = "Canario7#Wq=Trino"
DISGUISES = {
    CANARY.encode(),
    CANARY.encode("utf-16-le"),
    base64.b64encode(CANARY.encode()),
    base64.b64encode(f'"{CANARY}"'.encode("utf-16-le")),
    CANARY.encode().hex().encode(),
}
ERRORS = (
    TargetRejectedError("no", remedy="x"),
    OutcomeUnknownError("quién sabe", remedy="x"),
    TargetUnreachableError("no contesta", remedy="x"),
    RuntimeError("un defecto, con su traza"),
)
TOUCHED = ("create", "set_first_password", "enable_mailbox", "finish", "lookup", "reactivate", "update_mailbox")
NEXT = {"reactivate", "update_mailbox"}


def canary(account: Account) -> SecretStr:
    """Stand in for the maker of first passwords."""
    del account
    return SecretStr(CANARY)


def planted(then: Preparation = lambda: None) -> Preparation:
    """Make every first password the canary, and then whatever else."""

    def prepare() -> None:
        vars(applying)["first_password"] = canary
        then()

    return prepare


def leaks(mesa: Desk, *said: Said) -> list[str]:
    """Say everywhere that the canary was seen."""
    places = {f"salida {place}": (one.out + one.err).encode() for place, one in enumerate(said)}
    places |= {str(path): path.read_bytes() for path in files(mesa.forge.path)}
    words = ("git", "-C", str(mesa.forge.path), "cat-file", "--batch", "--batch-all-objects")
    places["objetos de git"] = subprocess.run(words, check=True, capture_output=True).stdout
    return [place for place, data in places.items() if any(one in data for one in DISGUISES)]


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def everything_said(mesa: Desk, folder: Path) -> list[Said]:
    """Ask every command that prints for all it prints."""
    plan = folder / "plan.json"
    words = [
        ("plan", "-o", str(plan)),
        ("plan", "--format", "markdown"),
        ("plan", "--format", "json"),
        ("drift",),
        ("history", "juan.perez"),
        ("history", "juan.perez", "--format", "json"),
        ("audit", "--format", "json"),
    ]
    said = [mesa.run(*one, code=None) for one in words]
    return [*said, Said(0, plan.read_text("utf-8"), "")]


def test_i_the_canary_would_be_found_where_it_is(mesa: Desk) -> None:
    mesa.forge.write({"notas.txt": CANARY})
    assert [Path(place).name for place in leaks(mesa)] == ["notas.txt"]


def test_i_an_alta_and_a_reincorporation_leak_no_password(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    said = [mesa.run("apply", "--yes", prepare=planted())]
    assert mesa.sheet("juan.perez")["clave"] == CANARY
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    said.append(mesa.run("apply", "--yes", prepare=planted()))
    again = {"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/3/2026"}}
    mesa.forge.pull_request({SAF: saf(again, oficios=("SAF/1/2026", "SAF/2/2026", "SAF/3/2026"))})
    said.append(mesa.run("apply", "--yes", prepare=planted()))
    assert leaks(mesa, *said, *everything_said(mesa, tmp_path)) == []


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("method", TOUCHED)
def test_i_a_failure_of_the_target_leaks_no_password(
    mesa: Desk, tmp_path: Path, method: str, error: Exception
) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    if method in NEXT:
        mesa.run("apply", "--yes")
        mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
        mesa.run("apply", "--yes")
        again = {"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/3/2026"}}
        mesa.forge.pull_request({SAF: saf(again, oficios=("SAF/1/2026", "SAF/2/2026", "SAF/3/2026"))})
    after = not (method == "create" and isinstance(error, TargetRejectedError))  # what is refused was not made
    said = mesa.run("apply", "--yes", code=None, prepare=planted(failing(EmbeddedTarget, method, error, after=after)))
    assert said.code == (1 if isinstance(error, RuntimeError) else 5), said
    assert leaks(mesa, said, *everything_said(mesa, tmp_path)) == []
    mesa.run("apply", "--yes", prepare=planted())
    assert mesa.sheet("juan.perez")["clave"] == CANARY


def test_i_a_spool_that_fails_leaks_no_password_and_sets_none(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    broken = failing(AgeSpool, "seal", RuntimeError("sin disco"), after=False)
    said = mesa.run("apply", "--yes", code=1, prepare=planted(broken))
    assert leaks(mesa, said, *everything_said(mesa, tmp_path)) == []
    assert not mesa.reading().accounts["juan.perez"].account.logon_enabled  # type: ignore[index]

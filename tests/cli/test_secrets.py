"""A planted canary for a first password: no output, file or record ever carries it but the sealed sheet."""

from __future__ import annotations

import base64
import contextlib
import re
import subprocess
import zlib
from collections.abc import Collection, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from reconciler.cli import applying, paper, sheet_again, sheet_desk, sheet_out
from reconciler.embedded import EmbeddedTarget
from reconciler.errors import OutcomeUnknownError, TargetRejectedError, TargetUnreachableError
from reconciler.letter import Attachment
from reconciler.mime import compose
from reconciler.model import Account
from reconciler.post.outbox import FilePost
from reconciler.spool import AgeSpool
from tests.cli.children import Preparation, Said, failing
from tests.cli.desk import JUAN, SAF, Desk, leaving, saf
from tests.cli.lp import printer
from tests.letters import MOMENT, SENDER, letter
from tests.sheets import passphrase, read_sheet, the_sheet

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
        vars(applying)["first_password"] = vars(sheet_again)["first_password"] = canary
        then()

    return prepare


def leaks(mesa: Desk, *said: Said, secrets: Collection[bytes] = DISGUISES) -> list[str]:
    """Say everywhere that the canary (or another secret) was seen."""
    places = {f"salida {place}": (one.out + one.err).encode() for place, one in enumerate(said)}
    places |= {str(path): path.read_bytes() for path in files(mesa.forge.path)}
    words = ("git", "-C", str(mesa.forge.path), "cat-file", "--batch", "--batch-all-objects")
    places["objetos de git"] = subprocess.run(words, check=True, capture_output=True).stdout
    return [place for place, data in places.items() if any(one in each for each in within(data) for one in secrets)]


def within(data: bytes) -> Iterator[bytes]:
    """Yield what is in some data for whoever looks: as it is, what a PDF compresses, and what a mail carries."""
    yield data
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(stream)
    if data.startswith(b"From:"):
        for part in message_from_bytes(data, policy=policy.default).iter_attachments():
            yield from within(part.get_content())


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
        ("sheet", "list", "--todas"),
        ("sheet", "list", "--todas", "--format", "json"),
        ("order", "list", "--todas", "--format", "json"),
        ("doctor",),
    ]
    said = [mesa.run(*one, code=None) for one in words]
    return [*said, Said(0, plan.read_text("utf-8"), "")]


def test_i_the_canary_would_be_found_where_it_is(mesa: Desk, tmp_path: Path) -> None:
    key = key_of(mesa, tmp_path)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes", prepare=planted())
    mesa.run("sheet", "print", "juan.perez", "-o", str(tmp_path / "hoja.pdf"), *key)
    sheet = (tmp_path / "hoja.pdf").read_bytes()
    mail = letter(to=("laura.beltran@sinaloa.gob.mx",))
    mail = replace(mail, attachments=(Attachment("hoja.pdf", sheet, "application/pdf"),))
    mesa.forge.write({"notas.txt": CANARY})
    (mesa.forge.path / "hoja.pdf").write_bytes(sheet)
    (mesa.forge.path / "carta.eml").write_bytes(compose(mail, SENDER, MOMENT))
    assert {Path(place).name for place in leaks(mesa)} == {"notas.txt", "hoja.pdf", "carta.eml"}


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


# --- the sheet on its way: PSDT-08, 7.1, 7.2 and 8.1 -----------------------------------------------------------

MOTIVE = ("--motivo", "Está en Los Mochis")


def key_of(mesa: Desk, folder: Path) -> tuple[str, str]:
    """Write the Mesa de Ayuda's key, and return the option that names it."""
    file = folder / "llave.txt"
    file.touch(0o600)
    file.write_text(f"{mesa.identity}\n")
    return "--llave", str(file)


def by_mail(to: str) -> dict[str, dict[str, str]]:
    """Juan, whose sheet is mailed."""
    more = {"entrega": f"{{medio: correo, a: {to}, motivo: Está en Los Mochis}}", "avisar_a": "jefa@sinaloa.gob.mx"}
    return {"juan.perez": JUAN["juan.perez"] | more}


def test_i_a_sheet_printed_mailed_acknowledged_and_issued_again_leaks_no_password(mesa: Desk, tmp_path: Path) -> None:
    key, bin_ = key_of(mesa, tmp_path), tmp_path / "bin"
    mesa.forge.pull_request({SAF: saf(JUAN)})
    said = [mesa.run("apply", "--yes", prepare=planted())]
    said.append(mesa.run("sheet", "print", "juan.perez", "--imprimir", *key, prepare=printer(bin_)))
    said.append(mesa.run("sheet", "send", "juan.perez", "--a", "enlace", *MOTIVE, *key))
    said.append(mesa.run("sheet", "passphrase", "juan.perez", *key, code=2))
    said.append(mesa.run("sheet", "reissue", "juan.perez", "--motivo", "Perdió la hoja", prepare=planted()))
    assert mesa.sheet("juan.perez")["clave"] == CANARY
    said.append(mesa.run("sheet", "print", "juan.perez", "-o", str(tmp_path / "hoja.pdf"), *key))
    said.append(mesa.run("sheet", "ack", "juan.perez", "--recibio", "enlace"))
    assert leaks(mesa, *said, *everything_said(mesa, tmp_path)) == []
    for printed in (bin_ / "impreso.pdf", tmp_path / "hoja.pdf"):
        assert read_sheet(printed.read_bytes())["clave"] == CANARY
    around = b"".join((bin_ / one).read_bytes() for one in ("proceso", "palabras"))
    assert b"cuentas" in around or b"RSDT-08.02" in around
    assert not [one for one in DISGUISES if one in around]


@pytest.mark.parametrize("to", ["enlace", "interesado"])
def test_i_a_mailed_sheet_leaks_neither_its_password_nor_its_passphrase(mesa: Desk, tmp_path: Path, to: str) -> None:
    mesa.forge.pull_request({SAF: saf(by_mail(to))})
    said = [mesa.run("apply", "--yes", prepare=planted()), mesa.run("sheet", "send", "juan.perez")]
    frase = passphrase(the_sheet(mesa.sheets, "juan.perez", ".frase.age"), mesa.identity)["frase"]
    (copy,) = (mesa.forge.path / ".cuentas" / "salida" / "embedded").glob("hoja+*.eml")
    assert b"application/pdf" in copy.read_bytes()
    said += everything_said(mesa, tmp_path)
    assert leaks(mesa, *said) == []
    assert leaks(mesa, *said, secrets={frase.encode(), base64.b64encode(frase.encode())}) == []


@pytest.mark.parametrize(
    ("owner", "name"),
    [(EmbeddedTarget, "set_first_password"), (AgeSpool, "keep_only"), (AgeSpool, "seal"), (EmbeddedTarget, "read")],
)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_i_a_reissue_that_fails_leaks_no_password(
    mesa: Desk, tmp_path: Path, owner: type, name: str, error: Exception
) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes", prepare=planted())
    words = ("sheet", "reissue", "juan.perez", "--motivo", "Perdió la hoja")
    said = mesa.run(*words, code=None, prepare=planted(failing(owner, name, error, after=True)))
    assert said.code == (1 if isinstance(error, RuntimeError) else 5), said
    assert leaks(mesa, said, *everything_said(mesa, tmp_path)) == []


@pytest.mark.parametrize("place", ["lp", "papel", "abrir", "enviar"])
def test_i_a_print_or_a_mail_that_fails_leaks_no_password(mesa: Desk, tmp_path: Path, place: str) -> None:
    key = key_of(mesa, tmp_path)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    said = [mesa.run("apply", "--yes", prepare=planted())]
    printing = ("sheet", "print", "juan.perez", "--imprimir", *key)
    defect = RuntimeError("un defecto, con su traza")
    if place == "lp":
        said.append(mesa.run(*printing, code=5, prepare=printer(tmp_path / "bin", "lp: no hay papel")))
    elif place == "papel":
        said.append(mesa.run(*printing, code=1, prepare=failing_in(paper, "print_out", defect)))
    elif place == "abrir":
        said.append(mesa.run(*printing, code=1, prepare=failing_in(sheet_desk, "unsealed", defect)))
    else:
        words = ("sheet", "send", "juan.perez", "--a", "enlace", *MOTIVE, *key)
        said.append(mesa.run(*words, code=1, prepare=failing(FilePost, "send", defect, after=True)))
    assert leaks(mesa, *said, *everything_said(mesa, tmp_path)) == []


def failing_in(module: ModuleType, name: str, error: Exception) -> Preparation:
    """Make a function of a module do its work and then raise, wherever it was imported to."""

    def prepare() -> None:
        real = vars(module)[name]

        def fail(*words: Any, **named: Any) -> Any:
            if name == "unsealed":
                real(*words, **named)
            raise error

        for each in (module, sheet_out):
            if name in vars(each):
                vars(each)[name] = fail

    return prepare

"""A merged declaration becomes Active Directory: the real command, a real history, a real domain controller.

The numbered tests are one story, told in order on one repository and one directory (`make demo` tells it on the
embedded target); each begins where the one before it ended.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest

from reconciler.demo import CONFIG, Made, Scale, make, new_key
from reconciler.demo.government import DIRECTOR
from reconciler.directory import AdTarget
from reconciler.model import AccountKey, Reading, Status, Tipo
from reconciler.repository import merge
from tests.cli.desk import ROOT
from tests.conformance.outsiders import SambaOutsider, samba, samba_config
from tests.lab.environment import settings
from tests.lab.samba import DomainController
from tests.lab.smtp import SmtpServer
from tests.letters import SECRET, by_smtp, issue
from tests.sheets import opened, the_sheet

LIMITS = """\
limites:
  total:
    altas: {maximo: 500}
    traslados: {maximo: 500}
"""
COMMAND = (sys.executable, "-c", "from reconciler.cli.main import main; main()")


@dataclass
class Office:
    """A repository of declarations in front of the laboratory's domain controller."""

    made: Made
    key: Path
    administrator: SambaOutsider
    mail: dict[str, str]

    @property
    def controller(self) -> DomainController:
        """The domain controller that the office's directory is on."""
        return self.administrator.controller

    def command(self, *words: str) -> subprocess.Popen[str]:
        """Start the command as a program would."""
        environment = os.environ | settings(self.controller) | self.mail | {"PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [*COMMAND, *words],
            cwd=self.made.path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def cuentas(self, *words: str, code: int = 0) -> str:
        """Run the command to its end, expect an exit code, and return everything that it said."""
        process = self.command(*words)
        out, err = process.communicate(timeout=300)
        assert process.returncode == code, out + err
        return out + err

    def reading(self) -> Reading:
        """Look at the directory with eyes of one's own."""
        target = AdTarget(samba_config(self.controller))
        try:
            return target.read()
        finally:
            target.close()

    def active(self) -> set[AccountKey]:
        """Return who is in service."""
        return {key for key, one in self.reading().state.items() if one.status is Status.ACTIVE}


@pytest.fixture(scope="module")
def office(domain_controller: DomainController, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("oficina")
    config = f"{CONFIG}{LIMITS}entrega:\n  destinatario: {new_key(folder / 'llave.txt')}\n"
    made = make(folder / "declaraciones", Scale(accounts=90), datetime.now(UTC).date(), 8, config)
    tls = issue(folder / "tls")
    with SmtpServer(tls / "servidor", "mesa.ayuda", SECRET) as post, samba(domain_controller) as administrator:
        said = by_smtp(post.host, post.port, tls).items()
        mail = {f"CUENTAS_CORREO__{name.upper()}": value for name, value in said}
        yield Office(made, folder / "llave.txt", administrator, mail)


def test_1_the_plan_is_all_approved_and_changes_nothing(office: Office) -> None:
    assert "Declaración válida: 13 dependencias" in office.cuentas("validate")
    shown = office.cuentas("plan", "-o", "../plan.json")
    assert "SIN APROBAR" not in shown
    assert re.search(r"Plan: \d+ altas\.", shown)
    assert office.reading().accounts == {}
    office.cuentas("plan", "--exit-code", code=8)


def test_2_killed_in_the_middle_nobody_half_made_can_log_on(office: Office) -> None:
    process = office.command("apply", "../plan.json", "--yes")
    assert process.stdout
    for line in process.stdout:
        if re.match(r"\s+\d+ de \d+ cuentas", line):
            break
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    reading = office.reading()
    assert reading.accounts
    for one in reading.accounts.values():
        assert not (one.handle.unfinished and one.account.logon_enabled)


def test_3_the_next_run_ends_what_the_killed_one_began(office: Office) -> None:
    before = {key: one.handle.guid for key, one in office.reading().accounts.items()}
    said = office.cuentas("apply", "../plan.json", "--yes")
    assert "Corrida" in said
    assert {key: one.handle.guid for key, one in office.reading().accounts.items() if key in before} == before
    office.cuentas("plan", "--exit-code")
    assert "Nada que hacer" in office.cuentas("apply", "--yes")
    office.cuentas("audit")


def test_4_every_first_password_opens_with_the_key_and_must_be_changed(office: Office) -> None:
    secret = office.key.read_text(encoding="utf-8").splitlines()[-1]
    identity = pyrage.x25519.Identity.from_str(secret)
    people = [one for one in office.reading().state.values() if one.tipo is Tipo.PERSONAL]
    sheets = office.made.path / ".cuentas" / "entregas" / "ad"
    printed = [one for one in people if list(sheets.glob(f"{one.key}.H-*.pdf.age"))]
    assert len(printed) > 50
    for one in (printed[0], printed[-1]):
        sheet = opened(the_sheet(sheets, one.key), identity)
        assert sheet["usuario"] == one.logon
        assert office.administrator.logon(one.logon, sheet["clave"]) == "debe cambiarla"
    assert {one.name.partition(".H-")[0] for one in sheets.iterdir()} == {one.key for one in people}


def test_5_a_pull_request_that_is_not_merged_changes_nothing(office: Office) -> None:
    office.cuentas("plan", "--at", office.made.waiting.branch, "--exit-code", code=3)
    office.cuentas("apply", "--at", office.made.waiting.branch, "--yes", code=3)
    office.cuentas("plan", "--exit-code")


def test_6_merged_it_gives_one_baja_and_one_alta_and_nothing_else(office: Office) -> None:
    before = office.active()
    waiting = office.made.waiting
    merge(office.made.path, waiting.branch, waiting.message, DIRECTOR, datetime.now(UTC))
    assert "Plan: 1 alta, 1 baja." in office.cuentas("plan", "-o", "../plan.json")
    office.cuentas("apply", "../plan.json", "--yes")
    cast = office.made.cast
    assert office.active() == before - {cast.protagonist.key} | {cast.relief.key}
    assert office.reading().state[AccountKey(cast.protagonist.key)].logon_enabled is False
    office.cuentas("plan", "--exit-code")


def test_7_history_answers_who_asked_who_approved_and_what_was_done(office: Office) -> None:
    told = office.cuentas("history", office.made.cast.protagonist.key)
    for words in ("alta declarada", "traslado declarado", "baja declarada", "propuso", "aprobó", "baja: se hizo"):
        assert words in told
    assert "destino ad" in told


def test_8_drift_says_what_somebody_changed_and_apply_puts_it_right(office: Office) -> None:
    relief = office.reading().accounts[AccountKey(office.made.cast.relief.key)]
    office.administrator.retitle(relief.handle.guid, "Jefe Supremo")
    assert "Jefe Supremo" in office.cuentas("drift", code=8)
    office.cuentas("apply", "--yes")
    office.cuentas("drift")


def test_9_the_audit_is_clean_after_all_of_it(office: Office) -> None:
    assert "Sin hallazgos" in office.cuentas("audit")

"""The machine's clock, run as a command: a wrong one applies nothing, and a right one is not in the way."""

from __future__ import annotations

import re
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.cli import applying, workspace
from reconciler.embedded import EmbeddedTarget
from tests.cli.children import Preparation, signalled
from tests.cli.desk import ANA, JUAN, SAF, Desk, config, desk, leaving, saf
from tests.forge import Agency
from tests.sheets import the_sheet

GONE = {"juan.perez": leaving(JUAN["juan.perez"])}
HELD = {"juan.perez": GONE["juan.perez"] | {"conservar_hasta": f"{datetime.now(UTC) + timedelta(100):%Y-%m-%d}"}}


def shifted(**delta: int) -> Preparation:
    """Make the machine's clock go wrong."""

    def prepare() -> None:
        def moved() -> datetime:
            return datetime.now(UTC) + timedelta(**delta)

        vars(applying)["now"] = moved
        vars(workspace)["now"] = moved

    return prepare


def has_mailbox(mesa: Desk) -> bool:
    return any(one.account.key == "juan.perez" and one.account.mailbox for one in mesa.reading().accounts.values())


def with_a_baja(mesa: Desk, gone: dict[str, dict[str, str]] = GONE) -> None:
    """Put Juan in service and then out of it, applied today."""
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf(gone)})
    mesa.run("apply", "--yes")
    assert has_mailbox(mesa)


@pytest.mark.parametrize("gone", [GONE, HELD], ids=["retención", "conservar_hasta"])
def test_a_clock_that_jumps_ahead_disconnects_no_mailbox(mesa: Desk, gone: dict[str, dict[str, str]]) -> None:
    with_a_baja(mesa, gone)
    before = mesa.record()
    said = mesa.run("apply", "--yes", code=3, prepare=shifted(days=120))
    assert "120 días adelante de la bitácora" in said.err
    assert "salto_dias: 121" in said.err
    assert has_mailbox(mesa)
    assert mesa.record() == before
    assert not list(mesa.forge.path.glob(".git/cuentas/pendientes/*"))


def test_whoever_runs_seldom_raises_the_limit_under_review(mesa: Desk) -> None:
    with_a_baja(mesa)
    mesa.forge.pull_request({"cuentas.yaml": config(mesa.identity, "limites:\n  salto_dias: 121\n")})
    mesa.run("apply", "--yes", prepare=shifted(days=120))
    assert not has_mailbox(mesa)


def test_a_part_of_the_plan_puts_no_wrong_date_on_record_for_the_rest_to_believe(mesa: Desk) -> None:
    with_a_baja(mesa)
    file = Agency("SEBIDES", ("SEBIDES/1/2026",), {"ana.ruiz": ANA["ana.ruiz"] | {"alta": "SEBIDES/1/2026"}})
    mesa.forge.pull_request({"accounts/SEBIDES.yaml": file})
    said = mesa.run("apply", "--yes", "--only", "SEBIDES", code=3, prepare=shifted(days=120))
    assert "Quite «--only»" in said.err
    mesa.run("apply", "--yes", "--only", "SEBIDES")
    assert has_mailbox(mesa)


def test_a_retention_that_is_over_is_over_where_the_record_was_kept_up(mesa: Desk) -> None:
    with_a_baja(mesa)
    for place, days in enumerate((40, 80), start=2):
        people = {f"ana.ruiz{n}": ANA["ana.ruiz"] | {"apellidos": f"Ruiz {'A' * n}"} for n in range(2, place + 1)}
        mesa.forge.pull_request({SAF: saf(GONE, people)})
        mesa.run("apply", "--yes", prepare=shifted(days=days))
    assert has_mailbox(mesa)
    mesa.run("apply", "--yes", prepare=shifted(days=91))
    assert not has_mailbox(mesa)


def test_a_clock_behind_the_record_applies_nothing_until_a_pull_request_says_which_one_was_wrong(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes", prepare=shifted(days=30))
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    said = mesa.run("apply", "--yes", code=3)
    assert "va atrás de la bitácora" in said.err
    assert set(mesa.reading().accounts) == {"juan.perez"}
    found = re.search(r"relojes_malos:\s+\[([^\]]+)\]", said.err)
    assert found
    mesa.forge.pull_request({"cuentas.yaml": config(mesa.identity, f"limites:\n  relojes_malos: [{found[1]}]\n")})
    mesa.run("apply", "--yes")
    assert set(mesa.reading().accounts) == {"juan.perez", "ana.ruiz"}


def test_a_clock_behind_the_commit_applies_nothing(tmp_path: Path) -> None:
    mesa = desk(tmp_path)
    mesa.forge.clock = int((datetime.now(UTC) + timedelta(minutes=30)).timestamp())
    mesa.forge.pull_request({SAF: saf(JUAN)})
    said = mesa.run("apply", "--yes", code=3)
    assert "va atrás del commit" in said.err
    assert mesa.reading().accounts == {}
    mesa.run("apply", "--yes", prepare=shifted(minutes=31))


def test_clocks_that_differ_by_minutes_are_not_in_the_way(mesa: Desk) -> None:
    for minutes, people in enumerate(((JUAN,), (JUAN, ANA))):
        mesa.forge.clock = int(datetime.now(UTC).timestamp())  # a minute more for each of six commands
        mesa.forge.pull_request({SAF: saf(*people)})
        mesa.run("apply", "--yes", prepare=shifted(minutes=-2 * minutes))


def test_a_machine_that_died_with_its_clock_ahead_holds_nobody_up_once_a_pull_request_names_its_run(
    mesa: Desk, tmp_path: Path
) -> None:
    forge = mesa.forge
    forge.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "origin.git"), inside=False)
    forge.git("remote", "add", "origin", "../origin.git")
    forge.pull_request({SAF: saf(JUAN)})
    forge.git("push", "--quiet", "origin", "main")
    forge.git("clone", "--quiet", str(tmp_path / "origin.git"), str(tmp_path / "otra"), inside=False)

    def dying() -> None:
        shifted(days=365)()
        signalled(EmbeddedTarget, "create", signal.SIGKILL)()

    mesa.run("apply", "--yes", code=-signal.SIGKILL, prepare=dying)
    said = mesa.run("apply", "--yes", code=3, at=tmp_path / "otra")
    found = re.search(r"relojes_malos:\s+\[([^\]]+)\]", said.err)
    assert found
    forge.pull_request({"cuentas.yaml": config(mesa.identity, f"limites:\n  relojes_malos: [{found[1]}]\n")})
    forge.git("push", "--quiet", "origin", "main")
    forge.git("-C", str(tmp_path / "otra"), "pull", "--quiet", inside=False)
    mesa.run("apply", "--yes", at=tmp_path / "otra")
    assert the_sheet(tmp_path / "otra" / ".cuentas" / "entregas" / "embedded", "juan.perez")

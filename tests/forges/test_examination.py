"""doctor's look at a forge: reach, certificate, token, repository and rights, and nothing is said there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reconciler.check import Check, State, examined
from reconciler.forge.examination import ForgeExamination
from tests.forges.work import config
from tests.lab.forge import Fault, ForgeDouble
from tests.letters import now


def checks(double: ForgeDouble, **more: Any) -> dict[str, Check]:
    examination = ForgeExamination(config(double, **more), "main", now)
    try:
        return {one.name: one for one in examined("Forja", examination.steps())}
    finally:
        examination.close()


def test_a_good_forge_lacks_nothing_and_is_only_asked(double: ForgeDouble) -> None:
    found = checks(double)
    names = ("nombre", "puerto", "TLS", "entrada", "quién es", "pull requests", "issues")
    assert {name: one.state for name, one in found.items()} == dict.fromkeys(names, State.OK)
    assert found["quién es"].detail == "«github-actions[bot]»"
    assert double.asked("GET") == double.asked()


def test_who_posts_the_plans_is_said_where_the_token_is_anothers(double: ForgeDouble) -> None:
    double.who = "cuentas-bot"
    assert checks(double)["quién es"].detail == "«cuentas-bot»; los planes los publica «github-actions[bot]»"
    double.says_who = False
    assert "no lo dice de este testigo" in checks(double)["quién es"].detail


def test_what_is_wrong_with_token_address_repository_and_authority_is_said(
    double: ForgeDouble, folder: Path, tmp_path: Path
) -> None:
    token = tmp_path / "otro"
    token.touch(0o600)
    token.write_text("otro")
    assert "clave_archivo" in checks(double, clave_archivo=token)["entrada"].remedy
    assert "repositorio" in checks(double, repositorio="sinaloa/otra")["entrada"].remedy
    assert "repositorio" in checks(double, url=f"{double.url}/otra")["entrada"].remedy
    found = checks(double, ca=folder / "otra" / "ca.pem")
    assert (found["TLS"].state, found["entrada"].state) == (State.FAILED, State.SKIPPED)
    assert "«ca» de «forja»" in found["TLS"].remedy


def test_what_the_token_may_not_do_is_said(double: ForgeDouble) -> None:
    double.fail(Fault.FORBIDDEN, path="/issues")
    found = checks(double)
    assert (found["issues"].state, found["pull requests"].state) == (State.FAILED, State.OK)
    assert "Dele ese permiso" in found["issues"].remedy
    double.may_push = False
    assert checks(double)["entrada"].state is State.WARNED


def test_without_a_token_it_is_said_that_nothing_can_be_written(double: ForgeDouble) -> None:
    assert checks(double, clave_archivo=None)["entrada"].state is State.FAILED

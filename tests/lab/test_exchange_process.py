"""The double as `make lab` runs it: a process beside the controller, with all of its doors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.config import DestinoAD
from reconciler.exchange.shell import Shell
from tests.lab.exchange import process
from tests.lab.exchange.faults import Order, leave
from tests.lab.samba import DomainController, LabError

PREFIX = "CUENTAS_AD__EXCHANGE__"


@pytest.fixture
def running(fresh_domain_controller: DomainController) -> Iterator[process.Variables]:
    yield process.start(fresh_domain_controller.directory)
    process.stop(fresh_domain_controller.directory)


def shell(controller: DomainController, variables: dict[str, str], **more: object) -> Shell:
    section = {name.removeprefix(PREFIX).lower(): value for name, value in variables.items() if "ENTREGA" not in name}
    section = {name: value for name, value in section.items() if "__" not in name and not name.startswith("cuentas")}
    values = {"servidor": controller.host_name, "raiz": "x", "base": "x", "canario": "x", "exchange": section | more}
    config = DestinoAD.model_validate(values).exchange
    assert config is not None
    return Shell(config)


@pytest.mark.parametrize("way", ["basico", "kerberos"])
def test_both_ways_in_lead_to_the_same_directory(
    running: process.Variables, domain_controller: DomainController, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRB5_CONFIG", domain_controller.kerberos_environment["KRB5_CONFIG"])
    monkeypatch.setenv("KRB5CCNAME", "MEMORY:nobody")
    one = shell(domain_controller, running["basico"] | running[way])  # sourced one after the other
    found = one.invoke("Get-MailboxDatabase")
    one.close()
    assert [database["Name"] for database in found] == ["Mailbox Database 01", "Mailbox Database 02"]


def test_faults_are_ordered_from_outside(running: process.Variables, domain_controller: DomainController) -> None:
    leave(domain_controller.directory / process.FAULTS, [Order("back_off", "Get-MailboxDatabase", 1, "100")])
    heard: list[str] = []
    one = shell(domain_controller, running["basico"])
    one._waiting = heard.append  # noqa: SLF001 -- the variables have no place for it
    one.invoke("Get-MailboxDatabase")
    one.close()
    assert len(heard) == 1


def test_it_is_found_again_and_gone_when_stopped(
    running: process.Variables, domain_controller: DomainController
) -> None:
    assert process.settings(domain_controller.directory) == running
    process.stop(domain_controller.directory)
    assert process.settings(domain_controller.directory) == {}


def test_without_a_controller_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="No hay un controlador de dominio en marcha"):
        process.start(tmp_path)

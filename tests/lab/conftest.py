"""Exchange's cmdlets over the laboratory's domain controller."""

from collections.abc import Iterator

import pytest

from reconciler.directory import AdTarget
from tests.conformance.outsiders import SambaOutsider, samba, samba_config
from tests.lab.console import Console, shell_config
from tests.lab.exchange.cmdlets import cmdlets
from tests.lab.exchange.recipients import Recipients
from tests.lab.office import Office
from tests.lab.samba import DomainController


@pytest.fixture(scope="module")
def outsider(domain_controller: DomainController) -> Iterator[SambaOutsider]:
    with samba(domain_controller) as one:
        yield one


@pytest.fixture
def office(outsider: SambaOutsider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    config = samba_config(outsider.controller, exchange=shell_config(tmp_path_factory.mktemp("clave")))
    target, recipients = AdTarget(config), Recipients(outsider.controller)
    yield Office(target, Console(cmdlets(recipients)), outsider)
    for handle in list(target.read().accounts.values()):
        outsider.delete(handle.handle.guid)
    target.close()
    recipients.forget()

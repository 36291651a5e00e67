"""The lab as pytest fixtures; a conftest loads them with `pytest_plugins = ["tests.lab.fixtures"]`."""

from collections.abc import Iterator

import pytest

from tests.lab.exchange.double import ExchangeDouble
from tests.lab.samba import DomainController, Template, ensure_installed


@pytest.fixture(scope="session")
def samba_template() -> Template:
    """Give the provisioned domain, for tests that start controllers of their own."""
    ensure_installed()
    return Template.cached()


@pytest.fixture(scope="session")
def domain_controller(samba_template: Template) -> Iterator[DomainController]:
    """Run the session's one controller; what a test writes there, the next one finds."""
    with DomainController(samba_template) as controller:
        yield controller


@pytest.fixture
def fresh_domain_controller(domain_controller: DomainController) -> DomainController:
    """Give the session's controller as it was when new, whatever the test before did to it."""
    domain_controller.reset()
    return domain_controller


@pytest.fixture(scope="session")
def exchange_double(domain_controller: DomainController) -> Iterator[ExchangeDouble]:
    """Run the session's Exchange over its controller; reset both, the controller first, for a new one."""
    with ExchangeDouble(domain_controller) as exchange:
        yield exchange

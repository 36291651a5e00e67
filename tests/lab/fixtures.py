"""The lab as pytest fixtures; a conftest loads them with `pytest_plugins = ["tests.lab.fixtures"]`."""

from collections.abc import Iterator

import pytest

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

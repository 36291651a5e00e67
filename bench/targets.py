"""The targets that can be measured: how a process is told of each, and the plain way of reading the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.directory.attributes import READ
from reconciler.directory.target import EVERYTHING
from tests.lab.environment import settings
from tests.lab.samba import DomainController, Template, ensure_installed


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A target that is up: its settings, and a plain reading of it (none: only the files are there to compare)."""

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    reference: str | None = None
    plain_read: Sequence[str] = ()
    plain_environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Measured]:
    """Bring up a target, empty, and let nothing of it remain afterwards."""
    if name == "embedded":
        yield Measured(name=name)
        return
    ensure_installed()
    with DomainController(Template.cached()) as controller:
        yield Measured(
            name=name,
            environment=settings(controller),
            reference="ldapsearch",
            plain_read=_ldapsearch(controller, folder),
            plain_environment={"LDAPTLS_CACERT": str(controller.ca_file), "LDAPTLS_REQCERT": "demand"},
        )


def _ldapsearch(controller: DomainController, folder: Path) -> list[str]:
    """Return the command that asks the same question: LDAPS, paged by a thousand, the same attributes."""
    service = controller.service_account
    password = folder / "clave"
    password.touch(mode=0o600)
    password.write_text(service.password, encoding="utf-8")  # ldapsearch takes a file's last newline for part of it
    uri = f"ldaps://{controller.address}:{controller.ldaps_port}"
    ask = ["ldapsearch", "-LLL", "-x", "-H", uri, "-D", service.upn, "-y", str(password)]
    return [*ask, "-E", "pr=1000/noprompt", "-b", controller.base_dn, EVERYTHING, *READ]


TARGETS = ("embedded", "samba")

"""A Samba Active Directory domain controller of one's own, on the loopback, thrown away after use."""

from tests.lab.samba.controller import DomainController
from tests.lab.samba.domain import LabError
from tests.lab.samba.packages import ensure_installed
from tests.lab.samba.template import Template

__all__ = ["DomainController", "LabError", "Template", "ensure_installed"]

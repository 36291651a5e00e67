"""Active Directory over LDAP: the only place with ldap3."""

from reconciler.directory.session import Session
from reconciler.directory.target import AdTarget

__all__ = ["AdTarget", "Session"]

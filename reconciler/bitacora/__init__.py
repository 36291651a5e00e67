"""The bitácora: an append-only, hash-chained record of what was really done."""

from reconciler.bitacora.audit import Audit, audit_chain
from reconciler.bitacora.bitacora import Bitacora
from reconciler.bitacora.chain import Chain, Finding, Link
from reconciler.bitacora.identity import new_run
from reconciler.bitacora.lease import Lease, acquire
from reconciler.bitacora.ports import Branch

__all__ = ["Audit", "Bitacora", "Branch", "Chain", "Finding", "Lease", "Link", "acquire", "audit_chain", "new_run"]

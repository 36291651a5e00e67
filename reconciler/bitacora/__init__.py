"""The bitácora: an append-only, hash-chained record of what was really done."""

from reconciler.bitacora.bitacora import Bitacora
from reconciler.bitacora.chain import Chain, Finding
from reconciler.bitacora.identity import new_run
from reconciler.bitacora.ports import Branch

__all__ = ["Bitacora", "Branch", "Chain", "Finding", "new_run"]

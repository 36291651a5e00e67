"""The spool: credential sheets, each sealed for whoever it goes to, waiting to be handed over."""

from reconciler.spool.opening import Identity, read_identity, unsealed
from reconciler.spool.shelf import Kept, Part, Shelf, mark_of
from reconciler.spool.spool import AgeSpool, NoSpool, sealed_to
from reconciler.spool.writing import SheetWriter

__all__ = [
    "AgeSpool",
    "Identity",
    "Kept",
    "NoSpool",
    "Part",
    "SheetWriter",
    "Shelf",
    "mark_of",
    "read_identity",
    "sealed_to",
    "unsealed",
]

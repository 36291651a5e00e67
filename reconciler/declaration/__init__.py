"""The declaration: YAML in, accounts out, or everything that is wrong with it; the only place with PyYAML."""

from reconciler.declaration.canonical import canonical
from reconciler.declaration.configuration import load_config
from reconciler.declaration.entries import Reader, entries
from reconciler.declaration.loading import Loaded, Loader, load, unreadable
from reconciler.declaration.schemas import schemas

__all__ = ["Loaded", "Loader", "Reader", "canonical", "entries", "load", "load_config", "schemas", "unreadable"]

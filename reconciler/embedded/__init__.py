"""The embedded target: directory and mailboxes in one SQLite file, with Active Directory's manners."""

from reconciler.embedded.target import EmbeddedTarget

__all__ = ["EmbeddedTarget"]

"""The history of every account, kept ready beside Git: derived from it, and free to be deleted."""

from reconciler.index.index import Index, Line

__all__ = ["Index", "Line"]

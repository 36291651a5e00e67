"""What an audit looks for, and what it finds: values and pure rules; whoever runs it brings the facts."""

from reconciler.audit.findings import Clase, Code, Finding, counts

__all__ = ["Clase", "Code", "Finding", "counts"]

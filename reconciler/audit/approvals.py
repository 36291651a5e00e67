"""Whether whoever approved was entitled to: the seam between the audit and what judges approvals. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.approval import Approver
from reconciler.audit.findings import Code, Finding


def approval_findings(approver: Approver) -> Iterator[Finding]:
    """Yield what is wrong with how any value of any declared account, or of cuentas.yaml, came to be.

    This is the one place where the audit asks: whatever the approver comes to demand of a merge shows here.
    """
    fault = approver.config_fault()
    if fault:
        yield Finding(
            code=Code.APROBADOR_CONFIGURACION,
            where="cuentas.yaml",
            message=f"La configuración no está aprobada; commit {fault.commit[:10]}: {fault.reason}.",
            merge=fault.commit or None,
        )
    for key, one in sorted(approver.entry_faults().items()):
        declared = approver.declaration.accounts[key]
        yield Finding(
            code=Code.APROBADOR_CUENTA,
            where=str(declared.source),
            message=f"«{key}» ({one.commit[:10]}): {one.reason}.",
            key=key,
            oficio=declared.oficio,
            merge=one.commit or None,
        )

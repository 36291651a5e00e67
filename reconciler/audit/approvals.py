"""Whether whoever approved was entitled to: the seam between the audit and what judges approvals. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.approval import Approver
from reconciler.audit.findings import Code, Finding
from reconciler.signature import Signature, State


def approval_findings(approver: Approver) -> Iterator[Finding]:
    """Yield what is wrong with how any value of any declared account, or of cuentas.yaml, came to be.

    This is the one place where the audit asks: whatever the approver comes to demand of a merge shows here.
    """
    yield from _claimed(approver)
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


def _claimed(approver: Approver) -> Iterator[Finding]:
    """Yield the merges whose signature is good on record, and is none in Git or another key's.

    The record is believed when something is applied; a revoked or unlisted key of then is no finding. Nor is an
    OpenPGP key that the repository no longer has: nobody can tell.
    """
    record = approver.witness.frozen()
    said = {merge: one.signature for merge, one in record.items() if one.proves and merge in approver.trail.commits}
    found = approver.witness.signatures(sorted(said), approver.regime.keys) if said else {}
    for merge in sorted(said, key=approver.trail.position.__getitem__):
        claimed, real = said[merge] or Signature(State.NONE), found[merge]
        if real.state in {State.NONE, State.BAD} or (real.key and real.key != claimed.key):
            yield Finding(
                code=Code.APROBADOR_EVIDENCIA,
                where=merge[:10],
                message=f"La bitácora dice que la fusión {merge[:10]} tenía una firma buena, y no la tiene.",
                merge=merge,
            )

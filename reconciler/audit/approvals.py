"""Whether whoever approved was entitled to: the seam between the audit and what judges approvals. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from reconciler.approval import Approver, Judged
from reconciler.audit.findings import Code, Finding
from reconciler.evidence import Lack
from reconciler.history import CommitChange
from reconciler.model import AccountKey
from reconciler.signature import Signature, State, fingerprint
from reconciler.trail import SETTINGS

_CODES: Mapping[Lack, Code] = {lack: Code(f"aprobador/{lack.value}") for lack in Lack}
_NAMED = 3
"""Accounts of a merge that are named; the rest are counted."""


def approval_findings(approver: Approver) -> Iterator[Finding]:
    """Yield what is wrong with how any declared value, or any of cuentas.yaml, came to be, and with every merge.

    This is the one place where the audit asks: whatever the approver comes to demand of a merge shows here.
    """
    yield from _values(approver)
    revoked = frozenset(map(fingerprint, approver.regime.approving.llaves_revocadas))
    for judged in approver.merges():
        yield from _merge(judged)
        yield from _revoked_since(judged, revoked)
    yield from _claimed(approver)
    yield from _accepted(approver)


def _values(approver: Approver) -> Iterator[Finding]:
    """Yield what came in around a merge, or was written while merging: no evidence makes up for that."""
    for fault in approver.setting_faults():
        yield Finding(
            code=Code.APROBADOR_CONFIGURACION,
            where="cuentas.yaml",
            message=f"La configuración no está aprobada; commit {fault.commit[:10]}: {fault.reason}.",
            merge=fault.commit or None,
        )
    for key, one in sorted(approver.value_faults().items()):
        declared = approver.declaration.accounts[key]
        yield Finding(
            code=Code.APROBADOR_CUENTA,
            where=str(declared.source),
            message=f"«{key}» ({one.commit[:10]}): {one.reason}.",
            key=key,
            oficio=declared.oficio,
            merge=one.commit or None,
        )


def _merge(judged: Judged) -> Iterator[Finding]:
    for fault in judged.faults:
        text = f"La fusión {_called(judged)}: {fault.reason}{_moved(judged.keys)}."
        yield _finding(_CODES[fault.lack], judged, text)


def _revoked_since(judged: Judged, revoked: Collection[str]) -> Iterator[Finding]:
    known = judged.evidence.frozen
    if known and known.proves and known.signature and known.signature.key in revoked:
        text = (
            f"La fusión {_called(judged)} se firmó con una llave que hoy está revocada; la bitácora la anotó "
            f"antes como buena, y por eso vale{_moved(judged.keys)}."
        )
        yield _finding(Code.APROBADOR_REVOCADA_DESPUES, judged, text)


def _accepted(approver: Approver) -> Iterator[Finding]:
    """Yield who settled the starting point, and when: nothing before it is judged, so it is a person's word."""
    held = approver.trail.origins.get(("", SETTINGS, "aprobacion"), ())
    origin = next((fields["linea_base"] for fields in held if "linea_base" in fields), None)
    if origin is None or not approver.baseline:
        return
    change = approver.trail.commits[origin.commit]
    last = max(approver.baseline, key=approver.trail.position.__getitem__)
    text = (
        f"La línea base acepta sin juzgarlos {len(approver.baseline)} commits, hasta el {last[:10]}: la puso "
        f"{change.author} el {_day(change, approver)}, en {change.commit[:10]}."
    )
    yield Finding(code=Code.APROBADOR_LINEA_BASE, where="cuentas.yaml", message=text, merge=change.commit)


def _day(change: CommitChange, approver: Approver) -> str:
    return approver.regime.day(change.at).isoformat()


def _called(judged: Judged) -> str:
    evidence = judged.evidence
    number = f" (pull request {evidence.pull})" if evidence.pull else ""
    return f"{evidence.merge[:10]}{number}, de {evidence.merger}"


def _moved(keys: tuple[AccountKey, ...]) -> str:
    if not keys:
        return ""
    rest = f" y {len(keys) - _NAMED} más" if len(keys) > _NAMED else ""
    return f"; movió {', '.join(f'«{key}»' for key in keys[:_NAMED])}{rest}"


def _finding(code: Code, judged: Judged, message: str) -> Finding:
    merge = judged.evidence.merge
    return Finding(
        code=code,
        where=merge[:10],
        message=message,
        key=judged.keys[0] if len(judged.keys) == 1 else None,
        merge=merge,
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

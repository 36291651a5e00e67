"""Another first password for an account in service: a reset, sealed before it is set, on record before and after.

PSDT-08 knows one sheet for each alta; this is what is done when that one was lost, or nobody fetched it in time.
Killed anywhere and run again it ends right: every time is a new password with a sheet of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.diff import former_keys
from reconciler.engine.interrupted import sealed
from reconciler.engine.ports import Record, Says
from reconciler.engine.propose import Proposal, repository_refusals, told_apart
from reconciler.engine.saga import Hands
from reconciler.errors import CuentasError, NotApprovedError, RefusedError, TargetRejectedError, UsageError
from reconciler.events import EventKind
from reconciler.model import Account, AccountKey, Handle, Movimiento, Status
from reconciler.orders import asked, by_oficio, orders, sheets
from reconciler.plan import Reactivate, change_id
from reconciler.review import Unapproved
from reconciler.sheet import Sealed
from reconciler.waiting import REJECTED


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What a reissue works with: the record that is written, how events are made, and the hands."""

    record: Record
    says: Says
    hands: Hands


def candidate(proposal: Proposal, key: AccountKey) -> tuple[Handle, Account]:
    """Return the account whose password may be reset, as it was read, and as it is declared.

    Raises:
        UsageError: nobody declares it.
        RefusedError: it is not declared in service and there, ours and finished, as it is declared to log on, or
            nobody may touch it.
        NotApprovedError: something that its first password rests on was not approved.

    """
    _refuse_repository(proposal)
    declared = proposal.desired.declaration.accounts.get(key)
    if declared is None:
        raise UsageError(f"No hay una cuenta «{key}».", remedy="Revise cómo está escrita en accounts/.")
    if declared.baja or not declared.account.logon_enabled:
        why = "está de baja" if declared.baja else "no es personal: nadie inicia sesión con ella"
        raise RefusedError(f"«{key}» {why}, y no lleva contraseña.", remedy="Revise la cuenta con «cuentas history».")
    for one in proposal.plan.findings:
        if one.holds and one.key == key:
            raise RefusedError(one.message, remedy=one.remedy)
    there = proposal.reading.accounts.get(key)
    ours = there is not None and proposal.memory.identity.get(key) == there.handle.guid
    if there is None or not ours or there.handle.unfinished or not _in_service(there.account):
        raise RefusedError(
            f"«{key}» todavía no está en servicio en el directorio.",
            remedy="Corra «cuentas apply»: crea o termina la cuenta, con su hoja.",
        )
    if there.handle.protected:
        raise RefusedError(
            f"«{key}» está protegida ({there.handle.protected}).",
            remedy="Su contraseña solo la cambia quien administra el directorio.",
        )
    _refuse_unapproved(proposal, key)
    now, then = there.account, declared.account
    if (now.logon.casefold(), now.address.casefold()) != (then.logon.casefold(), then.address.casefold()):
        raise RefusedError(
            f"«{key}» tiene sin aplicar un cambio de usuario o de dirección, y su hoja diría los que no son.",
            remedy="Corra «cuentas apply» y repítalo.",
        )
    return there.handle, declared.account


def reissue(proposal: Proposal, key: AccountKey, reason: str, bench: Bench) -> Sealed:
    """Reset an account's password and return its new sheet; the former one is gone.

    Raises:
        UsageError, RefusedError: as `candidate`; nothing was changed.
        TargetError: the sheet could not be stored or the password not set.
        RecordError: the record cannot be written; nothing more was changed after that.

    """
    handle, account = candidate(proposal, key)
    spool, target = bench.hands.spool, proposal.plan.before.target
    spool.check()
    names = (key, *former_keys(proposal.desired.declaration.accounts[key], proposal.memory))
    former = [one for one in sheets(bench.record.events(), target).values() if one.key in names and not one.removed]
    order = _order_of(proposal, names, bench)
    bench.record.append(bench.says(EventKind.SHEET_ASKED, key, motivo=reason, destino=target))
    bench.record.publish()
    spool.begin(bench.record.head(), {key: order} if order else {})
    password = bench.hands.new_password(account)
    try:
        sheet = spool.seal(account, password)
    except CuentasError:  # nothing was set
        bench.record.append(bench.says(EventKind.SHEET_ASKED, key, estado=REJECTED, destino=target))
        raise
    try:
        bench.hands.target.set_first_password(handle, password)
    except TargetRejectedError:
        bench.record.append(bench.says(EventKind.SHEET_ASKED, key, estado=REJECTED, destino=target))
        raise
    bench.record.append(
        sealed(bench.says, key, sheet, order, destino=target),
        *(
            bench.says(EventKind.SHEET_REMOVED, one.key, folio=one.folio, porque="reexpedida", destino=target)
            for one in former
        ),
    )
    for name in names:
        spool.keep_only(name, sheet)
    bench.record.publish()
    return sheet


def _refuse_repository(proposal: Proposal) -> None:
    for one in repository_refusals(proposal.desired, proposal.standing):
        raise RefusedError(one.message, remedy=one.remedy)


def _refuse_unapproved(proposal: Proposal, key: AccountKey) -> None:
    """Refuse where letting the account in anew would not be approved: its new sheet goes where it would go then."""
    declared = proposal.desired.declaration.accounts[key]
    account = declared.account
    change = Reactivate(key=key, dependencia=account.dependencia, oficio=declared.alta, account=account)
    verdict = told_apart([change], proposal.desired)[change_id(change)]
    if isinstance(verdict, Unapproved):
        raise NotApprovedError(
            f"Lo declarado de «{key}» no está aprobado; commit {verdict.commit[:10]}: {verdict.reason}.",
            remedy="Revíselo y propóngalo en un pull request fusionado con «merge commit».",
        )


def _in_service(there: Account) -> bool:
    return there.status is Status.ACTIVE and there.logon_enabled


def _order_of(proposal: Proposal, names: Sequence[AccountKey], bench: Bench) -> str | None:
    """Return the order of the account's alta, which may have been under a key that it had before."""
    target, alta = proposal.plan.before.target, proposal.desired.declaration.accounts[names[0]].alta
    known = by_oficio(orders(bench.record.events(), target))
    found = (known.get(asked(name, Movimiento.ALTA, alta)) for name in names)
    return next((one.id for one in found if one), None)

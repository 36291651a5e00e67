"""What a sound request ends in: a branch with one commit, and its work order on the bitácora."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.cli.receiving import Case, Reception, Said, branch_name, said
from reconciler.cli.workspace import now
from reconciler.events import Event, EventKind
from reconciler.model import AccountKey
from reconciler.orders import asked, by_oficio
from reconciler.report.request import RequestView, commit_message
from reconciler.repository import TopicBranch
from reconciler.request import Request


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch that a request ended on; `made` is false where it was there already."""

    topic: TopicBranch
    commit: str
    made: bool


def order_of(there: Reception, request: Request) -> str | None:
    """Return the order that a request with its oficio has already; None where it is its first time here."""
    order = by_oficio(there.orders).get(asked(AccountKey(request.clave), request.movimiento, request.oficio))
    return order.id if order else None


def view_of(case: Case, order: str) -> RequestView:
    """Return a sound request as reports take it."""
    if case.judged is None or case.judged.declaration is None:
        raise ValueError("a request that is not sound is not shown to anybody")
    entry = case.judged.declaration.accounts[AccountKey(case.request.clave)]
    agency = case.judged.declaration.dependencias[entry.account.dependencia]
    return RequestView(
        request=case.request,
        agency=agency,
        oficio=agency.oficios[entry.oficio],
        name=entry.account.display_name,
        returning=case.returning,
        file=entry.source.file,
        usuario_ad=case.choice.usuario_ad,
        warnings=case.problems,
        order=order,
    )


def propose(there: Reception, case: Case, view: RequestView) -> Branch:
    """Leave the request on its branch: one commit on the published main line; nothing where it is there already.

    Raises:
        UsageError: the branch has something else, or git does not know who commits.

    """
    files = case.judged.files if case.judged else ()
    base = there.workspace.tip
    topic = there.topic(branch_name(view.agency.siglas, case.request.clave, view.oficio.number))
    found = topic.found(base)
    if found is None:
        who = there.workspace.repository.person()
        at = now().astimezone(there.workspace.zone)
        contents = {one.path: one.data or b"" for one in files}
        return Branch(topic, topic.commit(base, contents, commit_message(view), who, at), made=True)
    after = {one.path: one for one in (*there.ground.files, *files)}
    wanted = _changes(there.entries_at(base), said(after.values()))
    if _changes(there.entries_at(found.base), there.entries_at(found.commit)) != wanted:
        raise topic.occupied()
    return Branch(topic, found.commit, made=False)


def open_order(there: Reception, order: str, request: Request) -> None:
    """Put an order on record, as received; nothing personal goes with it but the account's key."""
    data = {
        "orden": order,
        "movimiento": request.movimiento.value,
        "dependencia": request.dependencia,
        "oficio": request.oficio or None,
        "recibido": request.recibido,
        "medio": request.medio,
        "enlace": request.enlace or None,
    }
    _append(there, EventKind.ORDER_RECEIVED, data, request)


def give_oficio(there: Reception, order: str, request: Request) -> None:
    """Put on record that the oficio of an order that waited for it came, and the day from which its term runs."""
    data = {
        "orden": order,
        "oficio": request.oficio,
        "dependencia": request.dependencia,
        "recibido": request.recibido,
        "enlace": request.enlace or None,
    }
    _append(there, EventKind.ORDER_OFICIO, data, request)


def _append(there: Reception, kind: EventKind, data: Mapping[str, str | None], request: Request) -> None:
    event = Event(kind=kind, at=now(), run=there.record.run, key=AccountKey(request.clave), data=data)
    there.record.append(event)


def publish(there: Reception) -> None:
    """Publish what is on record here and nowhere else, an earlier command's too."""
    if not there.record.is_published:
        there.record.publish()


def _changes(before: Said, after: Said) -> Mapping[tuple[str, str], Mapping[str, str] | None]:
    """Return what two trees declare differently, each entry as the second one has it."""
    return {name: after.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

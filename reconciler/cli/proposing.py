"""What a sound request ends in: a branch with one commit, and its work order on the bitácora."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from reconciler.cli.receiving import Case, Reception, Said, branch_name, said
from reconciler.cli.recording import says
from reconciler.cli.workspace import now
from reconciler.errors import RefusedError
from reconciler.events import EventKind
from reconciler.model import AccountKey, TreeFile
from reconciler.orders import asked, by_oficio, orders
from reconciler.report.request import RequestView, commit_message
from reconciler.repository import Proposed, TopicBranch
from reconciler.request import Request, the


class Made(Enum):
    """What had to be done for a branch to be there."""

    NEW = "nueva"
    AGAIN = "rehecha"
    NOT = "ya estaba"


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch that a request ended on, and how that went.

    `over` is the commit that the remote's branch holds meanwhile and that this one takes the place of: the same
    proposal, on an earlier main line. None where there is none.
    """

    topic: TopicBranch
    commit: str
    made: Made
    over: str | None = None

    def push(self) -> None:
        """Put it on the remote."""
        self.topic.push(self.commit, self.over)


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

    Where the main line changed those files since, the same proposal is made again on what it is now: two requests of
    an agency are in one file, and the second would not merge.

    Raises:
        UsageError: the branch has something else, or git does not know who commits.

    """
    files = case.judged.files if case.judged else ()
    base = there.workspace.tip
    topic = there.topic(branch_name(view.agency.siglas, case.request.clave, view.oficio.number))
    found = topic.found(base)
    if found and not _is_same(there, found, files):
        raise topic.occupied()
    if found and not _is_overtaken(there, found, files):
        return Branch(topic, found.commit, Made.NOT, _over(there, topic, found.commit, files))
    who = there.workspace.repository.person()
    at = now().astimezone(there.workspace.zone)
    contents = {one.path: one.data or b"" for one in files}
    instead = found.commit if found else None
    commit = topic.commit(base, contents, commit_message(view), who, at, instead=instead)
    return Branch(topic, commit, Made.AGAIN if found else Made.NEW, _over(there, topic, commit, files))


def _is_same(there: Reception, found: Proposed, files: Iterable[TreeFile]) -> bool:
    """Tell whether a proposal says what some files would, but for what the main line says itself by now."""
    now_there = there.entries_at(there.workspace.tip)
    after = {one.path: one for one in (*there.ground.files, *files)}
    wanted = _changes(now_there, said(after.values()))
    proposed = _changes(there.entries_at(found.base), there.entries_at(found.commit))
    return {name: value for name, value in proposed.items() if now_there.get(name) != value} == wanted


def _is_overtaken(there: Reception, found: Proposed, files: Iterable[TreeFile]) -> bool:
    """Tell whether the main line changed any of a proposal's files since it was made."""
    paths = {one.path for one in files}
    before = {one.path: one.data for one in there.workspace.repository.tree(found.base) if one.path in paths}
    return before != {one.path: one.data for one in there.ground.files if one.path in paths}


def _over(there: Reception, topic: TopicBranch, commit: str, files: Iterable[TreeFile]) -> str | None:
    """Return the remote's commit, where it is another one that says the same."""
    published = topic.published(there.workspace.tip)
    if published is None or published.commit == commit or not _is_same(there, published, files):
        return None
    return published.commit


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


def give_way(there: Reception, order: str, request: Request, branch: Branch | None = None) -> None:
    """Take an order back where another machine put the same movement of the same account on record just before.

    Neither could see the other: both took the same key. The one that the record has first goes on.

    Raises:
        RefusedError: this one gave way; its branch and what waited here are gone.

    """
    found = orders(there.record.events(), there.target)
    same = (one for one in found.values() if (one.key, one.movement) == (request.clave, request.movimiento))
    first = next((one for one in same if one.is_open and one.done is None), None)
    if first is None or first.id == order or order not in found:
        return
    reason = f"Otra máquina recibió al mismo tiempo la orden {first.id}"
    _append(there, EventKind.ORDER_WITHDRAWN, {"orden": order, "motivo": reason}, request)
    publish(there)
    there.drafts.drop(order)
    if branch and branch.made is Made.NEW:
        branch.topic.drop(branch.commit)
    raise RefusedError(
        f"Otra máquina recibió al mismo tiempo {the(request.movimiento)} de «{request.clave}» (orden {first.id}): "
        f"la de aquí se retiró (orden {order}).",
        remedy="Si es la misma solicitud, ya está recibida. Si es de otra persona, repita: se propondrá otra clave.",
    )


def _append(there: Reception, kind: EventKind, data: Mapping[str, str | None], request: Request) -> None:
    said = says(there.record.run, there.workspace.operator)
    there.record.append(said(kind, AccountKey(request.clave), **data))


def publish(there: Reception) -> None:
    """Publish what is on record here and nowhere else, an earlier command's too."""
    if not there.record.is_published:
        there.record.publish()


def _changes(before: Said, after: Said) -> Mapping[tuple[str, str], Mapping[str, str] | None]:
    """Return what two trees declare differently, each entry as the second one has it."""
    return {name: after.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

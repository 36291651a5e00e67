"""Mesa de Ayuda receives a request: what it is judged on, its branch, and its order on the bitácora."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from reconciler import bitacora, declaration
from reconciler.cli.settings import target_config
from reconciler.cli.workspace import Workspace, now, opened
from reconciler.declaration.names import RESERVED
from reconciler.declaration.requested import Choice, Ground, Judged, judge, unreadable_boxes
from reconciler.drafts import Drafts
from reconciler.errors import Problem, UsageError
from reconciler.events import Event, EventKind
from reconciler.intake import (
    account_problems,
    agency_of,
    check_asker,
    cleaned,
    contradictions,
    is_done,
    is_return,
    missing_problems,
    oficio_of,
    order_problems,
    same_person,
    spoken_for,
    used_names,
    with_defaults,
)
from reconciler.model import AccountKey, Dependencia, Movimiento, Tipo, TreeFile, normalized_oficio
from reconciler.naming import Naming, folded, named, person_keys, shared_keys
from reconciler.orders import Order, asked, by_oficio, new_order, orders
from reconciler.report.request import RequestView, commit_message
from reconciler.repository.topic import TopicBranch
from reconciler.request import Request, emptied, place
from reconciler.trail import CONFIG
from reconciler.untracked import PRIVATE

_LACKING = re.compile(r"[Ff]alta «(?:[^»]*/)?(\w+)»")
_UNCHOSEN = AccountKey("cuenta.por.elegir")
"""Stands for an account that is not chosen yet, or may not be had, while the rest is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request as it was judged: with its agency, every problem, and what it would write.

    `done` says that the main line has it already; `namings` are the keys to choose from where none was given.
    """

    request: Request
    choice: Choice
    agency: Dependencia | None
    problems: tuple[Problem, ...]
    judged: Judged | None = None
    namings: tuple[Naming, ...] = ()
    returning: bool = False
    done: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it cannot be received as it is."""
        return any(one.blocks for one in self.problems)


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch that a request ended on; `made` is false where it was there already."""

    topic: TopicBranch
    commit: str
    made: bool


@dataclass(frozen=True)
class Reception:
    """The published main line, the record as it is now, and the requests that wait on this machine."""

    workspace: Workspace
    record: bitacora.Bitacora

    @cached_property
    def ground(self) -> Ground:
        """What requests are judged on."""
        desired = self.workspace.desired
        files = [one for one in self.workspace.repository.tree(self.workspace.tip) if one.path != CONFIG]
        return Ground(files=files, config=desired.config, declaration=desired.declaration, said=desired.warnings)

    @cached_property
    def orders(self) -> Mapping[str, Order]:
        """The work orders on record."""
        name, _ = target_config(self.workspace.config, self.workspace.settings, None)
        return orders(self.record.events(), name)

    @cached_property
    def used(self) -> frozenset[str]:
        """Every name that was ever somebody's."""
        return used_names(self.workspace.desired.trail, self.ground.declaration)

    @cached_property
    def drafts(self) -> Drafts:
        """Where requests without oficio wait."""
        return Drafts(self.workspace.repository.home / PRIVATE / "solicitudes")

    def is_taken(self, name: str) -> bool:
        """Tell whether a name is not to be proposed for anybody."""
        protected = {one.lower() for one in self.ground.config.protegidas}
        return name in self.used or name in RESERVED or name in protected or name in self._spoken_for

    @cached_property
    def _spoken_for(self) -> frozenset[str]:
        return spoken_for(self.ground.declaration, self.orders)

    def namings(self, request: Request, agency: Dependencia) -> tuple[Naming, ...]:
        """Propose keys for an alta."""
        if (request.tipo or Tipo.PERSONAL) == Tipo.PERSONAL:
            return person_keys(request.nombre, request.apellidos, self.is_taken)
        return shared_keys(request.nombre, agency.siglas, self.is_taken)

    def consider(self, request: Request, choice: Choice, own: str | None = None) -> Case:
        """Judge a request by every rule at once; `own` is the order that it goes on with.

        Raises:
            RefusedError: whoever asks is no enlace of the agency (PSDT-08, P3).
            UsageError: the part that was chosen is none of the agency's.

        """
        unreadable = unreadable_boxes(request)
        bad = {one.file for one in unreadable}
        request = cleaned(emptied(request, (box for box in request.__slots__ if place(box) in bad)))
        base = self.ground.declaration
        agency = agency_of(request.dependencia, base.dependencias.values())
        if agency is None:
            found = [*unreadable, *self._no_agency(request, bad)]
            return Case(request=request, choice=choice, agency=None, problems=_sorted(found))
        check_asker(request, agency)
        request = with_defaults(request, agency, self.workspace.today)
        if is_done(request, base):
            return Case(request=request, choice=choice, agency=agency, problems=(), done=True)
        namings: tuple[Naming, ...] = ()
        if request.movimiento is Movimiento.ALTA and not request.clave:
            request = replace(request, clave=self._begun(request, agency) or "")
            namings = () if request.clave else self.namings(request, agency)
        returning = is_return(request, base)
        lacking = (one for one in missing_problems(request, returning=returning) if one.file not in bad)
        account = [*account_problems(request, base, self.used), *order_problems(request, self.orders, own)]
        known = oficio_of(request, agency)
        found = [*unreadable, *lacking, *account, *(contradictions(request, known) if known else ())]
        judged = self._judged(request, choice, hidden=bool(account))
        told = {one.file for one in found}
        found += [one for one in judged.problems if one.file not in told and not _is_told(one, told)]
        return Case(
            request=request,
            choice=choice,
            agency=agency,
            problems=_sorted(found),
            judged=judged,
            namings=namings,
            returning=returning,
        )

    def _judged(self, request: Request, choice: Choice, *, hidden: bool) -> Judged:
        """Judge what is written; an account that may not be had is left out of it, and the rest is judged."""
        if request.movimiento is Movimiento.ALTA and (hidden or not request.clave):
            request = replace(request, clave=_UNCHOSEN)
        elif hidden:
            request = replace(request, clave="")
        judged = judge(request, choice, self.ground, self.workspace.today)
        said = tuple(one for one in judged.problems if request.clave != _UNCHOSEN or one.file != place("clave"))
        return replace(judged, problems=said)

    def _no_agency(self, request: Request, bad: set[str]) -> Iterator[Problem]:
        there = ", ".join(sorted(self.ground.declaration.dependencias))
        where = place("dependencia")
        if request.dependencia:
            words = f"No hay una dependencia «{request.dependencia[:60]}»."
            yield Problem(where, 0, "dependencia", words, f"Las que hay: {there}.")
        lacking = missing_problems(request)
        yield from (one for one in lacking if one.file not in bad)

    def _begun(self, request: Request, agency: Dependencia) -> AccountKey | None:
        """Return the key under which this very request was received before: same oficio, same names."""
        wanted = folded(request.nombre), folded(request.apellidos)
        if not request.oficio:
            return None
        for one in self.orders.values():
            same = one.is_open and one.movement is Movimiento.ALTA and one.dependencia == agency.siglas
            if same and normalized_oficio(one.oficio or "") == normalized_oficio(request.oficio):
                name = branch_name(agency.siglas, one.key, request.oficio)
                there = self.topic(name).found(self.workspace.tip)
                fields = self._entries(there.commit).get(("cuentas", one.key), {}) if there else {}
                if (folded(fields.get("nombre", "")), folded(fields.get("apellidos", ""))) == wanted:
                    return one.key
        return None

    def namesakes(self, case: Case) -> str:
        """Say, in Spanish, whose accounts have the names of an alta already; "" where nobody's do."""
        found = [
            f"{one.account.key} ({one.account.dependencia}{', de baja' if one.baja else ''})"
            for one in same_person(case.request, self.ground.declaration)
        ]
        return ", ".join(found)

    def naming_of(self, key: str, namings: Iterable[Naming]) -> Naming:
        """Return what there is to say of a key, proposed or not."""
        return next((one for one in namings if one.key == key), named(key, self.is_taken))

    def topic(self, name: str) -> TopicBranch:
        """Return a branch to propose on."""
        return self.workspace.repository.topic(name, self.workspace.repository.main_remote())

    def order_of(self, request: Request) -> str | None:
        """Return the order that a request with its oficio has already; None where it is its first time here."""
        there = by_oficio(self.orders).get(asked(AccountKey(request.clave), request.movimiento, request.oficio))
        return there.id if there else None

    def view(self, case: Case, order: str) -> RequestView:
        """Return a sound request as reports take it."""
        assert case.judged is not None  # noqa: S101 -- it was judged, or nobody would ask
        assert case.judged.declaration is not None  # noqa: S101 -- and found sound
        there = case.judged.declaration.accounts[AccountKey(case.request.clave)]
        agency = case.judged.declaration.dependencias[there.account.dependencia]
        return RequestView(
            request=case.request,
            agency=agency,
            oficio=agency.oficios[there.oficio],
            name=there.account.display_name,
            returning=case.returning,
            file=there.source.file,
            usuario_ad=case.choice.usuario_ad,
            warnings=case.problems,
            order=order,
        )

    def propose(self, case: Case, view: RequestView) -> Branch:
        """Leave the request on its branch: one commit on the published main line; nothing where it is there already.

        Raises:
            UsageError: the branch has something else, or git does not know who commits.

        """
        assert case.judged is not None  # noqa: S101 -- a view of it was made
        base = self.workspace.tip
        topic = self.topic(branch_name(view.agency.siglas, case.request.clave, view.oficio.number))
        there = topic.found(base)
        if there is None:
            files = {one.path: one.data or b"" for one in case.judged.files}
            who = self.workspace.repository.person()
            commit = topic.commit(base, files, commit_message(view), who, now().astimezone(self.workspace.zone))
            return Branch(topic, commit, made=True)
        wanted = _changes(self._entries(base), self._with(case.judged.files))
        if _changes(self._entries(there.base), self._entries(there.commit)) != wanted:
            raise topic.occupied()
        return Branch(topic, there.commit, made=False)

    def _entries(self, commit: str) -> dict[tuple[str, str], Mapping[str, str]]:
        return _said(one for one in self.workspace.repository.tree(commit) if one.path != CONFIG)

    def _with(self, changed: Iterable[TreeFile]) -> dict[tuple[str, str], Mapping[str, str]]:
        files = {one.path: one for one in (*self.ground.files, *changed)}
        return _said(files.values())

    def open_order(self, order: str, request: Request) -> None:
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
        self._append(EventKind.ORDER_RECEIVED, data, AccountKey(request.clave))

    def give_oficio(self, order: str, request: Request) -> None:
        """Put on record that the oficio of an order that waited for it came."""
        data = {"orden": order, "oficio": request.oficio, "enlace": request.enlace or None}
        self._append(EventKind.ORDER_OFICIO, data, AccountKey(request.clave))

    def _append(self, kind: EventKind, data: Mapping[str, str | None], key: AccountKey) -> None:
        self.record.append(Event(kind=kind, at=now(), run=self.record.run, key=key, data=data))

    def publish(self) -> None:
        """Publish what is on record here and nowhere else, an earlier command's too."""
        if not self.record.is_published:
            self.record.publish()

    def new_order(self) -> str:
        """Return an id for a new order."""
        return new_order(self.workspace.today)


def branch_name(siglas: str, key: str, oficio: str) -> str:
    """Return the branch of a request, `solicitud/saf-juan.perez-saf-da-0123-2026`."""
    number = "-".join(filter(None, map(folded, normalized_oficio(oficio).split("/"))))
    return f"solicitud/{siglas.lower()}-{key}-{number}"


@contextlib.contextmanager
def reception(repo: Path) -> Iterator[Reception]:
    """Open the repository at its published main line, and the record as it is on the remote now.

    Raises:
        UsageError: this clone has no published main line.
        RecordError: the record cannot be read, or the remote does not answer.

    """
    with opened(repo) as here:
        main = here.published
        if main is None:
            raise UsageError(
                "Este clon no tiene la rama principal publicada.", remedy="Tráigala con «git fetch», y repita."
            )
        with opened(repo, at=main) as workspace, workspace.record() as record:
            record.refresh()
            yield Reception(workspace, record)


def _is_told(problem: Problem, told: set[str]) -> bool:
    """Tell whether a problem says that something lacks which was said to lack already."""
    found = _LACKING.search(problem.message)
    return found is not None and place(found.group(1)) in told


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Put problems in the form's order, those of no box last."""
    boxes = [place(name) for name in Request.__slots__]
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda one: boxes.index(one.file) if one.file in boxes else len(boxes))
    )


def _said(files: Iterable[TreeFile]) -> dict[tuple[str, str], Mapping[str, str]]:
    """Return every entry of some files; oficios of two agencies that have one number are told apart by their file."""
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for file in files:
        with contextlib.suppress(ValueError):
            for (section, key), fields in declaration.entries(file.data or b"").items():
                found[section, key if section == "cuentas" else f"{file.path}:{key}"] = fields
    return found


def _changes(
    before: Mapping[tuple[str, str], Mapping[str, str]], after: Mapping[tuple[str, str], Mapping[str, str]]
) -> Mapping[tuple[str, str], Mapping[str, str] | None]:
    """Return what two trees declare differently, each entry as the second one has it."""
    return {name: after.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

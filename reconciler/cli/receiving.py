"""Mesa de Ayuda receives a request: what it is judged on, its branch, and its order on the bitácora."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from reconciler import bitacora, declaration
from reconciler.availability import (
    account_problems,
    is_alta_of,
    is_done,
    is_return,
    is_strange,
    order_problems,
    same_person,
    spoken_for,
    used_names,
)
from reconciler.cli.settings import target_config
from reconciler.cli.workspace import Workspace, opened
from reconciler.declaration.names import RESERVED
from reconciler.declaration.requested import BOX_OF, Choice, Ground, Judged, judge, unreadable_boxes
from reconciler.drafts import Drafts
from reconciler.errors import Problem, UsageError
from reconciler.intake import (
    agency_of,
    check_asker,
    cleaned,
    contradictions,
    foreign_addresses,
    missing_problems,
    oficio_of,
    stood_in,
    with_defaults,
)
from reconciler.model import AccountKey, Dependencia, Movimiento, Tipo, TreeFile, normalized_oficio
from reconciler.naming import Naming, folded, named, person_keys, shared_keys
from reconciler.orders import Order, orders
from reconciler.repository.topic import TopicBranch
from reconciler.request import LABELS, Request, emptied, place
from reconciler.trail import CONFIG
from reconciler.untracked import PRIVATE

Said = Mapping[tuple[str, str], Mapping[str, str]]
"""What files say: (section, key) -> field -> text."""

_LACKING = re.compile(r"[Ff]alta «(?:[^»]*/)?(\w+)»")
_HOLDING = frozenset({"movimiento", "dependencia", "clave"})
"""Boxes that the entry hangs on: without them there is none to judge."""
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
        return orders(self.record.events(), self.target)

    @cached_property
    def target(self) -> str:
        """The name of the target whose orders are looked at."""
        return target_config(self.workspace.config, self.workspace.settings, None)[0]

    @cached_property
    def used(self) -> frozenset[str]:
        """Every name that was ever somebody's."""
        return used_names(self.workspace.desired.trail, self.ground.declaration)

    @cached_property
    def drafts(self) -> Drafts:
        """Where requests without oficio wait."""
        return Drafts(self.workspace.repository.home / PRIVATE / "solicitudes")

    def tidy(self) -> None:
        """Forget what waited here under an order that is over, or has its oficio: it is personal, and done with."""
        for name, _ in self.drafts.all():
            order = self.orders.get(name)
            if order and not (order.is_open and order.oficio is None):
                self.drafts.drop(name)

    def is_taken(self, name: str) -> bool:
        """Tell whether a name is not to be proposed for anybody."""
        protected = {one.lower() for one in self.ground.config.protegidas}
        return name in self.used or name in RESERVED or name in protected or name in self._spoken_for

    @cached_property
    def _spoken_for(self) -> frozenset[str]:
        return spoken_for(self.ground.declaration, self.orders)

    def namings(self, request: Request, agency: Dependencia) -> tuple[Naming, ...]:
        """Propose keys for an alta."""
        return self._namings(request, agency, self.is_taken)

    @staticmethod
    def _namings(request: Request, agency: Dependencia, is_taken: Callable[[str], bool]) -> tuple[Naming, ...]:
        if (request.tipo or Tipo.PERSONAL) == Tipo.PERSONAL:
            return person_keys(request.nombre, request.apellidos, is_taken)
        return shared_keys(request.nombre, agency.siglas, is_taken)

    def consider(self, request: Request, choice: Choice, own: str | None = None) -> Case:
        """Judge a request by every rule at once; `own` is the order that it goes on with.

        Raises:
            RefusedError: whoever asks is no enlace of the agency (PSDT-08, P3).
            UsageError: the part that was chosen is none of the agency's.

        """
        base = self.ground.declaration
        agencies = base.dependencias.values()
        domains = frozenset({*self.ground.config.dominios, *(one.domain for one in agencies)})
        unreadable = (*unreadable_boxes(request), *foreign_addresses(request, domains))
        bad = {one.file for one in unreadable}
        request = cleaned(emptied(request, (box for box in request.__slots__ if place(box) in bad)))
        agency = agency_of(request.dependencia, agencies)
        if agency is None:
            found = [*unreadable, *self._no_agency(request, bad)]
            return Case(request=request, choice=choice, agency=None, problems=_sorted(found))
        check_asker(request, agency)
        request = with_defaults(self._as_received(request, agency), agency, self.workspace.today)
        namings: tuple[Naming, ...] = ()
        if request.movimiento is Movimiento.ALTA and not request.clave:
            request = replace(request, clave=self._begun(request, agency))
            namings = () if request.clave else self.namings(request, agency)
        if is_done(request, base):
            return Case(request=request, choice=choice, agency=agency, problems=(), done=True)
        returning = is_return(request, base)
        lacking = (one for one in missing_problems(request, returning=returning) if one.file not in bad)
        account = [
            *account_problems(request, base, self.used, self.orders),
            *order_problems(request, self.orders, own),
        ]
        known = oficio_of(request, agency)
        found = [*unreadable, *lacking, *account, *(contradictions(request, known) if known else ())]
        judged = self._judged(request, choice, hidden=bool(account))
        found += _unsaid(judged.problems, found)
        faulty = _faulty(found)
        if faulty:  # what is wrong in a box hides what the rest would be judged by
            bearable = stood_in(emptied(request, faulty), agency, self.workspace.today)
            rest = self._judged(bearable, choice, hidden=bool(account))
            found += _unsaid(rest.problems, found)
        return Case(
            request=request,
            choice=choice,
            agency=agency,
            problems=_sorted(self._advised(found, request, agency)),
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
        if request.clave != _UNCHOSEN:
            return judged
        said = (one for one in judged.problems if one.file != place("clave"))
        named = (replace(one, message=one.message.replace(f"«{_UNCHOSEN}»", "la cuenta")) for one in said)
        return replace(judged, problems=tuple(named))

    def _no_agency(self, request: Request, bad: set[str]) -> Iterator[Problem]:
        there = ", ".join(sorted(self.ground.declaration.dependencias))
        where = place("dependencia")
        if request.dependencia:
            words = f"No hay una dependencia «{request.dependencia[:60]}»."
            yield Problem(where, 0, "dependencia", words, f"Las que hay: {there}.")
        lacking = missing_problems(request)
        yield from (one for one in lacking if one.file not in bad)

    def _begun(self, request: Request, agency: Dependencia) -> str:
        """Return the key under which this very request was received before; "" where it was not, as far as is known.

        The record holds no names: those of what waits for its oficio are here, and the others' on their branches.
        """
        for there in same_person(request, self.ground.declaration):
            if is_done(replace(request, clave=there.account.key), self.ground.declaration):
                return there.account.key
        for name, draft in self.drafts.all():
            order = self.orders.get(name)
            if order and order.is_open and order.oficio is None and _is_same_alta(draft, request, agency):
                return order.key
        for one in self.orders.values():
            mine = one.oficio and request.oficio and is_alta_of(one, agency, request.oficio)
            if mine and self._names_on_branch(one) == _names_of(request):
                return one.key
        return ""

    def _names_on_branch(self, order: Order) -> tuple[str, str] | None:
        """Return whose alta an order's branch proposes; None where this clone has no such branch."""
        if not order.oficio:
            return None
        topic = self.topic(branch_name(order.dependencia, order.key, order.oficio))
        there = None
        with contextlib.suppress(UsageError):  # somebody's own work on that branch says nothing of the request
            there = topic.found(self.workspace.tip)
        fields = self.entries_at(there.commit).get(("cuentas", order.key)) if there else None
        return None if fields is None else _names(fields.get("nombre", ""), fields.get("apellidos", ""))

    def _as_received(self, request: Request, agency: Dependencia) -> Request:
        """Return a request with its oficio as it was received the first time, which another account's may have been.

        A letter that asks for five accounts is one: spelled and dated alike on every branch, or they do not merge.
        """
        if not request.oficio or oficio_of(request, agency):
            return request
        wanted = normalized_oficio(request.oficio)
        mine = (one for one in self.orders.values() if one.is_open and one.dependencia == agency.siglas)
        same = [one for one in mine if normalized_oficio(one.oficio or "") == wanted]
        if not same:
            return request
        first = next((one for one in same if one.key == request.clave), same[0])
        day = (first.oficio_on or first.received).isoformat()
        return replace(request, oficio=first.oficio or request.oficio, recibido=request.recibido or day)

    def namesakes(self, case: Case) -> str:
        """Say, in Spanish, whose accounts have the names of an alta already; "" where nobody's do."""
        found = [
            f"{one.account.key} ({one.account.dependencia}{', de baja' if one.baja else ''})"
            for one in same_person(case.request, self.ground.declaration)
        ]
        return ", ".join(found)

    def unread(self, case: Case) -> tuple[Order, ...]:
        """Return the orders that may be a request's own, received on another machine: nothing here says for whom.

        The record has no names; a key that the request's own names give, in the same agency, and an oficio that
        is the same or still to come, are all there is to tell by.
        """
        request, agency = case.request, case.agency
        if agency is None or request.movimiento is not Movimiento.ALTA:
            return ()
        usual = {one.key for one in self._namings(request, agency, lambda _: False)}
        drafts = {name for name, _ in self.drafts.all()}
        return tuple(
            one
            for one in self.orders.values()
            if one.key in usual
            and one.key not in self.ground.declaration.accounts
            and is_alta_of(one, agency, request.oficio)
            and one.id not in drafts
            and self._names_on_branch(one) is None
        )

    def naming_of(self, request: Request, agency: Dependencia) -> Naming:
        """Return what there is to say of the key that was chosen, proposed or not."""
        mine = frozenset({request.clave})

        def is_taken(name: str) -> bool:
            return name not in mine and self.is_taken(name)

        proposed = self.namings(request, agency)
        return next((one for one in proposed if one.key == request.clave), named(request.clave, is_taken))

    def _advised(self, found: Iterable[Problem], request: Request, agency: Dependencia) -> Iterator[Problem]:
        """Yield problems with a logon name to take where the key's own does not serve, and what a key turned into."""
        if request.movimiento is Movimiento.BAJA or not request.clave:
            yield from found
            return
        naming = self.naming_of(request, agency)
        for one in found:
            of_logon = one.code in {"usuario-recortado", "usuario-repetido"} and naming.better_logon
            remedy = f"Si prefiere otro: --usuario-ad {naming.better_logon}." if of_logon else one.remedy
            yield replace(one, remedy=remedy)
        if naming.unfortunate:
            words = f"En «{naming.key}» se lee «{naming.unfortunate}»."
            yield Problem(place("clave"), 0, "palabra", words, "Si conviene otra, elíjala.", blocks=False)
        if is_strange(request):
            yield Problem(
                place("clave"), 0, "otro-nombre",
                f"«{request.clave}» no se parece a «{request.nombre} {request.apellidos}».",
                "Compruebe que esa clave sea la de esta persona: no se cambia después.", blocks=False,
            )  # fmt: skip

    def topic(self, name: str) -> TopicBranch:
        """Return a branch to propose on."""
        return self.workspace.repository.topic(name, self.workspace.repository.main_remote())

    def entries_at(self, commit: str) -> Said:
        """Return every entry that a commit declares."""
        return said(one for one in self.workspace.repository.tree(commit) if one.path != CONFIG)


def branch_name(siglas: str, key: str, oficio: str) -> str:
    """Return the branch of a request, `solicitud/saf-juan.perez-saf-da-0123-2026`."""
    number = "-".join(filter(None, map(folded, normalized_oficio(oficio).split("/"))))
    return f"solicitud/{siglas.lower()}-{key}-{number}"


@contextlib.contextmanager
def reception(repo: Path) -> Iterator[Reception]:
    """Open the repository at its published main line, and the record, both as they are on the remote now.

    Raises:
        UsageError: this clone has no published main line.
        RecordError: the record cannot be read, or the remote does not answer.

    """
    with opened(repo) as here:
        remote = here.repository.main_remote()
        if remote:  # an old main line would hide who is there by now, and end in a conflict
            here.repository.fetch(remote, here.repository.main_branch(), "solicitud/*")
        main = here.published
        if main is None:
            raise UsageError(
                "Este clon no tiene la rama principal publicada.", remedy="Tráigala con «git fetch», y repita."
            )
        with opened(repo, at=main) as workspace, workspace.record() as record:
            record.refresh()
            yield Reception(workspace, record)


def _unsaid(problems: Iterable[Problem], said: Iterable[Problem]) -> list[Problem]:
    """Return the problems of boxes of which nothing is said yet; nor that something lacks which is known to lack."""
    places = {one.file for one in said}
    known = set(said)

    def is_told(problem: Problem) -> bool:
        lacking = _LACKING.search(problem.message)
        return (
            problem.file in places
            or problem in known
            or (lacking is not None and place(BOX_OF.get(lacking[1], lacking[1])) in places)
        )

    return [one for one in problems if not is_told(one)]


def _faulty(problems: Iterable[Problem]) -> frozenset[str]:
    """Return the boxes of the entry's own fields that hold something wrong."""
    places = {one.file for one in problems if one.blocks}
    return frozenset(box for box in LABELS if place(box) in places) - _HOLDING


def _is_same_alta(draft: Request, request: Request, agency: Dependencia) -> bool:
    of_it = draft.movimiento is Movimiento.ALTA and draft.dependencia == agency.siglas
    return of_it and _names_of(draft) == _names_of(request)


def _names_of(request: Request) -> tuple[str, str]:
    return _names(request.nombre, request.apellidos)


def _names(given: str, surnames: str) -> tuple[str, str]:
    return folded(given), folded(surnames)


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Put problems in the form's order, those of no box last."""
    boxes = [place(name) for name in Request.__slots__]
    return tuple(
        sorted(dict.fromkeys(problems), key=lambda one: boxes.index(one.file) if one.file in boxes else len(boxes))
    )


def said(files: Iterable[TreeFile]) -> Said:
    """Return every entry of some files; oficios of two agencies that have one number are told apart by their file."""
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for file in files:
        with contextlib.suppress(ValueError):
            for (section, key), fields in declaration.entries(file.data or b"").items():
                found[section, key if section == "cuentas" else f"{file.path}:{key}"] = fields
    return found

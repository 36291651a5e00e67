"""The guards: why a plan as a whole must not run, each with what to do about it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.config import Excepcion, Limite, Limites
from reconciler.model import AccountKey, Declaration, Reading, Siglas, Status, person_signature
from reconciler.plan import Change, Create, Disable, Kind, Plan, change_id, kind_of, takes_logon

EXCEPTION_REMEDY = (
    "Si es lo que se quiere, proponga en un pull request una entrada de «excepciones:» en cuentas.yaml "
    "con la huella de este plan, el motivo y el oficio; sirve una sola vez y solo para este plan."
)


_WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A guard's no. `excusable` ones yield to an exception under review; the others never do."""

    guard: str
    message: str
    remedy: str
    dependencia: Siglas | None = None
    excusable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What guards ask of the record.

    `last_count` is how many accounts of ours the last good run left in the target, None before the first.
    `recent` are the accounts on which each kind of movement was made lately, in whatever dependencia.
    """

    last_count: int | None = None
    recent: Mapping[str, frozenset[AccountKey]] = field(default_factory=dict)


def refusals(
    plan: Plan,
    declaration: Declaration,
    reading: Reading,
    limits: Limites,
    past: Past,
    whole: Sequence[Change] | None = None,
) -> tuple[Refusal, ...]:
    """Return every reason why a plan must not run, exceptions not considered.

    `whole` is everything that there is to do, where the plan was narrowed to a part: a rename written as
    baja and alta must not slip through in two halves, nor a mass change in slices.
    """
    everything = whole or plan.changes
    return (
        *_reading(reading, limits, past.last_count),
        *_limits_in_all(plan, everything, reading, limits, past.recent),
        *_limits_per_agency(plan, reading, limits),
        *_emptied(plan, reading),
        *_renames(plan, everything, declaration),
    )


def excused(plan: Plan, exceptions: tuple[Excepcion, ...], spent: Mapping[str, frozenset[str]]) -> Excepcion | None:
    """Return the exception that lets this plan through, if there is one that is not spent.

    What is left of a plan whose run was interrupted still falls under the exception that the run used.
    """
    wanted = {change_id(change) for change in plan.changes}
    for exception in exceptions:
        if exception.plan not in spent:
            if exception.plan == plan.digest:
                return exception
        elif wanted and wanted <= spent[exception.plan]:
            return exception
    return None


# --- a bad reading taken for absence (lessons.md, A) ------------------------------------------------------


def _reading(reading: Reading, limits: Limites, last_count: int | None) -> Iterator[Refusal]:
    there = len(reading.accounts)
    if not reading.canary_seen:
        yield Refusal(
            guard="canario",
            message=f"La lectura de {reading.server} no muestra la cuenta canario.",
            remedy="La cuenta de servicio perdió permiso de lectura, o el canario no existe: revise ambos.",
        )
    if last_count and there < last_count * limits.lectura_minima / 100:
        yield Refusal(
            guard="lectura-encogida",
            message=f"La lectura trae {there} cuentas y la última corrida buena dejó {last_count}.",
            remedy="Se toma por una mala lectura: revise permisos y servidor. Si el directorio de verdad "
            "perdió cuentas, restáurelo antes de aplicar.",
        )


# --- too much at once (B, C) ------------------------------------------------------------------------------


def _limits_in_all(
    plan: Plan,
    whole: Sequence[Change],
    reading: Reading,
    limits: Limites,
    recent: Mapping[str, frozenset[AccountKey]],
) -> Iterator[Refusal]:
    """Judge everything that there is to do of each kind that the plan has, and what was made lately with it."""
    size = sum(_active_by_agency(reading).values())
    keys: defaultdict[Kind, set[AccountKey]] = defaultdict(set)
    for one in whole:
        keys[kind_of(one)].add(one.key)
    for kind in sorted({kind_of(one) for one in plan.changes}):
        limit, made = limits.total[kind], recent.get(kind, frozenset())
        reason = _exceeds(len(keys[kind]), limit, size)
        if reason:
            yield _too_many(f"{len(keys[kind])} {kind} en total", reason, None)
        elif (count := len(keys[kind] | made)) > limit.maximo:
            lately = f"con lo aplicado en las últimas {limits.ventana_horas} horas"
            yield _too_many(f"{count} {kind} en total, {lately}", f"el máximo es {limit.maximo}", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How much of a limit a plan uses: of an agency, or (None) of all of them with what was made lately."""

    kind: Kind
    count: int
    allowed: int
    dependencia: Siglas | None = None

    @property
    def fits(self) -> bool:
        """Whether the limit lets it through."""
        return self.count <= self.allowed


def uses(plan: Plan, reading: Reading, limits: Limites, past: Past) -> tuple[Use, ...]:
    """Return how much of each limit a plan uses, agency by agency and then in all; what `refusals` judges."""
    sizes = _active_by_agency(reading)
    found = [
        Use(
            kind=kind,
            count=count,
            allowed=allowed(limits.dependencia[kind], sizes[siglas.casefold()]),
            dependencia=siglas,
        )
        for siglas, counts in sorted(_per_agency(plan).items())
        for kind, count in sorted(counts.items())
    ]
    for kind in sorted({kind_of(one) for one in plan.changes}):
        keys = {one.key for one in plan.changes if kind_of(one) is kind} | past.recent.get(kind, frozenset())
        found.append(Use(kind=kind, count=len(keys), allowed=allowed(limits.total[kind], sum(sizes.values()))))
    return tuple(found)


def _per_agency(plan: Plan) -> Mapping[Siglas, Counter[Kind]]:
    """Count accounts by agency and kind of movement."""
    per_agency: defaultdict[Siglas, Counter[Kind]] = defaultdict(Counter)
    for _, siglas, kind in sorted({(one.key, one.dependencia, kind_of(one)) for one in plan.changes}):
        per_agency[siglas][kind] += 1
    return per_agency


def _limits_per_agency(plan: Plan, reading: Reading, limits: Limites) -> Iterator[Refusal]:
    sizes = _active_by_agency(reading)
    for siglas, counts in sorted(_per_agency(plan).items()):
        for kind, count in sorted(counts.items()):
            reason = _exceeds(count, limits.dependencia[kind], sizes[siglas.casefold()])
            if reason:
                yield _too_many(f"{count} {kind} en {siglas}", reason, siglas)


def _active_by_agency(reading: Reading) -> Counter[str]:
    """Count accounts in service by siglas, folded: a change of case makes no other agency."""
    return Counter(
        account.dependencia.casefold() for account in reading.state.values() if account.status is Status.ACTIVE
    )


def _exceeds(count: int, limit: Limite, size: int) -> str | None:
    if count > limit.maximo:
        return f"el máximo es {limit.maximo}"
    relative = limit.porcentaje < _WHOLE and size and count > limit.libres
    if relative and count * _WHOLE > limit.porcentaje * size:
        return f"es más del {limit.porcentaje:g} % de {size} cuentas en servicio"
    return None


def allowed(limit: Limite, size: int) -> int:
    """Return how many movements a limit lets through where there are `size` accounts in service."""
    if limit.porcentaje >= _WHOLE or not size:
        return limit.maximo
    return min(limit.maximo, max(limit.libres, int(limit.porcentaje * size // _WHOLE)))


def _too_many(what: str, reason: str, siglas: Siglas | None) -> Refusal:
    return Refusal(
        guard="limite",
        message=f"{what}: {reason}.",
        remedy=EXCEPTION_REMEDY,
        dependencia=siglas,
        excusable=True,
    )


def _emptied(plan: Plan, reading: Reading) -> Iterator[Refusal]:
    state = reading.state
    leaving = Counter(  # where they are: whoever leaves on the way to another agency is not of that one yet
        state[one.key].dependencia
        for one in plan.changes
        if takes_logon(one) and one.key in state and state[one.key].status is Status.ACTIVE
    )
    sizes = _active_by_agency(reading)
    for siglas, count in sorted(leaving.items()):
        size = sizes[siglas.casefold()]
        if count >= size > 1:
            yield Refusal(
                guard="dependencia-vacia",
                message=f"El plan da de baja las {size} cuentas en servicio de {siglas}.",
                remedy=EXCEPTION_REMEDY,
                dependencia=siglas,
                excusable=True,
            )


# --- a rename written as baja and alta (D) ----------------------------------------------------------------


def _renames(plan: Plan, whole: Sequence[Change], declaration: Declaration) -> Iterator[Refusal]:
    leaving = _by_person(whole, declaration, Disable)
    arriving = _by_person(whole, declaration, Create)
    planned = {change.key for change in plan.changes}
    for person in sorted(leaving.keys() & arriving.keys()):
        gone, new = leaving[person][0], arriving[person][0]
        if planned.isdisjoint(one.key for one in (*leaving[person], *arriving[person])):
            continue
        yield Refusal(
            guard="renombre",
            message=f"La baja de «{gone.key}» y el alta de «{new.key}» parecen de la misma persona.",
            remedy="Si cambia de nombre, ponga «renombra:» en la nueva entrada; si cambia de dependencia, "
            "mueva la entrada con la misma clave: así conserva su buzón. " + EXCEPTION_REMEDY,
            dependencia=new.dependencia,
            excusable=True,
        )


def _by_person(
    changes: Sequence[Change], declaration: Declaration, verb: type[Disable | Create]
) -> dict[str, list[Change]]:
    people: dict[str, list[Change]] = {}
    for change in changes:
        if isinstance(change, verb):
            person = _person(change.key, declaration)
            if person:
                people.setdefault(person, []).append(change)
    return people


def _person(key: AccountKey, declaration: Declaration) -> str | None:
    declared = declaration.accounts.get(key)
    return person_signature(declared.account) if declared else None

"""Propose: desired state, real state and record in; plan, evidence and refusals out. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from reconciler.approval import Approval
from reconciler.config import Excepcion
from reconciler.diff import Memory, Policy, diff, former_keys
from reconciler.engine.desired import Desired
from reconciler.engine.ports import Target
from reconciler.events import JSON, Event, Standing, standing
from reconciler.model import AccountKey, Declared, Handle, Reading, Siglas
from reconciler.orders import Order, orders
from reconciler.plan import Before, Change, Disable, Finding, Plan, change_id
from reconciler.review import Unapproved
from reconciler.safety import Past, Refusal, excused, refusals
from reconciler.testimony import unrecorded
from reconciler.trail import formerly


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A change that has its evidence and is not made, because nobody was shown it before approving or applying.

    `shown` means that it was, and waits for another step of its account. `pull_request` is the number of the one
    that it was merged by, where that is among those whose plans were asked for.
    """

    approval: Approval
    shown: bool = False
    pull_request: int | None = None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A plan with everything needed to judge it; approvals, faults and what is withheld go by `change_id`.

    `events` is the record that it was made with.
    """

    plan: Plan
    desired: Desired
    reading: Reading
    standing: Standing
    approvals: Mapping[str, Approval]
    unapproved: Mapping[str, Unapproved]
    refusals: tuple[Refusal, ...]
    exception: Excepcion | None
    only: frozenset[Siglas]
    events: Sequence[Event] = ()
    withheld: Mapping[str, Withheld] = field(default_factory=dict)

    @cached_property
    def orders(self) -> Mapping[str, Order]:
        """The target's work orders, as the record tells them."""
        return orders(self.events, self.plan.before.target)

    @property
    def zone(self) -> ZoneInfo:
        """The institution's time zone."""
        return ZoneInfo(self.desired.config.organizacion.zona_horaria)

    @cached_property
    def unrecorded(self) -> tuple[Mapping[str, JSON], ...]:
        """What the record lacks of merges: those that the approved changes and the configuration rest on.

        And those that changed nothing in the target, where the forge has to say who reviewed them.
        """
        approver = self.desired.approver
        if approver.regime.is_lax:
            return ()
        resting = [
            (evidence, agencies, change.oficio)
            for change in self.approved
            for evidence, agencies in self.approvals[change_id(change)].behind
        ]
        resting += [(evidence, agencies, "") for evidence, agencies in (*approver.foundation(), *approver.reviewed())]
        return tuple(unrecorded(resting, approver.regime))

    @cached_property
    def memory(self) -> Memory:
        """What the diff was made with, and what reading back is judged by."""
        return memory_of(self.standing, self.desired)

    def covers(self, key: AccountKey) -> bool:
        """Whether an account is within the dependencias that this proposal was narrowed to."""
        declared = self.desired.declaration.accounts.get(key)
        return not self.only or (declared is not None and declared.account.dependencia in self.only)

    @property
    def approved(self) -> tuple[Change, ...]:
        """The changes that have their evidence and are not withheld, in order."""
        return tuple(change for change in self.plan.changes if change_id(change) in self.approvals)

    @cached_property
    def held_bajas(self) -> tuple[AccountKey, ...]:
        """The accounts that a finding keeps from being given baja, and that can still log on."""
        going = {change.key for change in self.plan.changes if isinstance(change, Disable)}
        held = dict.fromkeys(one.key for one in self.plan.findings if one.holds and one.key)
        accounts = self.desired.declaration.accounts
        return tuple(
            key
            for key in held
            if key not in going and key in accounts and accounts[key].baja and self._can_log_on(accounts[key])
        )

    def present(self, key: AccountKey) -> Handle | None:
        """Return the handle of an account that is there, under its key or a former one."""
        names = (key, *former_keys(self.desired.declaration.accounts[key], self.memory))
        return next((self.reading.accounts[name].handle for name in names if name in self.reading.accounts), None)

    def _can_log_on(self, declared: Declared) -> bool:
        """Whether an object that is, or may be, the account lets somebody log on; nobody reads doubled marks."""
        names = (declared.account.key, *former_keys(declared, self.memory))
        there = [self.reading.accounts[name].account for name in names if name in self.reading.accounts]
        if declared.adopt and not there:
            wanted = declared.account
            there = [
                one.account
                for one in self.reading.others
                if one.account
                and (one.account.logon.casefold() == wanted.logon.casefold() or wanted.address in one.addresses)
            ]
        return any(name in self.reading.claims for name in names) or any(one.logon_enabled for one in there)


def memory_of(standing: Standing, desired: Desired) -> Memory:
    """Return what a diff needs to remember: from a standing, and former keys from the history."""
    return Memory(
        retired_on=standing.retired_on,
        present_for=standing.present_for,
        identity=standing.identity,
        unwritten=standing.last_commit is None and standing.last_count is None,
        begun=frozenset(one.key for one in standing.open_attempts if one.verb in {"create", "adopt"}),
        taken_off=standing.taken_off,
        formerly=formerly(desired.trail, desired.declaration),
    )


def policy_of(desired: Desired) -> Policy:
    """Return the part of the configuration that a diff needs."""
    return Policy(
        retention_days=desired.config.retencion.buzon_dias,
        answers_for_leavers=desired.config.baja.respuesta_automatica is not None,
        protected=frozenset(AccountKey(key) for key in desired.config.protegidas),
    )


def propose(  # noqa: PLR0913 -- what there is to know, by name
    desired: Desired,
    target: Target,
    events: Sequence[Event],
    *,
    name: str,
    today: date,
    only: frozenset[Siglas] = frozenset(),
    now: datetime | None = None,
) -> Proposal:
    """Read the target named `name` and propose what would take it to the desired state.

    `only` narrows the plan to some dependencias; guards then judge what is left, and limits in all everything.
    These count what was applied within a window that ends `now`; without it, one that ends when `today` begins,
    and whatever was applied since.

    Raises:
        TargetError: the target could not be read completely.

    """
    reading = target.read()
    zone = ZoneInfo(desired.config.organizacion.zona_horaria)
    window = timedelta(hours=desired.config.limites.ventana_horas)
    known = standing(events, name, zone, (now or datetime.combine(today, time.min, zone)) - window)
    changes, findings = diff(desired.declaration, reading, memory_of(known, desired), policy_of(desired), today)
    whole = changes
    if only:
        changes = tuple(one for one in changes if one.dependencia in only)
        findings = tuple(one for one in findings if one.dependencia is None or one.dependencia in only)
    before = Before(
        commit=desired.commit,
        target=name,
        server=reading.server,
        declared=len(desired.declaration.accounts),
        observed=len(reading.accounts),
        reads_mailboxes=reading.reads_mailboxes,
    )
    plan = Plan(before=before, changes=changes, findings=(*_history_findings(desired), *findings))
    return replace(_judged(plan, desired, reading, known, only, whole), events=events)


def _judged(
    plan: Plan,
    desired: Desired,
    reading: Reading,
    known: Standing,
    only: frozenset[Siglas],
    whole: Sequence[Change],
) -> Proposal:
    verdicts = told_apart(plan.changes, desired)
    limits = desired.config.limites
    past = Past(last_count=known.last_count, recent=known.recent)
    found = refusals(plan, desired.declaration, reading, limits, past, whole)
    approved = {name for name, one in verdicts.items() if isinstance(one, Approval)}
    exception = None
    if any(refusal.excusable for refusal in found):
        exception = excused(plan, desired.config.excepciones, known.spent)
    if exception or (approved and approved <= known.owed):  # what is left of a run that passed as a whole
        found = tuple(one for one in found if not one.excusable)
    return Proposal(
        plan=plan,
        desired=desired,
        reading=reading,
        standing=known,
        approvals={name: one for name, one in verdicts.items() if isinstance(one, Approval)},
        unapproved={name: one for name, one in verdicts.items() if isinstance(one, Unapproved)},
        refusals=(*repository_refusals(desired, known), *_of_everything(plan), *found),
        exception=exception,
        only=only,
    )


def told_apart(changes: Sequence[Change], desired: Desired) -> Mapping[str, Approval | Unapproved]:
    """Judge changes, telling what is not merged yet, or not even a commit, from what went around review."""
    verdicts = dict(desired.approver.judge(changes))
    for change in changes:
        name = change_id(change)
        verdict = verdicts[name]
        if change.key in desired.edited:
            verdicts[name] = Unapproved(commit="", reason="está en la copia de trabajo, sin commit")
        elif isinstance(verdict, Unapproved) and verdict.commit in desired.unmerged:
            verdicts[name] = Unapproved(commit=verdict.commit, reason="todavía no se fusiona a la rama principal")
    return verdicts


def _history_findings(desired: Desired) -> Iterator[Finding]:
    for change in desired.trail.around_review:
        if change.commit not in desired.approver.baseline | desired.unmerged:
            yield Finding(
                code="empujado-sin-fusion",
                message=f"El commit {change.commit[:10]} ({change.author}) llegó a la rama principal "
                f"sin pasar por un pull request.",
                remedy="Lo que trajo no se aplica. Reviértalo y propóngalo en un pull request, fusionado "
                "con «merge commit» (no squash ni rebase).",
            )


def repository_refusals(desired: Desired, known: Standing) -> Iterator[Refusal]:
    """Refuse what is not the published main line with all of its history, or not approved as a configuration."""
    if desired.shallow:
        yield Refusal(
            guard="clon-superficial",
            message="El repositorio es un clon superficial: le falta historia para probar aprobaciones.",
            remedy="Complételo con «git fetch --unshallow» (en CI: fetch-depth: 0).",
        )
        return
    if desired.commit and not desired.on_main_line:
        yield Refusal(
            guard="fuera-de-la-rama",
            message=f"El commit {desired.commit[:10]} no está en la línea de la rama principal publicada.",
            remedy="Solo se aplica lo fusionado: quite «--at», o actualice este clon con «git pull».",
        )
    if known.last_commit and known.last_commit not in desired.trail.position:
        yield Refusal(
            guard="historia-reescrita",
            message=f"La última corrida aplicó el commit {known.last_commit[:10]}, que no está detrás de "
            f"{desired.commit[:10] or 'este'}: es un commit anterior, o alguien reescribió la historia.",
            remedy="Actualice el clon («git pull») y quite «--at». Si no es eso, restituya la rama desde "
            "otro clon y no aplique hasta entenderlo.",
        )
    fault = desired.approver.config_fault()
    if fault:
        yield Refusal(
            guard="configuracion-sin-aprobar",
            message=f"La configuración de cuentas.yaml no está aprobada; commit {fault.commit[:10]}: {fault.reason}.",
            remedy="Revise la configuración y, si es buena, fusione un pull request que ponga "
            "«aprobacion.linea_base» en un commit posterior a ese.",
        )


def _of_everything(plan: Plan) -> Iterator[Refusal]:
    """Refuse what a finding holds that names no account: it is about all of them."""
    for one in plan.findings:
        if one.holds and one.key is None:
            yield Refusal(guard=one.code, message=one.message, remedy=one.remedy)

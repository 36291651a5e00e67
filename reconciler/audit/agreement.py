"""Git, bitácora and directory, account by account: what none of them is waiting for and yet disagrees. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from reconciler.audit.findings import Code, Finding
from reconciler.events import Event, EventKind, Standing
from reconciler.model import AccountKey, Declaration, Reading
from reconciler.plan import Change, Disable, DisconnectMailbox, Plan, Result, Update, UpdateMailbox, change_id
from reconciler.plan import Finding as Doubt
from reconciler.trail import SETTINGS, EntryId, Trail, formerly

_SAID: Mapping[str, Code | None] = {
    "marca-duplicada": Code.ACUERDO_MARCA_DUPLICADA,
    "otro-objeto": Code.ACUERDO_OTRO_OBJETO,
    "marca-desconocida": Code.ACUERDO_SIN_REGISTRO,
    "bitacora-perdida": Code.ACUERDO_BITACORA_PERDIDA,
    "desaparecida": Code.ACUERDO_NO_ESTA,
    "no-declarada": Code.ACUERDO_NO_DECLARADA,
    "deshabilitada-por-fuera": Code.ACUERDO_DERIVA,
    "empujado-sin-fusion": None,  # the line's own findings tell it
}
"""What a plan's findings are to an audit; others hold an account, or only ask for attention."""


@dataclass(frozen=True, kw_only=True)
class Three:
    """What the three say of one target. `unapproved` are the changes that no merge approves, which is said apart.

    `words` says what a change does. `reading` and `plan` are those of one and the same look.
    """

    trail: Trail
    declaration: Declaration
    standing: Standing
    events: Sequence[Event]
    target: str
    plan: Plan
    reading: Reading
    unapproved: frozenset[str]
    words: Callable[[Change], str]

    @cached_property
    def former(self) -> Mapping[AccountKey, tuple[AccountKey, ...]]:
        """The keys that today's accounts had before."""
        return formerly(self.trail, self.declaration)

    @cached_property
    def applied_to(self) -> Mapping[AccountKey, int]:
        """The place in the line up to which each account was last carried out."""
        runs: dict[str, int] = {}
        found: dict[AccountKey, int] = {}
        for event in self.events:
            match event.kind:
                case EventKind.RUN_STARTED if event.data.get("destino") == self.target:
                    runs[event.run] = self.trail.position.get(str(event.data.get("commit")), -1)
                case EventKind.OUTCOME | EventKind.RECONCILED if event.run in runs and event.key:
                    if event.data.get("estado") == Result.APPLIED:
                        run = str(event.data.get("de", event.run))
                        found[event.key] = max(runs.get(run, -1), found.get(event.key, -1))
                case _:
                    pass
        return found

    @cached_property
    def last(self) -> int:
        """The place in the line of the last commit that anything was applied of."""
        return self.trail.position.get(self.standing.last_commit or "", -1)

    def names(self, key: AccountKey) -> tuple[AccountKey, ...]:
        """Return an account's key and those that it had."""
        return (key, *self.former.get(key, ()))

    def done_up_to(self, key: AccountKey) -> int:
        """Return the place up to which an account was carried out, under whatever key; -1 for never."""
        return max(self.applied_to.get(name, -1) for name in self.names(key))

    def changed_at(self, key: AccountKey) -> int:
        """Return the place of the last commit that changed an account's entry or its dependencia's headers."""
        entries: list[EntryId] = [("", "cuentas", key)]
        declared = self.declaration.accounts.get(key)
        if declared:
            entries += [(declared.account.dependencia, "", name) for name in ("dependencia", "siglas", "dominio")]
        return max(
            (
                self.trail.position[origin.commit]
                for entry in entries
                for fields in self.trail.origins.get(entry, ())
                for origin in fields.values()
            ),
            default=-1,
        )

    @cached_property
    def configured_at(self) -> int:
        """The place of the last commit that changed cuentas.yaml."""
        return max(
            (
                self.trail.position[origin.commit]
                for entry, held in self.trail.origins.items()
                if entry[1] == SETTINGS
                for fields in held
                for origin in fields.values()
            ),
            default=-1,
        )

    def is_owed(self, change: Change) -> bool:
        """Whether the last run set out to make a change and still owes it, or nobody knows how it ended."""
        name = change_id(change)
        return name in self.standing.owed or any(one.change == name for one in self.standing.open_attempts)


def agreement_findings(three: Three) -> Iterator[Finding]:
    """Yield what the directory has otherwise than Git and the record, and no merge since is waiting to change."""
    told = set()
    for doubt in three.plan.findings:
        finding = _doubt(doubt, three)
        if finding:
            told.add(finding.key)
            yield finding
    for finding in (*_pending(three), *_missing(three)):
        if finding.key not in told:
            yield finding


def _doubt(doubt: Doubt, three: Three) -> Finding | None:
    """Return what a plan's finding is to an audit; None for what is told elsewhere or waits its turn."""
    code = _SAID.get(doubt.code, Code.ACUERDO_RETENIDA if doubt.holds else Code.ACUERDO_POR_ATENDER)
    waits = doubt.key is not None and three.changed_at(doubt.key) > three.last
    if code is None or (code is Code.ACUERDO_RETENIDA and waits):
        return None
    return _finding(code, three, doubt.key, doubt.message, doubt.remedy)


def _pending(three: Three) -> Iterator[Finding]:
    for key, group in groupby(sorted(three.plan.changes, key=lambda one: one.key), key=lambda one: one.key):
        changes = [one for one in group if change_id(one) not in three.unapproved and not three.is_owed(one)]
        found = _overdue(key, [one for one in changes if not _by_date(one)], three)
        if found:
            yield found


def _overdue(key: AccountKey, changes: Sequence[Change], three: Three) -> Finding | None:
    """Return what is wrong where a plan would change an account; None where a merge since asks for it."""
    asked = three.changed_at(key)
    if not changes or asked > three.last:
        return None
    if any(isinstance(one, Disable) for one in changes):
        text = f"«{key}» está de baja en Git, y en el directorio todavía se puede iniciar sesión con ella."
        return _finding(Code.ACUERDO_EN_SERVICIO, three, key, text)
    done = three.done_up_to(key)
    words = "; ".join(three.words(one) for one in changes)
    if asked > done:
        text = f"Lo de «{key}» se fusionó antes de la última corrida, y no se ha aplicado ({words})."
        return _finding(Code.ACUERDO_SIN_APLICAR, three, key, text)
    if three.configured_at > done and all(isinstance(one, Update | UpdateMailbox) for one in changes):
        return None
    text = f"«{key}» se aplicó y ahora difiere, sin que nada esté pendiente ({words})."
    return _finding(Code.ACUERDO_DERIVA, three, key, text)


def _by_date(change: Change) -> bool:
    """Whether time alone asks for a change: a retention, or a hold, that is over."""
    held = isinstance(change, UpdateMailbox) and {one.name for one in change.fields} == {"held"}
    return held or isinstance(change, DisconnectMailbox)


def _missing(three: Three) -> Iterator[Finding]:
    """Yield what is on record and not in the directory: objects stay there, after a baja too."""
    there = {*three.reading.accounts, *three.reading.claims}
    for key in three.declaration.accounts:
        names = three.names(key)
        if there.isdisjoint(names) and any(name in three.standing.identity for name in names):
            text = f"«{key}» consta como creada o adoptada, y ya no está en el directorio."
            yield _finding(Code.ACUERDO_NO_ESTA, three, key, text)


def never_declared(standing: Standing, trail: Trail, target: str) -> Iterator[Finding]:
    """Yield the accounts that are on record as made, and that no commit of the main line ever declared."""
    for key in sorted(standing.identity.keys() - trail.movements.keys()):
        text = f"«{key}» consta como creada o adoptada, y ningún commit de la rama principal la declaró nunca."
        yield Finding(code=Code.ACUERDO_NUNCA_DECLARADA, where=f"destino {target}", message=text, key=key)


def _finding(code: Code, three: Three, key: AccountKey | None, message: str, advice: str | None = None) -> Finding:
    declared = three.declaration.accounts.get(key) if key else None
    place = next(_places(key, three), None) if key else None
    return Finding(
        code=code,
        where=place or f"destino {three.target}",
        message=message,
        key=key,
        oficio=declared.oficio if declared else None,
        advice=advice,
    )


def _places(key: AccountKey, three: Three) -> Iterator[str]:
    return (three.reading.accounts[name].handle.place for name in three.names(key) if name in three.reading.accounts)

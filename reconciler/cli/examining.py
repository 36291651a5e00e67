"""What an audit looks at, gathered once: Git, bitácora, anchors and directory, and everything found in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from reconciler import bitacora
from reconciler.audit.agreement import Three, agreement_findings, never_declared
from reconciler.audit.anchors import Anchored, Ground, anchor_findings
from reconciler.audit.approvals import approval_findings
from reconciler.audit.findings import Code, Finding, ordered
from reconciler.audit.line import date_findings, line_findings, record_date_findings
from reconciler.audit.oficios import oficio_findings
from reconciler.audit.record import Line, record_findings
from reconciler.bitacora import Link
from reconciler.cli.planning import proposed, recorded
from reconciler.cli.workspace import Workspace, now
from reconciler.config import Aprobacion
from reconciler.engine.propose import Proposal
from reconciler.engine.witness import keyring
from reconciler.errors import CuentasError, DeclarationError, RecordError, UsageError
from reconciler.events import Event, Standing, standing
from reconciler.report.words import VERB_WORDS, detail
from reconciler.signature import Keyring


@dataclass
class Examination:
    """One audit of a workspace. Nothing is changed, but for what this clone remembers of the remote's anchors.

    `target` is the one asked for, None for that of cuentas.yaml; without `reads` nothing is asked of it, and
    without `online` nothing of the remote. `head` is a digest that a paper has.
    """

    workspace: Workspace
    target: str | None
    reads: bool
    online: bool
    head: str | None = None

    def __post_init__(self) -> None:
        self.at: datetime = now()
        self.proposal: Proposal | None = None
        self.unread: CuentasError | None = None

    @cached_property
    def chain(self) -> bitacora.Audit:
        """The record, as the last fetch left it."""
        return bitacora.audit_chain(self.workspace.branch, self.workspace.record_folder)

    @cached_property
    def events(self) -> Sequence[Event]:
        """The record's events: verified and with what waits on this machine, or as far as they can be read."""
        if self.chain.findings:
            return [one.entry.event for one in self.chain.links]
        return recorded(self.workspace)

    @cached_property
    def line(self) -> Line:
        """The main line up to the commit that is audited, and what the published one has beyond it."""
        repository, tip, published = self.workspace.repository, self.workspace.tip, self.workspace.published
        later: Collection[str] = frozenset()
        if published and published != tip and repository.is_first_parent_ancestor(tip, published):
            later = frozenset(one.commit for one in repository.first_parent(published, tip))
        return Line(self.workspace.desired.trail, later)

    @property
    def baseline(self) -> frozenset[str]:
        """The commits that are accepted without a merge."""
        return self.workspace.desired.approver.baseline

    @cached_property
    def keyring(self) -> Keyring:
        """The keys that anchors may be signed with: those of whoever may approve, as the published main line says."""
        workspace, approving = self.workspace, self.approving
        keys = [key for one in approving.aprueban.values() for key in one.llaves]
        return keyring(workspace.repository, workspace.published or workspace.tip, keys, approving)

    @property
    def approving(self) -> Aprobacion:
        """Who may approve, as the published main line says."""
        return self.workspace.desired.approver.regime.approving

    @cached_property
    def anchored(self) -> Anchored:
        """The anchors there are, here and on the remote."""
        anchors = self.workspace.repository.anchors(self.workspace.branch.remote)
        there = None
        if anchors.remote and self.online:
            try:
                there = anchors.ask()
            except RecordError:
                there = None
        return Anchored(
            local=anchors.local(self.keyring),
            remote=anchors.seen(self.keyring),
            there=there,
            has_remote=anchors.remote is not None and self.online,
        )

    @cached_property
    def ground(self) -> Ground:
        """What anchors are compared with."""
        repository, chain = self.workspace.repository, self.chain
        return Ground(
            digests=[one.digest for one in chain.links],
            in_record=lambda commit: chain.commit is not None and repository.leads_to(commit, chain.commit),
            in_main=lambda commit: commit in self.line.trail.position or commit in self.line.later,
            entitled=self.approving.aprueban,
            local_day=lambda at: at.astimezone(self.workspace.zone).date(),
        )

    @cached_property
    def place(self) -> Link | None:
        """The line that the paper's digest is of, where there is one."""
        return self.chain.line(self.head) if self.head else None

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found, by class."""
        desired, wrong = self.workspace.desired, self.workspace.config.limites.relojes_malos
        trail = desired.trail
        return ordered(
            (
                *self._of_chain(),
                *anchor_findings(self.anchored, self.ground, self.workspace.today),
                *self._of_line(),
                *oficio_findings(trail, self.baseline),
                *approval_findings(desired.approver),
                *record_findings(self.events, self.line),
                *self._of_target(),
                *date_findings(trail, self.baseline, self.at),
                *record_date_findings(self.events, trail, wrong, self.at),
            )
        )

    def _of_chain(self) -> Iterator[Finding]:
        for one in self.chain.findings:
            code = Code(f"cadena/{one.code.replace('_', '-')}")
            yield Finding(code=code, where=one.place, message=str(one))
        if self.head and self.place is None:
            text = f"Ningún renglón tiene la huella {self.head}: no es de esta bitácora, o se reescribió."
            yield Finding(code=Code.CADENA_HUELLA_AJENA, where=f"huella {self.head[:12]}", message=text)

    def _of_line(self) -> Iterator[Finding]:
        workspace = self.workspace
        yield from line_findings(workspace.desired.trail, self.baseline)
        if workspace.desired.shallow:
            text = "El clon es superficial: falta historia para probar aprobaciones."
            yield Finding(code=Code.LINEA_SUPERFICIAL, where="clon", message=text)
        published = workspace.published
        if published and published != workspace.tip:
            text = f"Se auditó el commit {workspace.tip[:10]}; la rama principal publicada va en {published[:10]}."
            yield Finding(code=Code.LINEA_SIN_PUBLICAR, where=workspace.tip[:10], message=text)

    @cached_property
    def known(self) -> Standing:
        """What the record says of the target."""
        return standing(self.events, self.name, self.workspace.zone)

    @property
    def remembered(self) -> int:
        """How many accounts the record has as made or adopted."""
        return len(self.known.identity)

    @cached_property
    def name(self) -> str:
        """The target's name."""
        return self.workspace.target_name(self.target)

    def _of_target(self) -> Iterator[Finding]:
        """Compare with the directory; one that cannot be read is a finding, never silence."""
        yield from never_declared(self.known, self.workspace.desired.trail, self.name)
        if not self.reads:
            return
        try:
            with self.workspace.target(self.target) as (name, there):
                self.proposal = proposed(self.workspace, name, there, None, self.events)
        except (UsageError, DeclarationError):
            raise
        except CuentasError as error:
            self.unread = error
            yield Finding(
                code=Code.ACUERDO_DESTINO,
                where=f"destino {self.name}",
                message=f"El destino «{self.name}» no se pudo leer: {error.message}",
                advice=error.remedy,
            )
            return
        yield from agreement_findings(self._three(self.proposal))

    def _three(self, proposal: Proposal) -> Three:
        return Three(
            trail=proposal.desired.trail,
            declaration=proposal.desired.declaration,
            standing=proposal.standing,
            events=self.events,
            target=self.name,
            plan=proposal.plan,
            reading=proposal.reading,
            unapproved=frozenset(proposal.unapproved),
            words=lambda change: f"{VERB_WORDS[change.verb]}: {detail(change)}",
        )

"""A plan as people read it: the same rows for a terminal and for a pull request's Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from reconciler.approval import Approval
from reconciler.model import Dependencia, Siglas
from reconciler.plan import Change, Plan, change_id
from reconciler.report.inert import in_markdown
from reconciler.report.words import SYMBOLS, VERB_WORDS, counted, detail, person, some
from reconciler.review import Unapproved
from reconciler.safety import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A plan with what is known about it; evidence goes by change id."""

    plan: Plan
    dependencias: Mapping[Siglas, Dependencia]
    approvals: Mapping[str, Approval]
    unapproved: Mapping[str, Unapproved]
    refusals: Sequence[Refusal]
    exception: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One change of one account, in words. `evidence` says who approved it, or why nobody did."""

    symbol: str
    verb: str
    key: str
    detail: str
    oficio: str
    evidence: str
    approved: bool


def rows(view: PlanView) -> Iterator[tuple[Siglas, list[Row]]]:
    """Yield the rows of each dependencia, by siglas; within it in the order in which they will be made."""
    by_agency = sorted(view.plan.changes, key=lambda change: change.dependencia)
    for siglas, changes in groupby(by_agency, key=lambda change: change.dependencia):
        yield siglas, [_row(change, view) for change in changes]


def _row(change: Change, view: PlanView) -> Row:
    name = change_id(change)
    approval = view.approvals.get(name)
    evidence = approval_words(approval) if approval else f"SIN APROBAR; {fault_words(view.unapproved[name])}"
    return Row(
        symbol=SYMBOLS.get(change.verb, "~"),
        verb=VERB_WORDS[change.verb],
        key=change.key,
        detail=detail(change),
        oficio=change.oficio,
        evidence=evidence,
        approved=approval is not None,
    )


def approval_words(approval: Approval) -> str:
    """Say which merge approved something, its pull request where anybody knows it, and who: listed, or who merged."""
    pull = f"#{approval.pull}, " if approval.pull else ""
    return f"{pull}{approval.merge[:10]}, {', '.join(approval.approvers) or person(approval.approver)}"


def fault_words(fault: Unapproved) -> str:
    """Say why nobody approved something, and which commit is at fault where one is."""
    return f"commit {fault.commit[:10]}: {fault.reason}" if fault.commit else fault.reason


def by_agency(view: PlanView) -> Iterator[tuple[Siglas, str]]:
    """Yield how much there is to do in each dependencia, by siglas."""
    by_siglas = sorted(view.plan.changes, key=lambda change: change.dependencia)
    for siglas, changes in groupby(by_siglas, key=lambda change: change.dependencia):
        yield siglas, counted(changes)


def summary(view: PlanView) -> str:
    """Return the one line that says how much a plan would do, and how much of it nobody approved."""
    held = f"; sin aprobar: {some(len(view.unapproved), 'paso')}" if view.unapproved else ""
    return f"Plan: {counted(view.plan.changes)}{held}."


def origin(plan: Plan) -> str:
    """Return the line that says what a plan was computed from."""
    before = plan.before
    declared = "1 cuenta declarada" if before.declared == 1 else f"{before.declared} cuentas declaradas"
    source = f"commit {before.commit[:10]}" if before.commit else "copia de trabajo"
    return f"{declared} ({source}); {before.observed} en el destino «{before.target}» ({before.server})"


def as_markdown(view: PlanView) -> str:
    """Render a plan for a pull request; every value is inert text there."""
    plan = view.plan
    lines = [f"## {in_markdown(summary(view))}", "", f"{in_markdown(origin(plan))}", ""]
    for refusal in view.refusals:
        said = f"[{refusal.guard}] {refusal.message} {refusal.remedy}"
        lines += [f"> **No se aplicaría.** {in_markdown(said)}", ""]
    if view.exception:
        lines += [f"> Con la excepción del oficio {in_markdown(view.exception)}.", ""]
    if plan.findings:
        lines += ["### Por atender", ""]
        lines += [f"- {in_markdown(one.message)} {in_markdown(one.remedy)}" for one in plan.findings]
        lines.append("")
    for siglas, group in rows(view):
        lines += [f"### {in_markdown(agency_title(siglas, view))}", ""]
        lines += ["| Movimiento | Cuenta | Qué cambia | Oficio | Aprobación |", "|---|---|---|---|---|"]
        for row in group:
            cells = (f"{row.symbol} {row.verb}", row.key, row.detail, row.oficio, row.evidence)
            lines.append("| " + " | ".join(in_markdown(cell) for cell in cells) + " |")
        lines.append("")
    lines.append(f"Huella del plan: `{plan.digest}`")
    return "\n".join(lines) + "\n"


def agency_title(siglas: Siglas, view: PlanView) -> str:
    """Return an agency's siglas and name."""
    agency = view.dependencias.get(siglas)
    return f"{siglas} — {agency.name}" if agency else siglas

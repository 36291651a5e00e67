"""What commands print: plain lines that a CI log keeps, colours and bars only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from reconciler.errors import CuentasError, DeclarationError, Problem
from reconciler.plan import Finding, Outcome, Result
from reconciler.report.inert import visible
from reconciler.report.plan import PlanView, Row, agency_title, origin, rows, summary
from reconciler.report.words import RESULT_WORDS, VERB_WORDS

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)

_COLOURS = {"+": "green", "-": "red", ">": "cyan", "~": "yellow"}


def say(text: str = "", style: str = "") -> None:
    """Print one line of data as it is: brackets in it are text, never markup."""
    out.print(_text((text, style)))


def _text(*parts: str | tuple[str, str]) -> Text:
    """Put parts together, each with its style, and with nothing in them that a terminal would obey."""
    styled = (part if isinstance(part, tuple) else (part, "") for part in parts)
    return Text.assemble(*((visible(part), style) for part, style in styled))


def complain(error: CuentasError) -> None:
    """Print an error on the error stream: what is wrong, then what to do."""
    if isinstance(error, DeclarationError):
        for problem in error.problems:
            err.print(problem_text(problem))
    err.print(_text(("Error: ", "bold red"), error.message))
    err.print(_text(("Qué hacer: ", "bold"), error.remedy))


def problem_text(problem: Problem) -> Text:
    """Return a problem as file:line, what is wrong and what to do."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    label = ("error", "red") if problem.blocks else ("aviso", "yellow")
    return _text((place, "bold"), ": ", label, f": {problem.message} {problem.remedy}")


def show_plan(view: PlanView) -> None:
    """Print a whole plan: origin, movements per dependencia, findings, refusals, count and digest."""
    say(origin(view.plan), "dim")
    for siglas, group in rows(view):
        say()
        say(agency_title(siglas, view), "bold")
        _show_rows(group)
    if view.plan.findings:
        say()
        say("Por atender", "bold")
        for finding in view.plan.findings:
            _show_finding(finding)
    say()
    for refusal in view.refusals:
        out.print(_text(("No se aplicaría: ", "bold red"), f"{refusal.message} {refusal.remedy}"))
    if view.exception:
        say(f"Con la excepción del oficio {view.exception}.", "yellow")
    say(summary(view), "bold")
    if view.plan.changes:
        say(f"Huella: {view.plan.digest}", "dim")


def _show_rows(group: Sequence[Row]) -> None:
    """Print rows; who approved an account's change, under which oficio, is said once for the steps that share it."""
    verbs = max(len(row.verb) for row in group)
    keys = max(len(row.key) for row in group)
    for before, row in zip((None, *group), group, strict=False):
        colour = _COLOURS[row.symbol]
        said = before and (before.key, before.oficio, before.evidence) == (row.key, row.oficio, row.evidence)
        grounds = (("  oficio ", "dim"), row.oficio, (f"  [{row.evidence}]", "dim" if row.approved else "bold red"))
        start = (f"  {row.symbol} {row.verb:<{verbs}}  {row.key:<{keys}}  ", colour)
        out.print(_text(start, row.detail, *(() if said else grounds)))


def _show_finding(finding: Finding) -> None:
    mark = ("  ! ", "bold red") if finding.holds else ("  ? ", "yellow")
    out.print(_text(mark, f"{finding.message} {finding.remedy}"))


def show_outcome(outcome: Outcome) -> None:
    """Print what became of one change that did not go as asked."""
    word = RESULT_WORDS[outcome.result]
    out.print(
        _text(
            ("  ! ", "bold red"),
            f"{VERB_WORDS[outcome.change.verb]} de {outcome.change.key}: {word}. {outcome.detail}",
        )
    )


class ProgressLine:
    """Progress of an apply: a bar on a terminal; elsewhere a line at every tenth part, and at the end."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task = None
        self._tenths = 0

    def __enter__(self) -> Callable[[int, int, Sequence[Outcome]], None]:
        return self._advance

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def _advance(self, done: int, total: int, outcomes: Sequence[Outcome]) -> None:
        if sys.stdout.isatty():
            self._advance_bar(done, total)
        elif done * 10 // total > self._tenths or done == total:
            self._tenths = done * 10 // total
            say(f"  {done} de {total} cuentas")
        for outcome in outcomes:
            if outcome.result is not Result.APPLIED:
                show_outcome(outcome)

    def _advance_bar(self, done: int, total: int) -> None:
        if self._bar is None:
            columns = (
                TextColumn("  {task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=out)
            self._bar.start()
            self._bar.add_task("cuentas", total=total)
        self._bar.update(self._bar.task_ids[0], completed=done)

"""What commands print: plain lines that a CI log keeps, colours and bars only on a terminal."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from reconciler.check import Check, State
from reconciler.errors import CuentasError, DeclarationError, Problem, PullRequestError
from reconciler.plan import Finding, Outcome, Result
from reconciler.report.inert import visible
from reconciler.report.plan import PlanView, Row, agency_title, by_agency, origin, rows, summary
from reconciler.report.words import RESULT_WORDS, VERB_WORDS, some

out = Console(highlight=False, soft_wrap=True)
err = Console(highlight=False, soft_wrap=True, stderr=True)

_STATES = {
    State.OK: ("✓", "bien", "green"),
    State.FAILED: ("✗", "falta", "bold red"),
    State.WARNED: ("!", "aviso", "yellow"),
    State.SKIPPED: ("–", "omitido", "dim"),
}
"""How an answer of `doctor` is marked: by a sign and by a word, so that nobody has to see the colour."""

_COLOURS = {"+": "green", "-": "red", ">": "cyan", "~": "yellow"}


def say(text: str = "", style: str = "") -> None:
    """Print one line of data as it is: brackets in it are text, never markup."""
    out.print(_text((text, style)))


def _text(*parts: str | tuple[str, str]) -> Text:
    """Put parts together, each with its style, and with nothing in them that a terminal would obey."""
    styled = (part if isinstance(part, tuple) else (part, "") for part in parts)
    return Text.assemble(*((visible(part), style) for part, style in styled))


def note(text: str) -> None:
    """Print a line about what is going on, on the error stream; any thread may."""
    err.print(_text((f"  … {text}", "dim")))


def say_folded(text: str, hang: int) -> None:
    """Print one line; a terminal too narrow for it gets it folded, the rest below the column `hang`."""
    if not out.is_terminal or len(text) <= out.width:
        say(text)
        return
    own = len(text) - len(text.lstrip())
    for line in textwrap.wrap(text, out.width, subsequent_indent=" " * max(hang, own), break_on_hyphens=False):
        say(line)


def say_prose(text: Text, console: Console = out) -> None:
    """Print sentences: a terminal gets them folded between words, a log gets one line."""
    console.print(text, soft_wrap=not console.is_terminal)


def say_sentence(text: str) -> None:
    """Print a sentence."""
    say_prose(_text(text))


def complain(error: CuentasError) -> None:
    """Print an error on the error stream: what is wrong, then what to do."""
    if isinstance(error, DeclarationError):
        coded = isinstance(error, PullRequestError)
        for problem in error.problems:
            say_prose(problem_text(problem, coded=coded), err)
    say_prose(_text(("Error: ", "bold red"), error.message), err)
    say_prose(_text(("Qué hacer: ", "bold"), error.remedy), err)


def problem_text(problem: Problem, *, coded: bool = False) -> Text:
    """Return a problem as file:line, what is wrong and what to do; `coded` with the name that manuals give it."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    label = ("error", "red") if problem.blocks else ("aviso", "yellow")
    code = (f" [{problem.code}]", "dim") if coded else ""
    return _text((place, "bold"), ": ", label, f": {problem.message} {problem.remedy}", code)


def say_check(check: Check) -> None:
    """Print one thing that was examined; below it, where it is not well, what to do."""
    mark, word, style = _STATES[check.state]
    say_prose(_text((f"  {mark} {word:<8}", style), f"{check.name}: {check.detail}"))
    if check.remedy:
        say_prose(_text(("      Qué hacer: ", "bold"), check.remedy))


def show_plan(view: PlanView, *, in_short: bool = False) -> None:
    """Print a whole plan: origin, movements per dependencia, findings, refusals, count and digest.

    In short, each dependencia is one line with how much there is to do.
    """
    say(origin(view.plan), "dim")
    if in_short:
        _show_agencies(view)
    else:
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
        no = (f"No se aplicaría [{refusal.guard}]: ", "bold red")
        say_prose(_text(no, f"{refusal.message} {refusal.remedy}"))
    if view.exception:
        say(f"Con la excepción del oficio {view.exception}.", "yellow")
    say(summary(view), "bold")
    if view.plan.changes:
        say(f"Huella: {view.plan.digest}", "dim")


def _show_agencies(view: PlanView) -> None:
    lines = [(agency_title(siglas, view), count) for siglas, count in by_agency(view)]
    width = max((len(title) for title, _ in lines), default=0)
    if lines:
        say()
    for title, count in lines:
        say(f"  {title:<{width}}  {count}")


def _show_rows(group: Sequence[Row]) -> None:
    """Print one line per row; on a terminal too narrow for them, what each rests on goes below it.

    Who approved an account's change, under which oficio, is said once for the steps that share it.
    """
    verbs = max(len(row.verb) for row in group)
    keys = max(len(row.key) for row in group)
    said = [_said(before, row) for before, row in zip((None, *group), group, strict=False)]
    lines = [_row_text(row, verbs, keys, None if one else "  ") for row, one in zip(group, said, strict=True)]
    if out.is_terminal and max(line.cell_len for line in lines) > out.width:
        below = "\n" + " " * (verbs + 6)
        lines = [_row_text(row, verbs, keys, None if one else below) for row, one in zip(group, said, strict=True)]
    for line in lines:
        out.print(line)


def _said(before: Row | None, row: Row) -> bool:
    same = before and (before.key, before.oficio, before.evidence) == (row.key, row.oficio, row.evidence)
    return bool(same)


def _row_text(row: Row, verbs: int, keys: int, between: str | None) -> Text:
    """Return a row as a line; `between` goes before what it rests on, None leaves that out."""
    line = _text((f"  {row.symbol} {row.verb:<{verbs}}  {row.key:<{keys}}  ", _COLOURS[row.symbol]), row.detail)
    if between is not None:
        evidence = (f"  [{row.evidence}]", "dim" if row.approved else "bold red")
        line.append(between).append_text(_text(("oficio ", "dim"), row.oficio, evidence))
    return line


def _show_finding(finding: Finding) -> None:
    mark = ("  ! ", "bold red") if finding.holds else ("  ? ", "yellow")
    say_prose(_text(mark, f"{finding.message} {finding.remedy}"))


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
    """Progress of an apply: a bar on a terminal; elsewhere a line at the first, every tenth part and the last."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._task = None
        self._tenths = -1

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
            say(f"  {done} de {some(total, 'cuenta')}")
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

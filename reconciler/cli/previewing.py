"""plan --against: what a pull request would do, from a published reading alone, for whoever approves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from reconciler.cli.options import PlanFormat
from reconciler.cli.saving import save
from reconciler.cli.screen import say
from reconciler.cli.settings import target_config
from reconciler.cli.snapshots import read_snapshot
from reconciler.cli.workspace import LANGUAGE, Workspace, now
from reconciler.declaration import Loader
from reconciler.engine.desired import Desired, read_config, read_desired
from reconciler.engine.propose import memory_of, policy_of
from reconciler.engine.traces import Traces
from reconciler.errors import ConfigurationError, DeclarationError, UsageError
from reconciler.events import Event, EventKind, Standing, standing
from reconciler.preview import Ground, Side, preview
from reconciler.report.pull_plan import MARK, pull_plan_in_markdown
from reconciler.report.pull_text import pull_plan_in_json, pull_plan_in_text
from reconciler.report.pull_view import PullView
from reconciler.safety import Past
from reconciler.snapshot import Snapshot

_NOTHING = "0" * 64


def show_pull_plan(  # noqa: PLR0913 -- what was asked for, by name
    workspace: Workspace,
    *,
    base: str,
    against: str,
    target: str | None,
    author: str | None,
    form: PlanFormat,
    output: Path | None,
    comment: int | None,
) -> None:
    """Show what a pull request would do; save it, and post it where it was asked for.

    Raises:
        DeclarationError: what it declares is not valid.
        UsageError: there is no such reading, or it was made beside a record that this clone does not have.
        TargetError: the forge does not take the comment.

    """
    view = pull_view(workspace, base=base, against=against, target=target, author=author)
    text = _worded(view, form)
    if output:
        save(text.encode(), output)
    else:
        typer.echo(text, nl=False)
    if comment is not None:
        with workspace.forge() as forge:
            forge.say(comment, pull_plan_in_markdown(view, bounded=True), MARK)
        say(f"Dicho en el pull request {comment}.")


def _worded(view: PullView, form: PlanFormat) -> str:
    match form:
        case PlanFormat.MARKDOWN:
            return pull_plan_in_markdown(view)
        case PlanFormat.JSON:
            return pull_plan_in_json(view)
        case _:
            return pull_plan_in_text(view)


def pull_view(workspace: Workspace, *, base: str, against: str, target: str | None, author: str | None) -> PullView:
    """Compare what a head and its base declare with one reading, judged by the base's configuration."""
    repository = workspace.repository
    main, head = repository.resolve(base), workspace.tip
    config = read_config(repository, LANGUAGE, main)
    name = target_config(config, workspace.settings, target)[0]
    shot = read_snapshot(workspace, against, name)
    events, newer = _as_of(workspace, shot)
    moment = now()
    zone = ZoneInfo(config.organizacion.zona_horaria)
    today = moment.astimezone(zone).date()
    known = standing(events, name, zone, moment - timedelta(hours=config.limites.ventana_horas))
    joined = repository.joined(main, head)
    sides = _Sides(workspace, today)
    before = _base(workspace, sides, main, head, joined)
    wanted = sides.desired(joined or head)
    ground = Ground(
        target=name,
        reading=shot.reading,
        config=config,
        policy=policy_of(before or wanted),
        past=Past(last_count=known.last_count, recent=known.recent),
        spent=known.spent,
        today=today,
    )
    return PullView(
        preview=preview(_side(before, known) if before else None, _side(wanted, known), ground),
        snapshot=shot,
        dependencias=wanted.declaration.dependencias,
        head=head,
        base=main,
        now=moment,
        zone=zone,
        author=author,
        authors=[one.author for one in repository.first_parent(head, main)],
        merged=joined is not None,
        base_sound=before is not None,
        newer=newer,
        own_settings=wanted.config != config,
    )


def _side(desired: Desired, known: Standing) -> Side:
    return Side(commit=desired.commit, declaration=desired.declaration, memory=memory_of(known, desired))


class _Sides:
    """Reads both sides; what the two have in common, history and files, only once."""

    def __init__(self, workspace: Workspace, today: date) -> None:
        self._workspace = workspace
        self._today = today
        self._language = replace(LANGUAGE, load=Loader().load)
        self._traces = Traces(workspace.repository, LANGUAGE.reader)

    def desired(self, commit: str) -> Desired:
        """Return what a commit declares."""
        return read_desired(
            self._workspace.repository,
            self._language,
            commit,
            self._workspace.published,
            self._today,
            worktree=False,
            traces=self._traces,
        )


def _base(workspace: Workspace, sides: _Sides, main: str, head: str, joined: str | None) -> Desired | None:
    """Return what the base declares: where the head left it, if the two cannot be joined; None if it is not valid."""
    commit = main if joined else workspace.repository.merge_base(main, head)
    if commit is None:
        raise UsageError(f"«{main[:10]}» no comparte historia con lo que se revisa.", remedy="Corrija «--base».")
    try:
        return sides.desired(commit)
    except (ConfigurationError, DeclarationError):
        return None


def _as_of(workspace: Workspace, shot: Snapshot) -> tuple[Sequence[Event], int]:
    """Return the record as it was when the target was read, and how many runs of the target it has since.

    Raises:
        UsageError: this clone does not have that record.

    """
    with workspace.record() as record:
        events = record.events()
        if shot.record == _NOTHING:
            end = 0
        else:
            found = record.ending(shot.record)
            if len(found) != 1:
                raise UsageError(
                    "La lectura se tomó con una bitácora que este clon no tiene.",
                    remedy="Tráigala con «git fetch origin bitacora», o tome la lectura de nuevo.",
                )
            end = found[0].n
    later = (one for one in events[end:] if one.kind is EventKind.RUN_STARTED)
    return events[:end], sum(1 for one in later if one.data.get("destino") == shot.target)

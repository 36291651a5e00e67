"""The main line itself: what came around review, and dates that cannot be. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from reconciler.audit.findings import Code, Finding
from reconciler.clock import TOLERANCE
from reconciler.events import Event, EventKind
from reconciler.history import CommitChange
from reconciler.trail import Trail

_SQUASHED = re.compile(r".*\(#[0-9]+\)\Z")
"""How forges name what they squash; somebody may well write it by hand, so it only chooses words."""


def line_findings(trail: Trail, baseline: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for every commit of the line that changed declarations without being a merge.

    The root founds the repository; what the baseline accepts is accepted.
    """
    for change in trail.around_review:
        if change.commit not in baseline:
            squashed = _SQUASHED.match(change.subject)
            how = "aplastado (squash) o reescrito (rebase), sin fusión" if squashed else "sin fusión"
            yield Finding(
                code=Code.LINEA_APLASTADO if squashed else Code.LINEA_EMPUJADO,
                where=change.commit[:10],
                message=f"El commit {change.commit[:10]} ({change.author}) llegó a la rama principal {how}.",
                merge=change.commit,
            )


def date_findings(trail: Trail, baseline: Collection[str], now: datetime) -> Iterator[Finding]:
    """Yield a finding for every merge dated before the one that it stands on, or after now.

    Whoever commits chooses the date: clocks that differ a little prove nothing.
    """
    latest: CommitChange | None = None
    for change in trail.commits.values():
        if change.commit in baseline:
            continue
        if change.at > now + TOLERANCE:
            text = f"El commit {change.commit[:10]} dice ser del {_day(change.at)}, que todavía no llega."
            yield Finding(code=Code.FECHA_FUTURO, where=change.commit[:10], message=text, merge=change.commit)
            continue
        if latest is not None and change.at < latest.at - TOLERANCE:
            text = (
                f"El commit {change.commit[:10]} dice ser del {_day(change.at)}, antes que aquel sobre el que está "
                f"({latest.commit[:10]}, {_day(latest.at)})."
            )
            yield Finding(code=Code.FECHA_ATRAS, where=change.commit[:10], message=text, merge=change.commit)
        if latest is None or change.at > latest.at:
            latest = change


def record_date_findings(
    events: Iterable[Event], trail: Trail, wrong_clocks: Collection[str], now: datetime
) -> Iterator[Finding]:
    """Yield what in a run's events is dated before the run's own earlier ones, its merge, or after now.

    Writers take turns, so that only one's own events are in order; once for each run and kind of finding.
    """
    latest: dict[str, datetime] = {}
    told: set[tuple[Code, str]] = set()
    for event in events:
        if event.run in wrong_clocks:
            continue
        last = latest.get(event.run)
        latest[event.run] = max(event.at, last or event.at)
        for code, text in _faults(event, last, trail, now):
            if (code, event.run) not in told:
                told.add((code, event.run))
                yield Finding(
                    code=code,
                    where=f"corrida {event.run}",
                    message=f"El hecho «{event.kind.value}» de la corrida {event.run} {text}.",
                    key=event.key,
                )


def _faults(event: Event, last: datetime | None, trail: Trail, now: datetime) -> Iterator[tuple[Code, str]]:
    if event.at > now + TOLERANCE:
        yield Code.FECHA_BITACORA_FUTURO, f"dice ser del {_day(event.at)}, que todavía no llega"
    if last is not None and event.at < last - TOLERANCE:
        yield Code.FECHA_BITACORA_ATRAS, f"dice ser del {_day(event.at)}, antes que el anterior ({_day(last)})"
    merge = trail.commits.get(str(event.data.get("fusion"))) if event.kind is EventKind.ATTEMPT else None
    if merge is not None and event.at < merge.at - TOLERANCE:
        by = f"{merge.commit[:10]}, {_day(merge.at)}"
        text = f"dice ser del {_day(event.at)}, antes que la fusión que lo ampara ({by})"
        yield Code.FECHA_ANTES_DE_FUSION, text


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"

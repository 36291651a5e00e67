"""Git against the bitácora: whether what a run set out to do is what a merge of the main line had brought. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.audit.findings import Code, Finding
from reconciler.events import Event, EventKind
from reconciler.model import OFICIOS, AccountKey, normalized_oficio
from reconciler.plan import Result
from reconciler.trail import Trail


@dataclass(frozen=True)
class Line:
    """The main line as the record is compared with it; `later` are commits of it beyond what is audited."""

    trail: Trail
    later: Collection[str] = frozenset()

    def states(self, key: AccountKey, first: str, last: str) -> Iterator[Mapping[str, str]]:
        """Yield what an account's entry said after one commit, and after each up to another one."""
        place = self.trail.position
        end = place.get(last, len(place))
        before: Mapping[str, str] = {}
        after: list[Mapping[str, str]] = []
        for one in self.trail.movements.get(key, ()):
            if place[one.commit] <= place[first]:
                before = one.after
            elif place[one.commit] <= end:
                after.append(one.after)
        yield from (before, *after)


@dataclass
class _Reader:
    line: Line
    commits: dict[str, str] = field(default_factory=dict)
    attempts: set[tuple[str, str]] = field(default_factory=set)

    def take(self, event: Event) -> Iterator[Finding]:
        match event.kind:
            case EventKind.RUN_STARTED:
                yield from self._started(event)
            case EventKind.ATTEMPT:
                self.attempts.add((event.run, str(event.data.get("cambio"))))
                yield from self._attempt(event)
            case EventKind.OUTCOME | EventKind.RECONCILED:
                yield from self._came_out(event)
            case _:
                pass

    def _unknown(self, commit: str) -> bool:
        return commit not in self.line.trail.position and commit not in self.line.later

    def _started(self, event: Event) -> Iterator[Finding]:
        commit = self.commits[event.run] = str(event.data.get("commit", ""))
        if self._unknown(commit):
            yield Finding(
                code=Code.ACUERDO_COMMIT_AJENO,
                where=f"corrida {event.run}",
                message=f"La corrida {event.run} aplicó el commit {commit[:10] or '(ninguno)'}, que no está en la "
                "línea de la rama principal.",
                merge=commit or None,
            )

    def _attempt(self, event: Event) -> Iterator[Finding]:
        key, merge = event.key or AccountKey(""), str(event.data.get("fusion", ""))
        oficio = str(event.data.get("oficio", ""))
        if self._unknown(merge):
            yield self._finding(
                Code.ACUERDO_FUSION_AJENA,
                event,
                f"En la bitácora, «{key}» se intentó por la fusión {merge[:10] or '(ninguna)'}, que no está en la "
                "línea de la rama principal.",
            )
        elif merge in self.line.trail.position and not self._named(key, oficio, merge, event.run):
            yield self._finding(
                Code.ACUERDO_OFICIO_DISTINTO,
                event,
                f"En la bitácora, «{key}» se intentó con el oficio «{oficio}», y lo que trajo la fusión {merge[:10]} "
                "no lo nombra.",
            )

    def _named(self, key: AccountKey, oficio: str, merge: str, run: str) -> bool:
        """Whether the account's entry named an oficio at its merge, or at any commit up to the one applied."""
        wanted = normalized_oficio(oficio)
        return any(
            normalized_oficio(state[name]) == wanted
            for state in self.line.states(key, merge, self.commits.get(run, ""))
            for name in OFICIOS
            if name in state
        )

    def _came_out(self, event: Event) -> Iterator[Finding]:
        run = str(event.data.get("de", event.run))
        known = (run, str(event.data.get("cambio"))) in self.attempts
        if event.data.get("estado") == Result.APPLIED and not known:
            yield self._finding(
                Code.ACUERDO_SIN_INTENTO,
                event,
                f"La bitácora dice que se aplicó un cambio a «{event.key}» que nadie había dicho que intentaría.",
            )

    def _finding(self, code: Code, event: Event, message: str) -> Finding:
        data = event.data
        return Finding(
            code=code,
            where=f"corrida {event.run}",
            message=message,
            key=event.key,
            oficio=str(data["oficio"]) if "oficio" in data else None,
            merge=str(data["fusion"]) if "fusion" in data else None,
        )


def record_findings(events: Iterable[Event], line: Line) -> Iterator[Finding]:
    """Yield what the record says was set out to, or done, that no merge of the main line had asked for."""
    reader = _Reader(line)
    for event in events:
        yield from reader.take(event)

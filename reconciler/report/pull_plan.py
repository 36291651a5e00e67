"""The plan of a pull request as Markdown: what a director reads in a minute, and bounded to what a forge takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.marker import Marker, hidden
from reconciler.plan import Change, change_id
from reconciler.report.inert import in_markdown, visible
from reconciler.report.pull_view import (
    PullRow,
    PullView,
    drift_summary,
    dropped_summary,
    limit_rows,
    proposer,
    tables,
    title,
)
from reconciler.report.pull_warnings import BLIND, source, warnings
from reconciler.report.words import some

LONGEST = 65_536
"""Characters that GitHub takes in a comment."""

MARK = "cuentas:plan"
"""The mark by which our own comment is found again."""

_ROOM = LONGEST - 1_536
"""What is used of them: a forge's adapter adds its own mark."""

_FOR_MARKER = 30_000
_FOLDED = 2_000
"""Characters that are kept for what waited before, where there is more to do than fits."""
_LONG = 1_200
"""Characters of one line outside of the tables: fifteen accounts by name, and how many more."""
_LIMITS = 40
_HEADER = ("| Movimiento | Cuenta | Qué cambia | Oficio | Enlace |", "|---|---|---|---|---|")
ELSEWHERE = "el plan entero está en lo que dejó la revisión automática de este pull request"


def pull_plan_in_markdown(view: PullView, *, bounded: bool = False) -> str:
    """Render the plan of a pull request, every value inert; bounded, it fits in a comment and says what was cut.

    What `apply` is told that was shown stands at its end, where nobody sees it: every change, those of rows that were
    left out and counted too, or none where they are too many or next to nothing fits, and then that is said. A row is
    whole or not there: who reads it has read all that its account gets.
    """
    marker, told = _marker(view)
    head = [*_head(view), *([] if told else _untold(view))]
    foot = ["", *_foot(view), "", marker]
    room = (_ROOM if bounded else 10**9) - _size(head) - _size(foot)
    if room < 0:
        return _bare(view)
    limits = list(_limits(view))
    folded = list(_folded(view, _FOLDED))
    caused = list(_agencies(view.preview.caused, view, room - _size(limits) - _size(folded)))
    left = room - _size(limits) - _size(caused)
    body = [*caused, *limits, *_folded(view, left)]
    return "\n".join([*head, *body, *foot]) + "\n" if _size(body) <= room else _bare(view)


def _size(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _marker(view: PullView) -> tuple[str, bool]:
    """Return the hidden line, and whether it names every change."""
    changes = view.preview.plan.changes
    line = hidden(_written(view, changes)) if len(changes) <= _FOR_MARKER // 19 else ""
    if line and len(line) <= _FOR_MARKER:
        return line, True
    return hidden(_written(view, ())), False


def _written(view: PullView, changes: Sequence[Change]) -> Marker:
    return Marker(
        cabeza=view.head,
        base=view.base,
        destino=view.snapshot.target,
        lectura=view.snapshot.digest,
        huella=view.preview.plan.digest,
        cambios=tuple(map(change_id, changes)),
    )


def _cell(text: str) -> str:
    seen = visible(text)
    return in_markdown(seen if len(seen) <= _LONG else f"{seen[:_LONG]}…")


# --- the parts --------------------------------------------------------------------------------------------------


def _head(view: PullView) -> list[str]:
    lines = [f"## {_cell(title(view))}", "", _cell(proposer(view)), ""]
    found = list(warnings(view))
    if found:
        lines += ["### Antes de fusionar, revise", ""]
        lines += [f"- **{_cell(one.what)}:** {_cell(one.particulars)}" for one in found]
        lines.append("")
    return lines


def _untold(view: PullView) -> list[str]:
    count = some(len(view.preview.plan.changes), "paso")
    said = (
        f"> **Demasiado para aplicarse solo.** Son {count}, y no caben todos en este comentario: al fusionar se "
        "retienen. Aplíquelos a mano con un plan leído (`cuentas plan -o plan.json`, `cuentas apply plan.json`), o "
        "parta el pull request."
    )
    return [said, ""]


def _bare(view: PullView) -> str:
    """Return what is said where nothing else fits: no change counts as shown."""
    lines = [f"## {_cell(title(view))}", "", f"No cabe en un comentario: {ELSEWHERE}. Léalo antes de fusionar.", ""]
    return "\n".join([*lines, *_untold(view), *_foot(view), "", hidden(_written(view, ()))]) + "\n"


def _agencies(changes: Sequence[Change], view: PullView, room: int, level: str = "###") -> Iterator[str]:
    """Yield a table for each agency, as long as there is room, and then how many accounts were left out."""
    left = room - 400  # for what says that something was left out
    cut: list[tuple[str, int]] = []
    for heading, rows in tables(changes, view):
        start = [f"{level} {_cell(heading)}", "", *_HEADER]
        fitting = _fitting(rows, left - _size(start) - 1)
        if fitting:
            yield from (*start, *fitting, "")
            left -= _size(start) + _size(fitting) + 1
        if len(fitting) < len(rows):
            cut.append((heading.partition(" — ")[0], len(rows) - len(fitting)))
    if cut:
        where = ", ".join(f"{siglas} {count}" for siglas, count in cut[:5])
        more = f" y {len(cut) - 5} dependencias más" if len(cut) > 5 else ""  # noqa: PLR2004 -- as many as a line holds
        total = sum(count for _, count in cut)
        yield from (f"**Y {some(total, 'cuenta')} más** ({_cell(where)}{more}); {ELSEWHERE}.", "")


def _fitting(rows: Sequence[PullRow], room: int) -> list[str]:
    lines: list[str] = []
    used = 0
    for row in rows:
        cells = (row.movement, row.key, row.detail, row.oficio, row.enlace)
        line = "| " + " | ".join(in_markdown(cell) for cell in cells) + " |"
        if used + len(line) + 1 <= room:
            used += len(line) + 1
            lines.append(line)
    return lines


def _limits(view: PullView) -> Iterator[str]:
    rows = limit_rows(view)
    if not rows:
        return
    yield from ("### Límites", "", "| Dependencia | Movimiento | Con todo lo pendiente | |", "|---|---|---|---|")
    for row in rows[-_LIMITS:]:
        verdict = "cabe" if row.fits else "**no se aplicaría**"
        yield f"| {_cell(row.whose)} | {_cell(row.kind)} | {_cell(row.used)} | {verdict} |"
    yield ""


def _folded(view: PullView, room: int) -> Iterator[str]:
    """Yield what this pull request is not to blame for, folded."""
    left = room
    for changes, said in (
        (view.preview.dropped, dropped_summary(view)),
        (view.preview.drift, drift_summary(view)),
    ):
        if changes:
            start = ["<details>", f"<summary>{_summary(said)}</summary>", ""]
            inside = list(_agencies(changes, view, left - _size(start) - 20, "####"))
            yield from (*start, *inside, "</details>", "")
            left -= _size(start) + _size(inside) + 20
    doubts = view.preview.doubts_before
    if doubts and left > 0:
        lines = [f"- {_cell(f'{one.message} {one.remedy}')}" for one in doubts]
        shown = [line for place, line in enumerate(lines) if _size(lines[: place + 1]) < left - 300]
        more = [f"- Y {len(lines) - len(shown)} más."] if len(shown) < len(lines) else []
        said = f"Por atender desde antes: {some(len(doubts), 'asunto')}"
        yield from ("<details>", f"<summary>{_summary(said)}</summary>", "", *shown, *more, "", "</details>", "")


def _summary(text: str) -> str:
    """Return text for HTML: all of it is ours, words and counts."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _foot(view: PullView) -> list[str]:
    names = (
        f"Lectura `{view.snapshot.digest[:16]}` · plan `{view.preview.plan.digest}` · cabeza `{view.head[:10]}` "
        f"sobre `{view.base[:10]}`. Lo que no está en este plan no se aplica al fusionar: se retiene y se dice aquí."
    )
    return ["---", "", f"{_cell(source(view))} {BLIND}", "", names]

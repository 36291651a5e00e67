"""The plan of a pull request for a terminal, and as data for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.plan import Change, change_id, plain
from reconciler.report.inert import visible
from reconciler.report.pull_view import PullView, drift_summary, dropped_summary, limit_rows, proposer, tables, title
from reconciler.report.pull_warnings import BLIND, source, warnings


def pull_plan_in_text(view: PullView) -> str:
    """Return the plan of a pull request as plain lines."""
    return "".join(f"{visible(line)}\n" for line in _lines(view))


def _lines(view: PullView) -> Iterator[str]:
    yield from (f"{title(view)}.", proposer(view), "")
    found = list(warnings(view))
    if found:
        yield "Antes de fusionar, revise"
        yield from (f"  ! {one.what}: {one.particulars}" for one in found)
        yield ""
    yield from _tables(view.preview.caused, view)
    for row in limit_rows(view):
        yield f"  {row.whose}: {row.kind}, {row.used}{'' if row.fits else ' (no se aplicaría)'}"
    for changes, said in (
        (view.preview.dropped, dropped_summary(view)),
        (view.preview.drift, drift_summary(view)),
    ):
        if changes:
            yield from ("", said)
            yield from _tables(changes, view)
    if view.preview.doubts_before:
        yield from ("", "Por atender desde antes")
        yield from (f"  ? {one.message} {one.remedy}" for one in view.preview.doubts_before)
    yield from ("", source(view), BLIND)
    yield f"Lectura {view.snapshot.digest}; plan {view.preview.plan.digest}."


def _tables(changes: Sequence[Change], view: PullView) -> Iterator[str]:
    for heading, rows in tables(changes, view):
        yield heading
        movement, key = max(len(one.movement) for one in rows), max(len(one.key) for one in rows)
        for row in rows:
            oficio = f"oficio {row.oficio}" + (f", {row.enlace}" if row.enlace else "")
            yield f"  {row.movement:<{movement}}  {row.key:<{key}}  {row.detail}  [{oficio}]"
        yield ""


def pull_plan_in_json(view: PullView) -> str:
    """Return the plan of a pull request as JSON, whole."""
    found = view.preview
    document: dict[str, Any] = {
        "formato": "cuentas-plan-de-solicitud/1",
        "cabeza": view.head,
        "base": view.base,
        "propone": view.author,
        "lectura": {
            "huella": view.snapshot.digest,
            "destino": view.snapshot.target,
            "tomada": view.snapshot.taken.isoformat(),
        },
        "huella": found.plan.digest,
        "causados": _plain(found.caused),
        "deriva": _plain(found.drift),
        "ya_no": _plain(found.dropped),
        "por_juzgar": list(found.unjudged),
        "por_atender": [
            {"codigo": one.code, "cuenta": one.key, "mensaje": one.message, "retiene": one.holds, "antes": before}
            for ones, before in ((found.doubts, False), (found.doubts_before, True))
            for one in ones
        ],
        "rechazos": [{"guarda": one.guard, "mensaje": one.message} for one in found.refusals],
        "limites": [
            {"dependencia": one.dependencia, "clase": one.kind, "usa": one.count, "permite": one.allowed}
            for one in found.uses
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _plain(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [{"cambio": change_id(one)} | plain(one) for one in changes]

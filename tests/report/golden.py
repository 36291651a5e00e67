"""What people read, kept word for word in golden/; `python -m tests.report.golden` writes the files anew.

Read the difference before committing it: it is what the Mesa de Ayuda and whoever approves will read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from reconciler.approval import Approval
from reconciler.cli import screen
from reconciler.config import Config
from reconciler.diff import Policy, diff
from reconciler.errors import Problem
from reconciler.events import JSON, Event, EventKind
from reconciler.history import CommitChange, FileChange
from reconciler.model import AccountKey, Declaration, Mailbox, Reading, Siglas, Status, Tipo
from reconciler.plan import Before, Finding, Outcome, Plan, Result, change_id
from reconciler.preview import Ground, Side, preview
from reconciler.report.history import as_text, deeds, moments
from reconciler.report.plan import PlanView, as_markdown
from reconciler.report.pull_plan import pull_plan_in_markdown
from reconciler.report.pull_result import HeldChange, done_in_markdown, held_in_markdown
from reconciler.report.pull_text import pull_plan_in_text
from reconciler.report.pull_view import PullView
from reconciler.report.statement import as_markdown as as_markdown_report
from reconciler.report.statement import as_text as as_text_report
from reconciler.review import Unapproved
from reconciler.safety import EXCEPTION_REMEDY, Past, Refusal
from reconciler.snapshot import taken
from reconciler.trail import EntryChange, Trail
from tests.build import BAJA, TODAY, account, declaration, declared, observed, reading, remembering
from tests.report import statements

FOLDER = Path(__file__).parent / "golden"
MERGE = "4f1d" * 10
PUSHED = "0bad" * 10
HOSTILE = "[pulse](https://malo.example) @dsct <b onclick=x>|`a`| ![x](y) \u202egpj.exe\n# h"


def view(
    wanted: Declaration,
    there: Reading,
    *,
    pushed: frozenset[str] = frozenset(),
    more: tuple[Finding, ...] = (),
    refused: tuple[Refusal, ...] = (),
) -> PlanView:
    """Return a plan that the Director approved, but for what was pushed."""
    changes, findings = diff(wanted, there, remembering(there), Policy(retention_days=90), TODAY)
    before = Before(
        commit=MERGE,
        target="embedded",
        server="embebido:embebido.sqlite",
        declared=len(wanted.accounts),
        observed=len(there.accounts),
        reads_mailboxes=True,
    )
    ids = {change_id(one): one for one in changes}
    return PlanView(
        plan=Plan(before=before, changes=changes, findings=(*more, *findings)),
        dependencias=wanted.dependencias,
        approvals={
            name: Approval(
                merge=MERGE,
                reviewed=MERGE,
                author="Laura Beltrán Ochoa <l@b>",
                approver="Dirección de Servicios Compartidos <d@b>",
                at=datetime(2026, 4, 1, tzinfo=UTC),
                subject="Merge pull request #12",
                oficio=one.oficio,
            )
            for name, one in ids.items()
            if one.key not in pushed
        },
        unapproved={
            name: Unapproved(commit=PUSHED, reason="se empujó sin pasar por una fusión")
            for name, one in ids.items()
            if one.key in pushed
        },
        refusals=refused,
    )


def everything() -> PlanView:
    """Return one movement of each kind, something pushed, something held and something refused."""
    sebides = {"dependencia": Siglas("SEBIDES"), "organization": "Secretaría de Bienestar"}
    wanted = declaration(
        declared("ana.ruiz", title="Jefa de Departamento", aliases=("ana@sinaloa.gob.mx",)),
        declared("beto.gil", **sebides, alta="SEBIDES/7/2026"),
        declared("caja.saf", tipo=Tipo.COMPARTIDA, responsable=AccountKey("ana.ruiz"), display_name="Caja"),
        declared("dora.paz", baja=BAJA),
        declared("elena.cota.r", previous=AccountKey("elena.cota"), aliases=("elena.cota@sinaloa.gob.mx",)),
        declared("fidel.mora", alta="SAF/DA/0300/2026"),
        declared("gema.rios", mailbox=Mailbox(quota_mb=2048)),
        declared("hugo.luna"),
        declared("ines.soto"),
    )
    there = reading(
        observed(account("ana.ruiz")),
        observed(account("beto.gil")),
        observed(account("dora.paz")),
        observed(account("elena.cota")),
        observed(account("fidel.mora", status=Status.RETIRED)),
        observed(account("gema.rios")),
        observed(account("ines.soto", logon_enabled=False)),
        observed(account("olga.vega")),
    )
    over = Refusal(guard="limite", message="11 bajas en SAF: el máximo es 10.", remedy=EXCEPTION_REMEDY)
    return view(wanted, there, pushed=frozenset({"hugo.luna"}), refused=(over,))


def hostile() -> PlanView:
    """Return a plan whose every value tries to be more than text."""
    wanted = declaration(declared("juan.perez", display_name=HOSTILE, title=HOSTILE, alta=f"O/{HOSTILE}"))
    finding = Finding(code="x", message=HOSTILE, remedy="https://malo.example", holds=True)
    return view(wanted, reading(observed(account("juan.perez"))), more=(finding,))


def nothing() -> PlanView:
    """Return a plan with nothing to do."""
    return view(declaration(declared()), reading(observed(account())))


def pull(hostile_too: bool = False, crowd: int = 0) -> PullView:
    """Return what a pull request asks for, and what waited before it: with something of each kind, or of many."""
    sebides = {"dependencia": Siglas("SEBIDES"), "organization": "Secretaría de Bienestar"}
    waiting = declared("gema.rios", title="Jefa"), declared("x.y")
    old = declaration(declared("ana.ruiz"), declared("dora.paz"), *waiting)
    title = HOSTILE if hostile_too else "Contadora"
    new = declaration(
        declared("ana.ruiz", title=title),
        declared("dora.paz", baja=BAJA),
        declared("hugo.luna", alta="SAF/DA/0300/2026"),
        declared("ines.soto", **sebides, alta="SEBIDES/7/2026"),
        declared("vieja.caja", adopt=True),
        *waiting,
        *(declared(f"persona.n{number}", alta="SAF/DA/0301/2026") for number in range(crowd)),
    )
    there = reading(*(observed(account(key)) for key in ("ana.ruiz", "dora.paz", "gema.rios")))
    at = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    shot = taken("ad", there, at, commit=MERGE, record="f" * 64)
    ground = Ground(
        target="ad",
        reading=shot.reading,
        config=Config(dominios=("sinaloa.gob.mx",)),
        policy=Policy(retention_days=90),
        past=Past(),
        spent={},
        today=TODAY,
    )
    memory = remembering(there)
    base, head = (Side(commit=MERGE, declaration=one, memory=memory) for one in (old, new))
    return PullView(
        preview=preview(base, head, ground),
        snapshot=shot,
        dependencias=new.dependencias,
        head="cafe" * 10,
        base=MERGE,
        now=at + timedelta(hours=3),
        zone=ZoneInfo("America/Mazatlan"),
        author=HOSTILE if hostile_too else "lbeltran",
        authors=[f"{HOSTILE if hostile_too else 'Laura Beltrán Ochoa'} <l@b>"],
    )


def on_screen(shown: PlanView) -> str:
    """Return what a terminal without colours shows of a plan."""
    with screen.out.capture() as captured:
        screen.show_plan(shown)
    return captured.get()


def life() -> str:
    """Return the history of an account from its alta to a baja that an interrupted run began."""
    key = AccountKey("juan.perez")
    person = {"nombre": "Juan", "apellidos": "Pérez López", "alta": "SAF/DA/0001/2026", "(dependencia)": "SAF"}
    gone = person | {"baja": "SAF/DA/0099/2026", "motivo_baja": "Renuncia"}
    pushed = person | {"puesto": "Jefe"}
    steps = [({}, person, 2), (person, pushed, 1), (person, gone, 2)]
    commits = [_commit(place, parents) for place, (_, _, parents) in enumerate(steps)]
    trail = Trail(
        commits={one.commit: one for one in commits},
        origins={},
        movements={
            key: [
                EntryChange(one.commit, before, after) for one, (before, after, _) in zip(commits, steps, strict=True)
            ]
        },
    )
    authors = {one.commit: one.author for one in commits} | {"b" * 40: "Laura Beltrán Ochoa <l@b>"}
    return (
        "\n".join(as_text(key, moments(key, trail, deeds(_events(key)), authors), ZoneInfo("America/Mazatlan")))
        + "\n"
    )


def _commit(place: int, parents: int) -> CommitChange:
    return CommitChange(
        commit=f"{place + 1:x}" * 40,
        parents=("a" * 40, "b" * 40)[:parents],
        author="Dirección de Servicios Compartidos <d@b>",
        committer="forja <f@b>",
        at=datetime(2026, 4, 1 + place, 18, tzinfo=UTC),
        subject=f"Merge pull request #{place + 1}",
        body="",
        files=(FileChange("accounts/SAF.yaml", "100644", "100644", None, "c" * 40),),
    )


def _events(key: AccountKey) -> list[Event]:
    def event(day: int, run: str, kind: EventKind, **data: JSON) -> Event:
        return Event(kind=kind, at=datetime(2026, 4, day, 19, tzinfo=UTC), run=run, key=key, data=data)

    first, second, third = "20260401T190000Z-0001", "20260403T190000Z-0002", "20260404T190000Z-0003"
    alta, baja, sheet = "OT-2026-7K3M9QWX", "OT-2026-2B8C4D5F", "H-2026-5E7JYVGM"
    told = {"orden": alta, "estado": "enviado", "destino": "ad"}
    return [
        event(1, first, EventKind.RUN_STARTED, destino="ad"),
        event(
            1,
            first,
            EventKind.ORDER_RECEIVED,
            orden=alta,
            movimiento="alta",
            oficio="SAF/DA/0001/2026",
            recibido="2026-03-30",
            medio="telefono",
        ),
        event(1, first, EventKind.ATTEMPT, cambio="x", verbo="create", oficio="SAF/DA/0001/2026"),
        event(1, first, EventKind.SHEET_SEALED, hoja="ad/juan.perez.age", folio=sheet, orden=alta),
        event(1, first, EventKind.OUTCOME, cambio="x", verbo="create", estado="aplicado", guid="8e7c"),
        event(1, first, EventKind.ORDER_DONE, orden=alta, avisar=["enlace", "interesado"], entregar=True),
        event(1, first, EventKind.NOTICE, a="enlace", **told),
        event(
            1,
            first,
            EventKind.NOTICE,
            orden=alta,
            a="interesado",
            estado="rechazado",
            detalle="el correo rechazó la carta o a su destinatario",
            destino="ad",
        ),
        event(2, "20260402T190000Z-0001", EventKind.NOTICE, a="interesado", **told),
        *_afterwards(alta, sheet),
        event(3, second, EventKind.RUN_STARTED, destino="ad"),
        event(
            3,
            second,
            EventKind.ORDER_RECEIVED,
            orden=baja,
            movimiento="baja",
            oficio=None,
            recibido="2026-04-02",
            medio="correo",
        ),
        event(3, second, EventKind.ORDER_OFICIO, orden=baja, oficio="SAF/DA/0099/2026"),
        event(3, second, EventKind.ATTEMPT, cambio="y", verbo="disable", oficio="SAF/DA/0099/2026"),
        event(4, third, EventKind.RUN_STARTED, destino="ad"),
        event(4, third, EventKind.RECONCILED, de=second, cambio="y", verbo="disable", estado="aplicado"),
        event(4, third, EventKind.ORDER_DONE, orden=baja, avisar=["enlace"], entregar=False),
        event(4, third, EventKind.ORDER_WITHDRAWN, orden="OT-2026-9N0P1Q2R", motivo="Se pidió dos veces"),
    ]


def _afterwards(order: str, sheet: str) -> list[Event]:
    """Return what is on record by name of order and sheet alone, from the sheet to the end."""

    def event(kind: EventKind, **data: JSON) -> Event:
        at = datetime(2026, 4, 2, 20, tzinfo=UTC)
        return Event(kind=kind, at=at, run="20260402T200000Z-0002", data={"destino": "ad"} | data)

    return [
        event(EventKind.SHEET_PRINTED, folio=sheet),
        event(EventKind.SHEET_SENT, folio=sheet, a="enlace", motivo="El titular está en Mazatlán"),
        event(EventKind.LATE, orden=order, vence="2026-04-01"),
        event(EventKind.LATE_TREATED, orden=order, causa="falla-correo", tratamiento="Se reparó el servidor"),
        event(EventKind.SHEET_ACKNOWLEDGED, folio=sheet, por="enlace"),
        event(EventKind.SHEET_REMOVED, folio=sheet, porque="acusada"),
        event(EventKind.ORDER_NOTE, orden=order, texto="Se entregó en mano"),
        event(EventKind.ORDER_CLOSED, orden=order),
        event(EventKind.ORDER_TOLD, orden=order, accion="cerrar", numero="SO-4711"),
    ]


def problems() -> str:
    """Return a problem and a warning as a terminal shows them."""
    wrong = Problem("accounts/SAF.yaml", 25, "x", "La alta de «juan.perez» nombra otro oficio.", "Corríjala.")
    warned = Problem("accounts/SAF.yaml", 0, "x", "«ana.ruiz» venció.", "Pida su baja.", blocks=False)
    return "".join(f"{screen.problem_text(one).plain}\n" for one in (wrong, warned))


GOLDEN: dict[str, Callable[[], str]] = {
    "plan.txt": lambda: on_screen(everything()),
    "plan.md": lambda: as_markdown(everything()),
    "hostil.txt": lambda: on_screen(hostile()),
    "hostil.md": lambda: as_markdown(hostile()),
    "nada.txt": lambda: on_screen(nothing()),
    "nada.md": lambda: as_markdown(nothing()),
    "solicitud.md": lambda: pull_plan_in_markdown(pull()),
    "solicitud.txt": lambda: pull_plan_in_text(pull()),
    "solicitud-hostil.md": lambda: pull_plan_in_markdown(pull(hostile_too=True)),
    "solicitud-hostil.txt": lambda: pull_plan_in_text(pull(hostile_too=True)),
    "retenido.md": lambda: held_in_markdown([HeldChange(one, waits=False) for one in pull().preview.caused]),
    "aplicado.md": lambda: done_in_markdown(
        [Outcome(change=one, result=Result.APPLIED) for one in pull().preview.caused], "20261124T190000Z-0001"
    ),
    "historia.txt": life,
    "problemas.txt": problems,
    "indicador.txt": lambda: as_text_report(statements.quarter()),
    "indicador.md": lambda: as_markdown_report(statements.quarter()),
    "sin-ordenes.txt": lambda: as_text_report(statements.empty()),
    "no-conformes.txt": lambda: as_text_report(statements.late()),
    "movimientos.txt": lambda: as_text_report(statements.month()),
    "movimientos-hostil.txt": lambda: as_text_report(statements.hostile()),
    "movimientos-hostil.md": lambda: as_markdown_report(statements.hostile()),
}

if __name__ == "__main__":
    for name, text in GOLDEN.items():
        (FOLDER / name).write_text(text(), "utf-8")

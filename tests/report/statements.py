"""Reports over a few orders, one of each sort, for golden files and for paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from reconciler.config import Director, NoConformidad, Organizacion, Plazos
from reconciler.indicator import cases, indicator
from reconciler.lateness import Terms
from reconciler.model import AccountKey, Movimiento
from reconciler.movements import made_in
from reconciler.orders import Lateness, Order, asked
from reconciler.period import Month, Quarter
from reconciler.statements.indicator import of_indicator
from reconciler.statements.late import of_late
from reconciler.statements.movements import of_movements
from reconciler.statements.statement import Evidence, Statement
from reconciler.workdays import Workdays
from tests.orders import ZONE, at, order

TODAY = date(2026, 11, 27)
T4 = Quarter(2026, 4)
EVIDENCE = Evidence(
    target="ad",
    head="9f2c" * 16,
    events=12840,
    waiting=3,
    today=TODAY,
    organization=Organizacion(director=Director(nombre="Mariana Félix Castro", cargo="Directora de la DSCT")),
    commit="5c1d" * 10,
)
TERMS = Terms(calendar=Workdays(Plazos()), days=5, zone=ZONE)
CAUSES = NoConformidad().causas

_TREATED = Lateness(
    due=date(2026, 10, 12),
    recorded=at(date(2026, 10, 13)),
    cause="espera-enlace",
    treatment="Se llamó al enlace, que confirmó los apellidos; la cuenta se creó el mismo día y se avisó al usuario.",
    treated=at(date(2026, 10, 15)),
)


def some() -> list[Order]:
    """Return orders of two agencies: on time, late, treated, withdrawn, waiting, carried over and resolved after."""
    return [
        order("OT-2026-0000AAAA", date(2026, 9, 28), done=date(2026, 9, 29), closed=date(2026, 9, 30)),
        order("OT-2026-0000BBBB", date(2026, 9, 29), key=AccountKey("ana.ruiz"), done=date(2026, 10, 1)),
        order(
            "OT-2026-0000CCCC",
            date(2026, 10, 5),
            key=AccountKey("raul.paz"),
            done=date(2026, 10, 15),
            closed=date(2026, 10, 16),
            late=_TREATED,
        ),
        order(
            "OT-2026-0000DDDD", date(2026, 11, 3), key=AccountKey("contabilidad.egresos"), oficio="SAF/DA/0301/2026"
        ),
        order(
            "OT-2026-0000EEEE",
            date(2026, 11, 4),
            key=AccountKey("luis.gil"),
            movement=Movimiento.BAJA,
            dependencia="SEBIDES",
            oficio="SEBIDES/0044/2026",
            done=date(2026, 11, 5),
        ),
        order("OT-2026-0000FFFF", date(2026, 11, 9), key=AccountKey("eva.mora"), withdrawn=date(2026, 11, 10)),
        order("OT-2026-0000GGGG", date(2026, 11, 20), oficio=None, oficio_on=None, dependencia="SEBIDES"),
        order(
            "OT-2026-0000HHHH",
            date(2026, 11, 23),
            key=AccountKey("maria.lopez"),
            dependencia="SEBIDES",
            oficio="SEBIDES/0051/2026",
            done=date(2026, 11, 24),
        ),
    ]


def quarter() -> Statement:
    """Return the indicator of a quarter that runs."""
    late = [one for one in TERMS.all_late(some(), TODAY) if one.due in T4]
    return of_indicator(indicator(cases(some(), ZONE), T4, TODAY), late, EVIDENCE, TERMS)


def empty() -> Statement:
    """Return the indicator of a quarter that is over, of an agency that had no order in it."""
    found = indicator([], Quarter(2026, 3), TODAY)
    return of_indicator(found, [], replace(EVIDENCE, waiting=0), TERMS, "ISDE")


def late() -> Statement:
    """Return every late alta."""
    return of_late(TERMS.all_late(some(), TODAY), EVIDENCE, TERMS, CAUSES)


def month() -> Statement:
    """Return a month's movements, one of which brought somebody back."""
    returned = frozenset({asked(AccountKey("maria.lopez"), Movimiento.ALTA, "sebides 0051 2026")})
    november = Month(2026, 11)
    return of_movements(made_in(some(), november, ZONE, returned), november, EVIDENCE)


def hostile() -> Statement:
    """Return a month in which every value tries to be more than text."""
    text = "=1+1|[x](https://malo.example) @dsct <b>`a` \u202egpj.exe\n# h"
    one = order(text, date(2026, 11, 3), key=AccountKey(text), dependencia=text, oficio=text, done=date(2026, 11, 4))
    november = Month(2026, 11)
    return of_movements(made_in([one], november, ZONE, frozenset()), november, EVIDENCE)

"""Who comes, who goes and when: the parts that the story names, and a crowd that the dice move."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from reconciler.demo.agencies import COMMONS, Agency
from reconciler.demo.government import DOMAIN, HOME, STAFF, Government
from reconciler.demo.movements import Arrival, Change, Common, Departure, Movement, Relief, Return, Transfer
from reconciler.demo.names import Person, Registry

REASONS = ("Renuncia", "Término de contrato", "Jubilación", "Licencia sin goce de sueldo", "Fin de comisión")
_LOAD = 12
"""How many people a first load brings at most, and `_GROUP` a later request."""
_GROUP = 5
_LEAVES = 0.05
_CHANGES = 0.08
"""Shares of the crowd that leave, or change, before the history ends."""

Timed = tuple[float, Movement]
"""A movement and when it comes, as a fraction of the whole time."""


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Those whom the story names."""

    protagonist: Person
    relief: Person
    homonyms: tuple[Person, Person]
    compound: Person
    twins: tuple[Person, Person]
    returned: Person
    held: Person

    @classmethod
    def of(cls, registry: Registry) -> Cast:
        """Give each one a key."""
        new = registry.person
        return cls(
            protagonist=new("Mariana", "Gaxiola Peñuelas", woman=True),
            relief=new("José Ramón", "Aispuro Lara", woman=False, called="Ramón"),
            homonyms=(
                new("Juan Carlos", "López Gastélum", woman=False, called="Juan"),
                new("Juan Manuel", "López Bojórquez", woman=False, called="Juan"),
            ),
            compound=new("Felipe de Jesús", "Esquivel Armenta", woman=False),
            twins=(
                new("María de los Ángeles", "González Inzunza", woman=True),
                new("María de los Ángeles", "Gómez Quintero", woman=True),
            ),
            returned=new("Ofelia", "Tirado Meza", woman=True),
            held=new("Gonzalo", "Rendón Urías", woman=False),
        )

    def homes(self) -> dict[str, list[Person]]:
        """Return who starts in which agency."""
        return {
            HOME: [self.protagonist, self.homonyms[0]],
            "SOP": [self.homonyms[1]],
            "SSA": [self.compound],
            "SEPyC": [*self.twins],
            "SECTUR": [self.returned],
            "STRC": [self.held],
        }


def movements(government: Government, cast: Cast, accounts: int) -> list[Movement]:
    """Make up a history at the end of which about that many accounts are declared."""
    agencies = tuple(book.agency for book in government.books.values())
    timed = [*_told(cast), *_staff()]
    homes = cast.homes()
    for agency, size in zip(agencies, _sizes(agencies, accounts), strict=True):
        commons = COMMONS.get(agency.siglas, ())
        named = len(homes.get(agency.siglas, ())) + len(commons) + (len(STAFF) if agency.siglas == HOME else 0)
        crowd = [government.registry.somebody() for _ in range(max(size - named, 1))]
        timed += _crowd(agency.siglas, crowd, government.chance)
        for key, fields in commons:
            when = 0.3 + government.chance.random() / 4
            timed.append((when, Common(agency.siglas, government.registry.claim(key), fields, crowd[0].key)))
    timed.sort(key=lambda one: one[0])
    return [movement for _, movement in timed]


def waiting(cast: Cast) -> Movement:
    """Return the movement that is still to be approved when the history ends: a baja and an alta."""
    return Relief(cast.protagonist.key, cast.relief, "Renuncia")


def _sizes(agencies: Sequence[Agency], accounts: int) -> list[int]:
    total = sum(one.weight for one in agencies)
    return [max(accounts * one.weight // total, 2) for one in agencies]


def _told(cast: Cast) -> Iterator[Timed]:
    """Yield the movements of those whom the story names."""
    leader = cast.protagonist.key
    for siglas, people in cast.homes().items():
        early = 0.05 if siglas == HOME else 0.12
        for place, person in enumerate(people):
            post = {"puesto": "Analista"} if person is cast.protagonist else None
            yield early + place / 50, Arrival(siglas, [person], post)
    new_desk = {"area": "Departamento de Padrones", "telefono": "667 758 7000 ext. 2214"}
    yield 0.40, Departure(cast.returned.key, "Licencia sin goce de sueldo")
    yield 0.45, Change(leader, {"puesto": "Jefa de Departamento"}, "Ascenso")
    yield 0.50, Change(cast.homonyms[0].key, {"alias": [f"jc.lopez@{DOMAIN}"]}, "Alias")
    yield 0.60, Departure(cast.held.key, "Término de contrato", {"conservar_hasta": date(2031, 12, 31)})
    yield 0.72, Transfer(leader, "SEBIDES", new_desk)
    yield 0.80, Return(cast.returned.key)


def _staff() -> Iterator[Timed]:
    area = "Dirección de Servicios Compartidos de Tecnología"
    for place, (key, (given, surnames, title)) in enumerate(STAFF.items()):
        person = Person(key, given, surnames, woman=False)
        yield place / 1000, Arrival(HOME, [person], {"puesto": title, "area": area})


def _crowd(siglas: str, crowd: Sequence[Person], chance: random.Random) -> Iterator[Timed]:
    """Yield a first load, then people by ones and by handfuls; some of them change, some leave.

    The first one stays: somebody has to look after the shared accounts.
    """
    size, start, when = min(len(crowd) // 2 or 1, _LOAD), 0, 0.01 + chance.random() / 10
    while start < len(crowd):
        group = crowd[start : start + size]
        yield when, Arrival(siglas, group)
        for person in group[0 if start else 1 :]:
            dice = chance.random()
            later = when + (1 - when) * (0.1 + 0.9 * chance.random())
            if dice < _LEAVES:
                yield later, Departure(person.key, chance.choice(REASONS))
            elif dice < _LEAVES + _CHANGES:
                yield later, Change(person.key)
        start, size, when = start + size, chance.randrange(1, _GROUP + 1), 0.12 + chance.random() * 0.85

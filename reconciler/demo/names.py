"""Invented people: common Mexican given names and surnames, and the keys that such names give."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from reconciler.model import LOGON_LENGTH, derived_logon

WOMEN = (
    "María", "Guadalupe", "Laura", "Patricia", "Rosario", "Alejandra", "Verónica", "Leticia", "Claudia", "Gabriela",
    "Daniela", "Fernanda", "Adriana", "Lourdes", "Silvia", "Karla", "Mónica", "Norma", "Sandra", "Elizabeth",
    "Yolanda", "Teresa", "Margarita", "Alicia", "Beatriz", "Diana", "Ana", "Rocío", "Martha", "Araceli",
    "Brenda", "Cecilia", "Dulce", "Esperanza", "Fabiola", "Graciela", "Irma", "Jazmín", "Lizbeth", "Maribel",
    "Nayeli", "Paola", "Reyna", "Socorro", "Ximena", "Yadira", "Carolina", "Isabel", "Sofía", "Valeria",
)  # fmt: skip
MEN = (
    "José", "Juan", "Luis", "Carlos", "Jesús", "Miguel", "Jorge", "Francisco", "Manuel", "Alejandro",
    "Roberto", "Fernando", "Ricardo", "Arturo", "Sergio", "Héctor", "Raúl", "Eduardo", "Daniel", "Javier",
    "Rubén", "Óscar", "Martín", "Alberto", "Gerardo", "Enrique", "Ramón", "Víctor", "Ernesto", "Alfredo",
    "Rafael", "Armando", "Guillermo", "Rodolfo", "Gilberto", "Abel", "Benjamín", "César", "David", "Efraín",
    "Felipe", "Gustavo", "Hugo", "Iván", "Joel", "Leonel", "Marco", "Noé", "Omar", "Saúl",
)  # fmt: skip
SURNAMES = (
    "López", "García", "Hernández", "Martínez", "González", "Rodríguez", "Pérez", "Sánchez", "Ramírez", "Flores",
    "Gastélum", "Beltrán", "Zazueta", "Camacho", "Félix", "Inzunza", "Angulo", "Castro", "Valenzuela", "Ochoa",
    "Medina", "Soto", "Leyva", "Osuna", "Lizárraga", "Tirado", "Quintero", "Aispuro", "Payán", "Verdugo",
    "Armenta", "Bojórquez", "Cota", "Gaxiola", "Sainz", "Urías", "Montoya", "Núñez", "Peñuelas", "Robles",
    "Sarabia", "Tapia", "Uriarte", "Vega", "Acosta", "Burgos", "Cárdenas", "Domínguez", "Espinoza", "Gámez",
    "Heredia", "Ibarra", "Juárez", "Lara", "Meza", "Nevárez", "Obeso", "Parra", "Rendón", "Salazar",
    "Trujillo", "Velázquez", "Zamudio", "Araujo", "Barraza", "Carrillo", "Delgado", "Escobar", "Figueroa", "Güémez",
)  # fmt: skip
_SECOND_NAME = 0.4
"""Share of people with two given names."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist. `logon` None: the key gives it."""

    key: str
    given: str
    surnames: str
    woman: bool
    logon: str | None = None

    @property
    def full_name(self) -> str:
        """Given names and surnames."""
        return f"{self.given} {self.surnames}"


def folded(text: str) -> str:
    """Return the letters and digits of a text as addresses spell them: Güémez -> guemez."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[^a-z0-9]", "", decomposed)


@dataclass
class Registry:
    """Every key and logon name that was given out: none is given twice."""

    chance: random.Random
    keys: set[str] = field(default_factory=set)
    logons: set[str] = field(default_factory=set)

    def somebody(self) -> Person:
        """Invent one more person."""
        woman = self.chance.random() < 0.5  # noqa: PLR2004 -- one half
        names = WOMEN if woman else MEN
        first = self.chance.choice(names)
        second = self.chance.choice(names) if self.chance.random() < _SECOND_NAME else first
        given = first if second == first else f"{first} {second}"
        surnames = f"{self.chance.choice(SURNAMES)} {self.chance.choice(SURNAMES)}"
        return self.person(given, surnames, woman=woman, called=first)

    def person(self, given: str, surnames: str, *, woman: bool, called: str | None = None) -> Person:
        """Give a person a key, and a logon name of their own where the key's is taken or cut short."""
        key = next(key for key in _keys(called or given, surnames) if key not in self.keys)
        self.keys.add(key)
        short = len(key) <= LOGON_LENGTH and derived_logon(key) not in self.logons
        logon = None if short else next(one for one in _logons(given, surnames) if one not in self.logons)
        self.logons.add(logon or derived_logon(key))
        return Person(key, given, surnames, woman, logon)

    def claim(self, key: str) -> str:
        """Give out a key that is no person's."""
        self.keys.add(key)
        self.logons.add(derived_logon(key))
        return key


def _keys(called: str, surnames: str) -> Iterator[str]:
    """Yield keys for homonyms: nombre.apellido, with the second surname's initial, with all of it, numbered."""
    first, _, second = surnames.partition(" ")
    plain = f"{folded(called)}.{folded(first)}"
    yield plain
    yield plain + folded(second)[:1]
    yield plain + folded(second)
    number = 2
    while True:
        yield f"{plain}{number}"
        number += 1


def _logons(given: str, surnames: str) -> Iterator[str]:
    initials = "".join(folded(word)[:1] for word in given.split())
    first, _, second = surnames.partition(" ")
    yield f"{initials}.{folded(first)}"
    yield f"{initials}.{folded(first)}{folded(second)[:1]}"
    number = 2
    while True:
        yield f"{initials}.{folded(first)}{number}"
        number += 1

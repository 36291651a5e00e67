"""The invented government: its agencies' books, its oficios, and who proposes and who approves."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from reconciler.demo.agencies import TITLES, Agency
from reconciler.demo.book import Book, Fields, Value
from reconciler.demo.names import Person, Registry, folded
from reconciler.demo.office import Slot

DOMAIN = "sinaloa.gob.mx"
PHONE = "667 758 7000"
DIRECTOR = f"Arturo Camacho Zazueta <arturo.camacho@{DOMAIN}>"
"""Director de Servicios Compartidos de Tecnología: merges every pull request."""
HELP_DESK = f"Nayeli Osuna Verdugo <nayeli.osuna@{DOMAIN}>"
"""Jefa de Mesa de Ayuda: proposes what belongs to no single agency."""

STAFF = {
    "arturo.camacho": ("Arturo", "Camacho Zazueta", "Director de Servicios Compartidos de Tecnología"),
    "nayeli.osuna": ("Nayeli", "Osuna Verdugo", "Jefa de Mesa de Ayuda"),
}
"""The accounts of those two, in the agency of HOME."""
HOME = "SAF"

_MEDIA = ("oficio", "oficio", "oficio", "ventanilla", "correo", "telefono")


@dataclass
class Government:
    """Everything that is declared at one moment of the history, and the counters behind it."""

    chance: random.Random
    books: dict[str, Book]
    registry: Registry
    counters: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, agencies: tuple[Agency, ...], chance: random.Random) -> Government:
        """Return a government with an enlace in each agency, and nobody's account yet."""
        registry = Registry(chance)
        for key in STAFF:
            registry.claim(key)
        government = cls(chance, {one.siglas: Book(one) for one in agencies}, registry)
        for book in government.books.values():
            government.new_enlace(book)
        return government

    def new_enlace(self, book: Book) -> None:
        """Appoint an enlace of an agency."""
        person = self.registry.somebody()
        user = f"{folded(person.given)[0]}{person.key.partition('.')[2]}"
        fields = {"nombre": person.full_name, "correo": f"{person.key}@{DOMAIN}", "usuario_git": user}
        book.enlace(person.key, fields)

    def new_oficio(self, book: Book, slot: Slot) -> str:
        """Register the next oficio of an agency and return its number."""
        year = slot.dated.year
        count = self.counters.get((book.agency.siglas, year), self.chance.randrange(4, 90))
        count += self.chance.randrange(2, 36)
        self.counters[book.agency.siglas, year] = count
        number = book.agency.number(count, year)
        fields: dict[str, Value] = {
            "fecha": slot.dated,
            "recibido": slot.received,
            "medio": self.chance.choice(_MEDIA),
            "enlace": self.enlace_of(book),
            "firmante": book.agency.signer,
        }
        book.oficio(number, fields)
        return number

    def enlace_of(self, book: Book) -> str:
        """Return the key of the enlace who handles an agency's requests."""
        return next(iter(book.enlaces))

    def author_of(self, book: Book) -> str:
        """Return the enlace as Git writes people."""
        fields = book.enlaces[self.enlace_of(book)]
        return f"{fields['nombre']} <{fields['correo']}>"

    def user_of(self, book: Book) -> str:
        """Return the enlace's user on the forge."""
        return str(book.enlaces[self.enlace_of(book)]["usuario_git"])

    def employed(self, person: Person, agency: Agency, alta: str) -> dict[str, Value]:
        """Return the entry of a person who starts to work somewhere in an agency."""
        fields: dict[str, Value] = {
            "nombre": person.given,
            "apellidos": person.surnames,
            "puesto": self.title(person),
            "area": self.chance.choice(agency.all_areas),
            "telefono": self.phone(),
            "alta": alta,
        }
        if person.logon:
            fields["usuario_ad"] = person.logon
        if self.chance.random() < 0.06:  # noqa: PLR2004 -- a few have a quota of their own
            fields["cuota_mb"] = self.chance.choice((2048, 4096, 10240))
        if self.chance.random() < 0.05:  # noqa: PLR2004 -- a few are sent, with the reason
            fields["entrega"] = {"medio": "correo", "a": "enlace", "motivo": "Oficina foránea"}
        return fields

    def title(self, person: Person) -> str:
        """Return a puesto, the common ones more often."""
        (woman, man, _), *_ = self.chance.choices(TITLES, [one[2] for one in TITLES])
        return woman if person.woman else man

    def phone(self) -> str:
        """Return an extension of the state's switchboard."""
        return f"{PHONE} ext. {self.chance.randrange(1000, 4999)}"

    def find(self, key: str) -> tuple[Book, Fields]:
        """Return where an account is declared, and its entry."""
        for book in self.books.values():
            if key in book.accounts:
                return book, book.accounts[key]
        raise KeyError(key)

    def files(self) -> dict[str, bytes | None]:
        """Return every file that changed since the last time."""
        return {path: data for book in self.books.values() for path, data in book.files().items()}

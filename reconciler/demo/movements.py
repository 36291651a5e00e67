"""What may happen to accounts in a history: each movement writes its entries and says what its request is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from reconciler.demo.agencies import same_title
from reconciler.demo.book import Book, Fields, Value
from reconciler.demo.government import Government
from reconciler.demo.names import Person
from reconciler.demo.office import Slot


@dataclass(frozen=True, slots=True)
class Request:
    """What a pull request says of itself: the book of the enlace who proposes it, a title and a body."""

    book: Book
    title: str
    body: str


class Movement(Protocol):
    """One pull request's worth of changes."""

    def write(self, government: Government, slot: Slot) -> Request:
        """Write the entries, as of the slot's dates."""


@dataclass(frozen=True)
class Arrival:
    """People who join an agency, by one oficio; `extra` are fields of theirs beyond the usual ones."""

    siglas: str
    people: Sequence[Person]
    extra: Fields | None = None

    def write(self, government: Government, slot: Slot) -> Request:
        """Declare each one's alta."""
        book = government.books[self.siglas]
        number = government.new_oficio(book, slot)
        for person in self.people:
            fields = government.employed(person, book.agency, number) | dict(self.extra or {})
            book.account(person.key, fields)
        names = [one.full_name for one in self.people]
        title = f"Alta de {names[0]}" if len(names) == 1 else f"Altas de {self.siglas}: {len(names)} personas"
        return Request(book, title, _body(number, "\n".join(f"- {name}" for name in names)))


@dataclass(frozen=True)
class Common:
    """An account that is not a person's: shared, or a resource, with somebody who looks after it."""

    siglas: str
    key: str
    fields: Fields
    responsable: str

    def write(self, government: Government, slot: Slot) -> Request:
        """Declare it."""
        book = government.books[self.siglas]
        number = government.new_oficio(book, slot)
        book.account(self.key, {**self.fields, "responsable": self.responsable, "alta": number})
        return Request(book, f"Alta de {self.key}", _body(number))


@dataclass(frozen=True)
class Change:
    """Some fields of a person's account change; None gives what the dice say."""

    key: str
    fields: Fields | None = None
    title: str = ""

    def write(self, government: Government, slot: Slot) -> Request:
        """Rewrite the entry, by an oficio of its own."""
        book, before = government.find(self.key)
        number = government.new_oficio(book, slot)
        changes: Fields = self.fields or _promotion(government, before)
        book.account(self.key, {**before, **changes, "cambio": number})
        what = self.title or f"Cambio de {'extensión' if 'telefono' in changes else 'puesto'}"
        name = f"{before['nombre']} {before['apellidos']}"
        return Request(book, f"{what} de {name}", _body(number))


def _promotion(government: Government, before: Fields) -> dict[str, Value]:
    """Return another title or another extension; the area stays, and with it the file."""
    woman = str(before["puesto"]).split()[0].endswith("a")
    person = Person("", str(before["nombre"]), str(before["apellidos"]), woman)
    title = government.title(person)
    return {"telefono": government.phone()} if title == before["puesto"] else {"puesto": title}


@dataclass(frozen=True)
class Departure:
    """Somebody leaves; the entry stays, with the oficio of the baja and why."""

    key: str
    reason: str
    extra: Fields | None = None

    def write(self, government: Government, slot: Slot) -> Request:
        """Declare the baja."""
        book, before = government.find(self.key)
        number = government.new_oficio(book, slot)
        gone: Fields = {"baja": number, "motivo_baja": self.reason}
        book.account(self.key, {**before, **gone, **(self.extra or {})})
        return Request(book, f"Baja de {before['nombre']} {before['apellidos']}", _body(number, self.reason))


@dataclass(frozen=True)
class Return:
    """Somebody who had left comes back: the same address, a new oficio."""

    key: str

    def write(self, government: Government, slot: Slot) -> Request:
        """Declare the reincorporation."""
        book, before = government.find(self.key)
        number = government.new_oficio(book, slot)
        left = {name: value for name, value in before.items() if name not in {"baja", "motivo_baja"}}
        book.account(self.key, {**left, "alta": number})
        return Request(book, f"Reincorporación de {before['nombre']} {before['apellidos']}", _body(number))


@dataclass(frozen=True)
class Transfer:
    """Somebody goes to another agency: the entry moves to its file, with the new agency's oficio."""

    key: str
    to: str
    fields: Fields

    def write(self, government: Government, slot: Slot) -> Request:
        """Move the entry."""
        old, _ = government.find(self.key)
        book = government.books[self.to]
        number = government.new_oficio(book, slot)
        fields = {name: value for name, value in old.give_up(self.key).items() if name != "cambio"}
        book.account(self.key, {**fields, **self.fields, "alta": number})
        what = f"{fields['nombre']} {fields['apellidos']}"
        return Request(book, f"Traslado de {what} de {old.agency.siglas} a {self.to}", _body(number))


@dataclass(frozen=True)
class Relief:
    """Somebody leaves and somebody else takes the post, by one oficio: a baja and an alta."""

    leaving: str
    arriving: Person
    reason: str

    def write(self, government: Government, slot: Slot) -> Request:
        """Declare both."""
        book, before = government.find(self.leaving)
        number = government.new_oficio(book, slot)
        book.account(self.leaving, {**before, "baja": number, "motivo_baja": self.reason})
        fields = government.employed(self.arriving, book.agency, number)
        post: Fields = {
            "puesto": same_title(str(before["puesto"]), woman=self.arriving.woman),
            "area": before["area"],
        }
        book.account(self.arriving.key, {**fields, **post})
        names = f"{before['nombre']} {before['apellidos']}"
        body = _body(number, f"- Baja: {names} ({self.reason.lower()})\n- Alta: {self.arriving.full_name}")
        return Request(
            book, f"Relevo en {book.agency.siglas}: baja de {names}, alta de {self.arriving.full_name}", body
        )


def _body(number: str, more: str = "") -> str:
    return f"Oficio: {number}" if not more else f"Oficio: {number}\n\n{more}"

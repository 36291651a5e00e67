"""Notifications (PSDT-08, 9.1): whom an order's movement is told to, and the letters that tell it, each once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from reconciler.engine.desired import Desired
from reconciler.engine.ports import Post, Record, Says
from reconciler.errors import (
    CuentasError,
    OutcomeUnknownError,
    StoppedError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.events import Event, EventKind
from reconciler.letter import Message
from reconciler.letters import Carta, Letters, of_account
from reconciler.model import (
    AccountKey,
    Addressee,
    Declaration,
    Declared,
    Dependencia,
    Movimiento,
    Oficio,
    Siglas,
    Tipo,
    normalized_oficio,
)
from reconciler.movements import is_return
from reconciler.orders import Order, OrderKey
from reconciler.trail import formerly

SENT, REFUSED, UNKNOWN, BY_HAND = "enviado", "rechazado", "desconocido", "otro_medio"

# --- whom ---------------------------------------------------------------------------------------------------


def to_tell(order: Order, declared: Declared, declaration: Declaration) -> tuple[Addressee, ...]:
    """Return those who have to be told of an order's movement: its enlace, and whoever has another address.

    An enlace that the declaration does not say has to be told, too: by a person.
    """
    found = {one: address(one, order, declared, declaration) for one in Addressee}
    both = found[Addressee.INTERESADO] not in {None, found[Addressee.ENLACE]}
    return tuple(Addressee) if both else (Addressee.ENLACE,)


def address(one: Addressee, order: Order, declared: Declared, declaration: Declaration) -> str | None:
    """Return somebody's address; None where nobody has one."""
    if one is Addressee.INTERESADO:
        return interested(order.movement, declared, declaration)
    cited = _cited(order, declared, declaration)
    return cited[0].enlaces[cited[1].enlace].email if cited else None


def interested(movement: Movimiento, declared: Declared, declaration: Declaration) -> str | None:
    """Return the interested party's address: whom the entry names (`avisar_a`); else whoever can be reached.

    Of an alta that is whoever has the account, and of the baja of what is no person's, its responsable. A person who
    left and gave no address has none.
    """
    account = declared.account
    if declared.interested or movement is Movimiento.ALTA:
        return declared.interested or account.address
    responsable = declaration.accounts.get(account.responsable) if account.responsable else None
    return responsable.account.address if responsable and account.tipo is not Tipo.PERSONAL else None


def _cited(order: Order, declared: Declared, declaration: Declaration) -> tuple[Dependencia, Oficio] | None:
    """Return an order's oficio with the dependencia that declares it: the order's, or else the account's of today.

    An agency that was renamed takes its oficios along. None where neither declares it any more.
    """
    wanted = normalized_oficio(order.oficio or "")
    for siglas in (Siglas(order.dependencia), declared.account.dependencia):
        agency = declaration.dependencias.get(siglas)
        for one in agency.oficios.values() if agency else ():
            if agency and normalized_oficio(one.number) == wanted:
                return agency, one
    return None


def current(
    order: Order, declaration: Declaration, formerly: Mapping[AccountKey, Collection[AccountKey]]
) -> Declared | None:
    """Return the entry that an order is about, under whichever key it has today."""
    if order.key in declaration.accounts:
        return declaration.accounts[order.key]
    key = next((key for key, earlier in formerly.items() if order.key in earlier), None)
    return declaration.accounts[key] if key else None


# --- the letters ---------------------------------------------------------------------------------------------


def carta(order: Order, one: Addressee, back: Collection[OrderKey]) -> Carta:
    """Return the letter that tells somebody of an order's movement; `back` are the altas of who came back."""
    if order.movement is Movimiento.BAJA:
        return Carta.BAJA if one is Addressee.ENLACE else Carta.BAJA_INTERESADO
    if is_return(order, back):
        return Carta.REINCORPORACION if one is Addressee.ENLACE else Carta.REINCORPORACION_INTERESADO
    return Carta.ALTA if one is Addressee.ENLACE else Carta.ALTA_INTERESADO


class UnaddressedError(TargetRejectedError):
    """A letter that cannot be written, since the declaration no longer says to whom, or on which oficio."""


@dataclass(frozen=True, kw_only=True)
class Mailroom:
    """What letters are written and sent with, and where it is put on record; `target` is whose orders they tell of.

    `keep` is called before each letter, to hold on to the right to send; `stopping` says that none is to be begun.
    """

    target: str
    desired: Desired
    letters: Letters
    post: Post
    record: Record
    says: Says
    back: Collection[OrderKey]
    keep: Callable[[], None] = lambda: None
    stopping: Callable[[], bool] = lambda: False

    @cached_property
    def _formerly(self) -> Mapping[AccountKey, Collection[AccountKey]]:
        return formerly(self.desired.trail, self.desired.declaration)

    def letter(self, order: Order, one: Addressee) -> Message:
        """Write to somebody.

        Raises:
            UnaddressedError: there is nobody to write to any more, or nothing to cite.

        """
        declaration = self.desired.declaration
        declared = current(order, declaration, self._formerly)
        cited = _cited(order, declared, declaration) if declared else None
        to = address(one, order, declared, declaration) if declared else None
        if declared is None or cited is None or to is None or order.done is None:
            raise UnaddressedError(
                f"La declaración ya no dice a quién avisar de la orden {order.id}, o ya no tiene su oficio.",
                remedy="Restituya en accounts/ el oficio con su enlace (y «avisar_a», si es la parte interesada); "
                f"o avísele de otro modo y anótelo con «cuentas order told {order.id}».",
            )
        config = self.desired.config
        day = order.done.astimezone(ZoneInfo(config.organizacion.zona_horaria)).date()
        which = carta(order, one, self.back)
        agency, oficio = cited
        values = of_account(which, declared, agency, config, day, oficio=oficio, sheet=order.handed)
        return self.letters.write(which, values, mark=f"aviso/{order.id}/{one.value}", to=to)

    def send(self, order: Order, one: Addressee) -> None:
        """Write to somebody and send it, unless somebody asked to stop."""
        if self.stopping():
            raise stopped()
        self.post.send(self.letter(order, one))


@dataclass(kw_only=True)
class Notified:
    """What became of the notices that were due: how many were sent, who waits and why; `error` is the first why."""

    sent: int = 0
    waiting: list[tuple[Order, Addressee, CuentasError]] = field(default_factory=list)

    @property
    def error(self) -> CuentasError | None:
        """What kept the first one waiting."""
        return self.waiting[0][2] if self.waiting else None


def stopped() -> StoppedError:
    """Return why nothing is told once somebody asked to stop."""
    return StoppedError("Se pidió parar antes de avisar.", remedy="Vuelva a correr «cuentas apply».")


def due(orders: Iterable[Order]) -> tuple[tuple[Order, Addressee], ...]:
    """Return every letter that an open order still owes: only of what was done, is on record and is true still."""
    return tuple((order, one) for order in orders if order.is_open and not order.overtaken for one in order.silent)


def notify(orders: Iterable[Order], room: Mailroom) -> Notified:
    """Send every notice that is due, each result on record at once; what fails waits for the next time.

    A letter that is refused, or of which nobody knows, does not stop the others; a post that nobody answers at does.

    Raises:
        RecordError: a result could not be put on record; the post's marks keep that letter from going twice.
        BusyError: another run has taken over; what was sent is on record.

    """
    told = Notified()
    owed = iter(due(orders))
    for order, one in owed:
        room.keep()
        try:
            room.send(order, one)
        except (TargetUnreachableError, StoppedError) as error:
            told.waiting += [(order, one, error), *((late, somebody, error) for late, somebody in owed)]
        except (TargetRejectedError, OutcomeUnknownError) as error:
            told.waiting.append((order, one, error))
            room.record.append(*_failed(order, one, error, room))
        else:
            told.sent += 1
            room.record.append(_notice(order, one, SENT, room))
    return told


def _failed(order: Order, one: Addressee, error: CuentasError, room: Mailroom) -> Iterator[Event]:
    """Say that a letter did not go, once for each reason: an error's own words may name people."""
    why = next(words for kind, words in _WHY.items() if isinstance(error, kind))
    if order.failed.get(one) != why:
        state = UNKNOWN if isinstance(error, OutcomeUnknownError) else REFUSED
        yield _notice(order, one, state, room, detalle=why)


_WHY: Mapping[type[CuentasError], str] = {
    OutcomeUnknownError: "se perdió la respuesta del correo",
    UnaddressedError: "la declaración ya no dice a quién avisar, o no tiene su oficio",
    CuentasError: "el correo rechazó la carta o a su destinatario",
}


def _notice(order: Order, one: Addressee, state: str, room: Mailroom, **more: str) -> Event:
    return room.says(
        EventKind.NOTICE, order.key, orden=order.id, a=one.value, estado=state, destino=room.target, **more
    )

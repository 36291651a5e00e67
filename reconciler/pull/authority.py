"""Who may propose what: an agency's enlace or the Mesa de Ayuda, and never whoever approves alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from reconciler.config import Config
from reconciler.errors import Problem
from reconciler.model import Movimiento, Siglas
from reconciler.pull.oficios import order_of
from reconciler.pull.proposal import PULL_REQUEST, Difference, Proposal
from reconciler.roster import Person, Roster, written

_HOW = (
    "Declare en cuentas.yaml a la Mesa de Ayuda («mesa_de_ayuda: integrantes:», con «usuario» y «correos»), y en "
    "cada archivo de accounts/ el «usuario_git» de sus enlaces."
)


def author_of(text: str) -> Person:
    """Return who `--author` names: a user of the forge, or `Name <e-mail>` as a commit writes it."""
    return written(text) if "@" in text else Person.of(users=[text.strip()])


def nobody_asked() -> Problem:
    """Return what is said where nobody told who proposes."""
    words = "Nadie dijo quién propone: no se revisó si puede hacerlo."
    return _whole("autor-sin-revisar", words, "Dígalo con «--author USUARIO».", blocks=False)


def data_authority(proposal: Proposal, touched: tuple[Siglas, ...]) -> Iterator[Problem]:
    """Yield why whoever proposes may not do so for some agency, and what else there is to see of them."""
    who, roster = proposal.author, proposal.roster
    if who is None:
        yield nobody_asked()
        return
    strange = [one for one in touched if not (roster.is_desk(who) or roster.is_enlace(who, one))]
    if strange and not _on_record(proposal):
        yield _whole(
            "autor-ajeno",
            f"Quien propone no es enlace de {', '.join(strange)} ni de la Mesa de Ayuda.",
            _who_may(roster, strange),
        )
    yield from _approves(roster, who, touched, proposal.day)


def config_authority(config: Config, roster: Roster, who: Person | None, day: date) -> Iterator[Problem]:
    """Yield why whoever proposes may not change the configuration.

    Where the base knows nobody who could, somebody has to begin: it is said, and whoever approves decides.
    """
    if who is None:
        yield nobody_asked()
        return
    if not roster.desk and not roster.approvers:
        words = "La base no dice quién puede proponer configuración: no se revisó quién propone."
        yield _whole("nadie-declarado", words, f"{_HOW} A quien aprueba, en «aprobacion: aprueban:».", blocks=False)
        return
    if not roster.is_desk(who) and roster.approver(who, (), day) is None:
        yield _whole(
            "autor-ajeno",
            "Quien propone no es de la Mesa de Ayuda ni de quienes aprueban, y cambia la configuración.",
            "Que lo proponga la Mesa de Ayuda («mesa_de_ayuda: integrantes:» de cuentas.yaml, en la base).",
        )
    yield from _approves(roster, who, tuple(map(Siglas, sorted(config.dependencias))), day)


def _who_may(roster: Roster, strange: list[Siglas]) -> str:
    """Say who could propose it, or how to declare somebody who can."""
    users = any(one.users for known in roster.enlaces.values() for one in known.values())
    if not roster.desk and not users:
        return f"La base no declara el usuario de nadie. {_HOW}"
    known = {one: ", ".join(sorted(roster.enlaces.get(one, {}))) for one in strange}
    enlaces = "; ".join(f"{one}: {names or 'ninguno'}" for one, names in known.items())
    return f"Enlaces en la base: {enlaces}. Que lo proponga uno de ellos (su «usuario_git») o la Mesa de Ayuda."


def _on_record(proposal: Proposal) -> bool:
    """Tell whether the forge's own user proposes what the Mesa de Ayuda put on record, and nothing else.

    A request that came as an issue is proposed by the workflow that received it: `cuentas request` found its asker
    among the enlaces, and its order is on the bitácora.
    """
    machine = Person.of(users=[proposal.config.forja.usuario if proposal.config.forja else None])
    if proposal.author is None or not proposal.author.is_also(machine) or not proposal.differences:
        return False
    return _only_movements(proposal) and all(_is_ordered(one, proposal) for one in proposal.differences)


def _is_ordered(one: Difference, proposal: Proposal) -> bool:
    movements = {name: number for name, number in one.named.items() if name != "cambio"}
    return (
        bool(movements)
        and len(movements) == len(one.named)
        and all(order_of(one, Movimiento(name), number, proposal) for name, number in movements.items())
    )


def _only_movements(proposal: Proposal) -> bool:
    """Tell whether agencies gain the oficios that are named, and change in nothing else."""
    before, after = proposal.before.declaration.dependencias, proposal.after.declaration.dependencias
    named = {(one.agency, number) for one in proposal.differences for number in one.named.values()}
    for siglas, agency in after.items():
        old = before.get(siglas)
        new = () if old is None else agency.oficios.keys() - old.oficios.keys()
        if old is None or (old.name, old.domain, old.enlaces) != (agency.name, agency.domain, agency.enlaces):
            return False
        if any((siglas, number) not in named for number in new):
            return False
        if any(agency.oficios.get(number) != one for number, one in old.oficios.items()):
            return False
    return before.keys() == after.keys()


def _approves(roster: Roster, who: Person, touched: tuple[Siglas, ...], day: date) -> Iterator[Problem]:
    if any(roster.approver(roster.known_as(who), [one], day) for one in touched) or (
        not touched and roster.approver(roster.known_as(who), (), day)
    ):
        words = "Quien propone está entre quienes aprueban: quien propone no aprueba."
        yield _whole("propone-quien-aprueba", words, "Tiene que aprobarlo y fusionarlo otra persona.", blocks=False)


def _whole(code: str, message: str, remedy: str, *, blocks: bool = True) -> Problem:
    return Problem(PULL_REQUEST, 0, code, message, remedy, blocks=blocks)

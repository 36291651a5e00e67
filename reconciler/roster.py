"""Who is who: a person as commits name them (by address) and as the forge does (by user). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from reconciler.config import Aprobador, Config, Forja
from reconciler.model import Dependencia, Siglas

_WRITTEN = re.compile(r"<([^<>]*)>\s*$")
_OF_THE_FORGE = re.compile(r"(?:[0-9]+\+)?([A-Za-z0-9][A-Za-z0-9._-]*)@(?:users\.)?noreply\.[a-z0-9.-]+")
"""The address that a forge gives whoever hides theirs (GitHub: 123+user@users.noreply.github.com)."""

_GITHUB = "users.noreply.github.com"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as one source names them: addresses and users, folded. Two are one if they share any.

    Only ASCII is folded: «ſ» folds to «s», and a forge lets anybody have an address of their own that has it.
    """

    addresses: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()

    @classmethod
    def of(cls, addresses: Iterable[str] = (), users: Iterable[str | None] = ()) -> Person:
        """Fold what somebody is called; None is no user."""
        return cls(frozenset(map(_folded, addresses)), frozenset(_folded(one) for one in users if one))

    def is_also(self, other: Person) -> bool:
        """Whether two names are of one person, as far as they tell."""
        return bool(self.addresses & other.addresses or self.users & other.users)


def _folded(name: str) -> str:
    return name.lower() if name.isascii() else name


def written(identity: str, hiding: str | None = None) -> Person:
    """Return who a commit's `name <e-mail>` is; a forge's own address gives the user.

    With `hiding` only an address of that domain does: anybody can have one that merely looks so.
    """
    found = _WRITTEN.search(identity)
    address = (found.group(1) if found else identity).strip()
    user = _OF_THE_FORGE.fullmatch(address)
    if user and hiding is not None and address.casefold().rpartition("@")[2] != hiding:
        user = None
    return Person.of([address] if address else (), [user.group(1) if user else None])


def _hiding(forge: Forja | None) -> str:
    """Return the domain of the addresses that a forge gives: GitHub's, or what Gitea makes of its own by default."""
    host = (urlsplit(forge.url).hostname or "").casefold() if forge else ""
    if forge and forge.tipo == "gitea":
        return f"noreply.{host}"
    return f"users.noreply.{host.removeprefix('api.')}" if host else _GITHUB


@dataclass(frozen=True, kw_only=True)
class Roster:
    """Everybody that configuration and declaration know: approvers, the Mesa de Ayuda, each agency's enlaces.

    `hiding` is the domain where the forge gives an address to whoever hides theirs.
    """

    approvers: Mapping[str, tuple[Person, Aprobador]]
    desk: Mapping[str, Person]
    enlaces: Mapping[Siglas, Mapping[str, Person]]
    hiding: str = _GITHUB

    @classmethod
    def of(cls, config: Config, agencies: Mapping[Siglas, Dependencia]) -> Roster:
        """Gather who is known at one commit."""
        return cls(
            approvers={
                key: (Person.of(one.correos, [one.usuario]), one) for key, one in config.aprobacion.aprueban.items()
            },
            desk={
                key: Person.of(one.correos, [one.usuario]) for key, one in config.mesa_de_ayuda.integrantes.items()
            },
            enlaces={
                siglas: {key: Person.of([one.email], [one.git_user]) for key, one in agency.enlaces.items()}
                for siglas, agency in agencies.items()
            },
            hiding=_hiding(config.forja),
        )

    def known_as(self, person: Person) -> Person:
        """Return everything that somebody is called: what they gave, what is on the roster of them, and of that.

        It may keep somebody from approving, and never lets anybody: an agency's file says what it likes of people.
        """
        named = [one for name in (*person.addresses, *person.users) for one in self._by_name.get(name, ())]
        same = [person, *(one for one in named if one.is_also(person))]
        wider = Person(
            frozenset(name for one in same for name in one.addresses),
            frozenset(name for one in same for name in one.users),
        )
        return person if wider == person else self.known_as(wider)

    @cached_property
    def _by_name(self) -> Mapping[str, Collection[Person]]:
        """Everybody by each address and user that they have."""
        found: dict[str, set[Person]] = {}
        for one in (
            *(known for known, _ in self.approvers.values()),
            *self.desk.values(),
            *(known for agency in self.enlaces.values() for known in agency.values()),
        ):
            for name in (*one.addresses, *one.users):
                found.setdefault(name, set()).add(one)
        return found

    def is_desk(self, person: Person) -> bool:
        """Whether somebody is of the Mesa de Ayuda."""
        return any(one.is_also(person) for one in self.desk.values())

    def is_enlace(self, person: Person, siglas: Siglas) -> bool:
        """Whether somebody is an enlace of an agency (PSDT-08, P3)."""
        return any(one.is_also(person) for one in self.enlaces.get(siglas, {}).values())

    def approver(self, person: Person, siglas: Iterable[Siglas], day: date) -> str | None:
        """Return the key of the approver that somebody is on a (local) day for all the agencies; None if nobody.

        Only the list of approvers says who one of them is.
        """
        wanted = {one.casefold() for one in siglas}
        for key, (known, entry) in self.approvers.items():
            in_time = (entry.desde is None or entry.desde <= day) and (entry.hasta is None or day <= entry.hasta)
            own = {one.casefold() for one in entry.dependencias}
            if in_time and known.is_also(person) and (not own or wanted <= own):
                return key
        return None

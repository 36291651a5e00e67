"""Who may approve, what an approval has to show, and the forge where pull requests are."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from reconciler.config.fields import Clave, Commit, Direccion, Renglon, Section, Servicio, Siglas, Usuario
from reconciler.scalars import Day, Integer


def _whole(key: str) -> str:
    """Return an SSH key that says inside what it says outside: one that was cut would fit nobody's signature."""
    kind, _, rest = key.partition(" ")
    if not rest:
        return key
    try:
        whole = base64.b64decode(rest.split(" ")[0], validate=True)[4:].startswith(kind.encode("ascii"))
    except binascii.Error:
        whole = False
    if not whole:
        raise ValueError("no es una llave pública completa: cópiela entera de su archivo .pub")
    return key


def _bare(key: str) -> str:
    """Return a key without its comment."""
    return " ".join(key.split()[:2])


Firma = Annotated[
    str,
    Field(pattern=r"^(ssh-(ed25519|rsa) [A-Za-z0-9+/]+=*( .*)?|[0-9A-F]{40})$", max_length=2000),
    AfterValidator(_whole),
]
"""A key that signs commits: an SSH public key, or the 40 hex digits of an OpenPGP primary key's fingerprint."""

_Hilo = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)]


class Aprobador(Section):
    """Somebody who may approve, from `desde` until `hasta` (both included): whoever left stays, with that date.

    `correos` are how commits name them, `usuario` how the forge does, `llaves` what they sign with. Without
    `dependencias` they may approve for all; a list of none is refused, because it reads as the contrary.
    """

    cargo: Renglon | None = None
    correos: Annotated[tuple[Direccion, ...], Field(min_length=1)]
    usuario: Usuario | None = None
    llaves: tuple[Firma, ...] = ()
    desde: Day | None = None
    hasta: Day | None = None
    dependencias: Annotated[tuple[Siglas, ...], Field(min_length=1)] = ()

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Aprobador:
        if self.desde and self.hasta and self.hasta < self.desde:
            raise ValueError("«hasta» es anterior a «desde»")
        return self


class Exige(Section):
    """What an approval has to show, each from a date on: what was merged before it is not judged by it.

    `firma`: the merge is signed with a key of whoever approves, or with one of the forge's own. `revision`: somebody
    entitled approved, in the forge, the very commit that was merged. That it is a merge is always demanded.
    """

    firma: Day | None = None
    revision: Day | None = None


class Aprobacion(Section):
    """What counts as approved: merges after `linea_base`, a commit accepted as the starting point.

    Without `aprueban` whoever may merge approves, but for whoever proposed. With it only they do: from the first
    `desde` on, or always where one has none. `llaves_forja` are keys that the forge signs its merges with: such a
    signature vouches for the name on the merge. `llaves_ancla` sign anchors of the record and approve nothing. A key
    in `llaves_revocadas` proves nothing, whenever it signed.
    """

    linea_base: Commit | None = None
    exige: Exige = Exige()
    aprueban: dict[Clave, Aprobador] = Field(default_factory=dict)
    llaves_forja: tuple[Firma, ...] = ()
    llaves_ancla: tuple[Firma, ...] = ()
    llaves_revocadas: tuple[Firma, ...] = ()

    @model_validator(mode="after")
    def _what_anchors_approves_nothing(self) -> Aprobacion:
        approving = {_bare(key) for one in self.aprueban.values() for key in one.llaves}
        if approving & set(map(_bare, self.llaves_ancla)):
            raise ValueError(
                "una de «llaves_ancla» es también llave de quien aprueba: quítela de ahí, ya puede anclar"
            )
        if set(map(_bare, self.llaves_forja)) & set(map(_bare, self.llaves_ancla)):
            raise ValueError("una de «llaves_ancla» está también en «llaves_forja»: quien ancla no firma fusiones")
        return self

    @model_validator(mode="after")
    def _each_key_is_somebodys_alone(self) -> Aprobacion:
        """Refuse a key of two: a forge's vouches for any name, and who shares one vouches for the other's."""
        owner: dict[str, str | None] = {_bare(key): None for key in self.llaves_forja}
        for name, one in self.aprueban.items():
            for key in map(_bare, one.llaves):
                other = owner.setdefault(key, name)
                if other is None:
                    raise ValueError(f"una llave de «{name}» está también en «llaves_forja»")
                if other != name and not _are_one(self.aprueban[other], one):
                    raise ValueError(f"«{other}» y «{name}» tienen la misma llave")
        return self


def _are_one(one: Aprobador, other: Aprobador) -> bool:
    """Whether two entries are of one person, who approved in two times or for several agencies."""
    known = {each.casefold() for each in one.correos}
    return any(each.casefold() in known for each in other.correos)


class Forja(Section):
    """The forge's REST interface, with a verified certificate; the token comes from a file only its owner reads.

    `url` is where its API begins (GitHub: https://api.github.com; Gitea and Forgejo: https://host/api/v1), and
    `usuario` who posts the plans that pull requests show.
    """

    tipo: Literal["github", "gitea"]
    url: Servicio
    repositorio: _Hilo
    usuario: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[bot\])?$", max_length=64)] = (
        "github-actions[bot]"
    )
    ca: Path | None = None
    clave_archivo: Path | None = None
    espera_s: Annotated[Integer, Field(ge=1, le=300)] = 20
    intentos: Annotated[Integer, Field(ge=1, le=10)] = 3

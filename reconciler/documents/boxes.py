"""The boxes of RSDT-08.01: what each asks for, how much fits in it, and where it stands on the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reconciler.model import Dependencia

COLUMNS = 12
"""Parts that the width of the page is divided into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box to fill in, named as the field of a `Request` that it becomes.

    `label` stands above it; `hint` is what readers show who points at it (and say to who cannot see). `options`
    are values with the words shown for them; without any, text of at most `length` characters. `width` counts
    columns; `fixed` cannot be changed by whoever fills in the form.
    """

    name: str
    label: str
    hint: str
    width: int
    length: int = 64
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    fixed: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the form: its heading, and its boxes in rows."""

    title: str
    rows: tuple[tuple[Box, ...], ...]


_UNSAID = ("", "(sin indicar)")
_DATE = "AAAA-MM-DD"

_AGENCY = Box(
    name="dependencia",
    label="Dependencia (nombre o siglas)",
    hint="Dependencia que solicita la cuenta: sus siglas, o su nombre completo.",
    width=12,
    required=True,
)
_ENLACE = Box(
    name="enlace",
    label="Enlace tecnológico que lleva el trámite",
    hint="Enlace tecnológico de la dependencia, que lleva el trámite (política P3): su nombre completo.",
    width=6,
)

_ACCOUNT = (
    (
        Box(
            name="tipo",
            label="Tipo de cuenta",
            hint="Personal si es de una persona, compartida si es de un área, recurso si es de una sala o un equipo.",
            width=3,
            options=(("personal", "Personal"), ("compartida", "Compartida"), ("recurso", "Recurso")),
            required=True,
            value="personal",
        ),
        Box(
            name="recurso",
            label="Si es recurso: sala o equipo",
            hint="Solo en un recurso: una sala, o un equipo.",
            width=3,
            options=(_UNSAID, ("sala", "Sala"), ("equipo", "Equipo")),
        ),
        Box(
            name="clave",
            label="Correo solicitado (lo que va antes de la @)",
            hint="Lo que va antes de la @, en minúsculas y sin acentos, como juan.perez. En blanco se propone uno.",
            width=6,
        ),
    ),
    (
        Box(
            name="nombre",
            label="Nombre o nombres de la persona (o del área, la sala o el equipo)",
            hint="Nombre de pila de la persona; en una cuenta compartida o un recurso, el nombre que se muestra.",
            width=6,
            required=True,
        ),
        Box(
            name="apellidos",
            label="Apellidos",
            hint="Los dos apellidos, con sus acentos. Solo en una cuenta personal, y ahí son obligatorios.",
            width=6,
        ),
    ),
    (Box(name="puesto", label="Puesto", hint="Puesto, como en el directorio institucional.", width=12),),
    (Box(name="area", label="Área de adscripción", hint="Área o dirección de adscripción.", width=12),),
    (
        Box(
            name="telefono",
            label="Teléfono institucional y extensión",
            hint="Teléfono institucional con su extensión, como 667 758 7000 ext. 1234; nunca el particular.",
            width=4,
        ),
        Box(
            name="vigencia",
            label=f"Vigencia ({_DATE})",
            hint="Fecha en que habrá que pedir la baja, como 2026-12-31. En blanco si no tiene término.",
            width=3,
            length=10,
        ),
        Box(
            name="responsable",
            label="Responsable, si es compartida o recurso (su correo)",
            hint="Solo en compartidas y recursos: el correo institucional de la persona que la cuida.",
            width=5,
            length=254,
        ),
    ),
    (
        Box(
            name="alias",
            label="Otras direcciones que también le llegarían, si hacen falta",
            hint="Direcciones completas, separadas por comas.",
            width=12,
            length=254,
        ),
    ),
)

_NUMBER = Box(
    name="oficio",
    label="Número del oficio",
    hint="Número del oficio que pide la cuenta, tal como está en la carta.",
    width=4,
    length=60,
)
_DATED = Box(
    name="fecha",
    label=f"Fecha del oficio ({_DATE})",
    hint="Fecha de la carta, como 2026-03-20.",
    width=3,
    length=10,
)
_APPLICANT = Box(
    name="solicitante",
    label="Quien solicita, si no es el enlace",
    hint="Nombre o correo institucional de quien solicita, si no es el enlace.",
    width=5,
    length=120,
)
_SIGNER = Box(
    name="firmante",
    label="Quien autoriza: cargo de quien firma el oficio",
    hint="Cargo de quien autoriza y firma el oficio, no su nombre.",
    width=6,
    length=120,
)

_DELIVERY = (
    (
        Box(
            name="entrega",
            label="Usuario y contraseña",
            hint="Cómo se entregan el usuario y la contraseña: impresos, o por correo si lo amerita (P4).",
            width=3,
            options=(("impresa", "Impresos"), ("correo", "Por correo")),
            value="impresa",
        ),
        Box(
            name="entrega_a",
            label="Se entregan a",
            hint="A quién se entregan el usuario y la contraseña.",
            width=3,
            options=(("enlace", "Enlace"), ("interesado", "Parte interesada")),
            value="enlace",
        ),
        Box(
            name="avisar_a",
            label="Correo institucional de la parte interesada",
            hint="Dirección institucional que ya tiene la parte interesada: ahí recibe los avisos.",
            width=6,
            length=254,
        ),
    ),
    (
        Box(
            name="entrega_motivo",
            label="Si es por correo, por qué la situación lo amerita (política P4)",
            hint="Obligatorio si la entrega es por correo.",
            width=12,
            length=200,
        ),
    ),
)

_DESK = (
    Box(
        name="recibido",
        label=f"Oficio recibido el ({_DATE})",
        hint="Lo llena el Centro de Servicio: día en que recibió el oficio.",
        width=4,
        length=10,
    ),
    Box(
        name="medio",
        label="Medio: oficio, teléfono, correo o ventanilla",
        hint="Lo llena el Centro de Servicio: por dónde llegó la solicitud (política P1).",
        width=5,
        options=(
            _UNSAID,
            ("oficio", "Oficio"),
            ("telefono", "Teléfono"),
            ("correo", "Correo"),
            ("ventanilla", "Ventanilla"),
        ),
    ),
)


def parts(agencies: Sequence[Dependencia], chosen: Dependencia | None = None) -> tuple[Part, ...]:
    """Return the form's parts; `agencies` are there to choose from, `chosen` is the one whose form it is."""
    return (
        Part(
            "Dependencia y oficio",
            ((_agency(agencies, chosen),), (_NUMBER, _DATED, _APPLICANT), (_SIGNER, _enlace(chosen))),
        ),
        Part("Cuenta que se solicita", _ACCOUNT),
        Part("Entrega", _DELIVERY),
        Part("Para uso del Centro de Servicio", (_DESK,)),
    )


def names(found: Iterable[Part]) -> tuple[str, ...]:
    """Return the names of all boxes, in the order in which they are filled in."""
    return tuple(box.name for part in found for row in part.rows for box in row)


def shown(box: Box) -> str:
    """Return what a box shows of its value: for a choice, the option's words."""
    return dict(box.options).get(box.value, box.value) if box.value else ""


def _agency(agencies: Sequence[Dependencia], chosen: Dependencia | None) -> Box:
    """Return the box of the dependencia: fixed where it is known, to choose where some are, else to write."""
    if chosen:
        only = ((str(chosen.siglas), f"{chosen.name} ({chosen.siglas})"),)
        return replace(_AGENCY, label="Dependencia", options=only, fixed=True, value=str(chosen.siglas))
    if not agencies:
        return _AGENCY
    choices = tuple((str(one.siglas), f"{one.name} ({one.siglas})") for one in agencies)
    hint = "Dependencia que solicita la cuenta."
    return replace(_AGENCY, label="Dependencia", hint=hint, options=(_UNSAID, *choices))


def _enlace(chosen: Dependencia | None) -> Box:
    """Return the box of the enlace: to choose from those of the dependencia, the only one already there."""
    enlaces = sorted(chosen.enlaces.values(), key=lambda one: one.name) if chosen else []
    if not enlaces:
        return _ENLACE
    options = tuple((one.key, one.name) for one in enlaces)
    if len(options) == 1:
        return replace(_ENLACE, options=options, value=options[0][0])
    return replace(_ENLACE, options=(_UNSAID, *options))

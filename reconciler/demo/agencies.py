"""The thirteen secretarías, with areas and oficio numbers that their people would recognise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_ADMINISTRATION = ("Dirección Administrativa", "Unidad de Transparencia", "Departamento de Recursos Humanos")


@dataclass(frozen=True, slots=True)
class Agency:
    """A dependencia: its siglas, its name, how it numbers its oficios, its areas and its share of the people.

    `parts`, where there are any, make it a folder: each part holds the accounts of its areas.
    """

    siglas: str
    name: str
    numbering: str
    areas: tuple[str, ...]
    weight: int
    signer: str = "Directora Administrativa"
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all_areas(self) -> tuple[str, ...]:
        """Every area where somebody may work."""
        if self.parts:
            return tuple(area for areas in self.parts.values() for area in areas)
        return (*self.areas, *_ADMINISTRATION)

    def number(self, count: int, year: int) -> str:
        """Return the number of an oficio as this agency writes it."""
        return self.numbering.format(n=count, y=year, yy=year % 100)


SECRETARIAS = (
    Agency("SGG", "Secretaría General de Gobierno", "SGG/CA/{n:04}/{y}", (
        "Subsecretaría de Gobierno", "Dirección del Registro Civil", "Dirección de Asuntos Jurídicos",
        "Archivo General del Estado", "Instituto Catastral"), 28, "Coordinador Administrativo"),
    Agency("SAF", "Secretaría de Administración y Finanzas", "SAF/DA/{n:04}/{y}", (
        "Dirección de Contabilidad Gubernamental", "Dirección de Egresos", "Dirección de Recaudación",
        "Dirección de Bienes y Suministros", "Dirección de Servicios Compartidos de Tecnología",
        "Dirección de Presupuesto"), 44),
    Agency("SEBIDES", "Secretaría de Bienestar y Desarrollo Sustentable", "SEBIDES-DA-{n:03}/{y}", (
        "Dirección de Programas Sociales", "Dirección de Gestión Ambiental", "Dirección de Cambio Climático",
        "Departamento de Padrones"), 22),
    Agency("SE", "Secretaría de Economía", "SE/UA/{n:03}/{y}", (
        "Dirección de Promoción de Inversiones", "Dirección de Comercio y Servicios",
        "Unidad de Mejora Regulatoria"), 16, "Jefe de la Unidad Administrativa"),
    Agency("SOP", "Secretaría de Obras Públicas", "SOP.DA.{n:04}/{yy:02}", (
        "Dirección de Contratos", "Dirección de Proyectos", "Dirección de Construcción",
        "Departamento de Costos y Presupuestos"), 24, "Director Administrativo"),
    Agency("SEPyC", "Secretaría de Educación Pública y Cultura", "SEPyC/DTI/{n:04}/{y}", (), 46,
        "Directora de Tecnologías de la Información", {
        "administracion": ("Dirección de Recursos Humanos", "Dirección de Tecnologías de la Información",
                           "Unidad de Asuntos Jurídicos"),
        "cultura": ("Instituto Sinaloense de Cultura", "Dirección de Bibliotecas"),
        "educacion-basica": ("Dirección de Educación Preescolar", "Dirección de Educación Primaria",
                             "Dirección de Educación Secundaria"),
        "educacion-media": ("Dirección de Educación Media Superior", "Departamento de Profesiones"),
    }),
    Agency("SSA", "Secretaría de Salud", "SSA/DGA/SI/{n:05}/{y}", (
        "Dirección de Atención Médica", "Dirección de Prevención y Promoción de la Salud",
        "Departamento de Epidemiología", "Departamento de Estadística"), 34, "Director General de Administración"),
    Agency("SAyG", "Secretaría de Agricultura y Ganadería", "SAyG/DA/{n:03}-{y}", (
        "Dirección de Agricultura", "Dirección de Ganadería", "Departamento de Sanidad Vegetal"), 16),
    Agency("SPyA", "Secretaría de Pesca y Acuacultura", "SPyA/{n:03}/{y}", (
        "Dirección de Fomento Pesquero", "Dirección de Acuacultura"), 10, "Enlace Administrativo"),
    Agency("SECTUR", "Secretaría de Turismo", "ST/DA/{n:03}/{y}", (
        "Dirección de Promoción Turística", "Dirección de Planeación Turística"), 12),
    Agency("SSP", "Secretaría de Seguridad Pública", "SSP/CA/SRH/{n:04}/{y}", (
        "Coordinación de Análisis", "Dirección de Prevención del Delito", "Dirección de Servicios de Protección"),
        26, "Coordinadora Administrativa"),
    Agency("STRC", "Secretaría de Transparencia y Rendición de Cuentas", "STRC-{n:03}-{y}", (
        "Dirección de Auditoría Gubernamental", "Dirección de Responsabilidades",
        "Dirección de Contraloría Social"), 14, "Director Administrativo"),
    Agency("SEMUJERES", "Secretaría de las Mujeres", "SEMUJERES/CA/{n:03}/{y}", (
        "Dirección de Igualdad Sustantiva", "Dirección de Atención a la Violencia"), 12,
        "Coordinadora Administrativa"),
)  # fmt: skip


def agencies(count: int) -> tuple[Agency, ...]:
    """Return the thirteen secretarías and, beyond them, as many plain organismos as it takes."""
    more = (
        Agency(f"ORG{n:03}", f"Organismo Descentralizado {n:03}", f"ORG{n:03}/{{n:04}}/{{y}}", ("Dirección",), 20)
        for n in range(len(SECRETARIAS) + 1, count + 1)
    )
    return (*SECRETARIAS, *more)


TITLES = (
    ("Auxiliar Administrativa", "Auxiliar Administrativo", 24),
    ("Analista", "Analista", 22),
    ("Jefa de Departamento", "Jefe de Departamento", 16),
    ("Técnica Especializada", "Técnico Especializado", 10),
    ("Secretaria Ejecutiva", "Secretario Ejecutivo", 8),
    ("Coordinadora", "Coordinador", 7),
    ("Supervisora", "Supervisor", 6),
    ("Subdirectora", "Subdirector", 5),
    ("Directora de Área", "Director de Área", 3),
    ("Asesora", "Asesor", 2),
)
"""Puestos, for a woman and for a man, with how common each is."""

COMMONS: Mapping[str, tuple[tuple[str, Mapping[str, str | list[str]]], ...]] = {
    "SGG": (("registro.civil", {"tipo": "compartida", "nombre": "Registro Civil",
                                "alias": ["actas@sinaloa.gob.mx"]}),),
    "SAF": (
        ("contabilidad.saf", {"tipo": "compartida", "nombre": "Contabilidad SAF"}),
        ("facturacion.saf", {"tipo": "compartida", "nombre": "Facturación SAF"}),
        ("sala.juntas.saf", {"tipo": "recurso", "nombre": "Sala de Juntas SAF"}),
    ),
    "SOP": (("licitaciones.sop", {"tipo": "compartida", "nombre": "Licitaciones SOP"}),),
    "SEPyC": (("control.escolar", {"tipo": "compartida", "nombre": "Control Escolar"}),),
    "SSA": (("epidemiologia.ssa", {"tipo": "compartida", "nombre": "Epidemiología SSA"}),),
    "SECTUR": (("informes.turismo", {"tipo": "compartida", "nombre": "Informes Turísticos",
                                     "alias": ["turismo@sinaloa.gob.mx", "visita@sinaloa.gob.mx"]}),),
}  # fmt: skip
"""Accounts that are nobody's own: shared ones and resources."""


def same_title(title: str, *, woman: bool) -> str:
    """Return a puesto as it is called for a woman or for a man."""
    for feminine, masculine, _ in TITLES:
        if title in {feminine, masculine}:
            return feminine if woman else masculine
    return title

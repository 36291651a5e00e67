"""The organisation's configuration: cuentas.yaml as typed, frozen values; never a secret in it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.config.approving import Aprobacion, Aprobador, Exige, Firma, Forja
from reconciler.config.fields import (
    KEY,
    LONGEST_CLOSURE,
    Carpeta,
    Causa,
    Clave,
    Commit,
    Dias,
    Direccion,
    Dominio,
    Huella,
    NombreDestino,
    Pagina,
    Renglon,
    Section,
    Servicio,
    Siglas,
    Usuario,
)
from reconciler.config.limits import Excepcion, Limite, Limites
from reconciler.config.organisation import Autorizado, Director, Documentos, Integrante, MesaDeAyuda, Organizacion
from reconciler.config.procedure import Baja, Entrega, NoConformidad, Plazos, Retencion
from reconciler.config.services import (
    Correo,
    CorreoArchivo,
    CorreoEws,
    CorreoSmtp,
    OficiosArchivo,
    OficiosHttp,
    OficiosManual,
    SistemaOficios,
    Smtp,
)
from reconciler.config.targets import Destino, DestinoAD, DestinoEmbebido, Exchange, Protocolos

__all__ = [
    "KEY",
    "LONGEST_CLOSURE",
    "Aprobacion",
    "Aprobador",
    "Autorizado",
    "Baja",
    "Carpeta",
    "Causa",
    "Clave",
    "Commit",
    "Config",
    "Correo",
    "CorreoArchivo",
    "CorreoEws",
    "CorreoSmtp",
    "Destino",
    "DestinoAD",
    "DestinoEmbebido",
    "Dias",
    "Direccion",
    "Director",
    "Documentos",
    "Dominio",
    "Entrega",
    "Excepcion",
    "Exchange",
    "Exige",
    "Firma",
    "Forja",
    "Huella",
    "Integrante",
    "Limite",
    "Limites",
    "MesaDeAyuda",
    "NoConformidad",
    "NombreDestino",
    "OficiosArchivo",
    "OficiosHttp",
    "OficiosManual",
    "Organizacion",
    "Pagina",
    "Plazos",
    "Protocolos",
    "Renglon",
    "Retencion",
    "Servicio",
    "Siglas",
    "SistemaOficios",
    "Smtp",
    "Usuario",
]


def _embedded_only() -> dict[str, DestinoEmbebido | DestinoAD]:
    return {"embedded": DestinoEmbebido()}


class Config(Section):
    """The whole of cuentas.yaml."""

    organizacion: Organizacion = Organizacion()
    dominios: Annotated[tuple[Dominio, ...], Field(min_length=1)]
    patrones_oficio: dict[Siglas, str] = Field(default_factory=dict)
    telefonos: tuple[str, ...] = ()
    limites: Limites = Limites()
    retencion: Retencion = Retencion()
    baja: Baja = Baja()
    dependencias: dict[Siglas, Autorizado] = Field(default_factory=dict)
    aprobacion: Aprobacion = Aprobacion()
    forja: Forja | None = None
    protegidas: tuple[str, ...] = ()
    excepciones: tuple[Excepcion, ...] = ()
    entrega: Entrega = Entrega()
    correo: Correo = CorreoArchivo()
    correo_web: Pagina | None = None
    mesa_de_ayuda: MesaDeAyuda = MesaDeAyuda()
    documentos: Documentos = Documentos()
    plazos: Plazos = Plazos()
    no_conformidad: NoConformidad = NoConformidad()
    sistema_oficios: SistemaOficios = OficiosManual()
    plantillas: Carpeta = "plantillas"
    destino: str = "embedded"
    destinos: dict[NombreDestino, Destino] = Field(default_factory=_embedded_only)

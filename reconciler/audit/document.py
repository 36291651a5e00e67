"""What a control body is handed: the audit as a JSON document, whose schema is published (`cuentas schema`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reconciler.audit.findings import Clase, Code, Finding


def _is(text: str) -> Any:
    """Describe a field where whoever reads the document looks it up."""
    return Field(description=text)


_Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
_Huella = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]
_Cuenta = Annotated[int, Field(ge=0)]
_Momento = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class _Part(BaseModel):
    """A part of the document: frozen, and nothing in it that the schema does not say."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BitacoraAuditada(_Part):
    """Hasta dónde llega la bitácora que se auditó."""

    commit: Annotated[_Commit | None, _is("Commit de la rama bitacora; falta si todavía no la hay.")] = None
    eventos: Annotated[_Cuenta, _is("Cuántos hechos tiene.")]
    huella: Annotated[_Huella, _is("Huella del último: identifica todo lo anterior.")]


class DestinoAuditado(_Part):
    """El directorio con que se comparó."""

    nombre: Annotated[str, _is("Nombre del destino en cuentas.yaml.")]
    servidor: Annotated[str | None, _is("Qué servidor respondió; falta si no se leyó.")] = None
    leido: Annotated[bool, _is("Si se leyó: con «--sin-destino», o si no respondió, no se dice nada de él.")]


class HuellaBuscada(_Part):
    """El renglón de la huella que se pidió comprobar («--cabeza»)."""

    huella: Annotated[_Huella, _is("La huella entera.")]
    renglon: Annotated[_Cuenta, _is("Qué renglón es.")]
    hecho: Annotated[str, _is("De qué hecho.")]
    cuando: Annotated[_Momento, _is("Cuándo se anotó.")]
    corrida: Annotated[str, _is("Qué corrida lo anotó.")]
    hojas: Annotated[tuple[str, ...], _is("Folios que esa corrida selló después.")]


class Hallazgo(_Part):
    """Una cosa hallada, y qué hacer con ella."""

    clase: Annotated[Clase, _is("A qué parte de la auditoría pertenece.")]
    codigo: Annotated[Code, _is("Qué es, de la lista cerrada.")]
    donde: Annotated[str, _is("Archivo y renglón, commit, corrida, etiqueta o lugar en el destino.")]
    cuenta: Annotated[str | None, _is("De qué cuenta, si es de una.")] = None
    oficio: Annotated[str | None, _is("Con qué oficio, si lo hay.")] = None
    fusion: Annotated[str | None, _is("El commit de que se trata, si lo hay.")] = None
    mensaje: Annotated[str, _is("Qué se halló.")]
    remedio: Annotated[str, _is("Qué hacer.")]


class Conteo(_Part):
    """Cuántos hallazgos hay de cada clase; los avisos no cuentan."""

    cadena: Annotated[_Cuenta, _is("Cadena de la bitácora, y su publicación.")]
    ancla: Annotated[_Cuenta, _is("Anclas firmadas.")]
    linea: Annotated[_Cuenta, _is("Commits sin fusión en la rama principal.")]
    oficio: Annotated[_Cuenta, _is("Un oficio por movimiento.")]
    aprobador: Annotated[_Cuenta, _is("Quién aprobó.")]
    acuerdo: Annotated[_Cuenta, _is("Git, bitácora y directorio.")]
    fecha: Annotated[_Cuenta, _is("Fechas imposibles.")]


class Revisado(_Part):
    """Cuánto se revisó: sin esto, «sin hallazgos» no dice nada."""

    hechos: Annotated[_Cuenta, _is("Hechos de la bitácora, uno por uno en su cadena.")]
    corridas: Annotated[_Cuenta, _is("Corridas, contra los commits que dicen haber aplicado.")]
    intentos: Annotated[_Cuenta, _is("Cambios que se intentaron, contra la fusión y el oficio que nombran.")]
    commits: Annotated[_Cuenta, _is("Commits de la línea de la rama principal.")]
    fusiones: Annotated[_Cuenta, _is("Cuántos de ellos son fusiones.")]
    aceptados: Annotated[_Cuenta, _is("Cuántos acepta «aprobacion.linea_base» sin juzgarlos.")]
    otros_sin_fusion: Annotated[_Cuenta, _is("Commits sin fusión que no tocan la declaración: no son hallazgos.")]
    movimientos: Annotated[_Cuenta, _is("Altas, bajas y cambios de la historia, cada uno con su oficio.")]
    oficios: Annotated[_Cuenta, _is("Oficios que se declararon alguna vez.")]
    anclas: Annotated[_Cuenta, _is("Anclas, cada una con su firma.")]
    anclas_comparadas: Annotated[bool, _is("Si se preguntó al remoto cuáles tiene.")]
    declaradas: Annotated[_Cuenta, _is("Cuentas que Git declara.")]
    anotadas: Annotated[_Cuenta, _is("Cuentas que la bitácora dice creadas o adoptadas en este destino.")]
    leidas: Annotated[_Cuenta | None, _is("Cuentas nuestras que tiene el destino; falta si no se leyó.")] = None
    por_aplicar: Annotated[_Cuenta | None, _is("Cambios que el plan haría hoy; falta si no se leyó.")] = None


class Auditoria(_Part):
    """The whole document."""

    formato: Annotated[Literal["cuentas-auditoria/1"], _is("Qué documento es, y su versión.")] = "cuentas-auditoria/1"
    cuando: Annotated[_Momento, _is("Cuándo se auditó, en UTC.")]
    version: Annotated[str, _is("Versión de cuentas.")]
    institucion: Annotated[str, _is("De quién es.")]
    commit: Annotated[_Commit, _is("Commit de la rama principal que se auditó.")]
    bitacora: Annotated[BitacoraAuditada, _is("Hasta dónde llega la bitácora.")]
    destino: Annotated[DestinoAuditado, _is("Con qué directorio se comparó.")]
    cabeza: Annotated[HuellaBuscada | None, _is("La huella que se pidió; falta si no se pidió o no está.")] = None
    revisado: Annotated[Revisado, _is("Qué se revisó.")]
    conteo: Annotated[Conteo, _is("Hallazgos por clase.")]
    hallazgos: Annotated[tuple[Hallazgo, ...], _is("Lo que está mal, por clase.")]
    avisos: Annotated[tuple[Hallazgo, ...], _is("Lo que conviene saber, y no prueba nada malo.")]


def told(findings: Iterable[Finding], *, notices: bool) -> Iterator[Hallazgo]:
    """Yield findings, or the notices among them, as the document has them."""
    for one in findings:
        if one.code.is_notice == notices:
            yield Hallazgo(
                clase=one.code.clase,
                codigo=one.code,
                donde=one.where,
                cuenta=one.key,
                oficio=one.oficio,
                fusion=one.merge or None,
                mensaje=one.message,
                remedio=one.remedy,
            )

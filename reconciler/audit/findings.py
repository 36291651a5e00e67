"""The closed list of what an audit can find: classes, codes, and what to do about each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.audit.remedies import REMEDIES
from reconciler.model import AccountKey


class Clase(StrEnum):
    """The classes of finding, in the order in which they are told."""

    CADENA = "cadena"
    ANCLA = "ancla"
    LINEA = "linea"
    OFICIO = "oficio"
    APROBADOR = "aprobador"
    ACUERDO = "acuerdo"
    FECHA = "fecha"

    @property
    def heading(self) -> str:
        """It in words."""
        return _TITLES[self]


_TITLES: Mapping[Clase, str] = {
    Clase.CADENA: "La bitácora: su cadena y su publicación",
    Clase.ANCLA: "Las anclas firmadas de la bitácora",
    Clase.LINEA: "La línea de la rama principal",
    Clase.OFICIO: "Un oficio por movimiento",
    Clase.APROBADOR: "Quién aprobó",
    Clase.ACUERDO: "Acuerdo de Git, bitácora y directorio",
    Clase.FECHA: "Las fechas",
}


class Code(StrEnum):
    """Every kind of finding: its class, a stroke, and its own name."""

    CADENA_HUECO = "cadena/hueco"
    CADENA_ENLACE_ROTO = "cadena/enlace-roto"
    CADENA_REPETIDO = "cadena/repetido"
    CADENA_DUPLICADA = "cadena/duplicada"
    CADENA_BIFURCACION = "cadena/bifurcacion"
    CADENA_DESORDEN = "cadena/desorden"
    CADENA_ILEGIBLE = "cadena/ilegible"
    CADENA_INCOMPLETO = "cadena/incompleto"
    CADENA_AJENO = "cadena/ajeno"
    CADENA_NO_ES_BITACORA = "cadena/no-es-bitacora"
    CADENA_ARCHIVO_ALTERADO = "cadena/archivo-alterado"
    CADENA_MEZCLA = "cadena/mezcla"
    CADENA_SIN_PUBLICAR = "cadena/sin-publicar"
    CADENA_DIVERGENTE = "cadena/divergente"
    CADENA_RECORTADA = "cadena/recortada"
    CADENA_ANCLA_ILEGIBLE = "cadena/ancla-ilegible"
    CADENA_HUELLA_AJENA = "cadena/huella-ajena"

    ANCLA_RECORTADA = "ancla/recortada"
    ANCLA_REESCRITA = "ancla/reescrita"
    ANCLA_RAMA = "ancla/rama"
    ANCLA_ILEGIBLE = "ancla/ilegible"
    ANCLA_FIRMA = "ancla/firma"
    ANCLA_DISTINTA = "ancla/distinta"
    ANCLA_RETIRADA = "ancla/retirada"
    ANCLA_SIN_PUBLICAR = "ancla/sin-publicar"
    ANCLA_FALTA = "ancla/falta"
    ANCLA_SIN_COMPARAR = "ancla/sin-comparar"

    LINEA_EMPUJADO = "linea/empujado"
    LINEA_APLASTADO = "linea/aplastado"
    LINEA_SUPERFICIAL = "linea/superficial"
    LINEA_SIN_PUBLICAR = "linea/sin-publicar"

    OFICIO_SIN_NOMBRAR = "oficio/sin-nombrar"
    OFICIO_SIN_DECLARAR = "oficio/sin-declarar"
    OFICIO_REPETIDO = "oficio/repetido"

    APROBADOR_CUENTA = "aprobador/cuenta"
    APROBADOR_CONFIGURACION = "aprobador/configuracion"
    APROBADOR_FECHA_FUTURA = "aprobador/fecha-futura"
    APROBADOR_QUIEN_PROPUSO = "aprobador/quien-propuso-aprobo"
    APROBADOR_NO_FACULTADO = "aprobador/no-facultado"
    APROBADOR_SIN_REVISION = "aprobador/sin-revision"
    APROBADOR_SIN_FIRMA = "aprobador/sin-firma"
    APROBADOR_LLAVE_AJENA = "aprobador/llave-ajena"
    APROBADOR_LLAVE_REVOCADA = "aprobador/llave-revocada"
    APROBADOR_LLAVE_VENCIDA = "aprobador/llave-vencida"
    APROBADOR_FIRMA_MALA = "aprobador/firma-mala"
    APROBADOR_REVOCADA_DESPUES = "aprobador/revocada-despues"
    APROBADOR_LINEA_BASE = "aprobador/linea-base"
    APROBADOR_EVIDENCIA = "aprobador/evidencia"

    ACUERDO_COMMIT_AJENO = "acuerdo/commit-ajeno"
    ACUERDO_FUSION_AJENA = "acuerdo/fusion-ajena"
    ACUERDO_OFICIO_DISTINTO = "acuerdo/oficio-distinto"
    ACUERDO_SIN_INTENTO = "acuerdo/sin-intento"
    ACUERDO_NUNCA_DECLARADA = "acuerdo/nunca-declarada"
    ACUERDO_SIN_REGISTRO = "acuerdo/sin-registro"
    ACUERDO_NO_DECLARADA = "acuerdo/no-declarada"
    ACUERDO_NO_ESTA = "acuerdo/no-esta"
    ACUERDO_OTRO_OBJETO = "acuerdo/otro-objeto"
    ACUERDO_MARCA_DUPLICADA = "acuerdo/marca-duplicada"
    ACUERDO_BITACORA_PERDIDA = "acuerdo/bitacora-perdida"
    ACUERDO_EN_SERVICIO = "acuerdo/en-servicio"
    ACUERDO_DERIVA = "acuerdo/deriva"
    ACUERDO_RETENIDA = "acuerdo/retenida"
    ACUERDO_SIN_APLICAR = "acuerdo/sin-aplicar"
    ACUERDO_POR_ATENDER = "acuerdo/por-atender"
    ACUERDO_DESTINO = "acuerdo/destino"

    FECHA_ATRAS = "fecha/atras"
    FECHA_FUTURO = "fecha/futuro"
    FECHA_BITACORA_ATRAS = "fecha/bitacora-atras"
    FECHA_BITACORA_FUTURO = "fecha/bitacora-futuro"
    FECHA_ANTES_DE_FUSION = "fecha/antes-de-fusion"

    @property
    def clase(self) -> Clase:
        """The class that it counts in."""
        return Clase(self.value.partition("/")[0])

    @property
    def is_notice(self) -> bool:
        """Whether it is to be known, and proves nothing wrong by itself."""
        return self in _NOTICES


_NOTICES = frozenset(
    {
        Code.ANCLA_FALTA,
        Code.ANCLA_SIN_PUBLICAR,
        Code.ANCLA_SIN_COMPARAR,
        Code.LINEA_SIN_PUBLICAR,
        Code.APROBADOR_REVOCADA_DESPUES,
        Code.APROBADOR_LINEA_BASE,
        Code.ACUERDO_SIN_APLICAR,
        Code.ACUERDO_POR_ATENDER,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found: where (file and line, commit, tag or place in the target), what, and what to do about it.

    `key`, `oficio` and `merge` name the account, the oficio and the commit that it is about, where there is one.
    """

    code: Code
    where: str
    message: str
    key: AccountKey | None = None
    oficio: str | None = None
    merge: str | None = None
    advice: str | None = None

    @property
    def remedy(self) -> str:
        """What to do: as it was said of this one, or of all of its code."""
        return self.advice or REMEDIES[self.code.value]


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by class; within one, in the order in which they were found."""
    places = {clase: place for place, clase in enumerate(Clase)}
    return tuple(sorted(findings, key=lambda one: places[one.code.clase]))


def counts(findings: Iterable[Finding]) -> dict[Clase, int]:
    """Count findings by class, those without any included; notices are none."""
    found = Counter(one.code.clase for one in findings if not one.code.is_notice)
    return {clase: found[clase] for clase in Clase}

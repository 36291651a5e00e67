"""What to do about each kind of finding, in the words of who has to do it."""

from __future__ import annotations

from collections.abc import Mapping

_CHAIN = (
    "No escriba nada más en la bitácora. Compare su rama con otra copia («git fetch», otro clon) y con la última "
    "ancla firmada; restitúyala de la copia que esté entera y averigüe quién la cambió."
)
_AROUND = (
    "Revise qué trajo. Si es bueno, fusione un pull request que ponga «aprobacion.linea_base» en un commit "
    "posterior; si no, reviértalo. Cierre el paso: reglas de rama, y solo «merge commit»."
)
_OFICIO = (
    "Pida a la dependencia el oficio que lo ampara y nómbrelo en la entrada («alta:», «baja:» o «cambio:»), por pull "
    "request; si no lo hay, el movimiento no debió hacerse."
)
_ANCHOR = (
    "Busque la bitácora que esa ancla nombra (otro clon, un respaldo), compárela y restitúyala; no borre la ancla ni "
    "haga otra hasta entenderlo."
)
_UNPROVEN = (
    "Revise qué trajo esa fusión y, si no es bueno, reviértalo. Cuando quien puede lo haya revisado, fusione un pull "
    "request que ponga «aprobacion.linea_base» en un commit posterior: hasta entonces se sigue diciendo."
)
_KEY = "Averigüe de quién es esa llave y quién la usó; si es de un aprobador, agréguela a sus «llaves». " + _UNPROVEN
_CLOCK = (
    "Averigüe qué reloj estaba mal (NTP). Si fue el de una corrida, propóngala en «limites: relojes_malos» de "
    "cuentas.yaml."
)
_RECORD = (
    "Compare la rama principal con otra copia: o alguien la reescribió después de aplicar, o alguien escribió en la "
    "bitácora sin pasar por cuentas. No aplique hasta entenderlo."
)

REMEDIES: Mapping[str, str] = {
    "cadena/hueco": _CHAIN,
    "cadena/enlace-roto": _CHAIN,
    "cadena/repetido": _CHAIN,
    "cadena/duplicada": _CHAIN,
    "cadena/bifurcacion": _CHAIN,
    "cadena/desorden": _CHAIN,
    "cadena/ilegible": _CHAIN,
    "cadena/incompleto": _CHAIN,
    "cadena/ajeno": _CHAIN,
    "cadena/no-es-bitacora": _CHAIN,
    "cadena/archivo-alterado": _CHAIN,
    "cadena/mezcla": _CHAIN,
    "cadena/sin-publicar": "Publíquela: revise la red y corra «cuentas apply», que empuja lo que falte.",
    "cadena/divergente": _CHAIN,
    "cadena/recortada": _CHAIN,
    "cadena/ancla-ilegible": "Si la bitácora está entera, borre ese archivo: la próxima corrida lo escribe.",
    "cadena/huella-ajena": "Compruebe que la copió bien del papel; si es así, la bitácora no es la de entonces: "
    + _CHAIN,
    "ancla/recortada": _ANCHOR,
    "ancla/reescrita": _ANCHOR,
    "ancla/rama": "La rama principal se reescribió desde entonces: compárela con otra copia y restitúyala.",
    "ancla/ilegible": "No la hizo «cuentas audit --anchor»: averigüe quién la puso y quítela de la forja.",
    "ancla/firma": "Averigüe quién la hizo. Firma quien aprueba, con una de las «llaves» que tiene en "
    "«aprobacion: aprueban:» de cuentas.yaml y mientras puede aprobar, o una de «aprobacion: llaves_ancla».",
    "ancla/distinta": "Una de las dos fue cambiada: compárelas con otra copia antes de creer en ninguna.",
    "ancla/retirada": "Alguien la borró de la forja: averigüe quién; restitúyala con «git push REMOTO "
    "refs/tags/ancla/…» y proteja allí las etiquetas «ancla/*».",
    "ancla/sin-publicar": "Publíquela: «git push REMOTO refs/tags/ancla/…».",
    "ancla/falta": "Ya no se puede hacer la de entonces. Haga la de este trimestre: «cuentas audit --anchor».",
    "ancla/sin-comparar": "Revise la red y repita, para saber si en la forja están las mismas anclas.",
    "linea/empujado": _AROUND,
    "linea/aplastado": _AROUND,
    "linea/superficial": "Complete el clon: «git fetch --unshallow» (en CI: fetch-depth: 0).",
    "linea/sin-publicar": "Lo auditado no es la punta publicada: actualice el clon («git pull») y repita.",
    "oficio/sin-nombrar": _OFICIO,
    "oficio/sin-declarar": _OFICIO,
    "oficio/repetido": "Un oficio ampara una solicitud: pida el suyo para la segunda y nómbrelo por pull request.",
    "aprobador/cuenta": _AROUND,
    "aprobador/configuracion": _AROUND,
    "aprobador/fecha-futura": _UNPROVEN,
    "aprobador/quien-propuso-aprobo": _UNPROVEN,
    "aprobador/no-facultado": _UNPROVEN + " Si podía, diga desde cuándo en «aprobacion: aprueban: … desde:».",
    "aprobador/sin-revision": "Si en la forja está, corra «cuentas apply»: la pregunta y la guarda en la bitácora. "
    + _UNPROVEN,
    "aprobador/sin-firma": _UNPROVEN,
    "aprobador/llave-ajena": _KEY,
    "aprobador/llave-revocada": _KEY,
    "aprobador/llave-vencida": _KEY,
    "aprobador/firma-mala": "Compare el repositorio con otra copia: o la firma se dañó, o alguien rehízo el commit. "
    + _UNPROVEN,
    "aprobador/revocada-despues": "Nada, si se sabe desde cuándo la tenía otro; si no, revise lo que trajo.",
    "aprobador/linea-base": "Compruebe que quien la puso podía decidirlo y que lo de antes se revisó.",
    "aprobador/evidencia": "Alguien escribió en la bitácora una firma que nadie hizo: averigüe quién puede empujarla "
    "y revise todo lo que trajo esa fusión.",
    "acuerdo/commit-ajeno": _RECORD,
    "acuerdo/fusion-ajena": _RECORD,
    "acuerdo/oficio-distinto": _RECORD,
    "acuerdo/sin-intento": _RECORD,
    "acuerdo/nunca-declarada": _RECORD,
    "acuerdo/sin-registro": "Averigüe quién puso la marca y quítela, o declare «existente: true» si es el bueno.",
    "acuerdo/no-declarada": "Declárela con «existente: true» o retire la marca en el directorio.",
    "acuerdo/no-esta": "Alguien la borró por fuera de cuentas: recupérela en el directorio.",
    "acuerdo/otro-objeto": "Recupere el objeto original, o declare «existente: true» para adoptar el nuevo.",
    "acuerdo/marca-duplicada": "Averigüe cuál es el bueno y quite la marca a los demás.",
    "acuerdo/bitacora-perdida": "Restituya la rama «bitacora» desde el remoto o desde otro clon que la tenga.",
    "acuerdo/en-servicio": "Deshabilítela hoy en el directorio, corra «cuentas apply» y averigüe quién la habilitó, "
    "o por qué no se aplicó la baja.",
    "acuerdo/deriva": "Alguien la cambió por fuera de cuentas: «cuentas apply» la devuelve a lo declarado; si lo "
    "nuevo es lo bueno, declárelo con su oficio.",
    "acuerdo/retenida": "Atienda lo que la retiene («Por atender», en «cuentas plan»).",
    "acuerdo/sin-aplicar": "Corra «cuentas apply», o vea en «cuentas plan» por qué espera.",
    "acuerdo/por-atender": "Atiéndalo; no lo arregla cuentas.",
    "acuerdo/destino": "Repita cuando el destino responda, o audite sin él con «--sin-destino».",
    "fecha/atras": _CLOCK,
    "fecha/futuro": _CLOCK,
    "fecha/bitacora-atras": _CLOCK,
    "fecha/bitacora-futuro": _CLOCK,
    "fecha/antes-de-fusion": _CLOCK,
}

"""pydantic's verdicts in Spanish, for declarations and for cuentas.yaml alike."""

from __future__ import annotations

from pydantic_core import ErrorDetails

from reconciler.declaration.characters import shown

_PATTERNS = (
    ("^[a-z][a-z0-9]*(-", "debe ser minúsculas sin acento, cifras y guiones intermedios (ejemplo: falla-correo)"),
    ("^[a-z][a-z0-9]*(", "debe ser letras minúsculas sin acento, cifras y puntos intermedios (ejemplo: juan.perez)"),
    ("^[a-z0-9][a-z0-9._-]*@", "no es una dirección de correo en minúsculas"),
    (r'^[^\s"/', "no sirve de inicio de sesión: hasta 20 caracteres, sin espacios ni signos, y sin punto al final"),
    ("^[0-9]{4}-", "no es una fecha AAAA-MM-DD, ni dos con una diagonal en medio (2026-12-21/2027-01-06)"),
    ("^[0-9a-f]{64}$", "no es una huella SHA-256 (64 cifras hexadecimales minúsculas)"),
    ("^[0-9a-f]{40}$", "no es un commit completo (40 cifras hexadecimales)"),
    ("^(ssh-", "no es una llave pública de SSH (ssh-ed25519 …) ni de age (age1…)"),
    ("^(age1", "no es una llave pública de age (age1…) ni de SSH (ssh-ed25519 …)"),
    ("^[A-Za-z0-9][A-Za-z0-9._-]*(/", "no es una carpeta de este repositorio (ejemplo: plantillas)"),
    ("^[A-Za-z0-9][A-Za-z0-9._", "debe ser letras sin acento, cifras, puntos y guiones, sin espacios"),
    ("^[A-Za-z][A-Za-z0-9]{1,15}$", "no son unas siglas (de 2 a 16 letras o cifras, sin espacios)"),
    ("^1[45]", "no es la versión de un Exchange (ejemplo: 15.2, que es Exchange 2019)"),
    ("^[A-Za-z0-9.-]+$", "no es el nombre de un servidor (ejemplo: correo.sinaloa.gob.mx)"),
    ("^[A-Za-z0-9._-]+@", "no es una dirección de correo (ejemplo: mesa.ayuda@sinaloa.gob.mx)"),
    ("^https://", "no es una dirección de página (ejemplo: https://correo.sinaloa.gob.mx/owa)"),
    (r"^\S(", "debe ser un solo renglón, sin espacios al principio ni al final"),
    ("^[a-z0-9-]+(", "no es un dominio en minúsculas (ejemplo: sinaloa.gob.mx)"),
)  # fmt: skip

_TAGS = {"tipo": "embedded o ad", "via": "archivo, ews o smtp", "modo": "manual, archivo o http"}
"""What the field that tells one section from another may say."""


def problem_words(error: ErrorDetails) -> str:  # noqa: C901, PLR0912 -- one branch for each kind there is
    """Say one pydantic error in Spanish; the value is quoted, made visible and cut."""
    kind, context = error["type"], error.get("ctx", {})
    value = error["input"]
    quoted = shown(value) if isinstance(value, str) else "lo que hay"
    match kind:
        case "value_error":
            return str(context["error"])
        case "string_pattern_mismatch":
            pattern = context["pattern"]
            words = next((said for start, said in _PATTERNS if pattern.startswith(start)), "no tiene la forma debida")
            return f"{quoted} {words}"
        case "string_too_long" | "too_long":
            return f"{quoted} pasa del máximo de {context['max_length']}"
        case "string_too_short" | "too_short":
            return f"está vacío o le falta: el mínimo es de {context['min_length']}"
        case "literal_error" | "enum":
            return f"{quoted} no es una opción: escriba {context['expected'].replace(' or ', ' o ')}"
        case "greater_than_equal" | "greater_than":
            return f"{quoted} es menos que el mínimo, {context.get('ge', context.get('gt'))}"
        case "less_than_equal" | "less_than":
            return f"{quoted} es más que el máximo, {context.get('le', context.get('lt'))}"
        case "string_type" | "path_type" | "bool_type" | "date_type" | "int_type" | "float_type":
            return "lleva una lista o varios renglones con sangrado donde va un solo valor"
        case "int_parsing" | "float_parsing":
            return f"{quoted} no es un número"
        case "dict_type" | "mapping_type" | "model_type" | "model_attributes_type":
            return f"{quoted} no es un grupo de «campo: valor» con sangrado"
        case "list_type" | "tuple_type":
            return f"{quoted} no es una lista (un guion por renglón)"
        case "union_tag_invalid" | "union_tag_not_found":
            tag = str(context["discriminator"]).strip("'")
            return f"«{tag}» debe ser {_TAGS[tag]}"
        case _:
            return f"{quoted} no es válido"

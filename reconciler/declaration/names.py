"""Names are unique across all agencies, bajas included, and none is ever used again."""

from __future__ import annotations

from reconciler.declaration.agencies import AgencyRead
from reconciler.declaration.models import CuentaYaml
from reconciler.declaration.problems import Problems
from reconciler.declaration.reading import Read
from reconciler.declaration.wanted import aliases_of, logon_of
from reconciler.model import Source

RESERVED = frozenset(
    {
        "administrator", "administrador", "guest", "invitado", "krbtgt", "root", "postmaster", "abuse",
        "hostmaster", "webmaster", "mailer-daemon", "nobody", "system", "canario.cuentas",
    }
)  # fmt: skip
"""Names that directories and mail systems keep for themselves (RFC 2142 and Windows' built-in accounts)."""

Entry = tuple[AgencyRead, str, Read[CuentaYaml]]


def check_names(agencies: list[AgencyRead], problems: Problems) -> None:
    """Say every key, address, alias or sAMAccountName that two entries want, and every reserved one."""
    entries = [(agency, key, entry) for agency in agencies for key, entry in agency.cuentas.items()]
    keys = _keys(entries, problems)
    _addresses(entries, keys, problems)
    _logons(entries, problems)
    for _, key, entry in entries:
        former = entry.value.renombra
        if former and former in keys:
            problems.add(
                entry.at("renombra"), "renombra", f"«{key}» renombra a «{former}», que sigue declarada.",
                "Quite la entrada anterior: el renombre la sustituye y conserva su dirección como alias.",
            )  # fmt: skip


def _keys(entries: list[Entry], problems: Problems) -> dict[str, Source]:
    keys: dict[str, Source] = {}
    for _, key, entry in entries:
        if key in RESERVED:
            problems.add(entry.source, "clave-reservada", f"«{key}» es un nombre que el sistema reserva.",
                         "Elija otra clave.")  # fmt: skip
        _claim(keys, key, entry.source, problems, "clave-repetida", f"La clave «{key}»", _OTHER_KEY)
    return keys


def _addresses(entries: list[Entry], keys: dict[str, Source], problems: Problems) -> None:
    """Say every alias that is somebody else's address, or somebody else's key in a second domain."""
    taken: dict[str, Source] = {}
    for agency, key, entry in entries:
        taken.setdefault(f"{key}@{agency.dependencia.domain}", entry.source)
    for agency, key, entry in entries:
        own = f"{key}@{agency.dependencia.domain}"
        for alias in dict.fromkeys(aliases_of(agency.dependencia.domain, entry.value)):
            where = entry.at("alias" if entry.value.alias and alias in entry.value.alias else "renombra")
            owner = keys.get(alias.partition("@")[0], entry.source)
            if alias == own:
                problems.add(where, "alias", f"«{alias}» ya es la dirección de «{key}».", "Quite ese alias.")
            else:
                if owner != entry.source:
                    taken.setdefault(alias, owner)
                _claim(taken, alias, where, problems, "direccion-repetida", f"La dirección «{alias}»", _OTHER)


def _logons(entries: list[Entry], problems: Problems) -> None:
    """Say every logon name that two keys want; that two entries want one key was said of the key."""
    first: dict[str, Read[CuentaYaml]] = {}
    for _, key, entry in entries:
        first.setdefault(key, entry)
    taken: dict[str, Source] = {}
    for key, entry in first.items():
        logon = logon_of(key, entry.value)
        where = entry.at("usuario_ad")
        _claim(
            taken, logon.casefold(), where, problems, "usuario-repetido",
            f"El inicio de sesión «{logon}» de «{key}»", _OTHER_LOGON,
        )  # fmt: skip


_OTHER = "Elija otra: una dirección no se reutiliza nunca, tampoco la de quien se dio de baja."
_OTHER_KEY = (
    "Si es la misma persona, deje una sola entrada; si son homónimas, agregue la inicial del segundo apellido. "
    "Las claves no se reutilizan nunca, tampoco las de baja."
)
_OTHER_LOGON = "Declare en una de las dos «usuario_ad:», de 20 caracteres o menos."


def _claim(  # noqa: PLR0913, PLR0917 -- what is claimed, where, and the words for it
    taken: dict[str, Source], name: str, where: Source, problems: Problems, code: str, what: str, remedy: str
) -> None:
    first = taken.setdefault(name, where)
    if first != where:
        problems.add(where, code, f"{what} ya es de la entrada de {first}.", remedy)

"""What the service account may do under the base, as the directory itself says; nothing is tried.

Attributes and classes come from the constructed allowedAttributesEffective and allowedChildClassesEffective (MS-ADTS,
3.1.1.4.5), extended rights and deletion from the canary's access list and the account's own tokenGroups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from reconciler.check import Doubt
from reconciler.config import DestinoAD
from reconciler.directory import attributes as table
from reconciler.directory import mailbox_state
from reconciler.directory.descriptor import DELETE, RESET_PASSWORD, Rights
from reconciler.directory.entry import Entry
from reconciler.directory.kept import LEGACY_DN
from reconciler.directory.session import Session
from reconciler.errors import TargetRejectedError

CHILDREN = "allowedChildClassesEffective"
WRITABLE = "allowedAttributesEffective"
IN_SCHEMA = "allowedAttributes"

MAILBOX = (*mailbox_state.READ, LEGACY_DN)
"""Every attribute of Exchange's that is read."""

WRITTEN = (*table.KEPT, table.PASSWORD_DATE, table.OWN_NAME)
"""Every attribute that is written, by a rename too; the password itself takes a right of its own."""


class Delegation:
    """Each method returns what it found in order, and raises what is not.

    `canary` stands for every account, read with its `WRITABLE` and `IN_SCHEMA`; `units` are those of the agencies
    that are there, with their `CHILDREN`.
    """

    def __init__(
        self,
        session: Session,
        config: DestinoAD,
        canary: Callable[[], Entry],
        units: Callable[[], Mapping[str, Entry]],
    ) -> None:
        self._session = session
        self._base = config.base
        self._canary = canary
        self._units = units

    def create(self) -> str:
        """Look at the base and at every agency's unit."""
        base = self._session.get(self._base, (CHILDREN,))
        places = [*([base] if base else []), *self._units().values()]
        closed = [one.dn for one in places if "user" not in one.texts(CHILDREN)]
        if closed:
            raise self._lacking(f"crear usuarios en {'; '.join(closed)}", "crear objetos de clase user")
        if base is None or "organizationalUnit" not in base.texts(CHILDREN):
            raise self._lacking(
                f"crear unidades en {self._base}: las de dependencias nuevas",
                "crear objetos de clase organizationalUnit",
            )
        return "puede crear usuarios y unidades organizativas"

    def write(self) -> str:
        """Compare with everything that the attribute table writes."""
        may = {name.casefold() for name in self._canary().texts(WRITABLE)}
        missing = ", ".join(name for name in WRITTEN if name.casefold() not in may)
        if missing:
            raise self._lacking(f"escribir {missing}", f"escribir, en los usuarios, {missing}")
        return f"puede escribir los {len(WRITTEN)} atributos de una cuenta"

    def reset(self) -> str:
        """Look for the right to set a password without knowing the former one."""
        if not self._rights.may_control(RESET_PASSWORD):
            raise self._lacking("restablecer contraseñas", "«Restablecer contraseña» en los usuarios")
        return "puede restablecerlas"

    def move(self) -> str:
        """Look for the right that moving an object takes where it is (MS-ADTS, 3.1.1.5.4.1)."""
        if not self._rights.allows(DELETE):
            raise self._lacking(
                "mover usuarios de una unidad a otra",
                "«Eliminar» en los usuarios (Active Directory lo pide para moverlos; cuentas no borra nada)",
            )
        return "puede moverlos de una unidad a otra"

    def know_mailboxes(self) -> str:
        """Look for Exchange's attributes in the schema of a user."""
        known = {name.casefold() for name in self._canary().texts(IN_SCHEMA)}
        missing = [name for name in MAILBOX if name.casefold() not in known]
        if missing:
            raise TargetRejectedError(
                f"El esquema del directorio no tiene {', '.join(missing)}.",
                remedy="Prepare el bosque con el instalador de Exchange («Setup.exe /PrepareSchema»), o quite "
                "«exchange» del destino.",
            )
        return f"tiene los {len(MAILBOX)} atributos de un buzón"

    def read_mailboxes(self) -> str:
        """Make sure that an attribute without a value is one that has none, and not one that is not shown."""
        root = self._session.get("", ("schemaNamingContext",))
        names = "".join(f"(lDAPDisplayName={name})" for name in MAILBOX)
        asked = ("lDAPDisplayName", "schemaIDGUID", "attributeSecurityGUID", "searchFlags")
        kinds = self._session.search((root.text("schemaNamingContext") if root else None) or "", f"(|{names})", asked)
        hidden = ", ".join(sorted(kind.text(asked[0]) or "" for kind in kinds if not self._rights.may_read(kind)))
        if hidden:
            raise self._lacking(f"leer {hidden}: no vería los buzones que hay", f"leer, en los usuarios, {hidden}")
        return "puede leerlos"

    @cached_property
    def _rights(self) -> Rights:
        described = self._session.get(self._canary().dn, ("nTSecurityDescriptor",), controls=[Rights.CONTROL])
        root = self._session.get("", ("tokenGroups",))
        descriptor = described.raw("nTSecurityDescriptor") if described else ()
        groups = root.raw("tokenGroups") if root else ()
        if not descriptor or not groups:
            raise Doubt(
                "no se pudo saber: los permisos de las cuentas no se dejan leer.",
                remedy="Deje que la cuenta de servicio lea permisos (READ_CONTROL) bajo la base, y repita.",
            )
        return Rights(descriptor[0], groups)

    def _lacking(self, what: str, wanted: str) -> TargetRejectedError:
        return TargetRejectedError(
            f"La cuenta de servicio no puede {what}.",
            remedy="Pida a quien administra Active Directory que le delegue, sobre "
            f"«{self._base}» y lo que contiene: {wanted}.",
        )

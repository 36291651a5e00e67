"""What others do to a directory behind our back, told alike to every target; and what only they can see."""
# mypy: allow-untyped-calls
# (types-ldap3 leaves add, modify, modify_dn and delete without types)

from __future__ import annotations

import sqlite3
import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import ldap3

from reconciler.config import DestinoAD
from reconciler.directory import AdTarget
from reconciler.embedded import EmbeddedTarget
from reconciler.embedded.rows import matches
from reconciler.engine.ports import Target
from tests.lab.samba import DomainController


class Outsider(Protocol):
    """Someone with every right, who does not use `cuentas`. Objects are named by their GUID."""

    mailboxes: bool

    def open(self) -> Target:
        """Return another instance of the target, over the same directory."""

    def foreign_user(self, logon: str, address: str, *, inside: bool = True) -> str:
        """Make a user without our mark, and return its GUID."""

    def retitle(self, guid: str, title: str) -> None:
        """Give an object another title."""

    def disable(self, guid: str) -> None:
        """Disable an object."""

    def delete(self, guid: str) -> None:
        """Delete an object."""

    def protect(self, guid: str) -> None:
        """Make an object one that must not be touched."""

    def unmark(self, guid: str) -> None:
        """Take our mark off an object."""

    def copy_mark(self, origin: str, to: str) -> None:
        """Put an object's mark on another one too."""

    def give_odd_address(self, guid: str, address: str) -> None:
        """Give an object an address of another kind than SMTP."""

    def addresses(self, guid: str) -> set[str]:
        """Return every further address of an object, of whatever kind, with its prefix."""

    def hide_canary(self) -> None:
        """Make the canary disappear."""

    def logon(self, logon: str, password: str) -> str:
        """Try to log on: «entra», «debe cambiarla», «deshabilitada» or «equivocada»."""


class MailOutsider(Outsider, Protocol):
    """One who looks into mailboxes too."""

    def mailbox_id(self, guid: str) -> str | None:
        """Return what makes an object's mailbox this one and no other; None without one."""

    def answer(self, guid: str) -> str | None:
        """Return what an object's mailbox answers by itself, None where it does not."""

    def purge(self, guid: str) -> None:
        """Make the mailbox that was taken off an object disappear for good."""


@dataclass
class EmbeddedOutsider:
    """Writes to the embedded target's file."""

    path: Path
    mailboxes: bool = True
    _opened: list[Target] = field(default_factory=list)

    def open(self) -> Target:
        self._opened.append(EmbeddedTarget(self.path))
        return self._opened[-1]

    def close(self) -> None:
        for target in self._opened:
            target.close()

    def foreign_user(self, logon: str, address: str, *, inside: bool = True) -> str:
        guid = str(uuid.uuid4())
        self._run(
            "INSERT INTO objetos (guid, cn, usuario, correo, upn, nombre_visible, habilitado, protegido)"
            " VALUES (?, ?, ?, ?, ?, 'Ajena', 1, ?)",
            guid, logon, logon, address, f"{logon}@lab", None if inside else "está fuera",
        )  # fmt: skip
        return guid

    def retitle(self, guid: str, title: str) -> None:
        self._run("UPDATE objetos SET puesto = ? WHERE guid = ?", title, guid)

    def disable(self, guid: str) -> None:
        self._run("UPDATE objetos SET habilitado = 0 WHERE guid = ?", guid)

    def delete(self, guid: str) -> None:
        self._run("DELETE FROM direcciones WHERE guid = ?", guid)
        self._run("DELETE FROM objetos WHERE guid = ?", guid)

    def protect(self, guid: str) -> None:
        self._run("UPDATE objetos SET protegido = 'es administrador' WHERE guid = ?", guid)

    def unmark(self, guid: str) -> None:
        self._run("UPDATE objetos SET marca = NULL WHERE guid = ?", guid)

    def copy_mark(self, origin: str, to: str) -> None:
        self._run("UPDATE objetos SET marca = (SELECT marca FROM objetos WHERE guid = ?) WHERE guid = ?", origin, to)

    def give_odd_address(self, guid: str, address: str) -> None:
        self._run("INSERT INTO direcciones (guid, direccion, clase) VALUES (?, ?, 'x400')", guid, address)

    def addresses(self, guid: str) -> set[str]:
        found = self._run("SELECT clase, direccion FROM direcciones WHERE guid = ?", guid)
        return {f"{kind.lower()}:{address}" for kind, address in found}

    def hide_canary(self) -> None:
        self._run("DELETE FROM objetos WHERE usuario = 'canario.cuentas'")

    def mailbox_id(self, guid: str) -> str | None:
        found = self._run("SELECT buzon FROM buzones WHERE guid = ? AND conectado", guid)
        return found[0][0] if found else None

    def answer(self, guid: str) -> str | None:
        [(text,)] = self._run("SELECT respuesta FROM buzones WHERE guid = ? AND conectado", guid)
        return text

    def purge(self, guid: str) -> None:
        self._run("DELETE FROM buzones WHERE guid = ? AND NOT conectado", guid)

    def logon(self, logon: str, password: str) -> str:
        query = "SELECT contrasena, habilitado, debe_cambiarla FROM objetos WHERE usuario = ?"
        [(secret, enabled, must_change)] = self._run(query, logon)
        if secret is None or not matches(secret, password):
            return "equivocada"
        if not enabled:
            return "deshabilitada"
        return "debe cambiarla" if must_change else "entra"

    def _run(self, query: str, *values: object) -> list[tuple[str, ...]]:
        connection = sqlite3.connect(self.path)
        try:
            with connection:
                return connection.execute(query, values).fetchall()
        finally:
            connection.close()


_DENY, _DENY_OBJECT, _READ_PROPERTY, _OF_ONE_ATTRIBUTE = 1, 6, 0x10, 1
"""Of an ACE (MS-DTYP, 2.4.4): its two types, a right that it denies, and that it names a part of the object."""

_LOGON = {"52e": "equivocada", "533": "deshabilitada", "773": "debe cambiarla"}


@dataclass
class SambaOutsider:
    """Writes to the laboratory's domain controller as its administrator."""

    controller: DomainController
    admin: ldap3.Connection
    config: DestinoAD
    mailboxes: bool = False
    _opened: list[Target] = field(default_factory=list)

    def open(self) -> Target:
        self._opened.append(AdTarget(self.config))
        return self._opened[-1]

    def close(self) -> None:
        self.close_targets()
        self.admin.unbind()

    def close_targets(self) -> None:
        for target in self._opened:
            target.close()

    def foreign_user(self, logon: str, address: str, *, inside: bool = True) -> str:
        parent = self.controller.managed_base if inside else self.controller.foreign_base
        values = {
            "sAMAccountName": logon,
            "userPrincipalName": f"{logon}@lab.sinaloa.test",
            "mail": address,
            "displayName": "Ajena",
            "userAccountControl": 544,
        }
        dn = f"CN={logon},{parent}"
        self._done(self.admin.add(dn, "user", values))
        [guid] = self._raw(dn, "objectGUID")
        return str(uuid.UUID(bytes_le=guid))

    def retitle(self, guid: str, title: str) -> None:
        self.replace_values(guid, title=[title])

    def disable(self, guid: str) -> None:
        self.replace_values(guid, userAccountControl=[514])

    def delete(self, guid: str) -> None:
        self._done(self.admin.delete(f"<GUID={guid}>"))

    def protect(self, guid: str) -> None:
        self.replace_values(guid, adminCount=[1])

    def unmark(self, guid: str) -> None:
        self.replace_values(guid, adminDescription=[])

    def copy_mark(self, origin: str, to: str) -> None:
        self.replace_values(to, adminDescription=self._values(origin, "adminDescription"))

    def give_odd_address(self, guid: str, address: str) -> None:
        changes = {"proxyAddresses": [(ldap3.MODIFY_ADD, [f"X400:{address}"])]}
        self._done(self.admin.modify(f"<GUID={guid}>", changes))

    def addresses(self, guid: str) -> set[str]:
        found = self._values(guid, "proxyAddresses")
        kinds = (value.partition(":") for value in found if not value.startswith("SMTP:"))
        return {f"{kind.lower()}:{address}" for kind, _, address in kinds}

    def hide_canary(self) -> None:
        self._done(self.admin.delete(f"CN={self.controller.canary},{self.controller.managed_base}"))

    def logon(self, logon: str, password: str) -> str:
        connection = ldap3.Connection(self.controller.ldap_server(), f"LAB\\{logon}", password, receive_timeout=20)
        try:
            if connection.bind():
                return "entra"
            said = connection.result["message"]
            return next(words for code, words in _LOGON.items() if f"data {code}" in said)
        finally:
            connection.unbind()

    def replace_values(self, guid: str, **values: list[str] | list[int] | list[bytes]) -> None:
        """Set attributes of an object to values; none, to take them off."""
        changes = {name: [(ldap3.MODIFY_REPLACE, some)] for name, some in values.items()}
        self._done(self.admin.modify(f"<GUID={guid}>", changes))

    def add_object(self, place: str, kind: str, **values: str | int) -> None:
        """Add an object of any class; `place` is relative to the domain."""
        self._done(self.admin.add(f"{place},{self.controller.base_dn}", kind, values))

    def deny_reading(self, guid: str, attribute: str, reader: str) -> None:
        """Deny a user (its DN) the reading of one attribute (a name in the schema) of an object."""
        self.deny(f"<GUID={guid}>", reader, _READ_PROPERTY, self.kind_of(attribute))

    def kind_of(self, name: str) -> bytes:
        """Return the GUID by which access lists name an attribute or a class of the schema."""
        schema = f"CN=Schema,CN=Configuration,{self.controller.base_dn}"
        self.admin.search(schema, f"(lDAPDisplayName={name})", attributes=["schemaIDGUID"])
        kind: bytes
        [kind] = (self.admin.response or [{}])[0]["raw_attributes"]["schemaIDGUID"]
        return kind

    def deny(self, place: str, reader: str, right: int, kind: bytes = b"") -> None:
        """Deny a user (its DN) a right on an object, or only on a kind of its parts, before whatever grants it."""
        [sid] = self._raw(reader, "objectSid")
        body = struct.pack("<II", right, _OF_ONE_ATTRIBUTE) + kind + sid if kind else struct.pack("<I", right) + sid
        ace = struct.pack("<BBH", _DENY_OBJECT if kind else _DENY, 0, 4 + len(body)) + body
        only_dacl = [("1.2.840.113556.1.4.801", True, b"\x30\x03\x02\x01\x04")]  # LDAP_SERVER_SD_FLAGS_OID
        self.admin.search(
            place, "(objectClass=*)", ldap3.BASE, attributes=["nTSecurityDescriptor"], controls=only_dacl
        )
        [old] = (self.admin.response or [{}])[0]["raw_attributes"]["nTSecurityDescriptor"]
        (start,) = struct.unpack_from("<I", old, 16)
        revision, size, count = struct.unpack_from("<HHH", old, start)
        header = struct.pack("<HHHH", revision, size + len(ace), count + 1, 0)
        new = old[:start] + header + ace + old[start + 8 :]
        changes = {"nTSecurityDescriptor": [(ldap3.MODIFY_REPLACE, [new])]}
        self._done(self.admin.modify(place, changes, controls=only_dacl))

    def move(self, guid: str, place: str) -> None:
        """Move an object of ours elsewhere in the domain."""
        self.admin.search(f"<GUID={guid}>", "(objectClass=*)", ldap3.BASE, attributes=["cn"])
        dn = (self.admin.response or [{}])[0]["dn"]
        superior = f"{place},{self.controller.base_dn}"
        self._done(self.admin.modify_dn(dn, dn.partition(",")[0], new_superior=superior))

    def everything(self) -> dict[str, dict[str, list[bytes]]]:
        """Return all that the domain holds, but what the server notes of who logs on."""
        noted = {"lastLogon", "lastLogonTimestamp", "logonCount", "badPwdCount", "uSNChanged", "whenChanged"}
        self.admin.search(self.controller.base_dn, "(objectClass=*)", attributes=["*"])
        return {
            one["dn"]: {name: values for name, values in one["raw_attributes"].items() if name not in noted}
            for one in self.admin.response or ()
            if one["type"] == "searchResEntry"
        }

    def names(self, condition: str) -> list[str]:
        """Return the DN of everything in the domain that meets a condition."""
        self.admin.search(self.controller.base_dn, condition, attributes=["cn"])
        return [one["dn"] for one in self.admin.response or () if one["type"] == "searchResEntry"]

    def values(self, guid: str, *names: str) -> dict[str, list[str]]:
        """Return attributes of an object as text; those that are not text, as they come."""
        self.admin.search(f"<GUID={guid}>", "(objectClass=*)", ldap3.BASE, attributes=list(names))
        [found] = self.admin.response or []
        return {
            name: [value.decode("utf-8", "backslashreplace") for value in some]
            for name, some in found["raw_attributes"].items()
            if some
        }

    def _values(self, guid: str, name: str) -> list[str]:
        return [value.decode() for value in self._raw(f"<GUID={guid}>", name)]

    def _raw(self, dn: str, name: str) -> list[bytes]:
        self.admin.search(dn, "(objectClass=*)", ldap3.BASE, attributes=[name])
        [found] = self.admin.response or []
        values: list[bytes] = found["raw_attributes"][name]
        return values

    def _done(self, done: object) -> None:
        assert done, self.admin.result


@contextmanager
def embedded(folder: Path) -> Iterator[EmbeddedOutsider]:
    """The embedded target, in a file of its own."""
    outsider = EmbeddedOutsider(folder / "directorio.sqlite")
    try:
        yield outsider
    finally:
        outsider.close()


def samba_config(controller: DomainController, **changes: object) -> DestinoAD:
    """The laboratory as cuentas.yaml would describe it."""
    values: dict[str, object] = {
        "servidor": controller.host_name,
        "direccion": controller.address,
        "ca": controller.ca_file,
        "raiz": controller.base_dn,
        "base": controller.managed_base,
        "usuario": controller.service_account.upn,
        "clave_archivo": controller.service_account.password_file,
        "canario": controller.canary,
    }
    return DestinoAD.model_validate(values | changes)


@contextmanager
def samba(controller: DomainController) -> Iterator[SambaOutsider]:
    """The laboratory's domain controller, as it was when new."""
    controller.reset()
    admin = ldap3.Connection(
        controller.ldap_server(), controller.administrator.upn, controller.administrator.password, receive_timeout=20
    )
    assert admin.bind(), admin.result
    outsider = SambaOutsider(controller, admin, samba_config(controller))
    try:
        yield outsider
    finally:
        outsider.close()

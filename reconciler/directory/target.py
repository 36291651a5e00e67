"""The Active Directory target: every primitive of the engine's `Target` as LDAP operations on one object."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from pydantic import SecretStr

from reconciler.config import DestinoAD
from reconciler.directory import attributes as table
from reconciler.directory import mailbox_state, places
from reconciler.directory.entry import Entry, by_guid
from reconciler.directory.fields import field_changes
from reconciler.directory.kept import READ, Kept, give_back, kept
from reconciler.directory.mailboxes import NoMailboxes
from reconciler.directory.mark import ATTRIBUTE, Mark, Stage
from reconciler.directory.modification import Modification
from reconciler.directory.reading import to_reading
from reconciler.directory.session import Session
from reconciler.directory.uniqueness import check_addresses, check_logon
from reconciler.errors import ChangedMeanwhileError, TargetRejectedError, TargetUnreachableError
from reconciler.model import Account, AccountKey, Handle, Observed, Reading, Siglas
from reconciler.plan import FieldChange

_ASK = "Pida a quien administra Active Directory que la cuenta de servicio pueda leer todo lo que está bajo la base."

EVERYTHING = "(|(sAMAccountName=*)(mail=*)(proxyAddresses=*))"
"""Whatever can hold a logon name or an address: users, groups, computers and contacts alike."""


class AdTarget(NoMailboxes):
    """Active Directory behind one domain controller; fits the engine's `Target`. Mailboxes are not managed here."""

    def __init__(self, config: DestinoAD, session: Session | None = None) -> None:
        """Take the configuration; nothing is connected before the first use.

        Raises:
            ConfigurationError: the authority or the service account's password cannot be read.

        """
        self._session = session or Session(config)
        self._root = config.raiz
        self._base = config.base
        self._canary = config.canario
        self._read = table.READ + (mailbox_state.READ if config.exchange else ())
        self._reads_mailboxes = config.exchange is not None
        self._guids: dict[AccountKey, str] = {}
        self._units: dict[str, str] = {}
        self._config = config

    # --- reading ------------------------------------------------------------------------------------------

    def read(self) -> Reading:
        """Read everything under the root in one paged search."""
        self._locate_base()
        entries = list(self._session.search(self._root, EVERYTHING, self._read))
        reading = to_reading(entries, self._session.server, self._base, self._canary, mailboxes=self._reads_mailboxes)
        self._guids = {key: handles[0].guid for key, handles in reading.claims.items()}
        self._guids |= {key: seen.handle.guid for key, seen in reading.accounts.items()}
        return reading

    def _locate_base(self) -> None:
        """Take the base's name as the directory spells it, so that names can be compared with it."""
        entry = self._session.get(self._base, ["objectGUID"])
        if entry is None:
            raise TargetUnreachableError(
                f"La base «{self._base}» no existe en {self._session.server}, o la cuenta de servicio no la ve.",
                remedy="Revise «base» del destino y los permisos de la cuenta de servicio.",
            )
        self._base = entry.dn

    def lookup(self, guid: str) -> Observed | None:
        """Read one of our objects again; None when it is not there or does not carry our mark."""
        entry = self._session.get(by_guid(guid), self._read)
        found = table.sound_mark(entry) if entry else None
        if entry is None or found is None:
            return None
        return table.to_observed(entry, found, self._base, self._key_at(entry.text(table.MANAGER)))

    def _key_at(self, dn: str | None) -> AccountKey | None:
        entry = self._session.get(dn, [ATTRIBUTE]) if dn else None
        found = table.sound_mark(entry) if entry else None
        return found.key if found else None

    # --- an alta --------------------------------------------------------------------------------------------

    def create(self, account: Account) -> Handle:
        """Create the account unable to log on, marked as ours and as under way, in its dependencia's unit."""
        check_logon(self._session, self._root, account.logon, None)
        check_addresses(self._session, self._root, (account.address, *account.aliases), None)
        self._check_key(account.key)
        manager = None if account.responsable is None else self._dn_of(account.responsable)
        dn = f"{places.common_name(account.key)},{self._unit(account.dependencia)}"
        self._session.add(dn, table.CLASSES, table.new_attributes(account, manager))
        entry = self._session.get(dn, self._read)
        if entry is None:
            raise ChangedMeanwhileError(f"{dn} desapareció al crearlo.", remedy="Vuelva a correr «cuentas plan».")
        self._guids[account.key] = entry.guid
        handle = table.to_handle(entry, self._base)
        if not handle.guid:
            raise TargetRejectedError(f"{dn} se creó deshabilitado: {handle.protected}.", remedy=_ASK)
        return handle

    def set_first_password(self, handle: Handle, password: SecretStr) -> None:
        """Set a password that has to be changed at the next logon (pwdLastSet 0: MS-ADTS, 3.1.1.3.4)."""

        def change(modification: Modification, entry: Entry, mark: Mark) -> None:
            del entry
            modification.put(table.PASSWORD, f'"{password.get_secret_value()}"'.encode("utf-16-le"))
            modification.put(table.PASSWORD_DATE, b"0")
            if mark.stage or mark.retired:
                modification.mark(replace(mark, stage=Stage.PASSWORD_SET))

        self._modify(handle, change)

    def finish(self, handle: Handle, account: Account) -> None:
        """End a creation: allow logon where the account has one, and drop the stage, at once.

        Raises:
            TargetRejectedError: logon is to be allowed and no password was ever set.

        """

        def change(modification: Modification, entry: Entry, mark: Mark) -> None:
            if mark.stage is None:
                raise _changed(entry, "su creación ya estaba terminada")
            _need_password(entry, mark, account)
            if account.logon_enabled:
                modification.allow_logon(allowed=True)
            modification.mark(replace(mark, stage=None))

        self._modify(handle, change)

    def adopt(self, handle: Handle, key: AccountKey) -> None:
        """Put our mark on an account that exists, and change nothing else."""
        self._check_key(key)
        entry = self._reached(handle)
        if table.sound_mark(entry) is not None:
            raise _changed(entry, "ya lleva la marca de cuentas")
        modification = Modification(entry)
        modification.mark(Mark(key=key))
        self._session.modify(by_guid(handle.guid), modification.operations(), entry.dn)
        self._guids[key] = handle.guid

    # --- changes --------------------------------------------------------------------------------------------

    def rename(self, handle: Handle, key: AccountKey, fields: tuple[FieldChange, ...]) -> None:
        """Give the object its new key, logon, address and mark.

        The object's own name goes first, where it was the former key: what is left then is one modify, and a
        stop between the two is taken up again by the same change.
        """
        self._check_key(key)
        entry, mark = self._ours(handle)
        modification = self._of_fields(entry, mark, fields)
        modification.mark(replace(mark, key=key))
        if places.own_name(entry.dn) == places.common_name(mark.key):
            place = places.parent(entry.dn)
            self._session.rename(by_guid(handle.guid), places.common_name(key), place, entry.dn)
        self._session.modify(by_guid(handle.guid), modification.operations(), entry.dn)
        self._guids.pop(mark.key, None)
        self._guids[key] = handle.guid

    def move(self, handle: Handle, to: Siglas) -> None:
        """Move the object to another dependencia's unit, made where it is missing."""
        entry, _ = self._ours(handle)
        self._session.rename(by_guid(handle.guid), places.own_name(entry.dn), self._unit(to), entry.dn)

    def update(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Change attributes from exactly their old values to the new ones, all or none."""
        entry, mark = self._ours(handle)
        modification = self._of_fields(entry, mark, fields)
        self._session.modify(by_guid(handle.guid), modification.operations(), entry.dn)

    def _of_fields(self, entry: Entry, mark: Mark, fields: Sequence[FieldChange]) -> Modification:
        for one in fields:
            if one.name == "logon":
                check_logon(self._session, self._root, str(one.new), entry.guid)
            elif one.name == "address":
                _need_sound_mailbox(entry)
                check_addresses(self._session, self._root, (str(one.new),), entry.guid)
        responsable = self._key_at(entry.text(table.MANAGER))
        there = table.to_observed(entry, mark, self._base, responsable).account
        return field_changes(entry, mark, there, fields, self._dn_of, with_exchange=self._reads_mailboxes)

    def change_aliases(self, handle: Handle, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
        """Add and remove further addresses; other kinds of address stay as they are."""
        entry = self._with_aliases(handle, added, removed)
        there = dict(table.smtp_values(entry))
        new = [table.as_secondary(alias) for alias in added]
        if table.primary(entry) is None:
            new.append(table.as_primary(table.address_of(entry)))
        modification = Modification(entry)
        modification.change(table.PROXIES, [there[alias] for alias in removed], new)
        self._session.modify(by_guid(handle.guid), modification.operations(), entry.dn)

    def _with_aliases(self, handle: Handle, added: tuple[str, ...], removed: tuple[str, ...]) -> Entry:
        """Read an object of ours that has the addresses that go and not those that come, which nobody else has."""
        check_addresses(self._session, self._root, added, handle.guid)
        entry, _ = self._ours(handle)
        _need_sound_mailbox(entry)
        there = {address for address, _ in table.smtp_values(entry)}
        missing = [alias for alias in removed if alias not in there]
        present = [alias for alias in added if alias in there]
        if missing or present:
            verb = "ya no tiene" if missing else "ya tiene"
            raise _changed(entry, f"{verb} la dirección «{(missing or present)[0]}»")
        return entry

    # --- baja and back --------------------------------------------------------------------------------------

    def disable(self, handle: Handle) -> None:
        """Give baja: no logon, and the mark says so, in one step."""

        def change(modification: Modification, entry: Entry, mark: Mark) -> None:
            if mark.retired and entry.number(table.CONTROL) & table.DISABLED:
                raise _changed(entry, "ya estaba de baja")
            modification.allow_logon(allowed=False)
            modification.mark(replace(mark, retired=True, stage=None))

        self._modify(handle, change)

    def reactivate(self, handle: Handle, account: Account) -> None:
        """Undo a baja: the mark says active, and logon is allowed where the account has one."""

        def change(modification: Modification, entry: Entry, mark: Mark) -> None:
            if not mark.retired:
                raise _changed(entry, "ya no estaba de baja")
            _need_password(entry, mark, account)
            if account.logon_enabled:
                modification.allow_logon(allowed=True)
            modification.mark(replace(mark, retired=False, stage=None))

        self._modify(handle, change)

    def companions(self) -> Sequence[AdTarget]:
        """Return no more targets: writers wait for each other in the server, so that one is as fast as many."""
        return ()

    def _share_with(self, other: AdTarget) -> None:
        """Let another target of the same run know what was read, and learn what the others make."""
        other._base, other._guids, other._units = self._base, self._guids, self._units

    def close(self) -> None:
        """Close the connection; calling it again does nothing."""
        self._session.close()

    # --- what the mark remembers of a mailbox ---------------------------------------------------------------

    def remember_mailbox(self, handle: Handle) -> None:
        """Write into the mark which mailbox the account has, and which database keeps it."""
        entry, mark = self._ours(handle)
        [guid] = entry.raw(mailbox_state.GUID)
        database = self._session.get(entry.text(mailbox_state.DATABASE) or "", ["objectGUID"])
        modification = Modification(entry)
        kept = database.guid if database else None
        modification.mark(replace(mark, mailbox=str(uuid.UUID(bytes_le=guid)), database=kept))
        self._session.modify(by_guid(handle.guid), modification.operations(), entry.dn)

    def remembered_mailbox(self, handle: Handle) -> tuple[str, str | None] | None:
        """Return the mailbox that was taken off the account, and its database, as the mark has them."""
        _, mark = self._ours(handle)
        return None if mark.mailbox is None else (mark.mailbox, mark.database)

    def addresses(self, handle: Handle) -> Kept:
        """Return the addresses of an account, of every kind."""
        self._ours(handle)
        entry = self._session.get(by_guid(handle.guid), READ)
        return kept(entry) if entry else Kept((), ())

    def give_addresses_back(self, handle: Handle, addresses: Kept) -> None:
        """Put addresses back that went with the mailbox, but for those that somebody else took meanwhile.

        Raises:
            TargetRejectedError: one of them was taken; the others are back.

        """
        taken: dict[str, TargetRejectedError] = {}
        for address in addresses.smtp:
            try:
                check_addresses(self._session, self._root, (address,), handle.guid)
            except TargetRejectedError as error:
                taken[address] = error
        free = addresses.without(taken)
        self._modify(handle, lambda modification, entry, _: give_back(modification, entry, free))
        if taken:
            raise next(iter(taken.values()))

    def forget_mailbox(self, handle: Handle) -> None:
        """Take it out of the mark again."""

        def change(modification: Modification, entry: Entry, mark: Mark) -> None:
            del entry
            modification.mark(replace(mark, mailbox=None, database=None))

        self._modify(handle, change)

    # --- what the primitives share --------------------------------------------------------------------------

    def _modify(self, handle: Handle, change: Callable[[Modification, Entry, Mark], None]) -> None:
        """Read an object of ours, let `change` say what should be other, and write it as one modify."""
        entry, mark = self._ours(handle)
        modification = Modification(entry)
        change(modification, entry, mark)
        self._session.modify(by_guid(handle.guid), modification.operations(), entry.dn)

    def _reached(self, handle: Handle) -> Entry:
        """Read an object that may be written to: there, under the base and not protected."""
        entry = self._session.get(by_guid(handle.guid), self._read)
        if entry is None:
            raise ChangedMeanwhileError(
                f"{handle.place} ya no existe.", remedy="Alguien lo borró: vuelva a correr «cuentas plan»."
            )
        protected = table.protection(entry, self._base)
        if protected:
            raise TargetRejectedError(
                f"{entry.dn} no se toca: {protected}.", remedy="Revise ese objeto en el directorio."
            )
        return entry

    def _ours(self, handle: Handle) -> tuple[Entry, Mark]:
        entry = self._reached(handle)
        mark = table.sound_mark(entry)
        if mark is None:
            raise _changed(entry, "ya no lleva la marca de cuentas")
        return entry, mark

    def _check_key(self, key: AccountKey) -> None:
        if key in self._guids:
            raise TargetRejectedError(
                f"Ya hay un objeto marcado como «{key}».", remedy="Vuelva a correr «cuentas plan»."
            )

    def _dn_of(self, key: AccountKey) -> str:
        """Return where an account of ours is now, for the attributes that hold a DN."""
        guid = self._guids.get(key)
        entry = self._session.get(by_guid(guid), ["objectGUID"]) if guid else None
        if entry is None:
            raise TargetRejectedError(
                f"El responsable «{key}» no está en el directorio.", remedy="Aplique primero su alta."
            )
        return entry.dn

    def _unit(self, siglas: Siglas) -> str:
        """Return the DN of a dependencia's unit, made under the base where it is missing, and nowhere else."""
        name = siglas.casefold()
        if name not in self._units:
            dn = places.unit(siglas, self._base)
            if self._session.get(dn, ["objectGUID"]) is None:
                self._add_unit(dn)
            self._units[name] = dn
        return self._units[name]

    def _add_unit(self, dn: str) -> None:
        """Add a unit, unless another worker of the same run, or somebody else, was faster."""
        try:
            self._session.add(dn, ("top", "organizationalUnit"), {})
        except TargetRejectedError:
            if self._session.get(dn, ["objectGUID"]) is None:
                raise


def _changed(entry: Entry, what: str) -> ChangedMeanwhileError:
    return ChangedMeanwhileError(
        f"{entry.dn}: {what}; no se cambió nada.", remedy="Alguien más lo cambió: vuelva a correr «cuentas plan»."
    )


def _need_sound_mailbox(entry: Entry) -> None:
    """Refuse to write an address where the mailbox is broken: LDAP may not, and Exchange cannot."""
    fault = mailbox_state.fault_of(entry)
    if fault:
        raise TargetRejectedError(
            f"{entry.dn}: sus direcciones no se tocan, porque su buzón está a medias ({fault}).",
            remedy="Pida a quien administra Exchange que lo repare.",
        )


def _need_password(entry: Entry, mark: Mark, account: Account) -> None:
    """Refuse to allow logon to an account that never got a password: Windows refuses it too, Samba does not."""
    if account.logon_enabled and mark.stage is not Stage.PASSWORD_SET:
        raise TargetRejectedError(
            f"{entry.dn} no tiene contraseña: no se habilita.", remedy="Vuelva a correr «cuentas apply»."
        )

"""Active Directory and Exchange as one target: accounts through the directory, mailboxes through Exchange's shell.

State is read from the directory alone, where Exchange keeps it; both write to the same domain controller. After an
error of the shell the directory is read again before anything is believed: Exchange may have done it all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reconciler.config import DestinoAD, Exchange
from reconciler.directory import AdTarget, Session
from reconciler.errors import ChangedMeanwhileError, OutcomeUnknownError, TargetRejectedError
from reconciler.exchange.mailboxes import Mailboxes
from reconciler.exchange.shell import Shell
from reconciler.model import Account, AccountKey, Handle, Mailbox, Observed
from reconciler.plan import FieldChange, FieldValue
from reconciler.post.proof import DeliveryProof, Greeting

SETTINGS = ("kind", "quota_mb", "hidden", "accepts_mail", "held")


class ExchangeTarget(AdTarget):
    """Fits the engine's `Target`, mailboxes included. Companions share one shell, which the first one closes."""

    def __init__(
        self,
        config: DestinoAD,
        tell: Callable[[str], None],
        greeting: Greeting | None = None,
        *,
        session: Session | None = None,
        shell: Shell | None = None,
    ) -> None:
        """Take the configuration, which has to have its `exchange`; nothing is connected before the first use.

        `tell` gets, from whichever thread waits, what is being waited for. `greeting` writes the first message of
        a new mailbox; where delivery is to be proven, no creation is finished without it.

        Raises:
            ConfigurationError: an authority or a password cannot be read.

        """
        super().__init__(config, session)
        assert config.exchange  # noqa: S101 -- whoever builds this looked
        self._exchange: Exchange = config.exchange
        self._greeting, self._tell = greeting, tell
        self._owns_shell = shell is None
        self._shell = shell or Shell(config.exchange, waiting=tell)
        self._mailboxes = Mailboxes(self._shell, config.exchange, lambda: self._session.server)
        proof = config.exchange.prueba_entrega
        self._proof = DeliveryProof(proof, greeting, tell) if proof and greeting else None

    # --- mailboxes ------------------------------------------------------------------------------------------

    def enable_mailbox(self, handle: Handle, mailbox: Mailbox) -> None:
        """Give the account a mailbox, of the kind and with the settings wanted.

        The ways in are settled when the creation is finished, or at once for an account that is in service.
        """
        seen = self._sound(handle)
        if seen.account.mailbox is not None:
            raise _changed(seen, "ya tiene buzón")
        if seen.handle.kept_mailbox is not None:
            raise _changed(seen, "tiene un buzón desconectado")
        account = seen.account
        self._done(
            handle,
            lambda: self._mailboxes.enable(
                handle.guid, alias=account.key, address=account.address, kind=mailbox.kind
            ),
            lambda now: now.account.mailbox is not None,
        )
        self._as_before(handle, account)
        self._settle(handle, mailbox)
        if not seen.handle.unfinished:
            self._ways_in(handle)

    def update_mailbox(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Change mailbox settings from exactly their old values to the new ones."""
        there = self._mailbox(handle)
        for change in fields:
            if getattr(there, change.name) != change.old:
                raise ChangedMeanwhileError(
                    f"{handle.place}: «{change.name}» de su buzón ya no tiene el valor que se leyó.",
                    remedy="Alguien más lo cambió: vuelva a correr «cuentas plan».",
                )
        self._set(handle, {change.name: change.new for change in fields}, remote=there.remote)

    def answer_automatically(self, handle: Handle, text: str | None) -> None:
        """Answer whatever arrives with a text, or (None) no longer; one in Exchange Online keeps its own answer."""
        if not self._mailbox(handle).remote:
            self._mailboxes.answer(handle.guid, text)

    def disconnect_mailbox(self, handle: Handle) -> None:
        """Take the mailbox off the account; the mark remembers which one it was, before it goes.

        Exchange takes the addresses too: they are given back, because nobody else may ever get them.
        """
        there = self._mailbox(handle)
        if not there.remote:
            self.remember_mailbox(handle)
        addresses = self.addresses(handle)
        self._done(
            handle,
            lambda: self._mailboxes.disable(handle.guid, remote=there.remote),
            lambda now: now.account.mailbox is None and not now.handle.mailbox_fault,
        )
        self.give_addresses_back(handle, addresses)

    def reconnect_mailbox(self, handle: Handle, mailbox: Mailbox) -> None:
        """Give the account back the mailbox that was taken off it, as it is wanted now, with no answer of its own.

        The mark forgets the mailbox at the very end: until then this can be begun again.
        """
        seen = self._sound(handle)
        guid, database = self._kept(seen)
        if seen.handle.mailbox != guid:
            self._done(
                handle,
                lambda: self._mailboxes.connect(
                    guid, user_guid=handle.guid, alias=seen.account.key, kind=mailbox.kind, database=database
                ),
                lambda now: now.handle.mailbox == guid,
            )
            self._as_before(handle, seen.account)
        self._ways_in(handle)
        self._mailboxes.answer(handle.guid, None)
        self._settle(handle, mailbox)
        self.forget_mailbox(handle)

    def _kept(self, seen: Observed) -> tuple[str, str | None]:
        """Return the mailbox that an account is to get back, and its database."""
        kept = self.remembered_mailbox(seen.handle)
        if seen.account.mailbox is not None and (kept is None or seen.handle.mailbox != kept[0]):
            raise _changed(seen, "ya tiene buzón")
        if kept is None:
            raise TargetRejectedError(
                f"{seen.handle.place}: su marca no recuerda qué buzón tenía.",
                remedy="Reconéctelo en Exchange (Connect-Mailbox); la próxima corrida lo toma como esté.",
            )
        return kept

    # --- what the directory does otherwise where there is a mailbox -----------------------------------------

    def finish(self, handle: Handle, account: Account) -> None:
        """End a creation; before anybody can log on its mailbox has its ways in, and proved that mail gets there.

        A mailbox in Exchange Online appears later than its account, and proves nothing yet.
        """
        seen = self.lookup(handle.guid)
        there = seen and seen.account.mailbox
        if seen and there and not there.remote:
            self._mailboxes.protocols(handle.guid)
            if there.accepts_mail:
                self._prove(seen.account)
        super().finish(handle, account)

    def change_aliases(self, handle: Handle, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
        """Add and remove further addresses; those of a mailbox are Exchange's to write."""
        seen = self._sound(handle)
        if seen.account.mailbox is None:
            super().change_aliases(handle, added, removed)
            return
        self._with_aliases(handle, added, removed)
        remote = seen.account.mailbox.remote
        self._done(
            handle,
            lambda: self._mailboxes.change_addresses(handle.guid, added, removed, remote=remote),
            lambda now: set(added) <= set(now.account.aliases) and not set(removed) & set(now.account.aliases),
        )

    def update(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Change attributes from exactly their old values to the new ones; the address of a mailbox comes last."""
        super().update(handle, fields)
        self._readdress(handle, fields)

    def rename(self, handle: Handle, key: AccountKey, fields: tuple[FieldChange, ...]) -> None:
        """Give the object its new key, logon, address and mark; the address of a mailbox comes last."""
        super().rename(handle, key, fields)
        self._readdress(handle, fields)

    def companions(self) -> Sequence[ExchangeTarget]:
        """Return targets for more workers: one for each shell but one, each with a connection of its own."""
        others = [
            ExchangeTarget(
                self._config, self._tell, self._greeting, session=self._session.companion(), shell=self._shell
            )
            for _ in range(self._exchange.conexiones - 1)
        ]
        for other in others:
            self._share_with(other)
        return others

    def close(self) -> None:
        """Close the connection, and the shell where it is ours; calling it again does nothing."""
        super().close()
        if self._proof:
            self._proof.close()
        if self._owns_shell:
            self._shell.close()

    # --- what these share -----------------------------------------------------------------------------------

    def _readdress(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Make an address the primary one of a mailbox; Exchange keeps the former as a further one, which goes."""
        change = next((one for one in fields if one.name == "address"), None)
        seen = self.lookup(handle.guid) if change else None
        if change is None or seen is None or seen.account.mailbox is None:
            return
        new, old, remote = str(change.new), str(change.old), seen.account.mailbox.remote
        self._done(
            handle,
            lambda: self._mailboxes.set_primary(handle.guid, new, remote=remote),
            lambda now: now.account.address == new,
        )
        now = self.lookup(handle.guid)
        if now and old in now.account.aliases:
            self._mailboxes.change_addresses(handle.guid, (), (old,), remote=remote)

    def _prove(self, account: Account) -> None:
        if self._proof:
            self._proof.prove(account)
        elif self._exchange.prueba_entrega:
            raise TargetRejectedError(
                f"«{account.key}»: nadie escribió el primer mensaje que prueba su entrega.",
                remedy="Es un defecto de cuentas: repórtelo.",
            )

    def _as_before(self, handle: Handle, account: Account) -> None:
        """Give a new mailbox the addresses that its account had: a policy of Exchange's may have written others."""
        now = self.lookup(handle.guid)
        if now is None or now.account.mailbox is None:
            return
        remote = now.account.mailbox.remote
        if now.account.address != account.address:
            self._mailboxes.set_primary(handle.guid, account.address, remote=remote)
            now = self.lookup(handle.guid) or now
        there, wanted = set(now.account.aliases), set(account.aliases)
        self._mailboxes.change_addresses(handle.guid, sorted(wanted - there), sorted(there - wanted), remote=remote)

    def _settle(self, handle: Handle, wanted: Mailbox) -> None:
        """Give a mailbox the settings that it does not have yet."""
        there = self._mailbox(handle)
        names = ("kind", "hidden", "accepts_mail") if there.remote else SETTINGS
        left = {name: getattr(wanted, name) for name in names if getattr(there, name) != getattr(wanted, name)}
        if left:
            self._set(handle, left, remote=there.remote)

    def _set(self, handle: Handle, values: dict[str, FieldValue], *, remote: bool) -> None:
        self._done(
            handle,
            lambda: self._mailboxes.settle(handle.guid, values, remote=remote),
            lambda now: all(getattr(now.account.mailbox, name, None) == value for name, value in values.items()),
        )

    def _ways_in(self, handle: Handle) -> None:
        seen = self.lookup(handle.guid)
        if seen and seen.account.mailbox and not seen.account.mailbox.remote:
            self._mailboxes.protocols(handle.guid)

    def _mailbox(self, handle: Handle) -> Mailbox:
        seen = self._sound(handle)
        if seen.account.mailbox is None:
            raise _changed(seen, "ya no tiene buzón")
        return seen.account.mailbox

    def _sound(self, handle: Handle) -> Observed:
        """Read an account of ours that may be written to, and whose mailbox is whole or absent."""
        self._ours(handle)
        seen = self.lookup(handle.guid)
        if seen is None:
            raise ChangedMeanwhileError(f"{handle.place} ya no existe.", remedy="Vuelva a correr «cuentas plan».")
        if seen.handle.mailbox_fault:
            raise TargetRejectedError(
                f"{handle.place}: su buzón está a medias ({seen.handle.mailbox_fault}).",
                remedy="Pida a quien administra Exchange que lo repare.",
            )
        return seen

    def _done(self, handle: Handle, act: Callable[[], None], is_done: Callable[[Observed], bool]) -> None:
        """Do something through the shell; where it says no or nothing, believe the directory."""
        try:
            act()
        except (TargetRejectedError, OutcomeUnknownError):
            seen = self.lookup(handle.guid)
            if seen is None or not is_done(seen):
                raise


def _changed(seen: Observed, what: str) -> ChangedMeanwhileError:
    return ChangedMeanwhileError(
        f"{seen.handle.place}: {what}; no se cambió nada.", remedy="Vuelva a correr «cuentas plan»."
    )

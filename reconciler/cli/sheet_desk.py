"""What every command on credential sheets works with: the record, the shelf, the declaration, and the Mesa's key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from reconciler.bitacora import Bitacora
from reconciler.cli.recording import publish, refreshed, says
from reconciler.cli.workspace import Workspace, opened
from reconciler.engine.ports import Says
from reconciler.engine.propose import repository_refusals
from reconciler.errors import RefusedError, UsageError
from reconciler.events import JSON, Event, EventKind, standing
from reconciler.model import AccountKey, Declared, Dependencia
from reconciler.orders import SheetRecord, sheets
from reconciler.spool import Identity, Kept, Part, Shelf, read_identity, unsealed
from reconciler.waiting import LETS_IN, find, interrupted, shut_out

Asked = Annotated[str, typer.Argument(metavar="CUENTA", help="La cuenta, o el folio de la hoja.")]
KeyFile = Annotated[
    Path | None,
    typer.Option("--llave", metavar="ARCHIVO", help="Llave privada de la Mesa de Ayuda; si no, CUENTAS_LLAVE."),
]

_READ_ELSEWHERE = frozenset({"fuera-de-la-rama", "historia-reescrita"})
"""Guards of apply against a clone that is behind what was applied, or ahead of what is published."""

_GONE = {
    "acusada": ("ya se entregó y se acusó", "Si la perdieron"),
    "vencida": ("venció sin que nadie la recogiera", "Para entregarla"),
    "baja": ("se retiró con la baja de su cuenta", "Si la cuenta volvió al servicio"),
    "reexpedida": ("ya no sirve: se expidió otra", "Use la última («cuentas sheet list»); si hace falta"),
}


@dataclass
class SheetDesk:
    """A target's sheets, as the record tells them and as they are stored."""

    workspace: Workspace
    target: str
    record: Bitacora

    @cached_property
    def events(self) -> Sequence[Event]:
        """The record, as it was when it was first asked for."""
        return self.record.events()

    @cached_property
    def shelf(self) -> Shelf:
        """Where the sheets are."""
        return self.workspace.shelf(self.target)

    @cached_property
    def says(self) -> Says:
        """What makes this command's events."""
        return says(self.record.run, self.workspace.operator)

    def put(self, kind: EventKind, sheet: SheetRecord, **data: JSON) -> None:
        """Put on record what became of a sheet, and publish it where that is possible."""
        self.record.append(self.says(kind, sheet.key, folio=sheet.folio, destino=self.target, **data))
        publish(self.record)

    def any_sheet(self, asked: str) -> SheetRecord:
        """Return the sheet that somebody named.

        Raises:
            UsageError: there is none on record.

        """
        found = find(sheets(self.events, self.target).values(), asked)
        if found is None:
            raise UsageError(
                f"En la bitácora no hay ninguna hoja de «{asked}» en el destino «{self.target}».",
                remedy="Véalas con «cuentas sheet list --todas»; otro destino se indica con «--target».",
            )
        return found

    def sheet(self, asked: str) -> SheetRecord:
        """Return the sheet that somebody named, which can be handed over.

        Raises:
            UsageError: there is none on record.
            RefusedError: it is gone, or nobody knows whether it opens anything, or its account is not in service.

        """
        found = self.any_sheet(asked)
        self.refuse_replaced(found)
        why = found.why or ("acusada" if found.acknowledged else "")
        if why:
            if why == "baja":
                self._refuse_out_of_service(found.key)
            raise _gone(found, why)
        self._refuse_out_of_service(found.key)
        return found

    def refuse_replaced(self, sheet: SheetRecord) -> None:
        """Refuse a sheet whose password is not known to be the one that is set: handed over, it opens nothing.

        Raises:
            RefusedError: another was issued since, or was being issued when something stopped it.

        """
        if sheet.key in interrupted(self.events, self.target):
            raise RefusedError(
                f"De «{sheet.key}» se estaba expidiendo otra hoja y no se sabe cómo terminó.",
                remedy=f"Repítalo: expida otra con «cuentas sheet reissue {sheet.key} --motivo TEXTO».",
            )
        last = find(sheets(self.events, self.target).values(), sheet.key)
        if last is not None and last.folio != sheet.folio:
            raise _gone(sheet, "reexpedida")

    def declared(self, key: AccountKey) -> tuple[Declared, Dependencia]:
        """Return what is declared of a sheet's account, and its agency.

        Raises:
            RefusedError: it is not declared in service, or nobody logs on with it any more.

        """
        declaration = self.workspace.desired.declaration
        one = declaration.accounts.get(key)
        if one is None or one.baja:
            raise RefusedError(
                f"«{key}» {'está de baja' if one else 'ya no está declarada'}: su contraseña no se entrega a nadie.",
                remedy="Vea qué pasó con «cuentas history»; «cuentas apply» retira la hoja con la baja.",
            )
        if not one.account.logon_enabled:
            raise RefusedError(
                f"«{key}» ya no es personal: nadie inicia sesión con ella, y su contraseña no se entrega a nadie.",
                remedy="«cuentas sheet purge» retira la hoja a su tiempo.",
            )
        return one, declaration.dependencias[one.account.dependencia]

    def content(self, sheet: SheetRecord, key_file: Path | None) -> bytes:
        """Return a sheet in the clear, opened with the Mesa's key; it is in memory alone.

        Raises:
            UsageError, ConfigurationError: no key is named, or it cannot be used.
            RefusedError: it does not open the sheet, nobody here can, or it names another user than there is now.

        """
        pdf = self._opened(sheet, key_file)
        declared, _ = self.declared(sheet.key)
        from reconciler.documents.sheet import names  # noqa: PLC0415 -- fpdf2 takes long to import

        if not names(pdf, sheet.folio, declared.account.logon, declared.account.address):
            raise RefusedError(
                f"La hoja {sheet.folio} no dice el usuario y la dirección que «{sheet.key}» tiene ahora.",
                remedy=f"Expida otra con «cuentas sheet reissue {sheet.key} --motivo TEXTO», ya aplicado el cambio.",
            )
        return pdf

    def _opened(self, sheet: SheetRecord, key_file: Path | None) -> bytes:
        files = self.files(sheet)
        if Part.MESA in files:
            return unsealed(
                self.shelf.read(files[Part.MESA].name), self._identity(key_file), f"la hoja {sheet.folio}"
            )
        if Part.LOCKED in files:
            from reconciler.documents.lock import WrongPassphraseError, unlocked  # noqa: PLC0415 -- pypdf takes long

            try:
                return unlocked(self.shelf.read(files[Part.LOCKED].name), self.passphrase(sheet, key_file))
            except WrongPassphraseError:
                raise RefusedError(
                    f"La frase guardada de la hoja {sheet.folio} no la abre.",
                    remedy=f"Expida otra hoja con «cuentas sheet reissue {sheet.key} --motivo TEXTO».",
                ) from None
        raise self._closed(sheet, files)

    def passphrase(self, sheet: SheetRecord, key_file: Path | None) -> SecretStr:
        """Return the passphrase of a locked sheet.

        Raises:
            UsageError, ConfigurationError: no key is named, or it cannot be used.
            RefusedError: it has none here, or the key does not open it.

        """
        files = self.files(sheet)
        if Part.PASSPHRASE not in files or Part.LOCKED not in files:
            raise RefusedError(
                f"La hoja {sheet.folio} no se abre con una frase.",
                remedy="La lleva la que se envía a quien no tiene llave; vea cada una con «cuentas sheet list».",
            )
        data = self.shelf.read(files[Part.PASSPHRASE].name)
        said = json.loads(unsealed(data, self._identity(key_file), f"la frase de {sheet.folio}"))
        return SecretStr(said["frase"])

    def files(self, sheet: SheetRecord) -> dict[Part, Kept]:
        """Return a sheet's files, by what they are."""
        return {one.part: one for one in self.shelf.kept() if one.folio == sheet.folio and one.part}

    def discard(self, sheet: SheetRecord) -> None:
        """Take a sheet's files away."""
        self.shelf.remove([one.name for one in self.files(sheet).values()])

    def _closed(self, sheet: SheetRecord, files: dict[Part, Kept]) -> RefusedError:
        again = f"expida otra hoja con «cuentas sheet reissue {sheet.key} --motivo TEXTO»"
        if Part.ENLACE in files:
            return RefusedError(
                f"La hoja {sheet.folio} está sellada con la llave del enlace: aquí nadie la abre.",
                remedy=f"Envíesela («cuentas sheet send {sheet.folio}»); o cambie «entrega» en su entrada y {again}.",
            )
        if "/" in sheet.folio:
            return RefusedError(
                f"La hoja de «{sheet.key}» es de una versión anterior y no se puede imprimir ni enviar.",
                remedy=f"Ábrala con «age -d -i LLAVE» ({sheet.name}), o {again}.",
            )
        return RefusedError(
            f"El archivo de la hoja {sheet.folio} ya no está aquí.", remedy=f"Si no aparece, {again}."
        )

    def _identity(self, file: Path | None) -> Identity:
        chosen = file or self.workspace.settings.llave
        if chosen is None:
            raise UsageError(
                "Falta la llave privada de la Mesa de Ayuda, que abre las hojas.",
                remedy="Indíquela con «--llave ARCHIVO», o con CUENTAS_LLAVE en esta máquina.",
            )
        return read_identity(chosen)

    def _refuse_out_of_service(self, key: AccountKey) -> None:
        """Refuse where the alta did not end (its next run issues another sheet), or what is read may be the past."""
        declared, _ = self.declared(key)
        known = standing(self.events, self.target, self.workspace.zone)
        for one in repository_refusals(self.workspace.desired, known):
            if one.guard in _READ_ELSEWHERE:
                raise RefusedError(one.message, remedy=one.remedy)
        begun = any(one.key == key and one.verb in LETS_IN for one in known.open_attempts)
        if begun or key in shut_out(self.events, self.target) or declared.alta not in known.present_for.get(key, ()):
            raise RefusedError(
                f"El alta de «{key}» no ha terminado: su hoja todavía no abre nada.",
                remedy="Corra «cuentas apply», que la termina y expide otra hoja.",
            )


def _gone(sheet: SheetRecord, why: str) -> RefusedError:
    said, when = _GONE.get(why, ("ya no está", "Si hace falta"))
    return RefusedError(
        f"La hoja {sheet.folio} {said}.",
        remedy=f"{when}, expida otra con «cuentas sheet reissue {sheet.key} --motivo TEXTO».",
    )


@contextmanager
def sheet_desk(repo: Path, target: str | None) -> Iterator[SheetDesk]:
    """Open what commands on sheets work with; the record as others have published it, where they can be asked."""
    with opened(repo) as workspace, workspace.record() as record:
        refreshed(record)
        yield SheetDesk(workspace, workspace.target_name(target), record)

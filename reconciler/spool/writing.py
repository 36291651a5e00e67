"""What each account's credential sheet says: from the declaration, the configuration and the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import SecretStr

from reconciler.config import Config, MesaDeAyuda
from reconciler.delivery import Way, enlace_of, way_of
from reconciler.letterhead import Letterhead
from reconciler.model import Account, AccountKey, Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What is a sheet's own: its folio, the local day, the record's head and each account's order."""

    folio: str
    issued: date
    head: str
    orders: Mapping[AccountKey, str]


@dataclass(frozen=True, slots=True)
class SheetWriter:
    """Writes the sheets of a declaration's accounts, and says how each is to be handed over.

    The letterhead is looked for when it is needed: a logo that is gone keeps no baja waiting.
    """

    declaration: Declaration
    config: Config
    letterhead: Callable[[], Letterhead]

    def check(self) -> None:
        """Make sure that there is a letterhead.

        Raises:
            ConfigurationError: it cannot be drawn.

        """
        self.letterhead()

    def way(self, account: Account) -> Way:
        """Return how the account's sheet is to be handed over."""
        declared = self.declaration.accounts[account.key]
        return way_of(declared, self.declaration.dependencias[declared.account.dependencia])

    def write(self, account: Account, password: SecretStr, issue: Issue) -> bytes:
        """Return the account's sheet, in the clear."""
        from reconciler.documents.sheet import Credential, credential_sheet  # noqa: PLC0415 -- fpdf2 takes long

        declared = self.declaration.accounts[account.key]
        agency = self.declaration.dependencias[account.dependencia]
        enlace = enlace_of(declared, agency)
        said = Credential(
            folio=issue.folio,
            issued=issue.issued,
            order=issue.orders.get(account.key, ""),
            agency=f"{agency.name} ({agency.siglas})",
            oficio=declared.alta,
            name=account.display_name,
            title=account.title or "",
            area=account.area or "",
            logon=account.logon,
            address=account.address,
            password=password,
            web=self.config.correo_web or "",
            outlook_guide=self.config.documentos.guia_outlook,
            enlace=enlace.name if enlace else "",
            desk=_how_to_ask(self.config.mesa_de_ayuda),
            head=issue.head,
        )
        return credential_sheet(said, self.letterhead())


def _how_to_ask(desk: MesaDeAyuda) -> str:
    return ", ".join(part for part in (desk.nombre, desk.correo, desk.telefono) if part)

"""What cuentas needs of Active Directory, looked at one by one as the service account; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property

from ldap3.utils.conv import escape_filter_chars

from reconciler.check import Doubt, Step
from reconciler.config import DestinoAD
from reconciler.directory import places
from reconciler.directory.delegation import CHILDREN, IN_SCHEMA, WRITABLE, Delegation
from reconciler.directory.entry import Entry
from reconciler.directory.session import Session
from reconciler.errors import TargetRejectedError, TargetUnreachableError
from reconciler.model import Siglas
from reconciler.reach import TLS, Place, lasts

AREA = "Active Directory"

_SKEW = timedelta(minutes=5)
"""What Kerberos forgives unless a domain says otherwise (RFC 4120, 8.2)."""

_ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"
_READ_ONLY = "1.2.840.113556.1.4.1920"
"""Capabilities in rootDSE (MS-ADTS, 3.1.1.3.4.3): it is Active Directory; it is a read-only controller."""

_CATALOG_PORTS = frozenset({3268, 3269})
LOGON, CONTROLLER, CLOCK = "entrada", "controlador", "reloj"
BASE, CANARY, UNITS, CREATE, WRITE = "base", "canario", "unidades", "crear", "escribir"
PASSWORDS, MOVES, SCHEMA, MAILBOXES = "contraseñas", "mover", "esquema de Exchange", "leer buzones"


class Examination:
    """The steps of examining one `ad` target; `close` it afterwards."""

    def __init__(self, config: DestinoAD, agencies: Iterable[Siglas], clock: Callable[[], datetime]) -> None:
        """Take the configuration and the agencies that are declared; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the service account's password cannot be read.

        """
        self._config = config
        self._base = config.base
        self._agencies = tuple(agencies)
        self._clock = clock
        self._session = Session(config)
        setting = "direccion" if config.direccion else "servidor"
        self._delegation = Delegation(self._session, config, lambda: self._seen, lambda: self._units)
        self._place = Place(config.direccion or config.servidor, config.puerto, config.espera_s, "destinos", setting)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def steps(self) -> tuple[Step, ...]:
        """Return what is looked at, in the order in which one thing needs the other."""
        may = self._delegation
        steps = (
            *self._place.steps(self._certificate),
            Step(LOGON, self._logs_on, (TLS,)),
            Step(CONTROLLER, self._can_write, (LOGON,)),
            Step(CLOCK, self._same_time, (CONTROLLER,)),
            Step(BASE, self._base_exists, (CONTROLLER,)),
            Step(CANARY, self._canary_seen, (BASE,)),
            Step(UNITS, self._units_there, (BASE,)),
            Step(CREATE, may.create, (BASE,)),
            Step(WRITE, may.write, (CANARY,)),
            Step(PASSWORDS, may.reset, (CANARY,)),
            Step(MOVES, may.move, (CANARY,)),
        )
        if self._config.exchange is None:
            return steps
        schema = Step(SCHEMA, may.know_mailboxes, (CANARY,))
        return (*steps, schema, Step(MAILBOXES, may.read_mailboxes, (SCHEMA,)))

    # --- reaching it ------------------------------------------------------------------------------------------

    def _certificate(self) -> str:
        return lasts(self._session.certificate(), self._clock())

    def _logs_on(self) -> str:
        return f"entró a {self._session.server} como {self._config.usuario or 'la cuenta de Kerberos'}"

    def _can_write(self) -> str:
        root = self._required("", ("supportedCapabilities", "isSynchronized"))
        capabilities = root.texts("supportedCapabilities")
        if _ACTIVE_DIRECTORY not in capabilities:
            raise TargetUnreachableError(
                f"{self._session.server} no es un controlador de dominio de Active Directory.",
                remedy="Ponga en «servidor» del destino un controlador de dominio.",
            )
        if _READ_ONLY in capabilities or self._config.puerto in _CATALOG_PORTS:
            raise TargetUnreachableError(
                f"En {self._session.server}:{self._config.puerto} solo se puede leer.",
                remedy="Ponga en «servidor» un controlador de escritura, y en «puerto» 636 o 389.",
            )
        if root.text("isSynchronized") == "FALSE":
            raise Doubt(
                f"{self._session.server} aún no termina de sincronizarse con los demás.",
                remedy="Espere a que termine («repadmin /showrepl») antes de aplicar nada.",
            )
        return f"{self._session.server} es un controlador de escritura"

    def _same_time(self) -> str:
        asked = self._clock()
        there = _moment(self._required("", ("currentTime",)).text("currentTime") or "")
        skew = abs(there - asked)
        if skew <= _SKEW:
            return f"difiere {skew.total_seconds():.0f} s"
        said = f"el reloj de esta máquina difiere {skew.total_seconds() / 60:.0f} minutos del controlador"
        remedy = "Sincronice esta máquina con el dominio (NTP): «timedatectl set-ntp true»."
        raise Doubt(f"{said}: Kerberos admite 5, y los plazos se contarían mal.", remedy=remedy)

    # --- what is there ----------------------------------------------------------------------------------------

    def _base_exists(self) -> str:
        """Find base and root as the directory spells them."""
        root = self._found("raiz", self._config.raiz).dn
        base = self._found("base", self._config.base).dn
        if not f",{base.casefold()}".endswith(f",{root.casefold()}"):
            raise TargetRejectedError(
                f"La base «{base}» no está dentro de la raíz «{root}».",
                remedy="Corrija «raiz» del destino: es el dominio entero (DC=…,DC=…).",
            )
        self._base = base
        return base

    def _found(self, field: str, dn: str) -> Entry:
        entry = self._session.get(dn, ("objectGUID",))
        if entry is None:
            raise TargetRejectedError(
                f"«{dn}» no existe, o la cuenta de servicio no la ve.",
                remedy=f"Corrija «{field}» del destino, o haga que exista y que la cuenta de servicio la lea.",
            )
        return entry

    @cached_property
    def _canary(self) -> Entry | None:
        """The canary, which stands for every account: with what may be done to it."""
        condition = f"(sAMAccountName={escape_filter_chars(self._config.canario)})"
        asked = ("sAMAccountName", "objectClass", WRITABLE, IN_SCHEMA)
        return next(iter(self._session.search(self._config.raiz, condition, asked)), None)

    def _canary_seen(self) -> str:
        if self._canary is None:
            raise TargetRejectedError(
                f"El canario «{self._config.canario}» no se ve bajo «{self._config.raiz}».",
                remedy="Cree ahí una cuenta deshabilitada («New-ADUser "
                f"-Name {self._config.canario} -SamAccountName {self._config.canario} -Path '{self._base}'»), "
                "o deje que la cuenta de servicio la lea.",
            )
        if not places.is_under(self._canary.dn, self._base):
            raise TargetRejectedError(
                f"El canario «{self._canary.dn}» está fuera de la base: no prueba que ésta se lea.",
                remedy=f"Muévalo a «{self._base}», o ponga en «canario» una cuenta de ahí.",
            )
        return self._canary.dn

    def _units_there(self) -> str:
        missing = [siglas for siglas in self._agencies if siglas.casefold() not in self._units]
        if not missing:
            return f"están las de las {len(self._agencies)} dependencias declaradas"
        return f"apply creará {len(missing)} de {len(self._agencies)}: {', '.join(missing)}"

    @cached_property
    def _units(self) -> dict[str, Entry]:
        """The agencies' units that are there, by their siglas whatever the case, with what may be created in each."""
        found = self._session.search(self._base, "(objectClass=organizationalUnit)", (CHILDREN,))
        wanted = {siglas.casefold() for siglas in self._agencies}
        right_below = [one for one in found if places.parent(one.dn).casefold() == self._base.casefold()]
        units = {places.siglas_of(one.dn, self._base).casefold(): one for one in right_below}
        return {siglas: one for siglas, one in units.items() if siglas in wanted}

    # --- shared -----------------------------------------------------------------------------------------------

    @property
    def _seen(self) -> Entry:
        assert self._canary is not None  # noqa: S101 -- the steps that use it need the one that finds it
        return self._canary

    def _required(self, dn: str, names: tuple[str, ...]) -> Entry:
        entry = self._session.get(dn, names)
        if entry is None:
            raise TargetRejectedError(
                f"«{dn or 'rootDSE'}» dejó de verse.", remedy="Alguien lo cambió mientras se revisaba: repita."
            )
        return entry


def _moment(text: str) -> datetime:
    """Read a generalized time of Active Directory, `20261124225613.0Z`."""
    return datetime.strptime(text.partition(".")[0].rstrip("Z"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)

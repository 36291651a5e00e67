"""A cmdlet's parameters: from what came over the wire to the types it declares, or PowerShell's own refusal.

Known (PowerShell's own messages): the texts and exception types; names differ from each other without regard to case.
A switch that is given and $null are the same bytes, so that the declared type decides what it was. Assumed: nobody
gives abbreviated names or positions; a value is never an object of Exchange's own.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from psrpcore.types import PSObject

from tests.lab.exchange import records
from tests.lab.exchange.cmdlet import Call

Convert = Callable[[Any], Any]
"""Returns the value in its type; raises ValueError with the type's name."""

KIB = 1024
_UNITS = {"B": 1, "KB": KIB, "MB": KIB**2, "GB": KIB**3, "TB": KIB**4}
_ADDRESS = re.compile(r"[^\s@:]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class Several:
    """A MultiValuedProperty as given: all of it, or what is added and removed (`@{Add=...; Remove=...}`)."""

    whole: list[str] | None = None
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def text(value: Any) -> str | None:
    if isinstance(value, Mapping | list | tuple):
        raise ValueError("System.String")  # noqa: TRY004 -- what every converter raises
    return None if value is None else str(value)


def switch(value: Any) -> bool:
    return True if value is None else flag(value)


def flag(value: Any) -> bool:
    if isinstance(value, bool) or (isinstance(value, int) and value in {0, 1}):
        return bool(value)
    raise ValueError("System.Boolean")


def guid(value: Any) -> uuid.UUID:
    try:
        return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    except ValueError as error:
        raise ValueError("System.Guid") from error


def address(value: Any) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value.removeprefix("SMTP:").removeprefix("smtp:")):
        raise ValueError("Microsoft.Exchange.Data.SmtpAddress")
    return re.sub("^smtp:", "", value, flags=re.IGNORECASE)


def several(value: Any) -> Several:
    match value:
        case None:
            return Several(whole=[])
        case Mapping():
            parts = {str(name).lower(): _texts(one) for name, one in value.items()}
            if not parts or parts.keys() - {"add", "remove"}:
                raise ValueError("Microsoft.Exchange.Data.MultiValuedProperty")
            return Several(added=parts.get("add", []), removed=parts.get("remove", []))
        case _:
            return Several(whole=_texts(value))


def size(value: Any) -> int | None:
    """Return kilobytes, None for Unlimited; a number without unit is bytes, and the exact bytes may follow."""
    found = re.fullmatch(r"([\d.]+) ?([KMGT]?B)?(?: \(([\d,]+) bytes\))?", str(value), re.IGNORECASE)
    if str(value).lower() == "unlimited":
        return None
    if value is None or isinstance(value, bool) or not found:
        raise ValueError("Microsoft.Exchange.Data.Unlimited`1[Microsoft.Exchange.Data.ByteQuantifiedSize]")
    if found[3]:
        return int(found[3].replace(",", "")) // KIB
    return int(float(found[1]) * _UNITS[(found[2] or "B").upper()]) // KIB


def count(value: Any) -> int | None:
    """Return a number, None for Unlimited."""
    if str(value).lower() == "unlimited":
        return None
    if isinstance(value, bool) or not re.fullmatch(r"\d+", str(value)):
        raise ValueError("Microsoft.Exchange.Data.Unlimited`1[System.UInt32]")
    return int(value)


def one_of(type_name: str, *names: str) -> Convert:
    """Make the converter of an enumeration; names are taken without regard to case."""

    def convert(value: Any) -> str:
        found = next((name for name in names if name.lower() == str(value).lower()), None)
        if found is None:
            raise ValueError(type_name)
        return found

    return convert


COMMON: Mapping[str, Convert] = {
    "DomainController": text, "Confirm": switch, "ErrorAction": text, "WarningAction": text, "Verbose": switch,
}  # fmt: skip
"""What every cmdlet takes; all but the first two have no effect on what is answered."""


@dataclass(frozen=True)
class Arguments:
    """A call with its parameters bound: by declared name, in declared type, only those given."""

    call: Call
    values: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def chosen(self, *switches: str) -> str | None:
        """Return the one of these switches that is set."""
        return next((name for name in switches if self.get(name)), None)

    def agreed(self, question: str, *, unasked: bool = False) -> bool:
        """Ask the client's person, unless Confirm is $false, or not given to a cmdlet that does not ask by itself."""
        if not self.get("Confirm", not unasked):
            return True
        return self.call.confirm("Confirm", f"Are you sure you want to perform this action?\n{question}")


Work = Callable[[Any, Arguments], Iterable[PSObject]]


@dataclass(frozen=True)
class Task:
    """A cmdlet: what it does with the directory and its arguments, and what it takes.

    Of `exclusive` only one may be given: each is a parameter set of its own.
    """

    work: Work
    parameters: Mapping[str, Convert]
    mandatory: tuple[str, ...] = ("Identity",)
    exclusive: tuple[str, ...] = ()


def bind(call: Call, task: Task) -> Arguments:
    """Bind a call's parameters; raises the ExchangeError, a terminating one, that PowerShell would end it with."""
    known = {name.lower(): (name, convert) for name, convert in {**COMMON, **task.parameters}.items()}
    values: dict[str, Any] = {}
    for given, value in call.parameters.items():
        name, convert = known.get(given.lower(), (None, None))
        if name is None or convert is None:
            raise records.binding(f"A parameter cannot be found that matches parameter name '{given}'.")
        if name in values:
            raise records.binding(f"Cannot bind parameter because parameter '{name}' is specified more than once.")
        values[name] = _converted(name, value, convert)
    _complete(task, values)
    return Arguments(call, values)


def _complete(task: Task, values: Mapping[str, Any]) -> None:
    missing = [name for name in task.mandatory if name not in values]
    if missing:
        raise records.binding(
            f"Cannot process command because of one or more missing mandatory parameters: {' '.join(missing)}."
        )
    for name in task.mandatory:
        if values[name] in {None, ""}:
            raise records.binding(f"Cannot bind argument to parameter '{name}' because it is null.")
    if len([name for name in task.exclusive if name in values]) > 1:
        raise records.binding("Parameter set cannot be resolved using the specified named parameters.")


def _converted(name: str, value: Any, convert: Convert) -> Any:
    try:
        return convert(value)
    except ValueError as error:
        words = (
            f"Cannot process argument transformation on parameter '{name}'. "
            f'Cannot convert value "{"" if value is None else value}" to type "{error}".'
        )
        raise records.ExchangeError(
            "ParameterBindingArgumentTransformationException", words, "InvalidData", terminating=True
        ) from None


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [str(value)]
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    raise ValueError("Microsoft.Exchange.Data.MultiValuedProperty")

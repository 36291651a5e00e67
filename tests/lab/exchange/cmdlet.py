"""What a cmdlet of the double is: a call with its parameters in, objects out, `ExchangeError` where it fails."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from psrpcore.types import PSObject


@dataclass(frozen=True)
class Call:
    """One cmdlet as the client sent it; `parameters` are by the name given, in the client's own types.

    `confirm` asks the client's person a question (caption, text); `warn` writes to the warning stream. `stale` says
    that a fault is on order: answer as a domain controller that the last write has not reached.
    """

    name: str
    parameters: Mapping[str, Any]
    confirm: Callable[[str, str], bool]
    warn: Callable[[str], None]
    stale: bool = False


Cmdlet = Callable[[Call], Iterable[PSObject]]
Cmdlets = Mapping[str, Cmdlet]
"""What the caller's role may run: a name that is not here is not recognised."""

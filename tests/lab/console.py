"""Exchange's shell without a wire: the product's own client over the double's cmdlets, called directly.

Parameters, objects and errors go through both sides' serialisation all the same, as text in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import psrpcore.types
from pypsrp.complex_objects import ErrorRecord, ObjectMeta
from pypsrp.serializer import Serializer

from reconciler.config import Exchange
from reconciler.exchange.failures import Attempt
from reconciler.exchange.records import error_for
from reconciler.exchange.runspace import Properties
from reconciler.exchange.shell import Shell
from tests.lab.exchange import records
from tests.lab.exchange.cmdlet import Call, Cmdlets


def shell_config(folder: Path, **more: Any) -> Exchange:
    """Configure a shell that nobody connects to."""
    secret = folder / "clave"
    secret.touch(mode=0o600)
    secret.write_text("x", encoding="utf-8")
    given = {"servidor": "ex1.lab.sinaloa.test", "seguridad": "basico", "usuario": "svc", "clave_archivo": secret}
    return Exchange.model_validate(given | more)


@dataclass
class Console:
    """Types cmdlets and shows what comes out; raises `ExchangeError` as the cmdlets do.

    `warnings` and `questions` are what was said meanwhile, `answer` is what is answered to a question.
    """

    cmdlets: Cmdlets
    warnings: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    answer: bool = True
    stale: bool = False

    def run(self, cmdlet: str, /, **parameters: Any) -> list[Properties]:
        if cmdlet not in self.cmdlets:
            raise records.unknown_cmdlet(cmdlet)
        sent = {name: _over(Serializer().serialize(value)) for name, value in parameters.items()}
        output = self.cmdlets[cmdlet](Call(cmdlet, sent, self._confirm, self.warnings.append, self.stale))
        return [Serializer().deserialize(_xml(one)).adapted_properties for one in output]

    def one(self, cmdlet: str, /, **parameters: Any) -> Properties:
        [found] = self.run(cmdlet, **parameters)
        return found

    def _confirm(self, _: str, text: str) -> bool:
        self.questions.append(text)
        return self.answer


class ConsoleShell(Shell):
    """The product's shell where each cmdlet is typed into a console; errors become what the product makes of them."""

    def __init__(self, config: Exchange, console: Console) -> None:
        super().__init__(config)
        self._console = console
        self.after: Callable[[str], None] = lambda _: None
        """Is called with a cmdlet's name when it is done; may raise instead of its answer."""

    def invoke(self, cmdlet: str, /, **parameters: Any) -> tuple[Properties, ...]:
        try:
            found = tuple(self._console.run(cmdlet, **parameters))
        except records.ExchangeError as error:
            text = _xml(records.record(error, cmdlet))
            record = Serializer().deserialize(text, ObjectMeta("Obj", object=ErrorRecord))
            raise error_for([record], Attempt(cmdlet, "ex1")) from None
        self.after(cmdlet)
        return found


_NOTHING_SECRET: Any = None
"""In the place of the cipher for secure strings: no cmdlet here takes any."""


def _over(element: Any) -> Any:
    return psrpcore.types.deserialize(ET.fromstring(ET.tostring(element)), _NOTHING_SECRET)  # noqa: S314 -- ours


def _xml(value: Any) -> str:
    return str(ET.tostring(psrpcore.types.serialize(value, _NOTHING_SECRET), encoding="unicode"))

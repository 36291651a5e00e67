"""`python -m tests.lab.demo [FOLDER]`: the demonstration's story, told on a laboratory of its own.

The product's own `cuentas demo` only ever fills the embedded target. Here the same commands reach a real domain
controller and an Exchange that speaks the real protocol, both of which are gone afterwards.
"""

import os
import sys
from collections import Counter
from pathlib import Path

from reconciler.cli.demo import tell_story
from reconciler.cli.main import run
from reconciler.cli.stage import Stage
from reconciler.errors import CuentasError
from tests.lab.environment import settings
from tests.lab.exchange.double import ExchangeDouble
from tests.lab.samba import DomainController, LabError, Template, ensure_installed

FOLDER = Path(".demo-lab")


def main() -> int:
    """Exit code 0: told to the end; 1: the lab failed; otherwise that of the error."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    try:
        ensure_installed()
        with DomainController(Template.cached()) as controller, ExchangeDouble(controller) as exchange:
            _only_the_lab({**settings(controller), **exchange.settings()})
            tell_story(folder, run, "ad")
            _show(exchange, folder)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except CuentasError as error:
        sys.stderr.write(f"{error.message} {error.remedy}\n")
        return error.exit_code
    return 0


def _only_the_lab(variables: dict[str, str]) -> None:
    """Forget what this machine says of targets, and say where the laboratory is."""
    for name in [name for name in os.environ if name.startswith("CUENTAS_")]:
        del os.environ[name]
    os.environ.update(variables)
    del os.environ["CUENTAS_DESTINO"]  # the story names its target


def _show(exchange: ExchangeDouble, folder: Path) -> None:
    stage = Stage(run)
    where = ("--repo", str(folder / "declaraciones"), "--target", "ad")
    stage.tell("Que todo lo necesario está, y que las cartas salen:")
    stage.cuentas("doctor", *where)
    stage.cuentas("mail", "test", "laura.beltran@sinaloa.gob.mx", *where)
    counts = Counter(name for name, _ in exchange.shell.ran)
    stage.tell(
        "Esto fue contra un controlador de dominio Samba y una consola de Exchange de prueba, por sus protocolos "
        "verdaderos. Lo que la consola recibió: "
        + ", ".join(f"{count} {name}" for name, count in counts.most_common())
        + f". Primeros mensajes entregados a los buzones nuevos: {len(exchange.delivery.sent)}.",
        "El laboratorio ya se detuvo; para tener uno encendido: make lab.",
    )


if __name__ == "__main__":
    sys.exit(main())

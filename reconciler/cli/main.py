"""The `cuentas` command: its verbs put together, and errors turned into exit codes."""

from __future__ import annotations

import sys
import traceback

import typer

from reconciler.cli import applying, authoring, demo, looking, planning
from reconciler.cli.screen import complain, err
from reconciler.errors import CuentasError

DEFECT = 1
"""Exit code of a defect of ours; every other failure has the code of its class."""

app = typer.Typer(
    name="cuentas",
    help="Cuentas de correo oficial: declaradas en Git, aprobadas por fusión, llevadas al directorio.",
    epilog="Códigos de salida: 0 hecho; 1 defecto de cuentas; 2 declaración inválida; 3 rechazado o sin "
    "aprobar; 4 plan caduco; 5 destino inalcanzable o rechazó parte; 6 la bitácora no se pudo escribir; "
    "8 hay cambios pendientes (solo con --exit-code).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
planning.register(app)
applying.register(app)
looking.register(app)
authoring.register(app)
demo.register(app, lambda words: run(words))  # noqa: PLW0108 -- `run` stands below


def main() -> None:
    """Run the command line and leave with the exit code of what happened."""
    sys.exit(run())


def run(words: list[str] | None = None) -> int:
    """Run some words (None: those that were typed) and return the exit code; what went wrong has been said."""
    try:
        app(words)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    except CuentasError as error:
        complain(error)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
    except Exception:  # noqa: BLE001 -- the last resort: a defect is said, with its code and its trace
        err.print("Error: esto es un defecto de cuentas; no es culpa suya.", style="bold red")
        err.print("Qué hacer: repórtelo con lo que sigue. Nada quedó a medias que otra corrida no retome.")
        traceback.print_exc()
        return DEFECT
    return 0

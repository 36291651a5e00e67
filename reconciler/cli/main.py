"""The `cuentas` command: its verbs put together, and errors turned into exit codes."""

from __future__ import annotations

import gc
import resource
import sys
import traceback
from typing import Annotated

import typer

from reconciler.cli import (
    applying,
    auditing,
    authoring,
    capturing,
    demo,
    doctor,
    forms,
    mail,
    noticing,
    order_acts,
    ordering,
    owning,
    past,
    planning,
    reporting,
    requesting,
    sheets,
    snapshots,
    treating,
    validating,
)
from reconciler.cli.screen import complain, err
from reconciler.cli.spanish import SpanishCommand, SpanishGroup, usage_in_spanish
from reconciler.errors import CuentasError, StoppedError, UsageError

DEFECT = 1
"""Exit code of a defect of ours; every other failure has the code of its class."""

_GARBAGE = (50_000, 20, 20)
"""When garbage is looked for: a long history is millions of objects that stay, and looking through them is a fifth of
an audit."""

app = typer.Typer(
    name="cuentas",
    cls=SpanishGroup,
    help="Cuentas de correo oficial: declaradas en Git, aprobadas por fusión, llevadas al directorio.",
    epilog="Códigos de salida: 0 hecho, o nada que hacer; 1 defecto de cuentas; 2 declaración, configuración o "
    "comando inválidos; 3 rechazado o sin aprobar; 4 algo no mostrado se retuvo, o plan de otro destino; "
    "5 destino inalcanzable o rechazó parte; 6 la bitácora no se pudo escribir; 8 hay cambios pendientes "
    "(plan --exit-code, drift); 130 interrumpido.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
validating.register(app)
planning.register(app)
snapshots.register(app)
applying.register(app)
past.register(app)
auditing.register(app)
requesting.register(app)
authoring.register(app)
owning.register(app)
mail.register(app)
forms.register(app)
sheets.register(app)
ordering.register(app)
order_acts.register(ordering.app)
capturing.register(ordering.app)
treating.register(ordering.app)
noticing.register(ordering.app)
reporting.register(app)
doctor.register(app)
demo.register(app, lambda words: run(words))  # noqa: PLW0108 -- `run` stands below


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cuentas {applying.VERSION}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Dice qué versión es.")
    ] = False,
) -> None:
    del version


_groups = [group.typer_instance for group in app.registered_groups if group.typer_instance]
for _command in (*app.registered_commands, *(command for group in _groups for command in group.registered_commands)):
    _command.cls = SpanishCommand


def main() -> None:
    """Run the command line and leave with the exit code of what happened.

    Whatever kills it, what it had in memory (first passwords, keys) is dumped nowhere.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.set_threshold(*_GARBAGE)
    sys.exit(run())


def run(words: list[str] | None = None) -> int:
    """Run some words (None: those that were typed) and return the exit code; what went wrong has been said."""
    try:
        code = app(words, prog_name="cuentas", standalone_mode=False) or 0
        if code == StoppedError.exit_code:
            err.print("Interrumpido: no se aplicó nada.")
        return int(code)
    except CuentasError as error:
        complain(error)
        return error.exit_code
    except typer.TyperException as error:
        return _mistyped(error, sys.argv[1:] if words is None else words)
    except (typer.Abort, KeyboardInterrupt):
        err.print("Interrumpido: no se aplicó nada.")
        return StoppedError.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception:  # noqa: BLE001 -- the last resort: a defect is said, with its code and its trace
        err.print("Error: esto es un defecto de cuentas; no es culpa suya.", style="bold red")
        err.print("Qué hacer: repórtelo con lo que sigue. Nada quedó a medias que otra corrida no retome.")
        traceback.print_exc()
        return DEFECT


def _path(words: list[str]) -> str:
    """Return how the command that was typed is called, where the error does not know it."""
    names = {one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands}
    return f"cuentas {words[0]}" if words and words[0] in names else "cuentas"


def _mistyped(error: typer.TyperException, words: list[str]) -> int:
    """Say what is wrong with what was typed; without a command, show the help."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context else _path(words)
    text = error.format_message()
    if context and text == context.get_help():
        typer.echo(text)
        return UsageError.exit_code
    message, hint = usage_in_spanish(text)
    complain(UsageError(message, remedy=f"{hint} Vea «{path} --help».".strip()))
    return UsageError.exit_code

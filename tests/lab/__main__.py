"""`python -m tests.lab [start|stop|status]`: the lab by hand, or until Ctrl-C."""

import argparse
import signal
import sys
from pathlib import Path

from tests.lab.environment import settings, write_shell_file
from tests.lab.exchange import process as exchange
from tests.lab.samba import DomainController, LabError, Template, ensure_installed
from tests.lab.samba.template import LAB

DIRECTORY = LAB / "controller"
ENVIRONMENT = LAB / "entorno.sh"
KERBEROS = LAB / "entorno-kerberos.sh"
COMMAND = Path(sys.executable).with_name("cuentas")
_CHECK_SECONDS = 1.0
_AGAIN = "Deténgalo («make lab-stop») y vuelva a empezar («make lab»)."


def main() -> int:
    """Exit code 0: done; 1: it failed; 3, from `status`: not running, or only half of it."""
    parser = argparse.ArgumentParser("python -m tests.lab", description="Directorio, Exchange y correo de prueba.")
    parser.add_argument("verb", nargs="?", choices=sorted(_VERBS), help="sin verbo: en primer plano")
    try:
        return _VERBS.get(parser.parse_args().verb, _foreground)()
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        _say("\nInterrumpido; no queda nada en marcha.")
        return 1


def _foreground() -> int:
    controller = _new_controller(outlives_us=False)
    try:
        with controller:
            try:
                _announce(controller, exchange.start(DIRECTORY, outlives_us=False), "Ctrl-C lo detiene.")
                lives = _wait_for_signal(controller)
            finally:
                exchange.stop(DIRECTORY)
        _say("Laboratorio detenido." if lives else "El controlador terminó por sí solo.")
    finally:
        _forget()
    return 0 if lives else 1


def _wait_for_signal(controller: DomainController) -> bool:
    """Wait for SIGINT or SIGTERM; False if the server ended first."""
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    while controller.is_running:
        if signal.sigtimedwait(ends, _CHECK_SECONDS) is not None:
            return True
    return False


def _start() -> int:
    controller = _new_controller(outlives_us=True)
    try:
        controller.start()
        _announce(controller, exchange.start(DIRECTORY), "Lo detiene: make lab-stop")
    except BaseException:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave half of it
        _forget()
        exchange.stop(DIRECTORY)
        controller.remove()
        raise
    return 0


def _stop() -> int:
    controller = _running()
    _forget()
    if not exchange.stop(DIRECTORY) and controller is None:
        _say("No había ningún laboratorio en marcha.")
        return 0
    if controller is not None:
        controller.remove()
    _say("Laboratorio detenido.")
    return 0


def _status() -> int:
    controller, mail = _running(), exchange.settings(DIRECTORY)
    if controller is None and not mail:
        _say("El laboratorio no está en marcha.")
    elif controller is None:
        _say(f"El Exchange de prueba está en marcha, y el controlador de dominio no. {_AGAIN}")
    elif not mail:
        _say(f"El controlador de dominio está en marcha, y el Exchange de prueba no. {_AGAIN}")
    else:
        _announce(controller, mail, "Lo detiene: make lab-stop")
        return 0
    return 3


def _forget() -> None:
    ENVIRONMENT.unlink(missing_ok=True)
    KERBEROS.unlink(missing_ok=True)


def _running() -> DomainController | None:
    return DomainController.attached(DIRECTORY)


def _new_controller(*, outlives_us: bool) -> DomainController:
    if _running() is not None:
        raise LabError("El laboratorio ya está en marcha: «make lab-stop» lo detiene.")
    exchange.stop(DIRECTORY)  # one whose controller ended; its record goes with the folder
    ensure_installed()
    _say("Preparando el controlador de dominio (la primera vez tarda unos segundos)…")
    template = Template.cached()
    template.copy_to(DIRECTORY)
    return DomainController(template, DIRECTORY, outlives_us=outlives_us)


def _announce(controller: DomainController, mail: exchange.Variables, how_to_stop: str) -> None:
    write_shell_file({**settings(controller), **mail["basico"]}, ENVIRONMENT)
    write_shell_file(mail["kerberos"], KERBEROS)
    _say(
        f"Controlador de dominio en marcha: {controller.host_name} ({controller.address}), LDAPS "
        f"{controller.ldaps_port}, proceso {controller.pid}.\n"
        f"Registro: {controller.log_file}\n"
        f"{_mail_words(mail)}\n\n"
        "Para que «cuentas» los use, en otra terminal:\n"
        "    make demo                  # hace .demo/declaraciones, de personas inventadas\n"
        f"    source {ENVIRONMENT}\n"
        f"    source {KERBEROS}    # además, para entrar a Exchange con Kerberos\n"
        "    .venv/bin/cuentas doctor --repo .demo/declaraciones\n"
        "    .venv/bin/cuentas plan --repo .demo/declaraciones --format summary\n"
        "    .venv/bin/cuentas mail test alguien@sinaloa.gob.mx --repo .demo/declaraciones\n"
        "Aplicar de golpe toda la demostración pasa del límite de 200 altas, y se rechaza con razón:\n"
        "«make demo-lab» la cuenta entera, con su excepción aprobada, en un laboratorio propio.\n\n"
        f"Cuenta de servicio: {controller.service_account.upn}\n"
        f"    contraseña en {controller.service_account.password_file}\n"
        f"Administrador: {controller.administrator.upn}\n"
        f"    contraseña en {controller.administrator.password_file}\n\n"
        f"{how_to_stop}"
    )


def _mail_words(mail: exchange.Variables) -> str:
    shell, ews, smtp = "CUENTAS_AD__EXCHANGE", "CUENTAS_CORREO", "CUENTAS_AD__EXCHANGE__PRUEBA_ENTREGA"
    places = [
        ("consola por TLS", mail["basico"], shell),
        ("consola con Kerberos", mail["kerberos"], shell),
        ("EWS", mail["basico"], ews),
        ("SMTP", mail["basico"], smtp),
    ]
    words = ", ".join(
        f"{what} {where[f'{prefix}__SERVIDOR']}:{where[f'{prefix}__PUERTO']}" for what, where, prefix in places
    )
    return f"Exchange de prueba: {words}.\nRegistro: {DIRECTORY / exchange.LOG}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


_VERBS = {"start": _start, "stop": _stop, "status": _status}

if __name__ == "__main__":
    sys.exit(main())

"""demo: the main job on a throwaway repository, told as a story; every command in it really runs."""

from __future__ import annotations

import os
import shlex
import tempfile
import textwrap
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from reconciler import demo, repository
from reconciler.cli.stage import WIDTH, Run, Stage
from reconciler.cli.workspace import now
from reconciler.demo.chronicle import PullRequest, stream
from reconciler.demo.government import DIRECTOR, HELP_DESK
from reconciler.demo.office import ZONE
from reconciler.errors import RefusedError
from reconciler.plan import Plan

SEED = 8
"""PSDT-08; any other number gives other people."""


def register(app: typer.Typer, run: Run) -> None:
    """Add the command; `run` carries out a command line in this process."""

    @app.command("demo")
    def demo_command(
        folder: Annotated[
            Path, typer.Argument(metavar="CARPETA", help="Dónde; si ya la hizo la demostración, la vacía.")
        ] = Path(".demo"),
    ) -> None:
        """Cuenta el trabajo completo con personas inventadas. El repositorio es de mentira; no toca nada más.

        Ejemplo: cuentas demo /tmp/demo
        """
        _only_embedded()
        tell_story(folder, run)


def tell_story(folder: Path, run: Run, target: str = "embedded") -> None:
    """Tell the whole story, each command of it run by `run` on a target, which has to be empty and a throwaway."""
    demo.prepare(folder)
    _begun(folder, Stage(run), target).tell()


def _only_embedded() -> None:
    """Forget what this machine says of targets: the demonstration never reaches a real directory."""
    for name in list(os.environ):
        if name.upper().startswith("CUENTAS_"):
            del os.environ[name]


def _begun(folder: Path, stage: Stage, target: str) -> _Story:
    """Make the repository that the story is about."""
    today = now().astimezone(ZONE).date()
    key = folder / "llave.txt"
    config = f"{demo.CONFIG}entrega:\n  destinatario: {demo.new_key(key)}\n"
    made = demo.make(folder / "declaraciones", demo.Scale(), today, SEED, config)
    plan_file = folder / "plan.json"
    return _Story(stage=stage, target=target, made=made, config=config, key=key, plan_file=plan_file, today=today)


@dataclass(frozen=True, kw_only=True)
class _Story:
    """The scenes, in the order in which they are told; each one goes on from what the last one left."""

    stage: Stage
    target: str
    made: demo.Made
    config: str
    key: Path
    plan_file: Path
    today: date

    @property
    def path(self) -> Path:
        """The repository of declarations."""
        return self.made.path

    @property
    def repo(self) -> tuple[str, str]:
        """How a command is told which repository."""
        return ("--repo", str(self.path))

    @property
    def where(self) -> tuple[str, ...]:
        """How a command that reaches the target is told which one; the one that is used anyway goes unsaid."""
        return self.repo if self.target == "embedded" else (*self.repo, "--target", self.target)

    def tell(self) -> None:
        """Tell all of it, from the founding of the repository to the audit."""
        self._found()
        self._validate()
        self._plan()
        self._refused()
        self._excused()
        self._applied()
        self._sheet()
        self._movement()
        self._history()
        self._end()

    def _found(self) -> None:
        self.stage.scene(
            "Nueve meses de oficios, en Git",
            "Las cuentas de correo oficial se declaran en archivos de texto, uno por dependencia. Nadie los"
            " cambia directamente: el enlace propone el cambio en un pull request que cita el oficio, y el "
            "Director de Servicios Compartidos de Tecnología lo fusiona. Esa fusión es la aprobación.",
            f"Este repositorio es de mentira: trece secretarías, unas 300 personas inventadas y "
            f"{self.made.merges} pull requests ya fusionados. Los últimos:",
        )
        self.stage.git(self.path, "log", "--first-parent", "--oneline", "-5")
        key = self.made.cast.compound.key
        self.stage.tell(
            "Y así se declara a una persona. Su dirección pasa de los 20 caracteres que Active Directory "
            "admite para iniciar sesión; por eso lleva «usuario_ad»:"
        )
        self.stage.git(self.path, "grep", "-h", "-A", "7", f"{key}:", "--", "accounts/SSA.yaml")

    def _validate(self) -> None:
        self.stage.scene(
            "¿Está bien escrito?",
            "Antes de nada se revisa todo junto: que cada oficio exista y lo lleve un enlace, que ninguna "
            "dirección se repita entre dependencias ni se reutilice la de quien se fue, que no haya CURP ni"
            " teléfonos particulares.",
        )
        self.stage.cuentas("validate", *self.repo)

    def _plan(self) -> None:
        self.stage.scene(
            "¿Qué pasaría?",
            "El plan compara lo declarado con lo que de verdad hay en el directorio, que aquí está vacío. "
            "No cambia nada. Quien se dio de baja antes de empezar no se crea.",
        )
        self.stage.cuentas("plan", *self.where, "--format", "summary", "-o", str(self.plan_file))
        self.stage.tell("Con detalle, cada renglón dice qué, a quién, con qué oficio y qué fusión lo aprobó:")
        self.stage.cuentas("plan", *self.where, "--only", "SECTUR", head=9)

    def _refused(self) -> None:
        self.stage.scene(
            "La guarda dice que no",
            "Tantas altas de golpe pueden ser una carga inicial o un error grave, y el programa no tiene "
            "cómo saberlo. Por eso hay límites, y no existe una opción «--force» que los salte.",
        )
        self.stage.cuentas("apply", str(self.plan_file), "--yes", *self.where, code=RefusedError.exit_code)

    def _excused(self) -> None:
        plan = Plan.from_json(self.plan_file.read_text(encoding="utf-8"))
        pull = self._exception(plan)
        repository.fast_import(self.path, stream(None, [pull]))
        self.stage.scene(
            "El permiso también pasa por el Director",
            "La Jefa de Mesa de Ayuda propone una excepción en otro pull request. Vale para ese plan y "
            "ningún otro (lo nombra por su huella), y una sola vez:",
        )
        self.stage.git(self.path, "diff", "--unified=0", f"main...{pull.branch}")
        self._merge(pull)

    def _exception(self, plan: Plan) -> PullRequest:
        count = len({change.key for change in plan.changes})
        oficio = f"SAF/DSCT/0412/{self.today.year}"
        entry = (
            f"excepciones:\n  - plan: {plan.digest}\n"
            f"    motivo: Carga inicial de {count} cuentas ya revisadas por los enlaces\n"
            f"    oficio: {oficio}\n    fecha: {self.today}\n"
        )
        return PullRequest(
            number=self.made.waiting.number,
            branch="nosuna/excepcion-carga-inicial",
            title="Excepción para la carga inicial",
            body=f"Oficio: {oficio}",
            author=HELP_DESK,
            proposed=now().astimezone(ZONE),
            files={"cuentas.yaml": (self.config + entry).encode()},
        )

    def _merge(self, pull: PullRequest) -> None:
        repository.merge(self.path, pull.branch, pull.message, DIRECTOR, now().astimezone(ZONE))
        self.stage.tell("El Director lo revisa y oprime «Merge pull request» en la forja:")
        self.stage.git(self.path, "log", "-1", "--date=iso")

    def _applied(self) -> None:
        self.stage.scene(
            "Ahora sí",
            "El mismo plan, con el permiso fusionado. Cada cuenta nace deshabilitada, recibe su primera "
            "contraseña y su buzón, se habilita y se vuelve a leer. Lo que se va a intentar queda en la "
            "bitácora antes; el resultado, después.",
        )
        self.stage.cuentas("apply", str(self.plan_file), "--yes", *self.where)
        self.stage.tell("Si se pide otra vez, no hay nada que hacer:")
        self.stage.cuentas("plan", *self.where)

    def _sheet(self) -> None:
        key = self.made.cast.compound.key
        self.stage.scene(
            "La primera contraseña no la ve nadie",
            "Se genera en memoria y se sella, ya escrita en su hoja RSDT-08.02, con la llave pública de la Mesa de "
            "Ayuda; en la pantalla, en Git y en la bitácora no aparece nunca. Las hojas esperan a que alguien las "
            "entregue:",
        )
        self.stage.cuentas("sheet", "list", *self.where, head=4)
        self.stage.tell(
            "Quien tiene la llave privada abre una y la imprime. Aquí se guarda en un PDF, y la demostración lo lee "
            "con la clave tapada:"
        )
        with tempfile.TemporaryDirectory(prefix="cuentas-") as folder:  # the demonstration's own is in a clone
            paper = Path(folder) / "hoja.pdf"
            self.stage.cuentas("sheet", "print", key, "-o", str(paper), "--llave", str(self.key), *self.where)
            said = [part for line in demo.sheet_without_password(paper) for part in textwrap.wrap(line, WIDTH)]
            self.stage.show(f"pdftotext {paper} -", "\n".join(said))
        self.stage.tell(
            "Cuando el enlace firma de recibido se anota el acuse: la hoja sellada se retira, y la orden de trabajo "
            "se cierra."
        )
        self.stage.cuentas("sheet", "ack", key, "--recibio", "enlace", *self.where)

    def _movement(self) -> None:
        waiting = replace(self.made.waiting, number=self.made.waiting.number + 1)
        self.stage.scene(
            "Un día cualquiera: una baja y un alta",
            "En SEBIDES renunció la Jefa de Departamento y ya hay relevo. Su enlace propuso el pull request"
            f" #{waiting.number} con un solo oficio. La entrada de quien se va no se borra: se le agrega "
            "«baja».",
        )
        self.stage.git(self.path, "diff", "--unified=1", f"main...{waiting.branch}")
        self._merge(waiting)
        self.stage.tell("La Mesa de Ayuda planea, lee y aplica:")
        self.stage.cuentas("plan", *self.where, "-o", str(self.plan_file))
        self.stage.cuentas("apply", str(self.plan_file), "--yes", *self.where)

    def _history(self) -> None:
        self.stage.scene(
            "¿Quién lo pidió, quién lo aprobó, qué se hizo?",
            "Años después alguien pregunta por esa cuenta. Git responde quién propuso y quién aprobó; la "
            "bitácora, qué se hizo de verdad y cuándo:",
        )
        self.stage.cuentas("history", self.made.cast.protagonist.key, *self.repo)
        self.stage.tell(
            "Y la auditoría comprueba que la bitácora no tenga un eslabón alterado y que nada de lo "
            "declarado haya entrado sin fusión:"
        )
        self.stage.cuentas("audit", *self.repo)

    def _end(self) -> None:
        homonyms = " y ".join(person.key for person in self.made.cast.homonyms)
        self.stage.scene(
            "Siga usted",
            f"El repositorio quedó en {self.path}. Pruebe, por ejemplo (el comando «cuentas» está en .venv/bin/):",
        )
        returned = self.made.cast.returned.key
        there = [
            (f"cuentas drift {shlex.join(self.where)}", "lo que difiere entre lo declarado y el directorio"),
            (f"cuentas plan --worktree {shlex.join(self.where)}", "después de editar algo en accounts/"),
            (f"cuentas order list --dependencia SECTUR {shlex.join(self.where)}", "sus órdenes, y qué les falta"),
            (f"cuentas report indicador {shlex.join(self.where)}", "el indicador del trimestre"),
        ]
        for command, why in (
            (f"cuentas history {returned} --repo {self.path}", "una licencia y un regreso"),
            *(there if self.target == "embedded" else ()),  # any other target is gone with the story
            (f"git -C {self.path} log bitacora", "la bitácora, que también es Git"),
        ):
            self.stage.suggest(command, why)
        self.stage.tell(f"Homónimos hay ({homonyms}), y una dependencia en forma de carpeta: accounts/SEPyC/.")

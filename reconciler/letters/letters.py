"""Letters written from their templates: the package's own, or those that a repository puts in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from importlib import resources

from reconciler.config import Config
from reconciler.errors import DeclarationError, Problem, TargetRejectedError
from reconciler.letter import Attachment, Message
from reconciler.letters.blocks import Block, as_html, as_text, blocks
from reconciler.letters.language import mentions, problem, problems, rendered
from reconciler.letters.values import Carta, Values, common, example, variants
from reconciler.model import TreeFile

FRAME = "marco.html"
ENDING = "pie.txt"
_SUBJECT = "Asunto:"
_SIZE_LIMIT = 64 * 1024
_ANY_DAY = date(2026, 1, 1)
_NOBODY = "laura.beltran@ejemplo.invalid"
TEMPLATES = (FRAME, ENDING, *(f"{carta}.txt" for carta in Carta))


class Letters:
    """Every letter there is, sound as a whole: once made, any of them can be written."""

    def __init__(self, folder: str, files: Iterable[TreeFile], config: Config) -> None:
        """Take the templates of a repository's folder over the package's own, each file by its name.

        Raises:
            DeclarationError: with every problem of every template, file and line.

        """
        self._texts = {name: _own(name) for name in TEMPLATES}
        found = [*self._taken(folder, files), *self._faults(folder, config)] or [*self._tried(folder, config)]
        if found:
            raise DeclarationError(tuple(sorted(set(found))))

    def write(
        self, carta: Carta, values: Values, *, mark: str, to: str, attachments: tuple[Attachment, ...] = ()
    ) -> Message:
        """Write a letter to somebody."""
        subject, body = self._said(carta, values)
        body += blocks(rendered(self._texts[ENDING], values))
        html = rendered(self._texts[FRAME], values, html=True, asunto=subject, cuerpo=as_html(body))
        return Message(mark=mark, to=(to,), subject=subject, text=as_text(body), html=html, attachments=attachments)

    def _said(self, carta: Carta, values: Values) -> tuple[str, list[Block]]:
        head, _, rest = rendered(self._texts[f"{carta}.txt"], values).partition("\n")
        return " ".join(head.removeprefix(_SUBJECT).split()), blocks(rest)

    def _tried(self, folder: str, config: Config) -> Iterator[Problem]:
        """Write every letter to somebody invented, with what may be missing and without it."""
        for carta in Carta:
            path = f"{folder}/{carta}.txt"
            for values in variants(example(carta, config, _ANY_DAY)):
                try:
                    self.write(carta, values, mark="muestra", to=_NOBODY)
                except TargetRejectedError:
                    message = "Con algunos valores el asunto queda vacío, es muy largo o no es un solo renglón."
                    remedy = "Escriba un asunto que no dependa de un valor que puede faltar."
                    yield problem(path, 1, "plantilla-sin-asunto", message, remedy)
                if not self._said(carta, values)[1]:
                    message = "Con algunos valores la carta no dice nada."
                    yield problem(path, 3, "plantilla-sin-texto", message, "Escriba texto fuera de toda condición.")

    def _taken(self, folder: str, files: Iterable[TreeFile]) -> Iterator[Problem]:
        for one in files:
            name = one.path.removeprefix(f"{folder}/")
            if one.path == folder:
                message = f"«{folder}» no es una carpeta, sino un archivo o un enlace."
                yield problem(folder, 0, "plantilla-ilegible", message, "Ponga las plantillas en una carpeta.")
            if not name.endswith((".txt", ".html")):
                continue
            if name not in TEMPLATES:
                message = f"«{name}» no es la plantilla de ninguna carta."
                yield problem(
                    one.path, 0, "plantilla-ajena", message, f"Las que hay: {', '.join(sorted(TEMPLATES))}."
                )
                continue
            try:
                self._texts[name] = _decoded(one)
            except ValueError as error:
                message = f"No se puede leer: {error}."
                yield problem(one.path, 0, "plantilla-ilegible", message, "Corríjala o quítela.")

    def _faults(self, folder: str, config: Config) -> Iterator[Problem]:
        for carta in Carta:
            name = f"{carta}.txt"
            known = example(carta, config, _ANY_DAY)
            yield from problems(self._texts[name], f"{folder}/{name}", known)
            yield from _headless(self._texts[name], f"{folder}/{name}")
        every = common(config)
        yield from problems(self._texts[ENDING], f"{folder}/{ENDING}", every)
        yield from problems(self._texts[FRAME], f"{folder}/{FRAME}", {**every, "asunto": "", "cuerpo": ""})
        if not mentions(self._texts[FRAME], "cuerpo"):
            remedy = "Póngalo donde va el texto de la carta."
            yield problem(f"{folder}/{FRAME}", 0, "plantilla-sin-cuerpo", "Le falta {{ cuerpo }}.", remedy)


def _own(name: str) -> str:
    return (resources.files(__package__) / "plantillas" / name).read_text(encoding="utf-8")


def _decoded(file: TreeFile) -> str:
    if file.size > _SIZE_LIMIT:
        raise ValueError(f"pasa de {_SIZE_LIMIT // 1024} KiB")
    if file.data is None:
        raise ValueError("no es un archivo, sino un enlace o un submódulo")
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("no está en UTF-8") from None
    return text.replace("\r\n", "\n")


def _headless(source: str, path: str) -> Iterator[Problem]:
    head, _, rest = source.partition("\n")
    if not head.startswith(_SUBJECT) or not head.removeprefix(_SUBJECT).strip() or rest.partition("\n")[0].strip():
        message = "El primer renglón debe ser «Asunto: …», y el segundo quedar en blanco."
        yield problem(path, 1, "plantilla-sin-asunto", message, "Póngalos antes del texto.")
    elif not rest.strip():
        yield problem(path, 1, "plantilla-sin-texto", "La carta no dice nada.", "Escriba su texto.")

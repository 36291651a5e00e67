"""Loading: all the files of a commit in, one declaration or every problem out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from reconciler.config import Config
from reconciler.declaration import tree
from reconciler.declaration.agencies import AgencyRead, gather, is_part
from reconciler.declaration.personal import check_personal
from reconciler.declaration.problems import Problems
from reconciler.declaration.reading import FileRead, read_file
from reconciler.declaration.rules import check
from reconciler.declaration.text import decode, not_read, unusual_lines
from reconciler.declaration.wanted import declared
from reconciler.errors import Problem
from reconciler.model import AccountKey, Declaration, Source, TreeFile

_LINK = "120000"
_SUBMODULE = "160000"
_SINGLE, _FOLDER = 2, 3
"""Parts of a path in either form: accounts/SAF.yaml and accounts/SEPyC/a.yaml."""

_HIDING = frozenset({"archivo", "dependencia-repetida", "seccion", "y-mas"})
"""Problems behind which entries may stand that nobody read."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A declaration, None where anything blocks, with everything wrong in order of file and line.

    `written` are the keys of all accounts that are written, sound or not, and those that they rename; None
    where a file could not be read, and may hold any.
    """

    declaration: Declaration | None
    problems: tuple[Problem, ...]
    written: frozenset[AccountKey] | None = None


class Loader:
    """Loads one declaration after the other: a file that an earlier one had, to the letter, is not read again."""

    def __init__(self) -> None:
        self._known: dict[tuple[TreeFile, tuple[str, ...]], tuple[FileRead | None, Problems]] = {}

    def load(self, files: Iterable[TreeFile], config: Config, today: date) -> Loaded:
        """Read and check the files under accounts/ as a whole; never raises for what they hold.

        `today` is the local date against which dates have to make sense.
        """
        problems = Problems()
        read, unread = [], []
        for file in files:
            if _acceptable(file, PurePosixPath(file.path), problems):
                one, wrong = self._read(file, config)
                problems.take(wrong)
                read += [one] if one else []
                unread += [] if one else [file.path]
        agencies = gather(read, unread, config, problems)
        check(agencies, config, today, problems, complete=not unread)
        declaration = None if problems.blocks else _declaration(agencies)
        found = problems.in_order()
        whole = not unread and _HIDING.isdisjoint(problem.code for problem in found)
        return Loaded(declaration, found, _written(agencies) if whole else None)

    def _read(self, file: TreeFile, config: Config) -> tuple[FileRead | None, Problems]:
        """Return what a file says, and what is wrong with it; of the configuration only the domains matter here."""
        question = file, config.dominios
        if question not in self._known:
            problems = Problems()
            self._known[question] = _read(file, config.dominios, problems), problems
        return self._known[question]


def load(files: Iterable[TreeFile], config: Config, today: date) -> Loaded:
    """Load one declaration; see `Loader.load`."""
    return Loader().load(files, config, today)


def unreadable(file: TreeFile) -> tuple[Problem, ...]:
    """Return why a file is never read as a declaration, whatever it holds; nothing where it is."""
    problems = Problems()
    if _acceptable(file, PurePosixPath(file.path), problems) and file.data is None:
        not_read(file.size, file.path, problems)
    return problems.in_order()


def _written(agencies: Iterable[AgencyRead]) -> frozenset[AccountKey] | None:
    """Return the keys written; None where an entry cannot be read, which may rename any."""
    keys: set[str] = set()
    for agency in agencies:
        if agency.unsound["cuentas"]:
            return None
        keys |= agency.cuentas.keys() | {one.value.renombra for one in agency.cuentas.values() if one.value.renombra}
    return frozenset(map(AccountKey, keys))


def _declaration(agencies: Iterable[AgencyRead]) -> Declaration:
    together = list(agencies)
    accounts = {
        account.account.key: account
        for agency in together
        for account in (declared(agency, key, entry) for key, entry in agency.cuentas.items())
    }
    return Declaration(
        accounts=dict(sorted(accounts.items())),
        dependencias={agency.dependencia.siglas: agency.dependencia for agency in together},
    )


def _read(file: TreeFile, domains: tuple[str, ...], problems: Problems) -> FileRead | None:
    if file.data is None:
        not_read(file.size, file.path, problems)
        return None
    text = decode(file.data, file.path, problems)
    root = None if text is None else tree.parse(text, file.path, problems)
    if text is None or root is None:
        return None
    read = read_file(root, file.path, problems, part=is_part(file.path))
    check_personal(root, text, file.path, domains, problems)
    unusual_lines(text, file.path, problems)
    return read


def _acceptable(file: TreeFile, path: PurePosixPath, problems: Problems) -> bool:
    if file.mode in {_LINK, _SUBMODULE}:
        what = "un enlace simbólico" if file.mode == _LINK else "un submódulo"
        reason = f"Es {what}: en accounts/ solo se leen archivos del propio repositorio."
        remedy = "Ponga en su lugar un archivo YAML."
    elif path.name in {"README.md", ".gitkeep"}:
        return False
    elif path.suffix in {".yml", ".YAML", ".YML"}:
        reason = f"El archivo termina en «{path.suffix}» y no se leería."
        remedy = f"Renómbrelo a {path.stem}.yaml."
    elif path.suffix != ".yaml" or len(path.parts) not in {_SINGLE, _FOLDER}:
        reason = "En accounts/ solo va SIGLAS.yaml o SIGLAS/PARTE.yaml."
        remedy = "Muévalo a otra carpeta, o corrija su nombre."
    else:
        return True
    problems.add(Source(file.path, 0), "archivo", reason, remedy)
    return False

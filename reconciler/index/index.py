"""The first-parent line as an index: it takes in the commits that it lacks, and answers from its tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from reconciler.history import CommitChange
from reconciler.index.store import Store
from reconciler.model import OFICIOS, AccountKey, normalized_oficio
from reconciler.trail import PLACE, Entries, EntryChange, EntryId, Holding, Tracer, Trail

Value = TypeVar("Value")

_MANY = 500
"""Names in one question to SQLite."""


class Line(Protocol):
    """The repository as the index asks it."""

    def commits(self, tip: str, since: str | None) -> Sequence[CommitChange] | None:
        """Return what the line of `tip` has and `since` lacks, oldest first; None for an unknown `since`."""

    def reader(self, commits: Sequence[CommitChange]) -> Callable[[str], Entries]:
        """Return what reads every version that some commits left of declarations, in the order of a trace."""

    def authors(self, commits: Sequence[str]) -> Mapping[str, str]:
        """Return who wrote each of some commits, of the merged branches too."""


@dataclass(frozen=True, slots=True)
class _Row:
    place: int
    answers: int
    key: AccountKey
    after: Mapping[str, str]


class Index:
    """What Git says of every account, as of one commit of the main line; see `follow`.

    The file is a convenience: whatever is wrong with it, the answers come from Git, only later.
    """

    def __init__(self, file: Path, version: str) -> None:
        self._store = Store(file, version)
        self._until = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    def follow(self, tip: str, line: Line, *, keep: bool = True) -> str | None:
        """Bring the index to a commit, and have it answer as of there; return why it could not be kept.

        An older commit of the same line needs nothing; a line that does not go on from the known one is taken in
        from its root. Without `keep` nothing is written.
        """
        known = self._one("SELECT posicion FROM commits WHERE nombre = ?", tip)
        if known is not None:
            self._until = known
            return None
        last = self._last()
        new = line.commits(tip, last[1]) if last else None
        if last is None or new is None or not new or new[0].parents[:1] != (last[1],):
            self._store.clear()
            new, last = line.commits(tip, None) or (), None
        self._take(new, line, last[0] + 1 if last else 0)
        self._until = self._one("SELECT max(posicion) FROM commits") or 0
        return self._store.save() if keep else None

    # --- questions --------------------------------------------------------------------------------------------

    def knows(self, key: AccountKey) -> bool:
        """Whether an account was ever declared."""
        words = "SELECT count(*) FROM movimientos WHERE clave = ? AND posicion <= ?"
        return bool(self._one(words, _blob(key), self._until))

    def keys(self) -> list[AccountKey]:
        """Return every account that was ever declared, by key."""
        return self._keys("SELECT DISTINCT clave FROM movimientos WHERE posicion <= ?", self._until)

    def named_by(self, oficio: str) -> list[AccountKey]:
        """Return the accounts whose entry ever named an oficio, by key."""
        words = "SELECT DISTINCT clave FROM oficios WHERE oficio = ? AND posicion <= ?"
        return self._keys(words, _blob(normalized_oficio(oficio)), self._until)

    def moved_between(self, first: datetime, last: datetime) -> list[AccountKey]:
        """Return the accounts on which anything was declared at or after one moment and before another, by key."""
        words = (
            "SELECT DISTINCT clave FROM movimientos JOIN commits ON commits.posicion = responde "
            "WHERE cuando >= ? AND cuando < ? AND movimientos.posicion <= ?"
        )
        return self._keys(words, first.timestamp(), last.timestamp(), self._until)

    def approvers(self) -> list[str]:
        """Return everybody who ever merged, as `name <e-mail>`, sorted."""
        words = "SELECT DISTINCT autor FROM commits WHERE padres LIKE '% %' AND posicion <= ? ORDER BY autor"
        return [str(name) for (name,) in self._store.connection.execute(words, (self._until,))]

    def approved_by(self, names: Collection[str]) -> list[AccountKey]:
        """Return the accounts on which any of some people merged anything, by key."""
        words = (
            "SELECT DISTINCT clave FROM movimientos JOIN commits ON commits.posicion = responde "
            "WHERE padres LIKE '% %' AND autor = ? AND movimientos.posicion <= ?"
        )
        return sorted({key for name in names for key in self._keys(words, name, self._until)})

    def moved_by(self, commits: Iterable[str]) -> list[AccountKey]:
        """Return the accounts on which some commits of the line declared anything, by key."""
        words = (
            "SELECT DISTINCT clave FROM movimientos JOIN commits ON commits.posicion = responde "
            "WHERE nombre = ? AND movimientos.posicion <= ?"
        )
        return sorted({key for name in commits for key in self._keys(words, name, self._until)})

    def trail(self, keys: Iterable[AccountKey]) -> Trail:
        """Return what happened to some accounts under every key that they had, as a whole trace says it.

        No origins, and no commits but those that are named.
        """
        rows = sorted(self._rows(self._family(keys)))
        movements: dict[AccountKey, list[EntryChange]] = {}
        commits = self._commits({answers for _, answers, _, _ in rows})
        for _, answers, key, after in rows:
            told = movements.setdefault(key, [])
            told.append(EntryChange(commits[answers].commit, told[-1].after if told else {}, json.loads(after)))
        return Trail(commits={one.commit: one for one in commits.values()}, origins={}, movements=movements)

    def proposers(self, commits: Iterable[CommitChange]) -> Mapping[str, str]:
        """Return who wrote what each merge joined, by the commit that was joined."""
        found: dict[str, str] = {}
        for one in commits:
            if one.is_merge:
                row = self._store.connection.execute("SELECT propuso FROM commits WHERE nombre = ?", (one.commit,))
                found[one.parents[-1]] = str(row.fetchone()[0])
        return found

    # --- what was known before, as the tracer asks for it --------------------------------------------------------

    def current(self, path: str) -> Entries:
        """Return the accounts that the last readable version of a file declared."""
        rows = self._store.connection.execute("SELECT clave, campos FROM estado WHERE archivo = ?", (_blob(path),))
        return {
            ("cuentas", _text(key)): {name: value for name, value in json.loads(fields).items() if name != PLACE}
            for key, fields in rows
        }

    def held(self, entry: EntryId) -> dict[str, Holding]:
        """Return the files that had an account, in order."""
        words = "SELECT archivo, campos FROM estado WHERE clave = ? ORDER BY orden"
        rows = self._store.connection.execute(words, (_blob(entry[2]),)) if entry[1] == "cuentas" else ()
        return {_text(path): Holding(json.loads(fields), {}) for path, fields in rows}

    # --- taking in ------------------------------------------------------------------------------------------------

    def _take(self, commits: Sequence[CommitChange], line: Line, place: int) -> None:
        read = line.reader(commits)

        def accounts(blob: str) -> Entries:
            return {name: fields for name, fields in read(blob).items() if name[0] == "cuentas"}

        unreadable = {
            _text(path): (int(at), str(name))
            for path, at, name in self._store.connection.execute("SELECT archivo, posicion, nombre FROM ilegibles")
        }
        tracer = Tracer(accounts, past=self, place=place, unreadable=unreadable)
        answerable = {name: at for at, name in unreadable.values()}
        rows: list[_Row] = []
        for at, change in enumerate(commits, start=place):
            answerable[change.commit] = at
            rows.extend(_Row(at, answerable[one.commit], key, one.after) for key, one in tracer.take(change))
        proposed = line.authors([one.parents[-1] for one in commits if one.is_merge])
        self._store.connection.executemany(
            "INSERT INTO commits VALUES (?, ?, ?, ?, ?, ?, ?)",
            (_commit_row(at, one, proposed) for at, one in enumerate(commits, start=place)),
        )
        self._write_movements(rows)
        self._write_state(tracer)

    def _write_movements(self, rows: Sequence[_Row]) -> None:
        connection = self._store.connection
        connection.executemany(
            "INSERT INTO movimientos (posicion, responde, clave, despues) VALUES (?, ?, ?, ?)",
            ((one.place, one.answers, _blob(one.key), json.dumps(one.after)) for one in rows),
        )
        connection.executemany(
            "INSERT INTO renombres VALUES (?, ?, ?)",
            ((_blob(one.key), _blob(one.after["renombra"]), one.place) for one in rows if "renombra" in one.after),
        )
        connection.executemany(
            "INSERT INTO oficios VALUES (?, ?, ?)",
            (
                (_blob(normalized_oficio(one.after[name])), _blob(one.key), one.place)
                for one in rows
                for name in OFICIOS
                if name in one.after
            ),
        )

    def _write_state(self, tracer: Tracer) -> None:
        connection = self._store.connection
        accounts = {entry[2]: held for entry, held in tracer.holdings.items() if entry[1] == "cuentas"}
        connection.executemany("DELETE FROM estado WHERE clave = ?", ((_blob(key),) for key in accounts))
        connection.executemany(
            "INSERT INTO estado VALUES (?, ?, ?, ?)",
            (
                (_blob(key), order, _blob(path), json.dumps(one.fields))
                for key, held in accounts.items()
                for order, (path, one) in enumerate(held.items())
            ),
        )
        connection.execute("DELETE FROM ilegibles")
        connection.executemany(
            "INSERT INTO ilegibles VALUES (?, ?, ?)",
            ((_blob(path), at, name) for path, (at, name) in tracer.unreadable.items()),
        )

    # --- reading rows ---------------------------------------------------------------------------------------------

    def _last(self) -> tuple[int, str] | None:
        row = self._store.connection.execute("SELECT posicion, nombre FROM commits ORDER BY posicion DESC LIMIT 1")
        found = row.fetchone()
        return (int(found[0]), str(found[1])) if found else None

    def _family(self, keys: Iterable[AccountKey]) -> list[AccountKey]:
        """Return accounts with every key that they had before and after, by `renombra`."""
        names = list(dict.fromkeys(keys))
        seen = set(names)
        earlier = "SELECT DISTINCT anterior FROM renombres WHERE clave = ? AND posicion <= ?"
        later = "SELECT DISTINCT clave FROM renombres WHERE anterior = ? AND posicion <= ?"
        for name in names:
            found = [one for words in (earlier, later) for one in self._keys(words, _blob(name), self._until)]
            fresh = [one for one in found if one not in seen]
            seen.update(fresh)
            names.extend(fresh)
        return names

    def _rows(self, keys: Sequence[AccountKey]) -> Iterator[tuple[int, int, AccountKey, str]]:
        for some in _chunks([_blob(key) for key in keys]):
            words = (
                f"SELECT n, responde, clave, despues FROM movimientos "  # noqa: S608 -- question marks
                f"WHERE clave IN ({_marks(some)}) AND posicion <= ?"
            )
            for n, answers, key, after in self._store.connection.execute(words, (*some, self._until)):
                yield n, answers, AccountKey(_text(key)), after

    def _commits(self, places: set[int]) -> Mapping[int, CommitChange]:
        """Return commits by their place, oldest first."""
        found: dict[int, CommitChange] = {}
        for some in _chunks(sorted(places)):
            words = (
                f"SELECT posicion, nombre, padres, autor, cuando, asunto FROM commits "  # noqa: S608 -- as above
                f"WHERE posicion IN ({_marks(some)}) ORDER BY posicion"
            )
            for place, name, parents, author, when, subject in self._store.connection.execute(words, tuple(some)):
                found[place] = CommitChange(
                    commit=name,
                    parents=tuple(parents.split()),
                    author=author,
                    committer="",
                    at=datetime.fromtimestamp(when, UTC),
                    subject=subject,
                    body="",
                    files=(),
                )
        return found

    def _keys(self, words: str, *values: object) -> list[AccountKey]:
        return sorted(AccountKey(_text(key)) for (key,) in self._store.connection.execute(words, values))

    def _one(self, words: str, *values: object) -> int | None:
        row = self._store.connection.execute(words, values).fetchone()
        return None if row is None or row[0] is None else int(row[0])


def _commit_row(at: int, one: CommitChange, proposed: Mapping[str, str]) -> tuple[object, ...]:
    proposer = proposed.get(one.parents[-1], one.author) if one.is_merge else one.author
    return at, one.commit, " ".join(one.parents), one.author, proposer, int(one.at.timestamp()), one.subject


def _chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    return (values[start : start + _MANY] for start in range(0, len(values), _MANY))


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _blob(text: str) -> bytes:
    """Return a text as it is kept: whatever a path or a quoted key may hold, halves of a surrogate pair included."""
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")

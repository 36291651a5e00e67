"""Anchors in Git: tags under `ancla/`, read with their signatures, made signed, and published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from reconciler.audit.anchors import PREFIX, Tag
from reconciler.errors import RecordError, RefusedError
from reconciler.repository import parsing, plumbing
from reconciler.repository.door import Door, GitFailedError
from reconciler.repository.tag_signatures import tag_signatures
from reconciler.signature import Keyring, Signature, State

_HERE = f"refs/tags/{PREFIX}"
_SEEN = "refs/cuentas/anclas"
"""Where this clone keeps the anchors that a remote had, apart from its own: nobody's tag is overwritten."""
_MOVED = "refs/cuentas/anclas-cambiadas"
"""Where it keeps those that the remote had under a name that is another one's there now."""

HOW_TO_SIGN = (
    "Diga con qué llave firma usted: «git config --global gpg.format ssh» y «git config --global user.signingkey "
    "~/.ssh/id_ed25519.pub» (o, con OpenPGP, «user.signingkey HUELLA»). Si la llave tiene contraseña, ábrala antes "
    "(«ssh-add»). Sin firma no se hace."
)

_TAGGER = re.compile(r"tagger .* (-?[0-9]+) [+-][0-9]{4}")
_SIGNED = re.compile(rb"^-----BEGIN (?:SSH SIGNATURE|PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE)-----$", re.MULTILINE)
_HEADERS = 4


class Anchors:
    """The anchors of a repository and of the remote that its main branch is published on, where there is one."""

    def __init__(self, door: Door, remote: str | None) -> None:
        self._door = door
        self.remote = remote

    def local(self, keyring: Keyring) -> Sequence[Tag]:
        """Return the anchors of this clone, by name, their signatures verified by these keys."""
        return self._of([(f"{PREFIX}{ref}", name) for ref, name in self._refs(_HERE)], keyring)

    def seen(self, keyring: Keyring) -> Sequence[Tag]:
        """Return the anchors that the remote had whenever it was asked, by name; several where one was changed."""
        if not self.remote:
            return ()
        there = [(f"{PREFIX}{ref}", name) for ref, name in self._refs(f"{_SEEN}/{self.remote}/")]
        moved = self._refs(f"{_MOVED}/{self.remote}/")
        return self._of([*there, *((f"{PREFIX}{ref.partition('/')[2]}", name) for ref, name in moved)], keyring)

    def ask(self) -> Mapping[str, str]:
        """Ask the remote for its anchors, keep what is new, and return what it has now: names and objects.

        One that the remote no longer has, or has otherwise, is kept: it is evidence.

        Raises:
            RecordError: the remote cannot be reached or does not answer.

        """
        if self.remote is None:
            return {}
        try:
            answer = self._door.run("ls-remote", "--quiet", "--refs", self.remote, f"{_HERE}*", network=True)
            lines = (line.split("\t") for line in answer.out.decode("utf-8", "replace").splitlines())
            there = {ref.removeprefix("refs/tags/"): name for name, ref in lines}
            kept = {f"{PREFIX}{name}": one for name, one in self._refs(f"{_SEEN}/{self.remote}/")}
            if there.items() - kept.items():
                options = ("--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--recurse-submodules=no")
                for name, one in kept.items():
                    if there.get(name, one) != one:
                        moved = f"{_MOVED}/{self.remote}/{one}/{name.removeprefix(PREFIX)}"
                        self._door.run("update-ref", "--no-deref", moved, one)
                spec = f"+{_HERE}*:{_SEEN}/{self.remote}/*"
                self._door.run("fetch", *options, self.remote, spec, network=True)
        except GitFailedError as error:
            raise RecordError(
                f"No se pudieron leer las anclas de «{self.remote}»: {error.complaint}.",
                remedy=f"Revise la red y el acceso de esta máquina: «git ls-remote {self.remote}».",
            ) from None
        return there

    def make(self, name: str, commit: str, message: str) -> None:
        """Make a tag in this clone, signed as the user's own git signs.

        Raises:
            RefusedError: git could not sign it; nothing was made.

        """
        words = ("tag", "--sign", "--cleanup=verbatim", "--file=-", name, commit)
        answer = self._door.run(*words, feed=[message.encode()], network=True, allow=(0, 1, 128))
        if answer.status != 0:
            raise RefusedError(
                f"Git no pudo firmar el ancla: {answer.complaint or 'no dijo por qué'}.",
                remedy=HOW_TO_SIGN,
            )

    def drop(self, tag: Tag) -> None:
        """Take away a tag of this clone that is still this one."""
        self._door.run("update-ref", "--no-deref", "-d", f"refs/tags/{tag.name}", tag.id)

    def push(self, tag: Tag) -> None:
        """Put an anchor on the remote, where there is none of its name; never over another.

        Raises:
            RefusedError: the remote has another one.
            RecordError: it cannot be reached, or did not let us.

        """
        ref = f"refs/tags/{tag.name}"
        options = ("--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed")
        answer = self._door.run(
            "push", *options, str(self.remote), f"{tag.id}:{ref}", network=True, allow=(0, 1, 128)
        )
        if answer.status == 0:
            self._door.run(
                "update-ref", "--no-deref", f"{_SEEN}/{self.remote}/{tag.name.removeprefix(PREFIX)}", tag.id
            )
            return
        verdict = plumbing.verdict(answer)
        if "already exists" in verdict:
            raise RefusedError(
                f"«{self.remote}» ya tiene otra ancla «{tag.name}»: no se sobrescribe.",
                remedy="Vea quién la hizo («git ls-remote --tags», «cuentas audit»); la de este clon se quita con "
                f"«git tag -d {tag.name}».",
            )
        said = ": ".join(part for part in (verdict, answer.complaint) if part) or "no dijo por qué"
        raise RecordError(
            f"«{self.remote}» no aceptó el ancla «{tag.name}»: {said}.",
            remedy="Quedó en este clon. Revise la red y sus permisos en la forja, y repita: se publica la misma.",
        )

    def _refs(self, prefix: str) -> Iterator[tuple[str, str]]:
        answer = self._door.run("for-each-ref", "--format=%(objectname) %(refname)", prefix)
        for line in answer.out.decode("utf-8", "replace").splitlines():
            name, _, ref = line.partition(" ")
            yield ref.removeprefix(prefix), name

    def _of(self, named: Iterable[tuple[str, str]], keyring: Keyring) -> Sequence[Tag]:
        refs = sorted(set(named))
        ids = list(dict.fromkeys(name for _, name in refs))
        objects = {
            name: (kind, data)
            for name, kind, data in parsing.batch_objects(
                self._door.stream("cat-file", "--batch", feed=parsing.batch_lines(ids))
            )
        }
        annotated = [one for one in ids if objects[one][0] == "tag"]
        verdicts = tag_signatures(self._door, {one: objects[one][1] for one in annotated}, keyring)
        return tuple(_tag(ref, name, *objects[name], verdicts.get(name)) for ref, name in refs)


def _tag(name: str, id_: str, kind: str, data: bytes, verdict: Signature | None) -> Tag:
    """Return a tag as its object says it; one whose object names another tag, or no commit, says nothing."""
    header, _, rest = data.partition(b"\n\n")
    lines = header.decode("utf-8", "replace").split("\n")
    sound = (
        kind == "tag"
        and len(lines) == _HEADERS
        and lines[1] == "type commit"
        and lines[2] == f"tag {name}"
        and (tagger := _TAGGER.fullmatch(lines[3])) is not None
    )
    if not sound or tagger is None:
        return Tag(name=name, id=id_, record=id_, message=None, at=None, signature=verdict or Signature(State.NONE))
    return Tag(
        name=name,
        id=id_,
        record=lines[0].removeprefix("object "),
        message=_SIGNED.split(rest, maxsplit=1)[0].decode("utf-8", "replace"),
        at=_moment(tagger[1]),
        signature=verdict or Signature(State.NONE),
    )


def _moment(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None

"""Anchors: signed tags that say, outside the bitácora, up to where it had come by a quarter. Pure.

A chain catches edits and no cut-off tail: only what was written down elsewhere tells that lines are missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reconciler.audit.findings import Code, Finding
from reconciler.config import Aprobador
from reconciler.period import Quarter
from reconciler.signature import Signature, State, fingerprint

PREFIX = "ancla/"
"""What the names of anchors begin with, among the tags."""

_FORMAT = "cuentas-ancla/1"
_FIELDS = ("formato", "trimestre", "bitacora", "renglon", "huella", "rama")
_LINE = re.compile(r"([a-z]+): (\S+)")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What an anchor says: at `record`, a commit of the bitácora, line `count` was the last, and had this digest.

    `main` is the main branch's commit of that moment.
    """

    quarter: Quarter
    record: str
    count: int
    digest: str
    main: str

    @property
    def name(self) -> str:
        """The tag's name."""
        return f"{PREFIX}{self.quarter}"

    @property
    def message(self) -> str:
        """The tag's message: a line for people, then what a program reads."""
        values = (_FORMAT, self.quarter, self.record, self.count, self.digest, self.main)
        fields = "".join(f"{name}: {value}\n" for name, value in zip(_FIELDS, values, strict=True))
        return f"Ancla de la bitácora, {self.quarter.words}\n\n{fields}"


def read_anchor(message: str) -> Anchor | None:
    """Return what a tag's message says, None for one that `Anchor.message` did not write."""
    fields = {found[1]: found[2] for line in message.splitlines() if (found := _LINE.fullmatch(line))}
    quarter = Quarter.read(fields.get("trimestre", ""))
    sound = (
        quarter is not None
        and fields.get("renglon", "").isdecimal()
        and all(_COMMIT.fullmatch(fields.get(name, "")) for name in ("bitacora", "rama"))
        and _DIGEST.fullmatch(fields.get("huella", ""))
    )
    if not sound or quarter is None:
        return None
    anchor = Anchor(
        quarter=quarter,
        record=fields["bitacora"],
        count=int(fields["renglon"]),
        digest=fields["huella"],
        main=fields["rama"],
    )
    return anchor if anchor.message == message else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag of an anchor's name, as it is here or as a remote has it: its object, and what that says.

    `record` is the commit that it marks; for a tag without an object of its own, `message` is None.
    """

    name: str
    id: str
    record: str
    message: str | None
    at: datetime | None
    signature: Signature


@dataclass(frozen=True, kw_only=True)
class Anchored:
    """All the anchors that are known: those of this clone, those that the remote had when it was last asked.

    `there` are the names and objects that the remote has now; None where it was not asked, or did not answer.
    """

    local: Sequence[Tag]
    remote: Sequence[Tag]
    there: Mapping[str, str] | None
    has_remote: bool


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What anchors are compared with: the chain's digests, line by line, and the two histories.

    `in_record` says whether a commit leads to the record's head, `in_main` whether one is of the main branch;
    `entitled` are those who may sign, as long as they may approve; `anchoring` are keys that sign anchors and nothing
    else. `local_day` gives the date where the institution is.
    """

    digests: Sequence[str]
    in_record: Callable[[str], bool]
    in_main: Callable[[str], bool]
    entitled: Mapping[str, Aprobador]
    anchoring: Collection[str]
    local_day: Callable[[datetime], date]


def anchor_findings(found: Anchored, ground: Ground, today: date) -> Iterator[Finding]:
    """Yield what is wrong with anchors, or with the record by them; and the quarters that have none."""
    yield from _compared(found)
    good: list[Quarter] = []
    seen: set[tuple[str, str]] = set()
    for tag in (*found.local, *found.remote):
        if (tag.name, tag.id) in seen:
            continue
        seen.add((tag.name, tag.id))
        faults = tuple(_faults(tag, ground))
        anchor = read_anchor(tag.message or "")
        if anchor and not faults:
            good.append(anchor.quarter)
        yield from faults
    yield from _missing(good, Quarter.of(today))


def _compared(found: Anchored) -> Iterator[Finding]:
    here = {one.name: one for one in found.local}
    told: set[str] = set()
    for tag in found.remote:
        if tag.name in here and here[tag.name].id != tag.id:
            yield _finding(Code.ANCLA_DISTINTA, tag, "en este clon y en el remoto son dos distintas")
        elif any(one.name == tag.name and one.id != tag.id for one in found.remote) and tag.name not in told:
            told.add(tag.name)
            yield _finding(
                Code.ANCLA_DISTINTA, tag, "este clon vio en el remoto dos distintas: una la cambió alguien"
            )
    if not found.has_remote:
        return
    if found.there is None:
        if here or found.remote:
            text = "No se pudo preguntar al remoto qué anclas tiene: se creyó lo que este clon sabía."
            yield Finding(code=Code.ANCLA_SIN_COMPARAR, where="remoto", message=text)
        return
    once = {one.name: one for one in found.remote}
    for name, tag in {**here, **once}.items():
        if name not in found.there:
            if name in once:
                yield _finding(Code.ANCLA_RETIRADA, tag, "este clon la vio en el remoto, y ya no está allí")
            else:
                yield _finding(Code.ANCLA_SIN_PUBLICAR, tag, "está en este clon y no en el remoto")


def _faults(tag: Tag, ground: Ground) -> Iterator[Finding]:
    anchor = read_anchor(tag.message or "")
    if anchor is None or anchor.name != tag.name or anchor.record != tag.record:
        yield _finding(Code.ANCLA_ILEGIBLE, tag, "no dice lo que dice un ancla, o dice ser otra")
        return
    unsigned = signature_fault(tag, ground)
    if unsigned:
        yield _finding(Code.ANCLA_FIRMA, tag, unsigned)
    if anchor.count > len(ground.digests):
        text = (
            f"dice que la bitácora llegaba al renglón {anchor.count}, y ahora tiene {len(ground.digests)}: se recortó"
        )
        yield _finding(Code.ANCLA_RECORTADA, tag, text)
    elif anchor.count and ground.digests[anchor.count - 1] != anchor.digest:
        text = (
            f"dice que el renglón {anchor.count} tenía la huella {anchor.digest[:12]}…, y tiene otra: se reescribió"
        )
        yield _finding(Code.ANCLA_REESCRITA, tag, text)
    elif not ground.in_record(anchor.record):
        text = f"nombra el commit {anchor.record[:10]}, que ya no lleva a la bitácora de hoy: su rama se rehízo"
        yield _finding(Code.ANCLA_REESCRITA, tag, text)
    if not ground.in_main(anchor.main):
        yield _finding(Code.ANCLA_RAMA, tag, f"nombra el commit {anchor.main[:10]}, que no está en la rama principal")


def signature_fault(tag: Tag, ground: Ground) -> str | None:
    """Say in Spanish why an anchor's signature proves nothing; None for one of somebody who might make it then.

    The date is the one that whoever signed gave it.
    """
    match tag.signature:
        case Signature(state=State.NONE):
            return "no está firmada"
        case Signature(state=State.GOOD, key=key) if key in map(fingerprint, ground.anchoring):
            return None
        case Signature(state=State.GOOD, key=key):
            day = ground.local_day(tag.at) if tag.at else None
            owners = [one for one in ground.entitled.values() if key in map(fingerprint, one.llaves)]
            if day and any((one.desde or day) <= day <= (one.hasta or day) for one in owners):
                return None
            return "la firmó quien no podía aprobar ese día"
        case Signature(state=State.REVOKED):
            return "la firmó una llave revocada"
        case Signature(state=State.EXPIRED):
            return "la firmó una llave vencida"
        case Signature(state=State.UNKNOWN):
            return "la firmó una llave que no es de nadie que apruebe, ni de «llaves_ancla»"
        case _:
            return "su firma es mala: no corresponde a lo firmado"


def _missing(good: Sequence[Quarter], now: Quarter) -> Iterator[Finding]:
    """Yield a notice for every quarter that is over and has no good anchor, since the first that has one."""
    if not good:
        return
    quarter = now.previous
    while quarter > min(good):
        if quarter not in good:
            text = f"El trimestre {quarter} no tiene ancla: nada dice hasta dónde llegaba entonces la bitácora."
            yield Finding(code=Code.ANCLA_FALTA, where=f"{PREFIX}{quarter}", message=text)
        quarter = quarter.previous


def _finding(code: Code, tag: Tag, text: str) -> Finding:
    return Finding(code=code, where=tag.name, message=f"El ancla {tag.name}: {text}.", merge=tag.record)

"""audit --anchor: the quarter's signed tag on the published record, made once and never over another."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.audit import Clase, counts
from reconciler.audit.anchors import Anchor, Tag, read_anchor, signature_fault
from reconciler.cli.examining import Examination
from reconciler.cli.workspace import Workspace
from reconciler.errors import RefusedError
from reconciler.period import Quarter
from reconciler.repository import HOW_TO_SIGN, Anchors
from reconciler.signature import State


def published_first(workspace: Workspace) -> None:
    """Ask the remote for the record as it is now: that is what is to be anchored.

    Raises:
        RecordError: the remote cannot be reached.

    """
    workspace.branch.fetch()


def anchor(examined: Examination) -> str:
    """Make and publish the anchor of today's quarter, and say what became of it.

    One that is there already and says the same is only published, where it was not.

    Raises:
        RefusedError: the record is not sound, there is nothing of it yet, the quarter has another anchor, or it could
            not be signed by somebody who may approve; nothing was made.
        RecordError: it was made, and the remote did not take it; repeating publishes the same.

    """
    wanted = _wanted(examined)
    repository, remote = examined.workspace.repository, examined.workspace.branch.remote
    anchors = repository.anchors(remote)
    there = _same(wanted, examined.anchored.remote) if wanted.name in (examined.anchored.there or {}) else None
    if there:
        return f"El ancla {wanted.name} ya está hecha y publicada."
    here = _same(wanted, examined.anchored.local)
    tag = here or _made(wanted, anchors, examined)
    if remote is None:
        return f"Ancla {tag.name} {'ya hecha' if here else 'hecha'} en este repositorio, que no tiene remoto."
    anchors.push(tag)
    done = "publicada" if here else "hecha y publicada"
    return f"Ancla {tag.name} {done}: renglón {wanted.count}, huella {wanted.digest[:16]}."


def _wanted(examined: Examination) -> Anchor:
    workspace, chain = examined.workspace, examined.chain
    found = counts(examined.findings)
    if found[Clase.CADENA] or found[Clase.ANCLA]:
        raise RefusedError(
            "No se hace el ancla: la bitácora, o las anclas que ya tiene, no cuadran.",
            remedy="Atienda primero los hallazgos de «cadena» y «ancla»: un ancla daría por buena la de hoy.",
        )
    if chain.commit is None or not chain.count:
        raise RefusedError(
            "Todavía no hay bitácora que anclar.", remedy="Repita cuando se haya aplicado algo («cuentas apply»)."
        )
    return Anchor(
        quarter=Quarter.of(workspace.today),
        record=chain.commit,
        count=chain.count,
        digest=chain.digest,
        main=workspace.published or workspace.tip,
    )


def _same(wanted: Anchor, tags: Sequence[Tag]) -> Tag | None:
    """Return the quarter's tag that is there and says the same; None where there is none.

    Raises:
        RefusedError: there is one that says something else.

    """
    tag = next((one for one in tags if one.name == wanted.name), None)
    if tag is None:
        return None
    known = read_anchor(tag.message or "")
    if known and (known.record, known.count, known.digest) == (wanted.record, wanted.count, wanted.digest):
        return tag
    upto = f", que llega al renglón {known.count} (la bitácora va en el {wanted.count})" if known else ""
    raise RefusedError(
        f"El trimestre {wanted.quarter} ya tiene su ancla{upto}: no se sobrescribe.",
        remedy="Basta una por trimestre; la siguiente se hace en el que viene.",
    )


def _made(wanted: Anchor, anchors: Anchors, examined: Examination) -> Tag:
    if not examined.keyring.listed:
        raise RefusedError(
            "Nadie podría comprobar la firma del ancla: cuentas.yaml no dice con qué llave se firma.",
            remedy="Agregue la llave pública de quien la va a hacer, por pull request: «aprobacion: aprueban: CLAVE: "
            "llaves: [ssh-ed25519 AAAA…]» si es de quien aprueba, o «aprobacion: llaves_ancla» si solo ancla.",
        )
    anchors.make(wanted.name, wanted.record, wanted.message)
    tag = next(one for one in anchors.local(examined.keyring) if one.name == wanted.name)
    fault = signature_fault(tag, examined.ground)
    if fault:
        anchors.drop(tag)
        raise RefusedError(
            f"No se hizo el ancla: {fault}.",
            remedy=HOW_TO_SIGN
            if tag.signature.state is State.NONE
            else "Se hace con una llave que tiene cuentas.yaml: de quien aprueba («aprueban: … llaves:»), o "
            "de las que solo anclan («llaves_ancla»).",
        )
    return tag

"""The texts of letters as a commit has them, and whether anybody approved them."""

from __future__ import annotations

from reconciler.cli.workspace import Workspace
from reconciler.errors import DeclarationError, Problem, RefusedError
from reconciler.letter import Message
from reconciler.letters import Carta, Letters, of_welcome
from reconciler.lineage import Lineage
from reconciler.model import Account
from reconciler.post.proof import Greeting
from reconciler.wording import Wording


def letters(workspace: Workspace) -> Letters:
    """Return the letters of the commit that is read (or of the working copy), to look at.

    Raises:
        DeclarationError: with everything wrong in the repository's templates.

    """
    folder = workspace.config.plantillas
    repository = workspace.repository
    files = repository.worktree((folder,)) if workspace.worktree else repository.tree(workspace.tip, (folder,))
    return Letters(folder, files, workspace.config)


def approved_letters(workspace: Workspace) -> Letters:
    """Return the letters of the commit that is read, to send: a letter tells people what to do in our name.

    Raises:
        DeclarationError: something in the declaration or in the templates is wrong.
        RefusedError: the commit is not on the published main line, or somebody pushed a text around review.

    """
    desired = workspace.desired
    texts = letters(workspace)
    if workspace.worktree or not desired.on_main_line or desired.shallow:
        raise RefusedError(
            "No se envía nada: lo que se lee no es la rama principal publicada, con toda su historia.",
            remedy="Tráigala con «git pull» (y «git fetch --unshallow» si el clon es superficial).",
        )
    repository, folder = workspace.repository, workspace.config.plantillas
    wording = Wording(
        lineage=Lineage.of(desired.trail, repository.graph(workspace.tip)),
        content=repository.blob_at,
        baseline=desired.approver.baseline,
    )
    written = [one for one in repository.first_parent(workspace.tip, None, (folder,)) if one.files]
    approver = desired.approver
    fault = approver.config_fault() or wording.fault(written) or approver.merges_fault(written)
    if fault:
        raise RefusedError(
            f"No se envía nada: la configuración o una plantilla no está aprobada; commit {fault.commit[:10]}: "
            f"{fault.reason}.",
            remedy=f"Revise cuentas.yaml y «{folder}/», y proponga en un pull request lo que debe decir (revertir "
            "con un empuje tampoco lo aprueba), o acepte lo que hay con «aprobacion: linea_base».",
        )
    return texts


def welcome(workspace: Workspace) -> Greeting:
    """Return what writes a new mailbox's first message, in words that were approved.

    Raises:
        DeclarationError, RefusedError: as `approved_letters` does.

    """
    texts, config = approved_letters(workspace), workspace.desired.config

    def greet(account: Account) -> Message:
        values = of_welcome(account, config)
        return texts.write(Carta.BIENVENIDA, values, mark=f"bienvenida/{account.key}", to=account.address)

    return greet


def template_problems(workspace: Workspace) -> tuple[Problem, ...]:
    """Return everything wrong with the repository's templates."""
    try:
        letters(workspace)
    except DeclarationError as error:
        return error.problems
    return ()

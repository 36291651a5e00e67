"""One agency for each pull request, and each agency in its file, its domains and its headcount."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from reconciler.config import Autorizado, Config
from reconciler.errors import Problem
from reconciler.model import Declaration, Enlace, Siglas, Source, Tipo
from reconciler.pull.entries import place_of
from reconciler.pull.proposal import PULL_REQUEST, Difference, Proposal
from reconciler.roster import Person

_TRANSFER = 2


def agency_problems(proposal: Proposal, touched: tuple[Siglas, ...]) -> Iterator[Problem]:
    """Yield what a proposal does to agencies that it must not, or that whoever approves must see."""
    yield from _one_agency(proposal, touched)
    yield from _gone(proposal)
    for siglas in touched:
        if siglas in proposal.after.declaration.dependencias:
            yield from _headers(proposal, siglas)
            yield from _enlaces(proposal, siglas)
    for one in proposal.differences:
        yield from _aliases(one, proposal)
    yield from _headcount(proposal)


def headcount_warnings(declaration: Declaration, config: Config) -> tuple[Problem, ...]:
    """Return the agencies that have more people in service than `plazas` gives them; it blocks nobody's baja."""
    counts, found = _in_service(declaration), []
    for siglas, agency in declaration.dependencias.items():
        plazas = _allowed(config, siglas).plazas
        if plazas is not None and counts[siglas] > plazas:
            words = f"{siglas} tiene {counts[siglas]} cuentas personales en servicio y {plazas} plazas."
            remedy = "Revise qué cuentas sobran, o que «dependencias: plazas» de cuentas.yaml esté al día."
            found.append(_of(place_of(agency, declaration), "plazas", words, remedy, blocks=False))
    return tuple(found)


def _one_agency(proposal: Proposal, touched: tuple[Siglas, ...]) -> Iterator[Problem]:
    if len(touched) <= 1:
        return
    ways = {(one.left, one.agency) for one in proposal.differences if one.left}
    if len(touched) != _TRANSFER or not ways:
        yield Problem(
            PULL_REQUEST,
            0,
            "varias-dependencias",
            f"El pull request cambia {len(touched)} dependencias: {', '.join(touched)}.",
            "Haga uno por dependencia. Solo un traslado toca dos: la que pierde la cuenta y la que la recibe.",
        )
        return
    if len(ways) > 1:
        words = f"El pull request traslada cuentas entre {touched[0]} y {touched[1]} en los dos sentidos."
        yield Problem(PULL_REQUEST, 0, "varias-dependencias", words, "Haga uno por cada sentido.")
        return
    [(origin, _)] = ways
    if origin:
        yield from _only_leaves(proposal, origin)


def _only_leaves(proposal: Proposal, origin: Siglas) -> Iterator[Problem]:
    """Yield a problem where the agency that loses accounts changes in anything else."""
    before, after = proposal.before, proposal.after
    moved = {one.before.account.key for one in proposal.differences if one.before and one.left == origin}
    stays = {
        key: before.written.get(key)
        for key, one in before.declaration.accounts.items()
        if one.account.dependencia == origin and key not in moved
    }
    there = {
        key: after.written.get(key)
        for key, one in after.declaration.accounts.items()
        if one.account.dependencia == origin
    }
    same = before.declaration.dependencias.get(origin) == after.declaration.dependencias.get(origin)
    if stays != there or not same:
        yield _of(
            Source(f"accounts/{origin}.yaml", 0),
            "traslado-con-mas",
            f"Del archivo de {origin} salen las cuentas que se trasladan, y además cambia otra cosa.",
            f"Deje en {origin} solo lo que se va; lo demás va en otro pull request.",
        )


def _gone(proposal: Proposal) -> Iterator[Problem]:
    after = proposal.after.declaration.dependencias
    for siglas, agency in proposal.before.declaration.dependencias.items():
        if siglas not in after and agency.oficios:
            where = place_of(agency, proposal.before.declaration)
            words = f"La dependencia {siglas} desaparece, y con ella los oficios que ampararon sus movimientos."
            yield _of(where, "dependencia-desaparecida", words, "Restituya su archivo, aunque ya no tenga cuentas.")


def _headers(proposal: Proposal, siglas: Siglas) -> Iterator[Problem]:
    after = proposal.after.declaration.dependencias[siglas]
    before = proposal.before.declaration.dependencias.get(siglas)
    where = place_of(after, proposal.after.declaration)
    domains = _allowed(proposal.config, siglas).dominios
    if before and before.name != after.name:
        words = f"{siglas} cambia de nombre, y con ella todas sus cuentas: de «{before.name}» a «{after.name}»."
        yield _of(where, "nombre-cambiado", words, "Compárelo con el decreto o el reglamento.", blocks=False)
    if before and before.domain == after.domain:
        return
    if domains and after.domain not in domains:
        yield _of(
            where,
            "dominio-ajeno",
            f"{siglas} no puede usar el dominio {after.domain}: los suyos son {', '.join(domains)}.",
            f"Ponga uno de los suyos, o agréguelo antes en cuentas.yaml («dependencias: {siglas}: dominios»).",
        )
    elif before and not domains and not proposal.by_desk:
        yield _of(
            where,
            "dominio-cambiado",
            f"{siglas} cambia de dominio, y con él la dirección de todas sus cuentas: de {before.domain} a "
            f"{after.domain}.",
            f"Lo propone la Mesa de Ayuda, o se autoriza antes en cuentas.yaml («dependencias: {siglas}: dominios»).",
        )


def _enlaces(proposal: Proposal, siglas: Siglas) -> Iterator[Problem]:
    after = proposal.after.declaration.dependencias[siglas]
    before = proposal.before.declaration.dependencias.get(siglas)
    if before is None:
        return
    names = sorted(before.enlaces.keys() | after.enlaces.keys())
    changed = [name for name in names if before.enlaces.get(name) != after.enlaces.get(name)]
    if changed:
        words = f"Cambian los enlaces de {siglas}, que pueden pedir en su nombre: {', '.join(changed)}."
        remedy = "Compárelo con el oficio que los designa (PSDT-08, política P3)."
        yield _of(place_of(after, proposal.after.declaration), "enlace-cambiado", words, remedy, blocks=False)
    for name in changed:
        taken = _taken(proposal, before.enlaces.get(name), after.enlaces.get(name))
        if taken:
            yield _of(
                place_of(after, proposal.after.declaration),
                "enlace-con-nombre-ajeno",
                f"El enlace «{name}» de {siglas} dice ser quien es {taken} (por su correo o su «usuario_git»).",
                "Ponga los suyos. Si de verdad es la misma persona, que lo proponga la Mesa de Ayuda.",
                blocks=not proposal.by_desk,
            )


def _taken(proposal: Proposal, old: Enlace | None, new: Enlace | None) -> str | None:
    """Return, in Spanish, whose address or user an enlace comes to give; None where it is nobody's of these."""
    was, now = (Person.of([one.email], [one.git_user]) if one else Person() for one in (old, new))
    claimed = Person(now.addresses - was.addresses, now.users - was.users)
    roster, forge = proposal.roster, proposal.config.forja
    if any(one.is_also(claimed) for one, _ in roster.approvers.values()):
        return "quien aprueba"
    if roster.is_desk(claimed):
        return "de la Mesa de Ayuda"
    return "el usuario de la forja" if forge and Person.of(users=[forge.usuario]).is_also(claimed) else None


def _aliases(one: Difference, proposal: Proposal) -> Iterator[Problem]:
    domains = _allowed(proposal.config, one.agency).dominios
    known = set() if one.left else set(_written_aliases(one.old))
    for alias in _written_aliases(one.new):
        if domains and alias not in known and alias.partition("@")[2] not in domains:
            yield _of(
                one.after.source,
                "dominio-ajeno",
                f"El alias «{alias}» de «{one.key}» no es de los dominios de {one.agency}: {', '.join(domains)}.",
                f"Quítelo, o agregue el dominio antes en cuentas.yaml («dependencias: {one.agency}: dominios»).",
            )


def _written_aliases(fields: Mapping[str, str]) -> tuple[str, ...]:
    try:
        found = json.loads(fields.get("alias", "[]"))
    except ValueError:
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _headcount(proposal: Proposal) -> Iterator[Problem]:
    """Yield every agency that the proposal would put above its `plazas`, as the base branch is now."""
    before, after = _in_service(proposal.before.declaration), _in_service(proposal.after.declaration)
    now = _in_service(proposal.main) if proposal.main else before
    for siglas, agency in proposal.after.declaration.dependencias.items():
        plazas = _allowed(proposal.config, siglas).plazas
        more = after[siglas] - before[siglas]
        if plazas is not None and more > 0 and now[siglas] + more > plazas:
            yield _of(
                place_of(agency, proposal.after.declaration),
                "plazas",
                f"{siglas} quedaría con {now[siglas] + more} cuentas personales en servicio y tiene {plazas} plazas.",
                "Pida antes la baja de quien ya no está, o que se corrija «dependencias: plazas» en cuentas.yaml.",
            )


def _in_service(declaration: Declaration) -> Counter[Siglas]:
    return Counter(
        one.account.dependencia
        for one in declaration.accounts.values()
        if one.baja is None and one.account.tipo is Tipo.PERSONAL
    )


def _allowed(config: Config, siglas: Siglas) -> Autorizado:
    folded = {name.casefold(): one for name, one in config.dependencias.items()}
    return folded.get(siglas.casefold(), Autorizado())


def _of(where: Source, code: str, message: str, remedy: str, *, blocks: bool = True) -> Problem:
    return Problem(where.file, where.line, code, message, remedy, blocks=blocks)

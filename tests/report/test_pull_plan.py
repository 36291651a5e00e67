"""The plan of a pull request as a comment: it fits, it says what was cut, and no value in it is more than text."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reconciler.marker import Marker, hidden, shown_by
from reconciler.model import AccountKey
from reconciler.plan import Change, Create, Disable, Finding, change_id
from reconciler.pull_request import Comment, PullRequest
from reconciler.report.pull_plan import LONGEST, pull_plan_in_markdown
from reconciler.report.pull_view import PullView
from tests.report.golden import pull

BOT = "github-actions[bot]"
HEAD = "cafe" * 10
TARGET = pull().snapshot.target
PULL = PullRequest(number=7, url="https://forja.invalid/7", author="lbeltran", head=HEAD, branch="solicitud/x")


def told(text: str, user: str = BOT) -> frozenset[str]:
    """Return what apply would take for shown by a comment."""
    comment = Comment(id=1, user=user, body=text)
    return shown_by(PULL, [comment], BOT, merged=HEAD, target=TARGET).changes


def ids(view: PullView) -> set[str]:
    return set(map(change_id, view.preview.plan.changes))


def test_two_hundred_altas_fit_whole_and_every_change_is_in_the_marker() -> None:
    view = pull(crowd=200)
    text = pull_plan_in_markdown(view, bounded=True)
    assert len(text) < LONGEST
    assert text.count("| \\+ alta |") == 203
    assert "más**" not in text
    assert told(text) == ids(view)


def test_what_does_not_fit_is_counted_and_is_in_the_marker_all_the_same() -> None:
    view = pull(crowd=600)
    text = pull_plan_in_markdown(view, bounded=True)
    left = re.search(r"\*\*Y (\d+) cuentas más\*\*", text)
    assert left
    assert text.count("| \\+ alta | persona") + int(left[1]) - 1 >= 600
    assert len(text) < LONGEST
    assert "### Límites" in text
    assert "Ya estaba pendiente" in text
    assert told(text) == ids(view)
    assert pull_plan_in_markdown(view).count("| \\+ alta | persona") == 600


def test_where_not_even_the_marker_fits_it_is_said_and_nothing_counts_as_shown() -> None:
    text = pull_plan_in_markdown(pull(crowd=1000), bounded=True)
    assert "Demasiado para aplicarse solo" in text
    assert told(text) == frozenset()
    assert len(text) < LONGEST


def aliased(view: PullView, *names: str) -> PullView:
    """Return the plan of an account that is to have more addresses."""
    plan = view.preview.plan
    [one] = [change for change in plan.changes if isinstance(change, Create) and change.key == "hugo.luna"]
    changed = replace(one, account=replace(one.account, aliases=tuple(sorted(names))))

    def with_it(changes: tuple[Change, ...]) -> tuple[Change, ...]:
        return tuple(changed if change is one else change for change in changes)

    preview = replace(
        view.preview, plan=replace(plan, changes=with_it(plan.changes)), caused=with_it(view.preview.caused)
    )
    return replace(view, preview=preview)


def test_nothing_that_an_account_gets_is_cut_out_of_its_row() -> None:
    long = [f"{letter * 64}.{letter * 64}.{letter * 64}@sinaloa.gob.mx" for letter in "abc"]
    text = pull_plan_in_markdown(aliased(pull(), *long, "titular@sinaloa.gob.mx"), bounded=True)
    assert "titular\\@" in text


def test_a_row_that_does_not_fit_is_counted_and_hides_no_other_one() -> None:
    view = aliased(pull(), *(f"{'a' * 200}{number}@sinaloa.gob.mx" for number in range(400)))
    text = pull_plan_in_markdown(view, bounded=True)
    assert len(text) < LONGEST
    assert "**Y 1 cuenta más** (SAF 1)" in text
    assert "| ines\\.soto |" in text
    assert "| dora\\.paz |" in text
    assert "hugo" not in text


def test_every_baja_that_is_named_is_named_whole() -> None:
    keys = [AccountKey(f"{'x' * 55}{number:03}") for number in range(20)]
    view = pull()
    [gone] = [one for one in view.preview.caused if isinstance(one, Disable)]
    caused = tuple(replace(gone, key=key) for key in keys)
    text = pull_plan_in_markdown(replace(view, preview=replace(view.preview, caused=caused)), bounded=True)
    first = next(line for line in text.splitlines() if line.startswith("- **20 bajas"))
    assert keys[14] in first
    assert "5 más" in first


def test_where_the_comment_shows_next_to_nothing_nothing_counts_as_shown() -> None:
    view = pull()
    [*_, doubt] = [*view.preview.plan.findings, Finding(code="x", message="@" * 4000, remedy="@" * 4000)]
    many = tuple(replace(doubt, code=f"x{number}") for number in range(15))
    text = pull_plan_in_markdown(replace(view, preview=replace(view.preview, doubts=many)), bounded=True)
    assert len(text) < LONGEST
    assert told(text) == frozenset()
    assert "se retiene" in text


_ANY = st.text(st.sampled_from("ab1@#[]()<>|`*_~\\!:/&;\n\x1b\u202e\u200b .-+{}\"'="), min_size=1, max_size=400)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(_ANY)
def test_whatever_a_name_says_it_adds_no_markup_and_the_comment_fits(value: str) -> None:
    view = pull()
    plain = _markup(pull_plan_in_markdown(view, bounded=True))
    named = replace(view, author=value, authors=[f"{value} <a@b>"])
    text = pull_plan_in_markdown(named, bounded=True)
    assert _markup(text) == plain
    assert len(text) < LONGEST


def _markup(text: str) -> list[str]:
    """Return the elements of what a forge renders."""
    html = MarkdownIt("commonmark").enable("table").render(text)
    return re.findall(r"<[a-z/!][^ >]*", html)


def test_a_marker_in_a_name_is_text() -> None:
    forged = hidden(_marker("0" * 16))
    view = replace(pull(), author=forged)
    assert told(pull_plan_in_markdown(view)) == ids(view)


def _marker(*changes: str, **more: str) -> Marker:
    values = {"cabeza": HEAD, "base": HEAD, "destino": TARGET, "lectura": "a" * 64, "huella": "b" * 64}
    return Marker.model_validate(values | {"cambios": changes} | more)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!-- cuentas:plan {} -->",
        "<!-- cuentas:plan [] -->",
        hidden(_marker("0" * 16, cabeza="d" * 40)),
        hidden(_marker("0" * 16, destino="pruebas")),
        hidden(_marker("0" * 16)) * 2,
        f"{hidden(_marker('0' * 16))}\n{hidden(_marker('1' * 16))}",
        f"> {hidden(_marker('0' * 16))}",
        f"Como se dijo: {hidden(_marker('0' * 16))}",
        hidden(_marker("0" * 16)).replace("cuentas-mostrado/1", "cuentas-mostrado/2"),
        hidden(_marker("0" * 16)).replace('"base"', '"x":1,"base"'),
        hidden(_marker("0" * 16)).replace("0" * 16, "0" * 15),
        hidden(_marker("0" * 16)).replace("cuentas:plan", "cuentas:otro"),
    ],
)
def test_a_marker_that_is_not_whole_or_of_another_commit_or_target_counts_for_nothing(body: str) -> None:
    assert told(body) == frozenset()


def test_only_whoever_posts_the_plans_is_believed() -> None:
    body = hidden(_marker("0" * 16))
    assert told(body) == {"0" * 16}
    assert told(body, "GitHub-Actions[bot]") == {"0" * 16}
    assert told(body, "lbeltran") == frozenset()

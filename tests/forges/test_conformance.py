"""What every forge promises the engine, whatever the kind, over HTTPS and a real repository."""

from __future__ import annotations

import pytest

from reconciler.engine.ports import Forge
from reconciler.errors import TargetRejectedError, TargetUnreachableError
from reconciler.forge.rest import LONGEST, RestForge
from reconciler.pull_request import Opinion
from tests.forge import Forge as Clone
from tests.forges.work import BRANCH, MARK, adapter
from tests.lab.forge import BOT, ForgeDouble


def test_a_merged_pull_request_is_found_by_its_merge(double: ForgeDouble, forge: RestForge) -> None:
    as_the_engine_has_it: Forge = forge
    pull = double.open_pull(BRANCH, "LBeltran")
    commit = double.merge(pull.number)
    found = as_the_engine_has_it.merged_as(commit)
    assert found is not None
    assert (found.number, found.author, found.branch, found.merge) == (pull.number, "LBeltran", BRANCH, commit)
    assert double.git("rev-parse", f"{commit}^2") == found.head
    assert found.url.startswith("https://forja.invalid/")


def test_what_is_not_merged_or_not_as_that_commit_is_none(double: ForgeDouble, forge: RestForge) -> None:
    pull = double.open_pull(BRANCH)
    assert forge.merged_as(pull.head) is None
    assert forge.merged_as(double.git("rev-parse", "main")) is None
    assert forge.merged_as("0" * 40) is None
    double.merge(pull.number)
    assert forge.merged_as(pull.head) is None


def test_what_was_merged_into_another_branch_is_none(double: ForgeDouble, forge: RestForge, clone: Clone) -> None:
    clone.git("push", "--quiet", "origin", "main:otra")
    assert forge.merged_as(double.merge(double.open_pull(BRANCH, base="otra").number)) is None


def test_a_branch_that_is_deleted_is_still_told(double: ForgeDouble, forge: RestForge) -> None:
    commit = double.merge(double.open_pull(BRANCH).number)
    proposed = double.git("rev-parse", f"{commit}^2")
    double.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    found = forge.merged_as(commit)
    assert found is not None
    assert (found.branch, found.head) == (BRANCH, proposed)


def test_a_repository_that_is_hidden_is_not_one_without_pull_requests(double: ForgeDouble) -> None:
    forge = adapter(double, repositorio="sinaloa/otra")
    with pytest.raises(TargetUnreachableError, match="no deja ver «sinaloa/otra»"):
        forge.merged_as("0" * 40)
    forge.close()


def test_only_a_whole_commit_is_asked_for(forge: RestForge) -> None:
    with pytest.raises(ValueError, match="40 hex"):
        forge.merged_as("main")


def test_the_last_decisive_word_of_each_person_counts(double: ForgeDouble, forge: RestForge) -> None:
    number = double.open_pull(BRANCH).number
    for user in ("ana", "Beto", "carla", "dora", "eva"):
        double.approve(number, user)
    double.review(number, "ana", "COMMENT")
    double.review(number, "beto", "REQUEST_CHANGES")
    double.reviews[number][2].dismissed = True
    double.review(number, "dora", "REQUEST_CHANGES")
    again = double.approve(number, "DORA")
    double.review(number, "eva", "PENDING")
    double.review(number, None, "APPROVED")
    found = forge.opinions(number)
    assert [one.user for one in found] == ["ana", "eva", "DORA"]
    assert found[2] == Opinion(user="DORA", commit=double.pulls[number].head, at=again.at)


def test_an_approval_says_which_commit_it_is_of(double: ForgeDouble, forge: RestForge, clone: Clone) -> None:
    pull = double.open_pull(BRANCH)
    first = pull.head
    double.approve(pull.number, "ana")
    clone.git("switch", "--quiet", BRANCH)
    clone.push({"accounts/SAF.yaml": "otro\n"})
    clone.git("push", "--quiet", "origin", BRANCH)
    double.approve(pull.number, "beto")
    assert [one.commit for one in forge.opinions(pull.number)] == [first, double.head_of(pull)]
    double.reviews[pull.number][1].commit = None
    assert [one.user for one in forge.opinions(pull.number)] == ["ana"]


@pytest.mark.parametrize("double", ["gitea"], indirect=True)
@pytest.mark.parametrize("fault", ["stale", "unofficial"])
def test_gitea_says_of_an_approval_whether_it_counts(double: ForgeDouble, forge: RestForge, fault: str) -> None:
    number = double.open_pull(BRANCH).number
    one = double.approve(number, "ana")
    one.stale, one.official = fault == "stale", fault != "unofficial"
    assert forge.opinions(number) == ()


def test_a_list_of_many_pages_is_read_to_its_end(double: ForgeDouble, forge: RestForge) -> None:
    double.page = 7
    number = double.open_pull(BRANCH).number
    for place in range(30):
        double.approve(number, f"u{place}")
        double.comment(number, "ana", f"dijo {place}")
    assert len(forge.opinions(number)) == 30
    assert [one.body for one in forge.comments(number)] == [f"dijo {place}" for place in range(30)]


def test_a_list_that_never_ends_is_not_read(double: ForgeDouble, forge: RestForge) -> None:
    double.page = 1
    number = double.open_pull(BRANCH).number
    for place in range(41):
        double.approve(number, f"u{place}")
    with pytest.raises(TargetRejectedError, match="no se leen"):
        forge.opinions(number)


def test_what_we_say_is_said_once_and_put_in_order(double: ForgeDouble, forge: RestForge) -> None:
    number = double.open_issue()
    forge.say(number, "Recibida.", MARK)
    forge.say(number, "Recibida.", MARK)
    assert [(one.user, one.edits) for one in double.comments(number)] == [(BOT, 0)]
    assert double.comments(number)[0].body == f"Recibida.\n\n<!-- {MARK} -->\n"
    forge.say(number, "Recibida, con su orden.", MARK)
    assert [(one.body.splitlines()[0], one.edits) for one in double.comments(number)] == [
        ("Recibida, con su orden.", 1)
    ]


def test_a_mark_that_a_body_brings_with_more_in_it_is_the_same_mark(double: ForgeDouble, forge: RestForge) -> None:
    number = double.open_pull(BRANCH).number
    for digest in ("a", "b"):
        forge.say(number, f'<!-- cuentas:plan {{"huella":"{digest}"}} -->\nPlan {digest}', "cuentas:plan")
    forge.say(number, "Detenido", "cuentas:plan-detenido")
    assert [one.body.splitlines()[1] for one in double.comments(number)] == ["Plan b", ""]


def test_what_others_wrote_is_never_touched_whatever_mark_it_has(double: ForgeDouble, forge: RestForge) -> None:
    number = double.open_issue()
    double.comment(number, "malo", f"Mío\n<!-- {MARK} -->")
    double.comment(number, None, f"De nadie\n<!-- {MARK} -->")
    forge.say(number, "Recibida.", MARK)
    assert [(one.user, one.edits) for one in double.comments(number)] == [("malo", 0), (None, 0), (BOT, 0)]


def test_our_own_is_known_by_the_token_too_where_another_posts_the_plans(double: ForgeDouble) -> None:
    double.who = "cuentas-bot"
    forge, number = adapter(double, usuario="otro-bot"), double.open_issue()
    for words in ("Uno", "Dos"):
        forge.say(number, words, MARK)
    forge.close()
    assert [(one.user, one.edits) for one in double.comments(number)] == [("cuentas-bot", 1)]


def test_a_forge_that_does_not_say_whose_the_token_is_is_believed_by_the_configured_user(
    double: ForgeDouble, forge: RestForge
) -> None:
    double.says_who = False
    number = double.open_issue()
    double.comment(number, "malo", f"Mío\n<!-- {MARK} -->")
    for words in ("Uno", "Dos"):
        forge.say(number, words, MARK)
    assert [(one.user, one.edits) for one in double.comments(number)] == [("malo", 0), (BOT, 1)]


def test_a_pull_request_is_opened_once(double: ForgeDouble, forge: RestForge) -> None:
    first = forge.propose(BRANCH, "main", "Alta", "Cuerpo")
    again = forge.propose(BRANCH, "main", "Otro título", "Otro cuerpo")
    assert first == again
    assert (first.branch, first.author, first.merge) == (BRANCH, BOT, None)
    assert [(one.title, one.body) for one in double.pulls.values()] == [("Alta", "Cuerpo")]


def test_a_pull_request_of_a_fork_or_to_another_branch_is_not_ours(
    double: ForgeDouble, forge: RestForge, clone: Clone
) -> None:
    clone.git("push", "--quiet", "origin", "main:otra")
    double.open_pull(BRANCH, "malo").fork = "malo/cuentas"
    double.open_pull(BRANCH, base="otra")
    assert forge.propose(BRANCH, "main", "Alta", "Cuerpo").number == 3


def test_one_that_is_merged_already_does_not_stand_for_the_next(
    double: ForgeDouble, forge: RestForge, clone: Clone
) -> None:
    double.merge(double.open_pull(BRANCH).number)
    clone.git("push", "--quiet", "origin", f"{clone.push({'x': 'x'})}:refs/heads/{BRANCH}", "--force")
    assert forge.propose(BRANCH, "main", "Alta", "Cuerpo").number == 2


def test_a_branch_that_is_not_there_is_refused(forge: RestForge) -> None:
    with pytest.raises(TargetRejectedError, match="no abre un pull request de «no-esta»"):
        forge.propose("no-esta", "main", "Alta", "Cuerpo")


def test_an_issue_that_is_not_there_is_refused(forge: RestForge) -> None:
    with pytest.raises(TargetRejectedError, match="404"):
        forge.say(99, "Hola", MARK)


def test_what_is_too_long_is_refused_before_anything_is_asked(double: ForgeDouble, forge: RestForge) -> None:
    with pytest.raises(TargetRejectedError, match="65536"):
        forge.say(double.open_issue(), "x" * LONGEST, MARK)
    with pytest.raises(TargetRejectedError, match="65536"):
        forge.propose(BRANCH, "main", "x", "x" * (LONGEST + 1))
    assert double.requests == []


def test_a_mark_is_a_word(forge: RestForge) -> None:
    with pytest.raises(ValueError, match="word"):
        forge.say(1, "x", "uno --> dos")

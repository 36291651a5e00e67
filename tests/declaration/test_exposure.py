"""Whatever a branch brings is looked at, wherever somebody's own data stand in it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from reconciler.declaration.exposure import Brought, exposed
from reconciler.history import CommitChange, FileChange
from tests.declaration.files import PATH, SAF

PRIVATE = ("PELJ800101HSLRPN09", "PELJ800101AB1", "juan@gmail.com", "cel. 667 123 4567")
HARMLESS = ("Analista", "SAF/01234567897/2026", "667 758 7000", "juan.perez@sinaloa.gob.mx", "2026-03-20")


def commit(name: str, files: dict[str, str], message: str = "Alta") -> CommitChange:
    changes = tuple(FileChange(path, "000000", "100644", None, blob) for path, blob in files.items())
    subject, _, body = message.partition("\n")
    return CommitChange(name * 40, (), "a", "a", datetime(2026, 1, 1, tzinfo=UTC), subject, body, changes)


def brought(contents: dict[str, bytes], *commits: CommitChange, base: bytes = b"") -> Brought:
    return Brought(
        commits=commits,
        files=[(one, file) for one in commits for file in one.files],
        contents=contents,
        base={PATH: base},
        head={PATH: "last"},
        pictures=frozenset({"escudo.png"}),
        domains=("sinaloa.gob.mx",),
    )


@given(
    st.sampled_from(PRIVATE),
    st.integers(0, SAF.count("\n")),
    st.sampled_from(["    # {}", "    area: «{}»", "x: [{}"]),
)
def test_private_data_on_any_line_of_any_version_is_found_and_never_repeated(text: str, line: int, how: str) -> None:
    lines = SAF.split("\n")
    lines.insert(line, how.format(text))
    contents = {"first": "\n".join(lines).encode(), "last": SAF.encode()}
    found = exposed(brought(contents, commit("a", {PATH: "first"}), commit("b", {PATH: "last"})))
    assert {one.code for one in found} == {"dato-personal-en-commit"}
    assert text not in str(found)
    assert exposed(brought(contents, commit("a", {PATH: "first"}), base=contents["first"])) == ()


@given(st.sampled_from(PRIVATE))
def test_private_data_in_a_message_or_a_name_is_found(text: str) -> None:
    assert exposed(brought({}, commit("a", {}, f"Alta\n\nEs {text}, avisar\n")))
    assert exposed(brought({"x": b"x"}, commit("a", {f"cartas/{text}.txt": "x"})))


@given(st.lists(st.sampled_from(HARMLESS)))
def test_what_a_directory_shows_is_no_finding(texts: list[str]) -> None:
    said = SAF + "".join(f"    # {text}\n" for text in texts if "0123" not in text)
    message = "Alta\n\n" + "".join(f"Oficio: {text}\n" for text in texts)
    assert exposed(brought({"first": said.encode()}, commit("a", {PATH: "first"}, message))) == ()


def test_a_picture_is_no_text_and_everything_else_has_to_be() -> None:
    one = commit("a", {"escudo.png": "x", "otro.png": "x"})
    (found,) = exposed(brought({"x": b"\x89PNG\0"}, one))
    assert (found.file, found.code) == ("otro.png", "no-revisable")


def test_a_name_that_a_log_would_obey_is_shown_as_a_path() -> None:
    (found,) = exposed(brought({"x": b"\0"}, commit("a", {"::add-mask::x": "x"})))
    assert found.file == "./::add-mask::x"

"""fmt and schema, as whoever writes declarations runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reconciler import declaration
from reconciler.cli.main import app
from reconciler.errors import CuentasError, DeclarationError, UsageError
from tests.declaration.files import SAF

TIDY = declaration.canonical(SAF.encode(), "accounts/SAF.yaml")
UNTIDY = SAF.replace("siglas: SAF", 'siglas:   "SAF"  # nota').encode()


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository's accounts/ with one untidy file, with the repository as the current folder."""
    folder = tmp_path / "accounts"
    folder.mkdir()
    (folder / "SAF.yaml").write_bytes(UNTIDY)
    monkeypatch.chdir(tmp_path)
    yield folder
    assert not list(tmp_path.rglob(".*.yaml.*"))


def cuentas(*words: str) -> Result:
    """Run a command that has to end well or with an exit code."""
    result = CliRunner().invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(*words: str) -> CuentasError:
    """Run a command that has to be refused, and return what it says."""
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, CuentasError), result.output
    assert result.exception.exit_code == 2
    return result.exception


def test_fmt_writes_the_canonical_form_and_then_has_nothing_to_do(accounts: Path) -> None:
    assert "accounts/SAF.yaml: reescrito" in cuentas("fmt").output
    done = (accounts / "SAF.yaml").read_bytes()
    assert done == declaration.canonical(UNTIDY, "accounts/SAF.yaml")
    assert cuentas("fmt").output == "Todo está en su forma canónica.\n"
    assert (accounts / "SAF.yaml").read_bytes() == done


def test_fmt_check_shows_the_difference_writes_nothing_and_says_so_by_its_exit_code(accounts: Path) -> None:
    result = cuentas("fmt", "--check")
    assert result.exit_code == 2
    assert "accounts/SAF.yaml: cambiaría" in result.output
    assert '-siglas:   "SAF"  # nota' in result.output
    assert "+siglas: SAF  # nota" in result.output
    assert (accounts / "SAF.yaml").read_bytes() == UNTIDY
    (accounts / "SAF.yaml").write_bytes(TIDY)
    assert cuentas("fmt", "--check").exit_code == 0


def test_fmt_keeps_the_permissions_of_the_file(accounts: Path) -> None:
    (accounts / "SAF.yaml").chmod(0o640)
    cuentas("fmt")
    assert (accounts / "SAF.yaml").stat().st_mode & 0o777 == 0o640


def test_fmt_finds_the_schema_by_the_place_of_the_file_and_not_by_the_current_folder(
    accounts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = accounts / "SEPyC" / "a.yaml"
    part.parent.mkdir()
    part.write_text("cuentas: {}\n", encoding="utf-8")
    monkeypatch.chdir(part.parent)
    cuentas("fmt", "a.yaml", str(accounts / "SAF.yaml"), "../SAF.yaml")
    assert part.read_text(encoding="utf-8").startswith(
        "# yaml-language-server: $schema=../../schemas/parte.schema.json\n"
    )
    assert (
        (accounts / "SAF.yaml")
        .read_text(encoding="utf-8")
        .startswith("# yaml-language-server: $schema=../schemas/dependencia.schema.json\n")
    )


def test_fmt_of_a_folder_takes_every_part_once(accounts: Path) -> None:
    for name in ("a", "b"):
        (accounts / "SEPyC").mkdir(exist_ok=True)
        (accounts / "SEPyC" / f"{name}.yaml").write_text("cuentas: {}\n", encoding="utf-8")
    output = cuentas("fmt", "accounts/SEPyC", "accounts/SEPyC/a.yaml").output
    assert output.splitlines() == ["accounts/SEPyC/a.yaml: reescrito", "accounts/SEPyC/b.yaml: reescrito"]


def test_fmt_says_everything_that_cannot_be_read_leaves_it_alone_and_does_the_rest(accounts: Path) -> None:
    (accounts / "A.yaml").write_text("a: [\n", encoding="utf-8")
    (accounts / "B.yaml").write_bytes(b"\xff")
    error = refused("fmt")
    assert isinstance(error, DeclarationError)
    assert [(one.file, one.code) for one in error.problems] == [
        ("accounts/A.yaml", "yaml"),
        ("accounts/B.yaml", "codificacion"),
    ]
    assert (accounts / "A.yaml").read_text(encoding="utf-8") == "a: [\n"
    assert (accounts / "SAF.yaml").read_bytes() != UNTIDY


def test_fmt_does_not_write_through_a_symbolic_link(accounts: Path, tmp_path: Path) -> None:
    outside = tmp_path / "fuera.yaml"
    outside.write_bytes(UNTIDY)
    (accounts / "L.yaml").symlink_to(outside)
    (tmp_path / "otra").mkdir()
    (tmp_path / "otra" / "x.yaml").write_bytes(UNTIDY)
    (accounts / "D").symlink_to(tmp_path / "otra")
    for words in (("fmt",), ("fmt", "accounts/L.yaml"), ("fmt", "accounts/D"), ("fmt", "accounts/D/x.yaml")):
        error = refused(*words)
        assert isinstance(error, DeclarationError)
        assert {one.code for one in error.problems} == {"archivo"}
        assert "enlace simbólico" in error.problems[0].message
    assert outside.read_bytes() == UNTIDY
    assert (tmp_path / "otra" / "x.yaml").read_bytes() == UNTIDY
    assert (accounts / "L.yaml").is_symlink()


def test_fmt_does_not_read_a_file_above_the_limit_nor_one_that_is_no_file(accounts: Path) -> None:
    with (accounts / "G.yaml").open("wb") as file:
        file.truncate(5_000_000)
    os.mkfifo(accounts / "P.yaml")
    (accounts / "F.yaml").mkdir()
    error = refused("fmt", "--check")
    assert isinstance(error, DeclarationError)
    assert [(one.file, one.code) for one in error.problems] == [
        ("accounts/F.yaml", "archivo"),
        ("accounts/G.yaml", "archivo-grande"),
        ("accounts/P.yaml", "archivo"),
    ]


@pytest.mark.parametrize(
    ("path", "word"),
    [("accounts/NO.yaml", "No existe"), ("otra", "No existe"), ("cuentas.yaml", "no está en accounts/"),
     ("accounts/README.md", "no es un archivo .yaml"), (".", "no está en accounts/")],
)  # fmt: skip
def test_fmt_takes_nothing_but_declarations(accounts: Path, path: str, word: str) -> None:
    (accounts.parent / "cuentas.yaml").write_text("dominios: [a.mx]\n", encoding="utf-8")
    (accounts / "README.md").write_text("hola: mundo\n", encoding="utf-8")
    assert word in refused("fmt", path).message
    assert (accounts / "README.md").read_text(encoding="utf-8") == "hola: mundo\n"


def test_fmt_outside_of_a_repository_says_where_to_run_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "raíz del repositorio" in refused("fmt").remedy


def test_fmt_keeps_the_file_if_it_cannot_be_replaced(accounts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No queda espacio", descriptor)

    monkeypatch.setattr(os, "fsync", full)
    error = refused("fmt")
    assert isinstance(error, UsageError)
    assert "no queda espacio" in error.message
    assert (accounts / "SAF.yaml").read_bytes() == UNTIDY


def test_schema_writes_the_schemas_and_then_has_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "schemas/parte.schema.json: escrito" in cuentas("schema").output
    assert {path.name: path.read_text(encoding="utf-8") for path in Path("schemas").iterdir()} == dict(
        declaration.schemas()
    )
    assert cuentas("schema").output == "Los esquemas están al día.\n"


def test_schema_check_writes_nothing_and_says_so_by_its_exit_code(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    assert cuentas("schema", str(folder), "--check").exit_code == 2
    assert not folder.exists()
    cuentas("schema", str(folder))
    assert cuentas("schema", str(folder), "--check").exit_code == 0
    (folder / "parte.schema.json").write_text("{}", encoding="utf-8")
    assert f"{folder}/parte.schema.json: atrasado" in cuentas("schema", str(folder), "--check").output


def test_schema_does_not_take_a_file_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("", encoding="utf-8")
    assert "no es una carpeta" in refused("schema", str(tmp_path / "x")).message

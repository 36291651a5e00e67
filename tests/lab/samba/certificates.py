"""The lab's own throwaway certification authority, and the certificates of its domain controller and of Exchange."""

import subprocess
from pathlib import Path

from tests.lab.samba.domain import ADDRESSES, EXCHANGE_HOST_NAME, HOST_NAME, LabError

VALID_DAYS = "3650"

_CONFIGURATION = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = {host_name}
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:{host_name}, {addresses}
"""


def issue_certificates(directory: Path) -> None:
    """Write ca.pem, cert.pem, key.pem and exchange-*.pem into `directory`; the authority's key does not stay.

    The certificates satisfy X.509 strict checking, the default of Python 3.13, and their alternative names
    are the host's name and every address of the lab.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _configure(directory, HOST_NAME)
    _key(directory, "ca.key")
    _openssl(
        directory, "req", "-new", "-x509", "-config", "openssl.cnf", "-extensions", "authority",
        "-subj", "/CN=Autoridad de pruebas de cuentas", "-utf8", "-key", "ca.key", "-days", VALID_DAYS,
        "-out", "ca.pem",
    )  # fmt: skip
    _issue(directory, HOST_NAME)
    _issue(directory, EXCHANGE_HOST_NAME, prefix="exchange-")
    for leftover in ("ca.key", "ca.srl", "server.csr", "openssl.cnf"):
        (directory / leftover).unlink(missing_ok=True)


def _issue(directory: Path, host_name: str, prefix: str = "") -> None:
    _configure(directory, host_name)
    _key(directory, f"{prefix}key.pem")
    _openssl(directory, "req", "-new", "-config", "openssl.cnf", "-key", f"{prefix}key.pem", "-out", "server.csr")
    _openssl(
        directory, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-extfile", "openssl.cnf", "-extensions", "server", "-days", VALID_DAYS,
        "-out", f"{prefix}cert.pem",
    )  # fmt: skip


def _configure(directory: Path, host_name: str) -> None:
    addresses = ", ".join(f"IP:{address}" for address in ADDRESSES)
    text = _CONFIGURATION.format(host_name=host_name, addresses=addresses)
    (directory / "openssl.cnf").write_text(text, encoding="ascii")


def _key(directory: Path, name: str) -> None:
    parameters = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    (directory / name).touch(mode=0o600)
    _openssl(directory, "genpkey", *parameters, "-out", name)


def _openssl(directory: Path, *arguments: str) -> None:
    try:
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True, text=True, timeout=60)
    except subprocess.CalledProcessError as error:
        raise LabError(f"«openssl {arguments[0]}» falló:\n{error.stderr}") from error

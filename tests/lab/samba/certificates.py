"""The lab's own throwaway certification authority and the domain controller's certificate."""

import subprocess
from pathlib import Path

from tests.lab.samba.domain import ADDRESSES, HOST_NAME, LabError

VALID_DAYS = "3650"

_CONFIGURATION = f"""\
[req]
distinguished_name = name
prompt = no
[name]
CN = {HOST_NAME}
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
subjectAltName = DNS:{HOST_NAME}, {", ".join(f"IP:{address}" for address in ADDRESSES)}
"""


def issue_certificates(directory: Path) -> None:
    """Write ca.pem, cert.pem and key.pem into `directory`; the authority's key does not outlive the call.

    The certificate satisfies X.509 strict checking, the default of Python 3.13, and its alternative names
    are the host's name and every address of the lab.
    """
    directory.mkdir(parents=True, exist_ok=True)
    configuration = directory / "openssl.cnf"
    configuration.write_text(_CONFIGURATION, encoding="ascii")
    _key(directory, "ca.key")
    _key(directory, "key.pem")
    _openssl(
        directory, "req", "-new", "-x509", "-config", "openssl.cnf", "-extensions", "authority",
        "-subj", "/CN=Autoridad de pruebas de cuentas", "-utf8", "-key", "ca.key", "-days", VALID_DAYS,
        "-out", "ca.pem",
    )  # fmt: skip
    _openssl(directory, "req", "-new", "-config", "openssl.cnf", "-key", "key.pem", "-out", "server.csr")
    _openssl(
        directory, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-extfile", "openssl.cnf", "-extensions", "server", "-days", VALID_DAYS,
        "-out", "cert.pem",
    )  # fmt: skip
    for leftover in ("ca.key", "ca.srl", "server.csr", "openssl.cnf"):
        (directory / leftover).unlink(missing_ok=True)


def _key(directory: Path, name: str) -> None:
    parameters = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    (directory / name).touch(mode=0o600)
    _openssl(directory, "genpkey", *parameters, "-out", name)


def _openssl(directory: Path, *arguments: str) -> None:
    try:
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True, text=True, timeout=60)
    except subprocess.CalledProcessError as error:
        raise LabError(f"«openssl {arguments[0]}» falló:\n{error.stderr}") from error

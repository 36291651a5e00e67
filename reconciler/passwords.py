"""First passwords, easy to copy from paper and acceptable to Active Directory, and passphrases of their sheets."""

from __future__ import annotations

import random
import re
import secrets
import unicodedata

from pydantic import SecretStr

from reconciler.model import Account

LENGTH = 16

UPPER = "ACDEFGHJKMNPQRTUVWXY"
LOWER = "abcdefghjkmnpqrstuvwxyz"
DIGITS = "23456789"
SYMBOLS = "#$%&=?+-*"
"""One key, or one key with Mayús, on a Latin American keyboard, and no dead key among them."""

PASSPHRASE_GROUPS = 5
PASSPHRASE_DIGITS = 5
"""Digits alone: over the telephone no letter is b or v, and nobody asks for upper case."""

_ALL = UPPER + LOWER + DIGITS + SYMBOLS
_SEPARATORS = re.compile(r"[,.\-_#\s]+")
_SHORTEST_NAME = 3


def first_password(account: Account, randomness: random.Random | None = None) -> SecretStr:
    """Return a password of 16 characters, about 90 bits, that nobody has to keep: it must be changed.

    It has upper and lower case, digits and symbols, nothing that looks like something else (0 O o, 1 l I i
    L, 2 Z, 5 S, 8 B) and no part of the account's names: Active Directory refuses the sAMAccountName, and
    every part of three characters or more of the display name split at , . - _ # and blanks, whatever the
    case (Microsoft, "Password must meet complexity requirements"). Names without accents are kept out too.
    """
    source = randomness or secrets.SystemRandom()
    forbidden = _name_parts(account)
    while True:
        characters = [source.choice(group) for group in (UPPER, LOWER, DIGITS, SYMBOLS)]
        characters += [source.choice(_ALL) for _ in range(LENGTH - len(characters))]
        source.shuffle(characters)
        password = "".join(characters)
        if not any(part in password.casefold() for part in forbidden):
            return SecretStr(password)


def sheet_passphrase(randomness: random.Random | None = None) -> SecretStr:
    """Return what opens a mailed sheet: 25 digits in groups of five, 83 bits, to be read over the telephone."""
    source = randomness or secrets.SystemRandom()
    groups = (
        "".join(source.choice("0123456789") for _ in range(PASSPHRASE_DIGITS)) for _ in range(PASSPHRASE_GROUPS)
    )
    return SecretStr(" ".join(groups))


def _name_parts(account: Account) -> frozenset[str]:
    """Return what must not be in the password: names, folded, as they are and without accents."""
    names = (account.display_name, account.given_name, account.surname, account.key, account.logon)
    spelled = [name.casefold() for name in names if name]
    plain = [_without_accents(name) for name in spelled]
    parts = {part for name in (*spelled, *plain) for part in (name, *_SEPARATORS.split(name))}
    return frozenset(part for part in parts if len(part) >= _SHORTEST_NAME)


def _without_accents(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))

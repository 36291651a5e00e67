"""Keys proposed from names, for a person to choose from: accents, compound names, particles and homonyms. Pure.

The forms are those in use (joel.diaz, felipedejesus.esquivel, facturacion.coepriss); nothing is renamed by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice

from reconciler.model import LOGON_LENGTH, AccountKey, derived_logon

LONGEST = 64
"""Characters of the longest key (RFC 5321: the local part of an address)."""

MOST = 6
"""Keys that are proposed at most."""

_KEY = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9]+)*")
_WORD = re.compile(r"[^\s,;/]+")
_JOINING = frozenset(
    {"de", "del", "la", "las", "los", "el", "san", "santa", "da", "do", "dos", "di", "van", "von", "mc"}
)
"""Words that belong to the one after them, in given names and surnames alike."""
_LINKING = frozenset({"y", "e", "i"})
_FILLING = _JOINING | _LINKING | {"para", "en", "a", "con"}
"""Words that the name of an area or a room does without."""

_UNFORTUNATE = frozenset(
    {
        "cabron", "cabrona", "caca", "cagada", "cagon", "chichi", "cola", "culo", "fea", "feo", "golfa",
        "idiota", "joto", "ladron", "loca", "loco", "mamon", "marica", "meada", "meon", "mierda", "moco",
        "mona", "naca", "naco", "nalga", "panocha", "pedo", "pendeja", "pendejo", "pene", "perra", "pinche",
        "pito", "puta", "puto", "rata", "ruin", "teta", "tonta", "tonto", "verga", "zorra",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """A key that could be somebody's. `logon` is what its sAMAccountName would be, cut where it is too long.

    `better_logon` is one to declare as `usuario_ad` in its place, None where the key's own serves; `unfortunate`
    is the word that the key turned into.
    """

    key: AccountKey
    logon: str
    better_logon: str | None = None
    unfortunate: str | None = None


_OTHERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "ŧ": "t", "ĸ": "k"}
    | {"Ł": "L", "Ø": "O", "Đ": "D", "Ð": "D", "Þ": "Th", "Æ": "Ae", "Œ": "Oe", "Ħ": "H", "Ŧ": "T"}
)
"""Letters of Europe that no mark was put on, so that none can be taken off (ICAO 9303, part 3, 6.A; ø as o)."""


def folded(text: str) -> str:
    """Return a text as keys spell it: no marks, no case, only a to z and digits; "" where nothing is left."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_OTHERS))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
    return re.sub(r"[^a-z0-9]", "", plain)


def person_keys(given: str, surnames: str, is_taken: Callable[[str], bool]) -> tuple[Naming, ...]:
    """Propose keys for a person, the most usual first: nobody's, and valid; none where the names give no letters.

    After `nombre.apellido` come the initial of the second surname, then both surnames, then a number.
    `is_taken` says of a key or a logon name whether it is or ever was anybody's, or is reserved.
    """
    first_names = _given(given)
    family = _surnames(surnames)
    if not first_names or not family:
        return ()
    first, second = family[0], "".join(family[1:])
    endings = [first, *([first + second[0], first + second] if second else [])]
    forms = (f"{name}.{ending}" for ending in endings for name in first_names)
    numbered = (f"{first_names[0]}.{first}{number}" for number in count(2))
    shortest = f"{first_names[-1]}.{first}", f"{first_names[-1][0]}.{first}", f"{first_names[-1][0]}{first}"
    return _proposed(forms, numbered, shortest, is_taken)


def shared_keys(name: str, unit: str, is_taken: Callable[[str], bool]) -> tuple[Naming, ...]:
    """Propose keys for a shared mailbox or a resource: what it is for, then the agency's siglas (`function.unit`)."""
    words = [word for word in map(folded, _WORD.findall(name)) if word and word not in _FILLING]
    ending = folded(unit)
    words = [word for word in words if word != ending]
    if not words or not ending:
        return ()
    lengths = dict.fromkeys(min(many, len(words)) for many in (1 if len(words) == 1 else 2, len(words), 1))
    forms = [f"{'.'.join(words[:many])}.{ending}" for many in lengths]
    numbered = (f"{forms[0]}{number}" for number in count(2))
    return _proposed(forms, numbered, (f"{words[0]}.{ending}", f"{words[0][:8]}.{ending}"), is_taken)


def unfortunate(key: str) -> str | None:
    """Return the word that a key shows and nobody would want as an address; None for none."""
    parts = [part.rstrip("0123456789") for part in key.split(".")]
    return next((part for part in parts if part in _UNFORTUNATE), None)


def named(key: str, is_taken: Callable[[str], bool], shortest: Iterable[str] = ()) -> Naming:
    """Return what there is to say of a key that somebody chose; `shortest` are logon names to try first."""
    logon = derived_logon(key)
    better = None
    if len(key) > LOGON_LENGTH:
        better = next(_logons(key, shortest, is_taken))
    return Naming(key=AccountKey(key), logon=logon, better_logon=better, unfortunate=unfortunate(key))


def _proposed(
    forms: Iterable[str], numbered: Iterator[str], shortest: Iterable[str], is_taken: Callable[[str], bool]
) -> tuple[Naming, ...]:
    usable = [form for form in dict.fromkeys(forms) if _is_free(form, is_taken)][: MOST - 1]
    fits = (form for form in islice(numbered, 10_000) if _is_free(form, is_taken))
    more = list(islice(fits, max(1, 2 - len(usable))))
    return tuple(named(form, is_taken, shortest) for form in (*usable, *more))


def _is_free(key: str, is_taken: Callable[[str], bool]) -> bool:
    return len(key) <= LONGEST and _KEY.fullmatch(key) is not None and not is_taken(key)


def _logons(key: str, shortest: Iterable[str], is_taken: Callable[[str], bool]) -> Iterator[str]:
    """Yield logon names of at most 20 characters that nobody has: short forms of the name, then the key cut."""
    cut = derived_logon(key)
    stem = cut[: LOGON_LENGTH - 4].rstrip(".")
    for one in (*shortest, cut, *(f"{stem}{number}" for number in range(2, 10_000))):
        if len(one) <= LOGON_LENGTH and not is_taken(one):
            yield one


def _given(text: str) -> list[str]:
    """Return a given name's forms: all of it fused, then its first one; those that can start a key."""
    groups = _groups(text)
    whole = "".join(groups)
    # what joins makes one name of two: «María de la Luz» is not «María», and is tried whole first all the same
    return [one for one in dict.fromkeys((whole, groups[0] if groups else "")) if one and one[0].isalpha()]


def _surnames(text: str) -> list[str]:
    return _groups(text)


def _groups(text: str) -> list[str]:
    """Fold a name word by word; particles go with the word that they precede, «y» with nobody."""
    found: list[str] = []
    waiting = ""
    for word in map(folded, _WORD.findall(text)):
        if not word or (word in _LINKING and found):
            continue
        if word in _JOINING:
            waiting += word
        else:
            found.append(waiting + word)
            waiting = ""
    return [*found, waiting] if waiting else found

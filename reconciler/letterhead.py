"""A letterhead, as a value: what the head and the foot of every document of the institution say."""

from __future__ import annotations

from dataclasses import dataclass

ACCENT = (98, 17, 50)
"""The institution's colour, in red, green and blue of 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What the head and the foot of every page say, and in which colour. `logo` is a PNG or JPEG file's content."""

    organization: str
    unit: str
    motto: str = ""
    foot: str = ""
    logo: bytes | None = None
    accent: tuple[int, int, int] = ACCENT

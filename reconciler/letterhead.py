"""A letterhead, as a value: what the head and the foot of every document say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What the head and the foot of every page say. `logo` is a PNG or JPEG file's content."""

    organization: str
    unit: str
    motto: str = ""
    foot: str = ""
    logo: bytes | None = None

"""Letters to enlaces and interested parties, from templates that a repository may replace (the only Jinja2)."""

from reconciler.letters.letters import Letters
from reconciler.letters.values import (
    OF_BAJA,
    TO_INTERESTED,
    Carta,
    Values,
    example,
    of_account,
    of_trial,
    of_welcome,
    recipient,
)

__all__ = [
    "OF_BAJA",
    "TO_INTERESTED",
    "Carta",
    "Letters",
    "Values",
    "example",
    "of_account",
    "of_trial",
    "of_welcome",
    "recipient",
]

"""Letters to enlaces and interested parties, from templates that a repository may replace (the only Jinja2)."""

from reconciler.letters.letters import Letters
from reconciler.letters.values import (
    OF_BAJA,
    TO_INTERESTED,
    Carta,
    Values,
    example,
    example_sheet,
    of_account,
    of_sheet,
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
    "example_sheet",
    "of_account",
    "of_sheet",
    "of_trial",
    "of_welcome",
    "recipient",
]

"""Letters to enlaces: what they say, from templates that a repository may replace (the only place with Jinja2)."""

from reconciler.letters.letters import Letters
from reconciler.letters.values import Carta, Values, example, of_account, of_trial, recipient

__all__ = ["Carta", "Letters", "Values", "example", "of_account", "of_trial", "recipient"]

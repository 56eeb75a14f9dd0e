"""What a model's tokens cost: rows of the rate table of PyPI twosignal 0.1.0 (reference/twosignal.md, section 10)."""

from __future__ import annotations

from typing import NamedTuple


class Price(NamedTuple):
    """US dollars for a million tokens."""

    prompt: float
    completion: float


PRICES = {
    "gpt-4o": Price(2.5, 10.0),
    "gpt-4o-mini": Price(0.15, 0.6),
    "gpt-4.1-mini": Price(0.2, 0.8),
    "o4-mini": Price(0.55, 2.2),
    "claude-sonnet-4-20250514": Price(3.0, 15.0),
    "claude-3-5-haiku-20241022": Price(0.8, 4.0),
    "gemini-2.5-flash": Price(0.15, 0.6),
}


def cost_of(model: str, prompt: int, completion: int) -> float:
    """US dollars, to the ten-thousandth of a cent."""
    price = PRICES[model]
    return round((prompt * price.prompt + completion * price.completion) / 1_000_000, 6)

"""What a reply cost. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens in and out, in the company's currency."""

    million_in: float = 0.0
    million_out: float = 0.0


def cost_of(tokens_in: int, tokens_out: int, prices: Prices) -> dict[str, float]:
    """The entries of a response's `cost`: tokens, those in and out, and what they cost."""
    price = (tokens_in * prices.million_in + tokens_out * prices.million_out) / 1_000_000
    return {
        "llm_tokens": float(tokens_in + tokens_out),
        "llm_tokens_in": float(tokens_in),
        "llm_tokens_out": float(tokens_out),
        "llm_cost": round(price, 8),
    }

"""The agents of the sample: their names, tools, questions and models. Everything is made up but the prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that an agent calls; slow and failing as the real ones are."""

    name: str
    milliseconds: tuple[int, int]
    """Least and most."""
    failure: float
    """Share of calls that fail, 0 to 1."""
    error: str


@dataclass(frozen=True, slots=True)
class Agent:
    """A kind of trace."""

    name: str
    weight: int
    """How often, beside the other agents."""
    tags: tuple[str, ...]
    models: tuple[str, ...]
    """Names of the price table; one is drawn for each trace."""
    source: str | None
    """What it looks up before it begins; None: nothing."""
    tools: tuple[Tool, ...]
    rounds: tuple[int, int]
    """Least and most times that it asks the model and then calls a tool, before it answers."""
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    evaluators: tuple[str, ...]


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


AGENTS = (
    Agent(
        name="support-agent",
        weight=5,
        tags=("support", "customer-facing"),
        models=("gpt-4o-mini", "gpt-4o", "claude-3-5-haiku-20241022"),
        source="help-center",
        tools=(
            Tool("lookup_order", (40, 400), 0.03, "OrderNotFound: no order with this number"),
            Tool("create_ticket", (80, 600), 0.02, "TimeoutError: ticket service did not answer in 5 s"),
        ),
        rounds=(0, 2),
        inputs=(
            "How do I reset my password?",
            "My order has not arrived yet. Can you check where it is?",
            "I was charged twice this month, please refund one of the payments.",
            "Can I change the delivery address of an order that was placed yesterday?",
        ),
        outputs=(
            "Open the settings page, choose Security, and follow the link in the e-mail that we send you.",
            "Your parcel left our warehouse yesterday and should arrive on Thursday.",
            "I have opened a ticket for the double charge; you get the refund within five days.",
        ),
        evaluators=("helpfulness", "politeness", "human-review"),
    ),
    Agent(
        name="research-assistant",
        weight=3,
        tags=("research", "rag"),
        models=("claude-sonnet-4-20250514", "gpt-4o", "o4-mini"),
        source="paper-index",
        tools=(
            Tool("web_search", (300, 2500), 0.06, "HTTPError: 503 from the search provider"),
            Tool("read_page", (200, 1800), 0.08, "UnicodeDecodeError: the page is not text"),
            Tool("calculator", (1, 15), 0.01, "ZeroDivisionError: division by zero"),
        ),
        rounds=(1, 4),
        inputs=(
            "Compare the energy use of heat pumps and gas boilers in a house of 1970.",
            "Which methods for long-context retrieval were published this year, and how do they differ?",
            "Summarize what is known about the effect of sleep on memory in adults over sixty.",
        ),
        outputs=(
            "Over a year the heat pump needs about a third of the energy; three sources agree, one measures less.",
            "Four methods stand out. Two compress the context, two rank passages again; the latter cost more calls.",
            "Most studies find a small benefit; the largest of them finds none once illness is accounted for.",
        ),
        evaluators=("faithfulness", "citation-coverage"),
    ),
    Agent(
        name="code-reviewer",
        weight=2,
        tags=("engineering", "ci"),
        models=("claude-sonnet-4-20250514", "gpt-4o"),
        source=None,
        tools=(
            Tool("read_diff", (20, 200), 0.01, "FileNotFoundError: the branch was deleted"),
            Tool("run_tests", (1500, 20000), 0.12, "TestFailure: 3 of 214 tests failed"),
        ),
        rounds=(1, 3),
        inputs=(
            "Review the change that adds retries to the exporter.",
            "Review the migration of the sessions table and check that it can be rolled back.",
        ),
        outputs=(
            "Two remarks: the delay is not capped, and the last error is swallowed in exporter.py.",
            "The migration is safe to roll back; the index should be built concurrently.",
        ),
        evaluators=("finding-precision", "human-review"),
    ),
    Agent(
        name="invoice-extractor",
        weight=3,
        tags=("documents", "batch"),
        models=("gpt-4.1-mini", "gemini-2.5-flash"),
        source=None,
        tools=(Tool("ocr", (400, 3000), 0.04, "ValueError: page 2 is blank"),),
        rounds=(1, 1),
        inputs=("Extract number, date, total and currency from the attached invoice.",),
        outputs=(
            '{"number": "INV-2041", "date": "2026-03-02", "total": 1249.5, "currency": "EUR"}',
            '{"number": "88-1107", "date": "2026-02-27", "total": 83.0, "currency": "USD"}',
        ),
        evaluators=("json-schema", "exact-total"),
    ),
    Agent(
        name="travel-planner",
        weight=2,
        tags=("beta",),
        models=("gpt-4o", "gemini-2.5-flash", "gpt-4o-mini"),
        source="destinations",
        tools=(
            Tool("search_flights", (600, 4000), 0.07, "RateLimitError: the airline allows 10 requests a minute"),
            Tool("search_hotels", (500, 3000), 0.05, "TimeoutError: hotel service did not answer in 5 s"),
            Tool("weather", (100, 700), 0.03, "KeyError: no forecast for this date"),
        ),
        rounds=(2, 5),
        inputs=(
            "Plan a weekend in Lisbon for two, at most 600 euros, leaving on Friday evening.",
            "We are four people and want to hike in the Alps in June without a car. What do you suggest?",
        ),
        outputs=(
            "Fly on Friday at 18:40, stay in Alfama, and come back on Sunday at 21:05; together 548 euros.",
            "Take the night train to Bludenz; three huts are free from the 12th to the 15th of June.",
        ),
        evaluators=("constraint-satisfaction", "helpfulness"),
    ),
)

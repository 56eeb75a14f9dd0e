"""Evaluators that judge what a trace measures: its latency and its cost. A single output has neither."""

from __future__ import annotations

from twosignal_mock.apis.rest.evaluators._values import Config, Subject, Verdict

_NO_DURATION = Verdict(0.0, False, "there is no duration: it is a trace that has one")
_NO_COST = Verdict(0.0, False, "there is no cost: it is a trace that has one")
_DEFAULT_TARGET = 2
"""The maximum is divided by it when no target is given, as the page on cost says of cost."""


def latency(subject: Subject, config: Config) -> Verdict:
    """1 up to the target, 0 from the maximum on, a line between them; judged as cost, for its page is not known."""
    if subject.duration is None:
        return _NO_DURATION
    score = _line(subject.duration, config["max_ms"], config.get("target_ms"))
    return Verdict(score, score > 0, f"{subject.duration} ms, at most {config['max_ms']} are allowed")


def cost(subject: Subject, config: Config) -> Verdict:
    """1 up to the target, 0 from the maximum on, a line between them; what the spans of the trace cost together."""
    if subject.cost is None:
        return _NO_COST
    score = _line(float(subject.cost), config["max_cost_usd"], config.get("target_cost_usd"))
    return Verdict(score, score > 0, f"{subject.cost} USD, at most {config['max_cost_usd']} are allowed")


def response_time_sla(subject: Subject, config: Config) -> Verdict:
    """The score of the first tier, by its maximum, that covers the duration; 0 beyond all of them."""
    if subject.duration is None:
        return _NO_DURATION
    tiers = sorted(config["tiers"], key=lambda tier: tier["max_ms"])
    for tier in tiers:
        if subject.duration <= tier["max_ms"]:
            return Verdict(tier["score"], tier["score"] > 0, f"{subject.duration} ms, tier {tier['name'][:200]}")
    return Verdict(0.0, False, f"{subject.duration} ms, beyond all tiers")


def _line(value: float, most: float, target: float | None) -> float:
    """Rounded to four places."""
    wanted = most / _DEFAULT_TARGET if target is None else target
    if value <= wanted:
        return 1.0 if value <= most else 0.0
    return 0.0 if value >= most else round((most - value) / (most - wanted), 4)

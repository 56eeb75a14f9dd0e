"""The catalogue of evaluators: how each type is decided, and what carries it out with the defaults of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest.evaluators._distance_rules import levenshtein, similarity
from twosignal_mock.apis.rest.evaluators._elsewhere import Elsewhere, Judge
from twosignal_mock.apis.rest.evaluators._json_rules import json_schema
from twosignal_mock.apis.rest.evaluators._language_rules import bias_detection, prompt_injection, sentiment, toxicity
from twosignal_mock.apis.rest.evaluators._measure_rules import cost, latency, response_time_sla
from twosignal_mock.apis.rest.evaluators._outgoing import Outgoing, WebhookPolicy
from twosignal_mock.apis.rest.evaluators._policy_rules import compliance_check, pii_detection
from twosignal_mock.apis.rest.evaluators._questions import QUESTIONS
from twosignal_mock.apis.rest.evaluators._step_rules import tool_call_validation, workflow_adherence
from twosignal_mock.apis.rest.evaluators._text_rules import (
    contains,
    ends_with,
    exact_match,
    length,
    regex_match,
    starts_with,
)
from twosignal_mock.apis.rest.evaluators._values import Config, Evaluator, EvaluatorError, Subject, Verdict
from twosignal_mock.engine.api import Dependencies

EVALUATION = "x-rest-evaluation"
"""Member of the document: the lag, the model and the webhooks of evaluators."""
WEBHOOK = "WEBHOOK"
OUTSIDE = "CUSTOM"
"""Its logic is outside: what it finds comes as a score of its own, and it judges nothing here."""


def _outside(subject: Subject, config: Config) -> Verdict:
    del subject, config
    return Verdict(0.0, False, "its logic is outside of the server: send what it finds as a score")


RULES: Mapping[str, Evaluator] = {
    "CONTAINS": contains,
    "REGEX_MATCH": regex_match,
    "JSON_SCHEMA": json_schema,
    "EXACT_MATCH": exact_match,
    "STARTS_WITH": starts_with,
    "ENDS_WITH": ends_with,
    "LENGTH": length,
    "LEVENSHTEIN": levenshtein,
    "SIMILARITY": similarity,
    "SENTIMENT": sentiment,
    "TOXICITY": toxicity,
    "TOOL_CALL_VALIDATION": tool_call_validation,
    "PII_DETECTION": pii_detection,
    "COMPLIANCE_CHECK": compliance_check,
    "WORKFLOW_ADHERENCE": workflow_adherence,
    "LATENCY": latency,
    "COST": cost,
    "RESPONSE_TIME_SLA": response_time_sla,
    "PROMPT_INJECTION": prompt_injection,
    "BIAS_DETECTION": bias_detection,
    OUTSIDE: _outside,
}
"""By type: the rule; a further evaluator is one more row. Types with a question as well have a `mode` that chooses."""

EVALUATORS: tuple[str, ...] = tuple(dict.fromkeys((*RULES, *QUESTIONS, WEBHOOK)))
"""All types."""

_MODES: Mapping[str, tuple[bool, bool]] = {"deterministic": (True, False), "llm": (False, True), "both": (True, True)}
"""By `mode`: whether the rule decides, and whether the model does."""


@dataclass(frozen=True, slots=True)
class Row:
    """What a catalogue knows of a type."""

    defaults: Mapping[str, Any]
    needs: tuple[str, ...]
    """Keys without which it cannot judge."""


class Catalogue:
    """Runs evaluators with the defaults of a contract."""

    def __init__(self, contract: Contract, dependencies: Dependencies) -> None:
        schemas = contract.document["components"]["schemas"]
        mapping = schemas["Evaluator"]["discriminator"]["mapping"]
        self._rows = {
            kind: _read_row(schemas[reference.rpartition("/")[2]])
            for kind, reference in mapping.items()
            if kind in EVALUATORS
        }
        options = dependencies.options
        url = options.get("judge_url")
        self._elsewhere = Elsewhere(
            contract.document[EVALUATION],
            Outgoing(WebhookPolicy(options.get("webhooks") or WebhookPolicy.LOOPBACK)),
            None if url is None else Judge(url, options.get("judge_key")),
            dependencies.seed,
        )

    @property
    def kinds(self) -> Iterable[str]:
        """The types that are run."""
        return self._rows

    def complete(self, kind: str, config: Mapping[str, Any]) -> Config:
        """A configuration with defaults. Raises EvaluatorError for an unknown type, or a key that is missing."""
        row = self._rows.get(kind)
        if row is None:
            raise EvaluatorError(".type", f"is {kind}; this server runs {', '.join(self._rows)}")
        if missing := [key for key in row.needs if key not in config]:
            raise EvaluatorError(f".config.{missing[0]}", "is missing")
        # For JSON Schema 1.0 is an integer, too.
        sent = {
            key: int(value) if isinstance(value, float) and value.is_integer() else value
            for key, value in config.items()
        }
        return {**row.defaults, **sent}

    def waits(self, kind: str, config: Config) -> bool:
        """True when a verdict needs somebody elsewhere, and so time."""
        return kind == WEBHOOK or (kind in QUESTIONS and _mode(kind, config)[1])

    def judge(self, kind: str, subject: Subject, config: Config) -> Verdict:
        """The verdict of a rule; raises EvaluatorError."""
        return RULES[kind](subject, config)

    async def ask(self, kind: str, subject: Subject, config: Config) -> Verdict:
        """The verdict of one that waits; raises EvaluatorError. With mode `both` the lower of two."""
        if kind == WEBHOOK:
            return await self._elsewhere.post_webhook(subject, config)
        verdicts = [RULES[kind](subject, config)] if _mode(kind, config)[0] else []
        verdicts.append(await self._elsewhere.ask_model(kind, subject, config))
        return min(verdicts, key=lambda verdict: (verdict.score, verdict.passed))


def _mode(kind: str, config: Config) -> tuple[bool, bool]:
    return _MODES[config["mode"]] if kind in RULES else _MODES["llm"]


def _read_row(schema: Mapping[str, Any]) -> Row:
    """From the schema of an evaluator."""
    config = schema["properties"]["config"]
    properties = config.get("properties", {})
    defaults = {name: row["default"] for name, row in properties.items() if "default" in row}
    return Row(defaults, tuple(config.get("required", ())))

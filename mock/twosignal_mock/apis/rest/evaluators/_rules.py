"""Which evaluators this server runs, with which defaults, and when an output passes them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from twosignal_mock.apis.rest.evaluators._distance_rules import levenshtein, similarity
from twosignal_mock.apis.rest.evaluators._json_rules import json_schema
from twosignal_mock.apis.rest.evaluators._pattern_rules import regex_match
from twosignal_mock.apis.rest.evaluators._text_rules import contains, ends_with, exact_match, length, starts_with
from twosignal_mock.apis.rest.evaluators._values import Evaluator, EvaluatorError, Subject, Verdict

EVALUATORS: Mapping[str, Evaluator] = {
    "CONTAINS": contains,
    "REGEX_MATCH": regex_match,
    "JSON_SCHEMA": json_schema,
    "EXACT_MATCH": exact_match,
    "STARTS_WITH": starts_with,
    "ENDS_WITH": ends_with,
    "LENGTH": length,
    "LEVENSHTEIN": levenshtein,
    "SIMILARITY": similarity,
}
"""By type; a further evaluator is one more row."""

_WHOLE: Mapping[str, Callable[[Iterable[bool]], bool]] = {"any": all, "all": any}
"""By what makes the whole fail (`any` one evaluator, or only `all` of them): whether it passes."""


class Bench:
    """Runs evaluators with the defaults of a contract."""

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        """`schemas`: /components/schemas of the document."""
        mapping = schemas["Evaluator"]["discriminator"]["mapping"]
        self._defaults = {
            kind: _defaults(schemas[reference.rpartition("/")[2]])
            for kind, reference in mapping.items()
            if kind in EVALUATORS
        }
        self._fail_mode = schemas["ValidateRequest"]["properties"]["failMode"]["default"]

    def run(self, subject: Subject, kind: str, config: Mapping[str, Any]) -> Verdict:
        """What the evaluator of a type says. Raises EvaluatorError when it cannot be run."""
        if kind not in self._defaults:
            raise EvaluatorError(".type", f"is {kind}; this server runs {', '.join(self._defaults)}")
        return EVALUATORS[kind](subject, {**self._defaults[kind], **config})

    def passes(self, verdicts: Iterable[Verdict], fail_mode: str | None) -> bool:
        """Whether the output passes as a whole; `fail_mode` None is the contract's default."""
        return _WHOLE[fail_mode or self._fail_mode](verdict.passed for verdict in verdicts)


def _defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a configuration has when it is silent, from the schema of its evaluator."""
    properties = schema["properties"]["config"].get("properties", {})
    return {name: row["default"] for name, row in properties.items() if "default" in row}

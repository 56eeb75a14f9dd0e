"""How complex an input is, and which rule of a configuration it meets. Pure: one input has one decision.

Everything that can be measured comes from /x-rest-routing; what its words leave open is said where it is decided.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import ceil
from typing import Any

import re2  # type: ignore[import-untyped] # it ships no types

from twosignal_mock.apis.rest.routing._model import Complexity, Indicator, Routing
from twosignal_mock.apis.rest.store import RoutingConfig


@dataclass(frozen=True, slots=True)
class Prompt:
    """An input, measured once for all rules."""

    text: str
    tokens: int
    """Estimated, from its characters; 0 when it is empty."""
    complexity: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The model to use, and why."""

    model: str
    config: str
    """Name of the configuration that decided."""
    complexity: float
    """0 to 1."""


class Router:
    """Decides by the measures of a contract; everything that can be compiled is compiled when it is made."""

    def __init__(self, routing: Routing, priority: str) -> None:
        """`priority`: a value of the dialect `rule-priority`, the direction in which rules are asked."""
        self._measure = Measure(routing.complexity)
        self._descending = priority == "descending"

    def decide(self, text: str, config: RoutingConfig) -> Decision:
        """The model of the first rule that the text meets, else the default; rules of one priority keep their order."""
        prompt = self._measure(text)
        rules = sorted(config.rules, key=lambda rule: rule.priority, reverse=self._descending)
        met = (rule.model for rule in rules if _CONDITIONS[rule.condition["type"]](prompt, rule.condition))
        return Decision(next(met, config.default_model), config.name, prompt.complexity)


class Measure:
    """Gives the tokens and the complexity of a text, in time that grows with its length alone."""

    def __init__(self, complexity: Complexity) -> None:
        self._complexity = complexity
        self._signs = tuple(re2.compile(sign.encode()) for sign in complexity.structure.signs.values())

    def __call__(self, text: str) -> Prompt:
        """The weighted sum of four factors, each 0 to 1, rounded to the contract's decimals; an empty text has 0."""
        complexity = self._complexity
        tokens = ceil(len(text) / complexity.length.characters_per_token)
        words = Counter(_WORD.findall(text.lower()))
        total = (
            complexity.length.weight * min(1.0, tokens / complexity.length.full_at_tokens)
            + complexity.vocabulary_weight * _richness(words)
            + complexity.question_weight * self._question(text, words)
            + complexity.structure.weight * self._structure(text)
        )
        return Prompt(text, tokens, round(min(1.0, total), complexity.decimals))

    def _question(self, text: str, words: Counter[str]) -> float:
        """Reasoning and comparing words by their number; parts by the question marks, of which `??` is one."""
        complexity = self._complexity
        return (
            _reached(complexity.reasoning, _count(words, complexity.reasoning.words))
            + _reached(complexity.parts, sum(1 for _ in islice(_QUESTION.finditer(text), complexity.parts.full_at)))
            + _reached(complexity.comparison, _count(words, complexity.comparison.words))
        )

    def _structure(self, text: str) -> float:
        """How many of the signs stand in the text at all."""
        encoded = text.encode()
        found = sum(sign.search(encoded) is not None for sign in self._signs)
        return min(1.0, found / self._complexity.structure.full_at)


# Letters and digits, joined by hyphens or apostrophes: `trade-off` is one word. Nothing here can backtrack far.
_WORD = re.compile(r"[^\W_]+(?:[-'\u2019][^\W_]+)*")
# The question marks of Latin, Chinese and Arabic.
_QUESTION = re.compile(r"[?\uff1f\u061f]+")

_CONDITIONS: Mapping[str, Callable[[Prompt, Mapping[str, Any]], bool]] = {
    "complexity": lambda prompt, condition: prompt.complexity > condition["threshold"],
    "token_count": lambda prompt, condition: prompt.tokens > condition["maxTokens"],
    "keyword": lambda prompt, condition: _has_keyword(prompt.text, tuple(condition["keywords"])),
    "always": lambda prompt, condition: True,
}
"""By the `type` of a condition: whether a prompt meets it."""


def _richness(words: Counter[str]) -> float:
    """Different words in all words, whatever their case."""
    return len(words) / words.total() if words else 0.0


def _count(words: Counter[str], wanted: tuple[str, ...]) -> int:
    return sum(words[word.lower()] for word in wanted)


def _reached(indicator: Indicator, count: int) -> float:
    """The share that a count gives: in full from `full_at` on, in proportion below."""
    return indicator.share * min(1.0, count / (indicator.full_at or 1))


def _has_keyword(text: str, keywords: tuple[str, ...]) -> bool:
    return bool(keywords) and _keyword_pattern(keywords).search(text.encode()) is not None


@lru_cache(maxsize=64)
def _keyword_pattern(keywords: tuple[str, ...]) -> Any:
    r"""Any of the keywords as a whole word: `c++` is one too, which is why this is not `\b`."""
    choice = "|".join(re2.escape(keyword) for keyword in keywords)
    return re2.compile(rf"(?i)(?:^|[^\pL\pN\pM_])(?:{choice})(?:$|[^\pL\pN\pM_])".encode())

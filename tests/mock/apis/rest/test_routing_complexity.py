"""Complexity: each factor of /x-rest-routing/complexity alone, and what holds for every text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twosignal_mock.apis.rest.routing import Complexity, Router, read_routing

from tests.mock.apis.rest.desk import the_contract

ROUTING = read_routing(the_contract().extension("x-rest-routing"))
MEASURES = ROUTING.complexity
ROUTER = Router(ROUTING, ROUTING.priority)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def complexity(text: str, measures: Complexity = MEASURES) -> float:
    router = ROUTER if measures is MEASURES else Router(replace(ROUTING, complexity=measures), ROUTING.priority)
    return router.decide(text, ROUTING.default_config).complexity


def of_length(text: str) -> float:
    tokens = -(-len(text) // MEASURES.length.characters_per_token)
    return MEASURES.length.weight * min(1, tokens / MEASURES.length.full_at_tokens)


def rounded(*parts: float) -> float:
    return round(sum(parts), MEASURES.decimals)


FULL_LENGTH = "." * int(MEASURES.length.full_at_tokens * MEASURES.length.characters_per_token)
REASONING, PARTS, COMPARISON = MEASURES.reasoning, MEASURES.parts, MEASURES.comparison
QUESTION = MEASURES.question_weight


@pytest.mark.parametrize(
    ("text", "factors"),
    [
        ("", []),
        ("   ", []),
        (FULL_LENGTH, []),
        (FULL_LENGTH * 2, []),
        ("hello", [MEASURES.vocabulary_weight]),
        ("hello Hello HELLO hello", [MEASURES.vocabulary_weight / 4]),
        ("it's well-known", [MEASURES.vocabulary_weight]),
        ("?", [QUESTION * PARTS.share / (PARTS.full_at or 1)]),
        ("???", [QUESTION * PARTS.share / (PARTS.full_at or 1)]),
        ("? " * (PARTS.full_at or 1), [QUESTION * PARTS.share]),
        ("? " * 9, [QUESTION * PARTS.share]),
        (
            REASONING.words[0].upper(),
            [MEASURES.vocabulary_weight, QUESTION * REASONING.share / (REASONING.full_at or 1)],
        ),
        (
            " ".join(REASONING.words[: REASONING.full_at]),
            [MEASURES.vocabulary_weight, QUESTION * REASONING.share],
        ),
        (" ".join(REASONING.words), [MEASURES.vocabulary_weight, QUESTION * REASONING.share]),
        (COMPARISON.words[0], [MEASURES.vocabulary_weight, QUESTION * COMPARISON.share]),
        (" ".join(COMPARISON.words), [MEASURES.vocabulary_weight, QUESTION * COMPARISON.share]),
        (f"{COMPARISON.words[0]}x", [MEASURES.vocabulary_weight]),
    ],
)
def test_each_factor_counts_with_its_weight(text: str, factors: list[float]) -> None:
    assert complexity(text) == rounded(of_length(text), *factors)


SIGNS = {
    "code-block": ["```", "``` ```"],
    "json-or-xml": ['{ "": [', "</>"],
    "table": ["||", "  | | |  "],
    "nested-list": ["  - ", "\t* "],
    "url": ["https://", "http://"],
}
"""By name of a sign: texts that have it and, as far as that can be, no word."""


def test_every_sign_of_the_contract_has_samples() -> None:
    assert set(SIGNS) == set(MEASURES.structure.signs)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_of_structure_counts_once(sign: str) -> None:
    only = replace(MEASURES, vocabulary_weight=0, question_weight=0, length=replace(MEASURES.length, weight=0))
    first, second = SIGNS[sign] if sign != "json-or-xml" else ('{ "": [', "</a>")
    expected = rounded(MEASURES.structure.weight / MEASURES.structure.full_at)
    assert [complexity(text, only) for text in (first, second, f"{first}\n{first}")] == [expected] * 3


def test_structure_is_full_at_its_number_of_signs() -> None:
    only = replace(MEASURES, vocabulary_weight=0, question_weight=0, length=replace(MEASURES.length, weight=0))
    text = "\n".join(samples[0] for samples in SIGNS.values())
    assert complexity(text, only) == MEASURES.structure.weight


def test_weights_and_decimals_are_the_contracts() -> None:
    assert complexity("one two three one", replace(MEASURES, vocabulary_weight=0.5, decimals=4)) == 0.3756


def test_a_long_question_with_code_is_more_complex_than_a_greeting() -> None:
    question = (
        "Compare the two designs below, explain the trade-offs, and why the first one is better under load? "
        "Which one would you choose, and how would you debug it?\n```python\ndef run(): ...\n```\nhttps://example.com\n"
    )
    assert complexity("Hi there") < complexity(question)


@given(ANY_TEXT)
def test_complexity_is_from_0_to_1_with_the_contracts_decimals(text: str) -> None:
    value = complexity(text)
    assert 0 <= value <= 1
    assert value == round(value, MEASURES.decimals)


@given(ANY_TEXT)
def test_the_same_text_gives_the_same_decision_every_time(text: str) -> None:
    fresh = Router(ROUTING, ROUTING.priority)
    assert ROUTER.decide(text, ROUTING.default_config) == fresh.decide(text, ROUTING.default_config)

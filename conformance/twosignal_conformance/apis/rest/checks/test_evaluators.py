"""What each evaluator says of an output: one table for each way to ask, a row for each rule."""

from __future__ import annotations

import json

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, covers
from twosignal_conformance.apis.rest.checks.evaluators import TEXT, Case, Sheet, judge_sheets, said_of
from twosignal_conformance.engine.api_client import member

_JSON = json.dumps({"state": "Shipped", "count": 3, "items": ["one", "two"]})
_WORDS = len(_JSON.split())


def _schema(**properties: object) -> dict[str, object]:
    """The configuration of JSON_SCHEMA that demands something of members of _JSON."""
    return {"schema": {"type": "object", "required": list(properties), "properties": properties}}


_INNER = {"a": 1, "b": [1, 2], "c": True}
_NESTED = json.dumps({"inner": _INNER})
_TURNED = dict(reversed(_INNER.items()))
"""The same JSON: the members of an object have no order."""
_DIFFERENT_ORDER, _ALIKE = {**_INNER, "b": [2, 1]}, {**_INNER, "c": 1}
"""Other JSON: items of an array have an order, and true is no number."""


def _one_of(*values: object) -> dict[str, object]:
    """The configuration of JSON_SCHEMA that demands one of these values."""
    return _schema(inner={"enum": list(values)})


_FITTING = _schema(
    state={"type": "string", "minLength": 1, "maxLength": 7, "enum": ["Lost", "Shipped"]},
    count={"type": "number", "minimum": 3, "maximum": 3},
    items={"type": "array", "items": {"type": "string"}},
)

_SHEETS = (
    Sheet(
        TEXT,
        (
            Case("validate.contains.any", "CONTAINS", {"value": ["banana", "refund"]}, passes=True),
            Case("validate.regex.match", "REGEX_MATCH", {"pattern": "refund i[st]"}, passes=True),
            Case("validate.json-schema.not-json", "JSON_SCHEMA", {"schema": {"type": "object"}}, passes=False),
            Case("validate.exact-match.no-expectation", "EXACT_MATCH", score=0),
            Case("validate.starts-with.default", "STARTS_WITH", {"value": "your REFUND"}, passes=True),
            Case("validate.ends-with.default", "ENDS_WITH", {"value": "its WAY"}, passes=True),
            Case("validate.length.bounds", "LENGTH", {"min": len(TEXT), "max": len(TEXT)}, passes=True),
        ),
    ),
    Sheet(
        TEXT,
        (
            Case("validate.contains.any", "CONTAINS", {"value": ["banana", "kiwi"]}, passes=False),
            Case("validate.regex.match", "REGEX_MATCH", {"pattern": "^refund"}, passes=False),
            Case("validate.starts-with.default", "STARTS_WITH", {"value": "refund"}, passes=False),
            Case("validate.ends-with.default", "ENDS_WITH", {"value": "refund"}, passes=False),
            Case("validate.length.bounds", "LENGTH", {"max": len(TEXT) - 1}, passes=False),
        ),
    ),
    Sheet(TEXT, (Case("validate.contains.any", "CONTAINS", {"value": "refund"}, passes=True),)),
    Sheet(TEXT, (Case("validate.contains.any", "CONTAINS", {"value": "banana"}, passes=False),)),
    Sheet(_NESTED, (Case("validate.json-schema.match", "JSON_SCHEMA", _one_of([2, 1], _TURNED), passes=True),)),
    Sheet(_NESTED, (Case("validate.json-schema.match", "JSON_SCHEMA", _one_of(_DIFFERENT_ORDER), passes=False),)),
    Sheet(_NESTED, (Case("validate.json-schema.match", "JSON_SCHEMA", _one_of(_ALIKE), passes=False),)),
)

_MORE_SHEETS = (
    Sheet(
        _JSON,
        (
            Case("validate.contains.all", "CONTAINS", {"value": ["shipped", "one"], "mode": "all"}, passes=True),
            Case("validate.regex.negate", "REGEX_MATCH", {"pattern": "banana", "negate": True}, passes=True),
            Case("validate.json-schema.match", "JSON_SCHEMA", _FITTING, passes=True),
            Case("validate.length.bounds", "LENGTH", {"min": len(_JSON) + 1}, passes=False),
        ),
    ),
    Sheet(
        _JSON,
        (
            Case("validate.contains.all", "CONTAINS", {"value": ["shipped", "banana"], "mode": "all"}, passes=False),
            Case("validate.regex.negate", "REGEX_MATCH", {"pattern": "shipped", "negate": True}, passes=False),
            Case("validate.json-schema.match", "JSON_SCHEMA", _schema(absent={}), passes=False),
            Case("validate.length.bounds", "LENGTH", {"min": _WORDS, "max": _WORDS, "unit": "words"}, passes=True),
        ),
    ),
    Sheet(
        _JSON,
        (
            Case("validate.contains.negate", "CONTAINS", {"value": "banana", "negate": True}, passes=True),
            Case("validate.json-schema.match", "JSON_SCHEMA", _schema(count={"maximum": 2}), passes=False),
            Case("validate.length.bounds", "LENGTH", {"max": _WORDS - 1, "unit": "words"}, passes=False),
        ),
    ),
    Sheet(
        _JSON,
        (
            Case("validate.contains.negate", "CONTAINS", {"value": "shipped", "negate": True}, passes=False),
            Case("validate.json-schema.match", "JSON_SCHEMA", _schema(state={"enum": ["Lost"]}), passes=False),
        ),
    ),
    Sheet(
        _JSON,
        (
            Case("validate.contains.case", "CONTAINS", {"value": "shipped", "case_sensitive": True}, passes=False),
            Case(
                "validate.json-schema.match", "JSON_SCHEMA", _schema(items={"items": {"type": "number"}}), passes=False
            ),
        ),
    ),
    Sheet(
        _JSON,
        (
            Case("validate.contains.case", "CONTAINS", {"value": "Shipped", "case_sensitive": True}, passes=True),
            Case("validate.json-schema.match", "JSON_SCHEMA", _schema(state={"maxLength": 6}), passes=False),
        ),
    ),
    Sheet(
        f"  {TEXT} \n",
        (
            Case("validate.starts-with.default", "STARTS_WITH", {"value": " your "}, passes=True),
            Case("validate.ends-with.default", "ENDS_WITH", {"value": " way\t"}, passes=True),
        ),
    ),
)

_SAME = Sheet(
    "a kitten on the mat",
    (
        Case("validate.exact-match.default", "EXACT_MATCH", passes=True),
        Case("validate.levenshtein.score", "LEVENSHTEIN", score=1),
        Case("validate.similarity.same", "SIMILARITY", score=1),
    ),
    expected="a kitten on the mat",
)
_DIFFERENT = Sheet(
    "kitten",
    (
        Case("validate.exact-match.default", "EXACT_MATCH", passes=False),
        # Three edits of seven letters.
        Case("validate.levenshtein.score", "LEVENSHTEIN", score=0.57),
        Case("validate.similarity.same", "SIMILARITY", score=0),
    ),
    expected="sitting",
)
_COMPARISONS = (
    _SAME,
    _DIFFERENT,
    Sheet("", (Case("validate.levenshtein.score", "LEVENSHTEIN", score=0),), expected="a"),
    Sheet("ab", (Case("validate.levenshtein.score", "LEVENSHTEIN", score=0.5),), expected="a"),
    Sheet("ab", (Case("validate.levenshtein.score", "LEVENSHTEIN", score=0),), expected="ba"),
    Sheet("a" * 300, (Case("validate.levenshtein.score", "LEVENSHTEIN", score=0.99),), expected="a" * 297 + "bcd"),
    Sheet(" A Kitten\n", (Case("validate.exact-match.default", "EXACT_MATCH", passes=True),), expected="a kitten"),
    Sheet(
        "kitten",
        (
            Case("validate.levenshtein.threshold", "LEVENSHTEIN", {"threshold": 0.5}, passes=True),
            Case("validate.similarity.threshold", "SIMILARITY", {"threshold": 0}, passes=True),
        ),
        expected="sitting",
    ),
    Sheet(
        "kitten",
        (
            Case("validate.levenshtein.threshold", "LEVENSHTEIN", {"threshold": 0.65}, passes=False),
            Case("validate.similarity.threshold", "SIMILARITY", {"threshold": 0.1}, passes=False),
        ),
        expected="sitting",
    ),
)


@covers(*sorted({case.clause for sheet in _SHEETS for case in sheet.cases}))
def test_evaluators_of_text_follow_their_rules(client: ApiClient, judge: Judge) -> None:
    """What passes and what does not, without options."""
    judge_sheets(client, judge, _SHEETS)


@covers(*sorted({case.clause for sheet in _MORE_SHEETS for case in sheet.cases}), profile="standard")
def test_evaluators_of_text_have_options(client: ApiClient, judge: Judge) -> None:
    """All of several values, negation, case, words, schemas, whitespace around."""
    judge_sheets(client, judge, _MORE_SHEETS)


@covers(
    "validate.evaluators.expected-output",
    *sorted({case.clause for sheet in _COMPARISONS for case in sheet.cases}),
    profile="standard",
)
def test_evaluators_compare_with_what_is_expected(client: ApiClient, judge: Judge) -> None:
    """No source says that there is an expectedOutput: of a server that does not read it nothing else is asked."""
    same, different = said_of(client, _SAME), said_of(client, _DIFFERENT)
    telling = [
        kind for kind in same if member(same[kind], "pass") is True and member(different.get(kind), "pass") is False
    ]
    judge.observe("validate.evaluators.expected-output", f"read by {', '.join(telling) or 'no evaluator'}")
    judge.require(telling, "no evaluator tells an output that is expected from one that is not")
    judge_sheets(client, judge, _COMPARISONS)

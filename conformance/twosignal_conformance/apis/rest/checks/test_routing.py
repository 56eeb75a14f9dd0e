"""Model routing: the decision, what it needs, that it repeats, and that hard questions count as harder."""

from __future__ import annotations

from typing import Any

from twosignal_conformance.apis.rest.checks import MISSING, ApiClient, Exchange, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.judging import judge_cause, judge_status
from twosignal_conformance.apis.rest.checks.responses import is_number
from twosignal_conformance.apis.rest.checks.sizes import judge_sizes

_GREETING = "Hello"

_DEMANDING = """Why does the first design fail under load, and how would you derive a better one? Compare both designs,
explain the trade-offs, the advantages and disadvantages, and justify which difference matters. What would you debug?

```python
def total(rows): return sum(row["cost"] for row in rows)
```

| design | cost |
|--------|------|
| first  | 3    |

- measure
  - latency
  - cost

See https://example.com/design and {"budget": 3}.
"""
"""Everything of which the contract says that it makes an input complex."""

_EDGES = (
    "",
    "?",
    " \n\t",
    "0 " * 300,
    "why? " * 400,
    "```\n" * 200,
    "|a|b|\n|-|-|\n" * 100,
    "漢字\U0001f642 " * 300,
    _DEMANDING * 20,
    _DEMANDING + " ".join(f"word{number}" for number in range(3000)),
    "\n".join(f"{_DEMANDING} {number}" for number in range(12)),
)
"""Inputs that are all or nothing of a factor, and all of every factor."""

_FACTOR_TOLERANCE = 0.02
"""Of a complexity that is given with two decimals."""


@covers(
    "routing.status",
    "routing.answer.bare",
    "routing.answer.model",
    "routing.answer.config-name",
    "routing.answer.complexity",
    "routing.config.optional",
    "routing.config.built-in",
    "routing.deterministic",
)
def test_a_model_is_picked_the_same_one_every_time(client: ApiClient, judge: Judge) -> None:
    """Without configName, under the name that this gives, and without it again."""
    plain = _decide(client, judge, _DEMANDING)
    judge_status(judge, "routing.status", plain, client.contract.operation("routeModel").success)
    decision = _judge_decision(client, judge, plain)
    again = client.call("routeModel", content=plain.request_body)
    judge.require(
        judge.check(
            "routing.deterministic",
            _core(client, again) == _core(client, plain),
            expected=f"{_core(client, plain)} every time",
            actual=again.text,
            evidence=(plain, again),
        ),
        "the decisions differ",
    )
    named = client.call("routeModel", json={"input": _DEMANDING, "configName": decision.get("configName")})
    judge.check(
        "routing.config.optional",
        not named.ok or _core(client, named) == _core(client, plain),
        expected="the decision of the configuration that the response names",
        actual=named.text,
        evidence=(plain, named),
    )


@covers("routing.complexity.order")
def test_complexity_grows_with_the_input(client: ApiClient, judge: Judge) -> None:
    """A greeting and a hard question."""
    low, high = (_decide(client, judge, text) for text in (_GREETING, _DEMANDING))
    simple, complex_ = _complexity(client, low), _complexity(client, high)
    judge.require(is_number(simple) and is_number(complex_), "the decisions hold no complexity")
    judge.check(
        "routing.complexity.order",
        simple < complex_,
        expected="the complexity of a greeting below that of a hard question",
        actual=f"{simple} and {complex_}",
        evidence=(low, high),
    )


@covers("routing.answer.complexity")
def test_complexity_stays_in_its_bounds(client: ApiClient, judge: Judge) -> None:
    """Nothing, single signs, one thing over and over, and long inputs with everything that makes one complex."""
    seen = {text: client.call("routeModel", json={"input": text}) for text in _EDGES}
    taken = {text: exchange for text, exchange in seen.items() if exchange.ok}
    judge.require(taken, "no input was taken")
    for text, exchange in taken.items():
        complexity = _complexity(client, exchange)
        judge.check(
            "routing.answer.complexity",
            _in_bounds(client, complexity),
            expected=f"a number complexity in its bounds for an input of {len(text)} characters",
            actual=complexity,
            evidence=exchange,
        )


@covers("routing.complexity.formula", "routing.input.empty", profile="standard")
def test_complexity_follows_the_formula(client: ApiClient, judge: Judge) -> None:
    """Inputs of which the formula sees one factor alone, and an empty one."""
    low = _decide(client, judge, _GREETING)
    empty = client.call("routeModel", json={"input": ""})
    judge.observe(
        "routing.input.empty", f"status {empty.status}, complexity {_complexity(client, empty)}", evidence=empty
    )
    formula = client.contract.extension("x-rest-routing")["complexity"]
    # One word is all vocabulary; one word over and over is all length (and next to no vocabulary).
    length = formula["length"]
    long_input = "word " * (length["full-at-tokens"] * length["characters-per-token"] // len("word "))
    long = client.call("routeModel", json={"input": long_input})
    found = (_complexity(client, low), _complexity(client, long))
    wanted = (formula["vocabulary"]["weight"], length["weight"])
    holds = all(
        is_number(one) and abs(one - other) <= _FACTOR_TOLERANCE for one, other in zip(found, wanted, strict=True)
    )
    judge.check(
        "routing.complexity.formula",
        holds,
        expected=f"{wanted} for one word, and for one word over and over",
        actual=found,
        evidence=(low, long),
    )


@covers("routing.input.required", "routing.config.unknown")
def test_what_routing_needs(client: ApiClient, judge: Judge, data: TestData) -> None:
    """No input, and a configuration that nobody made."""
    exchange = client.call("routeModel", json={"configName": None})
    if exchange.status == client.contract.error("unknown-resource").status:
        _decide(client, judge, _GREETING)
    judge_cause(client, judge, "routing.input.required", exchange, "invalid-value", "a request without input")
    exchange = client.call("routeModel", json={"input": _GREETING, "configName": data.tag("configuration")})
    judge_cause(client, judge, "routing.config.unknown", exchange, "unknown-resource", "a configName of nobody")


@covers("routing.max-bytes-accepted", "routing.max-bytes", "routing.max-bytes-status", profile="standard")
def test_the_size_of_an_input_has_a_limit_in_bytes(client: ApiClient, judge: Judge) -> None:
    """Text of several bytes a character, exactly at both edges."""
    _decide(client, judge, _GREETING)
    judge_sizes(client, judge, "routeModel", "routing", lambda text: {"input": text})


def _decide(client: ApiClient, judge: Judge, text: str) -> Exchange:
    """The response to an input without configName; the check ends here for a project that has no configuration.

    A server may have no built-in configuration. One that names its default can still be asked for it.
    """
    exchange = client.call("routeModel", json={"input": text})
    unknown = client.contract.error("unknown-resource").status
    missing = exchange.status == unknown and responses.error_of(client, exchange) is not None
    if "routing.config.built-in" in judge.clauses:
        judge.observe("routing.config.built-in", f"status {exchange.status} without a configuration", evidence=exchange)
    judge.require(not missing, "the project has no routing configuration: make a default one in its dashboard")
    if exchange.status == client.contract.error("invalid-value").status and "routing.config.optional" in judge.clauses:
        name = client.contract.extension("x-rest-routing")["default-config"]["name"]
        named = client.call("routeModel", json={"input": text, "configName": name})
        if named.ok:
            judge.check(
                "routing.config.optional",
                False,
                expected="a decision without configName",
                actual=f"status {exchange.status}; with configName {name!r} status {named.status}",
                evidence=(exchange, named),
            )
            return named
    return exchange


def _judge_decision(client: ApiClient, judge: Judge, exchange: Exchange) -> dict[str, Any]:
    """The object of the decision; the check ends here when there is none."""
    judge.require(exchange.ok, f"the input was answered with {exchange.status}")
    found = responses.decision(client, exchange)
    if found is MISSING:
        found = next((place for place in (exchange.at("data"), exchange.json) if isinstance(place, dict)), MISSING)
    judge.require(
        judge.check(
            "routing.answer.bare",
            found is not MISSING and bool({"model", "configName", "complexity"} & found.keys()),
            expected='the decision, bare or inside "data"',
            actual=exchange.text,
            evidence=exchange,
        ),
        "the response is no decision",
    )
    decision: dict[str, Any] = found
    model, name, complexity = (decision.get(member, MISSING) for member in ("model", "configName", "complexity"))
    for clause, holds, expected, actual in (
        ("routing.answer.model", isinstance(model, str) and bool(model), "a string model", model),
        ("routing.answer.config-name", isinstance(name, str), "a string configName", name),
        ("routing.answer.complexity", _in_bounds(client, complexity), "a number complexity in its bounds", complexity),
    ):
        judge.check(clause, holds, expected=expected, actual=actual, evidence=exchange)
    return decision


def _core(client: ApiClient, exchange: Exchange) -> Any:
    """What of a decision is the same every time; a server may add when it was made and how long it took."""
    found = responses.decision(client, exchange)
    return found if found is MISSING else tuple(found.get(name) for name in ("model", "configName", "complexity"))


def _complexity(client: ApiClient, exchange: Exchange) -> Any:
    found = responses.decision(client, exchange)
    return MISSING if found is MISSING else found.get("complexity", MISSING)


def _in_bounds(client: ApiClient, value: object) -> bool:
    bounds = client.contract.schema("RouteDecision")["properties"]["complexity"]
    return is_number(value) and bool(bounds["minimum"] <= value <= bounds["maximum"])

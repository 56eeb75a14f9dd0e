"""Texts of scores and templates come back as they were sent, at the edges of what a text can be.

A server may refuse an odd text: then nothing is judged. What it accepts has to be what it answers.
"""

from __future__ import annotations

from collections.abc import Iterable

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Exchange, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Group
from twosignal_conformance.apis.rest.checks.responses import is_integer, moment, same
from twosignal_conformance.apis.rest.checks.templates import listed, resolve, version_of
from twosignal_conformance.engine.edges import numbers, texts

_EMPTY = ""

_LONG = 20_000
"""Characters of a text that has no bound but that of the body."""

_MANY_VARIABLES = 30


@covers(
    "scores.create.value",
    "scores.create.label",
    "scores.create.reasoning",
    "scores.create.evaluator-name",
    "scores.value.between",
)
def test_scores_are_answered_as_they_were_sent(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Values of many digits; labels, reasonings and names of evaluators that are empty, long or odd."""
    group = Group(client, judge, data, "echo")
    trace = group.trace()
    group.ingest(trace)
    group.shown(trace)
    for value in numbers(client.contract.schema("ScoreValue")):
        exchange = client.call("createScore", json=data.score(trace, value=value))
        accepted = judge.check(
            "scores.value.between",
            exchange.ok,
            expected=f"the value {value!r} is accepted",
            actual=f"status {exchange.status}",
            evidence=exchange,
        )
        if accepted:
            _judge_echo(judge, exchange, "scores.create.value", "value", value)
    odd = [_EMPTY, *texts("reason"), ("漢Ü\U0001f642 " * _LONG)[:_LONG]]
    for text in odd:
        exchange = client.call("createScore", json=data.score(trace, label=text[:_LONG], reasoning=text))
        if exchange.ok:
            _judge_echo(judge, exchange, "scores.create.label", "label", text)
            _judge_echo(judge, exchange, "scores.create.reasoning", "reasoning", text)
    longest = client.contract.schema("EvaluatorName")["maxLength"]
    for name in texts(f"conformance-{data.run_id}", longest):
        exchange = client.call("createScore", json=data.score(trace, evaluatorName=name))
        if exchange.ok:
            _judge_echo(judge, exchange, "scores.create.evaluator-name", "evaluatorName", name)


@covers(
    "templates.push.readable",
    "templates.resolve.answer",
    "templates.push.content",
    "templates.push.variables",
    "templates.push.commit-message",
    "templates.push.description",
)
def test_templates_are_resolved_as_they_were_pushed(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Names, contents, messages and descriptions that are empty, long or odd; many variables; each read back."""
    longest = client.contract.schema("TemplateName")["maxLength"]
    variables = [f"variable{number}" for number in range(_MANY_VARIABLES)]
    bodies = [
        data.template(name=name, content=f"{name}\n", description=name, commitMessage=name, variables=["Ä_1", "a.b"])
        for name in texts(data.tag("edge"), longest)
    ]
    bodies += [
        data.template(content=_EMPTY, description=_EMPTY, commitMessage=_EMPTY, variables=[]),
        data.template(content="漢Ü\U0001f642\t{{x}} " * (_LONG // 8), variables=["x"]),
        data.template(content="\n\n  {{{x}}} {{ y }} {{{{z}}}} {%raw%}  \n", variables=["x", "y", "z"]),
        data.template(variables=variables[::-1]),
    ]
    for body in bodies:
        pushed = client.call("pushPromptTemplate", json=body)
        if pushed.ok and not _judge_template(client, judge, body, pushed):
            return  # What a server loses once it is not waited for again.


@covers("templates.list.answer", "templates.push.description")
def test_a_template_without_description_has_none(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Nothing but name and content; its row has the documented types, and no description that nobody gave."""
    template = data.template(description=ABSENT, commitMessage=ABSENT, variables=ABSENT)
    pushed = client.call("pushPromptTemplate", json=template)
    judge.require(pushed.ok, f"the template was answered with {pushed.status}")
    row, listing = listed(client, template)
    judge.require(row, "the template did not show in the listing")
    found = row or {}
    kinds = {
        "id": isinstance(found.get("id"), str) and bool(found.get("id")),
        "name": found.get("name") == template["name"],
        "latestVersion": is_integer(found.get("latestVersion")),
        "createdAt": moment(found.get("createdAt")) is not None,
        "updatedAt": moment(found.get("updatedAt")) is not None,
    }
    wrong = [name for name, right in kinds.items() if not right]
    judge.check(
        "templates.list.answer",
        not wrong,
        expected="a text id, the name, a number latestVersion, timestamps createdAt and updatedAt",
        actual=", ".join(f"{name} {found.get(name)!r}" for name in wrong) or "all",
        evidence=listing,
    )
    judge.check(
        "templates.push.description",
        not found.get("description"),
        expected="no description",
        actual=found.get("description"),
        evidence=(pushed, listing),
    )


def _judge_echo(judge: Judge, exchange: Exchange, clause: str, name: str, sent: object) -> None:
    seen = exchange.at(name)
    judge.check(clause, same(seen, sent), expected=f"{name} {sent!r}", actual=seen, evidence=exchange)


def _judge_template(client: ApiClient, judge: Judge, body: Json, pushed: Exchange) -> bool:
    """By its name, and in the list; the order of variables is nobody's."""
    seen = resolve(client, body)
    if not judge.check(
        "templates.push.readable",
        seen.ok,
        expected=f"the template {body['name']!r} is resolved by its name",
        actual=f"status {seen.status}",
        evidence=(pushed, seen),
    ):
        return False
    version, row = version_of(seen), listed(client, body)[0] or {}
    name, variables = responses.data_at(seen, "name"), version.get("variables")
    right = True
    for clause, what, shown, sent in (
        ("templates.resolve.answer", "name", name, body["name"]),
        ("templates.push.content", "content", version.get("content"), body["content"]),
        ("templates.push.commit-message", "commitMessage", version.get("commitMessage"), body.get("commitMessage")),
        ("templates.push.description", "description", row.get("description"), body.get("description")),
        ("templates.push.variables", "variables", _sorted(variables), _sorted(body["variables"])),
    ):
        # What is empty may come back as nothing.
        holds = shown == sent or (not sent and not shown)
        right &= judge.check(clause, holds, expected=f"{what} {sent!r}", actual=shown, evidence=(pushed, seen))
    return right


def _sorted(names: object) -> object:
    return sorted(map(str, names)) if isinstance(names, Iterable) and not isinstance(names, str) else names

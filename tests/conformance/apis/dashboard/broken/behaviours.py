"""What rows are made of: a behaviour stands before a good server and changes a request, a response, or both.

`on` names procedures, `when` is a question to the input. A place in a result is written `*.config.value`; `*` is every
item. A function given for a place gets the value there and gives the new one, or DROP.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, urlencode

from twosignal_contract import documents, load_contract

from tests.conformance.apis.rest.broken.combinators import edited
from tests.conformance.servers import Asked, Response, json_response

CONTRACT = next(row for row in map(load_contract, documents()) if row.api.name == "dashboard")
"""Of which all statuses, codes and examples come."""

BASE = CONTRACT.operation("project.list").path.rpartition("/")[0] + "/"

Json = dict[str, Any]


class Good(Protocol):
    """The good server behind, and what the broken one remembers of a run."""

    memory: dict[str, Any]

    def send(self, asked: Asked, **changes: Any) -> Response:
        """The good response, to the request or to a changed one."""


Behaviour = Callable[[Asked, Good], Response]
When = Callable[[Any], bool]
Function = Callable[[Any], Any]


@dataclass
class Server:
    """A good server in this process."""

    respond: Callable[[Asked], Response]
    memory: dict[str, Any] = field(default_factory=dict)

    def send(self, asked: Asked, **changes: Any) -> Response:
        """See Good."""
        return self.respond(replace(asked, **changes))


# --- reading and changing ---


def procedure(asked: Asked) -> str:
    """The procedure that is called; empty for a request to the REST API."""
    return asked.path.removeprefix(BASE) if asked.path.startswith(BASE) else ""


def given(asked: Asked) -> Any:
    """The input; an empty object when it cannot be read."""
    text = dict(parse_qsl(asked.query)).get("input", "") if asked.method == "GET" else asked.body.decode()
    try:
        found = json.loads(text)["json"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def with_given(asked: Asked, value: Any) -> Asked:
    """The same call with another input."""
    text = json.dumps({"json": value})
    if asked.method == "GET":
        return replace(asked, query=urlencode({"input": text}, quote_via=quote))
    return replace(asked, body=text.encode())


def body_of(response: Response) -> Any:
    """The JSON of a response; None when it is none."""
    try:
        return json.loads(response.body)
    except ValueError:
        return None


def result(response: Response) -> Any:
    """The result of a call; None when there is none."""
    try:
        return json.loads(response.body)["result"]["data"]["json"]
    except (ValueError, KeyError, TypeError):
        return None


def with_result(response: Response, value: Any) -> Response:
    """The same response with another result."""
    whole = json.loads(response.body)
    whole["result"]["data"]["json"] = value
    return replace(response, body=json.dumps(whole).encode())


def refusal(cause: str, name: str) -> Response:
    """The documented response to a cause of /x-errors."""
    row = CONTRACT.error(cause)
    return json_response(row.status, row.body(dict.fromkeys(row.placeholders, name)))


def example(name: str) -> Response:
    """The documented success of a procedure."""
    operation = CONTRACT.operation(name)
    media = operation.response(operation.success).media_type
    assert media is not None
    return json_response(operation.success, next(iter(media.examples.values())))


def accepted(response: Response) -> bool:
    """True when a call was carried out."""
    return response.status < 400


def always(_given: Any) -> bool:
    """Every input."""
    return True


def has(name: str, value: object = None) -> When:
    """True for an input with a member, of this value where one is named."""
    return lambda found: found.get(name) is not None and value in (None, found.get(name))


def concerns(asked: Asked, on: str | Sequence[str] | None, when: When = always) -> bool:
    """True when a behaviour has to do with a request."""
    name = procedure(asked)
    names = (on,) if isinstance(on, str) else on
    return bool(name) and (names is None or name in names) and when(given(asked))


# --- behaviours ---


def change(place: str, function: Function, on: str | Sequence[str] | None, when: When = always) -> Behaviour:
    """Results have another value at a place."""

    def behaviour(asked: Asked, good: Good) -> Response:
        response = good.send(asked)
        found = result(response)
        if not concerns(asked, on, when) or not accepted(response) or found is None:
            return response
        return with_result(response, edited(found, place, function))

    return behaviour


def whole(function: Function, on: str | Sequence[str] | None) -> Behaviour:
    """Results are others."""

    def behaviour(asked: Asked, good: Good) -> Response:
        response = good.send(asked)
        found = result(response)
        if not concerns(asked, on) or not accepted(response) or found is None:
            return response
        return with_result(response, function(found))

    return behaviour


def send(function: Function, on: str | Sequence[str], when: When = always) -> Behaviour:
    """The good server gets another input."""

    def behaviour(asked: Asked, good: Good) -> Response:
        return good.send(with_given(asked, function(given(asked))) if concerns(asked, on, when) else asked)

    return behaviour


def ignore(name: str, *names: str, on: str) -> Behaviour:
    """Members of an input count for nothing."""
    ignored = {name, *names}
    return send(lambda found: {key: value for key, value in found.items() if key not in ignored}, on)


def refuse(cause: str, on: str | Sequence[str], when: When = always) -> Behaviour:
    """Calls are refused that must be carried out."""

    def behaviour(asked: Asked, good: Good) -> Response:
        return refusal(cause, procedure(asked)) if concerns(asked, on, when) else good.send(asked)

    return behaviour


def accept(on: str | Sequence[str], when: When = always) -> Behaviour:
    """What is refused is answered as carried out."""

    def behaviour(asked: Asked, good: Good) -> Response:
        response = good.send(asked)
        return response if accepted(response) or not concerns(asked, on, when) else example(procedure(asked))

    return behaviour


def pretend(on: str, when: When = always) -> Behaviour:
    """Changes are answered as carried out, and are not."""

    def behaviour(asked: Asked, good: Good) -> Response:
        return example(on) if concerns(asked, on, when) else good.send(asked)

    return behaviour


def restate(status: int, when: Callable[[Asked, Response], bool]) -> Behaviour:
    """Responses have another status."""

    def behaviour(asked: Asked, good: Good) -> Response:
        response = good.send(asked)
        return replace(response, status=status) if procedure(asked) and when(asked, response) else response

    return behaviour


def error(place: str, function: Function) -> Behaviour:
    """Errors have another value at a place."""

    def behaviour(asked: Asked, good: Good) -> Response:
        response = good.send(asked)
        if accepted(response) or not procedure(asked):
            return response
        return replace(response, body=json.dumps(edited(json.loads(response.body), place, function)).encode())

    return behaviour


def over_rest(path: str, function: Callable[[Json], Json]) -> Behaviour:
    """Successes of the REST API are others."""

    def behaviour(asked: Asked, good: Good) -> Response:
        response = good.send(asked)
        if asked.path != path or not accepted(response):
            return response
        return replace(response, body=json.dumps(function(json.loads(response.body))).encode())

    return behaviour


def both(first: Behaviour, second: Behaviour) -> Behaviour:
    """Two behaviours, the first one before the second."""

    def behaviour(asked: Asked, good: Good) -> Response:
        return first(asked, Server(lambda inner: second(inner, good), good.memory))

    return behaviour


def later(behaviour: Behaviour, on: str) -> Behaviour:
    """Only from the second call of a procedure on."""

    def counted(asked: Asked, good: Good) -> Response:
        before = good.memory.get(on, 0)
        good.memory[on] = before + concerns(asked, on)
        return behaviour(asked, good) if before else good.send(asked)

    return counted

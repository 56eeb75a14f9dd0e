"""Who calls: behaviours that treat people differently, or carry out for one what only another one may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.conformance.apis.dashboard.broken.behaviours import (
    BASE,
    Behaviour,
    Good,
    Json,
    accepted,
    concerns,
    procedure,
)
from tests.conformance.servers import Asked, Response


def cookie(asked: Asked) -> str:
    """The header."""
    return asked.headers.get("cookie", "")


def with_cookie(asked: Asked, text: str) -> Asked:
    """The same call of somebody else."""
    return replace(asked, headers={**asked.headers, "cookie": text})


def cookies(asked: Asked, good: Good) -> list[str]:
    """The cookies that were let in so far, the first one first: that of the run's own user."""
    met: list[str] = good.memory.setdefault("cookies", [])
    if procedure(asked) and cookie(asked) not in met and accepted(good.send(asked, **_listing(asked))):
        met.append(cookie(asked))
    return met


def _listing(asked: Asked) -> Json:
    headers = {name: value for name, value in asked.headers.items() if not name.startswith("content-")}
    return {"method": "GET", "path": f"{BASE}organization.list", "query": "", "body": b"", "headers": headers}


def by_others(behaviour: Behaviour) -> Behaviour:
    """Only calls of people other than the run's own user are treated so."""

    def chosen(asked: Asked, good: Good) -> Response:
        met = cookies(asked, good)
        mine = not met or cookie(asked) == met[0] or not procedure(asked)
        return good.send(asked) if mine else behaviour(asked, good)

    return chosen


def as_owner(on: str | Sequence[str], *, told: bool = True) -> Behaviour:
    """What is refused is carried out by the run's own user; not `told`, the refusal is sent all the same."""

    def behaviour(asked: Asked, good: Good) -> Response:
        met = cookies(asked, good)
        response = good.send(asked)
        if accepted(response) or not met or not concerns(asked, on):
            return response
        done = good.send(with_cookie(asked, met[0]))
        return done if told else response

    return behaviour


def as_anybody(on: str | Sequence[str]) -> Behaviour:
    """What is refused is carried out by whoever may."""

    def behaviour(asked: Asked, good: Good) -> Response:
        met = cookies(asked, good)
        response = good.send(asked)
        if accepted(response) or not concerns(asked, on):
            return response
        others = (good.send(with_cookie(asked, text)) for text in met)
        return next((each for each in others if accepted(each)), response)

    return behaviour

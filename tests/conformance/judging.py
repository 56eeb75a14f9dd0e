"""Runs one check of the suite in this process, against the mock or a server that stands before it and errs."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from twosignal_conformance._apis import DEFAULT, api_of
from twosignal_conformance.engine.api_client import ApiClient, CheckSkipped, Key, Profile, Settings
from twosignal_conformance.engine.judgement import Judge, Register, Run, make_run, plan_of
from twosignal_contract import load_contract

from tests.conformance.servers import Asked, Response, serving

REST = api_of(DEFAULT)
CONTRACT = load_contract()
INGEST, SCORES, TEMPLATES = (
    CONTRACT.operation(name).path for name in ("ingestTraces", "createScore", "getPromptTemplates")
)


@dataclass
class Judged:
    """What a check said."""

    run: Run
    judge: Judge

    @property
    def violated(self) -> set[str]:
        """The clauses that it failed."""
        return {record.clause for record in self.judge.violations}

    @property
    def register(self) -> Register:
        """Everything of the run."""
        return self.run.register


def judged(
    check: Callable[..., None], url: str, key: str, seed: int = 1, *, ledger: Path | None = None, **more: Any
) -> Judged:
    """What a check says of a server; as a run does it, with one check in it."""
    settings = Settings(
        url=url, keys={Key.MAIN: key}, run_id=f"run{seed}", seed=seed, plan="enterprise", settle=1.0, ledger=ledger
    )
    run = make_run(replace(settings, **more), CONTRACT, REST.access)
    plan = plan_of(iter(getattr(check, "pytestmark", ())))
    assert plan is not None
    own = run.judge(check.__name__, plan.clauses)
    run.open()
    try:
        fixtures = {
            "client": run.client,
            "judge": own,
            "data": REST.test_data(run.client, check.__name__),
            "fuzzing": REST.fuzzing,
        }
        check(**{name: fixtures[name] for name in inspect.signature(check).parameters})
    except CheckSkipped as skipped:
        own.skip(skipped)
    else:
        own.finish()
    finally:
        run.close()
    return Judged(run, own)


def client_of(url: str, key: str, profile: Profile = Profile.STANDARD) -> ApiClient:
    """An API client that is open."""
    settings = Settings(url=url, keys={Key.MAIN: key}, run_id="run", seed=1, plan="enterprise", profile=profile)
    return ApiClient(settings, CONTRACT, REST.access)


_OF_THE_CONNECTION = frozenset({"accept-encoding", "connection", "content-length", "host", "transfer-encoding"})
"""Headers that are made anew for the good server."""


@dataclass
class Behind:
    """The good server behind one that errs, and what that one remembers."""

    origin: str
    client: httpx.Client
    memory: dict[str, Any] = field(default_factory=dict)

    def send(self, asked: Asked, **changes: Any) -> Response:
        """The good response, to the request or to a changed one."""
        request = replace(asked, **changes)
        query = f"?{request.query}" if request.query else ""
        kept = [row for row in request.headers.items() if row[0] not in _OF_THE_CONNECTION]
        respond = self.client.request(
            request.method, f"{self.origin}{request.path}{query}", headers=kept, content=request.body
        )
        named = {name: value for name, value in respond.headers.items() if name in ("content-type", "date")}
        return Response(respond.status_code, respond.content, named)


Behaviour = Callable[[Asked, Behind], Response]


@contextmanager
def erring(behaviour: Behaviour, origin: str) -> Iterator[str]:
    """The address of a server that behaves so before the good one."""
    with httpx.Client() as client:
        behind = Behind(origin, client)
        with serving(lambda asked: behaviour(asked, behind)) as server:
            yield server.url


def is_ingestion(asked: Asked) -> bool:
    """True when a request is a native batch."""
    return (asked.method, asked.path) == ("POST", INGEST)


def is_listing(asked: Asked) -> bool:
    """True when a request asks for traces."""
    return (asked.method, asked.path) == ("GET", INGEST)


def query_of(asked: Asked) -> dict[str, str]:
    """The parameters of a request."""
    return dict(parse_qsl(asked.query))


def edited(response: Response, edit: Callable[[Any], None]) -> Response:
    """A reply whose JSON body was changed in place."""
    value = json.loads(response.body)
    edit(value)
    return replace(response, body=json.dumps(value).encode())

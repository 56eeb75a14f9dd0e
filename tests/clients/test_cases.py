"""Every case of cases.json, by each client: the same in all of them.

A language's runner gets all cases at once, for most of them take no time: it notes waits and does not wait.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tests.clients.canned import Asked, CaseServer
from tests.clients.cases import KEY, SECRET, Case, cases
from tests.clients.runners import CLIENTS, LANGUAGES, build, require
from tests.clients.scenarios import matches
from tests.clients.shared import shared

TABLE = list(cases())
_LIMIT = 300.0
"""Seconds for all cases; they take some ten on a machine that has nothing else to do."""

Said = tuple[str, list[dict[str, Any]], list[Asked]]
"""All that a runner printed; what it said of each case; what came for each case."""


def run(command: Sequence[str], table: Sequence[Case]) -> Said:
    """The cases, carried out by a runner."""
    with CaseServer([case.responses for case in table]) as server:
        wanted = [
            {"client": {"apiKey": KEY} | _located({"baseUrl": "{server}"} | case.client, server, number), "do": case.do}
            for number, case in enumerate(table)
        ]
        done = subprocess.run(
            command, input=json.dumps({"cases": wanted}), env=_environment(), capture_output=True, text=True,
            encoding="utf-8", timeout=_LIMIT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr, json.loads(done.stdout)["cases"], server.asked


def _located(client: Mapping[str, Any], server: CaseServer, number: int) -> dict[str, Any]:
    """The settings of a client with the address of its server."""
    url, places = client["baseUrl"], {"server": server.url(number), "port": str(server.port)}
    for name, place in (places | {"SERVER": server.url(number).upper()}).items():
        url = url.replace(f"{{{name}}}", place)
    return {**client, "baseUrl": url}


def _environment() -> dict[str, str]:
    """That of this process in another zone, without settings of clients and of proxies.

    For each proxy Python would load certificates. Dates are of UTC in every zone.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TWOSIGNAL_") and not name.lower().endswith("_proxy")
    }
    return kept | {"TWOSIGNAL_EMAIL": "a@example.com", "TWOSIGNAL_PASSWORD": "correct horse", "TZ": "America/St_Johns"}


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Said]:
    """What a language's runner said of the whole table."""
    known: dict[str, Said] = {}

    def of(language: str) -> Said:
        if language not in known:
            require(language)
            made = tmp_path_factory.mktemp(language)
            known[language] = shared(
                tmp_path_factory, f"cases-{language}", lambda: run(build(language, CLIENTS, made), TABLE)
            )
        return known[language]

    return of


@pytest.mark.parametrize("number", range(len(TABLE)), ids=[case.name for case in TABLE])
@pytest.mark.parametrize(
    "language",
    [pytest.param(each, marks=[pytest.mark.xdist_group("cases"), pytest.mark.timeout(600)]) for each in LANGUAGES],
)
def test_case(language: str, number: int, outcomes: Callable[[str], Said]) -> None:
    case, (_, said, asked) = TABLE[number], outcomes(language)
    (*before, result), waits, came = said[number]["results"], said[number]["waits"], asked[number]
    error = result.get("error", {}) if isinstance(result, dict) else {}
    assert error.get("kind") == case.kind, result
    assert [each for each in before if "error" in each] == []
    assert case.code is None or error["code"] == case.code
    assert case.result is None or matches(case.result, result, {}), result
    assert case.waits is None or waits == pytest.approx(case.waits, abs=0.002)
    assert case.requests is None or len(came.paths) == case.requests
    assert case.authorizations is None or came.authorizations == case.authorizations
    assert case.path is None or came.paths == [case.path]
    assert case.body is None or case.body in came.bodies[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_secret_of_the_table_shows_in_any_text_of_a_client(language: str, outcomes: Callable[[str], Said]) -> None:
    output, said, _ = outcomes(language)
    showing = [case.name for case, each in zip(TABLE, said, strict=True) if SECRET in json.dumps(each)]
    assert showing == []
    assert SECRET not in output
    assert all(each["shown"] for each in said)


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in TABLE}) == len(TABLE)

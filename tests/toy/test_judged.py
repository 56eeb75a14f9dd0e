"""The real suite judges the API's servers: an honest one breaks nothing, one broken on purpose breaks its clause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from twosignal_contract import load_contract
from twosignal_mock import MockServer

from tests.conformance.judging import Behind, erring
from tests.conformance.projects import Ended, suite
from tests.conformance.servers import Asked, Response, json_response
from tests.toy.installation import CARD, DOCUMENT

pytestmark = pytest.mark.xdist_group("toy")

CLAUSES = load_contract(DOCUMENT).clauses

Breaking = Callable[[Response], Response]


def status(right: int, wrong: int) -> Breaking:
    return lambda good: replace(good, status=wrong) if good.status == right else good


def body(right: bytes, wrong: bytes, of: int) -> Breaking:
    return lambda good: replace(good, body=good.body.replace(right, wrong)) if good.status == of else good


def table(change: Breaking) -> Breaking:
    return lambda good: change(good) if good.body.startswith(b"id,") else good


BROKEN: dict[str, Breaking] = {
    "card.missing": status(401, 400),
    "card.unknown": status(403, 401),
    "errors.problem": body(b'"problem"', b'"trouble"', 403),
    "lamps.switch.created": status(201, 200),
    "lamps.switch.repeated": lambda good: replace(good, status=201) if b"colour" in good.body else good,
    "lamps.switch.lamp": body(b'"id":1', b'"id":2', 200),
    "lamps.switch.colour": body(b'"red"', b'"white"', 200),
    "lamps.unknown.body": body(b"1000000", b"1", 404),
    "lamps.table.csv": table(lambda good: json_response(200, [])),
    "lamps.table.rows": table(lambda good: replace(good, body=b"".join(good.body.splitlines(keepends=True)[:-1]))),
}
"""Clause to what a server that breaks it makes of a good response."""


def judge(server: MockServer, url: str, folder: Path, installed: Path) -> Ended:
    server.control.reset()
    words = ["server", url, "--api", "lamps", "--contract", str(DOCUMENT), "--api-key", CARD, "--fail-on", "should"]
    ended = suite(folder, *words, "--json", "r.json", PYTHONPATH=str(installed))
    assert CARD not in ended.out + (folder / "r.json").read_text(encoding="utf-8")
    return ended


def verdicts(ended: Ended) -> dict[str, str]:
    return {row["id"]: row["verdict"] for row in ended.report["clauses"]}


def test_an_honest_server_breaks_nothing(server: MockServer, installed: Path, tmp_path: Path) -> None:
    ended = judge(server, server.url, tmp_path, installed)
    assert ended.code == 0, ended.out + ended.err
    assert verdicts(ended) == dict.fromkeys(CLAUSES, "pass")


def test_every_clause_has_a_broken_server() -> None:
    assert BROKEN.keys() == CLAUSES.keys()


@pytest.mark.parametrize("clause", BROKEN)
def test_a_server_broken_on_purpose_breaks_its_clause_alone(
    server: MockServer, installed: Path, tmp_path: Path, clause: str
) -> None:
    def respond(asked: Asked, behind: Behind) -> Response:
        return BROKEN[clause](behind.send(asked))

    with erring(respond, server.url) as url:
        ended = judge(server, url, tmp_path, installed)
    assert ended.code == 1, ended.out + ended.err
    assert {name for name, verdict in verdicts(ended).items() if verdict == "fail"} == {clause}

"""What a server says is quoted in every report: in bounded length, and never as an order to a terminal or a CI."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conformance.projects import Ended
from tests.conformance.runner.conftest import FILES, HEALTH_ALONE, Judge
from tests.conformance.servers import HEALTH, Asked, Respond, Response, good, json_response, serving

ORDERS = "\n::stop-commands::t\n##vso[task.complete]\r\n\x1b]0;title\x07\u202e\u2028##[error]"
LONG = 50_000

LINE = 3_000
"""Characters of the longest line: several texts of bounded length, with escapes."""

STRANGE = re.compile("[\r\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]")


def shouting(asked: Asked) -> Response:
    """Health that is wrong in every way in which a text can be."""
    if asked.path != HEALTH:
        return good(asked)
    text = (ORDERS + "x" * 50) * (LONG // 100)
    return json_response(200, {"status": text, ORDERS: text}, x_long="y" * LONG, x_order="##vso[task.complete]")


def moved(_asked: Asked) -> Response:
    """A redirect to a place of many characters."""
    return Response(302, b"", {"location": "http://127.0.0.1/##vso[x]" + "z" * LONG})


def scream(_asked: Asked) -> Response:
    """A body and a media type of nothing but orders."""
    return Response(200, ORDERS.encode() * 500, {"content-type": f"text/##vso[{'x' * LONG}"})


def lines_of(ended: Ended) -> dict[str, list[str]]:
    """What a person or a CI gets, by where it stands."""
    files = {name: (ended.folder / file).read_text(encoding="utf-8") for name, file in FILES.items()}
    texts = {"output": ended.out, "error": ended.err, **files}
    return {name: text.split("\n") for name, text in texts.items()}


@pytest.mark.parametrize("respond", [shouting, moved, scream])
def test_a_server_gives_no_orders_and_floods_no_report(judge: Judge, respond: Respond) -> None:
    with serving(respond) as server:
        ended = judge(server.url, *HEALTH_ALONE)
    assert ended.code in (1, 4)
    for name, lines in lines_of(ended).items():
        for line in lines:
            assert not line.lstrip().startswith("::"), name
            assert not re.search(r"##\w*\[", line), name
            assert not STRANGE.search(line), (name, line[:200])
    shown = lines_of(ended)
    for name in ("output", "error", "sarif", "junit"):
        assert max(map(len, shown[name])) < LINE, name
    # The body of one exchange stands in one line of JSON.
    assert max(map(len, shown["json"])) < 3 * LINE


def test_a_long_header_is_no_long_line(judge: Judge, tmp_path: Path) -> None:
    with serving() as server:
        ended = judge(server.url, "--only", "http", "--only", "errors", "--profile", "quick")
    assert max(map(len, ended.out.splitlines())) < LINE
    assert (tmp_path / FILES["junit"]).stat().st_size < 1_000_000

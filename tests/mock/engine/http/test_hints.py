"""What is taken otherwise than it was meant is told: query parameters that vanish, and paths that are not there."""

from __future__ import annotations

import pytest
from twosignal_contract import Contract

from tests.mock.engine.http.conftest import World

TRACES = "/api/v1/traces"
OTLP = "/api/v1/otel/traces"


async def hints_of(world: World, url: str) -> list[str]:
    response = await world.client.get(url)
    hints = response.headers.get_list("x-mock-hint")
    entries = [*world.sandbox.journal.entries(), *world.unkeyed.journal.entries()]
    kept = max(entries, key=lambda entry: entry.attempt.started).attempt.response_headers
    assert [value.decode() for name, value in kept if name == b"x-mock-hint"] == hints, "the journal says the same"
    return hints


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("tag=a", "tag (did you mean tags?)"),
        ("tags[]=a", "tags[] (did you mean tags?)"),
        ("start_date=2026-01-01T00:00:00Z", "start_date (did you mean startDate?)"),
        ("LIMIT=5", "LIMIT (did you mean limit?)"),
        ("page=2", "page"),
        ("limit=5&offset=9&tag=x&offset=10", "offset, tag (did you mean tags?)"),
        ("%F0%9F%99%82=1", "\\U0001f642"),
        ("a%0D%0AX-Evil:%20b=1", "a\\r\\nX-Evil: b"),
        ("&".join(f"p{number}=1" for number in range(9)), "p0, p1, p2, p3, p4 and 4 more"),
        ("z" * 5000 + "=1", "z" * 60),
    ],
)
async def test_ignored_parameters_are_named_with_what_may_have_been_meant(
    world: World, contract: Contract, query: str, told: str
) -> None:
    [hint] = await hints_of(world, f"{TRACES}?{query}")
    names = ", ".join(each.name for each in contract.operations["listTraces"].parameters)
    assert hint == f"ignored: {told}; parameters here: {names}"


@pytest.mark.parametrize("query", ["", "limit=5", "tags=a,b&name=&cursor=", "&&limit=1&"])
async def test_known_parameters_are_no_matter_of_hints(world: World, query: str) -> None:
    assert await hints_of(world, f"{TRACES}?{query}") == []


async def test_an_error_tells_of_ignored_parameters_too(world: World) -> None:
    [hint] = await hints_of(world, f"{TRACES}?limit=0&tag=a")
    assert hint.startswith("ignored: tag ")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        *((f"{prefix}/v1/traces", f"OTLP is taken as JSON at {OTLP}: set ") for prefix in ("", "/api/v1/otel", OTLP)),
        ("/v1/metrics", f"OTLP is taken as JSON at {OTLP}, and only traces are"),
        ("/api/trpc/trace.list", "the dashboard's API is not served here"),
        ("/", "this is a mock; its API is below /api/v1, its control API below /__mock"),
        ("/docs", "this is a mock; its API is below /api/v1, its control API below /__mock"),
        ("/traces", f"did you mean {TRACES}?"),
        ("/api/v1/trace", f"did you mean {TRACES}?"),
        ("/API/V1/Traces/", f"did you mean {TRACES}?"),
    ],
)
async def test_an_unknown_path_says_where_to_go_in_the_error_and_beside_it(world: World, path: str, told: str) -> None:
    [hint] = await hints_of(world, path)
    assert hint.startswith(told)
    message = (await world.client.get(path)).json()["error"]["message"]
    assert message == f"No such endpoint: {path}: {hint}"


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/else", "/" + "x" * 3000])
async def test_a_path_that_is_like_none_has_the_documented_error_alone(world: World, path: str) -> None:
    assert await hints_of(world, path) == []

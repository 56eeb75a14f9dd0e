"""Who may call the control API: this machine, or who has the token; never a foreign web page."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.mock.engine.control.world import Call

REMOTE = ("192.0.2.7", 4242)
TOKEN = "open-sesame-open-sesame"  # noqa: S105 - of this test
GIVEN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
async def test_the_machine_itself_may_call(caller: Callable[..., Call], address: str) -> None:
    answer = await caller(client=(address, 4242))("GET", "/v1/sandboxes")
    assert answer.status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "testclient"])
async def test_others_may_not(caller: Callable[..., Call], address: str) -> None:
    answer = await caller(client=(address, 4242))("GET", "/v1/sandboxes")
    assert (answer.status_code, answer.json()["error"]["got"]) == (403, f"the call is from {address}")
    assert "--control-token" in answer.json()["error"]["next"]


async def test_with_the_token_everybody_may_call(caller: Callable[..., Call]) -> None:
    call = caller(token=TOKEN, client=REMOTE, base="http://mock.example:3000")
    assert (await call("GET", "/v1/sandboxes", headers=GIVEN)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}, {"Authorization": f"Basic {TOKEN}"}],
    ids=["none", "another", "no scheme", "another scheme"],
)
@pytest.mark.parametrize("path", ["/v1/sandboxes", "/metrics", "/v1/nothing"])
async def test_where_a_token_is_set_nobody_may_call_without_it(
    caller: Callable[..., Call], headers: dict[str, str], path: str
) -> None:
    answer = await caller(token=TOKEN)("GET", path, headers=headers)
    assert answer.status_code == 401
    assert TOKEN not in answer.text


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1.evil.example", "null", "http://[broken", "x"]
)
@pytest.mark.parametrize("token", [None, TOKEN], ids=["no token", "token"])
async def test_foreign_web_pages_may_not(caller: Callable[..., Call], origin: str, token: str | None) -> None:
    answer = await caller(token=token)("POST", "/v1/reset", headers={**GIVEN, "Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("origin", ["http://127.0.0.1:3000", "http://localhost:8080", "http://[::1]:3000"])
async def test_pages_of_the_machine_itself_may(caller: Callable[..., Call], origin: str) -> None:
    assert (await caller()("POST", "/v1/reset", headers={"Origin": origin})).status_code == 200


async def test_pages_of_the_mock_itself_may_under_any_name(caller: Callable[..., Call]) -> None:
    call = caller(token=TOKEN, client=REMOTE, base="http://mock.example:3000")
    headers = {**GIVEN, "Origin": "http://mock.example:3000"}
    assert (await call("POST", "/v1/reset", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:3000", "localhost.evil.example", "10.0.0.1", "[broken", ""]
)
async def test_a_foreign_name_that_points_here_is_refused(caller: Callable[..., Call], host: str) -> None:
    answer = await caller()("GET", "/v1/sandboxes", headers={"Host": host})
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:3000", "mock.localhost:3000", "[::1]:3000", "127.0.0.1"])
async def test_the_names_of_the_machine_are_known(caller: Callable[..., Call], host: str) -> None:
    assert (await caller()("GET", "/v1/sandboxes", headers={"Host": host})).status_code == 200


PROXIED = ["Forwarded", "X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Host", "X-Forwarded-Anything"]


@pytest.mark.parametrize("name", PROXIED)
async def test_behind_a_proxy_nobody_may_call_without_a_token(caller: Callable[..., Call], name: str) -> None:
    """Whatever the header says: that of an honest proxy names a stranger, that of a stranger names this machine."""
    for value in ("for=127.0.0.1", "127.0.0.1", "192.0.2.7", ""):
        answer = await caller()("GET", "/v1/sandboxes", headers={name: value})
        assert answer.status_code == 403
        assert "--control-token" in answer.json()["error"]["next"]
        behind = caller(token=TOKEN, client=REMOTE, base="http://mock.example:3000")
        assert (await behind("GET", "/v1/sandboxes", headers={**GIVEN, name: value})).status_code == 200


@pytest.mark.parametrize("more", [{"client": REMOTE}, {"token": TOKEN}], ids=["from afar", "without the token"])
async def test_everybody_may_ask_for_health(caller: Callable[..., Call], more: dict[str, Any]) -> None:
    assert (await caller(**more)("GET", "/v1/health")).json()["status"] == "ok"

"""Webhooks that are really posted, and a model that is really asked: evaluators.webhook.*, evaluators.model.*."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any

import httpx
import orjson
import pytest
from twosignal_mock import MockServer, create_application
from twosignal_mock._command_line import CommandError

from tests.mock.apis.rest.evaluation import NOON, Endpoint, Mock, answer, opened, served

GOOD = answer({"score": 0.8, "pass": True, "reason": "fine"})
HELLO = {"type": "CONTAINS", "name": "rule", "config": {"value": "refund"}}


def webhook(endpoint: Endpoint | str, name: str = "hook", **config: Any) -> dict[str, Any]:
    url = endpoint if isinstance(endpoint, str) else f"{endpoint.url}/{name}"
    return {"type": "WEBHOOK", "name": name, "config": {"url": url} | config}


async def judged(mock: Mock, *evaluators: dict[str, Any]) -> dict[str, tuple[float, str, str | None]]:
    """Value, label and reasoning that each gives to one trace."""
    await mock.add_evaluators(*evaluators)
    await mock.send("t1")
    await mock.pass_lag()
    scores = await mock.scores("t1")
    return {name: (row["value"], row["label"], row["reasoning"]) for name, row in scores.items()}


async def test_a_webhook_gets_the_documented_body_with_its_headers_and_gives_the_score() -> None:
    async def respond(_target: str, _headers: Mapping[str, str], _body: bytes) -> bytes:
        return GOOD

    async with served(respond) as endpoint, opened() as mock:
        headers = {"X-Team": "blue", "Host": "elsewhere", "Origin": "http://127.0.0.1", "Content-Length": "1"}
        config: dict[str, Any] = {"headers": headers, "retries": 0}
        assert await judged(mock, webhook(endpoint, **config)) == {"hook": (0.8, "pass", "fine")}
        ((_, sent, body),) = endpoint.asked
        assert (sent["x-team"], sent["origin"]) == ("blue", "null")
        assert endpoint.url.endswith(sent["host"])
        span = (await mock.control("GET", "/traces/t1"))["spans"][0]["id"]
        assert body == {
            "traceId": "t1",
            "spanId": span,
            "input": "Where is my refund?",
            "output": "Your refund is on its way.",
            "metadata": {"url": f"{endpoint.url}/hook", "timeoutMs": 10_000} | config,
            "expectedOutput": None,
        }


async def test_a_webhook_is_tried_again_after_5xx_and_a_broken_connection_as_often_as_it_says() -> None:
    seen: dict[str, int] = {}

    async def respond(target: str, _headers: Mapping[str, str], _body: bytes) -> bytes:
        seen[target] = seen.get(target, 0) + 1
        if seen[target] > 2 and target != "/never":
            return GOOD
        return {"/cut": b"", "/refused": answer({}, "400 Bad Request")}.get(target, answer({}, "503 Unavailable"))

    async with served(respond) as endpoint, opened() as mock:
        names = {"busy": 2, "cut": 2, "never": 1, "refused": 2, "once": 0}
        found = await judged(mock, *(webhook(endpoint, name, retries=retries) for name, retries in names.items()))
        assert seen == {"/busy": 3, "/cut": 3, "/never": 2, "/refused": 1, "/once": 1}
        assert {name: value for name, (value, _, _) in found.items()} == {
            "busy": 0.8,
            "cut": 0.8,
            "never": 0,
            "refused": 0,
            "once": 0,
        }
        assert found["never"][2] == "the webhook could not be asked: it responded with status 503"


NONSENSE = {
    "text": answer(b"good"),
    "list": answer([1]),
    "none": answer({"pass": True}),
    "above": answer({"score": 1.01, "pass": True}),
    "below": answer({"score": -1}),
    "bool": answer({"score": True}),
    "nan": answer(b'{"score": NaN}'),
    "huge": answer(b'{"score": 1, "reason": "' + b"x" * 70_000 + b'"}'),
    "redirect": answer({}, "302 Found", Location="http://127.0.0.1:1/"),
    "deep": answer(b"[" * 60_000),
    "no-http": b"hello\r\n\r\n",
    "bad-length": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
}


async def test_a_webhook_that_hangs_or_speaks_nonsense_or_redirects_gives_0_and_harms_nothing() -> None:
    async def respond(target: str, _headers: Mapping[str, str], _body: bytes) -> bytes:
        if target == "/hangs":
            await asyncio.sleep(30)
        return NONSENSE.get(target[1:], GOOD)

    async with served(respond) as endpoint, opened() as mock:
        rows = [webhook(endpoint, name, retries=0) for name in NONSENSE]
        await mock.add_evaluators(HELLO, webhook(endpoint, "hangs", timeoutMs=1000, retries=0), *rows)
        await mock.send("t1")
        await mock.control("POST", "/clock/advance", {"seconds": 1})
        started = time.monotonic()
        await asyncio.sleep(0.5)
        assert "rule" in await mock.scores("t1")  # rules wait for nobody
        assert time.monotonic() - started < 1
        await mock.send("t2")  # nor does ingestion
        assert (await mock.control("GET", "/work?wait=20"))["idle"] is True
        scores = await mock.scores("t1")
        assert scores.keys() == {"rule", "hangs", *NONSENSE}
        found = {name: row for name, row in scores.items() if name != "rule"}
        assert {(row["value"], row["label"]) for row in found.values()} == {(0, "fail")}
        assert all(row["reasoning"].startswith("the webhook could not be asked: ") for row in found.values())
        assert "within 1 seconds" in scores["hangs"]["reasoning"]
        assert [target for target, _, _ in endpoint.asked].count("/redirect") == 1


ELSEWHERE = (
    "http://192.0.2.1/",
    "http://[2001:db8::1]/",
    "http://169.254.169.254/latest/meta-data",
    "http://0.0.0.0:1/",
    "http://[::ffff:192.0.2.1]/",
    "http://3221225985/",  # 192.0.2.1 as one number
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "http://",
    "http:///path",
    "http://127.0.0.1:99999/",
    "http://a b/",
    "http://\x00/",
    "127.0.0.1",
    "",
)


async def test_a_webhook_reaches_nothing_but_this_machine_unless_it_is_allowed() -> None:
    async with opened() as mock:
        for url in ELSEWHERE:
            body = {"output": "", "evaluators": [webhook(url, retries=0)]}
            response = await mock.client.post("/api/v1/validate", json=body)
            if response.status_code == 400:  # the contract has no such uri
                continue
            (row,) = response.json()["data"]["results"]
            assert (row["score"], row["pass"]) == (0, False), url
            assert re.search(
                "not on this machine|no http or https address|cannot be made|failed: gai", row["reason"]
            ), url


async def test_a_name_counts_by_every_address_that_it_leads_to(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = ["127.0.0.1", "192.0.2.1"]

    async def resolve(*_names: object, **_more: object) -> list[tuple[Any, ...]]:
        return [(2, 1, 6, "", (address, 80)) for address in addresses]

    async with opened() as mock:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        body = {"output": "", "evaluators": [webhook("http://hooks.example/", retries=0)]}
        (row,) = (await mock.client.post("/api/v1/validate", json=body)).json()["data"]["results"]
        assert "not on this machine" in row["reason"]


def test_a_webhook_cannot_use_the_control_api_of_its_own_mock() -> None:
    with MockServer(clock=NOON) as server:
        row = webhook(f"{server.url}/__mock/v1/clock/advance", headers={"Origin": server.url}, retries=0)
        headers = {"Authorization": f"Bearer {server.api_key}"}
        response = httpx.post(
            f"{server.url}/api/v1/validate", json={"output": "", "evaluators": [row]}, headers=headers
        )
        (result,) = response.json()["data"]["results"]
        assert result["reason"] == "the webhook could not be asked: it responded with status 403"


async def test_webhooks_can_be_switched_off() -> None:
    async def respond(_target: str, _headers: Mapping[str, str], _body: bytes) -> bytes:
        return GOOD

    async with served(respond) as endpoint, opened(webhooks="off") as mock:
        found = await judged(mock, webhook(endpoint))
        assert found == {
            "hook": (0, "fail", "the webhook could not be asked: webhooks are switched off (--webhooks off)")
        }
        assert not endpoint.asked


async def test_a_judge_is_asked_as_openai_is_with_texts_that_are_cut() -> None:
    contents = {
        "judge": '{"score": 4, "reasoning": "polite"}',
        "pass": 'Sure: {"score": 1, "reasoning": "yes"} ',
        "facts": '{"claims": 3, "verified": 2}',
        "ground": '{"score": 0.25}',
        "nonsense": "I think it is good",
        "range": '{"score": 9}',
    }

    async def respond(_target: str, _headers: Mapping[str, str], body: bytes) -> bytes:
        system = orjson.loads(body)["messages"][0]["content"]
        name = next((name for name in contents if f"[{name}]" in system), None)
        name = name or ("facts" if "claims" in system else "ground")
        return answer({"choices": [{"message": {"role": "assistant", "content": contents[name]}}]})

    def judge(name: str, scale: str) -> dict[str, Any]:
        return {"type": "LLM_JUDGE", "name": name, "config": {"criteria": f"[{name}]", "scale": scale}}

    async with served(respond) as endpoint, opened(judge_url=f"{endpoint.url}/v1", judge_key="sk-1") as mock:
        await mock.add_evaluators(
            judge("judge", "1-5"),
            judge("pass", "pass_fail"),
            judge("nonsense", "1-5"),
            judge("range", "pass_fail"),
            {"type": "FACTUAL_ACCURACY", "name": "facts"},
            {"type": "GROUNDEDNESS", "name": "ground"},
            {"type": "GROUNDEDNESS", "name": "unknown model", "config": {"model": "my-own"}},
        )
        await mock.send("t1", output="o" * 5000, input="i" * 3000)
        await mock.pass_lag()
        scores = await mock.scores("t1")
        assert {name: (row["value"], row["label"]) for name, row in scores.items()} == {
            "judge": (0.75, "pass"),
            "pass": (1, "pass"),
            "nonsense": (0, "fail"),
            "range": (0, "fail"),
            "facts": (0.67, "pass"),
            "ground": (0.25, "fail"),
            "unknown model": (0, "fail"),
        }
        assert (scores["judge"]["reasoning"], scores["pass"]["reasoning"]) == ("polite", "yes")
        assert "my-own" in scores["unknown model"]["reasoning"]
        assert len(endpoint.asked) == 6
        for target, headers, body in endpoint.asked:
            assert (target, headers["authorization"]) == ("/v1/chat/completions", "Bearer sk-1")
            assert body["model"] == mock_models(mock)["default"]
            text = body["messages"][1]["content"]
            assert (text.count("i" * 2000), "i" * 2001 in text, "o" * 4000 in text, "o" * 4001 in text) == (
                1,
                False,
                True,
                False,
            )


def mock_models(mock: Mock) -> Any:
    """What the contract says of the model."""
    opened_mock = mock.application._mock
    assert opened_mock is not None
    return opened_mock.settings.contracts[0].document["x-rest-evaluation"]["judge"]


async def test_a_judge_that_fails_gives_0_with_the_reason() -> None:
    replies = iter(
        [
            answer({}, "500 Oops"),
            answer({"choices": []}),
            b"",
            answer(b"x" * 70_000),
            answer({"choices": [{"message": {"content": None}}]}),
        ]
    )

    async def respond(_target: str, _headers: Mapping[str, str], _body: bytes) -> bytes:
        return next(replies)

    async with served(respond) as endpoint, opened(judge_url=endpoint.url) as mock:
        for _ in range(5):
            body = {"output": "a", "evaluators": [{"type": "GROUNDEDNESS"}]}
            (row,) = (await mock.client.post("/api/v1/validate", json=body)).json()["data"]["results"]
            assert (row["score"], row["reason"].startswith("the model could not be asked: ")) == (0, True)


@pytest.mark.parametrize(
    ("option", "value"), [("webhooks", "everywhere"), ("judge_url", "example.com"), ("judge_url", "file:///x")]
)
def test_an_option_that_cannot_be_used_is_refused(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=f"--{option.replace('_', '-')}"):
        create_application(**{option: value})

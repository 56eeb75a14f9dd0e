"""Webhooks: what is posted to an endpoint of the suite's own, and what its answers become."""

from __future__ import annotations

from twosignal_conformance.apis.dashboard.checks import ApiClient, Desk, Judge, TestData, covers, evaluations
from twosignal_conformance.apis.dashboard.checks.cases import Judged, Text, near
from twosignal_conformance.apis.dashboard.checks.webhook import Posted, listening
from twosignal_conformance.engine.api_client import member

_SCORE = 0.375
_RETRIES = 2
_FAILURE = 500


def _respond(posted: Posted, before: int) -> tuple[int, object]:
    """A score, a failure before a score, always a failure, or nonsense, by the path."""
    if posted.path == "/failing" or (posted.path == "/flaky" and before == 0):
        return _FAILURE, {}
    if posted.path == "/nonsense":
        return 200, {"score": "high"}
    return 200, {"score": _SCORE, "pass": True, "reason": "so it is"}


@covers(
    "evaluators.webhook.request",
    "evaluators.webhook.score",
    "evaluators.webhook.retries",
    "evaluators.webhook.helpless",
)
def test_a_webhook_is_posted_and_scores(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Four endpoints and one trace."""
    desk = Desk(client, judge, data)
    # As texts: whether anything else is posted as it was sent or as its JSON text no source says.
    text = Text(data.name("answer"), data.name("question"))
    sent = {"X-Conformance-Run": data.run_id}
    with listening(client, _respond) as endpoint:
        where = evaluations.project(
            desk,
            {
                path: Judged("WEBHOOK", {"url": f"{endpoint.url}/{path}", "headers": sent, "retries": _RETRIES})
                for path in ("score", "flaky", "failing", "nonsense")
            },
        )
        judge.require(len(where.names) == 4, "a webhook was refused: it may have to be HTTPS")
        (trace,), exchange = evaluations.send(desk, where, text)
        judge.require(exchange.ok, f"the ingestion over REST was answered with {exchange.status}")
        names = [where.names[label] for label in ("score", "flaky")]
        seen = evaluations.scores(desk, trace, names)
        desk.settle(lambda: len(endpoint.at("/failing")), lambda count: count > _RETRIES)
        judge.require(endpoint.posted, "nothing was posted: does the server reach this machine?")
        _judge_request(desk, endpoint.at("/score"), trace["id"], text, sent)
        score = evaluations.score_by(seen, where.names["score"])
        holds = near(_SCORE)(score)
        desk.check("evaluators.webhook.score", holds, f"the value {_SCORE}", f"{score}", seen.exchange)
        again = evaluations.score_by(seen, where.names["flaky"])
        attempts, most = len(endpoint.at("/flaky")), len(endpoint.at("/failing"))
        holds = attempts == 2 and most == _RETRIES + 1
        expected = f"2 attempts until a score, {_RETRIES + 1} where none comes"
        desk.check("evaluators.webhook.retries", holds, expected, f"{attempts} and {most}", seen.exchange)
        if attempts == 2:
            desk.check("evaluators.webhook.score", near(_SCORE)(again), f"{_SCORE}", f"{again}", seen.exchange)
        helpless = evaluations.scores(desk, trace, [where.names["nonsense"]])
        found = evaluations.score_by(helpless, where.names["nonsense"])
        desk.check("evaluators.webhook.helpless", near(0)(found), "the value 0", f"{found}", helpless.exchange)


def _judge_request(desk: Desk, posted: object, trace: str, text: Text, sent: dict[str, str]) -> None:
    rows = [row for row in posted if isinstance(row, Posted)] if isinstance(posted, list) else []
    desk.judge.require(rows, "nothing was posted to the first endpoint")
    body, headers = rows[0].body, rows[0].headers
    fields = desk.client.contract.extension("x-dashboard-evaluation")["webhook"]["fields"]
    lacking = [name for name in fields if not isinstance(body, dict) or name not in body]
    wrong = [name for name, value in sent.items() if headers.get(name.lower()) != value]
    right = member(body, "traceId") == trace and member(body, "input") == text.input
    holds = not lacking and not wrong and right and member(body, "output") == text.output
    expected = f"{', '.join(fields)} of the trace, with the headers {sent}"
    desk.check("evaluators.webhook.request", holds, expected, f"{body} with {headers}", ())

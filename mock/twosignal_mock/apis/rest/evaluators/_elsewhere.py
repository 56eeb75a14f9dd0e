"""Evaluators that are decided elsewhere: by a model, or by a webhook. Whatever happens there, there is a verdict."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson

from twosignal_mock.apis.rest.evaluators._outgoing import Outgoing, OutgoingError, Reply, RetryableError
from twosignal_mock.apis.rest.evaluators._questions import (
    QUESTIONS,
    Question,
    invent_verdict,
    read_answer,
    write_prompt,
)
from twosignal_mock.apis.rest.evaluators._values import Config, Subject, Verdict

_PAUSE = 0.2
"""Seconds before a webhook is tried again."""
_MOST_REASON = 1000
"""Characters of a webhook's reason that are kept."""
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Judge:
    """A model behind an OpenAI-compatible endpoint."""

    url: str
    """Up to and with `/v1`."""
    key: str | None
    """None: that of the evaluator, where it has one."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Asks models and webhooks, as /x-rest-evaluation of the contract says."""

    rules: Any
    """/x-rest-evaluation."""
    outgoing: Outgoing
    judge: Judge | None
    seed: int

    async def ask_model(self, kind: str, subject: Subject, config: Config) -> Verdict:
        """What a model says of the subject; 0 with the reason when it says nothing of use."""
        question = QUESTIONS[kind]
        if self.judge is None:
            return invent_verdict(question, self.seed, kind, subject, config)
        model = config.get("model", self.rules["judge"]["default"])
        if model not in self.rules["judge"]["models"]:
            allowed = ", ".join(self.rules["judge"]["models"])
            return Verdict(0.0, False, f"the model {model[:100]!r} is none of {allowed}")
        try:
            return await self._ask(self.judge, question, model, subject, config)
        except OutgoingError as error:
            return Verdict(0.0, False, f"the model could not be asked: {error}")

    async def _ask(self, judge: Judge, question: Question, model: str, subject: Subject, config: Config) -> Verdict:
        rules = self.rules["judge"]
        prompt = write_prompt(question, subject, config, rules["input-characters"], rules["output-characters"])
        messages = [{"role": role, "content": text} for role, text in prompt._asdict().items()]
        key = judge.key or config.get("api_key")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        body = {"model": model, "messages": messages, "temperature": 0, "response_format": {"type": "json_object"}}
        url = f"{judge.url.rstrip('/')}/chat/completions"
        reply = await self.outgoing.post(url, headers, orjson.dumps(_clean(body)), rules["timeout"])
        if reply.status not in _OK:
            raise OutgoingError(f"it responded with status {reply.status}")
        try:
            content = orjson.loads(reply.body)["choices"][0]["message"]["content"]
        except (orjson.JSONDecodeError, LookupError, TypeError):
            raise OutgoingError("its response is no chat completion") from None
        if not isinstance(content, str):
            raise OutgoingError("its response has no text")
        return read_answer(question, content, config)

    async def post_webhook(self, subject: Subject, config: Config) -> Verdict:
        """What a webhook says of the subject; 0 with the reason when it says nothing of use."""
        values = {
            "traceId": subject.trace,
            "spanId": subject.span,
            "input": subject.input,
            "output": subject.text,
            "metadata": dict(config),
            "expectedOutput": subject.expected,
        }
        body = orjson.dumps(_clean({name: values[name] for name in self.rules["webhook"]["fields"]}))
        seconds = config["timeoutMs"] / 1000
        try:
            for attempt in range(config["retries"] + 1):
                reply = await self._try(config, body, seconds, last=attempt == config["retries"])
                if reply is not None:
                    return _read_reply(reply)
                await asyncio.sleep(_PAUSE)
        except OutgoingError as error:
            return Verdict(0.0, False, f"the webhook could not be asked: {error}")
        return Verdict(0.0, False, "the webhook was not asked")

    async def _try(self, config: Config, body: bytes, seconds: float, *, last: bool) -> Reply | None:
        """The response; None when another attempt is due."""
        least, most = self.rules["webhook"]["retried"]
        try:
            reply = await self.outgoing.post_webhook(config["url"], config.get("headers", {}), body, seconds)
        except RetryableError:
            if last:
                raise
            return None
        return None if least <= reply.status <= most and not last else reply


def _read_reply(reply: Reply) -> Verdict:
    if reply.status not in _OK:
        raise OutgoingError(f"it responded with status {reply.status}")
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        raise OutgoingError("its response is not JSON") from None
    score = answer.get("score") if isinstance(answer, dict) else None
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise OutgoingError("its response has no score from 0 to 1")
    passed = answer.get("pass")
    reason = answer.get("reason", answer.get("reasoning"))
    return Verdict(
        float(score),
        passed if isinstance(passed, bool) else score >= _HALF,
        reason[:_MOST_REASON] if isinstance(reason, str) else None,
    )


_HALF = 0.5
"""A webhook of the cookbook's form gives no `pass`: then this score decides."""


def _clean(value: Any) -> Any:
    """The value without lone surrogates, which no UTF-8 has."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode() if not value.isascii() else value
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value

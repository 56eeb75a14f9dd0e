"""Stand-ins for the client objects of model providers.

The wrappers of PyPI `twosignal` import no provider's package: they put a function around one method of the object that
they get, and read a few attributes of what it returns. These objects have that method and those attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from twosignal.wrappers.anthropic import wrap_anthropic  # type: ignore[import-untyped]  # the package ships no types
from twosignal.wrappers.cohere import wrap_cohere  # type: ignore[import-untyped]
from twosignal.wrappers.google import wrap_google  # type: ignore[import-untyped]
from twosignal.wrappers.groq import wrap_groq  # type: ignore[import-untyped]
from twosignal.wrappers.mistral import wrap_mistral  # type: ignore[import-untyped]
from twosignal.wrappers.openai import wrap_openai  # type: ignore[import-untyped]

QUESTION = [{"role": "user", "content": "Where is my order?"}]
PROMPT, COMPLETION, CACHED = 1000, 250, 400
"""Tokens of every answer."""


@dataclass(frozen=True)
class Provider:
    """A wrapped client, and what its spans look like."""

    call: Callable[[], Any]
    trace: str
    """Name of the trace when none is open."""
    span: str
    model: str


def openai_client(answer: Any = None, seen: list[str] | None = None) -> Any:
    """A client with `chat.completions.create`; notes the models that it is asked for in `seen`."""

    def create(**wanted: Any) -> Any:
        if seen is not None:
            seen.append(wanted["model"])
        if isinstance(answer, Exception):
            raise answer
        return answer or SimpleNamespace(usage=_openai_usage())

    return wrap_openai(SimpleNamespace(chat=SimpleNamespace(completions=SimpleNamespace(create=create))))


def openai_stream() -> Iterator[Any]:
    """The chunks of a streamed answer, the usage in the last one."""
    for text in ("On its", " way."):
        yield SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(content=text))], usage=None)
    yield SimpleNamespace(choices=[], usage=_openai_usage())


def _openai_usage() -> Any:
    details = SimpleNamespace(cached_tokens=CACHED)
    return SimpleNamespace(prompt_tokens=PROMPT, completion_tokens=COMPLETION, prompt_tokens_details=details)


def _openai() -> Any:
    return openai_client().chat.completions.create(model="gpt-4o-mini", messages=QUESTION, temperature=0.2)


def _anthropic() -> Any:
    usage = SimpleNamespace(input_tokens=PROMPT, output_tokens=COMPLETION)
    client = SimpleNamespace(messages=SimpleNamespace(create=lambda **_: SimpleNamespace(usage=usage)))
    return wrap_anthropic(client).messages.create(
        model="claude-sonnet-4-20250514", messages=QUESTION, system="Be kind.", max_tokens=100
    )


def _google() -> Any:
    usage = SimpleNamespace(prompt_token_count=PROMPT, candidates_token_count=COMPLETION)
    answer = SimpleNamespace(usage_metadata=usage, text="On its way.")
    model = SimpleNamespace(model_name="models/gemini-2.5-flash", generate_content=lambda *_, **__: answer)
    return wrap_google(model).generate_content("Where is my order?")


def _mistral() -> Any:
    usage = SimpleNamespace(prompt_tokens=PROMPT, completion_tokens=COMPLETION)
    client = SimpleNamespace(chat=SimpleNamespace(complete=lambda **_: SimpleNamespace(usage=usage)))
    return wrap_mistral(client).chat.complete(model="mistral-small-latest", messages=QUESTION)


def _cohere() -> Any:
    billed = SimpleNamespace(input_tokens=PROMPT, output_tokens=COMPLETION)
    answer = SimpleNamespace(meta=SimpleNamespace(billed_units=billed))
    return wrap_cohere(SimpleNamespace(chat=lambda **_: answer)).chat(model="command-r", messages=QUESTION)


def _groq() -> Any:
    usage = SimpleNamespace(prompt_tokens=PROMPT, completion_tokens=COMPLETION)
    completions = SimpleNamespace(create=lambda **_: SimpleNamespace(usage=usage))
    client = wrap_groq(SimpleNamespace(chat=SimpleNamespace(completions=completions)))
    return client.chat.completions.create(model="llama-3.1-8b-instant", messages=QUESTION)


PROVIDERS = {
    "openai": Provider(_openai, "openai.chat.completions", "openai.chat.completions.create", "gpt-4o-mini"),
    "anthropic": Provider(_anthropic, "anthropic.messages", "anthropic.messages.create", "claude-sonnet-4-20250514"),
    "google": Provider(_google, "google.generate_content", "google.generate_content", "gemini-2.5-flash"),
    "mistral": Provider(_mistral, "mistral.chat.complete", "mistral.chat.complete", "mistral-small-latest"),
    "cohere": Provider(_cohere, "cohere.chat", "cohere.chat", "command-r"),
    "groq": Provider(_groq, "groq.chat.completions", "groq.chat.completions.create", "llama-3.1-8b-instant"),
}
"""Names as in reference/twosignal.md, section 6.1."""

"""A support agent, as one writes it with the published SDK: `pip install twosignal`, and nothing of this repository.

It finds its server by TWOSIGNAL_BASE_URL and TWOSIGNAL_API_KEY, and answers the questions that it is given.
"""

import sys
import time
import warnings
from types import SimpleNamespace
from typing import Any

from twosignal import TwoSignal, observe  # type: ignore[import-untyped]  # the published package ships no types
from twosignal.types import SpanType  # type: ignore[import-untyped]
from twosignal.wrappers.openai import wrap_openai  # type: ignore[import-untyped]

# The package asks for the time in a way that newer Pythons deprecate.
warnings.filterwarnings("ignore", category=DeprecationWarning, module="twosignal")


def complete(**question: Any) -> SimpleNamespace:
    """Stands in for the model, which cannot be reached from here; the wrapper around it is the published one."""
    time.sleep(0.02)
    text = question["messages"][-1]["content"]
    usage = SimpleNamespace(
        prompt_tokens=40 + len(text),
        completion_tokens=25,
        total_tokens=65 + len(text),
        prompt_tokens_details=SimpleNamespace(cached_tokens=0),
    )
    message = SimpleNamespace(role="assistant", content=f"About {text!r}: open the settings page.", tool_calls=None)
    return SimpleNamespace(choices=[SimpleNamespace(message=message)], usage=usage, model=question["model"])


model = SimpleNamespace(chat=SimpleNamespace(completions=SimpleNamespace(create=complete)))
client = TwoSignal()
wrap_openai(model)


@observe(name="search-handbook", span_type=SpanType.RETRIEVAL)  # type: ignore[untyped-decorator]
def search(question: str) -> list[str]:
    """What the handbook says."""
    time.sleep(0.01)
    return [f"handbook page on {question.rsplit(maxsplit=1)[-1]}"]


@observe(name="issue-refund", span_type=SpanType.TOOL)  # type: ignore[untyped-decorator]
def refund(question: str) -> None:
    """A tool that is down."""
    raise ConnectionError(f"the payment service did not answer for {question!r}")


@observe(name="support-agent", span_type=SpanType.AGENT)  # type: ignore[untyped-decorator]
def answer(question: str) -> str:
    """One run of the agent."""
    pages = search(question)
    if "refund" in question:
        refund(question)
    messages = [{"role": "system", "content": " ".join(pages)}, {"role": "user", "content": question}]
    return str(model.chat.completions.create(model="gpt-4o-mini", messages=messages).choices[0].message.content)


for each in sys.argv[1:]:
    try:
        print("  agent:", answer(each))
    except ConnectionError as error:
        print("  agent: failed,", error)
client.shutdown()

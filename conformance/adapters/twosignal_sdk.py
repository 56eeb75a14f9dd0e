"""The package `twosignal` 0.1.0 of PyPI, as its users use it: decorated functions, `route_model`, `validate`.

A trace is a decorated function that is called from outside of any other, and its spans are decorated functions that
it calls: `@observe` records trace and top span in one step.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

Json = Any
Client = Any
"""`twosignal.TwoSignal`. The package is imported where it is needed, so that an unsupported scenario ends at once."""

NOT_SUPPORTED = 64


class FailedError(Exception):
    """The error of a failing span."""


def main() -> int:
    """Does the scenario on standard input; the exit code."""
    actions = json.load(sys.stdin)["do"]
    unknown = {action["action"] for action in actions} - ACTIONS.keys()
    if unknown:
        print(f"actions that the package does not have: {', '.join(sorted(unknown))}", file=sys.stderr)
        return NOT_SUPPORTED
    from twosignal import TwoSignal  # type: ignore[import-untyped]  # the package ships no types

    client = TwoSignal()  # reads its key and address from the environment
    results = [ACTIONS[action["action"]](client, action) for action in actions]
    client.shutdown()
    print(json.dumps({"results": results}))
    return 0


def emit(client: Client, action: Json) -> Json:
    """Records the traces; the package sends them in a thread of its own, so there is no count to give."""
    for trace in action["traces"]:
        live({"type": "AGENT", **trace})
    client.flush()
    return {}


def live(span: Json) -> Any:
    """Calls a decorated function that calls those below it, and goes on when one of them fails."""
    from twosignal import observe
    from twosignal.types import SpanType  # type: ignore[import-untyped]

    @observe(name=span["name"], span_type=SpanType(span["type"]))  # type: ignore[untyped-decorator]
    def act(input: Any) -> Any:  # noqa: A002, ARG001 - its name and value are what the package records
        for inner in span.get("spans", ()):
            with suppress(FailedError):
                live(inner)
        if "error" in span:
            raise FailedError(span["error"])
        return span.get("output")

    return act(span.get("input"))


def route(client: Client, action: Json) -> Json:
    """The model, which is all that the package returns; None when anything fails."""
    client.model_routing = action.get("configName")
    return {"model": client.route_model(action["input"])}


def validate(client: Client, action: Json) -> Json:
    """The verdict."""
    fields = {"fail_mode": action.get("failMode", "any"), "input": action.get("input")}
    return client.validate(action["output"], action["evaluators"], **fields)


ACTIONS: Mapping[str, Callable[[Client, Json], Json]] = {
    "emit": emit,
    "route": route,
    "validate": validate,
}

if __name__ == "__main__":
    sys.exit(main())

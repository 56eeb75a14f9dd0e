"""`twosignal-mock serve`: starts the mock and says how to reach it."""

from __future__ import annotations

from contextlib import suppress
from posixpath import commonpath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twosignal_mock._command_line import UnusableError, export_lines, variable
from twosignal_mock._ready_file import ReadyFile

if TYPE_CHECKING:
    from twosignal_contract import Contract

    from twosignal_mock._composition import Mock
    from twosignal_mock._settings import MockSettings


def _option(name: str, metavar: str | None, text: str) -> Any:
    """An option that the environment may set too; its help tells the default in words: _settings fills it in."""
    return typer.Option(name, metavar=metavar, help=text, envvar=variable(name), show_default=False)


Host = Annotated[
    str | None, _option("--host", "ADDRESS", "Listen here; 0.0.0.0 is every address. (default: 127.0.0.1)")
]
Port = Annotated[str | None, _option("--port", "N", "Listen on this port; 0 takes a free one. (default: 3000)")]
ReadyFileOption = Annotated[
    str | None,
    _option("--ready-file", "FILE", "Write {url, control_url, api_key, email, password, pid} here while it serves."),
]
ExitWithParent = Annotated[
    bool, _option("--exit-with-parent", None, "End when the process that started it ends (not on Windows).")
]
State = Annotated[str | None, _option("--state", "FILE", "Keep the state in this SQLite file. (default: in memory)")]
Document = Annotated[
    list[str] | None,
    _option("--contract", "FILE", "Obey this document instead of the shipped one of its API (x-api); repeatable."),
]
Apis = Annotated[
    str | None, _option("--api", "NAMES", "Serve only these APIs, by their names in x-api. (default: all)")
]
ApiKey = Annotated[str | None, _option("--api-key", "KEY", "The key to begin with. (default: ts_local_development)")]
Plan = Annotated[str | None, _option("--plan", "NAME", "Its plan, one of the contract's. (default: free)")]
Limits = Annotated[str | None, _option("--limits", "on|off", "Whether rates are limited as planned. (default: on)")]
Lag = Annotated[
    str | None, _option("--lag", "TIME", "Show what was received only so much later: 2s, 500ms. (default: 0ms)")
]
Latency = Annotated[
    str | None, _option("--latency", "TIME", "Delay every response: 100ms, or between two: 50..200ms. (default: 0ms)")
]
Clock = Annotated[
    str | None,
    _option(
        "--clock", "TIME", "real; an instant (2026-01-31T12:00:00Z) to freeze at; or from:INSTANT. (default: real)"
    ),
]
Seed = Annotated[str | None, _option("--seed", "N", "Decides ids, faults and sample data. (default: 0)")]
Dialect = Annotated[
    list[str] | None,
    _option("--dialect", "NAME=VALUE", "Respond as another source documents it; repeatable, or separated by commas."),
]
ControlToken = Annotated[
    str | None, _option("--control-token", "T", "Let whoever sends it use /__mock; without it only this machine may.")
]
Sample = Annotated[str | None, _option("--sample", "N", "Begin with so many samples. (default: 0)")]
AnyKey = Annotated[bool, _option("--any-key", None, "Let any unknown key open a sandbox of its own, with --sample.")]
ValidateAnswers = Annotated[
    bool, _option("--validate-answers", None, "Check each response against the contract; a violation is a loud 500.")
]
JournalSize = Annotated[str | None, _option("--journal-size", "N", "Requests kept for each sandbox. (default: 1000)")]
LogFormat = Annotated[str | None, _option("--log-format", "text|json", "How access lines are written. (default: text)")]
NoCors = Annotated[bool, _option("--no-cors", None, "Tell browsers nothing: pages of other origins cannot call.")]

Webhooks = Annotated[
    str | None,
    _option(
        "--webhooks", "loopback|any|off", "Where evaluators may post to; loopback is this machine. (default: loopback)"
    ),
]
JudgeUrl = Annotated[
    str | None,
    _option("--judge-url", "URL", "Have evaluators ask the model of this OpenAI-compatible endpoint (.../v1)."),
]
JudgeKey = Annotated[str | None, _option("--judge-key", "KEY", "Its API key.")]


def serve_mock(
    host: Host = None,
    port: Port = None,
    ready_file: ReadyFileOption = None,
    exit_with_parent: ExitWithParent = False,
    state: State = None,
    contract: Document = None,
    api: Apis = None,
    api_key: ApiKey = None,
    plan: Plan = None,
    limits: Limits = None,
    lag: Lag = None,
    latency: Latency = None,
    clock: Clock = None,
    seed: Seed = None,
    dialect: Dialect = None,
    control_token: ControlToken = None,
    sample: Sample = None,
    any_key: AnyKey = False,
    validate_answers: ValidateAnswers = False,
    journal_size: JournalSize = None,
    log_format: LogFormat = None,
    no_cors: NoCors = False,
    webhooks: Webhooks = None,
    judge_url: JudgeUrl = None,
    judge_key: JudgeKey = None,
) -> None:
    """Serve the APIs until interrupted (Ctrl-C, exit code 130) or told to end (SIGTERM, exit code 0).

    Access lines go to standard output, everything that went wrong to standard error.
    """
    options = dict(locals())
    from twosignal_mock._settings import make_settings, read_path

    # Before all that takes time or can fail: who waits for the file must not find an older one.
    ready = None if ready_file is None else ReadyFile(read_path("ready_file", ready_file))
    if ready is not None:
        ready.clear()
    from twosignal_mock._serving import base_url, bind_socket, ready_record, serve
    from twosignal_mock.engine.store import StateError

    settings = make_settings(**options)
    bound = bind_socket(settings.host, settings.port)
    url = base_url(bound, settings.host)

    def on_ready(mock: Mock) -> None:
        with suppress(OSError):  # as with access lines: nobody who reads is no reason not to serve
            print(banner(mock, url), flush=True)
        if ready is not None:
            ready.write(ready_record(mock, url))

    try:
        code = serve(settings, bound, on_ready)
    except StateError as error:
        raise UnusableError(f"--state {settings.state}: {error}") from None
    finally:
        if ready is not None:
            ready.remove()
    raise typer.Exit(code)


def check_contracts(contract: Document = None, api: Apis = None) -> None:
    """Check that the mock carries out all that the contracts state, and serve nothing.

    Exit code 3 and one line for each mistake: a parameter that no handler reads, a scheme that nobody checks, ...
    """
    import asyncio

    from twosignal_mock._composition import open_mock
    from twosignal_mock._settings import make_settings

    async def check() -> None:
        mock = await open_mock(make_settings(contract=contract, api=api))
        await mock.close()

    asyncio.run(check())


def banner(mock: Mock, url: str) -> str:
    """What a person wants to know of a mock that was just started."""
    settings = mock.settings
    rows = {
        "API": f"{url}  (paths under {', '.join(map(_base_path, settings.contracts))})",
        "key": settings.api_key + ("; any other opens a sandbox of its own" if settings.any_key else ""),
        "user": f"{settings.email} / {settings.password}",
        "plan": _plan_text(settings, mock.plan),
        "clock": _clock_text(settings),
        "state": str(settings.state) if settings.state is not None else "in memory, gone at the end",
        "control": f"{url}/__mock/v1/openapi.json",
    }
    canonical = {name: row.canonical for contract in settings.contracts for name, row in contract.dialects.items()}
    chosen = [f"{name}={value}" for name, value in settings.dialects.items() if value != canonical[name]]
    if chosen:
        rows["dialects"] = ", ".join(chosen)
    lines = ["The 2Signal mock is ready.", *(f"  {name:9} {text}" for name, text in rows.items())]
    return "\n".join([*lines, *(f"  {line}" for line in export_lines(url, settings.api_key))])


def _base_path(contract: Contract) -> str:
    return commonpath([operation.path for operation in contract.operations.values()])


def _plan_text(settings: MockSettings, plan: str) -> str:
    limits = {
        f"{contract.plans[plan]} requests in {contract.rate_limit.window} s"
        for contract in settings.contracts
        if plan in contract.plans
    }
    return f"{plan}, {', '.join(sorted(limits)) if settings.limits and limits else 'no limits'}"


def _clock_text(settings: MockSettings) -> str:
    from twosignal_mock.engine.sandbox import instant_text

    start = settings.clock
    return str(start.kind) if start.at is None else f"{start.kind}, from {instant_text(start.at)}"

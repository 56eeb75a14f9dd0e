"""`twosignal-mock serve`: starts the mock and says how to reach it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twosignal_mock._failure import UnusableError

if TYPE_CHECKING:
    from twosignal_mock._composition import Mock
    from twosignal_mock._settings import MockSettings

_PREFIX = "TWOSIGNAL_MOCK_"


def _option(name: str, metavar: str | None, text: str) -> Any:
    """An option that may also stand in the environment; its default is told in words: our own reader fills it in."""
    envvar = _PREFIX + name.removeprefix("--").replace("-", "_").upper()
    return typer.Option(name, metavar=metavar, help=text, envvar=envvar, show_default=False)


Host = Annotated[
    str | None, _option("--host", "ADDRESS", "Listen here; 0.0.0.0 is every address. (default: 127.0.0.1)")
]
Port = Annotated[str | None, _option("--port", "N", "Listen on this port; 0 takes a free one. (default: 3000)")]
ReadyFile = Annotated[
    str | None,
    _option("--ready-file", "FILE", "Write {url, control_url, api_key, email, password, pid} here once it serves."),
]
State = Annotated[str | None, _option("--state", "FILE", "Keep the state in this SQLite file. (default: in memory)")]
Document = Annotated[
    str | None, _option("--contract", "FILE", "Obey this document instead of the one that came along.")
]
ApiKey = Annotated[str | None, _option("--api-key", "KEY", "The key to begin with. (default: ts_local_development)")]
Plan = Annotated[str | None, _option("--plan", "NAME", "Its plan: free, pro, team or enterprise. (default: free)")]
Limits = Annotated[str | None, _option("--limits", "on|off", "Whether rates are limited as planned. (default: on)")]
Lag = Annotated[
    str | None, _option("--lag", "MS", "Show what was ingested only so many milliseconds later. (default: 0)")
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
    _option("--dialect", "NAME=VALUE", "Answer as another source documents it; repeatable, or separated by commas."),
]
ControlToken = Annotated[
    str | None, _option("--control-token", "T", "Let whoever sends it use /__mock; without it only this machine may.")
]
Sample = Annotated[str | None, _option("--sample", "N", "Begin with so many sample traces. (default: 0)")]
AnyKey = Annotated[bool, _option("--any-key", None, "Let an unknown well-formed key open a sandbox of its own.")]
ValidateAnswers = Annotated[
    bool, _option("--validate-answers", None, "Check each answer against the contract; a violation is a loud 500.")
]
JournalSize = Annotated[str | None, _option("--journal-size", "N", "Requests kept for each sandbox. (default: 1000)")]
LogFormat = Annotated[str | None, _option("--log-format", "text|json", "How access lines are written. (default: text)")]
NoCors = Annotated[bool, _option("--no-cors", None, "Tell browsers nothing: pages of other origins cannot call.")]


def serve_mock(
    host: Host = None,
    port: Port = None,
    ready_file: ReadyFile = None,
    state: State = None,
    contract: Document = None,
    api_key: ApiKey = None,
    plan: Plan = None,
    limits: Limits = None,
    lag: Lag = None,
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
) -> None:
    """Serve the API until interrupted (Ctrl-C, exit code 130) or told to end (SIGTERM, exit code 0).

    Access lines go to standard output, everything that went wrong to standard error.
    """
    options = dict(locals())
    from twosignal_mock._serving import base_url, bind_socket, ready_record, serve, write_ready
    from twosignal_mock._settings import SettingsError, make_settings
    from twosignal_mock.engine.store import StateError

    settings = make_settings(**options)
    bound = bind_socket(settings.host, settings.port)
    url = base_url(bound, settings.host)
    ready = settings.ready_file

    def on_ready(mock: Mock) -> None:
        with suppress(OSError):  # as with access lines: nobody who reads is no reason not to serve
            print(banner(mock, url), flush=True)
        if ready is not None:
            try:
                write_ready(ready, ready_record(mock, url))
            except OSError as error:
                raise SettingsError("ready_file", str(ready), f"a file to write ({error.strerror})") from None

    try:
        code = serve(settings, bound, on_ready)
    except StateError as error:
        raise UnusableError(f"--state {settings.state}: {error}") from None
    finally:
        if ready is not None:
            _remove(ready)
    raise typer.Exit(code)


def banner(mock: Mock, url: str) -> str:
    """What a person wants to know of a mock that was just started."""
    settings = mock.settings
    rate, window = settings.contract.plans.get(mock.plan), settings.contract.rate_limit.window
    limits = f"{rate} requests in {window} s" if settings.limits and rate else "no limits"
    rows = {
        "API": f"{url}  (paths under /api/v1)",
        "key": settings.api_key,
        "user": f"{settings.email} / {settings.password}",
        "plan": f"{mock.plan}, {limits}",
        "clock": _clock_text(settings),
        "state": str(settings.state) if settings.state is not None else "in memory, gone at the end",
        "control": f"{url}/__mock/v1/openapi.json",
    }
    canonical = {name: dialect.canonical for name, dialect in settings.contract.dialects.items()}
    chosen = [f"{name}={value}" for name, value in settings.dialects.items() if value != canonical[name]]
    if chosen:
        rows["dialects"] = ", ".join(chosen)
    lines = ["The 2Signal mock is ready.", *(f"  {name:9} {text}" for name, text in rows.items())]
    return "\n".join([*lines, *(f"  {line}" for line in export_lines(url, settings.api_key))])


def export_lines(url: str, api_key: str) -> list[str]:
    """The lines for a shell by which clients find the mock."""
    return [f"export TWOSIGNAL_BASE_URL={url}", f"export TWOSIGNAL_API_KEY={api_key}"]


def local_url(host: str, port: int | str) -> str:
    """The URL by which this machine finds a mock that listens on an address: "every address" is none to call."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _clock_text(settings: MockSettings) -> str:
    from twosignal_mock.engine.sandbox import instant_text

    start = settings.clock
    return str(start.kind) if start.at is None else f"{start.kind}, from {instant_text(start.at)}"


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()

"""The options of the mock: lenient values are read, checked and joined here, once, into one frozen value.

A value may be text (from the command line or the environment) or a value (from Python). An error names the option,
quotes what it got and says what was expected. What a plan or a dialect may be, the contracts say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from twosignal_contract import Contract, documents, load_contract

from twosignal_mock._command_line import CommandError, read_whole, variable
from twosignal_mock.apis import APIS
from twosignal_mock.apis.rest.evaluators import WebhookPolicy
from twosignal_mock.engine.api import Api
from twosignal_mock.engine.http import LogFormat
from twosignal_mock.engine.sandbox import RANGE, ClockError, ClockStart, Delay, DelayError, parse_clock

START_EMAIL = "dev@example.com"
START_PASSWORD = "development"  # noqa: S105 - documented, the same for everybody, and good for this mock alone
START_KEY = "local_development"
"""Behind the prefix of API keys."""

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 3000
"""Where the published client looks by default."""
DEFAULT_PLAN = "free"
DEFAULT_JOURNAL_SIZE = 1000
"""Entries: a test's requests many times over, a few megabytes at most."""

_LONGEST_LAG = 3600.0
_LONGEST_LATENCY = 60.0
"""Seconds, as clients' time-outs."""

_PRINTABLE = re.compile(r"[!-~]{1,200}")
_SWITCH = {"on": True, "off": False, "true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


class SettingsError(CommandError):
    """An option that cannot be used; the text is one line for people."""

    def __init__(self, option: str, got: object, expected: str) -> None:
        name = f"--{option.replace('_', '-')}"
        super().__init__(f"{name} (or {variable(option)}): got {got!r}, expected {expected}")
        self.option = option


@dataclass(frozen=True, slots=True)
class MockSettings:
    """How one mock is set up."""

    contracts: tuple[Contract, ...]
    """One for each API that is served."""
    host: str
    port: int
    """0: any free one."""
    exit_with_parent: bool
    state: Path | None
    """None: in memory."""
    api_key: str
    email: str
    password: str
    plan: str
    limits: bool
    lag: int
    """Milliseconds between the receipt of something and its first showing."""
    latency: Delay | None
    """Of every request; None: no longer than it takes."""
    clock: ClockStart
    seed: int
    dialects: Mapping[str, str]
    """A value for every dialect of the contracts."""
    control_token: str | None
    sample: int
    """Things of sample data to begin with."""
    any_key: bool
    validate_answers: bool
    journal_size: int
    """Entries of each sandbox."""
    log_format: LogFormat
    cors: bool
    options: Mapping[str, str]
    """Those that only an API knows the meaning of, by name; absent when they were not given."""

    @property
    def plans(self) -> dict[str, int]:
        """The plans of all contracts."""
        return {plan: rate for contract in self.contracts for plan, rate in contract.plans.items()}


def make_settings(**values: object) -> MockSettings:
    """The settings from values by option name (`ready_file`, `any_key`, ...); None or absent means the default.

    Raises SettingsError for a value that cannot be used, ContractError for the contract.
    """
    given = {name: value for name, value in values.items() if value is not None}
    if unknown := given.keys() - OPTIONS.keys():
        name = min(unknown)
        raise SettingsError(name, given[name], f"one of the options {', '.join(OPTIONS)}")
    read = {name: OPTIONS[name](name, value) for name, value in given.items()}
    contracts = _contracts(read.get("contract", ()), read.get("api"))
    dialects = _dialects(contracts, read.get("dialect", ()))
    apis = [APIS[contract.api.name] for contract in contracts if contract.api.name in APIS]
    plans = [plan for contract in contracts for plan in contract.plans]
    plan = read.get("plan", DEFAULT_PLAN if DEFAULT_PLAN in plans or not plans else plans[0])
    if plans and plan not in plans:
        raise SettingsError("plan", plan, f"one of {', '.join(plans)}")
    return MockSettings(
        contracts=contracts,
        host=read.get("host", DEFAULT_HOST),
        port=read.get("port", DEFAULT_PORT),
        exit_with_parent=read.get("exit_with_parent", False),
        state=read.get("state"),
        api_key=read.get("api_key", key_prefix(apis, dialects) + START_KEY),
        email=START_EMAIL,
        password=START_PASSWORD,
        plan=plan,
        limits=read.get("limits", True),
        lag=read.get("lag", 0),
        latency=read.get("latency"),
        clock=read.get("clock", ClockStart()),
        seed=read.get("seed", 0),
        dialects=MappingProxyType(dialects),
        control_token=read.get("control_token"),
        sample=read.get("sample", 0),
        any_key=read.get("any_key", False),
        validate_answers=read.get("validate_answers", False),
        journal_size=read.get("journal_size", DEFAULT_JOURNAL_SIZE),
        log_format=read.get("log_format", LogFormat.TEXT),
        cors=not read.get("no_cors", False),
        options=MappingProxyType({name: str(read[name]) for name in _OF_APIS if name in read}),
    )


def key_prefix(apis: Iterable[Api], dialects: Mapping[str, str]) -> str:
    """What new API keys begin with: as the first of the APIs that has keys of its own wants it."""
    prefixes = (api.key_prefix(dialects) for api in apis if api.key_prefix is not None)
    return next(prefixes, "")


def _text(option: str, value: object) -> str:
    text = str(value)
    if not text or not text.isprintable():
        raise SettingsError(option, value, "some text on one line")
    return text


def _token(option: str, value: object) -> str:
    if not _PRINTABLE.fullmatch(str(value)):
        raise SettingsError(option, value, "1 to 200 visible ASCII characters without spaces")
    return str(value)


def read_path(option: str, value: object) -> Path:
    """The path that the value of an option names; `~` is the home directory. Raises SettingsError."""
    return _expanded(option, _text(option, value))


def _expanded(option: str, value: object) -> Path:
    try:
        return Path(str(value)).expanduser()
    except RuntimeError:
        raise SettingsError(option, value, "a path whose user is one of this machine") from None


def _whole(least: int, most: int) -> Callable[[str, object], int]:
    def read(option: str, value: object) -> int:
        number = read_whole(str(value))
        if number is None or not least <= number <= most:
            raise SettingsError(option, value, f"a whole number from {least} to {most}")
        return number

    return read


def _switch(option: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    chosen = _SWITCH.get(str(value).lower())
    if chosen is None:
        raise SettingsError(option, value, "on or off")
    return chosen


def _clock(option: str, value: object) -> ClockStart:
    if isinstance(value, ClockStart):
        return value
    try:
        return parse_clock(str(value))
    except ClockError:
        expected = f"real, an ISO 8601 instant with its zone (2026-01-31T12:00:00Z), or from:<such an instant>, {RANGE}"
        raise SettingsError(option, value, expected) from None


def _lag(option: str, value: object) -> int:
    """Milliseconds."""
    delay = _read_delay(option, value, _LONGEST_LAG)
    if delay.least != delay.most:
        raise SettingsError(option, value, "one time, such as 500ms or 2s")
    return round(delay.least * 1000)


def _latency(option: str, value: object) -> Delay | None:
    delay = _read_delay(option, value, _LONGEST_LATENCY)
    return delay if delay.most else None


def _read_delay(option: str, value: object, longest: float) -> Delay:
    try:
        return Delay.parse(str(value), longest, bare="ms")
    except DelayError as error:
        raise SettingsError(option, value, f"{error}; a number alone is milliseconds") from None


def _log_format(option: str, value: object) -> LogFormat:
    try:
        return LogFormat(str(value))
    except ValueError:
        raise SettingsError(option, value, f"one of {', '.join(LogFormat)}") from None


def _webhooks(option: str, value: object) -> str:
    # YAML and JSON write `off` as false.
    text = "off" if value is False else str(value)
    if text not in set(WebhookPolicy):
        raise SettingsError(option, value, f"one of {', '.join(WebhookPolicy)}")
    return text


def _judge_url(option: str, value: object) -> str:
    parts = urlsplit(_text(option, value))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(option, value, "an http or https URL, as https://api.openai.com/v1")
    return str(value)


def _pairs(option: str, value: object) -> tuple[tuple[str, str], ...]:
    """`name=value` texts, several in one separated by commas; or a mapping."""
    if isinstance(value, Mapping):
        return tuple((str(name), str(chosen)) for name, chosen in value.items())
    texts: Iterable[Any] = [value] if isinstance(value, str) else value  # type: ignore[assignment]  # checked below
    pairs: list[tuple[str, str]] = []
    for text in (part.strip() for item in texts for part in str(item).split(",") if part.strip()):
        name, equals, chosen = text.partition("=")
        if not equals:
            raise SettingsError(option, text, "name=value")
        pairs.append((name.strip(), chosen.strip()))
    return tuple(pairs)


def _names(option: str, value: object) -> tuple[str, ...]:
    """Names separated by commas; or a sequence of them."""
    texts: Iterable[Any] = [value] if isinstance(value, str) else value  # type: ignore[assignment]  # checked below
    names = tuple(name.strip() for text in texts for name in str(text).split(",") if name.strip())
    if not names:
        raise SettingsError(option, value, "a name")
    return names


def _documents(option: str, value: object) -> tuple[Contract, ...]:
    """Contracts, or the paths of their documents; one or several. Raises ContractError."""
    single = isinstance(value, str | Path | Contract)
    items: Iterable[Any] = [value] if single else value  # type: ignore[assignment]  # each is checked below
    return tuple(item if isinstance(item, Contract) else load_contract(_expanded(option, item)) for item in items)


def _contracts(given: Iterable[Contract], wanted: tuple[str, ...] | None) -> tuple[Contract, ...]:
    """One contract for each API that is wanted: the one that was given, else the one that is shipped."""
    known = {contract.api.name: contract for contract in given}
    needed = APIS.keys() if wanted is None or not APIS.keys() >= set(wanted) else set(wanted)
    for path in documents():
        if known.keys() >= needed:
            break
        contract = _shipped(path, path.stat().st_mtime_ns)
        if contract.api.name in APIS:
            known.setdefault(contract.api.name, contract)
    for name in wanted or ():
        if name not in known:
            raise SettingsError("api", name, f"one of {', '.join(known)}")
    return tuple(known[name] for name in (known if wanted is None else wanted))


@lru_cache(maxsize=8)
def _shipped(path: Path, _changed: int) -> Contract:
    """One of our own documents: a process that starts many mocks reads it once."""
    return load_contract(path)


def _dialects(contracts: Iterable[Contract], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    known = {name: dialect for contract in contracts for name, dialect in contract.dialects.items()}
    dialects = {name: dialect.canonical for name, dialect in known.items()}
    for name, value in pairs:
        if name not in known:
            raise SettingsError("dialect", f"{name}={value}", f"one of the dialects {', '.join(known)}")
        if value not in known[name].values:
            expected = " or ".join(f"{name}={each}" for each in known[name].values)
            raise SettingsError("dialect", f"{name}={value}", expected)
        dialects[name] = value
    return dialects


_OF_APIS = ("webhooks", "judge_url", "judge_key")
"""Options that are handed to the APIs as they are."""
_BILLION = 1_000_000_000

OPTIONS: Mapping[str, Callable[[str, object], Any]] = {
    "host": _text,
    "port": _whole(0, 65_535),
    "ready_file": read_path,
    "exit_with_parent": _switch,
    "state": read_path,
    "contract": _documents,
    "api": _names,
    "api_key": _token,
    "plan": _text,
    "limits": _switch,
    "lag": _lag,
    "latency": _latency,
    "clock": _clock,
    "seed": _whole(-_BILLION * _BILLION, _BILLION * _BILLION),
    "dialect": _pairs,
    "control_token": _token,
    "sample": _whole(0, 100_000),
    "any_key": _switch,
    "validate_answers": _switch,
    "journal_size": _whole(0, 1_000_000),
    "log_format": _log_format,
    "no_cors": _switch,
    "webhooks": _webhooks,
    "judge_url": _judge_url,
    "judge_key": _token,
}
"""Every option, and what reads its value."""

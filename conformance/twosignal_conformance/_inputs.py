"""From what a user typed to checked settings, or to a run; a refusal names the option and quotes the value."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from twosignal_contract import Contract, ContractError, Level, documents, hint, load_contract

from twosignal_conformance._apis import DEFAULT, OPTIONS, api_of
from twosignal_conformance._pytest_options import API_TEXTS, SWITCHES, TEXTS
from twosignal_conformance.engine.api import Api
from twosignal_conformance.engine.api_client import AddressError, Key, Profile, Settings, base_address
from twosignal_conformance.engine.judgement import Run, SelectionError, make_run
from twosignal_conformance.engine.options import KEY_VARIABLE, variable

LONGEST_RUN_ID = 40
"""Characters. It becomes part of every name and tag that the run creates, which have limits."""

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_SEEDS = 2**32


class InputError(ValueError):
    """An option whose value cannot be used."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The options as they were typed."""

    url: str
    api_key: str | None = field(default=None, repr=False)
    other_api_key: str | None = field(default=None, repr=False)
    revoked_api_key: str | None = field(default=None, repr=False)
    options: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    """Options that only this API has, by name."""
    plan: str | None = None
    profile: str = Profile.STANDARD.value
    seed: int | None = None
    run_id: str | None = None
    now: str | None = None
    settle: float = 10.0
    max_time: float | None = None
    read_only: bool = False
    allow_burst: bool = False
    dry: bool = False
    ledger: Path | None = None


def settings_of(inputs: Inputs, api: Api, contract: Contract) -> Settings:
    """The settings, or InputError for the first option that is wrong."""
    options = _options(inputs, api)
    _refuse_nobody(inputs, api, options)
    run_id = _run_id(inputs.run_id)
    return Settings(
        url=_url(inputs.url, contract),
        keys=_keys(inputs),
        run_id=run_id,
        chosen_run_id=inputs.run_id is not None,
        seed=_seed(inputs.seed),
        options=options,
        plan=_plan(inputs.plan, contract.plans),
        profile=_profile(inputs.profile),
        now=_now(inputs.now),
        settle=_seconds("--settle", inputs.settle),
        max_time=None if inputs.max_time is None else _seconds("--max-time", inputs.max_time),
        read_only=inputs.read_only,
        allow_burst=inputs.allow_burst,
        dry=inputs.dry,
        # What is read-only creates nothing.
        ledger=None
        if inputs.dry or inputs.read_only
        else inputs.ledger or Path(f"twosignal-conformance-{run_id}.jsonl"),
    )


def _refuse_nobody(inputs: Inputs, api: Api, options: Mapping[str, object]) -> None:
    """Refuse a run that has nobody to judge as."""
    sign_in = api.access.sign_in
    if inputs.dry:
        return
    if sign_in is None:
        if inputs.api_key is None:
            raise InputError(f"no API key: give --api-key or set {KEY_VARIABLE}")
        return
    if not options.keys() & set(sign_in.options):
        ways = " or ".join(f"{flag} (or set {variable(flag[2:])})" for flag in sign_in.options)
        raise InputError(f"nobody to judge as: give {ways}")
    if inputs.read_only and not options.keys() & set(sign_in.safe):
        raise InputError(f"--read-only: signing in changes something; give {' or '.join(sign_in.safe)}")


def contract_of(api: Api, path: Path | None) -> Contract:
    """The contract in the file, or the shipped one of the API; InputError when it is of another API."""
    paths = documents() if path is None else (path,)
    for contract in map(load_contract, paths):
        if contract.api.name == api.name:
            return contract
    raise InputError(f"--api {api.name}: no contract of this API in {', '.join(map(str, paths))}; give --contract")


def _url(url: str, contract: Contract) -> str:
    try:
        return base_address(url, [row.path for row in contract.operations.values()])
    except AddressError as error:
        raise InputError(f"URL: {error}") from None


def _keys(inputs: Inputs) -> dict[Key, str]:
    given = {Key.MAIN: inputs.api_key, Key.OTHER: inputs.other_api_key, Key.REVOKED: inputs.revoked_api_key}
    if inputs.dry:
        # Nothing is sent, so anything will do; a plan without them would leave their checks out.
        given = {key: value or f"key-of-{key.name.lower()}" for key, value in given.items()}
    keys = {key: value.strip() for key, value in given.items() if value}
    for key, value in keys.items():
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise InputError(f"{key}: the key holds a space or a sign that no header can carry")
    for key, other in ((Key.OTHER, "another project"), (Key.REVOKED, "a key that was revoked")):
        if key in keys and keys[key] == keys.get(Key.MAIN):
            raise InputError(f"{key} is the same key as {Key.MAIN}; expected {other}")
    return keys


def _options(inputs: Inputs, api: Api) -> dict[str, object]:
    found: dict[str, object] = {}
    for option in api.access.options:
        # The API of another package has no options on the command line, but has their variables.
        if text := inputs.options.get(option.name) or os.environ.get(variable(option.name)):
            try:
                found[option.flag] = option.read(text)
            except ValueError as error:
                raise InputError(f"{option.flag}: {error}") from None
    foreign = [name for name, text in inputs.options.items() if text and f"--{name}" not in found]
    if foreign:
        raise InputError(f"--{foreign[0]}: --api {api.name} has no such option; leave it out")
    return found


def _plan(name: str | None, plans: Mapping[str, int]) -> str | None:
    if name is None or name in plans:
        return name
    if plans:
        raise InputError(f"--plan {name}: expected one of {', '.join(plans)}{hint(name, plans)}")
    if name != os.environ.get(variable("plan")):
        raise InputError(f"--plan {name}: this API has no plans; leave it out")
    return None  # the variable is there for another API


def _profile(name: str) -> Profile:
    try:
        return Profile(name)
    except ValueError:
        raise InputError(f"--profile {name}: expected one of {', '.join(Profile)}") from None


def _run_id(text: str | None) -> str:
    if text is None:
        return secrets.token_hex(4)
    if len(text) > LONGEST_RUN_ID or not _RUN_ID.match(text):
        raise InputError(f"--run-id {text!r}: expected up to {LONGEST_RUN_ID} letters, digits, - and _")
    return text


def _seed(seed: int | None) -> int:
    if seed is None:
        return secrets.randbelow(_SEEDS)
    if not 0 <= seed < _SEEDS:
        raise InputError(f"--seed {seed}: expected 0 to {_SEEDS - 1}")
    return seed


def _now(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InputError(
            f"--now {text!r}: expected an ISO 8601 date and time with a zone, such as 2026-03-14T10:00:00Z"
        )
    return instant.astimezone(UTC)


def _seconds(option: str, value: float) -> float:
    if not 0 <= value < float("inf"):
        raise InputError(f"{option} {value:g}: expected a number of seconds, 0 or more")
    return value


def run_of(config: pytest.Config) -> tuple[Api, Run]:
    """The API and the run that the options ask for; UsageError when they do not make one."""
    given = {name: _given(config, name) for name in (*TEXTS, *API_TEXTS)}
    on = {name: bool(_given(config, name)) for name in SWITCHES}
    if given["url"] is None:
        raise pytest.UsageError(f"no server to judge: give --twosignal-url or set {variable('url')}")
    try:
        api = api_of(given["api"] or DEFAULT)
        contract = contract_of(api, Path(given["contract"]) if given["contract"] else None)
        inputs = Inputs(
            url=given["url"],
            api_key=given["api-key"] or os.environ.get(KEY_VARIABLE),
            other_api_key=given["other-api-key"],
            revoked_api_key=given["revoked-api-key"],
            options={option.name: given[option.name] for option in OPTIONS.get(api.name, ())},
            plan=given["plan"],
            profile=given["profile"] or "standard",
            seed=None if given["seed"] is None else int(given["seed"]),
            run_id=given["run-id"],
            now=given["now"],
            settle=float(given["settle"] or 10),
            max_time=None if given["max-time"] is None else float(given["max-time"]),
            read_only=on["read-only"],
            allow_burst=on["allow-burst"],
            ledger=Path(given["ledger"]) if given["ledger"] else None,
        )
        run = make_run(
            settings_of(inputs, api, contract), contract, api.access, fail_on=Level(given["fail-on"] or Level.MUST)
        )
        return api, run
    except (InputError, SelectionError, ContractError, ValueError) as error:
        raise pytest.UsageError(str(error)) from None


def _given(config: pytest.Config, name: str) -> str | None:
    """The option, else the variable. There are no options when the entry point was not loaded."""
    return config.getoption(f"--twosignal-{name}", None) or os.environ.get(variable(name)) or None
